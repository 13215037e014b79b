"""Ids as text: 1000, 1000.0 and "1000" are one id, as a column with a gap is read as floats by many a program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

WHOLE = re.compile(r"([+-]?\d+)\.0+")
EXACT_INTEGERS = 2.0**53  # beyond this a float does not hold every integer

ItemKey = str | int  # an item by its id or title
ItemWeights = ItemKey | Sequence[ItemKey] | Mapping[ItemKey, float]  # several, with how much each counts


def spell(key: Any) -> Any:
    """A whole number as text, "1000"; anything else as it is."""
    if isinstance(key, (bool, np.bool_)):
        return key
    if isinstance(key, (int, np.integer)):
        return str(int(key))
    if isinstance(key, (float, np.floating)) and float(key).is_integer() and abs(float(key)) < EXACT_INTEGERS:
        return str(int(key))
    return key


def without_point(text: str) -> str:
    """A whole number that is written as a float, "1000.0", without what follows the point; other text as it is."""
    match = WHOLE.fullmatch(text)
    return match[1] if match else text
