"""How results are printed, and whole processes measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


def show(title: str, includes: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A Markdown table under its title, with what the figures include."""
    print(f"\n## {title}\n{includes}\n")
    cells = [list(map(str, headings)), *[[_cell(value) for value in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    for number, row in enumerate(cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    sys.stdout.flush()


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True)
class Process:
    """A finished process."""

    seconds: float  # wall, from start to end
    peak_mb: float  # largest resident memory
    result: Any  # the JSON in its last line


def measure(arguments: Sequence[str]) -> Process:
    """Run `python -m ...` in a fresh process. Raises RuntimeError with its errors if it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=errors, text=True)
        out = process.stdout.read()  # type: ignore[union-attr]  # it is a pipe
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status != 0:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{errors.read()[-2000:]}")
    return Process(seconds, usage.ru_maxrss / 1024, json.loads(out.strip().splitlines()[-1]))
