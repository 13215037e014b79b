"""Could these vectors be noise? The null comparison that decides whether there are themes at all.

Clustered data lie closer to their nearest neighbours than one Gaussian cloud with the same mean and covariance
does: the null of SigClust (Liu, Hayes, Nobel & Marron 2008) with the nearest-neighbour statistic of Hopkins &
Skellam (1954). It is measured twice, on all dimensions (many small themes show there) and on the leading principal
components (few broad themes show there), each against clouds drawn afresh. Themes are believed when either
measure is both significant and large: real vectors are never exactly Gaussian, and a significant trifle is no theme.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from discover.core.types import ClusterTendency
from discover.core.vectors import unit

SAMPLE_ITEMS = 2000  # items looked at; the comparison is about shape, which a sample has too
CLOUDS = 20
NEIGHBOURS = 5
BLOCK_ITEMS = 100  # items whose distances to all others are held at once
COMPONENTS = 10  # leading principal components
MAX_RATIO = 0.95  # neighbours must be at most this fraction of the null's distance away


def measure(vectors: NDArray[np.float32], significance: float, seed: int) -> ClusterTendency:
    """Compare unit vectors (n, d), all different, with Gaussian clouds. Fewer than three items are never clustered."""
    if len(vectors) < 3:
        return ClusterTendency(1.0, 1.0, False, 0.0)
    from threadpoolctl import threadpool_limits

    random = np.random.default_rng(seed)
    if len(vectors) > SAMPLE_ITEMS:
        vectors = vectors[np.sort(random.choice(len(vectors), SAMPLE_ITEMS, replace=False))]
    with threadpool_limits(1, user_api="blas"):  # more threads would round otherwise, and turn axes with no spread
        *all_dimensions, distance = _measure_all(vectors, random)
        measures = [all_dimensions, _measure_leading(vectors, random)]
    significant = [(ratio, p) for p, ratio in measures if p * 2 <= significance]
    ratio, p = min(significant or [(ratio, p) for p, ratio in measures])
    return ClusterTendency(min(1.0, p * 2), ratio, bool(significant) and ratio <= MAX_RATIO, distance)


def _measure_all(vectors: NDArray[np.float32], random: np.random.Generator) -> tuple[float, float, float]:
    """p, ratio and the distance in clouds, on the unit sphere.

    Ledoit-Wolf shrinkage makes the covariance of few items usable.
    """
    from sklearn.covariance import ledoit_wolf

    wide = vectors.astype(np.float64)
    mean = wide.mean(axis=0)
    values, axes = np.linalg.eigh(ledoit_wolf(wide)[0])
    spread = (axes * np.sqrt(np.maximum(values, 0.0))).T.astype(np.float32)

    def cloud() -> NDArray[np.float32]:
        """Points without structure, of the items' mean and covariance."""
        points = mean.astype(np.float32) + random.standard_normal(vectors.shape, dtype=np.float32) @ spread
        return unit(points)

    clouds = _typical_distances(cloud() for _ in range(CLOUDS))
    return *_significance(_typical_distance(vectors), clouds), float(np.exp(np.mean(clouds)))


def _measure_leading(vectors: NDArray[np.float32], random: np.random.Generator) -> tuple[float, float]:
    """p and ratio in the plane of the leading principal components, where the noise of the others is gone."""
    centred = (vectors - vectors.mean(axis=0)).astype(np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    leading = slice(-COMPONENTS, None)
    spread = np.sqrt(np.maximum(values[leading], 0.0)).astype(np.float32)
    plane = (centred @ axes[:, leading]).astype(np.float32)
    clouds = _typical_distances(random.standard_normal(plane.shape, dtype=np.float32) * spread for _ in range(CLOUDS))
    return _significance(_typical_distance(plane), clouds)


def _typical_distances(clouds: Iterable[NDArray[np.float32]]) -> list[float]:
    """The typical distance of each cloud, computed on all cores. The clouds are drawn here, in their order."""
    import faiss

    with ThreadPoolExecutor(faiss.omp_get_max_threads()) as pool:
        return list(pool.map(_typical_distance, clouds))


def _typical_distance(points: NDArray[np.float32]) -> float:
    """Log of the median over points of the mean Euclidean distance to the nearest others."""
    squares = np.einsum("ij,ij->i", points, points)
    products = points @ points.T
    nearest = min(NEIGHBOURS, len(points) - 1)
    closest = np.empty((len(points), nearest), dtype=np.float32)
    for start in range(0, len(points), BLOCK_ITEMS):
        rows = np.arange(start, min(start + BLOCK_ITEMS, len(points)))
        distances = squares[rows, None] + squares - 2.0 * products[rows]
        distances[rows - start, rows] = np.inf
        distances.partition(nearest - 1, axis=1)
        closest[rows] = distances[:, :nearest]
    typical = float(np.median(np.sqrt(np.maximum(closest, 0.0)).mean(axis=1)))
    return float(np.log(max(typical, 1e-12)))


def _significance(distance: float, clouds: list[float]) -> tuple[float, float]:
    """One-sided p of a new draw from a normal with the clouds' mean and spread (Student's t), and the ratio."""
    from scipy.stats import t

    mean, spread = float(np.mean(clouds)), float(np.std(clouds, ddof=1))
    score = (mean - distance) / max(spread * float(np.sqrt(1 + 1 / len(clouds))), 1e-9)
    return float(t.sf(score, len(clouds) - 1)), float(np.exp(distance - mean))
