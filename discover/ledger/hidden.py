"""A night without the themes that people hid: their items are shown as outliers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from discover.core.types import OUTLIER, Alert, Event, RunResults, Theme, Themes


def without(results: RunResults) -> RunResults:
    """The night as the report tells it; counts, trends, events and the map know nothing of hidden themes."""
    gone = {edit.themes[0] for edit in results.edits if edit.kind == "hide"}
    if not gone & {theme.id for theme in results.named}:
        return results
    named = tuple(alone(theme, gone) for theme in results.named if theme.id not in gone)
    trends = replace(
        results.trends,
        found=tuple(each for each in results.trends.found if each.theme not in gone),
        white_space=tuple(each for each in results.trends.white_space if each.theme not in gone),
    )
    ledger = replace(results.ledger, events=events(results.ledger.events, gone))
    told = alerts(results.alerts, gone)
    return replace(results, named=named, themes=_themes(results, gone), trends=trends, ledger=ledger, alerts=told)


def alone(theme: Theme, gone: Collection[str]) -> Theme:
    """A theme that knows of none that is gone, above it or below."""
    children = tuple(child for child in theme.children if child not in gone)
    return replace(theme, parent=None if theme.parent in gone else theme.parent, children=children)


def events(found: Iterable[Event], gone: Collection[str]) -> tuple[Event, ...]:
    """What happened to other themes than those that are gone, and among others."""
    mine = (each for each in found if each.theme not in gone)
    kept = ((each, tuple(other for other in each.others if other not in gone)) for each in mine)
    return tuple(replace(each, others=others) for each, others in kept if others or not each.others)


def alerts(found: Iterable[Alert], gone: Collection[str]) -> tuple[Alert, ...]:
    """The alerts of other themes than those that are gone."""
    return tuple(each for each in found if each.trend.theme not in gone)


def _themes(results: RunResults, gone: set[str]) -> Themes:
    """The partition without them, numbered as the others follow each other."""
    levels, above = [], np.array([OUTLIER])
    for depth, level in enumerate(results.themes.levels):
        kept = np.array([theme.id not in gone for theme in results.named if theme.level == depth], dtype=bool)
        number = np.append(
            np.where(kept, np.cumsum(kept) - 1, OUTLIER), OUTLIER
        )  # -1 is the last: outliers stay outliers
        members: NDArray[np.int64] = number[level.members]
        parents = above[list(level.parents)][kept] if depth else np.full(int(kept.sum()), OUTLIER)
        levels.append(
            replace(
                level,
                members=members,
                strengths=np.where(members == OUTLIER, np.float32(0), level.strengths),
                parents=tuple(parents.tolist()),
                stability=tuple(value for value, stays in zip(level.stability, kept, strict=True) if stays),
            )
        )
        above = number
    return replace(results.themes, levels=tuple(levels))
