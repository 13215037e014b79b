"""Where each theme's name stands on the map, and which of the few colours it gets.

Eight colours, found by search so that any two, and each and the grey of outliers, differ by at least .10 in OKLab as
normal eyes see them and as simulated for the three kinds of colour blindness (Machado et al. 2009), at a contrast of
at least 3 to the paper. They stand in `_tokens.css`; more than eight would not be told apart, so they repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from discover.core.types import OUTLIER, Catalog, Place, Theme, Themes

COLOUR_COUNT = 8


def places(themes: Themes, ids: Sequence[str], before: Mapping[str, Place]) -> dict[str, Place]:
    """Where the name of every theme of every level stands and in which colour, by the theme's id.

    `ids` are by catalog row. What stood somewhere in the run `before` stays at that item while it is in the theme,
    and keeps its colour. Else the name goes to the item nearest to the median of the theme's items, and the colour is
    one that no theme of the level has, or whose themes lie as far away as can be. A theme of two levels has one place.
    """
    rows = {id: row for row, id in enumerate(ids)}
    points = themes.map
    chosen: dict[str, Place] = {}
    for level in themes.levels:
        names = level.ids
        known = {**before, **chosen}
        anchors = []
        for number, id in enumerate(names):
            kept = rows.get(known[id].item, OUTLIER) if id in known else OUTLIER
            stays = kept != OUTLIER and level.members[kept] == number and bool(np.isfinite(points[kept]).all())
            anchors.append(kept if stays else _middle(points, level.rows(number)))
        colours = _colours(_at(points, anchors), {i: known[id].colour for i, id in enumerate(names) if id in known})
        level_places = [
            Place(ids[row] if row != OUTLIER else "", colour) for row, colour in zip(anchors, colours, strict=True)
        ]
        chosen = dict(zip(names, level_places, strict=True)) | chosen
    return chosen


def where(named: Iterable[Theme], placed: Mapping[str, Place], catalog: Catalog, themes: Themes) -> NDArray[np.float64]:
    """Where the names of themes stand by their `placed`, (themes, 2), in the coordinates of the map; NaN if nowhere."""
    return _at(themes.map, [catalog.rows.get(placed[theme.id].item, OUTLIER) for theme in named])


def _at(points: NDArray[np.float32], rows: Sequence[int]) -> NDArray[np.float64]:
    """The points of some rows; NaN for none."""
    places = np.full((len(rows), 2), np.nan)
    for place, row in enumerate(rows):
        if row != OUTLIER:
            places[place] = points[row]
    return places


def _middle(points: NDArray[np.float32], rows: NDArray[np.int64]) -> int:
    """Of these rows the one nearest to the median of their points, ties by row; -1 where none is on the map."""
    placed = np.sort(rows[np.isfinite(points[rows]).all(axis=1)])
    if not len(placed):
        return OUTLIER
    own = points[placed].astype(np.float64)
    return int(placed[np.argmin(((own - np.median(own, axis=0)) ** 2).sum(axis=1))])


def _colours(points: NDArray[np.float64], kept: Mapping[int, int]) -> list[int]:
    """A colour for each theme of a level; some are kept, the others take the freest in turn."""
    colours = dict(kept)
    for number in range(len(points)):
        if number not in colours:
            colours[number] = _freest(points, number, colours)
    return [colours[number] for number in range(len(points))]


def _freest(points: NDArray[np.float64], number: int, colours: Mapping[int, int]) -> int:
    """The colour whose themes lie farthest from this one; the first of those that no theme has."""
    gaps = np.full(COLOUR_COUNT, np.inf)
    for other, colour in colours.items():
        gaps[colour] = min(gaps[colour], float(np.nan_to_num(((points[other] - points[number]) ** 2).sum())))
    return int(np.argmax(gaps))
