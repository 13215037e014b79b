"""Vectors to themes: neighbour graph, null comparison, UMAP, HDBSCAN, a tree of levels.

UMAP's layout differs from seed to seed, and a partition of one layout with it. So several layouts are made and
clustered side by side: items are near if they are near in all of them. Of all cuts of that hierarchy the one that fits
the neighbour graph and the vectors best gives the broad themes (see `partitions`), and of the finer ones
within them the one whose themes stand out most. A group is no theme if its items are no closer to each other than
chance, or the same few items again; outliers join the theme that their neighbours are in (see `membership`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

import indexes
from discover.core.settings import ThemeSettings
from discover.core.types import OUTLIER, ClusterTendency, Continuation, Graph, Level, Membership, Themes
from discover.themes import cluster_tendency, duplicates, layout, membership, partitions
from discover.themes.hierarchy import Cut, Hierarchy

FEWEST = 5  # no theme is smaller, near-duplicates counted once
SAME = 0.99  # cosine from which items are so alike that many of them are no theme; a tight theme's are below
BROAD_SHARE = 500  # a broad theme has at least 1/500 of the items ...
BROAD_FEWEST = 10  # ... and ten
NEIGHBOURS = 30  # of an item, itself among them; fewer in small catalogs, where they would reach ...
FEWEST_NEIGHBOURS = 10
CROWD = 50  # ... more than one item in so many
LAYOUTS = 3  # that are clustered side by side
KEY = 16  # bytes of a digest that tells vectors apart
MAP_DISTANCE = 0.1  # least, of items on the map; where they are clustered there is none
CHANGED = 0.2  # share of the items that may come or go before themes are found anew
UNSETTLED = 0.5  # share of its neighbours that an item has to keep to stay where it lay
EPOCHS = 50  # of layouts that go on from last night's
LEAST = 0.01  # strength of a member, at least; 0 is for outliers
ATTACHED = 0.5  # strength of an attached outlier whose neighbours are all in its theme
GONE = -2  # where OUTLIER or a theme would be: of an item that was not there last night
SAME_THEME = 0.5  # Jaccard overlap with a theme of last night's from which one is that theme still


Halves = list[tuple[NDArray[np.int64], Hierarchy]]  # trees of some items, and which


@dataclass(frozen=True)
class _Before:
    """A level of the night before, over tonight's unique items."""

    members: NDArray[np.int64]  # (u,), OUTLIER, or GONE for items that were not there
    stability: tuple[float, ...]  # by theme


@dataclass(frozen=True)
class Last:
    """The night before, made with the same settings."""

    graph: Graph
    themes: Themes
    edited: bool = False  # people wanted other themes than were found

    def places(self, graph: Graph) -> NDArray[np.int64]:
        """Where each of its unique items is among tonight's, ascending; -1 for those that are gone."""
        place = np.searchsorted(graph.keys, self.graph.keys)
        there = place < len(graph.keys)
        there[there] = graph.keys[place[there]] == self.graph.keys[there]
        return np.where(there, place, OUTLIER)

    def members(self, graph: Graph) -> list[_Before]:
        """Its themes, by level, over tonight's unique items."""
        place, found = self.places(graph), []
        for level in self.themes.levels:
            members = np.full(len(graph.keys), GONE, dtype=np.int64)
            members[place[place >= 0]] = level.members[self.graph.unique][place >= 0]
            found.append(_Before(members, level.stability))
        return found

    def goes_on(self, graph: Graph) -> bool:
        """Whether few enough items came and went for tonight's themes to go on from its."""
        return self.continuation(graph).changed <= CHANGED

    def continuation(self, graph: Graph, moved: float = 0.0) -> Continuation:
        """What came and went."""
        kept = int((self.places(graph) >= 0).sum())
        added, removed = len(graph.keys) - kept, len(self.graph.keys) - kept
        before = self.themes.continued.changed if self.themes.continued else 0.0
        return Continuation(kept, added, removed, before + (added + removed) / max(len(self.graph.keys), 1), moved)


def graph(vectors: NDArray[np.float32], settings: ThemeSettings, last: Last | None = None) -> Graph:
    """The neighbour graph over fused vectors (n, d); rows of NaN (nothing to go by) stay outside.

    Items with exactly the same vector are one node, so that copies can neither found a theme nor fill each other's
    neighbour lists. Nodes are in the order of their keys, so that the order of the rows changes nothing. What came
    and went since the `last` night is brought up to date in its graph, to the same result.
    """
    present = np.flatnonzero(~np.isnan(vectors[:, 0]))
    kept = np.ascontiguousarray(vectors[present])
    distinct = indexes.find_distinct(kept)
    nodes = distinct.of(kept)
    keys = np.array([blake2b(node.tobytes(), digest_size=KEY).hexdigest() for node in nodes], dtype=f"S{2 * KEY}")
    order = np.argsort(keys)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    first = np.full(len(vectors), OUTLIER, dtype=np.int64)
    first[present] = place[distinct.labels]
    nodes, keys, unique = nodes[order], keys[order], present[distinct.first[order]]
    wanted = (settings.neighbours or min(NEIGHBOURS, max(FEWEST_NEIGHBOURS, len(nodes) // CROWD))) - 1
    alone = Graph(
        unique, first, nodes, np.empty((len(nodes), 0), np.int64), np.empty((len(nodes), 0), np.float32), 1.0, keys
    )
    if last and last.graph.neighbours.shape[1] == wanted < len(nodes) and last.goes_on(alone):
        before = indexes.Neighbours(last.graph.neighbours, last.graph.scores)
        found, recall = indexes.update_graph(before, last.places(alone), nodes), last.graph.recall
    else:
        built = indexes.knn_graph(nodes, wanted, seed=settings.seed)
        found, recall = built.neighbours, built.recall
    return replace(alone, neighbours=found.rows, scores=found.scores, recall=recall)


def find(graph: Graph, settings: ThemeSettings, last: Last | None = None) -> Themes:
    """The themes of the graph's items, at two levels, or none, with the reason. Same input, same bits.

    With the `last` night, and few items that came or went, the layouts go on from where its items lay, and the tree is
    cut as it was; nothing changed at all gives its themes again, bit for bit.
    """
    count = len(graph.unique)
    if last and count >= layout.MIN_ITEMS and last.themes.levels and last.goes_on(graph):
        if np.array_equal(graph.keys, last.graph.keys) and not last.edited:
            return _again(graph, last)
        found = _go_on(graph, settings, last)
        if found.levels:  # else nothing is left of the old themes, and others may be there
            return found
    tendency = cluster_tendency.measure(graph.vectors, settings.significance, settings.seed)
    if count < layout.MIN_ITEMS:
        weights = sparse.csr_array((count, count), dtype=np.float32)
        layouts = [layout.principal_components(graph.vectors, min(settings.components, count))]
        flat = layout.principal_components(graph.vectors, 2)
    else:
        weights = layout.fuzzy_graph(graph, settings.seed)
        flat = layout.lay_out(graph, weights, 2, MAP_DISTANCE, settings)
        layouts = [flat]
        if tendency.clustered:
            layouts = [layout.lay_out(graph, weights, settings.components, 0.0, each) for each in _seeds(settings)]
    return _themes(_Items(graph, weights.tocoo(), tendency), flat, layouts, settings)


def _seeds(settings: ThemeSettings) -> list[ThemeSettings]:
    """The settings of each layout that is clustered."""
    return [replace(settings, seed=(settings.seed + number) % 2**32) for number in range(LAYOUTS)]


def _themes(
    items: _Items,
    flat: NDArray[np.float32],
    layouts: list[NDArray[np.float32]],
    settings: ThemeSettings,
    last: Last | None = None,
) -> Themes:
    """The themes of laid out items; where they go on from the `last` night's, the tree is cut as it was then."""
    found, reason = _levels(items, layouts, settings, last.themes.cuts if last else ())
    resampled = _Resampled(layouts[:1] if last else layouts, settings.seed)
    before = last.members(items.graph) if last else ()
    made = []
    for number, groups in enumerate(found):
        own = before[number] if number < len(before) else None
        made.append(_level(groups, resampled, items.graph, own))
    levels, memberships = tuple(level for level, _ in made), tuple(own for _, own in made)
    chosen = tuple((groups.cut.method, groups.cut.min_size) for groups in found)
    points = _rows_of(flat, items.graph, np.nan)
    return Themes(levels, points, np.hstack(layouts), reason, memberships, chosen, tendency=items.tendency)


def _again(graph: Graph, last: Last) -> Themes:
    """The last night's themes, by tonight's rows."""

    def moved(values: NDArray[Any], nothing: float) -> NDArray[Any]:
        return _rows_of(values[last.graph.unique], graph, nothing)

    levels = [
        replace(level, members=moved(level.members, OUTLIER), strengths=moved(level.strengths, 0))
        for level in last.themes.levels
    ]
    memberships = [
        Membership(moved(own.attached, False), moved(own.themes, OUTLIER), moved(own.affinities, 0))
        for own in last.themes.memberships
    ]
    return replace(
        last.themes,
        levels=tuple(levels),
        map=moved(last.themes.map, np.nan),
        memberships=tuple(memberships),
        continued=last.continuation(graph),
    )


def _unsettled(graph: Graph, last: Last, place: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(u,) which items have no place yet: new ones, and those whose neighbours are mostly others now."""
    unsettled = np.ones(len(graph.keys), dtype=bool)
    kept = place >= 0
    before = np.append(place, OUTLIER)[last.graph.neighbours[kept]]
    now = graph.neighbours[place[kept]]
    both = np.sort(np.hstack([before, now]), axis=1)
    shared = ((both[:, 1:] == both[:, :-1]) & (both[:, 1:] >= 0)).sum(axis=1)
    unsettled[place[kept]] = shared < UNSETTLED * now.shape[1]
    return unsettled


def _go_on(graph: Graph, settings: ThemeSettings, last: Last) -> Themes:
    """Themes of tonight's items from last night's places."""
    weights = layout.fuzzy_graph(graph, settings.seed)
    place = last.places(graph)
    moving = _unsettled(graph, last, place)
    brief = replace(settings, epochs=min(settings.epochs, EPOCHS))

    def go_on(points: NDArray[np.float32], min_dist: float, each: ThemeSettings) -> NDArray[np.float32]:
        start = layout.placed(points, place, graph, settings.seed)
        return layout.lay_out(graph, weights, points.shape[1], min_dist, each, start, moving)

    before = last.themes.map[last.graph.unique]
    flat = go_on(before, MAP_DISTANCE, brief)
    layouts = [go_on(part, 0.0, each) for part, each in zip(_parts(last.themes.layout), _seeds(brief), strict=True)]
    tendency = last.themes.tendency or cluster_tendency.measure(graph.vectors, settings.significance, settings.seed)
    found = _themes(_Items(graph, weights.tocoo(), tendency), flat, layouts, settings, last)
    there = place >= 0
    ways = np.linalg.norm(flat[place[there]] - before[there], axis=1)
    return replace(found, continued=last.continuation(graph, float(np.median(ways) / np.ptp(flat, axis=0).max())))


@dataclass(frozen=True)
class _Items:
    """The unique items as themes are found among them."""

    graph: Graph
    weights: Any  # of the layouts' graph, sparse (u, u), as coordinates
    tendency: ClusterTendency

    @cached_property
    def copies(self) -> NDArray[np.int64]:
        """(u,) the number of each item's group of near-duplicates."""
        return duplicates.groups(self.graph, SAME)[self.graph.unique]

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """(u,) how far an item's nearest are."""
        nearest = np.maximum(2 - 2 * self.graph.scores[:, : cluster_tendency.NEIGHBOURS].astype(np.float64), 0)
        return np.asarray(np.sqrt(nearest).mean(axis=1))

    def real(self, cut: Cut, fewest: int) -> Cut:
        """What of a cut are themes: groups of so many different items that are closer than chance."""
        kept = [
            len(np.unique(self.copies[rows])) >= fewest
            and float(np.median(self.distances[rows])) < self.tendency.distance
            for rows in _rows(cut.members, cut.count)
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

    @classmethod
    def of(
        cls, cut: Cut, core: NDArray[np.int64], members: NDArray[np.int64], parents: NDArray[np.int64] | None = None
    ) -> _Groups:
        """Themes numbered by falling size, ties by first member; one that has no members left is gone."""
        rows = _rows(members, cut.count)
        left = [number for number in range(cut.count) if len(rows[number])]
        order = sorted(left, key=lambda number: (-len(rows[number]), rows[number][0]))
        rank = np.full(cut.count + 1, OUTLIER, dtype=np.int64)  # index -1 is the last: outliers stay outliers
        rank[order] = np.arange(len(order))
        persistence = tuple(cut.persistence[number] for number in order)
        ranked = Cut(cut.method, cut.min_size, rank[cut.members], cut.strengths, persistence)
        above = np.full(len(order), OUTLIER, dtype=np.int64) if parents is None else parents[order]
        return cls(rank[core], rank[members], ranked, above)


def _levels(
    items: _Items, layouts: list[NDArray[np.float32]], settings: ThemeSettings, cuts: tuple[tuple[str, int], ...]
) -> tuple[list[_Groups], str]:
    """The levels and why they are there, or no level and why not. A fine level like the broad one is left out."""
    count, tendency = len(items.graph.unique), items.tendency
    if count < 2 * BROAD_FEWEST:
        return [], f"no themes: {count} different items are too few to tell a theme from chance"
    if not tendency.clustered:
        return [], (
            f"no themes: neighbours are at {tendency.ratio:.2f} of the distance that a cloud without themes gives "
            f"(p = {tendency.p:.2g}; themes need p <= {settings.significance:g} and at most {cluster_tendency.CLOSER})"
        )
    tree = Hierarchy.of(np.hstack(layouts))
    broad = _broad(tree, items, settings.min_size, cuts[:1])
    if broad is None:
        return [], "no themes: no group of items stands out from the rest of the catalog"
    fine = None if cuts and len(cuts) < 2 else _fine(tree, broad, items, settings.min_size, cuts[1:])
    reason = f"themes: neighbours are at {tendency.ratio:.2f} of the distance that a cloud without themes gives"
    return [each for each in (broad, fine) if each], f"{reason} (p = {tendency.p:.2g})"


def _broad(
    tree: Hierarchy, items: _Items, min_size: int | None, cut: tuple[tuple[str, int], ...] = ()
) -> _Groups | None:
    """The partition that fits the items best, or as it is to be cut; None if there is none of two themes."""
    count = len(items.graph.unique)
    least = min_size or max(BROAD_FEWEST, count // BROAD_SHARE)
    most = least if min_size else max(least, count // 5)
    candidates = [tree.cut(size, method) for method, size in cut] or tree.candidates(least, most)
    cuts = [items.real(each, min(least, BROAD_FEWEST)) for each in candidates]
    different: dict[bytes, Cut] = {}
    for each in cuts:
        if each.count >= 2:
            different.setdefault(each.members.tobytes(), each)
    if not different:
        return None
    cuts = list(different.values())
    best = cuts[0] if len(cuts) == 1 else max(cuts, key=items.quality)
    return _Groups.of(best, best.members, membership.attach(items.graph, best.members))


def _fine(
    tree: Hierarchy, broad: _Groups, items: _Items, min_size: int | None, cut: tuple[tuple[str, int], ...] = ()
) -> _Groups | None:
    """The fine themes inside the broad ones; a broad theme that does not fall apart is its own only child.

    None if they are the broad ones. Both cut one tree, so two cores are nested or apart.
    """
    fewest, size = min_size or FEWEST, broad.cut.min_size
    candidates = [tree.cut(size, method) for method, size in cut]
    candidates = candidates or tree.candidates(max(fewest, size // 10), max(fewest, size // 2))
    fine = max((items.real(each, fewest) for each in candidates), key=lambda each: each.prominence)
    nested = _nested(fine, broad)
    homes = membership.homes(nested.members, nested.count, broad.members)
    core = np.where(broad.members == homes[nested.members], nested.members, OUTLIER)
    members = membership.attach(items.graph, core, broad.members)
    alone = np.bincount(homes[:-1] + 1, minlength=broad.count + 1)[1:] == 1
    for child, parent in enumerate(homes[:-1]):
        if parent != OUTLIER and alone[parent]:
            members[broad.members == parent] = child
    if np.array_equal(members == OUTLIER, broad.members == OUTLIER) and alone.all() and nested.count == broad.count:
        return None
    return _Groups.of(nested, core, members, homes)


def _rows(members: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The positions of each theme's members, ascending."""
    order = np.argsort(members, kind="stable")
    return np.split(order, np.searchsorted(members[order], np.arange(count + 1)))[1:-1] if count else []


def _nested(fine: Cut, broad: _Groups) -> Cut:
    """The fine themes inside the broad ones' cores, and a broad theme's core itself where it does not fall apart.

    A fine theme that holds broad ones is left out; groups among the outliers of the broad level stay.
    """
    members = np.full_like(fine.members, OUTLIER)
    strengths = np.zeros_like(fine.strengths)
    persistence: list[float] = []

    def add(which: NDArray[np.bool_], source: Cut, number: int) -> None:
        members[which], strengths[which] = len(persistence), source.strengths[which]
        persistence.append(source.persistence[number])

    inside: dict[int, list[int]] = {parent: [] for parent in range(OUTLIER, broad.count)}
    for child in range(fine.count):
        parents = np.unique(broad.cut.members[fine.members == child])
        if len(parents) == 1:
            inside[int(parents[0])].append(child)
    for parent, found in inside.items():
        if parent != OUTLIER and len(found) < 2:
            add(broad.cut.members == parent, broad.cut, parent)
        else:
            for child in found:
                add(fine.members == child, fine, child)
    return Cut(fine.method, fine.min_size, members, strengths, tuple(persistence))


@dataclass(frozen=True)
class _Resampled:
    """What halves of the items give."""

    layouts: list[NDArray[np.float32]]
    seed: int

    @cached_property
    def halves(self) -> Halves:
        """Trees of halves of the items, each of one layout alone, with the items of each."""
        random, found = np.random.default_rng(self.seed), []
        for points in self.layouts:
            mixed = random.permutation(len(points))
            for half in (np.sort(mixed[: len(mixed) // 2]), np.sort(mixed[len(mixed) // 2 :])):
                found.append((half, Hierarchy.of(points[half])))
        return found


def _stability(cut: Cut, halves: Halves) -> tuple[float, ...]:
    """For each theme, how well its core comes back when only half of the items are there, in one layout: the Jaccard
    overlap with the nearest group found, averaged over halves (Hennig 2007). In [0, 1]; .75 and above is stable.
    """
    overlaps = []
    for half, tree in halves:
        again = tree.cut(max(2, cut.min_size // 2), cut.method)
        kept = cut.members[half]
        both = np.zeros((cut.count + 1, again.count + 1))
        np.add.at(both, (kept, again.members), 1)  # outliers (-1) fall into the last row and column
        of_theme, of_group = both.sum(axis=1)[:-1], both.sum(axis=0)[:-1]
        union = of_theme[:, None] + of_group[None, :] - both[:-1, :-1]
        jaccard = np.divide(both[:-1, :-1], union, out=np.zeros_like(union), where=union > 0)
        overlaps.append(jaccard.max(axis=1, initial=0.0))
    return tuple(float(value) for value in np.mean(overlaps, axis=0))


def stability(points: NDArray[np.float32], members: NDArray[np.int64], settings: ThemeSettings) -> tuple[float, ...]:
    """The stability of each theme of any partition (u,) of items as laid out (u, c); -1 for outliers."""
    sizes = np.bincount(members[members >= 0])
    if not len(sizes) or len(points) < 2 * BROAD_FEWEST:
        return (0.0,) * len(sizes)
    cut = Cut("eom", int(sizes.min()), members, np.ones(len(members), np.float32), (1.0,) * len(sizes))
    return _stability(cut, _Resampled(_parts(points), settings.seed).halves)


def _parts(points: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The layouts that were clustered side by side; a catalog too small for layouts has its one."""
    several = len(points) >= layout.MIN_ITEMS and points.shape[1] % LAYOUTS == 0
    return np.split(points, LAYOUTS, axis=1) if several else [points]


def belong(graph: Graph, members: NDArray[np.int64], attached: NDArray[np.bool_]) -> Membership:
    """How all items belong to themes (n,) that were changed by hand; `attached` (n,) says which members are."""
    own = members[graph.unique]
    found = membership.measure(graph, own, np.where(attached[graph.unique], OUTLIER, own))
    return _spread(found, graph)


def _spread(own: Membership, graph: Graph) -> Membership:
    """By catalog row what is known by unique item."""
    parts = (own.attached, False), (own.themes, OUTLIER), (own.affinities, 0)
    return Membership(*(_rows_of(values, graph, nothing) for values, nothing in parts))


def _kept(members: NDArray[np.int64], count: int, before: _Before) -> NDArray[np.float64]:
    """(count,) the stability of the theme that each still is, NaN for those that are others' than last night's."""
    old = len(before.stability)
    both = np.zeros((count + 1, old + 1))
    there = before.members != GONE
    np.add.at(both, (members[there], before.members[there]), 1)  # outliers (-1) fall into the last row and column
    union = both.sum(axis=1)[:-1, None] + both.sum(axis=0)[None, :-1] - both[:-1, :-1]
    jaccard = np.divide(both[:-1, :-1], union, out=np.zeros_like(union), where=union > 0)
    nearest = jaccard.argmax(axis=1) if old else np.zeros(count, dtype=np.int64)
    same = jaccard.max(axis=1, initial=0.0) >= SAME_THEME
    return np.where(same, np.append(before.stability, np.nan)[nearest], np.nan)


def _level(groups: _Groups, resampled: _Resampled, graph: Graph, before: _Before | None) -> tuple[Level, Membership]:
    """The level over all catalog rows: copies are with their first, items without vectors are outliers.

    A theme that was there `before` keeps its stability, which tells of nearly the same items.
    """
    own = membership.measure(graph, groups.members, groups.core)
    affinity = np.where(own.themes == groups.members[:, None], own.affinities, 0).max(axis=1)
    strengths = np.maximum(np.where(own.attached, ATTACHED * affinity, groups.cut.strengths), LEAST)
    strengths = np.where(groups.members == OUTLIER, 0, strengths).astype(np.float32)
    stability = np.full(groups.count, np.nan) if before is None else _kept(groups.members, groups.count, before)
    if np.isnan(stability).any():
        stability = np.where(np.isnan(stability), _stability(groups.cut, resampled.halves), stability)
    level = Level(
        _rows_of(groups.members, graph, OUTLIER),
        _rows_of(strengths, graph, 0),
        tuple(groups.parents.tolist()),
        tuple(stability.tolist()),
    )
    return level, _spread(own, graph)


def _rows_of(values: NDArray[Any], graph: Graph, nothing: float) -> NDArray[Any]:
    """Values of unique items (u, ...) by catalog row; `nothing` for items without vectors."""
    return np.concatenate([values, np.full((1, *values.shape[1:]), nothing, dtype=values.dtype)])[graph.first]
