"""The items of an opened version: their values, cards, duplicates and places on the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discover.core.ids import ItemKey
from discover.core.settings import Settings
from discover.core.types import Atlas, Card, Catalog, Embeddings, Facets, Item, Listing, MapName, MapPoint
from discover.core.types.options import NeighborOptions
from discover.engine import display
from discover.engine.models import Models
from discover.engine.view import EditedView
from discover.search import lookup
from discover.store import versions
from discover.store.load import StoredRun

if TYPE_CHECKING:
    import pyarrow as pa


class ItemReader:
    """What a version holds of its items.

    Parts are read, checked against their SHA-256 and kept when first asked for.
    """

    def __init__(self, version: versions.StoredVersion) -> None:
        self.version = version
        self._run = StoredRun(version)
        self._models, self._view = Models(self._run), EditedView(self._run)

    @property
    def catalog(self) -> Catalog:
        """The items."""
        return self._run.catalog

    @property
    def spaces(self) -> Mapping[str, Embeddings]:
        """The vectors, by space."""
        return self._run.spaces

    @property
    def settings(self) -> Settings:
        """The settings of the run that made this version."""
        return self._run.settings

    @property
    def report(self) -> Path:
        """The report's HTML file."""
        return self.version.checked("report.html")

    def items(self) -> pa.Table:
        """The catalog as a pyarrow table (`.to_pandas()` for a data frame), with each item's broad theme as `theme`.

        A column of the source with that name is called "theme (source)".
        """
        return self._view.table

    def matching(self, where: str | None = None) -> list[str]:
        """The ids of the items for which an SQL expression over the columns of `items()` holds, in catalog order.

        All ids by default. Raises UsageError.
        """
        rows, ids = self._view.rows(where), self.catalog.ids
        return list(ids) if rows is None else [ids[row] for row in rows.tolist()]

    def cards(self, ids: Iterable[ItemKey]) -> Listing[Card]:
        """Items by id or exact title, as people see them in a list. Raises UnknownItemError."""
        return display.make_cards(self._view, lookup.find_rows(self.catalog, ids).tolist())

    def values(self, item: ItemKey) -> dict[str, Any]:
        """All that the catalog holds of an item, by column. Raises UnknownItemError."""
        row = lookup.find_row(self.catalog, item)
        held: dict[str, Any] = self.catalog.table.slice(row, 1).to_pylist()[0]
        return held

    def themes_of(self, item: ItemKey) -> dict[str, str]:
        """The themes that an item is in, id -> label, broadest first. Raises UnknownItemError."""
        return self._view.shared([lookup.find_row(self.catalog, item)])

    def suggest(self, text: str, k: int = 8) -> Listing[Card]:
        """Items for what someone begins to type: titles that begin with it, then words that do, then the rest.

        Case and accents do not count; shorter titles come first.
        """
        beginning, k = display.fold(text.strip()), NeighborOptions(k=k).k
        rows = display.complete(self._titles, beginning, k) if beginning else []
        return display.make_cards(self._view, rows)

    @cached_property
    def _titles(self) -> list[str]:
        """By row: the title as people type it."""
        return [display.fold(title) for title in self.catalog.titles]

    @cached_property
    def facets(self) -> Facets:
        """What items can be filtered by."""
        return display.count_facets(self.catalog)

    def years(self, ids: Sequence[ItemKey]) -> list[int | None]:
        """The year of each item's release, None where it is unknown. Raises UnknownItemError."""
        dates = self.catalog.table.column("released")
        days = [dates[lookup.find_row(self.catalog, id)].as_py() for id in ids]
        return [day.year if day else None for day in days]

    def duplicates(self) -> Listing[Listing[Item]]:
        """Groups of items that are the same, or nearly (cosine of at least .95), largest group first."""
        from discover.themes import duplicates

        ids, titles = self.catalog.ids, self.catalog.titles
        groups = duplicates.list_groups(self._run.copies)
        return Listing(Listing(Item(ids[row], titles[row], 1.0) for row in group) for group in groups)

    def map(self) -> Listing[MapPoint]:
        """A point for each item; x and y are NaN for an item with nothing to place it by."""
        return display.map_points(self._view)

    def atlas(self) -> Atlas:
        """The map as arrays by row."""
        return display.make_atlas(self._view)

    def map_names(self, level: int = 0) -> Listing[MapName]:
        """Where the names of a level's themes go on the map. Raises UsageError for a level that there is not."""
        return display.map_names(self._view, level)

    @property
    def colours(self) -> dict[str, int]:
        """The colour (0 to 7) of each theme, by its id: that of the report; a finer one has that of its broad theme."""
        return display.theme_colours(self._view)
