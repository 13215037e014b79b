"""The neighbour graph over fused vectors, from which themes are found."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.core.settings import ThemeSettings
from discover.core.types import OUTLIER, Graph
from discover.themes.go_on import Last

NEIGHBOURS = 30  # of an item, itself among them; fewer in small catalogs, where they would reach ...
MIN_NEIGHBOURS = 10
ITEMS_A_NEIGHBOUR = 50  # ... more than one item in so many
KEY_BYTES = 16  # of a digest that tells vectors apart


def build_graph(vectors: NDArray[np.float32], settings: ThemeSettings, last: Last | None = None) -> Graph:
    """The neighbour graph over fused vectors (n, d); rows of NaN (nothing to go by) stay outside.

    Items with exactly the same vector are one node, so that copies can neither found a theme nor fill each other's
    neighbour lists. Nodes are in the order of their keys, so that the order of the rows changes nothing. What came
    and went since the `last` run is brought up to date in its graph, to the same result.
    """
    present = np.flatnonzero(~np.isnan(vectors[:, 0]))
    usable = np.ascontiguousarray(vectors[present])
    distinct = indexes.find_distinct(usable)
    nodes = distinct.of(usable)
    digests = [blake2b(node.tobytes(), digest_size=KEY_BYTES).hexdigest() for node in nodes]
    keys = np.array(digests, dtype=f"S{2 * KEY_BYTES}")
    order = np.argsort(keys)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    first = np.full(len(vectors), OUTLIER, dtype=np.int64)
    first[present] = place[distinct.labels]
    nodes, keys, unique = nodes[order], keys[order], present[distinct.first[order]]
    count = (settings.neighbours or min(NEIGHBOURS, max(MIN_NEIGHBOURS, len(nodes) // ITEMS_A_NEIGHBOUR))) - 1
    empty = np.empty((len(nodes), 0), np.int64), np.empty((len(nodes), 0), np.float32)
    bare = Graph(unique, first, nodes, *empty, recall=1.0, keys=keys)
    if last and last.graph.neighbours.shape[1] == count < len(nodes) and last.goes_on(bare):
        before = indexes.Neighbours(last.graph.neighbours, last.graph.scores)
        neighbours, recall = indexes.update_graph(before, last.places(bare), nodes), last.graph.recall
    else:
        built = indexes.knn_graph(nodes, count, seed=settings.seed)
        neighbours, recall = built.neighbours, built.recall
    return replace(bare, neighbours=neighbours.rows, scores=neighbours.scores, recall=recall)
