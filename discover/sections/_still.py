"""The map as a picture, for pages on which no script runs."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from discover.nouns import Themes
from discover.sections.base import read

WIDTH, HEIGHT = 1360, 832  # pixels, of a plate of 680 by 416
NAME = (0.17, 0.06)  # room that a name needs, of the plate


def draw(
    themes: Themes, fit: Callable[[NDArray[Any]], NDArray[np.float64]], named: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The dots as a PNG, in the colours of print, and the ids of the themes whose names have room, largest first."""
    tokens = dict(re.findall(r"--print-(\w+): (#\w+)", read("_tokens.css")))
    picture = Image.new("RGB", (WIDTH, HEIGHT), re.findall(r"--plate: (#\w+)", read("_tokens.css"))[0])
    pen = ImageDraw.Draw(picture)
    rows = np.flatnonzero(np.isfinite(themes.map).all(axis=1))
    members = themes.levels[0].members[rows] if themes.levels else np.full(len(rows), -1)
    points = fit(themes.map[rows]) * (WIDTH - 1, HEIGHT - 1)
    radius = min(6.0, max(1.6, 0.2 * (WIDTH * HEIGHT / max(len(rows), 1)) ** 0.5))
    for place in np.argsort(members >= 0, kind="stable").tolist():  # strays below the others
        x, y = points[place]
        ink = tokens["stray"] if members[place] < 0 else tokens[f"c{named[members[place]]['colour']}"]
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    out = io.BytesIO()
    picture.quantize(32, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return {
        "picture": f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode('ascii')}",
        "names": _room(named),
    }


def _room(named: Sequence[Mapping[str, Any]]) -> list[str]:
    chosen: list[Mapping[str, Any]] = []
    for theme in named:
        if theme["x"] is None or not (NAME[0] / 2 <= theme["x"] <= 1 - NAME[0] / 2):
            continue
        if all(abs(theme["x"] - o["x"]) > NAME[0] or abs(theme["y"] - o["y"]) > NAME[1] for o in chosen):
            chosen.append(theme)
    return [theme["id"] for theme in chosen]
