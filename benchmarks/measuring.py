"""How times and memory are taken: fresh processes, and rounds in which all take turns."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any


class Missing(Exception):
    """An input or a peer is not on this machine: one line that says what, and how to get it."""


@dataclass(frozen=True)
class Timed:
    """One call: wall seconds, and what it gave."""

    seconds: float
    outcome: Any


def interleaved(ways: Mapping[Any, Callable[[], Any]], rounds: int) -> dict[Any, list[Timed]]:
    """Every way once in each round, in turn, so that a busy moment hits all alike."""
    runs: dict[Any, list[Timed]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            outcome = way()
            runs[name].append(Timed(time.perf_counter() - start, outcome))
    return runs


def seconds(runs: Sequence[Timed]) -> float:
    """The median."""
    return median(run.seconds for run in runs)


def isolated(work: Callable[..., Any], *arguments: Any) -> Any:
    """What `work(*arguments)` gives in a fresh process: no part meets the libraries and threads of another."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as null_scores:
        return null_scores.submit(work, *arguments).result()


def module(*arguments: str) -> str:
    """What `python -m ...` prints. Raises RuntimeError with the end of its errors if it fails."""
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"python -m {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def last_line(printed: str) -> Any:
    """The JSON in the last line of what a process printed: libraries may have printed before it."""
    return json.loads(printed.strip().splitlines()[-1])


def memory() -> tuple[float, float]:
    """Resident memory of this process in MB: now, and its highest so far.

    Read from /proc, since `getrusage` starts a process with the peak of the one that started it.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        raise Missing("memory is read from /proc/self/status, which this system does not have; run it on Linux")
    found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status.read_text(), re.MULTILINE))
    return int(found["VmRSS"]) / 1024, int(found["VmHWM"]) / 1024
