"""The map as people see it: where items lie, in which themes, and where the names of themes stand."""

from __future__ import annotations

import numpy as np

from discover.core.types import STRAY, Atlas, Listing, MapName, MapPoint
from discover.engine.view import Shown
from discover.report import palette as _palette


def points(shown: Shown) -> Listing[MapPoint]:
    """A point for each item, with its broad theme."""
    ids, places = shown.archive.catalog.ids, shown.archive.themes.map.tolist()
    return Listing(MapPoint(id, x, y, theme) for id, (x, y), theme in zip(ids, places, shown.broad, strict=True))


def arrays(shown: Shown) -> Atlas:
    """The map by row, with the themes of all levels."""
    archive, themes, names = shown.archive, [], []
    for depth, (level, ids) in enumerate(zip(archive.themes.levels, shown.ids, strict=True)):
        labels = shown.labels(depth)
        seen = np.array([id not in shown.hidden for id in ids] + [False])  # -1 is the last
        themes.append(np.where(seen[level.members], level.members, STRAY))
        names.append(tuple((id, "" if id in shown.hidden else labels[id]) for id in ids))
    days = np.array(archive.catalog.table.column("date").cast("int32").to_pandas(), dtype=np.float64)
    return Atlas(archive.themes.map, tuple(themes), tuple(names), days)


def colours(shown: Shown) -> dict[str, int]:
    """The colour of each theme by its id. Dots have those of broad themes, and so do the finer themes within them."""
    found: dict[str, int] = {}
    for level in range(len(shown.archive.themes.levels)):
        for theme in shown.themes(level):
            own = shown.places[theme.id].colour if level == 0 else found.get(theme.parent or "")
            if own is not None:
                found.setdefault(theme.id, own)
    return found


def names(shown: Shown, level: int) -> Listing[MapName]:
    """The names of a level's themes, largest theme first. Raises UsageError for a level that there is not."""
    themes, archive = shown.themes(level), shown.archive
    where = _palette.where(themes, shown.places, archive.catalog, archive.themes).tolist()
    found = zip(themes, where, strict=True)
    return Listing(MapName(each.id, each.label, x, y, each.size, level) for each, (x, y) in found if x == x)
