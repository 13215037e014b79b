"""`python -m benchmarks.indexes [--vectors FILE.npy] [--n 10000 100000]`: one table, our kinds beside their peers."""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from indexes import Neighbours, build, exact, recall
from indexes.base import unit

K, QUERIES, ROUNDS, SINGLES = 10, 1000, 3, 100
WIDTHS = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
TARGETS = (0.95, 0.99)
CAPTION = f"""Batch: {QUERIES:,} queries at once, k = {K}, best of {ROUNDS} rounds; p50 of {SINGLES} single ones.
The rows of a round are run in turn, so that a busy moment hits all alike. Our times include the checks of the queries
and the exact rescoring and ordering of all candidates; the peers return their own scores, unchecked.
Build: from float32 vectors in memory to an index to search; ours include the checks and the search for equal rows.
Memory: the index saved, without and with the float32 vectors. hnswlib and usearch keep a copy of them inside.
Each row shows the first setting that reaches the recall. Queries are held out of the index."""


@dataclass
class Contestant:
    """search(queries) after turn(setting); settings ascending in recall."""

    name: str
    parameters: str
    build_s: float
    index_mb: float
    settings: tuple[Any, ...]
    turn: Callable[[Any], None]
    search: Callable[[Any], Any]


def ours(kind: str, knob: str | None, vectors: Any) -> Contestant:
    start = perf_counter()
    index = build(vectors, kind)
    seconds = perf_counter() - start
    current = [index]
    size = len(index.kind.to_bytes(index.core)) / 1e6
    settings: tuple[Any, ...] = WIDTHS if knob else (None,)

    def turn(value: Any) -> None:
        current[0] = index.tuned(**{knob: value}) if knob else index

    label = " ".join(f"{key}={value}" for key, value in index.parameters.items() if key != knob)
    name = f"{kind}, {knob}" if knob else kind
    return Contestant(name, label, seconds, size, settings, turn, lambda queries: current[0].search(queries, K).rows)


def hnswlib(vectors: Any) -> Contestant:
    library = import_module("hnswlib")
    start = perf_counter()
    index = library.Index(space="ip", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), M=16, ef_construction=200)
    index.add_items(vectors)
    seconds = perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        index.save_index(f"{folder}/index")
        size = Path(folder, "index").stat().st_size / 1e6
    size -= vectors.nbytes / 1e6

    def search(queries: Any) -> Any:
        return index.knn_query(queries, k=K)[0].astype(np.int64)

    return Contestant("hnswlib, ef", "M=16 ef_construction=200", seconds, size, WIDTHS, index.set_ef, search)


def usearch(vectors: Any) -> Contestant:
    library = import_module("usearch.index")
    start = perf_counter()
    index = library.Index(ndim=vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(vectors)), vectors)
    seconds = perf_counter() - start
    size = (index.serialized_length - vectors.nbytes) / 1e6

    def turn(value: Any) -> None:
        index.expansion_search = value

    def search(queries: Any) -> Any:
        return index.search(queries, K).keys.astype(np.int64).reshape(len(queries), K)

    return Contestant("usearch, expansion", "f32, defaults", seconds, size, WIDTHS, turn, search)


CONTESTANTS: dict[str, Callable[[Any], Contestant]] = {
    "flat": lambda vectors: ours("flat", None, vectors),
    "hnsw": lambda vectors: ours("hnsw", "search_width", vectors),
    "ivf": lambda vectors: ours("ivf", "probes", vectors),
    "usearch": usearch,
    "hnswlib": hnswlib,
}


def table(vectors: Any, queries: Any) -> Iterator[str]:
    truth = Neighbours(*exact.top(queries, vectors, K))
    points: list[tuple[Contestant, Any, float]] = []
    for name, enter in CONTESTANTS.items():
        try:
            contestant = enter(vectors)
        except ImportError:
            yield f"{name:20} not installed"
            continue
        points += operating_points(contestant, vectors, queries, truth)
    batch, single = [np.inf] * len(points), [np.inf] * len(points)
    for _ in range(ROUNDS):
        for i, (contestant, setting, _) in enumerate(points):
            contestant.turn(setting)
            batch[i] = min(batch[i], timed(contestant.search, queries))
            ones = [timed(contestant.search, queries[j : j + 1]) for j in range(SINGLES)]
            single[i] = min(single[i], float(np.median(ones)))
    heads = ("build s", "MB", "+vectors", "recall", "QPS", "p50 ms")
    yield f"{'kind, knob':20} {'knob':>6} " + " ".join(f"{head:>8}" for head in heads) + "  parameters"
    for (who, setting, found), all_s, one_s in zip(points, batch, single, strict=True):
        knob = "" if setting is None else setting
        figures = f"{who.build_s:8.1f} {who.index_mb:8.1f} {who.index_mb + vectors.nbytes / 1e6:8.1f} {found:8.4f}"
        speeds = f"{len(queries) / all_s:8,.0f} {one_s * 1e3:8.2f}"
        yield f"{who.name:20} {knob:>6} {figures} {speeds}  {who.parameters}"


def operating_points(
    contestant: Contestant, vectors: Any, queries: Any, truth: Neighbours
) -> list[tuple[Contestant, Any, float]]:
    """The first setting that reaches each target; the last one where none does."""
    points: list[tuple[Contestant, Any, float]] = []
    targets = list(TARGETS)
    for setting in contestant.settings:
        contestant.turn(setting)
        rows = contestant.search(queries)
        reached = recall(Neighbours(rows, exact.scores(queries, vectors, rows)), truth)
        if reached >= targets[0] or setting == contestant.settings[-1]:
            points.append((contestant, setting, reached))
            targets = [target for target in targets if target > reached]
        if not targets:
            break
    return points


def timed(search: Callable[[Any], Any], queries: Any) -> float:
    start = perf_counter()
    search(queries)
    return perf_counter() - start


def clustered(n: int, d: int = 384) -> Any:
    random = np.random.default_rng(0)
    centres = random.standard_normal((max(n // 100, 1), d), np.float32)
    return centres[random.integers(len(centres), size=n)] + 0.9 * random.standard_normal((n, d), np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, help="a .npy matrix (rows, dimension); default: synthetic")
    parser.add_argument("--n", type=int, nargs="+", default=[10_000, 100_000])
    arguments = parser.parse_args()
    for n in arguments.n:
        if arguments.vectors:
            given, source = np.load(arguments.vectors, mmap_mode="r")[: n + QUERIES], arguments.vectors.name
        else:
            given, source = clustered(n + QUERIES), "synthetic clusters (easier than real text)"
        # A fixed shuffle: files are often sorted, and queries should be like the rows.
        vectors = unit(np.random.default_rng(0).permutation(given), "vectors")
        rows, queries = vectors[:-QUERIES], vectors[-QUERIES:]
        print(f"\n{len(rows):,} rows of dimension {rows.shape[1]}, {source}")
        for line in table(np.ascontiguousarray(rows), np.ascontiguousarray(queries)):
            print(line, flush=True)
    print(f"\n{CAPTION}")


if __name__ == "__main__":
    main()
