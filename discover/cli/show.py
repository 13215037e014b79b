"""What a command found, as people read it: tables and bars on a terminal, JSON, CSV."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.core.types import Listing, plain
from discover.core.words import count, plural, share

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from discover.core.types import (
        Assignments,
        Dossier,
        Edit,
        Evaluation,
        Explanation,
        Figure,
        RunSummary,
        Theme,
        Trend,
    )
    from discover.embeddings.encoders.base import Advance
    from discover.engine.engine import Engine
    from discover.nightly.backtest import Backtest

FULL_BAR = 4.0  # score at which a bar is full, unless an answer has more
NARROWEST = 16  # characters to which a column of text may shrink before another column goes
BETWEEN = 2  # columns of a table, in blanks; as many are at its edges together


def answer(chosen: argparse.Namespace, found: Any, in_words: Callable[..., None], *more: Any) -> None:
    """What was found, as JSON where that was asked for, else in words: `in_words(found, *more)`."""
    if chosen.json:
        as_json(found)
    else:
        in_words(found, *more)


# --- runs --------------------------------------------------------------------------------------------------


def run(summary: RunSummary) -> None:
    """What came of a run: the columns that were used, warnings, themes."""
    from rich.markup import escape

    from discover.engine import engine

    console, opened = terminal(), engine.open(summary.workspace, summary.version)
    for warning in summary.warnings:
        console.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    for role, columns in summary.mapping.items():
        guessed = " [dim](guessed)[/]" if role in summary.guessed else ""
        console.print(f"[dim]{role:>12}[/]  {escape(', '.join(columns))}{guessed}", highlight=False)
    if not {"description", "genres", "keywords", "people", "image"} & set(summary.mapping):
        console.print(
            "only titles are compared: no column has descriptions, genres, people or pictures", style="yellow"
        )
    for role, other in opened.catalog.fallbacks.items():
        console.print(f"[dim]{role:>12}[/]  as {other}: no column says when items were {role}", highlight=False)
    if summary.unused:
        console.print(f"[dim]{'not used':>12}[/]  {escape(', '.join(summary.unused))}", highlight=False)
    themes(opened.themes(), opened.why)
    console.print(_outcome(summary), markup=False, highlight=False)
    console.print(f"report: {escape(str(summary.report))}", highlight=False, soft_wrap=True)


def outcome(summary: RunSummary) -> None:
    """What came of a run, in one line."""
    print(_outcome(summary))


def _outcome(summary: RunSummary) -> str:
    counts = {**summary.counts, "warnings": len(summary.warnings), "removed old versions": len(summary.removed)}
    told = ", ".join(plural(value, name.removesuffix("s"), name) for name, value in counts.items() if value)
    return f"version {summary.version}: {told} in {sum(summary.timings.values()):.1f} s"


def undone(summary: RunSummary) -> None:
    """What could not be done after the version was there: no report tells of it, so that it is a line of stderr."""
    for warning in summary.undone:
        print(f"discover: {' '.join(warning.split())}", file=sys.stderr)


def what_next(workspace: str) -> None:
    """What to try after the demo."""
    print(f'next: {sys.argv[0]} search "a haunted house" -w {workspace}')
    print(f"in a browser: the report, or {sys.argv[0]} serve -w {workspace}")


def backtest(_: Any, found: Backtest, written: Sequence[Path]) -> None:
    """Every first alert, and what came of them."""
    console, shown = terminal(), [alert for alert in found.alerts if alert.first]
    rows = [
        (
            alert.created, alert.trend.label, str(alert.trend.level), alert.trend.measure, alert.trend.status,
            f"{alert.trend.lift:.2f}",
            *("" if part != part else share(part) for part in (alert.past, alert.recent, alert.after)),
            alert.outcome, "" if alert.lead is None else str(alert.lead),
        )
        for alert in shown
    ]  # fmt: skip
    columns = (
        whole("as of"), "theme", whole("level", 5), whole("of", 6), whole(), whole("lift"), whole("past", 3),
        whole("recent", 3), whole("after", 2), whole(), whole("lead", 1),
    )  # fmt: skip
    table(console, columns, rows)
    firsts = ", ".join(f"{count} {outcome}" for outcome, count in found.firsts.items())
    runs = plural(len(found.days), "run")
    console.print(f"{runs}, {plural(len(shown), 'first alert')}: {firsts}", highlight=False)
    if found.precision is not None:
        like = f", themes without an alert {share(found.quiet_held / found.quiet)}" if found.quiet else ""
        periods = "period" if found.lead == 1 else "periods"
        lead = "" if found.lead is None else f", median lead {found.lead:g} {periods}"
        console.print(f"precision {share(found.precision)}{like}{lead}", highlight=False)
    if found.null_runs:
        alarms = share(found.null_alerts / found.null_runs)
        null = f"with permuted dates: {found.null_alerts} of {plural(found.null_runs, 'run')} had an alert ({alarms}"
        console.print(f"{null}, expected {share(found.rate)})", highlight=False)
    for path in written:
        print(path)


def versions(found: Listing[Any]) -> None:
    """The versions of a workspace."""
    rows = [
        (
            str(each.number),
            "current" if each.current else "",
            _moment(each.created),
            each.source,
            f"{each.items:,}",
            f"{each.themes:,}",
        )
        for each in found
    ]
    table(terminal(), (whole("version"), whole(), whole("created"), "source", whole("items"), whole("themes")), rows)


# --- items -------------------------------------------------------------------------------------------------


def matches(chosen: argparse.Namespace, found: Any, opened: Engine) -> None:
    """Answers to a query, as a table, CSV or JSON."""
    if found.note:
        print(found.note, file=sys.stderr)
    answer(chosen, found, _matches_csv if chosen.csv else _matches, opened)
    if not found and not found.note and not chosen.json:
        print("No other items match" + (" --where" if chosen.where else ""), file=sys.stderr)


def _matches_csv(found: Any, opened: Engine) -> None:
    spaces = list(dict.fromkeys(space for match in found for space in match.parts))
    years = opened.years([match.id for match in found])
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
    as_csv(("id", "title", "year", "score", "percentile", "why", *spaces), rows)


def _matches(found: Any, opened: Engine) -> None:
    console, most = terminal(), max([FULL_BAR, *(match.score for match in found)])
    years = opened.years([match.id for match in found])
    rows = [
        (match.title, str(year or ""), match.id, bar(match.score / most), f"{match.score:.2f}", match.why)
        for match, year in zip(found, years, strict=True)
    ]
    table(console, ("title", whole("year", 1), "id", whole(spare=2), whole("score"), "why"), rows)
    for match in found:
        if match.explanation is not None:
            _explanation(console, match.explanation)


def _explanation(console: Console, explanation: Explanation) -> None:
    heading = f"{explanation.titles[1]}  {explanation.score:.3f}  ({explanation.why})"
    console.print(heading, style="bold", markup=False, highlight=False)
    rows = [
        (f"{each.amount:+.3f}", each.space, each.role or each.kind, each.item, each.text)
        for each in explanation.evidence
    ]
    table(console, (whole("adds"), whole("space"), whole("by", 1), Column("item", spare=2), ""), rows)


def dossier(found: Dossier) -> None:
    """Items side by side."""
    console, titles = terminal(), {item.id: item.title for item in found.items}
    rows = [
        (item.title, item.id, str(item.year or ""), " › ".join(item.themes), ", ".join(item.apart))
        for item in found.items
    ]
    table(console, ("title", "id", whole("year"), Column("theme", spare=1), "only here"), rows)
    shared = [
        (
            trait.text,
            trait.role,
            "all" if len(trait.items) == len(titles) else ", ".join(titles[id] for id in trait.items),
        )
        for trait in found.traits
    ]
    table(console, ("shared", whole(spare=1), "by"), shared)
    pairs = [
        (*pair.titles, bar(pair.score / FULL_BAR), f"{pair.score:.2f}", pair.why)
        if pair.parts
        else (*pair.titles, "", "none", "nothing to compare them by")
        for pair in found.pairs
    ]
    table(console, ("title", "title", whole(spare=1), whole("score"), "why"), pairs)


def evaluation(found: Evaluation) -> None:
    """How well recommendations did."""
    console = terminal()
    for note in found.notes:
        console.print(note, style="dim", markup=False, highlight=False)
    few = f" ({count(found.too_few)} with fewer than two likes left out)" if found.too_few else ""
    console.print(f"{plural(found.users, 'user')}, {plural(found.held_out, 'like')} to find{few}", highlight=False)
    figures = {(each.recommender, each.metric): each for each in (*found.figures, *found.differences)}
    names, metrics = (list(dict.fromkeys(pair[i] for pair in figures)) for i in (0, 1))
    rows = [(name, *(_figure(figures.get((name, metric))) for metric in metrics)) for name in names]
    table(console, ("mean [95 % interval]", *metrics), rows)


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{figure.mean:.3f}" + ("" if figure.low is None else f" [{figure.low:.3f}, {figure.high:.3f}]")


def warnings(said: Sequence[str]) -> None:
    """What went otherwise than the asker may think: lines of stderr, beside JSON too."""
    for warning in said:
        print(warning, file=sys.stderr)


def assigned(found: Assignments) -> None:
    """The themes that new items belong to."""
    rows = [
        (each.id, each.title, each.theme or "outlier", each.label, bar(each.strength), f"{each.strength:.2f}")
        for each in found
    ]
    table(
        terminal(), (Column("id", spare=1), "title", whole("theme"), "label", whole(spare=2), whole("strength")), rows
    )


# --- themes ------------------------------------------------------------------------------------------------


def themes(found: Listing[Theme], why: str) -> None:
    """Themes, or why there are none."""
    console = terminal()
    if not found:
        console.print(why, markup=False, highlight=False)
        return
    rows = [
        (
            theme.id,
            theme.label,
            f"{theme.size:,}",
            bar(theme.share / max(each.share for each in found)),
            ", ".join(item.title for item in theme.exemplars[:3]),
        )
        for theme in found
    ]
    table(console, (whole("theme"), "label", whole("items"), whole(spare=1), "such as"), rows)


def theme(found: Any) -> None:
    """One theme and its items."""
    console = terminal()
    heading = f"{found.id}  {found.label}  ({plural(found.size, 'item')}, {share(found.share)} of the catalog)"
    _headed(console, heading, found.keywords)
    rows = [
        (item.id, item.title, bar(item.strength), f"{item.strength:.2f}", "attached" if item.attached else "")
        for item in found.items
    ]
    table(console, ("id", "title", whole(spare=1), whole("strength"), whole()), rows)


def history(found: Mapping[str, Any]) -> None:
    """What happened to a theme, night by night."""
    console, entry = terminal(), found["theme"]
    before = f" (before: {'; '.join(entry.names)})" if entry.names else ""
    _headed(console, f"{entry.id}  {entry.label}{before}")
    rows = [
        (
            str(each.version),
            each.created[:10],
            each.kind,
            each.theme,
            ", ".join(each.others),
            bar(each.confidence),
            f"{each.confidence:.2f}",
        )
        for each in found["events"]
    ]
    columns = (
        whole("version"), whole("created", 2), whole("event"), whole("theme"), Column("others", spare=1),
        whole(spare=3), whole("confidence"),
    )  # fmt: skip
    table(console, columns, rows)


def label(found: Any) -> None:
    """Words for some items."""
    console = terminal()
    if found.note:
        print(f"This is a keyword label because {found.note}", file=sys.stderr)
    _headed(console, found.text, found.keywords)
    table(console, ("id", "such as"), [(item.id, item.title) for item in found.items])


def edits(found: Listing[Edit], counting: Set[int]) -> None:
    """Edits; `counting` are the numbers of those that were not undone."""
    if not found:
        print("no edits")
    rows = [
        (
            str(edit.number),
            edit.created[:10],
            edit.kind,
            _what(edit),
            _stabilities(edit),
            "" if edit.number in counting or edit.kind == "undo" else "undone",
        )
        for edit in found
    ]
    table(terminal(), (whole("edit"), whole("date", 1), whole(), "what", whole("stability", 2), whole()), rows)


def _what(edit: Edit) -> str:
    """What an edit is about: themes, items, the new label, another edit."""
    items = " | ".join(", ".join(group) for group in edit.items)
    return ": ".join(filter(None, (" ".join(edit.themes), items, edit.text, str(edit.undoes or ""))))


def _stabilities(edit: Edit) -> str:
    """What an edit costs: the stability of each theme before and after it, a line each."""

    def said(of: Mapping[str, float], id: str) -> str:
        return f"{of[id]:.2f}" if id in of else "none"

    themes = dict.fromkeys((*edit.before, *edit.after))
    return "\n".join(f"{id} {said(edit.before, id)} to {said(edit.after, id)}" for id in themes)


# --- trends ------------------------------------------------------------------------------------------------


def trends(chosen: argparse.Namespace, found: Listing[Trend], opened: Engine) -> None:
    """How themes move, as a table, CSV or JSON."""
    answer(chosen, found, _trends_csv if chosen.csv else _trends, opened)


def _trends_csv(found: Listing[Trend], _: Engine) -> None:
    names = ("theme", "label", "measure", "status", "lift", "low", "high", "p", "q")
    rows = [[*(getattr(each, name) for name in names), " ".join(each.carriers)] for each in found]
    as_csv((*names, "carriers"), rows)


def _trends(found: Listing[Trend], opened: Engine) -> None:
    console, judged = terminal(), opened.trend_results
    if found:
        _trend_table(console, found, dict(zip(opened.catalog.ids, opened.catalog.titles, strict=True)))
    else:
        print(judged.why or "No theme rises beyond chance")
    for note in judged.notes:
        print(note, file=sys.stderr)


def _trend_table(console: Console, found: Listing[Trend], titles: Mapping[str, str]) -> None:
    alike = len({(each.measure, each.periods) for each in found}) == 1
    if alike:
        recent = [name for name, part in zip(found[0].periods, found[0].parts, strict=True) if part == "recent"]
        span = f"share of {found[0].measure}: {recent[0]} to {recent[-1]} against {found[0].periods[0]} on"
        console.print(span, style="dim", markup=False, highlight=False)
    rows = [
        (
            each.theme,
            each.label,
            "" if alike else each.measure,
            _sparkline([share for share, part in zip(each.shares, each.parts, strict=True) if part != "incomplete"]),
            each.status,
            "" if each.lift != each.lift else f"{each.lift:.2f}",
            "" if each.lift != each.lift else f"{each.low:.2f}-{each.high:.2f}",
            f"{each.q:.3f}",
            ", ".join(titles[id] for id in each.carriers[:2]) if each.rises else "",
        )
        for each in found
    ]
    columns = (
        whole("theme"), Column("label", narrowest=13), whole("of"), whole("share", 2), whole(), whole("lift"),
        whole("95 %", 1), whole("q", 3), Column("carried by", spare=4),
    )  # fmt: skip
    table(console, columns, rows)


def _sparkline(values: Sequence[float], width: int = 14) -> str:
    """A line of small bars, the last `width` values; "" where the terminal has no such letters."""
    marks = "▁▂▃▄▅▆▇█"
    shown = [0.0 if value != value else value for value in values[-width:]]
    highest = max(shown, default=0.0) or 1.0
    return "".join(marks[round(value / highest * 7)] for value in shown) if can_print(marks) else ""


def changes(found: Listing[Any], opened: Engine) -> None:
    """Why shares are other than before."""
    labels = opened.labels(each.theme for each in found)
    rows = [
        (
            each.theme,
            labels.get(each.theme, ""),
            f"{each.before:.1%}",  # finer than elsewhere, as the parts beside it are
            f"{each.after:.1%}",
            *(f"{100 * part:+.2f}" for part in (each.titles, each.demand, each.clustering)),
        )
        for each in found
    ]
    columns = (
        whole("theme"), "label", whole("before"), whole("after"), whole("titles"), whole("demand", 1),
        whole("regrouped"),
    )  # fmt: skip
    console = terminal()
    for measure in {each.measure for each in found}:
        console.print(f"share of {measure}", style="dim", highlight=False)
    table(console, columns, rows)
    legend = "Percentage points of the change due to: titles added or removed, audience, items that changed their theme"
    console.print(legend, highlight=False)


# --- forms -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    heading: str = ""
    spare: int = 0  # which goes first where all do not fit: the one with the highest number; 0 stays
    narrowest: int | None = NARROWEST  # characters it may shrink to; None: not at all, as of numbers and ids of themes


def whole(heading: str = "", spare: int = 0) -> Column:
    """A column whose cells, of one or more lines, are never folded."""
    return Column(heading, spare, None)


def table(console: Console, columns: Sequence[Column | str], rows: Sequence[Sequence[str]]) -> None:
    """A table as wide as the console; cells are folded, not cut, and what has to go for want of room is named.

    Columns that say nothing in any row are left out, and without rows there is no table.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    every = [Column(each) if isinstance(each, str) else each for each in columns]
    kept = _fitting(every, rows, console.width)
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, BETWEEN - 1, 0, 0))
    for number in kept:
        shown.add_column(every[number].heading, no_wrap=every[number].narrowest is None, overflow="fold")
    for row in rows:
        cells = (row[number] if every[number].narrowest is None else row[number].replace("\n", " ") for number in kept)
        shown.add_row(*(Text(cell, overflow="fold") for cell in cells))
    console.print(shown)
    full = {number for row in rows for number, cell in enumerate(row) if cell}
    lacking = [each.heading for number, each in enumerate(every) if number in full - set(kept) and each.heading]
    if lacking:
        console.print(f"A wider terminal also shows: {', '.join(lacking)}", style="dim", highlight=False)


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Which columns say something and have room."""
    from rich.cells import cell_len

    needed = []
    for number, column in enumerate(columns):
        lines = (line for row in rows for line in row[number].split("\n"))
        longest = max([cell_len(column.heading), *map(cell_len, lines)])
        needed.append(BETWEEN + (longest if column.narrowest is None else min(longest, column.narrowest)))
    kept = [number for number in range(len(columns)) if any(row[number] for row in rows)]
    while sum(needed[number] for number in kept) > width and any(columns[number].spare for number in kept):
        kept.remove(max(kept, key=lambda number: columns[number].spare))
    return kept


def _headed(console: Console, heading: str, keywords: Sequence[str] = ()) -> None:
    """A heading, and the words below it."""
    console.print(heading, style="bold", markup=False, highlight=False)
    if keywords:
        console.print(", ".join(keywords), style="dim", markup=False, highlight=False)


def _moment(created: str) -> str:
    """2026-11-22T03:11:30+00:00 -> 2026-11-22 03:11."""
    return created[:16].replace("T", " ")


def pending(opened: Engine) -> None:
    """What a version's report cannot have: a line of stderr."""
    if opened.pending:
        edits_were = plural(len(opened.pending), "edit was", "edits were")
        print(f"{edits_were} made since this version. The next run's report will include them", file=sys.stderr)


def line(_: Any, said: str) -> None:
    """One line, if there is anything to say."""
    if said:
        print(said)


def text(written: str) -> None:
    """A page or a text as it is; letters that the terminal lacks as entities."""
    print(written if can_print(written) else written.encode("ascii", "xmlcharrefreplace").decode(), end="")


def as_csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows that are safe to open in a spreadsheet."""
    from discover.core import spreadsheet

    print(spreadsheet.text(headings, rows), end="")


def as_json(content: Any) -> None:
    """Anything made of nouns."""
    text = json.dumps(plain(content), ensure_ascii=False, indent=1, allow_nan=False)
    print(text if can_print(text) else json.dumps(json.loads(text), indent=1))


def terminal(stderr: bool = False) -> Console:
    """Where tables go."""
    from rich.console import Console

    return Console(stderr=stderr)


def bar(value: float, width: int = 10) -> str:
    """A bar for a value in [0, 1]."""
    return ("█" if can_print("█") else "#") * max(0, min(width, round(value * width)))


def progress() -> Any:
    """Progress bars with rate and time left on stderr, if that is a terminal; else None."""
    console = terminal(stderr=True)
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


def can_print(text: str) -> bool:
    """Whether standard output has all of these letters."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
