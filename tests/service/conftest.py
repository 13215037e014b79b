"""Two nights of planted shows, and real servers over them."""

import contextlib
import os
import re
import signal
import subprocess
import threading

import httpx
import pytest

import discover
from tests.forks import SERVE, SERVE_TEXTS


@pytest.fixture(scope="session")
def made(shared):
    """The workspace of two nights: the second has ten titles less. Nobody writes to it."""
    return shared.read("served") / "ws"


@pytest.fixture
def workspace(shared, tmp_path):
    """A copy of it to write to."""
    return shared.copy("served", tmp_path / "served") / "ws"


class Server:
    """A `discover serve` of its own, and an HTTP client of it."""

    def __init__(self, start, workspace, *options, keys="", command="serve"):
        line = [command, "-w", workspace, "--port", 0, *options]
        known = os.environ | {"DISCOVER_API_KEYS": keys, "PYTHONUNBUFFERED": "1"}
        self.process = start(line, env=known, stderr=subprocess.PIPE)
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
def running(start, workspace, *options, command="serve", **more):
    """A server that is up; afterwards its log must hold no traceback."""
    server = Server(start, workspace, *options, command=command, **more)
    try:
        if command == "serve":
            until(server, lambda: server.http.get("/ready").status_code == 200)
        yield server
    finally:
        server.stop()
    assert not [line for line in server.log if "Traceback" in line], "".join(server.log)


@pytest.fixture(scope="session")
def serving(forks):
    """`running` with processes that fork, and without the models, which the first text loads."""

    def start(line, **options):
        return forks.start(line, imports=SERVE_TEXTS if "--preload" in line else SERVE, limit=0, **options)

    def serving(workspace, *options, command="serve", **more):
        quick = () if command != "serve" or "--preload" in options else ("--no-preload",)
        return running(start, workspace, *options, *quick, command=command, **more)

    return serving


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
def server(made, serving):
    """A service that only reads, its models loaded."""
    with serving(made, "--read-only", "--rate", "", "--preload") as server:
        yield server


@pytest.fixture(scope="session")
def engine(made):
    return discover.open(made)
