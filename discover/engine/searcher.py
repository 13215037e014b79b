"""A query to an opened version, from its terms to matches: weighed, thinned out, explained.

`rank` ranks, `thin` leaves out, `explain` takes a score apart. Here is what they need of a version: its models for
texts and pictures, its themes as people see them, how rare a score is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from discover.core import cancel
from discover.core.errors import UsageError
from discover.core.ids import ItemKey
from discover.core.types import Explanation, Matches
from discover.core.types.options import NeighborOptions, QueryOptions, RecommendOptions
from discover.engine import arguments
from discover.engine.models import Models
from discover.engine.view import EditedView
from discover.search import explain, lookup, rank, thin
from discover.search.index import SearchIndex
from discover.search.rank import Query, QueryTerm, Ranked
from discover.search.spaces.base import Space, TakesPicture, TakesText
from discover.store.load import StoredRun

SPARE_ANSWERS = 10  # looked at for each one shown, where some will be thinned out; more where too few stay
KEPT_WEIGHTS = 32  # ways to weigh spaces whose null scores are remembered
Asked = TypeVar("Asked", bound=Space)
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

    run: StoredRun
    models: Models
    view: EditedView

    @property
    def search_index(self) -> SearchIndex:
        """All that a search needs."""
        return self.run.search_index

    # --- options -------------------------------------------------------------------------------------------

    def weights(self, given: Mapping[str, float] | None = None) -> dict[str, float]:
        """What each space that there is counts; by the settings where nothing is given. Raises UsageError."""
        spaces = self.search_index.spaces
        if given is None:
            return dict(self.search_index.weights)
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
        return QueryTerm.from_row(self.search_index, lookup.find_row(self.run.catalog, key), weight)

    def text(self, text: str, weights: Mapping[str, float]) -> QueryTerm:
        """Ask with a text in every weighted space that takes texts. Raises UsageError, ModelError."""
        query = arguments.check_text(text)
        spaces = _weighted([s for s in self._spaces if isinstance(s, TakesText)], "texts", weights)
        queries = {space.name: space.query(query, self.models) for space in spaces}
        return QueryTerm.from_queries(self.search_index, queries)

    def picture(self, path: str | Path, weights: Mapping[str, float]) -> QueryTerm:
        """Ask with a picture file in every weighted space that takes one. Raises UsageError, InputError, ModelError."""
        spaces = _weighted([s for s in self._spaces if isinstance(s, TakesPicture)], "pictures", weights)
        queries = {space.name: space.query_picture(str(path), self.models) for space in spaces}
        return QueryTerm.from_queries(self.search_index, queries)

    @property
    def _spaces(self) -> Collection[Space]:
        return self.search_index.spaces.values()

    def fits(self, text: str, term: QueryTerm) -> bool:
        """Whether a text fits some item, as some space says; also where no space can say that it does not."""
        is_denied = False
        for name, query in term.queries.items():
            out_of_domain = self.search_index.spaces[name].out_of_domain(text, query, self.models)
            if out_of_domain is False:
                return True
            is_denied |= out_of_domain is True
        return not is_denied

    # --- the answers -------------------------------------------------------------------------------------------

    def find(
        self, terms: Sequence[QueryTerm], bound: BoundOptions[QueryOptions], note: str = "", text: str = ""
    ) -> Matches:
        """The answers to a query; `text` is the one in it. Raises UsageError, ModelError."""
        query = Query(terms, bound.weights, bound.allowed)
        own = [term.row for term in terms if term.row is not None]
        ranked = self.best(lambda count: rank.rank(self.search_index, query, count), own, bound)
        matches = rank.to_matches(self.run.catalog, ranked, self.null_scores(bound.weights), note)
        rows = ranked.rows.tolist()
        if bound.options.why or bound.options.explain:
            whys = explain.in_short(self.search_index, query, ranked.rows)
            matches = Matches([replace(match, why=why) for match, why in zip(matches, whys, strict=True)], note)
        if bound.options.explain:
            prepared = self.prepare([*own, *rows], bound.weights)
            explained = [self.explained(query, row, prepared, text) for row in rows]
            matches = Matches([replace(m, explanation=e) for m, e in zip(matches, explained, strict=True)], note)
        return matches

    def best(self, rank: Callable[[int], Ranked], own: Sequence[int], bound: BoundOptions[RecommendOptions]) -> Ranked:
        """The best by `rank(count)`, as deep as it takes to thin them out. `own` rows were asked with."""
        k, thins, whole = bound.options.k, bound.options.thins, len(self.run.catalog)
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
            ranked = thin.drop_copies(ranked, self.run.copies, own)
        for column, limit in (options.at_most or {}).items():
            values = self.view.table.column(column).take(ranked.rows).to_pylist()
            ranked = thin.limit_shared(ranked, [_values(value) for value in values], limit)
        if options.diversity:
            ranked = thin.diversify(self.search_index, ranked, options.k, options.diversity, bound.weights)
        return ranked

    def null_scores(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Scores of unrelated pairs under these weights, ascending."""
        return self.run.null_scores if weights == self.weights() else self._null_scores(tuple(sorted(weights.items())))

    @cached_property
    def _null_scores(self) -> Callable[[tuple[tuple[str, float], ...]], NDArray[np.float64]]:
        return lru_cache(KEPT_WEIGHTS)(lambda weights: rank.null_scores(self.search_index, dict(weights)))

    # --- why ---------------------------------------------------------------------------------------------------

    def explained(self, query: Query, row: int, prepared: explain.Prepared, text: str = "") -> Explanation:
        """Why a row has its score; `prepared` is what evidence needs, `text` is the one in the query."""
        cancel.check()
        rank.check_query(query)
        own = [term.row for term in query.terms if term.row is not None and term.weight > 0]
        themes = self.view.shared([*own, row]) if own else {}
        null_scores = self.null_scores(query.weights)
        return explain.explain(self.search_index, self.run.catalog, query, row, prepared, null_scores, themes, text)

    def prepare(self, rows: Sequence[int], weights: Mapping[str, float]) -> explain.Prepared:
        """What the evidence of these rows needs, by space that counts. Raises ModelError."""
        return {
            name: space.prepare(self.run.catalog, rows, self.models)
            for name, space in self.search_index.spaces.items()
            if weights.get(name)
        }


def _values(cell: Any) -> list[Any]:
    """A cell as its values: a list's, or the one, or none."""
    if isinstance(cell, list):
        return cell
    return [] if cell is None or cell == "" else [cell]


def _weighted(able: Sequence[Asked], what: str, weights: Mapping[str, float]) -> list[Asked]:
    """Of the spaces that can be asked with `what`, those that count. Raises UsageError where there are none."""
    spaces = [space for space in able if weights.get(space.name)]
    if not able:
        raise UsageError(f"this version has no {what} to compare with")
    if not spaces:
        names = " or ".join(f"`{space.name}`" for space in able)
        raise UsageError(f"With these weights the query cannot be searched. Give {names} a weight above 0")
    return spaces
