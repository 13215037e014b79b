"""Catalog and encoder to the vectors of one space: encode what is new, reuse what is known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from discover.encoders.base import Advance, Encoded, Encoder
from discover.nouns import Catalog, Embeddings, EncoderIdentity, Reject

# Called with what is being done and how many there are; gives a context whose value is told of each advance.
Progress = Callable[[str, int], AbstractContextManager[Advance]]


def encode(
    catalog: Catalog,
    encoder: Encoder,
    space: str,
    known: Embeddings | None = None,
    progress: Progress | None = None,
) -> tuple[Embeddings, tuple[Reject, ...]]:
    """The vectors of every item that has something for this space, and a reject for each that could not be encoded.

    `known` is an earlier night's: vectors of the same content by a comparable encoder are taken over; those of
    another encoder are never mixed in. Content that several items share is encoded once. Raises ModelError.
    """
    inputs = encoder.inputs(catalog)
    rows = np.array([row for row, value in enumerate(inputs) if value is not None], dtype=np.int64)
    contents = np.array([encoder.content(str(inputs[row])) for row in rows], dtype="S64")
    identity = encoder.identity()
    store = _reusable(known, identity)
    distinct, position = np.unique(contents, return_index=True)
    new = [int(i) for i, content in zip(position, distinct, strict=True) if content not in store]
    new.sort()  # catalog order, so that progress and failures follow the file
    fresh = _encode([str(inputs[rows[i]]) for i in new], encoder, space, progress)
    failed = {bytes(contents[new[i]]): reason for i, reason in fresh.failures.items()}
    store |= {bytes(contents[i]): vector for i, vector in zip(new, fresh.vectors, strict=True)}
    kept = np.array([bytes(content) not in failed for content in contents], dtype=bool)
    column = catalog.mapping.get(encoder.modality, (space,))[0]
    rejects = tuple(
        Reject(
            catalog.line(row), column, failed[bytes(content)], str(inputs[row]), dropped=False, item=catalog.ids[row]
        )
        for row, content in zip(rows[~kept], contents[~kept], strict=True)
    )
    vectors = np.empty((int(kept.sum()), identity.dimension), dtype=np.float32)
    for i, content in enumerate(contents[kept]):
        vectors[i] = store[bytes(content)]
    if new:
        identity = replace(identity, precision=encoder.arithmetic())
    elif known is not None and not known.identity.differences(identity):
        identity = known.identity
    return Embeddings(space, identity, vectors, rows[kept], contents[kept], encoded=len(new) - len(failed)), rejects


def _reusable(known: Embeddings | None, identity: EncoderIdentity) -> dict[bytes, NDArray[np.float32]]:
    """Content -> vector of an earlier night, if its encoder is comparable."""
    if known is None or known.identity.differences(identity):
        return {}
    return dict(zip((bytes(content) for content in known.contents), known.vectors, strict=True))


def _encode(inputs: list[str], encoder: Encoder, space: str, progress: Progress | None) -> Encoded:
    if not inputs:
        return Encoded(np.empty((0, encoder.identity().dimension), dtype=np.float32))
    if progress is None:
        return encoder.encode(inputs)
    with progress(f"encoding {space}", len(inputs)) as advance:
        return encoder.encode(inputs, advance)
