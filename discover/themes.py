"""Vectors to themes: neighbour graph, null comparison, UMAP, HDBSCAN, a tree of levels.

UMAP's layout differs from seed to seed, and a partition of one layout with it. So several layouts are made and
clustered side by side: items are near if they are near in all of them. Of all cuts of that hierarchy the one that fits
the neighbour graph and the vectors best gives the broad themes (see `discover.partitions`), and of the finer ones
within them the one whose themes stand out most. A group is no theme if its items are no closer to each other than
chance, or the same few items again; strays join the theme that their neighbours are in (see `discover.belonging`).
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
from discover import belonging, chance, duplicates, layout, partitions
from discover.hierarchy import Cut, Hierarchy
from discover.nouns import STRAY, Belonging, Graph, Level, Themes
from discover.settings import ThemeSettings

FEWEST = 5  # no theme is smaller, near-duplicates counted once
SAME = 0.99  # cosine from which items are so alike that many of them are no theme; a tight theme's are below
BROAD_SHARE = 500  # a broad theme has at least 1/500 of the items ...
BROAD_FEWEST = 10  # ... and ten
NEIGHBOURS = 30  # of an item, itself among them; fewer in small catalogs, where they would reach ...
FEWEST_NEIGHBOURS = 10
CROWD = 50  # ... more than one item in so many
LAYOUTS = 3  # that are clustered side by side
KEY = 16  # bytes of a digest that tells vectors apart
LEAST = 0.01  # strength of a member, at least; 0 is for strays
LOOSE = 0.5  # strength of an attached stray whose neighbours are all in its theme


def graph(vectors: NDArray[np.float32], settings: ThemeSettings) -> Graph:
    """The neighbour graph over fused vectors (n, d); rows of NaN (nothing to go by) stay outside.

    Items with exactly the same vector are one node, so that copies can neither found a theme nor fill each other's
    neighbour lists. Nodes are in the order of their keys, so that the order of the rows changes nothing.
    """
    present = np.flatnonzero(~np.isnan(vectors[:, 0]))
    kept = np.ascontiguousarray(vectors[present])
    distinct = indexes.find_distinct(kept)
    nodes = distinct.of(kept)
    keys = np.array([blake2b(node.tobytes(), digest_size=KEY).hexdigest() for node in nodes], dtype=f"S{2 * KEY}")
    order = np.argsort(keys)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    first = np.full(len(vectors), STRAY, dtype=np.int64)
    first[present] = place[distinct.labels]
    wanted = settings.neighbours or min(NEIGHBOURS, max(FEWEST_NEIGHBOURS, len(nodes) // CROWD))
    neighbours = indexes.knn_graph(nodes[order], wanted - 1, seed=settings.seed)
    found = neighbours.neighbours
    unique = present[distinct.first[order]]
    return Graph(unique, first, nodes[order], found.rows, found.scores, neighbours.recall, keys[order])


def find(graph: Graph, settings: ThemeSettings) -> Themes:
    """The themes of the graph's items, at two levels, or none, with the reason. Same input, same bits."""
    verdict = chance.compare(graph.vectors, settings.significance, settings.seed)
    count = len(graph.unique)
    if count < layout.MIN_ITEMS:
        weights = sparse.csr_array((count, count), dtype=np.float32)
        layouts = [layout.principal_components(graph.vectors, min(settings.components, count))]
        flat = layout.principal_components(graph.vectors, 2)
    else:
        weights = layout.fuzzy_graph(graph, settings.seed)
        flat = layout.lay_out(graph, weights, 2, 0.1, settings)
        layouts = [flat]
        if verdict.clustered:
            seeds = [replace(settings, seed=(settings.seed + number) % 2**32) for number in range(LAYOUTS)]
            layouts = [layout.lay_out(graph, weights, settings.components, 0.0, seed) for seed in seeds]
    found, reason = _levels(_Items(graph, weights.tocoo(), verdict), layouts, settings)
    levels, belongings = tuple(level for level, _ in found), tuple(own for _, own in found)
    return Themes(levels, _rows_of(flat, graph, np.nan), np.hstack(layouts), reason, belongings)


@dataclass(frozen=True)
class _Items:
    """The unique items as themes are found among them."""

    graph: Graph
    weights: Any  # of the layouts' graph, sparse (u, u), as coordinates
    verdict: chance.NullComparison

    @cached_property
    def copies(self) -> NDArray[np.int64]:
        """(u,) the number of each item's group of near-duplicates."""
        return duplicates.groups(self.graph, SAME)[self.graph.unique]

    @cached_property
    def distances(self) -> NDArray[np.float64]:
        """(u,) how far an item's nearest are."""
        nearest = np.maximum(2 - 2 * self.graph.scores[:, : chance.NEIGHBOURS].astype(np.float64), 0)
        return np.asarray(np.sqrt(nearest).mean(axis=1))

    def real(self, cut: Cut, fewest: int) -> Cut:
        """What of a cut are themes: groups of so many different items that are closer than chance."""
        kept = [
            len(np.unique(self.copies[rows])) >= fewest
            and float(np.median(self.distances[rows])) < self.verdict.distance
            for rows in _rows(cut.members, cut.count)
        ]
        return cut.keep(np.array(kept, dtype=bool))

    def quality(self, cut: Cut) -> float:
        """See `discover.partitions`; of the themes with their strays attached, in two rounds as most are by then."""
        members = belonging.attach(self.graph, cut.members, rounds=2)
        if self.weights.nnz:
            return partitions.quality(self.weights, self.graph.vectors, members)
        return max(partitions.silhouette(self.graph.vectors, members), 0.0)


@dataclass(frozen=True)
class _Groups:
    """A partition of the unique items that is to become a level."""

    core: NDArray[np.int64]  # (u,) as clustered
    members: NDArray[np.int64]  # (u,) with strays attached
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
        rank = np.full(cut.count + 1, STRAY, dtype=np.int64)  # index -1 is the last: strays stay strays
        rank[order] = np.arange(len(order))
        persistence = tuple(cut.persistence[number] for number in order)
        ranked = Cut(cut.min_size, rank[cut.members], cut.strengths, persistence)
        above = np.full(len(order), STRAY, dtype=np.int64) if parents is None else parents[order]
        return cls(rank[core], rank[members], ranked, above)


def _levels(
    items: _Items, layouts: list[NDArray[np.float32]], settings: ThemeSettings
) -> tuple[list[tuple[Level, Belonging]], str]:
    """The levels and why they are there, or no level and why not. A fine level like the broad one is left out."""
    count, verdict = len(items.graph.unique), items.verdict
    if count < 2 * BROAD_FEWEST:
        return [], f"no themes: {count} different items are too few to tell a theme from chance"
    if not verdict.clustered:
        return [], (
            f"no themes: neighbours are at {verdict.ratio:.2f} of the distance that a cloud without themes gives "
            f"(p = {verdict.p:.2g}; themes need p <= {settings.significance:g} and at most {chance.CLOSER})"
        )
    tree = Hierarchy.of(np.hstack(layouts))
    broad = _broad(tree, items, settings.min_size)
    if broad is None:
        return [], "no themes: no group of items stands out from the rest of the catalog"
    fine = _fine(tree, broad, items, settings.min_size)
    halves = _halves(layouts, settings.seed)
    reason = f"themes: neighbours are at {verdict.ratio:.2f} of the distance that a cloud without themes gives"
    return [_level(each, halves, items.graph) for each in (broad, fine) if each], f"{reason} (p = {verdict.p:.2g})"


def _broad(tree: Hierarchy, items: _Items, min_size: int | None) -> _Groups | None:
    """The partition that fits the items best; None if there is none of two themes."""
    count = len(items.graph.unique)
    least = min_size or max(BROAD_FEWEST, count // BROAD_SHARE)
    most = least if min_size else max(least, count // 5)
    cuts = [items.real(cut, min(least, BROAD_FEWEST)) for cut in tree.candidates(least, most)]
    different: dict[bytes, Cut] = {}
    for cut in cuts:
        if cut.count >= 2:
            different.setdefault(cut.members.tobytes(), cut)
    best = max(different.values(), key=items.quality, default=None)
    if best is None:
        return None
    return _Groups.of(best, best.members, belonging.attach(items.graph, best.members))


def _fine(tree: Hierarchy, broad: _Groups, items: _Items, min_size: int | None) -> _Groups | None:
    """The fine themes inside the broad ones; a broad theme that does not fall apart is its own only child.

    None if they are the broad ones. Both cut one tree, so two cores are nested or apart.
    """
    fewest, size = min_size or FEWEST, broad.cut.min_size
    cuts = tree.candidates(max(fewest, size // 10), max(fewest, size // 2))
    fine = max((items.real(cut, fewest) for cut in cuts), key=lambda cut: cut.prominence)
    nested = _nested(fine, broad)
    homes = belonging.homes(nested.members, nested.count, broad.members)
    core = np.where(broad.members == homes[nested.members], nested.members, STRAY)
    members = belonging.attach(items.graph, core, broad.members)
    alone = np.bincount(homes[:-1] + 1, minlength=broad.count + 1)[1:] == 1
    for child, parent in enumerate(homes[:-1]):
        if parent != STRAY and alone[parent]:
            members[broad.members == parent] = child
    if np.array_equal(members == STRAY, broad.members == STRAY) and alone.all() and nested.count == broad.count:
        return None
    return _Groups.of(nested, core, members, homes)


def _rows(members: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The positions of each theme's members, ascending."""
    order = np.argsort(members, kind="stable")
    return np.split(order, np.searchsorted(members[order], np.arange(count + 1)))[1:-1] if count else []


def _nested(fine: Cut, broad: _Groups) -> Cut:
    """The fine themes inside the broad ones' cores, and a broad theme's core itself where it does not fall apart.

    A fine theme that holds broad ones is left out; groups among the strays of the broad level stay.
    """
    members = np.full_like(fine.members, STRAY)
    strengths = np.zeros_like(fine.strengths)
    persistence: list[float] = []

    def add(which: NDArray[np.bool_], source: Cut, number: int) -> None:
        members[which], strengths[which] = len(persistence), source.strengths[which]
        persistence.append(source.persistence[number])

    inside: dict[int, list[int]] = {parent: [] for parent in range(STRAY, broad.count)}
    for child in range(fine.count):
        parents = np.unique(broad.cut.members[fine.members == child])
        if len(parents) == 1:
            inside[int(parents[0])].append(child)
    for parent, found in inside.items():
        if parent != STRAY and len(found) < 2:
            add(broad.cut.members == parent, broad.cut, parent)
        else:
            for child in found:
                add(fine.members == child, fine, child)
    return Cut(fine.min_size, members, strengths, tuple(persistence))


def _halves(layouts: list[NDArray[np.float32]], seed: int) -> list[tuple[NDArray[np.int64], Hierarchy]]:
    """Trees of halves of the items, each of one layout alone, with the items of each."""
    random, found = np.random.default_rng(seed), []
    for points in layouts:
        mixed = random.permutation(len(points))
        for half in (np.sort(mixed[: len(mixed) // 2]), np.sort(mixed[len(mixed) // 2 :])):
            found.append((half, Hierarchy.of(points[half])))
    return found


def _stability(cut: Cut, halves: list[tuple[NDArray[np.int64], Hierarchy]]) -> tuple[float, ...]:
    """For each theme, how well its core comes back when only half of the items are there, in one layout: the Jaccard
    overlap with the nearest group found, averaged over halves (Hennig 2007). In [0, 1]; .75 and above is stable.
    """
    overlaps = []
    for half, tree in halves:
        again = tree.cut(max(2, cut.min_size // 2))
        kept = cut.members[half]
        both = np.zeros((cut.count + 1, again.count + 1))
        np.add.at(both, (kept, again.members), 1)  # strays (-1) fall into the last row and column
        of_theme, of_group = both.sum(axis=1)[:-1], both.sum(axis=0)[:-1]
        union = of_theme[:, None] + of_group[None, :] - both[:-1, :-1]
        jaccard = np.divide(both[:-1, :-1], union, out=np.zeros_like(union), where=union > 0)
        overlaps.append(jaccard.max(axis=1, initial=0.0))
    return tuple(float(value) for value in np.mean(overlaps, axis=0))


def _level(groups: _Groups, halves: list[tuple[NDArray[np.int64], Hierarchy]], graph: Graph) -> tuple[Level, Belonging]:
    """The level over all catalog rows: copies are with their first, items without vectors are strays."""
    own = belonging.measure(graph, groups.members, groups.core)
    affinity = np.where(own.themes == groups.members[:, None], own.affinities, 0).max(axis=1)
    strengths = np.maximum(np.where(own.loose, LOOSE * affinity, groups.cut.strengths), LEAST)
    strengths = np.where(groups.members == STRAY, 0, strengths).astype(np.float32)
    stability = _stability(groups.cut, halves)
    level = Level(
        _rows_of(groups.members, graph, STRAY), _rows_of(strengths, graph, 0), tuple(groups.parents.tolist()), stability
    )
    parts = (own.loose, False), (own.themes, STRAY), (own.affinities, 0)
    return level, Belonging(*(_rows_of(values, graph, nothing) for values, nothing in parts))


def _rows_of(values: NDArray[Any], graph: Graph, nothing: float) -> NDArray[Any]:
    """Values of unique items (u, ...) by catalog row; `nothing` for items without vectors."""
    return np.concatenate([values, np.full((1, *values.shape[1:]), nothing, dtype=values.dtype)])[graph.first]
