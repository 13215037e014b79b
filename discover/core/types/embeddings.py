"""The vectors of a space, and what must be equal for two of them to be comparable."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class EncoderIdentity:
    """What must be equal for two vectors to be comparable."""

    encoder: str  # plug-in's name
    model: str  # name or folder of the model
    digest: str  # SHA-256 of the weights
    dimension: int
    template: str  # how an item became text; "" for pictures
    precision: str  # arithmetic: "float32", "bfloat16", or "auto" before anything was encoded
    configuration: str = ""  # SHA-256 of the model's files besides its weights: tokens, window, pooling; "" without any

    def differences(self, other: EncoderIdentity) -> list[str]:
        """Names of the fields in which two identities cannot be mixed; precision alone can (cosine >= .999)."""
        return [
            attribute.name
            for attribute in fields(self)
            if attribute.name != "precision" and getattr(self, attribute.name) != getattr(other, attribute.name)
        ]


@dataclass(frozen=True)
class Embeddings:
    """The vectors of one space: row i of `vectors` belongs to catalog row `rows[i]`."""

    space: str
    identity: EncoderIdentity
    vectors: NDArray[np.float32] = field(repr=False)  # (m, dimension), unit length
    rows: NDArray[np.int64] = field(repr=False)  # (m,), ascending; an item may be missing from a space
    contents: NDArray[np.bytes_] = field(repr=False)  # (m,), "S64": SHA-256 of what was encoded
    encoded: int = 0  # how many were encoded now; the rest was known
