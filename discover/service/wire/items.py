"""Items: cards, pages of them, one with all of its values, suggested titles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from discover.core import types
from discover.core.words import shorten
from discover.engine.engine import Engine
from discover.service.wire.base import Answer, Versioned

MAX_DESCRIPTION_CHARS = 400  # characters of a description on a card


class ThemeName(Answer):
    """A theme by id and label."""

    id: Annotated[str, Field(examples=["T0001"])]
    label: Annotated[str, Field(examples=["Western, saloon, bandits"])]


class Card(Answer):
    """An item as people see it in a list."""

    id: Annotated[str, Field(examples=["time-bandits-1981"])]
    title: Annotated[str, Field(examples=["Time Bandits"])]
    year: Annotated[int | None, Field(examples=[1981])]
    released: Annotated[str | None, Field(description="as exactly as it is known", examples=["1981"])]
    added: Annotated[str | None, Field(description="to the catalog", examples=["2021-06-03"])]
    description: Annotated[str, Field(description=f"at most {MAX_DESCRIPTION_CHARS} characters")]
    genres: list[str]
    countries: list[str]
    people: list[str]
    theme: Annotated[ThemeName | None, Field(description="its broad theme, null for an outlier")]
    image: Annotated[str | None, Field(description="address of its picture here, null without one")]


def build_card(card: types.Card) -> Card:
    """A card as it travels."""
    return Card(
        id=card.id,
        title=card.title,
        year=card.year,
        released=card.released,
        added=card.added,
        description=shorten(card.description, MAX_DESCRIPTION_CHARS),
        genres=list(card.genres),
        countries=list(card.countries),
        people=list(card.people),
        theme=ThemeName(id=card.theme, label=card.label) if card.theme else None,
        image=f"/v1/items/{quote(card.id, safe='')}/image" if card.image and "://" not in card.image else None,
    )


def build_cards(engine: Engine, ids: Iterable[str]) -> dict[str, Card]:
    """Cards by id."""
    wanted = list(dict.fromkeys(ids))
    return {card.id: build_card(card) for card in engine.cards(wanted)}


class Items(Versioned):
    """A page of items."""

    total: int
    items: list[Card]
    next: Annotated[str | None, Field(description="cursor of the next page, null at the end")]


class ItemThemes(Versioned):
    """An item with all that is known of it."""

    item: Card
    themes: Annotated[list[ThemeName], Field(description="its themes at every level, broadest first")]
    values: Annotated[dict[str, Any], Field(description="its values by column of the catalog")]


class Suggestion(Answer):
    """A title that someone may mean."""

    id: str
    title: str
    year: int | None


class Suggestions(Versioned):
    """Titles for what someone begins to type."""

    suggestions: list[Suggestion]


class Duplicates(Versioned):
    """Groups of identical or nearly identical items, largest first."""

    total: int
    groups: list[list[Card]]
    next: str | None
