"""A walk through a graph of near neighbours (Malkov & Yashunin 2016, arXiv:1603.09320), in FAISS."""

from dataclasses import dataclass
from typing import Any

import faiss

from .base import Kind
from .exact import Floats, Rows
from .files import from_faiss, to_faiss


@dataclass(frozen=True)
class Hnsw(Kind):
    """Fast single queries, slow to build, about d + 8 * links bytes a row.

    The graph keeps its own vectors as one byte a dimension: candidates are rescored exactly, so that costs
    nothing measurable in recall, and a quarter of the memory of float32.
    Rows are added by one thread, so that every build gives the same links. FAISS would add them on all cores in
    whatever order they come: faster by the number of cores, and different each time.
    """

    links: int = 32
    """Links of a row on the ground level are twice this."""
    build_width: int = 80
    """Rows kept in view while a row is added; more is slower and better."""
    search_width: int = 128
    """Rows kept in view by a search; at least k. Recall against speed is decided here."""

    searchable = frozenset({"search_width"})

    def __post_init__(self) -> None:
        if min(self.links - 1, self.build_width, self.search_width) < 1:
            raise ValueError(f"{self}: links must be at least 2, the widths at least 1")

    def build(self, vectors: Floats) -> Any:
        """The graph, over squared distances: for unit vectors these order as the cosine does."""
        core: Any = faiss.index_factory(vectors.shape[1], f"HNSW{self.links}_SQ8", faiss.METRIC_L2)
        core.hnsw.efConstruction = self.build_width
        core.train(vectors)
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)  # OpenMP keeps this number for each calling thread
        try:
            core.add(vectors)
        finally:
            faiss.omp_set_num_threads(threads)
        return core

    def candidates(self, core: Any, queries: Floats, count: int) -> Rows:
        """All that the walk keeps in view: rescoring is cheap."""
        width = min(max(self.search_width, 2 * count), core.ntotal)
        walk = faiss.SearchParametersHNSW(efSearch=width)  # type: ignore[attr-defined]  # missing in its stubs
        rows: Rows = core.search(queries, width, params=walk)[1]
        return rows

    def to_bytes(self, core: Any) -> bytes:
        """As FAISS writes it."""
        return to_faiss(core)

    def from_bytes(self, data: bytes, count: int, dimension: int) -> Any:
        """As FAISS reads it."""
        return from_faiss(data, faiss.IndexHNSWSQ, count, dimension)
