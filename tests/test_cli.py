"""The commands as a shell meets them: what they print, and what they do when the shell is odd."""

import json

from discover import store
from tests.crash.committer import commit
from tests.test_run import command


def test_prune_removes_all_but_the_newest_and_the_current(tmp_path):
    for _ in range(9):
        commit(tmp_path, kilobytes=1)
    store.rollback(tmp_path, 1)
    done = command("prune", "-w", tmp_path)
    assert (done.returncode, done.stdout) == (0, "removed: 2\n")
    done = command("prune", "--keep", 2, "--json", "-w", tmp_path)
    assert json.loads(done.stdout) == {"removed": [3, 4, 5, 6, 7]}
    assert [version.number for version in store.versions(tmp_path)] == [1, 8, 9]
    assert command("prune", "-w", tmp_path).stdout == "nothing to remove\n"
    done = command("prune", "--keep", 0, "-w", tmp_path)
    assert (done.returncode, done.stderr) == (2, "discover: prune: keep must be at least 1, got 0\n")
