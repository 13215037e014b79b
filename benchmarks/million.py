"""`python -m benchmarks.million [--n ROWS]`: what `indexes.tune` picks for a million rows. Synthetic vectors.

Clusters of clusters with noise that decays over the dimensions, as in the vectors of texts. Within a cluster they are
harder to order by their codes than real ones, so more spares are needed.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import faiss
import numpy as np
from rich.console import Console
from rich.table import Table

from indexes import Neighbours, VectorIndex, build, exact, recall, tune
from indexes.base import unit

K, QUERIES, SINGLES = 10, 1000, 100
WIDTH = 100  # columns, also where no terminal says its own


def clustered(n: int, d: int, seed: int = 0) -> Any:
    """float32 (n, d): 100 groups of up to 50 clusters of uneven size, noise whose scale falls as i ** -.5."""
    random = np.random.default_rng(seed)
    scale = (np.arange(1, d + 1, dtype=np.float32) ** -0.5)[random.permutation(d)]
    groups = random.standard_normal((100, d), np.float32) * scale
    centres = groups[random.integers(100, size=5000)] + 0.7 * random.standard_normal((5000, d), np.float32) * scale
    shares = random.pareto(1.5, 5000) + 0.1
    rows = np.empty((n, d), np.float32)
    for part in exact.blocks(n, 16 * d):
        count = part.stop - part.start
        rows[part] = centres[random.choice(5000, count, p=shares / shares.sum())]
        rows[part] += 0.7 * random.standard_normal((count, d), np.float32) * scale
    return rows


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def one_by_one(index: VectorIndex, queries: Any, count: int) -> float:
    times = []
    for i in range(count):
        start = perf_counter()
        index.search(queries[i : i + 1], K)
        times.append(perf_counter() - start)
    return median(times) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--d", type=int, default=384)
    arguments = parser.parse_args()
    everything = unit(clustered(arguments.n + QUERIES, arguments.d), "vectors")
    vectors, queries = everything[:-QUERIES], everything[-QUERIES:]
    console = Console(width=WIDTH)
    truth = Neighbours(*exact.top(queries, vectors, K))
    title = f"{arguments.n:,} x {arguments.d} synthetic clusters, {faiss.omp_get_max_threads()} threads"
    table = Table(title=title, box=None, padding=(0, 0, 0, 1), pad_edge=False)
    for head in ("asked for", "index", "build s", "MB", "RSS +MB", "recall", "QPS", "p50 ms"):
        table.add_column(head, justify="right", no_wrap=True)
    ways: list[tuple[str, Callable[[], VectorIndex]]] = [
        ("tune recall=.95", lambda: tune(vectors, recall=0.95)[0]),
        ("tune recall=.99", lambda: tune(vectors, recall=0.99)[0]),
        ("flat half", lambda: build(vectors, "flat", half=True)),
        ("flat", lambda: build(vectors, "flat")),
    ]
    for name, make in ways:
        index: VectorIndex | None = None  # the last one's memory goes first
        before, start = resident_mb(), perf_counter()
        index = make()
        build_s, grown = perf_counter() - start, resident_mb() - before
        size = len(index.kind.to_bytes(index.core)) / 1e6
        p50 = one_by_one(index, queries, 20 if index.name == "flat" else SINGLES)
        start = perf_counter()
        found = index.search(queries, K)
        qps = QUERIES / (perf_counter() - start)
        knobs = " ".join(f"{knob}={index.parameters[knob]}" for knob in sorted(index.kind.searchable))
        figures = f"{build_s:.1f}", f"{size:.0f}", f"{grown:.0f}", f"{recall(found, truth):.4f}", f"{qps:,.0f}"
        table.add_row(name, f"{index.name} {knobs}", *figures, f"{p50:.2f}")
    console.print(table)
    console.print(
        "MB: saved. RSS: growth of this process by the build, choice included. p50: one query at a time.", style="dim"
    )


if __name__ == "__main__":
    main()
