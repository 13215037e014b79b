"""Exact search: proposes nothing, so that every query is answered by the exact pass that all kinds share."""

from dataclasses import dataclass

import numpy as np

from .base import Kind
from .errors import IndexDamaged
from .exact import Floats, Rows


@dataclass(frozen=True)
class Flat(Kind):
    """Nothing to build, nothing to store, recall 1. In batches hard to beat below 20,000 rows."""

    def build(self, vectors: Floats) -> bytes:
        """Nothing."""
        return b""

    def candidates(self, core: bytes, queries: Floats, count: int) -> Rows:
        """No column at all."""
        return np.empty((len(queries), 0), np.int64)

    def to_bytes(self, core: bytes) -> bytes:
        """Nothing."""
        return core

    def from_bytes(self, data: bytes, count: int, dimension: int) -> bytes:
        """Nothing; IndexDamaged for anything else."""
        if data:
            raise IndexDamaged("a flat index stores nothing, but its file holds something; build it again")
        return data
