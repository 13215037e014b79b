"""The first night of a new process, from embeddings to labels, beside BERTopic's.

python -m benchmarks.cold [--data ../shared/data] [--results bench-results] [--items 10000] [--rounds 1]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.inputs import _head, encoded
from benchmarks.measuring import Timed, interleaved, last_line, module, seconds
from benchmarks.table import WIDTH

CATALOG = "pypi_summaries.parquet"
CACHES = ("empty", "kept")  # in this order: the second finds what the first left
NOTE = """{items:,} items of {catalog}. A fresh process from start to end: Python, imports, reading vectors and texts,
themes, labels. Ours: the null comparison, the map, two levels, stability, labels, all with defaults.
BERTopic: its defaults, given the embeddings; no map. Empty: the folder of numba's cache (NUMBA_CACHE_DIR) is
empty, so all is compiled; kept: the folder is as the run before left it, as on a second night. CPU adds up
the threads, and depends less on what else the machine does; trust wall times from a quiet machine only.
Median of {rounds} rounds, in which the rows take turns. Load: {load:.1f} at the start, {cores} cores."""


def ours(vectors: str, texts: str, source: str) -> dict[str, Any]:
    """Seconds of the steps; imports count where they happen."""
    steps, start = {}, time.perf_counter()

    def done(step: str) -> None:
        steps[step] = time.perf_counter() - start - sum(steps.values())

    from discover.catalog import reader as catalog
    from discover.core.settings import LabelSettings, LedgerSettings, ThemeSettings
    from discover.core.types import Ledger
    from discover.labels import name as labelling
    from discover.ledger.keys import identify
    from discover.ledger.match import match_themes
    from discover.themes.find import find_themes
    from discover.themes.neighbours import build_graph

    given = np.load(vectors)
    done("imports")
    graph = build_graph(given, ThemeSettings())
    done("neighbour graph")
    found = find_themes(graph, ThemeSettings())
    done("themes")
    items = catalog.read(_head(Path(source), len(given)))
    done("catalog")
    record, found = match_themes(Ledger(), found, identify(items, {}), 1, "", LedgerSettings())
    named = labelling.name(items, found, given, LabelSettings(), record.entries)
    done("labels")
    return {"themes": len(named), "steps": steps}


def bertopic(vectors: str, texts: str, source: str) -> dict[str, Any]:
    from bertopic import BERTopic

    topics, _ = BERTopic().fit_transform(json.loads(Path(texts).read_text()), np.load(vectors))
    return {"themes": max(topics) + 1}


JOBS = {"ours": ours, "BERTopic": bertopic}


def measured(given: list[str], rounds: int) -> dict[tuple[str, str], list[Timed]]:
    """For each job and state of the cache its runs; the outcome is what the job printed, and CPU seconds."""
    runs: dict[tuple[str, str], list[Timed]] = {(job, cache): [] for job in JOBS for cache in CACHES}
    for _ in range(rounds):
        for job in JOBS:
            with tempfile.TemporaryDirectory() as folder:
                ways = {(job, cache): partial(_process, folder, job, *given) for cache in CACHES}
                for key, (run,) in interleaved(ways, 1).items():
                    runs[key].append(run)
    return runs


def _process(folder: str, *arguments: str) -> dict[str, Any]:
    os.environ["NUMBA_CACHE_DIR"] = folder
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    found: dict[str, Any] = last_line(module("benchmarks.cold", "--job", *arguments))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found | {"cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.cold", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--results", type=Path, default=Path("bench-results"))
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--job", nargs=4, help=argparse.SUPPRESS)  # what the fresh processes are started with
    chosen = parser.parse_args()
    if chosen.job:
        print(json.dumps(JOBS[chosen.job[0]](*chosen.job[1:])))
        return 0
    source = chosen.data / CATALOG
    if not source.exists():
        print(f"no {source}; --data names the folder of catalogs", file=sys.stderr)
        return 1
    files, load = encoded(chosen.results, source, chosen.items), os.getloadavg()[0]
    runs = measured([str(files.vectors), str(files.texts), str(source)], chosen.rounds)
    table = Table("", "cache", "themes", "wall s", "times", "CPU s", "times", box=SIMPLE_HEAD)
    walls = {key: seconds(each) for key, each in runs.items()}
    cpus = {key: median(run.outcome["cpu"] for run in each) for key, each in runs.items()}
    for (job, cache), each in runs.items():
        wall, cpu = (all_of[job, cache] for all_of in (walls, cpus))
        ratios = (f"{all_of[job, cache] / all_of['ours', cache]:.1f}x" for all_of in (walls, cpus))
        themes = str(each[-1].outcome["themes"])
        table.add_row(job, cache, themes, f"{wall:.1f}", next(ratios), f"{cpu:.1f}", next(ratios))
    console = Console(width=WIDTH)
    console.print(table)
    for cache in CACHES:
        steps = runs["ours", cache][-1].outcome["steps"]
        told = ", ".join(f"{step} {value:.1f}" for step, value in steps.items())
        console.print(Text(f"Ours, cache {cache}, seconds of the last round: {told}"))
    words = {"items": chosen.items, "catalog": CATALOG, "rounds": chosen.rounds, "load": load, "cores": os.cpu_count()}
    console.print(Text("\n" + " ".join(NOTE.format(**words).split())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
