"""Ranked rows to fewer: without copies, few of a kind, in an order that mixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.ranking import maximal_marginal_relevance
from discover.search.index import SearchIndex
from discover.search.rank import Ranked, score_pairs

MAX_DIVERSIFIED = 1_000  # answers that can be put in a diverse order; the pairs of all would be too many


def drop_copies(ranked: Ranked, groups: NDArray[np.int64], queries: Sequence[int] = ()) -> Ranked:
    """The best of each group of near-duplicates; none of the groups of `queries`, the rows that were asked with.

    `groups` (n,) is the number of its group by catalog row.
    """
    return limit_shared(ranked, [(group,) for group in groups[ranked.rows]], 1, groups[list(queries)])


def limit_shared(ranked: Ranked, values: Sequence[Sequence[Any]], limit: int, used_up: Iterable[Any] = ()) -> Ranked:
    """The best rows, no value more than `limit` times; `values` are those of each row, `used_up` do not come."""
    times: dict[Any, int] = dict.fromkeys(used_up, limit)
    kept = []
    for place, cell in enumerate(values):
        if all(times.get(value, 0) < limit for value in cell):
            kept.append(place)
            for value in cell:
                times[value] = times.get(value, 0) + 1
    return ranked.take(kept)


def diversify(
    search_index: SearchIndex, ranked: Ranked, count: int, diversity: float, weights: Mapping[str, float]
) -> Ranked:
    """Maximal marginal relevance: each next answer is near the query and not near the answers before it.

    `diversity` is 1 - lambda of Carbonell & Goldstein (1998): 0 keeps the order, 1 forgets the query once it has given
    the first answer. What comes after the first `MAX_DIVERSIFIED` follows in its order.
    """
    head = ranked.take(slice(MAX_DIVERSIFIED))
    similarity = np.nan_to_num(score_pairs(search_index, head.rows, head.rows, weights).total)
    chosen = maximal_marginal_relevance(head.scores, similarity, count, diversity)
    return ranked.take([*chosen, *range(len(head.rows), len(ranked.rows))][:count])
