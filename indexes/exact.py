"""Exact scores and exact nearest rows: the oracle for every kind, and the path for filters and graphs.

All matrices here are float32, C-contiguous, with rows of unit length; `base.unit` sees to that.
"""

from collections.abc import Iterator

import faiss
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

SPARE = 16  # proposals beyond k: with them, a query whose k-th place is in doubt is rare
FEW = 20  # below this many queries FAISS scans on one thread; a matrix product uses all of them
BLOCK_BYTES = 1 << 28  # the largest temporary array


def scores(queries: Floats, vectors: Floats, rows: Rows) -> Floats:
    """Cosine of query i with vector rows[i, j]: float32 (m, c) in [-1, 1]; -inf where the row is -1.

    This is the one definition of a score. Every pair is added up in the same order (a matrix product
    is not so kind: the order depends on where a row falls in a block), so equal vectors get equal
    scores, ties are ties, and score(a, b) == score(b, a).
    """
    found = np.empty(rows.shape, dtype=np.float32)
    if found.size:
        rows = np.ascontiguousarray(rows)
        pointers = (faiss.swig_ptr(a) for a in (found, queries, vectors, rows))
        pairwise = faiss.fvec_inner_products_by_idx  # type: ignore[attr-defined]  # missing in its stubs
        pairwise(*pointers, vectors.shape[1], *rows.shape)
    return np.where(rows < 0, np.float32(-np.inf), np.clip(found, -1, 1))


def best(rows: Rows, values: Floats, k: int) -> tuple[Rows, Floats]:
    """The k best columns of each line, highest score first, equal scores by ascending row.

    One 64-bit key, score above row, sorts several times faster than numpy's lexsort. It holds rows
    below 2**32. A -1 with its score -inf comes last.
    """
    bits = values.view(np.int32).astype(np.int64)
    falling = ~np.where(bits < 0, bits ^ 0x7FFFFFFF, bits)  # a float's bits in the float's order, reversed
    key = np.sort((falling << 32) | (rows & 0xFFFFFFFF), axis=1)[:, :k]
    rising = ~(key >> 32)
    bits = np.where(rising < 0, rising ^ 0x7FFFFFFF, rising).astype(np.int32)
    kept = key & 0xFFFFFFFF
    return np.where(kept == 0xFFFFFFFF, -1, kept), bits.view(np.float32)


def top(queries: Floats, vectors: Floats, k: int, rows: Rows | None = None) -> tuple[Rows, Floats]:
    """The k best of all rows, or of the given ascending rows: int64 and float32, (m, min(k, rows)).

    Exact, ties by ascending row. Allowed rows are gathered block by block: in batches this beats
    FAISS's selector several times over.
    """
    if rows is None or len(rows) == len(vectors):
        return _top(queries, vectors, k)
    found, values = np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
    for part in blocks(len(rows), 4 * vectors.shape[1]):
        near, close = _top(queries, np.ascontiguousarray(vectors[rows[part]]), k)
        near = rows[part][near]
        found, values = best(np.hstack([found, near]), np.hstack([values, close]), k)
    return found, values


def blocks(length: int, line_bytes: int) -> Iterator[slice]:
    """Slices that cover range(length), each for at most BLOCK_BYTES of temporary lines."""
    step = max(1, BLOCK_BYTES // max(1, line_bytes))
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _top(queries: Floats, vectors: Floats, k: int) -> tuple[Rows, Floats]:
    """Propose k + SPARE rows by a fast product, score them properly, settle what rounding left open."""
    k = min(k, len(vectors))
    found, values = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
    if k == 0:
        return found, values
    count = min(k + SPARE, len(vectors))
    scanned = len(vectors) if len(queries) < FEW else 0
    for part in blocks(len(queries), 4 * scanned + 64 * count):
        near, last = _propose(queries[part], vectors, count)
        found[part], values[part] = best(near, scores(queries[part], vectors, near), k)
        if count < len(vectors):
            # A row that was not proposed scores at most `last`, give or take the rounding of two sums.
            doubt = part.start + np.flatnonzero(last + _rounding(vectors) >= values[part, -1])
            if doubt.size:
                found[doubt], values[doubt] = _settle(queries[doubt], vectors, k, values[doubt, -1])
    return found, values


def _propose(queries: Floats, vectors: Floats, count: int) -> tuple[Rows, Floats]:
    """`count` rows that score highest in a blocked product, and the lowest of their products."""
    if len(queries) >= FEW:
        products, rows = faiss.knn(queries, vectors, count, faiss.METRIC_INNER_PRODUCT)
        return rows, products[:, -1]
    products = queries @ vectors.T
    rows = np.argpartition(products, len(vectors) - count, axis=1)[:, len(vectors) - count :]
    return rows, np.take_along_axis(products, rows, axis=1).min(axis=1)


def _rounding(vectors: Floats) -> float:
    """How far two float32 inner products of one pair of unit vectors can lie apart.

    Each is off by at most d * 2**-24 (Higham, Accuracy and Stability of Numerical Algorithms, 3.5);
    a little more pays for norms that are not exactly 1.
    """
    return float(2.1 * vectors.shape[1] * 2.0**-24)


def _settle(queries: Floats, vectors: Floats, k: int, floor: Floats) -> tuple[Rows, Floats]:
    """Exact answers for queries whose k-th place is tied, or nearly: score every row that may reach it.

    floor (m,): a score that k rows are known to reach. Thousands of equal rows make thousands of such
    queries that are equal themselves, so each distinct query is settled once.
    """
    whole = queries.view(f"V{queries[0].nbytes}").ravel()  # np.unique(axis=0) compares number by number: slow
    _, first, same = np.unique(whole, return_index=True, return_inverse=True)
    queries = queries[first]
    found, values = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
    floor = floor[first] - np.float32(_rounding(vectors))
    for part in blocks(len(queries), 4 * len(vectors)):
        for i, products in enumerate(queries[part] @ vectors.T, start=part.start):
            rows = np.flatnonzero(products >= floor[i])[None]
            ordered, value = best(rows, scores(queries[i : i + 1], vectors, rows), k)
            found[i], values[i] = ordered[0], value[0]
    return found[same], values[same]
