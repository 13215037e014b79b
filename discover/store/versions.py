"""Versions on disk: written whole or not at all, by one writer at a time, without disturbing readers.

    WORKSPACE/
    ├── versions/00000007/        a version: its files, never changed after the folder got this name
    │   └── manifest.json         format, number, time, content, and size and SHA-256 of every other file
    ├── CURRENT                   number of the version that readers get
    ├── edits.jsonl               what strategists changed; see `edits`
    ├── .lock                     held by the writer (flock: it dies with its process)
    ├── unfinished/               what a killed run had encoded; see `unfinished`
    └── .tmp-PID-RANDOM           what a writer has not finished; the next writer sweeps it away

A version is built in a temporary folder, brought to the disk (fsync), and made visible by two atomic steps:
a rename into `versions` and a replacement of CURRENT. A kill between any two system calls leaves the old version
or the new one. Files equal to one of the current version become hard links to it, so an unchanged index costs no
space.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from discover.core import files
from discover.core.errors import BusyError, DiskError, UsageError, WorkspaceError
from discover.core.types import Listing, Version

FORMAT = 2
MANIFEST = "manifest.json"
VERSIONS = "versions"
CURRENT = "CURRENT"
LOCK = ".lock"
STRANGERS = (".DS_Store", "Thumbs.db", "desktop.ini")  # what desktops leave in folders that people look into

# --- what callers hold -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StoredFile:
    """What a manifest says of one file."""

    size: int  # bytes
    sha256: str  # hexadecimal


@dataclass(frozen=True)
class Damage:
    """Something wrong with a workspace."""

    file: str  # relative to the workspace
    what: str


@dataclass(frozen=True)
class StoredVersion:
    """A version opened for reading: names and sizes of all its files are as the manifest says."""

    workspace: Path
    number: int
    created: str  # ISO 8601, UTC
    manifest: Mapping[str, Any]  # what the writer said of it
    files: Mapping[str, StoredFile] = field(repr=False)  # by name relative to `folder`, "/" between folders
    _sound: set[str] = field(default_factory=set, repr=False, compare=False)  # names whose digest was right

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return _home(self.workspace, self.number)

    def path(self, name: str) -> Path:
        """Where a file is, its content unchecked. Raises WorkspaceError if the version has no such file."""
        if name not in self.files:
            raise WorkspaceError(f"{self.folder}: {name} is missing. `discover run CATALOG` makes a new version")
        return self.folder / name

    def checked(self, name: str) -> Path:
        """Where a file is, after its SHA-256 was found right; done once for each file of an opened version.

        Threads may call this together (hashing releases the GIL). Raises WorkspaceError if the file is damaged,
        gone, unreadable, or not in this version.
        """
        path = self.path(name)
        if name not in self._sound:
            wrong = _content_problem(self, name)
            if wrong:
                raise _refusal(self.workspace, [wrong])
            self._sound.add(name)
        return path


@dataclass(frozen=True)
class Draft:
    """A version in the making: put files into `folder`, then `commit`."""

    workspace: Path
    folder: Path

    @property
    def number(self) -> int:
        """The number that the version will have: above all others, also of those that CURRENT alone remembers."""
        return max([*numbers(self.workspace), _named(self.workspace) or 0]) + 1

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
        names = _draft_names(self.folder)
        twins = _shareable(self.workspace)
        content = {
            "format": FORMAT,
            "number": number,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "content": dict(manifest),
            "files": {name: asdict(_settle(self.folder / name, twins)) for name in names},
        }
        files.write_bytes(self.folder / MANIFEST, _sealed(content))
        files.make_permanent(self.folder / MANIFEST)
        for folder, _, _ in os.walk(self.folder):
            files.sync(Path(folder))


# --- reading -----------------------------------------------------------------------------------------------


def open(workspace: str | os.PathLike[str], version: int | None = None) -> StoredVersion:
    """The current version, or the one with this number; names and sizes are checked, contents on first use.

    Raises WorkspaceError, saying what to do, if there is no such version, or if it is damaged or too new.
    """
    home = _existing(workspace)
    number = _current(home) if version is None else _here(home, version)
    if number is None:
        raise _refusal(home, [Damage(CURRENT, "names a version that does not exist")])
    opened, damages = _inspect(home, number)
    if opened is not None and not damages:
        return opened
    if version is None and _current(home) != number:
        return open(home)  # a writer replaced and pruned this version while we looked at it
    raise _refusal(home, damages)


def current(workspace: str | os.PathLike[str]) -> int | None:
    """The number of the current version; None if CURRENT names none that is here. Raises WorkspaceError."""
    return _current(_existing(workspace))


def versions(workspace: str | os.PathLike[str]) -> Listing[Version]:
    """All versions, oldest first; a damaged one says so in place of its source.

    Raises WorkspaceError if there is none.
    """
    home = _existing(workspace)
    current = _current(home)
    return Listing(_listed(home, number, number == current) for number in numbers(home))


def numbers(workspace: str | os.PathLike[str]) -> list[int]:
    """Numbers of the versions, whole or not, ascending; none where there is no workspace."""
    try:
        names = [path.name for path in Path(workspace, VERSIONS).iterdir()]
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if re.fullmatch(r"[0-9]{8}|[1-9][0-9]{8,17}", name))


def verify(workspace: str | os.PathLike[str], version: int | None = None) -> Listing[Damage]:
    """Everything wrong with the current version, or the one with this number; every byte is read.

    Empty if it is whole. Raises WorkspaceError only where there is no workspace, no version at all, or none with
    this number.
    """
    home = _existing(workspace)
    number = _current(home) if version is None else _here(home, version)
    if number is None:
        return Listing([Damage(CURRENT, "names a version that does not exist")])
    return Listing(_all_problems(home, number))


# --- writing -----------------------------------------------------------------------------------------------


@contextmanager
def writing(workspace: str | os.PathLike[str]) -> Iterator[Draft]:
    """A draft of the next version; the workspace is made if need be, and locked until the block is left.

    Leaving without a commit leaves no trace. Raises BusyError at once if another writer is at work, DiskError
    if the file system refuses, and UsageError where there are no file locks (Windows).
    """
    home = _path(workspace)
    files.make_folder(home)
    files.make_folder(home / VERSIONS)
    with _lock(home):
        _sweep(home)
        folder = files.temporary(home)
        try:
            with files.disk_errors(folder):
                folder.mkdir()
            yield Draft(home, folder)
        finally:
            # After a commit there is nothing left here. Otherwise the reason for failing counts more than a
            # failing clean-up, which the next writer repeats.
            shutil.rmtree(folder, ignore_errors=True)


def rollback(workspace: str | os.PathLike[str], number: int) -> None:
    """Make an older (or newer) version current, after every byte of it was checked; no version is removed.

    Raises WorkspaceError if there is no such version or it is damaged, BusyError, DiskError.
    """
    home = _existing(workspace)
    with _lock(home), files.disk_errors(home):
        number = _here(home, number)
        damages = _all_problems(home, number)
        if damages:
            raise _refusal(home, damages)
        _point(home, number)


def prune(workspace: str | os.PathLike[str], keep: int) -> list[int]:
    """Remove all but the newest `keep` versions and the current one; gives the numbers removed.

    A reader keeps what it has open or mapped. Raises UsageError if `keep` < 1, WorkspaceError if CURRENT names
    no version (rollback first: the last good one must not be pruned away), BusyError, DiskError.
    """
    if keep < 1:
        raise UsageError(f"prune: keep must be at least 1, got {keep}")
    home = _existing(workspace)
    with _lock(home), files.disk_errors(home):
        current = _current(home)
        if current is None:
            raise _refusal(home, [Damage(CURRENT, "names a version that does not exist")])
        removed = [number for number in numbers(home)[:-keep] if number != current]
        for number in removed:
            _remove(home, number)
    return removed


# --- names -------------------------------------------------------------------------------------------------


def _home(workspace: Path, number: int) -> Path:
    return workspace / VERSIONS / f"{number:08d}"


def _path(workspace: str | os.PathLike[str]) -> Path:
    """The workspace's folder. Raises UsageError where none is named: "" would be the current folder."""
    if not isinstance(workspace, (str, os.PathLike)) or not os.fspath(workspace):
        raise UsageError(f"workspace: expected a folder, got {workspace!r}")
    return Path(workspace)


def _here(workspace: Path, number: int) -> int:
    """The number, if there is such a version. Raises UsageError if it is no number, WorkspaceError."""
    if not isinstance(number, int):
        raise UsageError(f"version: expected a whole number, got {number!r}")
    found = numbers(workspace)
    if number not in found:
        raise WorkspaceError(f"{workspace}: no version {number}. Valid: {', '.join(map(str, found))}")
    return number


def _existing(workspace: str | os.PathLike[str]) -> Path:
    """The workspace, if there is one with a version in it. Raises WorkspaceError."""
    home = _path(workspace)
    with files.disk_errors(home):
        if not home.is_dir():
            raise WorkspaceError(f"{home}: no workspace here. {_make_one(home)}")
        if not numbers(home):
            raise WorkspaceError(f"{home}: this workspace has no version. {_make_one(home)}")
    return home


def _make_one(workspace: Path) -> str:
    return f"`discover run CATALOG --workspace {workspace}` makes one"


def _named(workspace: Path) -> int | None:
    """The number in CURRENT; None if that is missing or garbage."""
    try:
        text = (workspace / CURRENT).read_bytes()
    except FileNotFoundError:
        return None
    return int(text) if re.fullmatch(rb"[1-9][0-9]{0,17}\n", text) else None


def _current(workspace: Path) -> int | None:
    """The number in CURRENT, if its version is there."""
    with files.disk_errors(workspace / CURRENT):
        number = _named(workspace)
        if number is None or _home(workspace, number).is_dir():
            return number
        # A writer may have moved on and pruned between our two looks; what CURRENT names now decides.
        return None if _named(workspace) == number else _current(workspace)


def _is_safe(name: object) -> bool:
    """Whether a manifest may name this file: plain, relative, inside the version's folder, on any system."""
    if not isinstance(name, str) or name == MANIFEST or re.search(r"[\\:\x00]", name):
        return False
    return all(part not in ("", ".", "..") for part in name.split("/"))


def _sizes(folder: Path, prefix: str = "") -> dict[str, int]:
    """Size of each file in a folder and its folders, by relative name; -1 for links, sockets and the like.

    Files that a desktop put there do not count: nobody reads them.
    """
    found: dict[str, int] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found |= _sizes(Path(entry.path), f"{prefix}{entry.name}/")
                continue
            plain = entry.is_file(follow_symlinks=False)
            if not (plain and entry.name in STRANGERS):
                found[prefix + entry.name] = entry.stat(follow_symlinks=False).st_size if plain else -1
    return found


def _draft_names(folder: Path) -> list[str]:
    """The names of a draft's files. Raises UsageError at one that no manifest may hold."""
    sizes = _sizes(folder)
    for name, size in sizes.items():
        if size < 0 or not _is_safe(name):
            raise UsageError(f"{folder / name}: only plain files with plain names are allowed, and not {MANIFEST}")
    return sorted(sizes)


# --- the manifest ------------------------------------------------------------------------------------------


def _sealed(content: Mapping[str, Any]) -> bytes:
    """The manifest as written: canonical JSON whose last key is the digest of the rest. Raises UsageError."""
    try:
        return _seal(json.loads(json.dumps(content, allow_nan=False)))  # as it will be read: {1: 2} is {"1": 2}
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"the manifest of a version must be JSON: {error}") from error


def _seal(content: Mapping[str, Any]) -> bytes:
    return _canonical({**content, "sha256": hashlib.sha256(_canonical(content)).hexdigest()})


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, allow_nan=False, indent=1).encode("ascii") + b"\n"


def _unsealed(raw: bytes) -> dict[str, Any]:
    """The content of a manifest. Raises ValueError if one byte of it changed.

    The seal stays the same in all formats, so that damage is never taken for a newer format.
    """
    try:
        content: dict[str, Any] = json.loads(raw)
        del content["sha256"]
        intact = _seal(content) == raw
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("damaged (not a manifest)") from error
    if not intact:
        raise ValueError("damaged (its content does not match its own SHA-256)")
    if content.get("format") != FORMAT:
        raise ValueError(
            f"has format {content.get('format')!r}, this discover reads {FORMAT}: use the one that wrote it"
        )
    return content


def _understood(workspace: Path, number: int, content: Mapping[str, Any]) -> StoredVersion:
    """The version that a manifest describes. Raises ValueError if it says what no writer of ours would."""
    if content.get("number") != number:
        raise ValueError(f"belongs to version {content.get('number')!r}")
    created, manifest, files = (content.get(key) for key in ("created", "content", "files"))
    if not (isinstance(created, str) and isinstance(manifest, dict) and isinstance(files, dict)):
        raise ValueError("damaged (created, content or files is missing)")
    unsafe = [name for name in files if not _is_safe(name)]
    if unsafe:
        raise ValueError(f"names {unsafe[0]!r}, which is not a plain file of the version")
    return StoredVersion(workspace, number, created, manifest, {name: _entry(entry) for name, entry in files.items()})


def _entry(content: Any) -> StoredFile:
    match content:
        case {"size": int(size), "sha256": str(sha256)}:
            return StoredFile(size, sha256)
    raise ValueError("damaged (a file without size or SHA-256)")


# --- what is wrong -----------------------------------------------------------------------------------------


def _inspect(workspace: Path, number: int) -> tuple[StoredVersion | None, list[Damage]]:
    """The version as its manifest describes it, and what names and sizes alone tell is wrong with it."""
    folder = _home(workspace, number)
    if not folder.is_dir():
        here = ", ".join(map(str, numbers(workspace)))
        return None, [_problem(workspace, folder, f"no such version (here: {here})")]
    try:
        version = _understood(workspace, number, _unsealed(_manifest(folder)))
        sizes = _sizes(folder)
    except (OSError, ValueError) as error:
        return None, [_problem(workspace, folder / MANIFEST, _reason(error))]
    del sizes[MANIFEST]
    names = sorted({*sizes, *version.files})
    wrong = {name: _size_problem(version.files.get(name), sizes.get(name)) for name in names}
    return version, [_problem(workspace, folder / name, what) for name, what in wrong.items() if what]


def _problem(workspace: Path, path: Path, what: str) -> Damage:
    return Damage(str(path.relative_to(workspace)), what)


def _reason(error: OSError | ValueError) -> str:
    """Why something could not be read, in words."""
    if isinstance(error, FileNotFoundError):
        return "missing"
    return f"cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)


def _manifest(folder: Path) -> bytes:
    """A manifest as it stands. Raises ValueError where a link leads out of the version, OSError."""
    if (folder / MANIFEST).is_symlink():
        raise ValueError("not a plain file")
    return (folder / MANIFEST).read_bytes()


def _size_problem(expected: StoredFile | None, size: int | None) -> str:
    """What is wrong with a file of this size, or ""."""
    if expected is None:
        return "not in the manifest, remove it"
    if size is None:
        return "missing"
    if size < 0:
        return "not a plain file"
    return "" if size == expected.size else f"has {size} bytes, not {expected.size}"


def _content_problem(version: StoredVersion, name: str) -> Damage | None:
    """What is wrong with a file's content; that it cannot be read is one such thing."""
    path = version.folder / name
    try:
        what = "" if files.sha256(path) == version.files[name].sha256 else "damaged (wrong SHA-256)"
    except OSError as error:
        what = _reason(error)
    return _problem(version.workspace, path, what) if what else None


def _all_problems(workspace: Path, number: int) -> list[Damage]:
    """Everything wrong with a version, every byte read."""
    version, damages = _inspect(workspace, number)
    if version is None:
        return damages
    found = {problem.file: problem for problem in damages}
    for name in version.files:
        wrong = _content_problem(version, name)
        if wrong:
            found.setdefault(wrong.file, wrong)
    return list(found.values())


def _refusal(workspace: Path, damages: list[Damage]) -> WorkspaceError:
    """The error for a version that cannot be used, with what to do about it."""
    first, more = damages[0], len(damages) - 1
    others = f" ({more} more: `discover verify`)" if more else ""
    return WorkspaceError(f"{workspace / first.file}: {first.what}{others}. {_remedy(workspace)}")


def _remedy(workspace: Path) -> str:
    """What to do about a damaged version; as hard links share damage, all of what is offered was read."""
    for number in reversed(numbers(workspace)):
        if not _all_problems(workspace, number):
            return f"Version {number} is sound: `discover rollback {number}` makes it current"
    return "No other version is sound: `discover run CATALOG` makes a new one"


def _listed(workspace: Path, number: int, current: bool) -> Version:
    version, damages = _inspect(workspace, number)
    if version is None or damages:
        return Version(number, "", f"damaged: {damages[0].file} {damages[0].what}", 0, 0, current)
    source = str(version.manifest.get("source", ""))
    return Version(number, version.created, source, _count(version, "items"), _count(version, "themes"), current)


def _count(version: StoredVersion, name: str) -> int:
    """A number that the writer gave under `manifest["counts"]`; 0 if it gave none."""
    counts = version.manifest.get("counts")
    count = counts.get(name) if isinstance(counts, dict) else None
    return count if isinstance(count, int) else 0


# --- steps of a commit -------------------------------------------------------------------------------------
# All but the lock itself run under the lock and inside `disk_errors`.


@contextmanager
def locked(workspace: str | os.PathLike[str]) -> Iterator[Path]:
    """An existing workspace that nobody else writes to until the block is left. Raises WorkspaceError, BusyError."""
    home = _existing(workspace)
    with _lock(home):
        yield home


@contextmanager
def _lock(workspace: Path) -> Iterator[None]:
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
                raise BusyError(_busy(workspace, descriptor)) from error
        with suppress(OSError):  # the number only helps people, and a full disk must not stop `prune`
            os.pwrite(descriptor, f"{os.getpid():<20}\n".encode(), 0)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing would not do while a forked child has the file open
        os.close(descriptor)


def _busy(workspace: Path, descriptor: int) -> str:
    words = os.pread(descriptor, 20, 0).split()
    who = f"process {words[0].decode()}" if words and words[0].isdigit() else "another process"
    return f"{workspace}: {who} is writing to this workspace. Run again when it is done"


def _sweep(workspace: Path) -> None:
    """Remove what dead writers left behind: nobody else makes such things, and the lock is ours.

    Folders of versions are left alone even without a manifest. A commit never makes those, so such a folder was
    damaged later: what remains of it is the user's, and its number stays taken.
    """
    with files.disk_errors(workspace):
        for path in workspace.glob(f"{files.TEMPORARY}*"):
            files.erase(path)


def _shareable(workspace: Path) -> dict[StoredFile, Path]:
    """Files of the current version by size and digest; none if that version is damaged."""
    current = _current(workspace)
    version = _inspect(workspace, current)[0] if current is not None else None
    return {entry: version.folder / name for name, entry in version.files.items()} if version else {}


def _settle(path: Path, twins: Mapping[StoredFile, Path]) -> StoredFile:
    """Bring a draft's file to the disk: as a link to its twin in the current version, or else as it is."""
    with files.disk_errors(path):
        entry = StoredFile(path.stat().st_size, files.sha256(path))
        twin = twins.get(entry)
        if twin is None or not _linked(path, twin, entry):
            files.make_permanent(path)
    return entry


def _linked(path: Path, twin: Path, entry: StoredFile) -> bool:
    """Replace a file by a link to its twin; False, and no harm done, if the twin is damaged or cannot be linked."""
    spare = files.temporary(path.parent)
    try:
        if files.sha256(twin) != entry.sha256:
            return False  # damage must not pass from one night to the next
        os.link(twin, spare)
    except OSError:
        return False  # a file system without links, or a twin gone bad: our own file is as good
    spare.replace(path)
    return True


def _publish(workspace: Path, folder: Path, number: int) -> None:
    """Make a finished folder the current version; if that fails, the version before stays current."""
    home = _home(workspace, number)
    folder.rename(home)
    try:
        files.sync(home.parent)
        _point(workspace, number)
    except BaseException:
        if _named(workspace) != number:  # else it is current already, and whole
            with suppress(OSError, DiskError):  # why it failed counts more
                _remove(workspace, number)
        raise


def _point(workspace: Path, number: int) -> None:
    """Make CURRENT name a version: readers see the old number or the new one."""
    files.replace_bytes(workspace / CURRENT, f"{number}\n".encode())


def _remove(workspace: Path, number: int) -> None:
    """Take a version away in one step, then erase it: no reader finds half a version under its number."""
    spare = files.temporary(workspace)
    _home(workspace, number).rename(spare)
    files.sync(workspace / VERSIONS)  # or else a power cut could bring back the name of what is half erased
    files.erase(spare)
