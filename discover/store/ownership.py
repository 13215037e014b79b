"""What in a folder is ours: nothing else is ever written over or removed.

A folder is a workspace if it has a marker, or a version whose manifest is sound where the marker was lost; an empty one
becomes a workspace. In a workspace ours are, by name and by what they hold:

    versions/NUMBER/    with a sound manifest of our format, and no files but those that it names
    .tmp-PID-RANDOM     what a writer had not finished, where there is a marker
    unfinished/         its files whose name has the digest of what they hold; see `embeddings.checkpoint`
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from discover.core import files
from discover.core.errors import WorkspaceError
from discover.store import journal, marker
from discover.store import manifest as manifests
from discover.store.manifest import MANIFEST
from discover.store.marker import MARKER, Marker
from discover.store.stored import DESKTOP_FILES, check_format, file_sizes, inspect
from discover.store.workspace import CURRENT, EDITS, EDITS_LOCK, LOCK, VERSIONS, folder_of, numbers, read_current


def refuse_strangers(home: Path) -> None:
    """Raises WorkspaceError for a folder that is not a workspace and not empty, and for one of another format.

    It looks only, so it needs no lock, and leaves no trace in a folder of somebody else.
    """
    with files.disk_errors(home):
        for name in (VERSIONS, CURRENT, EDITS):
            if (home / name).is_symlink():
                raise WorkspaceError(f"{home / name}: a link, which is not followed. Put what it names in its place")
        if marker.read_sound(home) is not None:
            return
        if [number for number in numbers(home) if _has_manifest(home, number)]:  # looks at all: one may be newer
            return
        strangers = sorted(entry.name for entry in os.scandir(home) if not _is_harmless(Path(entry.path)))
    if MARKER in strangers:
        raise WorkspaceError(f"{home / MARKER}: damaged, and there is no version. Choose another --workspace")
    if strangers:
        raise WorkspaceError(
            f"{home}: not a workspace, and not empty (it has {strangers[0]!r}). Choose an empty or new --workspace"
        )


def claim(home: Path) -> tuple[str, ...]:
    """Mark a folder as a workspace; gives a warning where its marker had to be made again. Needs the lock of edits.

    Raises what `refuse_strangers` raises.
    """
    refuse_strangers(home)
    return mend(home)


def mend(home: Path) -> tuple[str, ...]:
    """As `claim`, of a folder that is known to be ours."""
    if marker.read_sound(home) is not None:
        return ()
    present = numbers(home)
    if not present:
        marker.write(home, Marker())
        return ()
    contents, unread = [], 0
    for number in present:
        try:
            contents.append(manifests.read((folder_of(home, number) / MANIFEST).read_bytes(), number).content)
        except (OSError, ValueError):
            unread += 1
    edits, damages = journal.scan(home / EDITS)
    unread += len(damages) + (read_current(home) not in present)
    made = marker.rebuild(contents, edits, unread)
    marker.write(home, made)
    skipped = f". New themes begin at T{made.highest_theme + 1:04d}" if unread else ""
    return (f"{home / MARKER} was missing or damaged, so it was made again{skipped}",)


def sweep(home: Path) -> None:
    """Remove what dead writers left in a workspace; the lock must be ours.

    Folders of versions are left alone even without a manifest. A commit never makes those, so such a folder was
    damaged later: what remains of it is the user's, and its number stays taken.
    """
    with files.disk_errors(home):
        for path in home.glob(f"{files.TEMPORARY}*"):
            if files.TEMPORARY_NAME.fullmatch(path.name):
                files.erase(path)


def is_removable(home: Path, number: int) -> bool:
    """Whether a version is ours as a whole: its manifest is sound and of our format, and names all that is there."""
    folder = folder_of(home, number)
    if folder.is_symlink():
        return False
    try:
        version, _ = inspect(home, number)
        return version is not None and set(file_sizes(folder)) - {MANIFEST} <= set(version.files)
    except WorkspaceError:
        return False  # of another format


def _has_manifest(home: Path, number: int) -> bool:
    """Whether a version has a sound manifest. Raises WorkspaceError for one of another format."""
    check_format(home, number)
    try:
        manifests.read((folder_of(home, number) / MANIFEST).read_bytes(), number)
    except (OSError, ValueError):
        return False
    return True


def _is_harmless(path: Path) -> bool:
    """Whether such a file lies in an empty folder: a desktop's, a lock, or a first marker half written."""
    if path.is_symlink() or not path.is_file():
        return False
    if path.name in (*DESKTOP_FILES, LOCK, EDITS_LOCK):
        return True
    return bool(files.TEMPORARY_NAME.fullmatch(path.name)) and Marker().encode().startswith(path.read_bytes())


def remove_unused(home: Path) -> None:
    """Take away a workspace that we made and that has nothing in it; one that has stays as it is."""
    with suppress(OSError):  # why the writer failed counts more
        if {path.name for path in home.iterdir()} <= {VERSIONS, LOCK, EDITS_LOCK, MARKER}:
            (home / VERSIONS).rmdir()
            for name in (MARKER, EDITS_LOCK, LOCK):
                (home / name).unlink(missing_ok=True)
            home.rmdir()
