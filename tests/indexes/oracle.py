"""Vectors with a known answer, and a slow search that is plainly right."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexes import exact
from indexes.base import Neighbours, unit

Floats = NDArray[np.float32]


def clustered(n: int, d: int, seed: int = 0) -> Floats:
    """n rows around n / 100 centres, all of length 1."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(n // 100, 1), d))
    rows = centres[random.integers(len(centres), size=n)] + 0.9 * random.standard_normal((n, d))
    return unit(rows, "planted")


def brute_force(vectors: Floats, queries: Any, k: int, rows: Any = None) -> Neighbours:
    """Score every pair, sort by score and row with numpy's own lexsort, cut at k."""
    queries = unit(queries, "queries")
    allowed = np.arange(len(vectors)) if rows is None else np.asarray(rows, np.int64)
    everything = np.tile(allowed, (len(queries), 1))
    scores = exact.scores(queries, vectors, everything)
    order = np.lexsort((everything, -scores), axis=1)[:, :k]
    return Neighbours(np.take_along_axis(everything, order, 1), np.take_along_axis(scores, order, 1))


def assert_same(found: Neighbours, wanted: Neighbours) -> None:
    np.testing.assert_array_equal(found.rows, wanted.rows)
    np.testing.assert_array_equal(found.scores, wanted.scores)
