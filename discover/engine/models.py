"""The models of an opened version: loaded when first asked for, refused where they are not those of its vectors."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from discover.core import plugins
from discover.embeddings import encoders
from discover.search import out_of_domain
from discover.search.spaces.vectors import Vectors
from discover.store.archive import Archive


class Models:
    """The encoders that made a version's vectors, each kept once loaded; threads may share them."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._encoders: dict[str, _OneAtATime] = {}
        self._nonsense: dict[str, float] = {}
        self._loading = threading.Lock()  # held while a model is loaded, which takes long

    def encoder(self, space: str) -> Any:
        """The encoder that made the space's vectors. Raises ModelError if its weights are others now."""
        with self._loading:
            if space not in self._encoders:
                chosen = getattr(self._archive.settings, space)
                encoder = plugins.load(encoders, chosen.encoder, chosen.options)
                encoder.check(self._archive.spaces[space].identity)
                self._encoders[space] = _OneAtATime(encoder)
            return self._encoders[space]

    def out_of_domain(self, space: Vectors) -> float:
        """The cosine to the nearest item that one in ten nonsense texts reaches: what says nothing."""
        if space.name not in self._nonsense:
            nearest = space.highest(self.encoder(space.name).encode_text(out_of_domain.texts()))
            self._nonsense[space.name] = float(np.quantile(nearest, 1 - out_of_domain.RATE))
        return self._nonsense[space.name]

    def following(self, archive: Archive) -> Models:
        """The models of another version: what is loaded already serves there too, where it would be the same."""
        new = Models(archive)
        for space, encoder in self._encoders.copy().items():  # requests may add to it
            same = space in archive.spaces and getattr(archive.settings, space) == getattr(
                self._archive.settings, space
            )
            if same and not archive.spaces[space].identity.differences(encoder.identity()):
                new._encoders[space] = encoder
        return new


class _OneAtATime:
    """An encoder that threads may share: a tokeniser fails ("Already borrowed") where two use it together."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode(self, *given: Any) -> Any:
        with self._lock:
            return self._encoder.encode(*given)

    def encode_text(self, texts: Sequence[str]) -> Any:
        with self._lock:
            return self._encoder.encode_text(texts)
