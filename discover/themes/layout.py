"""The neighbour graph to coordinates: one UMAP graph, laid out in few dimensions to cluster and in two to look at.

The graph is umap-learn's own (McInnes, Healy & Melville 2018), from the neighbours that search uses too; what moves
the vertices is a plug-in of `layouts`. They start from principal components: that costs no quality, takes a fraction
of the spectral start's time, and is the same every time.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from discover.core import plugins
from discover.core.settings import ThemeSettings
from discover.core.types import Graph
from discover.themes import layouts
from discover.themes.layouts.base import Edges, Layout, Optimiser

MIN_ITEMS = 50  # below it UMAP fails or means nothing, and principal components serve
LAYOUTS = 3  # that are clustered side by side
MAP_DISTANCE = 0.1  # least, of items on the map; where they are clustered there is none
AXES_SAMPLE = 20_000  # items that principal axes are found from; a start needs no more
START_WIDTH = 10.0  # of a start along each axis, as in umap-learn
JITTER = 1e-4  # far below any distance; items on one spot would never be told apart by the layout


def fuzzy_graph(graph: Graph, seed: int) -> Any:
    """UMAP's weighted graph over the unique items, a symmetric sparse matrix (u, u)."""
    import numba

    umap = _umap()
    own = np.arange(len(graph.unique), dtype=np.int64)[:, None]
    rows = np.hstack([own, graph.neighbours])  # UMAP counts an item as its own first neighbour
    distances = np.hstack([np.zeros_like(own, dtype=np.float32), np.clip(1.0 - graph.scores, 0.0, 2.0)])
    threads = numba.get_num_threads()
    numba.set_num_threads(1)  # umap-learn takes a mean over all distances, and threads would round it differently
    try:
        weights, _, _ = umap.fuzzy_simplicial_set(
            graph.vectors,
            n_neighbors=rows.shape[1],
            random_state=np.random.RandomState(seed),  # the type that umap-learn takes
            metric="cosine",
            knn_indices=rows.astype(np.int32),
            knn_dists=distances.astype(np.float32),
        )
    finally:
        numba.set_num_threads(threads)
    return weights


def lay_out(
    graph: Graph,
    weights: Any,
    components: int,
    min_dist: float,
    settings: ThemeSettings,
    start: NDArray[np.float32] | None = None,
    moving: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Coordinates (u, components), float32. The same input and seed give the same bits.

    With `start`, the layout goes on from these coordinates, and only the `moving` vertices (u,) are pulled: the others
    stay where they are (with umap-learn's loop nearly so, as it moves both ends of an edge).
    """
    if start is None:
        start = _start(graph.vectors, components, settings.seed)
    if moving is not None:
        weights = sparse.diags_array(moving.astype(np.float32)) @ weights
    method: Layout = plugins.load(layouts, settings.layout)
    optimiser = Optimiser(_umap().find_ab_params(1.0, min_dist), settings.epochs, 1.0, settings.seed)
    return method.descend(start, Edges.from_weights(weights, optimiser.epochs), optimiser)


def _start(vectors: NDArray[np.float32], components: int, seed: int) -> NDArray[np.float32]:
    """Principal components, each as wide as the others, with a jitter."""
    points = principal_components(vectors, components)
    widths = np.ptp(points, axis=0)
    points = START_WIDTH * (points - points.min(axis=0)) / np.where(widths > 0, widths, 1)
    return np.asarray(
        points + np.random.default_rng(seed).normal(scale=JITTER, size=points.shape), dtype=np.float32, order="C"
    )


def place(points: NDArray[np.float32], places: NDArray[np.int64], graph: Graph, seed: int) -> NDArray[np.float32]:
    """A start (u, c) from an earlier layout (v, c), whose item i is now at places[i], or gone (-1).

    A new item starts at the mean of its neighbours, new ones that have none but new neighbours in the middle of all.
    """
    start = np.full((len(graph.unique), points.shape[1]), np.nan, dtype=np.float64)
    start[places[places >= 0]] = points[places >= 0]
    new = np.flatnonzero(np.isnan(start[:, 0]))
    near = start[graph.neighbours[new]]
    there = np.isfinite(near).all(axis=2)
    near[~there] = 0
    counts = np.sum(there, axis=1, keepdims=True)
    means = near.sum(axis=1) / np.maximum(counts, 1)
    start[new] = np.where(counts > 0, means, np.nanmean(start, axis=0))
    start[new] += np.random.default_rng(seed).normal(scale=JITTER, size=means.shape)
    return np.asarray(start, dtype=np.float32, order="C")


def vary_seed(settings: ThemeSettings) -> list[ThemeSettings]:
    """The settings of each layout that is clustered."""
    return [replace(settings, seed=(settings.seed + number) % 2**32) for number in range(LAYOUTS)]


def split_layouts(points: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The layouts that were clustered side by side; a catalog too small for layouts has its one."""
    several = len(points) >= MIN_ITEMS and points.shape[1] % LAYOUTS == 0
    return np.split(points, LAYOUTS, axis=1) if several else [points]


def principal_components(vectors: NDArray[np.float32], components: int) -> NDArray[np.float32]:
    """The vectors' leading principal components (n, components), scaled to [-10, 10], each sign fixed."""
    from threadpoolctl import threadpool_limits

    if not len(vectors):
        return np.empty((0, components), dtype=np.float32)
    rows = vectors[:: -(-len(vectors) // AXES_SAMPLE)].astype(np.float64)
    mean = rows.mean(axis=0)
    with threadpool_limits(1, user_api="blas"):  # more threads would share the sums out, and round them, differently
        _, axes = np.linalg.eigh((rows - mean).T @ (rows - mean))
        leading = axes[:, ::-1][:, :components]
        # eigh leaves the sign open: make the largest entry of each axis positive.
        leading = leading * np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])])
        points = vectors @ leading.astype(np.float32) - (mean @ leading).astype(np.float32)
    if points.shape[1] < components:
        points = np.pad(points, ((0, 0), (0, components - points.shape[1])))
    return np.asarray(points / max(float(np.abs(points).max(initial=0.0)), 1e-12) * 10, dtype=np.float32)


def _umap() -> Any:
    """umap-learn's module, with its graph functions kept on disk once compiled: it compiles them in every process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # umap-learn warns that tensorflow is not there
        import umap.umap_
    for function in (umap.umap_.smooth_knn_dist, umap.umap_.compute_membership_strengths):
        with suppress(RuntimeError):  # no folder is writable
            function.enable_caching()
    return umap.umap_
