"""The words that items are described with: BM25, as the cosine of two items' weighted words.

A word weighs what BM25 gives it (rare words more, repeated words less and less, long texts less), in the variant
of Lucene as bm25s computes it. The inverse document frequency enters a product of two items once, half of it on
either side. Robertson & Zaragoza (2009), "The probabilistic relevance framework: BM25 and beyond".
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog
from discover.search.spaces.base import Compared, Rows, Shared, union
from discover.search.spaces.sparse import Sparse, best, listed, overlap, product, unit_rows

COMMON = 0.5  # a word that more than this share of the items has tells nothing
LONGEST = 50_000  # list entries read to find candidates: the rarest words first, those that weigh the most
ROLES = ("title", "description", "genres", "keywords", "people", "country")


@dataclass(frozen=True)
class Lexical:
    """Queries are rows like those of `matrix`."""

    matrix: Sparse = field(repr=False)  # (n, v) rows of unit length, empty for an item without words
    lists: Sparse = field(repr=False)  # (v, n) the same by word
    words: Sequence[str] = field(repr=False)  # (v,) by column
    weights: NDArray[np.float32] = field(repr=False)  # (v,) root of the inverse document frequency, 0 for common words
    name: str = "lexical"

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return {word: column for column, word in enumerate(self.words)}

    @cached_property
    def _there(self) -> NDArray[np.bool_]:
        return self.matrix.lengths > 0

    def items(self, rows: Rows) -> Sparse:
        """The words of these catalog rows."""
        return self.matrix[rows]

    def text(self, text: str) -> Sparse:
        """The words of a text that some item has; an empty row where no item has any."""
        found = [self._columns[word] for word in tokens(text) if word in self._columns]
        columns, counts = np.unique(np.array(found, dtype=np.int64), return_counts=True)
        values = self.weights[columns] * counts / (counts + 1.0)
        told = values > 0
        scaled = (values[told] / np.sqrt((values**2).sum())).astype(np.float32)
        return Sparse(scaled, columns[told], np.array([0, len(scaled)]), len(self.words))

    def known(self, text: str) -> float:
        """The share of a text's different words that some item has, in [0, 1]."""
        asked = set(tokens(text))
        return sum(word in self._columns for word in asked) / len(asked) if asked else 0.0

    def is_rare(self, column: int, most: float) -> bool:
        """Whether at most this share of the items, or three, have a word."""
        count = self.matrix.shape[0]
        having = (count + 1) / np.exp(float(self.weights[column]) ** 2) - 0.5
        return bool(having <= max(most * count, 3) + 1e-3)

    def shared(self, query: Sparse, rows: Rows) -> list[Shared]:
        """The words that one query and each of these rows have in common."""
        owners, columns, products = overlap(query, self.matrix, rows)
        return [Shared("", owners, columns, [self.words[column] for column in columns], products)]

    def compare(self, queries: Sparse, rows: Rows | None = None) -> Compared:
        """Cosines of weighted words."""
        found = listed(queries, self.lists) if rows is None else product(queries, self.matrix[rows])
        there = self._there if rows is None else self._there[rows]
        asked = queries.lengths > 0
        return Compared(found, (asked[:, None] & there).astype(np.float32))

    def nearest(self, queries: Sparse, count: int, allowed: Rows | None = None) -> Rows:
        """The items that share the most of the rarest words."""
        found = [best(total, count, allowed) for total in listed(queries, self.lists, LONGEST)]
        return union(found)


def tokens(text: str) -> list[str]:
    """The words and numbers of a text in order, small letters."""
    from discover.core.tokens import normal, split  # imported where it is used, as a query by id reads no text

    return [normal(each) for each in split(text) if each[0].isalnum()]


def build(catalog: Catalog) -> Lexical | None:
    """The words of title, description, genres, keywords, people and countries; None where there are none at all."""
    import bm25s
    from scipy import sparse

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets DEBUG, and tells what it does wherever logs go
    said = [tokens(text) for text in texts(catalog)]
    if not any(said):
        return None
    model = bm25s.BM25(method="lucene")
    model.index(said, create_empty_token=False, show_progress=False)
    words = sorted(model.vocab_dict, key=model.vocab_dict.__getitem__)
    shape = (len(catalog), len(words))
    scores = sparse.csc_array((model.scores["data"], model.scores["indices"], model.scores["indptr"]), shape)
    having = np.diff(scores.indptr)
    frequency = np.log(1 + (len(catalog) - having + 0.5) / (having + 0.5))
    tells = having <= max(COMMON * len(catalog), 1)
    weights = np.where(tells, np.sqrt(frequency), 0).astype(np.float32)
    # bm25s multiplies by the inverse document frequency; half of it is taken back
    scaled = scores @ sparse.diags_array(np.where(tells, 1 / np.sqrt(frequency), 0))
    scaled = scaled.tocsr().astype(np.float32)
    scaled.eliminate_zeros()
    matrix = unit_rows(scaled)
    return Lexical(matrix, matrix.turned, words, weights)


def texts(catalog: Catalog) -> list[str]:
    """By row all the text that words are taken from."""
    columns = [catalog.column(role) for role in ROLES]
    return [
        "\n".join(each if isinstance(each, str) else "\n".join(each) for each in item)
        for item in zip(*columns, strict=True)
    ]
