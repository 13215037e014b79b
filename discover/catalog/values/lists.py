"""Genres, keywords, people, countries: lists of text in the forms that tables have them in.

The form is decided for the column, not for the cell: `a|b`, `a; b`, `a, b`, `a / b`, JSON, or Python's own spelling.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from discover.catalog.values.base import NOTHING, Distinct, as_strings

SEPARATORS = ("|", ";", "；", " > ", "•", " · ", "\n", "、", "，", ",", " / ")  # in order of trust
NAMED = ("name", "title", "label", "value", "term", "text")  # what an object in a list is called by
MIN_SHARE_WITH_SEPARATOR = 0.02  # share of cells that must hold a separator
Form = Callable[[str], Iterable[Any]]


def split(column: pa.ChunkedArray, *, slashes: bool = False) -> pa.Array:
    """A list<string> column, never null: trimmed, no empty and no repeated elements, order kept.

    Elements that no word can be ("-", "N/A", "?"; see NOTHING) count as empty. "NA" (Namibia), "None" and "Unknown"
    could be values and stay.
    `slashes`: "/" separates for sure (names of people have none; "Hip-Hop/Rap" does).
    """
    if pa.types.is_list(column.type):
        return pa.array([_tidy(value or ()) for value in column.to_pylist()], pa.list_(pa.string()))
    distinct = Distinct.from_column(column)
    form = _form([value for value in distinct.values if value.strip()], slashes)
    parsed = pa.array([_tidy(form(value)) for value in distinct.values] + [[]], pa.list_(pa.string()))
    codes = [code if code >= 0 else len(distinct.values) for code in distinct.codes.tolist()]
    return parsed.take(pa.array(codes, pa.int64()))


def unlisted(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """A column of single texts; lists in it, such as ['English', 'French'], as "English, French"."""
    cells = [cell.strip() for cell in as_strings(column).to_pylist() if cell and cell.strip()]
    listed = pa.types.is_list(column.type)
    if not listed and sum(cell[:1] + cell[-1:] == "[]" for cell in cells) < max(1, len(cells) / 2):
        return column
    return pa.array([", ".join(cell) for cell in split(column).to_pylist()], pa.string())


def join(columns: list[pa.Array]) -> pa.Array:
    """Several list columns as one, elements in order of the columns."""
    if len(columns) == 1:
        return columns[0]
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return pa.array([_tidy(each for part in row for each in part) for row in rows], pa.list_(pa.string()))


def _form(cells: list[str], slashes: bool) -> Form:
    bracketed = sum(cell.strip()[:1] + cell.strip()[-1:] in ("[]", "{}", "()") for cell in cells)
    if cells and bracketed >= len(cells) / 2:
        return _literal
    for separator in SEPARATORS:
        if sum(separator in cell for cell in cells) > MIN_SHARE_WITH_SEPARATOR * len(cells):
            return lambda cell: cell.split(separator)
    if slashes or _separates(cells, "/"):
        return lambda cell: cell.split("/")
    return lambda cell: (cell,)


def _separates(cells: list[str], separator: str) -> bool:
    """Whether a doubtful separator joins things that also occur apart from each other."""
    where: Counter[str] = Counter()
    joined: set[str] = set()
    for cell in cells:
        parts = {part.strip() for part in cell.split(separator)}
        where.update(parts)
        if len(parts) > 1:
            joined |= parts
    return bool(joined) and sum(where[part] > 1 for part in joined) >= len(joined) / 2


def _literal(cell: str) -> Iterable[Any]:
    """A list in JSON or in Python's spelling; a cell that is neither is split at commas without its brackets."""
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            continue
        return _elements(value)
    return cell.strip().strip("[](){}").split(",")


def _elements(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        named = name_of(value) or value.get("id")
        # {"28": "Action"} maps codes to names; {"Action": 1} counts by name
        return [named] if named is not None else [v if isinstance(v, str) else k for k, v in value.items()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [
            each
            for element in value
            for each in (_elements(element) if isinstance(element, (dict, list)) else [element])
        ]
    return [value]


def name_of(value: Mapping[str, Any]) -> Any:
    """What an object is called, or one inside it: {"person": {"name": "Ada"}, "role": "x"}; None for nothing."""
    for key in NAMED:
        if value.get(key) and isinstance(value[key], (str, int, float)):
            return value[key]
    inner = (name_of(part) for part in value.values() if isinstance(part, dict))
    return next((name for name in inner if name is not None), None)


def _tidy(elements: Iterable[Any]) -> list[str]:
    elements_ = (" ".join(str(each).split()).strip("\"' ") for each in elements if each is not None)
    return list(dict.fromkeys(each for each in elements_ if each.casefold() not in NOTHING))
