"""Sparse rows of unit length: products, with some rows or with all by inverted lists, and the best of those."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from discover.spaces.base import Rows


def unit(matrix: Any) -> Any:
    """Rows scaled to length one; empty rows stay empty."""
    matrix = sparse.csr_array(matrix, dtype=np.float32)
    lengths = np.sqrt(np.bincount(_rows(matrix), matrix.data.astype(np.float64) ** 2, minlength=matrix.shape[0]))
    scale = np.repeat(1 / np.where(lengths > 0, lengths, 1), np.diff(matrix.indptr))
    return sparse.csr_array((np.float32(matrix.data * scale), matrix.indices, matrix.indptr), matrix.shape)


def product(probes: Any, matrix: Any) -> NDArray[np.float32]:
    """Probes (q, f) times rows (c, f), dense (q, c)."""
    if probes.shape[0] == 1:  # as in nearly every search; a third of the time
        dense = np.zeros(probes.shape[1], dtype=np.float32)
        dense[probes.indices] = probes.data
        return np.asarray(matrix @ dense, dtype=np.float32)[None]
    return np.asarray((matrix @ probes.T).toarray().T, dtype=np.float32)


def overlap(probe: Any, matrix: Any, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Where one probe meets rows of a matrix: position among `rows`, column, and the product of the two values."""
    some = matrix[rows]
    dense = np.zeros(probe.shape[1], dtype=np.float64)
    dense[probe.indices] = probe.data
    products = some.data * dense[some.indices]
    met = np.flatnonzero(products)
    return _rows(some)[met], some.indices[met], products[met]


def _rows(matrix: Any) -> NDArray[np.int64]:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))


@dataclass(frozen=True)
class Postings:
    """By feature: the rows that have it."""

    columns: Any = field(repr=False)  # csc_array (n, f)

    def product(self, probes: Any, longest: int | None = None) -> NDArray[np.float32]:
        """Probes (q, f) times all rows, dense (q, n), by reading only the lists of the features that a probe has.

        `longest` stops before the list with which more than so many entries would be read for a probe, the rarest
        features first.
        """
        totals = np.zeros((probes.shape[0], self.columns.shape[0]), dtype=np.float32)
        rows, values, starts = self.columns.indices, self.columns.data, self.columns.indptr
        for total, first, last in zip(totals, probes.indptr, probes.indptr[1:], strict=False):
            features, weights = probes.indices[first:last], probes.data[first:last]
            if longest is not None:
                lengths = (starts[features + 1] - starts[features]).astype(np.int64)
                order = np.argsort(lengths, kind="stable")
                used = order[: np.searchsorted(np.cumsum(lengths[order]), longest, side="right")]
                features, weights = features[used], weights[used]
            for feature, weight in zip(features, weights, strict=True):
                span = slice(starts[feature], starts[feature + 1])
                total[rows[span]] += weight * values[span]  # a row is in a list once
        return totals


def best(totals: NDArray[np.float32], count: int, allowed: Rows | None = None) -> Rows:
    """Rows, ascending: the `count` largest above 0 of each line of totals (q, n) among the allowed, ties by row."""
    return np.unique(np.concatenate([_best(total, count, allowed) for total in totals] or [np.empty(0, np.int64)]))


def _best(total: NDArray[np.float32], count: int, allowed: Rows | None) -> Rows:
    found = np.flatnonzero(total) if allowed is None else allowed[total[allowed] > 0]
    if count >= len(found):
        return found
    values = total[found]
    least = np.partition(values, len(values) - count)[len(values) - count]
    above, equal = found[values > least], found[values == least]
    return np.concatenate([above, equal[: count - len(above)]])
