"""(e) A second `discover run` of an unchanged catalog: what is encoded, and how long it takes.

python -m benchmarks.rerun [--data ../shared/data]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.table import show


def run(catalog: Path, workspace: Path) -> list[Any]:
    """Seconds of the command, what it encoded, and its slowest stages."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "discover", "run", str(catalog), "-w", str(workspace), "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, summary = time.perf_counter() - start, json.loads(done.stdout)
    stages = sorted(summary["timings"].items(), key=lambda each: -each[1])[:3]
    return [seconds, summary["counts"]["encoded"], ", ".join(f"{name} {value:.1f}" for name, value in stages)]


def main(data: Path | None) -> None:
    from discover import sample

    with tempfile.TemporaryDirectory() as folder:
        source = data / "netflix_2021-09.csv" if data else sample.prepare(Path(folder) / "sample")[0]
        rows = [[f"run {number}", *run(source, Path(folder) / "ws")] for number in (1, 2, 3)]
    show(
        f"(e) Running {source.name} again, unchanged",
        "Wall time of the whole command, from process start to committed version.",
        ["", "seconds", "encoded", "slowest stages (s)"],
        rows,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    main(parser.parse_args().data)
