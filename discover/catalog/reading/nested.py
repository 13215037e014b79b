"""Objects inside rows become columns, `show.name`, at any depth; arrays of objects become the names of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from discover.catalog.values.lists import name_of

MAX_KEYS = 200  # of the objects of one column; more are data and no fields
SHARED_KEYS = 0.5  # of the objects that have a key, on average: the keys of records; others are data, such as tags

Column = Sequence[Any]


def flatten(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Columns of plain values and of lists of plain values, as far as objects are records.

    An object whose keys differ from row to row, {"Drama": 90, "Crime": 20}, is left as it is.
    """
    flat: dict[str, Column] = {}
    waiting = list(columns.items())[::-1]
    while waiting:
        name, values = waiting.pop()
        keys = _fields(values)
        if keys:
            waiting += [(f"{name}.{key}", [_get(value, key) for value in values]) for key in reversed(keys)]
            continue
        while name in flat:
            name += "_2"
        flat[name] = [names(value) if isinstance(value, list) else value for value in values]
    return flat


def _fields(values: Column) -> list[Any]:
    """The keys of a column of objects, in order of first use; none where it holds something else or keys are data."""
    objects = [value for value in values if isinstance(value, dict)]
    if not objects or len(objects) < sum(value not in (None, "") for value in values):
        return []
    counts = Counter(key for value in objects for key in value)
    shared = counts.total() >= SHARED_KEYS * len(counts) * sum(map(bool, objects))
    return list(counts) if len(counts) <= MAX_KEYS and shared else []


def _get(value: Any, key: Any) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def names(values: list[Any]) -> list[Any]:
    """What the objects of a list are called, where all of them are called something; else the list as it is."""
    if not any(isinstance(value, dict) for value in values):
        return values
    named = [name_of(value) if isinstance(value, dict) else value for value in values]
    return values if any(name is None for name in named) else named
