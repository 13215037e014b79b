"""umap-learn's own loop, on one thread: slow, and what other layouts are measured against."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.themes.layouts.base import Edges, Layout, Optimiser


@dataclass(frozen=True)
class Umap(Layout):
    """`optimize_layout_euclidean` of umap-learn."""

    def descend(self, start: NDArray[np.float32], edges: Edges, optimiser: Optimiser) -> NDArray[np.float32]:
        """See `Layout.descend`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # umap-learn warns that tensorflow is not there
            from umap.layouts import optimize_layout_euclidean
        points = np.array(start, dtype=np.float32, order="C")
        a, b = optimiser.curve
        limits = np.iinfo(np.int32)
        optimize_layout_euclidean(
            points,
            points,
            np.repeat(np.arange(len(points), dtype=np.int32), np.diff(edges.offsets)),
            edges.targets,
            optimiser.epochs,
            len(points),
            1.0 / edges.rates.astype(np.float64),
            a,
            b,
            np.random.default_rng(optimiser.seed).integers(limits.min + 1, limits.max - 1, 3),
            self.repulsion,
            optimiser.step,
            self.negatives,
            parallel=False,  # its threads overwrite each other's moves: no two runs would be alike
            move_other=True,
        )
        return points
