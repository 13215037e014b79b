"""A run without the themes that people hid: their items are shown as outliers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np

from discover.core.groups import renumber
from discover.core.types import OUTLIER, Alert, Edit, Event, Level, RunResults, Theme, Themes


def hidden_ids(edits: Iterable[Edit]) -> set[str]:
    """The ids of the themes that standing edits hide."""
    return {edit.themes[0] for edit in edits if edit.kind == "hide"}


def drop_hidden(results: RunResults) -> RunResults:
    """The run as the report shows it. Counts, trends, events and the map know nothing of hidden themes."""
    gone = hidden_ids(results.edits)
    if not gone & results.by_id.keys():
        return results
    themes = drop_themes(results.themes, gone)
    left = [drop_relatives(theme, gone) for theme in results.named if theme.id not in gone]
    named = tuple(replace(theme, number=themes.levels[theme.level].ids.index(theme.id)) for theme in left)
    trends = replace(
        results.trends,
        trends=tuple(trend for trend in results.trends.trends if trend.theme not in gone),
        white_space=tuple(space for space in results.trends.white_space if space.theme not in gone),
    )
    ledger = replace(results.ledger, events=drop_events(results.ledger.events, gone))
    alerts = drop_alerts(results.alerts, gone)
    return replace(results, named=named, themes=themes, trends=trends, ledger=ledger, alerts=alerts)


def drop_relatives(theme: Theme, gone: Collection[str]) -> Theme:
    """A theme that knows of none that is gone, above it or below."""
    children = tuple(child for child in theme.children if child not in gone)
    return replace(theme, parent=None if theme.parent in gone else theme.parent, children=children)


def drop_events(events: Iterable[Event], gone: Collection[str]) -> tuple[Event, ...]:
    """What happened to other themes than those that are gone, and among others."""
    left = ((event, tuple(other for other in event.others if other not in gone)) for event in events)
    return tuple(
        replace(event, others=others)
        for event, others in left
        if event.theme not in gone and (others or not event.others)
    )


def drop_alerts(alerts: Iterable[Alert], gone: Collection[str]) -> tuple[Alert, ...]:
    """The alerts of other themes than those that are gone."""
    return tuple(alert for alert in alerts if alert.trend.theme not in gone)


def drop_themes(themes: Themes, gone: Collection[str]) -> Themes:
    """The partition without some themes, numbered as the others follow each other."""
    if not any(id in gone for level in themes.levels for id in level.ids):
        return themes
    levels: list[Level] = []
    above = np.array([OUTLIER])  # the new number of each theme one level up
    for level in themes.levels:
        kept = [number for number, id in enumerate(level.ids) if id not in gone]
        number = renumber(np.isin(np.arange(level.count), kept))
        members = number[level.members]
        levels.append(
            Level(
                members,
                np.where(members == OUTLIER, np.float32(0), level.strengths),
                level.attached & (members != OUTLIER),
                tuple(int(above[level.parents[place]]) for place in kept),
                tuple(level.stability[place] for place in kept),
                tuple(level.ids[place] for place in kept),
            )
        )
        above = number
    return replace(themes, levels=tuple(levels))
