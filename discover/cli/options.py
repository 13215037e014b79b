"""The command line's commands and their options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any, NoReturn

from discover.cli import commands
from discover.core import logs
from discover.core.errors import DiscoverError
from discover.core.settings import DEFAULT_WORKSPACE
from discover.core.suggest import did_you_mean

Add = Callable[..., argparse.ArgumentParser]  # adds a command under its own name and docstring


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as all errors are."""

    def error(self, message: str) -> NoReturn:
        chosen = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        hint = did_you_mean(chosen[1], re.findall(r"[\w-]+", chosen[2])) if chosen else "."
        self.exit(2, f"{self.prog}: {' '.join(message.split())}{hint} See `{self.prog} --help`\n")


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    import discover

    line = _Parser(prog="discover", description="What is like this, what is this catalog about?")
    line.add_argument("--version", action="version", version=f"discover {discover.__version__}")
    listed = line.add_subparsers(dest="command", metavar="COMMAND")

    def add(run: Callable[[argparse.Namespace], None], workspace: str = DEFAULT_WORKSPACE) -> argparse.ArgumentParser:
        command = listed.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
        command.add_argument(
            "--workspace", "-w", type=_folder, default=workspace, metavar="DIR", help=f"default ./{workspace}"
        )
        command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(run=run)
        return command

    for options in (_nights, _queries, _themes, _edits, _reports, _services, _versions):
        options(add)
    return line


def _nights(add: Add) -> None:
    run = add(commands.run)
    run.add_argument("catalog", help="CSV, TSV, JSON, JSON lines, Parquet, Excel, or a folder of pictures")
    run.add_argument("--settings", type=_file, metavar="FILE", help="default ./discover.toml if there is one")
    run.add_argument("--full", action="store_true", help="find the themes anew, not from last night's")
    run.add_argument("--as-of", metavar="YYYY-MM-DD", help="pretend that later items do not exist")
    run.add_argument(
        "--consumption", type=_file, metavar="FILE", help="a table of audience: id, date, value; trends are weighted"
    )
    run.add_argument("--strict", action="store_true", help="stop at the first bad row instead of setting it aside")
    run.add_argument("--quiet", "-q", action="store_true", help="print one line: what came of it")
    run.add_argument("--log-format", choices=logs.FORMATS, help="tell on stderr what happens, one event a line")
    run.add_argument("--metrics", type=_file, metavar="FILE", help="write the run's figures as a Prometheus textfile")
    run.add_argument("--keep", type=int, metavar="N", help="remove all versions but the newest N afterwards")
    add(commands.demo, "demo-workspace")
    backtest = add(commands.backtest, "discover-backtest")
    backtest.add_argument("catalog", help="a file, as for run")
    backtest.add_argument(
        "--every", choices=("week", "month", "quarter", "year"), default="month", help="default month"
    )
    backtest.add_argument(
        "--from", dest="start", required=True, metavar="YYYY-MM", help="the first night is at its end"
    )
    backtest.add_argument("--to", dest="end", required=True, metavar="YYYY-MM", help="the last night is at its end")
    backtest.add_argument(
        "--null", type=int, default=10, metavar="N", help="permutations of each night's dates, default 10"
    )
    backtest.add_argument("--consumption", type=_file, metavar="FILE", help="a table of audience: id, date, value")
    backtest.add_argument("--settings", type=_file, metavar="FILE", help="default ./discover.toml if there is one")


def _queries(add: Add) -> None:
    similar = add(commands.similar)
    similar.add_argument("item", metavar="ID_OR_TITLE")
    _answers(similar)
    search = add(commands.search)
    search.add_argument("text", nargs="?")
    search.add_argument("--like", action="append", default=[], metavar="ID_OR_TITLE", help="may be given several times")
    search.add_argument(
        "--unlike", action="append", default=[], metavar="ID_OR_TITLE", help="may be given several times"
    )
    search.add_argument("--image", type=_file, metavar="FILE", help="a picture to be like")
    search.add_argument("--anyway", action="store_true", help="list the nearest even where nothing fits")
    _answers(search)
    compare = add(commands.compare)
    compare.add_argument("items", nargs="+", metavar="ID_OR_TITLE", help="2 to 20")
    compare.add_argument("--html", type=_file, metavar="FILE", help="write it as one page")
    compare.add_argument("--markdown", type=_file, metavar="FILE", help="write it as Markdown")
    compare.add_argument("--weights", type=_weights, metavar="text=.7,image=.3", help="how much each space counts")
    _at(compare)
    evaluate = add(commands.evaluate)
    evaluate.add_argument("ratings", metavar="RATINGS", help="a table of user, item and, if known, rating and time")
    evaluate.add_argument("--holdout", type=float, default=0.2, metavar="SHARE", help="of likes to find, default .2")
    evaluate.add_argument("--liked", type=float, metavar="RATING", help="the least that is a like, default the median")
    evaluate.add_argument("--disliked", type=float, metavar="RATING", help="the most that is a dislike, default none")
    evaluate.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn at random, default 0")
    evaluate.add_argument("-k", type=int, default=10, help="number of recommendations, default 10")
    evaluate.add_argument("--weights", type=_weights, metavar="text=1,image=.5", help="how much each space counts")
    _at(evaluate)


def _at(command: argparse.ArgumentParser) -> None:
    command.add_argument("--at", type=int, metavar="N", help="version, default the current one")


def _answers(command: argparse.ArgumentParser) -> None:
    command.add_argument("-k", type=int, default=10, help="number of answers, default 10")
    command.add_argument("--where", metavar="SQL", help="only items for which this holds, such as 'year >= 1990'")
    command.add_argument(
        "--weights", type=_weights, metavar="text=1,image=.5", help="how much each space counts, the others nothing"
    )
    command.add_argument("--diversity", type=float, default=0.0, metavar="0..1", help="variety before nearness")
    command.add_argument("--at-most", type=_limits, metavar="theme=2", help="answers that may share a column's value")
    command.add_argument("--dedupe", action="store_true", help="one of each group of near-duplicates")
    command.add_argument("--csv", action="store_true", help="print CSV that is safe to open in a spreadsheet")
    _at(command)
    command.add_argument("--explain", action="store_true", help="say of each answer what its score rests on")


def _themes(add: Add) -> None:
    themes = add(commands.themes)
    themes.add_argument("--level", type=int, default=0, help="0 is the broadest")
    _at(themes)
    theme = add(commands.theme)
    theme.add_argument("id", metavar="THEME", help="such as T0001")
    theme.add_argument("--history", action="store_true", help="what happened to it, night by night, in place of items")
    _at(theme)
    assign = add(commands.assign)
    assign.add_argument("file", metavar="FILE", help="a table with columns like the catalog's")
    assign.add_argument("--level", type=int, default=0, help="0 is the broadest")
    _at(assign)
    changes = add(commands.changes)
    changes.add_argument("--since", type=int, metavar="N", help="compare with this version")
    _at(changes)
    trends = add(commands.trends)
    trends.add_argument("--emerging", action="store_true", help="only rises")
    trends.add_argument("--level", type=int, default=0, help="of themes; 0 is the broadest")
    trends.add_argument("--csv", action="store_true", help="print CSV that is safe to open in a spreadsheet")
    _at(trends)
    label = add(commands.label)
    label.add_argument("items", nargs="+", metavar="ID_OR_TITLE")
    _at(label)


def _edits(add: Add) -> None:
    edit = add(commands.edit)
    kinds = edit.add_subparsers(dest="kind", metavar="EDIT", required=True)

    def kind(name: str, summary: str) -> argparse.ArgumentParser:
        command = kinds.add_parser(name, help=summary, description=summary)
        unless_before = argparse.SUPPRESS  # the options may stand before the kind or after it
        command.add_argument("--workspace", "-w", type=_folder, default=unless_before, metavar="DIR")
        command.add_argument("--json", action="store_true", default=unless_before, help="print JSON")
        return command

    rename = kind("rename", "give a theme a label")
    rename.add_argument("themes", nargs=1, metavar="THEME")
    rename.add_argument("text", metavar="LABEL")
    kind("hide", "take a theme out of all lists").add_argument("themes", nargs=1, metavar="THEME")
    kind("pin", "keep a theme whatever comes").add_argument("themes", nargs=1, metavar="THEME")
    kind("merge", "make themes one: the first").add_argument("themes", nargs="+", metavar="THEME")
    split = kind("split", "divide a theme among groups of its items")
    split.add_argument("themes", nargs=1, metavar="THEME")
    split.add_argument("--group", nargs="+", action="append", dest="items", default=[], metavar="ID_OR_TITLE")
    kind("together", "keep items in one theme").add_argument("group", nargs="+", metavar="ID_OR_TITLE")
    kind("apart", "keep items in different themes").add_argument("group", nargs="+", metavar="ID_OR_TITLE")
    kind("list", "all edits and what they cost in stability")
    kind("undo", "take an edit back").add_argument("number", type=int, metavar="N")


def _reports(add: Add) -> None:
    report = add(commands.report)
    forms = report.add_mutually_exclusive_group()
    forms.add_argument("--html", dest="form", action="store_const", const="html", help="print the page")
    forms.add_argument("--markdown", dest="form", action="store_const", const="markdown", help="print it as Markdown")
    forms.add_argument("--email", dest="form", action="store_const", const="email", help="print a page for mail")
    forms.add_argument(
        "--pdf", type=_file, metavar="FILE", help="write it as PDF (pip install 'content-discover[pdf]')"
    )
    report.add_argument("--executive", action="store_true", help="one page: what changed, and what to do about it")
    report.add_argument("--output", type=_file, metavar="FILE", help="write to a file instead of printing")
    _at(report)


def _services(add: Add) -> None:
    serve = add(commands.serve)
    _listens(serve, 8321)
    serve.add_argument(
        "--preload",
        action=argparse.BooleanOptionalAction,
        help="load the models before the service is ready, or not until they are needed; by default in the background",
    )
    serve.add_argument("--read-only", action="store_true", help="refuse edits")
    mcp = add(commands.mcp)
    mcp.add_argument("--http", action="store_true", help="listen at /mcp instead")
    _listens(mcp, 8322)


def _listens(command: argparse.ArgumentParser, port: int) -> None:
    command.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1; others need a key")
    command.add_argument("--port", type=int, default=port, help=f"default {port}; 0 takes one that is free")
    command.add_argument("--name", action="append", default=[], metavar="HOST", help="a name it is reached under")
    command.add_argument("--rate", default="200/second", metavar="N/UNIT", help="per address, default 200/second")


def _versions(add: Add) -> None:
    add(commands.versions)
    rollback = add(commands.rollback)
    rollback.add_argument("number", type=int, metavar="N")
    prune = add(commands.prune)
    prune.add_argument("--keep", type=int, default=7, metavar="N", help="how many of the newest stay, default 7")
    verify = add(commands.verify)
    verify.add_argument("number", type=int, nargs="?", metavar="N")
    verify.add_argument(
        "--report",
        nargs="?",
        const="",
        metavar="FILE",
        help="compute the report again; of a copy: FILE says otherwise?",
    )


def _folder(text: str) -> str:
    """A name of a folder; "" would be the current one."""
    return _named(text, "a folder")


def _file(text: str) -> str:
    """A name of a file."""
    return _named(text, "a file")


def _named(text: str, what: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError(f"expected {what}, got ''")
    return text


def _weights(text: str) -> dict[str, float]:
    """`text=.7,image=.3` as a dictionary."""
    return _pairs(text, float, "text=.7,image=.3", "space")


def _limits(text: str) -> dict[str, int]:
    """`theme=2` as a dictionary."""
    return _pairs(text, int, "theme=2", "column")


def _pairs(text: str, number: Callable[[str], Any], example: str, what: str) -> dict[str, Any]:
    from discover.engine import arguments

    try:
        return arguments.pairs(text, number, example, what)
    except DiscoverError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
