"""Runs: the outcome of one, the versions, a backtest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.cli.show.output import terminal
from discover.cli.show.table import print_table, whole
from discover.cli.show.themes import show_themes
from discover.core.types import OUTCOME_WORDS, Listing
from discover.core.words import plural, share

if TYPE_CHECKING:
    from discover.core.types import RunSummary
    from discover.engine.engine import Engine
    from discover.nightly.backtest import Backtest


def show_run(summary: RunSummary) -> None:
    """Show the outcome of a run: the columns that were used, warnings, themes."""
    from rich.markup import escape

    from discover.engine import engine

    console, opened = terminal(), engine.open(summary.workspace, summary.version)
    for warning in summary.warnings:
        console.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    for role, columns in summary.mapping.items():
        guessed = " [dim](guessed)[/]" if role in summary.guessed else ""
        console.print(f"[dim]{role:>12}[/]  {escape(', '.join(columns))}{guessed}", highlight=False)
    for role, other in opened.catalog.fallbacks.items():
        console.print(f"[dim]{role:>12}[/]  as {other}: no column says when items were {role}", highlight=False)
    if summary.unused:
        console.print(f"[dim]{'not used':>12}[/]  {escape(', '.join(summary.unused))}", highlight=False)
    show_themes(opened.themes(), opened.why)
    console.print(_outcome(summary), markup=False, highlight=False)
    console.print(f"report: {escape(str(summary.report))}", highlight=False, soft_wrap=True)


def print_outcome(summary: RunSummary) -> None:
    """Print the outcome of a run in one line."""
    print(_outcome(summary))


def _outcome(summary: RunSummary) -> str:
    counts = {**summary.counts, "warnings": len(summary.warnings), "removed old versions": len(summary.removed)}
    counted = ", ".join(plural(value, name.removesuffix("s"), name) for name, value in counts.items() if value)
    return f"version {summary.version}: {counted} in {sum(summary.timings.values()):.1f} s"


def print_undone(summary: RunSummary) -> None:
    """Print what failed after the version was written. No report has it, so it goes to stderr."""
    for warning in summary.undone:
        print(f"discover: {' '.join(warning.split())}", file=sys.stderr)


def print_next_steps(workspace: str) -> None:
    """Print what to try after the demo."""
    print(f'next: {sys.argv[0]} search "a haunted house" -w {workspace}')
    print(f"in a browser: the report, or {sys.argv[0]} serve -w {workspace}")


def print_pending(opened: Engine) -> None:
    """Say on stderr how many edits a version's report does not have yet."""
    if opened.pending:
        edits_were = plural(len(opened.pending), "edit was", "edits were")
        print(f"{edits_were} made since this version. The next run's report will include them", file=sys.stderr)


def show_backtest(_: Any, backtest: Backtest, written: Sequence[Path]) -> None:
    """Show every first alert and its outcome."""
    console, shown = terminal(), [alert for alert in backtest.alerts if alert.first]
    rows = [
        (
            alert.created, alert.trend.label, str(alert.trend.level), alert.trend.measure, alert.trend.status,
            f"{alert.trend.lift:.2f}",
            *("" if part != part else share(part) for part in (alert.past, alert.recent, alert.after)),
            OUTCOME_WORDS[alert.outcome].label, "" if alert.lead is None else str(alert.lead),
        )
        for alert in shown
    ]  # fmt: skip
    columns = (
        whole("as of"), "theme", whole("level", 5), whole("measure", 6), whole(), whole("lift"), whole("past", 3),
        whole("recent", 3), whole("after", 2), whole(), whole("lead", 1),
    )  # fmt: skip
    print_table(console, columns, rows)
    firsts = ", ".join(f"{count} {OUTCOME_WORDS[outcome].label}" for outcome, count in backtest.firsts.items())
    runs = plural(len(backtest.days), "run")
    console.print(f"{runs}, {plural(len(shown), 'first alert')}: {firsts}", highlight=False)
    if backtest.precision is not None:
        like = f", themes without an alert {share(backtest.quiet_held / backtest.quiet)}" if backtest.quiet else ""
        periods = "period" if backtest.lead == 1 else "periods"
        lead = "" if backtest.lead is None else f", median lead {backtest.lead:g} {periods}"
        console.print(f"precision {share(backtest.precision)}{like}{lead}", highlight=False)
    if backtest.null_runs:
        alarms = share(backtest.null_alerts / backtest.null_runs)
        null = (
            f"with permuted dates: {backtest.null_alerts} of {plural(backtest.null_runs, 'run')} had an alert ({alarms}"
        )
        console.print(f"{null}, expected {share(backtest.rate)})", highlight=False)
    for path in written:
        print(path)


def show_versions(versions: Listing[Any]) -> None:
    """The versions of a workspace."""
    rows = [
        (
            str(version.number),
            "current" if version.current else "",
            _minute(version.created),
            version.source,
            f"{version.items:,}",
            f"{version.themes:,}",
        )
        for version in versions
    ]
    print_table(
        terminal(), (whole("version"), whole(), whole("created"), "source", whole("items"), whole("themes")), rows
    )


def _minute(created: str) -> str:
    """2026-11-22T03:11:30+00:00 -> 2026-11-22 03:11."""
    return created[:16].replace("T", " ")
