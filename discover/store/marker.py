"""WORKSPACE/workspace.json: that a folder is a workspace, its format, and what must outlive every version of it.

It is replaced whole, and before what it counts becomes visible: a theme's id is in here before a version or an edit
names it, so that no damage to a version lets an id be given twice. Whoever changes it holds the lock of edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeGuard

from discover.core import files
from discover.core.errors import WorkspaceError
from discover.store import manifest as manifests
from discover.store import seals

MARKER = "workspace.json"
KIND = "workspace of discover"
SKIPPED_IDS = 10_000  # for each thing that cannot be read and may have given ids: more than one version has themes


@dataclass(frozen=True)
class Marker:
    """What a workspace remembers beside its versions."""

    highest_theme: int = 0  # the highest number of an id that a version or an edit gave to a theme
    reserved_themes: int = 0  # up to here ids are a run's that is at work; without one it means nothing
    highest_edit: int = 0  # the highest number of an edit

    @property
    def free_theme(self) -> int:
        """The lowest number that an edit may give to a theme, whatever a run is about to give."""
        return max(self.highest_theme, self.reserved_themes) + 1

    def encode(self) -> bytes:
        """The file's bytes."""
        return seals.seal({"format": manifests.FORMAT, "kind": KIND} | asdict(self), indent=1)


def read(workspace: Path) -> Marker | None:
    """The marker; None where there is none. Raises ValueError where it is damaged, WorkspaceError for one of another
    format, DiskError.
    """
    path = workspace / MARKER
    with files.disk_errors(path):
        if path.is_symlink():
            raise ValueError("not a plain file")
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
    content = seals.unseal(raw, "the marker of a workspace", indent=1)
    try:
        manifests.check_format(content.get("format"))
    except manifests.OtherFormatError as error:
        raise WorkspaceError(f"{path}: {error}") from error
    counts = [count for count in (content.get(field.name) for field in fields(Marker)) if _is_count(count)]
    if content.get("kind") != KIND or len(counts) != len(fields(Marker)):
        raise ValueError("damaged (not the marker of a workspace)")
    return Marker(*counts)


def read_sound(workspace: Path) -> Marker | None:
    """The marker; None where there is none or it is damaged. Raises WorkspaceError where it is of another format."""
    try:
        return read(workspace)
    except ValueError:
        return None


def write(workspace: Path, marker: Marker) -> None:
    """Replace the marker, for good. Raises DiskError."""
    files.replace_bytes(workspace / MARKER, marker.encode())


def current(workspace: Path) -> Marker:
    """The marker of a workspace that has been claimed. Raises WorkspaceError where it is gone or damaged since."""
    try:
        marker = read(workspace)
    except ValueError as error:
        raise WorkspaceError(f"{workspace / MARKER}: {error}. Run again, which makes it anew") from error
    if marker is None:
        raise WorkspaceError(f"{workspace / MARKER}: missing. Run again, which makes it anew")
    return marker


def update(workspace: Path, **counts: int) -> None:
    """Change counts of the marker, on the disk if they are news. Raises WorkspaceError, DiskError."""
    old = current(workspace)
    new = replace(old, **counts)
    if new != old:
        write(workspace, new)


def rebuild(manifest_contents: Iterable[Mapping[str, Any]], edits: Iterable[Mapping[str, Any]], unread: int) -> Marker:
    """A marker from what versions and edits say of themselves; ids are skipped for what could not be read."""
    edits = list(edits)
    ids = [str(id) for edit in edits for id in edit.get("themes", ())]
    numbers = [int(id[1:]) for id in ids if id[1:].isdecimal()]
    numbers += [count for count in (content.get("last theme") for content in manifest_contents) if _is_count(count)]
    highest_edit = max((edit["number"] for edit in edits), default=0)
    return Marker(max(numbers, default=0) + SKIPPED_IDS * unread, 0, highest_edit)


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
