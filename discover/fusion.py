"""Spaces to one: the vectors that the neighbour graph, the map and the themes share.

Each space is centred, so that what all items have in common (the cone in which a model's vectors lie) does not
count, scaled to the same background spread, and weighted. An item that is missing from a space is given the
mean of its nearest neighbours there, so that lacking a poster neither draws items together nor sets them apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.encoders.base import unit
from discover.errors import UsageError
from discover.nouns import Embeddings

DONORS = 10  # neighbours whose mean stands in for a missing vector
AT_ONCE = 10_000  # items completed together, to bound memory


def fuse(spaces: Mapping[str, Embeddings], weights: Mapping[str, float], items: int) -> NDArray[np.float32]:
    """Unit vectors (items, d) over the spaces with a positive weight; rows are catalog rows.

    With one space its vectors are given as they are. An item that no weighted space has gets NaN. Raises UsageError
    if the weights name another space, or none that has vectors.
    """
    if unknown := [name for name in weights if name not in ("text", "image", *spaces)]:
        raise UsageError(f"[themes] weights: unknown space {unknown[0]!r}. Valid: text, image")
    used = [space for name, space in spaces.items() if weights.get(name, 0.0) > 0 and len(space.rows)]
    if not used:
        raise UsageError(
            f"[themes] weights: {dict(weights)} leave no space to find themes in; this catalog has {', '.join(spaces)}"
        )
    blocks = [_placed(space, items) for space in used]
    if len(blocks) == 1:
        return blocks[0]
    blocks = [_calibrated(block) for block in blocks]
    order = sorted(range(len(used)), key=lambda i: -len(used[i].rows))  # the fullest space leads the others
    for leader in order:
        blocks = [_completed(block, blocks[leader]) for block in blocks]
    scaled = [np.sqrt(weights[space.space]) * block for space, block in zip(used, blocks, strict=True)]
    return unit(np.hstack(scaled))


def _placed(space: Embeddings, items: int) -> NDArray[np.float32]:
    """The space's vectors by catalog row, NaN where an item is missing."""
    if len(space.rows) == items:
        return space.vectors
    block = np.full((items, space.vectors.shape[1]), np.nan, dtype=np.float32)
    block[space.rows] = space.vectors
    return block


def _calibrated(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Centred and of unit length, so that cosines of unrelated items lie around zero in every space."""
    return unit(block - np.nanmean(block, axis=0, keepdims=True))


def _completed(block: NDArray[np.float32], lead: NDArray[np.float32]) -> NDArray[np.float32]:
    """Missing rows filled from the items nearest in the leading space; rows missing there too stay missing."""
    missing = np.isnan(block[:, 0])
    seekers = np.flatnonzero(missing & ~np.isnan(lead[:, 0]))
    donors = np.flatnonzero(~missing & ~np.isnan(lead[:, 0]))
    if not len(seekers) or not len(donors):
        return block
    index, filled = indexes.build(lead[donors], kind="flat"), block.copy()
    for start in range(0, len(seekers), AT_ONCE):
        some = seekers[start : start + AT_ONCE]
        filled[some] = unit(block[donors[index.search(lead[some], DONORS).rows]].mean(axis=1))
    return filled
