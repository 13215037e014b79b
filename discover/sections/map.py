"""All items as dots, coloured by broad theme, with the themes' names."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from discover.nouns import Night
from discover.sections._palette import COLOURS, assign, centres
from discover.sections.base import Section, broad, strays

MOST_TITLES = 50_000  # titles on hover up to so many items: a few MB at most
TITLE_CHARACTERS = 80
STEPS = 65_535  # coordinates travel as 16-bit numbers
NO_THEME = 65_535

TEMPLATE = """
{% if not facts.placed %}
<p class="empty">No item could be placed on a map.</p>
{% else %}
<p class="note">{{ facts.placed|plural("dot") }}, one for each item; items that are alike lie close together.
  Only nearness counts; directions and the width of gaps mean nothing.
  {% if facts.themes %}Colours are broad themes
  {%- if facts.colours_repeat %} and repeat on far sides of the map{% endif %}; strays ({{ facts.strays|count }})
  are grey.{% else %}There are no themes, so all are grey.{% endif %}{{ " " }}
  {%- if facts.not_placed %}{{ facts.not_placed|plural("item") }} without words or pictures to go by
  {{- " is" if facts.not_placed == 1 else " are" }} not shown.{% endif %}</p>
<figure class="map">
  <div class="plate" id="plate">
    <canvas role="img"
      aria-label="Map of {{ facts.placed|plural("item") }} in {{ facts.themes|length|plural("broad theme") }}"></canvas>
    {% for theme in facts.themes %}
    <a class="name{% if theme.share >= facts.themes[0].share / 3 %} major{% endif %}" href="#theme-{{ theme.id }}">
      {{- theme.label|truncate(60) }}</a>
    {% endfor %}
    <div class="tip" id="map-tip" hidden><b></b><span></span></div>
    <noscript><p class="empty">The map is drawn by a script of this page; the themes are listed below.</p></noscript>
  </div>
  {% if facts.themes %}
  <ol class="legend">{% for theme in facts.themes %}
    <li class="c{{ theme.colour }}"><a href="#theme-{{ theme.id }}"><i></i>
      <span class="label clamp"><bdi>{{ theme.label }}</bdi></span></a>
      <span class="number">{{ theme.share|share }}</span></li>{% endfor %}</ol>
  {% endif %}
</figure>
<script type="application/json" id="map-data">{{ assets|for_script }}</script>
{% endif %}
"""


@dataclass(frozen=True)
class Map(Section):
    """The map."""

    order: ClassVar[int] = 20
    heading: ClassVar[str] = "The map"
    template: ClassVar[str] = TEMPLATE
    script: ClassVar[str] = files("discover.sections").joinpath("_map.js").read_text(encoding="utf-8")

    def facts(self, night: Night) -> dict[str, Any]:
        """What the map shows; x and y of themes are in [0, 1], from the left and from the top."""
        placed = _placed(night)
        frame = _Frame.of(night.themes.map[placed])
        where, colours = frame.fit(centres(night)), assign(night)
        themes = [
            {
                "id": theme.id,
                "label": theme.label,
                "share": theme.share,
                "colour": colours[number],
                "x": float(where[number, 0]),
                "y": float(where[number, 1]),
            }
            for number, theme in enumerate(broad(night))
        ]
        return {
            "placed": len(placed),
            "not_placed": len(night.catalog) - len(placed),
            "strays": strays(night),
            "colours_repeat": len(themes) > COLOURS,
            "themes": themes,
        }

    def assets(self, night: Night, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The dots (x, y, theme as little-endian 16-bit numbers, base64), their titles, the themes' places."""
        placed = _placed(night)
        dots = np.full((len(placed), 3), NO_THEME, dtype="<u2")
        dots[:, :2] = np.rint(_Frame.of(night.themes.map[placed]).fit(night.themes.map[placed]) * STEPS)
        if night.themes.levels:
            members = night.themes.levels[0].members[placed]
            dots[:, 2] = np.where(members < 0, NO_THEME, members)
        titles = None
        if len(placed) <= MOST_TITLES:
            titles = [_short(night.catalog.titles[row]) for row in placed.tolist()]
        places = [[each["colour"], each["x"], each["y"], each["label"]] for each in facts["themes"]]
        return {"dots": base64.b64encode(dots.tobytes()).decode("ascii"), "themes": places, "titles": titles}


@dataclass(frozen=True)
class _Frame:
    """The rectangle around the dots."""

    low: NDArray[np.float64]
    size: NDArray[np.float64]

    @classmethod
    def of(cls, points: NDArray[np.float32]) -> _Frame:
        wide = points.astype(np.float64)
        low, high = (wide.min(axis=0), wide.max(axis=0)) if len(wide) else (np.zeros(2), np.ones(2))
        return cls(low, np.where(high > low, high - low, 1.0))

    def fit(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """Points in [0, 1], y from the top."""
        unit = (points.astype(np.float64) - self.low) / self.size
        unit[:, 1] = 1 - unit[:, 1]
        return unit.clip(0, 1)


def _placed(night: Night) -> NDArray[np.int64]:
    """Rows that have coordinates."""
    return np.flatnonzero(np.isfinite(night.themes.map).all(axis=1))


def _short(title: str) -> str:
    return title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1] + "…"
