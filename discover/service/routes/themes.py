"""Themes: lists, one with its members and history, words for any items, where new items belong, edits."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from discover.core import types
from discover.edits import adding, log
from discover.engine.engine import Engine
from discover.service.paths import without_folders
from discover.service.pools import BULK, TABLE
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
from discover.service.wire.edits import Edit, Edited, Edits, NewEdit
from discover.service.wire.items import build_cards
from discover.service.wire.themes import (
    Assignment,
    Assignments,
    Event,
    Label,
    Member,
    ThemePage,
    Themes,
    ToAssign,
    ToLabel,
    build_label,
    build_themes,
)
from discover.service.wire.trends import Trend
from discover.store.load import StoredRun

router = APIRouter(prefix="/v1", tags=["themes"])
WITH_NEXT_RUN = "takes effect with the next run"
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


@router.get("/themes", response_model=Themes, responses=CSV)
def themes(engine: Opened, level: Level = 0, cursor: Cursor = None, limit: Limit = 200, format: Format = "json") -> Any:
    """List the themes of a level, largest first."""
    every = engine.themes(level)
    if format == "csv":
        rows = [theme.model_dump() for theme in build_themes(engine, every)]
        return csv("themes", THEME, [[_cell(row[name]) for name in THEME] for row in rows])
    shown, following = page(engine, every, cursor, limit)
    return Themes(
        version=engine.version.number,
        levels=engine.levels,
        why=engine.why,
        total=len(every),
        themes=build_themes(engine, shown),
        next=following,
    )


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value


@router.get("/themes/{id}", response_model=ThemePage, responses=CSV, dependencies=[TABLE])
def theme(engine: Opened, id: ThemeId, cursor: Cursor = None, limit: Limit = 50, format: Format = "json") -> Any:
    """Show one theme: its trends, its history and its members, strongest first. CSV lists all members."""
    theme = engine.theme(id)
    if format == "csv":
        cards = build_cards(engine, (item.id for item in theme.items))
        rows = [[*card_row(cards[item.id]), item.strength, item.attached] for item in theme.items]
        return csv(f"theme-{theme.id}", [*CARD, "strength", "attached"], rows)
    members, following = page(engine, theme.items, cursor, limit)
    cards = build_cards(engine, (item.id for item in members))
    entry = next((entry for entry in engine.entries if entry.id == id), None)  # one that an edit made has none yet
    return ThemePage(
        version=engine.version.number,
        theme=build_themes(engine, [theme])[0],
        trends=[Trend.model_validate(trend) for trend in engine.trends(level=theme.level) if trend.theme == id],
        events=[Event.model_validate(event) for event in engine.history(id)] if entry else [],
        names=list(entry.names) if entry else [],
        born=entry.born if entry else None,
        members=[Member(strength=item.strength, attached=item.attached, card=cards[item.id]) for item in members],
        next=following,
    )


@router.post("/label", response_model=Label, dependencies=[BULK])
def label(engine: Opened, body: ToLabel) -> Any:
    """Find words that set some items, or texts, apart from the rest of the catalog."""
    return build_label(engine, engine.label(body.ids, body.texts))


@router.post("/assign", response_model=Assignments, dependencies=[BULK])
def assign(engine: Opened, body: ToAssign) -> Any:
    """Find the themes that new items belong to, without a run."""
    assigned = engine.assign(body.rows, body.level, pictures=False)
    listed = [Assignment.model_validate(assignment) for assignment in assigned]
    warnings = [without_folders(warning) for warning in assigned.warnings]
    return Assignments(version=engine.version.number, assignments=listed, warnings=warnings)


# --- edits -------------------------------------------------------------------------------------------------


@router.get("/edits", response_model=Edits)
def edits(engine: Opened) -> Any:
    """List all edits, oldest first, with what each cost in stability."""
    return Edits(version=engine.version.number, edits=[_edit(engine, edit) for edit in engine.edits])


@router.post("/edits", response_model=Edited)
def add(now: Now, body: NewEdit) -> Any:
    """Correct themes, for this and all later runs."""
    _editable(now)
    edit = adding.add(now.workspace, body.kind, body.themes, body.items, body.text)
    return _edited(now, edit)


@router.delete("/edits/{number}", response_model=Edited)
def undo(now: Now, number: Annotated[int, Path(ge=1, le=2**53)]) -> Any:
    """Take an edit back. The edit and its undo stay in the list."""
    _editable(now)
    return _edited(now, adding.undo(now.workspace, number))


def _editable(now: Now) -> None:
    if not now.editable:
        raise Refused(403, "This service is read-only. Start it without --read-only to edit")


def _edited(now: Now, edit: types.Edit) -> Edited:
    now.refresh()
    engine = now.engine
    meant = next((other for other in engine.edits if other.number == edit.undoes), edit)
    merged = (
        meant.kind == "merge" and meant.number in StoredRun(engine.version).edit_numbers
    )  # only a run takes it apart
    note = "" if meant.kind in log.SHOWN_AT_ONCE and not merged else WITH_NEXT_RUN
    return Edited(version=engine.version.number, edit=_edit(engine, edit), note=note)


def _edit(engine: Engine, edit: types.Edit) -> Edit:
    stands = edit.number in {standing.number for standing in log.standing(engine.edits)}
    plain = {name: getattr(edit, name) for name in Edit.model_fields if name != "stands"}
    return Edit.model_validate(plain | {"stands": stands})
