"""Items as people see them in lists, find them while they type, and filter them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from discover.core.types import Card, Catalog, Facets, Listing
from discover.engine.view import EditedView

COLUMNS = ["id", "title", "date", "description", "genres", "country", "people", "image"]


def of(view: EditedView, rows: Sequence[int]) -> Listing[Card]:
    """A card for each of these rows."""
    found = view.archive.catalog.table.select(COLUMNS).take(np.asarray(rows, dtype=np.int64)).to_pylist()
    labels = view.labels(level=0)
    themes = [view.broad[row] for row in rows]
    return Listing(
        Card(
            id=each["id"],
            title=each["title"],
            year=each["date"].year if each["date"] else None,
            date=each["date"].isoformat() if each["date"] else None,
            description=each["description"],
            genres=tuple(each["genres"]),
            countries=tuple(each["country"]),
            people=tuple(each["people"]),
            theme=theme,
            label=labels[theme] if theme else "",
            image=each["image"],
        )
        for each, theme in zip(found, themes, strict=True)
    )


def typed(text: str) -> str:
    """The text as people type it: small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def suggested(titles: Sequence[str], beginning: str, count: int) -> list[int]:
    """The rows of titles that begin with something, then with a word that does, then the rest; shorter ones first.

    Both are as people type them (see `typed`).
    """
    inside = [row for row, title in enumerate(titles) if beginning in title]

    def order(row: int) -> tuple[int, int, int]:
        title = titles[row]
        return (0 if title.startswith(beginning) else 1 if f" {beginning}" in title else 2, len(title), row)

    return sorted(inside, key=order)[:count]


def facets(catalog: Catalog) -> Facets:
    """What items can be filtered by: the years from first to last, and by value how many items have it."""
    years = [day.year for day in catalog.column("date") if day]
    counted = (Counter(value for cell in catalog.column(each) for value in cell) for each in ("genres", "country"))
    genres, countries = (dict(sorted(each.items(), key=lambda pair: (-pair[1], pair[0]))) for each in counted)
    return Facets((min(years), max(years)) if years else None, genres, countries)
