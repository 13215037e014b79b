"""What was read: the items, and what of the source was not used as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

# What columns of a catalog are for, and what a cell of each holds, in the order of the catalog's table.
ROLES: Mapping[str, str] = {
    "id": "text",  # unique, never empty
    "title": "text",
    "description": "text",
    "genres": "texts",
    "keywords": "texts",
    "people": "texts",
    "country": "texts",
    "language": "text",
    "kind": "text",
    "date": "day",  # null where unknown
    "image": "path",  # or URL; null where there is none
    "audience": "number",  # null where unknown
}


@dataclass(frozen=True)
class Reject:
    """A row or value of the input that was not used as it stands.

    `line` counts lines of a text file from 1 (the header is line 1), rows of other sources from 1; None where
    unknown. `dropped` says whether the whole row is missing from the catalog or only the value of `column`;
    `item` is the id of an item that stays.
    """

    line: int | None
    column: str | None
    reason: str
    value: str
    dropped: bool
    item: str | None = None

    @property
    def general_reason(self) -> str:
        """The reason without its numbers: what is the same in "2 cells where the header has 3" on many lines."""
        return re.sub(r"\d+", "…", self.reason)


@dataclass(frozen=True)
class Catalog:
    """The items after reading and checking.

    `table` has one column for each of ROLES: "text" is string and "texts" list<string>, empty and never null where
    there is nothing; "day" is date32, "path" string and "number" float64, null where there is nothing. After them comes
    every column of the source that was not taken for one of these, as text under its own name.
    """

    table: pa.Table
    mapping: Mapping[str, tuple[str, ...]]  # role -> columns of the source
    source: str
    rows_read: int
    rejects: tuple[Reject, ...] = ()
    warnings: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()  # roles of `mapping` that the content of a column was taken to show, not its name
    unused: tuple[str, ...] = ()  # columns of the source that nothing was taken from
    lines: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)  # by row, as in `Reject`

    def line(self, row: int) -> int | None:
        """Where the source has a row of the catalog, as in `Reject`; None in a catalog that was stored."""
        return None if self.lines is None else int(self.lines[row])

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def ids(self) -> list[str]:
        """The id of each row."""
        return self.column("id")

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each id."""
        return {id: row for row, id in enumerate(self.ids)}

    @cached_property
    def titles(self) -> list[str]:
        """The title of each row; where the source has none, its id."""
        return self.column("title")

    def described(self, roles: Iterable[str]) -> str:
        """Roles with their columns, for messages: "title (Name), image (no column)"."""
        return ", ".join(f"{role} ({', '.join(self.mapping.get(role, ())) or 'no column'})" for role in roles)

    @cached_property
    def titled(self) -> dict[str, list[int]]:
        """The rows of each title."""
        return _places(self.titles)

    @cached_property
    def folded(self) -> dict[str, list[int]]:
        """The rows of each title in whatever case, by `str.casefold`."""
        return _places(title.casefold() for title in self.titles)

    def column(self, name: str) -> list[Any]:
        """One column as Python values, by row."""
        return self.table.column(name).to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types


def _places(values: Iterable[str]) -> dict[str, list[int]]:
    """Where each value is, ascending."""
    found: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        found.setdefault(value, []).append(place)
    return found
