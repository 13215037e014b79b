"""The map: dots as compact binary, names, and the items behind dots."""

from __future__ import annotations

import gzip
import json
import struct
import threading
from typing import Annotated, Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from fastapi import APIRouter, Query, Request
from numpy.typing import NDArray
from starlette.responses import Response

from discover.core.errors import UsageError
from discover.core.types import Atlas
from discover.engine.engine import Engine
from discover.service.problem import Refused
from discover.service.routes._common import Cursor, Level, Opened, page
from discover.service.wire.base import MAX_ANSWERS
from discover.service.wire.items import build_card
from discover.service.wire.map import MapItems, MapName, MapNames, MapPoint, MapPoints

router = APIRouter(prefix="/v1", tags=["map"])
BYTES = "application/octet-stream"
STEPS = 65_535  # coordinates travel as 16-bit numbers
NONE = 65_535  # no theme, no day
MAX_POINTS = 10_000  # on a page of JSON
_PACKED: WeakKeyDictionary[Engine, tuple[bytes, bytes]] = WeakKeyDictionary()
_packing = threading.Lock()


@router.get("/map", response_model=MapPoints, responses={200: {"content": {BYTES: {}}}})
def map(
    request: Request,
    engine: Opened,
    format: Literal["binary", "json"] = "binary",
    cursor: Cursor = None,
    limit: Annotated[int | None, Query(ge=1, le=MAX_POINTS, description=f"default {MAX_POINTS:,}")] = None,
) -> Any:
    """Give a dot for each item, in catalog order: all as binary (see docs/service.md), or a page as JSON."""
    if format == "json":
        points, following = page(engine, engine.map(), cursor, limit or MAX_POINTS)
        return MapPoints(
            version=engine.version.number,
            total=len(engine.catalog),
            points=[MapPoint.model_validate(point) for point in points],
            next=following,
        )
    if cursor is not None or limit is not None:
        raise UsageError("map: the binary form comes whole. Use cursor and limit with format=json")
    plain, zipped = _packed(engine)
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(zipped, media_type=BYTES, headers=headers | {"Content-Encoding": "gzip"})
    return Response(plain, media_type=BYTES, headers=headers)


def _packed(engine: Engine) -> tuple[bytes, bytes]:
    """The map as bytes, plain and zipped: made once for a version under its edits, and gone with its engine."""
    with _packing:
        if engine not in _PACKED:
            content = pack(engine.atlas(), engine.version.number)
            _PACKED[engine] = content, gzip.compress(content, 6, mtime=0)
        return _PACKED[engine]


def pack(atlas: Atlas, version: int) -> bytes:
    """The map as bytes, little-endian: "DMAP", format, n, levels, header's bytes (u32 each), the header as JSON,
    padding to a multiple of 4, then u16 arrays: x, y (0 and 0 where an item has no place), a theme number for each
    level, a day.
    """
    placed = np.asarray(np.isfinite(atlas.places).all(axis=1))
    points = atlas.places.astype(np.float64)
    low, high = (points[placed].min(axis=0), points[placed].max(axis=0)) if placed.any() else (np.zeros(2), np.ones(2))
    size = np.where(high > low, high - low, 1.0)
    dots = np.rint((np.where(placed[:, None], points, low) - low) / size * STEPS)
    known = atlas.days[np.isfinite(atlas.days)]
    first = float(known.min()) if len(known) else 0.0
    header = {
        "version": version,
        "x": [low[0], high[0]],
        "y": [low[1], high[1]],
        # A hidden theme has no label and no items; its place keeps the numbers of the others.
        "themes": [[{"id": id if label else "", "label": label} for id, label in names] for names in atlas.names],
        "dates": {"min": _day(known.min()), "max": _day(known.max())} if len(known) else None,
    }
    names = json.dumps(header).encode()
    names += b" " * (-len(names) % 4)
    days = np.where(np.isfinite(atlas.days), np.clip(atlas.days - first, 0, NONE - 1), NONE)
    themes = [np.where(numbers < 0, NONE, np.minimum(numbers, NONE - 1)) for numbers in atlas.themes]
    head = struct.pack("<4sIIII", b"DMAP", 1, len(points), len(themes), len(names))
    return head + names + b"".join(_u16(values) for values in (dots[:, 0], dots[:, 1], *themes, days))


def _u16(values: NDArray[Any]) -> bytes:
    return values.astype("<u2").tobytes()


def _day(days: float) -> str:
    return str(np.datetime64(int(days), "D"))


@router.get("/map/names", response_model=MapNames)
def names(engine: Opened, level: Level = 0) -> Any:
    """Give the places of the names of a level's themes."""
    listed = [MapName.model_validate(name) for name in engine.map_names(level)]
    return MapNames(version=engine.version.number, names=listed)


@router.get("/map/items", response_model=MapItems)
def items(
    engine: Opened,
    rows: Annotated[str, Query(pattern=r"^[0-9]{1,9}(,[0-9]{1,9})*$", max_length=2_000, examples=["0,1,2"])],
) -> Any:
    """Give the items of some rows of the map."""
    wanted, ids = [int(row) for row in rows.split(",")], engine.catalog.ids
    if len(wanted) > MAX_ANSWERS:
        raise UsageError(f"rows: give at most {MAX_ANSWERS} at a time, got {len(wanted)}")
    if max(wanted) >= len(ids):
        raise Refused(404, f"rows: this version has rows 0 to {len(ids) - 1}")
    cards = [build_card(card) for card in engine.cards(ids[row] for row in wanted)]
    return MapItems(version=engine.version.number, items=cards)
