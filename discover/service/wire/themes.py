"""Themes: lists, one with its history and members, words for any items, where new items belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from discover.core import types
from discover.engine.engine import Engine
from discover.service import bounds
from discover.service.wire.base import Answer, Body, Number, Versioned
from discover.service.wire.items import Card, build_cards
from discover.service.wire.trends import Trend


class Theme(Answer):
    """A theme in a list."""

    id: Annotated[str, Field(examples=["T0001"])]
    label: str
    keywords: list[str]
    size: int
    attached: int
    share: Number
    strength: Number
    stability: Number
    level: int
    number: int
    parent: str | None
    children: list[str]
    status: Annotated[str | None, Field(description="status of its trend by titles, null if unknown")]
    lift: Number
    exemplars: list[Card]


class Themes(Versioned):
    """A page of themes, largest first."""

    levels: int
    why: Annotated[str, Field(description="why there are these themes, or no themes")]
    total: int
    themes: list[Theme]
    next: str | None


def build_themes(engine: Engine, themes: Sequence[types.Theme]) -> list[Theme]:
    """Themes with their exemplars' cards and what their trend by titles is."""
    shown = build_cards(engine, (item.id for theme in themes for item in theme.exemplars))
    trends_by_theme = {
        (trend.theme, trend.level): trend
        for level in {theme.level for theme in themes}
        for trend in engine.trends(level=level)
        if trend.measure == "titles"
    }
    listed = []
    for theme in themes:
        trend = trends_by_theme.get((theme.id, theme.level))
        plain = {name: getattr(theme, name) for name in Theme.model_fields if hasattr(theme, name)}
        more = {"status": trend.status if trend else None, "lift": trend.lift if trend else None}
        listed.append(Theme(**plain | more | {"exemplars": [shown[item.id] for item in theme.exemplars]}))
    return listed


class Event(Answer):
    """What happened to a theme in one run."""

    version: int
    created: str
    kind: str
    theme: str
    others: list[str]
    confidence: Number


class Events(Versioned):
    """What happened to themes."""

    events: list[Event]
    labels: Annotated[dict[str, str], Field(description="labels of the themes by id")]


class Member(Answer):
    """An item of a theme."""

    strength: Number
    attached: bool
    card: Card


class ThemePage(Versioned):
    """A theme with its trends, its history, and a page of its members, strongest first."""

    theme: Theme
    trends: list[Trend]
    events: list[Event]
    names: Annotated[list[str], Field(description="its former labels, oldest first")]
    born: Annotated[int | None, Field(description="the version in which it was first found")]
    members: list[Member]
    next: str | None


class ToLabel(Body):
    """Items, or texts, to describe in words."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": ["time-bandits-1981", "time-2021"]}]})

    ids: Annotated[list[str], Field(max_length=10_000)] = []  # noqa: RUF012  # pydantic copies it
    texts: Annotated[
        list[Annotated[str, Field(max_length=bounds.MAX_CELL_CHARS)]],
        Field(max_length=bounds.MAX_ROWS),
        BeforeValidator(bounds.check_texts),
    ] = []  # noqa: RUF012  # pydantic copies it


class Label(Versioned):
    """Words for a set of items, and what they rest on."""

    text: str
    keywords: list[str]
    note: str
    exemplars: list[Card]


def build_label(engine: Engine, label: types.Label) -> Label:
    """A label with its exemplars' cards."""
    return Label(
        version=engine.version.number,
        text=label.text,
        keywords=list(label.keywords),
        note=label.note,
        exemplars=list(build_cards(engine, (item.id for item in label.items)).values()),
    )


class ToAssign(Body):
    """New items, with columns that mean what they mean in the catalog."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rows": [{"title": "Deep Field", "description": "A crew hears a signal."}]}]}
    )

    rows: Annotated[
        list[Annotated[dict[str, str | int | float | bool | list[str] | None], Field(max_length=bounds.MAX_COLUMNS)]],
        Field(min_length=1, max_length=bounds.MAX_ROWS),
        BeforeValidator(bounds.check_rows),
    ]
    level: Annotated[int, Field(ge=0, le=100)] = 0


class Assignment(Answer):
    """Where a new item belongs; theme null for an outlier."""

    id: str
    title: str
    theme: str | None
    label: str
    strength: Number
    nearest: list[str]


class Assignments(Versioned):
    """Where new items belong, in their order."""

    assignments: list[Assignment]
    warnings: list[str]  # how the rows were read, which were set aside
