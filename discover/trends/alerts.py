"""Alerts of all runs, and what came of them.

A rise that a run reports is an alert, unless the last run reported it as well. Alerts are carried from version to
version, so that pruning loses none, and every run scores them by what came since: with the items that the theme has
now, and the measures of `discover.nightly.backtest`, as `Alert` describes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from math import nan

import numpy as np

from discover.core.types import Alert, Themes, Trends
from discover.trends import periods
from discover.trends.periods import Events


def add_alerts(before: Sequence[Alert], last: Trends, trends: Trends, version: int, created: str) -> tuple[Alert, ...]:
    """All alerts up to this run, oldest first: those of `before`, and rises that the `last` run's trends had not."""
    known = {(trend.theme, trend.measure) for trend in last.trends if trend.rises}
    new = [
        Alert(version, created, trend)
        for trend in trends.trends
        if trend.rises and (trend.theme, trend.measure) not in known
    ]
    return (*before, *({(alert.trend.theme, alert.trend.measure): alert for alert in reversed(new)}.values()))


def score_alerts(
    alerts: Iterable[Alert],
    themes: Themes,
    events: Iterable[Events],
    least: float,
    as_of: date | None = None,
) -> tuple[Alert, ...]:
    """The alerts with what came of them. `events` are those of each measure.

    An alert by an audience that is not known any more stays open.
    """
    by_measure = {measured.measure: measured for measured in events}
    return tuple(_score(alert, themes, by_measure.get(alert.trend.measure), least, as_of) for alert in alerts)


def _score(
    alert: Alert,
    themes: Themes,
    events: Events | None,
    least: float,
    as_of: date | None,
) -> Alert:
    trend = alert.trend
    place = themes.find(trend.theme)
    if place is None:
        return replace(alert, outcome="lost", past=nan, recent=nan, after=nan)
    if events is None or not len(events):
        return replace(alert, outcome="open", past=nan, recent=nan, after=nan)
    level, number = place
    period, first = periods.parse_name(trend.periods[0])
    past, recent = trend.parts.count("past"), trend.parts.count("recent")
    numbers = periods.count_periods(events.days, period) - first
    mine = level.members[events.rows] == number

    def share(start: int, stop: int) -> float:
        """The theme's share over these periods; NaN where the catalog has nothing in them."""
        inside = (numbers >= start) & (numbers < stop)
        whole = float(events.weights[inside].sum())
        return float(events.weights[inside & mine].sum()) / whole if whole else nan

    before, now = share(0, past), share(past, past + recent)
    if periods.last_complete(events.days, period, as_of) - first < past + 2 * recent - 1:
        return replace(alert, outcome="open", past=before, recent=now, after=nan)
    after = share(past + recent, past + 2 * recent)
    held = bool(np.nan_to_num(after) >= least * np.nan_to_num(before)) and after > 0
    return replace(alert, outcome="held" if held else "faded", past=before, recent=now, after=after)
