"""The map: dots as compact binary, names, and the items behind dots."""

from __future__ import annotations

import gzip
import json
import struct
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Request
from numpy.typing import NDArray
from starlette.responses import Response

from discover.engine import Engine
from discover.errors import UsageError
from discover.nouns import Atlas
from discover.service import wire
from discover.service.problem import Refused
from discover.service.routes._asked import Level, Opened

router = APIRouter(prefix="/v1", tags=["map"])
STEPS = 65_535  # coordinates travel as 16-bit numbers
NONE = 65_535  # no theme, no day


@router.get("/map", response_model=wire.MapPoints, responses={200: {"content": {"application/octet-stream": {}}}})
def map(request: Request, engine: Opened, format: Literal["binary", "json"] = "binary") -> Any:
    """A dot for each item, in catalog order, as binary (see README) or as JSON."""
    if format == "json":
        points = [wire.MapPoint.model_validate(each) for each in engine.map()]
        return wire.MapPoints(version=engine.version.number, points=points)
    content, headers = _packed(engine), {}
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers = _zipped(content), {"Content-Encoding": "gzip"}
    return Response(content, media_type="application/octet-stream", headers=headers | {"Vary": "Accept-Encoding"})


@lru_cache(2)
def _zipped(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


def _packed(engine: Engine) -> bytes:
    return pack(engine.atlas(), engine.version.number)


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
        "themes": [[{"id": id, "label": label} for id, label in names] for names in atlas.names],
        "dates": {"min": _day(known.min()), "max": _day(known.max())} if len(known) else None,
    }
    told = json.dumps(header).encode()
    told += b" " * (-len(told) % 4)
    days = np.where(np.isfinite(atlas.days), np.clip(atlas.days - first, 0, NONE - 1), NONE)
    themes = [np.where(each < 0, NONE, np.minimum(each, NONE - 1)) for each in atlas.themes]
    head = struct.pack("<4sIIII", b"DMAP", 1, len(points), len(themes), len(told))
    return head + told + b"".join(_u16(each) for each in (dots[:, 0], dots[:, 1], *themes, days))


def _u16(values: NDArray[Any]) -> bytes:
    return values.astype("<u2").tobytes()


def _day(days: float) -> str:
    return str(np.datetime64(int(days), "D"))


@router.get("/map/names", response_model=wire.MapNames)
def names(engine: Opened, level: Level = 0) -> Any:
    """Where the names of a level's themes go."""
    found = [wire.MapName.model_validate(each) for each in engine.map_names(level)]
    return wire.MapNames(version=engine.version.number, names=found)


@router.get("/map/items", response_model=wire.MapItems)
def items(
    engine: Opened,
    rows: Annotated[str, Query(pattern=r"^[0-9]{1,9}(,[0-9]{1,9})*$", max_length=2_000, examples=["0,1,2"])],
) -> Any:
    """The items of some rows of the map."""
    wanted, ids = [int(row) for row in rows.split(",")], engine.catalog.ids
    if len(wanted) > wire.MOST:
        raise UsageError(f"rows: give at most {wire.MOST} at a time, got {len(wanted)}")
    if max(wanted) >= len(ids):
        raise Refused(404, f"rows: this version has rows 0 to {len(ids) - 1}")
    cards = [wire.card(each) for each in engine.cards(ids[row] for row in wanted)]
    return wire.MapItems(version=engine.version.number, items=cards)
