"""Which themes an item belongs to by its neighbours, and which outliers may therefore be attached to one.

HDBSCAN leaves as outliers what lies between its dense cores, in real catalogs a third of the items and more, though
most of these have nearly all their neighbours in one theme. Such an outlier is attached to the theme that most of its
neighbours' similarity lies in, unless it is farther from its neighbours there than members are: farther than the
median of the members by more than `MAX_SPREADS` robust standard deviations. A core member that is that far from its own
theme (a thing like nothing else, which the layout had to put somewhere) becomes an outlier by the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from discover.core.groups import contingency
from discover.core.types import OUTLIER, Graph

MAX_SPREADS = 3.0  # robust standard deviations
NORMAL_SPREAD = 1.4826  # median absolute deviation to standard deviation, of a normal distribution
THEMES_AN_ITEM = 3  # the nearest, which are kept
ROUNDS = 10  # an attached item counts as a neighbour in the next round
ITEMS_A_MOVE = 1000  # rounds end when fewer than one item in so many moves


@dataclass(frozen=True)
class Membership:
    """How the unique items belong to the themes of a level, by their neighbours."""

    themes: NDArray[np.int64] = field(repr=False)  # (u, 3), the themes nearest to an item, best first; -1 for none
    affinities: NDArray[np.float32] = field(repr=False)  # (u, 3), share of its neighbours' similarity in each


def attach(
    graph: Graph, members: NDArray[np.int64], within: NDArray[np.int64] | None = None, rounds: int = ROUNDS
) -> NDArray[np.int64]:
    """The members (u,) of the themes of the unique items, with outliers attached and far members made outliers.

    `within` (u,) numbers groups that items may not leave: a theme is open to the items of the group that most of its
    members are in.
    """
    count = int(members.max(initial=OUTLIER)) + 1
    if not count:
        return members
    closeness = _closeness(graph, members)
    limits = _limits(closeness, members)
    current = np.where(closeness < limits[members], OUTLIER, members)
    demoted = current != members
    home = None if within is None else find_homes(members, count, within)
    for _ in range(rounds):
        outliers = np.flatnonzero((current == OUTLIER) & ~demoted)
        neighbours = current[graph.neighbours[outliers]]
        if within is not None and home is not None:
            neighbours[home[neighbours] != within[outliers, None]] = OUTLIER
        themes, _, close = _votes(neighbours, graph.scores[outliers])
        fits = close[:, 0] >= limits[themes[:, 0]]
        current[outliers[fits]] = themes[fits, 0]
        if fits.sum() * ITEMS_A_MOVE <= len(members):
            break
    return current


def place(
    graph: Graph, members: NDArray[np.int64], neighbours: NDArray[np.int64], scores: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The theme of new items, -1 for outliers, and the share of their neighbours' similarity in it, (m,) each.

    By the rule of `attach`: `neighbours` (m, k) are positions of unique items whose themes are `members` (u,).
    """
    limits = _limits(_closeness(graph, members), members)
    themes, totals, close = _votes(members[neighbours], scores)
    fits = close[:, 0] >= limits[themes[:, 0]]
    whole = np.maximum(np.maximum(scores, 0).sum(axis=1, dtype=np.float64), 1e-12)
    return np.where(fits, themes[:, 0], OUTLIER), np.where(fits, totals[:, 0] / whole, 0).astype(np.float32)


def find_homes(members: NDArray[np.int64], count: int, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each of `count` themes the group that most of its members are in, -1 where that is none, ties to the lower;
    and one -1 more at the end, so that outliers index it.
    """
    table = contingency(members, groups, (count, int(groups.max(initial=OUTLIER)) + 1))[:-1]
    return np.append(np.roll(table, 1, axis=1).argmax(axis=1) - 1, OUTLIER)  # outliers first, as they win ties


def measure(graph: Graph, members: NDArray[np.int64]) -> Membership:
    """How each unique item belongs to the themes with these members (u,), by position."""
    themes, totals, _ = _votes(members[graph.neighbours], graph.scores)
    whole = np.maximum(np.maximum(graph.scores, 0).sum(axis=1, keepdims=True, dtype=np.float64), 1e-12)
    return Membership(themes, (totals / whole).astype(np.float32))


def _votes(
    neighbours: NDArray[np.int64], scores: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """The themes with the most of the neighbours' similarity, that sum, and its mean, (m, THEMES_AN_ITEM) each.

    From the themes (m, k) of the neighbours, -1 for outliers, and the similarity to them.
    """
    order = np.argsort(neighbours, axis=1, kind="stable")
    theme = np.take_along_axis(neighbours, order, axis=1)
    sums = np.cumsum(np.maximum(np.take_along_axis(scores, order, axis=1), 0), axis=1, dtype=np.float64)
    last = np.ones(theme.shape, dtype=bool)  # of its theme in the line
    last[:, :-1] = theme[:, 1:] != theme[:, :-1]
    numbers = np.broadcast_to(np.arange(1.0, theme.shape[1] + 1), theme.shape)
    counted = last & (theme != OUTLIER)
    totals, counts = (np.where(counted, running - _before(running, last), 0) for running in (sums, numbers))
    best = np.argsort(-totals, axis=1, kind="stable")[:, :THEMES_AN_ITEM]
    total, count = np.take_along_axis(totals, best, axis=1), np.take_along_axis(counts, best, axis=1)
    themes = np.where(total > 0, np.take_along_axis(theme, best, axis=1), OUTLIER)
    return themes, total, total / np.maximum(count, 1)


def _before(sums: NDArray[np.float64], last: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Running sums (m, k) as they were at the end of the theme before."""
    before = np.zeros_like(sums)
    before[:, 1:] = np.maximum.accumulate(np.where(last, sums, 0), axis=1)[:, :-1]
    return before


def _closeness(graph: Graph, members: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each member's mean similarity to its neighbours in its own theme; -1 for outliers and where there are none."""
    same = (members[graph.neighbours] == members[:, None]) & (members[:, None] != OUTLIER)
    total = np.einsum("ij,ij->i", np.maximum(graph.scores, 0), same, dtype=np.float64)
    number = same.sum(axis=1)
    closeness: NDArray[np.float64] = np.where(number > 0, total / np.maximum(number, 1), -1.0)
    return closeness


def _limits(closeness: NDArray[np.float64], members: NDArray[np.int64]) -> NDArray[np.float64]:
    """For each theme the closeness (u,) that its items have at least; and infinity at the end, which outliers index."""
    count = int(members.max(initial=OUTLIER)) + 1
    return np.array([*(_least(closeness[members == theme]) for theme in range(count)), np.inf])


def _least(closeness: NDArray[np.float64]) -> float:
    """The closeness below which an item is too far from a theme whose members have these."""
    near = closeness[closeness >= 0]
    if not len(near):
        return np.inf
    middle = float(np.median(near))
    return middle - MAX_SPREADS * NORMAL_SPREAD * float(np.median(np.abs(near - middle)))
