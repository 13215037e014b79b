"""`make docs`: writes docs/settings.md and docs/commands.md from the program itself; a test says when they are stale.

A setting's meaning is the comment beside its field, its table's the docstring of the dataclass. A command's is its
help.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from io import StringIO
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

from discover import cli
from discover.core import errors, plugins
from discover.core.settings import NO_KEY, Settings
from discover.embeddings import encoders
from discover.labels import labellers
from discover.themes import layouts

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "<!-- Written by `make docs` from the program. Change it there. -->"
TYPES = {"str": "text", "bool": "true or false", "int": "whole number", "float": "number"}


def write() -> None:
    """Write all generated pages."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    return {"settings.md": settings(), "commands.md": commands()}


# --- settings ----------------------------------------------------------------------------------------------


def settings() -> str:
    """Every table and key of `discover.toml`."""
    parts = [
        NOTE,
        "# Settings",
        "`discover run` reads `discover.toml` in the current folder, or the file given by `--settings`. Every key has "
        "a default, so an empty file is valid. Unknown keys and wrong types are errors that list the valid ones. "
        "Relative paths count from the file's folder.",
    ]
    default = Settings()
    for table in fields(Settings):
        if table.metadata != NO_KEY:
            parts += _table(table.name, getattr(default, table.name))
    return "\n\n".join(parts) + "\n"


def _table(name: str, default: Any) -> Iterator[str]:
    yield f"## [{name}]"
    yield _summary(type(default))
    yield _rows(_settings(type(default), default, _choices(name)))
    folder = {"text": encoders, "image": encoders, "labels": labellers}.get(name)
    for plugin in plugins.names(folder) if folder else ():
        kind = _plugin(folder, plugin)
        if getattr(kind, "modality", name) == name:
            own = [row for row in _settings(kind) if row[0] not in ("`keywords`", "`exemplars`")]
            yield f'With `{"labeller" if name == "labels" else "encoder"} = "{plugin}"`: {_summary(kind)}'
            yield _rows(own)


def _choices(table: str) -> Mapping[str, list[str]]:
    """The plug-ins that a key of a table may name."""
    return {
        "text": {"encoder": [name for name in plugins.names(encoders) if _plugin(encoders, name).modality == "text"]},
        "image": {"encoder": [name for name in plugins.names(encoders) if _plugin(encoders, name).modality == "image"]},
        "labels": {"labeller": plugins.names(labellers)},
        "themes": {"layout": plugins.names(layouts)},
    }.get(table, {})


def _plugin(folder: ModuleType | None, name: str) -> Any:
    module = importlib.import_module(f"{folder.__name__}.{name}" if folder else name)
    return getattr(module, "".join(part.capitalize() for part in name.split("_")))


def _settings(kind: Any, instance: Any = None, choices: Mapping[str, list[str]] | None = None) -> list[list[str]]:
    """A row for each field: name, type, default, meaning."""
    meanings = _meanings(kind)
    rows = []
    for each in fields(kind):
        if not each.init or each.name == "options" or each.metadata == NO_KEY or each.name not in meanings:
            continue
        known = (choices or {}).get(each.name)
        values = ", ".join(f"`{value}`" for value in known) if known else _type(str(each.type))
        default = _default(each) if instance is None else getattr(instance, each.name)
        rows.append([f"`{each.name}`", values, _toml(default), meanings[each.name]])
    return rows


def _rows(rows: list[list[str]]) -> str:
    head = ["key", "values", "default", "meaning"]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _summary(kind: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    text = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
    return re.sub(r"docs/([\w.]+)", r"[\1](\1)", text)


def _meanings(kind: Any) -> dict[str, str]:
    """The comment beside each field of a dataclass and of those that it inherits from, or above it."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-1]):
        if base.__module__.partition(".")[0] != "discover":
            continue
        source = dedent(inspect.getsource(base))
        comments = {
            token.start[0]: token.string.lstrip("# ").partition("# type:")[0].strip()
            for token in tokenize.generate_tokens(StringIO(source).readline)
            if token.type == tokenize.COMMENT
        }
        (body,) = ast.parse(source).body
        assert isinstance(body, ast.ClassDef)
        for line in body.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                found[line.target.id] = comments.get(line.end_lineno or 0) or comments.get(line.lineno - 1, "")
    return {name: meaning for name, meaning in found.items() if not name.startswith("_")}


def _type(annotation: str) -> str:
    plain = annotation.removesuffix(" | None")
    if plain.startswith("tuple[Literal["):
        return f"list of {_type(plain.removeprefix('tuple[').removesuffix(', ...]'))}"
    if plain.startswith("Literal["):
        return ", ".join(f"`{value}`" for value in ast.literal_eval(plain.removeprefix("Literal")))
    if plain.startswith("tuple["):
        return "list of texts"
    return "table of numbers" if plain.startswith("Mapping[") else TYPES[plain]


def _default(each: Field[Any]) -> Any:
    if each.default is not MISSING:
        return each.default
    return each.default_factory() if each.default_factory is not MISSING else None


def _toml(value: Any) -> str:
    """A value as `discover.toml` would have it, nothing for one that is not set."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, tuple):
        return f"`[{', '.join(_toml(part).strip('`') for part in value)}]`"
    if isinstance(value, Mapping):
        return f"`{{{', '.join(f'{name} = {amount:g}' for name, amount in value.items())}}}`"
    return f"`{value}`"


# --- commands ----------------------------------------------------------------------------------------------


def commands() -> str:
    """Every command and option, and the exit codes."""
    parser = cli.parser()
    parts = [
        NOTE,
        "# Commands",
        "Results go to stdout, messages to stderr. Errors are one line: what, where, what to do. "
        "Every command also takes `--help`.",
    ]
    for command in _commands(parser):
        parts += [f"## {command.prog}", f"{command.description}", *_options(command)]
    kinds = errors.DiscoverError.__subclasses__()
    codes = {0: "Done.", 1: "A fault of discover. Please report it.", 130: "Interrupted. Nothing was changed."}
    codes |= {kind.exit_code: _summary(kind) for kind in kinds}
    rows = [f"| {code} | {meaning} |" for code, meaning in sorted(codes.items())]
    parts += ["## Exit codes", "\n".join(["| code | meaning |", "| --- | --- |", *rows])]
    return "\n\n".join(parts) + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The commands in order, a command of others before these."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield command
                yield from _commands(command)


def _options(command: argparse.ArgumentParser) -> Iterator[str]:
    shown = [
        action
        for action in command._actions
        if not isinstance(action, (argparse._HelpAction, argparse._SubParsersAction))
    ]
    shared = ("workspace", "json")
    shown.sort(key=lambda action: (bool(action.option_strings), action.dest in shared))  # arguments come first
    if shown:
        rows = [f"| {_name(action)} | {(action.help or '').replace('|', chr(92) + '|')} |" for action in shown]
        yield "\n".join(["| option | meaning |", "| --- | --- |", *rows])


def _name(action: argparse.Action) -> str:
    """An argument or option as it is written."""
    value = action.metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()
    )
    if not action.option_strings:
        optional, several = action.nargs in ("?", "*"), action.nargs in ("+", "*")
        text = f"{value} ..." if several else str(value)
        return f"`[{text}]`" if optional else f"`{text}`"
    names = [name for name in action.option_strings if not name.startswith("--no-")] or list(action.option_strings)
    negated = [name for name in action.option_strings if name.startswith("--no-")]
    if negated:
        return ", ".join(f"`{name}`" for name in (*names, *negated))
    needs = "" if action.nargs == 0 else f" [{value}]" if action.nargs == "?" else f" {value}"
    return ", ".join(f"`{name}{needs if name.startswith('--') else ''}`" for name in names)


if __name__ == "__main__":
    write()
