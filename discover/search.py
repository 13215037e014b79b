"""Query vectors to matches, one space or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.errors import UnknownItemError, UsageError
from discover.nouns import Catalog, Embeddings, Listing, Match

NEAR = 5  # titles suggested when none fits
CANDIDATES = 10  # times k: items looked at in each space before scores are summed


@dataclass(frozen=True)
class Query:
    """A vector for each space that takes part, and how much it counts."""

    vectors: Mapping[str, NDArray[np.float32]] = field(repr=False)  # space -> (d,), unit length
    weights: Mapping[str, float]
    without: frozenset[int] = frozenset()  # rows that are not answers: the query item itself


def find_row(catalog: Catalog, key: str) -> int:
    """The row of an id, or of an exact title. Raises UnknownItemError: none (with near titles) or several."""
    if not isinstance(key, str):
        raise UsageError(f"item: expected an id or a title, which are text, got {key!r}")
    try:
        return catalog.ids.index(key)
    except ValueError:
        pass
    rows = [row for row, title in enumerate(catalog.titles) if title == key]
    rows = rows or [row for row, title in enumerate(catalog.titles) if title.casefold() == key.casefold()]
    if len(rows) == 1:
        return rows[0]
    if rows:
        which = ", ".join(f"{catalog.ids[row]} ({_facts(catalog, row)})" for row in rows[:NEAR])
        raise UnknownItemError(f"{key!r} is the title of {len(rows)} items; give an id: {which}")
    folded = {title.casefold(): title for title in catalog.titles}
    near = [folded[title] for title in get_close_matches(key.casefold(), folded, n=NEAR, cutoff=0.6)]
    hint = f"; near titles: {', '.join(map(repr, near))}" if near else ""
    raise UnknownItemError(f"no item has the id or title {key!r}{hint}")


def _facts(catalog: Catalog, row: int) -> str:
    """What tells items of one title apart."""
    day = catalog.table.column("date")[row].as_py()
    kind = catalog.table.column("kind")[row].as_py()
    return ", ".join(part for part in (kind, str(day.year) if day else "") if part) or f"row {row}"


def find_matches(
    query: Query, k: int, catalog: Catalog, spaces: Mapping[str, Embeddings], found: Mapping[str, indexes.VectorIndex]
) -> Listing[Match]:
    """The k items with the highest score, ties by row.

    The score is the weighted mean of the cosines over the spaces that both the query and the item have; `parts`
    are its summands. Raises UsageError for k < 1 or weights that leave nothing to compare.
    """
    if not isinstance(k, (int, np.integer)):
        raise UsageError(f"k must be a whole number, got {k!r}")
    if k < 1:
        raise UsageError(f"k must be at least 1, got {k}")
    weights = {name: weight for name, weight in query.weights.items() if weight > 0 and name in query.vectors}
    if not weights:
        raise UsageError("the weights leave no space to search in; give one of them a positive weight")
    rows = _candidates(query, weights, k, spaces, found)
    cosines = {name: _cosines(query.vectors[name], spaces[name], rows) for name in weights}
    present = np.array([~np.isnan(values) for values in cosines.values()])
    shares = present * np.array(list(weights.values()))[:, None]
    shares = shares / shares.sum(axis=0)
    parts = np.nan_to_num(np.array(list(cosines.values()))) * shares
    scores = parts.sum(axis=0)
    order = np.lexsort((rows, -scores))[:k]
    return Listing(
        Match(
            catalog.ids[rows[i]],
            catalog.titles[rows[i]],
            float(scores[i]),
            {name: float(parts[j, i]) for j, name in enumerate(weights) if present[j, i]},
        )
        for i in order
    )


def _candidates(
    query: Query,
    weights: Mapping[str, float],
    k: int,
    spaces: Mapping[str, Embeddings],
    found: Mapping[str, indexes.VectorIndex],
) -> NDArray[np.int64]:
    """Catalog rows that may be among the best: the nearest of each space."""
    wanted = (k if len(weights) == 1 else k * CANDIDATES) + len(query.without)
    rows = [
        spaces[name].rows[found[name].search(query.vectors[name][None], wanted).rows[0]]
        for name in weights
        if len(spaces[name].rows)
    ]
    together = np.unique(np.concatenate(rows)) if rows else np.empty(0, dtype=np.int64)
    return together[~np.isin(together, list(query.without))]


def _cosines(vector: NDArray[np.float32], space: Embeddings, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cosine of the vector with each row's, NaN where the item is missing from the space."""
    place = np.searchsorted(space.rows, rows)
    place = np.minimum(place, len(space.rows) - 1)
    cosines = (space.vectors[place] @ vector).astype(np.float64)
    return np.where(space.rows[place] == rows, cosines, np.nan)
