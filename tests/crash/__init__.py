"""What disturbs a process: `fault.c`, which makes its disk fail or kills it at a chosen call. See `tests.forks`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = "fault.so"
COMMITTER = str(Path(__file__).with_name("committer.py"))


def environment() -> dict[str, str]:
    """This process's environment, with the project importable."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def compiler() -> str | None:
    """A C compiler, where faults can be injected."""
    return (shutil.which("cc") or shutil.which("gcc")) if Path("/proc/self/fd").exists() else None


def need_compiler() -> None:
    """Skips the test where there is none."""
    if compiler() is None:
        pytest.skip("injecting faults needs a C compiler and /proc: install gcc to run this test")


def compile_library(folder: Path) -> None:
    """`fault.c`, compiled into the folder as LIBRARY."""
    source = str(Path(__file__).with_name("fault.c"))
    line = [str(compiler()), "-shared", "-fPIC", "-O1", "-o", str(folder / LIBRARY), source, "-ldl"]
    subprocess.run(line, check=True)
