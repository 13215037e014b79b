"""Words and themes in one space: where a theme lies, what it is told apart from, and a varied choice of words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from discover.core.ranking import maximal_marginal_relevance
from discover.core.types import Embeddings, Level
from discover.core.vectors import unit
from discover.labels.labellers.base import COSINE_DECIMALS, Sense

MAX_TEXTS_AT_ONCE = 256  # texts that are encoded together, to bound memory


def embed(sense: Sense, texts: Sequence[str]) -> NDArray[np.float32]:
    """(texts, d) unit vectors; a row of NaN for a text that the model knows no word of."""
    parts = [sense.embed(texts[start : start + MAX_TEXTS_AT_ONCE]) for start in range(0, len(texts), MAX_TEXTS_AT_ONCE)]
    return np.vstack(parts) if parts else np.empty((0, sense.space.vectors.shape[1]), dtype=np.float32)


def measure_contrasts(
    level: Level, space: Embeddings
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """For each theme its core, what it is told apart from, both (count, d), and how many of its items the space has.

    The core is the mean of the members' vectors, at length one; NaN where the space has none of them. It is told apart
    from the mean core of its siblings, the other themes of its parent; without any, from all other items of the space.
    """
    members = level.members[space.rows]
    sizes = np.bincount(members[members >= 0], minlength=level.count)
    sums = np.zeros((level.count, space.vectors.shape[1]))
    for theme in range(level.count):
        sums[theme] = space.vectors[members == theme].sum(axis=0, dtype=np.float64)
    whole = space.vectors.sum(axis=0, dtype=np.float64)
    cores = unit(sums, np.float64)
    others = [_siblings(level, cores, theme, whole - sums[theme]) for theme in range(level.count)]
    return cores, np.array(others).reshape(cores.shape), sizes


def _siblings(level: Level, cores: NDArray[np.float64], theme: int, rest: NDArray[np.float64]) -> NDArray[np.float64]:
    parents = np.array(level.parents)
    beside = (parents == parents[theme]) & ~np.isnan(cores[:, 0])
    beside[theme] = False
    if beside.any():
        return np.asarray(cores[beside].mean(axis=0), dtype=np.float64)
    alone = unit(rest[None], np.float64)[0]
    return np.where(np.isnan(alone), 0.0, alone)  # there may be no other items


def standardise(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """In standard deviations from the mean; NaN counts as the least of the others, and all the same as 0."""
    if np.isnan(values).all():
        return np.zeros(len(values))
    filled = np.where(np.isnan(values), np.nanmin(values), values)
    spread = filled.std()
    return np.zeros(len(values)) if spread < 10.0**-COSINE_DECIMALS else (filled - filled.mean()) / spread


def choose_varied(
    relevance: NDArray[np.float64], vectors: NDArray[np.float32], count: int, diversity: float
) -> list[int]:
    """Up to `count` positions, best first, each relevant and unlike those before it, by the cosines of `vectors`."""
    cosines = np.nan_to_num(vectors.astype(np.float64) @ vectors.T.astype(np.float64))
    return maximal_marginal_relevance(relevance, cosines, count, diversity, COSINE_DECIMALS)
