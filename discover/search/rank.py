"""Queries to matches: candidates by each space's index, exact calibrated scores for those, the best in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core import cancel
from discover.core.errors import UsageError
from discover.core.ranking import top_k
from discover.core.types import Catalog, Chip, Match, Matches
from discover.search import fusion
from discover.search.cohort import CohortStats, measure_queries
from discover.search.index import SearchIndex
from discover.search.spaces.base import Rows, Space, union

EXHAUSTIVE_ROWS = 20_000  # up to which all are scored: exact, and as fast as finding candidates
CANDIDATES_PER_ANSWER = 20  # rows that each space proposes for each answer wanted, where that is more
UNLIKE_WEIGHT = 0.5  # of what is not wanted against what is (Rocchio's feedback gives it less as well)
BLOCK_PAIRS = 500_000  # scored at a time: few enough to stay near the processor
NULL_QUERIES = 256  # items of the cohort whose pairs with the rest say how rare a score is


@dataclass(frozen=True)
class QueryTerm:
    """One thing that a query is made of, in every space that it can be asked in."""

    queries: Mapping[str, Any] = field(repr=False)  # space -> queries of one
    stats: Mapping[str, CohortStats] = field(repr=False)  # space -> its cohort statistics, of one
    weight: float = 1.0  # below 0: not like this
    row: int | None = None  # of the catalog, if it is an item

    @classmethod
    def from_row(cls, search_index: SearchIndex, row: int, weight: float = 1.0) -> QueryTerm:
        """An item of the catalog: ask for what is like it."""
        rows = np.array([row], dtype=np.int64)
        return cls(*_item_queries(search_index, rows), weight, row)

    @classmethod
    def from_queries(cls, search_index: SearchIndex, queries: Mapping[str, Any], weight: float = 1.0) -> QueryTerm:
        """Something from outside the catalog: a text, a picture, a vector. `queries` has one query by space."""
        stats = {
            name: measure_queries(search_index.spaces[name], query, search_index.cohort)
            for name, query in queries.items()
        }
        return cls(queries, stats, weight)


@dataclass(frozen=True)
class Query:
    """What is asked for, what each space counts, and which rows may answer (all by default, ascending)."""

    terms: Sequence[QueryTerm]
    weights: Mapping[str, float]
    allowed: Rows | None = None


@dataclass(frozen=True)
class Ranked:
    """Rows in order of falling score, ties by row, with the additive parts of each score."""

    rows: Rows = field(repr=False)  # (c,)
    scores: NDArray[np.float64] = field(repr=False)  # (c,)
    parts: Mapping[str, NDArray[np.float64]] = field(repr=False)  # space -> (c,), NaN where it has no say

    def take(self, places: Any) -> Ranked:
        """Some of them, in this order."""
        return Ranked(self.rows[places], self.scores[places], {name: part[places] for name, part in self.parts.items()})


# --- the best ----------------------------------------------------------------------------------------------


def rank(search_index: SearchIndex, query: Query, count: int) -> Ranked:
    """The `count` best rows. All allowed rows are scored where they are few, else the candidates of each space.

    Items of the query are not among the answers. Raises UsageError for a query that asks for nothing,
    or for something that no weighted space can be asked for.
    """
    if count < 1:
        raise UsageError(f"k must be at least 1, got {count}")
    check_query(query)
    ranked = score(search_index, query, _propose(search_index, query, count))
    is_answer = ~np.isnan(ranked.scores)
    for term in query.terms:
        if term.row is not None:
            is_answer &= ranked.rows != term.row
    ranked = ranked.take(is_answer)
    return ranked.take(top_k(ranked.scores, count))


def rank_many(
    search_index: SearchIndex, rows: Rows, count: int, weights: Mapping[str, float], allowed: Rows | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What `rank` finds for each of these items: rows and scores, (len(rows), at most count) each.

    -1 and NaN stand at the end of a line that has fewer. Scores are those of `rank` but for the rounding of sums
    that are added up in another order.
    """
    check_weights(weights, search_index.spaces)
    within = np.arange(search_index.count) if allowed is None else allowed
    count = min(count, search_index.count - 1 if allowed is None else len(within))
    nearest, scores = np.full((len(rows), count), -1, dtype=np.int64), np.full((len(rows), count), np.nan)

    def put(line: int, best: Rows, values: NDArray[np.float64]) -> None:
        """Write a line of the answer."""
        nearest[line, : len(best)], scores[line, : len(best)] = best, values

    if len(within) > EXHAUSTIVE_ROWS:
        for line, row in enumerate(rows.tolist()):
            term = QueryTerm.from_row(search_index, row)
            ranked = rank(search_index, Query([term], weights, allowed), count)
            put(line, ranked.rows, ranked.scores)
        return nearest, scores
    for part in blocks(len(rows), len(within)):
        totals = score_pairs(search_index, rows[part], allowed, weights).total
        totals[rows[part, None] == within] = np.nan
        for line, total in enumerate(totals, start=part.start):
            places = np.flatnonzero(~np.isnan(total))
            best = places[top_k(total[places], count)]
            put(line, within[best], total[best])
    return nearest, scores


def blocks(length: int, width: int) -> Iterator[slice]:
    """Slices that cover range(length), each of about `BLOCK_PAIRS` pairs with `width` others."""
    step = max(1, BLOCK_PAIRS // max(width, 1))
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def check_weights(weights: Mapping[str, float], spaces: Iterable[str]) -> None:
    """Raises UsageError where the weights leave none of these spaces."""
    if not any(weights.get(name, 0) > 0 for name in spaces):
        raise UsageError("All weights are 0, so nothing can be searched. Give at least one space a weight above 0")


def check_query(query: Query) -> None:
    """Raises UsageError for a query that asks for nothing."""
    if not any(term.weight > 0 for term in query.terms):
        raise UsageError("Nothing to search for: give at least one item, text, picture or vector")
    for term in query.terms:
        if not any(query.weights.get(name, 0) > 0 for name in term.queries):
            names = " or ".join(f"`{name}`" for name in term.queries) or "another space"
            raise UsageError(f"With these weights the query cannot be searched. Give {names} a weight above 0")


def _propose(search_index: SearchIndex, query: Query, count: int) -> Rows | None:
    """Rows that may be among the best; None for all."""
    if query.allowed is not None and len(query.allowed) <= EXHAUSTIVE_ROWS:
        return query.allowed
    if search_index.count <= EXHAUSTIVE_ROWS or count * CANDIDATES_PER_ANSWER > search_index.count:
        return query.allowed
    proposed = [
        search_index.spaces[name].nearest(
            space_query, max(search_index.spaces[name].candidates, CANDIDATES_PER_ANSWER * count), query.allowed
        )
        for term in query.terms
        if term.weight > 0
        for name, space_query in term.queries.items()
        if query.weights.get(name, 0) > 0
    ]
    return union(proposed)


def propose_near(
    search_index: SearchIndex, items: Rows, count: int, weights: Mapping[str, float], allowed: Rows | None = None
) -> Rows:
    """Rows, ascending, that may be among the `count` nearest to several items together."""
    depth = max(count, (Space.candidates + CANDIDATES_PER_ANSWER * count) // len(items))
    proposed = [
        space.nearest(space.items(items[place : place + 1]), depth, allowed)  # one at a time: some score all rows
        for name, space in search_index.spaces.items()
        if weights.get(name, 0) > 0
        for place in range(len(items))
    ]
    return union(proposed)


# --- scores ------------------------------------------------------------------------------------------------


def score(search_index: SearchIndex, query: Query, rows: Rows | None = None) -> Ranked:
    """The scores of these rows, of all by default, in their order; NaN where nothing can be compared.

    A query's score is the weighted mean over what is wanted less `UNLIKE_WEIGHT` times the one over what is not; what
    cannot be compared with an item does not count for it.
    """
    used = {name for term in query.terms for name in term.queries if query.weights.get(name, 0) > 0}
    names = [name for name in search_index.spaces if name in used]
    rows_scored = np.arange(search_index.count) if rows is None else rows
    total = np.zeros(len(rows_scored))
    parts = {name: np.zeros(len(rows_scored)) for name in names}
    covered = {name: np.zeros(len(rows_scored), dtype=bool) for name in names}
    is_wanted = np.zeros(len(rows_scored), dtype=bool)
    for _, scores, factor in score_terms(search_index, query, rows):
        total += np.where(factor, factor * scores.total[0], 0)
        for name, part in scores.parts.items():
            parts[name] += factor * part[0]
            covered[name] |= scores.shares[name][0] > 0
        is_wanted |= factor > 0
    shown = {name: np.where(covered[name], parts[name], np.nan) for name in names}
    return Ranked(rows_scored, np.where(is_wanted, total, np.nan), shown)


def score_terms(
    search_index: SearchIndex, query: Query, rows: Rows | None = None
) -> list[tuple[QueryTerm, fusion.Scores, NDArray[np.float64]]]:
    """Each term with its scores (1, c) and how much they count in the query's (c,): below 0 for what is not wanted."""
    scored = []
    for sign, strength in ((1, 1.0), (-1, UNLIKE_WEIGHT)):
        terms = [term for term in query.terms if term.weight * sign > 0]
        by_term = [_score_term(search_index, term, query.weights, rows) for term in terms]
        weights = [abs(term.weight) * ~np.isnan(scores.total[0]) for term, scores in zip(terms, by_term, strict=True)]
        if not weights:
            continue
        whole = fusion.add(weights)
        factors = [sign * strength * weight / np.where(whole > 0, whole, 1) for weight in weights]
        scored += list(zip(terms, by_term, factors, strict=True))
    return scored


def score_pairs(
    search_index: SearchIndex, rows: Rows, others: Rows | None, weights: Mapping[str, float]
) -> fusion.Scores:
    """Items against items: (len(rows), len(others)), all items by default."""
    return _score_term(search_index, QueryTerm(*_item_queries(search_index, rows), row=-1), weights, others)


def _score_term(
    search_index: SearchIndex, term: QueryTerm, weights: Mapping[str, float], rows: Rows | None
) -> fusion.Scores:
    cancel.check()
    names = [name for name in term.queries if weights.get(name, 0) > 0]
    if not names:
        nothing = np.full((1, search_index.count if rows is None else len(rows)), np.nan)
        return fusion.Scores({}, {}, nothing)
    compared = {name: search_index.spaces[name].compare(term.queries[name], rows) for name in names}
    return fusion.fuse_scores(compared, find_scales(search_index, term, names, rows), weights)


def find_scales(
    search_index: SearchIndex, term: QueryTerm, names: Iterable[str], rows: Rows | None = None
) -> dict[str, fusion.Scale]:
    """What makes similarities of a term and these rows comparable, by space."""
    usual = search_index.cohort.stats
    return {
        name: fusion.find_scale(term.stats[name], None if term.row is None else usual[name], rows) for name in names
    }


def _item_queries(search_index: SearchIndex, rows: Rows) -> tuple[dict[str, Any], dict[str, CohortStats]]:
    """Queries for what is like these items, and the cohort statistics of each, by space."""
    queries = {name: space.items(rows) for name, space in search_index.spaces.items()}
    return queries, {name: stats.take(rows) for name, stats in search_index.cohort.stats.items()}


# --- what scores mean --------------------------------------------------------------------------------------


def null_scores(search_index: SearchIndex, weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Scores of pairs of items of the cohort, ascending: what a score is when it means nothing."""
    rows = search_index.cohort.rows
    queries = rows[:: max(1, len(rows) // NULL_QUERIES)][:NULL_QUERIES]
    scores = score_pairs(search_index, queries, rows, weights).total
    return np.sort(scores[(queries[:, None] != rows) & ~np.isnan(scores)])


def percentiles(scores: NDArray[np.float64], null_scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of unrelated pairs that score less, in [0, 1); NaN where the score is."""
    return np.where(np.isnan(scores), np.nan, np.searchsorted(null_scores, scores) / (len(null_scores) + 1))


def to_matches(
    catalog: Catalog,
    ranked: Ranked,
    null_scores: NDArray[np.float64],
    note: str = "",
    understood: Sequence[Chip] = (),
) -> Matches:
    """The answers as people see them."""
    percentile = percentiles(ranked.scores, null_scores).tolist()
    parts = {name: part.tolist() for name, part in ranked.parts.items()}
    listed = [
        Match(
            id=catalog.ids[row],
            title=catalog.titles[row],
            score=score,
            parts={name: part[i] for name, part in parts.items() if not isnan(part[i])},
            missing=tuple(name for name, part in parts.items() if isnan(part[i])),
            percentile=percentile[i],
        )
        for i, (row, score) in enumerate(zip(ranked.rows.tolist(), ranked.scores.tolist(), strict=True))
    ]
    return Matches(listed, note, understood)
