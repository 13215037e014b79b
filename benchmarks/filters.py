"""`python -m benchmarks.filters [--n ROWS]`: exact search among allowed rows, beside FAISS's selector on a flat index.

Vectors are synthetic: exact search takes the same time whatever they are.
"""

import argparse
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch

import faiss
import numpy as np
from rich.console import Console
from rich.table import Table

from indexes import Neighbours, exact
from indexes.base import unit

K, ROUNDS, SLOW_SECONDS = 10, 5, 3
WIDTH = 100  # columns, also where no terminal says its own
HEADINGS = (  # of the columns
    "queries", "allowed", "search ms", "CPU", "in place CPU", "product CPU", "selector ms", "CPU",
    "ms x", "CPU x",
)  # fmt: skip
BATCHES, SHARES = (1, 2, 8, 100, 1000), (0.01, 0.1, 0.5)
CAPTION = f"""\
m queries at once among this share of the rows, k = {K}: milliseconds for the whole batch. ms:
what a search takes; CPU: processor time of all threads, which a busy machine changes less. in
place, product: CPU of our two plans, forced (from 100 queries on, the product only). FAISS: its
selector on IndexFlat; x: how many times ours. Medians of {ROUNDS} rounds in which the ways take
turns, of one where the selector takes over {SLOW_SECONDS} s. Every answer is compared with the selector's
first."""


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = perf_counter(), process_time()
    call()
    return perf_counter() - wall, process_time() - cpu


def forced(in_place: bool, queries: Any, vectors: Any, rows: Any) -> Callable[[], Any]:
    def call() -> Any:
        with patch.object(exact, "in_place_is_cheaper", lambda *_: in_place):
            return exact.top(queries, vectors, K, rows)

    return call


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--d", type=int, default=384)
    arguments = parser.parse_args()
    random = np.random.default_rng(0)
    vectors = unit(random.standard_normal((arguments.n, arguments.d), np.float32), "vectors")
    asked = unit(random.standard_normal((max(BATCHES), arguments.d), np.float32), "queries")
    flat = faiss.IndexFlatIP(arguments.d)
    flat.add(vectors)
    console, threads = Console(width=WIDTH), faiss.omp_get_max_threads()
    title = f"{arguments.n:,} x {arguments.d}, {threads} threads"
    table = Table(title=title, box=None, padding=(0, 0, 0, 1), pad_edge=False)
    for head in HEADINGS:
        table.add_column(head, justify="right", no_wrap=True)
    for count in BATCHES:
        for share in SHARES:
            rows = np.sort(random.choice(arguments.n, int(arguments.n * share), replace=False))
            queries = asked[:count]
            mask = np.zeros(arguments.n, bool)
            mask[rows] = True
            bits = np.packbits(mask, bitorder="little")

            def selector(queries: Any = queries, bits: Any = bits) -> Any:
                only = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg]  # stubs
                return flat.search(queries, K, params=only)

            def search(queries: Any = queries, rows: Any = rows) -> Neighbours:
                return Neighbours(*exact.top(queries, vectors, K, rows))

            ways = [search, forced(True, queries, vectors, rows), forced(False, queries, vectors, rows), selector]
            if count >= 100:
                ways[1] = lambda: None
            start = perf_counter()
            wanted = selector()[0]
            rounds = ROUNDS if perf_counter() - start < SLOW_SECONDS else 1
            np.testing.assert_allclose(search().scores, wanted, atol=1e-5)
            times: list[list[tuple[float, float]]] = [[] for _ in ways]
            for _ in range(rounds):
                for way, kept in zip(ways, times, strict=True):
                    kept.append(timed(way))
            (ms, cpu), (_, placed), (_, product), (theirs, their_cpu) = (
                [median(column) * 1e3 for column in zip(*kept, strict=True)] for kept in times
            )
            figures = [ms, cpu, placed, product, theirs, their_cpu]
            cells = [f"{value:,.1f}" for value in figures]
            if count >= 100:
                cells[2] = ""
            table.add_row(f"{count:,}", f"{share:.0%}", *cells, f"{theirs / ms:.1f}", f"{their_cpu / cpu:.1f}")
    console.print(table)
    console.print(CAPTION, style="dim")


if __name__ == "__main__":
    main()
