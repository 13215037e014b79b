"""What a caller asks of an engine, checked before anything is encoded or searched: wrong values are one clear line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import UsageError
from discover.core.ids import spell
from discover.core.types import Embeddings
from discover.core.types.options import MAX_WEIGHT
from discover.core.words import shorten

MAX_TEXT_CHARS = 100_000
MAX_COMPARED = 20  # items of a dossier
MAX_SHOWN = 5  # entries of a history that a note names


def check_names(what: str, names: Iterable[str], valid: Iterable[str], where: str = "") -> None:
    """Raises UsageError for the first name that is not valid; `what` begins the message: "weights: no space"."""
    known = list(valid)
    for name in names:
        if name not in known:
            raise UsageError(f"{what} {name!r}{where}. Valid: {', '.join(known)}")


def read_items(given: Any, what: str) -> dict[str, float]:
    """Items, by id or title, and how much each counts."""
    rule = f"{what}: give ids or titles, or a dictionary of them and numbers above 0, got"
    try:
        items = given if isinstance(given, Mapping) else dict.fromkeys([given] if _is_key(given) else given, 1.0)
    except TypeError as error:  # nothing that can be gone through, or no keys in it
        raise UsageError(f"{rule} {shorten(repr(given))}") from error
    for key, weight in items.items():
        if not (_is_key(key) and _is_number(weight) and 0 < weight <= MAX_WEIGHT):
            raise UsageError(f"{rule} {key!r}: {weight!r}")
    return {spell(key): weight for key, weight in items.items()}


def read_history(history: Any) -> dict[str, float]:
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
    return {spell(key): rating for key, rating in ratings.items()}


def explain_unknown(unknown: Sequence[str], total: int) -> str:
    """What to say about entries of a history that are not used; "" where there are none."""
    if not unknown:
        return ""
    shown = ", ".join(repr(shorten(key)) for key in unknown[:MAX_SHOWN]) + (" ..." if len(unknown) > MAX_SHOWN else "")
    be = "is" if len(unknown) == 1 else "are"
    return f"{len(unknown):,} of {total:,} in the history {be} not one item of this catalog and left out: {shown}"


def check_compared(given: Any) -> list[Any]:
    """The items of a dossier."""
    if not isinstance(given, Iterable):
        raise UsageError(f"give a list of ids or titles to compare, got {given!r:.60}")
    items = [given] if isinstance(given, str) else list(given)
    if not 2 <= len(items) <= MAX_COMPARED:
        raise UsageError(f"give 2 to {MAX_COMPARED} items to compare, got {len(items)}")
    return items


def check_labelled(given: Any) -> list[Any]:
    """The items that a label is wanted for."""
    if not isinstance(given, Iterable):
        raise UsageError(f"label: give a list of ids or titles, got {given!r:.60}")
    items = [given] if isinstance(given, str) else list(given)
    if not items:
        raise UsageError("label: give at least one item")
    return items


def check_text(given: Any) -> str:
    """A text to search for."""
    if not isinstance(given, str) or not given.strip():
        raise UsageError(f"The search text must be a non-empty string, got {given!r}")
    if any("\ud800" <= character <= "\udfff" for character in given):
        raise UsageError(f"The search text is not valid UTF-8: {shorten(ascii(given))}")
    if len(given) > MAX_TEXT_CHARS:
        raise UsageError(f"The search text has {len(given):,} characters, at most {MAX_TEXT_CHARS:,} are allowed")
    return given


def read_vectors(given: Any, spaces: Mapping[str, Embeddings]) -> dict[str, NDArray[np.float32]]:
    """By space a vector, (1, d), scaled to length one."""
    if not isinstance(given, Mapping):
        raise UsageError(f"vector: give a dictionary of space and vector, such as {{'text': [...]}}, got {given!r:.60}")
    check_names("vector: no vectors", given, spaces, " in this version")
    vectors = {}
    for name, value in given.items():
        dimension = spaces[name].vectors.shape[1]
        try:
            vector = np.atleast_2d(np.asarray(value, dtype=np.float64))
        except (TypeError, ValueError, OverflowError) as error:
            raise UsageError(f"vector: {name} is not an array of numbers: {error}") from error
        if vector.shape != (1, dimension) or not np.isfinite(vector).all() or not vector.any():
            shape = " x ".join(map(str, np.shape(value))) or "one number"
            raise UsageError(f"vector: {name} must be {dimension} finite numbers, not all 0, got {shape}")
        scaled = vector / np.abs(vector).max()  # so that no square overflows
        vectors[name] = (scaled / np.linalg.norm(scaled)).astype(np.float32)
    return vectors


def _is_key(value: Any) -> bool:
    """Whether something may be an id or a title."""
    return isinstance(spell(value), str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
