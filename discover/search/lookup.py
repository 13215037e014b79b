"""An item by what people call it: its id or its title."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from discover.core.errors import UnknownItemError, UsageError
from discover.core.ids import ItemKey, spell, without_point
from discover.core.suggest import nearest_names
from discover.core.types import Catalog
from discover.core.words import shorten
from discover.search.spaces.base import Rows

MAX_SUGGESTIONS = 5  # items that a message names


def find_row(catalog: Catalog, key: ItemKey) -> int:
    """The row of an id or title (see `Catalog.named`). Raises UnknownItemError: none (with near titles) or several."""
    key = spell(key)
    if not isinstance(key, str):
        raise UsageError(f"expected the id or title of an item, got {key!r}")
    rows = _candidates(catalog, key)
    if len(rows) == 1:
        return rows[0]
    if rows:
        which = ", ".join(f"{catalog.ids[row]} ({_describe(catalog, row)})" for row in rows[:MAX_SUGGESTIONS])
        raise UnknownItemError(f"{len(rows)} items are called {shorten(key)!r}. Give an id: {which}")
    near = nearest_names(key.casefold(), catalog.folded, MAX_SUGGESTIONS)
    titles = ", ".join(repr(catalog.titles[catalog.folded[title][-1]]) for title in near)
    hint = f". Near titles: {titles}" if near else ""
    raise UnknownItemError(f"no item has the id or title {shorten(key)!r}{hint}")


def _candidates(catalog: Catalog, key: str) -> list[int]:
    """The row of an id, else the rows of a title."""
    row = catalog.rows.get(key, catalog.rows.get(without_point(key)))
    return catalog.named(key) if row is None else [row]


def find_known(catalog: Catalog, keys: Iterable[str]) -> tuple[dict[str, int], list[str]]:
    """The row of each id or title that is one item of the catalog, and the others."""
    known: dict[str, int] = {}
    unknown: list[str] = []
    for key in keys:
        rows = _candidates(catalog, key)
        if len(rows) == 1:
            known[key] = rows[0]
        else:
            unknown.append(key)
    return known, unknown


def find_rows(catalog: Catalog, keys: Iterable[ItemKey]) -> Rows:
    """The row of each id or title, as `find_row` finds it."""
    return np.array([find_row(catalog, key) for key in keys], dtype=np.int64)


def _describe(catalog: Catalog, row: int) -> str:
    """What tells items of one title apart."""
    day = catalog.table.column("released")[row].as_py()
    kind = catalog.table.column("kind")[row].as_py()
    return ", ".join(part for part in (kind, str(day.year) if day else "") if part) or f"row {row}"
