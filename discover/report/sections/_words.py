"""How templates write facts: the words of `core.words` as jinja2 filters, and text that nothing in it turns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from discover.core.words import chance, count, day, factor, index, moment, plural, seconds, share, shorten

MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#])")  # what may mean something to Markdown inside a line
LINE_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]"
)  # right to left, and what turns lines
MAX_TEXT_CHARS = 2_000  # characters of one text that is shown; more takes a layout engine minutes


def quoted(label: str, most: int = 80) -> str:
    """A name inside a sentence: in quotation marks, on one line, cut where it is long, and never turning the line."""
    text = shorten(" ".join(LINE_BREAKS.sub(" ", label).split()), most)
    return f"“\u2068{text}\u2069”" if RIGHT_TO_LEFT.search(text) else f"“{text}”"


def shortened(text: str) -> str:
    """A text as long as anyone reads."""
    return shorten(text, MAX_TEXT_CHARS)


def markdown(value: Any) -> str:
    """A value as Markdown text: one line, nothing in it is markup, and none of it turns the rest of the line around."""
    if isinstance(value, Markup):
        return value
    text = LINE_BREAKS.sub(" ", str(value))
    text = MARKDOWN_SPECIAL.sub(r"\\\1", shortened(text))
    return f"\u2068{text}\u2069" if RIGHT_TO_LEFT.search(text) and not text.startswith("\u2068") else text


def percent(part: float | None) -> str:
    """A share as the width of a bar: 0.1234 -> 12.34%."""
    return f"{max(0.0, min(1.0, part or 0.0)) * 100:.4g}%"


def unbroken(label: str) -> str:
    """A name on the map: no line ends after a hyphen."""
    return re.sub(r"(?<=\w)-(?=\w)", "\u2011", label)


def for_script(value: Any) -> Markup:
    """JSON that no content can end: `</script>`, `<!--` and entities are written as escapes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def pretty(value: Any) -> str:
    """JSON for people; escaped by the template like any text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)


FACT_FILTERS: dict[str, Callable[..., Any]] = {  # filters that write a fact for people
    filter_.__name__: filter_ for filter_ in (count, share, index, factor, chance, seconds, day, moment, quoted, plural)
}
DRAWING_FILTERS: dict[str, Callable[..., Any]] = {
    filter_.__name__: filter_ for filter_ in (percent, unbroken, for_script, pretty)
}
