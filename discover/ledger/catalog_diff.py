"""What became of the items of the last run: which stayed, and whether their vectors did."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog, CatalogDiff, Embeddings
from discover.ledger.keys import identify, locate


def compare(
    then: Catalog,
    spaces_then: Mapping[str, Embeddings],
    now: Catalog,
    spaces: Mapping[str, Embeddings],
    version: int,
    created: str,
) -> CatalogDiff:
    """This run's items and vectors against those of version `version`. Items are the same as for the ledger."""
    places = locate(identify(now, spaces), identify(then, spaces_then))
    stayed = np.zeros(len(then), dtype=bool)
    stayed[places[places >= 0]] = True
    both = [name for name in spaces if name in spaces_then]
    changed = tuple(name for name in both if spaces[name].identity.differences(spaces_then[name].identity))
    closeness = {name: _closeness(spaces_then[name], spaces[name], places) for name in both if name not in changed}
    gone = tuple(then.ids[row] for row in np.flatnonzero(~stayed).tolist())
    return CatalogDiff(version, created, len(then), gone, places, closeness, changed)


def _closeness(then: Embeddings, now: Embeddings, places: NDArray[np.int64]) -> NDArray[np.float32]:
    """(n,) cosine of each item's two vectors, NaN where one is missing."""
    row_then = np.full(max(int(then.rows.max(initial=-1)), int(places.max(initial=-1))) + 1, -1, dtype=np.int64)
    row_then[then.rows] = np.arange(len(then.rows))
    before = np.where(places[now.rows] >= 0, row_then[places[now.rows]], -1) if len(row_then) else places[now.rows]
    mine = np.flatnonzero(before >= 0)
    closeness = np.full(len(places), np.nan, dtype=np.float32)
    closeness[now.rows[mine]] = np.einsum("ij,ij->i", now.vectors[mine], then.vectors[before[mine]], dtype=np.float64)
    return closeness
