"""How themes move: trends, demand against supply, why shares changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from discover.engine.engine import Engine
from discover.service.wire.base import Answer, Number, Versioned
from discover.service.wire.items import Card, build_cards


class Trend(Answer):
    """How a theme moves."""

    theme: str
    label: str
    level: int
    measure: str
    status: str
    lift: Number
    low: Number
    high: Number
    p: Number
    q: Number
    periods: list[str]
    parts: list[str]
    amounts: list[Number]
    shares: list[Number]
    carriers: list[str]


class Trends(Versioned):
    """Trends, most significant first."""

    why: Annotated[str, Field(description="why there are no trends")]
    notes: list[str]
    trends: list[Trend]
    carriers: Annotated[dict[str, Card], Field(description="the items that carry them, by id")]


def build_trends(engine: Engine, emerging: bool, level: int) -> Trends:
    """The trends of a level."""
    trends, results = engine.trends(emerging, level), engine.trend_results
    return Trends(
        version=engine.version.number,
        why=results.why or ("" if trends else "No theme rises beyond chance"),
        notes=list(results.notes),
        trends=[Trend.model_validate(trend) for trend in trends],
        carriers=build_cards(engine, (id for trend in trends for id in trend.carriers)),
    )


class WhiteSpace(Answer):
    """A theme's share of the audience against its share of the titles."""

    theme: str
    label: str
    level: int
    titles: Number
    audience: Number
    ratio: Number
    low: Number
    high: Number


class WhiteSpaces(Versioned):
    """Themes by demand over supply, highest first."""

    white_space: list[WhiteSpace]


class Change(Answer):
    """Why a theme's share moved: titles + demand + clustering = after - before."""

    theme: str
    before: Number
    after: Number
    titles: Number
    demand: Number
    clustering: Number
    measure: str  # titles or audience


class Changes(Versioned):
    """Why the broad themes' shares changed."""

    changes: list[Change]
    labels: dict[str, str]
