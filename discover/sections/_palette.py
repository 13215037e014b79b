"""Where each broad theme's name stands on the map, and which of the few colours it gets.

Eight colours, found by search so that any two, and each and the grey of strays, differ by at least .10 in OKLab as
normal eyes see them and as simulated for the three kinds of colour blindness (Machado et al. 2009), at a contrast of
at least 3 to the paper. They stand in `_tokens.css`; more than eight would not be told apart, so they repeat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from discover.nouns import Place, Theme, Themes

COLOURS = 8


def places(themes: Themes, named: Sequence[Theme], ids: Sequence[str], before: Mapping[str, Place]) -> dict[str, Place]:
    """Where each broad theme's name stands and in which colour, by its id.

    What stood somewhere in the night `before` stays at that item while it is in the theme, and keeps its colour. Else
    the name goes to the item nearest to the median of the theme's items, and the colour is one that no theme has, or
    whose themes lie as far away as can be.
    """
    rows = {id: row for row, id in enumerate(ids)}
    top = [theme for theme in named if theme.level == 0]
    anchors = []
    for number, theme in enumerate(top):
        kept = rows.get(before[theme.id].item, -1) if theme.id in before else -1
        stays = kept >= 0 and themes.levels[0].members[kept] == number and bool(np.isfinite(themes.map[kept]).all())
        anchors.append(kept if stays else _middle(themes, number))
    points = np.array([themes.map[row] if row >= 0 else (np.nan, np.nan) for row in anchors], dtype=np.float64)
    colours = {number: before[theme.id].colour for number, theme in enumerate(top) if theme.id in before}
    for number in range(len(top)):
        if number not in colours:
            colours[number] = _freest(points, number, colours)
    return {
        theme.id: Place(ids[anchors[number]] if anchors[number] >= 0 else "", colours[number])
        for number, theme in enumerate(top)
    }


def _middle(themes: Themes, number: int) -> int:
    """The row of the theme's item nearest to the median of its items; -1 where none is on the map."""
    points = themes.map.astype(np.float64)
    rows = np.flatnonzero((themes.levels[0].members == number) & np.isfinite(points).all(axis=1))
    if not len(rows):
        return -1
    return int(rows[np.argmin(((points[rows] - np.median(points[rows], axis=0)) ** 2).sum(axis=1))])


def _freest(points: NDArray[np.float64], number: int, colours: Mapping[int, int]) -> int:
    """The colour whose themes lie farthest from this one; the first of those that no theme has."""
    gaps = np.full(COLOURS, np.inf)
    for other, colour in colours.items():
        gaps[colour] = min(gaps[colour], float(np.nan_to_num(((points[other] - points[number]) ** 2).sum())))
    return int(np.argmax(gaps))
