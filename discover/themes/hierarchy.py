"""HDBSCAN's hierarchy of some points, and the partitions that can be cut from it.

The hierarchy (Campello, Moulavi & Sander 2013) is computed once; each smallest theme size cuts other partitions from
it, by excess of mass and into leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.groups import renumber
from discover.core.types import OUTLIER

MIN_SAMPLES = 10  # neighbours that make a core in HDBSCAN; HDBSCAN's own advice for noisy data
METHODS = ("leaf", "eom")
SIZE_STEP = 1.3  # factor between smallest theme sizes that are tried


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
        by_item = np.append(self.persistence, 0.0)[self.members]  # index -1 is the last: outliers get 0
        return float(sum(self.persistence) * by_item.mean())

    def keep(self, themes: NDArray[np.bool_]) -> Cut:
        """Only these of its themes (count,); the members of the others are outliers."""
        members = renumber(themes)[self.members]
        strengths = np.where(members == OUTLIER, np.float32(0), self.strengths)
        persistence = tuple(value for value, stays in zip(self.persistence, themes, strict=True) if stays)
        return Cut(self.method, self.min_size, members, strengths, persistence)


class _FirstResult:
    """What HDBSCAN takes as its `memory`, where it looks for the tree of the points: the tree of its first fit.

    It has the interface of `joblib.Memory`, without files. One model's points and neighbours are always the same, so
    what a later fit asks for is what the first one computed.
    """

    def __init__(self) -> None:
        self._results: list[Any] = []

    def cache(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, computed once."""

        def first_result(*arguments: Any, **options: Any) -> Any:
            """What the first call gave."""
            if not self._results:
                self._results.append(function(*arguments, **options))
            return self._results[0]

        return first_result


@dataclass(frozen=True)
class Hierarchy:
    """HDBSCAN's single-linkage tree of some points (u, c)."""

    points: NDArray[np.float32]
    _tree: _FirstResult = field(default_factory=_FirstResult, repr=False, compare=False)

    def cuts(self, min_size: int, methods: tuple[str, ...] = METHODS) -> Iterator[Cut]:
        """The partitions whose themes have at least `min_size` members: into leaves, and by excess of mass."""
        import hdbscan

        points = np.ascontiguousarray(self.points, dtype=np.float64)
        for method in methods:
            model = hdbscan.HDBSCAN(
                min_cluster_size=min_size,
                min_samples=min(MIN_SAMPLES, len(points) // 2 - 1),
                cluster_selection_method=method,
                core_dist_n_jobs=1,
                memory=self._tree,
            ).fit(points)
            members, strengths = model.labels_.astype(np.int64), model.probabilities_.astype(np.float32)
            yield Cut(method, min_size, members, strengths, tuple(map(float, model.cluster_persistence_)))

    def cut(self, min_size: int, method: str = METHODS[-1]) -> Cut:
        """One of these."""
        return next(self.cuts(min_size, (method,)))

    def candidates(self, min_size: int, max_size: int) -> list[Cut]:
        """The cuts between two smallest theme sizes, finest first."""
        sizes, size = [], float(min_size)
        while size <= max_size:
            sizes.append(round(size))
            size *= SIZE_STEP
        return [cut for size in dict.fromkeys(sizes or [min_size]) for cut in self.cuts(size)]
