"""What is asked for more than it is offered: themes by their share of the audience and their share of the titles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from discover.core.settings import SEED
from discover.core.types import Level, Theme, WhiteSpace
from discover.trends.periods import Floats
from discover.trends.rises import CONFIDENCE

RESAMPLES = 1_000


def measure_white_space(named: Sequence[Theme], levels: Sequence[Level], amounts: Floats) -> tuple[WhiteSpace, ...]:
    """Every theme's share of the audience against its share of the titles, most asked for first.

    `amounts` (n,) is each item's audience, NaN where unknown (such items count on neither side). Intervals are
    percentiles of a Poisson bootstrap over items, each theme's by itself; a single title that has it all leaves a third
    of the resamples, so that no interval rests on it.
    """
    rows = np.flatnonzero(np.isfinite(amounts))
    known = amounts[rows]
    if not known.sum() > 0:
        return ()
    random, spaces = np.random.default_rng(SEED), []
    sizes = [level.count + 1 for level in levels]
    cells = [level.members[rows] + 1 for level in levels]

    def shares(times: Floats) -> Floats:
        """(2, all themes) of titles and of audience."""
        sides = []
        for weights in (times, times * known):
            sums = [np.bincount(cell, weights, size)[1:] for cell, size in zip(cells, sizes, strict=True)]
            sides.append(np.concatenate(sums) / max(weights.sum(), 1e-300))
        return np.stack(sides)

    def ratio(shares: Floats) -> Floats:
        """By theme: audience over titles; NaN without titles."""
        ratio: Floats = shares[1] / np.where(shares[0] > 0, shares[0], np.nan)
        return ratio

    here = shares(np.ones(len(rows)))
    drawn = np.stack([ratio(shares(random.poisson(1.0, len(rows)).astype(np.float64))) for _ in range(RESAMPLES)])
    starts = np.cumsum([0, *(level.count for level in levels)]).tolist()
    for theme in named:
        place = starts[theme.level] + theme.number
        if here[0, place] > 0:
            low, high = np.nanquantile(drawn[:, place], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
            values = (here[0, place], here[1, place], ratio(here)[place], low, high)
            spaces.append(WhiteSpace(theme.id, theme.label, theme.level, *map(float, values)))
    return tuple(sorted(spaces, key=lambda space: -space.ratio))
