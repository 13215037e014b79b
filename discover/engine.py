"""The read side: an opened version, and the questions that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from discover import duplicates, encoders, evaluate, nonsense, plugins, recommend, store
from discover import search as searching
from discover.archive import Archive
from discover.embeddings import Progress
from discover.errors import InputError, UsageError
from discover.nouns import STRAY, Catalog, Embeddings, Evaluation, Item, Listing, MapPoint, Matches, Neighbors, Theme
from discover.settings import DEFAULT_WORKSPACE, Settings
from discover.spaces.vectors import Vectors
from discover.spaces.wording import Wording

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_TEXT = 100_000  # characters of a query
SPARE = 10  # answers that are looked at for each one shown, where some will be thinned out
DIVERSE = 4  # how many times the answers wanted are put in a diverse order, before limits take theirs
HALF = 0.5  # of a query's words

Wanted = str | Sequence[str] | Mapping[str, float]  # items by id or title, with how much each counts


def open(workspace: str | Path = DEFAULT_WORKSPACE, version: int | None = None) -> Engine:
    """The workspace's current version, or the one with this number. Raises WorkspaceError."""
    return Engine(store.open(workspace, version))


class Engine:
    """One immutable version. Parts are read, checked against their SHA-256 and kept when first asked for."""

    def __init__(self, version: store.StoredVersion) -> None:
        self.version = version
        self._archive = Archive(version)

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

    def similar(
        self,
        item: str,
        k: int = 10,
        where: str | None = None,
        weights: Mapping[str, float] | None = None,
        diversity: float = 0.0,
        at_most: Mapping[str, int] | None = None,
        dedupe: bool = False,
    ) -> Matches:
        """The k items most like this one, by id or exact title; the item itself is not among them.

        `where` is a SQL expression over the columns of `items()`; `weights` say what each space counts (the others
        nothing); `diversity` in [0, 1] trades nearness for variety; `at_most={"theme": 2}` limits the answers that
        share a value of a column; `dedupe` keeps one of each group of near-duplicates. Scores are those of
        `discover.fusion`; `parts` sum to the score. Raises UnknownItemError (with near titles), UsageError.
        """
        asks = [searching.item(self._ground, searching.find_row(self.catalog, item))]
        return self._answer(asks, k, where, weights, diversity, at_most, dedupe)

    def search(
        self,
        text: str | None = None,
        like: Wanted = (),
        unlike: Wanted = (),
        image: str | Path | None = None,
        vector: Mapping[str, Any] | None = None,
        k: int = 10,
        where: str | None = None,
        weights: Mapping[str, float] | None = None,
        diversity: float = 0.0,
        at_most: Mapping[str, int] | None = None,
        dedupe: bool = False,
        anyway: bool = False,
    ) -> Matches:
        """The k items that fit everything asked for together; the other parameters are those of `similar`.

        `text` is compared with the items' words and descriptions and, through CLIP's text tower, with their
        pictures. `like` and `unlike` are items, by id or exact title: one, several, or a dictionary of how much
        each counts. `image` is a picture file. `vector` is {space: (d,)}, of an encoder's own making.

        A text that fits nothing (no nearer to any item than nonsense is, and in other words) gives no matches and
        says so in `.note`; `anyway` lists the nearest all the same. Raises UnknownItemError, InputError (the
        picture), UsageError, ModelError when an encoder's weights are gone or are not those that the vectors
        were made with.
        """
        chosen = self._weights(weights)
        asks = [self._item(key, weight) for key, weight in _wanted(like, "like").items()]
        asks += [self._item(key, -weight) for key, weight in _wanted(unlike, "unlike").items()]
        note = ""
        if text is not None:
            probes = self._text_probes(text, chosen)
            asks.append(searching.foreign(self._ground, probes))
            if len(asks) == 1 and image is None and vector is None and not self._fits(text, probes):
                note = f"nothing in this catalog fits {_short(text)!r}"
                if not anyway:
                    return Matches(note=note)
        if image is not None:
            asks.append(searching.foreign(self._ground, self._picture_probes(image, chosen)))
        if vector is not None:
            asks.append(searching.foreign(self._ground, self._vector_probes(vector)))
        return self._answer(asks, k, where, weights, diversity, at_most, dedupe, note)

    def similar_many(
        self,
        items: Iterable[str] | None = None,
        k: int = 10,
        weights: Mapping[str, float] | None = None,
        where: str | None = None,
    ) -> Neighbors:
        """What `similar` finds for each of many items, by id or exact title, all by default; computed in blocks.

        Scores are those of `similar` but for rounding (1e-5), which may exchange two neighbours of equal score.
        Raises UnknownItemError, UsageError.
        """
        wanted, chosen, allowed = _count(k), self._weights(weights), self._allowed(where)
        if isinstance(items, str):
            raise UsageError(f"items: give a list of ids or titles, got {items!r}")
        rows = np.arange(len(self.catalog)) if items is None else searching.find_rows(self.catalog, items)
        nearest, scores = searching.many(self._ground, rows, wanted, chosen, allowed)
        return Neighbors(self.catalog.ids, rows, nearest, scores)

    def recommend(
        self,
        history: Sequence[str] | Mapping[str, float],
        k: int = 10,
        where: str | None = None,
        weights: Mapping[str, float] | None = None,
        diversity: float = 0.0,
        at_most: Mapping[str, int] | None = None,
        dedupe: bool = False,
    ) -> Matches:
        """The k items that fit what someone liked; nothing of the history is among them.

        `history` holds ids or exact titles: a list of liked ones, or a dictionary of ratings: above 0 liked, the
        higher the more, below 0 disliked, 0 only seen. An item counts by the mean of its ten largest similarities to
        liked items, times their ratings (relative to the highest), see `discover.recommend`. The other parameters
        are those of `similar`. Raises UnknownItemError, UsageError.
        """
        rated = _rated(history)
        rows = searching.find_rows(self.catalog, rated)
        ratings = dict(zip(rows.tolist(), rated.values(), strict=True))
        if len(ratings) < len(rated):
            raise UsageError("history: two entries name the same item, by id and by title; name each once")

        def rank(count: int, chosen: Mapping[str, float], allowed: NDArray[np.int64] | None) -> searching.Ranked:
            return recommend.rank(self._ground, ratings, count, chosen, allowed)

        return self._thinned(rank, list(ratings), k, where, weights, diversity, at_most, dedupe)

    def evaluate(
        self,
        ratings: Any,
        k: int = 10,
        holdout: float = 0.2,
        liked: float | None = None,
        disliked: float | None = None,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Evaluation:
        """How well `recommend` finds what people liked next, in a file or table of user, item, rating and time.

        A share `holdout` of each user's likes is looked for among k recommendations from the rest, see
        `discover.evaluate`; `liked` and `disliked` are the ratings from which and up to which something is so (the
        median; none but negative ones). Raises InputError for a table that cannot be used; UsageError, also where
        ranx is not installed.
        """
        wanted, chosen = _count(k), self._weights(weights)
        found = evaluate.read(ratings, self.catalog, liked, disliked)
        return evaluate.evaluate(self._ground, found, chosen, wanted, holdout, seed, progress)

    def _answer(
        self,
        asks: Sequence[searching.Ask],
        k: int,
        where: str | None,
        weights: Mapping[str, float] | None,
        diversity: float,
        at_most: Mapping[str, int] | None,
        dedupe: bool,
        note: str = "",
    ) -> Matches:
        """The answers to a query."""

        def rank(count: int, chosen: Mapping[str, float], allowed: NDArray[np.int64] | None) -> searching.Ranked:
            return searching.rank(self._ground, searching.Query(asks, chosen, allowed), count)

        own = [ask.row for ask in asks if ask.row is not None]
        return self._thinned(rank, own, k, where, weights, diversity, at_most, dedupe, note)

    def _thinned(
        self,
        rank: Callable[[int, Mapping[str, float], NDArray[np.int64] | None], searching.Ranked],
        own: Sequence[int],
        k: int,
        where: str | None,
        weights: Mapping[str, float] | None,
        diversity: float,
        at_most: Mapping[str, int] | None,
        dedupe: bool,
        note: str = "",
    ) -> Matches:
        """Rank, thin out, dress up. `own` are the rows that were asked with."""
        wanted, chosen = _count(k), self._weights(weights)
        if not (_is_number(diversity) and 0 <= diversity <= 1):
            raise UsageError(f"diversity must be between 0 and 1, got {diversity!r}")
        limits = self._limits(at_most)
        thinned = bool(diversity or limits or dedupe)
        depth = min(wanted * SPARE + SPARE if thinned else wanted, len(self.catalog))
        found = rank(depth, chosen, self._allowed(where))
        if dedupe:
            found = searching.at_most(
                found, [(group,) for group in self._groups[found.rows]], 1, self._groups[list(own)]
            )
        if diversity:
            found = searching.diverse(self._ground, found, DIVERSE * wanted, diversity, chosen)
        for column, limit in limits.items():
            values = self.items().column(column).take(found.rows).to_pylist()
            found = searching.at_most(found, [_values(value) for value in values], limit)
        found = found.take(slice(wanted))
        return searching.matches(self.catalog, found, self._pool(chosen), note)

    def _item(self, key: str, weight: float) -> searching.Ask:
        return searching.item(self._ground, searching.find_row(self.catalog, key), weight)

    def _text_probes(self, text: str, weights: Mapping[str, float]) -> dict[str, Any]:
        """A text in every weighted space that can be asked with one."""
        if not isinstance(text, str) or not text.strip():
            raise UsageError(f"the text to search for is empty or no text: {text!r}")
        if len(text) > LONGEST_TEXT:
            raise UsageError(f"the text to search for has {len(text):,} characters; at most {LONGEST_TEXT:,} are read")
        probes: dict[str, Any] = {}
        for name, space in self._ground.spaces.items():
            if not weights.get(name, 0.0):
                continue
            if isinstance(space, Wording):
                probes[name] = space.text(text)
            elif isinstance(space, Vectors):
                probes[name] = self._encoder(name).encode_text([text])
        return probes

    def _picture_probes(self, path: str | Path, weights: Mapping[str, float]) -> dict[str, Any]:
        """A picture file in the picture space."""
        name = "image"
        if name not in self.spaces:
            raise UsageError("this version has no pictures to compare with")
        if not weights.get(name, 0.0):
            raise UsageError("the weights leave nothing to compare a picture in; give image a positive weight")
        encoded = self._encoder(name).encode([str(path)])
        if encoded.failures:
            raise InputError(f"{path}: {encoded.failures[0]}")
        return {name: encoded.vectors}

    def _vector_probes(self, vector: Mapping[str, Any]) -> dict[str, Any]:
        """Given vectors, checked, scaled to length one."""
        probes = {}
        if not isinstance(vector, Mapping):
            raise UsageError(
                f"vector: give a dictionary of space and vector, such as {{'text': [...]}}, got {vector!r:.60}"
            )
        for name, value in vector.items():
            if name not in self.spaces:
                raise UsageError(f"vector: no vectors {name!r} in this version. Valid: {', '.join(self.spaces)}")
            try:
                given = np.asarray(value, dtype=np.float32).reshape(1, -1)
            except (TypeError, ValueError) as error:
                raise UsageError(f"vector: {name} is not an array of numbers: {error}") from error
            dimension = self.spaces[name].vectors.shape[1]
            if given.shape[1] != dimension or not np.isfinite(given).all() or not given.any():
                raise UsageError(f"vector: {name} must be {dimension} finite numbers, not all 0; got {given.shape[1]}")
            probes[name] = given / np.linalg.norm(given)
        return probes

    def _fits(self, text: str, probes: Mapping[str, Any]) -> bool:
        """Whether a text is nearer to some item than nonsense is in some space, or items say half of its words."""
        for name, space in self._ground.spaces.items():
            if name not in probes:
                continue
            if isinstance(space, Wording):
                if (
                    space.known(text) >= HALF
                    and probes[name].nnz
                    and space.compare(probes[name]).similarities.max() >= HALF
                ):
                    return True
            elif self._nearest(name, probes[name])[0] > self._nonsense(name):
                return True
        return False

    def _nonsense(self, space: str) -> float:
        """The cosine to the nearest item that one in ten nonsense texts reaches: what says nothing."""
        if space not in self._levels:
            nearest = self._nearest(space, self._encoder(space).encode_text(nonsense.texts()))
            self._levels[space] = float(np.quantile(nearest, 1 - nonsense.RATE))
        return self._levels[space]

    @cached_property
    def _levels(self) -> dict[str, float]:
        return {}

    def _nearest(self, space: str, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Each vector's highest cosine."""
        return self._archive.index(space).search(vectors, 1).scores[:, 0]

    @property
    def _ground(self) -> searching.Ground:
        return self._archive.ground

    def _weights(self, weights: Mapping[str, float] | None) -> dict[str, float]:
        """The weights of the spaces that there are."""
        spaces = self._ground.spaces
        if weights is None:
            return {name: weight for name, weight in self.settings.search.weights.items() if name in spaces}
        if not isinstance(weights, Mapping):
            raise UsageError(f"weights: give a dictionary such as {{'text': 1}}, got {weights!r}")
        for name, weight in weights.items():
            if name not in spaces:
                raise UsageError(f"weights: no space {name!r} in this version. Valid: {', '.join(spaces)}")
            if not (_is_number(weight) and 0 <= weight < np.inf):
                raise UsageError(f"weights: {name} must be a number of at least 0, got {weight!r}")
        return dict(weights)

    def _pool(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Scores of unrelated pairs under these weights, ascending."""
        key = tuple(sorted(weights.items()))
        if key not in self._pools:
            self._pools[key] = searching.pool(self._ground, weights)
        return self._pools[key]

    @cached_property
    def _pools(self) -> dict[Any, NDArray[np.float64]]:
        return {}

    def _allowed(self, where: str | None) -> NDArray[np.int64] | None:
        if where is None:
            return None
        rows: NDArray[np.int64] = self._filter.rows(where)
        return rows

    @cached_property
    def _filter(self) -> Any:
        from discover.where import Filter

        return Filter(self.items())

    def _limits(self, at_most: Mapping[str, int] | None) -> dict[str, int]:
        columns = self.items().column_names if at_most else []
        for column, limit in (at_most or {}).items():
            if column not in columns:
                raise UsageError(f"at_most: no column {column!r}. Valid: {', '.join(columns)}")
            if not isinstance(limit, int) or limit < 1:
                raise UsageError(f"at_most: {column} must be a whole number of at least 1, got {limit!r}")
        return dict(at_most or {})

    @cached_property
    def _groups(self) -> NDArray[np.int64]:
        """By row: the number of its group of near-duplicates."""
        return duplicates.groups(self._archive.graph)

    def duplicates(self) -> Listing[Listing[Item]]:
        """Groups of items that are the same, or nearly (cosine of at least .95), largest group first."""
        rows = np.argsort(self._groups, kind="stable")
        starts = np.flatnonzero(np.diff(self._groups[rows], prepend=-1))
        groups = [group for group in np.split(rows, starts[1:]) if len(group) > 1]
        ids, titles = self.catalog.ids, self.catalog.titles
        listed = [Listing(Item(ids[row], titles[row], 1.0) for row in group) for group in groups]
        return Listing(sorted(listed, key=lambda group: -len(group)))

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

    def themes(self, level: int = 0) -> Listing[Theme]:
        """The themes of a level, largest first; level 0 is the broadest. An empty list when none were found.

        Raises UsageError for a level that there is not.
        """
        levels = len(self._archive.themes.levels)
        if not 0 <= level < max(levels, 1):
            raise UsageError(f"level must be between 0 and {max(levels, 1) - 1}, got {level}")
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


def _wanted(given: Wanted, what: str) -> dict[str, float]:
    """Items and how much each counts."""
    wanted = {given: 1.0} if isinstance(given, str) else given
    if not isinstance(wanted, Mapping):
        wanted = dict.fromkeys(wanted, 1.0)
    for key, weight in wanted.items():
        if not (isinstance(key, str) and _is_number(weight) and 0 < weight < np.inf):
            raise UsageError(f"{what}: give ids or titles, or a dictionary of them and numbers above 0; got {key!r}")
    return dict(wanted)


def _rated(history: Any) -> dict[str, float]:
    """A history as ids or titles and ratings, checked."""
    if isinstance(history, str) or not isinstance(history, (Mapping, Sequence)):
        raise UsageError(f"history: give a list of liked ids or a dictionary of ratings, got {history!r:.60}")
    rated = history if isinstance(history, Mapping) else dict.fromkeys(history, 1.0)
    for key, rating in rated.items():
        if not (_is_number(rating) and np.isfinite(rating)):
            raise UsageError(f"history: the rating of {key!r} must be a finite number, got {rating!r}")
    return dict(rated)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _count(k: Any) -> int:
    if not isinstance(k, (int, np.integer)) or isinstance(k, bool) or k < 1:
        raise UsageError(f"k must be a whole number of at least 1, got {k!r}")
    return int(k)


def _values(cell: Any) -> list[Any]:
    """A cell as its values: a list's, or the one, or none."""
    if isinstance(cell, list):
        return cell
    return [] if cell is None or cell == "" else [cell]


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
