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
from discover.service.pools import TABLE
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
from discover.service.wire.items import Items, ItemThemes, Suggestions, ThemeName, build_card

router = APIRouter(prefix="/v1", tags=["items"])
CACHED_PICTURES = 512  # scaled pictures, of some 10 kB each
MAX_CACHED_WIDTH = 320  # pixels
QUALITY = 80  # of scaled pictures, of 100
MAX_CSV_ROWS = 100_000  # of a CSV


@router.get("/suggest", response_model=Suggestions)
def suggest(
    engine: Opened,
    text: Annotated[str, Query(max_length=200, examples=["time b"])],
    k: Annotated[int, Query(ge=1, le=50)] = 8,
) -> Any:
    """Suggest items whose titles begin with a text, or contain it. Case and accents do not count."""
    return Suggestions(version=engine.version.number, suggestions=plain(engine.suggest(text, k)))


@router.get("/items", response_model=Items, responses=CSV, dependencies=[TABLE])
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
        if len(ids) > MAX_CSV_ROWS:
            raise UsageError(f"items: {len(ids):,} are too many for CSV (at most {MAX_CSV_ROWS:,}). Narrow `where`")
        return csv("items", CARD, [card_row(build_card(card)) for card in engine.cards(ids)])
    shown, following = page(engine, ids, cursor, limit)
    cards = [build_card(card) for card in engine.cards(shown)]
    return Items(version=engine.version.number, total=len(ids), items=cards, next=following)


@router.get("/items/{id}", response_model=ItemThemes)
def item(engine: Opened, id: ItemId) -> Any:
    """Show one item: its card, its themes at every level, all of its values."""
    [card] = engine.cards([id])
    values = {name: value for name, value in plain(engine.values(id)).items() if name != "image"}
    themes = [ThemeName(id=id, label=label) for id, label in engine.themes_of(id).items()]
    return ItemThemes(version=engine.version.number, item=build_card(card), themes=themes, values=values)


@router.get("/items/{id}/image", responses={200: {"content": {"image/webp": {}}}}, response_class=Response)
def image(
    request: Request, engine: Untagged, id: ItemId, width: Annotated[int, Query(ge=16, le=1024)] = 240
) -> Response:
    """Give the item's picture, scaled. Only files on the service's machine are read, nothing is fetched."""
    [card] = engine.cards([id])
    if not card.image or "://" in card.image:
        raise Refused(404, f"{card.title!r} has no picture here")
    try:
        state = _state(card.image)
        tag(request, engine, card.image, *state)
        content = _cached(card.image, width, state) if width <= MAX_CACHED_WIDTH else _scaled(card.image, width)
    except PictureError as error:
        raise Refused(404, f"the picture of {card.title!r} cannot be shown: {error}") from error
    return Response(content, media_type="image/webp")


def _state(path: str) -> tuple[int, int]:
    """What changes when another picture is put in a file's place. Raises PictureError."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        raise PictureError("the file does not exist") from error
    return (status.st_mtime_ns, status.st_size)


@lru_cache(CACHED_PICTURES)
def _cached(path: str, width: int, state: tuple[int, int]) -> bytes:
    """The scaled picture as it was at that state of the file."""
    return _scaled(path, width)


def _scaled(path: str, width: int) -> bytes:
    """The picture as WebP, at most this wide and three times as high."""
    return encoded(scaled(path, (width, 3 * width)), "WEBP", QUALITY)
