"""Writing edits down: under the lock of edits, once they are known to make sense and contradict no other.

A run may be at work meanwhile. It applies what was written down when it began to match themes. The next run applies the
rest.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from discover.core.errors import DiskError, NotDurableError, UsageError
from discover.core.types import Edit, Keys, Level, Themes
from discover.edits.apply import apply_edits, find_contradiction
from discover.edits.log import KINDS, append, last_id, read, standing
from discover.ledger.keys import identify
from discover.search import fusion
from discover.search.lookup import find_row
from discover.store import marker, versions
from discover.store.load import StoredRun

MAX_LABEL_CHARS = 500  # of a label that people give


def add(
    workspace: str | Path,
    kind: str,
    themes: Sequence[str] = (),
    items: Sequence[Sequence[str]] = (),
    text: str = "",
    warn: Callable[[str], object] = warnings.warn,
) -> Edit:
    """Write down an edit, with what it costs in stability, and give it.

    `themes` are ids: one of rename, hide, pin and split, at least two of merge. `items` are groups of ids or titles: at
    least two of split, one of together and of apart. `text` is the new label. `warn` is called where the edit is
    written down, but the device did not confirm it. Raises UsageError where the edit makes no sense or contradicts
    another, UnknownItemError, WorkspaceError, BusyError, DiskError.
    """
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not a kind of edit. Valid: {', '.join(KINDS)}")
    with versions.editing(workspace) as home:
        run, log = StoredRun(versions.open(home)), read(home)
        rows = [[find_row(run.catalog, item) for item in group] for group in items]
        known = marker.current(home)
        edit = Edit(_next(known, log), _now(), kind, tuple(themes), text=text.strip())
        _check(edit, rows, run, standing(log))
        keys = identify(run.catalog, run.spaces)
        groups = rows
        if kind == "pin":
            level, number = _locate(run, edit)
            groups = [np.flatnonzero(level.members == number).tolist()]
        if kind == "split":
            first = max(known.free_theme, run.last_theme + 1, last_id(log) + 1)
            edit = replace(edit, themes=(*edit.themes, *(f"T{first + i:04d}" for i in range(len(rows) - 1))))
        ids = run.catalog.ids
        edit = replace(
            edit,
            items=tuple(tuple(ids[row] for row in group) for group in rows),
            keys=tuple(tuple(_key(keys, row) for row in group) for group in groups),
        )
        if kind not in ("rename", "hide", "pin"):
            edit = _price(edit, run, keys, standing(log))
        _write(home, log, edit, warn)
    return edit


def undo(workspace: str | Path, number: int, warn: Callable[[str], object] = warnings.warn) -> Edit:
    """Take an edit back, by its number. Raises UsageError where there is no such edit, or it was taken back."""
    with versions.editing(workspace) as home:
        versions.open(home)  # which refuses a workspace of another format, whose log is another too
        log = read(home)
        if number not in {edit.number for edit in standing(log)}:
            raise UsageError(f"there is no edit {number} to undo. `discover edit list` shows them")
        edit = Edit(_next(marker.current(home), log), _now(), "undo", undoes=number)
        _write(home, log, edit, warn)
    return edit


def _next(known: marker.Marker, log: Sequence[Edit]) -> int:
    """The number of the next edit: one that is lost is not replaced by another."""
    return max(known.highest_edit, log[-1].number if log else 0) + 1


def _write(home: Path, log: Sequence[Edit], edit: Edit, warn: Callable[[str], object]) -> None:
    """Bring an edit to the disk. The ids that it gives are in the marker before, its number is after."""
    marker.update(home, highest_theme=max(marker.current(home).highest_theme, last_id([edit])))
    try:
        append(home, log, edit)
    except NotDurableError as error:
        warn(str(error))
    try:
        marker.update(home, highest_edit=edit.number)
    except DiskError as error:  # the edit is there, and the next one makes up for this
        warn(f"edit {edit.number} is written down, but the marker was not brought up to date: {error}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _key(keys: Keys, row: int) -> tuple[str, str]:
    return keys.contents[row].decode(), keys.names[row].decode()


def _locate(run: StoredRun, edit: Edit) -> tuple[Level, int]:
    """The broadest level that an edit's theme is at, and its number. Raises UsageError where it is not there."""
    place = run.themes.find(edit.themes[0])
    if place is None:
        raise UsageError(f"{edit.kind}: theme {edit.themes[0]} is not in version {run.version.number}")
    return place


def _check(edit: Edit, rows: Sequence[Sequence[int]], run: StoredRun, others: Sequence[Edit]) -> None:
    """Raises UsageError where the edit makes no sense, or contradicts others."""
    known = {entry.id for entry in run.ledger.entries} | {id for other in others for id in other.themes}
    for id in edit.themes:
        if id not in known:
            raise UsageError(f"{edit.kind}: no theme {id!r}. `discover themes` lists them")
    _check_counts(edit, rows)
    if edit.kind == "rename" and not edit.text:
        raise UsageError("rename: the new label is empty")
    if len(edit.text) > MAX_LABEL_CHARS or not edit.text.isprintable():
        raise UsageError(f"rename: give one line of at most {MAX_LABEL_CHARS} characters that can be printed")
    if edit.kind in ("split", "pin"):
        level, number = _locate(run, edit)
        outside = [run.catalog.ids[row] for group in rows for row in group if level.members[row] != number]
        if outside:
            raise UsageError(f"split: {outside[0]!r} is not in theme {edit.themes[0]}. Give items that are in it")
    if edit.kind in ("together", "apart"):
        keys = identify(run.catalog, run.spaces)
        new = replace(edit, keys=(tuple(_key(keys, row) for row in rows[0]),))
        clash = find_contradiction([*others, new])
        if clash:
            raise UsageError(f"{edit.kind}: this contradicts edit {clash}. `discover edit undo {clash}` takes it back")


def _check_counts(edit: Edit, rows: Sequence[Sequence[int]]) -> None:
    """Raises UsageError where the edit does not name as many themes, groups and items as its kind needs."""
    by_items = edit.kind in ("together", "apart")
    if edit.kind == "merge" and len(set(edit.themes)) < 2:
        raise UsageError("merge: give two or more different themes")
    if edit.kind != "merge" and len(edit.themes) != (0 if by_items else 1):
        raise UsageError(f"{edit.kind}: give {'no' if by_items else 'one'} theme")
    if edit.kind == "split" and len(rows) < 2:
        raise UsageError("split: give two or more groups of items")
    if edit.kind != "split" and len(rows) != (1 if by_items else 0):
        raise UsageError(f"{edit.kind}: give {'one group of' if by_items else 'no'} items")
    chosen = [row for group in rows for row in group]
    if len(set(chosen)) < len(chosen) or not all(rows) or (by_items and len(chosen) < 2):
        raise UsageError(f"{edit.kind}: give different items, at least {2 if len(rows) == 1 else 1} in a group")


def _price(edit: Edit, run: StoredRun, keys: Keys, others: Sequence[Edit]) -> Edit:
    """The edit with the stability of the themes that it changes, before and after it.

    Both are measured on the current version, with the edits made since then.
    """
    settings = run.settings.themes
    weights = fusion.theme_weights(settings, run.catalog, run.spaces)
    vectors = fusion.fuse(run.spaces, weights, len(run.catalog))
    pending = [other for other in others if other.number not in run.edit_numbers]
    before, after = (
        _stability(apply_edits(run.themes, edits, keys, vectors, run.graph, settings).themes)
        for edits in (pending, [*pending, edit])
    )
    touched = sorted(id for id in before.keys() | after.keys() if before.get(id) != after.get(id))
    return replace(
        edit,
        before={id: before[id] for id in touched if id in before},
        after={id: after[id] for id in touched if id in after},
    )


def _stability(themes: Themes) -> dict[str, float]:
    """By theme, at its broadest level."""
    levels = reversed(themes.levels)
    return {id: value for level in levels for id, value in zip(level.ids, level.stability, strict=True)}
