"""Why items are alike: a score taken apart into evidence that sums to it, and what sets items apart.

A score is linear in similarities (`discover.search.fusion`). Each space says what its similarity of two items consists
of (`Space.evidence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog, Difference, Evidence, Explanation
from discover.search import rank
from discover.search.index import SearchIndex
from discover.search.rank import Query
from discover.search.spaces.base import Feature, Rows, Space

WHY_NAMES = 4  # words and values of a `why` ...
WHY_CANDIDATES = 12  # ... and how many they are chosen from
MAX_DIFFERENCES = 4  # named for each item
COHORT = "what unrelated items have in common"

Prepared = Mapping[str, Mapping[int, Any]]  # space -> row -> what its evidence needs (see `Space.prepare`)


def explain(
    search_index: SearchIndex,
    catalog: Catalog,
    query: Query,
    row: int,
    prepared: Prepared,
    null_scores: NDArray[np.float64],
    themes: Mapping[str, str],
    text: str = "",
) -> Explanation:
    """Why a row has its score for a query. `themes` are those that the query's items and the row share.

    `text` is how people call a query that is not one item.
    """
    rows = np.array([row], dtype=np.int64)
    match = rank.to_matches(catalog, rank.score(search_index, query, rows), null_scores)[0]
    evidence = _find_evidence(search_index, query, row, prepared)
    only = query.terms[0].row if len(query.terms) == 1 else None
    return Explanation(
        a="" if only is None else catalog.ids[only],
        b=match.id,
        titles=(text if only is None else catalog.titles[only], match.title),
        score=match.score,
        percentile=match.percentile,
        parts=match.parts,
        missing=match.missing,
        evidence=evidence,
        themes=themes,
        differences=() if only is None else _find_differences(search_index, catalog, (only, row), evidence),
        why=in_short(search_index, query, rows)[0],
    )


def _find_evidence(search_index: SearchIndex, query: Query, row: int, prepared: Prepared) -> tuple[Evidence, ...]:
    """The terms of a row's score, largest first; those that several things asked for have in common are added up."""
    rows, amounts = np.array([row], dtype=np.int64), dict[Evidence, float]()
    for query_term, scores, factor in rank.score_terms(search_index, query, rows):
        scales = rank.find_scales(search_index, query_term, scores.shares, rows)
        for name, share in scores.shares.items():
            counts = float(factor[0] * share[0, 0])
            if not counts:
                continue
            space, own = search_index.spaces[name], prepared.get(name, {})
            gain, offset = float(scales[name].gain[0, 0]), float(scales[name].offset[0, 0])
            terms = [
                replace(term, amount=gain * term.amount)
                for term in space.evidence(query_term.queries[name], query_term.row, row, own)
            ]
            for term in (*terms, Evidence(name, "cohort", COHORT, -offset)):
                same = replace(term, amount=0.0)
                amounts[same] = amounts.get(same, 0.0) + counts * term.amount
    evidence = [replace(term, amount=amount) for term, amount in amounts.items()]
    return tuple(sorted(evidence, key=lambda term: -term.amount))


# --- in short ----------------------------------------------------------------------------------------------


def in_short(search_index: SearchIndex, query: Query, rows: Rows) -> list[str]:
    """For each row the words and values shared with what is wanted that add most to its score; nothing is encoded."""
    owners, amounts, names = [], [], list[str]()
    sources = list[tuple[Space, int]]()  # by name: of which space and column it is
    for query_term, scores, factor in rank.score_terms(search_index, query, rows):
        scales = rank.find_scales(search_index, query_term, scores.shares, rows) if query_term.weight > 0 else {}
        for name in scales:
            space, counts = search_index.spaces[name], factor * scores.shares[name][0] * scales[name].gain[0]
            for part in space.shared(query_term.queries[name], rows):
                owners.append(part.owners)
                amounts.append(counts[part.owners] * part.amounts)
                names += part.names if part.short is None else part.short
                sources += [(space, column) for column in part.columns.tolist()]
    if not names:
        return [""] * len(rows)
    owner, amount = np.concatenate(owners), np.concatenate(amounts)
    order = np.lexsort((-amount, owner))
    starts = np.searchsorted(owner[order], np.arange(len(rows) + 1))
    return [
        _choose([(names[i], *sources[i]) for i in order[start : min(end, start + WHY_CANDIDATES)]])
        for start, end in pairwise(starts.tolist())
    ]


def _choose(candidates: Iterable[tuple[str, Space, int]]) -> str:
    """The first few names, without words that say little or that a value says as well."""
    chosen: list[tuple[str, bool]] = []
    used: set[str] = set()
    for name, space, column in candidates:
        parts, is_word = {part.casefold() for part in name.split()}, space.kind == "word"
        if not name or parts <= used or not space.speaks(column):
            continue
        if not is_word:
            chosen = [(other, is_single) for other, is_single in chosen if not (is_single and other in parts)]
        chosen.append((name, is_word))
        used |= parts
    return ", ".join(name for name, _ in chosen[:WHY_NAMES])


# --- what sets items apart ---------------------------------------------------------------------------------


def find_distinct(space: Space, row: int, others: Sequence[int]) -> list[Feature]:
    """The features that none of the others has, those that say most of the item first.

    Of a role that another has nothing of, no value is among them: it may only be unknown.
    """
    features = space.features([row, *others])
    theirs = {(feature.role, feature.text) for feature in features if feature.place > 0}
    known = {(feature.place, feature.role) for feature in features}
    own = [
        feature
        for feature in features
        if feature.place == 0
        and (feature.role, feature.text) not in theirs
        and (space.kind == "word" or all((place + 1, feature.role) in known for place in range(len(others))))
    ]
    return sorted(own, key=lambda feature: -feature.weight)


def _find_differences(
    search_index: SearchIndex, catalog: Catalog, pair: tuple[int, int], evidence: Iterable[Evidence]
) -> tuple[Difference, ...]:
    """Values that one has and the other has not, years apart, and of each the sentence least like the other."""
    differences: list[Difference] = []
    for space in search_index.spaces.values():
        for own, other in (pair, pair[::-1]) if space.kind == "value" else ():
            differences += [
                Difference(catalog.ids[own], feature.role, feature.text, feature.weight)
                for feature in find_distinct(space, own, [other])[:MAX_DIFFERENCES]
            ]
        if gap := space.gap(*pair):
            differences.append(Difference("", gap.role, gap.text, gap.weight))
    differences.sort(key=lambda difference: -difference.weight)
    for row in pair:
        sentences = [term for term in evidence if term.kind == "sentence" and term.item == catalog.ids[row]]
        if len(sentences) > 1:
            least = min(sentences, key=lambda term: term.amount)
            differences.append(Difference(least.item, "description", least.text, 0.0))
    return tuple(differences)
