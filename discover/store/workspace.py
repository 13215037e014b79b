"""The folder of a workspace: where its versions are, which of them is current, and the locks that its writers hold."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from discover.core import files
from discover.core.errors import BusyError, UsageError, WorkspaceError
from discover.store import marker, seals

VERSIONS = "versions"
CURRENT = "CURRENT"
LOCK = ".lock"  # of who makes or removes versions
EDITS_LOCK = ".edits-lock"  # of who writes edits, or gives ids to themes; held for seconds
EDITS = "edits.jsonl"
EDITS_SECONDS = 10.0  # that an editor waits for the lock of edits: less than the service gives a request
RUN_SECONDS = 600.0  # that a run does, which has more to lose
POLL_SECONDS = 0.05  # between two tries to get a lock
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://?")  # pathlib makes one slash of two


def folder_of(workspace: Path, number: int) -> Path:
    """Where a version is, or would be."""
    return workspace / VERSIONS / f"{number:08d}"


def as_path(workspace: str | os.PathLike[str]) -> Path:
    """The workspace's folder. Raises UsageError where none is named ("" would be the current folder), or the address
    of something that is not a folder.
    """
    if not isinstance(workspace, (str, os.PathLike)) or not os.fspath(workspace):
        raise UsageError(f"workspace: expected a folder, got {workspace!r}")
    if ADDRESS.match(os.fspath(workspace)):
        raise UsageError(f"workspace: {workspace} is not a local folder. Other storage is not supported yet")
    if "\0" in os.fspath(workspace):
        raise UsageError(f"workspace: {os.fspath(workspace)!r} is not a path. Remove the NUL character")
    return Path(workspace)


def existing(workspace: str | os.PathLike[str]) -> Path:
    """The workspace, if there is one with a version in it. Raises WorkspaceError, also for one of another format."""
    home = as_path(workspace)
    advice = f"`discover run CATALOG --workspace {home}` makes one"
    with files.disk_errors(home):
        if not home.is_dir():
            raise WorkspaceError(f"{home}: no workspace here. {advice}")
        marker.read_sound(home)
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
    """The number in CURRENT; None if that is missing or damaged."""
    try:
        return _parse_current(workspace)
    except ValueError:
        return None


def current_damage(workspace: Path) -> str:
    """What is wrong with CURRENT, or "". Raises DiskError."""
    with files.disk_errors(workspace / CURRENT):
        try:
            number = _parse_current(workspace)
        except ValueError as error:
            return str(error)
    if number is None:
        return "missing"
    return "" if folder_of(workspace, number).is_dir() else "names a version that does not exist"


def encode_current(number: int) -> bytes:
    """The bytes of CURRENT."""
    return seals.seal({"version": number})


def _parse_current(workspace: Path) -> int | None:
    """The number in CURRENT; None where there is no such file. Raises ValueError if one byte of it changed, OSError."""
    path = workspace / CURRENT
    if path.is_symlink():
        raise ValueError("not a plain file")
    try:
        number = seals.unseal(path.read_bytes(), "the number of a version").get("version")
    except FileNotFoundError:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError("damaged (not the number of a version)")
    return number


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
    """Hold the lock of who makes or removes versions. Raises BusyError at once if another process (or thread) does."""
    with _hold(workspace, LOCK, 0.0):
        yield


@contextmanager
def edits_lock(workspace: Path, patient: bool = False) -> Iterator[None]:
    """Hold the lock of who writes edits or gives ids, after waiting for it: long if `patient`. Raises BusyError."""
    with _hold(workspace, EDITS_LOCK, RUN_SECONDS if patient else EDITS_SECONDS):
        yield


@contextmanager
def _hold(workspace: Path, name: str, seconds: float) -> Iterator[None]:
    """Hold the lock of this name, after waiting for it at most so long."""
    try:
        import fcntl
    except ImportError as error:
        raise UsageError("writing a workspace needs file locks (fcntl): use Linux, macOS or WSL") from error
    path, deadline = workspace / name, time.monotonic() + seconds
    descriptor = _open_lock(path)
    try:
        with files.disk_errors(path):
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() >= deadline:
                        raise BusyError(_describe_holder(workspace, descriptor)) from error
                time.sleep(POLL_SECONDS)
            if not _is_there(path, descriptor):  # the holder took it away, see `versions.writing`
                raise BusyError(_describe_holder(workspace, descriptor))
        with suppress(OSError):  # the number only helps people, and a full disk must not stop `prune`
            os.pwrite(descriptor, f"{os.getpid():<20}\n".encode(), 0)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing would not do while a forked child has the file open
        os.close(descriptor)


def _open_lock(path: Path) -> int:
    """A descriptor of the file of a lock. Raises WorkspaceError for a link, which may lead to a file of somebody else,
    and for what is not a file.
    """
    with files.disk_errors(path):
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise WorkspaceError(f"{path}: not a plain file. Remove it, then run again")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise WorkspaceError(f"{path}: not a plain file. Remove it, then run again")
    return descriptor


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
