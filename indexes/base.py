"""What every kind of index shares: the gate for vectors, exact rescoring, order, ties, filters.

A kind is one file in this folder with one subclass of `Kind`. Its name is the file's name, its parameters are
its dataclass fields, and adding one touches no other file.
"""

import operator
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, fields, replace
from importlib import import_module
from importlib.util import find_spec
from inspect import isabstract
from pkgutil import iter_modules
from typing import Any, ClassVar, Self

import faiss
import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import distinct, exact
from .choose import choose
from .errors import IndexDamaged, VectorError
from .exact import Floats, Rows

UNIT = 1e-6  # rows whose length is this close to 1 are left as they are


@dataclass(frozen=True, eq=False)
class Neighbours:
    """What a search found, one line for each query.

    rows: int64 (m, k), never -1; fewer columns than asked for when there are fewer rows.
    scores: float32 (m, k), the exact cosine in [-1, 1], higher is closer, descending; equal scores by
    ascending row. Both arrays are read-only.
    """

    rows: Rows
    scores: Floats

    def __post_init__(self) -> None:
        self.rows.flags.writeable = False
        self.scores.flags.writeable = False

    def __len__(self) -> int:
        return len(self.rows)


class Kind(ABC):
    """A way to propose neighbours: a frozen dataclass whose fields are its parameters, all with defaults.

    It never sees a query or a vector that is not float32, finite and of unit length, nor two equal vectors,
    nor an empty matrix. It need not score, sort or filter: the index does that exactly.
    What it builds, its core, is passed back to it and is never changed.
    """

    searchable: ClassVar[frozenset[str]] = frozenset()
    """The parameters that only a search reads: a built index can be given others."""
    package: ClassVar[str] = "faiss"
    """What it imports when it is used: a kind whose package is missing is not among `kinds()`. An optional
    package is the extra of the kind's name."""

    @abstractmethod
    def build(self, vectors: Floats) -> Any:
        """From float32 (n, d), n >= 1, make the core. The parameters must be checked here."""

    def refill(self, core: Any, vectors: Floats) -> Any:
        """A core for other vectors (n, d), n >= 1, much like those that `core` was built of: what was learnt stays."""
        return self.build(vectors)

    @abstractmethod
    def candidates(self, core: Any, queries: Floats, count: int) -> Rows:
        """Propose rows that may be among the `count` <= n closest: int64 (m, any number), -1 for none.

        A row appears once in a line. A line with fewer than `count` rows is answered by exact search.
        """

    @abstractmethod
    def to_bytes(self, core: Any) -> bytes:
        """The core as it goes to disk."""

    @abstractmethod
    def from_bytes(self, data: bytes, count: int, dimension: int) -> Any:
        """The core again. Raises IndexDamaged unless it holds `count` vectors of this dimension."""


@dataclass(frozen=True, eq=False, repr=False)
class VectorIndex:
    """Rows that can be searched. Made by `build` or `load`, never changed; safe to share among threads.

    vectors: float32 (n, d) of unit length, the caller's own array (memory-mapped, perhaps) where it was
    so already. core: what the kind built over the distinct vectors; None for no rows.
    """

    kind: Kind
    vectors: Floats
    distinct: distinct.Distinct
    core: Any

    @property
    def name(self) -> str:
        """The kind's name."""
        return name_of(type(self.kind))

    @property
    def parameters(self) -> dict[str, Any]:
        """The kind's parameters, as `build` takes them."""
        return asdict(self.kind)  # type: ignore[call-overload,no-any-return]  # all are dataclasses

    @property
    def dimension(self) -> int:
        """The vectors' dimension."""
        return int(self.vectors.shape[1])

    def __len__(self) -> int:
        return len(self.vectors)

    def __repr__(self) -> str:
        settings = "".join(f", {key}={value!r}" for key, value in self.parameters.items())
        return f"<VectorIndex {self.name}: {len(self):,} rows of dimension {self.dimension}{settings}>"

    def search(self, queries: ArrayLike, k: int, allowed: ArrayLike | None = None) -> Neighbours:
        """The k closest rows to each query, among all rows or among the allowed ones only.

        queries: (m, d), float16, 32 or 64, any length but zero. allowed: ascending unique row numbers; with
        them the search is exact whatever the kind, so a filter never costs recall: an HNSW graph walked with
        a selector finds .80 of what it should where 1 % is allowed. Raises VectorError for anything else.
        """
        checked = unit(queries, "queries", self.dimension)
        k = count_of(k)
        if allowed is not None:
            return Neighbours(*exact.top(checked, self.vectors, k, row_numbers(allowed, len(self))))
        k = min(k, len(self))
        found, values = np.empty((len(checked), k), np.int64), np.empty((len(checked), k), np.float32)
        for part in exact.blocks(len(checked), 64 * max(k, 1024)):
            found[part], values[part] = self._search(checked[part], k)
        return Neighbours(found, values)

    def _search(self, queries: Floats, k: int) -> tuple[Rows, Floats]:
        if self.core is None:
            return exact.top(queries, self.vectors, k)
        wanted = min(k, len(self.distinct))
        proposed = self.kind.candidates(self.core, queries, wanted)
        if proposed.size and not -1 <= proposed.min() <= proposed.max() < len(self.distinct):
            raise IndexDamaged(f"the {self.name} index proposed a row that does not exist. Build it again")
        too_few = np.count_nonzero(proposed >= 0, axis=1) < wanted
        if too_few.all():
            return exact.top(queries, self.vectors, k)
        rows = np.where(proposed < 0, -1, self.distinct.first[proposed])
        found, values = exact.best(rows, exact.scores(queries, self.vectors, rows), k)
        found, values = self.distinct.expand(found, values, k)
        if too_few.any():
            found[too_few], values[too_few] = exact.top(queries[too_few], self.vectors, k)
        return found, values

    def tuned(self, **changes: Any) -> Self:
        """The same index with other parameters for the search (`kind.searchable`); nothing is rebuilt."""
        if fixed := sorted(set(changes) - self.kind.searchable):
            valid = ", ".join(sorted(self.kind.searchable)) or "none"
            raise ValueError(f"{fixed[0]} of a built {self.name} index cannot change. These can: {valid}")
        return replace(self, kind=replace(self.kind, **changes))  # type: ignore[type-var]  # all are dataclasses


def build(vectors: ArrayLike, kind: str | None = None, **parameters: Any) -> VectorIndex:
    """Index vectors (n, d): float16, 32 or 64, finite, no row of zeros. n may be 0.

    kind: one of `kinds()`, or None to let `choose` decide. parameters: the kind's own.
    Raises VectorError, naming the first bad row; ValueError for an unknown kind or parameter.
    """
    checked = unit(vectors, "vectors")
    if kind is None:
        choice = choose(*checked.shape)
        kind, parameters = choice.kind, {**choice.parameters, **parameters}
    way = make_kind(kind, parameters)
    groups = distinct.find(checked)
    return VectorIndex(way, checked, groups, way.build(groups.of(checked)) if len(checked) else None)


def rebuild(old: VectorIndex, vectors: ArrayLike) -> VectorIndex:
    """An index like `old` for other vectors (n, d), of which most are the same: an inverted file keeps its centres.

    Raises VectorError, naming the first bad row.
    """
    checked = unit(vectors, "vectors", old.dimension)
    if old.core is None or not len(checked):
        return build(checked, old.name, **old.parameters)
    groups = distinct.find(checked)
    return VectorIndex(old.kind, checked, groups, old.kind.refill(old.core, groups.of(checked)))


def kinds() -> tuple[str, ...]:
    """The names of all kinds that can be used here: the files of this folder that define one."""
    return tuple(sorted(name for name, kind in _classes().items() if find_spec(kind.package)))


def make_kind(name: str, parameters: dict[str, Any]) -> Kind:
    """The kind of that name with these parameters; ValueError lists the valid names when one is wrong.

    Raises ModuleNotFoundError, with the command that installs it, for a kind whose package is missing.
    """
    classes = _classes(name)
    if name not in classes:
        raise ValueError(f"no kind of index is called {name!r}. Valid: {', '.join(kinds())}")
    if not find_spec(package := classes[name].package):
        install = f"pip install 'content-discover[{name}]'"
        raise ModuleNotFoundError(f"kind {name} needs the package {package!r}, which is missing; {install}")
    valid = [field.name for field in fields(classes[name])]  # type: ignore[arg-type]  # all are dataclasses
    if unknown := sorted(set(parameters) - set(valid)):
        raise ValueError(f"{name} has no parameter {unknown[0]!r}. Valid: {', '.join(valid) or 'none'}")
    return classes[name](**parameters)


def name_of(kind: type[Kind]) -> str:
    """A kind's name: that of its file."""
    return kind.__module__.rpartition(".")[2]


def _classes(only: str | None = None) -> dict[str, type[Kind]]:
    """By name all kinds, or the one of this name without importing what the others need."""
    names = [module.name for module in iter_modules(import_module(__package__).__path__)]
    modules = (import_module(f"{__package__}.{name}") for name in names if only in (None, name))
    found = (
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Kind) and value.__module__ == module.__name__
    )
    return {name_of(kind): kind for kind in found if not isabstract(kind)}


def unit(array: ArrayLike, what: str, dimension: int | None = None) -> Floats:
    """The gate: (n, d) as float32 rows of length 1; the same array, not a copy, when it is so already.

    Accepts float16, 32 and 64. Raises VectorError for another dtype or shape, another dimension than the
    given one, and the first row that holds a NaN or an infinity or is all zeros.
    """
    given = np.asarray(array)
    if given.dtype.kind != "f" or given.dtype.itemsize not in (2, 4, 8):
        raise VectorError(f"{what} are {given.dtype}. Give float16, float32 or float64")
    if given.ndim != 2 or given.shape[1] == 0:
        raise VectorError(f"{what} have shape {given.shape}. Give a matrix (rows, dimension)")
    if dimension is not None and given.shape[1] != dimension:
        raise VectorError(f"{what} have dimension {given.shape[1]}, but the index has {dimension}")
    ready = given.dtype == np.float32 and given.dtype.isnative and given.flags.c_contiguous
    if ready and np.all(np.abs(_lengths(given) - 1) <= UNIT):
        return given
    result = np.empty(given.shape, np.float32)
    for part in exact.blocks(len(given), 24 * given.shape[1]):
        result[part] = _unit_block(given[part], what, part.start)
    return result


def _lengths(vectors: Floats) -> Floats:
    lengths = np.empty(len(vectors), np.float32)
    if len(vectors):
        norms = faiss.fvec_norms_L2  # type: ignore[attr-defined]  # missing in its stubs
        norms(faiss.swig_ptr(lengths), faiss.swig_ptr(vectors), vectors.shape[1], len(vectors))
    return lengths


def _unit_block(given: NDArray[Any], what: str, start: int) -> NDArray[Any]:
    wide = given.astype(np.float64)
    largest = np.abs(wide).max(axis=1, keepdims=True, initial=0)
    usable = np.isfinite(largest) & (largest > 0)
    if not usable.all():
        row = int(np.argmin(usable))
        fault = "is all zeros, which has no direction" if largest[row] == 0 else "holds a NaN or an infinity"
        raise VectorError(f"row {start + row} of the {what} {fault}")
    with np.errstate(over="ignore"):  # a length of infinity is simply not 1
        as_is = np.abs(np.sqrt(np.einsum("ij,ij->i", wide, wide)) - 1) <= UNIT
    scaled = wide / largest  # so that no square can overflow or vanish
    scaled /= np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, None]
    return np.where(as_is[:, None], wide, scaled)


def count_of(k: int) -> int:
    """k as an int; VectorError unless it is a whole number, at least 1."""
    try:
        whole = operator.index(k)
    except TypeError:
        whole = 0
    if whole < 1 or isinstance(k, bool):
        raise VectorError(f"k is {k!r}. Give a whole number, 1 or more")
    return whole


def row_numbers(allowed: ArrayLike, count: int) -> Rows:
    """Allowed rows as int64; VectorError unless they are ascending, unique and in range(count)."""
    given = np.asarray(allowed)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise VectorError(f"allowed rows are {given.dtype} of shape {given.shape}. Give a list of row numbers")
    if not given.size:
        return np.empty(0, np.int64)
    if given.max() >= count or given.min() < 0:
        wrong = given.max() if given.max() >= count else given.min()
        raise VectorError(f"allowed rows hold {wrong}, but the index has {count} rows")
    whole = given.astype(np.int64)
    if np.any(whole[1:] <= whole[:-1]):
        raise VectorError("allowed rows must be ascending and unique, as numpy.unique gives them")
    return whole
