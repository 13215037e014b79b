"""What a caller asks of an engine, checked before anything is encoded or searched: wrong values are one clear line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import UsageError
from discover.core.types import Embeddings
from discover.core.words import shorten

LONGEST_TEXT = 100_000  # characters of a query
MOST_WEIGHT = 1e6  # larger ones would drown all others in rounding
MOST_COMPARED = 20  # items of a dossier
N = TypeVar("N", int, float)


def pairs(text: str, number: Callable[[str], N], example: str, what: str) -> dict[str, N]:
    """What is written like `text=.7,image=.3`, as a dictionary."""
    try:
        found = [(name.strip(), number(value)) for name, value in (part.rsplit("=", 1) for part in text.split(","))]
    except ValueError as error:
        raise UsageError(f"{shorten(text)!r} is not like {example}") from error
    if len(dict(found)) < len(found):
        raise UsageError(f"{shorten(text)!r} names a {what} twice")
    return dict(found)


def count(value: Any, what: str) -> int:
    """A whole number of at least 1."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < 1:
        raise UsageError(f"{what} must be a whole number of at least 1, got {value!r}")
    return int(value)


def diversity(value: Any) -> float:
    """A share."""
    if not (_is_number(value) and 0 <= value <= 1):
        raise UsageError(f"diversity must be between 0 and 1, got {value!r}")
    return float(value)


def weights(given: Any, spaces: Iterable[str]) -> dict[str, float]:
    """What each of these spaces counts; at least one does."""
    if not isinstance(given, Mapping):
        raise UsageError(f"weights: give a dictionary such as {{'text': 1}}, got {given!r}")
    for name, weight in given.items():
        if name not in spaces:
            raise UsageError(f"weights: no space {name!r} in this version. Valid: {', '.join(spaces)}")
        if not (_is_number(weight) and 0 <= weight < np.inf):
            raise UsageError(f"weights: {name} must be a number of at least 0, got {weight!r}")
    if max(given.values(), default=0) > MOST_WEIGHT:
        raise UsageError(f"weights: at most {MOST_WEIGHT:,.0f} (only their proportions count)")
    if not any(given.values()):
        raise UsageError("All weights are 0, so nothing can be searched. Give at least one space a weight above 0")
    return dict(given)


def limits(given: Any, columns: Sequence[str]) -> dict[str, int]:
    """How many answers may share a value of each of these columns."""
    if not isinstance(given, Mapping):
        raise UsageError(f"at_most: give a dictionary such as {{'theme': 2}}, got {given!r}")
    for column, limit in given.items():
        if column not in columns:
            raise UsageError(f"at_most: no column {column!r}. Valid: {', '.join(columns)}")
        count(limit, f"at_most: {column}")
    return dict(given)


def wanted(given: Any, what: str) -> dict[str, float]:
    """Items, by id or title, and how much each counts."""
    rule = f"{what}: give ids or titles, or a dictionary of them and numbers above 0, got"
    try:
        items = (
            given if isinstance(given, Mapping) else dict.fromkeys([given] if isinstance(given, str) else given, 1.0)
        )
    except TypeError as error:  # nothing that can be gone through, or no keys in it
        raise UsageError(f"{rule} {shorten(repr(given))}") from error
    for key, weight in items.items():
        if not (isinstance(key, str) and _is_number(weight) and 0 < weight <= MOST_WEIGHT):
            raise UsageError(f"{rule} {key!r}: {weight!r}")
    return dict(items)


def rated(history: Any) -> dict[str, float]:
    """A history as ids or titles and ratings."""
    if isinstance(history, str) or not isinstance(history, (Mapping, Sequence)):
        raise UsageError(f"history: give a list of liked ids or a dictionary of ratings, got {history!r:.60}")
    try:
        ratings = history if isinstance(history, Mapping) else dict.fromkeys(history, 1.0)
    except TypeError as error:
        raise UsageError(f"history: give ids or titles as text, got {history!r:.60}") from error
    for key, rating in ratings.items():
        if not (_is_number(rating) and np.isfinite(rating)):
            raise UsageError(f"history: the rating of {key!r} must be a finite number, got {rating!r}")
    return dict(ratings)


def compared(given: Any) -> list[Any]:
    """The items of a dossier."""
    if not isinstance(given, Iterable):
        raise UsageError(f"give a list of ids or titles to compare, got {given!r:.60}")
    items = [given] if isinstance(given, str) else list(given)
    if not 2 <= len(items) <= MOST_COMPARED:
        raise UsageError(f"give 2 to {MOST_COMPARED} items to compare, got {len(items)}")
    return items


def labelled(given: Any) -> list[Any]:
    """The items that a label is wanted for."""
    if not isinstance(given, Iterable):
        raise UsageError(f"label: give a list of ids or titles, got {given!r:.60}")
    items = [given] if isinstance(given, str) else list(given)
    if not items:
        raise UsageError("label: give at least one item")
    return items


def text(given: Any) -> str:
    """A text to search for."""
    if not isinstance(given, str) or not given.strip():
        raise UsageError(f"The search text must be a non-empty string, got {given!r}")
    if any("\ud800" <= character <= "\udfff" for character in given):
        raise UsageError(f"The search text is not valid UTF-8: {shorten(ascii(given))}")
    if len(given) > LONGEST_TEXT:
        raise UsageError(f"The search text has {len(given):,} characters, at most {LONGEST_TEXT:,} are allowed")
    return given


def vectors(given: Any, spaces: Mapping[str, Embeddings]) -> dict[str, NDArray[np.float32]]:
    """By space a vector, (1, d), scaled to length one."""
    if not isinstance(given, Mapping):
        raise UsageError(f"vector: give a dictionary of space and vector, such as {{'text': [...]}}, got {given!r:.60}")
    found = {}
    for name, value in given.items():
        if name not in spaces:
            raise UsageError(f"vector: no vectors {name!r} in this version. Valid: {', '.join(spaces)}")
        dimension = spaces[name].vectors.shape[1]
        try:
            vector = np.atleast_2d(np.asarray(value, dtype=np.float64))
        except (TypeError, ValueError, OverflowError) as error:
            raise UsageError(f"vector: {name} is not an array of numbers: {error}") from error
        if vector.shape != (1, dimension) or not np.isfinite(vector).all() or not vector.any():
            shape = " x ".join(map(str, np.shape(value))) or "one number"
            raise UsageError(f"vector: {name} must be {dimension} finite numbers, not all 0, got {shape}")
        scaled = vector / np.abs(vector).max()  # so that no square overflows
        found[name] = (scaled / np.linalg.norm(scaled)).astype(np.float32)
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
