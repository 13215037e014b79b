"""All items as dots, coloured by broad theme, with the themes' names."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from discover.core.types import OUTLIER, RunResults
from discover.core.words import shorten
from discover.report import palette
from discover.report.posters import CELL_SIZE, SHEET_COLUMNS
from discover.report.sections import _still
from discover.report.sections.base import Section, broad, evidence, outliers, read

MAX_TITLES = 50_000  # titles on hover up to so many items: a few MB at most
TITLE_CHARACTERS = 80
COORDINATE_STEPS = 65_535  # coordinates travel as 16-bit numbers
NO_THEME = 65_535


@dataclass(frozen=True)
class Map(Section):
    """The map."""

    order: ClassVar[int] = 50
    heading: ClassVar[str] = "The map"
    how: ClassVar[Mapping[str, str]] = {
        "placed": "items with finite coordinates in themes/map.npy",
        "not_placed": "items without",
        "outliers": "items that are -1 in line 0 of themes/members.npy",
        "share": "the theme's items over those of the catalog",
        "colour": "themes/places.json",
        "x": "where themes/map.npy has the theme's item of themes/places.json, from the left, by the map's width",
        "y": "the same from the top, by its height",
    }
    script: ClassVar[str] = read("_names.js").replace("export function", "function") + read("_map.js")

    def facts(self, results: RunResults) -> dict[str, Any]:
        """What the map shows; x and y of themes are in [0, 1], from the left and from the top."""
        placed = _placed(results)
        frame = _Frame.around(results.themes.map[placed])
        where = frame.fit(palette.where(broad(results), results.places, results.catalog, results.themes))
        themes = [
            {
                "id": theme.id,
                "label": theme.label,
                "share": theme.share,
                "colour": results.places[theme.id].colour,
                "x": float(where[theme.number, 0]),
                "y": float(where[theme.number, 1]),
                "evidence": evidence([results.places[theme.id].item] if results.places[theme.id].item else []),
            }
            for theme in broad(results)
        ]
        return {
            "placed": len(placed),
            "not_placed": len(results.catalog) - len(placed),
            "outliers": outliers(results),
            "goes_on": results.diff is not None,
            "colours_repeat": len({theme["colour"] for theme in themes}) < len(themes),
            "themes": themes,
        }

    def assets(self, results: RunResults, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The dots (x, y, theme as little-endian 16-bit numbers, base64), their titles, the themes' places."""
        placed = _placed(results)
        dots = np.full((len(placed), 3), NO_THEME, dtype="<u2")
        dots[:, :2] = np.rint(
            _Frame.around(results.themes.map[placed]).fit(results.themes.map[placed]) * COORDINATE_STEPS
        )
        if results.themes.levels:
            members = results.themes.levels[0].members[placed]
            dots[:, 2] = np.where(members < 0, NO_THEME, members)
        titles = None
        if len(placed) <= MAX_TITLES:
            titles = [shorten(results.catalog.titles[row], TITLE_CHARACTERS) for row in placed.tolist()]
        places = [[theme["colour"], theme["x"], theme["y"], theme["label"]] for theme in facts["themes"]]
        rows = {row: place for place, row in enumerate(placed.tolist())}
        cells = [rows.get(results.catalog.rows[id], -1) for id in results.pictures.cells if id in results.catalog.rows]
        sheet = (
            {"uri": results.pictures.sheet, "dots": cells, "columns": SHEET_COLUMNS, "cell": list(CELL_SIZE)}
            if cells
            else None
        )
        packed = base64.b64encode(dots.tobytes()).decode("ascii")
        return {"dots": packed, "themes": places, "titles": titles, "sheet": sheet}

    def still_assets(self, facts: Mapping[str, Any], assets: Mapping[str, Any]) -> dict[str, Any]:
        """The dots as a picture, and where on it names have room."""
        dots = np.frombuffer(base64.b64decode(assets["dots"]), dtype="<u2").reshape(-1, 3).astype(np.int64)
        members = np.where(dots[:, 2] == NO_THEME, OUTLIER, dots[:, 2])
        return _still.draw(dots[:, :2] / COORDINATE_STEPS, members, facts["themes"])


@dataclass(frozen=True)
class _Frame:
    """The rectangle around the dots."""

    low: NDArray[np.float64]
    size: NDArray[np.float64]

    @classmethod
    def around(cls, points: NDArray[np.float32]) -> _Frame:
        """The rectangle around these points (n, 2)."""
        wide = points.astype(np.float64)
        low, high = (wide.min(axis=0), wide.max(axis=0)) if len(wide) else (np.zeros(2), np.ones(2))
        return cls(low, np.where(high > low, high - low, 1.0))

    def fit(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """Points in [0, 1], y from the top."""
        unit = (points.astype(np.float64) - self.low) / self.size
        unit[:, 1] = 1 - unit[:, 1]
        return unit.clip(0, 1)


def _placed(results: RunResults) -> NDArray[np.int64]:
    """Rows that have coordinates."""
    return np.flatnonzero(np.isfinite(results.themes.map).all(axis=1))
