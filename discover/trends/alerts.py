"""Alerts of all nights, and what came of them.

A rise that a night tells is an alert, unless the night before told it as well. Alerts are carried from version to
version, so that pruning loses none, and every night scores them by what came since: with the items that the theme has
now, and the measures of `discover.nightly.backtest`, as `Alert` describes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from math import nan

import numpy as np

from discover.core.types import Alert, Level, Trends
from discover.trends import periods
from discover.trends.periods import Events


def told(before: Sequence[Alert], last: Trends, tonight: Trends, version: int, created: str) -> tuple[Alert, ...]:
    """All alerts up to tonight, oldest first: those of `before`, and rises that the `last` night's trends had not."""
    known = {(trend.theme, trend.measure) for trend in last.found if trend.rises}
    new = [
        Alert(version, created, trend)
        for trend in tonight.found
        if trend.rises and (trend.theme, trend.measure) not in known
    ]
    return (*before, *({(each.trend.theme, each.trend.measure): each for each in reversed(new)}.values()))


def scored(
    alerts: Iterable[Alert],
    ids: Sequence[Sequence[str]],
    levels: Sequence[Level],
    events: Iterable[Events],
    least: float,
    as_of: date | None = None,
) -> tuple[Alert, ...]:
    """The alerts with what came of them. `ids` are those of the themes by level and number; `events` by measure.

    An alert by an audience that is not known any more stays open.
    """
    measured = {each.measure: each for each in events}
    return tuple(_scored(alert, ids, levels, measured.get(alert.trend.measure), least, as_of) for alert in alerts)


def _scored(
    alert: Alert,
    ids: Sequence[Sequence[str]],
    levels: Sequence[Level],
    events: Events | None,
    least: float,
    as_of: date | None,
) -> Alert:
    trend = alert.trend
    places = [
        (level, named.index(trend.theme)) for level, named in zip(levels, ids, strict=True) if trend.theme in named
    ]
    if not places:
        return replace(alert, outcome="lost", past=nan, recent=nan, after=nan)
    if events is None or not len(events):
        return replace(alert, outcome="open", past=nan, recent=nan, after=nan)
    level, number = places[0]
    period, first = periods.named(trend.periods[0])
    past, recent = trend.parts.count("past"), trend.parts.count("recent")
    numbers = periods.number(events.days, period) - first
    mine = level.members[events.rows] == number

    def share(start: int, stop: int) -> float:
        inside = (numbers >= start) & (numbers < stop)
        whole = float(events.weights[inside].sum())
        return float(events.weights[inside & mine].sum()) / whole if whole else nan

    before, now = share(0, past), share(past, past + recent)
    if periods.complete(events.days, period, as_of) - first < past + 2 * recent - 1:
        return replace(alert, outcome="open", past=before, recent=now, after=nan)
    after = share(past + recent, past + 2 * recent)
    held = bool(np.nan_to_num(after) >= least * np.nan_to_num(before)) and after > 0
    return replace(alert, outcome="held" if held else "faded", past=before, recent=now, after=after)
