"""The command line: parse, call, show. No logic of its own.

Results go to stdout (tables in a terminal, JSON with --json), progress and messages to stderr. Errors are one line;
exit codes are those of `discover.errors`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover import logs
from discover.errors import DiscoverError, DiskError, UsageError
from discover.nouns import Listing, plain
from discover.settings import DEFAULT_WORKSPACE

if TYPE_CHECKING:
    from rich.console import Console

    from discover.encoders.base import Advance
    from discover.engine import Engine
    from discover.nouns import Dossier, Evaluation, Explanation, Figure, RunSummary, Trend

FULL_BAR = 4.0  # score at which a bar is full, unless an answer has more
IN_FULL = 10  # claims that differ, of which it is said how


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    line = parser()
    chosen = line.parse_args(arguments)
    if chosen.command is None:
        line.print_help()
        return 0
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a letter shows ? in its place
    form = getattr(chosen, "log_format", None)
    if form:
        logs.show(form)
    try:
        chosen.run(chosen)
        sys.stdout.flush()
    except DiscoverError as error:
        return _failed("; ".join([str(error), *getattr(error, "__notes__", ())]), error.exit_code, form)
    except BrokenPipeError:
        _discard_output()  # the reader (head, less) is gone
    except OSError as error:
        if error.filename is not None:
            return _unforeseen(error, form)
        _discard_output()
        return _failed(f"the output cannot be written: {error.strerror}", DiskError.exit_code, form)
    except Exception as error:
        return _unforeseen(error, form)
    return 0


def _failed(message: str, code: int, form: str | None) -> int:
    """Say what went wrong in one line, or as an event where events are shown."""
    message = " ".join(message.split())
    if form:
        logs.failure(message, code)
    else:
        print(f"discover: {message}", file=sys.stderr)
    return code


def _unforeseen(error: Exception, form: str | None) -> int:
    """A fault of ours: a traceback as ever, or as an event where events are shown."""
    if not form:
        raise error
    logs.failure(f"{type(error).__name__}: {error}", DiscoverError.exit_code, error)
    return DiscoverError.exit_code


def _discard_output() -> None:
    """What is still to be written goes nowhere: Python would try again at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    import discover

    line = argparse.ArgumentParser(prog="discover", description="What is like this, what is this catalog about?")
    line.add_argument("--version", action="version", version=f"discover {discover.__version__}")
    commands = line.add_subparsers(dest="command", metavar="COMMAND")

    def add(
        name: str, run: Callable[[argparse.Namespace], None], summary: str, workspace: str = DEFAULT_WORKSPACE
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument(
            "--workspace", "-w", type=_named, default=workspace, metavar="DIR", help=f"default ./{workspace}"
        )
        command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(run=run)
        return command

    def answers(command: argparse.ArgumentParser) -> None:
        command.add_argument("-k", type=int, default=10, help="number of answers, default 10")
        command.add_argument("--where", metavar="SQL", help="only items for which this holds, such as 'year >= 1990'")
        command.add_argument(
            "--weights", type=_weights, metavar="text=1,image=.5", help="how much each space counts, the others nothing"
        )
        command.add_argument("--diversity", type=float, default=0.0, metavar="0..1", help="variety before nearness")
        command.add_argument(
            "--at-most", type=_limits, metavar="theme=2", help="answers that may share a column's value"
        )
        command.add_argument("--dedupe", action="store_true", help="one of each group of near-duplicates")
        command.add_argument("--csv", action="store_true", help="print CSV that is safe to open in a spreadsheet")
        command.add_argument("--at", type=int, metavar="N", help="version, default the current one")
        command.add_argument("--explain", action="store_true", help="say of each answer what its score rests on")

    run = add("run", _run, "read a catalog, find its themes, write a new version and its report")
    run.add_argument("catalog", help="CSV, TSV, JSON, JSON lines, Parquet, Excel, or a folder of pictures")
    run.add_argument("--settings", metavar="FILE", help="default ./discover.toml if there is one")
    run.add_argument("--full", action="store_true", help="find the themes anew, not from last night's")
    run.add_argument("--as-of", metavar="YYYY-MM-DD", help="pretend that later items do not exist")
    run.add_argument("--consumption", metavar="FILE", help="a table of audience: id, date, value; trends are weighted")
    run.add_argument("--strict", action="store_true", help="stop at the first bad row instead of setting it aside")
    run.add_argument("--quiet", "-q", action="store_true", help="print one line: what came of it")
    run.add_argument("--log-format", choices=logs.FORMATS, help="tell on stderr what happens, one event a line")
    run.add_argument("--metrics", metavar="FILE", help="write the run's figures as a Prometheus textfile")
    run.add_argument("--keep", type=int, metavar="N", help="remove all versions but the newest N afterwards")
    similar = add("similar", _similar, "the items most like one, by id or exact title")
    similar.add_argument("item", metavar="ID_OR_TITLE")
    answers(similar)
    search = add(
        "search", _search, "the items that fit a text, are like some items and unlike others, or like a picture"
    )
    search.add_argument("text", nargs="?")
    search.add_argument("--like", action="append", default=[], metavar="ID_OR_TITLE", help="may be given several times")
    search.add_argument(
        "--unlike", action="append", default=[], metavar="ID_OR_TITLE", help="may be given several times"
    )
    search.add_argument("--image", metavar="FILE", help="a picture to be like")
    search.add_argument("--anyway", action="store_true", help="list the nearest even where nothing fits")
    answers(search)
    compare = add("compare", _compare, "items side by side: what they share, how alike they are and why")
    compare.add_argument("items", nargs="+", metavar="ID_OR_TITLE", help="2 to 20")
    compare.add_argument("--html", metavar="FILE", help="write it as one page")
    compare.add_argument("--markdown", metavar="FILE", help="write it as Markdown")
    compare.add_argument("--weights", type=_weights, metavar="text=.7,image=.3", help="how much each space counts")
    compare.add_argument("--at", type=int, metavar="N", help="version, default the current one")
    evaluate = add("evaluate", _evaluate, "how well recommendations find what people liked next, in their ratings")
    evaluate.add_argument("ratings", metavar="RATINGS", help="a table of user, item and, if known, rating and time")
    evaluate.add_argument("--holdout", type=float, default=0.2, metavar="SHARE", help="of likes to find, default .2")
    evaluate.add_argument("--liked", type=float, metavar="RATING", help="the least that is a like, default the median")
    evaluate.add_argument("--disliked", type=float, metavar="RATING", help="the most that is a dislike, default none")
    evaluate.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn at random, default 0")
    evaluate.add_argument("-k", type=int, default=10, help="number of recommendations, default 10")
    evaluate.add_argument("--weights", type=_weights, metavar="text=1,image=.5", help="how much each space counts")
    evaluate.add_argument("--at", type=int, metavar="N", help="version, default the current one")
    themes = add("themes", _themes, "what the catalog is about")
    themes.add_argument("--level", type=int, default=0, help="0 is the broadest")
    themes.add_argument("--at", type=int, metavar="N", help="version, default the current one")
    theme = add("theme", _theme, "one theme and its items")
    theme.add_argument("id", metavar="THEME", help="such as T0001")
    theme.add_argument("--history", action="store_true", help="what happened to it, night by night, in place of items")
    theme.add_argument("--at", type=int, metavar="N", help="version, default the current one")
    assign = add("assign", _assign, "the themes that new items belong to, without a run")
    assign.add_argument("file", metavar="FILE", help="a table with columns like the catalog's")
    assign.add_argument("--level", type=int, default=0, help="0 is the broadest")
    assign.add_argument("--at", type=int, metavar="N", help="version, default the current one")
    changes = add("changes", _changes, "why the themes' shares are other than in the version before")
    changes.add_argument("--since", type=int, metavar="N", help="compare with this version")
    changes.add_argument("--at", type=int, metavar="N", help="version, default the current one")
    trends = add("trends", _trends, "which themes rise and fade beyond chance")
    trends.add_argument("--emerging", action="store_true", help="only rises")
    trends.add_argument("--level", type=int, default=0, help="of themes; 0 is the broadest")
    trends.add_argument("--csv", action="store_true", help="print CSV that is safe to open in a spreadsheet")
    trends.add_argument("--at", type=int, metavar="N", help="version, default the current one")
    backtest = add(
        "backtest", _backtest, "what alerts would have been worth: nights as of many dates", "discover-backtest"
    )
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
    backtest.add_argument("--consumption", metavar="FILE", help="a table of audience: id, date, value")
    backtest.add_argument("--settings", metavar="FILE", help="default ./discover.toml if there is one")
    edit = add("edit", _edit, "change themes for good: names, members, what is one theme and what is not")
    kinds = edit.add_subparsers(dest="kind", metavar="EDIT", required=True)

    def kind(name: str, summary: str) -> argparse.ArgumentParser:
        command = kinds.add_parser(name, help=summary, description=summary)
        unless_before = argparse.SUPPRESS  # the options may stand before the kind or after it
        command.add_argument("--workspace", "-w", type=_named, default=unless_before, metavar="DIR")
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
    label = add("label", _label, "words for any set of items, against the rest of the catalog")
    label.add_argument("items", nargs="+", metavar="ID_OR_TITLE")
    label.add_argument("--at", type=int, metavar="N", help="version, default the current one")
    report = add("report", _report, "where the report is; or the report in another form")
    forms = report.add_mutually_exclusive_group()
    forms.add_argument("--html", dest="form", action="store_const", const="html", help="print the page")
    forms.add_argument("--markdown", dest="form", action="store_const", const="markdown", help="print it as Markdown")
    forms.add_argument("--email", dest="form", action="store_const", const="email", help="print a page for mail")
    forms.add_argument(
        "--pdf", type=_named, metavar="FILE", help="write it as PDF (pip install 'content-discover[pdf]')"
    )
    report.add_argument("--executive", action="store_true", help="one page: what changed, and what to do about it")
    report.add_argument("--output", type=_named, metavar="FILE", help="write to a file instead of printing")
    report.add_argument("--at", type=int, metavar="N", help="version, default the current one")

    def listens(command: argparse.ArgumentParser, port: int) -> None:
        command.add_argument("--host", type=_named, default="127.0.0.1", help="default 127.0.0.1; others need a key")
        command.add_argument("--port", type=int, default=port, help=f"default {port}; 0 takes one that is free")
        command.add_argument("--name", action="append", default=[], metavar="HOST", help="a name it is reached under")
        command.add_argument("--rate", default="200/second", metavar="N/UNIT", help="per address, default 200/second")

    serve = add("serve", _serve, "the page and the API over HTTP, on this machine unless told otherwise")
    listens(serve, 8321)
    serve.add_argument("--preload", action="store_true", help="load the models at the start, not with the first text")
    serve.add_argument("--read-only", action="store_true", help="refuse edits")
    mcp = add("mcp", _mcp, "tools for assistants over stdin and stdout, or over HTTP")
    mcp.add_argument("--http", action="store_true", help="listen at /mcp instead")
    listens(mcp, 8322)
    add("versions", _versions, "the versions of the workspace")
    rollback = add("rollback", _rollback, "make another version the current one")
    rollback.add_argument("number", type=int, metavar="N")
    prune = add("prune", _prune, "remove old versions, never the current one")
    prune.add_argument("--keep", type=int, default=7, metavar="N", help="how many of the newest stay, default 7")
    verify = add("verify", _verify, "check every byte of a version")
    verify.add_argument("number", type=int, nargs="?", metavar="N")
    verify.add_argument(
        "--report",
        nargs="?",
        const="",
        metavar="FILE",
        help="compute the report again; of a copy: FILE says otherwise?",
    )
    add("demo", _demo, "the main job on the sample catalog that comes with the package", workspace="demo-workspace")
    return line


def _named(text: str) -> str:
    """A name of a folder; "" would be the current one."""
    if not text:
        raise argparse.ArgumentTypeError("expected a folder, got ''")
    return text


def _weights(text: str) -> dict[str, float]:
    """`text=.7,image=.3` as a dictionary."""
    return _pairs(text, float, "text=.7,image=.3", "space")


def _limits(text: str) -> dict[str, int]:
    """`theme=2` as a dictionary."""
    return _pairs(text, int, "theme=2", "column")


def _pairs(text: str, number: Callable[[str], Any], example: str, what: str) -> dict[str, Any]:
    from discover import asking

    try:
        return asking.pairs(text, number, example, what)
    except DiscoverError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


# --- commands ----------------------------------------------------------------------------------------------


def _run(chosen: argparse.Namespace) -> None:
    from dataclasses import replace

    from discover.settings import Settings

    if chosen.quiet and chosen.json:
        raise UsageError("--quiet and --json are two ways to print the outcome; choose one")
    settings = Settings.of(_settings(chosen))
    if chosen.strict:
        settings = replace(settings, catalog=replace(settings.catalog, strict=True))
    if chosen.metrics is not None:
        settings = replace(settings, run=replace(settings.run, metrics=str(Path(chosen.metrics).absolute())))
    if chosen.keep is not None:
        settings = replace(settings, run=replace(settings.run, keep=chosen.keep))
    _do_run(chosen, chosen.catalog, settings, chosen.as_of, chosen.consumption, chosen.full)


def _settings(chosen: argparse.Namespace) -> str | None:
    """The settings file that is named, or the one beside us."""
    return chosen.settings or ("discover.toml" if Path("discover.toml").exists() else None)


def _demo(chosen: argparse.Namespace) -> None:
    from discover import sample

    catalog, settings = sample.prepare(Path(chosen.workspace) / "sample")
    _do_run(chosen, catalog, settings, None)
    if not chosen.json:
        print(f'next: {sys.argv[0]} search "a haunted house" -w {chosen.workspace}')
        print(f"or, in a browser: the report, or {sys.argv[0]} serve -w {chosen.workspace}")


def _do_run(
    chosen: argparse.Namespace,
    catalog: Any,
    settings: Any,
    as_of: str | None,
    consumption: str | None = None,
    full: bool = False,
) -> None:
    from discover import job

    silent = getattr(chosen, "quiet", False) or getattr(chosen, "log_format", None)
    progress = None if silent else _progress(_console(stderr=True))
    summary = job.run(catalog, chosen.workspace, settings, as_of, progress, consumption, full)
    if chosen.json:
        _print_json(summary.to_dict())
    elif getattr(chosen, "quiet", False):
        print(_outcome(summary))
    else:
        _show_run(summary)


def _outcome(summary: RunSummary) -> str:
    """What came of a run, in one line."""
    counts = {**summary.counts, "warnings": len(summary.warnings), "old versions removed": len(summary.removed)}
    told = ", ".join(f"{value:,} {name}" for name, value in counts.items() if value)
    return f"version {summary.version}: {told} in {sum(summary.timings.values()):.1f} s"


def _show_run(summary: RunSummary) -> None:
    from rich.markup import escape

    from discover import engine

    console, opened = _console(), engine.open(summary.workspace, summary.version)
    for role, columns in summary.mapping.items():
        guessed = " [dim](guessed)[/]" if role in summary.guessed else ""
        console.print(f"[dim]{role:>12}[/]  {escape(', '.join(columns))}{guessed}", highlight=False)
    if summary.unused:
        console.print(f"[dim]{'not used':>12}[/]  {escape(', '.join(summary.unused))}", highlight=False)
    for warning in summary.warnings:
        console.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    _show_themes(opened.themes(), opened.why)
    console.print(_outcome(summary), markup=False, highlight=False)
    console.print(f"report: {escape(str(summary.report))}", highlight=False, soft_wrap=True)


def _similar(chosen: argparse.Namespace) -> None:
    opened = _open(chosen)
    _show_matches(chosen, opened, opened.similar(chosen.item, **_answers(chosen)))


def _search(chosen: argparse.Namespace) -> None:
    opened = _open(chosen)
    asked = {name: getattr(chosen, name) for name in ("text", "like", "unlike", "image", "anyway")}
    _show_matches(chosen, opened, opened.search(**asked, **_answers(chosen)))


def _answers(chosen: argparse.Namespace) -> dict[str, Any]:
    """The options that all queries share."""
    names = ("k", "where", "weights", "diversity", "at_most", "dedupe", "explain")
    return {name: getattr(chosen, name) for name in names} | {"why": True}


def _compare(chosen: argparse.Namespace) -> None:
    from discover import dossier as forms
    from discover import files

    dossier = _open(chosen).compare(chosen.items, weights=chosen.weights)
    for path, form in ((chosen.html, forms.html), (chosen.markdown, forms.markdown)):
        if path:
            files.replace_bytes(Path(path), form(dossier).encode())
    if chosen.json:
        _print_json(dossier)
    else:
        _show_dossier(dossier)


def _evaluate(chosen: argparse.Namespace) -> None:
    options = {name: getattr(chosen, name) for name in ("k", "holdout", "liked", "disliked", "weights", "seed")}
    found = _open(chosen).evaluate(chosen.ratings, **options, progress=_progress(_console(stderr=True)))
    if chosen.json:
        _print_json(found)
    else:
        _show_evaluation(found)


def _themes(chosen: argparse.Namespace) -> None:
    opened = _open(chosen)
    found = opened.themes(chosen.level)
    if chosen.json:
        _print_json(found)
    else:
        _show_themes(found, opened.why)


def _theme(chosen: argparse.Namespace) -> None:
    if chosen.history:
        _history(chosen)
        return
    theme = _open(chosen).theme(chosen.id)
    if chosen.json:
        _print_json(theme)
        return
    console = _console()
    heading = f"{theme.id}  {theme.label}  ({theme.size:,} items, {theme.share:.1%} of the catalog)"
    console.print(heading, style="bold", markup=False, highlight=False)
    console.print(", ".join(theme.keywords), style="dim", markup=False, highlight=False)
    rows = [
        (item.id, item.title, _bar(item.strength), f"{item.strength:.2f}", "loosely" if item.loose else "")
        for item in theme.items
    ]
    _print_table(console, ("id", "title", "", "strength", ""), rows)


def _assign(chosen: argparse.Namespace) -> None:
    found = _open(chosen).assign(chosen.file, chosen.level)
    if chosen.json:
        _print_json(found)
        return
    rows = [
        (each.id, each.title, each.theme or "stray", each.label, _bar(each.strength), f"{each.strength:.2f}")
        for each in found
    ]
    _print_table(_console(), ("id", "title", "theme", "label", "", "strength"), rows)


def _trends(chosen: argparse.Namespace) -> None:
    opened = _open(chosen)
    found, all_of_them = opened.trends(chosen.emerging, chosen.level), opened.trends_found
    if chosen.json:
        _print_json(found)
    elif chosen.csv:
        names = ("theme", "label", "measure", "status", "lift", "low", "high", "p", "q", "carriers")
        values = [[getattr(each, name) for name in names[:-1]] for each in found]
        _print_csv(names, [[*row, " ".join(each.carriers)] for row, each in zip(values, found, strict=True)])
    else:
        _show_trends(opened, found)
        if not found:
            print(all_of_them.why or "nothing rises beyond chance")
        for note in all_of_them.notes:
            print(note, file=sys.stderr)


def _changes(chosen: argparse.Namespace) -> None:
    opened = _open(chosen)
    found = opened.changes(chosen.since)
    if chosen.json:
        _print_json(found)
        return
    labels = opened.labels(each.theme for each in found)
    rows = [
        (
            each.theme,
            labels.get(each.theme, ""),
            f"{each.before:.1%}",
            f"{each.after:.1%}",
            *(f"{100 * part:+.2f}" for part in (each.titles, each.demand, each.clustering)),
        )
        for each in found
    ]
    _print_table(_console(), ("theme", "label", "before", "after", "titles", "demand", "re-clustering"), rows)
    print("points of the share that came by new and gone titles, by demand, and by items that changed their theme")


def _backtest(chosen: argparse.Namespace) -> None:
    from discover import backtest

    console = _console(stderr=True)
    found = backtest.backtest(
        chosen.catalog, chosen.start, chosen.end, chosen.every, chosen.workspace, _settings(chosen), chosen.null,
        chosen.consumption, _progress(console),
    )  # fmt: skip
    written = backtest.save(found, Path(chosen.workspace))
    if chosen.json:
        _print_json(found.to_dict())
        return
    console, shown = _console(), [alert for alert in found.alerts if alert.first]
    rows = [
        (
            alert.night, alert.label, str(alert.level), alert.measure, alert.status, f"{alert.lift:.2f}",
            *("" if share != share else f"{share:.1%}" for share in (alert.past, alert.recent, alert.after)),
            alert.outcome, "" if alert.lead is None else str(alert.lead),
        )
        for alert in shown
    ]  # fmt: skip
    if rows:
        headings = ("as of", "theme", "level", "of", "", "lift", "past", "recent", "after", "", "lead")
        _print_table(console, headings, rows)
    firsts = ", ".join(f"{count} {outcome}" for outcome, count in found.firsts.items())
    console.print(f"{len(found.nights)} nights, {len(shown)} first alerts: {firsts}", highlight=False)
    if found.precision is not None:
        like = f"; themes without an alert: {found.quiet_held / found.quiet:.0%}" if found.quiet else ""
        lead = "" if found.lead is None else f"; median lead {found.lead:g} periods"
        console.print(f"precision {found.precision:.0%}{like}{lead}", highlight=False)
    if found.null_nights:
        share = found.null_alerts / found.null_nights
        null = f"dates permuted: {found.null_alerts} of {found.null_nights} nights with any alert ({share:.1%}"
        console.print(f"{null}; stated {found.rate:.0%})", highlight=False)
    for path in written:
        print(path)


def _show_trends(opened: Engine, found: Listing[Trend]) -> None:
    if not found:
        return
    titles = dict(zip(opened.catalog.ids, opened.catalog.titles, strict=True))
    console = _console()
    if len({(each.measure, each.periods) for each in found}) == 1:
        recent = [name for name, part in zip(found[0].periods, found[0].parts, strict=True) if part == "recent"]
        span = f"share of {found[0].measure}: {recent[0]} to {recent[-1]} against {found[0].periods[0]} on"
        console.print(span, style="dim", markup=False, highlight=False)
    rows = [
        (
            each.theme,
            each.label,
            each.measure,
            _sparkline([share for share, part in zip(each.shares, each.parts, strict=True) if part != "incomplete"]),
            each.status,
            "" if each.lift != each.lift else f"{each.lift:.2f} [{each.low:.2f}, {each.high:.2f}]",
            f"{each.q:.3f}",
            ", ".join(titles[id] for id in each.carriers[:2]) if each.rises else "",
        )
        for each in found
    ]
    _print_table(console, ("theme", "label", "of", "share", "", "lift [95 %]", "q", "carried by"), rows)


def _sparkline(values: Sequence[float], width: int = 14) -> str:
    """A line of small bars, the last `width` values; "" where the terminal has no such letters."""
    marks = "▁▂▃▄▅▆▇█"
    shown = [0.0 if value != value else value for value in values[-width:]]
    highest = max(shown, default=0.0) or 1.0
    return "".join(marks[round(value / highest * 7)] for value in shown) if _can_print(marks) else ""


def _history(chosen: argparse.Namespace) -> None:
    opened = _open(chosen)
    entry, events = opened.entry(chosen.id), opened.history(chosen.id)
    if chosen.json:
        _print_json({"theme": entry, "events": events})
        return
    console = _console()
    before = f" (before: {'; '.join(entry.names)})" if entry.names else ""
    console.print(f"{entry.id}  {entry.label}{before}", style="bold", markup=False, highlight=False)
    rows = [
        (str(e.version), e.created, e.kind, e.theme, ", ".join(e.others), _bar(e.confidence), f"{e.confidence:.2f}")
        for e in events
    ]
    _print_table(console, ("version", "created", "event", "theme", "others", "", "confidence"), rows)


def _edit(chosen: argparse.Namespace) -> None:
    from discover import edits

    given = vars(chosen)
    if chosen.kind == "list":
        found = edits.read(chosen.workspace)
    elif chosen.kind == "undo":
        found = Listing([edits.undo(chosen.workspace, chosen.number)])
    else:
        items = [given["group"]] if "group" in given else given.get("items", [])
        themes, text = given.get("themes", []), given.get("text", "")
        found = Listing([edits.add(chosen.workspace, chosen.kind, themes, items, text)])
    if chosen.json:
        _print_json(found)
        return
    counts = {edit.number for edit in edits.standing(edits.read(chosen.workspace))}
    rows = [
        (
            str(edit.number),
            edit.made,
            edit.kind,
            " ".join(edit.themes) or str(edit.undoes or ""),
            edit.text or " | ".join(", ".join(group) for group in edit.items),
            _stabilities(edit.before),
            _stabilities(edit.after),
            "" if edit.number in counts or edit.kind == "undo" else "undone",
        )
        for edit in found
    ]
    _print_table(_console(), ("edit", "made", "", "of", "", "stability before", "after", ""), rows)


def _stabilities(of_themes: Mapping[str, float]) -> str:
    return ", ".join(f"{id} {stability:.2f}" for id, stability in of_themes.items())


def _label(chosen: argparse.Namespace) -> None:
    found = _open(chosen).label(chosen.items)
    if chosen.json:
        _print_json(found)
        return
    console = _console()
    if found.note:
        print(f"a keyword label, as {found.note}", file=sys.stderr)
    console.print(found.text, style="bold", markup=False, highlight=False)
    console.print(", ".join(found.keywords), style="dim", markup=False, highlight=False)
    _print_table(console, ("id", "such as"), [(item.id, item.title) for item in found.items])


def _report(chosen: argparse.Namespace) -> None:
    form = chosen.form or ("html" if chosen.executive or chosen.output else None)
    if form is None and chosen.pdf is None:
        path = str(_open(chosen).report)
        if chosen.json:
            _print_json({"report": path})
        else:
            print(path)
        return
    from discover import files, recompute, report, store

    night = recompute.night(store.open(chosen.workspace, chosen.at))
    if chosen.pdf is not None:
        written, output = report.pdf(night, chosen.executive), chosen.pdf
    else:
        write = {"html": report.html, "markdown": report.markdown, "email": report.email}[form or "html"]
        text, output = write(night, chosen.executive), chosen.output
        written = text.encode()
    if output is None:
        print(text if _can_print(text) else text.encode("ascii", "xmlcharrefreplace").decode(), end="")
        return
    with files.disk_errors(Path(output)):
        files.replace_bytes(Path(output), written)
    if chosen.json:
        _print_json({"report": output})
    else:
        print(output)


def _serve(chosen: argparse.Namespace) -> None:
    server = _service("serve")
    server.serve(chosen.workspace, _address(server, chosen), chosen.preload, not chosen.read_only)


def _mcp(chosen: argparse.Namespace) -> None:
    server = _service("mcp")
    server.serve_tools(chosen.workspace, _address(server, chosen) if chosen.http else None)


def _service(extra: str) -> Any:
    from importlib.util import find_spec

    from discover.errors import UsageError

    for package in ("fastapi", "uvicorn", "limits", "prometheus_client", *(["mcp"] if extra == "mcp" else [])):
        if find_spec(package) is None:
            raise UsageError(f"{package} is not installed; `pip install 'content-discover[{extra}]'` brings it")
    from discover.service import server

    return server


def _address(server: Any, chosen: argparse.Namespace) -> Any:
    return server.Address(chosen.host, chosen.port, tuple(chosen.name), chosen.rate)


def _versions(chosen: argparse.Namespace) -> None:
    from discover import store

    found = store.versions(chosen.workspace)
    if chosen.json:
        _print_json(found)
        return
    rows = [
        (str(v.number), "current" if v.current else "", v.created, v.source, f"{v.items:,}", f"{v.themes:,}")
        for v in found
    ]
    _print_table(_console(), ("version", "", "created", "source", "items", "themes"), rows)


def _rollback(chosen: argparse.Namespace) -> None:
    from discover import store

    store.rollback(chosen.workspace, chosen.number)
    if chosen.json:
        _print_json({"current": chosen.number})
    else:
        print(f"version {chosen.number} is current")


def _prune(chosen: argparse.Namespace) -> None:
    from discover import store

    removed = store.prune(chosen.workspace, chosen.keep)
    if chosen.json:
        _print_json({"removed": removed})
    else:
        print(f"removed: {', '.join(map(str, removed))}" if removed else "nothing to remove")


def _verify(chosen: argparse.Namespace) -> None:
    from discover import store
    from discover.errors import WorkspaceError

    if chosen.report is not None:
        _verify_report(chosen)
        return
    problems = store.verify(chosen.workspace, chosen.number)
    if chosen.json:
        _print_json(problems)
    elif not problems:
        print("every byte is as it was written")
    if problems:
        listed = "; ".join(f"{problem.file}: {problem.what}" for problem in problems)
        raise WorkspaceError(f"{chosen.workspace} is damaged: {listed}; `discover rollback N` heals it")


def _verify_report(chosen: argparse.Namespace) -> None:
    from discover import recompute
    from discover.errors import WorkspaceError

    found = recompute.verify(chosen.workspace, chosen.number, chosen.report or None)
    if chosen.json:
        _print_json(found)
    elif not found:
        print("every number of the report is what the version gives")
    if found:
        named = [f"{each.claim} (says {each.said}, is {each.found})" for each in found[:IN_FULL]]
        named += [each.claim for each in found[IN_FULL:]]
        raise WorkspaceError(f"{chosen.report or 'the report'} is not what its version gives: {', '.join(named)}")


# --- showing -----------------------------------------------------------------------------------------------


def _open(chosen: argparse.Namespace) -> Any:
    from discover import engine

    return engine.open(chosen.workspace, getattr(chosen, "at", None))


def _console(stderr: bool = False) -> Console:
    from rich.console import Console

    return Console(stderr=stderr)


def _print_json(content: Any) -> None:
    text = json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False)
    print(text if _can_print(text) else json.dumps(json.loads(text), indent=1))


def _show_matches(chosen: argparse.Namespace, opened: Any, found: Any) -> None:
    if found.note:
        print(found.note, file=sys.stderr)
    if chosen.json:
        _print_json(found)
        return
    years = opened.years([match.id for match in found])
    if chosen.csv:
        spaces = list(dict.fromkeys(space for match in found for space in match.parts))
        rows = [
            (
                match.id,
                match.title,
                year,
                match.score,
                match.percentile,
                match.why,
                *(match.parts.get(space) for space in spaces),
            )
            for match, year in zip(found, years, strict=True)
        ]
        _print_csv(("id", "title", "year", "score", "percentile", "why", *spaces), rows)
        return
    most = max([FULL_BAR, *(match.score for match in found)])
    table = [
        (
            match.title,
            str(year or ""),
            match.id,
            _bar(match.score / most),
            f"{match.score:.2f}",
            match.why,
        )
        for match, year in zip(found, years, strict=True)
    ]
    console = _console()
    if table:
        _print_table(console, ("title", "year", "id", "", "score", "why"), table)
    for match in found:
        if match.explanation is not None:
            _show_explanation(console, match.explanation)


def _print_csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from discover import spreadsheet

    print(spreadsheet.text(headings, rows), end="")


def _show_explanation(console: Console, explanation: Explanation) -> None:
    heading = f"{explanation.titles[1]}  {explanation.score:.3f}  ({explanation.why})"
    console.print(heading, style="bold", markup=False, highlight=False)
    rows = [
        (f"{each.amount:+.3f}", each.space, each.role or each.kind, each.item, each.text)
        for each in explanation.evidence
    ]
    _print_table(console, ("adds", "space", "by", "item", ""), rows)


def _show_dossier(dossier: Dossier) -> None:
    console, titles = _console(), {item.id: item.title for item in dossier.items}
    rows = [
        (item.title, item.id, str(item.year or ""), " › ".join(item.themes), ", ".join(item.apart))
        for item in dossier.items
    ]
    _print_table(console, ("title", "id", "year", "theme", "only here"), rows)
    shared = [
        (
            trait.text,
            trait.role,
            "all" if len(trait.items) == len(titles) else ", ".join(titles[id] for id in trait.items),
        )
        for trait in dossier.traits
    ]
    _print_table(console, ("shared", "", "by"), shared)
    pairs = [
        (*pair.titles, _bar(pair.score / FULL_BAR), f"{pair.score:.2f}", pair.why)
        if pair.parts
        else (*pair.titles, "", "none", "nothing to compare them by")
        for pair in dossier.pairs
    ]
    _print_table(console, ("title", "title", "", "score", "why"), pairs)


def _show_evaluation(found: Evaluation) -> None:
    console = _console()
    for note in found.notes:
        console.print(note, style="dim", markup=False, highlight=False)
    few = f"; {found.too_few:,} with fewer than two likes left out" if found.too_few else ""
    console.print(f"{found.users:,} users, {found.held_out:,} likes to find{few}", highlight=False)
    figures = {(each.recommender, each.metric): each for each in (*found.figures, *found.differences)}
    names, metrics = (list(dict.fromkeys(pair[i] for pair in figures)) for i in (0, 1))
    rows = [(name, *(_figure(figures.get((name, metric))) for metric in metrics)) for name in names]
    _print_table(console, ("mean [95 % interval]", *metrics), rows)


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{figure.mean:.3f}" + ("" if figure.low is None else f" [{figure.low:.3f}, {figure.high:.3f}]")


def _show_themes(found: Listing[Any], why: str) -> None:
    console = _console()
    if not found:
        console.print(why, markup=False, highlight=False)
        return
    rows = [
        (
            theme.id,
            theme.label,
            f"{theme.size:,}",
            _bar(theme.share / max(each.share for each in found)),
            ", ".join(item.title for item in theme.exemplars[:3]),
        )
        for theme in found
    ]
    _print_table(console, ("theme", "label", "items", "", "such as"), rows)


def _print_table(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell.replace("\n", " "), overflow="fold") for cell in row))
    console.print(table)


def _bar(value: float, width: int = 10) -> str:
    """A bar for a value in [0, 1]."""
    return ("█" if _can_print("█") else "#") * max(0, min(width, round(value * width)))


def _progress(console: Console) -> Any:
    """Progress bars with rate and time left, on a terminal; nothing elsewhere."""
    if not console.is_terminal:
        return None

    @contextmanager
    def show(what: str, total: int) -> Iterator[Advance]:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        rate = TextColumn("{task.fields[rate]}")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bars:
            task = bars.add_task(what, total=total, rate="")

            def advance(count: int) -> None:
                bars.advance(task, count)
                speed = bars.tasks[task].speed
                bars.update(task, rate=f"{speed:,.0f}/s" if speed else "")

            yield advance

    return show


def _can_print(text: str) -> bool:
    """Whether standard output has all of these letters."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
