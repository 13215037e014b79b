"""A query to an opened version, from its terms to matches: weighed, thinned out, explained.

`rank` ranks, `thin` leaves out, `explain` takes a score apart. Here is what they need of a version: its models for
texts and pictures, its themes as people see them, how rare a score is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import InputError, UsageError
from discover.core.ids import ItemKey
from discover.core.types import Explanation, Matches
from discover.core.types.options import NeighborOptions, QueryOptions, RecommendOptions
from discover.engine import arguments
from discover.engine.models import Models
from discover.engine.view import EditedView
from discover.search import explain, lookup, rank, thin
from discover.search.rank import Query, QueryTerm, Ranked, SearchIndex
from discover.search.spaces.lexical import Lexical
from discover.search.spaces.vectors import Vectors
from discover.store.archive import Archive

SPARE_ANSWERS = 10  # looked at for each one shown, where some will be thinned out; more where too few stay
MIN_KNOWN_WORDS = 0.5  # share of a text's words that items have, where these alone say that it fits
KEPT_WEIGHTS = 32  # ways to weigh spaces whose null scores are remembered
Options = TypeVar("Options", bound=NeighborOptions)
Options_co = TypeVar("Options_co", bound=NeighborOptions, covariant=True)


@dataclass(frozen=True)
class BoundOptions(Generic[Options_co]):
    """Options held against a version: which of its rows may answer (None: all), and what each of its spaces counts."""

    options: Options_co
    allowed: NDArray[np.int64] | None
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Searcher:
    """What answers are made from: a version, its models, and its themes as people see them now."""

    archive: Archive
    models: Models
    view: EditedView

    @property
    def search_index(self) -> SearchIndex:
        """All that a search needs."""
        return self.archive.search_index

    # --- options -------------------------------------------------------------------------------------------

    def weights(self, given: Mapping[str, float] | None = None) -> dict[str, float]:
        """What each space that there is counts; by the settings where nothing is given. Raises UsageError."""
        spaces = self.search_index.spaces
        if given is None:
            return {name: weight for name, weight in self.archive.settings.search.weights.items() if name in spaces}
        weights = dict(NeighborOptions(weights=given).weights or {})
        arguments.check_names("weights: no space", weights, spaces, " in this version")
        return weights

    def bind(self, options: Options) -> BoundOptions[Options]:
        """The options as this version needs them, before anything is encoded or searched. Raises UsageError."""
        if isinstance(options, RecommendOptions) and options.at_most:
            arguments.check_names("at_most: no column", options.at_most, self.view.table.column_names)
        return BoundOptions(options, self.view.rows(options.where), self.weights(options.weights))

    # --- what is asked for -------------------------------------------------------------------------------------

    def item(self, key: ItemKey, weight: float = 1.0) -> QueryTerm:
        """Ask for what is like an item, by id or exact title. Raises UnknownItemError."""
        return QueryTerm.from_row(self.search_index, lookup.find_row(self.archive.catalog, key), weight)

    def text(self, text: str, weights: Mapping[str, float]) -> QueryTerm:
        """Ask with a text in every weighted space that can be asked with one. Raises UsageError, ModelError."""
        query = arguments.check_text(text)
        queries: dict[str, Any] = {}
        for name, space in self.search_index.spaces.items():
            if not weights.get(name, 0.0):
                continue
            if isinstance(space, Lexical):
                queries[name] = space.text(query)
            elif isinstance(space, Vectors):
                queries[name] = self.models.encoder(name).encode_text([query])
        return QueryTerm.from_queries(self.search_index, queries)

    def picture(self, path: str | Path, weights: Mapping[str, float]) -> QueryTerm:
        """Ask with a picture file in the picture space. Raises UsageError, InputError, ModelError."""
        name = "image"
        if name not in self.archive.spaces:
            raise UsageError("this version has no pictures to compare with")
        if not weights.get(name, 0.0):
            raise UsageError("With these weights a picture cannot be compared. Give `image` a weight above 0")
        encoded = self.models.encoder(name).encode([str(path)])
        if encoded.failures:
            raise InputError(f"{path}: {encoded.failures[0]}")
        return QueryTerm.from_queries(self.search_index, {name: encoded.vectors})

    def fits(self, text: str, term: QueryTerm) -> bool:
        """Whether a text is nearer to some item than nonsense is in some space, or items say half of its words.

        Pictures may say that it fits; alone they cannot say that it does not.
        """
        if list(term.queries) == ["image"]:
            return True
        for name, space_query in term.queries.items():
            space = self.search_index.spaces[name]
            if isinstance(space, Lexical):
                if (
                    space.known(text) >= MIN_KNOWN_WORDS
                    and space.compare(space_query).similarities.max() >= MIN_KNOWN_WORDS
                ):
                    return True
            elif isinstance(space, Vectors) and space.highest(space_query)[0] > self.models.out_of_domain(space):
                return True
        return False

    # --- the answers -------------------------------------------------------------------------------------------

    def find(
        self, terms: Sequence[QueryTerm], bound: BoundOptions[QueryOptions], note: str = "", text: str = ""
    ) -> Matches:
        """The answers to a query; `text` is the one in it. Raises UsageError, ModelError."""
        query = Query(terms, bound.weights, bound.allowed)
        own = [term.row for term in terms if term.row is not None]
        ranked = self.best(lambda count: rank.rank(self.search_index, query, count), own, bound)
        matches = rank.to_matches(self.archive.catalog, ranked, self.null_scores(bound.weights), note)
        rows = ranked.rows.tolist()
        if bound.options.why or bound.options.explain:
            whys = explain.in_short(self.search_index, query, ranked.rows)
            matches = Matches([replace(match, why=why) for match, why in zip(matches, whys, strict=True)], note)
        if bound.options.explain:
            passages = self.passages([*own, *rows], bound.weights)
            explained = [self.explained(query, row, passages, text) for row in rows]
            matches = Matches([replace(m, explanation=e) for m, e in zip(matches, explained, strict=True)], note)
        return matches

    def best(self, rank: Callable[[int], Ranked], own: Sequence[int], bound: BoundOptions[RecommendOptions]) -> Ranked:
        """The best by `rank(count)`, as deep as it takes to thin them out. `own` rows were asked with."""
        k, thins, whole = bound.options.k, bound.options.thins, len(self.archive.catalog)
        depth = min(SPARE_ANSWERS * (k + 1) if thins else k, whole)
        ranked = self._thin(rank(depth), own, bound)
        while len(ranked.rows) < k and depth < whole and thins:
            depth = min(SPARE_ANSWERS * depth, whole)
            ranked = self._thin(rank(depth), own, bound)
        return ranked.take(slice(k))

    def _thin(self, ranked: Ranked, own: Sequence[int], bound: BoundOptions[RecommendOptions]) -> Ranked:
        """Without near-duplicates (of the query's `own` rows as well) and what is over the limits, in diverse order."""
        options = bound.options
        if options.dedupe:
            ranked = thin.drop_copies(ranked, self.archive.copies, own)
        for column, limit in (options.at_most or {}).items():
            values = self.view.table.column(column).take(ranked.rows).to_pylist()
            ranked = thin.limit_shared(ranked, [_values(value) for value in values], limit)
        if options.diversity:
            ranked = thin.diversify(self.search_index, ranked, options.k, options.diversity, bound.weights)
        return ranked

    def null_scores(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Scores of unrelated pairs under these weights, ascending."""
        return (
            self.archive.null_scores if weights == self.weights() else self._null_scores(tuple(sorted(weights.items())))
        )

    @cached_property
    def _null_scores(self) -> Callable[[tuple[tuple[str, float], ...]], NDArray[np.float64]]:
        return lru_cache(KEPT_WEIGHTS)(lambda weights: rank.null_scores(self.search_index, dict(weights)))

    # --- why ---------------------------------------------------------------------------------------------------

    def explained(
        self, query: Query, row: int, passages: Mapping[int, explain.Passages], text: str = ""
    ) -> Explanation:
        """Why a row has its score; `passages` are the sentences that count, `text` is the one in the query."""
        rank.check_query(query)
        own = [term.row for term in query.terms if term.row is not None and term.weight > 0]
        themes = self.view.shared([*own, row]) if own else {}
        null_scores = self.null_scores(query.weights)
        return explain.explain(self.search_index, self.archive.catalog, query, row, passages, null_scores, themes, text)

    def passages(self, rows: Sequence[int], weights: Mapping[str, float]) -> dict[int, explain.Passages]:
        """The sentences of these rows, where texts count. Raises ModelError."""
        if "text" not in self.archive.spaces or not weights.get("text", 0.0):
            return {}
        return explain.passages(self.archive.catalog, self.models.encoder("text"), rows)


def _values(cell: Any) -> list[Any]:
    """A cell as its values: a list's, or the one, or none."""
    if isinstance(cell, list):
        return cell
    return [] if cell is None or cell == "" else [cell]
