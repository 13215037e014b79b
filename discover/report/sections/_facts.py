"""What several sections state about a run, worked out in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.groups import contingency
from discover.core.types import Alert, Event, RunResults, Theme, Trend, WhiteSpace
from discover.core.words import length, period, span
from discover.report.sections.base import evidence
from discover.themes import duplicates
from discover.trends import periods

MIN_NEIGHBOUR_SHARE = 0.02  # share of a theme's nearest neighbours in another, from which the two can be compared
MAX_COMPARABLE = 3  # other themes that a theme names
NEAR_MOVING_P = 0.1  # p below which something is near to moving
MAX_CARRIERS = 3  # titles that a rise names


def titles(results: RunResults, ids: Iterable[str]) -> list[dict[str, str]]:
    """Items by id, with their titles."""
    rows = results.catalog.rows
    return [{"id": id, "title": results.catalog.titles[rows[id]]} for id in ids if id in rows]


def moving(results: RunResults) -> tuple[list[Trend], list[Trend]]:
    """What rises and what fades beyond chance, surest first; a theme of two levels once."""
    changed = {
        (trend.theme, trend.measure): trend for trend in reversed(results.trends.trends) if trend.status != "steady"
    }
    # a theme that is dormant by nothing in both windows changed nothing: its p is not small
    moved = [trend for trend in changed.values() if trend.rises or trend.q <= _rate(results)]
    moved.sort(key=lambda trend: (trend.q, trend.p, trend.theme, trend.measure))
    return [trend for trend in moved if trend.rises], [trend for trend in moved if not trend.rises]


def nearest(results: RunResults, most: int = 3) -> list[Trend]:
    """What comes nearest to rising or fading, of what does neither, by the first measure; a theme once."""
    first = [trend for trend in results.trends.trends if trend.measure == results.trends.trends[0].measure]
    known = sorted((trend for trend in first if trend.p < NEAR_MOVING_P), key=lambda trend: (trend.p, trend.theme))
    return list({trend.theme: trend for trend in reversed(known)}.values())[::-1][:most]


def _rate(results: RunResults) -> float:
    return float(results.settings["trends"]["rate"])


def describe_trend(results: RunResults, trend: Trend) -> dict[str, Any]:
    """A trend as sections show it; shares are means over the past periods, and over the recent ones."""
    past, recent = (_part(trend, name) for name in ("past", "recent"))
    amount = sum(trend.amounts[i] for i in recent)
    grain = unit(trend.periods)
    return {
        "key": f"{trend.theme}-{trend.measure}",
        "theme": trend.theme,
        "label": trend.label,
        "level": trend.level,
        "measure": trend.measure,
        "status": trend.status,
        "lift": trend.lift,
        "lift_interval": [trend.low, trend.high],
        "p": trend.p,
        "q": trend.q,
        "past_share": _mean([trend.shares[i] for i in past]),
        "recent_share": _mean([trend.shares[i] for i in recent]),
        "recent_amount": amount,
        "past_words": length(len(past), grain),
        "recent_words": length(len(recent), grain),
        "when": span(trend.periods[recent[0]], trend.periods[recent[-1]]) if recent else "",
        "open": ", ".join(period(trend.periods[i]) for i in _part(trend, "incomplete")) or None,
        "first": period(trend.periods[0]) if trend.periods else None,
        "shares": list(trend.shares),
        "parts": list(trend.parts),
        "carriers": titles(results, trend.carriers[:MAX_CARRIERS]) if trend.rises else [],
        "evidence": evidence(trend.carriers, int(amount) if trend.measure == "titles" else len(trend.carriers)),
    }


HOW_TRENDS: Mapping[str, str] = {
    "lift": "trends.measure.judge_themes on catalog/items.parquet (date, audience), themes/members.npy and settings",
    "p": "as lift: two-sided, the larger of an exact test and a regression (trends.rises)",
    "q": "p of all themes and measures of the run, adjusted by Benjamini and Hochberg",
    "past_share": "mean of shares over the periods whose part is past",
    "recent_share": "mean of shares over the periods whose part is recent",
    "recent_amount": "titles (or audience) of the theme dated within the recent periods",
    "shares": "by period: the theme's titles (or audience) over the catalog's, by date and themes/members.npy",
    "level": "themes/named.json",
}


def open_titles(results: RunResults, trend: Trend) -> int | None:
    """How many titles are dated in the trend's incomplete periods; None where it has none."""
    names = [trend.periods[i] for i in _part(trend, "incomplete")]
    if not names:
        return None
    grain, days = periods.parse_name(names[0])[0], periods.read_titles(results.catalog).days
    return int(np.isin(periods.count_periods(days, grain), [periods.parse_name(name)[1] for name in names]).sum())


def _part(trend: Trend, name: str) -> list[int]:
    return [i for i, part in enumerate(trend.parts) if part == name]


def _mean(values: list[float]) -> float | None:
    known = [value for value in values if value == value]
    return sum(known) / len(known) if known else None


def unit(names: tuple[str, ...]) -> str:
    """What periods with such names are: "month", "quarter", "year" or "week"."""
    if not names:
        return "month"
    return "quarter" if "Q" in names[0] else {4: "year", 7: "month", 10: "week"}[len(names[0])]


def news(results: RunResults) -> list[Event]:
    """What happened to themes in this run, likely events only; nothing in a first run, when all are new."""
    if not any(event.version < results.number for event in results.ledger.events):
        return []
    likely = results.ledger.likely()
    return [event for event in likely if event.version == results.number and event.kind != "continued"]


def broadest_level(results: RunResults, theme: str) -> int:
    """The broadest level that a theme is at, or was when it was last there."""
    if theme in results.by_id:
        return results.by_id[theme].level
    return next((entry.level for entry in results.ledger.entries if entry.id == theme), 0)


def wanted(results: RunResults) -> tuple[list[WhiteSpace], list[WhiteSpace]]:
    """Themes asked for more than offered, and those offered more than asked for, both beyond chance; farthest first."""
    once = {space.theme: space for space in reversed(results.trends.white_space)}.values()
    more = sorted((space for space in once if space.low > 1), key=lambda space: (-space.ratio, space.theme))
    less = sorted((space for space in once if space.high < 1), key=lambda space: (space.ratio, space.theme))
    return more, less


def arrivals(results: RunResults, most: int = 3) -> list[tuple[Theme, list[str]]]:
    """The broad themes that took most of the items that came since the last run, with these, most first."""
    if results.diff is None or not results.themes.levels:
        return []
    members = results.themes.levels[0].members
    came = {
        number: np.flatnonzero((members == number) & (results.diff.places < 0)).tolist()
        for number in range(results.themes.levels[0].count)
    }
    themes = [theme for theme in results.named if theme.level == 0 and came[theme.number]]
    themes.sort(key=lambda theme: (-len(came[theme.number]), theme.number))
    return [(theme, [results.catalog.ids[row] for row in came[theme.number]]) for theme in themes[:most]]


def copies(results: RunResults) -> list[NDArray[np.int64]]:
    """The rows of each group of near-duplicates, largest group first."""
    return duplicates.list_groups(duplicates.group(results.graph))


def comparable(results: RunResults) -> list[list[tuple[int, float]]]:
    """By broad theme: other themes and the share of its nearest neighbours that they hold, most first."""
    if not results.themes.levels or not len(results.graph.unique):
        return []
    level = results.themes.levels[0]
    members = level.members[results.graph.unique]
    there = members[results.graph.neighbours]
    weights = np.maximum(results.graph.scores, 0).astype(np.float64)
    own = np.broadcast_to(members[:, None], there.shape)
    links = contingency(own.ravel(), there.ravel(), (level.count, level.count), weights.ravel())
    shares = links[:-1, :-1] / np.maximum(links[:-1].sum(axis=1, keepdims=True), 1e-300)
    np.fill_diagonal(shares, 0)
    best = np.argsort(-shares, axis=1, kind="stable")[:, :MAX_COMPARABLE]
    return [
        [(int(i), float(shares[n, i])) for i in best[n] if shares[n, i] >= MIN_NEIGHBOUR_SHARE]
        for n in range(level.count)
    ]


def members(results: RunResults, theme: Theme) -> list[str]:
    """The ids of a theme's items, strongest first."""
    return [results.catalog.ids[row] for row in results.themes.rows(theme).tolist()]


def earlier_alerts(results: RunResults) -> list[Alert]:
    """The alerts of earlier runs, newest first."""
    return [alert for alert in reversed(results.alerts) if alert.version < results.number]
