"""The messages of filters that are refused, and their parts."""

from collections.abc import Iterable

from discover.core.errors import UsageError
from discover.core.suggest import nearest_names
from discover.core.words import shorten

MAX_SUGGESTIONS = 3  # names that a message gives
ALLOWED_SYNTAX = "Use columns, comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, arithmetic and functions"
FORMAT_HINTS = {"date": ". Write days as '2020-12-31'", "number": ". Write numbers as 1990 or 0.5"}  # by kind


def refusal(what: str) -> UsageError:
    """The error to raise for a filter that is not applied."""
    return UsageError(f"where: {what}")


def shorten_line(text: str, limit: int = 60) -> str:
    """Text on one line, cut to `limit` characters."""
    return shorten(" ".join(text.split()), limit)


def first_line(error: object) -> str:
    """The first line of DuckDB's message, cut to 200 characters."""
    return shorten_line(str(error).split("\n")[0], 200)


def suggest_names(name: str, known: Iterable[str], what: str) -> str:
    """The nearest known names, or all."""
    folded = {other.casefold(): other for other in known if other[0].isalpha() or what == "columns"}
    near = [folded[match] for match in nearest_names(name.casefold(), folded, MAX_SUGGESTIONS)]
    return f"Near {what}: {', '.join(near)}" if near else f"Valid {what}: {', '.join(folded.values())}"
