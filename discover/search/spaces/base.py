"""What search needs of a space: queries to ask with, exact similarities to some rows, and the rows that may be near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def union(parts: Sequence[Rows]) -> Rows:
    """Each row of some lists once, ascending: for a thousand rows much faster than numpy.unique."""
    rows = np.sort(np.concatenate([np.empty(0, np.int64), *parts]))
    return rows[np.diff(rows, prepend=-1) > 0]


@dataclass(frozen=True)
class Compared:
    """Queries against rows. A pair that the space says nothing about has similarity 0 and coverage 0."""

    similarities: NDArray[np.float32] = field(repr=False)  # (q, c), higher is closer, 1 is equal
    coverage: NDArray[np.float32] = field(repr=False)  # (q, c), in [0, 1]: how much of the space both sides have


@dataclass(frozen=True)
class Shared:
    """What one query and some rows have in common: m words or values, in no order."""

    role: str  # that the values are of; "" for words
    owners: NDArray[np.int64] = field(repr=False)  # (m,) position among the rows asked for
    columns: NDArray[np.integer] = field(repr=False)  # (m,) which words or values they are; -1 for nearness in time
    names: Sequence[str] = field(repr=False)  # (m,)
    amounts: NDArray[np.float64] = field(repr=False)  # (m,) what each adds to the similarity, above 0


class Space(Protocol):
    """One way to compare items. What `queries` are is the space's own business; they hold q queries in order."""

    @property
    def name(self) -> str:
        """What settings and scores call it."""
        ...

    def items(self, rows: Rows) -> Any:
        """Queries that ask for what is like these catalog rows."""
        ...

    def compare(self, queries: Any, rows: Rows | None = None) -> Compared:
        """The queries against these catalog rows, against all of them by default."""
        ...

    def nearest(self, queries: Any, count: int, allowed: Rows | None = None) -> Rows:
        """Catalog rows, ascending, in which the queries' nearest are likely to be: about `count` for each query.

        `allowed` (ascending catalog rows) limits the answer. A space that cannot tell gives none.
        """
        ...
