"""The map as people see it: where items lie, in which themes, and where the names of themes stand."""

from __future__ import annotations

import numpy as np

from discover.core.types import OUTLIER, Atlas, Listing, MapName, MapPoint
from discover.engine.view import EditedView
from discover.report import palette as _palette


def points(view: EditedView) -> Listing[MapPoint]:
    """A point for each item, with its broad theme."""
    ids, places = view.archive.catalog.ids, view.archive.themes.map.tolist()
    return Listing(MapPoint(id, x, y, theme) for id, (x, y), theme in zip(ids, places, view.broad, strict=True))


def arrays(view: EditedView) -> Atlas:
    """The map by row, with the themes of all levels."""
    archive, themes, names = view.archive, [], []
    for depth, (level, ids) in enumerate(zip(archive.themes.levels, view.ids, strict=True)):
        labels = view.labels(depth)
        seen = np.array([id not in view.hidden for id in ids] + [False])  # -1 is the last
        themes.append(np.where(seen[level.members], level.members, OUTLIER))
        names.append(tuple((id, "" if id in view.hidden else labels[id]) for id in ids))
    days = np.array(archive.catalog.table.column("date").cast("int32").to_pandas(), dtype=np.float64)
    return Atlas(archive.themes.map, tuple(themes), tuple(names), days)


def colours(view: EditedView) -> dict[str, int]:
    """The colour of each theme by its id. Dots have those of broad themes, and so do the finer themes within them."""
    found: dict[str, int] = {}
    for level in range(len(view.archive.themes.levels)):
        for theme in view.themes(level):
            own = view.places[theme.id].colour if level == 0 else found.get(theme.parent or "")
            if own is not None:
                found.setdefault(theme.id, own)
    return found


def names(view: EditedView, level: int) -> Listing[MapName]:
    """The names of a level's themes, largest theme first. Raises UsageError for a level that there is not."""
    themes, archive = view.themes(level), view.archive
    where = _palette.where(themes, view.places, archive.catalog, archive.themes).tolist()
    found = zip(themes, where, strict=True)
    return Listing(MapName(each.id, each.label, x, y, each.size, level) for each, (x, y) in found if x == x)
