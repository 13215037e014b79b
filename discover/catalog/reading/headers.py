"""Whether the first row of a table names the columns, or is a row like the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from discover.catalog.roles.names import NAMES, words
from discover.catalog.values import dates, numbers
from discover.catalog.values.base import MISSING
from discover.core import titles

MIN_SAME_KIND = 0.9  # share of a column's cells that are of one kind, when the first is expected to be
NO_HEADER_NOTE = (
    "The first row looks like data, so the columns are called column_1, column_2 and so on. Add a header to name them"
)
MAX_NAME_CHARS = 80  # characters: no name of a column
# other names of columns that no role is read from
OTHER_COLUMNS = (
    "rating score price budget revenue gross duration runtime length season seasons episode episodes status network "
    "publisher studio rank index isbn barcode weight height width size url link count user item timestamp value "
    "quantity amount split fold source notes comment comments"
)


def is_data(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is like the rest: a number over numbers, a date over dates, one of the column's values.

    A row with a name that columns have, or with a word over numbers, dates or codes, names the columns; so does one
    that nothing speaks against.
    """
    columns = list(zip(*rows, strict=True)) if rows else []
    filled = [cell for cell in first if cell.strip()]
    if len(columns) != len(first) or len(filled) < max(1, len(first) / 2):
        return False
    if 3 * sum(map(_is_name, filled)) >= len(filled):
        return False
    alike = 0
    for cell, column in zip(first, columns, strict=True):
        cells = [other.strip() for other in column if other.strip() and other.strip().casefold() not in MISSING]
        kind = _kind(cells)
        if not cell.strip() or not cells:
            continue
        if kind and _is(cell.strip(), kind):
            alike += 1
        elif kind:
            return False
        elif cell.strip() in cells or len(cell) > MAX_NAME_CHARS:
            alike += 1
    return alike > 0


@cache
def _names() -> frozenset[str]:
    phrases = (phrase for names in NAMES.values() for phrase in names.phrases)
    return frozenset("".join(words(phrase)) for phrase in phrases) | frozenset(OTHER_COLUMNS.split())


def _is_name(cell: str) -> bool:
    """Whether a cell is what people call a column: "Release Date", "N° inventaire"."""
    return len(cell) <= MAX_NAME_CHARS and "".join(words(cell)) in _names()


def _kind(cells: Sequence[str]) -> str:
    """What nearly all cells of a column are, "" for words: numbers, dates, links, titles with years, or codes."""
    for kind in ("number", "date", "link", "titled"):
        if cells and sum(_is(cell, kind) for cell in cells) >= MIN_SAME_KIND * len(cells):
            return kind
    shapes = {_shape(cell) for cell in cells}
    return f"shape {shapes.pop()}" if len(shapes) == 1 and len(cells) > 2 and re.search(r"\d", cells[0]) else ""


def _is(cell: str, kind: str) -> bool:
    if kind == "number":
        return numbers.is_number(cell)
    if kind == "date":
        return bool(dates.grains([cell])[0] > dates.NONE)
    if kind == "link":
        return "://" in cell
    if kind == "titled":
        return titles.year(cell) is not None
    return f"shape {_shape(cell)}" == kind


def _shape(cell: str) -> str:
    """Letters and digits by kind, runs as one: "tt0120" -> "a9"."""
    return re.sub(r"9+", "9", re.sub(r"a+", "a", re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", cell))))
