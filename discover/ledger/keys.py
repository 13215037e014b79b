"""Which item is which from one run to the next: by what was encoded of it, or else by its id and title."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog, Embeddings, Keys

DIGEST_CHARS = 32  # hexadecimal


def identify(catalog: Catalog, spaces: Mapping[str, Embeddings]) -> Keys:
    """What the items of a catalog are known by: their text, or what else was encoded; and id and title."""
    contents = np.zeros(len(catalog), dtype=f"S{DIGEST_CHARS}")
    for name in sorted(spaces, key=lambda name: (name == "text", name)):  # the last one has the last word
        contents[spaces[name].rows] = spaces[name].contents.astype(f"S{DIGEST_CHARS}")
    names = [
        hashlib.sha256(f"{id}\0{title}".encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_CHARS]
        for id, title in zip(catalog.ids, catalog.titles, strict=True)
    ]
    return Keys(contents, np.array(names, dtype=f"S{DIGEST_CHARS}"))


def locate(ours: Keys, theirs: Keys) -> NDArray[np.int64]:
    """For each item of ours its position among theirs, or -1: by content first, then by id and title.

    Copies with the same content are matched one to one, in order.
    """
    positions = np.full(len(ours), -1, dtype=np.int64)
    for kind in ("contents", "names"):
        one, other = getattr(ours, kind), getattr(theirs, kind)
        left = np.flatnonzero((positions < 0) & (one != b""))
        free = np.setdiff1d(np.flatnonzero(other != b""), positions)
        i, j = _find_equal(one[left], other[free])
        positions[left[i]] = free[j]
    return positions


def _find_equal(ours: NDArray[Any], theirs: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of equal values, the first of a value in ours with the first in theirs, the second with the second."""
    _, codes = np.unique(np.concatenate([ours, theirs]), return_inverse=True)
    keys = [own * (len(codes) + 1) + _nth(own) for own in (codes[: len(ours)], codes[len(ours) :])]
    _, i, j = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return i, j


def _nth(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many equal values stand before each value."""
    order = np.argsort(values, kind="stable")
    starts = np.searchsorted(values[order], values[order], side="left")
    nth = np.empty(len(values), dtype=np.int64)
    nth[order] = np.arange(len(values)) - starts
    return nth
