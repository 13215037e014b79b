"""Equal vectors, found once and indexed once.

5,000 copies of one vector fill every link of their neighbours in an HNSW graph and cut its recall to a half.
So a kind sees each distinct vector once, and its proposals are expanded to all the rows that hold them.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import count as counted

import numpy as np

from .exact import Floats, Rows, best, blocks


@dataclass(frozen=True, eq=False)
class Distinct:
    """Which rows hold the same vector.

    labels: int64 (n,), the number of each row's vector in 0..u-1; numbers are given in order of first
    appearance.
    """

    labels: Rows

    @cached_property
    def first(self) -> Rows:
        """int64 (u,), ascending: the first row that holds each distinct vector."""
        return np.flatnonzero(np.diff(np.maximum.accumulate(self.labels), prepend=-1))

    @cached_property
    def sizes(self) -> Rows:
        """int64 (u,): how many rows hold each distinct vector."""
        return np.bincount(self.labels).astype(np.int64)

    @cached_property
    def _members(self) -> tuple[Rows, Rows]:
        """Rows ordered by vector, then row; and where each vector's rows start."""
        return np.argsort(self.labels, kind="stable"), np.cumsum(self.sizes) - self.sizes

    @property
    def all_different(self) -> bool:
        """No two rows hold the same vector."""
        return len(self.first) == len(self.labels)

    def __len__(self) -> int:
        return len(self.first)

    def of(self, vectors: Floats) -> Floats:
        """The distinct vectors, float32 (u, d); the same array when all are different."""
        return vectors if self.all_different else vectors[self.first]

    def expand(self, rows: Rows, values: Floats, k: int) -> tuple[Rows, Floats]:
        """From first rows (m, c), best first, to all rows (m, at most k), best first.

        The k best distinct vectors are enough: each stands for at least one row. Lines end in -1 where
        there are fewer.
        """
        rows, values = rows[:, :k], values[:, :k]
        if self.all_different:
            return rows, values
        ordered, starts = self._members
        all_rows = np.full((len(rows), k), -1, np.int64)
        all_values = np.full((len(rows), k), -np.inf, np.float32)
        all_rows[:, : rows.shape[1]], all_values[:, : rows.shape[1]] = rows, values
        labels = self.labels[rows]
        for i in np.flatnonzero(((self.sizes[labels] > 1) & (rows >= 0)).any(axis=1)):
            groups = labels[i][rows[i] >= 0]
            members = [ordered[starts[g] : starts[g] + min(k, self.sizes[g])] for g in groups]
            repeats = np.repeat(values[i, : len(groups)], [len(m) for m in members])
            one, value = best(np.concatenate(members)[None], repeats[None], k)
            all_rows[i, : one.shape[1]], all_values[i, : one.shape[1]] = one[0], value[0]
        return all_rows, all_values


def find(vectors: Floats) -> Distinct:
    """Group equal rows of a float32 (n, d) matrix by a 64-bit hash, and verify the groups bit by bit."""
    for seed in counted():
        random = np.random.default_rng(seed).integers(2**63, size=vectors.shape[1], dtype=np.uint64)
        hashes = np.empty(len(vectors), np.uint64)
        for part in blocks(len(vectors), 16 * vectors.shape[1]):
            hashes[part] = vectors[part].view(np.uint32).astype(np.uint64) @ (2 * random + 1)
        _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        order = np.argsort(first)
        number = np.empty_like(order)
        number[order] = np.arange(len(order))
        found = Distinct(number[inverse].astype(np.int64))
        if _really_equal(vectors, found):
            break
    return found


def _really_equal(vectors: Floats, found: Distinct) -> bool:
    repeated = np.flatnonzero(found.first[found.labels] != np.arange(len(vectors)))
    parts = (repeated[part] for part in blocks(len(repeated), 8 * vectors.shape[1]))
    return all(np.array_equal(vectors[some], vectors[found.first[found.labels[some]]]) for some in parts)
