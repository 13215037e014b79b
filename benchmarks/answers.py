"""How fast the whole engine answers: python -m benchmarks.answers [--rows 100000]

The first rows of a catalog (pypi_summaries.parquet: title, summary, month) become a version, once; then queries by id
are timed, fused over all spaces that the version has, without and with a filter: in one process after a warm-up, and
as a command from a cold process. What each time includes: finding the item, candidates or all rows, calibrated scores,
percentiles, the matches as Python objects; the command also Python's start, imports, opening and checking files,
and printing. Recall is that of the answers against scoring every row.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

import discover
from benchmarks.inputs import _head
from discover.search import lookup, rank

QUERIES = 300
COLD = 5


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.answers", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/pypi_summaries.parquet"))
    parser.add_argument("--results", type=Path, default=Path("bench-results"))
    parser.add_argument("--rows", type=int, default=100_000)
    chosen = parser.parse_args()
    workspace = chosen.results / f"answers-{chosen.data.stem}-{chosen.rows}"
    if not workspace.exists():
        print(discover.run(_head(chosen.data, chosen.rows), workspace).timings)
    engine = discover.open(workspace)
    ids = np.random.default_rng(0).choice(engine.catalog.ids, QUERIES, replace=False).tolist()
    facts = engine.version.manifest
    table = Table("query by id, 10 answers", "p50 ms", "p99 ms", "recall@10", box=SIMPLE_HEAD, pad_edge=False)
    for name, options in {"all spaces": {}, "text alone": {"weights": {"text": 1.0}}}.items():
        times, found = _timed(engine, ids, options)
        table.add_row(name, *_quantiles(times), f"{_recall(engine, ids[:50], found, options):.3f}")
    cold = [_cold(workspace, each) for each in ids[:COLD]]
    table.add_row("the command, cold", *_quantiles(cold), "")
    console = Console(width=100)
    console.print(f"{facts['counts']['items']:,} items; text index: {facts['indexes']['text']['kind']}")
    console.print(table)


def _timed(engine: Any, ids: list[str], options: dict[str, Any]) -> tuple[list[float], list[list[str]]]:
    for each in ids[:20]:
        engine.similar(each, **options)
    times, found = [], []
    for each in ids:
        start = time.perf_counter()
        answers = engine.similar(each, **options)
        times.append(time.perf_counter() - start)
        found.append([match.id for match in answers])
    return times, found


def _recall(engine: Any, ids: list[str], found: list[list[str]], options: dict[str, Any]) -> float:
    """Against scores of every row."""
    search_index, weights = engine._run.search_index, engine._searcher.weights(options.get("weights"))
    kept = []
    for each, answers in zip(ids, found, strict=False):
        row = lookup.find_row(engine.catalog, each)
        scores = rank.score_pairs(search_index, np.array([row]), None, weights).total[0]
        scores[row] = np.nan
        best = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")[: len(answers)]
        kept.append(np.mean([engine.catalog.ids[i] in answers for i in best]))
    return float(np.mean(kept))


def _cold(workspace: Path, item: str) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "discover", "similar", item, "-w", str(workspace), "--json"]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def _quantiles(seconds: list[float]) -> tuple[str, str]:
    p50, p99 = np.quantile(np.array(seconds) * 1000, [0.5, 0.99])
    return f"{p50:,.1f}", f"{p99:,.1f}"


if __name__ == "__main__":
    main()
