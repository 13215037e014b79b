"""Titles as people write them: a year behind, "Harbour Lights (1994)", says when and is no part of the name."""

from __future__ import annotations

import re

# "(1994)", "[1994]", "(1994–1997)", "(1994– )", "(1994 film)", "(TV series 2011–2019)"
YEAR = re.compile(
    r"(?P<name>.*\S)\s*[(\[]\s*(?P<before>[^\d()\[\]]*?)\s*(?P<year>1[89]\d\d|20\d\d)\s*"
    r"(?:[-–—/]\s*(?:(?:\d\d)?\d\d|present)?)?\s*(?P<behind>[^\d()\[\]]*)[)\]]\s*",
    re.DOTALL,
)


def year(title: str) -> int | None:
    """The year in parentheses at the end of a title, None where there is none."""
    match = YEAR.fullmatch(title)
    return int(match["year"]) if match else None


def name(title: str) -> str:
    """A title without the parentheses at its end that hold a year: "It (2017 film)" -> "It"."""
    match = YEAR.fullmatch(title)
    return match["name"] if match else title


def without_year(title: str) -> str:
    """A title without a year at its end; parentheses that say more than a year stay: "It (2017 film)"."""
    match = YEAR.fullmatch(title)
    return match["name"] if match and not match["before"] and not match["behind"] else title
