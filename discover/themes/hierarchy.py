"""HDBSCAN's hierarchy of some points, and the partitions that can be cut from it.

The hierarchy (Campello, Moulavi & Sander 2013) is computed once; each smallest theme size cuts other partitions from
it, by excess of mass and into leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.types import OUTLIER

MIN_SAMPLES = 10  # neighbours that make a core in HDBSCAN; HDBSCAN's own advice for noisy data
METHODS = ("leaf", "eom")
GROWTH = 1.3  # step between sizes that are tried


@dataclass(frozen=True)
class Cut:
    """A partition of the points by one smallest theme size."""

    method: str  # "eom" (by excess of mass) or "leaf"
    min_size: int
    members: NDArray[np.int64]  # (u,), -1 for outliers
    strengths: NDArray[np.float32]  # (u,)
    persistence: tuple[float, ...]  # by theme, in [0, 1]

    @property
    def count(self) -> int:
        """Number of themes."""
        return len(self.persistence)

    @property
    def prominence(self) -> float:
        """How much the themes stand out in the hierarchy: the sum of their persistence (the criterion of PLSCAN, Bot
        & McInnes 2025, which alone favours many small themes) times the sum of persistence times share of the items
        (which alone favours few large ones).
        """
        of_item = np.append(self.persistence, 0.0)[self.members]  # index -1 is the last: outliers get 0
        return float(sum(self.persistence) * of_item.mean())

    def keep(self, themes: NDArray[np.bool_]) -> Cut:
        """Only these of its themes (count,); the members of the others are outliers."""
        number = np.append(np.where(themes, np.cumsum(themes) - 1, OUTLIER), OUTLIER)
        members = number[self.members]
        strengths = np.where(members == OUTLIER, np.float32(0), self.strengths)
        kept = tuple(value for value, stays in zip(self.persistence, themes, strict=True) if stays)
        return Cut(self.method, self.min_size, members, strengths, kept)


@dataclass(frozen=True)
class Hierarchy:
    """HDBSCAN's single-linkage tree of some points."""

    points: NDArray[np.float64]
    linkage: NDArray[np.float64]

    @classmethod
    def of(cls, points: NDArray[np.float32]) -> Hierarchy:
        """The tree of points (u, c)."""
        import hdbscan

        wide = np.ascontiguousarray(points, dtype=np.float64)
        samples = min(MIN_SAMPLES, len(wide) // 2 - 1)
        model = hdbscan.HDBSCAN(min_cluster_size=5, min_samples=samples, core_dist_n_jobs=1).fit(wide)
        return cls(wide, model.single_linkage_tree_.to_numpy())

    def cuts(self, min_size: int, methods: tuple[str, ...] = METHODS) -> Iterator[Cut]:
        """The partitions whose themes have at least `min_size` members: into leaves, and by excess of mass."""
        # The steps of HDBSCAN after its tree, which have no public name.
        from hdbscan._hdbscan_tree import compute_stability, condense_tree, get_clusters

        condensed = condense_tree(self.linkage, min_size)
        stability = compute_stability(condensed)
        for method in methods:
            found: Any = get_clusters(condensed, dict(stability), method)  # it edits the dictionary
            members, strengths, persistence = found
            members = np.asarray(members, dtype=np.int64)
            yield Cut(
                method, min_size, members, np.asarray(strengths, dtype=np.float32), tuple(map(float, persistence))
            )

    def cut(self, min_size: int, method: str = METHODS[-1]) -> Cut:
        """One of these."""
        return next(self.cuts(min_size, (method,)))

    def candidates(self, least: int, most: int) -> list[Cut]:
        """The cuts between two smallest theme sizes, finest first."""
        sizes, size = [], float(least)
        while size <= most:
            sizes.append(round(size))
            size *= GROWTH
        return [cut for size in dict.fromkeys(sizes or [least]) for cut in self.cuts(size)]
