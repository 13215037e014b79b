"""The map: names, points, items."""

from __future__ import annotations

from discover.service.wire.base import Answer, Number, Versioned
from discover.service.wire.items import Card


class MapName(Answer):
    """Where a theme's name goes on the map."""

    id: str
    label: str
    x: float
    y: float
    size: int
    level: int


class MapNames(Versioned):
    """Where the names of a level go."""

    names: list[MapName]


class MapPoint(Answer):
    """Where an item lies; x and y null where nothing places it."""

    id: str
    x: Number
    y: Number
    theme: str | None


class MapPoints(Versioned):
    """A page of the map."""

    total: int
    points: list[MapPoint]
    next: str | None


class MapItems(Versioned):
    """Items by row of the catalog."""

    items: list[Card]
