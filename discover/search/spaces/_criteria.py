"""What a text asks of facts, against items: which of its criteria each item meets.

The similarity is half the share of the criteria that an item meets, rare ones weighing more (the logarithm of how many
items there are for each that meets it), and half whether it meets them all: what has all three of "Turkish drama
series" comes before the Turkish films, however rare being Turkish is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from discover.search.spaces.base import Compared, Rows, Shared
from discover.search.understanding.understand import Criterion


@dataclass(frozen=True)
class CriteriaQuery:
    """One query of c criteria, at least one, over n items."""

    criteria: tuple[Criterion, ...]
    met: NDArray[np.bool_] = field(repr=False)  # (c, n)

    @cached_property
    def shares(self) -> NDArray[np.float32]:
        """(c,) what each criterion counts; they sum to 1."""
        weights = np.log1p(self.met.shape[1] / np.maximum(self.met.sum(axis=1), 1))
        shares: NDArray[np.float32] = (weights / weights.sum()).astype(np.float32)
        return shares

    def compare(self, rows: Rows | None) -> Compared:
        """The similarities to these rows, or all, (1, c)."""
        met = self.met if rows is None else self.met[:, rows]
        similarities = (self.shares @ met + met.all(axis=0)) / 2
        return Compared(similarities[None].astype(np.float32), np.ones((1, met.shape[1]), np.float32))

    def shared(self, rows: Rows, held: Callable[[Criterion, int], str]) -> list[Shared]:
        """By role the criteria that each of these rows meets; meeting all counts in proportion.

        `held` gives the values of a row that meet a criterion.
        """
        met = self.met[:, rows]
        amounts = self.shares[:, None].astype(np.float64) * (1 + met.all(axis=0)) / 2
        parts = []
        for criterion, is_met, amount in zip(self.criteria, met, amounts, strict=True):
            owners = np.flatnonzero(is_met)
            names = [held(criterion, row) for row in rows[owners].tolist()]
            parts.append(Shared(criterion.role, owners, np.full(len(owners), -1), names, amount[owners]))
        return parts

    def nearest(self, count: int, allowed: Rows | None) -> Rows:
        """The rows that meet the most, ascending."""
        similarities = self.compare(allowed).similarities[0]
        places = np.argsort(-similarities, kind="stable")[:count]
        places = np.sort(places[similarities[places] > 0])
        return places if allowed is None else allowed[places]
