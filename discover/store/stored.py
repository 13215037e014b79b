"""A version as it lies on the disk: its files, checked on first use, and all that can be wrong with it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from discover.core import files
from discover.core.errors import WorkspaceError
from discover.store import manifest as manifests
from discover.store.manifest import MANIFEST, StoredFile
from discover.store.workspace import folder_of, numbers

DESKTOP_FILES = (".DS_Store", "Thumbs.db", "desktop.ini")  # desktops leave them in folders that people look into


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
        return folder_of(self.workspace, self.number)

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
            damage = _inspect_content(self, name)
            if damage:
                raise refusal(self.workspace, [damage])
            self._sound.add(name)
        return path


# --- what is wrong -----------------------------------------------------------------------------------------


def inspect(workspace: Path, number: int) -> tuple[StoredVersion | None, list[Damage]]:
    """The version as its manifest describes it, and what names and sizes alone show to be wrong with it.

    Raises WorkspaceError for a version of another format, which is no damage.
    """
    folder = folder_of(workspace, number)
    if not folder.is_dir():
        here = ", ".join(map(str, numbers(workspace)))
        return None, [_damage(workspace, folder, f"no such version (here: {here})")]
    path = folder / MANIFEST
    try:
        manifest = manifests.read(_read_plain(path), number)
        sizes = file_sizes(folder)
    except manifests.OtherFormatError as error:
        raise WorkspaceError(f"{path}: {error}") from error
    except (OSError, ValueError) as error:
        return None, [_damage(workspace, path, _reason(error))]
    del sizes[MANIFEST]
    version = StoredVersion(workspace, number, manifest.created, manifest.content, manifest.files)
    wrong = {name: _compare(version.files.get(name), sizes.get(name)) for name in sorted({*sizes, *version.files})}
    return version, [_damage(workspace, folder / name, what) for name, what in wrong.items() if what]


def check_format(workspace: Path, number: int) -> None:
    """Raises WorkspaceError for a version of another format; damage is not looked for."""
    path = folder_of(workspace, number) / MANIFEST
    try:
        manifests.read(_read_plain(path), number)
    except manifests.OtherFormatError as error:
        raise WorkspaceError(f"{path}: {error}") from error
    except (OSError, ValueError):
        return


def inspect_all(workspace: Path, number: int) -> list[Damage]:
    """Everything wrong with a version, every byte read. Raises WorkspaceError for a version of another format."""
    version, damages = inspect(workspace, number)
    if version is None:
        return damages
    by_file = {damage.file: damage for damage in damages}
    for name in version.files:
        damage = _inspect_content(version, name)
        if damage:
            by_file.setdefault(damage.file, damage)
    return list(by_file.values())


def refusal(workspace: Path, damages: list[Damage]) -> WorkspaceError:
    """The error for a version that cannot be used, with what to do about it."""
    first, more = damages[0], len(damages) - 1
    others = f" ({more} more: `discover verify`)" if more else ""
    return WorkspaceError(f"{workspace / first.file}: {first.what}{others}. {_advice(workspace)}")


def file_sizes(folder: Path, prefix: str = "") -> dict[str, int]:
    """Size of each file in a folder and its folders, by relative name; -1 for links, sockets and the like.

    Files that a desktop put there do not count: nobody reads them.
    """
    sizes: dict[str, int] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                sizes |= file_sizes(Path(entry.path), f"{prefix}{entry.name}/")
                continue
            plain = entry.is_file(follow_symlinks=False)
            if not (plain and entry.name in DESKTOP_FILES):
                sizes[prefix + entry.name] = entry.stat(follow_symlinks=False).st_size if plain else -1
    return sizes


def _damage(workspace: Path, path: Path, what: str) -> Damage:
    return Damage(str(path.relative_to(workspace)), what)


def _reason(error: OSError | ValueError) -> str:
    """Why something could not be read, in words."""
    if isinstance(error, FileNotFoundError):
        return "missing"
    return f"cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)


def _read_plain(path: Path) -> bytes:
    """A manifest as it stands. Raises ValueError where a link leads out of the version, OSError."""
    if path.is_symlink():
        raise ValueError("not a plain file")
    return path.read_bytes()


def _compare(expected: StoredFile | None, size: int | None) -> str:
    """What is wrong with a file of this size, or ""."""
    if expected is None:
        return "not in the manifest, remove it"
    if size is None:
        return "missing"
    if size < 0:
        return "not a plain file"
    return "" if size == expected.size else f"has {size} bytes, not {expected.size}"


def _inspect_content(version: StoredVersion, name: str) -> Damage | None:
    """What is wrong with a file's content, unreadable content included."""
    path = version.folder / name
    try:
        what = "" if files.sha256(path) == version.files[name].sha256 else "damaged (wrong SHA-256)"
    except OSError as error:
        what = _reason(error)
    return _damage(version.workspace, path, what) if what else None


def _advice(workspace: Path) -> str:
    """What to do about a damaged version. Hard links share damage, so every byte of what is offered was read."""
    for number in reversed(numbers(workspace)):
        if _is_sound(workspace, number):
            return f"Version {number} is sound: `discover rollback {number}` makes it current"
    return "No other version is sound: `discover run CATALOG` makes a new one"


def _is_sound(workspace: Path, number: int) -> bool:
    try:
        return not inspect_all(workspace, number)
    except WorkspaceError:
        return False  # of another format
