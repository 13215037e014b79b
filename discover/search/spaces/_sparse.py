"""Sparse rows of unit length: products, with some rows or with all by inverted lists, and the best of those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core import files
from discover.core.ranking import top_k
from discover.search.spaces.base import Rows, Stored

PARTS = ("data", "indices", "indptr")


@dataclass(frozen=True)
class Sparse:
    """Rows with few entries, (n, f). Row i has `data` in the columns `indices`, both from indptr[i] to indptr[i + 1].

    scipy's csr_array in the little that a query needs of it: importing scipy.sparse takes a command longer than all
    the rest of its query, and scipy's checks take longer than the work on a few hundred short rows.
    """

    data: NDArray[np.float32] = field(repr=False)
    indices: NDArray[np.integer] = field(repr=False)
    indptr: NDArray[np.integer] = field(repr=False)  # (n + 1,)
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.indptr) - 1, self.width

    @cached_property
    def lengths(self) -> NDArray[np.integer]:
        """(n,) how many entries each row has."""
        return self.indptr[1:] - self.indptr[:-1]

    @property
    def owners(self) -> NDArray[np.int64]:
        """By entry: its row."""
        return np.repeat(np.arange(self.shape[0]), self.lengths)

    def __getitem__(self, rows: NDArray[np.integer]) -> Sparse:
        """Some rows, in this order."""
        lengths = self.lengths[rows]
        indptr = np.concatenate([[0], np.cumsum(lengths)])
        places = np.repeat(self.indptr[rows] - indptr[:-1], lengths) + np.arange(indptr[-1])
        return Sparse(self.data[places], self.indices[places], indptr, self.width)

    def entries(self, row: int) -> Iterator[tuple[int, float]]:
        """The columns of a row's entries, ascending, each with its value."""
        own = slice(self.indptr[row], self.indptr[row + 1])
        return zip(self.indices[own].tolist(), self.data[own].tolist(), strict=True)

    def to_scipy(self) -> Any:
        """As csr_array."""
        from scipy import sparse

        return sparse.csr_array((self.data, self.indices, self.indptr), self.shape)

    @property
    def turned(self) -> Sparse:
        """The columns as rows: by feature the rows that have it, ascending."""
        columns = self.to_scipy().tocsc()
        return Sparse(columns.data, columns.indices, columns.indptr, self.shape[0])


def save(folder: Path, name: str, matrix: Sparse) -> None:
    """Write a matrix as three files under a name. Raises DiskError."""
    for part in PARTS:
        files.save_array(folder / f"{name}-{part}.npy", getattr(matrix, part))


def load(stored: Stored, name: str, width: int) -> Sparse:
    """A matrix as it was written. Raises WorkspaceError."""
    data, indices, indptr = (stored.array(f"{name}-{part}.npy") for part in PARTS)
    return Sparse(data, indices, indptr, width)


def unit_rows(matrix: Any) -> Sparse:
    """A matrix of scipy with its rows scaled to length one; empty rows stay empty."""
    matrix = matrix.tocsr()
    given = Sparse(matrix.data, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int64), matrix.shape[1])
    lengths = np.sqrt(np.bincount(given.owners, given.data.astype(np.float64) ** 2, minlength=given.shape[0]))
    scale = np.repeat(1 / np.where(lengths > 0, lengths, 1), given.lengths)
    return Sparse((given.data * scale).astype(np.float32), given.indices, given.indptr, given.width)


def product(queries: Sparse, matrix: Sparse) -> NDArray[np.float32]:
    """Queries (q, f) times rows (c, f), dense (q, c)."""
    if queries.shape[0] != 1:
        return np.asarray((matrix.to_scipy() @ queries.to_scipy().T).toarray().T, dtype=np.float32)
    products = matrix.data * _dense(queries)[matrix.indices]
    return np.bincount(matrix.owners, products, minlength=matrix.shape[0]).astype(np.float32)[None]


def overlap(
    query: Sparse, matrix: Sparse, rows: Rows
) -> tuple[NDArray[np.int64], NDArray[np.integer], NDArray[np.float64]]:
    """Where one query meets rows of a matrix: position among `rows`, column, and the product of the two values."""
    some = matrix[rows]
    products = some.data * _dense(query).astype(np.float64)[some.indices]
    met = np.flatnonzero(products)
    return some.owners[met], some.indices[met], products[met]


def _dense(query: Sparse) -> NDArray[np.float32]:
    dense = np.zeros(query.width, dtype=np.float32)
    dense[query.indices] = query.data
    return dense


def listed(queries: Sparse, lists: Sparse, longest: int | None = None) -> NDArray[np.float32]:
    """Queries (q, f) times all rows, dense (q, n), by reading only the lists of the features that a query has.

    `lists` (f, n) is the `turned` matrix of the rows. `longest` stops before the list with which more than so many
    entries would be read for a query, the rarest features first.
    """
    totals = np.zeros((queries.shape[0], lists.width), dtype=np.float32)
    for total, first, last in zip(totals, queries.indptr, queries.indptr[1:], strict=False):
        features, weights = queries.indices[first:last], queries.data[first:last]
        if longest is not None:
            lengths = lists.lengths[features].astype(np.int64)
            order = np.argsort(lengths, kind="stable")
            used = order[: np.searchsorted(np.cumsum(lengths[order]), longest, side="right")]
            features, weights = features[used], weights[used]
        for start, end, weight in zip(lists.indptr[features], lists.indptr[features + 1], weights, strict=True):
            total[lists.indices[start:end]] += weight * lists.data[start:end]  # a row is in a list once
    return totals


def best(total: NDArray[np.float32], count: int, among: Rows | None = None) -> Rows:
    """The `count` rows with the largest totals (n,) above 0, of these rows or of all, falling, ties by row."""
    found = np.flatnonzero(total > 0) if among is None else among[total[among] > 0]
    return found[top_k(total[found], count)]
