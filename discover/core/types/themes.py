"""Themes as arrays (`Graph`, `Level`, `Themes`) and as people see them (`Theme`, `Label`, `Item`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

OUTLIER = -1


@dataclass(frozen=True)
class Graph:
    """Each item's nearest other items over the fused spaces, nearest first; duplicates of an item are collapsed.

    `unique` lists the first row of each content, in the order of their keys; neighbours are given for these only, as
    positions in `unique`.
    """

    unique: NDArray[np.int64] = field(repr=False)  # (u,)
    first: NDArray[np.int64] = field(repr=False)  # (n,), position in `unique` of each row's representative
    vectors: NDArray[np.float32] = field(repr=False)  # (u, d) fused unit vectors
    neighbours: NDArray[np.int64] = field(repr=False)  # (u, k)
    scores: NDArray[np.float32] = field(repr=False)  # (u, k), descending cosine
    recall: float  # of the neighbours against exact search; 1.0 when exact
    keys: NDArray[np.bytes_] = field(repr=False)  # (u,), digests of the vectors, ascending

    def spread(self, values: NDArray[Any], nothing: float) -> NDArray[Any]:
        """Values of unique items (u, ...) by catalog row; `nothing` for items without vectors."""
        return np.concatenate([values, np.full((1, *values.shape[1:]), nothing, dtype=values.dtype)])[self.first]


@dataclass(frozen=True)
class Level:
    """One partition of the catalog, numbered 0..count-1 by falling size.

    Strengths are 0 for outliers and at most .5 for attached members: those that the clustering itself left as outliers.
    """

    members: NDArray[np.int64] = field(repr=False)  # (n,), theme number or -1
    strengths: NDArray[np.float32] = field(repr=False)  # (n,), in [0, 1]
    attached: NDArray[np.bool_] = field(repr=False)  # (n,)
    parents: tuple[int, ...]  # by theme: number of its theme one level up; -1 at level 0 or where it has none
    stability: tuple[float, ...]  # by theme, in [0, 1]: how well it comes back from half of the items
    ids: tuple[str, ...] = ()  # by theme: its permanent id; none before the ledger has given them

    @property
    def count(self) -> int:
        """Number of themes."""
        return len(self.parents)

    def rows(self, number: int) -> NDArray[np.int64]:
        """The rows of a theme's items, strongest first, ties by row."""
        rows = np.flatnonzero(self.members == number)
        return rows[np.lexsort((rows, -self.strengths[rows]))]

    def ids_by_row(self, outlier: str | None) -> NDArray[np.object_]:
        """(n,) the id of each row's theme, or what stands for an outlier."""
        return np.array([*self.ids, outlier], dtype=object)[self.members]  # -1 is the last


@dataclass(frozen=True)
class Continuation:
    """How a run's themes went on from those of the last run; items are counted without their copies."""

    kept: int
    added: int
    removed: int
    changed: float  # share of the items that came or went since themes were last found anew
    moved: float  # median distance that kept items moved on the map, by the map's width


@dataclass(frozen=True)
class ClusterTendency:
    """How items compare with structureless clouds of the same shape; see `discover.themes.cluster_tendency`."""

    p: float  # chance that a cloud's neighbours are as close, the smaller of two measures, Bonferroni-corrected
    ratio: float  # neighbour distance by the cloud's, of that measure; below 1 is closer
    clustered: bool
    distance: float  # Euclidean, to an item's nearest in a cloud: what says nothing


@dataclass(frozen=True)
class Themes:
    """The catalog's themes as arrays: `levels[0]` is the broadest; no level at all means "no themes found"."""

    levels: tuple[Level, ...]
    map: NDArray[np.float32] = field(repr=False)  # (n, 2)
    layout: NDArray[np.float32] = field(repr=False)  # (u, c), the coordinates that were clustered, side by side
    reason: str  # why there are these themes, or none
    tendency: ClusterTendency
    cuts: tuple[tuple[str, int], ...] = ()  # by level: HDBSCAN's way of selecting and the smallest theme's size
    continued: Continuation | None = None  # None where they were found anew

    def find(self, id: str) -> tuple[Level, int] | None:
        """The broadest level that a theme is at, and its number there; None where it is not."""
        return next(((level, level.ids.index(id)) for level in self.levels if id in level.ids), None)

    def rows(self, theme: Theme) -> NDArray[np.int64]:
        """The rows of a theme's items, strongest first, ties by row."""
        return self.levels[theme.level].rows(theme.number)


@dataclass(frozen=True)
class Item:
    """A member of a theme."""

    id: str
    title: str
    strength: float  # in [0, 1]
    attached: bool = False  # attached by its neighbours; the clustering itself left it an outlier


@dataclass(frozen=True)
class Theme:
    """A theme as people see it. `items` is filled by `Engine.theme`, strongest first, and empty in listings."""

    id: str
    label: str
    keywords: tuple[str, ...]
    exemplars: tuple[Item, ...]
    size: int
    attached: int  # members that are attached by their neighbours only, among `size`
    share: float  # of the catalog, in [0, 1]
    strength: float  # mean membership strength, in [0, 1]
    stability: float  # in [0, 1]: how well it comes back when only half of the items are there
    level: int
    number: int  # in its level
    parent: str | None
    children: tuple[str, ...]
    items: tuple[Item, ...] = ()
    note: str = ""  # why the labeller that is set did not find its label, where it did not


def themes_by_id(named: Sequence[Theme]) -> dict[str, Theme]:
    """Themes of all levels, broadest first, by id; one that is at several levels as it is at the broadest."""
    return {theme.id: theme for theme in reversed(named)}


@dataclass(frozen=True)
class Label:
    """Words for a set of items and what they rest on. `items` are the exemplars, and filled by `Engine.label`."""

    text: str
    keywords: tuple[str, ...]
    exemplars: tuple[int, ...] = field(repr=False)  # rows, closest to the core first
    note: str = ""  # why the labeller that is set did not find them, where it did not
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class LabelQuality:
    """How well the keywords of a level's themes hold together and how little they repeat (`labels.coherence`)."""

    level: int
    themes: int
    measured: int  # themes with two keywords or more that are words of the catalog: those that `coherence` is of
    coherence: float | None  # in [-1, 1], 0 as chance has it; None where it cannot be measured
    diversity: float | None  # in [0, 1]: share of different words among all keywords; None where there are none


@dataclass(frozen=True)
class Place:
    """Where a theme's name stands on the map, and in which colour; both stay from run to run."""

    item: str  # id of the item at whose dot it is
    colour: int  # number in the palette
