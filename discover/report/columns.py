"""Counts by date as stacked columns with axes and a legend: an SVG file that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from discover.core.words import count
from discover.report.sections.base import read

WIDTH, HEIGHT = 900, 360
LEFT, RIGHT, TOP, BASE = 52, 860, 140, 318  # edges of the columns
KEY = 74  # upper edge of the legend
APART = 84  # from one date to the next, so that they do not touch
LINES = 5  # of the grid, about
STEPS = (1, 2, 3, 4, 6, 12, 24, 52, 104)  # from one date to the next, in columns
WIDEST = 44  # a column, where there are few
MIDDLE = Markup(' text-anchor="middle"')


@dataclass(frozen=True)
class Part:
    """One part of every column: its name, what that means, its colour, and its count by date."""

    name: str
    meaning: str
    colour: str  # name of a token; "" for a hollow part
    counts: Sequence[int]


def draw(title: str, note: str, what: str, dates: Sequence[str], parts: Sequence[Part]) -> str:
    """The drawing, first part lowest; `what` is counted. In the colours of print, which every program can show."""
    ink = {name.removeprefix("print-"): colour for name, colour in re.findall(r"--([\w-]+): (#\w+)", _light())}
    totals = [sum(part.counts[i] for part in parts) for i in range(len(dates))]
    top, step = _scale(max(totals, default=0))
    rise, slot = (BASE - TOP) / top, (RIGHT - LEFT) / max(len(dates), 1)
    drawn = [
        _text(LEFT, 30, title, ink["ink"], Markup(' font-size="17" font-weight="600"')),
        _text(LEFT, 52, note, ink["muted"]),
        _text(LEFT, TOP - 12, what, ink["muted"]),
        *_legend(parts, ink),
        *_grid(top, step, rise, ink),
        *_columns(dates, parts, rise, slot, ink),
        *_dates(dates, slot, ink),
    ]
    if not any(totals):
        drawn.append(_text((LEFT + RIGHT) / 2, (TOP + BASE) / 2, f"no {what}", ink["muted"], MIDDLE))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img"'
        ' aria-label="{2}" font-family="system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif"'
        ' font-size="13"><rect width="{0}" height="{1}" fill="{3}"/>{4}</svg>\n'
    ).format(WIDTH, HEIGHT, f"{title}. {note}", ink["paper"], Markup("").join(drawn))


def _light() -> str:
    """The tokens without those of dark screens."""
    return read("_tokens.css").partition("@media")[0]


def _scale(most: int) -> tuple[int, int]:
    """The upper end of the axis, and the step of its lines: 1, 2 or 5 times a power of ten."""
    step = next(
        factor * 10**power for power in range(most + 1) for factor in (1, 2, 5) if factor * 10**power * LINES >= most
    )
    return max(ceil(most / step), 1) * step, step


def _legend(parts: Sequence[Part], ink: dict[str, str]) -> list[Markup]:
    drawn = []
    for number, part in enumerate(parts):
        x = LEFT + number * (RIGHT - LEFT) / len(parts)
        drawn.append(_box(x, KEY, 12, 12, part, ink))
        drawn.append(_text(x + 20, KEY + 11, f"{part.name}: {count(sum(part.counts))}", ink["ink"]))
        drawn.append(_text(x + 20, KEY + 28, part.meaning, ink["muted"]))
    return drawn


def _grid(top: int, step: int, rise: float, ink: dict[str, str]) -> list[Markup]:
    drawn = []
    for number in range(0, top + 1, step):
        y = BASE - number * rise
        colour = ink["rule" if number else "muted"]
        drawn.append(Markup('<path stroke="{}" d="M{} {:.1f}H{}"/>').format(colour, LEFT, y, RIGHT))
        drawn.append(_text(LEFT - 8, y + 4, count(number), ink["muted"], Markup(' text-anchor="end"')))
    return drawn


def _columns(
    dates: Sequence[str], parts: Sequence[Part], rise: float, slot: float, ink: dict[str, str]
) -> list[Markup]:
    drawn = []
    wide = min(slot * 0.8, WIDEST)
    for i, date in enumerate(dates):
        y = float(BASE)
        for part in parts:
            if part.counts[i]:
                tall = part.counts[i] * rise
                y -= tall
                tip = f"{date}: {count(part.counts[i])} {part.name}"
                drawn.append(_box(LEFT + (i + 0.5) * slot - wide / 2, y, wide, tall, part, ink, tip))
    return drawn


def _dates(dates: Sequence[str], slot: float, ink: dict[str, str]) -> list[Markup]:
    """As many dates as have room, with a mark each."""
    step = next((step for step in STEPS if step * slot >= APART), ceil(APART / slot))
    drawn = []
    for i in range(0, len(dates), step):
        x = LEFT + (i + 0.5) * slot
        drawn.append(Markup('<path stroke="{}" d="M{:.1f} {}v5"/>').format(ink["muted"], x, BASE))
        drawn.append(_text(x, BASE + 20, dates[i], ink["muted"], MIDDLE))
    return drawn


def _box(x: float, y: float, wide: float, tall: float, part: Part, ink: dict[str, str], tip: str = "") -> Markup:
    """A rectangle of these edges; the line of a hollow one lies inside them."""
    edge, look = 0.0, Markup('fill="{}"').format(ink[part.colour or "paper"])
    if not part.colour:
        edge = min(0.5, wide / 8, tall / 8)
        look += Markup(' stroke="{}" stroke-width="{:.2f}"').format(ink["muted"], 2 * edge)
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" {}>{}</rect>').format(
        x + edge, y + edge, wide - 2 * edge, tall - 2 * edge, look,
        Markup("<title>{}</title>").format(tip) if tip else "",
    )  # fmt: skip


def _text(x: float, y: float, text: str, colour: str, more: Markup = Markup("")) -> Markup:  # noqa: B008 it is frozen
    return Markup('<text x="{:.1f}" y="{:.1f}" fill="{}"{}>{}</text>').format(x, y, colour, more, text)
