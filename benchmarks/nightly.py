"""What a second night costs, and what it keeps: python -m benchmarks.nightly [--rows 50000] [--new 1000]

The first rows of a catalog (pypi_summaries.parquet) are a first night; then come `--new` rows more, once as a night
that goes on from the first, once with --full. Seconds are those of the stages of a run without encoding (vectors are
encoded once, into the workspace that `benchmarks.answers` makes, and taken from there); what follows them (writing the
files) is in "whole", which is the wall time of `discover.run` less encoding. The adjusted Rand index is that of broad
themes, over all items of both.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_rand_score

import discover
from benchmarks.inputs import _head


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.nightly", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/pypi_summaries.parquet"))
    parser.add_argument("--results", type=Path, default=Path("bench-results"))
    parser.add_argument("--encoded", type=int, default=100_000, help="rows of the workspace with the vectors")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--new", type=int, default=1_000)
    chosen = parser.parse_args()
    encoded = chosen.results / f"answers-{chosen.data.stem}-{chosen.encoded}"
    if not encoded.exists():
        discover.run(_head(chosen.data, chosen.encoded), encoded)
    with tempfile.TemporaryDirectory(dir=chosen.results) as folder:
        workspace = shutil.copytree(encoded, Path(folder) / "ws")
        before, after = _head(chosen.data, chosen.rows), _head(chosen.data, chosen.rows + chosen.new)
        nights = {"first": _night(before, workspace, full=True)}
        nights["second"] = _night(after, workspace)
        nights["second again"] = _night(after, workspace)
        nights["second, --full"] = _night(after, workspace, full=True)
        _show(nights)
        _compare(nights)


def _night(source: Any, workspace: Path, full: bool = False) -> tuple[float, dict[str, float], discover.Engine]:
    """Seconds without encoding, by stage too, and the version."""
    start = time.perf_counter()
    summary = discover.run(source, workspace, full=full)
    whole = time.perf_counter() - start
    return whole - summary.timings["encode"], dict(summary.timings), discover.open(workspace, summary.version)


def _show(nights: dict[str, tuple[float, dict[str, float], discover.Engine]]) -> None:
    table = Table("seconds", *nights, box=SIMPLE_HEAD, pad_edge=False)
    stages = [stage for stage in next(iter(nights.values()))[1] if stage != "encode"]
    for stage in stages:
        table.add_row(stage, *(f"{timings[stage]:.1f}" for _, timings, _ in nights.values()))
    table.add_row("whole", *(f"{whole:.1f}" for whole, _, _ in nights.values()))
    Console(width=100).print(table)


def _compare(nights: dict[str, tuple[float, dict[str, float], discover.Engine]]) -> None:
    (_, _, first), (quick, _, second), (_, _, again), (slow, _, full) = nights.values()
    print(f"second night: {slow / quick:.1f} times as fast as --full (goal 15)")
    like_full, like_first = _likeness(second, full), _likeness(first, second)
    print(f"adjusted Rand index to --full {like_full:.3f} (goal .95), to the first night {like_first:.3f}")
    print(f"--full against the first night {_likeness(first, full):.3f}: what finding themes anew keeps")
    moved = second.continued.moved if second.continued else float("nan")
    old, new = ({theme.id for theme in engine.themes()} for engine in (first, second))
    print(f"{len(old & new)} of {len(old)} theme ids go on (goal 95 %); {len(new - old)} are new")
    print(f"median move of an old item {moved:.2%} of the map's width (goal 2 %)")
    same = all(
        second.version.files[name] == again.version.files[name] for name in ("themes/map.npy", "themes/members.npy")
    )
    churn = {theme.id for theme in second.themes()} ^ {theme.id for theme in again.themes()}
    print(f"unchanged catalog: {'the same bits' if same else 'OTHER BITS'}, {len(churn)} ids changed")


def _likeness(one: discover.Engine, other: discover.Engine) -> float:
    """The adjusted Rand index of the items that both have."""
    a, b = (dict(zip(e.catalog.ids, e.items()["theme"].to_pylist(), strict=True)) for e in (one, other))
    both = [id for id in a if id in b]
    return float(adjusted_rand_score([a[id] or "" for id in both], [b[id] or "" for id in both]))


if __name__ == "__main__":
    main()
