"""Recall against exact search: the share of the true k nearest that a search found."""

import numpy as np
from numpy.typing import ArrayLike

from . import exact
from .base import Neighbours, VectorIndex, count_of, unit

TOLERANCE = 1e-6  # of two scores that rounding alone may set apart


def recall(found: Neighbours, truth: Neighbours) -> float:
    """Recall@k in [0, 1], k being the columns of `truth`; 1 where there is nothing to find.

    A row counts as found when its score reaches the true k-th score: either of two tied rows is right.
    Scores must be exact, as those of every index are. Raises ValueError for different numbers of queries.
    """
    if len(found) != len(truth):
        raise ValueError(f"found answers {len(found)} queries, truth {len(truth)}")
    if truth.rows.size == 0:
        return 1.0
    k = truth.rows.shape[1]
    return float(np.mean(np.sum(found.scores[:, :k] >= truth.scores[:, -1:] - TOLERANCE, axis=1) / k))


def measure(index: VectorIndex, queries: ArrayLike, k: int) -> float:
    """Recall@k of an index for these queries (m, d)."""
    checked = unit(queries, "queries", index.dimension)
    truth = Neighbours(*exact.top(checked, index.vectors, count_of(k)))
    return recall(index.search(checked, k), truth)
