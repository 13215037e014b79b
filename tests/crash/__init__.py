"""Kill a command at a chosen moment, or make its disk fail at a chosen call. Used by tests of everything that writes.

By time: `run(command, kill_after_lines=3, kill_after_seconds=0.01)`. By step: `run(command, env=fault(library, folder,
at=17))` kills the process at its 17th change under `folder`; with `error=errno.EIO` the disk fails instead.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMITTER = str(Path(__file__).with_name("committer.py"))


@dataclass(frozen=True)
class Ended:
    """How a command ended; -9 is a kill."""

    returncode: int
    lines: tuple[str, ...]  # of its standard output
    errors: str  # its standard error


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with the project importable."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, **(extra or {})}


def run(
    command: Sequence[str],
    kill_after_lines: int | None = None,
    kill_after_seconds: float = 0.0,
    env: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command to its end, or kill it (SIGKILL) so many lines of output and then seconds after its start.

    The command itself is killed at that moment, and what it started right after.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
            env=environment(env),
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            output = b""
            if kill_after_lines is not None:
                output = _await(process.stdout.fileno(), kill_after_lines, kill_after_seconds)
                process.kill()
            output += process.stdout.read()
            process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.stdout.close()
            process.wait()
        errors.seek(0)
        return Ended(process.returncode, tuple(output.decode().splitlines()), errors.read().decode())


def _await(descriptor: int, lines: int, seconds: float) -> bytes:
    """Read a process's output until it had so many lines, and then for so many seconds, or until it ends."""
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


def fault_library(folder: Path) -> Path:
    """The compiled `fault.c`; skips the test where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not Path("/proc/self/fd").exists():
        pytest.skip("injecting faults needs a C compiler and /proc: install gcc to run this test")
    library = folder / "fault.so"
    source = str(Path(__file__).with_name("fault.c"))
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), source, "-ldl"], check=True)
    return library


def fault(library: Path, folder: Path, at: int = 0, error: int = 0, once: bool = False) -> dict[str, str]:
    """Environment in which the `at`-th change under a folder kills the process, or fails with `error`."""
    return {
        "LD_PRELOAD": str(library),
        "FAULT_FOLDER": str(folder.resolve()),
        "FAULT_AT": str(at),
        "FAULT_ERRNO": str(error),
        "FAULT_ONCE": str(int(once)),
    }
