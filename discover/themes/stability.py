"""How well themes come back when only half of the items are there (Hennig 2007).

Halves of the items are clustered by themselves; the stability of a theme is the Jaccard overlap of its core with the
nearest group found in a half, averaged over halves. It is in [0, 1]; .75 and above is stable.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from discover.core.groups import jaccard
from discover.core.settings import ThemeSettings
from discover.themes import layout
from discover.themes.hierarchy import Cut, Hierarchy

MIN_ITEMS = 20  # below it halves are too small to be clustered
SAME_THEME_JACCARD = 0.5  # overlap with a theme of the last run's from which one is that theme still
ABSENT = -2  # where OUTLIER or a theme would be: of an item that the last run had not


@dataclass(frozen=True)
class Halves:
    """Halves of the items of each layout, drawn and clustered when they are first needed."""

    layouts: list[NDArray[np.float32]]
    seed: int

    @cached_property
    def trees(self) -> list[tuple[NDArray[np.int64], Hierarchy]]:
        """The items of each half, ascending, and their tree."""
        random, trees = np.random.default_rng(self.seed), []
        for points in self.layouts:
            mixed = random.permutation(len(points))
            for half in (np.sort(mixed[: len(mixed) // 2]), np.sort(mixed[len(mixed) // 2 :])):
                trees.append((half, Hierarchy(points[half])))
        return trees

    def stability(self, cut: Cut) -> tuple[float, ...]:
        """The stability of each theme of a cut of all items."""
        overlaps = []
        for half, tree in self.trees:
            again = tree.cut(max(2, cut.min_size // 2), cut.method)
            overlap = jaccard(cut.members[half], again.members, (cut.count, again.count))
            overlaps.append(overlap.max(axis=1, initial=0.0))
        return tuple(float(value) for value in np.mean(overlaps, axis=0))


@dataclass(frozen=True)
class LastLevel:
    """A level of the last run's themes, over this run's unique items."""

    members: NDArray[np.int64]  # (u,), OUTLIER, or ABSENT for items that were not there
    stability: tuple[float, ...]  # by theme

    def inherited(self, members: NDArray[np.int64], count: int) -> NDArray[np.float64]:
        """(count,) the stability of the theme that each of this run's still is, NaN for those that are new."""
        there = self.members != ABSENT
        overlap = jaccard(members[there], self.members[there], (count, len(self.stability)))
        nearest = overlap.argmax(axis=1) if len(self.stability) else np.zeros(count, dtype=np.int64)
        same = overlap.max(axis=1, initial=0.0) >= SAME_THEME_JACCARD
        return np.where(same, np.append(self.stability, np.nan)[nearest], np.nan)


def measure(points: NDArray[np.float32], members: NDArray[np.int64], settings: ThemeSettings) -> tuple[float, ...]:
    """The stability of each theme of any partition (u,) of items as laid out (u, c); -1 for outliers."""
    sizes = np.bincount(members[members >= 0])
    if not len(sizes) or len(points) < MIN_ITEMS:
        return (0.0,) * len(sizes)
    cut = Cut("eom", int(sizes.min()), members, np.ones(len(members), np.float32), (1.0,) * len(sizes))
    return Halves(layout.split_layouts(points), settings.seed).stability(cut)
