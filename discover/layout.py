"""The neighbour graph to coordinates: one UMAP graph, laid out in few dimensions to cluster and in two to look at.

umap-learn's own functions do it (McInnes, Healy & Melville 2018), from the neighbours that search uses too and from
principal components: that start costs no quality, takes a fraction of the spectral one's time, and is the same
every time.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.nouns import Graph

MIN_ITEMS = 50  # below it UMAP fails or means nothing, and principal components serve


def fuzzy_graph(graph: Graph, seed: int) -> Any:
    """UMAP's weighted graph over the unique items, a symmetric sparse matrix (u, u)."""
    umap = _umap()
    own = np.arange(len(graph.unique), dtype=np.int64)[:, None]
    rows = np.hstack([own, graph.neighbours])  # UMAP counts an item as its own first neighbour
    distances = np.hstack([np.zeros_like(own, dtype=np.float32), np.clip(1.0 - graph.scores, 0.0, 2.0)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about precomputed neighbours, which is what we mean
        weights, _, _ = umap.fuzzy_simplicial_set(
            graph.vectors,
            n_neighbors=rows.shape[1],
            random_state=np.random.RandomState(seed),  # the type that umap-learn takes
            metric="cosine",
            knn_indices=rows.astype(np.int32),
            knn_dists=distances.astype(np.float32),
        )
    return weights


def lay_out(
    graph: Graph, weights: Any, components: int, min_dist: float, epochs: int, seed: int
) -> NDArray[np.float32]:
    """Coordinates (u, components), float32. The same input and seed give the same bits."""
    start = principal_components(graph.vectors, components)
    umap = _umap()
    a, b = umap.find_ab_params(1.0, min_dist)
    # Items on one spot would never be told apart by the layout; a jitter far below any distance does it.
    jitter = np.random.default_rng(seed).normal(scale=1e-4, size=start.shape).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coordinates, _ = umap.simplicial_set_embedding(
            graph.vectors,
            weights,
            components,
            initial_alpha=1.0,
            a=a,
            b=b,
            gamma=1.0,
            negative_sample_rate=5,
            n_epochs=epochs,
            init=start + jitter,
            random_state=np.random.RandomState(seed),  # the type that umap-learn takes
            metric="cosine",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
        )
    return np.ascontiguousarray(coordinates, dtype=np.float32)


def principal_components(vectors: NDArray[np.float32], components: int) -> NDArray[np.float32]:
    """The vectors' leading principal components (n, components), scaled to [-10, 10], each sign fixed."""
    if not len(vectors):
        return np.empty((0, components), dtype=np.float32)
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    leading = axes[:, ::-1][:, :components]
    # eigh leaves the sign open: make the largest entry of each axis positive.
    leading = leading * np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])])
    points = centred @ leading
    if points.shape[1] < components:
        points = np.pad(points, ((0, 0), (0, components - points.shape[1])))
    return np.asarray(points / max(float(np.abs(points).max(initial=0.0)), 1e-12) * 10, dtype=np.float32)


def _umap() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # umap-learn warns that tensorflow is not there
        import umap.umap_
    return umap.umap_
