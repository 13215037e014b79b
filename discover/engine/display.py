"""Items as people see them: cards in lists, titles while they type, what they filter by, points on the map."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from discover.core.types import Atlas, Card, Catalog, Facets, Listing, MapName, MapPoint
from discover.engine.view import EditedView
from discover.report import palette

CARD_COLUMNS = ["id", "title", "released", "description", "genres", "country", "people", "image"]


# --- lists -------------------------------------------------------------------------------------------------


def make_cards(view: EditedView, rows: Sequence[int]) -> Listing[Card]:
    """A card for each of these rows."""
    cells = view.run.catalog.table.select(CARD_COLUMNS).take(np.asarray(rows, dtype=np.int64)).to_pylist()
    released, added = (view.run.catalog.dates(role, rows) for role in ("released", "added"))
    themes = [view.broad[row] for row in rows]
    return Listing(
        Card(
            id=item["id"],
            title=item["title"],
            year=item["released"].year if item["released"] else None,
            released=out,
            added=came,
            description=item["description"],
            genres=tuple(item["genres"]),
            countries=tuple(item["country"]),
            people=tuple(item["people"]),
            theme=theme,
            label=view.label(theme) if theme else "",
            image=item["image"],
        )
        for item, theme, out, came in zip(cells, themes, released, added, strict=True)
    )


def fold(text: str) -> str:
    """A text as people type it: small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def complete(titles: Sequence[str], beginning: str, count: int) -> list[int]:
    """The rows of titles that begin with something, then with a word that does, then the rest; shorter ones first.

    Both are folded (see `fold`).
    """
    inside = [row for row, title in enumerate(titles) if beginning in title]

    def rank_title(row: int) -> tuple[int, int, int]:
        """Titles that begin with it, then words that do, then the rest; shorter ones first."""
        title = titles[row]
        return (0 if title.startswith(beginning) else 1 if f" {beginning}" in title else 2, len(title), row)

    return sorted(inside, key=rank_title)[:count]


def count_facets(catalog: Catalog) -> Facets:
    """What items can be filtered by: the years from first to last, and by value how many items have it."""
    years = [day.year for day in catalog.column("released") if day]
    counters = (Counter(value for cell in catalog.column(role) for value in cell) for role in ("genres", "country"))
    genres, countries = (dict(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))) for counter in counters)
    return Facets((min(years), max(years)) if years else None, genres, countries)


# --- the map -----------------------------------------------------------------------------------------------


def map_points(view: EditedView) -> Listing[MapPoint]:
    """A point for each item, with its broad theme."""
    ids, places = view.run.catalog.ids, view.run.themes.map.tolist()
    return Listing(MapPoint(id, x, y, theme) for id, (x, y), theme in zip(ids, places, view.broad, strict=True))


def make_atlas(view: EditedView) -> Atlas:
    """The map by row, with the themes of all levels."""
    levels = view.shown.levels
    names = (tuple((id, view.label(id)) for id in level.ids) for level in levels)
    days = np.array(view.run.catalog.table.column("added").cast("int32").to_pandas(), dtype=np.float64)
    return Atlas(view.run.themes.map, tuple(level.members for level in levels), tuple(names), days)


def theme_colours(view: EditedView) -> dict[str, int]:
    """The colour of each theme by its id. Dots have those of broad themes, and so do the finer themes within them."""
    colours: dict[str, int] = {}
    for level in range(len(view.merged.levels)):
        for theme in view.themes(level):
            own = view.places[theme.id].colour if level == 0 else colours.get(theme.parent or "")
            if own is not None:
                colours.setdefault(theme.id, own)
    return colours


def map_names(view: EditedView, level: int) -> Listing[MapName]:
    """The names of a level's themes, largest theme first. Raises UsageError for a level that there is not."""
    themes, run = view.themes(level), view.run
    points = palette.where(themes, view.places, run.catalog, run.themes).tolist()
    return Listing(
        MapName(theme.id, theme.label, x, y, theme.size, level)
        for theme, (x, y) in zip(themes, points, strict=True)
        if x == x
    )
