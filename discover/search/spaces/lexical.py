"""The words that items are described with: BM25, as the cosine of two items' weighted words.

A word weighs what BM25 gives it (rare words more, repeated words less and less, long texts less), in the variant
of Lucene as bm25s computes it. The inverse document frequency enters a product of two items once, half of it on
either side. Robertson & Zaragoza (2009), "The probabilistic relevance framework: BM25 and beyond".
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from discover.core import files
from discover.core.types import Catalog
from discover.search.spaces import _sparse
from discover.search.spaces._sparse import Sparse, best, listed, overlap, product, unit_rows
from discover.search.spaces.base import Compared, Feature, Models, Rows, Shared, Space, SpaceInput, Stored, union

MAX_SHARE = 0.5  # of the items that have a word: one that more have says nothing
TELLING_SHARE = 0.15  # of the items up to which a word alone says something to people
MIN_KNOWN = 0.5  # share of a text's words that items have, and of those that one has, for the text to fit
MAX_LIST_ENTRIES = 50_000  # read to find candidates: the rarest words first, those that weigh the most
ROLES = ("title", "description", "genres", "keywords", "country")  # people are whole names, in metadata


@dataclass(frozen=True)
class Lexical(Space):
    """Queries are rows like those of `matrix`."""

    name: ClassVar[str] = "lexical"
    label: ClassVar[str] = "Words"
    hint: ClassVar[str] = "which words the title and description use"
    weight: ClassVar[float] = 0.5
    candidates: ClassVar[int] = 600  # the best of all stand deeper here
    kind: ClassVar[Literal["word", "value"]] = "word"

    matrix: Sparse = field(repr=False)  # (n, v) rows of unit length, empty for an item without words
    lists: Sparse = field(repr=False)  # (v, n) the same by word
    words: Sequence[str] = field(repr=False)  # (v,) by column
    weights: NDArray[np.float32] = field(repr=False)  # (v,) root of the inverse document frequency, 0 for common words

    @classmethod
    def build(cls, items: SpaceInput) -> Self | None:
        """The words of title, description, genres, keywords and countries; None where there are none at all."""
        import bm25s
        from scipy import sparse

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets DEBUG, and logs what it does wherever logs go
        said = [tokens(text) for text in texts(items.catalog)]
        if not any(said):
            return None
        model = bm25s.BM25(method="lucene")
        model.index(said, create_empty_token=False, show_progress=False)
        words = sorted(model.vocab_dict)  # bm25s numbers them in the order of a set, which no two processes share
        shape = (len(said), len(words))
        scores = sparse.csc_array((model.scores["data"], model.scores["indices"], model.scores["indptr"]), shape)
        scores = scores[:, [model.vocab_dict[word] for word in words]]
        having = np.diff(scores.indptr)
        frequency = np.log(1 + (len(said) - having + 0.5) / (having + 0.5))
        says = having <= max(MAX_SHARE * len(said), 1)
        weights = np.where(says, np.sqrt(frequency), 0).astype(np.float32)
        # bm25s multiplies by the inverse document frequency; half of it is taken back
        scaled = scores @ sparse.diags_array(np.where(says, 1 / np.sqrt(frequency), 0))
        scaled = scaled.tocsr().astype(np.float32)
        scaled.eliminate_zeros()
        matrix = unit_rows(scaled)
        return cls(matrix, matrix.turned, words, weights)

    def save(self, folder: Path) -> None:
        """Write all of it."""
        _sparse.save(folder, "matrix", self.matrix)
        _sparse.save(folder, "lists", self.lists)
        files.save_array(folder / "weights.npy", self.weights)
        files.save_json(folder / "words.json", list(self.words))

    @classmethod
    def load(cls, items: SpaceInput, stored: Stored) -> Self | None:
        """As it was written; None where no item has words."""
        if "words.json" not in stored:
            return None
        weights = stored.array("weights.npy")
        matrix = _sparse.load(stored, "matrix", len(weights))
        lists = _sparse.load(stored, "lists", matrix.shape[0])
        return cls(matrix, lists, stored.json("words.json"), weights)

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return {word: column for column, word in enumerate(self.words)}

    @cached_property
    def _there(self) -> NDArray[np.bool_]:
        return self.matrix.lengths > 0

    def items(self, rows: Rows) -> Sparse:
        """The words of these catalog rows."""
        return self.matrix[rows]

    def query(self, text: str, models: Models) -> Sparse:
        """The words of a text that some item has; an empty row where no item has any."""
        known = [self._columns[word] for word in tokens(text) if word in self._columns]
        columns, counts = np.unique(np.array(known, dtype=np.int64), return_counts=True)
        values = self.weights[columns] * counts / (counts + 1.0)
        counts_at_all = values > 0
        scaled = (values[counts_at_all] / np.sqrt((values**2).sum())).astype(np.float32)
        return Sparse(scaled, columns[counts_at_all], np.array([0, len(scaled)]), len(self.words))

    def out_of_domain(self, text: str, query: Sparse, models: Models) -> bool | None:
        """Whether items say less than half of its words, or no item says what is like half of it."""
        return self.known(text) < MIN_KNOWN or bool(self.compare(query).similarities.max() < MIN_KNOWN)

    def known(self, text: str) -> float:
        """The share of a text's different words that some item has, in [0, 1]."""
        words = set(tokens(text))
        return sum(word in self._columns for word in words) / len(words) if words else 0.0

    def count_items(self, word: str) -> int:
        """How many items have a word."""
        columns = [self._columns[token] for token in tokens(word) if token in self._columns]
        return max((int(self.lists.lengths[column]) for column in columns), default=0)

    def is_rare(self, column: int, share: float) -> bool:
        """Whether at most this share of the items, or three, have a word."""
        count = self.matrix.shape[0]
        having = (count + 1) / np.exp(float(self.weights[column]) ** 2) - 0.5
        return bool(having <= max(share * count, 3) + 1e-3)

    def speaks(self, column: int) -> bool:
        """Whether a word alone says something to people: no number, no letter, no "them", and rare."""
        word = self.words[column]
        if word.isdigit() or (len(word) == 1 and word.isascii()) or word in _stop_words():
            return False
        return self.is_rare(column, TELLING_SHARE)

    def features(self, rows: Sequence[int]) -> list[Feature]:
        """The words of these rows that say something alone."""
        return [
            Feature(place, "word", self.words[column], float(self.weights[column]))
            for place, row in enumerate(rows)
            for column, _ in self.matrix.entries(row)
            if self.speaks(column)
        ]

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
        found = [best(total, count, allowed) for total in listed(queries, self.lists, MAX_LIST_ENTRIES)]
        return union(found)


def tokens(text: str) -> list[str]:
    """The words and numbers of a text in order, small letters."""
    from discover.core.tokens import normal, split  # imported where it is used, as a query by id reads no text

    return [normal(each) for each in split(text) if each[0].isalnum()]


@cache
def _stop_words() -> frozenset[str]:
    """English ones; those of a catalog in another language are mostly too frequent to tell."""
    import stopwordsiso

    return frozenset(stopwordsiso.stopwords("en"))


def texts(catalog: Catalog) -> list[str]:
    """By row all the text that words are taken from."""
    columns = [catalog.column(role) for role in ROLES]
    return [
        "\n".join(each if isinstance(each, str) else "\n".join(each) for each in item)
        for item in zip(*columns, strict=True)
    ]
