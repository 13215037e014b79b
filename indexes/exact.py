"""Exact scores and exact nearest rows: the oracle for every kind, and the path for filters and graphs.

All matrices here are float32, C-contiguous, with rows of unit length; `base.unit` sees to that.

Two plans give the same answer, and `in_place_is_cheaper` picks one from the number of queries alone:
in place    every pair is scored where its row lies, on all cores: no copy, no threshold, for one query or a few;
product     the rows (the allowed ones gathered, block by block) times the queries, then the best are rescored.
FAISS's own selector over a flat index is the first plan on one core, with a test of every row; it never wins.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import faiss
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

# Nanoseconds of one core (AVX2, EPYC Zen 3) for each number of a row, at 10,000 to 100,000 rows of dimension 384.
# Another machine scales them more or less alike, and `python -m benchmarks.filters` shows where the plans cross there.
IN_PLACE = 0.28  # score it with one query, where it lies; bound by memory
SCATTERED = 0.20  # more, where only some rows are allowed
READ = 1.15  # put it into a product, whatever the number of queries
GATHER = 1.20  # copy it to a block before, where only some rows are allowed
MULTIPLY = 0.02  # multiply it with one query in a product

SPARE = 16  # proposals beyond k: with them, a query whose k-th place is in doubt is rare
MANY = 400  # queries from which FAISS's blocked product is the faster one; below, it does not use BLAS at all
BLOCK_ROWS = 8192  # of one product: it stays in the cache
GROUP = 16  # columns of a product that are looked at as one, by their maximum
FOLD = 4096  # rows to score that are worth another core
BLOCK_BYTES = 1 << 28  # the largest temporary array


def in_place_is_cheaper(queries: int, gathered: bool) -> bool:
    """The planner: whether so few queries are scored in place. Rows and dimension scale both plans alike."""
    in_place = queries * (IN_PLACE + SCATTERED * gathered)
    return in_place < READ + GATHER * gathered + queries * MULTIPLY


def scores(queries: Floats, vectors: Floats, rows: Rows) -> Floats:
    """Cosine of query i with vector rows[i, j]: float32 (m, c) in [-1, 1]; -inf where the row is -1.

    This is the one definition of a score. Every pair is added up in the same order (a matrix product
    is not so kind: the order depends on where a row falls in a block), so equal vectors get equal
    scores, ties are ties, and score(a, b) == score(b, a).
    """
    count, width = rows.shape
    pieces = min(-(-faiss.omp_get_max_threads() // max(count, 1)), -(-width // FOLD))
    if pieces > 1:  # FAISS gives each line to one core, so long lines are cut
        part = -(-width // pieces)
        folded = np.full((count, pieces * part), -1, np.int64)
        folded[:, :width] = rows
        cut = scores(np.repeat(queries, pieces, axis=0), vectors, folded.reshape(count * pieces, part))
        return cut.reshape(count, -1)[:, :width]
    found = np.empty(rows.shape, dtype=np.float32)
    if found.size:
        rows = np.ascontiguousarray(rows)
        pointers = (faiss.swig_ptr(a) for a in (found, queries, vectors, rows))
        pairwise = faiss.fvec_inner_products_by_idx  # type: ignore[attr-defined]  # missing in its stubs
        with at_most(count * width // FOLD):
            pairwise(*pointers, vectors.shape[1], *rows.shape)
    return np.where(rows < 0, np.float32(-np.inf), np.clip(found, -1, 1))


@contextmanager
def at_most(threads: int) -> Iterator[None]:
    """FAISS on so many threads, one at least: for little work, waiting for a core that others have costs far more."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(max(1, min(before, threads)))
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


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

    Exact, ties by ascending row.
    """
    if rows is not None and len(rows) == len(vectors):
        rows = None
    k = min(k, _pool(vectors, rows))
    found, values = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
    if k == 0:
        return found, values
    if in_place_is_cheaper(len(queries), rows is not None):
        for i in range(len(queries)):
            found[i], values[i] = _in_place(queries[i : i + 1], vectors, rows, k)
        return found, values
    for part in blocks(len(queries), 64 * (k + SPARE)):
        found[part], values[part] = _by_product(queries[part], vectors, rows, k)
    return found, values


def blocks(length: int, line_bytes: int, most: int | None = None) -> Iterator[slice]:
    """Slices that cover range(length), each of `most` lines and BLOCK_BYTES of temporary lines at most."""
    step = max(1, min(BLOCK_BYTES // max(1, line_bytes), most or length))
    return (slice(start, min(start + step, length)) for start in range(0, length, step))


def _pool(vectors: Floats, rows: Rows | None) -> int:
    return len(vectors) if rows is None else len(rows)


def _in_place(query: Floats, vectors: Floats, rows: Rows | None, k: int) -> tuple[Rows, Floats]:
    """Score every row for one query (1, d), keep the k best."""
    everything = np.arange(len(vectors)) if rows is None else rows
    values = scores(query, vectors, everything[None])[0]
    reach = np.flatnonzero(values >= np.partition(values, len(values) - k)[len(values) - k])
    found, best_values = best(everything[reach][None], values[reach][None], k)
    return found[0], best_values[0]


def _by_product(queries: Floats, vectors: Floats, rows: Rows | None, k: int) -> tuple[Rows, Floats]:
    """Propose k + SPARE rows by a fast product, score them properly, settle what rounding left open."""
    count = min(k + SPARE, _pool(vectors, rows))
    near, last = _propose(queries, vectors, rows, count)
    found, values = best(near, scores(queries, vectors, near), k)
    if count < _pool(vectors, rows):
        # A row that was not proposed scores at most `last`, give or take the rounding of two sums.
        doubt = np.flatnonzero(last + rounding(vectors.shape[1]) >= values[:, -1])
        if doubt.size:
            found[doubt], values[doubt] = _settle(queries[doubt], vectors, rows, k, values[doubt, -1])
    return found, values


def _read(vectors: Floats, rows: Rows | None, most: int | None = None) -> Iterator[tuple[slice, Floats]]:
    """The rows' vectors, block by block: views of the matrix, or copies where only some rows are allowed."""
    for part in blocks(_pool(vectors, rows), 4 * vectors.shape[1], most):
        yield part, vectors[part] if rows is None else vectors[rows[part]]


def _propose(queries: Floats, vectors: Floats, rows: Rows | None, count: int) -> tuple[Rows, Floats]:
    """`count` rows that score highest in a blocked product, and the lowest of their products."""
    near, products = np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
    whole = rows is None and len(queries) >= MANY
    for part, block in _read(vectors, rows, len(vectors) if whole else max(BLOCK_ROWS, 4 * count)):
        columns, highest = _highest(queries, block, min(count, len(block)))
        near = np.hstack([near, columns + part.start])
        near, products = _largest(near, np.hstack([products, highest]), count)
    return near if rows is None else rows[near], products.min(axis=1)


def _highest(queries: Floats, block: Floats, count: int) -> tuple[Rows, Floats]:
    """The `count` largest products of each query with the block, and their columns, in any order."""
    if len(queries) >= MANY:
        products, columns = faiss.knn(queries, block, count, faiss.METRIC_INNER_PRODUCT)
        return columns, products
    products = queries @ block.T
    groups = len(block) // GROUP
    if groups <= count:
        return _largest(np.broadcast_to(np.arange(len(block)), products.shape), products, count)
    # Column c belongs to group c % groups: numpy takes such maxima fast. The largest columns lie in the groups
    # with the largest maxima; columns beyond the last whole group are looked at one by one.
    maxima = products[:, : groups * GROUP].reshape(len(queries), GROUP, groups).max(axis=1)
    chosen = np.argpartition(maxima, groups - count, axis=1)[:, groups - count :]
    columns = (chosen[:, :, None] + groups * np.arange(GROUP)).reshape(len(queries), -1)
    rest = np.arange(groups * GROUP, len(block))
    columns = np.hstack([columns, np.broadcast_to(rest, (len(queries), len(rest)))])
    return _largest(columns, np.take_along_axis(products, columns, axis=1), count)


def _largest(columns: Rows, values: Floats, count: int) -> tuple[Rows, Floats]:
    """The `count` largest values of each line, with their columns, in any order; all where there are no more."""
    if values.shape[1] <= count:
        return columns, values
    kept = np.argpartition(values, values.shape[1] - count, axis=1)[:, -count:]
    return np.take_along_axis(columns, kept, axis=1), np.take_along_axis(values, kept, axis=1)


def rounding(dimension: int) -> float:
    """How far two float32 inner products of one pair of unit vectors can lie apart.

    Each is off by at most d * 2**-24 (Higham, Accuracy and Stability of Numerical Algorithms, 3.5);
    a little more pays for norms that are not exactly 1.
    """
    return float(2.1 * dimension * 2.0**-24)


def _settle(queries: Floats, vectors: Floats, rows: Rows | None, k: int, floor: Floats) -> tuple[Rows, Floats]:
    """Exact answers for queries whose k-th place is tied, or nearly: score every row that may reach it.

    floor (m,): a score that k rows are known to reach. Thousands of equal rows make thousands of such
    queries that are equal themselves, so each distinct query is settled once.
    """
    whole = queries.view(f"V{queries[0].nbytes}").ravel()  # np.unique(axis=0) compares number by number: slow
    _, first, same = np.unique(whole, return_index=True, return_inverse=True)
    queries = queries[first]
    found, values = np.empty((len(queries), k), np.int64), np.empty((len(queries), k), np.float32)
    floor = floor[first] - np.float32(rounding(vectors.shape[1]))
    for some in blocks(len(queries), 4 * _pool(vectors, rows)):
        products = np.empty((len(queries[some]), _pool(vectors, rows)), np.float32)
        for part, block in _read(vectors, rows):
            np.matmul(queries[some], block.T, out=products[:, part])
        for i, line in enumerate(products, start=some.start):
            reach = np.flatnonzero(line >= floor[i])
            near = (reach if rows is None else rows[reach])[None]
            ordered, value = best(near, scores(queries[i : i + 1], vectors, near), k)
            found[i], values[i] = ordered[0], value[0]
    return found[same], values[same]
