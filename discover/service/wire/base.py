"""What all types of requests and answers have in common.

Fields mean what they mean in `discover.core.types`. NaN, which JSON lacks, is null.
"""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_ANSWERS = 200  # answers of one query, items of one page
MAX_QUERIES = 500  # queries of one request
MAX_ADDRESS_CHARS = 2_000  # of one part of an address, where a character may take twelve. Bodies may hold more


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite)]  # null where there is no number


class Answer(BaseModel):
    """Something that the service answers with, made from an object of the engine by `model_validate`."""

    model_config = ConfigDict(from_attributes=True)


class Body(BaseModel):
    """The body of a request: finite numbers, and no keys that the service does not know."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Versioned(Answer):
    """Every answer says which version it is from."""

    version: Annotated[int, Field(description="the version that answered", examples=[7])]
