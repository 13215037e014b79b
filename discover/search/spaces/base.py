"""What a space is: one way in which items are alike, and all that searches and explanations ask of it.

A space is a file of this folder that exports one class, named as the file (`title_length.py` -> `TitleLength`). It must
say how it is made from a catalog, what its queries are, how these compare with rows, and which rows may be near. The
rest has defaults: such a space takes items only, is made again from the catalog when a version is opened, and explains
its part of a score by one term.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.core.types import Catalog, Embeddings, Evidence
from discover.search.understanding.understand import Criterion, Vocabulary

Rows = NDArray[np.int64]
TOGETHER = "everything together"


def union(parts: Sequence[Rows]) -> Rows:
    """Each row of some lists once, ascending: for a thousand rows much faster than numpy.unique."""
    rows = np.sort(np.concatenate([np.empty(0, np.int64), *parts]))
    return rows[np.diff(rows, prepend=-1) > 0]


@dataclass(frozen=True)
class SpaceInput:
    """What spaces are made from: the items, and the vectors of encoders with the index over each."""

    catalog: Catalog
    embeddings: Mapping[str, Embeddings]
    index: Callable[[str], indexes.VectorIndex] = field(repr=False)  # by space; opened when first needed


class Stored(Protocol):
    """The files that a space has written, by name; each is checked when it is read. Raises WorkspaceError."""

    def __contains__(self, name: str) -> bool: ...

    def array(self, name: str) -> NDArray[Any]:
        """An array, mapped."""
        ...

    def json(self, name: str) -> Any:
        """What a JSON file holds."""
        ...


class Models(Protocol):
    """The models of an opened version."""

    def encoder(self, space: str) -> Any:
        """The encoder that made the space's vectors. Raises ModelError."""
        ...

    def nonsense_level(self, space: str, nearest: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> float:
        """The cosine that few texts without meaning reach; `nearest` gives that of each of some vectors."""
        ...


@dataclass(frozen=True)
class Compared:
    """Queries against rows. A pair that the space says nothing about has similarity 0 and coverage 0."""

    similarities: NDArray[np.float32] = field(repr=False)  # (q, c), higher is closer, 1 is equal
    coverage: NDArray[np.float32] = field(repr=False)  # (q, c), in [0, 1]: how much of the space both sides have


@dataclass(frozen=True)
class Shared:
    """What one query and some rows have in common: m words or values, in no order."""

    role: str  # that the values are of; "" for words
    owners: NDArray[np.int64] = field(repr=False)  # (m,) position among the rows asked for
    columns: NDArray[np.integer] = field(repr=False)  # (m,) which words or values they are; -1 for nearness in time
    names: Sequence[str] = field(repr=False)  # (m,)
    amounts: NDArray[np.float64] = field(repr=False)  # (m,) what each adds to the similarity, above 0
    short: Sequence[str] | None = field(default=None, repr=False)  # (m,) names for a `why`, "" for none; else `names`


@dataclass(frozen=True)
class Feature:
    """A word or value that an item has."""

    place: int  # of the item among those asked for
    role: str  # that the value is of; "word" for words
    text: str
    weight: float  # the higher, the more it says of the item


@runtime_checkable
class TakesText(Protocol):
    """What a space has that can be asked with a text."""

    def query(self, text: str, models: Models) -> Any:
        """One query that asks for what fits a text. Raises ModelError."""
        ...


@runtime_checkable
class TakesCriteria(Protocol):
    """What a space has that knows facts, which a text can ask for."""

    name: ClassVar[str]

    @property
    def vocabulary(self) -> Vocabulary:
        """The values that a text may name."""
        ...

    def ask(self, criteria: Sequence[Criterion]) -> Any:
        """One query that asks for what meets these criteria, at least one."""
        ...

    def meeting(self, criterion: Criterion) -> NDArray[np.bool_]:
        """(n,) which items meet a criterion."""
        ...


@runtime_checkable
class TakesPicture(Protocol):
    """What a space has that can be asked with a picture."""

    def query_picture(self, path: str, models: Models) -> Any:
        """One query that asks for what is like a picture file. Raises InputError, ModelError."""
        ...


class Space(ABC):
    """One way to compare items. What `queries` are is the space's own business; they hold q queries in order.

    One that can be asked with more than items has the methods of `TakesText`, `TakesCriteria` or `TakesPicture`.
    """

    name: ClassVar[str]  # what settings and scores call it: that of its file
    weight: ClassVar[float] = 1.0  # how much it counts in a score, unless settings or a query say otherwise
    candidates: ClassVar[int] = 400  # rows that it proposes at least, in catalogs too large to score whole
    kind: ClassVar[Literal["word", "value"]] = "value"  # what features and evidence are; words say less than values
    label: ClassVar[str] = ""  # what people call it; else its name
    hint: ClassVar[str] = ""  # what it compares, in a few words

    # --- making, keeping -------------------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def build(cls, items: SpaceInput) -> Self | None:
        """The space over these items; None where it could tell no two of them apart."""

    def save(self, folder: Path) -> None:  # noqa: B027  # most have nothing to write
        """Write what is not to be made again when a version is opened. Raises DiskError."""

    @classmethod
    def load(cls, items: SpaceInput, stored: Stored) -> Self | None:
        """The space of a stored version. Raises WorkspaceError."""
        return cls.build(items)

    # --- asking ----------------------------------------------------------------------------------------------

    @abstractmethod
    def items(self, rows: Rows) -> Any:
        """Queries that ask for what is like these catalog rows."""

    def out_of_domain(self, text: str, query: Any, models: Models) -> bool | None:
        """Whether a text, asked as `query`, fits no item at all; None where the space cannot say."""
        return None

    def warm(self, models: Models) -> None:  # noqa: B027  # most need no model
        """Load what the first text would wait for."""

    # --- comparing -------------------------------------------------------------------------------------------

    @abstractmethod
    def compare(self, queries: Any, rows: Rows | None = None) -> Compared:
        """The queries against these catalog rows, against all of them by default."""

    @abstractmethod
    def nearest(self, queries: Any, count: int, allowed: Rows | None = None) -> Rows:
        """Catalog rows, ascending, in which the queries' nearest are likely to be: about `count` for each query.

        `allowed` (ascending catalog rows) limits the answer. A space that cannot tell gives none.
        """

    # --- explaining ------------------------------------------------------------------------------------------

    def shared(self, query: Any, rows: Rows) -> list[Shared]:
        """What one query and each of these rows have in common, where the similarity is a sum over that."""
        return []

    def prepare(self, catalog: Catalog, rows: Sequence[int], models: Models) -> Mapping[int, Any]:
        """By row what `evidence` needs and takes long to compute, for all rows at once. Raises ModelError."""
        return {}

    def evidence(self, query: Any, asked: int | None, row: int, prepared: Mapping[int, Any]) -> list[Evidence]:
        """What the similarity of a query and a row consists of; the amounts sum to it. `asked` is the query's row."""
        rows = np.array([row], dtype=np.int64)
        whole = float(self.compare(query, rows).similarities[0, 0])
        shared = self.shared(query, rows)
        if not shared:
            return [Evidence(self.name, "together", TOGETHER, whole)]
        total = sum(float(part.amounts.sum()) for part in shared)
        exact = whole / total if total else 1.0  # 1 but for the rounding of float32
        return [
            Evidence(self.name, self.kind, name, exact * float(amount), part.role)
            for part in shared
            for name, amount in zip(part.names, part.amounts, strict=True)
        ]

    def speaks(self, column: int) -> bool:
        """Whether something shared (see `Shared.columns`) says something to people who see nothing else."""
        return True

    def features(self, rows: Sequence[int]) -> list[Feature]:
        """The words or values of these rows that say something to people."""
        return []

    def gap(self, row: int, other: int) -> Feature | None:
        """How far two items lie apart, where that is worth a word."""
        return None
