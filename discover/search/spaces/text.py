"""What descriptions mean: the vectors of a text encoder. A sentence adds what the similarity loses without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from discover.core.types import Catalog, Evidence
from discover.search import sentences
from discover.search.sentences import Passages
from discover.search.spaces._vectors import Vectors
from discover.search.spaces.base import TOGETHER, Models


@dataclass(frozen=True)
class Text(Vectors):
    """The vectors of items' words."""

    name: ClassVar[str] = "text"
    label: ClassVar[str] = "Meaning"
    hint: ClassVar[str] = "what the description means"
    weight: ClassVar[float] = 1.0

    def prepare(self, catalog: Catalog, rows: Sequence[int], models: Models) -> Mapping[int, Passages]:
        """The sentences of these rows. Raises ModelError."""
        return sentences.take_apart(catalog, models.encoder(self.name), rows)

    def evidence(self, query: Any, asked: int | None, row: int, prepared: Mapping[int, Passages]) -> list[Evidence]:
        """What the similarity loses without each sentence of either side, and what no single sentence carries."""
        rows = np.array([row], dtype=np.int64)
        whole = float(self.compare(query, rows).similarities[0, 0])
        terms = []
        for own, other in ((row, query), (asked, self.items(rows))):
            if own is not None and own in prepared:
                passages = prepared[own]
                drops = whole - np.nan_to_num(passages.without @ other[0])
                terms += [
                    Evidence(self.name, "sentence", text, float(drop), item=passages.item)
                    for text, drop in zip(passages.texts, drops, strict=True)
                ]
        return [*terms, Evidence(self.name, "together", TOGETHER, whole - sum(term.amount for term in terms))]
