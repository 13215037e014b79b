"""A real `discover run`, killed at fifty random moments: a whole version is left, and the next run works."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import discover
from tests import crash
from tests.nightly.test_run import write
from tests.planted import shows

KILLS = 50
RUNNER = str(Path(crash.__file__).with_name("runner.py"))


def job(catalog, workspace):
    return [sys.executable, "-m", "discover", "run", str(catalog), "-w", str(workspace), "--json"]


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory):
    """Two nights with nothing new to encode between them, so that each run is short and most of it is at stake."""
    folder, rows = tmp_path_factory.mktemp("catalogs"), shows(each=8)
    return [write(folder / "a.csv", rows), write(folder / "b.csv", rows[:-5][::-1])]


@contextmanager
def runner(workspace, library, errors):
    """A function that runs the command in a forked child (see crash/runner.py) and gives its exit code."""
    with (
        errors.open("w") as told,
        subprocess.Popen(
            [sys.executable, RUNNER, str(workspace)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            env=crash.environment(crash.fault(library, workspace)),
        ) as process,
    ):

        def run(catalog, at=0, seconds=None):
            process.stdin.write(json.dumps([str(catalog), at, seconds]) + "\n")
            process.stdin.flush()
            code = int(process.stdout.readline())
            assert code in (0, -9), errors.read_text()
            return code

        yield run
        process.stdin.close()


def test_fifty_kills_leave_a_whole_version_and_a_working_workspace(tmp_path, catalogs):
    workspace, random = tmp_path / "ws", np.random.default_rng(0)
    library = crash.fault_library(tmp_path)
    assert crash.run(job(catalogs[0], workspace)).returncode == 0
    with runner(workspace, library, tmp_path / "errors.txt") as run:
        steps = count_steps(lambda at: run(catalogs[1], at=at))
        start = time.monotonic()
        assert run(catalogs[0]) == 0
        duration = time.monotonic() - start
        whole, killed, left = discover.open(workspace).version.number, 0, set()
        for number in range(KILLS):
            # Half by the clock, anywhere in the run; half by the step, anywhere in what it writes.
            moment = (
                {"at": int(random.integers(1, steps + 1))} if number % 2 else {"seconds": random.uniform(0, duration)}
            )
            killed += run(catalogs[number // 2 % 2], **moment) == -9
            assert discover.verify(workspace) == []
            found = discover.open(workspace)
            assert found.version.number >= whole
            assert len(found.catalog) in (48, 43)
            assert found.similar("0000", k=3)
            left.add(found.version.number - whole)
            whole = found.version.number
    assert killed > KILLS // 2
    assert left >= {0, 1}, "some kills must leave the old version, and some runs the new one"
    last = crash.run(job(catalogs[0], workspace))
    assert last.returncode == 0, last.errors
    assert json.loads("".join(last.lines))["version"] > whole
    assert [path.name for path in workspace.glob(".tmp-*")] == []


def count_steps(run):
    """How many changes a run makes in the workspace: the last one at which it can be killed."""
    low, high = 0, 1
    while run(high) == -9:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if run(middle) == -9 else (low, middle)
    return low
