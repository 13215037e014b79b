"""Laid out items to levels: cuts of HDBSCAN's tree, of which the best are chosen, and what belongs to their themes.

Of all cuts the one that fits the neighbour graph and the vectors best gives the broad themes (see `partitions`), and
of the finer ones within them the one whose themes stand out most. A group is no theme if its items are no closer to
each other than chance, or the same few items again; outliers join the theme that their neighbours are in (see
`membership`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.groups import rows_by_group
from discover.core.settings import ThemeSettings
from discover.core.types import OUTLIER, ClusterTendency, Graph, Level, Themes
from discover.themes import cluster_tendency, duplicates, membership, partitions
from discover.themes.hierarchy import Cut, Hierarchy
from discover.themes.stability import Halves, LastLevel

MIN_FINE_SIZE = 5  # no theme is smaller, near-duplicates counted once
MIN_BROAD_SIZE = 10  # a broad theme has ten items at least ...
BROAD_SHARE = 500  # ... and 1/500 of all
COPY_COSINE = 0.99  # from which items are so alike that many of them are no theme; a tight theme's are below
MIN_STRENGTH = 0.01  # of a member; 0 is for outliers
ATTACHED_STRENGTH = 0.5  # of an attached outlier whose neighbours are all in its theme


@dataclass(frozen=True)
class Items:
    """The unique items as themes are found among them."""

    graph: Graph
    weights: Any  # of the layouts' graph, sparse (u, u), as coordinates
    tendency: ClusterTendency

    @cached_property
    def copies(self) -> NDArray[np.int64]:
        """(u,) the number of each item's group of near-duplicates."""
        return duplicates.group(self.graph, COPY_COSINE)[self.graph.unique]

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """(u,) how far an item's nearest are."""
        nearest = np.maximum(2 - 2 * self.graph.scores[:, : cluster_tendency.NEIGHBOURS].astype(np.float64), 0)
        return np.asarray(np.sqrt(nearest).mean(axis=1))

    def keep_themes(self, cut: Cut, min_size: int) -> Cut:
        """What of a cut are themes: groups of so many different items that are closer than chance."""
        kept = [
            len(np.unique(self.copies[rows])) >= min_size
            and float(np.median(self.distances[rows])) < self.tendency.distance
            for rows in rows_by_group(cut.members, cut.count)
        ]
        return cut.keep(np.array(kept, dtype=bool))

    def quality(self, cut: Cut) -> float:
        """See `partitions`; of the themes with their outliers attached, in two rounds as most are by then."""
        members = membership.attach(self.graph, cut.members, rounds=2)
        if self.weights.nnz:
            return partitions.quality(self.weights, self.graph.vectors, members)
        return max(partitions.silhouette(self.graph.vectors, members), 0.0)


@dataclass(frozen=True)
class _Groups:
    """A partition of the unique items that is to become a level."""

    core: NDArray[np.int64]  # (u,) as clustered
    members: NDArray[np.int64]  # (u,) with outliers attached
    cut: Cut
    parents: NDArray[np.int64]  # (count,)

    @property
    def count(self) -> int:
        """Number of themes."""
        return self.cut.count


def find_levels(
    items: Items,
    flat: NDArray[np.float32],
    layouts: list[NDArray[np.float32]],
    settings: ThemeSettings,
    cuts: tuple[tuple[str, int], ...] = (),
    before: Sequence[LastLevel] = (),
) -> Themes:
    """The themes of items that are laid out: `flat` (u, 2) on the map, and in the `layouts` that are clustered.

    Where they go on from the last run's, the tree is cut as it was then (`cuts`: method and smallest theme's size by
    level), and a theme that was there `before` keeps its stability, which tells of nearly the same items.
    """
    chosen, reason = _choose_levels(items, layouts, settings, cuts)
    halves = Halves(layouts[:1] if cuts or before else layouts, settings.seed)
    levels = []
    for depth, groups in enumerate(chosen):
        own = membership.measure(items.graph, groups.members)
        levels.append(_level(groups, own, halves, items.graph, before[depth] if depth < len(before) else None))
    return Themes(
        tuple(levels),
        items.graph.spread(flat, np.nan),
        np.hstack(layouts),
        reason,
        items.tendency,
        tuple((groups.cut.method, groups.cut.min_size) for groups in chosen),
    )


def _choose_levels(
    items: Items, layouts: list[NDArray[np.float32]], settings: ThemeSettings, cuts: tuple[tuple[str, int], ...]
) -> tuple[list[_Groups], str]:
    """The levels and why they are there, or no level and why not. A fine level like the broad one is left out."""
    count, tendency = len(items.graph.unique), items.tendency
    if count < 2 * MIN_BROAD_SIZE:
        return [], f"no themes: {count} different items are too few to tell a theme from chance"
    if not tendency.clustered:
        return [], (
            f"no themes: the distance between neighbours is {tendency.ratio:.2f} of what chance would give, "
            f"p = {tendency.p:.2g} (themes need at most {cluster_tendency.MAX_RATIO} "
            f"and p <= {settings.significance:g})"
        )
    tree = Hierarchy(np.hstack(layouts))
    broad = _choose_broad(tree, items, settings.min_size, cuts[:1])
    if broad is None:
        return [], "no themes: no group of items stands out from the rest of the catalog"
    fine = None if cuts and len(cuts) < 2 else _choose_fine(tree, broad, items, settings.min_size, cuts[1:])
    reason = f"themes: the distance between neighbours is {tendency.ratio:.2f} of what chance would give"
    return [groups for groups in (broad, fine) if groups], f"{reason} (p = {tendency.p:.2g})"


def _choose_broad(
    tree: Hierarchy, items: Items, min_size: int | None, cut: tuple[tuple[str, int], ...] = ()
) -> _Groups | None:
    """The partition that fits the items best, or as it is to be cut; None if there is none of two themes."""
    count = len(items.graph.unique)
    smallest = min_size or max(MIN_BROAD_SIZE, count // BROAD_SHARE)
    largest = smallest if min_size else max(smallest, count // 5)
    candidates = [tree.cut(size, method) for method, size in cut] or tree.candidates(smallest, largest)
    different: dict[bytes, Cut] = {}
    for candidate in candidates:
        themes = items.keep_themes(candidate, min(smallest, MIN_BROAD_SIZE))
        if themes.count >= 2:
            different.setdefault(themes.members.tobytes(), themes)
    if not different:
        return None
    cuts = list(different.values())
    best = cuts[0] if len(cuts) == 1 else max(cuts, key=items.quality)
    parents = np.full(best.count, OUTLIER, dtype=np.int64)
    return _rank(best, best.members, membership.attach(items.graph, best.members), parents)


def _choose_fine(
    tree: Hierarchy, broad: _Groups, items: Items, min_size: int | None, cut: tuple[tuple[str, int], ...] = ()
) -> _Groups | None:
    """The fine themes inside the broad ones; a broad theme that does not fall apart is its own only child.

    None if they are the broad ones. Both cut one tree, so two cores are nested or apart.
    """
    smallest, size = min_size or MIN_FINE_SIZE, broad.cut.min_size
    candidates = [tree.cut(size, method) for method, size in cut]
    candidates = candidates or tree.candidates(max(smallest, size // 10), max(smallest, size // 2))
    themes = (items.keep_themes(candidate, smallest) for candidate in candidates)
    nested = _nest(max(themes, key=lambda cut: cut.prominence), broad)
    homes = membership.find_homes(nested.members, nested.count, broad.members)
    core = np.where(broad.members == homes[nested.members], nested.members, OUTLIER)
    members = membership.attach(items.graph, core, broad.members)
    alone = np.bincount(homes[:-1] + 1, minlength=broad.count + 1)[1:] == 1
    for child, parent in enumerate(homes[:-1]):
        if parent != OUTLIER and alone[parent]:
            members[broad.members == parent] = child
    if np.array_equal(members == OUTLIER, broad.members == OUTLIER) and alone.all() and nested.count == broad.count:
        return None
    return _rank(nested, core, members, homes[:-1])


def _nest(fine: Cut, broad: _Groups) -> Cut:
    """The fine themes inside the broad ones' cores, and a broad theme's core itself where it does not fall apart.

    A fine theme that holds broad ones is left out; groups among the outliers of the broad level stay.
    """
    members = np.full_like(fine.members, OUTLIER)
    strengths = np.zeros_like(fine.strengths)
    persistence: list[float] = []

    def add(which: NDArray[np.bool_], source: Cut, number: int) -> None:
        """Add a group of `source` as the next theme."""
        members[which], strengths[which] = len(persistence), source.strengths[which]
        persistence.append(source.persistence[number])

    inside: dict[int, list[int]] = {parent: [] for parent in range(OUTLIER, broad.count)}
    for child in range(fine.count):
        parents = np.unique(broad.cut.members[fine.members == child])
        if len(parents) == 1:
            inside[int(parents[0])].append(child)
    for parent, children in inside.items():
        if parent != OUTLIER and len(children) < 2:
            add(broad.cut.members == parent, broad.cut, parent)
        else:
            for child in children:
                add(fine.members == child, fine, child)
    return Cut(fine.method, fine.min_size, members, strengths, tuple(persistence))


def _rank(cut: Cut, core: NDArray[np.int64], members: NDArray[np.int64], parents: NDArray[np.int64]) -> _Groups:
    """Themes numbered by falling size, ties by first member; one that has no members left is gone."""
    rows = rows_by_group(members, cut.count)
    left = [number for number in range(cut.count) if len(rows[number])]
    order = sorted(left, key=lambda number: (-len(rows[number]), rows[number][0]))
    rank = np.full(cut.count + 1, OUTLIER, dtype=np.int64)  # index -1 is the last: outliers stay outliers
    rank[order] = np.arange(len(order))
    persistence = tuple(cut.persistence[number] for number in order)
    ranked = Cut(cut.method, cut.min_size, rank[cut.members], cut.strengths, persistence)
    return _Groups(rank[core], rank[members], ranked, parents[order])


def _level(
    groups: _Groups, own: membership.Membership, halves: Halves, graph: Graph, before: LastLevel | None
) -> Level:
    """The level over all catalog rows: copies are with their first, items without vectors are outliers."""
    affinity = np.where(own.themes == groups.members[:, None], own.affinities, 0).max(axis=1)
    attached = (groups.members != OUTLIER) & (groups.core == OUTLIER)
    strengths = np.maximum(np.where(attached, ATTACHED_STRENGTH * affinity, groups.cut.strengths), MIN_STRENGTH)
    strengths = np.where(groups.members == OUTLIER, 0, strengths).astype(np.float32)
    stability = np.full(groups.count, np.nan) if before is None else before.inherited(groups.members, groups.count)
    if np.isnan(stability).any():
        stability = np.where(np.isnan(stability), halves.stability(groups.cut), stability)
    return Level(
        graph.spread(groups.members, OUTLIER),
        graph.spread(strengths, 0),
        graph.spread(attached, False),
        tuple(groups.parents.tolist()),
        tuple(stability.tolist()),
    )
