"""What moves: trends, demand beyond supply, what happened to themes, why shares changed, what is there twice."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from discover.service.routes._common import CSV, Cursor, Format, Level, Limit, Opened, Untagged, csv, page
from discover.service.wire.items import Duplicates, build_cards
from discover.service.wire.themes import Event, Events
from discover.service.wire.trends import Change, Changes, Trends, WhiteSpace, WhiteSpaces, build_trends

router = APIRouter(prefix="/v1", tags=["trends"])
TREND = ("theme", "label", "measure", "status", "lift", "low", "high", "p", "q")
FromVersion = Annotated[int | None, Query(ge=1, le=2**53, description="the first version")]


@router.get("/trends", response_model=Trends, responses=CSV)
def trends(engine: Opened, emerging: bool = False, level: Level = 0, format: Format = "json") -> Any:
    """List how the themes of a level move, most significant first. `emerging` leaves only rises."""
    answer = build_trends(engine, emerging, level)
    if format == "json":
        return answer
    rows = [[*(getattr(trend, name) for name in TREND), " ".join(trend.carriers)] for trend in answer.trends]
    return csv("trends", [*TREND, "carriers"], rows)


@router.get("/white-space", response_model=WhiteSpaces)
def white_space(engine: Opened, level: Level = 0) -> Any:
    """List themes by share of the audience over share of the titles. Empty without audience figures."""
    listed = [WhiteSpace.model_validate(space) for space in engine.white_space(level)]
    return WhiteSpaces(version=engine.version.number, white_space=listed)


@router.get("/events", response_model=Events)
def events(engine: Opened, since: FromVersion = None) -> Any:
    """List what happened to themes in this version, or in all versions since an earlier one."""
    listed = [Event.model_validate(event) for event in engine.events(since)]
    labels = engine.labels({id for event in listed for id in (event.theme, *event.others)})
    return Events(version=engine.version.number, events=listed, labels=labels)


@router.get("/changes", response_model=Changes)
def changes(engine: Untagged, since: FromVersion = None) -> Any:  # an earlier version may go meanwhile
    """Explain why the broad themes' shares changed since the last version, or since an earlier one."""
    listed = [Change.model_validate(change) for change in engine.changes(since)]
    labels = engine.labels({change.theme for change in listed})
    return Changes(version=engine.version.number, changes=listed, labels=labels)


@router.get("/duplicates", response_model=Duplicates)
def duplicates(engine: Opened, cursor: Cursor = None, limit: Limit = 50) -> Any:
    """List groups of identical or nearly identical items, largest first."""
    groups = engine.duplicates()
    shown, following = page(engine, groups, cursor, limit)
    cards = build_cards(engine, (item.id for group in shown for item in group))
    listed = [[cards[item.id] for item in group] for group in shown]
    return Duplicates(version=engine.version.number, total=len(groups), groups=listed, next=following)
