"""Items that are the same item twice, or nearly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from discover.core.groups import rows_by_group
from discover.core.types import OUTLIER, Graph

DUPLICATE_COSINE = 0.95  # from which two items count as one: the text encoder's for retold or re-typed descriptions


def group(graph: Graph, min_cosine: float = DUPLICATE_COSINE) -> NDArray[np.int64]:
    """By catalog row: the number of its group; rows of one group have the same content or a chain of near ones.

    The neighbour graph shows at most its k nearest of each item, which is enough for chains.
    """
    count = len(graph.unique)
    place, neighbour = np.nonzero(graph.scores >= min_cosine)
    links = (np.ones(len(place), dtype=np.int8), (place, graph.neighbours[place, neighbour]))
    _, components = csgraph.connected_components(sparse.csr_array(links, (count, count)), directed=False)
    numbers = np.append(components, OUTLIER).astype(np.int64)[graph.first]
    alone = numbers == OUTLIER  # nothing to compare them by
    numbers[alone] = count + np.arange(alone.sum())
    return numbers


def list_groups(numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The rows of each group of at least two, from `group`: largest group first, ties by first row."""
    groups = rows_by_group(numbers, int(numbers.max(initial=OUTLIER)) + 1)
    return sorted((rows for rows in groups if len(rows) > 1), key=lambda rows: (-len(rows), int(rows[0])))
