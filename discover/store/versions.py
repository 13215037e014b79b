"""Versions on disk: written whole or not at all, by one writer at a time, without disturbing readers.

    WORKSPACE/
    ├── versions/00000007/        a version: its files, never changed after the folder got this name
    │   └── manifest.json         format, number, time, content, and size and SHA-256 of every other file
    ├── CURRENT                   number of the version that readers get
    ├── edits.jsonl               what strategists changed; see `edits`
    ├── .lock                     held by the writer (flock: it dies with its process)
    ├── unfinished/               what a killed run had encoded; see `embeddings.checkpoint`
    └── .tmp-PID-RANDOM           what a writer has not finished; the next writer sweeps it away

A version is built in a temporary folder, brought to the disk (fsync), and made visible by two atomic steps:
a rename into `versions` and a replacement of CURRENT. A kill between any two system calls leaves the old version
or the new one. Files equal to one of the current version become hard links to it, so an unchanged index costs no
space.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from discover.core import files
from discover.core.errors import DiskError, UsageError, WorkspaceError
from discover.core.types import Listing, Version
from discover.store import manifest as manifests
from discover.store.manifest import MANIFEST, Manifest, StoredFile
from discover.store.stored import Damage, check_format, file_sizes, inspect, inspect_all, refusal
from discover.store.stored import StoredVersion as StoredVersion
from discover.store.workspace import (
    CURRENT,
    LOCK,
    VERSIONS,
    as_path,
    check_number,
    current_number,
    existing,
    folder_of,
    lock,
    read_current,
)
from discover.store.workspace import numbers as numbers

# --- reading -----------------------------------------------------------------------------------------------


def open(workspace: str | os.PathLike[str], version: int | None = None) -> StoredVersion:
    """The current version, or the one with this number; names and sizes are checked, contents on first use.

    Raises WorkspaceError, saying what to do, if there is no such version, or if it is damaged or of another format.
    """
    home = existing(workspace)
    number = current_number(home) if version is None else check_number(home, version)
    if number is None:
        raise refusal(home, [_no_current()])
    opened, damages = inspect(home, number)
    if opened is not None and not damages:
        return opened
    if version is None and current_number(home) != number:
        return open(home)  # a writer replaced and pruned this version while we looked at it
    raise refusal(home, damages)


def current(workspace: str | os.PathLike[str]) -> int | None:
    """The number of the current version; None if CURRENT names none that is here. Raises WorkspaceError."""
    return current_number(existing(workspace))


def list_versions(workspace: str | os.PathLike[str]) -> Listing[Version]:
    """All versions, oldest first; one that cannot be read says why in place of its source.

    Raises WorkspaceError if there is none.
    """
    home = existing(workspace)
    current = current_number(home)
    return Listing(_describe(home, number, number == current) for number in numbers(home))


def verify_files(workspace: str | os.PathLike[str], version: int | None = None) -> Listing[Damage]:
    """Everything wrong with the current version, or the one with this number; every byte is read.

    Empty if it is whole. Raises WorkspaceError only where there is no workspace, no version at all, none with
    this number, or where it is of another format.
    """
    home = existing(workspace)
    number = current_number(home) if version is None else check_number(home, version)
    return Listing([_no_current()] if number is None else inspect_all(home, number))


def _no_current() -> Damage:
    return Damage(CURRENT, "names a version that does not exist")


def _describe(workspace: Path, number: int, current: bool) -> Version:
    try:
        version, damages = inspect(workspace, number)
    except WorkspaceError as error:
        return Version(number, "", f"cannot be read: {error}", 0, 0, current)
    if version is None or damages:
        return Version(number, "", f"damaged: {damages[0].file} {damages[0].what}", 0, 0, current)
    source = str(version.manifest.get("source", ""))
    return Version(number, version.created, source, _count(version, "items"), _count(version, "themes"), current)


def _count(version: StoredVersion, name: str) -> int:
    """A number that the writer gave under `manifest["counts"]`; 0 if it gave none."""
    counts = version.manifest.get("counts")
    count = counts.get(name) if isinstance(counts, dict) else None
    return count if isinstance(count, int) else 0


# --- writing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """A version in the making: put files into `folder`, then `commit`."""

    workspace: Path
    folder: Path
    last: StoredVersion | None  # the current version; None where there is none, or it cannot be read, as ...
    problem: WorkspaceError | None  # ... this says

    @property
    def number(self) -> int:
        """The number that the version will have: above all others, also of those that CURRENT alone remembers."""
        return max([*numbers(self.workspace), read_current(self.workspace) or 0]) + 1

    def commit(self, manifest: Mapping[str, Any]) -> int:
        """Make the folder's files the current version, with this manifest (JSON-ready), and give its number.

        `versions` shows `manifest["source"]`, `manifest["counts"]["items"]` and `manifest["counts"]["themes"]`.
        Raises DiskError if the file system refuses: the version before stays current. Raises UsageError if
        the manifest is not JSON, if the folder holds what a manifest cannot name, or on a second commit.
        """
        if not self.folder.is_dir():
            raise UsageError(f"{self.folder}: this draft is closed. Open a new one to commit again")
        with files.disk_errors(self.workspace):
            number = self.number
            self._finish(number, manifest)
            _publish(self.workspace, self.folder, number)
        return number

    def _finish(self, number: int, manifest: Mapping[str, Any]) -> None:
        """Bring the files to the disk, the manifest last: a folder with a manifest is a whole version."""
        names, last = _draft_names(self.folder), self.last
        twins = {file: last.folder / name for name, file in last.files.items()} if last else {}
        settled = {name: _settle(self.folder / name, twins) for name in names}
        created = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            sealed = manifests.write(Manifest(number, created, dict(manifest), settled))
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"the manifest of a version must be JSON: {error}") from error
        files.write_bytes(self.folder / MANIFEST, sealed)
        files.make_permanent(self.folder / MANIFEST)
        for folder, _, _ in os.walk(self.folder):
            files.sync(Path(folder))


@contextmanager
def writing(workspace: str | os.PathLike[str]) -> Iterator[Draft]:
    """A draft of the next version; the workspace is made if need be, and locked until the block is left.

    Leaving without a commit leaves no trace. Raises BusyError at once if another writer is at work, DiskError
    if the file system refuses, WorkspaceError where a version is of another format, and UsageError where there are
    no file locks (Windows).
    """
    home = as_path(workspace)
    is_new = not home.exists()
    files.make_folder(home)
    files.make_folder(home / VERSIONS)
    with lock(home):
        _sweep(home)
        last, problem = _open_last(home)
        folder = files.temporary(home)
        try:
            with files.disk_errors(folder):
                folder.mkdir()
            yield Draft(home, folder, last, problem)
        finally:
            # After a commit there is nothing left here. Otherwise the reason for failing counts more than a
            # failing clean-up, which the next writer repeats.
            shutil.rmtree(folder, ignore_errors=True)
            if is_new:
                _remove_unused(home)


@contextmanager
def locked(workspace: str | os.PathLike[str]) -> Iterator[Path]:
    """An existing workspace that nobody else writes to until the block is left. Raises WorkspaceError, BusyError."""
    home = existing(workspace)
    with lock(home):
        yield home


def rollback(workspace: str | os.PathLike[str], number: int) -> None:
    """Make an older (or newer) version current, after every byte of it was checked; no version is removed.

    Raises WorkspaceError if there is no such version or it is damaged, BusyError, DiskError.
    """
    home = existing(workspace)
    with lock(home), files.disk_errors(home):
        number = check_number(home, number)
        damages = inspect_all(home, number)
        if damages:
            raise refusal(home, damages)
        _point(home, number)


def prune(workspace: str | os.PathLike[str], keep: int) -> list[int]:
    """Remove all but the newest `keep` versions and the current one; gives the numbers removed.

    A reader keeps what it has open or mapped. Raises UsageError if `keep` < 1, WorkspaceError if CURRENT names
    no version (rollback first: the last good one must not be pruned away), BusyError, DiskError.
    """
    if keep < 1:
        raise UsageError(f"prune: keep must be at least 1, got {keep}")
    home = existing(workspace)
    with lock(home), files.disk_errors(home):
        current = current_number(home)
        if current is None:
            raise refusal(home, [_no_current()])
        removed = [number for number in numbers(home)[:-keep] if number != current]
        for number in removed:
            _remove(home, number)
    return removed


# --- steps of a commit -------------------------------------------------------------------------------------
# All run under the lock and inside `disk_errors`.


def _open_last(workspace: Path) -> tuple[StoredVersion | None, WorkspaceError | None]:
    """The current version, or why it cannot be read. Raises WorkspaceError where any version is of another format."""
    present = numbers(workspace)
    if not present and not (workspace / CURRENT).exists():
        return None, None
    current = current_number(workspace)
    for number in present:
        if number != current:
            check_format(workspace, number)
    if current is not None:
        version, damages = inspect(workspace, current)
        if version is not None and not damages:
            return version, None
        return None, refusal(workspace, damages)
    return None, refusal(workspace, [_no_current()])


def _draft_names(folder: Path) -> list[str]:
    """The names of a draft's files. Raises UsageError at one that no manifest may hold."""
    sizes = file_sizes(folder)
    for name, size in sizes.items():
        if size < 0 or not manifests.is_safe(name):
            raise UsageError(f"{folder / name}: only plain files with plain names are allowed, and not {MANIFEST}")
    return sorted(sizes)


def _sweep(workspace: Path) -> None:
    """Remove what dead writers left behind: nobody else makes such things, and the lock is ours.

    Folders of versions are left alone even without a manifest. A commit never makes those, so such a folder was
    damaged later: what remains of it is the user's, and its number stays taken.
    """
    with files.disk_errors(workspace):
        for path in workspace.glob(f"{files.TEMPORARY}*"):
            files.erase(path)


def _remove_unused(workspace: Path) -> None:
    """Take away a workspace that we made and that has nothing in it; one that has stays as it is."""
    with suppress(OSError):  # why the writer failed counts more
        if {path.name for path in workspace.iterdir()} <= {VERSIONS, LOCK}:
            (workspace / VERSIONS).rmdir()
            (workspace / LOCK).unlink()
            workspace.rmdir()


def _settle(path: Path, twins: Mapping[StoredFile, Path]) -> StoredFile:
    """Bring a draft's file to the disk: as a link to its twin in the current version, or else as it is."""
    with files.disk_errors(path):
        file = StoredFile(path.stat().st_size, files.sha256(path))
        twin = twins.get(file)
        if twin is None or not _link(path, twin, file):
            files.make_permanent(path)
    return file


def _link(path: Path, twin: Path, file: StoredFile) -> bool:
    """Replace a file by a link to its twin; False, and no harm done, if the twin is damaged or cannot be linked."""
    spare = files.temporary(path.parent)
    try:
        if files.sha256(twin) != file.sha256:
            return False  # damage must not pass from one version to the next
        os.link(twin, spare)
    except OSError:
        return False  # a file system without links, or a twin gone bad: our own file is as good
    spare.replace(path)
    return True


def _publish(workspace: Path, folder: Path, number: int) -> None:
    """Make a finished folder the current version; if that fails, the version before stays current."""
    home = folder_of(workspace, number)
    folder.rename(home)
    try:
        files.sync(home.parent)
        _point(workspace, number)
    except BaseException:
        if read_current(workspace) != number:  # else it is current already, and whole
            with suppress(OSError, DiskError):  # why it failed counts more
                _remove(workspace, number)
        raise


def _point(workspace: Path, number: int) -> None:
    """Make CURRENT name a version: readers see the old number or the new one."""
    files.replace_bytes(workspace / CURRENT, f"{number}\n".encode())


def _remove(workspace: Path, number: int) -> None:
    """Take a version away in one step, then erase it: no reader finds half a version under its number."""
    spare = files.temporary(workspace)
    folder_of(workspace, number).rename(spare)
    files.sync(workspace / VERSIONS)  # or else a power cut could bring back the name of what is half erased
    files.erase(spare)
