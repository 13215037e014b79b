"""What a command found, as people read it: tables and bars on a terminal, JSON, CSV. No logic."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from discover.nouns import Listing, plain
from discover.words import count, plural

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from discover.encoders.base import Advance
    from discover.engine import Engine
    from discover.nouns import Dossier, Evaluation, Explanation, Figure, RunSummary, Trend

FULL_BAR = 4.0  # score at which a bar is full, unless an answer has more


def run(summary: RunSummary) -> None:
    """What came of a run: the columns that were used, warnings, themes."""
    from rich.markup import escape

    from discover import engine

    console, opened = terminal(), engine.open(summary.workspace, summary.version)
    for role, columns in summary.mapping.items():
        guessed = " [dim](guessed)[/]" if role in summary.guessed else ""
        console.print(f"[dim]{role:>12}[/]  {escape(', '.join(columns))}{guessed}", highlight=False)
    if summary.unused:
        console.print(f"[dim]{'not used':>12}[/]  {escape(', '.join(summary.unused))}", highlight=False)
    for warning in summary.warnings:
        console.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    themes(opened.themes(), opened.why)
    console.print(outcome(summary), markup=False, highlight=False)
    console.print(f"report: {escape(str(summary.report))}", highlight=False, soft_wrap=True)


def outcome(summary: RunSummary) -> str:
    """What came of a run, in one line."""
    counts = {**summary.counts, "warnings": len(summary.warnings), "removed old versions": len(summary.removed)}
    told = ", ".join(plural(value, name.removesuffix("s"), name) for name, value in counts.items() if value)
    return f"version {summary.version}: {told} in {sum(summary.timings.values()):.1f} s"


def matches(chosen: argparse.Namespace, opened: Any, found: Any) -> None:
    """Answers to a query, as a table, CSV or JSON."""
    if found.note:
        print(found.note, file=sys.stderr)
    if chosen.json:
        as_json(found)
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
        as_csv(("id", "title", "year", "score", "percentile", "why", *spaces), rows)
        return
    most = max([FULL_BAR, *(match.score for match in found)])
    rows = [
        (
            match.title,
            str(year or ""),
            match.id,
            bar(match.score / most),
            f"{match.score:.2f}",
            match.why,
        )
        for match, year in zip(found, years, strict=True)
    ]
    console = terminal()
    if rows:
        table(console, ("title", "year", "id", "", "score", "why"), rows)
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
    table(console, ("adds", "space", "by", "item", ""), rows)


def dossier(found: Dossier) -> None:
    """Items side by side."""
    console, titles = terminal(), {item.id: item.title for item in found.items}
    rows = [
        (item.title, item.id, str(item.year or ""), " › ".join(item.themes), ", ".join(item.apart))
        for item in found.items
    ]
    table(console, ("title", "id", "year", "theme", "only here"), rows)
    shared = [
        (
            trait.text,
            trait.role,
            "all" if len(trait.items) == len(titles) else ", ".join(titles[id] for id in trait.items),
        )
        for trait in found.traits
    ]
    table(console, ("shared", "", "by"), shared)
    pairs = [
        (*pair.titles, bar(pair.score / FULL_BAR), f"{pair.score:.2f}", pair.why)
        if pair.parts
        else (*pair.titles, "", "none", "nothing to compare them by")
        for pair in found.pairs
    ]
    table(console, ("title", "title", "", "score", "why"), pairs)


def evaluation(found: Evaluation) -> None:
    """How well recommendations did."""
    console = terminal()
    for note in found.notes:
        console.print(note, style="dim", markup=False, highlight=False)
    few = f"; {count(found.too_few)} with fewer than two likes left out" if found.too_few else ""
    console.print(f"{plural(found.users, 'user')}, {plural(found.held_out, 'like')} to find{few}", highlight=False)
    figures = {(each.recommender, each.metric): each for each in (*found.figures, *found.differences)}
    names, metrics = (list(dict.fromkeys(pair[i] for pair in figures)) for i in (0, 1))
    rows = [(name, *(_figure(figures.get((name, metric))) for metric in metrics)) for name in names]
    table(console, ("mean [95 % interval]", *metrics), rows)


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{figure.mean:.3f}" + ("" if figure.low is None else f" [{figure.low:.3f}, {figure.high:.3f}]")


def themes(found: Listing[Any], why: str) -> None:
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
    table(console, ("theme", "label", "items", "", "such as"), rows)


def trends(opened: Engine, found: Listing[Trend]) -> None:
    """How themes move."""
    if not found:
        return
    titles = dict(zip(opened.catalog.ids, opened.catalog.titles, strict=True))
    console = terminal()
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
    table(console, ("theme", "label", "of", "share", "", "lift [95 %]", "q", "carried by"), rows)


def _sparkline(values: Sequence[float], width: int = 14) -> str:
    """A line of small bars, the last `width` values; "" where the terminal has no such letters."""
    marks = "▁▂▃▄▅▆▇█"
    shown = [0.0 if value != value else value for value in values[-width:]]
    highest = max(shown, default=0.0) or 1.0
    return "".join(marks[round(value / highest * 7)] for value in shown) if can_print(marks) else ""


def table(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; cells are wrapped, not cut."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        shown.add_row(*(Text(cell.replace("\n", " "), overflow="fold") for cell in row))
    console.print(shown)


def as_csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows that are safe to open in a spreadsheet."""
    from discover import spreadsheet

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


def progress(console: Console) -> Any:
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


def can_print(text: str) -> bool:
    """Whether standard output has all of these letters."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
