"""The read side: an opened version, and the questions that can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import indexes
from discover import encoders, plugins, store
from discover.archive import Archive
from discover.errors import UsageError
from discover.nouns import STRAY, Catalog, Embeddings, Item, Listing, MapPoint, Match, Theme
from discover.search import Query, find_matches, find_row
from discover.settings import DEFAULT_WORKSPACE, Settings

if TYPE_CHECKING:
    import pyarrow as pa

WEIGHTS = {"text": 0.7, "image": 0.3}


def open(workspace: str | Path = DEFAULT_WORKSPACE, version: int | None = None) -> Engine:
    """The workspace's current version, or the one with this number. Raises WorkspaceError."""
    return Engine(store.open(workspace, version))


class Engine:
    """One immutable version. Parts are read, checked against their SHA-256 and kept when first asked for."""

    def __init__(self, version: store.StoredVersion) -> None:
        self.version = version
        self._archive = Archive(version)
        self._found: dict[str, indexes.VectorIndex] = {}

    def __repr__(self) -> str:
        return f"Engine({str(self.version.workspace)!r}, version={self.version.number})"

    @property
    def catalog(self) -> Catalog:
        """The items."""
        return self._archive.catalog

    @property
    def spaces(self) -> Mapping[str, Embeddings]:
        """The vectors, by space."""
        return self._archive.spaces

    @cached_property
    def settings(self) -> Settings:
        """The settings of the run that made this version."""
        return Settings.from_dict(self.version.facts["settings"])

    def similar(self, item: str, k: int = 10, weights: Mapping[str, float] | None = None) -> Listing[Match]:
        """The k items most like this one, by id or exact title; the item itself is not among them.

        Scores are cosines, or weighted means of cosines when several spaces count; `parts` sum to the score.
        Raises UnknownItemError (with near titles), UsageError.
        """
        row = find_row(self.catalog, item)
        vectors = {}
        for name in self._weighted(weights):
            place = np.searchsorted(self.spaces[name].rows, row)
            if place < len(self.spaces[name].rows) and self.spaces[name].rows[place] == row:
                vectors[name] = np.asarray(self.spaces[name].vectors[place])
        return self._answer(Query(vectors, self._weighted(weights), frozenset([row])), k)

    def search(self, text: str, k: int = 10, weights: Mapping[str, float] | None = None) -> Listing[Match]:
        """The k items that fit a free text, in the text space and, through CLIP's text tower, among the pictures.

        Raises UsageError for an empty text, ModelError when an encoder's weights are gone or are not those
        that the vectors were made with.
        """
        if not isinstance(text, str) or not text.strip():
            raise UsageError(f"the text to search for is empty: {text!r}")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise UsageError(f"the text to search for is not UTF-8: {text!r}")
        chosen = self._weighted(weights)
        vectors = {name: self._encoder(name).encode_text([text])[0] for name, weight in chosen.items() if weight > 0}
        return self._answer(Query(vectors, chosen), k)

    def _answer(self, query: Query, k: int) -> Listing[Match]:
        needed = [name for name in query.vectors if query.weights.get(name, 0) > 0]
        return find_matches(query, k, self.catalog, self.spaces, {name: self._index(name) for name in needed})

    def _weighted(self, weights: Mapping[str, float] | None) -> dict[str, float]:
        """The weights of the spaces that there are."""
        if weights is None:
            return {name: WEIGHTS.get(name, 1.0) for name in self.spaces}
        if not isinstance(weights, Mapping):
            raise UsageError(f"weights: expected a number for each space, such as {{'text': 1}}, got {weights!r}")
        for name, weight in weights.items():
            if name not in self.spaces:
                raise UsageError(f"weights: no space {name!r} in this version. Valid: {', '.join(self.spaces)}")
            if not (isinstance(weight, (int, float, np.number)) and 0 <= weight < np.inf):
                raise UsageError(f"weights: {name} must be a number of at least 0, got {weight!r}")
        return dict(weights)

    def _index(self, space: str) -> indexes.VectorIndex:
        if space not in self._found:
            self._found[space] = self._archive.index(space)
        return self._found[space]

    def _encoder(self, space: str) -> Any:
        """The encoder that made the space's vectors. Raises ModelError if its weights are others now."""
        if space not in self._encoders:
            chosen = getattr(self.settings, space)
            encoder = plugins.load(encoders, chosen.encoder, chosen.options)
            encoder.check(self.spaces[space].identity)
            self._encoders[space] = encoder
        return self._encoders[space]

    @cached_property
    def _encoders(self) -> dict[str, Any]:
        return {}

    @property
    def levels(self) -> int:
        """How many levels of themes there are: 0 where none were found, 1 where no theme falls apart."""
        return len(self._archive.themes.levels)

    def themes(self, level: int = 0) -> Listing[Theme]:
        """The themes of a level, largest first; level 0 is the broadest. An empty list when none were found.

        Raises UsageError for a level that there is not.
        """
        valid = range(max(self.levels, 1))
        if level not in valid:
            raise UsageError(f"level must be {' or '.join(map(str, valid))} in this version, got {level!r}")
        return Listing(theme for theme in self._archive.named if theme.level == level)

    def theme(self, id: str) -> Theme:
        """A theme with all its items, strongest first. Raises UsageError for an unknown id."""
        from dataclasses import replace

        for theme in self._archive.named:
            if theme.id == id:
                return replace(theme, items=self._members(theme))
        raise UsageError(f"no theme {id!r} in version {self.version.number}; `discover themes` lists them")

    def _members(self, theme: Theme) -> tuple[Item, ...]:
        level = self._archive.themes.levels[theme.level]
        number = [each.id for each in self.themes(theme.level)].index(theme.id)
        rows = np.flatnonzero(level.members == number)
        rows = rows[np.lexsort((rows, -level.strengths[rows]))]
        ids, titles = self.catalog.ids, self.catalog.titles
        return tuple(Item(ids[row], titles[row], float(level.strengths[row])) for row in rows)

    @property
    def why(self) -> str:
        """Why there are these themes, or none."""
        return self._archive.themes.reason

    def items(self) -> pa.Table:
        """The catalog as a pyarrow table (`.to_pandas()` for a data frame), with each item's broad theme as `theme`.

        A column of the source with that name is called "theme (source)".
        """
        table = self.catalog.table
        names = ["theme (source)" if name == "theme" else name for name in table.column_names]
        return table.rename_columns(names).append_column("theme", [self._theme_ids()])

    def map(self) -> Listing[MapPoint]:
        """A point for each item; x and y are NaN for an item with nothing to place it by."""
        places = self._archive.themes.map
        ids = self.catalog.ids
        return Listing(
            MapPoint(ids[row], float(places[row, 0]), float(places[row, 1]), theme)
            for row, theme in enumerate(self._theme_ids())
        )

    def _theme_ids(self) -> list[str | None]:
        """The broad theme's id of each row, None for strays."""
        if not self._archive.themes.levels:
            return [None] * len(self.catalog)
        names = [theme.id for theme in self.themes(0)]
        return [None if number == STRAY else names[number] for number in self._archive.themes.levels[0].members]

    @property
    def report(self) -> Path:
        """The report's HTML file."""
        return self.version.checked("report.html")
