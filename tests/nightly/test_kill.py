"""A real `discover run`, killed at fifty random moments: a whole version is left, and the next run works."""

import errno
import json
import shutil
import time
from functools import partial

import numpy as np
import pytest

import discover
from discover.testing import shows
from tests.forks import Fault
from tests.shell import write

KILLS = 50


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory):
    """Two nights with nothing new to encode between them, so that each run is short and most of it is at stake."""
    folder, rows = tmp_path_factory.mktemp("catalogs"), shows(each=8)
    return [write(folder / "a.csv", rows), write(folder / "b.csv", rows[:-5][::-1])]


def job(forks, words, workspace, catalog, at=0, seconds=None):
    """The command in a process of its own: killed at its `at`-th change to the workspace, or after so many seconds."""
    arguments = ["run", catalog, "-w", workspace, "--settings", words, "--json"]
    fault = Fault(workspace, at) if at else None
    done = forks.run(arguments, kill_after_seconds=seconds, fault=fault)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode


def test_fifty_kills_leave_a_whole_version_and_a_working_workspace(forks, library, words, tmp_path, catalogs):
    workspace, random = tmp_path / "ws", np.random.default_rng(0)
    run = partial(job, forks, words, workspace)
    assert run(catalogs[0]) == 0
    steps = count_steps(lambda at: run(catalogs[1], at=at))
    start = time.monotonic()
    assert run(catalogs[0]) == 0
    duration = time.monotonic() - start
    whole, killed, left = discover.open(workspace).version.number, 0, set()
    for number in range(KILLS):
        # Half by the clock, anywhere in the run; half by the step, anywhere in what it writes.
        moment = {"at": int(random.integers(1, steps + 1))} if number % 2 else {"seconds": random.uniform(0, duration)}
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
    last = forks.run(["run", catalogs[0], "-w", workspace, "--settings", words, "--json"])
    assert last.returncode == 0, last.stderr
    assert json.loads(last.stdout)["version"] > whole
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


@pytest.mark.slow
def test_a_disk_that_fails_once_the_version_is_current_is_a_warning(forks, library, words, tmp_path, catalogs):
    """Done with exit code 0, and said; before that, exit code 6, and nothing was changed."""
    workspace, hurt = tmp_path / "ws", tmp_path / "hurt"
    for _ in range(2):  # from then on all runs take the same steps
        job(forks, words, workspace, catalogs[0])

    def fails(at, error):
        """How a run ends whose `at`-th change fails, in a workspace as it was."""
        shutil.rmtree(hurt, ignore_errors=True)
        shutil.copytree(workspace, hurt)
        arguments = ["run", catalogs[0], "-w", hurt, "--settings", words, "--quiet"]
        return forks.run(arguments, fault=Fault(hurt, at, error, once=True))

    last = count_steps(lambda at: fails(at, 0).returncode)
    codes, said = set(), ""
    for at in range(last - 5, last + 1):
        done = fails(at, errno.EIO)
        assert (done.returncode, discover.open(hurt).version.number) in ((0, 3), (6, 2)), done.stderr
        assert "Input/output error" in done.stderr
        assert discover.verify(hurt) == []
        codes.add(done.returncode)
        said += done.stderr
    assert codes == {0, 6}
    assert "CURRENT: written, but the device does not confirm it" in said
