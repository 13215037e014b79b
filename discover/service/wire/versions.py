"""What is served: the current version with its filters, all versions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from discover.service.wire.base import Answer, Number, Versioned
from discover.service.wire.items import ThemeName


class Years(Answer):
    """First and last."""

    min: int
    max: int


class Counted(Answer):
    """A value and how many items have it."""

    value: str
    count: int


class SizedTheme(ThemeName):
    """A theme to filter by."""

    size: int


class Filters(Answer):
    """What items can be filtered by."""

    year: Years | None
    genres: list[Counted]
    countries: list[Counted]
    themes: list[SizedTheme]


class SpaceWords(Answer):
    """What people call a search space, and what it compares."""

    label: Annotated[str, Field(examples=["Meaning"])]
    hint: Annotated[str, Field(examples=["what the description means"])]


class EventWords(Answer):
    """What people call an event of a theme."""

    label: Annotated[str, Field(description="in a list", examples=["Merged"])]
    past: Annotated[str, Field(description="in a history, before other themes", examples=["absorbed"])]


class Words(Answer):
    """What people call what the API calls by a key."""

    spaces: dict[str, SpaceWords]
    events: Annotated[dict[str, EventWords], Field(description="by kind, in the order in which a report lists them")]
    rising: Annotated[list[str], Field(description="statuses of trends that rise")]
    fading: Annotated[list[str], Field(description="statuses of trends that fade")]


class About(Versioned):
    """What is served."""

    source: str
    created: str
    items: int
    themes: int
    levels: int
    spaces: list[str]
    weights: dict[str, Number]
    filters: Filters
    colours: Annotated[dict[str, int], Field(description="colour (0 to 7) by id of a theme, as in the report")]
    roles: Annotated[list[str], Field(description="roles for which the catalog has a column")]
    words: Words
    audience: bool
    editable: bool


class StoredVersion(Answer):
    """One version of the workspace."""

    number: int
    created: str
    source: str
    items: int
    themes: int
    current: bool


class Versions(Versioned):
    """All versions, oldest first."""

    versions: list[StoredVersion]
