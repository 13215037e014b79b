"""The facts about items: what they share of genres, keywords, makers, countries ..., and how near in time they are.

In each field two items compare by the cosine of their sets, rare values weighing more (the logarithm of how many
items there are for each that has the value); dates by how many years lie between them. The similarity is the mean
over the fields that both have, the coverage how much of all fields that is: an item of which little is known is
neither punished nor favoured.

A text asks for the values and years that it names (see `search.understanding`), any of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from discover.core import files
from discover.core.ranking import top_k
from discover.search.spaces import _sparse
from discover.search.spaces._criteria import CriteriaQuery
from discover.search.spaces._sparse import Sparse, best, listed, overlap, product, unit_rows
from discover.search.spaces.base import Compared, Feature, Models, Rows, Shared, Space, SpaceInput, Stored, union
from discover.search.understanding.understand import Criterion, Vocabulary

WEIGHTS = {"genres": 1.0, "keywords": 1.0, "people": 1.0, "country": 0.5, "language": 0.5, "kind": 0.5, "released": 0.5}
DATE = "released"  # the field that compares by nearness in time
YEARS = 10.0  # years after which nearness in time has fallen to 1/e


@dataclass(frozen=True)
class Values:
    """One field: which item has which values."""

    matrix: Sparse = field(repr=False)  # (n, v) rows of unit length, empty where unknown
    lists: Sparse = field(repr=False)  # (v, n) the same by value
    names: Sequence[str] = field(repr=False)  # (v,) by column

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(n,) whether an item has any."""
        return self.matrix.lengths > 0

    @cached_property
    def columns(self) -> Mapping[str, int]:
        """Value as written -> column."""
        return {name: column for column, name in enumerate(self.names)}


@dataclass(frozen=True)
class MetadataQuery:
    """Queries of q items."""

    fields: Mapping[str, Sparse]  # field -> (q, v)
    years: NDArray[np.float64]  # (q,), NaN where unknown


@dataclass(frozen=True)
class Metadata(Space):
    """`fields` holds those that tell items apart; `years` is None where the catalog has no dates."""

    name: ClassVar[str] = "metadata"
    label: ClassVar[str] = "Metadata"
    hint: ClassVar[str] = "genres, people, country, time"
    weight: ClassVar[float] = 0.7
    candidates: ClassVar[int] = 300

    fields: Mapping[str, Values]
    years: NDArray[np.float64] | None = field(repr=False)  # (n,) with fractions, NaN where unknown
    count: int

    @classmethod
    def build(cls, items: SpaceInput) -> Self | None:
        """The facts of every role that is a value or a list of values; None where no field tells items apart."""
        catalog, roles = items.catalog, [role for role in WEIGHTS if role != DATE]
        fields = {role: values for role in roles if (values := _find_values(catalog.column(role)))}
        days = catalog.column(DATE)
        years = np.array([np.nan if day is None else day.year + (day.month - 0.5) / 12 for day in days], np.float64)
        known_years = None if np.isnan(years).all() else years
        return cls(fields, known_years, len(catalog)) if fields or known_years is not None else None

    def save(self, folder: Path) -> None:
        """Write all of it."""
        for name, values in self.fields.items():
            _sparse.save(folder, name, values.matrix)
            _sparse.save(folder, f"{name}-lists", values.lists)
        if self.years is not None:
            files.save_array(folder / "years.npy", self.years)
        names = {name: list(values.names) for name, values in self.fields.items()}
        files.save_json(folder / "about.json", {"fields": names, "count": self.count})

    @classmethod
    def load(cls, items: SpaceInput, stored: Stored) -> Self | None:
        """As it was written; None where nothing is known of any item."""
        if "about.json" not in stored:
            return None
        about, fields = stored.json("about.json"), {}
        for name, names in about["fields"].items():
            matrix = _sparse.load(stored, name, len(names))
            fields[name] = Values(matrix, _sparse.load(stored, f"{name}-lists", matrix.shape[0]), names)
        years = stored.array("years.npy") if "years.npy" in stored else None
        return cls(fields, years, about["count"])

    @cached_property
    def _whole(self) -> float:
        """The weight of all fields together."""
        return sum(WEIGHTS[name] for name in self.fields) + (WEIGHTS[DATE] if self.years is not None else 0.0)

    def items(self, rows: Rows) -> MetadataQuery:
        """The facts about these catalog rows."""
        years = np.full(len(rows), np.nan) if self.years is None else self.years[rows]
        return MetadataQuery({name: values.matrix[rows] for name, values in self.fields.items()}, years)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The values that a text may ask for."""
        return Vocabulary({name: values.names for name, values in self.fields.items()}, self.years is not None)

    def ask(self, criteria: Sequence[Criterion]) -> CriteriaQuery:
        """One query for what meets these criteria, at least one."""
        return CriteriaQuery(tuple(criteria), np.array([self.meeting(criterion) for criterion in criteria]))

    def meeting(self, criterion: Criterion) -> NDArray[np.bool_]:
        """(n,) which items have any of a criterion's values, or are of its years."""
        met = np.zeros(self.count, dtype=bool)
        if criterion.years is not None and self.years is not None:
            first, last = criterion.years
            met |= (self.years >= first) & (self.years < last + 1)
        for role, written in criterion.values.items():
            values = self.fields[role]
            for column in [values.columns[name] for name in written]:
                met[values.lists.indices[values.lists.indptr[column] : values.lists.indptr[column + 1]]] = True
        return met

    def _held(self, criterion: Criterion, row: int) -> str:
        """The values of an item that meet a criterion, or its year."""
        if criterion.years is not None and self.years is not None:
            return f"{int(self.years[row])}"
        held = [
            self.fields[role].names[column]
            for role, written in criterion.values.items()
            for column, _ in self.fields[role].matrix.entries(row)
            if self.fields[role].names[column] in written
        ]
        return ", ".join(dict.fromkeys(held))

    def compare(self, queries: MetadataQuery | CriteriaQuery, rows: Rows | None = None) -> Compared:
        """Weighted means of what is shared."""
        if isinstance(queries, CriteriaQuery):
            return queries.compare(rows)
        shape = (len(queries.years), self.count if rows is None else len(rows))
        total, weight = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        for name, values in self.fields.items():
            query = queries.fields[name]
            total += WEIGHTS[name] * (
                listed(query, values.lists) if rows is None else product(query, values.matrix[rows])
            )
            known = values.known if rows is None else values.known[rows]
            weight += np.float32(WEIGHTS[name]) * ((query.lengths > 0)[:, None] & known)
        if self.years is not None:
            near = _near(queries.years, self.years if rows is None else self.years[rows])
            dated = ~np.isnan(near)
            total += WEIGHTS[DATE] * np.where(dated, near, np.float32(0))
            weight += np.float32(WEIGHTS[DATE]) * dated
        mean = total / np.where(weight > 0, weight, np.float32(1))
        return Compared(mean.astype(np.float32), (weight / self._whole).astype(np.float32))

    def shared(self, query: MetadataQuery | CriteriaQuery, rows: Rows) -> list[Shared]:
        """By role the values that one query and each of these rows have in common; for dates how far apart they are."""
        if isinstance(query, CriteriaQuery):
            return query.shared(rows, self._held)
        shared, weight = [], np.zeros(len(rows))
        for name, values in self.fields.items():
            owners, columns, products = overlap(query.fields[name], values.matrix, rows)
            names = [values.names[column] for column in columns]
            shared.append(Shared(name, owners, columns, names, WEIGHTS[name] * products))
            weight += WEIGHTS[name] * (values.known[rows] & (query.fields[name].lengths[0] > 0))
        if self.years is not None:
            near = _near(query.years, self.years[rows])[0].astype(np.float64)
            dated = np.flatnonzero(~np.isnan(near))
            years = self.years[rows[dated]]
            names = [years_apart(apart) for apart in np.abs(query.years[0] - years)]
            decade = query.years[0] // 10
            decades = [f"{decade * 10:.0f}s" if year // 10 == decade else "" for year in years]
            nowhere = np.full(len(dated), -1)
            shared.append(Shared(DATE, dated, nowhere, names, WEIGHTS[DATE] * near[dated], decades))
            weight += WEIGHTS[DATE] * ~np.isnan(near)
        return [replace(part, amounts=part.amounts / weight[part.owners]) for part in shared]

    def out_of_domain(self, text: str, query: MetadataQuery | CriteriaQuery, models: Models) -> bool | None:
        """False where some item meets something that a text asks for."""
        return False if isinstance(query, CriteriaQuery) and bool(query.met.any()) else None

    def features(self, rows: Sequence[int]) -> list[Feature]:
        """The values of these rows, by role; the weight is what a value makes up of its role, times the role's."""
        return [
            Feature(place, role, values.names[column], WEIGHTS[role] * float(share))
            for role, values in self.fields.items()
            for place, row in enumerate(rows)
            for column, share in values.matrix.entries(row)
        ]

    def gap(self, row: int, other: int) -> Feature | None:
        """The years between two items, from ten on."""
        if self.years is None:
            return None
        years = abs(float(self.years[row] - self.years[other]))
        if not years >= YEARS:
            return None
        return Feature(0, DATE, years_apart(years), WEIGHTS[DATE] * (1 - float(nearness(years))))

    def nearest(self, queries: MetadataQuery | CriteriaQuery, count: int, allowed: Rows | None = None) -> Rows:
        """The items that share the most, by weight, of all that there is to share."""
        if isinstance(queries, CriteriaQuery):
            return queries.nearest(count, allowed)
        shared = np.zeros((len(queries.years), self.count), dtype=np.float32)
        for name, values in self.fields.items():
            shared += np.float32(WEIGHTS[name]) * listed(queries.fields[name], values.lists)
        near = [
            best(total, count, allowed) if np.isnan(year) else self._nearest(total, year, count, allowed)
            for total, year in zip(shared, queries.years, strict=True)
        ]
        return union(near)

    def _nearest(self, shared: NDArray[np.float32], year: float, count: int, allowed: Rows | None) -> Rows:
        """Where a date counts, too. Only what shares a value or is among the nearest in time can be among the best."""
        assert self.years is not None
        if allowed is None:
            dates, rows = self._dated
            place = int(np.searchsorted(dates, year))
            rows = union([np.flatnonzero(shared > 0), rows[max(0, place - count) : place + count]])
        else:
            rows = allowed
        near = _near(np.array([year]), self.years[rows])[0]
        total = shared[rows] + np.float32(WEIGHTS[DATE]) * np.where(np.isnan(near), np.float32(0), near)
        rows, total = rows[total > 0], total[total > 0]
        return rows[top_k(total, count)]

    @cached_property
    def _dated(self) -> tuple[NDArray[np.float64], Rows]:
        """The dates that are known, ascending, and whose they are."""
        assert self.years is not None
        rows = np.argsort(self.years, kind="stable")[: np.count_nonzero(~np.isnan(self.years))]  # NaN comes last
        return self.years[rows], rows


def nearness(years: Any) -> Any:
    """Years apart to nearness in time, in (0, 1]."""
    return np.exp(-np.abs(years) / np.float32(YEARS))


def years_apart(years: float) -> str:
    """A distance in time as people say it."""
    return "less than a year apart" if years < 1 else f"{years:.0f} year{'s' if years >= 1.5 else ''} apart"


def _near(queries: NDArray[np.float64], years: NDArray[np.float64]) -> NDArray[np.float32]:
    """Nearness in time (q, c), in (0, 1], NaN where a date is unknown."""
    near: NDArray[np.float32] = nearness((queries[:, None] - years).astype(np.float32))
    return near


def _find_values(column: Sequence[Any]) -> Values | None:
    """A field as sets of values, written as they first are; None where all items that have any have the same."""
    from scipy import sparse

    names: dict[str, tuple[int, str]] = {}  # value in small letters -> column, as written
    rows, columns = [], []
    for row, cell in enumerate(column):
        for value in [cell] if isinstance(cell, str) else cell:
            if value.strip():
                number, _ = names.setdefault(value.casefold(), (len(names), value))
                rows.append(row)
                columns.append(number)
    if len(names) < 2:
        return None
    pairs = np.unique(np.array([rows, columns], dtype=np.int64), axis=1)
    having = np.bincount(pairs[1], minlength=len(names))
    weights = np.log1p(len(column) / having)[pairs[1]]
    matrix = unit_rows(sparse.csr_array((weights, (pairs[0], pairs[1])), (len(column), len(names)), dtype=np.float32))
    return Values(matrix, matrix.turned, [written for _, written in names.values()])
