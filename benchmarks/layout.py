"""Our layout beside umap-learn's, from the same graph and start, and what a new process pays first.

python -m benchmarks.layout [--vectors FILE.npy] [--n 10000 36000 200000] [--rounds 3]

Sizes that the file has too few rows for (all sizes without a file) are measured on synthetic vectors, and the table
says so. With 200,000 items umap-learn's four runs of a round take some ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from scipy.spatial import cKDTree

from benchmarks.measuring import interleaved, last_line, memory, module, seconds
from benchmarks.table import WIDTH
from discover.core.settings import ThemeSettings

SETTINGS = ThemeSettings()
SHAPES = ((SETTINGS.components, 0.0), (2, 0.1))  # components and min_dist: to cluster, and to look at
LOOKED_AT = 20_000  # items whose neighbours are looked for in the layout
SIZES = (10_000, 36_000)
WARM = """From weights and start to coordinates, {epochs} epochs, everything compiled; median of {rounds} rounds,
in which the rows take turns, so that a busy moment hits all alike. CPU adds up the threads, and their waiting.
Parallel umap-learn gives another result every time; the others give the same bits every time, and simd on any number
of threads (checked here). Times: as long as simd on all threads. Kept: share of items' neighbours in the graph that
are as near in the layout, of up to {items:,} items."""
COLD = """A fresh process from start to end: Python, imports, loading {items:,} vectors, neighbour graph, UMAP's graph,
one layout in {components} dimensions; then the part after the neighbour graph. With an empty cache numba compiles
UMAP's graph and our kernel, and keeps both on disk; umap-learn compiles anew in every process."""


def _show(title: str, includes: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(*headings, title=title, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for row in rows:
        table.add_row(*(f"{value:,.3g}" if isinstance(value, float) else str(value) for value in row))
    console = Console(width=WIDTH)
    console.print(table)
    console.print(Text(" ".join(includes.split()) + "\n"))


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
    some = np.random.default_rng(0).permutation(len(points))[:LOOKED_AT]
    near = cKDTree(points).query(points[some], graph.neighbours.shape[1] + 1, workers=-1)[1]
    return float(np.mean([np.isin(*rows).mean() for rows in zip(graph.neighbours[some], near, strict=True)]))


def warm(vectors: Any, items: str, rounds: int) -> list[list[Any]]:
    import numba

    from discover.core import plugins
    from discover.themes import layout, layouts
    from discover.themes.layouts.base import Edges, Optimiser
    from discover.themes.neighbours import build_graph

    graph = build_graph(vectors, SETTINGS)
    edges = Edges.from_weights(layout.fuzzy_graph(graph, SETTINGS.seed), SETTINGS.epochs)
    simd, seeded = (plugins.load(layouts, name).descend for name in ("simd", "umap"))
    most = numba.config.NUMBA_NUM_THREADS
    ways = {
        f"simd, {most} threads": (simd, most),
        "simd, 1 thread": (simd, 1),
        f"umap-learn, {most} threads": (umap_parallel, most),
        "umap-learn, seeded": (seeded, 1),
    }
    rows = []
    for components, min_dist in SHAPES:
        start = layout._start(graph.vectors, components, SETTINGS.seed)
        curve = layout._umap().find_ab_params(1.0, min_dist)

        def descend(
            name: str, epochs: int = SETTINGS.epochs, start: Any = start, curve: Any = curve
        ) -> tuple[Any, float]:
            way, threads = ways[name]
            numba.set_num_threads(threads)
            cpu = time.process_time()
            points = way(start, edges, Optimiser(curve, epochs, 1.0, SETTINGS.seed))
            return points, time.process_time() - cpu

        for name in ways:
            descend(name, epochs=2)  # compiles
        runs = interleaved({name: partial(descend, name) for name in ways}, rounds)
        walls = {name: seconds(each) for name, each in runs.items()}
        cpus = {name: median(run.outcome[1] for run in each) for name, each in runs.items()}
        found = {name: each[-1].outcome[0] for name, each in runs.items()}
        ours, one, *_ = found.values()
        assert (ours == one).all(), "lanes: the number of threads changed the result"
        first = walls[f"simd, {most} threads"]
        for name in ways:
            times = f"{walls[name] / first:.1f}x"
            rows.append([items, components, name, walls[name], cpus[name], times, round(kept(found[name], graph), 4)])
    return rows


def cold(vectors: Path, name: str) -> dict[str, float]:
    """What a fresh process does: `name` is a layout plug-in, or "original" for umap-learn from graph to layout."""
    from discover.themes import layout
    from discover.themes.neighbours import build_graph

    graph = build_graph(np.load(vectors), SETTINGS)
    start = time.perf_counter()
    if name == "original":
        import umap

        own = np.arange(len(graph.vectors))[:, None]
        known = np.hstack([own, graph.neighbours]), np.hstack([0.0 * own, 1.0 - graph.scores]).astype(np.float32)
        umap.UMAP(
            n_neighbors=known[0].shape[1], n_components=SETTINGS.components, min_dist=0.0, metric="cosine", init="pca",
            n_epochs=SETTINGS.epochs, precomputed_knn=(*known, None), random_state=SETTINGS.seed, n_jobs=1,
        ).fit(graph.vectors)  # fmt: skip
    else:
        weights = layout.fuzzy_graph(graph, SETTINGS.seed)
        layout.lay_out(graph, weights, SETTINGS.components, 0.0, replace(SETTINGS, layout=name))
    return {"seconds": time.perf_counter() - start, "peak": memory()[1]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--n", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold", help=argparse.SUPPRESS)  # what the fresh processes are started with
    given = parser.parse_args()
    if given.cold:
        print(json.dumps(cold(given.vectors, given.cold)))
        return
    real = np.load(given.vectors) if given.vectors else np.empty((0, 0))
    rows = []
    for n in given.n:
        vectors, kind = (real[:n], "") if n <= len(real) else (synthetic(n), ", synthetic")
        rows += warm(vectors, f"{n:,}{kind}", given.rounds)
    includes = WARM.format(epochs=SETTINGS.epochs, rounds=given.rounds, items=LOOKED_AT)
    columns = ["items", "dimensions", "layout", "wall s", "CPU s", "times", "kept"]
    _show("Layout, warm", includes, columns, rows)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "vectors.npy")
        n = given.n[0]
        np.save(file, real[:n] if n <= len(real) else synthetic(n))
        os.environ["NUMBA_CACHE_DIR"] = str(Path(folder, "cache"))
        rows = []
        for label, name in (("simd, cache empty", "simd"), ("simd", "simd"), ("umap-learn, seeded", "original")):
            (run,) = interleaved({0: partial(module, "benchmarks.layout", "--vectors", str(file), "--cold", name)}, 1)[
                0
            ]
            result = last_line(run.outcome)
            rows.append([label, run.seconds, result["seconds"], result["peak"]])
        includes = COLD.format(items=len(np.load(file)), components=SETTINGS.components)
        _show("Layout, cold", includes, ["layout", "wall s", "of it UMAP's graph and layout", "peak MB"], rows)


if __name__ == "__main__":
    sys.exit(main())
