"""A night without the themes that people hid: their items are shown as strays."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from discover.core.types import STRAY, Alert, Event, Night, Theme, Themes


def without(night: Night) -> Night:
    """The night as the report tells it; counts, trends, events and the map know nothing of hidden themes."""
    gone = {edit.themes[0] for edit in night.edits if edit.kind == "hide"}
    if not gone & {theme.id for theme in night.named}:
        return night
    named = tuple(alone(theme, gone) for theme in night.named if theme.id not in gone)
    trends = replace(
        night.trends,
        found=tuple(each for each in night.trends.found if each.theme not in gone),
        white_space=tuple(each for each in night.trends.white_space if each.theme not in gone),
    )
    ledger = replace(night.ledger, events=events(night.ledger.events, gone))
    told = alerts(night.alerts, gone)
    return replace(night, named=named, themes=_themes(night, gone), trends=trends, ledger=ledger, alerts=told)


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


def _themes(night: Night, gone: set[str]) -> Themes:
    """The partition without them, numbered as the others follow each other."""
    levels, above = [], np.array([STRAY])
    for depth, level in enumerate(night.themes.levels):
        kept = np.array([theme.id not in gone for theme in night.named if theme.level == depth], dtype=bool)
        number = np.append(np.where(kept, np.cumsum(kept) - 1, STRAY), STRAY)  # -1 is the last: strays stay strays
        members: NDArray[np.int64] = number[level.members]
        parents = above[list(level.parents)][kept] if depth else np.full(int(kept.sum()), STRAY)
        levels.append(
            replace(
                level,
                members=members,
                strengths=np.where(members == STRAY, np.float32(0), level.strengths),
                parents=tuple(parents.tolist()),
                stability=tuple(value for value, stays in zip(level.stability, kept, strict=True) if stays),
            )
        )
        above = number
    return replace(night.themes, levels=tuple(levels))
