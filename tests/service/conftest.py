"""Two nights of planted shows, and real servers over them."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading

import httpx
import pytest
from PIL import Image

import discover
from discover.testing import shows
from tests.shell import write

HOSTILE = {
    0: "</script><script>alert(1)</script>",
    1: '=HYPERLINK("http://example.com")',
    2: "javascript:alert(1)",
    3: "\u202eright to left",
    4: "long " * 2000,
    5: "family 👨\u200d👩\u200d👧 émigré",
    6: "a/b?c#d%2F",
}


def rows(each=20):
    found = shows(each=each)
    for row, title in HOSTILE.items():
        found[row]["title"] = title
    for number, row in enumerate(found):
        row["views"] = str(1000 + 37 * number)
        row["country"] = ("Norway", "Chile", "Japan")[number % 3]
    found[6]["id"] = "odd/id?#%2F é"
    found[7]["title"] = "Amélie's Orbit"
    return found


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The workspace of two nights: the second has ten titles less. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("service")
    given = rows()
    for number in range(3):
        Image.new("RGB", (600, 900), (40 * number, 90, 120)).save(folder / f"{number}.png")
        given[number]["poster"] = f"{number}.png"
    given[3]["poster"] = "https://example.com/poster.jpg"
    for row in given:
        row.setdefault("poster", "")
    settings = {"image": {"encoder": "clip", "model": "local-dir:nowhere"}}
    discover.run(write(folder / "first.csv", given), folder / "ws", settings)
    discover.run(write(folder / "second.csv", given[:-10]), folder / "ws", settings)
    return folder / "ws"


@pytest.fixture
def workspace(made, tmp_path):
    """A copy of it to write to."""
    return shutil.copytree(made, tmp_path / "ws", copy_function=os.link)


class Server:
    """A `discover serve` of its own, and an HTTP client of it."""

    def __init__(self, workspace, *options, keys="", command="serve", **environment):
        line = [sys.executable, "-m", "discover", command, "-w", str(workspace), "--port", "0", *options]
        known = os.environ | {"DISCOVER_API_KEYS": keys, "PYTHONUNBUFFERED": "1"} | environment
        self.process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=known)
        self.log = []
        for text in self.process.stderr:
            self.log.append(text)
            if found := re.search(r" on http://(\S+):(\d+)/", text):
                self.port = int(found[2])
                break
        else:
            raise AssertionError(f"the service did not start: {''.join(self.log)}")
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=60)

    def stop(self):
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.reader.join(10)


@contextlib.contextmanager
def serving(*given, **options):
    server = Server(*given, **options)
    try:
        until(server, lambda: server.http.get("/ready").status_code == 200 if options.get("command") != "mcp" else True)
        yield server
    finally:
        server.stop()
    assert not [line for line in server.log if "Traceback" in line], "".join(server.log)


def until(server, holds, seconds=180):
    """Ask again and again until something holds; fails where the server dies or time is up."""
    end = threading.Event()
    for _ in range(seconds * 20):
        if holds():
            return
        assert server.process.poll() is None, "".join(server.log)
        end.wait(0.05)
    raise AssertionError(f"not so within {seconds} s")


@pytest.fixture(scope="session")
def server(made):
    """A service that only reads, its models loaded."""
    with serving(made, "--read-only", "--rate", "", "--preload") as running:
        yield running


@pytest.fixture(scope="session")
def engine(made):
    return discover.open(made)
