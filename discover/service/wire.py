"""What travels: the engine's nouns as JSON, with types and examples for OpenAPI.

Fields mean what they mean in `discover.core.types`; NaN, which JSON lacks, is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from discover.core import types as nouns
from discover.core.words import shorten
from discover.engine.engine import Engine

MAX_DESCRIPTION_CHARS = 400  # characters of a description on a card
MAX_ANSWERS = 200  # answers of one query, items of one page
MAX_QUERIES = 500  # queries of one request


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_finite)]  # null where there is nothing to tell


class Wire(BaseModel):
    """What the service says; made from a noun by `model_validate`."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """What the service is asked: finite numbers, and no keys that it does not know."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Versioned(Wire):
    """Every answer says which version it is from."""

    version: Annotated[int, Field(description="the version that answered", examples=[7])]


# --- items -------------------------------------------------------------------------------------------------


class ThemeName(Wire):
    """A theme by id and label."""

    id: Annotated[str, Field(examples=["T0001"])]
    label: Annotated[str, Field(examples=["Western, saloon, bandits"])]


class Card(Wire):
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


def card(found: nouns.Card) -> Card:
    """A card on the wire."""
    return Card(
        id=found.id,
        title=found.title,
        year=found.year,
        released=found.released,
        added=found.added,
        description=shorten(found.description, MAX_DESCRIPTION_CHARS),
        genres=list(found.genres),
        countries=list(found.countries),
        people=list(found.people),
        theme=ThemeName(id=found.theme, label=found.label) if found.theme else None,
        image=f"/v1/items/{quote(found.id, safe='')}/image" if found.image and "://" not in found.image else None,
    )


def cards(engine: Engine, ids: Iterable[str]) -> dict[str, Card]:
    """Cards by id."""
    wanted = list(dict.fromkeys(ids))
    return {each.id: card(each) for each in engine.cards(wanted)}


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


class Suggestion(Wire):
    """A title that someone may mean."""

    id: str
    title: str
    year: int | None


class Suggestions(Versioned):
    """Titles for what someone begins to type."""

    suggestions: list[Suggestion]


# --- answers -----------------------------------------------------------------------------------------------


class Evidence(Wire):
    """One term of a score."""

    space: str
    kind: str
    text: str
    amount: Number
    role: str
    item: str


class Difference(Wire):
    """What sets two items apart."""

    item: str
    role: str
    text: str
    weight: Number


class Explanation(Wire):
    """Why b has its score; the amounts of the evidence sum to it."""

    a: str
    b: str
    titles: tuple[str, str]
    score: Number
    percentile: Number
    parts: dict[str, Number]
    missing: list[str]
    evidence: list[Evidence]
    themes: dict[str, str]
    differences: list[Difference]
    why: str


class Match(Wire):
    """One answer; `parts` sum to `score`."""

    id: str
    title: str
    score: Annotated[Number, Field(description="standard deviations above unrelated items: 0 is chance, 3 is rare")]
    percentile: Number
    parts: dict[str, Number]
    missing: list[str]
    why: str
    explanation: Explanation | None
    card: Card


class Matches(Versioned):
    """Answers, best first."""

    note: Annotated[str, Field(description="a line for the reader, for example why there are no matches")]
    matches: list[Match]


def matches(engine: Engine, found: nouns.Matches) -> Matches:
    """Answers with their cards."""
    shown = cards(engine, (match.id for match in found))
    listed = [
        Match(
            id=match.id,
            title=match.title,
            score=match.score,
            percentile=match.percentile,
            parts=dict(match.parts),
            missing=list(match.missing),
            why=match.why,
            explanation=Explanation.model_validate(match.explanation) if match.explanation else None,
            card=shown[match.id],
        )
        for match in found
    ]
    return Matches(version=engine.version.number, note=found.note, matches=listed)


class Nearest(Wire):
    """The items most like one item, by id, best first."""

    id: Annotated[str, Field(examples=["time-2021"])]
    nearest: list[str]
    scores: list[float]


class Neighbors(Versioned):
    """The items most like each of many, in the order in which these were asked for."""

    neighbors: list[Nearest]


def neighbors(engine: Engine, found: nouns.Neighbors) -> Neighbors:
    """Neighbours, without the places that stayed empty."""
    lines = zip(found.ids, *(each.tolist() for each in found.to_numpy()), strict=True)
    listed = []
    for id, nearest, scores in lines:
        there = [each for each in nearest if each is not None]
        listed.append(Nearest(id=id, nearest=there, scores=scores[: len(there)]))
    return Neighbors(version=engine.version.number, neighbors=listed)


class Trait(Wire):
    """What at least two items share."""

    role: str
    text: str
    items: list[str]


class Profile(Wire):
    """One item of a comparison."""

    id: str
    title: str
    year: int | None
    themes: list[str]
    values: dict[str, list[str]]
    closeness: Number
    apart: list[str]
    card: Card


class Comparison(Versioned):
    """Items side by side."""

    source: str
    created: str
    weights: dict[str, Number]
    items: list[Profile]
    traits: list[Trait]
    pairs: list[Explanation]


def comparison(engine: Engine, found: nouns.Dossier) -> Comparison:
    """A dossier with cards."""
    shown = cards(engine, (item.id for item in found.items))
    items = [
        Profile(**{name: getattr(each, name) for name in Profile.model_fields if name != "card"}, card=shown[each.id])
        for each in found.items
    ]
    return Comparison(
        version=found.version,
        source=found.source,
        created=found.created,
        weights=dict(found.weights),
        items=items,
        traits=[Trait.model_validate(each) for each in found.traits],
        pairs=[Explanation.model_validate(each) for each in found.pairs],
    )


# --- themes ------------------------------------------------------------------------------------------------


class Theme(Wire):
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


def themes(engine: Engine, found: Sequence[nouns.Theme]) -> list[Theme]:
    """Themes with their exemplars' cards and what their trend by titles is."""
    shown = cards(engine, (item.id for theme in found for item in theme.exemplars))
    moves = {
        (each.theme, each.level): each
        for level in {theme.level for theme in found}
        for each in engine.trends(level=level)
        if each.measure == "titles"
    }
    listed = []
    for theme in found:
        move = moves.get((theme.id, theme.level))
        plain = {name: getattr(theme, name) for name in Theme.model_fields if hasattr(theme, name)}
        more = {"status": move.status if move else None, "lift": move.lift if move else None}
        listed.append(Theme(**plain | more | {"exemplars": [shown[item.id] for item in theme.exemplars]}))
    return listed


class Trend(Wire):
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


def trends(engine: Engine, emerging: bool, level: int) -> Trends:
    """The trends of a level."""
    found, all_of_them = engine.trends(emerging, level), engine.trend_results
    return Trends(
        version=engine.version.number,
        why=all_of_them.why or ("" if found else "No theme rises beyond chance"),
        notes=list(all_of_them.notes),
        trends=[Trend.model_validate(each) for each in found],
        carriers=cards(engine, (id for each in found for id in each.carriers)),
    )


class Event(Wire):
    """What happened to a theme in one run."""

    version: int
    created: str
    kind: str
    theme: str
    others: list[str]
    confidence: Number


class Member(Wire):
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


class WhiteSpace(Wire):
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


class Events(Versioned):
    """What happened to themes."""

    events: list[Event]
    labels: Annotated[dict[str, str], Field(description="labels of the themes by id")]


class Change(Wire):
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


class Duplicates(Versioned):
    """Groups of identical or nearly identical items, largest first."""

    total: int
    groups: list[list[Card]]
    next: str | None


# --- words, places, edits ----------------------------------------------------------------------------------


class ToLabel(Asked):
    """Items, or texts, to describe in words."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ids": ["time-bandits-1981", "time-2021"]}]})

    ids: Annotated[list[str], Field(max_length=10_000)] = []
    texts: Annotated[list[Annotated[str, Field(max_length=100_000)]], Field(max_length=1_000)] = []


class Label(Versioned):
    """Words for a set of items, and what they rest on."""

    text: str
    keywords: list[str]
    note: str
    exemplars: list[Card]


def label(engine: Engine, found: nouns.Label) -> Label:
    """A label with its exemplars' cards."""
    return Label(
        version=engine.version.number,
        text=found.text,
        keywords=list(found.keywords),
        note=found.note,
        exemplars=list(cards(engine, (item.id for item in found.items)).values()),
    )


class ToAssign(Asked):
    """New items, with columns that mean what they mean in the catalog."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rows": [{"title": "Deep Field", "description": "A crew hears a signal."}]}]}
    )

    rows: Annotated[list[dict[str, str | int | float | bool | list[str] | None]], Field(min_length=1, max_length=1_000)]
    level: Annotated[int, Field(ge=0, le=100)] = 0


class Assignment(Wire):
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


class MapName(Wire):
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


class MapPoint(Wire):
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


class NewEdit(Asked):
    """A correction of themes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "rename", "themes": ["T0001"], "text": "Outlaws and sheriffs"}]}
    )

    kind: Literal["rename", "pin", "merge", "split", "together", "apart", "hide"]
    themes: Annotated[list[str], Field(max_length=1_000)] = []
    items: Annotated[list[list[str]], Field(max_length=1_000, description="groups of ids or titles")] = []
    text: Annotated[str, Field(max_length=500)] = ""


class Edit(Wire):
    """One line of the edits, as it was written down."""

    number: int
    created: str
    kind: str
    themes: list[str]
    items: list[list[str]]
    text: str
    undoes: int | None
    before: dict[str, Number]
    after: dict[str, Number]
    stands: Annotated[bool, Field(description="false if it was undone, and for an undo")]


class Edits(Versioned):
    """All edits, oldest first."""

    edits: list[Edit]


class Edited(Versioned):
    """An edit that was written down."""

    edit: Edit
    note: Annotated[str, Field(description="when it takes effect, empty if at once")]


# --- versions and state ------------------------------------------------------------------------------------


class Years(Wire):
    """First and last."""

    min: int
    max: int


class Counted(Wire):
    """A value and how many items have it."""

    value: str
    count: int


class SizedTheme(ThemeName):
    """A theme to filter by."""

    size: int


class Filters(Wire):
    """What items can be filtered by."""

    year: Years | None
    genres: list[Counted]
    countries: list[Counted]
    themes: list[SizedTheme]


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
    audience: bool
    editable: bool


class StoredVersion(Wire):
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


class ProblemDetails(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:discover:UnknownItemError",
                    "title": "No such item",
                    "status": 404,
                    "detail": "no item has the id or title 'Time Bandit'. Near titles: 'Time Bandits'",
                    "instance": "/v1/items/Time%20Bandit",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
