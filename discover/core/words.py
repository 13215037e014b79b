"""How numbers, shares, days and durations are written for people: one style, in every form and message.

The page writes them the same way (`service/page/src/words.ts`); a test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

UNKNOWN = "unknown"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)  # not strftime: the words must not depend on the machine's locale


def count(number: float | None) -> str:
    """8807 -> 8,807."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def share(part: float | None) -> str:
    """0.1234 -> 12%; one decimal below ten, so that small themes can be told apart; never rounded to 0% or 100%."""
    if part is None:
        return UNKNOWN
    if 0 < part < 0.0005:
        return "<0.1%"
    if 0.995 <= part < 1:
        return ">99%"
    return f"{part * 100:.1f}%" if 0 < part < 0.0995 else f"{part * 100:.0f}%"


def above(percentile: float) -> str:
    """How many unrelated pairs two items are closer than: 42%, 95.3%, and never more than 99.9%."""
    part = 100 * percentile
    return "99.9%" if part >= 99.9 else f"{part:.1f}%" if part > 90 else f"{int(part)}%"


def index(value: float | None) -> str:
    """A measure between 0 and 1, with two decimals."""
    return UNKNOWN if value is None else f"{value:.2f}"


def factor(value: float | None) -> str:
    """How many times as much: 1.7, 0.43, 12."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"


def chance(value: float | None) -> str:
    """A probability: 0.0312 -> 0.031; below a ten-thousandth only that."""
    if value is None:
        return UNKNOWN
    return "<0.0001" if value < 0.0001 else f"{value:.2g}"


def seconds(value: float | None) -> str:
    """0.04 -> 0.04 s; 42.13 -> 42.1 s; 135 -> 2 min 15 s; 7322 -> 2 h 2 min."""
    if value is None:
        return UNKNOWN
    if value < 59.95:
        return f"{value:.2f} s" if value < 9.995 else f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def day(value: str | date | None) -> str:
    """2021-09-25 -> 25 September 2021; 2021-09 -> September 2021; 2021 -> 2021."""
    if value is None:
        return UNKNOWN
    if isinstance(value, str) and len(value) in (4, 7):
        return period(value)
    try:
        when = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def moment(value: str) -> str:
    """2024-03-01T02:14:07+00:00 -> 1 March 2024, 02:14 UTC."""
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{day(when.date())}, {when:%H:%M} UTC"


def period(name: str) -> str:
    """2021-06 -> June 2021; 2021-Q2 -> Q2 2021; a Monday -> the week of that day."""
    if "Q" in name:
        year, _, quarter = name.partition("-")
        return f"{quarter} {year}"
    if len(name) == len("2021-06"):
        return f"{MONTHS[int(name[5:]) - 1]} {name[:4]}"
    return name if len(name) == len("2021") else f"the week of {day(name)}"


def span(first: str, last: str) -> str:
    """January to March 2024, December 2023 to February 2024, 2023 to 2024, or the one period that it is."""
    one, other = period(first), period(last)
    if one == other:
        return one
    return f"{one.removesuffix(other[-5:])} to {other}" if " " in one and "week" not in one else f"{one} to {other}"


def length(number: int, unit: str) -> str:
    """24, "month" -> two years; 3, "month" -> three months."""
    for small, large, size in (("month", "year", 12), ("quarter", "year", 4), ("week", "year", 52)):
        if unit == small and number % size == 0:
            number, unit = number // size, large
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    return f"{words[number] if number < len(words) else number} {unit}{'' if number == 1 else 's'}"


def listed(words: Sequence[str], most: int = 3) -> str:
    """a, b and c; of more than `most`, the first and how many more."""
    if len(words) > most:
        return f"{', '.join(words[: most - 1])} and {count(len(words) - most + 1)} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def plural(number: int, one: str, many: str | None = None) -> str:
    """1, "item" -> 1 item; 3, "item" -> 3 items."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def shorten(text: str, limit: int = 60) -> str:
    """A text of at most `limit` characters: what is longer ends with "…"."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
