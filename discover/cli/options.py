"""The command line's commands and their options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any, NoReturn

from discover.cli import commands
from discover.core import logs
from discover.core.errors import UsageError
from discover.core.settings import DEFAULT_WORKSPACE
from discover.core.suggest import did_you_mean
from discover.core.types.options import Option, QueryOptions, SearchOptions, options

Add = Callable[..., argparse.ArgumentParser]  # adds a command under its own name and docstring


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as all errors are."""

    def error(self, message: str) -> NoReturn:
        """End with one line and exit code 2, with the nearest valid choice where one was meant."""
        chosen = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        hint = did_you_mean(chosen[1], re.findall(r"[\w-]+", chosen[2])) if chosen else "."
        self.exit(2, f"{self.prog}: {' '.join(message.split())}{hint} See `{self.prog} --help`\n")


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    import discover

    line = _Parser(prog="discover", description="What is like this, what is this catalog about, what is rising?")
    line.add_argument(
        "--version", action="version", version=f"discover {discover.__version__}", help="print the version of discover"
    )
    listed = line.add_subparsers(dest="command", metavar="COMMAND")

    def add(run: Callable[[argparse.Namespace], None], workspace: str = DEFAULT_WORKSPACE) -> argparse.ArgumentParser:
        """Add a command under the name of its function, with the options that all commands have."""
        command = listed.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
        command.add_argument(
            "--workspace", "-w", type=_folder, default=workspace, metavar="DIR",
            help=f"the folder of the versions, default ./{workspace}",
        )  # fmt: skip
        command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(run=run)
        return command

    for add_commands in (_runs, _queries, _themes, _edits, _reports, _services, _versions):
        add_commands(add)
    return line


def _runs(add: Add) -> None:
    run = add(commands.run)
    run.add_argument("catalog", help="a CSV, TSV, JSON, JSON lines, Parquet or Excel file, or a folder of pictures")
    run.add_argument("--settings", type=_file, metavar="FILE", help="default ./discover.toml if it exists")
    run.add_argument(
        "--full", action="store_true", help="find the themes anew instead of continuing the last version's"
    )
    run.add_argument("--as-of", metavar="YYYY-MM-DD", help="leave out items of a later date")
    run.add_argument(
        "--consumption", type=_file, metavar="FILE",
        help="audience figures (a table of id or title, value and, if known, date) that weight the trends",
    )  # fmt: skip
    run.add_argument("--strict", action="store_true", help="stop at the first bad row instead of setting it aside")
    _takes_rejects(run)
    run.add_argument(
        "--no-ask", action="store_true", help="never ask about guessed columns (without a terminal it never asks)"
    )
    run.add_argument("--quiet", "-q", action="store_true", help="print only one line, the outcome")
    run.add_argument("--log-format", choices=logs.FORMATS, help="log to stderr, one event a line")
    run.add_argument("--metrics", type=_file, metavar="FILE", help="write the run's figures as a Prometheus textfile")
    run.add_argument("--keep", type=int, metavar="N", help="afterwards remove all versions but the newest N")
    add(commands.demo, "demo-workspace")
    backtest = add(commands.backtest, "discover-backtest")
    backtest.add_argument("catalog", help="a file, as for run")
    backtest.add_argument(
        "--every", choices=("week", "month", "quarter", "year"), default="month",
        help="how often a run is simulated, default month",
    )  # fmt: skip
    backtest.add_argument(
        "--from", dest="start", required=True, metavar="YYYY-MM", help="the first run is at the end of this month"
    )
    backtest.add_argument(
        "--to", dest="end", required=True, metavar="YYYY-MM", help="the last run is at the end of this month"
    )
    backtest.add_argument(
        "--null", type=int, default=10, metavar="N", help="how often each run's dates are permuted, default 10"
    )
    backtest.add_argument(
        "--consumption", type=_file, metavar="FILE", help="audience figures: a table of id or title, date, value"
    )
    backtest.add_argument("--settings", type=_file, metavar="FILE", help="default ./discover.toml if it exists")
    _takes_rejects(backtest)


def _queries(add: Add) -> None:
    similar = add(commands.similar)
    similar.add_argument("item", metavar="ID_OR_TITLE", help="the item to compare with")
    _query_options(similar, QueryOptions)
    _takes_table_options(similar)
    search = add(commands.search)
    search.add_argument("text", nargs="?", help="what to search for, in words")
    search.add_argument(
        "--like", action="append", default=[], metavar="ID_OR_TITLE", help="an item to be like (repeatable)"
    )
    search.add_argument(
        "--unlike", action="append", default=[], metavar="ID_OR_TITLE", help="an item to be unlike (repeatable)"
    )
    search.add_argument("--image", type=_file, metavar="FILE", help="a picture to be like")
    _query_options(search, SearchOptions)
    _takes_table_options(search)
    compare = add(commands.compare)
    compare.add_argument("items", nargs="+", metavar="ID_OR_TITLE", help="2 to 20 items")
    compare.add_argument("--html", type=_file, metavar="FILE", help="write the comparison as an HTML page")
    compare.add_argument("--markdown", type=_file, metavar="FILE", help="write the comparison as Markdown")
    _query_options(compare, QueryOptions, "weights")
    _takes_version(compare)
    evaluate = add(commands.evaluate)
    evaluate.add_argument("ratings", metavar="RATINGS", help="a table of user, item and, if known, rating and time")
    evaluate.add_argument(
        "--holdout", type=float, default=0.2, metavar="SHARE", help="share of each user's likes to predict, default .2"
    )
    evaluate.add_argument(
        "--liked", type=float, metavar="RATING", help="the lowest rating of a like, default the median"
    )
    evaluate.add_argument(
        "--disliked", type=float, metavar="RATING", help="the highest rating of a dislike, default none"
    )
    evaluate.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the random choices, default 0")
    _takes_rejects(evaluate)
    _query_options(evaluate, QueryOptions, "k", "weights")
    _takes_version(evaluate)


def _takes_rejects(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-rejects", action="store_true", help="go on though more than half of the rows are set aside"
    )


def _takes_version(command: argparse.ArgumentParser) -> None:
    command.add_argument("--at", type=int, metavar="N", help="the version to ask, default the current one")


def _takes_table_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--csv", action="store_true", help="print CSV that is safe to open in a spreadsheet")
    _takes_version(command)


def _query_options(command: argparse.ArgumentParser, kind: type, *names: str) -> None:
    """The options of a query, all or those named, as flags. What the command line always asks for has none."""
    for option in options(kind):
        if option.name in commands.ALWAYS or (names and option.name not in names):
            continue
        flag = f"-{option.name}" if len(option.name) == 1 else f"--{option.name.replace('_', '-')}"
        if option.kind is bool:
            command.add_argument(flag, action="store_true", help=option.help)
        else:
            read = _reader(option) if option.kind is dict else option.kind
            metavar = {"where": "SQL", "ignore": "WORDS"}.get(option.name, option.example or None)
            more = f", such as {option.example!r}" if option.kind is str else ""
            more += "" if option.default is None else f", default {option.default:g}"
            command.add_argument(flag, type=read, default=option.default, metavar=metavar, help=option.help + more)


def _themes(add: Add) -> None:
    themes = add(commands.themes)
    themes.add_argument("--level", type=int, default=0, help="level of themes, default 0 (the broadest)")
    _takes_version(themes)
    theme = add(commands.theme)
    theme.add_argument("id", metavar="THEME", help="its id, such as T0001")
    theme.add_argument("--history", action="store_true", help="list what happened to it, run by run, not its items")
    _takes_version(theme)
    assign = add(commands.assign)
    assign.add_argument("file", metavar="FILE", help="a table with columns like the catalog's")
    _takes_rejects(assign)
    assign.add_argument("--level", type=int, default=0, help="level of themes, default 0 (the broadest)")
    _takes_version(assign)
    changes = add(commands.changes)
    changes.add_argument("--since", type=int, metavar="N", help="compare with this version, default the one before")
    _takes_version(changes)
    trends = add(commands.trends)
    trends.add_argument("--emerging", action="store_true", help="list only rises")
    trends.add_argument("--level", type=int, default=0, help="level of themes, default 0 (the broadest)")
    trends.add_argument("--csv", action="store_true", help="print CSV that is safe to open in a spreadsheet")
    _takes_version(trends)
    label = add(commands.label)
    label.add_argument("items", nargs="+", metavar="ID_OR_TITLE", help="the items to describe")
    _takes_version(label)


def _edits(add: Add) -> None:
    edit = add(commands.edit)
    kinds = edit.add_subparsers(dest="kind", metavar="EDIT", required=True)

    def add_kind(name: str, summary: str) -> argparse.ArgumentParser:
        """Add a kind of edit as a command of its own."""
        command = kinds.add_parser(name, help=summary, description=summary)
        unless_before = argparse.SUPPRESS  # the options may stand before the kind or after it
        command.add_argument(
            "--workspace", "-w", type=_folder, default=unless_before, metavar="DIR", help="the folder of the versions"
        )
        command.add_argument("--json", action="store_true", default=unless_before, help="print JSON")
        return command

    rename = add_kind("rename", "give a theme a label of your own")
    _takes_theme(rename)
    rename.add_argument("text", metavar="LABEL", help="the new label")
    _takes_theme(add_kind("hide", "leave a theme out of all lists"))
    _takes_theme(add_kind("pin", "keep a theme even if its items change"))
    merge = add_kind("merge", "merge themes into the first")
    merge.add_argument("themes", nargs="+", metavar="THEME", help="two ids or more, such as T0001 T0002")
    split = add_kind("split", "divide a theme among groups of its items")
    _takes_theme(split)
    split.add_argument(
        "--group", nargs="+", action="append", dest="items", default=[], metavar="ID_OR_TITLE",
        help="items of one part (give it once for each part)",
    )  # fmt: skip
    _takes_items(add_kind("together", "keep items in one theme"))
    _takes_items(add_kind("apart", "keep items in different themes"))
    add_kind("list", "list all edits and what they cost in stability")
    undo = add_kind("undo", "take an edit back")
    undo.add_argument("number", type=int, metavar="N", help="its number, as listed")


def _takes_theme(command: argparse.ArgumentParser) -> None:
    command.add_argument("themes", nargs=1, metavar="THEME", help="its id, such as T0001")


def _takes_items(command: argparse.ArgumentParser) -> None:
    command.add_argument("group", nargs="+", metavar="ID_OR_TITLE", help="two items or more")


def _reports(add: Add) -> None:
    report = add(commands.report)
    forms = report.add_mutually_exclusive_group()
    forms.add_argument("--html", dest="form", action="store_const", const="html", help="print it as an HTML page")
    forms.add_argument("--markdown", dest="form", action="store_const", const="markdown", help="print it as Markdown")
    forms.add_argument("--email", dest="form", action="store_const", const="email", help="print it as HTML for mail")
    forms.add_argument(
        "--pdf", type=_file, metavar="FILE", help="write it as PDF (pip install 'content-discover[pdf]')"
    )
    report.add_argument("--executive", action="store_true", help="one page: what changed, and what to do about it")
    report.add_argument("--output", type=_file, metavar="FILE", help="write to a file instead of printing")
    _takes_version(report)


def _services(add: Add) -> None:
    serve = add(commands.serve)
    _takes_address(serve, 8321)
    serve.add_argument(
        "--preload",
        action=argparse.BooleanOptionalAction,
        help="load the models before the service is ready, or only when needed (default: in the background)",
    )
    serve.add_argument("--read-only", action="store_true", help="refuse edits")
    mcp = add(commands.mcp)
    mcp.add_argument("--http", action="store_true", help="serve over HTTP at /mcp instead of stdin and stdout")
    _takes_address(mcp, 8322)


def _takes_address(command: argparse.ArgumentParser, port: int) -> None:
    command.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on, default 127.0.0.1 (others need a key)"
    )
    command.add_argument("--port", type=int, default=port, help=f"default {port} (0 takes a free one)")
    command.add_argument(
        "--name", action="append", default=[], metavar="HOST", help="a host name that clients use (repeatable)"
    )
    command.add_argument(
        "--rate", default="200/second", metavar="N/UNIT", help="requests allowed per client, default 200/second"
    )


def _versions(add: Add) -> None:
    add(commands.versions)
    rollback = add(commands.rollback)
    rollback.add_argument("number", type=int, metavar="N", help="the version to return to")
    prune = add(commands.prune)
    prune.add_argument("--keep", type=int, default=7, metavar="N", help="how many of the newest to keep, default 7")
    verify = add(commands.verify)
    verify.add_argument("number", type=int, nargs="?", metavar="N", help="the version, default the current one")
    verify.add_argument("--all", action="store_true", help="every version, not only the current one")
    verify.add_argument(
        "--report",
        nargs="?",
        const="",
        metavar="FILE",
        help="recompute the report and list differences (with FILE: of that copy)",
    )


def _folder(text: str) -> str:
    """The name of a folder. "" would be the current one."""
    return _named(text, "a folder")


def _file(text: str) -> str:
    """The name of a file."""
    return _named(text, "a file")


def _named(text: str, what: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError(f"expected {what}, got ''")
    return text


def _reader(option: Option) -> Callable[[str], Any]:
    """What reads an option's text as argparse wants it."""

    def parse(text: str) -> Any:
        """The value. Raises ArgumentTypeError."""
        try:
            return option.parse(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parse
