"""Nearest rows of a matrix of vectors: exact, or approximate with exact scores.

    index = build(vectors)                # or build(vectors, "hnsw", search_width=256); kinds() lists all
    found = index.search(queries, k=10)   # found.rows, found.scores: cosine, higher is closer
    found = index.search(queries, k=10, allowed=rows)   # among these rows only, and exact
    index, choice = tune(vectors, recall=0.99)   # the cheapest that reaches it on these vectors, measured
    save(index, folder)
    index = load(folder, vectors)
    index = rebuild(index, others)        # for vectors most of which are the same: quicker where something is learnt
    graph = knn_graph(vectors, k=15)      # each row's nearest other rows
    update_graph(graph.neighbours, place, vectors)      # ... after rows came and went
    find_distinct(vectors).first          # rows without copies

Knows vectors and rows only. `exact.py` is the oracle, `base.py` holds everything that the kinds share.
"""

from .base import Neighbours, VectorIndex, build, kinds, make_kind, rebuild
from .choose import Choice, Trial, choose
from .distinct import Distinct
from .distinct import find as find_distinct
from .errors import IndexDamaged, IndexMismatch, VectorError
from .files import load, save
from .graph import NeighbourGraph, knn_graph, update_graph
from .recall import measure, recall
from .tune import tune

__all__ = [
    "Choice",
    "Distinct",
    "IndexDamaged",
    "IndexMismatch",
    "NeighbourGraph",
    "Neighbours",
    "Trial",
    "VectorError",
    "VectorIndex",
    "build",
    "choose",
    "find_distinct",
    "kinds",
    "knn_graph",
    "load",
    "make_kind",
    "measure",
    "rebuild",
    "recall",
    "save",
    "tune",
    "update_graph",
]
