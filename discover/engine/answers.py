"""A question to an opened version, from what was asked for to matches: weighed, thinned out, explained.

`arguments` checks what callers give, `rank` ranks, `explain` takes a score apart; here is what they need of a version:
its models for texts and pictures, its themes as people see them, how rare a score is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import InputError, UsageError
from discover.core.types import Explanation, Matches
from discover.engine import arguments
from discover.engine.models import Models
from discover.engine.view import EditedView
from discover.search import explain, lookup, rank, thin
from discover.search.rank import Query, QueryTerm, Ranked, SearchIndex
from discover.search.spaces.lexical import Lexical
from discover.search.spaces.vectors import Vectors
from discover.store.archive import Archive

SPARE = 10  # answers that are looked at for each one shown, where some will be thinned out; more where too few stay
HALF = 0.5  # of a query's words
KEPT = 32  # ways to weigh spaces whose pool is remembered


@dataclass(frozen=True)
class Wish:
    """What the answers are to be like, checked."""

    k: int
    allowed: NDArray[np.int64] | None
    weights: Mapping[str, float]
    diversity: float
    limits: Mapping[str, int]
    dedupe: bool
    why: bool
    explain: bool

    @property
    def thins(self) -> bool:
        """Whether some answers are left out for the sake of others."""
        return bool(self.diversity or self.limits or self.dedupe)


@dataclass(frozen=True)
class Answers:
    """What answers are made from: a version, its models, and its themes as people see them now."""

    archive: Archive
    models: Models
    view: EditedView

    @property
    def search_index(self) -> SearchIndex:
        """All that a search needs."""
        return self.archive.search_index

    # --- what is wanted ----------------------------------------------------------------------------------------

    def weights(self, given: Mapping[str, float] | None = None) -> dict[str, float]:
        """What each space that there is counts; by the settings where nothing is given."""
        spaces = self.search_index.spaces
        if given is None:
            return {name: weight for name, weight in self.archive.settings.search.weights.items() if name in spaces}
        return arguments.weights(given, spaces)

    def wish(
        self,
        k: int,
        where: str | None,
        weights: Mapping[str, float] | None,
        diversity: float,
        at_most: Mapping[str, int] | None,
        dedupe: bool,
        why: bool = False,
        explain: bool = False,
    ) -> Wish:
        """All of it checked, before anything is encoded or searched. Raises UsageError."""
        varied = arguments.diversity(diversity)
        count, chosen = arguments.count(k, "k"), self.weights(weights)
        limits = arguments.limits(at_most, self.view.table.column_names) if at_most else {}
        return Wish(count, self.view.rows(where), chosen, varied, limits, dedupe, why, explain)

    # --- what is asked for -------------------------------------------------------------------------------------

    def item(self, key: str, weight: float = 1.0) -> QueryTerm:
        """Ask for what is like an item, by id or exact title. Raises UnknownItemError."""
        return QueryTerm.from_row(self.search_index, lookup.find_row(self.archive.catalog, key), weight)

    def text(self, text: str, weights: Mapping[str, float]) -> QueryTerm:
        """Ask with a text in every weighted space that can be asked with one. Raises UsageError, ModelError."""
        asked = arguments.text(text)
        queries: dict[str, Any] = {}
        for name, space in self.search_index.spaces.items():
            if not weights.get(name, 0.0):
                continue
            if isinstance(space, Lexical):
                queries[name] = space.text(asked)
            elif isinstance(space, Vectors):
                queries[name] = self.models.encoder(name).encode_text([asked])
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
                if space.known(text) >= HALF and space.compare(space_query).similarities.max() >= HALF:
                    return True
            elif isinstance(space, Vectors) and space.highest(space_query)[0] > self.models.out_of_domain(space):
                return True
        return False

    # --- the answers -------------------------------------------------------------------------------------------

    def find(self, terms: Sequence[QueryTerm], wish: Wish, note: str = "", asked: str = "") -> Matches:
        """The answers to a query; `asked` is the text in it. Raises UsageError, ModelError."""
        query = Query(terms, wish.weights, wish.allowed)
        own = [term.row for term in terms if term.row is not None]
        found = self.ranked(lambda count: rank.rank(self.search_index, query, count), own, wish)
        answers = rank.to_matches(self.archive.catalog, found, self.null_scores(wish.weights), note)
        rows = found.rows.tolist()
        if wish.why or wish.explain:
            whys = explain.in_short(self.search_index, query, found.rows)
            answers = Matches([replace(match, why=each) for match, each in zip(answers, whys, strict=True)], note)
        if wish.explain:
            told = self.passages([*own, *rows], wish.weights)
            explained = [self.explained(query, row, told, asked) for row in rows]
            answers = Matches([replace(m, explanation=e) for m, e in zip(answers, explained, strict=True)], note)
        return answers

    def ranked(self, best: Callable[[int], Ranked], own: Sequence[int], wish: Wish) -> Ranked:
        """The answers among the `best(count)`, as deep as it takes to thin them out. `own` rows were asked with."""
        whole = len(self.archive.catalog)
        depth = min(SPARE * (wish.k + 1) if wish.thins else wish.k, whole)
        found = self._thinned(best(depth), own, wish)
        while len(found.rows) < wish.k and depth < whole and wish.thins:
            depth = min(SPARE * depth, whole)
            found = self._thinned(best(depth), own, wish)
        return found.take(slice(wish.k))

    def _thinned(self, found: Ranked, own: Sequence[int], wish: Wish) -> Ranked:
        """Without near-duplicates (of the query's `own` rows as well) and what is over the limits, in diverse order."""
        if wish.dedupe:
            found = thin.drop_copies(found, self.archive.copies, own)
        for column, limit in wish.limits.items():
            values = self.view.table.column(column).take(found.rows).to_pylist()
            found = thin.limit_shared(found, [_values(value) for value in values], limit)
        if wish.diversity:
            found = thin.diversify(self.search_index, found, wish.k, wish.diversity, wish.weights)
        return found

    def null_scores(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Scores of unrelated pairs under these weights, ascending."""
        return self.archive.null_scores if weights == self.weights() else self._pools(tuple(sorted(weights.items())))

    @cached_property
    def _pools(self) -> Callable[[tuple[tuple[str, float], ...]], NDArray[np.float64]]:
        return lru_cache(KEPT)(lambda weights: rank.null_scores(self.search_index, dict(weights)))

    # --- why ---------------------------------------------------------------------------------------------------

    def explained(self, query: Query, row: int, told: Mapping[int, explain.Passages], asked: str = "") -> Explanation:
        """Why a row has its score; `told` are the sentences that count, `asked` is the text in the query."""
        rank.check_query(query)
        own = [term.row for term in query.terms if term.row is not None and term.weight > 0]
        themes = self.view.shared([*own, row]) if own else {}
        null_scores = self.null_scores(query.weights)
        return explain.explain(self.search_index, self.archive.catalog, query, row, told, null_scores, themes, asked)

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
