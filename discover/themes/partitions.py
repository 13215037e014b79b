"""How good a partition of items is, by two known measures that say different things.

Modularity asks whether items that are neighbours are in one theme, more than chance would have it; alone it prefers
too few themes (its resolution limit). The silhouette asks whether items are nearer to their own theme's middle than
to the next one's, in the vectors themselves and not in any layout; alone it is content with two far islands.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from discover.core.types import OUTLIER

SAMPLE_ITEMS = 10_000  # items that a silhouette is the mean of


def modularity(weights: Any, members: NDArray[np.int64]) -> float:
    """Newman's modularity, in [-.5, 1], of themes (u,), -1 for outliers, on a symmetric sparse graph (u, u).

    An outlier is a theme of its own. Newman & Girvan (2004), "Finding and evaluating community structure in networks".
    """
    edges = weights.tocoo()
    total = float(edges.data.sum(dtype=np.float64))
    degree = np.bincount(edges.row, edges.data, minlength=len(members))
    inside = (members[edges.row] == members[edges.col]) & (members[edges.row] != OUTLIER)
    there = members != OUTLIER
    volumes = np.bincount(members[there], degree[there])
    expected = float((volumes**2).sum() + (degree[~there] ** 2).sum()) / total**2
    return float(edges.data[inside].sum(dtype=np.float64)) / total - expected


def silhouette(vectors: NDArray[np.float32], members: NDArray[np.int64]) -> float:
    """The mean simplified silhouette, in [-1, 1], of unit vectors (u, d) in at least two themes (u,), outliers aside.

    Of each item: (b - a) / max(a, b), where a and b are its cosine distances to the means of its own theme and of the
    next. Of many items the first `SAMPLE_ITEMS` are looked at. Rousseeuw (1987), "Silhouettes"; with means in place of
    all pairs: Vendramin, Campello & Hruschka (2010), "Relative clustering validity criteria".
    """
    there = np.flatnonzero(members != OUTLIER)
    _, theme = np.unique(members[there], return_inverse=True)  # a theme may have lost all its members
    order = np.argsort(theme, kind="stable")
    starts = np.searchsorted(theme[order], np.arange(theme.max() + 1))
    middles = np.add.reduceat(vectors[there[order]], starts, axis=0)
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), np.float32(1e-9))
    some, at = there[:SAMPLE_ITEMS], (np.arange(min(SAMPLE_ITEMS, len(there))), theme[:SAMPLE_ITEMS])
    with threadpool_limits(1, user_api="blas"):  # more threads would round the product differently
        distances = np.maximum(1 - vectors[some] @ middles.T, 0)
    own = distances[at]
    distances[at] = np.inf
    other = distances.min(axis=1)
    return float(((other - own) / np.maximum(np.maximum(own, other), 1e-9)).mean(dtype=np.float64))


def quality(weights: Any, vectors: NDArray[np.float32], members: NDArray[np.int64]) -> float:
    """Modularity times the root of the silhouette, 0 where either is below 0 or there are not two themes.

    On labelled sets of articles, questions, quotations and software (5 to 77 classes), the partition that this finds
    best agreed with the labels about as well as the best of all did (adjusted Rand index .96 of it or more); other
    exponents, either measure alone and the persistence of themes in the hierarchy did so on some sets only.
    """
    if len(np.unique(members[members != OUTLIER])) < 2:
        return 0.0
    return max(modularity(weights, members), 0.0) * float(np.sqrt(max(silhouette(vectors, members), 0.0)))
