"""The models of an opened version: loaded when first asked for, refused where they are not those of its vectors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from discover.core import cancel, plugins
from discover.embeddings import encoders
from discover.embeddings.encoders.base import Encoded
from discover.search import out_of_domain
from discover.store.load import StoredRun

BATCH_SIZE = 32  # texts that one thread encodes before others have their turn
T = TypeVar("T")


class Models:
    """The encoders that made a version's vectors, each kept once loaded; threads may share them."""

    def __init__(self, run: StoredRun) -> None:
        self._run = run
        self._encoders: dict[str, _OneAtATime] = {}
        self._nonsense: dict[str, float] = {}
        self._loading = threading.Lock()  # held while a model is loaded, which takes long

    def encoder(self, space: str) -> Any:
        """The encoder that made the space's vectors. Raises ModelError if its weights are others now."""
        with self._loading:
            if space not in self._encoders:
                chosen = getattr(self._run.settings, space)
                encoder = plugins.load(encoders, chosen.encoder, chosen.options)
                encoder.check(self._run.spaces[space].identity)
                self._encoders[space] = _OneAtATime(encoder)
            return self._encoders[space]

    def nonsense_level(self, space: str, nearest: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> float:
        """The cosine to the nearest item that one in ten nonsense texts reaches: what says nothing.

        `nearest` gives for vectors (q, d) of the space the cosine of each with the item that is nearest to it.
        """
        if space not in self._nonsense:
            cosines = nearest(self.encoder(space).encode_text(out_of_domain.texts()))
            self._nonsense[space] = float(np.quantile(cosines, 1 - out_of_domain.NONSENSE_RATE))
        return self._nonsense[space]

    def following(self, run: StoredRun) -> Models:
        """The models of another version: what is loaded already serves there too, where it would be the same."""
        new = Models(run)
        for space, encoder in self._encoders.copy().items():  # requests may add to it
            same = space in run.spaces and getattr(run.settings, space) == getattr(self._run.settings, space)
            if same and not run.spaces[space].identity.differences(encoder.identity()):
                new._encoders[space] = encoder
        return new


class _OneAtATime:
    """An encoder that threads may share: a tokeniser fails ("Already borrowed") where two use it together.

    Threads take turns, batch by batch: a single text waits for one batch of a thousand, and work that nobody waits for
    ends with its batch.
    """

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._next = threading.Lock()  # held by the thread whose turn is next, so that the last one cannot overtake it

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode(self, inputs: Sequence[str]) -> Encoded:
        """What the encoder's `encode` gives."""
        parts: list[Encoded] = self._by_batch(self._encoder.encode, inputs)
        if len(parts) == 1:
            return parts[0]
        failures = {
            BATCH_SIZE * number + place: reason
            for number, part in enumerate(parts)
            for place, reason in part.failures.items()
        }
        return Encoded(np.vstack([part.vectors for part in parts]), failures)

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What the encoder's `encode_text` gives."""
        return np.vstack(self._by_batch(self._encoder.encode_text, texts))

    def _by_batch(self, encode: Callable[[Sequence[str]], T], inputs: Sequence[str]) -> list[T]:
        parts = []
        for start in range(0, max(len(inputs), 1), BATCH_SIZE):
            with self._next:
                self._lock.acquire()
            try:
                cancel.check()
                parts.append(encode(inputs[start : start + BATCH_SIZE]))
            finally:
                self._lock.release()
        return parts
