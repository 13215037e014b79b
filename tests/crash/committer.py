"""A program that commits planted versions, for tests to disturb: `committer.py MODE WORKSPACE [KILOBYTES]`.

Version n holds contents(n), so a reader knows every byte that a whole version must have.
"""

from __future__ import annotations

import json
import os
import resource
import select
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from discover.core import files
from discover.core.errors import DiscoverError
from discover.store import versions


def contents(stamp: int, kilobytes: int = 100) -> dict[str, bytes]:
    """The files of a version: three that differ each time, and one that never changes and so is shared."""
    random = np.random.default_rng(stamp)
    sizes = {"vectors.npy": 4 * kilobytes, "indexes/text.bin": 3 * kilobytes, "report.html": kilobytes}
    changing = {name: random.bytes(size << 10) for name, size in sizes.items()}
    return {**changing, "indexes/same.bin": np.random.default_rng(0).bytes(2 * kilobytes << 10)}


def commit(workspace: Path, kilobytes: int = 100, report: Callable[[str], None] = lambda step: None) -> int:
    """Commit the next version, reporting each step."""
    with versions.writing(workspace) as draft:
        stamp = max((each.number for each in committed(workspace)), default=0) + 1
        for name, content in contents(stamp, kilobytes).items():
            files.write_bytes(draft.folder / name, content)
            report(name)
        manifest = {"stamp": stamp, "kilobytes": kilobytes, "last theme": stamp}
        number = draft.commit(manifest, lambda message: os.write(2, f"warning: {message}\n".encode()))
        report(f"version {number}")
    return number


def committed(workspace: Path) -> list[versions.Version]:
    """The versions of a workspace that may have none yet."""
    return versions.list_versions(workspace) if any((workspace / versions.VERSIONS).iterdir()) else []


def wrong(version: versions.StoredVersion) -> list[str]:
    """Names of files that do not hold what was planted."""
    planted = contents(version.manifest["stamp"], version.manifest["kilobytes"])
    return [name for name in {*planted, *version.files} if version.checked(name).read_bytes() != planted[name]]


def say(line: str) -> None:
    """One line of output, at once."""
    print(line, flush=True)


def loop(workspace: Path, kilobytes: int) -> None:
    """Commit until killed."""
    say("ready")
    while True:
        commit(workspace, kilobytes, report=say)


def once(workspace: Path, kilobytes: int) -> None:
    """Commit one version."""
    commit(workspace, kilobytes)


def prune(workspace: Path, kilobytes: int) -> None:
    """Remove all versions but the newest."""
    versions.prune(workspace, keep=1)


def limited(workspace: Path, kilobytes: int) -> None:
    """Commit one version under a limit on the size of files (which a process can only lower)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 11, kilobytes << 11))
    commit(workspace, kilobytes)


def hold(workspace: Path, kilobytes: int) -> None:
    """Hold the lock until killed, or until standard input ends."""
    with versions.writing(workspace) as draft:
        files.write_bytes(draft.folder / "half.bin", bytes(kilobytes))
        say("holding")
        sys.stdin.read()


def read(workspace: Path, kilobytes: int) -> None:
    """Read the current version over and over until standard input ends; say how often, which, and what was wrong."""
    first = versions.open(workspace)
    mapped = {name: np.memmap(first.checked(name), np.uint8, "r") for name in first.files}
    opens, seen, bad = 0, set[int](), list[str]()
    say("reading")
    while not select.select([sys.stdin], [], [], 0)[0]:
        version = versions.open(workspace)
        bad += [f"{version.number}: {name}" for name in wrong(version)]
        opens, seen = opens + 1, seen | {version.number}
    planted = contents(first.manifest["stamp"], kilobytes)
    bad += [f"mapped {name}" for name, array in mapped.items() if array.tobytes() != planted[name]]
    say(json.dumps({"opens": opens, "seen": sorted(seen), "wrong": bad}))


def guarded(mode: Callable[[Path, int], None], workspace: Path, kilobytes: int) -> int:
    """Run as the command line would: one line on standard error and an exit code for what goes wrong."""
    try:
        mode(workspace, kilobytes)
    except DiscoverError as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        return error.exit_code
    return 0


def main() -> int:
    """The mode that the arguments name, on the workspace that they name."""
    mode, workspace, *rest = sys.argv[1:]
    return guarded(globals()[mode], Path(workspace), int(rest[0]) if rest else 100)


if __name__ == "__main__":
    sys.exit(main())
