"""The folder of a workspace: where its versions are, which of them is current, and the lock that its writer holds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from discover.core import files
from discover.core.errors import BusyError, UsageError, WorkspaceError

VERSIONS = "versions"
CURRENT = "CURRENT"
LOCK = ".lock"


def folder_of(workspace: Path, number: int) -> Path:
    """Where a version is, or would be."""
    return workspace / VERSIONS / f"{number:08d}"


def as_path(workspace: str | os.PathLike[str]) -> Path:
    """The workspace's folder. Raises UsageError where none is named: "" would be the current folder."""
    if not isinstance(workspace, (str, os.PathLike)) or not os.fspath(workspace):
        raise UsageError(f"workspace: expected a folder, got {workspace!r}")
    return Path(workspace)


def existing(workspace: str | os.PathLike[str]) -> Path:
    """The workspace, if there is one with a version in it. Raises WorkspaceError."""
    home = as_path(workspace)
    advice = f"`discover run CATALOG --workspace {home}` makes one"
    with files.disk_errors(home):
        if not home.is_dir():
            raise WorkspaceError(f"{home}: no workspace here. {advice}")
        if not numbers(home):
            raise WorkspaceError(f"{home}: this workspace has no version. {advice}")
    return home


def numbers(workspace: str | os.PathLike[str]) -> list[int]:
    """Numbers of the versions, whole or not, ascending; none where there is no workspace."""
    try:
        names = [path.name for path in Path(workspace, VERSIONS).iterdir()]
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if re.fullmatch(r"[0-9]{8}|[1-9][0-9]{8,17}", name))


def check_number(workspace: Path, number: int) -> int:
    """The number, if there is such a version. Raises UsageError if it is not a number, WorkspaceError."""
    if not isinstance(number, int):
        raise UsageError(f"version: expected a whole number, got {number!r}")
    present = numbers(workspace)
    if number not in present:
        raise WorkspaceError(f"{workspace}: no version {number}. Valid: {', '.join(map(str, present))}")
    return number


def read_current(workspace: Path) -> int | None:
    """The number in CURRENT; None if that is missing or garbage."""
    try:
        text = (workspace / CURRENT).read_bytes()
    except FileNotFoundError:
        return None
    return int(text) if re.fullmatch(rb"[1-9][0-9]{0,17}\n", text) else None


def current_number(workspace: Path) -> int | None:
    """The number in CURRENT, if its version is there."""
    with files.disk_errors(workspace / CURRENT):
        number = read_current(workspace)
        if number is None or folder_of(workspace, number).is_dir():
            return number
        # A writer may have moved on and pruned between our two looks; what CURRENT names now decides.
        return None if read_current(workspace) == number else current_number(workspace)


# --- the lock ----------------------------------------------------------------------------------------------


@contextmanager
def lock(workspace: Path) -> Iterator[None]:
    """Hold the workspace's lock. Raises BusyError at once if another process (or thread) does."""
    try:
        import fcntl
    except ImportError as error:
        raise UsageError("writing a workspace needs file locks (fcntl): use Linux, macOS or WSL") from error
    with files.disk_errors(workspace / LOCK):
        descriptor = os.open(workspace / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with files.disk_errors(workspace / LOCK):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError(_describe_holder(workspace, descriptor)) from error
            if not _is_there(workspace / LOCK, descriptor):  # the holder took it away, see `versions.writing`
                raise BusyError(_describe_holder(workspace, descriptor))
        with suppress(OSError):  # the number only helps people, and a full disk must not stop `prune`
            os.pwrite(descriptor, f"{os.getpid():<20}\n".encode(), 0)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing would not do while a forked child has the file open
        os.close(descriptor)


def _is_there(path: Path, descriptor: int) -> bool:
    """Whether a path is still the file that is open."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _describe_holder(workspace: Path, descriptor: int) -> str:
    words = os.pread(descriptor, 20, 0).split()
    who = f"process {words[0].decode()}" if words and words[0].isdigit() else "another process"
    return f"{workspace}: {who} is writing to this workspace. Run again when it is done"
