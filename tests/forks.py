"""Processes of their own in a tenth of a second: forked from one that has everything imported already.

`Forks().start(["run", "shows.csv"], cwd=folder)` is what `python -m discover run shows.csv` is, with its own process
number, descriptors, environment and exit code, but for the seconds that importing torch and its friends takes. Where
importing is what a test is about, it starts Python instead.

This file is also the program that forks (`forks.py DESCRIPTOR`). It imports what a request names and does nothing else
before it forks: no thread is there that a child would miss.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[1]
DISCOVER, SCRIPT = "discover.__main__:main", "tests.forks:script"
# What a child would import one after the other, which takes seconds.
RUN = (
    *("discover.cli.commands", "discover.nightly.job", "discover.nightly.pipeline", "discover.engine.engine"),
    *("discover.embeddings.encoders.sentence", "discover.labels.labellers.keywords", "discover.report.write"),
    *("sentence_transformers", "hdbscan", "numba", "pandas", "PIL.Image", "pyarrow.parquet", "rich.console"),
    *(
        "rich.table",
        "scipy.sparse",
        "sklearn.feature_extraction.text",
        "bm25s",
        "duckdb",
        "statsmodels.stats.multitest",
    ),
    *("dateparser", "cattrs", "logging.config", "indexes.flat", "indexes.hnsw", "indexes.ivf", "indexes.neighbors"),
)
SERVE = ("discover.service.server", "discover.service.tools", "uvicorn.protocols.http.h11_impl", "duckdb", "PIL.Image")
SERVE_TEXTS = (*SERVE, "sentence_transformers")
LIMIT = 300  # seconds after which a child that hangs is ended


@dataclass(frozen=True)
class Fault:
    """What goes wrong in a child: its `at`-th change under a folder fails with `error`, or (0) kills it."""

    folder: Path
    at: int
    error: int = 0
    once: bool = False


@dataclass(frozen=True)
class Done:
    """How a process ended, and what it wrote; -9 is a kill."""

    returncode: int
    stdout: str
    stderr: str


class Child:
    """A forked process, as `subprocess.Popen` has it."""

    def __init__(self, pid: int, ended: int, outputs: Mapping[int, int]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended  # a pipe on which its exit code is written
        self.stdout, self.stderr = (
            os.fdopen(outputs[number], encoding="utf-8") if number in outputs else None for number in (1, 2)
        )

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0)
            told = os.read(self._ended, 64)
            os.close(self._ended)
            assert told, "the process that forks has ended"
            self.returncode = int(told)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ended, and the news of it is on its way
                os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """End it and what it started, and give back what it holds."""
        self.kill()
        self.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Forks:
    """The process that forks, started by the first request; `library` is the compiled fault.c."""

    def __init__(self, library: Path | None = None) -> None:
        self._library = library
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        arguments: Sequence[object],
        call: str = DISCOVER,
        imports: Sequence[str] = RUN,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
        fault: Fault | None = None,
        limit: int = LIMIT,
    ) -> Child:
        """A child that calls `module:function` with these arguments in sys.argv; streams are those of subprocess.

        After `limit` seconds it is ended by SIGALRM; 0 lets it live.
        """
        control = self._ready()
        request = {
            "arguments": [str(each) for each in arguments],
            "call": call,
            "imports": list(imports),
            "cwd": str(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            "limit": limit,
            "fault": None if fault is None else [str(fault.folder.resolve()), fault.at, fault.error, fault.once],
        }
        content, ours, theirs = json.dumps(request).encode(), {}, []
        try:
            for number, stream in enumerate((stdin, stdout, stderr)):
                if stream == subprocess.PIPE:
                    ours[number], end = os.pipe()
                else:
                    end = os.open(os.devnull, os.O_RDWR) if stream == subprocess.DEVNULL else os.dup(stream)
                theirs.append(end)
            ended, told = os.pipe()
            theirs.append(told)
            socket.send_fds(control, [len(content).to_bytes(8)], theirs)
            control.sendall(content)
        finally:
            for each in theirs:
                os.close(each)
        pid = control.recv(8, socket.MSG_WAITALL)
        assert len(pid) == 8, "the process that forks has ended"
        return Child(int.from_bytes(pid), ended, ours)

    def run(
        self,
        arguments: Sequence[object],
        kill_after_lines: int = 0,
        kill_after_seconds: float | None = None,
        **options: Any,
    ) -> Done:
        """Start a child with the other options of `start`, wait for its end, and give its output.

        `stdout` may go elsewhere. Where seconds are given, it is killed (SIGKILL) so many lines of output and then
        seconds after its start.
        """
        with tempfile.TemporaryFile() as errors:
            options = {"stdout": subprocess.PIPE, "stderr": errors.fileno()} | options
            with self.start(arguments, **options) as child:
                output = b""
                if kill_after_seconds is not None:
                    output = _read(child.stdout.fileno(), kill_after_lines, kill_after_seconds)
                    child.kill()
                if child.stdout is not None:
                    output += child.stdout.buffer.read()
                code = child.wait()
            errors.seek(0)
            return Done(code, output.decode(), errors.read().decode())

    def close(self) -> None:
        """End it and all its children."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.wait(30)

    def _ready(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair()
            path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
            known = {"PYTHONPATH": path, "POLARS_ALLOW_FORKING_THREAD": "1"} | (
                {} if self._library is None else {"LD_PRELOAD": str(self._library)}
            )
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                env=os.environ | known,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # an interruption of pytest is not one of the children
            )
            theirs.close()
        return self._control


def _read(descriptor: int, lines: int, seconds: float) -> bytes:
    """What a process writes until there are so many lines, and then for so many seconds, or until it ends."""
    output = b""
    deadline = time.monotonic() + seconds if lines == 0 else None
    while deadline is None or deadline > time.monotonic():
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if select.select([descriptor], [], [], left)[0]:
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                break
            output += chunk
        if deadline is None and output.count(b"\n") >= lines:
            deadline = time.monotonic() + seconds
    return output


def script() -> None:
    """Run the Python file that the first argument names, as `python FILE` does."""
    runpy.run_path(sys.argv[1], run_name="__main__")


# --- the program -------------------------------------------------------------------------------------------


def serve(control: socket.socket) -> None:
    """Fork a child for each request, and say how it ended, until nobody is there to ask."""
    children: dict[int, tuple[int, int]] = {}  # by the descriptor that tells of its end: its number, whom to tell
    while True:
        for ready in select.select([control, *children], [], [])[0]:
            if ready is not control:
                pid, told = children.pop(ready)
                os.write(told, str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
                os.close(told)
                os.close(ready)
                continue
            length, passed, *_ = socket.recv_fds(control, 8, 4)
            if not length:
                for pid, _ in children.values():
                    os.kill(pid, signal.SIGKILL)
                return
            request = json.loads(control.recv(int.from_bytes(length), socket.MSG_WAITALL))
            for name in request["imports"]:
                importlib.import_module(name)
            pid = os.fork()
            if pid == 0:
                control.close()
                os._exit(child(request, passed[:3]))
            for each in passed[:3]:
                os.close(each)
            children[os.pidfd_open(pid)] = pid, passed[3]
            control.sendall(pid.to_bytes(8))


def child(request: dict[str, Any], streams: Sequence[int]) -> int:
    """In the child: the call, with what Python does before and after its main program."""
    signal.alarm(request["limit"])
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    sys.stdin = open(0, encoding=encoding)  # noqa: SIM115  # open as long as the process
    sys.stdout = io.TextIOWrapper(open(1, "wb"), encoding, errors or None, line_buffering=os.isatty(1))  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(open(2, "wb", 0), encoding, "backslashreplace", write_through=True)  # noqa: SIM115
    module, _, function = request["call"].partition(":")
    sys.argv = [module, *request["arguments"]]
    if request["fault"] is not None:
        folder, *numbers = request["fault"]
        ctypes.CDLL(None).fault_under(folder.encode())
        ctypes.CDLL(None).fault_arm(*map(int, numbers))
    try:
        code = getattr(importlib.import_module(module), function)()
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return code or 0


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
