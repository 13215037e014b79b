"""The log of edits: what people want otherwise than the data alone would have it, one a line, numbered.

Versions are immutable, so edits live beside them in WORKSPACE/edits.jsonl, each with its own digest. Nothing in it is
ever changed, an `undo` is one more line. See `apply` for what edits do to themes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from discover.core import files
from discover.core.errors import WorkspaceError
from discover.core.structure import structure
from discover.core.types import Edit, Listing, Theme
from discover.store import journal, marker
from discover.store.workspace import EDITS, as_path

LOG = EDITS  # the file's name
SHOWN_AT_ONCE = ("rename", "hide", "merge")  # by the engine; all else takes effect with the next run
KINDS = ("rename", "hide", "merge", "split", "pin", "together", "apart")


def read(workspace: str | Path) -> Listing[Edit]:
    """All edits of a workspace, oldest first, undone ones and undos too. Raises WorkspaceError, DiskError."""
    path = as_path(workspace) / LOG
    try:
        return Listing(structure(Edit, content) for content in journal.read(path))
    except ValueError as error:
        raise WorkspaceError(f"{path}: {error}. Remove the line or restore the file") from error


def find_missing(workspace: Path, log: Sequence[Edit]) -> str:
    """Which edits of a log are lost, as its numbers and the marker show; "" if none is. Raises WorkspaceError."""
    known = marker.read_sound(workspace)
    return journal.describe_missing([edit.number for edit in log], known.highest_edit if known else 0)


def append(workspace: Path, log: Sequence[Edit], edit: Edit) -> None:
    """Write the log with one more edit, at once or not at all. Raises DiskError: NotDurableError where it is there."""
    files.replace_bytes(workspace / LOG, journal.encode(map(asdict, (*log, edit))))


def standing(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits that count: none that was undone."""
    undone = {edit.undoes for edit in edits}
    return tuple(edit for edit in edits if edit.undoes is None and edit.number not in undone)


def last_id(edits: Sequence[Edit]) -> int:
    """The highest number of an id that an edit gave to a theme; 0 where none did."""
    return max((int(id[1:]) for edit in edits if edit.kind == "split" for id in edit.themes), default=0)


def set_aside(log: Sequence[Edit], known: Collection[str]) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """The standing edits that can be followed where these themes are known, and those that name younger ones.

    The parts of a split are known once it is followed, or was.
    """
    ids, followed, aside = set(known), list[Edit](), list[Edit]()
    counting = {edit.number for edit in standing(log)}
    for edit in log:
        named = edit.themes[:1] if edit.kind == "split" else edit.themes
        sound = ids.issuperset(named)
        if sound:
            ids.update(edit.themes)
        if edit.number in counting:
            (followed if sound else aside).append(edit)
    return tuple(followed), tuple(aside)


def rename(named: Sequence[Theme], edits: Sequence[Edit]) -> tuple[Theme, ...]:
    """Themes with the labels that people gave them."""
    labels = {edit.themes[0]: edit.text for edit in edits if edit.kind == "rename"}
    return tuple(replace(theme, label=labels.get(theme.id, theme.label)) for theme in named)


def merged_into(edits: Iterable[Edit]) -> dict[str, str]:
    """By theme that was merged into another: that other one, in the end.

    All themes that merges connect are one. It has the id that the last of these merges names first.
    """
    into: dict[str, str] = {}
    for edit in edits:
        if edit.kind == "merge":
            into = merge_into(into, edit)
    return into


def merge_into(into: Mapping[str, str], edit: Edit) -> dict[str, str]:
    """What themes were merged into, with one more merge."""
    ends = {into.get(id, id) for id in edit.themes}
    connected = {*edit.themes, *ends, *(id for id, end in into.items() if end in ends)}
    merged = {**into, **dict.fromkeys(connected, edit.themes[0])}
    return {id: end for id, end in merged.items() if id != end}
