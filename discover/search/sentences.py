"""Descriptions taken apart: what an item's vector is without each of its sentences.

What a sentence adds is measured by leaving it out: the text without it is encoded again, and the drop in cosine is the
sentence's (occlusion: Zeiler & Fergus (2014), "Visualizing and understanding convolutional networks"; for text Li,
Monroe & Jurafsky (2016), "Understanding neural networks through representation erasure").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog
from discover.embeddings.encoders.base import Encoder

MAX_PASSAGES = 16  # parts that a text is cut into: longer texts by several sentences


@dataclass(frozen=True)
class Passages:
    """A description in parts, and the item's vector without each of them."""

    item: str  # id
    texts: Sequence[str]  # (s,)
    without: NDArray[np.float32] = field(repr=False)  # (s, d) unit length, NaN where nothing is left to encode


def take_apart(catalog: Catalog, encoder: Encoder, rows: Iterable[int]) -> dict[int, Passages]:
    """The descriptions of these rows; everything is encoded in one call. Raises ModelError.

    A row whose text does not depend on the description has no passages.
    """
    parts = {row: split(catalog.table.column("description")[row].as_py()) for row in sorted(set(rows))}
    owners = [row for row, texts in parts.items() for _ in texts]
    # A blank, where no sentence is left: for a description that is missing the title would be encoded.
    shorter = [
        "".join(texts[:i] + texts[i + 1 :]).strip() or " " for texts in parts.values() for i in range(len(texts))
    ]
    whole = dict(zip(parts, encoder.inputs(_describe(catalog, list(parts), None)), strict=True))
    inputs = encoder.inputs(_describe(catalog, owners, shorter))
    is_other = [text is not None and text != whole[row] for row, text in zip(owners, inputs, strict=True)]
    encoded = encoder.encode([str(text) for text, other in zip(inputs, is_other, strict=True) if other]).vectors
    vectors = np.full((len(owners), encoded.shape[1]), np.nan, dtype=np.float32)
    vectors[is_other] = encoded
    passages, start = {}, 0
    for row, texts in parts.items():
        end = start + len(texts)
        if texts and all(text != whole[row] for text in inputs[start:end]):
            passages[row] = Passages(catalog.ids[row], [text.strip() for text in texts], vectors[start:end])
        start = end
    return passages


def split(text: str) -> list[str]:
    """A text as its sentences, at most `MAX_PASSAGES` parts of about as many; joined they are the text again."""
    import sentencex

    clean = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate is no text
    sentences: list[str] = []
    for piece in sentencex.segment("en", clean):  # ends of sentences of all scripts; abbreviations are English
        if sentences and not piece.strip():
            sentences[-1] += piece
        elif piece.strip():
            sentences.append(piece)
    if len(sentences) <= MAX_PASSAGES:
        return sentences
    return ["".join(some) for some in np.array_split(np.array(sentences, dtype=object), MAX_PASSAGES)]


def _describe(catalog: Catalog, rows: list[int], descriptions: list[str] | None) -> Catalog:
    """These rows as a catalog of their own, with other descriptions if any are given."""
    import pyarrow as pa

    table = catalog.table.take(pa.array(rows, pa.int64()))
    if descriptions is not None:
        place = table.column_names.index("description")
        table = table.set_column(place, "description", pa.array(descriptions, pa.string()))
    return replace(catalog, table=table)
