"""Spaces to one: calibrated scores and their additive parts, and the vectors that themes and the map share.

Scores: each similarity is read against what is usual for the two items in that space (`cohort`), then the
weighted mean is taken over the spaces that both sides have. A score is a number of standard deviations above
unrelated items: 0 is chance, 3 is rare.

Vectors: each space is centred, so that what all items have in common (the cone in which a model's vectors lie) does not
count, scaled to the same spread over unrelated pairs, and weighted. An item that is missing from a space is given the
mean of its nearest neighbours there, so that lacking a poster neither draws items together nor sets them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.core.errors import UsageError
from discover.core.settings import ThemeSettings
from discover.core.types import Catalog, Embeddings
from discover.core.vectors import unit
from discover.search.cohort import CohortStats
from discover.search.spaces.base import Compared, Rows

DONORS = 10  # neighbours whose mean stands in for a missing vector
AT_ONCE = 10_000  # items completed together, to bound memory


@dataclass(frozen=True)
class Scale:
    """What makes similarities of q queries and c rows comparable: `gain * similarity - offset`."""

    gain: NDArray[np.float64] = field(repr=False)  # (q, c) or (q, 1)
    offset: NDArray[np.float64] = field(repr=False)


def find_scale(queries: CohortStats, items: CohortStats | None, rows: Rows | None = None) -> Scale:
    """The mean of both sides' own standardisation, for these rows of the items or all; that of the queries alone
    where `items` is None."""
    gain, offset = queries.standard
    if items is None:
        return Scale(gain[:, None], offset[:, None])
    other_gain, other_offset = items.standard if rows is None else (standard[rows] for standard in items.standard)
    return Scale((gain[:, None] + other_gain) / 2, (offset[:, None] + other_offset) / 2)


@dataclass(frozen=True)
class Scores:
    """q queries against c rows. `total` is the sum of `parts` and NaN where no space covers a pair."""

    parts: Mapping[str, NDArray[np.float64]] = field(repr=False)  # space -> (q, c), 0 where it does not cover a pair
    shares: Mapping[str, NDArray[np.float64]] = field(repr=False)  # space -> (q, c), in [0, 1]; they sum to 1
    total: NDArray[np.float64] = field(repr=False)  # (q, c)


def fuse_scores(compared: Mapping[str, Compared], scales: Mapping[str, Scale], weights: Mapping[str, float]) -> Scores:
    """The weighted mean of calibrated similarities over the spaces that both sides have.

    Each space counts by its weight times its coverage of the pair, so that what an item lacks neither punishes nor
    favours it.
    """
    counts = {name: weights[name] * space.coverage.astype(np.float64) for name, space in compared.items()}
    whole = add(counts.values())
    covered = whole > 0
    shares = {name: count / np.where(covered, whole, 1.0) for name, count in counts.items()}
    parts = {
        name: shares[name] * (scales[name].gain * space.similarities - scales[name].offset)
        for name, space in compared.items()
    }
    return Scores(parts, shares, np.where(covered, add(parts.values()), np.nan))


def add(arrays: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The sum of at least one array; numpy's would first copy them all into one."""
    return reduce(np.add, arrays)


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
            f"[themes] weights: with {dict(weights)} no themes can be found. This catalog has {', '.join(spaces)}"
        )
    blocks = [_placed(space, items) for space in used]
    if len(blocks) == 1:
        return blocks[0]
    blocks = [_calibrated(block) for block in blocks]
    order = sorted(range(len(used)), key=lambda i: -len(used[i].rows))  # the fullest space leads the others
    some = np.any([~np.isnan(block[:, :1]) for block in blocks], axis=0)
    for leader in order:
        blocks = [_completed(block, blocks[leader]) for block in blocks]
    blocks = [np.where(np.isnan(block[:, :1]) & some, 0, block) for block in blocks]  # no item has both: no donors
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


def theme_weights(settings: ThemeSettings, items: Catalog, spaces: Mapping[str, Embeddings]) -> Mapping[str, float]:
    """How much each space counts for themes: as set; otherwise words do, or pictures where all words are titles."""
    if settings.weights is not None:
        return settings.weights
    wordless = not any(role in items.mapping for role in ("description", "genres", "keywords"))
    return {"image": 1.0} if "image" in spaces and (wordless or "text" not in spaces) else {"text": 1.0}
