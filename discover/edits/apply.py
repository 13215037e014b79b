"""Strategists' edits, applied to themes: what people want otherwise than the data alone would have it, run after run.

Names, hidden and merged themes the engine shows at once; the next run applies all edits to what it found, and so does
every run after it. Ids are permanent and items are remembered by their content, so edits survive refits; the ledger
holds what was found, before edits.

    rename   the theme has this label
    hide     the theme is in no list
    merge    what continues any of these themes is one theme, the first
    split    the theme's members go to the nearest of these groups of items; the first keeps the id
    pin      the theme stays where the clustering no longer gives it: its items, and outliers as near as half of them
    together these items are in one theme, that of most of them
    apart    no two of these items are in one theme: of two that would be, the weaker goes to the nearest other theme
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.settings import ThemeSettings
from discover.core.types import OUTLIER, Edit, Graph, Keys, Level, Themes
from discover.edits.log import merge_into, merged_into
from discover.ledger.keys import locate

NOWHERE = ""  # the id of no theme

Stability = Callable[[Level, NDArray[np.int64], Sequence[str]], tuple[float, ...]]


@dataclass(frozen=True)
class Edited:
    """Themes after edits, and notes on edits that could not be followed in this run."""

    themes: Themes
    notes: tuple[str, ...]


def apply_edits(
    themes: Themes,
    edits: Sequence[Edit],
    keys: Keys,
    vectors: NDArray[np.float32],
    graph: Graph,
    settings: ThemeSettings,
) -> Edited:
    """Themes as the standing edits want them; the stability of levels that change is measured again.

    `keys` and `vectors` (n, d; fused, NaN where an item has none) are by catalog row. Where an item moves, it does at
    all levels; a fine theme keeps the members that are in the broad theme of most of them.
    """
    from discover.themes import stability  # imported here, as a query by id should start fast

    if not themes.levels or all(edit.kind in ("rename", "hide") for edit in edits):
        return Edited(themes, ())
    draft = _Draft.copy_of(themes)
    by_hand = _ByHand(draft, keys, vectors)
    for edit in edits:
        if edit.kind == "merge":
            draft.merge(edit)
        elif edit.kind == "split":
            by_hand.split(edit)
        elif edit.kind == "pin":
            by_hand.pin(edit)
    by_hand.together([edit for edit in edits if edit.kind == "together"])
    for edit in edits:
        if edit.kind == "apart":
            by_hand.apart(edit)

    def measure(level: Level, members: NDArray[np.int64], ids: Sequence[str]) -> tuple[float, ...]:
        """The stability of a level's themes: as it was where nothing changed."""
        if tuple(ids) == level.ids and np.array_equal(members, level.members):
            return level.stability
        return stability.measure(themes.layout, members[graph.unique], settings)

    return Edited(_assemble(themes, draft, measure), tuple(by_hand.notes))


def merge_themes(themes: Themes, edits: Iterable[Edit], earlier: Iterable[Edit] = ()) -> Themes:
    """Themes in which those that the edits merge are one, as the next run will have them where nothing else changed.

    `themes` are as `earlier` edits made them. The stability of a merged theme is measured by that run; until then it is
    that of the theme which it continues.
    """
    merges = [edit for edit in edits if edit.kind == "merge"]
    if not merges or not themes.levels:
        return themes
    draft = _Draft.copy_of(themes)
    draft.into = merged_into(earlier)
    for edit in merges:
        draft.merge(edit)
    return _assemble(themes, draft, _inherit_stability)


def _inherit_stability(level: Level, members: NDArray[np.int64], ids: Sequence[str]) -> tuple[float, ...]:
    """The stability of the theme of the level with the same id, or else of the one that most members were in; or 0."""
    own = dict(zip(level.ids, level.stability, strict=True))
    earlier = (level.members[members == number] for number in range(len(ids)))
    counts = (np.bincount(rows[rows >= 0], minlength=level.count) for rows in earlier)
    inherited = (level.stability[int(count.argmax())] if count.any() else 0.0 for count in counts)
    return tuple(own.get(id, value) for id, value in zip(ids, inherited, strict=True))


@dataclass
class _Draft:
    """Themes in the making, by level; the only thing here that is changed in place."""

    ids: list[NDArray[np.object_]]  # (n,) the id of each row's theme, NOWHERE for outliers
    strengths: list[NDArray[np.float32]]
    attached: list[NDArray[np.bool_]]
    into: dict[str, str] = field(default_factory=dict)  # by theme that was merged into another: that other one

    @classmethod
    def copy_of(cls, themes: Themes) -> _Draft:
        """The themes as they are."""
        return cls(
            [level.ids_by_row(NOWHERE) for level in themes.levels],
            [level.strengths.copy() for level in themes.levels],
            [level.attached.copy() for level in themes.levels],
        )

    def merge(self, edit: Edit) -> None:
        """What continues any of the edit's themes is the first, or is in its place where that is not there.

        At every level, members of the others go where the first is: into the same broad themes, too. Where it is at
        broader levels only, they are in no finer theme.
        """
        first, before = edit.themes[0], self.into
        self.into = merge_into(before, edit)
        others = [id for id, end in self.into.items() if end == first]
        there = {id for ids in self.ids for id in set(ids.tolist())}
        home = next((id for id in (before.get(id, id) for id in edit.themes) if id in there), first)
        stays = [ids == home for ids in self.ids]
        joining = [np.isin(ids, [*others, first]) & ~own for ids, own in zip(self.ids, stays, strict=True)]
        for ids, own in zip(self.ids, stays, strict=True):
            ids[own] = first
        held = [depth for depth, own in enumerate(stays) if own.any()]
        for depth, rows in enumerate(map(np.flatnonzero, joining)):
            if len(rows):
                anchor = min(held, key=lambda level: (level > depth, abs(level - depth)))
                for level in range(anchor + 1):
                    id = _most_common(self.ids[level][stays[anchor]])
                    self._put(rows, level, first if id in others else id, depth)
                if anchor < depth:
                    self._put(rows, depth, NOWHERE, depth)

    def _put(self, rows: NDArray[np.int64], level: int, id: str, source: int) -> None:
        """Rows into a theme of a level, or into none; outliers there are members as they are at the level `source`."""
        new = rows[self.ids[level][rows] == NOWHERE]
        for values in (self.strengths, self.attached):
            values[level][new] = values[source][new]
        self.ids[level][rows] = id
        if id == NOWHERE:
            self.strengths[level][rows], self.attached[level][rows] = 0.0, False

    def path(self, row: int) -> tuple[str, ...]:
        """The ids of an item's themes, broadest first."""
        return tuple(str(ids[row]) for ids in self.ids)

    def move(self, row: int, path: tuple[str, ...]) -> None:
        """The item into these themes, one a level."""
        if self.path(row) != path:
            for depth, id in enumerate(path):
                self.ids[depth][row] = id
                self.strengths[depth][row], self.attached[depth][row] = float(id != NOWHERE), False


def _most_common(ids: NDArray[np.object_]) -> str:
    """The id that stands most often, ties to the lower one."""
    counts = Counter(ids.tolist())
    return str(min(counts, key=lambda id: (-counts[id], id)))


@dataclass
class _ByHand:
    """Edits that say of single items where they belong."""

    draft: _Draft
    keys: Keys
    vectors: NDArray[np.float32]
    notes: list[str] = field(default_factory=list)

    def rows(self, group: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
        """The rows of an edit's items that are in this run's catalog."""
        contents, names = (np.array([key[i] for key in group], dtype="S32") for i in (0, 1))
        rows = locate(Keys(contents, names), self.keys)
        return rows[rows >= 0]

    def split(self, edit: Edit) -> None:
        seeds = [self.rows(group) for group in edit.keys]
        centres = np.array([self.centre(rows) for rows in seeds])
        if np.isnan(centres).any():
            self.notes.append(f"edit {edit.number}: not split because a group has no items left")
            return
        for ids in self.draft.ids:
            rows = np.flatnonzero(ids == edit.themes[0])
            nearest = np.argmax(np.nan_to_num(self.vectors[rows]) @ centres.T, axis=1)
            ids[rows] = np.array(edit.themes, dtype=object)[nearest]
            for id, own in zip(edit.themes, seeds, strict=True):
                ids[np.intersect1d(own, rows)] = id

    def pin(self, edit: Edit) -> None:
        draft, id = self.draft, edit.themes[0]
        if any((ids == id).any() for ids in draft.ids):
            return
        rows = self.rows(edit.keys[0])
        centre = self.centre(rows)
        if np.isnan(centre).any():
            self.notes.append(f"edit {edit.number}: pinned theme {id} has no items left")
            return
        cosines = np.nan_to_num(self.vectors) @ centre
        near = (draft.ids[0] == NOWHERE) & (cosines >= np.median(cosines[rows]))
        for ids, strengths, attached in zip(draft.ids, draft.strengths, draft.attached, strict=True):
            ids[rows] = ids[near] = id
            strengths[rows], strengths[near] = 1.0, 0.5
            attached[rows] = attached[near] = False

    def together(self, edits: Sequence[Edit]) -> None:
        linked = link_items(edits)
        for first in sorted(set(linked.values())):
            rows = self.rows([key for key, stands in linked.items() if stands == first])
            paths = Counter(self.draft.path(row) for row in rows if self.draft.ids[0][row] != NOWHERE)
            if paths:
                best = max(sorted(paths), key=lambda path: paths[path])
                for row in rows:
                    self.draft.move(int(row), best)

    def apart(self, edit: Edit) -> None:
        ids, strengths = self.draft.ids[0], self.draft.strengths[0]
        taken: set[str] = set()
        for row in sorted(self.rows(edit.keys[0]).tolist(), key=lambda row: (-float(strengths[row]), row)):
            if ids[row] in taken:
                self.draft.move(row, self.nearest_path(row, taken))
            taken |= {str(ids[row])} - {NOWHERE}

    def nearest_path(self, row: int, taken: set[str]) -> tuple[str, ...]:
        """The path of the broad theme, not among those taken, whose centre is nearest to an item."""
        ids = self.draft.ids[0]
        free = sorted(set(ids.tolist()) - taken - {NOWHERE})
        centres = {id: self.centre(np.flatnonzero(ids == id)) for id in free}
        best = max(free, key=lambda id: float(centres[id] @ self.vectors[row]), default=NOWHERE)
        return (best, *(NOWHERE,) * (len(self.draft.ids) - 1))

    def centre(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The mean direction of some items; NaN where none has a vector."""
        own = self.vectors[rows].astype(np.float64)
        total = own[~np.isnan(own[:, 0])].sum(axis=0)
        return np.asarray(total / np.linalg.norm(total) if total.any() else np.full(own.shape[1], np.nan))


def link_items(edits: Sequence[Edit]) -> dict[Any, Any]:
    """Items that must be together, by key, to one that stands for all of them."""
    stands: dict[Any, Any] = {}
    for edit in edits:
        merged = {stands.get(key, key) for key in edit.keys[0]}
        first = min(merged)
        stands |= {key: first for key, old in stands.items() if old in merged}
        stands |= dict.fromkeys((*edit.keys[0], *merged), first)
    return stands


def find_contradiction(edits: Sequence[Edit]) -> int | None:
    """The number of an earlier edit that cannot hold together with the last one; None where all can."""
    linked = link_items([edit for edit in edits if edit.kind == "together"])
    for earlier in edits[:-1]:
        if earlier.kind in ("together", "apart"):
            apart = [edit for edit in (earlier, edits[-1]) if edit.kind == "apart"]
            pairs = (pair for edit in apart for pair in combinations(edit.keys[0], 2))
            if any(linked.get(one, one) == linked.get(other, other) for one, other in pairs):
                return earlier.number
    return None


def _assemble(themes: Themes, draft: _Draft, stability: Stability) -> Themes:
    """Themes from the id of each row: numbered by falling size, ties by id, and nested."""
    levels: list[Level] = []
    above = np.full(len(draft.ids[0]), NOWHERE, dtype=object)
    for depth, old in enumerate(themes.levels):
        by_row = draft.ids[depth]
        parents: dict[str, str] = {}
        for id in sorted(set(by_row.tolist()) - {NOWHERE}) if depth else ():
            rows = np.flatnonzero(by_row == id)
            parents[id] = _most_common(above[rows])
            by_row[rows[above[rows] != parents[id]]] = NOWHERE
        sizes = Counter(by_row[by_row != NOWHERE].tolist())
        ids = sorted(sizes, key=lambda id: (-sizes[id], id))
        if not ids:
            break
        number = {id: place for place, id in enumerate(ids)} | {NOWHERE: OUTLIER}
        members = np.array([number[id] for id in by_row], dtype=np.int64)
        upper = {id: place for place, id in enumerate(levels[-1].ids)} if levels else {}
        levels.append(
            Level(
                members,
                np.where(members >= 0, draft.strengths[depth], 0).astype(np.float32),
                draft.attached[depth] & (members >= 0),
                tuple(upper.get(parents.get(id, NOWHERE), OUTLIER) for id in ids),
                stability(old, members, ids),
                tuple(ids),
            )
        )
        above = by_row
    return replace(themes, levels=tuple(levels))
