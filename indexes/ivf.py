"""Lists of rows around k-means centres, scanned as 4-bit codes.

Product quantisation: Jegou, Douze & Schmid 2011. The scan inside registers: Andre, Kermarrec & Le Scouarnec
2015 (VLDB, "Cache locality is not enough"). Both in FAISS.
"""

from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np

from .base import Kind
from .choose import TRAINING_ROWS, default_lists
from .exact import Floats, Rows, at_most
from .files import from_faiss, to_faiss


@dataclass(frozen=True)
class Ivf(Kind):
    """Fast batches, quick to build, about d / 4 + 8 bytes a row: the choice for many rows or little memory.

    Two dimensions share one 4-bit code, which finds candidates well but orders them badly: more of them
    than wanted are proposed, and rescored exactly. Builds are repeatable to the byte.
    """

    lists: int | None = None
    """None: sqrt(n), but few enough that each centre has rows to learn from. Codes are scanned so fast that more
    and shorter lists cost more than they save (59,000 texts, one core: 4,000 queries/s at recall .99, with 4 * sqrt(n)
    2,900)."""
    probes: int | None = None
    """Lists that a search scans. None: one in five, at least 32. Recall against speed is decided here."""
    spare: int = 4
    """Candidates for each row wanted."""
    seed: int = 0

    searchable = frozenset({"probes", "spare"})

    def __post_init__(self) -> None:
        if min(self.lists or 1, self.probes or 1, self.spare) < 1:
            raise ValueError(f"{self}: lists, probes and spare must be at least 1")

    def build(self, vectors: Floats) -> Any:
        """Centres, codes and lists."""
        count, vectors = len(vectors), _even(vectors)
        lists = self.lists or default_lists(count)
        dimension = vectors.shape[1]
        layout = f"IVF{lists},PQ{dimension // 2}x4fs"
        core: Any = faiss.index_factory(dimension, layout, faiss.METRIC_INNER_PRODUCT)
        core.cp.seed = core.pq.cp.seed = self.seed + 1
        core.cp.niter = 10
        core.cp.spherical = True
        # Fewer rows than FAISS asks for are shown to it several times: any number of rows can be indexed.
        enough = max(count, TRAINING_ROWS * max(16, lists))
        core.train(vectors if enough == count else vectors[np.arange(enough) % count])
        core.add(vectors)
        return core

    def refill(self, core: Any, vectors: Floats) -> Any:
        """The same centres and codes, other lists."""
        made: Any = faiss.clone_index(core)
        made.reset()
        made.add(_even(vectors))
        return made

    def candidates(self, core: Any, queries: Floats, count: int) -> Rows:
        """The closest rows by their codes, in the lists whose centres are closest."""
        probes = min(self.probes or max(32, core.nlist // 5), core.nlist)
        fewest = max(32, 2048 // core.d)  # few dimensions make few codes, which many rows share
        width = min(max(self.spare * count, fewest), core.ntotal)
        scan = faiss.SearchParametersIVF(nprobe=probes)  # type: ignore[call-arg]  # wrong in its stubs
        with at_most(len(queries)):  # one query's lists are read before a second core has begun
            rows: Rows = core.search(_even(queries), width, params=scan)[1]
        return rows

    def to_bytes(self, core: Any) -> bytes:
        """As FAISS writes it."""
        return to_faiss(core)

    def from_bytes(self, data: bytes, count: int, dimension: int) -> Any:
        """As FAISS reads it."""
        return from_faiss(data, faiss.IndexIVFPQFastScan, count, dimension + dimension % 2)


def _even(vectors: Floats) -> Floats:
    """With one more dimension of zeros where their number is odd: the codes take two at a time."""
    return vectors if vectors.shape[1] % 2 == 0 else np.pad(vectors, ((0, 0), (0, 1)))
