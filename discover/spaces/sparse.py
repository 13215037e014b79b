"""Sparse rows of unit length: products, and the nearest rows by inverted lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from discover.spaces.base import Rows

LONGEST = 20_000  # list entries read for a probe: the rarest features first, those that hold the most


def unit(matrix: Any) -> Any:
    """Rows scaled to length one; empty rows stay empty."""
    matrix = sparse.csr_array(matrix, dtype=np.float32)
    lengths = np.sqrt(np.bincount(_rows(matrix), matrix.data.astype(np.float64) ** 2, minlength=matrix.shape[0]))
    scale = np.repeat(1 / np.where(lengths > 0, lengths, 1), np.diff(matrix.indptr))
    return sparse.csr_array((np.float32(matrix.data * scale), matrix.indices, matrix.indptr), matrix.shape)


def product(probes: Any, matrix: Any) -> NDArray[np.float32]:
    """Probes (q, f) times rows (c, f), dense (q, c)."""
    if probes.shape[0] == 1:
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

    def nearest(self, probes: Any, count: int, allowed: Rows | None = None) -> Rows:
        """Rows, ascending: for each probe the `count` with the largest product over its rarest features."""
        found = [self._nearest(probes[[i]], count, allowed) for i in range(probes.shape[0])]
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def _nearest(self, probe: Any, count: int, allowed: Rows | None) -> Rows:
        starts, ends = self.columns.indptr[probe.indices], self.columns.indptr[probe.indices + 1]
        lengths = (ends - starts).astype(np.int64)
        order = np.argsort(lengths, kind="stable")
        used = order[: np.searchsorted(np.cumsum(lengths[order]), LONGEST, side="right")]
        if not len(used):
            return np.empty(0, dtype=np.int64)
        spans = [slice(starts[i], ends[i]) for i in used]
        rows = np.concatenate([self.columns.indices[span] for span in spans]).astype(np.int64)
        values = np.concatenate([self.columns.data[span] * probe.data[i] for span, i in zip(spans, used, strict=True)])
        together, position = np.unique(rows, return_inverse=True)
        totals = np.bincount(position, values)
        if allowed is not None:
            kept = np.isin(together, allowed, assume_unique=True)
            together, totals = together[kept], totals[kept]
        best = np.lexsort((together, -totals))[:count]
        return np.sort(together[best])
