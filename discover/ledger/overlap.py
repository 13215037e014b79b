"""How near the themes of a run are to all that were before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.groups import rows_by_group
from discover.core.types import Entry, Keys, Ledger, Themes
from discover.ledger.keys import locate

MAX_CHANCE = 0.01  # probability of such an overlap by chance up to which it counts, over all pairs
MIN_COMMON_ITEMS = 5  # without so many a majority says nothing
MIN_WEIGHT = 1e-6  # of a member: strengths may be 0
DECIMALS = 9  # to which shares are rounded, as sums depend on the order of rows in their last bits
ALL_FINER_LEVELS = 1000  # where a theme is at every finer level, as it does not fall apart


@dataclass(frozen=True)
class Current:
    """This run's themes, those that are the same at several levels once: broad ones first, then by falling size, in an
    order that no order of rows changes.
    """

    reach: NDArray[np.int64]  # (b, 2): the broadest and the finest level that each is at
    members: Any  # sparse (b, n): strengths
    stability: NDArray[np.float64]  # (b,)
    nodes: tuple[tuple[int, ...], ...]  # by level and number: which of the b it is

    def __len__(self) -> int:
        return len(self.reach)


@dataclass(frozen=True)
class _Node:
    """A theme, at the broadest level that it is at."""

    depth: int
    rows: NDArray[np.int64]
    strengths: NDArray[np.float32]
    stability: float


def gather_themes(themes: Themes, keys: Keys) -> Current:
    """The themes of all levels, each once."""
    rank = np.empty(len(keys), dtype=np.int64)
    rank[np.lexsort((keys.names, keys.contents))] = np.arange(len(keys))
    by_rows: dict[bytes, _Node] = {}
    levels = [rows_by_group(level.members, level.count) for level in themes.levels]
    for depth, level in enumerate(themes.levels):
        for rows, stability in zip(levels[depth], level.stability, strict=True):
            by_rows.setdefault(rows.tobytes(), _Node(depth, rows, level.strengths[rows], stability))

    def order(node: _Node) -> tuple[int, int, int]:
        """Broadest level first, then largest, then by the keys of the items."""
        return node.depth, -len(node.rows), int(rank[node.rows].min(initial=len(rank)))

    ordered = sorted(by_rows.values(), key=order)
    place = {node.rows.tobytes(): number for number, node in enumerate(ordered)}
    nodes = tuple(tuple(place[rows.tobytes()] for rows in level) for level in levels)
    reach = np.array([(node.depth, node.depth) for node in ordered], dtype=np.int64).reshape(-1, 2)
    for depth, level_nodes in enumerate(nodes):
        reach[list(level_nodes), 1] = depth if depth + 1 < len(nodes) else ALL_FINER_LEVELS
    theme = np.repeat(np.arange(len(ordered)), [len(node.rows) for node in ordered])
    rows = np.concatenate([np.empty(0, dtype=np.int64), *(node.rows for node in ordered)])
    strengths = np.concatenate([np.empty(0, dtype=np.float32), *(node.strengths for node in ordered)])
    members = weigh_members(theme, rows, strengths, (len(ordered), len(keys)))
    return Current(reach, members, np.array([node.stability for node in ordered], dtype=np.float64), nodes)


def reaches(entries: Sequence[Entry]) -> NDArray[np.int64]:
    """(a, 2): the broadest and the finest level that each was at."""
    pairs = [(entry.level, ALL_FINER_LEVELS if entry.deepest is None else entry.deepest) for entry in entries]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def share_level(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether themes share a level, by their reaches."""
    return np.asarray((one[:, 0] <= other[:, 1]) & (other[:, 0] <= one[:, 1]))


def weigh_members(theme: NDArray[Any], item: NDArray[Any], strength: NDArray[Any], shape: tuple[int, int]) -> Any:
    """The strengths as a sparse matrix (themes, items) in which no member counts nothing."""
    from scipy import sparse

    weights = np.maximum(strength.astype(np.float64), MIN_WEIGHT)
    return sparse.csr_array((weights, (theme, item)), shape)


@dataclass(frozen=True)
class Pairs:
    """Themes then (position in the ledger's entries) and now (position in `Current`) that have items in common."""

    then: NDArray[np.int64]
    now: NDArray[np.int64]
    similarity: NDArray[np.float64]
    believable: NDArray[np.bool_]  # not by chance
    origin: NDArray[np.float64]  # share of all members now that come from the theme then
    fate: NDArray[np.float64]  # share of all members then that are in the theme now
    rows: NDArray[np.int64]  # by item of the ledger: its row in this run, or -1
    present: NDArray[np.float64]  # by theme then: share of its members that are in this run's catalog

    def where(self, chosen: NDArray[np.bool_]) -> Pairs:
        """Some of them."""
        names = ("then", "now", "similarity", "believable", "origin", "fate")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})


def largest(share: NDArray[np.float64], theme: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """The largest share of each of `count` themes, 0 where it has none."""
    maxima = np.zeros(count)
    np.maximum.at(maxima, theme, share)
    return maxima


def compare(before: Ledger, current: Current, keys: Keys) -> Pairs:
    """All pairs of a theme then and a theme now with common items."""
    rows = locate(before.keys, keys)
    there = rows[before.items] >= 0
    shape = (len(before.entries), len(keys))
    then = weigh_members(before.themes[there], rows[before.items[there]], before.strengths[there], shape)
    known = np.zeros(len(keys))
    known[rows[rows >= 0]] = 1.0
    now = current.members
    was, is_ = (matrix.astype(bool).astype(np.float64) for matrix in (then, now))
    overlap, flow, back = (_sort(one @ other.T) for one, other in ((was, is_), (then, is_), (was, now)))
    a, b = overlap.tocoo().coords
    weights = np.maximum(before.strengths.astype(np.float64), MIN_WEIGHT)
    weight_then = np.bincount(before.themes, weights, len(before.entries))
    sizes_then, sizes_now = was.sum(axis=1), is_ @ known
    forward, backward = flow.data / then.sum(axis=1)[a], back.data / (now @ known)[b]
    count = len(np.unique(before.themes)) * len(current)
    return Pairs(
        a.astype(np.int64),
        b.astype(np.int64),
        np.round(np.sqrt(forward * backward), DECIMALS),
        _believable(overlap.data, sizes_then[a], sizes_now[b], known.sum(), count),
        np.round(back.data / now.sum(axis=1)[b], DECIMALS),
        np.round(flow.data / weight_then[a], DECIMALS),
        rows,
        np.divide(then.sum(axis=1), weight_then, out=np.zeros(len(weight_then)), where=weight_then > 0),
    )


def _sort(matrix: Any) -> Any:
    """In order, so that matrices with the same pattern have their values at the same places."""
    matrix.sort_indices()
    return matrix


def _believable(
    overlap: NDArray[Any], then: NDArray[Any], now: NDArray[Any], items: float, pairs: int
) -> NDArray[np.bool_]:
    """By pair of themes: whether they have more in common than two random sets of their sizes would.

    Two themes with just the same items are the same; so are two that each hold most of the items, of which chance can
    say nothing, as any two such sets have much in common.
    """
    from scipy import stats

    chance = stats.hypergeom.sf(overlap - 1, items, then, now) * pairs
    same = (overlap == then) & (overlap == now)
    most = (overlap >= MIN_COMMON_ITEMS) & (2 * then > items) & (2 * now > items)
    return np.asarray((chance <= MAX_CHANCE) | same | most)
