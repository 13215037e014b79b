"""How the report writes numbers, shares, days and durations: one style, as jinja2 filters."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

UNKNOWN = "unknown"


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


def index(value: float | None) -> str:
    """A measure between 0 and 1, with two decimals."""
    return UNKNOWN if value is None else f"{value:.2f}"


def seconds(value: float | None) -> str:
    """0.04 -> 0.04 s; 42.13 -> 42.1 s; 135 -> 2 min 15 s; 7322 -> 2 h 2 min."""
    if value is None:
        return UNKNOWN
    if value < 59.95:
        return f"{value:.2f} s" if value < 9.995 else f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def day(value: str | date | None) -> str:
    """2021-09-25 -> 25 September 2021."""
    if value is None:
        return UNKNOWN
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


def plural(number: int, one: str, many: str | None = None) -> str:
    """1, "item" -> 1 item; 3, "item" -> 3 items."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def percent(part: float | None) -> str:
    """A share as the width of a bar: 0.1234 -> 12.34%."""
    return f"{max(0.0, min(1.0, part or 0.0)) * 100:.4g}%"


def for_script(value: Any) -> Markup:
    """JSON that no content can end: `</script>`, `<!--` and entities are written as escapes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def pretty(value: Any) -> str:
    """JSON for people; escaped by the template like any text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)


MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)  # not strftime: the words must not depend on the machine's locale

FILTERS: dict[str, Callable[..., Any]] = {
    each.__name__: each for each in (count, share, index, seconds, day, moment, plural, percent, for_script, pretty)
}
