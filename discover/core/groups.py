"""Numbered groups of rows, such as themes: which rows each has, and how two partitions of the same rows overlap.

A partition is an array of group numbers by row, `OUTLIER` (-1) for rows in no group. How many groups there are is told
apart from it, as a group may have no rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rows_by_group(members: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The rows of each of `count` groups, ascending."""
    order = np.argsort(members, kind="stable")
    return np.split(order, np.searchsorted(members[order], np.arange(count + 1)))[1:-1] if count else []


def renumber(kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The new number of each group (count,) where only some are kept, -1 for the others.

    One more -1 stands at the end, so that outliers index it and stay outliers.
    """
    return np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)


def contingency(
    one: NDArray[np.int64], other: NDArray[np.int64], counts: tuple[int, int], weights: NDArray[Any] | None = None
) -> NDArray[np.float64]:
    """How many rows, or how much of their `weights`, each pair of groups has in common.

    The table is (counts[0] + 1, counts[1] + 1): outliers are in the last line and the last column.
    """
    lines, columns = counts[0] + 1, counts[1] + 1
    cells = np.where(one < 0, counts[0], one) * columns + np.where(other < 0, counts[1], other)
    table = np.bincount(cells, weights, minlength=lines * columns)
    return table.reshape(lines, columns).astype(np.float64)


def jaccard(one: NDArray[np.int64], other: NDArray[np.int64], counts: tuple[int, int]) -> NDArray[np.float64]:
    """The Jaccard overlap of each pair of groups, `counts` of them, in [0, 1]; 0 for two without rows."""
    table = contingency(one, other, counts)
    both = table[:-1, :-1]
    union = table.sum(axis=1)[:-1, None] + table.sum(axis=0)[None, :-1] - both
    overlap: NDArray[np.float64] = np.divide(both, union, out=np.zeros_like(union), where=union > 0)
    return overlap
