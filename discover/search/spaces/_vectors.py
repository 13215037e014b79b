"""The vectors of an encoder, compared by cosine: what the spaces of encoders have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.core.types import Embeddings
from discover.search.spaces.base import Compared, Models, Rows, Space, SpaceInput, union

ONE_CORE_ROWS = 8_192  # up to which one query is compared on one core


@dataclass(frozen=True)
class Vectors(Space):
    """Queries are unit vectors (q, d), NaN where an item is missing from the space."""

    embeddings: Embeddings
    count: int  # items in the catalog
    index: Callable[[], indexes.VectorIndex] = field(repr=False)  # opened when first needed

    @classmethod
    def build(cls, items: SpaceInput) -> Self | None:
        """Over the vectors of this name; None where no item has any."""
        embeddings = items.embeddings.get(cls.name)
        if embeddings is None:
            return None
        return cls(embeddings, len(items.catalog), cache(partial(items.index, cls.name)))

    @cached_property
    def _place(self) -> NDArray[np.int64]:
        """By catalog row: the row in `embeddings`, -1 where there is none."""
        place = np.full(self.count, -1, dtype=np.int64)
        place[self.embeddings.rows] = np.arange(len(self.embeddings.rows))
        return place

    def items(self, rows: Rows) -> NDArray[np.float32]:
        """The vectors of these catalog rows."""
        place = self._place[rows]
        there = place >= 0
        vectors = np.full((len(rows), self.embeddings.vectors.shape[1]), np.nan, dtype=np.float32)
        vectors[there] = self.embeddings.vectors[place[there]]
        return vectors

    def query(self, text: str, models: Models) -> Any:
        """The text's vector."""
        return models.encoder(self.name).encode_text([text])

    def out_of_domain(self, text: str, query: Any, models: Models) -> bool | None:
        """Whether it is no nearer to any item than texts without meaning are."""
        return bool(self.highest(query)[0] <= models.nonsense_level(self.name, self.highest))

    def warm(self, models: Models) -> None:
        """Load the model, and what the first text is held against."""
        models.nonsense_level(self.name, self.highest)

    def compare(self, queries: Any, rows: Rows | None = None) -> Compared:
        """Cosines."""
        place = self._place if rows is None else self._place[rows]
        there = place >= 0
        similarities = np.zeros((len(queries), len(place)), dtype=np.float32)
        vectors = self.embeddings.vectors if rows is None else self.embeddings.vectors[place[there]]
        asked = ~np.isnan(queries[:, :1])
        known = np.where(asked, queries, 0)
        if len(known) == 1 and len(place) <= ONE_CORE_ROWS:  # a product would wait for a second core, for little work
            similarities[0, there] = np.einsum("ij,j->i", vectors, known[0])
        else:
            similarities[:, there] = known @ vectors.T
        return Compared(similarities, (asked & there).astype(np.float32))

    def highest(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of each query (q, d) with the item that is nearest to it."""
        return self.index().search(queries, 1).scores[:, 0]

    @cached_property
    def _proposing(self) -> indexes.VectorIndex:
        """The index with few spare candidates: so many rows are asked for that the last of them need not be exact."""
        index = self.index()
        return index.tuned(spare=2) if "spare" in index.kind.searchable else index

    def nearest(self, queries: Any, count: int, allowed: Rows | None = None) -> Rows:
        """The nearest by the index."""
        asked = queries[~np.isnan(queries[:, 0])]
        if not len(asked) or not len(self.embeddings.rows):
            return np.empty(0, dtype=np.int64)
        rows = None
        if allowed is not None:
            rows = self._place[allowed]
            rows = rows[rows >= 0]
            if not len(rows):
                return np.empty(0, dtype=np.int64)
        return self.embeddings.rows[union(list(self._proposing.search(asked, count, allowed=rows).rows))]
