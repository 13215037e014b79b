"""How pictures look: the vectors of an encoder of pictures, which can be asked with words as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.errors import InputError
from discover.core.types import Evidence
from discover.search.spaces._vectors import Vectors
from discover.search.spaces.base import Models

PICTURES = "the pictures"


@dataclass(frozen=True)
class Image(Vectors):
    """The vectors of items' pictures."""

    name: ClassVar[str] = "image"
    label: ClassVar[str] = "Pictures"
    hint: ClassVar[str] = "how the picture looks"
    weight: ClassVar[float] = 0.5

    def query_picture(self, path: str, models: Models) -> Any:
        """The picture's vector. Raises InputError."""
        encoded = models.encoder(self.name).encode([path])
        if encoded.failures:
            raise InputError(f"{path}: {encoded.failures[0]}")
        return encoded.vectors

    def out_of_domain(self, text: str, query: Any, models: Models) -> bool | None:
        """False where some picture is nearer than any is to nonsense; pictures cannot say that a text fits nothing."""
        return None if super().out_of_domain(text, query, models) else False

    def evidence(self, query: Any, asked: int | None, row: int, prepared: Mapping[int, Any]) -> list[Evidence]:
        """The pictures as a whole."""
        whole, *_ = super().evidence(query, asked, row, prepared)
        return [Evidence(self.name, "picture", PICTURES, whole.amount)]
