"""Our layout beside umap-learn's, from the same graph and start, and what a new process pays first.

python -m benchmarks.layout [--vectors FILE.npy] [--n 10000 36000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from benchmarks.table import measure, show
from discover.settings import ThemeSettings

SETTINGS = ThemeSettings()
SHAPES = ((SETTINGS.components, 0.0), (2, 0.1))  # components and min_dist: to cluster, and to look at
WARM = """From weights and start to coordinates, {epochs} epochs, everything compiled; least of {rounds} rounds, in
which the rows take turns, so that a busy moment hits all alike. CPU adds up the threads, and their waiting.
Parallel umap-learn gives another result every time; the others give the same bits every time, and lanes on any number
of threads (checked here). Kept: share of items' {neighbours} neighbours that are as near in the layout."""
COLD = """A fresh process from start to end: Python, imports, loading {items:,} vectors, neighbour graph, UMAP's graph,
one layout in {components} dimensions; then the part after the neighbour graph. With an empty cache numba compiles
UMAP's graph and our kernel, and keeps both on disk; umap-learn compiles anew in every process."""


def synthetic(items: int) -> Any:
    """Unit vectors around 200 centres: for machines without data."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(200, 64)).astype(np.float32)
    vectors = centres[random.integers(200, size=items)] + random.normal(size=(items, 64)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def umap_parallel(start: Any, edges: Any, way: Any) -> Any:
    """umap-learn as it runs without a seed."""
    from umap.layouts import optimize_layout_euclidean

    points = start.copy()
    heads = np.repeat(np.arange(len(start), dtype=np.int32), np.diff(edges.offsets))
    state = np.random.default_rng(way.seed).integers(-(2**31) + 1, 2**31 - 2, 3)
    rates = 1.0 / edges.rates.astype(np.float64)
    return optimize_layout_euclidean(
        points, points, heads, edges.targets, way.epochs, len(start), rates, *way.curve, state, 1.0, way.step, 5.0,
        parallel=True, move_other=True,
    )  # fmt: skip


def kept(points: Any, graph: Any) -> float:
    near = cKDTree(points).query(points, graph.neighbours.shape[1] + 1, workers=-1)[1]
    return float(np.mean([np.isin(*rows).mean() for rows in zip(graph.neighbours, near, strict=True)]))


def warm(vectors: Any, rounds: int) -> list[list[Any]]:
    import numba

    from discover import layout, layouts, plugins, themes
    from discover.layouts.base import Descent, Edges

    graph = themes.graph(vectors, SETTINGS)
    edges = Edges.of(layout.fuzzy_graph(graph, SETTINGS.seed), SETTINGS.epochs)
    lanes, seeded = (plugins.load(layouts, name).descend for name in ("lanes", "umap"))
    most = numba.config.NUMBA_NUM_THREADS
    ways = {
        f"lanes, {most} threads": (lanes, most),
        "lanes, 1 thread": (lanes, 1),
        f"umap-learn, {most} threads": (umap_parallel, most),
        "umap-learn, seeded": (seeded, 1),
    }
    rows = []
    for components, min_dist in SHAPES:
        start = layout._start(graph.vectors, components, SETTINGS.seed)
        curve = layout._umap().find_ab_params(1.0, min_dist)
        walls, cpus, found = dict.fromkeys(ways, np.inf), dict.fromkeys(ways, np.inf), {}
        for turn in range(rounds + 1):
            for name, (descend, threads) in ways.items():
                numba.set_num_threads(threads)
                epochs = SETTINGS.epochs if turn else 2  # the first turn compiles
                wall, cpu = time.perf_counter(), time.process_time()
                found[name] = descend(start, edges, Descent(curve, epochs, 1.0, SETTINGS.seed))
                if turn:
                    walls[name] = min(walls[name], time.perf_counter() - wall)
                    cpus[name] = min(cpus[name], time.process_time() - cpu)
        ours, one, *_ = found.values()
        assert (ours == one).all(), "lanes: the number of threads changed the result"
        first = walls[f"lanes, {most} threads"]
        for name in ways:
            times = f"{walls[name] / first:.1f}x"
            rows.append(
                [len(start), components, name, walls[name], cpus[name], times, round(kept(found[name], graph), 4)]
            )
    return rows


def cold(vectors: Path, name: str) -> dict[str, float]:
    """What a fresh process does: `name` is a layout plug-in, or "original" for umap-learn from graph to layout."""
    from discover import layout, themes

    graph = themes.graph(np.load(vectors), SETTINGS)
    start = time.perf_counter()
    if name == "original":
        import umap

        own = np.arange(len(graph.vectors))[:, None]
        known = np.hstack([own, graph.neighbours]), np.hstack([0.0 * own, 1.0 - graph.scores]).astype(np.float32)
        umap.UMAP(
            n_components=SETTINGS.components, min_dist=0.0, metric="cosine", init="pca", n_epochs=SETTINGS.epochs,
            precomputed_knn=(*known, None), random_state=SETTINGS.seed, n_jobs=1,
        ).fit(graph.vectors)  # fmt: skip
    else:
        weights = layout.fuzzy_graph(graph, SETTINGS.seed)
        layout.lay_out(graph, weights, SETTINGS.components, 0.0, replace(SETTINGS, layout=name))
    return {"seconds": time.perf_counter() - start}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--n", type=int, nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold", help=argparse.SUPPRESS)  # what the fresh processes are started with
    given = parser.parse_args()
    if given.cold:
        print(json.dumps(cold(given.vectors, given.cold)))
        return
    vectors = np.load(given.vectors) if given.vectors else synthetic(max(given.n or [10_000]))
    rows = [row for n in given.n or [len(vectors)] for row in warm(vectors[:n], given.rounds)]
    neighbours = SETTINGS.neighbours - 1
    includes = WARM.format(epochs=SETTINGS.epochs, rounds=given.rounds, neighbours=neighbours)
    columns = ["items", "dimensions", "layout", "wall s", "CPU s", "times", "kept"]
    show("Layout, warm", includes, columns, rows)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "vectors.npy")
        np.save(file, vectors[: (given.n or [None])[0]])
        os.environ["NUMBA_CACHE_DIR"] = str(Path(folder, "cache"))
        rows = []
        for label, name in (("lanes, cache empty", "lanes"), ("lanes", "lanes"), ("umap-learn, seeded", "original")):
            process = measure(["benchmarks.layout", "--vectors", str(file), "--cold", name])
            rows.append([label, process.seconds, process.result["seconds"], process.peak_mb])
        includes = COLD.format(items=len(np.load(file)), components=SETTINGS.components)
        show("Layout, cold", includes, ["layout", "wall s", "of it UMAP's graph and layout", "peak MB"], rows)


if __name__ == "__main__":
    sys.exit(main())
