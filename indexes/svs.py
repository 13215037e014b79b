"""A Vamana graph (Subramanya et al. 2019, DiskANN) in Intel's Scalable Vector Search, an optional package.

Vectors are kept as LVQ4x8 (Aguerrebere et al. 2023, arXiv:2304.04759: 4 bits a dimension to walk, 8 more to order)
on Intel processors; the library ends the process where others ask for it, so elsewhere they are kept as float16.
"""

import io
import platform
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import faiss
import numpy as np

from .base import Kind
from .errors import IndexDamaged
from .exact import Floats, Rows

PARTS = ("config", "graph", "data")  # the folders that SVS saves an index to
COMPRESSED = "compressed"  # an empty entry of the saved file, where its vectors are LVQ


@dataclass(frozen=True)
class Svs(Kind):
    """The fastest graph on Intel processors; about 1.5 * d + 4 * links bytes a row there, 2 * d + 4 * links elsewhere.

    Needs the extra `svs`. Built on one thread: with more, two builds differ in their links.
    """

    links: int = 32
    """Links of a row."""
    build_width: int = 64
    """Rows kept in view while a row is added; more is slower and better."""
    search_width: int = 128
    """Rows kept in view by a search; at least k. Recall against speed is decided here."""

    searchable = frozenset({"search_width"})
    package = "svs"

    def __post_init__(self) -> None:
        if min(self.links - 1, self.build_width, self.search_width) < 1:
            raise ValueError(f"{self}: links must be at least 2, the widths at least 1")

    def build(self, vectors: Floats) -> "Core":
        """The graph over inner products."""
        svs = import_module("svs")
        plan = svs.VamanaBuildParameters(graph_max_degree=self.links, window_size=self.build_width, alpha=0.95)
        if not lvq_runs_here():
            return Core(svs.Vamana.build(plan, vectors.astype(np.float16), svs.DistanceType.MIP, num_threads=1), False)
        with TemporaryDirectory() as folder:  # only files can be compressed
            given, kept = str(Path(folder, "given.fvecs")), str(Path(folder, "kept.svs"))
            svs.write_vecs(vectors, given)
            svs.convert_vecs_to_svs(given, kept)
            data = svs.LVQLoader(svs.VectorDataLoader(kept, svs.DataType.float32), primary=4, residual=8)
            return Core(svs.Vamana.build(plan, data, svs.DistanceType.MIP, num_threads=1), True)

    def candidates(self, core: "Core", queries: Floats, count: int) -> Rows:
        """All that the walk keeps in view: rescoring is cheap."""
        width = min(max(self.search_width, 2 * count), core.index.size)
        with core.lock:  # SVS keeps the width in the index, not in the call
            core.index.search_window_size = width
            if core.index.num_threads != (threads := faiss.omp_get_max_threads()):  # setting it makes new threads
                core.index.num_threads = threads
            rows = core.index.search(queries, width)[0].astype(np.int64)
        order = np.argsort(rows, axis=1, kind="stable")  # a walk that finds fewer rows than wanted repeats row 0
        ordered = np.take_along_axis(rows, order, axis=1)
        repeated = np.zeros(rows.shape, bool)
        np.put_along_axis(repeated, order[:, 1:], ordered[:, 1:] == ordered[:, :-1], axis=1)
        return np.where(repeated, -1, rows)

    def to_bytes(self, core: "Core") -> bytes:
        """A zip of what SVS saves, with its random identifiers made the same in every build."""
        with TemporaryDirectory() as folder:
            with core.lock:
                core.index.search_window_size = self.links  # a width that a search left behind is no part of it
                core.index.save(*(str(Path(folder, part)) for part in PARTS))
            files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in Path(folder).rglob("*.*")}
        found = sorted({name for data in files.values() for name in re.findall(rb"uuid = '([-0-9a-f]{36})'", data)})
        order = {name: next(file for file, data in sorted(files.items()) if name in data) for name in found}
        for number, name in enumerate(sorted(found, key=lambda name: order[name]), start=1):
            fixed = b"00000000-0000-0000-0000-%012x" % number
            files = {file: _renamed(data, name, fixed) for file, data in files.items()}
        packed = io.BytesIO()
        with ZipFile(packed, "w") as archive:
            for file, data in sorted({**files, **({COMPRESSED: b""} if core.compressed else {})}.items()):
                archive.writestr(ZipInfo(file), data)
        return packed.getvalue()

    def from_bytes(self, data: bytes, count: int, dimension: int) -> "Core":
        """As SVS reads it. Raises IndexDamaged where the file is LVQ and the processor not Intel's, too."""
        svs = import_module("svs")
        try:
            with ZipFile(io.BytesIO(data)) as archive, TemporaryDirectory() as folder:
                archive.extractall(folder)
                compressed = COMPRESSED in archive.namelist()
                if compressed and not lvq_runs_here():
                    raise IndexDamaged("its vectors are LVQ, which only Intel processors read. Build it again here")
                config, graph, kept = (str(Path(folder, part)) for part in PARTS)
                loader = svs.LVQLoader(kept) if compressed else svs.VectorDataLoader(kept, svs.DataType.float16)
                index = svs.Vamana(config, svs.GraphLoader(graph), loader, svs.DistanceType.MIP)
        except (BadZipFile, RuntimeError, ValueError) as error:
            raise IndexDamaged(f"SVS cannot read the index ({error}). Build it again") from error
        if (index.size, index.dimensions) != (count, dimension):
            found = f"{index.size} x {index.dimensions}"
            raise IndexDamaged(f"expected {count} x {dimension} vectors, found {found}. Build it again")
        return Core(index, compressed)


class Core:
    """An index of SVS, and the lock that a search holds."""

    def __init__(self, index: Any, compressed: bool) -> None:
        self.index, self.compressed, self.lock = index, compressed, Lock()


def lvq_runs_here() -> bool:
    """Whether this is an Intel processor, which the library insists on for its compression."""
    try:
        return "GenuineIntel" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return "GenuineIntel" in platform.processor()


def _renamed(data: bytes, name: bytes, fixed: bytes) -> bytes:
    """Another identifier, in text and, byte for byte from its end, in the header of a binary file."""
    text, header = data.replace(name, fixed), 64
    old, new = (bytes.fromhex(part.decode().replace("-", ""))[::-1] for part in (name, fixed))
    return text[:header].replace(old, new) + text[header:]
