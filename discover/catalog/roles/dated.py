"""Which columns say when items were released, and when they were added to the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from discover.catalog.roles.columns import SAMPLE, Column
from discover.catalog.roles.names import CALENDARS, NAMES, Names, words
from discover.catalog.values import dates
from discover.catalog.values.base import as_strings
from discover.core import titles

ROLES = ("added", "released")
MIN_SHARED_YEARS = 0.8  # of the items, when a date and a year are of one event
MIN_COMMON_ITEMS = 5  # items that have both, before they can be said to differ
MIN_TITLED_YEARS = 0.5  # of the titles that end in a year, when that is taken for the year of release


@dataclass(frozen=True)
class Dated:
    """The columns of each role, and how they were decided on."""

    mapping: Mapping[str, tuple[str, ...]]
    guessed: tuple[str, ...] = ()  # roles that a column has because another column has the other role


def find(free: Mapping[str, Column], wanted: Iterable[str], settled: Mapping[str, Column]) -> Dated:
    """The wanted roles of "released" and "added", by the names of columns of dates; `settled` have theirs already.

    A column that is only called "date" or "year" is about the release, unless another column is and the two differ.
    """
    mapping = dict(settled)
    guessed: tuple[str, ...] = ()
    for role in (role for role in ROLES if role in wanted):
        if columns := _dates(NAMES[role], free.values()):
            mapping[role] = columns[0]
    special = {name for name, column in free.items() if any(_rank(NAMES[role], column) is not None for role in ROLES)}
    plain = _dates(NAMES["date"], [column for name, column in free.items() if name not in special])
    days = [column for column in plain if column.grain[1] > dates.YEAR]
    years = [column for column in plain if column.grain[1] == dates.YEAR]
    if "released" in wanted and "released" not in mapping and plain:
        apart = bool(days and years) and "added" not in mapping and not agree(days[0], years[0])
        mapping["released"] = years[0] if apart else plain[0]
    released = mapping.get("released")
    if "added" in wanted and "added" not in mapping and released:
        others = [column for column in days if column is not released]
        if others and not agree(others[0], released):
            mapping["added"], guessed = others[0], ("added",)
        elif others and "released" in wanted and released.grain[1] == dates.YEAR:
            mapping["released"] = others[0]  # one event, said more exactly
    return Dated({role: parts(column, free) for role, column in mapping.items() if role in wanted}, guessed)


def _dates(known: Names, columns: Iterable[Column]) -> list[Column]:
    """The columns of dates that are called so, best first: full dates before months before years, then by name."""
    ranked = []
    for position, column in enumerate(columns):
        rank = _rank(known, column)
        if rank is None or not column.present:
            continue
        share, grain = column.grain
        if share >= 0.5:
            ranked.append((-grain, rank, position, column))
    return [column for *_, column in sorted(ranked, key=lambda entry: entry[:3])]


def _rank(known: Names, column: Column) -> int | None:
    whole, name, count = "".join(column.words), column.words, len(known.phrases)
    if whole in known.places:
        return known.places[whole]
    if known.never & set(column.words):
        return None
    endings = [place for place, said in enumerate(known.split) if name[-len(said) :] == said]
    if endings:
        return count + endings[0]
    opening = zip(known.phrases, known.split, strict=True)
    openings = [i for i, (phrase, said) in enumerate(opening) if phrase in known.opening and name[: len(said)] == said]
    return 2 * count + openings[0] if openings else None


def is_plain(name: str) -> bool:
    """Whether a name says that a column holds dates, and not of what."""
    return any("".join(words(phrase)) == "".join(words(name)) for phrase in NAMES["date"].phrases)


def parts(column: Column, free: Mapping[str, Column]) -> tuple[str, ...]:
    """A column of dates; of one of years also the columns of months and days that go with it."""
    if column.grain[1] != dates.YEAR:
        return (column.name,)
    whole = "".join(column.words)
    for year, month, day in CALENDARS:
        if year in whole:
            months = _called(whole.replace(year, month), free, 12)
            days = _called(whole.replace(year, day), free, 31) if months else []
            return (column.name, *months[:1], *days[:1])
    return (column.name,)


def _called(whole: str, free: Mapping[str, Column], most: int) -> list[str]:
    """Columns of this name whose cells are numbers of months (most 12; names of months, too) or of days."""

    def fits(cell: str) -> bool:
        """Whether a cell is a number from 1 to `most`, or the name of a month."""
        return dates.month(cell) > 0 if most == 12 else cell.removesuffix(".0").isdigit() and 1 <= float(cell) <= most

    return [name for name, column in free.items() if "".join(column.words) == whole and column.share(fits) >= 0.9]


def agree(one: Column, other: Column) -> bool:
    """Whether two columns of dates are of the same years where both say something; True where they seldom do."""
    rows = np.unique(np.linspace(0, len(one.data) - 1, SAMPLE).astype(np.int64))
    first, second = (_years(column, rows) for column in (one, other))
    both = ~np.isnat(first) & ~np.isnat(second)
    return int(both.sum()) < MIN_COMMON_ITEMS or float((first == second)[both].mean()) >= MIN_SHARED_YEARS


def _years(column: Column, rows: NDArray[np.int64]) -> NDArray[np.datetime64]:
    cells = as_strings(column.data).take(pa.array(rows))
    return dates.parse(pa.chunked_array([cells]), column.name, odd=0).days.astype("M8[Y]")


def filler(released: Column, free: Mapping[str, Column]) -> str | None:
    """A column of years for items without a release date: one that agrees with it where both say something."""
    if released.grain[1] <= dates.YEAR:
        return None
    for known in (NAMES["released"], NAMES["date"]):
        for column in _dates(known, free.values()):
            if column.grain[1] == dates.YEAR and agree(released, column):
                return column.name
    return None


def in_titles(column: Column) -> bool:
    """Whether most titles end in a year: "Harbour Lights (1994)"."""
    return column.share(titles.YEAR.fullmatch) >= MIN_TITLED_YEARS
