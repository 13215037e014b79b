"""Tables of audience beside a catalog: who watched what when, or how much in all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from discover.catalog import tables
from discover.catalog.reading import choose
from discover.catalog.reading.base import Raw
from discover.catalog.values import dates, numbers
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings
from discover.core.types import Catalog
from discover.core.words import plural
from discover.trends.periods import Days, Events, Flags, Floats, Ints

LOST = "the date is not understood, or the value is not a number"
COLUMNS = {  # how people call them, best first; compared in small letters without "_", "-" and blanks
    "item": ("itemid", "id", "showid", "movieid", "filmid", "trackid", "bookid", "productid", "item", "title", "name",
             "showtitle", "filmtitle", "movietitle", "tracktitle", "booktitle", "titel", "titre", "titulo", "titolo"),
    "date": ("date", "day", "week", "month", "period", "timestamp", "time", "datetime"),
    "value": ("value", "views", "hours", "hoursviewed", "weeklyhoursviewed", "weeklyviews", "plays", "streams",
              "downloads", "minutes", "audience", "count"),
    "kind": ("kind", "type", "category", "format", "contenttype", "mediatype"),
    "year": ("year", "releaseyear", "releasedate", "released", "premiere"),
}  # fmt: skip
Warn = Callable[[str], None]


@dataclass(frozen=True)
class Consumption:
    """What a table says: events where it has dates, else the audience of each item in all."""

    notes: tuple[str, ...]  # how it was read
    events: Events | None = None
    audience: Floats | None = field(default=None, repr=False)  # (n,) by catalog row, NaN where unknown

    def join(self, catalog: Catalog) -> Catalog:
        """The catalog with this audience in place of its own."""
        if self.audience is None:
            return catalog
        column = pa.array(self.audience, mask=np.isnan(self.audience))
        place = catalog.table.column_names.index("audience")
        return replace(catalog, table=catalog.table.set_column(place, "audience", column))


@dataclass(frozen=True)
class _Table:
    """The rows of a table of audience, m in all."""

    raw: Raw
    columns: dict[str, str]
    rows: Ints  # (m,) of the catalog, -1 for none
    days: Days | None  # (m,) NaT where unknown; None without a column
    weights: Floats  # (m,) NaN where unknown
    notes: list[str]


def read(
    source: Any,
    catalog: Catalog,
    settings: CatalogSettings,
    as_of: date | None = None,
    warn: Warn = lambda message: None,
) -> Consumption:
    """What a file or data frame says about audience: columns for item and value and, if there is, for the date.

    Items are found by id, else by title (see `catalog.matching`). Without dates the figures of an item are added up.
    `as_of` leaves out later dates. Raises InputError: a column that is missing, no item of this catalog, no usable row,
    or more than half of the rows without a date and a number (unless `settings.allow_rejects`); that many go to `warn`,
    and so does how many items were matched where not all were.
    """
    table = _read(source, catalog, settings, warn)
    if table.days is not None:
        events = _events(table, as_of)
        return Consumption(tuple(table.notes), events)
    usable = _usable(table)
    audience = np.full(len(catalog), np.nan)
    audience[np.unique(table.rows[usable])] = 0.0
    np.add.at(audience, table.rows[usable], table.weights[usable])
    warn(f"{table.raw.source}: no column of dates, so {table.columns['value']!r} is each item's audience in all")
    return Consumption(tuple(table.notes), audience=audience)


def read_events(
    source: Any,
    catalog: Catalog,
    settings: CatalogSettings,
    as_of: date | None = None,
    warn: Warn = lambda message: None,
) -> tuple[Events, tuple[str, ...]]:
    """Audience by item and date, as `read`, from a table that must have a column of dates; and how it was read."""
    table = _read(source, catalog, settings, warn, ("item", "date", "value"))
    events = _events(table, as_of)
    return events, tuple(table.notes)


def _read(
    source: Any, catalog: Catalog, settings: CatalogSettings, warn: Warn, needed: tuple[str, ...] = ("item", "value")
) -> _Table:
    raw = choose.load(source, CatalogSettings())
    columns = tables.columns(raw.table.column_names, COLUMNS, needed, raw.source)
    notes = [f"{role}: column {name!r}" for role, name in columns.items()]
    notes += [*raw.warnings, *tables.unread(raw)]
    about = tables.About(
        np.array(raw.table.column(columns["item"]).to_pylist(), dtype=object),
        raw.table.column(columns["kind"]).to_pylist() if "kind" in columns else None,
        _years(raw, columns["year"]) if "year" in columns else None,
        settings.seasons == "keep",
    )
    rows = tables.match(about, catalog, raw.source, "rows", notes, warn)
    days = dates.parse(raw.table.column(columns["date"]), columns["date"]).days if "date" in columns else None
    weights, _ = numbers.parse(raw.table.column(columns["value"]), columns["value"])
    readable = np.isfinite(weights) if days is None else ~np.isnat(days) & np.isfinite(weights)
    for message in tables.lost(raw, readable, LOST, settings.allow_rejects):
        warn(f"{raw.source}: {message}")
    return _Table(raw, columns, rows, days, weights, notes)


def _years(raw: Raw, column: str) -> list[int | None]:
    days: NDArray[np.datetime64] = dates.parse(raw.table.column(column), column).days
    return [None if day is None else day.year for day in days.tolist()]


def _usable(table: _Table, as_of: date | None = None) -> Flags:
    """(m,) which rows have an item, a value above 0 and a date that counts. Raises InputError where none has."""
    dated = np.ones(len(table.rows), dtype=bool) if table.days is None else ~np.isnat(table.days)
    usable = (table.rows >= 0) & dated & np.isfinite(table.weights) & (table.weights > 0)
    if lost := int(np.count_nonzero((table.rows >= 0) & ~usable)):
        unusable = plural(lost, "row was", "rows were")
        table.notes.append(f"{unusable} left out: the date or a value above 0 is missing")
    if as_of is not None and table.days is not None:
        usable &= table.days <= np.datetime64(as_of, "D")
    if not usable.any():
        needed = "a value above 0" if table.days is None else "a date and a value above 0"
        raise InputError(f"{table.raw.source}: no row has an item of this catalog, {needed}")
    return usable


def _events(table: _Table, as_of: date | None) -> Events:
    usable = _usable(table, as_of)
    assert table.days is not None, "a table without dates has no events"
    return Events("audience", table.rows[usable], table.days[usable], table.weights[usable])
