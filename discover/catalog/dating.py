"""The stage that says when items were released, and when they were added."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from discover.catalog.draft import Draft
from discover.catalog.roles import dated
from discover.catalog.values import dates
from discover.core import titles
from discover.core.words import plural

DATES = ("released", "added")


def add_dates(draft: Draft) -> None:
    """When items were released and added, each of them by the other where the source does not say it at all."""
    years = _title_years(draft)
    for role in DATES:
        names = draft.roles.mapping.get(role, ())
        if names:
            draft.columns[role] = pa.array(years if names == draft.roles.mapping.get("title") else _days(draft, role))
    if "released" in draft.columns:
        _fill(draft, years)
    for role, other in (DATES, DATES[::-1]):
        draft.columns.setdefault(role, draft.columns.get(other, pa.nulls(len(draft.keep), pa.date32())))


def _days(draft: Draft, role: str) -> NDArray[np.datetime64]:
    """The days of a role's column, or of its columns of years, months and days."""
    sources, name = draft.source(role), draft.name(role)
    column = sources[0] if len(sources) == 1 else dates.join(*sources[:3])
    parsed = dates.parse(column, name, draft.settings.day_first)
    draft.rejects += parsed.rejects
    if parsed.ambiguous:
        order = "day/month" if parsed.day_first else "month/day"
        dates_like = plural(parsed.ambiguous, "date such as 3/4/2020 was", "dates such as 3/4/2020 were")
        why = "as set" if draft.settings.day_first is not None else _evidence(*parsed.votes)
        draft.warnings.append(f"{name}: {dates_like} read as {order}, {why}. Set [catalog] day_first to decide")
    return parsed.days


def _title_years(draft: Draft) -> NDArray[np.datetime64]:
    """The years behind titles, which lose them, where most titles have one or settings say so; NaT for none."""
    values, title = draft.columns["title"].to_pylist(), draft.roles.mapping.get("title")
    years = [None if title == draft.roles.mapping.get("description") else titles.year(value) for value in values]
    with_year = sum(year is not None for year in years)
    if title != draft.roles.mapping.get("released") and with_year < dated.MIN_TITLED_YEARS * sum(map(bool, values)):
        return np.full(len(values), "NaT", "M8[D]")
    draft.columns["title"] = pa.array([titles.without_year(value) for value in values], pa.string())
    return np.array([f"{year}-01-01" if year else "NaT" for year in years], "M8[D]")


def _fill(draft: Draft, titled: NDArray[np.datetime64]) -> None:
    """Release dates that are missing, from a column of years or from years behind titles."""
    days, name = draft.columns["released"].to_numpy(zero_copy_only=False).astype("M8[D]"), draft.name("released")
    column = draft.roles.fill_year
    years = dates.parse(draft.raw.table.column(column), column).days if column else titled
    for source, others in ((column, years), (draft.name("title"), titled)):
        gaps = np.isnat(days) & ~np.isnat(others)
        if source and gaps.any():
            days[gaps] = others[gaps]
            filled = plural(int(gaps.sum()), "missing date was", "missing dates were")
            draft.warnings.append(f"{name}: {filled} taken from {source}")
    draft.columns["released"] = pa.array(days, pa.date32())


def _evidence(day_first: int, month_first: int) -> str:
    """What the dates of a column that can be read in one order only say about the others."""
    if not day_first and not month_first:
        return "a guess that no other date in the column confirms"
    if day_first == month_first:
        return f"a guess: of the column's other dates, {day_first} are written either way"
    less, more = sorted((day_first, month_first))
    return f"like most of the column's other dates ({more} to {less})" if less else "like the column's other dates"
