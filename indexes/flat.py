"""Exact search: proposes nothing, so that every query is answered by the exact pass that all kinds share."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np

from .base import Kind
from .errors import IndexDamaged
from .exact import Floats, Rows, rounding
from .files import from_faiss, to_faiss

FEW = 4  # queries; for more, a product of the float32 vectors is faster than FAISS's scan of a copy
SPARE = 64  # proposals beyond 2 * k: their products must fall to where no rounding can lift the rest back
HALF_ROUNDING = 2.0**-9  # of a number kept as bfloat16, relative; of an inner product of unit vectors, absolute


@dataclass(frozen=True)
class Flat(Kind):
    """Nothing to build, recall 1. In batches hard to beat below 20,000 rows."""

    half: bool = False
    """Keep a bfloat16 copy, 2 * d bytes a row: a single query reads half as much, and is still exact. Its best
    by the copy are rescored, and where the copy's rounding leaves any doubt everything is. FAISS widens bfloat16
    by a shift, so this pays on processors without bfloat16 arithmetic, too (AVX2: 1.4 x on one core)."""

    def build(self, vectors: Floats) -> Any:
        """Nothing, or the copy."""
        if not self.half:
            return None
        core = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_bf16, faiss.METRIC_INNER_PRODUCT)
        core.add(vectors)
        return core

    def candidates(self, core: Any, queries: Floats, count: int) -> Rows:
        """No column at all, or for a few queries the rows that can be among the best, where that is certain."""
        if core is None or len(queries) >= FEW:
            return np.empty((len(queries), 0), np.int64)
        width = min(2 * count + SPARE, core.ntotal)
        threads = faiss.omp_get_max_threads()
        step = -(-core.ntotal // threads)

        def scan(start: int) -> tuple[Floats, Rows]:
            part = faiss.IDSelectorRange(start, start + step, True)
            only = faiss.SearchParameters(sel=part)  # type: ignore[call-arg]  # wrong in its stubs
            found: tuple[Floats, Rows] = core.search(queries, width, params=only)
            return found

        with ThreadPoolExecutor(threads) as pool:  # FAISS itself gives a query to one core
            parts = list(pool.map(scan, range(0, core.ntotal, step)))
        products, rows = (np.hstack(arrays) for arrays in zip(*parts, strict=True))
        order = np.argsort(-products, axis=1, kind="stable")[:, :width]
        products, rows = np.take_along_axis(products, order, axis=1), np.take_along_axis(rows, order, axis=1)
        if width < core.ntotal:
            margin = 2 * (HALF_ROUNDING + rounding(core.d))  # one row's true score may fall, the other's rise
            rows[products[:, -1] + margin >= products[:, count - 1]] = -1
        return rows

    def to_bytes(self, core: Any) -> bytes:
        """Nothing, or the copy as FAISS writes it."""
        return b"" if core is None else to_faiss(core)

    def from_bytes(self, data: bytes, count: int, dimension: int) -> Any:
        """Nothing, or the copy as FAISS reads it; IndexDamaged for anything else."""
        if self.half:
            return from_faiss(data, faiss.IndexScalarQuantizer, count, dimension)
        if data:
            raise IndexDamaged("a flat index stores nothing, but its file holds something. Build it again")
        return None
