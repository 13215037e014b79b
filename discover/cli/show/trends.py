"""How themes move, and why their shares changed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from discover.cli.show.output import can_print, print_answer, print_csv, terminal
from discover.cli.show.table import Column, print_table, whole
from discover.core.types import Listing

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from discover.core.types import Trend
    from discover.engine.engine import Engine


def show_trends(chosen: argparse.Namespace, trends: Listing[Trend], opened: Engine) -> None:
    """Show how themes move, as a table, CSV or JSON."""
    print_answer(chosen, trends, _print_trends if chosen.csv else _show_trends, opened)


def _print_trends(trends: Listing[Trend], _: Engine) -> None:
    names = ("theme", "label", "measure", "status", "lift", "low", "high", "p", "q")
    rows = [[*(getattr(trend, name) for name in names), " ".join(trend.carriers)] for trend in trends]
    print_csv((*names, "carriers"), rows)


def _show_trends(trends: Listing[Trend], opened: Engine) -> None:
    console, results = terminal(), opened.trend_results
    if trends:
        _show_trend_table(console, trends, dict(zip(opened.catalog.ids, opened.catalog.titles, strict=True)))
    else:
        print(results.why or "No theme rises beyond chance")
    for note in results.notes:
        print(note, file=sys.stderr)


def _show_trend_table(console: Console, trends: Listing[Trend], titles: Mapping[str, str]) -> None:
    alike = len({(trend.measure, trend.periods) for trend in trends}) == 1
    if alike:
        recent = [name for name, part in zip(trends[0].periods, trends[0].parts, strict=True) if part == "recent"]
        span = f"share of {trends[0].measure}: {recent[0]} to {recent[-1]} against {trends[0].periods[0]} on"
        console.print(span, style="dim", markup=False, highlight=False)
    rows = [
        (
            trend.theme,
            trend.label,
            "" if alike else trend.measure,
            _sparkline([share for share, part in zip(trend.shares, trend.parts, strict=True) if part != "incomplete"]),
            trend.status,
            "" if trend.lift != trend.lift else f"{trend.lift:.2f}",
            "" if trend.lift != trend.lift else f"{trend.low:.2f}-{trend.high:.2f}",
            f"{trend.q:.3f}",
            ", ".join(titles[id] for id in trend.carriers[:2]) if trend.rises else "",
        )
        for trend in trends
    ]
    columns = (
        whole("theme"), Column("label", narrowest=13), whole("measure"), whole("share", 2), whole(), whole("lift"),
        whole("95 %", 1), whole("q", 3), Column("carried by", spare=4),
    )  # fmt: skip
    print_table(console, columns, rows)


def _sparkline(values: Sequence[float], width: int = 14) -> str:
    """A line of small bars, the last `width` values; "" where the terminal has no such letters."""
    marks = "▁▂▃▄▅▆▇█"
    shown = [0.0 if value != value else value for value in values[-width:]]
    highest = max(shown, default=0.0) or 1.0
    return "".join(marks[round(value / highest * 7)] for value in shown) if can_print(marks) else ""


def show_changes(changes: Listing[Any], opened: Engine) -> None:
    """Show why the themes' shares changed."""
    labels = opened.labels(change.theme for change in changes)
    rows = [
        (
            change.theme,
            labels.get(change.theme, ""),
            f"{change.before:.1%}",  # finer than elsewhere, as the parts beside it are
            f"{change.after:.1%}",
            *(f"{100 * part:+.2f}" for part in (change.titles, change.demand, change.clustering)),
        )
        for change in changes
    ]
    columns = (
        whole("theme"), "label", whole("before"), whole("after"), whole("titles"), whole("demand", 1),
        whole("regrouped"),
    )  # fmt: skip
    console = terminal()
    for measure in {change.measure for change in changes}:
        console.print(f"share of {measure}", style="dim", highlight=False)
    print_table(console, columns, rows)
    legend = "Percentage points of the change due to: titles added or removed, audience, items that changed their theme"
    console.print(legend, highlight=False)
