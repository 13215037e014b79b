"""`python -m benchmarks.million [--n ROWS]`: what `indexes.tune` picks for a million rows. Synthetic vectors.

Clusters of clusters with noise that decays over the dimensions, as in the vectors of texts. Within a cluster they are
harder to order by their codes than real ones, so more spares are needed.
"""

import argparse
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import faiss
import numpy as np
from rich.console import Console
from rich.table import Table

from indexes import Neighbours, build, exact, recall, tune
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


def one_by_one(search: Any, queries: Any, count: int = SINGLES) -> float:
    times = []
    for i in range(count):
        start = perf_counter()
        search(queries[i : i + 1])
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
    for head in ("index", "setting", "choice s", "build s", "index MB", "RSS +MB", "recall@10", "QPS", "p50 ms"):
        table.add_column(head, justify="right", no_wrap=True)
    wanted: list[tuple[str, dict[str, Any], float]] = []
    for target in (0.95, 0.99):
        start = perf_counter()
        choice = tune(vectors, recall=target)
        wanted.append((choice.kind, choice.parameters, perf_counter() - start))
    wanted += [("flat", {"half": True}, 0.0), ("flat", {}, 0.0)]
    index: Any = None
    for kind, parameters, choice_s in wanted:
        before, start = resident_mb(), perf_counter()
        kept = index is not None and index.name == kind == "ivf"
        changes = {name: parameters[name] for name in ("probes", "spare") if name in parameters}
        index = index.tuned(**changes) if kept else build(vectors, kind, **parameters)
        build_s, grown = perf_counter() - start, resident_mb() - before
        size = len(index.kind.to_bytes(index.core)) / 1e6
        p50 = one_by_one(lambda asked, index=index: index.search(asked, K), queries, 20 if kind == "flat" else SINGLES)
        start = perf_counter()
        found = index.search(queries, K)
        qps = QUERIES / (perf_counter() - start)
        words = " ".join(f"{name} {value}" for name, value in parameters.items() if name != "seed")
        columns = [f"{build_s:.1f}", f"{size:.0f}", f"{grown:.0f}"]
        columns = ["as above", f"{size:.0f}", ""] if kept else columns
        table.add_row(
            kind, words, f"{choice_s:.1f}", *columns, f"{recall(found, truth):.4f}", f"{qps:,.0f}", f"{p50:.2f}"
        )
    console.print(table)
    console.print(
        "RSS: growth of this process by the build, beside the vectors. p50: one query at a time.", style="dim"
    )


if __name__ == "__main__":
    main()
