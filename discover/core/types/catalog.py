"""What was read: the items, and what of the source was not used as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from discover.core import titles

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
    "released": "day",  # when it came out; null where unknown
    "added": "day",  # when it came into the catalog; null where unknown
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

    @cached_property
    def _bare(self) -> dict[str, list[int]]:
        """The rows of each title without a year behind it, in whatever case."""
        return _places(titles.name(title).casefold() for title in self.titles)

    def named(self, title: str) -> list[int]:
        """The rows of a title: as it is written, else in whatever case, else with or without a year behind it."""
        rows = self.titled.get(title) or self.folded.get(title.casefold())
        if rows:
            return rows
        year = titles.year(title)
        rows = self._bare.get(titles.name(title).casefold(), [])
        days = self.table.column("released")
        return rows if year is None else [row for row in rows if (day := days[row].as_py()) and day.year == year]

    @cached_property
    def fallbacks(self) -> dict[str, str]:
        """Of "released" and "added" the one that no column says, and the other, whose dates it has."""
        pairs = (("released", "added"), ("added", "released"))
        return {role: other for role, other in pairs if role not in self.mapping and other in self.mapping}

    def stands_for(self, role: str) -> str | None:
        """Of "released" and "added" the other, where this one's dates are taken for it."""
        return next((other for other, source in self.fallbacks.items() if source == role), None)

    def dates(self, role: str, rows: Iterable[int]) -> list[str | None]:
        """When these rows were "released" or "added", in ISO 8601, as exactly as the column says: 1994, 1994-03."""
        column = self.table.column(role)
        length = self._exactness[role]
        return [None if (day := column[row].as_py()) is None else day.isoformat()[:length] for row in rows]

    @cached_property
    def _exactness(self) -> dict[str, int]:
        """By role how much of "1994-03-17" is known: a column of first days only is one of years, or of months."""
        lengths = {}
        for role in ("released", "added"):
            days = self.table.column(role).to_numpy().astype("M8[D]")
            days = days[~np.isnat(days)]
            years, months = (bool((days == days.astype(unit)).all()) for unit in ("M8[Y]", "M8[M]"))
            lengths[role] = 4 if years else 7 if months else 10
        return lengths

    def column(self, name: str) -> list[Any]:
        """One column as Python values, by row."""
        return self.table.column(name).to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types


def _places(values: Iterable[str]) -> dict[str, list[int]]:
    """Where each value is, ascending."""
    places: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        places.setdefault(value, []).append(place)
    return places
