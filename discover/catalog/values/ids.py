"""Ids: taken as they are, made where there are none, and unique in the end."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from discover.catalog.values.base import Distinct, RowReject

COPY_REASON = "this is an exact copy of line"
Content = Callable[[int], tuple[object, ...]]  # row -> all that the source says in it


def whole(column: pa.Array) -> pa.Array:
    """Ids without ".0" where all are whole numbers: a column with a gap was made of floats by whoever wrote it."""
    empty = pc.equal(column, "")
    floats = pc.match_substring_regex(column, r"^\d+\.0+$")
    if (
        not pc.any(floats).as_py()
        or not pc.all(pc.or_(empty, pc.match_substring_regex(column, r"^\d+(\.0+)?$"))).as_py()
    ):
        return column
    return pc.replace_substring_regex(column, r"\.0+$", "")


def make(parts: pa.Array, wanted: NDArray[np.bool_], content: Content) -> list[str]:
    """An id from the text `parts` of each wanted row ("" for the others): 16 hexadecimal digits of a hash.

    Rows that agree in it get their whole content into the hash, so that no id depends on the order of rows.
    """
    digests = [_digest(text) if want else "" for text, want in zip(parts.to_pylist(), wanted.tolist(), strict=True)]
    repeated = Distinct.from_column(pa.chunked_array([parts]))
    counts = np.bincount(repeated.codes, minlength=len(repeated.values))[repeated.codes]
    for row in np.flatnonzero(wanted & (counts > 1)).tolist():
        digests[row] = _digest(digests[row] + repr(content(row)))
    return digests


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def repeats(ids: pa.Array, lines: NDArray[np.int64], column: str | None, content: Content) -> list[RowReject]:
    """The rows whose id an earlier row has: copies of it, or others that claim its id."""
    distinct = Distinct.from_column(pa.chunked_array([ids]))
    if len(distinct.values) == len(ids):
        return []
    rejects = []
    _, firsts = np.unique(distinct.codes, return_index=True)  # of each code, in order of codes from 0
    later = np.ones(len(ids), dtype=bool)
    later[firsts] = False
    for row in np.flatnonzero(later).tolist():
        first, value = int(firsts[distinct.codes[row]]), distinct.values[distinct.codes[row]]
        if content(row) == content(first):
            rejects.append(RowReject(row, None, f"{COPY_REASON} {lines[first]}", value, dropped=True))
        else:
            reason = f"line {lines[first]} has the same id with other content"
            rejects.append(RowReject(row, column, reason, value, dropped=True))
    return rejects
