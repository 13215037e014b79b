"""`python -m benchmarks.search_index --vectors FILE.npy [--n ROWS]`: queries a second at recall@10 .95 and .99.

The kind and setting that `indexes.tune` picks, as they are, beside FAISS's HNSW32, hnswlib, usearch and SVS, each at
its first setting that reaches the recall.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import faiss
import numpy as np
from rich.console import Console
from rich.table import Table

from indexes import Neighbours, build, exact, kinds, recall, tune
from indexes.base import unit

K, QUERIES, ROUNDS, SINGLES = 10, 1000, 5, 50
WIDTHS = (16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512, 768, 1024)
TARGETS = (0.95, 0.99)
WIDTH = 100  # columns, also where no terminal says its own
CAPTION = f"""\
QPS: {QUERIES:,} queries at once, k = {K}; CPU: processor time of one of them, all threads, which a busy
machine changes less; p50: {SINGLES} queries one by one. Medians of {ROUNDS} rounds in which all
rows take turns. Ours include the checks of the queries, exact rescoring and order; the peers
return their own scores, unchecked. Build: from float32 vectors in memory, ours with the choice.
MB: what the index takes beside the vectors, with their copy for peers that copy them. +data:
with the float32 vectors of ours, which may be mapped from disk. The index never saw the
queries."""


@dataclass(frozen=True)
class Point:
    """A searcher at one setting: turn() makes it current, search(queries) gives rows."""

    name: str
    setting: str
    target: float
    build_s: float
    index_mb: float
    total_mb: float
    turn: Callable[[], None]
    search: Callable[[Any], Any]


def ours(vectors: Any) -> Iterator[Point]:
    for target in TARGETS:
        start = perf_counter()
        index, choice = tune(vectors, recall=target)
        seconds, size = perf_counter() - start, len(index.kind.to_bytes(index.core)) / 1e6
        knobs = sorted(index.kind.searchable & choice.parameters.keys())
        yield Point(
            f"{choice.kind} (ours)", " ".join(f"{name}={choice.parameters[name]}" for name in knobs), target, seconds,
            size, size + vectors.nbytes / 1e6, lambda: None, lambda queries, index=index: index.search(queries, K).rows,
        )  # fmt: skip


def svs(vectors: Any) -> Iterator[Point]:
    if "svs" not in kinds():
        raise ImportError
    start = perf_counter()
    index = build(vectors, "svs")
    seconds, size = perf_counter() - start, len(index.kind.to_bytes(index.core)) / 1e6
    for width in WIDTHS:
        wider = index.tuned(search_width=width)
        yield Point(
            "svs (ours)", f"search_width={width}", 0, seconds, size, size + vectors.nbytes / 1e6,
            lambda: None, lambda queries, index=wider: index.search(queries, K).rows,
        )  # fmt: skip


def faiss_hnsw(vectors: Any) -> Iterator[Point]:
    start = perf_counter()
    index = faiss.IndexHNSWFlat(vectors.shape[1], 32)
    index.hnsw.efConstruction = 80
    index.add(vectors)
    seconds, size = perf_counter() - start, len(faiss.serialize_index(index)) / 1e6
    for width in WIDTHS:
        walk = faiss.SearchParametersHNSW(efSearch=width)  # type: ignore[attr-defined]  # missing in its stubs
        yield Point(
            "faiss HNSW32", f"efSearch={width}", 0, seconds, size, size,
            lambda: None, lambda queries, walk=walk: index.search(queries, K, params=walk)[1],
        )  # fmt: skip


def hnswlib(vectors: Any) -> Iterator[Point]:
    library = import_module("hnswlib")
    start = perf_counter()
    index = library.Index(space="ip", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), M=16, ef_construction=200)
    index.set_num_threads(faiss.omp_get_max_threads())
    index.add_items(vectors)
    seconds = perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        index.save_index(f"{folder}/index")
        size = Path(folder, "index").stat().st_size / 1e6
    for width in WIDTHS:
        yield Point(
            "hnswlib", f"ef={width}", 0, seconds, size, size,
            lambda width=width: index.set_ef(width),
            lambda queries: index.knn_query(queries, k=K)[0].astype(np.int64),
        )  # fmt: skip


def usearch(vectors: Any) -> Iterator[Point]:
    library = import_module("usearch.index")
    threads = faiss.omp_get_max_threads()
    start = perf_counter()
    index = library.Index(ndim=vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(vectors)), vectors, threads=threads)
    seconds, size = perf_counter() - start, index.serialized_length / 1e6

    def search(queries: Any) -> Any:
        return index.search(queries, K, threads=threads).keys.astype(np.int64).reshape(len(queries), K)

    for width in WIDTHS:
        yield Point(
            "usearch", f"expansion={width}", 0, seconds, size, size,
            lambda width=width: setattr(index, "expansion_search", width), search,
        )  # fmt: skip


CONTESTANTS = (ours, faiss_hnsw, hnswlib, usearch, svs)


def points(vectors: Any, queries: Any, truth: Neighbours, say: Callable[[str], None]) -> list[tuple[Point, float]]:
    """Ours as chosen; of each peer the first setting that reaches each target."""
    chosen: list[tuple[Point, float]] = []
    for enter in CONTESTANTS:
        targets = list(TARGETS)
        try:
            for point in enter(vectors):
                point.turn()
                rows = point.search(queries)
                found = recall(Neighbours(rows, exact.scores(queries, vectors, rows)), truth)
                if point.target:
                    chosen.append((point, found))
                elif found >= targets[0]:
                    chosen.append((point, found))
                    targets = [target for target in targets if target > found]
                if not targets:
                    break
        except ImportError:
            say(f"{enter.__name__}: not installed, left out")
    return chosen


def measure(chosen: list[tuple[Point, float]], queries: Any) -> list[tuple[float, float, float]]:
    """Median wall seconds and CPU seconds of a batch, and wall seconds of one query."""
    times: list[list[tuple[float, float, float]]] = [[] for _ in chosen]
    for _ in range(ROUNDS):
        for (point, _), kept in zip(chosen, times, strict=True):
            point.turn()
            wall, cpu = perf_counter(), process_time()
            point.search(queries)
            wall, cpu = perf_counter() - wall, process_time() - cpu
            ones = []
            for i in range(SINGLES):
                start = perf_counter()
                point.search(queries[i : i + 1])
                ones.append(perf_counter() - start)
            kept.append((wall, cpu, median(ones)))
    return [tuple(median(column) for column in zip(*kept, strict=True)) for kept in times]  # type: ignore[misc]  # three


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True, help="a .npy matrix (rows, dimension) of real vectors")
    parser.add_argument("--n", type=int, help="rows to index; all but the queries unless given")
    arguments = parser.parse_args()
    given = np.load(arguments.vectors, mmap_mode="r")
    order = np.random.default_rng(0).permutation(len(given))  # fixed: files are often sorted
    queries = unit(given[order[:QUERIES]], "queries")
    vectors = unit(given[order[QUERIES:][: arguments.n]], "vectors")
    console = Console(width=WIDTH)
    truth = Neighbours(*exact.top(queries, vectors, K))
    chosen = points(vectors, queries, truth, console.print)
    times = measure(chosen, queries)
    peer = {target: i for target in TARGETS for i, (point, found) in reversed(list(enumerate(chosen)))
            if point.name == "faiss HNSW32" and found >= target}  # fmt: skip
    threads = faiss.omp_get_max_threads()
    table = Table(
        title=f"{len(vectors):,} x {vectors.shape[1]}, {arguments.vectors.name}, {threads} threads",
        box=None,
        padding=(0, 0, 0, 1),
        pad_edge=False,
    )
    for head in ("index", "setting"):
        table.add_column(head, no_wrap=True)
    for head in ("recall", "QPS", "CPU µs", "p50 ms", "build s", "MB", "+data", "QPS x", "MB x"):
        table.add_column(head, justify="right", no_wrap=True)
    for (point, found), (wall, cpu, one) in sorted(
        zip(chosen, times, strict=True), key=lambda pair: pair[0][1] >= TARGETS[1]
    ):
        against = peer.get(TARGETS[1] if found >= TARGETS[1] else TARGETS[0])
        ratios = ["", ""]
        if against is not None:
            memory = point.index_mb / chosen[against][0].index_mb
            ratios = [f"{times[against][0] / wall:.2f}", f"{memory:.2f}"]
        table.add_row(
            point.name, point.setting, f"{found:.4f}", f"{len(queries) / wall:,.0f}", f"{cpu / QUERIES * 1e6:,.0f}",
            f"{one * 1e3:.2f}", f"{point.build_s:.0f}", f"{point.index_mb:.1f}", f"{point.total_mb:.0f}", *ratios,
        )  # fmt: skip
    console.print(table)
    console.print(CAPTION, style="dim")
    console.print("QPS x, MB x: times those of faiss HNSW32 at the same target.", style="dim")


if __name__ == "__main__":
    main()
