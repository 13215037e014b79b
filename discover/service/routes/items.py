"""Items: pages of them, one with all that is known of it, its picture, titles for what someone types."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from discover.core.errors import UsageError
from discover.core.types import plain
from discover.embeddings.pictures import PictureError, encoded, scaled
from discover.service import wire
from discover.service.problem import Refused
from discover.service.routes._common import (
    CARD,
    CSV,
    Cursor,
    Format,
    ItemId,
    Limit,
    Opened,
    Untagged,
    Where,
    card_row,
    csv,
    page,
    tag,
)

router = APIRouter(prefix="/v1", tags=["items"])
KEPT = 512  # scaled pictures, of some 10 kB each
WIDEST_KEPT = 320  # pixels
QUALITY = 80  # of scaled pictures, of 100
MOST_ROWS = 100_000  # of a CSV


@router.get("/suggest", response_model=wire.Suggestions)
def suggest(
    engine: Opened,
    text: Annotated[str, Query(max_length=200, examples=["time b"])],
    k: Annotated[int, Query(ge=1, le=50)] = 8,
) -> Any:
    """Suggest items whose titles begin with a text, or contain it. Case and accents do not count."""
    return wire.Suggestions(version=engine.version.number, suggestions=plain(engine.suggest(text, k)))


@router.get("/items", response_model=wire.Items, responses=CSV)
def items(
    engine: Opened,
    where: Where = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    format: Format = "json",
) -> Any:
    """List the items that meet a condition, in catalog order. CSV lists all of them."""
    ids = engine.matching(where)
    if format == "csv":
        if len(ids) > MOST_ROWS:
            raise UsageError(f"items: {len(ids):,} are too many for CSV (at most {MOST_ROWS:,}). Narrow `where`")
        return csv("items", CARD, [card_row(wire.card(each)) for each in engine.cards(ids)])
    shown, following = page(engine, ids, cursor, limit)
    cards = [wire.card(each) for each in engine.cards(shown)]
    return wire.Items(version=engine.version.number, total=len(ids), items=cards, next=following)


@router.get("/items/{id}", response_model=wire.ItemThemes)
def item(engine: Opened, id: ItemId) -> Any:
    """Show one item: its card, its themes at every level, all of its values."""
    [found] = engine.cards([id])
    values = {name: value for name, value in plain(engine.values(id)).items() if name != "image"}
    themes = [wire.ThemeName(id=id, label=label) for id, label in engine.themes_of(id).items()]
    return wire.ItemThemes(version=engine.version.number, item=wire.card(found), themes=themes, values=values)


@router.get("/items/{id}/image", responses={200: {"content": {"image/webp": {}}}}, response_class=Response)
def image(
    request: Request, engine: Untagged, id: ItemId, width: Annotated[int, Query(ge=16, le=1024)] = 240
) -> Response:
    """Give the item's picture, scaled. Only files on the service's machine are read, nothing is fetched."""
    [found] = engine.cards([id])
    if not found.image or "://" in found.image:
        raise Refused(404, f"{found.title!r} has no picture here")
    try:
        state = _state(found.image)
        tag(request, engine, found.image, *state)
        content = _kept(found.image, width, state) if width <= WIDEST_KEPT else _scaled(found.image, width)
    except PictureError as error:
        raise Refused(404, f"the picture of {found.title!r} cannot be shown: {error}") from error
    return Response(content, media_type="image/webp")


def _state(path: str) -> tuple[int, int]:
    """What changes when another picture is put in a file's place. Raises PictureError."""
    try:
        told = Path(path).stat()
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        raise PictureError("the file does not exist") from error
    return (told.st_mtime_ns, told.st_size)


@lru_cache(KEPT)
def _kept(path: str, width: int, state: tuple[int, int]) -> bytes:
    """The scaled picture as it was at that state of the file."""
    return _scaled(path, width)


def _scaled(path: str, width: int) -> bytes:
    """The picture as WebP, at most this wide and three times as high."""
    return encoded(scaled(path, (width, 3 * width)), "WEBP", QUALITY)
