"""Themes that go on from those of the last run: its places on the map, its cuts of the tree, and what has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.settings import ThemeSettings
from discover.core.types import OUTLIER, Continuation, Graph, Themes
from discover.themes import layout, levels
from discover.themes.stability import ABSENT, LastLevel

MAX_CHANGED = 0.2  # share of the items that may come or go before themes are found anew
MIN_KEPT_NEIGHBOURS = 0.5  # share of its neighbours that an item has to keep to stay where it lay
MAX_EPOCHS = 50  # of layouts that go on


@dataclass(frozen=True)
class Last:
    """The last run, made with the same settings."""

    graph: Graph
    themes: Themes
    edited: bool = False  # people wanted other themes than the run had found

    def places(self, graph: Graph) -> NDArray[np.int64]:
        """Where each of its unique items is among this run's, ascending; -1 for those that are gone."""
        place = np.searchsorted(graph.keys, self.graph.keys)
        there = place < len(graph.keys)
        there[there] = graph.keys[place[there]] == self.graph.keys[there]
        return np.where(there, place, OUTLIER)

    def levels(self, graph: Graph) -> list[LastLevel]:
        """Its themes, by level, over this run's unique items."""
        place, by_level = self.places(graph), []
        for level in self.themes.levels:
            members = np.full(len(graph.keys), ABSENT, dtype=np.int64)
            members[place[place >= 0]] = level.members[self.graph.unique][place >= 0]
            by_level.append(LastLevel(members, level.stability))
        return by_level

    def goes_on(self, graph: Graph) -> bool:
        """Whether few enough items came and went for this run's themes to go on from its."""
        return self.continuation(graph).changed <= MAX_CHANGED

    def continuation(self, graph: Graph, moved: float = 0.0) -> Continuation:
        """What came and went."""
        kept = int((self.places(graph) >= 0).sum())
        added, removed = len(graph.keys) - kept, len(self.graph.keys) - kept
        before = self.themes.continued.changed if self.themes.continued else 0.0
        return Continuation(kept, added, removed, before + (added + removed) / max(len(self.graph.keys), 1), moved)


def go_on(graph: Graph, settings: ThemeSettings, last: Last) -> Themes:
    """Themes of this run's items, laid out from where the last run's lay and cut as they were then.

    Where nothing changed at all they are the last run's themes, bit for bit.
    """
    if np.array_equal(graph.keys, last.graph.keys) and not last.edited:
        return _repeat(graph, last)
    weights = layout.fuzzy_graph(graph, settings.seed)
    place = last.places(graph)
    moving = _find_unsettled(graph, last, place)
    brief = replace(settings, epochs=min(settings.epochs, MAX_EPOCHS))

    def lay_out(points: NDArray[np.float32], min_dist: float, settings: ThemeSettings) -> NDArray[np.float32]:
        """A layout that starts from these points; settled items stay near theirs."""
        start = layout.place(points, place, graph, brief.seed)
        return layout.lay_out(graph, weights, points.shape[1], min_dist, settings, start, moving)

    before = last.themes.map[last.graph.unique]
    flat = lay_out(before, layout.MAP_DISTANCE, brief)
    parts = zip(layout.split_layouts(last.themes.layout), layout.vary_seed(brief), strict=True)
    layouts = [lay_out(points, 0.0, varied) for points, varied in parts]
    items = levels.Items(graph, weights.tocoo(), last.themes.tendency)
    themes = levels.find_levels(items, flat, layouts, settings, last.themes.cuts, last.levels(graph))
    there = place >= 0
    ways = np.linalg.norm(flat[place[there]] - before[there], axis=1)
    return replace(themes, continued=last.continuation(graph, float(np.median(ways) / np.ptp(flat, axis=0).max())))


def _repeat(graph: Graph, last: Last) -> Themes:
    """The last run's themes, by this run's rows."""

    def move(values: NDArray[Any], nothing: float) -> NDArray[Any]:
        """Values by the last run's rows, by this run's."""
        return graph.spread(values[last.graph.unique], nothing)

    partitions = [
        replace(
            level,
            members=move(level.members, OUTLIER),
            strengths=move(level.strengths, 0),
            attached=move(level.attached, False),
            ids=(),
        )
        for level in last.themes.levels
    ]
    return replace(
        last.themes,
        levels=tuple(partitions),
        map=move(last.themes.map, np.nan),
        continued=last.continuation(graph),
    )


def _find_unsettled(graph: Graph, last: Last, place: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(u,) which items have no place yet: new ones, and those whose neighbours are mostly others now."""
    unsettled = np.ones(len(graph.keys), dtype=bool)
    kept = place >= 0
    before = np.append(place, OUTLIER)[last.graph.neighbours[kept]]
    now = graph.neighbours[place[kept]]
    both = np.sort(np.hstack([before, now]), axis=1)
    shared = ((both[:, 1:] == both[:, :-1]) & (both[:, 1:] >= 0)).sum(axis=1)
    unsettled[place[kept]] = shared < MIN_KEPT_NEIGHBOURS * now.shape[1]
    return unsettled
