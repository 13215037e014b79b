"""What happened to items when, and the periods in which it is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from discover.core.settings import TrendSettings
from discover.core.types import Catalog
from discover.core.words import plural

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Period = Literal["week", "month", "quarter", "year"]

PERIODS: Mapping[Period, tuple[int, int]] = {  # how many are recent, and past
    "week": (4, 52),
    "month": (3, 24),
    "quarter": (2, 12),
    "year": (2, 10),
}
PERIODS_A_YEAR: Mapping[Period, int] = {"month": 12, "quarter": 4}  # periods of it; weeks move against the year
TELLABLE: Mapping[str, tuple[Period, ...]] = {  # what dates of a grain can tell
    "day": ("week", "month", "quarter", "year"),
    "month": ("month", "quarter", "year"),
    "year": ("year",),
}
MIN_PAST = 6  # periods
MIN_MEDIAN_EVENTS = 50  # events in the median period, where the period is chosen
SPARSE_SHARE = 0.1  # of the usual period: less at either end is a record that begins, or ends
MIN_FIRST_SHARE = 0.5  # of the dates: on the first of a month, or of January, they say no more than that


@dataclass(frozen=True)
class Events:
    """m things that happened to items on days: a title arrived, or so much of it was watched."""

    measure: str  # "titles" or "audience"
    rows: Ints = field(repr=False)  # (m,)
    days: Days = field(repr=False)  # (m,), no NaT
    weights: Floats = field(repr=False)  # (m,), above 0; 1 for titles

    def __len__(self) -> int:
        return len(self.rows)


def read_titles(catalog: Catalog) -> Events:
    """The arrival of every item with a date."""
    days = _days(catalog)
    rows = np.flatnonzero(~np.isnat(days))
    return Events("titles", rows, days[rows], np.ones(len(rows)))


def read_audience(catalog: Catalog) -> Events:
    """The arrival of every item with a date and an audience above 0, weighted by it."""
    days = _days(catalog)
    amounts = catalog.table.column("audience").to_numpy().astype(np.float64)
    rows = np.flatnonzero(~np.isnat(days) & (amounts > 0))
    return Events("audience", rows, days[rows], amounts[rows])


def _days(catalog: Catalog) -> Days:
    days: Days = catalog.table.column("added").to_numpy().astype("M8[D]")
    return days


@dataclass(frozen=True)
class Calendar:
    """The T periods that are looked at, oldest first; none, and `why`, where dates are too few."""

    period: Period
    first: int  # number of the oldest since 1970
    names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()  # "past", "recent", "incomplete"
    daily: bool = False  # whether dates say the day
    why: str = ""

    def place(self, days: Days) -> Ints:
        """(m,) the period of each day, -1 outside of all."""
        place = count_periods(days, self.period) - self.first
        return np.where((place >= 0) & (place < len(self.names)), place, -1)

    def part(self, name: str) -> Flags:
        """(T,) which periods play a part."""
        return np.array([part == name for part in self.parts], dtype=bool)

    @property
    def season(self) -> Floats:
        """(T, s) terms of the time of year: two harmonics; no term where the past is less than two years."""
        year = PERIODS_A_YEAR.get(self.period, 0)
        if not year or self.parts.count("past") < 2 * year:
            return np.empty((len(self.names), 0))
        angle = 2 * np.pi * ((self.first + np.arange(len(self.names))) % year) / year
        terms = [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
        return np.column_stack(terms[: year - 1])  # four quarters have three differences


def choose_calendar(events: Events, settings: TrendSettings, as_of: date | None = None) -> Calendar:
    """The periods of events that end with `as_of`, or with the latest of them.

    Chosen is the finest period that the dates can tell and whose median has `MIN_MEDIAN_EVENTS`; weeks only where they
    are asked for, as their season is not known within two years. Periods at either end with hardly any events are left
    out, and so is a last one that is not over: both depend on totals alone.
    """
    grain = _grain(events.days)
    allowed = [period for period in PERIODS if period in TELLABLE[grain]]
    if settings.period != "auto":
        if settings.period not in allowed:
            why = f"the dates give only the {grain}, but [trends] period is {settings.period}. Leave it out"
            return Calendar(settings.period, 0, why=why)
        allowed = [settings.period]
    elif grain == "day":
        allowed.remove("week")
    if not len(events):
        what = "item" if events.measure == "titles" else "audience figure"
        return Calendar(allowed[-1], 0, why=f"no {what} has a date")
    windows = [_window(events, period, settings, grain, as_of) for period in allowed]
    usable = [(calendar, median) for calendar, median in windows if not calendar.why]
    if not usable:
        return windows[0][0]
    return next((calendar for calendar, median in usable if median >= MIN_MEDIAN_EVENTS), usable[-1][0])


def _window(
    events: Events, period: Period, settings: TrendSettings, grain: str, as_of: date | None
) -> tuple[Calendar, float]:
    """The periods of this kind, and how many events the median one has."""
    usual, past = PERIODS[period]
    recent, past = settings.recent or usual, settings.past or past
    numbers = count_periods(events.days, period)
    start = int(numbers.min())
    totals = np.bincount(numbers - start)
    last = _last_complete(events.days, period, grain, as_of) - start  # may lie before the start, or after the end
    dense = np.flatnonzero(totals >= SPARSE_SHARE * _usual(totals))
    last = min(last, int(dense[-1]))
    first = max(last + 1 - recent - past, 0)
    window = totals[first : last + 1]
    if len(window):
        first += int(np.argmax(window >= SPARSE_SHARE * _usual(window)))
    length = last + 1 - first
    if length < recent + MIN_PAST:
        span = plural(max(length, 0), f"complete {period}")
        why = f"the dates span {span}, but {recent} recent and {MIN_PAST} earlier ones are needed"
        return Calendar(period, 0, why=why), 0.0
    parts = ["past"] * (length - recent) + ["recent"] * recent
    if last + 1 < len(totals) and totals[last + 1]:
        parts.append("incomplete")
    places = start + first + np.arange(len(parts))
    names = tuple(name_period(number, period) for number in places.tolist())
    return (
        Calendar(period, start + first, names, tuple(parts), daily=grain == "day"),
        float(np.median(totals[first : last + 1])),
    )


def _usual(totals: Ints) -> float:
    """The total of the period in which the median event lies: long sparse stretches do not count."""
    return float(np.median(np.repeat(totals, totals))) if totals.any() else 0.0


def _grain(days: Days) -> str:
    """How exactly dates say when, "day", "month" or "year": where most are the first of one, that is what they say."""
    if not len(days):
        return "year"
    if np.mean(days == days.astype("M8[Y]")) > MIN_FIRST_SHARE:
        return "year"
    return "month" if np.mean(days == days.astype("M8[M]")) > MIN_FIRST_SHARE else "day"


def _last_complete(days: Days, period: Period, grain: str, as_of: date | None) -> int:
    """The number of the last period that is over when the record ends."""
    if as_of is not None:
        after = np.datetime64(as_of, "D") + 1
    else:
        unit = {"day": "D", "month": "M", "year": "Y"}[grain]
        after = (days.max().astype(f"M8[{unit}]") + 1).astype("M8[D]")
    return int(count_periods(np.array([after]), period)[0]) - 1


def count_periods(days: Days, period: Period) -> Ints:
    """(m,) periods since the one that holds 1970-01-01; weeks begin on Monday."""
    if period == "week":
        return (days.astype("M8[D]").astype(np.int64) + 3) // 7
    if period == "quarter":
        return days.astype("M8[M]").astype(np.int64) // 3
    return days.astype("M8[M]" if period == "month" else "M8[Y]").astype(np.int64)


def first_day(number: int, period: Period) -> np.datetime64:
    """The first day of a period."""
    if period == "week":
        return np.datetime64(number * 7 - 3, "D")
    months = number * {"month": 1, "quarter": 3, "year": 12}[period]
    first: np.datetime64 = np.datetime64(months, "M").astype("M8[D]")
    return first


def last_complete(days: Days, period: Period, as_of: date | None = None) -> int:
    """The number of the last period that is over when the record ends, or at the end of `as_of`."""
    return _last_complete(days, period, _grain(days), as_of)


def parse_name(name: str) -> tuple[Period, int]:
    """The period that a calendar calls so: "2021-06" is month 617 since 1970."""
    if "Q" in name:
        year, _, quarter = name.partition("-Q")
        return "quarter", (int(year) - 1970) * 4 + int(quarter) - 1
    period: Period = {4: "year", 7: "month", 10: "week"}[len(name)]  # type: ignore[assignment]  # the names that `name_period` gives
    return period, int(count_periods(np.array([name], dtype="M8[D]"), period)[0])


def name_period(number: int, period: Period) -> str:
    """How a calendar calls a period, see `Trend.periods`."""
    if period == "week":
        return str(np.datetime64(number * 7 - 3, "D"))
    if period == "quarter":
        return f"{1970 + number // 4}-Q{number % 4 + 1}"
    return str(np.datetime64(number, "M" if period == "month" else "Y"))
