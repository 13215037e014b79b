"""What is usual in a catalog: how similar an item is to items that it has nothing to do with, space by space.

A cosine of .35 may be much among texts and nothing among pictures, and an item in the middle of its space is
similar to all others. So a similarity is read against the item's own cohort statistics: how many standard deviations it
lies above the mean of the item's similarities to a sample of the catalog. For two items of the catalog both
sides count, half each (symmetric normalisation, "S-norm": Kenny (2010), "Bayesian speaker verification with
heavy-tailed priors", Odyssey); for a text or a picture from outside its own does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.settings import SEED
from discover.search.spaces.base import Compared, Rows, Space

SAMPLE = 1_000  # items that stand for the catalog
CELLS = 4_000_000  # similarities computed at a time: more would not stay in the cache


@dataclass(frozen=True)
class CohortStats:
    """Mean and standard deviation of similarities to the cohort, by item or by query; NaN where unknown."""

    mean: NDArray[np.float32] = field(repr=False)  # (m,)
    std: NDArray[np.float32] = field(repr=False)  # (m,), above 0

    def take(self, rows: Any) -> CohortStats:
        """Those of some rows."""
        return CohortStats(self.mean[rows], self.std[rows])

    @cached_property
    def standard(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Gain and offset, (m,) each: `gain * similarity - offset` is in standard deviations above the mean.

        Where nothing is known of an item, similarities are taken as they are.
        """
        std = np.where(np.isnan(self.std), 1.0, self.std.astype(np.float64))
        return 1 / std, np.where(np.isnan(self.mean), 0.0, self.mean.astype(np.float64)) / std


@dataclass(frozen=True)
class Cohort:
    """The sample and what every item of the catalog has in common with it, by space."""

    rows: Rows = field(repr=False)  # (b,) ascending
    stats: Mapping[str, CohortStats] = field(repr=False)  # space -> by catalog row
    pooled: Mapping[str, float]  # space -> standard deviation inside an item's similarities, on the mean


def measure(spaces: Mapping[str, Space], count: int) -> Cohort:
    """How every item compares with the cohort; the sample is the same for the same number of items."""
    rows = np.sort(np.random.default_rng(SEED).permutation(count)[:SAMPLE]).astype(np.int64)
    stats, pooled = {}, {}
    for name, space in spaces.items():
        stats_of_space = _against(space, rows, count)
        variance = stats_of_space.std.astype(np.float64) ** 2
        usual = float(np.sqrt(np.nanmean(variance))) if np.isfinite(variance).any() else 1.0
        pooled[name] = usual if usual > 1e-6 else 1.0  # all alike: nothing to measure by
        stats[name] = _steadied(stats_of_space, pooled[name])
    return Cohort(rows, stats, pooled)


def measure_queries(space: Space, queries: Any, cohort: Cohort) -> CohortStats:
    """The same for queries that are not items of the catalog."""
    compared = space.compare(queries, cohort.rows)
    return _steadied(_moments(compared, np.zeros_like(compared.coverage, dtype=bool)), cohort.pooled[space.name])


def _against(space: Space, sample: Rows, count: int) -> CohortStats:
    """Every item against the sample, itself left out."""
    at_once = max(1, CELLS // max(len(sample), 1))
    means, spreads = [], []
    for start in range(0, max(count, 1), at_once):
        rows = np.arange(start, min(start + at_once, count))
        stats = _moments(space.compare(space.items(rows), sample), rows[:, None] == sample)
        means.append(stats.mean)
        spreads.append(stats.std)
    return (
        CohortStats(np.concatenate(means), np.concatenate(spreads))
        if means
        else CohortStats(*(np.empty(0, np.float32),) * 2)
    )


def _moments(compared: Compared, itself: NDArray[np.bool_]) -> CohortStats:
    used = (compared.coverage > 0) & ~itself
    many = np.count_nonzero(used, axis=1)
    values = np.where(used, compared.similarities, np.float32(0))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = values.sum(axis=1, dtype=np.float64) / many
        variance = np.einsum("ij,ij->i", values, values, dtype=np.float64) / many - mean**2
    std = np.sqrt(np.maximum(variance, 0))
    return CohortStats(mean.astype(np.float32), np.where(many > 0, std, np.nan).astype(np.float32))


def _steadied(stats: CohortStats, pooled: float) -> CohortStats:
    """Half of the variance is everybody's: an item that is like none of the sample would else be divided by nothing."""
    return CohortStats(stats.mean, np.sqrt((stats.std**2 + np.float32(pooled) ** 2) / 2))
