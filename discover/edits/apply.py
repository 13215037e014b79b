"""Strategists' edits: what people want otherwise than the data alone would have it, night after night.

Versions are immutable, so edits live beside them in WORKSPACE/edits.jsonl, one a line, numbered; nothing in it is ever
changed, an `undo` is one more line. Names, hidden and merged themes the engine shows at once; the next run applies all
edits to what it found, and so does every run after it. Ids are permanent and items are remembered by their content, so
edits survive refits; the ledger tells what was found, before edits.

    rename   the theme has this label
    hide     the theme is in no list
    merge    what continues any of these themes is one theme, the first
    split    the theme's members go to the nearest of these groups of items; the first keeps the id
    pin      the theme stays where the clustering no longer gives it: its items, and outliers as near as half of them
    together these items are in one theme, that of most of them
    apart    no two of these items are in one theme: of two that would be, the weaker goes to the nearest other theme
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core import files
from discover.core.errors import UsageError, WorkspaceError
from discover.core.settings import ThemeSettings
from discover.core.types import OUTLIER, Edit, Entry, Graph, Keys, Ledger, Level, Listing, Membership, Theme, Themes
from discover.ledger.keys import identify, locate
from discover.search import fusion
from discover.search.lookup import find_row
from discover.store import versions as store
from discover.store.archive import Archive

LOG = "edits.jsonl"
AT_ONCE = ("rename", "hide", "merge")  # what the engine shows at once; all else takes effect with the next run
LONGEST = 500  # characters of a label that people give
KINDS = ("rename", "hide", "merge", "split", "pin", "together", "apart")
NOWHERE = ""  # the id of no theme


# --- the log -----------------------------------------------------------------------------------------------


def read(workspace: str | Path) -> Listing[Edit]:
    """All edits of a workspace, oldest first, undone ones and undos too. Raises WorkspaceError, DiskError."""
    path = Path(workspace) / LOG
    with files.disk_errors(path):
        lines = path.read_bytes().splitlines() if path.exists() else []
    try:
        found = [_edit(json.loads(line)) for line in lines]
    except (ValueError, TypeError, KeyError) as error:
        raise WorkspaceError(
            f"{path}: line {_bad(lines)} is not an edit. Remove the line or restore the file"
        ) from error
    return Listing(found)


def _edit(content: dict[str, Any]) -> Edit:
    groups = tuple(tuple((str(one), str(other)) for one, other in group) for group in content["keys"])
    items = tuple(map(tuple, content["items"]))
    return Edit(**(content | {"themes": tuple(content["themes"]), "items": items, "keys": groups}))


def _bad(lines: Sequence[bytes]) -> int:
    """The number of the first line that is no edit."""
    for number, line in enumerate(lines, 1):
        try:
            _edit(json.loads(line))
        except (ValueError, TypeError, KeyError):
            return number
    return 0


def standing(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits that count: none that was undone."""
    undone = {edit.undoes for edit in edits}
    return tuple(edit for edit in edits if edit.undoes is None and edit.number not in undone)


def highest(edits: Sequence[Edit]) -> int:
    """The highest number of an id that an edit gave to a theme; 0 where none did."""
    return max((int(id[1:]) for edit in edits if edit.kind == "split" for id in edit.themes), default=0)


def add(
    workspace: str | Path,
    kind: str,
    themes: Sequence[str] = (),
    items: Sequence[Sequence[str]] = (),
    text: str = "",
) -> Edit:
    """Write down an edit, with what it costs in stability, and give it.

    `themes` are ids: one of rename, hide, pin and split, at least two of merge. `items` are groups of ids or titles: at
    least two of split, one of together and of apart. `text` is the new label. Raises UsageError where the edit makes no
    sense or contradicts another, UnknownItemError, WorkspaceError, BusyError, DiskError.
    """
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not a kind of edit. Valid: {', '.join(KINDS)}")
    with store.locked(workspace) as home:
        log, archive = read(home), Archive(store.open(home))
        rows = [[find_row(archive.catalog, item) for item in group] for group in items]
        edit = Edit(len(log) + 1, _now(), kind, tuple(themes), text=text.strip())
        _check(edit, rows, archive, standing(log))
        keys = identify(archive.catalog, archive.spaces)
        groups = rows
        if kind == "pin":
            names = _names(archive.themes, archive.theme_ids)[_depth(archive, edit)]
            groups = [np.flatnonzero(names == edit.themes[0]).tolist()]
        if kind == "split":
            last = max(archive.last_theme, highest(log))
            edit = replace(edit, themes=(*edit.themes, *(f"T{last + i:04d}" for i in range(1, len(rows)))))
        ids = archive.catalog.ids
        edit = replace(
            edit,
            items=tuple(tuple(ids[row] for row in group) for group in rows),
            keys=tuple(tuple(_key(keys, int(row)) for row in group) for group in groups),
        )
        if kind not in ("rename", "hide", "pin"):
            edit = _priced(edit, archive, keys, standing(log))
        _append(home, log, edit)
    return edit


def undo(workspace: str | Path, number: int) -> Edit:
    """Take an edit back, by its number. Raises UsageError where there is no such edit, or it was taken back."""
    with store.locked(workspace) as home:
        log = read(home)
        if number not in {edit.number for edit in standing(log)}:
            raise UsageError(f"there is no edit {number} to undo. `discover edit list` shows them")
        edit = Edit(len(log) + 1, _now(), "undo", undoes=number)
        _append(home, log, edit)
    return edit


def _append(home: Path, log: Sequence[Edit], edit: Edit) -> None:
    lines = [json.dumps(asdict(each), allow_nan=False) for each in (*log, edit)]
    files.replace_bytes(home / LOG, "".join(f"{line}\n" for line in lines).encode("ascii"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _key(keys: Keys, row: int) -> tuple[str, str]:
    return keys.contents[row].decode(), keys.names[row].decode()


def _depth(archive: Archive, edit: Edit) -> int:
    """The broadest level that an edit's theme is at. Raises UsageError where it is not there."""
    for depth, ids in enumerate(archive.theme_ids):
        if edit.themes[0] in ids:
            return depth
    raise UsageError(f"{edit.kind}: theme {edit.themes[0]} is not in version {archive.version.number}")


def _check(edit: Edit, rows: Sequence[Sequence[int]], archive: Archive, others: Sequence[Edit]) -> None:
    """Raises UsageError where the edit makes no sense, or contradicts others."""
    known = {entry.id for entry in archive.ledger.entries} | {id for each in others for id in each.themes}
    for id in edit.themes:
        if id not in known:
            raise UsageError(f"{edit.kind}: no theme {id!r}. `discover themes` lists them")
    wanted = {"merge": (2, 0), "split": (1, 2), "together": (0, 1), "apart": (0, 1)}.get(edit.kind, (1, 0))
    if (edit.kind == "merge" and len(set(edit.themes)) < 2) or (edit.kind != "merge" and len(edit.themes) != wanted[0]):
        raise UsageError(f"{edit.kind}: give {'two or more different themes' if edit.kind == 'merge' else 'one theme'}")
    if (edit.kind == "split" and len(rows) < 2) or (edit.kind != "split" and len(rows) != wanted[1]):
        raise UsageError(f"{edit.kind}: give {'two or more groups of items' if edit.kind == 'split' else 'one group'}")
    chosen = [row for group in rows for row in group]
    if len(set(chosen)) < len(chosen) or not all(rows) or (edit.kind in ("together", "apart") and len(chosen) < 2):
        raise UsageError(f"{edit.kind}: give different items, at least {2 if len(rows) == 1 else 1} in a group")
    if edit.kind == "rename" and not edit.text:
        raise UsageError("rename: the new label is empty")
    if len(edit.text) > LONGEST or not edit.text.isprintable():
        raise UsageError(f"rename: give one line of at most {LONGEST} characters that can be printed")
    if edit.kind in ("split", "pin"):
        depth = _depth(archive, edit)
        names = _names(archive.themes, archive.theme_ids)[depth]
        outside = [archive.catalog.ids[row] for row in chosen if names[row] != edit.themes[0]]
        if outside:
            raise UsageError(f"split: {outside[0]!r} is not in theme {edit.themes[0]}. Give items that are in it")
    if edit.kind in ("together", "apart"):
        keys = identify(archive.catalog, archive.spaces)
        new = replace(edit, keys=(tuple(_key(keys, row) for row in rows[0]),))
        clash = _contradiction([*others, new])
        if clash:
            raise UsageError(f"{edit.kind}: this contradicts edit {clash}. `discover edit undo {clash}` takes it back")


def _contradiction(edits: Sequence[Edit]) -> int | None:
    """The number of an earlier edit that cannot hold together with the last one; None where all can."""
    for earlier in edits[:-1]:
        if earlier.kind in ("together", "apart"):
            linked = _linked([each for each in edits if each.kind == "together"])
            apart = [each for each in (earlier, edits[-1]) if each.kind == "apart"]
            pairs = (pair for each in apart for pair in combinations(each.keys[0], 2))
            if any(linked.get(one, one) == linked.get(other, other) for one, other in pairs):
                return earlier.number
    return None


def _linked(edits: Sequence[Edit]) -> dict[Any, Any]:
    """Items that must be together, by key, to one that stands for all of them."""
    stands: dict[Any, Any] = {}
    for edit in edits:
        merged = {stands.get(key, key) for key in edit.keys[0]}
        first = min(merged)
        stands |= {key: first for key, old in stands.items() if old in merged}
        stands |= dict.fromkeys((*edit.keys[0], *merged), first)
    return stands


# --- applying them -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edited:
    """Themes after edits: `ids` by level and number, `notes` on edits that could not be followed tonight."""

    themes: Themes
    ids: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def apply(
    found: Themes,
    ids: tuple[tuple[str, ...], ...],
    edits: Sequence[Edit],
    keys: Keys,
    vectors: NDArray[np.float32],
    graph: Graph,
    settings: ThemeSettings,
) -> Edited:
    """What was found, with `ids` by level and number, as the standing edits want it.

    `keys` and `vectors` (n, d; fused, NaN where an item has none) are by catalog row. Where an item moves, it does at
    all levels; a fine theme keeps the members that are in the broad theme of most of them.
    """
    if not found.levels or all(edit.kind in ("rename", "hide") for edit in edits):
        return Edited(found, ids, ())
    work = _Work(_names(found, ids), [level.strengths.copy() for level in found.levels], keys, vectors, [])
    for edit in edits:
        if edit.kind in ("merge", "split", "pin"):
            getattr(work, edit.kind)(edit)
    work.together([edit for edit in edits if edit.kind == "together"])
    for edit in edits:
        if edit.kind == "apart":
            work.apart(edit)
    return _rebuilt(found, ids, work, graph, settings)


def _names(found: Themes, ids: tuple[tuple[str, ...], ...]) -> list[NDArray[Any]]:
    """By level: the theme's id of each row, NOWHERE for outliers."""
    return [
        np.array([*given, NOWHERE], dtype=object)[level.members]  # -1 is the last
        for level, given in zip(found.levels, ids, strict=True)
    ]


@dataclass
class _Work:
    """Themes in the making; the only thing here that is changed in place."""

    names: list[NDArray[Any]]
    strengths: list[NDArray[np.float32]]
    keys: Keys
    vectors: NDArray[np.float32]
    notes: list[str]

    def rows(self, group: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
        """The rows of an edit's items that are in tonight's catalog."""
        contents, names = (np.array([key[i] for key in group], dtype="S32") for i in (0, 1))
        found = locate(Keys(contents, names), self.keys)
        return found[found >= 0]

    def merge(self, edit: Edit) -> None:
        first, rest = edit.themes[0], edit.themes[1:]
        for depth, names in enumerate(self.names):
            joining = np.isin(names, rest)
            stays = names == first
            names[joining] = first
            for upper in self.names[:depth]:  # fine themes of different broad ones: all go where the first is
                if stays.any() and joining.any():
                    upper[joining] = Counter(upper[stays].tolist()).most_common(1)[0][0]

    def split(self, edit: Edit) -> None:
        seeds = [self.rows(group) for group in edit.keys]
        centres = np.array([self.centre(rows) for rows in seeds])
        if np.isnan(centres).any():
            self.notes.append(f"edit {edit.number}: not split because a group has no items left")
            return
        for names in self.names:
            rows = np.flatnonzero(names == edit.themes[0])
            nearest = np.argmax(np.nan_to_num(self.vectors[rows]) @ centres.T, axis=1)
            names[rows] = np.array(edit.themes, dtype=object)[nearest]
            for id, own in zip(edit.themes, seeds, strict=True):
                names[np.intersect1d(own, rows)] = id

    def pin(self, edit: Edit) -> None:
        if any((names == edit.themes[0]).any() for names in self.names):
            return
        rows = self.rows(edit.keys[0])
        centre = self.centre(rows)
        if np.isnan(centre).any():
            self.notes.append(f"edit {edit.number}: pinned theme {edit.themes[0]} has no items left")
            return
        cosines = np.nan_to_num(self.vectors) @ centre
        near = (self.names[0] == NOWHERE) & (cosines >= np.median(cosines[rows]))
        for names, strengths in zip(self.names, self.strengths, strict=True):
            names[rows] = names[near] = edit.themes[0]
            strengths[rows], strengths[near] = 1.0, 0.5

    def together(self, edits: Sequence[Edit]) -> None:
        linked = _linked(edits)
        for first in sorted(set(linked.values())):
            rows = self.rows([key for key, stands in linked.items() if stands == first])
            paths = Counter(self.path(row) for row in rows if self.names[0][row] != NOWHERE)
            if paths:
                best = max(sorted(paths), key=lambda path: paths[path])
                for row in rows:
                    self.move(int(row), best)

    def apart(self, edit: Edit) -> None:
        rows = self.rows(edit.keys[0]).tolist()
        taken: set[str] = set()
        for row in sorted(rows, key=lambda row: (-float(self.strengths[0][row]), row)):
            if self.names[0][row] in taken:
                self.move(row, self.nearest(row, taken))
            taken |= {str(self.names[0][row])} - {NOWHERE}

    def path(self, row: int) -> tuple[str, ...]:
        """The ids of an item's themes, broadest first."""
        return tuple(str(names[row]) for names in self.names)

    def move(self, row: int, path: tuple[str, ...]) -> None:
        if self.path(row) != path:
            for names, strengths, id in zip(self.names, self.strengths, path, strict=True):
                names[row], strengths[row] = id, float(id != NOWHERE)

    def nearest(self, row: int, taken: set[str]) -> tuple[str, ...]:
        """The path of the broad theme, not among those taken, whose centre is nearest to an item."""
        free = sorted(set(self.names[0].tolist()) - taken - {NOWHERE})
        centres = [self.centre(np.flatnonzero(self.names[0] == id)) for id in free]
        best = max(zip(free, centres, strict=True), key=lambda each: float(each[1] @ self.vectors[row]), default=None)
        return (best[0] if best else NOWHERE, *(NOWHERE,) * (len(self.names) - 1))

    def centre(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The mean direction of some items; NaN where none has a vector."""
        own = self.vectors[rows].astype(np.float64)
        total = own[~np.isnan(own[:, 0])].sum(axis=0)
        return np.asarray(total / np.linalg.norm(total) if total.any() else np.full(own.shape[1], np.nan))


def _rebuilt(
    found: Themes, ids: tuple[tuple[str, ...], ...], work: _Work, graph: Graph, settings: ThemeSettings
) -> Edited:
    """Themes from the id of each row: numbered by falling size, nested, stability of changed levels measured again."""
    from discover.themes import levels as partitions  # imported where it is used, as a query by id should start fast
    from discover.themes import stability as halves

    levels: list[Level] = []
    memberships: list[Membership] = []
    given: list[tuple[str, ...]] = []
    above = np.full(len(work.names[0]), NOWHERE, dtype=object)
    original = _names(found, ids)
    for depth, old in enumerate(found.levels):
        names = work.names[depth]
        parents: dict[str, str] = {}
        for id in sorted(set(names.tolist()) - {NOWHERE}) if depth else ():
            rows = np.flatnonzero(names == id)
            parents[id] = str(Counter(above[rows].tolist()).most_common(1)[0][0])
            names[rows[above[rows] != parents[id]]] = NOWHERE
        sizes = Counter(names[names != NOWHERE].tolist())
        order = sorted(sizes, key=lambda id: (-sizes[id], id))
        if not order:
            break
        number = {id: place for place, id in enumerate([*order])} | {NOWHERE: OUTLIER}
        members = np.array([number[id] for id in names], dtype=np.int64)
        upper = {id: place for place, id in enumerate(given[-1])} if given else {}
        stability = old.stability
        if order != list(ids[depth]) or not np.array_equal(members, old.members):
            stability = halves.measure(found.layout, members[graph.unique], settings)
        strengths = np.where(members >= 0, work.strengths[depth], 0).astype(np.float32)
        levels.append(
            Level(members, strengths, tuple(upper.get(parents.get(id, ""), OUTLIER) for id in order), stability)
        )
        attached = names == original[depth]
        attached &= found.memberships[depth].attached if found.memberships else False
        memberships.append(partitions.belong(graph, members, attached))
        given.append(tuple(order))
        above = names
    changed = replace(found, levels=tuple(levels), memberships=tuple(memberships))
    return Edited(changed, tuple(given), tuple(work.notes))


def _priced(edit: Edit, archive: Archive, keys: Keys, others: Sequence[Edit]) -> Edit:
    """The edit with the stability of the themes that it changes, before and after it.

    Both are measured on the current version, with the edits made since then.
    """
    settings = archive.settings.themes
    weights = fusion.theme_weights(settings, archive.catalog, archive.spaces)
    vectors = fusion.fuse(archive.spaces, weights, len(archive.catalog))
    pending = [each for each in others if each.number not in archive.version.manifest.get("edits", [])]
    before, after = (
        apply(archive.themes, archive.theme_ids, chosen, keys, vectors, archive.graph, settings)
        for chosen in (pending, [*pending, edit])
    )
    one, other = _stability(before), _stability(after)
    touched = {id for id in (*one, *other) if one.get(id) != other.get(id)}
    return replace(
        edit,
        before={id: one[id] for id in sorted(touched) if id in one},
        after={id: other[id] for id in sorted(touched) if id in other},
    )


def _stability(edited: Edited) -> dict[str, float]:
    """By theme, at its broadest level."""
    found: dict[str, float] = {}
    for level, ids in zip(edited.themes.levels, edited.ids, strict=True):
        for id, stability in zip(ids, level.stability, strict=True):
            found.setdefault(id, stability)
    return found


# --- what is seen ------------------------------------------------------------------------------------------


def renamed(named: Sequence[Theme], edits: Sequence[Edit]) -> tuple[Theme, ...]:
    """Themes with the labels that people gave them."""
    given = {edit.themes[0]: edit.text for edit in edits if edit.kind == "rename"}
    return tuple(replace(theme, label=given.get(theme.id, theme.label)) for theme in named)


def joined(edits: Sequence[Edit]) -> dict[str, str]:
    """By theme that was merged into another: that other one, in the end."""
    into: dict[str, str] = {}
    for edit in edits:
        if edit.kind == "merge":
            rest = set(edit.themes[1:])
            into |= {id: edit.themes[0] for id, first in into.items() if first in rest}
            into |= dict.fromkeys(rest, edit.themes[0])
            into.pop(edit.themes[0], None)
    return into


def merged(named: Sequence[Theme], edits: Sequence[Edit]) -> tuple[Theme, ...]:
    """Themes as they are once merged: words, exemplars, place and stability of the first, all members."""
    into = joined(edits)
    groups: dict[tuple[int, str], list[Theme]] = {}
    for theme in named:
        groups.setdefault((theme.level, into.get(theme.id, theme.id)), []).append(theme)
    return tuple(
        _as_one(id, sorted(group, key=lambda theme: theme.id != id), into) for (_, id), group in groups.items()
    )


def _as_one(id: str, group: Sequence[Theme], into: Mapping[str, str]) -> Theme:
    first, size = group[0], sum(theme.size for theme in group)
    children = dict.fromkeys(into.get(child, child) for theme in group for child in theme.children)
    return replace(
        first,
        id=id,
        size=size,
        attached=sum(theme.attached for theme in group),
        share=sum(theme.share for theme in group),
        strength=sum(theme.strength * theme.size for theme in group) / max(size, 1),
        parent=None if first.parent is None else into.get(first.parent, first.parent),
        children=tuple(child for child in children if child != id),
    )


def hidden(edits: Sequence[Edit]) -> set[str]:
    """The ids of hidden themes."""
    return {edit.themes[0] for edit in edits if edit.kind == "hide"}


def shown(record: Ledger, ids: tuple[tuple[str, ...], ...]) -> Ledger:
    """The ledger as labels need it: with the ids of the themes after edits, and entries for those that edits made."""
    made = {id for level in ids for id in level} - {entry.id for entry in record.entries}
    return replace(record, ids=ids, entries=(*record.entries, *(Entry(id, born=record.version) for id in sorted(made))))
