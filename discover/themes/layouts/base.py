"""What a layout is: from a start and a graph to coordinates. And the graph as all layouts read it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Edges:
    """UMAP's symmetric graph, compressed by rows: vertex i's edges are `offsets[i]` to `offsets[i + 1]`.

    Each edge is there in both directions. `rates` says how often it is sampled, in samples per epoch: its weight by
    the largest one.
    """

    offsets: NDArray[np.int64] = field(repr=False)  # (u + 1,)
    targets: NDArray[np.int32] = field(repr=False)  # (edges,), ascending within a vertex
    rates: NDArray[np.float32] = field(repr=False)  # (edges,), in (0, 1]

    @classmethod
    def from_weights(cls, weights: Any, epochs: int) -> Edges:
        """The edges of a sparse matrix (u, u) that are sampled at all within so many epochs."""
        graph = weights.tocsr(copy=True)
        graph.sum_duplicates()  # sorts the targets too
        graph.data[graph.data * epochs < graph.data.max(initial=0.0)] = 0.0
        graph.eliminate_zeros()
        rates = np.asarray(graph.data / graph.data.max(initial=0.0), dtype=np.float32)
        return cls(graph.indptr.astype(np.int64), graph.indices.astype(np.int32), rates)


@dataclass(frozen=True)
class Optimiser:
    """How vertices move: the likeness of two at distance d is 1 / (1 + a d^(2b)).

    The step size falls from `step` to 0 in equal parts: 1 from anywhere, less from coordinates that are nearly right.
    """

    curve: tuple[float, float]  # (a, b)
    epochs: int
    step: float
    seed: int


@dataclass(frozen=True)
class Layout(ABC):
    """The contract of a layout plug-in. Its dataclass fields are its settings.

    All minimise UMAP's objective (McInnes, Healy & Melville 2018): linked vertices attract each other, and repel
    vertices drawn at random.
    """

    negatives: int = 5  # vertices that repel, for each that attracts
    repulsion: float = 1.0  # weight of a repulsion by that of an attraction

    @abstractmethod
    def descend(self, start: NDArray[np.float32], edges: Edges, optimiser: Optimiser) -> NDArray[np.float32]:
        """Coordinates (u, c) after a descent from `start` (u, c), which is not edited; the same bits each time."""
