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
from discover.core.types import Chip, Explanation, Matches
from discover.core.types.options import NeighborOptions, QueryOptions, RecommendOptions, SearchOptions
from discover.core.words import shorten
from discover.engine import arguments, asking
from discover.engine.asking import TextRequest
from discover.engine.models import Models
from discover.engine.view import EditedView
from discover.search import explain, lookup, rank, thin
from discover.search.index import SearchIndex
from discover.search.rank import Query, QueryTerm, Ranked
from discover.search.spaces.base import Space, TakesPicture, TakesText
from discover.search.spaces.lexical import Lexical
from discover.store.load import StoredRun

SPARE_ANSWERS = 10  # looked at for each one shown, where some will be thinned out; more where too few stay
FACTS_GAIN = 2.0  # what a text asks for by name counts so many times the weight of facts
ALL_FACTS_GAIN = 4.0  # and so many times more where it names nothing but facts: the words only put equals in order
UNCERTAIN = 0.4  # what a value counts that a text names only in part, or with a typing error
WORDS_BESIDE_EXAMPLE = 0.4  # what "but lighter" counts against the title that it is said of
MIN_KNOWN_WORDS = 0.8  # share of a text's words that items say, from which the nearest are listed though none fits
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

    def narrowed(self, bound: BoundOptions[SearchOptions], asked: TextRequest) -> BoundOptions[SearchOptions]:
        """The options, with the rows that a text leaves: none that it excludes and, if strict, all that it asks for."""
        allowed = asking.narrow(asked, self.search_index, bound.allowed, bound.options.strict)
        return replace(bound, allowed=allowed)

    # --- what is asked for -------------------------------------------------------------------------------------

    def item(self, key: ItemKey, weight: float = 1.0) -> QueryTerm:
        """Ask for what is like an item, by id or exact title. Raises UnknownItemError."""
        return QueryTerm.from_row(self.search_index, lookup.find_row(self.run.catalog, key), weight)

    def ask(self, text: str, options: SearchOptions, weights: Mapping[str, float]) -> TextRequest:
        """What a text asks for. Raises UsageError."""
        text = arguments.check_text(text)
        if options.literal:
            return TextRequest(text)
        ignored = [word.strip() for word in (options.ignore or "").split(",")]
        asked = asking.ask(text, self.run.catalog, self.search_index, ignored)
        if not asked.text and not asked.wanted and not asked.like:
            raise UsageError(f"{shorten(text)!r} says only what is not wanted. Say what is wanted, too")
        facts = asking.find_facts(self.search_index)
        if not asked.text and not asked.like and facts and not weights.get(facts.name):
            return replace(asked, text=text)  # facts do not count, so what names them is looked for as words
        return asked

    def asked(self, asked: TextRequest, weights: Mapping[str, float]) -> list[QueryTerm]:
        """What a text asks for, as terms: titles, and all else in every weighted space that can be asked for it.

        Raises UsageError, ModelError.
        """
        share = 1 / len(asked.like) if asked.like else 0.0
        terms = [QueryTerm.from_row(self.search_index, row, share) for row in asked.like]
        facts = asking.find_facts(self.search_index)
        counted = sum(weights.values())  # by the weights of the spaces that all but facts are asked in
        if asked.text:
            able = [space for space in self._spaces if isinstance(space, TakesText)]
            used = [space for space in able if weights.get(space.name)]
            is_needed = not terms and not (facts and asked.wanted and weights.get(facts.name))
            spaces = _weighted(able, "texts", weights) if is_needed else used
            if spaces:
                counted = sum(weights[space.name] for space in spaces)
                queries = {space.name: space.query(asked.text, self.models) for space in spaces}
                weight = WORDS_BESIDE_EXAMPLE if terms else 1.0
                terms.append(QueryTerm.from_queries(self.search_index, queries, weight))
        if facts and asked.wanted and weights.get(facts.name):
            gain = 1.0 if asked.like else FACTS_GAIN * (ALL_FACTS_GAIN if asked.is_all_facts else 1.0)
            sure = sum(1.0 if one.is_certain else UNCERTAIN for one in asked.wanted) / len(asked.wanted)
            weight = gain * sure * weights[facts.name] / counted
            terms.append(QueryTerm.from_queries(self.search_index, {facts.name: facts.ask(asked.wanted)}, weight))
        return terms

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

    def knows(self, text: str) -> bool:
        """Whether nearly all words of a text are words of the catalog: it may ask for a mood that no item names."""
        lexical = self.search_index.spaces.get(Lexical.name)
        return isinstance(lexical, Lexical) and lexical.known(text) >= MIN_KNOWN_WORDS

    # --- the answers -------------------------------------------------------------------------------------------

    def find(
        self,
        terms: Sequence[QueryTerm],
        bound: BoundOptions[QueryOptions],
        note: str = "",
        text: str = "",
        lead: Sequence[int] = (),
        understood: Sequence[Chip] = (),
    ) -> Matches:
        """The answers to a query; `text` is the one in it, `lead` are rows that come first, if they may answer.

        Raises UsageError, ModelError.
        """
        query = Query(terms, bound.weights, bound.allowed)
        own = [term.row for term in terms if term.row is not None]
        ranked = self.best(lambda count: rank.rank(self.search_index, query, count), own, bound)
        if lead:
            ranked = self._led(ranked, lead, query).take(slice(bound.options.k))
        matches = rank.to_matches(self.run.catalog, ranked, self.null_scores(bound.weights), note, understood)
        rows = ranked.rows.tolist()
        if bound.options.why or bound.options.explain:
            whys = explain.in_short(self.search_index, query, ranked.rows)
            matches = Matches(
                [replace(match, why=why) for match, why in zip(matches, whys, strict=True)], note, understood
            )
        if bound.options.explain:
            prepared = self.prepare([*own, *rows], bound.weights)
            explained = [self.explained(query, row, prepared, text) for row in rows]
            matches = Matches(
                [replace(m, explanation=e) for m, e in zip(matches, explained, strict=True)], note, understood
            )
        return matches

    def _led(self, ranked: Ranked, lead: Sequence[int], query: Query) -> Ranked:
        """The rows that lead, with their own scores, then the others."""
        rows = np.array(lead, dtype=np.int64)
        if query.allowed is not None:
            rows = rows[np.isin(rows, query.allowed)]
        first, others = rank.score(self.search_index, query, rows), ranked.take(~np.isin(ranked.rows, rows))
        parts = {name: np.concatenate([first.parts[name], others.parts[name]]) for name in first.parts}
        return Ranked(np.concatenate([first.rows, others.rows]), np.concatenate([first.scores, others.scores]), parts)

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
