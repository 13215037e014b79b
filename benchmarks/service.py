"""The service under load on loopback: python -m benchmarks.service [--rows 10000 100000] (needs `wrk`)

Catalogs of so many rows (pypi_summaries.parquet: title, summary, month) become versions, once. Then `discover serve`
answers `wrk`, which asks from several connections as fast as answers come: queries by random id (10 answers with
cards, fused over all spaces), the same with a filter, a page of themes, and an answer that is known (304). What a time
includes: sockets, HTTP, guards, the engine, JSON. wrk runs on the same cores, so the figures are low rather than high.

`--swaps 100` then swaps versions of the smallest catalog while 50 requests a second come, each answer checked against
what its version says.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

import discover
from benchmarks.inputs import _head
from benchmarks.measuring import Missing
from discover.store import versions

IDS = 2_000  # that are asked for
RATE = 50  # requests a second while versions are swapped
SCRIPT = """
local ids, n = {}, 0
for line in io.lines(os.getenv("IDS")) do n = n + 1; ids[n] = line end
math.randomseed(7)
request = function()
  return wrk.format("GET", (string.gsub(os.getenv("ADDRESS"), "ID", ids[math.random(n)])))
end
"""


@dataclass(frozen=True)
class Load:
    """What wrk measured."""

    requests: float  # a second
    p50: float  # milliseconds
    p99: float
    failed: int


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.service", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/pypi_summaries.parquet"))
    parser.add_argument("--results", type=Path, default=Path("bench-results"))
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--swaps", type=int, default=100)
    chosen = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("benchmarks.service: wrk is not installed; `apt install wrk` brings it")
    console = Console(width=110)
    table = Table("items", "question", "connections", "requests/s", "p50 ms", "p99 ms", "failed", "memory MB",
                  box=SIMPLE_HEAD, pad_edge=False)  # fmt: skip
    for rows in chosen.rows:
        workspace = made(chosen.results / f"answers-{chosen.data.stem}-{rows}", chosen.data, rows)
        measured(table, workspace, rows, chosen.connections, chosen.seconds)
    console.print(f"load at the start {os.getloadavg()[0]:.1f} (1 min), {os.cpu_count()} cores")
    console.print(table)
    if chosen.swaps:
        smallest = chosen.results / f"answers-{chosen.data.stem}-{min(chosen.rows)}"
        console.print(swapped(smallest, chosen.data, min(chosen.rows), chosen.swaps))


def made(workspace: Path, data: Path, rows: int) -> Path:
    """The workspace of the first rows of a catalog."""
    if not workspace.exists():
        if not data.exists():
            raise Missing(f"no file {data}; --data names it")
        discover.run(_head(data, rows), workspace)
    return workspace


@contextmanager
def serving(workspace: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a service."""
    command = [sys.executable, "-m", "discover", "serve", "-w", str(workspace), "--port", "0", "--rate", ""]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        port = next(int(found[1]) for line in process.stderr if (found := re.search(r" on http://\S+:(\d+)/", line)))
        threading.Thread(target=process.stderr.read, daemon=True).start()
        url = f"http://127.0.0.1:{port}"
        while httpx.get(f"{url}/ready").status_code != 200:
            time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def measured(table: Table, workspace: Path, rows: int, connections: list[int], seconds: int) -> None:
    """One line for each question and number of connections."""
    ids = discover.open(workspace).catalog.ids
    asked = np.random.default_rng(0).choice(ids, min(IDS, len(ids)), replace=False).tolist()
    with serving(workspace) as (url, process), tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "ids").write_text("\n".join(quote(each, safe="") for each in asked))
        (Path(folder) / "ask.lua").write_text(SCRIPT)
        tag = httpx.get(f"{url}/v1/about").headers["etag"]
        questions: Mapping[str, tuple[str, list[str]]] = {
            "like an item": ("/v1/search?like=ID", []),
            "... with a filter": (f"/v1/search?like=ID&where={quote('year >= 2015')}", []),
            "themes": ("/v1/themes?limit=20", []),
            "known already": ("/v1/about", ["-H", f"If-None-Match: {tag}"]),
        }
        for name, (address, headers) in questions.items():
            for count in connections:
                known = os.environ | {"IDS": f"{folder}/ids", "ADDRESS": address}
                command = ["wrk", "-t1", f"-c{count}", f"-d{seconds}s", "--timeout", "30s", "--latency", *headers]
                command += ["-s", f"{folder}/ask.lua", url]
                load = read(subprocess.run(command, env=known, capture_output=True, text=True).stdout)
                figures = (f"{load.requests:,.0f}", f"{load.p50:.1f}", f"{load.p99:.1f}", f"{load.failed}")
                table.add_row(f"{rows:,}", name, str(count), *figures, f"{resident(process):,.0f}")


def read(printed: str) -> Load:
    """What wrk printed."""
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
    quantiles = {
        name: float(value) * unit[each] for name, value, each in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s|m)", printed)
    }
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if rate is None:
        raise RuntimeError(f"wrk says nothing: {printed}")
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", printed)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", printed)
    count = int(failed[1]) if failed else 0
    return Load(float(rate[1]), quantiles["50"], quantiles["99"], count + sum(map(int, lost.groups() if lost else ())))


def resident(process: int) -> float:
    """Memory of a process in MB, without what it maps of files."""
    told = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+) kB", told)
    return int(found[1]) / 1024 if found else float("nan")


def swapped(source: Path, data: Path, rows: int, swaps: int) -> str:
    """Swaps under load, each answer checked: what came of them."""
    workspace = source.with_name(f"{source.name}-swaps")
    if not workspace.exists():
        shutil.copytree(source, workspace, copy_function=os.link)
        discover.run(_head(data, rows - rows // 20), workspace)
    first, second = versions.numbers(workspace)[-2:]
    engines = {number: discover.open(workspace, number) for number in (first, second)}
    both = [id for id in engines[second].catalog.ids if id in engines[first].catalog.rows]
    asked = np.random.default_rng(0).choice(both, 50, replace=False).tolist()
    expected = {
        (number, id): [match.id for match in engine.similar(id)] for number, engine in engines.items() for id in asked
    }
    found: list[tuple[float, str]] = []  # seconds, and what was wrong with the answer
    end = threading.Event()

    def term(url: str, start: float, place: int, workers: int) -> None:
        with httpx.Client(base_url=url, timeout=60) as http:
            for number in range(place, 10**9, workers):
                if end.wait(max(0.0, start + number / RATE - time.monotonic())):
                    return
                id, begun = asked[number % len(asked)], time.monotonic()
                answer = http.get("/v1/search", params={"like": id})
                told = answer.json() if answer.status_code == 200 else {}
                right = told and [m["id"] for m in told["matches"]] == expected[told["version"], id]
                wrong = "" if right else "mixed" if told else f"status {answer.status_code}"
                found.append((time.monotonic() - begun, wrong))

    with serving(workspace) as (url, _):
        start = time.monotonic()
        workers = [threading.Thread(target=term, args=(url, start, place, 16)) for place in range(16)]
        for worker in workers:
            worker.start()
        taken = []
        for swap in range(swaps):
            wanted = (first, second)[swap % 2]
            versions.rollback(workspace, wanted)
            begun = time.monotonic()
            while httpx.get(f"{url}/ready").json()["version"] != wanted:
                time.sleep(0.05)
            taken.append(time.monotonic() - begun)
        end.set()
        for worker in workers:
            worker.join()
    seconds = np.array([each for each, _ in found]) * 1000
    wrong = [told for _, told in found if told]
    p50, p99 = np.quantile(seconds, [0.5, 0.99])
    return (
        f"{swaps} swaps of {rows:,} items, taken up after {np.median(taken):.1f} s (median): {len(found):,} requests, "
        f"{len(found) / (time.monotonic() - start):.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"{wrong.count('mixed')} mixed answers, {len(wrong) - wrong.count('mixed')} errors"
    )


if __name__ == "__main__":
    main()
