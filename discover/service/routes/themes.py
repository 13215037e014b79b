"""Themes: lists, one with its members and history, words for any items, where new items belong, edits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from discover.core.types import Edit
from discover.edits import adding, log
from discover.engine.engine import Engine
from discover.service import wire
from discover.service.problem import Refused
from discover.service.routes._common import (
    CARD,
    CSV,
    Cursor,
    Format,
    Level,
    Limit,
    Now,
    Opened,
    ThemeId,
    card_row,
    csv,
    page,
)

router = APIRouter(prefix="/v1", tags=["themes"])
TONIGHT = "takes effect with the next run"
THEME = (
    "id",
    "label",
    "keywords",
    "size",
    "attached",
    "share",
    "strength",
    "stability",
    "level",
    "parent",
    "status",
    "lift",
)


@router.get("/themes", response_model=wire.Themes, responses=CSV)
def themes(engine: Opened, level: Level = 0, cursor: Cursor = None, limit: Limit = 200, format: Format = "json") -> Any:
    """List the themes of a level, largest first."""
    found = engine.themes(level)
    if format == "csv":
        listed = [each.model_dump() for each in wire.themes(engine, found)]
        return csv("themes", THEME, [[_cell(each[name]) for name in THEME] for each in listed])
    shown, following = page(engine, found, cursor, limit)
    return wire.Themes(
        version=engine.version.number,
        levels=engine.levels,
        why=engine.why,
        total=len(found),
        themes=wire.themes(engine, shown),
        next=following,
    )


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value


@router.get("/themes/{id}", response_model=wire.ThemePage, responses=CSV)
def theme(engine: Opened, id: ThemeId, cursor: Cursor = None, limit: Limit = 50, format: Format = "json") -> Any:
    """Show one theme: its trends, its history and its members, strongest first. CSV lists all members."""
    found = engine.theme(id)
    if format == "csv":
        cards = wire.cards(engine, (item.id for item in found.items))
        rows = [[*card_row(cards[each.id]), each.strength, each.attached] for each in found.items]
        return csv(f"theme-{found.id}", [*CARD, "strength", "attached"], rows)
    members, following = page(engine, found.items, cursor, limit)
    cards = wire.cards(engine, (item.id for item in members))
    entry = next((each for each in engine.entries if each.id == id), None)  # one that an edit made has none yet
    return wire.ThemePage(
        version=engine.version.number,
        theme=wire.themes(engine, [found])[0],
        trends=[wire.Trend.model_validate(each) for each in engine.trends(level=found.level) if each.theme == id],
        events=[wire.Event.model_validate(each) for each in engine.history(id)] if entry else [],
        names=list(entry.names) if entry else [],
        born=entry.born if entry else None,
        members=[wire.Member(strength=each.strength, attached=each.attached, card=cards[each.id]) for each in members],
        next=following,
    )


@router.post("/label", response_model=wire.Label)
def label(engine: Opened, asked: wire.ToLabel) -> Any:
    """Find words that set some items, or texts, apart from the rest of the catalog."""
    return wire.label(engine, engine.label(asked.ids, asked.texts))


@router.post("/assign", response_model=wire.Assignments)
def assign(engine: Opened, asked: wire.ToAssign) -> Any:
    """Find the themes that new items belong to, without a run."""
    found = engine.assign(asked.rows, asked.level)
    listed = [wire.Assignment.model_validate(each) for each in found]
    return wire.Assignments(version=engine.version.number, assignments=listed, warnings=list(found.warnings))


# --- edits -------------------------------------------------------------------------------------------------


@router.get("/edits", response_model=wire.Edits)
def edits(engine: Opened) -> Any:
    """List all edits, oldest first, with what each cost in stability."""
    return wire.Edits(version=engine.version.number, edits=[_edit(engine, each) for each in engine.edits])


@router.post("/edits", response_model=wire.Edited)
def add(now: Now, asked: wire.NewEdit) -> Any:
    """Correct themes, for this and all later runs."""
    _editable(now)
    made = adding.add(now.workspace, asked.kind, asked.themes, asked.items, asked.text)
    return _edited(now, made)


@router.delete("/edits/{number}", response_model=wire.Edited)
def undo(now: Now, number: Annotated[int, Path(ge=1, le=2**53)]) -> Any:
    """Take an edit back. The edit and its undo stay in the list."""
    _editable(now)
    return _edited(now, adding.undo(now.workspace, number))


def _editable(now: Now) -> None:
    if not now.editable:
        raise Refused(403, "This service is read-only. Start it without --read-only to edit")


def _edited(now: Now, made: Edit) -> wire.Edited:
    now.refresh()
    engine = now.engine
    meant = next((each for each in engine.edits if each.number == made.undoes), made)
    run = meant.kind == "merge" and meant.number in engine.version.manifest.get(
        "edits", []
    )  # only a run takes it apart
    note = "" if meant.kind in log.SHOWN_AT_ONCE and not run else TONIGHT
    return wire.Edited(version=engine.version.number, edit=_edit(engine, made), note=note)


def _edit(engine: Engine, made: Edit) -> wire.Edit:
    stands = made.number in {each.number for each in log.standing(engine.edits)}
    plain = {name: getattr(made, name) for name in wire.Edit.model_fields if name != "stands"}
    return wire.Edit.model_validate(plain | {"stands": stands})
