"""Items: matches of a query, items side by side, recommendations judged, new items assigned."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from discover.cli.show.output import print_answer, print_csv, terminal
from discover.cli.show.table import Column, bar, print_table, whole
from discover.core.words import count, plural

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from discover.core.types import Assignments, Dossier, Evaluation, Explanation, Figure
    from discover.engine.engine import Engine

FULL_BAR_SCORE = 4.0  # score at which a bar is full, unless an answer has more


def show_matches(chosen: argparse.Namespace, matches: Any, opened: Engine) -> None:
    """Show the matches of a query, as a table, CSV or JSON."""
    if matches.understood:
        print("Understood as " + "; ".join(chip.label for chip in matches.understood), file=sys.stderr)
    if matches.note:
        print(matches.note, file=sys.stderr)
    print_answer(chosen, matches, _print_matches if chosen.csv else _show_matches, opened)
    if not matches and not matches.note and not chosen.json:
        print("No other items match" + (" --where" if chosen.where else ""), file=sys.stderr)


def _print_matches(matches: Any, opened: Engine) -> None:
    spaces = list(dict.fromkeys(space for match in matches for space in match.parts))
    years = opened.years([match.id for match in matches])
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
        for match, year in zip(matches, years, strict=True)
    ]
    print_csv(("id", "title", "year", "score", "percentile", "why", *spaces), rows)


def _show_matches(matches: Any, opened: Engine) -> None:
    console, most = terminal(), max([FULL_BAR_SCORE, *(match.score for match in matches)])
    years = opened.years([match.id for match in matches])
    rows = [
        (match.title, str(year or ""), match.id, bar(match.score / most), f"{match.score:.2f}", match.why)
        for match, year in zip(matches, years, strict=True)
    ]
    print_table(console, ("title", whole("year", 1), "id", whole(spare=2), whole("score"), "why"), rows)
    for match in matches:
        if match.explanation is not None:
            _show_explanation(console, match.explanation)


def _show_explanation(console: Console, explanation: Explanation) -> None:
    heading = f"{explanation.titles[1]}  {explanation.score:.3f}  ({explanation.why})"
    console.print(heading, style="bold", markup=False, highlight=False)
    rows = [
        (f"{term.amount:+.3f}", term.space, term.role or term.kind, term.item, term.text)
        for term in explanation.evidence
    ]
    print_table(console, (whole("adds"), whole("space"), whole("by", 1), Column("item", spare=2), ""), rows)


def show_dossier(dossier: Dossier) -> None:
    """Items side by side."""
    console, titles = terminal(), {item.id: item.title for item in dossier.items}
    rows = [
        (item.title, item.id, str(item.year or ""), " › ".join(item.themes), ", ".join(item.apart))
        for item in dossier.items
    ]
    print_table(console, ("title", "id", whole("year"), Column("theme", spare=1), "only here"), rows)
    shared = [
        (
            trait.text,
            trait.role,
            "all" if len(trait.items) == len(titles) else ", ".join(titles[id] for id in trait.items),
        )
        for trait in dossier.traits
    ]
    print_table(console, ("shared", whole(spare=1), "by"), shared)
    pairs = [
        (*pair.titles, bar(pair.score / FULL_BAR_SCORE), f"{pair.score:.2f}", pair.why)
        if pair.parts
        else (*pair.titles, "", "none", "nothing to compare them by")
        for pair in dossier.pairs
    ]
    print_table(console, ("title", "title", whole(spare=1), whole("score"), "why"), pairs)


def show_evaluation(evaluation: Evaluation) -> None:
    """How well recommendations did."""
    console = terminal()
    for note in evaluation.notes:
        console.print(note, style="dim", markup=False, highlight=False)
    left_out = f" ({count(evaluation.too_few)} with fewer than two likes left out)" if evaluation.too_few else ""
    console.print(
        f"{plural(evaluation.users, 'user')}, {plural(evaluation.held_out, 'like')} to find{left_out}", highlight=False
    )
    figures = {(figure.recommender, figure.metric): figure for figure in (*evaluation.figures, *evaluation.differences)}
    names, metrics = (list(dict.fromkeys(pair[i] for pair in figures)) for i in (0, 1))
    rows = [(name, *(_interval(figures.get((name, metric))) for metric in metrics)) for name in names]
    print_table(console, ("mean [95 % interval]", *metrics), rows)


def _interval(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{figure.mean:.3f}" + ("" if figure.low is None else f" [{figure.low:.3f}, {figure.high:.3f}]")


def show_assignments(assignments: Assignments) -> None:
    """The themes that new items belong to."""
    rows = [
        (item.id, item.title, item.theme or "outlier", item.label, bar(item.strength), f"{item.strength:.2f}")
        for item in assignments
    ]
    print_table(
        terminal(), (Column("id", spare=1), "title", whole("theme"), "label", whole(spare=2), whole("strength")), rows
    )
