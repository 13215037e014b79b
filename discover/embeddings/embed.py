"""Catalog and encoder to the vectors of one space: encode what is new, reuse what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog, Embeddings, EncoderIdentity, Reject
from discover.embeddings.encoders.base import Advance, Encoded, Encoder

# Called with what is being done and how many there are; gives a context whose value is told of each advance.
Progress = Callable[[str, int], AbstractContextManager[Advance]]
# Called with what was just encoded, to keep it in case of a kill: identity, contents (m,), vectors (m, dimension).
Keep = Callable[[EncoderIdentity, NDArray[np.bytes_], NDArray[np.float32]], None]

CHUNK_INPUTS = 1_000  # inputs that are encoded together, and that a kill costs at most


@dataclass(frozen=True)
class Known:
    """What an earlier version holds of a space. Vectors are read when one of the contents is needed."""

    identity: EncoderIdentity
    contents: NDArray[np.bytes_] = field(repr=False)  # (m,), "S64": SHA-256 of what was encoded
    vectors: Callable[[], NDArray[np.float32] | None] = field(repr=False)  # (m, dimension); None: they are damaged


def encode(
    catalog: Catalog,
    encoder: Encoder,
    space: str,
    known: Iterable[Known] = (),
    progress: Progress | None = None,
    keep: Keep | None = None,
) -> tuple[Embeddings, tuple[Reject, ...]]:
    """The vectors of every item that has something for this space, and a reject for each that could not be encoded.

    `known` are earlier versions, asked in turn until all contents are known: vectors of the same content by a
    comparable encoder are taken over; those of another encoder are never mixed in. Content that several items share
    is encoded once, in chunks; `keep` gets all chunks but the last, and what it gives back as `known` makes a run that
    was killed come out as if it had not been, bit for bit unless an input failed. Raises ModelError.
    """
    inputs = encoder.inputs(catalog)
    rows = np.array([row for row, value in enumerate(inputs) if value is not None], dtype=np.int64)
    contents = np.array([encoder.content(str(inputs[row])) for row in rows], dtype="S64")
    distinct, position = np.unique(contents, return_index=True)
    vector_of, identity = _recall(distinct, encoder.identity(), known)
    # In the order of their contents: what is encoded together must not depend on the order of the rows.
    new = [int(i) for i, content in zip(position, distinct.tolist(), strict=True) if content not in vector_of]
    fresh = _encode([str(inputs[rows[i]]) for i in new], contents[new], encoder, space, progress, keep)
    failed = {bytes(contents[new[i]]): reason for i, reason in fresh.failures.items()}
    vector_of |= {bytes(contents[i]): vector for i, vector in zip(new, fresh.vectors, strict=True)}
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
        vectors[i] = vector_of[bytes(content)]
    if new:
        identity = replace(identity, precision=encoder.arithmetic())
    return Embeddings(space, identity, vectors, rows[kept], contents[kept], encoded=len(new) - len(failed)), rejects


def _recall(
    wanted: NDArray[np.bytes_], identity: EncoderIdentity, known: Iterable[Known]
) -> tuple[dict[bytes, NDArray[np.float32]], EncoderIdentity]:
    """Content -> vector for those of the contents (ascending) that earlier versions hold, and whose vectors they are.

    The identity is that of the first version that had any of them, or else the given one.
    """
    vector_of: dict[bytes, NDArray[np.float32]] = {}
    owner = identity
    for results in known if len(wanted) else ():
        if results.identity.differences(identity):
            continue
        place = np.minimum(np.searchsorted(wanted, results.contents), len(wanted) - 1)
        held = np.flatnonzero(wanted[place] == results.contents)
        vectors = results.vectors() if len(held) else None
        if vectors is None:
            continue
        owner = owner if vector_of else results.identity
        vector_of |= {bytes(results.contents[i]): vectors[i] for i in held}
        wanted = wanted[~np.isin(np.arange(len(wanted)), place[held])]
        if not len(wanted):
            break
    return vector_of, owner


def _encode(
    inputs: list[str],
    contents: NDArray[np.bytes_],
    encoder: Encoder,
    space: str,
    progress: Progress | None,
    keep: Keep | None,
) -> Encoded:
    if not inputs:
        return Encoded(np.empty((0, encoder.identity().dimension), dtype=np.float32))
    parts: list[Encoded] = []
    with nullcontext() if progress is None else progress(f"encoding {space}", len(inputs)) as advance:
        for start in range(0, len(inputs), CHUNK_INPUTS):
            part = encoder.encode(inputs[start : start + CHUNK_INPUTS], advance)
            parts.append(part)
            if keep is not None and start + CHUNK_INPUTS < len(inputs):
                sound = ~np.isin(np.arange(len(part.vectors)), list(part.failures))
                identity = replace(encoder.identity(), precision=encoder.arithmetic())
                keep(identity, contents[start : start + CHUNK_INPUTS][sound], part.vectors[sound])
    failures = {i * CHUNK_INPUTS + at: why for i, part in enumerate(parts) for at, why in part.failures.items()}
    return Encoded(np.vstack([part.vectors for part in parts]), failures)
