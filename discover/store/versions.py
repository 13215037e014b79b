"""Versions on disk: written whole or not at all, by one writer at a time, without disturbing readers.

    WORKSPACE/
    ├── workspace.json            the marker: format, and the highest ids ever given; see `marker`
    ├── versions/00000007/        a version: its files, never changed after the folder got this name
    │   └── manifest.json         format, number, time, content, and size and SHA-256 of every other file
    ├── CURRENT                   number of the version that readers get
    ├── edits.jsonl               what strategists changed; see `edits`
    ├── .lock                     held by the writer of versions (flock: it dies with its process)
    ├── .edits-lock               held by the writer of edits, so that people can edit while a run works
    ├── unfinished/               what a killed run had encoded; see `embeddings.checkpoint`
    └── .tmp-PID-RANDOM           what a writer has not finished; the next writer sweeps it away

All of it but the locks carries a digest, which `verify` checks. Anything else is not ours; see `ownership`.

A version is built in a temporary folder, brought to the disk (fsync), and made visible by two atomic steps:
a rename into `versions` and a replacement of CURRENT. A kill between any two system calls leaves the old version
or the new one. Files equal to one of the current version become hard links to it, so an unchanged index costs no
space.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from discover.core import files
from discover.core.errors import DiskError, NotDurableError, UsageError, WorkspaceError
from discover.core.types import Listing, Version
from discover.store import manifest as manifests
from discover.store import marker
from discover.store.beside import inspect_beside
from discover.store.manifest import MANIFEST, Manifest, StoredFile
from discover.store.ownership import claim, is_removable, mend, refuse_strangers, remove_unused, sweep
from discover.store.stored import Damage, check_format, file_sizes, inspect, inspect_all, refusal
from discover.store.stored import StoredVersion as StoredVersion
from discover.store.workspace import (
    CURRENT,
    VERSIONS,
    as_path,
    check_number,
    current_damage,
    current_number,
    edits_lock,
    encode_current,
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
        raise refusal(home, [_no_current(home)])
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


def verify_files(workspace: str | os.PathLike[str], version: int | None = None, every: bool = False) -> Listing[Damage]:
    """Everything wrong with the current version, or the one with this number, and with the files beside the versions;
    every byte is read. Of all versions with `every`.

    Empty if all is whole. Raises WorkspaceError only where there is no workspace, no version at all, none with
    this number, or where it is of another format.
    """
    home = existing(workspace)
    number = current_number(home) if version is None else check_number(home, version)
    if number is None:
        _no_current(home)
    chosen = numbers(home) if every else [] if number is None else [number]
    inside = [damage for chosen_number in chosen for damage in inspect_all(home, chosen_number)]
    return Listing([*inspect_beside(home), *inside])


def _no_current(workspace: Path) -> Damage:
    """What is wrong with CURRENT. Raises WorkspaceError where any version is of another format: so may CURRENT be."""
    for number in numbers(workspace):
        check_format(workspace, number)
    return Damage(CURRENT, current_damage(workspace) or "changed while it was read")


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
    notes: tuple[str, ...] = ()  # warnings of what was mended

    @property
    def number(self) -> int:
        """The number that the version will have: above all others, also of those that CURRENT alone remembers."""
        return max([*numbers(self.workspace), read_current(self.workspace) or 0]) + 1

    def commit(self, manifest: Mapping[str, Any], warn: Callable[[str], object] = warnings.warn) -> int:
        """Make the folder's files the current version, with this manifest (JSON-ready), and give its number.

        `versions` shows `manifest["source"]`, `manifest["counts"]["items"]` and `manifest["counts"]["themes"]`, and no
        id up to `manifest["last theme"]` is given again. Raises DiskError if the file system refuses: the version
        before stays current. Where it refuses once the new one is current, `warn` is called. Raises UsageError if
        the manifest is not JSON, if the folder holds what a manifest cannot name, or on a second commit.
        """
        if not self.folder.is_dir():
            raise UsageError(f"{self.folder}: this draft is closed. Open a new one to commit again")
        with files.disk_errors(self.workspace):
            number = self.number
            self._finish(number, manifest)
            with edits_lock(self.workspace, patient=True):
                highest = max(marker.current(self.workspace).highest_theme, int(manifest.get("last theme", 0)))
                marker.update(self.workspace, highest_theme=highest)
            try:
                _publish(self.workspace, self.folder, number)
            except NotDurableError as error:
                warn(str(error))
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
    if the file system refuses, WorkspaceError for a folder that is not a workspace and not empty, or where the
    workspace or a version is of another format, and UsageError where there are no file locks (Windows).
    """
    home = as_path(workspace)
    with files.disk_errors(home):
        is_new = not home.exists()
    files.make_folder(home)
    refuse_strangers(home)
    with lock(home):
        with edits_lock(home):
            notes = claim(home)
        files.make_folder(home / VERSIONS)
        sweep(home)
        last, problem = _open_last(home)
        folder = files.temporary(home)
        try:
            with files.disk_errors(folder):
                folder.mkdir()
            yield Draft(home, folder, last, problem, notes)
        finally:
            # After a commit there is nothing left here. Otherwise the reason for failing counts more than a
            # failing clean-up, which the next writer repeats.
            shutil.rmtree(folder, ignore_errors=True)
            if is_new:
                remove_unused(home)


def prepare(workspace: str | os.PathLike[str]) -> Path:
    """Make a workspace without a version, unless it is one already. Raises what `writing` does, but for BusyError."""
    home = as_path(workspace)
    files.make_folder(home)
    refuse_strangers(home)
    with edits_lock(home):
        claim(home)
    return home


@contextmanager
def locked(workspace: str | os.PathLike[str]) -> Iterator[Path]:
    """An existing workspace in which nobody else makes or removes versions until the block is left.

    Raises WorkspaceError, also where anything in it is of a newer format, and BusyError.
    """
    home = _ours(workspace)
    with lock(home):
        with edits_lock(home):
            claim(home)
        yield home


@contextmanager
def editing(workspace: str | os.PathLike[str]) -> Iterator[Path]:
    """An existing workspace in which nobody else writes edits or gives ids to themes until the block is left.

    A run may be at work meanwhile: it takes this lock for moments only. Raises what `locked` does.
    """
    home = _ours(workspace)
    with edits_lock(home):
        claim(home)
        yield home


def _ours(workspace: str | os.PathLike[str]) -> Path:
    """An existing workspace in which nothing is of another format. Raises WorkspaceError."""
    home = existing(workspace)
    for number in numbers(home):
        check_format(home, number)
    refuse_strangers(home)
    return home


def rollback(workspace: str | os.PathLike[str], number: int, warn: Callable[[str], object] = warnings.warn) -> None:
    """Make an older (or newer) version current, after every byte of it was checked; no version is removed.

    `warn` is called where it is current, but the device did not confirm it. Raises WorkspaceError if there is no such
    version or it is damaged, or of another format; BusyError, DiskError.
    """
    home = existing(workspace)
    opened, damages = inspect(home, check_number(home, number))
    if opened is None:
        raise refusal(home, damages)
    with lock(home), files.disk_errors(home):
        number = check_number(home, number)
        damages = inspect_all(home, number)
        if damages:
            raise refusal(home, damages)
        with edits_lock(home):
            mend(home)
        try:
            _point(home, number)
        except NotDurableError as error:
            warn(str(error))


def prune(workspace: str | os.PathLike[str], keep: int) -> list[int]:
    """Remove all but the newest `keep` versions and the current one; gives the numbers removed.

    A version that is not ours as a whole stays (see `ownership.is_removable`). A reader keeps what it has open or
    mapped. Raises UsageError if `keep` < 1, WorkspaceError if CURRENT names no version (rollback first: the last good
    one must not be pruned away), or where anything is of a newer format; BusyError, DiskError.
    """
    if keep < 1:
        raise UsageError(f"prune: keep must be at least 1, got {keep}")
    with locked(workspace) as home, files.disk_errors(home):
        current = current_number(home)
        if current is None:
            raise refusal(home, [_no_current(home)])
        old = [number for number in numbers(home)[:-keep] if number != current]
        removed = [number for number in old if is_removable(home, number)]
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
    return None, refusal(workspace, [_no_current(workspace)])


def _draft_names(folder: Path) -> list[str]:
    """The names of a draft's files. Raises UsageError at one that no manifest may hold."""
    sizes = file_sizes(folder)
    for name, size in sizes.items():
        if size < 0 or not manifests.is_safe(name):
            raise UsageError(f"{folder / name}: only plain files with plain names are allowed, and not {MANIFEST}")
    return sorted(sizes)


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
    except NotDurableError:
        raise  # it is current
    except BaseException:
        if read_current(workspace) != number:  # else it is current already, and whole
            with suppress(OSError, DiskError):  # why it failed counts more
                _remove(workspace, number)
        raise


def _point(workspace: Path, number: int) -> None:
    """Make CURRENT name a version: readers see the old number or the new one."""
    files.replace_bytes(workspace / CURRENT, encode_current(number))


def _remove(workspace: Path, number: int) -> None:
    """Take a version away in one step, then erase it: no reader finds half a version under its number."""
    spare = files.temporary(workspace)
    folder_of(workspace, number).rename(spare)
    files.sync(workspace / VERSIONS)  # or else a power cut could bring back the name of what is half erased
    files.erase(spare)
