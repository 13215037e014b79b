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


def update_graph(old: Neighbours, place: ArrayLike, vectors: ArrayLike) -> Neighbours:
    """A graph after rows came and went, equal to `knn_graph` of the rows there are now where `old` was exact.

    place: int (rows of `old`,), where each old row is among the n now, -1 where it is gone; old rows keep their order
    among themselves. vectors: (n, d). As wide as `old`, so there must be more rows than that. Only new rows and those
    that lost a neighbour are searched for; of the others, only pairs with a new row are looked at. Raises
    VectorError, ValueError.
    """
    checked, moved = unit(vectors, "vectors"), np.asarray(place, dtype=np.int64)
    k = old.rows.shape[1]
    if len(checked) <= k:
        raise ValueError(f"{len(checked)} rows are too few for {k} neighbours each. Build the graph anew")
    kept = np.flatnonzero(moved >= 0)
    if (np.diff(moved[kept]) <= 0).any() or (len(kept) and moved[kept[-1]] >= len(checked)):
        raise ValueError(f"place: old rows must keep their order within 0..{len(checked) - 1}")
    rows = np.full((len(checked), k), -1, np.int64)
    values = np.full((len(checked), k), -np.inf, np.float32)
    rows[moved[kept]] = np.append(moved, -1)[old.rows[kept]]
    values[moved[kept]] = old.scores[kept]
    new = np.setdiff1d(np.arange(len(checked)), moved[kept], assume_unique=True)
    lacking = np.flatnonzero((rows < 0).any(axis=1))  # new rows are among them
    rows[lacking], values[lacking] = others(lacking, *exact.top(checked[lacking], checked, k + 1), k)
    whole = np.ones(len(checked), dtype=bool)
    whole[lacking] = False
    _insert(rows, values, checked, new, np.flatnonzero(whole))
    return Neighbours(rows, values)


def _insert(rows: Rows, values: Floats, vectors: Floats, new: Rows, lines: Rows) -> None:
    """Put the new rows into these lines of the graph, in place, where they are near enough."""
    slack = exact.rounding(vectors.shape[1])
    for part in exact.blocks(len(lines), 4 * max(len(new), 1)):
        some = lines[part]
        products = vectors[some] @ vectors[new].T
        line, column = np.nonzero(products >= values[some, -1:] - np.float32(slack))
        changed, line = np.unique(line, return_inverse=True)
        if not len(changed):
            continue
        counts = np.bincount(line)
        near = np.full((len(changed), int(counts.max())), -1, np.int64)
        near[line, np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)] = new[column]
        these = some[changed]
        found = np.hstack([rows[these], near])
        scored = np.hstack([values[these], exact.scores(vectors[these], vectors, near)])
        rows[these], values[these] = exact.best(found, scored, rows.shape[1])


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
