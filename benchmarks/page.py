"""The page's map in headless Chromium: bytes on the wire, first paint, and frames while panning and zooming.

python -m benchmarks.page [--workspace bench-results/answers-pypi_summaries-100000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.table import WIDTH

FRAMES = 60  # of a drag, and of a zoom
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PAYLOAD = 3_000_000  # bytes: the goal
NOTE = """{items:,} items. Chromium without a graphics card: SwiftShader draws on the {cores} cores, beside the service;
with a card, frames take the screen's own rhythm. Map: bytes of /v1/map as sent. Page: script and style as sent.
First paint: from opening the address to the first drawn frame of the map, the page's own files and the map loaded
anew. Frames: wall times between animation frames while the pointer drags, and while the wheel zooms; page CPU and
drawing CPU: processor time of Chromium's renderer and of its drawing process for each frame of a drag, which depend
less on what else the machine does. Median of {rounds} rounds. Load: {load:.1f} at the start."""
WATCH = """() => { window.frames_ = []; let last = performance.now();
  const step = (now) => { window.frames_.push(now - last); last = now; window.watching = requestAnimationFrame(step); };
  window.watching = requestAnimationFrame(step); }"""
WATCHED = "() => { cancelAnimationFrame(window.watching); return window.frames_.slice(1); }"


@contextmanager
def serving(workspace: Path) -> Iterator[str]:
    """The address of a service that only reads."""
    command = [sys.executable, "-m", "discover", "serve", "-w", str(workspace), "--port", "0", "--read-only"]
    with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            while True:
                log.seek(0)
                if found := re.search(r"http://127\.0\.0\.1:\d+", log.read()):
                    break
                if process.poll() is not None:
                    raise SystemExit(f"the service did not start: exit code {process.returncode}")
            yield found[0]
        finally:
            process.terminate()


def compressed(url: str) -> int:
    """Bytes that go over the wire."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})) as answer:
        return len(answer.read())


def cpu(session: Any) -> dict[str, float]:
    """Processor seconds so far of each kind of Chromium's processes."""
    spent: dict[str, float] = {}
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        spent[process["type"]] = spent.get(process["type"], 0.0) + process["cpuTime"]
    return spent


def measured(browser: Any, url: str) -> dict[str, list[float]]:
    """Milliseconds of one visit: to the first drawn map, and of each frame while it is moved."""
    session = browser.new_browser_cdp_session()
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.goto(f"{url}/?view=map")
        page.wait_for_function("() => performance.getEntriesByName('map-drawn').length")
        first = page.evaluate("performance.getEntriesByName('map-drawn')[0].startTime")
        box = page.locator(".plate").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        for _ in range(3):  # into the crowd, where there is somewhere to pan to
            page.mouse.wheel(0, -200)
        before = cpu(session)
        page.evaluate(WATCH)
        page.mouse.down()
        page.mouse.move(x - 400, y - 150, steps=FRAMES)
        page.mouse.up()
        pan = page.evaluate(WATCHED)
        spent = {kind: 1000 * (after - before.get(kind, 0.0)) / len(pan) for kind, after in cpu(session).items()}
        page.evaluate(WATCH)
        for _ in range(FRAMES):
            page.mouse.wheel(0, 20)
        zoom = page.evaluate(WATCHED)
    own = {"pan, page CPU": [spent["renderer"]], "pan, drawing CPU": [spent["GPU"]]}
    return {"first paint": [first], "pan": pan, "zoom": zoom, **own}


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.page", description=__doc__)
    parser.add_argument("--workspace", type=Path, default=Path("bench-results/answers-pypi_summaries-100000"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    from playwright.sync_api import sync_playwright

    import discover

    items, load = len(discover.open(chosen.workspace).catalog), os.getloadavg()[0]
    with serving(chosen.workspace) as url, sync_playwright() as playwright:
        payload = compressed(f"{url}/v1/map")
        files = sum(compressed(f"{url}/assets/{name}") for name in ("page.js", "page-style.css"))
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=ARGUMENTS)
        runs = [measured(browser, url) for _ in range(chosen.rounds)]
        browser.close()
    table = Table("", "", "p95", "goal", "", box=SIMPLE_HEAD)
    verdict = "met" if payload <= PAYLOAD else "missed"
    table.add_row("map", f"{payload / 1e6:.2f} MB", "", f"<= {PAYLOAD / 1e6:g} MB", verdict)
    table.add_row("page", f"{files / 1e3:.0f} kB", "", "", "")
    for name in runs[0]:
        middles = [median(run[name]) for run in runs]
        worst = [sorted(run[name])[int(0.95 * (len(run[name]) - 1))] for run in runs]
        table.add_row(
            name, f"{median(middles):.0f} ms", f"{median(worst):.0f} ms" if name in ("pan", "zoom") else "", "", ""
        )
    console = Console(width=WIDTH)
    console.print(table)
    words = {"items": items, "cores": os.cpu_count(), "rounds": chosen.rounds, "load": load}
    console.print(Text("\n" + " ".join(NOTE.format(**words).split())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
