"""A catalog in the making, which the stages of `reader` fill."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from discover.catalog.reading.base import Raw
from discover.catalog.roles.find import Roles
from discover.catalog.values.base import RowReject
from discover.core.settings import CatalogSettings


@dataclass
class Draft:
    """A catalog in the making: columns by role over all rows that were read, and which of them stay."""

    raw: Raw
    roles: Roles
    settings: CatalogSettings
    columns: dict[str, pa.Array] = field(default_factory=dict)
    rejects: list[RowReject] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    keep: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.keep = np.ones(self.raw.table.num_rows, dtype=bool)

    def source(self, role: str) -> list[pa.ChunkedArray]:
        """The columns of the source that play a role."""
        return [self.raw.table.column(name) for name in self.roles.mapping.get(role, ())]

    def name(self, role: str) -> str:
        """The (first) column of the source that plays a role, for messages."""
        return self.mapping.get(role, (role,))[0]

    @property
    def mapping(self) -> dict[str, tuple[str, ...]]:
        """The columns as the source has them: pictures that were found by a column's file names are that column's."""
        made_from = self.raw.made_from
        return {role: tuple(made_from.get(name, name) for name in names) for role, names in self.roles.mapping.items()}

    def drop(self, rejects: list[RowReject]) -> None:
        """Sets rows aside."""
        self.rejects += rejects
        self.keep[[reject.row for reject in rejects]] = False

    def content(self, row: int) -> tuple[Any, ...]:
        """All that the source says in one row."""
        return tuple(column[row].as_py() for column in self.raw.table.columns)
