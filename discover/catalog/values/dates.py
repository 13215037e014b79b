"""Days from text: several formats in one column, each cell by the first that fits, whole columns at a time.

Only what no format fits goes to `dateparser`, one by one. A month, quarter or year stands for its first day. In a
timestamp the day is the one written, whatever its zone. 03/04/2020 is read as most of the unambiguous dates of its
column are; where those do not decide, day first if most of the doubtful ones are dotted. No date depends on its row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from discover.catalog.values.base import MISSING, Distinct, RowReject, as_strings

DAY, MONTH, YEAR, NONE = 3, 2, 1, 0  # grain: how exactly a cell says when
MIN_YEAR, MAX_YEARS_AHEAD = 1000, 20  # years; later than today by more than AHEAD is a slip of the pen
MAX_PARSED_TEXTS = 300  # distinct values that dateparser is asked about; it takes milliseconds for each

# letters by what they are not: RE2 takes 20 ms to compile \p{L}
_LETTER = r"[^\d\s.,;:/()\[\]{}+_–—-]"
_WEEKDAY = r"^(?:" + _LETTER + r"{2,9}\.?,?\s+)?"
_TAIL = r"(?:[\sT,;(–—-].*)?$"  # a time of day, a zone, "(USA)", "to April 24, 1999"
_MONTH = r"(?P<name>" + _LETTER + r"{3,12}?)"
_QUARTER = r"(?:quarter|quartal|trimestre)"
FORMATS = (
    r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _TAIL,
    r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:T.*)?$",
    _WEEKDAY + _MONTH + r"\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})" + _TAIL,
    _WEEKDAY + r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.|er|º)?[\s/-]*(?:of\s|de\s)?" + _MONTH
    + r"\.?,?[\s/-]*(?:de\s|del\s)?(?P<y>\d{4}|\d{2})" + _TAIL,
    r"^(?P<y>\d{4})[\s/-]+" + _MONTH + r"\.?[\s/-]+(?P<d>\d{1,2})" + _TAIL,
    r"^(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<y>\d{4}|\d{2})" + _TAIL,
    r"^(?P<y>\d{4})[-/.](?P<m>0?[1-9]|1[0-2])$",
    r"^(?P<m>\d{1,2})[-/.](?P<y>\d{4})$",
    r"^" + _MONTH + r"\.?,?[\s/-]+(?:de\s|del\s)?(?P<y>\d{4})(?:\s+(?:to|-|–|—)\s.*)?$",
    r"^" + _MONTH + r"[-'’\s]+(?P<y>\d{2})$",
    r"^(?P<y>\d{4})[\s-]+" + _MONTH + r"$",
    r"^(?P<y>\d{4})年(?:(?P<m>\d{1,2})月)?(?:(?P<d>\d{1,2})日)?",
    r"(?i)^(?:Q|T|" + _QUARTER + r"\s)(?P<q>[1-4])[\s/'’-]+(?P<y>\d{4}|\d{2})$",
    r"(?i)^(?P<q>[1-4])(?:[QT]|(?:\.|st|nd|rd|th|er|e|º)?\s*" + _QUARTER + r")[\s/-]*(?:of\s|de\s)?(?P<y>\d{4})$",
    r"(?i)^(?P<y>\d{4})[\s/-]*[QT](?P<q>[1-4])$",
    r"^[(\[]?(?:c\.?|ca\.?|circa|about)?\s*(?P<y>\d{4})(?:\.0+)?(?:\s*[-–—/]\s*(?:\d{2,4}|present)?)?\s*[)\]]?$",
)  # fmt: skip
BEHIND = r"^(.*\d.*?)(?:\s*[(\[][^\d()\[\]]*[)\]])+\s*$"  # a place: "August 2015 (USA)"
EPOCHS = ((r"^[1-9]\d{8,9}(?:\.\d+)?$", "s"), (r"^[1-9]\d{11,12}$", "ms"))
# of month names, besides English
LANGUAGES = (
    "fr", "de", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "nb", "fi", "tr", "ru", "uk", "ro", "hu",
)  # fmt: skip
ENGLISH = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


@dataclass(frozen=True)
class Days:
    """Days by row, and what there is to say about them."""

    days: NDArray[np.datetime64]  # (n,) unit D, NaT where unknown
    grain: NDArray[np.int8]  # (n,) DAY, MONTH, YEAR or NONE
    rejects: list[RowReject]
    ambiguous: int  # rows of which day and month could be exchanged
    day_first: bool  # how those were read
    votes: tuple[int, int]  # rows that can only be day first, and only month first


@dataclass
class _Work:
    """Distinct values on their way to days; positions index all arrays."""

    texts: pa.Array
    today: date
    weights: NDArray[np.int64]  # rows that hold each
    days: NDArray[np.datetime64] = field(init=False)
    grain: NDArray[np.int8] = field(init=False)
    open: NDArray[np.bool_] = field(init=False)
    swap: NDArray[np.bool_] = field(init=False)  # ambiguous
    day_first: bool | None = None  # as set; None: as the column says
    votes: tuple[int, int] = (0, 0)  # rows that can only be day first, and only month first
    reasons: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.texts)
        self.days = np.full(n, "NaT", dtype="M8[D]")
        self.grain = np.zeros(n, dtype=np.int8)
        self.swap = np.zeros(n, dtype=bool)
        missing = pc.is_in(pc.utf8_lower(self.texts), pa.array(sorted(MISSING)))
        self.open = ~missing.to_numpy(zero_copy_only=False)


def parse(column: pa.ChunkedArray, name: str, day_first: bool | None = None, odd: int = MAX_PARSED_TEXTS) -> Days:
    """Days of a text column; `day_first` settles the ambiguous ones, None: the column's other dates do."""
    distinct = Distinct.from_column(column)
    weights = np.bincount(distinct.codes[distinct.codes >= 0], minlength=len(distinct.values))
    texts = pc.replace_substring_regex(pa.array(distinct.values, pa.string()), BEHIND, r"\1")
    work = _Work(pc.utf8_trim_whitespace(texts), date.today(), weights, day_first)
    for pattern in FORMATS:
        _match(work, pattern)
    for pattern, unit in EPOCHS:
        _epoch(work, pattern, unit)
    _odd(work, odd)
    for position in np.flatnonzero(work.open).tolist():
        work.reasons[position] = "this is not a date"
    rejects = distinct.rejects(name, work.reasons)
    ambiguous = int(weights[work.swap].sum())
    nat = np.datetime64("NaT", "D")
    return Days(
        distinct.spread(work.days, nat),
        distinct.spread(work.grain, 0),
        rejects,
        ambiguous,
        bool(work.day_first),
        work.votes,
    )


def _match(work: _Work, pattern: str) -> None:
    """Reads the open values that fit one format."""
    positions = np.flatnonzero(work.open)
    if not len(positions):
        return
    parts = pc.extract_regex(work.texts.take(pa.array(positions)), pattern)
    hit = pc.is_valid(parts).to_numpy(zero_copy_only=False)
    positions, parts = positions[hit], parts.filter(pa.array(hit))
    if not len(positions):
        return
    names = [part.name for part in parts.type]
    get = {name: pc.struct_field(parts, [i]) for i, name in enumerate(names)}
    if "name" in get:
        month = _month_numbers(get["name"])
        known = month > 0  # words that are no month leave the value to other formats
        positions, month = positions[known], month[known]
        get = {name: value.filter(pa.array(known)) for name, value in get.items()}
    elif "m" in get:
        month = _integers(get["m"])
    elif "q" in get:
        month = 3 * _integers(get["q"]) - 2
    else:
        month = np.zeros(len(positions), dtype=np.int64)
    day = _integers(get["d"]) if "d" in get else np.zeros(len(positions), dtype=np.int64)
    if "a" in get:
        day, month = _ordered(work, positions, _integers(get["a"]), _integers(get["b"]))
    _settle(work, positions, _years(get["y"], work.today), month, day)


def _ordered(
    work: _Work, positions: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Days and months of 3/4/2020 and its like, in one order for the whole column."""
    rows, swap = work.weights[positions], (a <= 12) & (b <= 12) & (a != b)
    work.votes = int(rows[(a > 12) & (b <= 12)].sum()), int(rows[(b > 12) & (a <= 12)].sum())
    if work.day_first is None:
        dotted = pc.match_substring_regex(work.texts.take(pa.array(positions)), r"^\d+\.").to_numpy(
            zero_copy_only=False
        )
        by_sign = int(rows[swap & dotted].sum()) > int(rows[swap & ~dotted].sum())
        work.day_first = by_sign if work.votes[0] == work.votes[1] else work.votes[0] > work.votes[1]
    front = np.where(swap, work.day_first, a > 12)  # whether the day comes first
    work.swap[positions[swap]] = True
    return np.where(front, a, b), np.where(front, b, a)


def _settle(
    work: _Work,
    positions: NDArray[np.int64],
    year: NDArray[np.int64],
    month: NDArray[np.int64],
    day: NDArray[np.int64],
) -> None:
    """Turns years, months (0: none said) and days (0: none said) into days, or into reasons why not."""
    grain = np.where(day > 0, DAY, np.where(month > 0, MONTH, YEAR)).astype(np.int8)
    whole_month, whole_day = np.maximum(month, 1), np.maximum(day, 1)
    plausible = (year >= MIN_YEAR) & (year <= work.today.year + MAX_YEARS_AHEAD)
    safe_year, safe_month = np.where(plausible, year, 2000), np.clip(whole_month, 1, 12)
    months = ((safe_year - 1970) * 12 + safe_month - 1).astype("M8[M]")
    days = months.astype("M8[D]") + (whole_day - 1)
    exists = (safe_month == whole_month) & (days.astype("M8[M]") == months)
    good = plausible & exists
    work.days[positions[good]] = days[good]
    work.grain[positions[good]] = grain[good]
    for position, y, fine in zip(positions[~good].tolist(), year[~good].tolist(), exists[~good].tolist(), strict=True):
        work.reasons[position] = f"the year {y} is implausible" if fine else "this day is not in the calendar"
    work.open[positions] = False
    work.swap[positions[~good]] = False


def _integers(values: pa.Array) -> NDArray[np.int64]:
    """Digits, or nothing, as integers; nothing is 0."""
    cells = pc.if_else(pc.equal(values, ""), "0", values).cast(pa.int64())
    return pc.fill_null(cells, 0).to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]


def _years(values: pa.Array, today: date) -> NDArray[np.int64]:
    """Years; two digits mean the last hundred years and the next one."""
    short = pc.less_equal(pc.utf8_length(values), 2).to_numpy(zero_copy_only=False)
    year = _integers(values)
    century = today.year // 100 * 100
    full = year + np.where(year <= today.year % 100 + 1, century, century - 100)
    return np.where(short, full, year)


def _month_numbers(names: pa.Array) -> NDArray[np.int64]:
    """1 to 12 by name or abbreviation, 0 where it is none."""
    encoded = names.dictionary_encode()
    words = [word.casefold() for word in encoded.dictionary.to_pylist()]
    known = _english()
    if not all(word in known for word in words):
        known = _foreign() | known
    numbers = np.asarray([known.get(word, 0) for word in words], dtype=np.int64)
    result: NDArray[np.int64] = numbers[encoded.indices.to_numpy(zero_copy_only=False)]
    return result


@cache
def _english() -> dict[str, int]:
    known = {name: number for number, name in enumerate(ENGLISH, start=1)}
    return known | {name[:3]: number for name, number in known.items()} | {"sept": 9}


@cache
def _foreign() -> dict[str, int]:
    """Month names of other languages from dateparser's data; a word that languages disagree about is left out."""
    numbers_by_word: dict[str, set[int]] = {}
    for language in LANGUAGES:
        info: dict[str, Any] = import_module(f"dateparser.data.date_translation_data.{language}").info
        for number, name in enumerate(ENGLISH, start=1):
            for word in info.get(name, ()):
                numbers_by_word.setdefault(str(word).casefold().rstrip("."), set()).add(number)
    return {word: numbers.pop() for word, numbers in numbers_by_word.items() if len(numbers) == 1}


def _epoch(work: _Work, pattern: str, unit: str) -> None:
    """Seconds or milliseconds since 1970, in UTC."""
    hit = work.open & pc.match_substring_regex(work.texts, pattern).to_numpy(zero_copy_only=False)
    positions = np.flatnonzero(hit)
    if not len(positions):
        return
    stamps = work.texts.take(pa.array(positions)).cast(pa.float64()).to_numpy(zero_copy_only=False)
    work.days[positions] = stamps.astype(np.int64).astype(f"M8[{unit}]").astype("M8[D]")
    work.grain[positions] = DAY
    work.open[positions] = False


def _odd(work: _Work, limit: int) -> None:
    """Asks dateparser about the rest, where a year is written out: it would read "3 days ago" or "12" as well."""
    written = {p: work.texts[p].as_py() for p in np.flatnonzero(work.open).tolist()}
    dated = sorted((-int(work.weights[p]), text, p) for p, text in written.items() if re.search(r"\d{4}", text))[:limit]
    if not dated:
        return
    from dateparser.date import DateDataParser

    settings = {"REQUIRE_PARTS": ["month", "year"], "PREFER_DAY_OF_MONTH": "first"}
    parser = DateDataParser(settings=settings)
    for _, text, position in dated:  # the most frequent, whatever the order of rows
        parsed = parser.get_date_data(text[:60])
        moment = parsed.date_obj
        if (
            moment is not None
            and str(moment.year) in text
            and MIN_YEAR <= moment.year <= work.today.year + MAX_YEARS_AHEAD
        ):
            work.days[position] = np.datetime64(moment.date(), "D")
            work.grain[position] = DAY if parsed.period == "day" else MONTH
            work.open[position] = False


def month(text: str) -> int:
    """1 to 12 by number ("3", "03", "3.0"), name or abbreviation; 0 where it is no month."""
    plain = text.strip().removesuffix(".0").rstrip(".")
    if plain.isdecimal():
        return int(plain) if len(plain) <= 2 and 1 <= int(plain) <= 12 else 0
    return int(_month_numbers(pa.array([plain], pa.string()))[0])


def join(years: pa.ChunkedArray, months: pa.ChunkedArray, days: pa.ChunkedArray | None = None) -> pa.ChunkedArray:
    """Years, months and days of three columns in one text; what is no month or day is left out with what follows it."""
    parts = [as_strings(column).to_pylist() for column in (years, months, days) if column is not None]
    known = {cell: month(cell) for cell in set(parts[1]) if cell}
    joined = []
    for year, name, *rest in zip(*parts, strict=True):
        text = (year or "").strip().removesuffix(".0")
        number = known.get(name, 0)
        if text and number:
            text += f"-{number:02d}"
            day = (rest[0] or "").strip().removesuffix(".0") if rest else ""
            text += f"-{int(day):02d}" if day.isdecimal() and len(day) <= 2 and int(day) else ""
        joined.append(text or None)
    return pa.chunked_array([pa.array(joined, pa.string())])


def grains(cells: list[str]) -> NDArray[np.int8]:
    """How exactly each cell says when; NONE for what is no date. For judging a column: dateparser is not asked."""
    return parse(pa.chunked_array([pa.array(cells, pa.string())]), "", odd=0).grain
