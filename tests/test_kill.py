"""A real `discover run`, killed at fifty random moments: a whole version is left, and the next run works."""

import json
import sys

import numpy as np
import pytest

import discover
from tests import crash
from tests.planted import shows
from tests.test_run import write

KILLS = 50


def job(catalog, workspace):
    return [sys.executable, "-m", "discover", "run", str(catalog), "-w", str(workspace), "--json"]


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory):
    """Two nights with nothing new to encode between them, so that each run is short and most of it is at stake."""
    folder, rows = tmp_path_factory.mktemp("catalogs"), shows(each=8)
    return [write(folder / "a.csv", rows), write(folder / "b.csv", rows[:-5][::-1])]


def test_fifty_kills_leave_a_whole_version_and_a_working_workspace(tmp_path, catalogs):
    workspace, random = tmp_path / "ws", np.random.default_rng(0)
    library = crash.fault_library(tmp_path)
    assert crash.run(job(catalogs[0], workspace)).returncode == 0
    steps = count_steps(library, job(catalogs[1], workspace), workspace)
    whole = discover.open(workspace).version.number
    killed = 0
    for number in range(KILLS):
        # Half by the clock, anywhere in the run; half by the step, anywhere in what it writes.
        by_step = number % 2
        ended = crash.run(
            job(catalogs[number // 2 % 2], workspace),
            kill_after_lines=None if by_step else 0,
            kill_after_seconds=float(random.uniform(0, 6)),
            env=crash.fault(library, workspace, at=int(random.integers(1, steps))) if by_step else None,
        )
        killed += ended.returncode == -9
        assert ended.returncode in (0, -9), ended.errors
        assert discover.verify(workspace) == []
        found = discover.open(workspace)
        assert found.version.number >= whole
        assert len(found.catalog) in (48, 43)
        assert found.similar("0000", k=3)
        whole = found.version.number
    assert killed >= KILLS // 2
    last = crash.run(job(catalogs[0], workspace))
    assert last.returncode == 0, last.errors
    assert json.loads("".join(last.lines))["version"] > whole
    assert [path.name for path in workspace.glob(".tmp-*")] == []


def count_steps(library, command, workspace):
    """How many changes a run makes in the workspace: the first step at which no kill happens is one too many."""
    low, high = 1, 2
    while crash.run(command, env=crash.fault(library, workspace, at=high)).returncode == -9:
        low, high = high, high * 2
    return low
