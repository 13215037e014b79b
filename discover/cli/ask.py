"""What a run in a terminal asks once: which column is meant, where its role was guessed and matters.

Answers go to the settings file, so that the next run need not ask. Nothing is asked where nobody could answer.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.core.errors import SettingsError
from discover.core.suggest import did_you_mean

if TYPE_CHECKING:
    import argparse

    import pyarrow as pa

ROLES = ("title", "description", "released", "audience")  # a wrong one makes other themes and other trends
WHAT = {
    "title": "the titles",
    "description": "texts that say what an item is about",
    "released": "when items were released",
    "audience": "an audience",
}
SETTINGS = "discover.toml"
EXAMPLES = 3  # cells that are shown of a column
SHOWN = 50  # characters of a cell
NONE = "-"  # the answer for no column


@dataclass(frozen=True)
class Question:
    """One role, the columns that may have it, and what stands in the first of them."""

    role: str
    columns: tuple[str, ...]  # the first is what a run takes unless `open`
    examples: tuple[str, ...]
    open: bool  # a run takes none of them by itself
    cut: bool = False  # only the first words of the cells would be used

    @property
    def text(self) -> str:
        """The question as people see it."""
        names = " or ".join(map(repr, self.columns))
        shown = f" ({', '.join(self.examples)})" if self.examples else ""
        what = f"{self.role}: does {names} hold {WHAT[self.role]}?{shown}"
        if self.cut:
            what = f"{self.role}: no column has {WHAT[self.role]}. Take the first words of {names}?{shown}"
        keys = "Enter for no" if self.open else "Enter for yes"
        return f"{what}\n  {keys}, or the name of a column, or {NONE} for none: "


def may_ask(chosen: argparse.Namespace) -> bool:
    """Whether somebody sits at a terminal and wants to be asked."""
    silent = chosen.no_ask or chosen.quiet or chosen.json or chosen.log_format
    return not silent and sys.stdin.isatty() and sys.stdout.isatty()


def about_columns(catalog: str, settings: str | None) -> None:
    """Asks about guessed columns of a catalog and writes the answers to the settings file.

    Raises what reading the catalog and the settings raises, and DiskError.
    """
    from discover.catalog import reader
    from discover.core.settings import Settings

    table, roles = reader.find_roles(catalog, Settings.load(settings).catalog)
    first_words = roles.mapping.get("title") == roles.mapping.get("description")
    questions = [
        Question(
            role, columns, _examples(table, columns[0]), role not in roles.mapping, role == "title" and first_words
        )
        for role in ROLES
        if (columns := roles.mapping[role] if role in roles.guessed else roles.counts if role == "audience" else ())
    ]
    answers: dict[str, str] = {}
    for question in questions:
        answer = _ask(question, table.column_names)
        if answer is None:
            return  # nobody answers: the run goes on with its guesses, and asks again another time
        answers[question.role] = answer
    if answers:
        path = Path(settings or SETTINGS)
        _remember(path, answers)
        print(f"remembered in {path}: {', '.join(answers)}")


def _examples(table: pa.Table, column: str) -> tuple[str, ...]:
    """The first cells of a column that say something."""
    cells = (str(cell) for cell in table.column(column).slice(0, 100).to_pylist() if cell)
    shown = [cell if len(cell) <= SHOWN else f"{cell[:SHOWN]}..." for cell in dict.fromkeys(cells)]
    return tuple(" ".join(cell.split()) for cell in shown[:EXAMPLES])


def _ask(question: Question, columns: list[str]) -> str | None:
    """The column that somebody names, "" for none; None at the end of input."""
    known = {name.casefold(): name for name in reversed(columns)}
    while True:
        try:
            answer = input(question.text).strip()
        except EOFError:
            print()
            return None
        if not answer:
            return "" if question.open else question.columns[0]
        if answer == NONE:
            return ""
        if answer.casefold() in ("y", "yes") and "y" not in known and "yes" not in known:
            return question.columns[0]
        if answer.casefold() in known:
            return known[answer.casefold()]
        print(f"no column is called {answer!r}{did_you_mean(answer, columns)} Columns: {', '.join(columns)}")


def _remember(path: Path, answers: dict[str, str]) -> None:
    """Writes roles into the table [catalog] of a settings file, and changes nothing else in it."""
    from discover.core import files

    before = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = "".join(f"{role} = {json.dumps(column, ensure_ascii=False)}\n" for role, column in answers.items())
    header = re.search(r"^[ \t]*\[[ \t]*catalog[ \t]*\][^\n]*\n?", before, re.MULTILINE)
    if header:
        start = before[: header.end()]
        after = f"{start}{'' if start.endswith(chr(10)) else chr(10)}{lines}{before[header.end() :]}"
    else:
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        after = f"{before}{gap}[catalog]\n{lines}"
    if not _adds(before, after, answers):
        wanted = ", ".join(lines.splitlines())
        raise SettingsError(f"{path}: the answers do not fit into [catalog]. Add them by hand: {wanted}")
    files.replace_bytes(path, after.encode(), "--settings")


def _adds(before: str, after: str, answers: dict[str, str]) -> bool:
    """Whether a settings file then says what it said before, and the answers."""
    expected: dict[str, Any] = tomllib.loads(before)
    expected["catalog"] = expected.get("catalog", {}) | answers
    try:
        return tomllib.loads(after) == expected
    except tomllib.TOMLDecodeError:
        return False
