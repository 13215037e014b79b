"""Rows of unit length."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def unit(vectors: NDArray[Any], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """The rows scaled to length one, computed and given in `dtype`; a row of zeros or NaN becomes NaN.

    Where such a row is an error, `indexes.base.unit` refuses it.
    """
    given = np.ascontiguousarray(vectors, dtype=dtype)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(given / np.linalg.norm(given, axis=1, keepdims=True), dtype=dtype)
