"""The map as a picture, for pages on which no script runs."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from math import cos, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from discover.report.sections.base import read

WIDTH, HEIGHT = 1360, 832  # pixels, of a plate of 680 by 416
NAME = (0.23, 0.075)  # room that a name has, of the plate; its width is that of .still ~ .name in _page.css
PALE = 0.35  # of the ground in the dots, as what draws PDF gives names no halo
REACH = (0.14, 0.14)  # that it may be away from its place, of the plate
RINGS, TURNS = 6, 16  # spots that are tried
FEW, OWN, FAR, HIDDEN = 25, 0.25, 0.1, 0.2  # see _names.js


def draw(points: NDArray[np.float64], members: NDArray[np.int64], named: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The dots as a PNG, in the colours of print, and where the names of themes stand that have room.

    `points` (m, 2) are in [0, 1], y from the top; `members` (m,) are numbers in `named`, -1 for outliers.
    """
    tokens = dict(re.findall(r"--print-(\w+): (#\w+)", read("_tokens.css")))
    plate = re.findall(r"--plate: (#\w+)", read("_tokens.css"))[0]
    picture = Image.new("RGB", (WIDTH, HEIGHT), plate)
    pen = ImageDraw.Draw(picture)
    pixels = points * (WIDTH - 1, HEIGHT - 1)
    radius = min(6.0, max(1.6, 0.2 * (WIDTH * HEIGHT / max(len(points), 1)) ** 0.5))
    for place in np.argsort(members >= 0, kind="stable").tolist():  # outliers below the others
        x, y = pixels[place]
        ink = tokens["outlier"] if members[place] < 0 else tokens[f"c{named[members[place]]['colour']}"]
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    picture = Image.blend(picture, Image.new("RGB", picture.size, plate), PALE)
    out = io.BytesIO()
    picture.quantize(32, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return {
        "picture": f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode('ascii')}",
        "names": _room(named, points, members),
    }


def _room(
    named: Sequence[Mapping[str, Any]], points: NDArray[np.float64], members: NDArray[np.int64]
) -> dict[str, tuple[float, float]]:
    """Where names stand that have room, of the plate, by the rules of `_names.js`; all names count as equally large."""
    sizes = np.maximum(np.bincount(members + 1, minlength=len(named) + 1), FEW)  # outliers first
    chosen: dict[str, tuple[float, float]] = {}
    for number, theme in enumerate(named):
        best, least = None, np.inf
        for x, y, far in [] if theme["x"] is None else _spots(theme["x"], theme["y"]):
            if any(abs(x - a) < NAME[0] and abs(y - b) < NAME[1] for a, b in chosen.values()):
                continue
            under = (np.abs(points - (x, y)) < np.array(NAME) / 2).all(axis=1)
            hidden = np.bincount(members[under] + 1, minlength=len(named) + 1) / sizes
            own, hidden[number + 1] = hidden[number + 1], 0.0
            cost = hidden.sum() + OWN * own + FAR * far
            if hidden.max() <= HIDDEN and cost < least:
                best, least = (x, y), cost
        if best is not None:
            chosen[theme["id"]] = best
    return chosen


def _spots(x: float, y: float) -> Iterator[tuple[float, float, float]]:
    """A place and those around it, kept on the plate, and how far each is, 1 at most."""
    for ring in range(RINGS + 1):
        for turn in range(TURNS if ring else 1):
            angle, far = 2 * pi * turn / TURNS, ring / RINGS
            across, down = x + far * REACH[0] * cos(angle), y + far * REACH[1] * sin(angle)
            yield _within(across, NAME[0] / 2), _within(down, NAME[1] / 2), far


def _within(place: float, margin: float) -> float:
    return min(max(place, margin), 1 - margin)
