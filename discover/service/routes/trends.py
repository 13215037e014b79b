"""What moves: trends, demand beyond supply, what happened to themes, why shares changed, what is there twice."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from discover.service import wire
from discover.service.routes._common import CSV, Cursor, Format, Level, Limit, Opened, Untagged, csv, page

router = APIRouter(prefix="/v1", tags=["trends"])
TREND = ("theme", "label", "measure", "status", "lift", "low", "high", "p", "q")
FromVersion = Annotated[int | None, Query(ge=1, le=2**53, description="the first version")]


@router.get("/trends", response_model=wire.Trends, responses=CSV)
def trends(engine: Opened, emerging: bool = False, level: Level = 0, format: Format = "json") -> Any:
    """List how the themes of a level move, most significant first. `emerging` leaves only rises."""
    found = wire.trends(engine, emerging, level)
    if format == "json":
        return found
    rows = [[*(getattr(each, name) for name in TREND), " ".join(each.carriers)] for each in found.trends]
    return csv("trends", [*TREND, "carriers"], rows)


@router.get("/white-space", response_model=wire.WhiteSpaces)
def white_space(engine: Opened, level: Level = 0) -> Any:
    """List themes by share of the audience over share of the titles. Empty without audience figures."""
    found = [wire.WhiteSpace.model_validate(each) for each in engine.white_space(level)]
    return wire.WhiteSpaces(version=engine.version.number, white_space=found)


@router.get("/events", response_model=wire.Events)
def events(engine: Opened, since: FromVersion = None) -> Any:
    """List what happened to themes in this version, or in all versions since an earlier one."""
    found = [wire.Event.model_validate(each) for each in engine.events(since)]
    labels = engine.labels({id for each in found for id in (each.theme, *each.others)})
    return wire.Events(version=engine.version.number, events=found, labels=labels)


@router.get("/changes", response_model=wire.Changes)
def changes(engine: Untagged, since: FromVersion = None) -> Any:  # an earlier version may go meanwhile
    """Explain why the broad themes' shares changed since the last version, or since an earlier one."""
    found = [wire.Change.model_validate(each) for each in engine.changes(since)]
    labels = engine.labels({each.theme for each in found})
    return wire.Changes(version=engine.version.number, changes=found, labels=labels)


@router.get("/duplicates", response_model=wire.Duplicates)
def duplicates(engine: Opened, cursor: Cursor = None, limit: Limit = 50) -> Any:
    """List groups of identical or nearly identical items, largest first."""
    groups = engine.duplicates()
    shown, following = page(engine, groups, cursor, limit)
    cards = wire.cards(engine, (item.id for group in shown for item in group))
    listed = [[cards[item.id] for item in group] for group in shown]
    return wire.Duplicates(version=engine.version.number, total=len(groups), groups=listed, next=following)
