"""The best of many, by score: the largest, and a choice of large ones that differ from each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def top_k(scores: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """Positions of the `k` largest scores (n,), falling, ties by position; all positions where there are no more.

    No score may be NaN.
    """
    if k < len(scores):
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    return places[np.lexsort((places, -scores[places]))][:k]


def maximal_marginal_relevance(
    relevance: NDArray[np.float64],
    similarity: NDArray[Any],
    k: int,
    diversity: float,
    decimals: int | None = None,
) -> list[int]:
    """Up to `k` positions, best first: each is relevant and unlike those before it.

    `relevance` (m,) and the greatest `similarity` (m, m) to what was chosen before are weighed `1 - diversity` to
    `diversity`, in [0, 1]. The first position wins a tie; sums are rounded to `decimals` before, where these are given.
    Carbonell & Goldstein (1998), "The use of MMR, diversity-based reranking".
    """
    chosen: list[int] = []
    nearest = np.zeros(len(relevance))
    left = np.ones(len(relevance), dtype=bool)
    while len(chosen) < min(k, len(relevance)):
        gains = (1 - diversity) * relevance - diversity * nearest
        if decimals is not None:
            gains = np.round(gains, decimals)
        best = int(np.argmax(np.where(left, gains, -np.inf)))
        nearest = np.maximum(nearest, similarity[best]) if chosen else similarity[best]
        chosen.append(best)
        left[best] = False
    return chosen
