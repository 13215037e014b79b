"""Answers to a query: matches with their evidence, neighbours of many items, items side by side."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from discover.core import types
from discover.engine.engine import Engine
from discover.service.paths import without_folders
from discover.service.wire.base import Answer, Number, Versioned
from discover.service.wire.items import Card, build_cards


class Evidence(Answer):
    """One term of a score."""

    space: str
    kind: str
    text: str
    amount: Number
    role: str
    item: str


class Difference(Answer):
    """What sets two items apart."""

    item: str
    role: str
    text: str
    weight: Number


class Explanation(Answer):
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


class Match(Answer):
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


class Chip(Answer):
    """Something that a text was understood to ask for."""

    words: Annotated[str, Field(description="as typed; give it as `ignore` to have it taken for words alone")]
    label: str
    wanted: Annotated[bool, Field(description="false: no answer has it")]


class Matches(Versioned):
    """Answers, best first."""

    understood: list[Chip]

    note: Annotated[str, Field(description="a line for the reader, for example why there are no matches")]
    matches: list[Match]


def build_matches(engine: Engine, matches: types.Matches) -> Matches:
    """Answers with their cards."""
    shown = build_cards(engine, (match.id for match in matches))
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
        for match in matches
    ]
    understood = [Chip.model_validate(chip) for chip in matches.understood]
    return Matches(version=engine.version.number, note=matches.note, understood=understood, matches=listed)


class Nearest(Answer):
    """The items most like one item, by id, best first."""

    id: Annotated[str, Field(examples=["time-2021"])]
    nearest: list[str]
    scores: list[float]


class Neighbors(Versioned):
    """The items most like each of many, in the order in which these were asked for."""

    neighbors: list[Nearest]


def build_neighbors(engine: Engine, neighbors: types.Neighbors) -> Neighbors:
    """Neighbours, without the places that stayed empty."""
    lines = zip(neighbors.ids, *(column.tolist() for column in neighbors.to_numpy()), strict=True)
    listed = []
    for id, nearest, scores in lines:
        known = [neighbor for neighbor in nearest if neighbor is not None]
        listed.append(Nearest(id=id, nearest=known, scores=scores[: len(known)]))
    return Neighbors(version=engine.version.number, neighbors=listed)


class Trait(Answer):
    """What at least two items share."""

    role: str
    text: str
    items: list[str]


class Profile(Answer):
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


def build_comparison(engine: Engine, dossier: types.Dossier) -> Comparison:
    """A dossier with cards."""
    shown = build_cards(engine, (item.id for item in dossier.items))
    items = [
        Profile(**{name: getattr(item, name) for name in Profile.model_fields if name != "card"}, card=shown[item.id])
        for item in dossier.items
    ]
    return Comparison(
        version=dossier.version,
        source=without_folders(dossier.source),
        created=dossier.created,
        weights=dict(dossier.weights),
        items=items,
        traits=[Trait.model_validate(trait) for trait in dossier.traits],
        pairs=[Explanation.model_validate(pair) for pair in dossier.pairs],
    )
