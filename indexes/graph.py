"""Each row's k nearest other rows: the graph that search, map and themes share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from . import exact
from .base import Neighbours, VectorIndex, build, count_of, unit
from .exact import Floats, Rows
from .recall import recall

SAMPLE = 1000  # rows whose exact neighbours tell the recall of an approximate graph
ENOUGH = 0.95  # the recall below which more of the index is searched


@dataclass(frozen=True, eq=False)
class NeighbourGraph:
    """Line i of `neighbours` holds row i's nearest other rows; rows equal to it are among them.

    recall: 1 where the graph is exact, otherwise measured on a sample of rows.
    """

    neighbours: Neighbours
    recall: float
    exact: bool

    def __len__(self) -> int:
        return len(self.neighbours)


def knn_graph(vectors: ArrayLike, k: int, *, exact_up_to: int = 100_000, seed: int = 0) -> NeighbourGraph:
    """The k nearest other rows of each of n rows: (n, min(k, n - 1)).

    Exact up to `exact_up_to` rows, at a cost that grows with n * n; beyond, an inverted file is searched as
    widely as recall .95 on a sample takes. seed: of the inverted file and the sample. Raises VectorError.
    """
    checked = unit(vectors, "vectors")
    k = min(count_of(k), max(len(checked) - 1, 0))
    everything = np.arange(len(checked))
    if len(checked) <= exact_up_to:
        return NeighbourGraph(Neighbours(*others(everything, *exact.top(checked, checked, k + 1), k)), 1.0, True)
    rows = np.sort(np.random.default_rng(seed).choice(len(checked), min(SAMPLE, len(checked)), replace=False))
    index, measured = _good_enough(build(checked, "ivf", seed=seed), checked[rows], k + 1)
    found = index.search(checked, k + 1)
    return NeighbourGraph(Neighbours(*others(everything, found.rows, found.scores, k)), measured, False)


def _good_enough(index: VectorIndex, queries: Floats, k: int) -> tuple[VectorIndex, float]:
    """Double the lists that a search probes until recall suffices or all are probed."""
    truth = Neighbours(*exact.top(queries, index.vectors, k))
    probes = 32
    while True:
        index = index.tuned(probes=probes)
        measured = recall(index.search(queries, k), truth)
        if measured >= ENOUGH or probes >= index.core.nlist:
            return index, measured
        probes *= 2


def others(asked: Rows, rows: Rows, values: Floats, k: int) -> tuple[Rows, Floats]:
    """Drop row asked[i] from line i, found by its number: an equal row may stand before it. Else drop the last."""
    itself = rows == asked[:, None]
    itself[~itself.any(axis=1), -1:] = True
    return rows[~itself].reshape(len(rows), k), values[~itself].reshape(len(rows), k)
