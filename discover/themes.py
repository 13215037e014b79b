"""Vectors to themes: neighbour graph, null comparison, UMAP, HDBSCAN, a tree of levels.

HDBSCAN's hierarchy (Campello, Moulavi & Sander 2013) is computed once; each smallest theme size cuts another
partition from it, and the best is taken: first among broad sizes, then among fine ones within the broad themes.
What makes a cut good is the product of two sums over its themes: of their persistence (the criterion of PLSCAN,
Bot & McInnes 2025, which alone favours many small themes), and of persistence times share of the items (which
alone favours few large ones).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import indexes
from discover import chance, layout
from discover.nouns import STRAY, Graph, Level, Themes
from discover.settings import ThemeSettings

MIN_SAMPLES = 10  # neighbours that make a core in HDBSCAN; HDBSCAN's own advice for noisy data
FEWEST = 5  # no theme is smaller
BROAD_SHARE = 500  # a broad theme has at least 1/500 of the items ...
BROAD_FEWEST = 10  # ... and ten
GROWTH = 1.3  # step between sizes that are tried
RESAMPLES = 4  # halves of the items that are clustered again to see which themes come back


def graph(vectors: NDArray[np.float32], settings: ThemeSettings) -> Graph:
    """The neighbour graph over fused vectors (n, d); rows of NaN (nothing to go by) stay outside.

    Items with exactly the same vector are one node, so that copies can neither found a theme nor fill each other's
    neighbour lists.
    """
    present = np.flatnonzero(~np.isnan(vectors[:, 0]))
    kept = np.ascontiguousarray(vectors[present])
    distinct = indexes.find_distinct(kept)
    first = np.full(len(vectors), STRAY, dtype=np.int64)
    first[present] = distinct.labels
    nodes = distinct.of(kept)
    neighbours = indexes.knn_graph(nodes, settings.neighbours - 1, seed=settings.seed)
    found = neighbours.neighbours
    return Graph(present[distinct.first], first, nodes, found.rows, found.scores, neighbours.recall)


def find(graph: Graph, settings: ThemeSettings) -> Themes:
    """The themes of the graph's items, at two levels, or none, with the reason. Same input, same bits."""
    verdict = chance.compare(graph.vectors, settings.significance, settings.seed)
    if len(graph.unique) < layout.MIN_ITEMS:
        clustered = layout.principal_components(graph.vectors, min(settings.components, len(graph.unique)))
        flat = layout.principal_components(graph.vectors, 2)
    else:
        weights = layout.fuzzy_graph(graph, settings.seed)
        flat = layout.lay_out(graph, weights, 2, 0.1, settings)
        clustered = flat
        if verdict.clustered:
            clustered = layout.lay_out(graph, weights, settings.components, 0.0, settings)
    levels, reason = _levels(clustered, graph, settings, verdict)
    return Themes(levels, _spread(flat, graph.first), clustered, reason)


def _levels(
    points: NDArray[np.float32], graph: Graph, settings: ThemeSettings, verdict: chance.NullComparison
) -> tuple[tuple[Level, ...], str]:
    """The levels and why they are there, or no level and why not. A fine level like the broad one is left out."""
    count = len(points)
    if count < 2 * BROAD_FEWEST:
        return (), f"no themes: {count} different items are too few to tell a theme from chance"
    if not verdict.clustered:
        return (), (
            f"no themes: neighbours are at {verdict.ratio:.2f} of the distance that a cloud without themes gives "
            f"(p = {verdict.p:.2g}; themes need p <= {settings.significance:g} and at most {chance.CLOSER})"
        )
    tree = Hierarchy.of(points)
    least = settings.min_size or max(BROAD_FEWEST, count // BROAD_SHARE)
    broad = tree.best_cut(least, max(least, count // 5) if settings.min_size is None else least)
    if broad is None:
        return (), "no themes: no group of items stands out from the rest of the catalog"
    fewest = settings.min_size or FEWEST
    fine = tree.best_cut(max(fewest, broad.min_size // 10), max(fewest, broad.min_size // 2)) or broad
    numbered, children = _ranked(broad), _ranked(_nested(fine, broad))
    reason = f"themes: neighbours are at {verdict.ratio:.2f} of the distance that a cloud without themes gives"
    reason = f"{reason} (p = {verdict.p:.2g})"
    halves = tree.halves(settings.seed)
    top = _level(numbered, (STRAY,) * numbered.count, _stability(numbered, halves), graph.first)
    if np.array_equal(numbered.members, children.members):
        return (top,), reason
    parents = _parents(children.members, numbered.members)
    return (top, _level(children, parents, _stability(children, halves), graph.first)), reason


@dataclass(frozen=True)
class Cut:
    """A partition of the points by one smallest theme size."""

    min_size: int
    members: NDArray[np.int64]  # (u,), -1 for strays
    strengths: NDArray[np.float32]  # (u,)
    persistence: tuple[float, ...]  # by theme, in [0, 1]

    @property
    def count(self) -> int:
        """Number of themes."""
        return len(self.persistence)

    @property
    def quality(self) -> float:
        """Total persistence times the persistence of an item's theme, averaged over all items (strays count 0)."""
        of_item = np.append(self.persistence, 0.0)[self.members]  # index -1 is the last: strays get 0
        return float(sum(self.persistence) * of_item.mean())


@dataclass(frozen=True)
class Hierarchy:
    """HDBSCAN's single-linkage tree of some points."""

    points: NDArray[np.float64]
    linkage: NDArray[np.float64]

    @classmethod
    def of(cls, points: NDArray[np.float32]) -> Hierarchy:
        """The tree of points (u, c)."""
        import hdbscan

        wide = np.ascontiguousarray(points, dtype=np.float64)
        samples = min(MIN_SAMPLES, len(wide) // 2 - 1)
        model = hdbscan.HDBSCAN(min_cluster_size=FEWEST, min_samples=samples, core_dist_n_jobs=1).fit(wide)
        return cls(wide, model.single_linkage_tree_.to_numpy())

    def cut(self, min_size: int) -> Cut:
        """The partition whose themes have at least `min_size` members, chosen by excess of mass."""
        from hdbscan.hdbscan_ import _tree_to_labels  # the step of HDBSCAN after its tree; it has no public name

        members, strengths, persistence, _, _ = _tree_to_labels(self.points, self.linkage, min_size, "eom")
        members = np.asarray(members, dtype=np.int64)
        return Cut(min_size, members, np.asarray(strengths, dtype=np.float32), tuple(map(float, persistence)))

    def halves(self, seed: int) -> list[tuple[NDArray[np.int64], Hierarchy]]:
        """Trees of random halves of the points, with the points of each."""
        random, count = np.random.default_rng(seed), len(self.points)
        chosen = [np.sort(random.choice(count, count // 2, replace=False)) for _ in range(RESAMPLES)]
        return [(half, Hierarchy.of(self.points[half].astype(np.float32))) for half in chosen]

    def best_cut(self, least: int, most: int) -> Cut | None:
        """The best cut between two smallest theme sizes; None if no cut has two themes."""
        sizes, size = [], float(least)
        while size <= most:
            sizes.append(round(size))
            size *= GROWTH
        cuts = (self.cut(size) for size in dict.fromkeys(sizes or [least]))
        return max((cut for cut in cuts if cut.count >= 2), key=lambda cut: cut.quality, default=None)


def _stability(cut: Cut, halves: list[tuple[NDArray[np.int64], Hierarchy]]) -> tuple[float, ...]:
    """For each theme, how well it comes back when only half of the items are there: the Jaccard overlap with the
    nearest group found in the half, averaged over halves (Hennig 2007). In [0, 1]; .75 and above is stable.
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


def stability(points: NDArray[np.float32], members: NDArray[np.int64], settings: ThemeSettings) -> tuple[float, ...]:
    """The stability of each theme of any partition (u,) of laid-out points (u, c), numbered from 0, -1 for strays."""
    sizes = np.bincount(members[members >= 0])
    if not len(sizes) or len(points) < 2 * BROAD_FEWEST:
        return (0.0,) * len(sizes)
    cut = Cut(int(sizes.min()), members, np.ones(len(members), np.float32), (1.0,) * len(sizes))
    return _stability(cut, Hierarchy.of(points).halves(settings.seed))


def _nested(fine: Cut, broad: Cut) -> Cut:
    """The fine themes inside the broad ones; a broad theme that does not fall apart is its own only child.

    Both cut one tree, so two themes are nested or apart; a fine theme that holds broad ones is left out. Groups
    among the strays of the broad level stay, without a parent.
    """
    members = np.full_like(fine.members, STRAY)
    strengths = np.zeros_like(fine.strengths)
    persistence: list[float] = []

    def add(which: NDArray[np.bool_], source: Cut, number: int) -> None:
        members[which], strengths[which] = len(persistence), source.strengths[which]
        persistence.append(source.persistence[number])

    inside: dict[int, list[int]] = {parent: [] for parent in range(STRAY, broad.count)}
    for child in range(fine.count):
        parents = np.unique(broad.members[fine.members == child])
        if len(parents) == 1:
            inside[int(parents[0])].append(child)
    for parent, found in inside.items():
        if parent != STRAY and len(found) < 2:
            add(broad.members == parent, broad, parent)
        else:
            for child in found:
                add(fine.members == child, fine, child)
    return Cut(fine.min_size, members, strengths, tuple(persistence))


def _ranked(cut: Cut) -> Cut:
    """The same cut with themes numbered by falling size, ties by first member."""
    sizes = np.bincount(cut.members[cut.members >= 0], minlength=cut.count)
    firsts = [int(np.argmax(cut.members == number)) for number in range(cut.count)]
    order = np.lexsort((np.asarray(firsts), -sizes))
    rank = np.empty(cut.count + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(cut.count), STRAY  # index -1 is the last: strays stay strays
    return Cut(cut.min_size, rank[cut.members], cut.strengths, tuple(cut.persistence[i] for i in order))


def _parents(children: NDArray[np.int64], parents: NDArray[np.int64]) -> tuple[int, ...]:
    """For each child theme the number of the theme that holds it, -1 where none does."""
    return tuple(int(parents[np.argmax(children == child)]) for child in range(int(children.max()) + 1))


def _level(cut: Cut, parents: tuple[int, ...], stability: tuple[float, ...], first: NDArray[np.int64]) -> Level:
    """The cut over all catalog rows: copies get the theme of their first, items without vectors are strays."""
    members, strengths = np.append(cut.members, STRAY), np.append(cut.strengths, np.float32(0))
    return Level(members[first], strengths[first], parents, stability)


def _spread(points: NDArray[np.float32], first: NDArray[np.int64]) -> NDArray[np.float32]:
    """Coordinates of all catalog rows; NaN for items without vectors."""
    return np.vstack([points, np.full((1, points.shape[1]), np.nan, dtype=np.float32)])[first]
