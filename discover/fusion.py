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
from discover.nouns import Embeddings

DONORS = 10  # neighbours whose mean stands in for a missing vector


def fuse(spaces: Mapping[str, Embeddings], weights: Mapping[str, float], items: int) -> NDArray[np.float32]:
    """Unit vectors (items, d) over the spaces with a positive weight; rows are catalog rows.

    With one space its vectors are given as they are. An item that no weighted space has gets NaN.
    """
    used = [space for name, space in spaces.items() if weights.get(name, 0.0) > 0 and len(space.rows)]
    if not used:
        used = [space for space in spaces.values() if len(space.rows)]
    if not used:
        return np.full((items, 1), np.nan, dtype=np.float32)
    blocks = [_placed(space, items) for space in used]
    if len(blocks) == 1:
        return blocks[0]
    lead = max(range(len(used)), key=lambda i: len(used[i].rows))
    blocks = [_completed(_calibrated(block), blocks[lead]) for block in blocks]
    scaled = [np.sqrt(weights.get(s.space, 1.0)) * b for s, b in zip(used, blocks, strict=True)]
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
    """Missing rows filled from the items nearest in the leading space that have one."""
    missing = np.isnan(block[:, 0])
    seekers = np.flatnonzero(missing & ~np.isnan(lead[:, 0]))
    donors = np.flatnonzero(~missing & ~np.isnan(lead[:, 0]))
    if not len(seekers) or not len(donors):
        return block
    nearest = indexes.build(lead[donors], kind="flat").search(lead[seekers], DONORS).rows
    filled = block.copy()
    filled[seekers] = unit(block[donors[nearest]].mean(axis=1))
    return filled
