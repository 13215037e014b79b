"""Why a theme's share moved between two runs: new titles, demand, or re-clustering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import factorial

import numpy as np

from discover.core.types import OUTLIER, Change
from discover.trends.periods import Floats


@dataclass(frozen=True)
class Holding:
    """What a run has: items, the theme of each ("" for outliers), and how much each counts (1, or its audience)."""

    ids: Sequence[str]
    themes: Sequence[str]
    weights: Floats = field(repr=False)  # (n,), at least 0


def attribute(before: Holding, after: Holding) -> tuple[Change, ...]:
    """How much of each theme's change of share between two runs is new titles, demand, and re-clustering.

    The share is computed with each of the three as of either run. A part is what exchanging it changes, averaged over
    the orders in which they can be exchanged (Shapley value; Shorrocks 2013, "Decomposition procedures for
    distributional analysis"). So the parts sum to the change, and no order is preferred. Themes are the same where
    their ids are; whoever has no permanent ids matches them first. By falling change.
    """
    ids = list(dict.fromkeys([*before.ids, *after.ids]))
    places = [{id: place for place, id in enumerate(holding.ids)} for holding in (before, after)]
    names = sorted({name for holding in (before, after) for name in holding.themes if name})
    numbers = {name: number for number, name in enumerate(names)} | {"": OUTLIER}
    themes, weights, here = [], [], []
    sides = (before, places[0]), (after, places[1])
    for (own, mine), (other, theirs) in (sides, sides[::-1]):
        # What is in one run only has that run's theme and weight in both.
        sources = [(own, mine[id]) if id in mine else (other, theirs[id]) for id in ids]
        themes.append(np.array([numbers[holding.themes[place]] for holding, place in sources], dtype=np.int64))
        weights.append(np.array([holding.weights[place] for holding, place in sources], dtype=np.float64))
        here.append(np.array([id in mine for id in ids]))

    def shares(titles: int, demand: int, clustering: int) -> Floats:
        """By theme: its share with titles, weights and themes as they were before (0) or are now (1)."""
        amounts = weights[demand] * here[titles]
        sums = np.bincount(themes[clustering] + 1, amounts, minlength=len(names) + 1)
        share: Floats = sums[1:] / max(amounts.sum(), 1e-300)
        return share

    titles, demand, clustering = _shapley(shares)
    first, last = shares(0, 0, 0), shares(1, 1, 1)
    changes = [
        Change(
            theme=name,
            before=float(first[i]),
            after=float(last[i]),
            titles=float(titles[i]),
            demand=float(demand[i]),
            clustering=float(clustering[i]),
        )
        for i, name in enumerate(names)
    ]
    return tuple(sorted(changes, key=lambda change: -abs(change.after - change.before)))


def _shapley(value: Callable[[int, int, int], Floats]) -> list[Floats]:
    """Each player's mean contribution over all orders; `value` takes 0 or 1 for each of the three."""
    parts, players = [], 3
    for player in range(players):
        others = [other for other in range(players) if other != player]
        part = np.zeros_like(value(*[0] * players))
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for team in combinations(others, size):
                without = [int(member in team) for member in range(players)]
                joined = [int(member in team or member == player) for member in range(players)]
                part += weight * (value(*joined) - value(*without))
        parts.append(part)
    return parts
