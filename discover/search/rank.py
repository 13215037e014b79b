"""Queries to matches: candidates by each space's index, exact calibrated scores for those, the best in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import UnknownItemError, UsageError
from discover.core.types import Catalog, Match, Matches
from discover.search import cohort as cohorts
from discover.search import fusion
from discover.search.cohort import Cohort, CohortStats
from discover.search.spaces.base import Rows, Space, union

NEAR = 5  # titles suggested when none fits ...
ALIKE = 60  # ... by the share of their letters, in percent, that they have in common in order
EXHAUSTIVE = 20_000  # rows up to which all are scored: exact, and as fast as finding candidates
CANDIDATES = 400  # rows that each space proposes beyond that, at least; .998 of the best ten of 100,000 are among them
OTHERWISE = {"lexical": 600, "metadata": 300}  # the best of all stand deeper in some spaces
DEEPER = 20  # rows that each space proposes for each answer wanted, where that is more
UNLIKE = 0.5  # how much what is not wanted counts against what is (Rocchio's feedback gives it less as well)
ORDERED = 1_000  # answers that can be put in a diverse order; the pairs of all would be too many
CELLS = 500_000  # pairs scored at a time: few enough to stay near the processor
NULL_QUERIES = 256  # items of the cohort whose pairs with the rest say how rare a score is


@dataclass(frozen=True)
class SearchIndex:
    """All that a search needs of a version."""

    spaces: Mapping[str, Space]
    cohort: Cohort = field(repr=False)
    count: int  # items in the catalog


@dataclass(frozen=True)
class QueryTerm:
    """One thing that a query is made of, in every space that it can be asked in."""

    queries: Mapping[str, Any] = field(repr=False)  # space -> queries of one
    stats: Mapping[str, CohortStats] = field(repr=False)  # space -> its cohort statistics, of one
    weight: float = 1.0  # below 0: not like this
    row: int | None = None  # of the catalog, if it is an item


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


# --- asking ------------------------------------------------------------------------------------------------


def find_row(catalog: Catalog, key: str) -> int:
    """The row of an id, or of an exact title. Raises UnknownItemError: none (with near titles) or several."""
    if not isinstance(key, str):
        raise UsageError(f"an item is given by its id or title as text, got {key!r}")
    if key in catalog.rows:
        return catalog.rows[key]
    rows = catalog.titled.get(key) or catalog.folded.get(key.casefold(), [])
    if len(rows) == 1:
        return rows[0]
    if rows:
        which = ", ".join(f"{catalog.ids[row]} ({_facts(catalog, row)})" for row in rows[:NEAR])
        raise UnknownItemError(f"{shortened(key)!r} is the title of {len(rows)} items; give an id: {which}")
    from rapidfuzz import fuzz, process

    found = process.extract(key.casefold(), catalog.folded.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=NEAR)
    near = [catalog.titles[catalog.folded[title][-1]] for title, _, _ in found]
    hint = f"; near titles: {', '.join(map(repr, near))}" if near else ""
    raise UnknownItemError(f"no item has the id or title {shortened(key)!r}{hint}")


def shortened(text: str, most: int = 60) -> str:
    """A text as messages quote it."""
    return text if len(text) <= most else text[: most - 1] + "…"


def find_rows(catalog: Catalog, keys: Iterable[str]) -> Rows:
    """The row of each id or exact title, as `find_row` finds it."""
    return np.array([find_row(catalog, key) for key in keys], dtype=np.int64)


def _facts(catalog: Catalog, row: int) -> str:
    """What tells items of one title apart."""
    day = catalog.table.column("date")[row].as_py()
    kind = catalog.table.column("kind")[row].as_py()
    return ", ".join(part for part in (kind, str(day.year) if day else "") if part) or f"row {row}"


def item(search_index: SearchIndex, row: int, weight: float = 1.0) -> QueryTerm:
    """Ask for what is like an item of the catalog."""
    rows = np.array([row], dtype=np.int64)
    stats = {name: each.of(rows) for name, each in search_index.cohort.stats.items()}
    return QueryTerm({name: space.items(rows) for name, space in search_index.spaces.items()}, stats, weight, row)


def foreign(search_index: SearchIndex, queries: Mapping[str, Any], weight: float = 1.0) -> QueryTerm:
    """Ask for what is like something from outside the catalog: a text, a picture, a vector."""
    stats = {
        name: cohorts.measure_queries(search_index.spaces[name], space_query, search_index.cohort)
        for name, space_query in queries.items()
    }
    return QueryTerm(queries, stats, weight)


# --- answering ---------------------------------------------------------------------------------------------


def rank(search_index: SearchIndex, query: Query, count: int) -> Ranked:
    """The `count` best rows. All allowed rows are scored where they are few, else the candidates of each space.

    Items of the query are not among the answers. Raises UsageError for a query that asks for nothing,
    or for something that no weighted space can be asked for.
    """
    if count < 1:
        raise UsageError(f"k must be at least 1, got {count}")
    check(query)
    rows = _candidates(search_index, query, count)
    own = [term.row for term in query.terms if term.row is not None]
    found = score(search_index, query, rows)
    answers = ~np.isnan(found.scores)
    for row in own:
        answers &= found.rows != row
    found = found.take(answers)
    return found.take(first(found.scores, count))


def check_weights(weights: Mapping[str, float], spaces: Iterable[str]) -> None:
    """Raises UsageError where the weights leave none of these spaces."""
    if not any(weights.get(name, 0) > 0 for name in spaces):
        raise UsageError("the weights leave no space to search in; give one of them a positive weight")


def many(
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

    def put(place: int, found: Rows, values: NDArray[np.float64]) -> None:
        nearest[place, : len(found)], scores[place, : len(found)] = found, values

    if len(within) > EXHAUSTIVE:
        for place, row in enumerate(rows.tolist()):
            found = rank(search_index, Query([item(search_index, row)], weights, allowed), count)
            put(place, found.rows, found.scores)
        return nearest, scores
    for part in blocks(len(rows), len(within)):
        totals = between(search_index, rows[part], allowed, weights).total
        totals[rows[part, None] == within] = np.nan
        for place, total in enumerate(totals, start=part.start):
            there = np.flatnonzero(~np.isnan(total))
            best = there[first(total[there], count)]
            put(place, within[best], total[best])
    return nearest, scores


def blocks(length: int, width: int) -> Iterator[slice]:
    """Slices that cover range(length), each of about `CELLS` pairs with `width` others."""
    step = max(1, CELLS // max(width, 1))
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def check(query: Query) -> None:
    """Raises UsageError for a query that asks for nothing."""
    if not any(term.weight > 0 for term in query.terms):
        raise UsageError("nothing to look for: give at least one item, text, picture or vector to be like")
    if not all(any(query.weights.get(name, 0) > 0 for name in term.queries) for term in query.terms):
        raise UsageError("the weights leave no space to search in for some or all of the query; make one positive")


def score(search_index: SearchIndex, query: Query, rows: Rows | None = None) -> Ranked:
    """The scores of these rows, of all by default, in their order; NaN where nothing can be compared.

    A query's score is the weighted mean over what is wanted less `UNLIKE` times the one over what is not; what
    cannot be compared with an item does not count for it.
    """
    asked = {name for term in query.terms for name in term.queries}
    names = [name for name in search_index.spaces if query.weights.get(name, 0) > 0 and name in asked]
    here = np.arange(search_index.count) if rows is None else rows
    total = np.zeros(len(here))
    parts = {name: np.zeros(len(here)) for name in names}
    said = {name: np.zeros(len(here), dtype=bool) for name in names}
    wanted = np.zeros(len(here), dtype=bool)
    for _, each, factor in counted(search_index, query, rows):
        total += np.where(factor, factor * each.total[0], 0)
        for name, part in each.parts.items():
            parts[name] += factor * part[0]
            said[name] |= each.shares[name][0] > 0
        wanted |= factor > 0
    shown = {name: np.where(said[name], parts[name], np.nan) for name in names}
    return Ranked(here, np.where(wanted, total, np.nan), shown)


def counted(
    search_index: SearchIndex, query: Query, rows: Rows | None = None
) -> list[tuple[QueryTerm, fusion.Scores, NDArray[np.float64]]]:
    """Each ask with its scores (1, c) and how much they count in the query's (c,): below 0 for what is not wanted."""
    found = []
    for sign, strength in ((1, 1.0), (-1, UNLIKE)):
        terms = [term for term in query.terms if term.weight * sign > 0]
        scored = [_scored(search_index, term, query.weights, rows) for term in terms]
        weights = [abs(term.weight) * ~np.isnan(each.total[0]) for term, each in zip(terms, scored, strict=True)]
        if not weights:
            continue
        whole = fusion.added(weights)
        factors = [sign * strength * weight / np.where(whole > 0, whole, 1) for weight in weights]
        found += list(zip(terms, scored, factors, strict=True))
    return found


def between(search_index: SearchIndex, rows: Rows, others: Rows | None, weights: Mapping[str, float]) -> fusion.Scores:
    """Items against items: (len(rows), len(others)), all items by default."""
    terms = QueryTerm(
        {name: space.items(rows) for name, space in search_index.spaces.items()},
        {name: each.of(rows) for name, each in search_index.cohort.stats.items()},
        row=-1,
    )
    return _scored(search_index, terms, weights, others)


def _scored(
    search_index: SearchIndex, term: QueryTerm, weights: Mapping[str, float], rows: Rows | None
) -> fusion.Scores:
    names = [name for name in term.queries if weights.get(name, 0) > 0]
    compared = {name: search_index.spaces[name].compare(term.queries[name], rows) for name in names}
    if not names:
        nothing = np.full((1, search_index.count if rows is None else len(rows)), np.nan)
        return fusion.Scores({}, {}, nothing)
    return fusion.scores(compared, scales(search_index, term, names, rows), weights)


def scales(
    search_index: SearchIndex, term: QueryTerm, names: Iterable[str], rows: Rows | None = None
) -> dict[str, fusion.Scale]:
    """What makes similarities of an ask and these rows comparable, by space."""
    usual = search_index.cohort.stats
    return {name: fusion.scale(term.stats[name], None if term.row is None else usual[name], rows) for name in names}


def _candidates(search_index: SearchIndex, query: Query, count: int) -> Rows | None:
    """Rows that may be among the best; None for all."""
    if query.allowed is not None and len(query.allowed) <= EXHAUSTIVE:
        return query.allowed
    if search_index.count <= EXHAUSTIVE or count * DEEPER > search_index.count:
        return query.allowed
    found = [
        search_index.spaces[name].nearest(
            space_query, max(OTHERWISE.get(name, CANDIDATES), DEEPER * count), query.allowed
        )
        for term in query.terms
        if term.weight > 0
        for name, space_query in term.queries.items()
        if query.weights.get(name, 0) > 0
    ]
    return union(found)


def near(
    search_index: SearchIndex, items: Rows, count: int, weights: Mapping[str, float], allowed: Rows | None = None
) -> Rows:
    """Rows, ascending, that may be among the `count` nearest to several items together."""
    each = max(count, (CANDIDATES + DEEPER * count) // len(items))
    found = [
        space.nearest(space.items(items[place : place + 1]), each, allowed)  # one at a time: some score all rows
        for name, space in search_index.spaces.items()
        if weights.get(name, 0) > 0
        for place in range(len(items))
    ]
    return union(found)


def first(scores: NDArray[np.float64], count: int) -> Rows:
    """Positions of the largest, falling, ties by position."""
    if count < len(scores):
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    return places[np.lexsort((places, -scores[places]))][:count]


# --- judging -----------------------------------------------------------------------------------------------


def null_scores(search_index: SearchIndex, weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Scores of pairs of items of the cohort, ascending: what a score is when it means nothing."""
    rows = search_index.cohort.rows
    found = between(search_index, rows[:: max(1, len(rows) // NULL_QUERIES)][:NULL_QUERIES], rows, weights).total
    itself = rows[:: max(1, len(rows) // NULL_QUERIES)][:NULL_QUERIES, None] == rows
    return np.sort(found[~itself & ~np.isnan(found)])


def percentiles(scores: NDArray[np.float64], null_scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of unrelated pairs that score less, in [0, 1); NaN where the score is."""
    return np.where(np.isnan(scores), np.nan, np.searchsorted(null_scores, scores) / (len(null_scores) + 1))


def diverse(
    search_index: SearchIndex, found: Ranked, count: int, diversity: float, weights: Mapping[str, float]
) -> Ranked:
    """Maximal marginal relevance: each next answer is near the query and not near the answers before it.

    `diversity` is 1 - lambda of Carbonell & Goldstein (1998), "The use of MMR": 0 keeps the order, 1 forgets the query
    once it has given the first answer. What comes after the first `ORDERED` follows in its order.
    """
    head = found.take(slice(ORDERED))
    alike = np.nan_to_num(between(search_index, head.rows, head.rows, weights).total)
    chosen: list[int] = []
    nearest = np.zeros(len(head.rows))  # nothing is chosen yet: the first is the best
    left = np.ones(len(head.rows), dtype=bool)
    while len(chosen) < count and left.any():
        gain = (1 - diversity) * head.scores - diversity * nearest if chosen else head.scores
        best = int(np.argmax(np.where(left, gain, -np.inf)))
        nearest = np.maximum(nearest, alike[best]) if chosen else alike[best]
        chosen.append(best)
        left[best] = False
    return found.take([*chosen, *range(len(head.rows), len(found.rows))][:count])


def at_most(found: Ranked, values: Sequence[Sequence[Any]], limit: int, used: Iterable[Any] = ()) -> Ranked:
    """No value more than `limit` times; `values` are those of each row of `found`, `used` is used up beforehand."""
    seen: dict[Any, int] = dict.fromkeys(used, limit)
    kept = []
    for place, cell in enumerate(values):
        if all(seen.get(value, 0) < limit for value in cell):
            kept.append(place)
            for value in cell:
                seen[value] = seen.get(value, 0) + 1
    return found.take(kept)


def matches(catalog: Catalog, found: Ranked, null_scores: NDArray[np.float64], note: str = "") -> Matches:
    """The answers as people see them."""
    rare = percentiles(found.scores, null_scores).tolist()
    parts = {name: part.tolist() for name, part in found.parts.items()}
    listed = [
        Match(
            id=catalog.ids[row],
            title=catalog.titles[row],
            score=score,
            parts={name: part[i] for name, part in parts.items() if not isnan(part[i])},
            missing=tuple(name for name, part in parts.items() if isnan(part[i])),
            percentile=rare[i],
        )
        for i, (row, score) in enumerate(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
    ]
    return Matches(listed, note)
