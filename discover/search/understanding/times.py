"""Years as people ask for them: 1994, the 1970s, the 90s, before 2000, since 2015, between 1990 and 1999."""

from __future__ import annotations

import re
from dataclasses import dataclass

FIRST, LAST = 1000, 9999
YEAR = r"(1[0-9]{3}|20[0-9]{2}|21[0-9]{2})"
DECADES = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80,
    "nineties": 90,
}  # fmt: skip


@dataclass(frozen=True)
class Years:
    """The years from `first` to `last`, both included, that `text[start:end]` asks for."""

    first: int
    last: int
    start: int
    end: int


def find(text: str) -> Years | None:
    """The first span of years that a text asks for."""
    for pattern, read in PATTERNS:
        if matched := pattern.search(text):
            first, last = read(*matched.groups())
            if first <= last:
                return Years(first, last, matched.start(), matched.end())
    return None


def _decade(written: str) -> tuple[int, int]:
    number = int(written)
    if number < 100:  # the 20s and 10s are taken for this century's, the others for the last
        number += 2000 if number in (0, 10, 20) else 1900
    return number, number + 9


def _spelled(written: str) -> tuple[int, int]:
    return _decade(str(1900 + DECADES[written.lower()]))


def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE)


PATTERNS = (
    (_pattern(rf"\b(?:between|from)\s+{YEAR}\s+(?:and|to|until|till)\s+{YEAR}\b"), lambda a, b: (int(a), int(b))),
    (_pattern(rf"\b{YEAR}\s?[-\u2013]\s?{YEAR}\b"), lambda a, b: (int(a), int(b))),
    (_pattern(rf"\b(?:before|until|till|earlier than|older than|pre)[\s-]+{YEAR}\b"), lambda a: (FIRST, int(a) - 1)),
    (_pattern(rf"\b(?:after|later than|newer than|post)[\s-]+{YEAR}\b"), lambda a: (int(a) + 1, LAST)),
    (_pattern(rf"\b(?:since|from)\s+{YEAR}\s+on(?:wards?)?\b"), lambda a: (int(a), LAST)),
    (_pattern(rf"\bsince\s+{YEAR}\b"), lambda a: (int(a), LAST)),
    (_pattern(r"(?<!\w)((?:1[0-9]|20)[0-9]0)['\u2019]?s\b"), _decade),
    (_pattern(r"(?<![\w])['\u2019]?([0-9]0)['\u2019]?s\b"), _decade),
    (_pattern(rf"\b({'|'.join(DECADES)})\b"), _spelled),
    (_pattern(rf"\b(?:from|in|of|released in|made in)\s+{YEAR}\b"), lambda a: (int(a), int(a))),
    (_pattern(rf"^{YEAR}\s|\s{YEAR}$"), lambda a, b: (int(a or b), int(a or b))),
)
