"""Draws the sample catalog's posters: a program instead of a folder of pictures.

Real posters belong to their studios, so the sample draws its own. A poster is a `Design`: a motif (what is
shown), a palette (two named colours, an accent and a glow), a backdrop (the shapes behind) and a little
jitter. `choose` reads a title, its genres and its logline and returns the design; `poster` draws it;
`caption` says it in words. All of it is a pure function of its input: chance comes from SHA-256 of the item's
id, so the same row gives the same bytes in every process. No fonts, no files, no network.

How to read this file, top to bottom: colours, the pen, the motifs, the backdrops, the choice, the poster.

- Every shape becomes a filled polygon. Motifs are drawn on some 100 x 100 units and then made to fit,
  backdrops on 100 x 150. The pen's matrix turns units into pixels: so jitter, tilt and mirrors are free.
- Inks are roles, not colours: a motif says `FIGURE` or `ACCENT`, the palette decides what that looks like.
- To add a motif, write one function under `@motif(name, words)`: the words are those that a logline or a user
  would use for it. The tiny CLIP model beside this file learns the same words; train it again after a change.
"""

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

# ---- colours ---------------------------------------------------------------------------------------------


class Palette(NamedTuple):
    """Four colours, and the plain words for the two that a caption names."""

    ground_name: str
    ground: str
    figure_name: str
    figure: str
    accent: str  # the motif's details
    glow: str  # the backdrop's light, near the ground


def _palettes(*rows: Palette) -> dict[str, Palette]:
    """Palettes by name, such as "navy and orange": the ground's colour, then the figure's."""
    return {f"{row.ground_name} and {row.figure_name}": row for row in rows}


# Ground and figure differ in lightness everywhere (contrast of 4 or more, held by a test), so that the
# drawings read for people who see few or no hues.
PALETTES = _palettes(
    Palette("navy", "#14213d", "orange", "#fb8b24", "#fdf0d5", "#25426f"),
    Palette("black", "#17161b", "gold", "#e2b13c", "#f8eed3", "#3b3324"),
    Palette("black", "#17161b", "red", "#ea4335", "#f6e7cb", "#421f22"),
    Palette("cream", "#f7ecd3", "red", "#c8322b", "#2b2d42", "#fadcae"),
    Palette("cream", "#f7ecd3", "green", "#1f6b4a", "#e9803a", "#dde6bd"),
    Palette("teal", "#0b5f66", "cream", "#fbeed5", "#ff9a6c", "#22858a"),
    Palette("red", "#b3202c", "white", "#fffaf2", "#ffc94d", "#d2443f"),
    Palette("yellow", "#f8c630", "black", "#1d1b20", "#fffbea", "#ffe07d"),
    Palette("purple", "#47287a", "yellow", "#ffd23f", "#ff8fa3", "#6a45a5"),
    Palette("green", "#1d5a3c", "gold", "#f0b93a", "#fff3d9", "#2f7c50"),
    Palette("pink", "#f8bcc9", "maroon", "#7b1e3b", "#fff7f0", "#fddfe5"),
    Palette("maroon", "#5a1230", "pink", "#f9a8bb", "#ffe9c9", "#80224a"),
    Palette("sky blue", "#a5d8f3", "navy", "#17305e", "#ffffff", "#cfebfb"),
    Palette("charcoal", "#30363f", "turquoise", "#3ecfbe", "#fff4e0", "#485361"),
    Palette("orange", "#f58a2e", "brown", "#46200f", "#fff0d6", "#ffb55c"),
    Palette("brown", "#55341f", "sky blue", "#a8daf2", "#ffd98a", "#7b5236"),
    Palette("mint", "#c2ecd6", "purple", "#57298a", "#ff8fa3", "#e4f9ec"),
    Palette("white", "#fbfaf5", "blue", "#1d5fc4", "#f6b52e", "#dceafb"),
)


def rgb(hexed: str) -> Colour:
    """Red, green and blue of a colour written like "#14213d"."""
    return int(hexed[1:3], 16), int(hexed[3:5], 16), int(hexed[5:7], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: `share` 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


# ---- the pen ---------------------------------------------------------------------------------------------

# Inks of a motif. SHADE is the figure in shadow; GROUND is the palette's ground, for holes and dark details.
FIGURE, ACCENT, SHADE, GROUND = range(4)
# Inks of a backdrop, from the ground's own colour outwards.
DEEP, SOFT, GLOW = range(3)


class Matrix(NamedTuple):
    """The map from units to pixels: x = a u + b v + c, y = d u + e v + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def __call__(self, point: Point) -> Point:
        """Where a point in units lies in pixels."""
        u, v = point
        return self.a * u + self.b * v + self.c, self.d * u + self.e * v + self.f

    def after(self, a: float, b: float, c: float, d: float, e: float, f: float) -> "Matrix":
        """This map, taken after the given one."""
        m = self
        return Matrix(
            m.a * a + m.b * d, m.a * b + m.b * e, m.a * c + m.b * f + m.c,
            m.d * a + m.e * d, m.d * b + m.e * e, m.d * c + m.e * f + m.f,
        )  # fmt: skip


class Canvas(Protocol):
    """What a pen draws on: an `ImageDraw`, or something that only watches."""

    def polygon(self, xy: Sequence[Point], fill: Colour) -> None:
        """Fills the polygon."""


class Pen:
    """Draws flat shapes, given in units, onto an image. Points are passed flat: x0, y0, x1, y1, ..."""

    def __init__(self, canvas: Canvas, matrix: Matrix, inks: Sequence[Colour]) -> None:
        self._canvas, self._matrix, self._inks = canvas, matrix, inks

    def turned(self, degrees: float, x: float = 50, y: float = 50) -> "Pen":
        """This pen, with everything it draws turned clockwise around (x, y)."""
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        turn = (c, -s, x - c * x + s * y, s, c, y - s * x - c * y)
        return Pen(self._canvas, self._matrix.after(*turn), self._inks)

    def sides(self) -> Iterator["Pen"]:
        """This pen and its mirror image at x = 50: symmetric things are drawn once."""
        yield self
        yield Pen(self._canvas, self._matrix.after(-1, 0, 100, 0, 1, 0), self._inks)

    def fill(self, ink: int, points: Iterable[Point]) -> None:
        """The polygon through the points: what every other shape comes down to."""
        self._canvas.polygon([self._matrix(point) for point in points], fill=self._inks[ink])

    def poly(self, ink: int, *xy: float) -> None:
        """Straight edges."""
        self.fill(ink, _pairs(xy))

    def blob(self, ink: int, *xy: float) -> None:
        """A smooth closed outline through the points; a point given twice in a row is a corner."""
        self.fill(ink, _smooth(_pairs(xy), closed=True))

    def oval(self, ink: int, x: float, y: float, rx: float, ry: float | None = None) -> None:
        """An ellipse around (x, y); a circle if only one radius is given."""
        self.pie(ink, x, y, rx, rx if ry is None else ry, 0, 360)

    def pie(self, ink: int, x: float, y: float, rx: float, ry: float, start: float, end: float) -> None:
        """The part of an oval between two angles (degrees, clockwise from the right), closed by its chord."""
        self.fill(ink, _arc(x, y, rx, ry, start, end))

    def box(self, ink: int, x0: float, y0: float, x1: float, y1: float, radius: float = 0) -> None:
        """A rectangle with round corners."""
        corners = ((x1, y1, 0), (x0, y1, 90), (x0, y0, 180), (x1, y0, 270))
        self.fill(ink, [
            point
            for x, y, angle in corners
            for point in _arc(
                x + math.copysign(radius, x0 + x1 - 2 * x), y + math.copysign(radius, y0 + y1 - 2 * y),
                radius, radius, angle, angle + 90,
            )
        ])  # fmt: skip

    def arch(self, ink: int, x0: float, y0: float, x1: float, y1: float) -> None:
        """A rectangle with a half round top: doors and windows."""
        radius = (x1 - x0) / 2
        self.fill(ink, [(x1, y1), (x0, y1), *_arc(x0 + radius, y0 + radius, radius, radius, 180, 360)])

    def line(self, ink: int, width: float, *xy: float) -> None:
        """A stroke with round ends and joints."""
        self._stroke(ink, width, _pairs(xy))

    def curve(self, ink: int, width: float, *xy: float) -> None:
        """A smooth stroke through the points."""
        self._stroke(ink, width, _smooth(_pairs(xy), closed=False))

    def ring(self, ink: int, width: float, x: float, y: float, r: float, *angles: float) -> None:
        """A round stroke of outer radius `r`, or the arc of it between two angles."""
        middle = r - width / 2
        self._stroke(ink, width, _arc(x, y, middle, middle, *(angles or (0, 360))))

    def star(self, ink: int, x: float, y: float, r: float, points: int = 5, inner: float = 0.45) -> None:
        """A star of outer radius `r`, one point up; `inner` is the inner radius as a share of the outer."""
        radii = [r * (inner if corner % 2 else 1) for corner in range(2 * points)]
        turns = [math.pi * (corner / points - 0.5) for corner in range(2 * points)]
        self.fill(ink, (_polar(x, y, q, q, turn) for q, turn in zip(radii, turns, strict=True)))

    def _stroke(self, ink: int, width: float, points: Sequence[Point]) -> None:
        half = width / 2
        for (x0, y0), (x1, y1) in pairwise(points):
            length = math.hypot(x1 - x0, y1 - y0) or 1
            u, v = half * (y1 - y0) / length, half * (x0 - x1) / length
            self.poly(ink, x0 + u, y0 + v, x1 + u, y1 + v, x1 - u, y1 - v, x0 - u, y0 - v)
        for x, y in points:
            self.oval(ink, x, y, half)


def _pairs(xy: Sequence[float]) -> list[Point]:
    return list(zip(xy[::2], xy[1::2], strict=True))


def _polar(x: float, y: float, rx: float, ry: float, turn: float) -> Point:
    return x + rx * math.cos(turn), y + ry * math.sin(turn)


def _arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    """Points of an oval between two angles in degrees, clockwise from the right, at most six apart."""
    steps = max(2, math.ceil(abs(end - start) / 6))
    return [_polar(x, y, rx, ry, math.radians(start + (end - start) * i / steps)) for i in range(steps + 1)]


def _smooth(points: Sequence[Point], closed: bool) -> list[Point]:
    """A Catmull-Rom curve through the points, eight steps to a span."""
    around = [points[-1], *points, *points[:2]] if closed else [points[0], *points, points[-1]]
    curve = [
        _between(p, q, r, s, step / 8)
        for p, q, r, s in zip(around, around[1:], around[2:], around[3:], strict=False)
        if q != r  # a point given twice makes a corner and has no span of its own
        for step in range(8)
    ]
    return curve if closed else [*curve, points[-1]]


def _between(p: Point, q: Point, r: Point, s: Point, t: float) -> Point:
    x, y = (
        b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
        for a, b, c, d in zip(p, q, r, s, strict=True)
    )
    return x, y


# ---- motifs ----------------------------------------------------------------------------------------------


class Motif(NamedTuple):
    """What a poster can show: its name, the words that call for it, and how it is drawn."""

    name: str
    words: tuple[str, ...]
    draw: Callable[[Pen], None]


class Reach:
    """A canvas that watches how far the shapes reach."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def polygon(self, xy: Sequence[Point], fill: Colour) -> None:
        """Remembers the points."""
        self.points += xy


@cache
def reach(name: str) -> tuple[float, float, float, float]:
    """How far a motif reaches in its units: left, top, right, bottom."""
    watcher = Reach()
    MOTIFS[name].draw(Pen(watcher, Matrix(1, 0, 0, 0, 1, 0), [(0, 0, 0)] * 4))
    across, down = zip(*watcher.points, strict=True)
    return min(across), min(down), max(across), max(down)


MOTIFS: dict[str, Motif] = {}


def motif(name: str, words: str) -> Callable[[Callable[[Pen], None]], Callable[[Pen], None]]:
    """Puts a drawing into `MOTIFS`, with the comma-separated words that call for it beside its name."""

    def add(draw: Callable[[Pen], None]) -> Callable[[Pen], None]:
        MOTIFS[name] = Motif(name, (name, *words.split(", ")), draw)
        return draw

    return add


@motif("rocket", "spaceship, starship, spacecraft, space station, space, astronaut, cosmonaut, galaxy, "
       "planet, moon, mars, alien, outer space, orbit")  # fmt: skip
def _rocket(pen: Pen) -> None:
    pen = pen.turned(28)
    pen.blob(ACCENT, 41, 78, 40, 88, 50, 104, 50, 104, 60, 88, 59, 78)
    for side in pen.sides():
        side.blob(SHADE, 34, 46, 20, 62, 18, 84, 18, 84, 38, 74, 38, 74)
    pen.blob(FIGURE, 50, -4, 50, -4, 67, 24, 69, 50, 62, 78, 62, 78, 38, 78, 38, 78, 31, 50, 33, 24)
    pen.blob(ACCENT, 50, -4, 50, -4, 59, 7, 64, 18, 64, 18, 36, 18, 36, 18, 41, 7)
    pen.oval(SHADE, 50, 38, 12)
    pen.oval(ACCENT, 50, 38, 8.5)
    pen.box(SHADE, 47.5, 58, 52.5, 84, 2.5)


@motif("robot", "android, machine, cyborg, artificial intelligence, artificial mind, "
       "computer, automaton")  # fmt: skip
def _robot(pen: Pen) -> None:
    pen.line(SHADE, 3, 50, 16, 50, 6)
    pen.oval(ACCENT, 50, 5, 5)
    for side in pen.sides():
        side.box(SHADE, 14, 28, 24, 42, 3)
        side.line(SHADE, 8, 26, 64, 14, 72, 14, 84)
        side.ring(FIGURE, 5, 14, 90, 8, 120, 420)
        side.box(SHADE, 34, 88, 45, 100, 3)
    pen.box(FIGURE, 20, 14, 80, 54, 10)
    pen.box(FIGURE, 26, 58, 74, 92, 7)
    for side in pen.sides():
        side.oval(ACCENT, 36, 30, 8)
        side.oval(GROUND, 37, 30, 4)
    pen.box(GROUND, 36, 43, 64, 48, 2.5)
    pen.box(SHADE, 36, 65, 64, 84, 4)
    pen.oval(ACCENT, 44, 74, 3.5)
    pen.oval(FIGURE, 56, 74, 3.5)


@motif("magnifying glass", "detective, sleuth, murder, mystery, clue, investigation, inspector, "
       "private eye, whodunit, killer")  # fmt: skip
def _magnifying_glass(pen: Pen) -> None:
    pen = pen.turned(-42, 50, 50)
    pen.box(SHADE, 46, 60, 54, 76, 0)
    pen.box(FIGURE, 43, 70, 57, 108, 7)
    pen.box(ACCENT, 43, 76, 57, 81)
    pen.oval(FIGURE, 50, 32, 34)
    pen.oval(ACCENT, 50, 32, 26)
    pen.ring(SHADE, 4, 50, 32, 21, 185, 265)
    pen.oval(SHADE, 62, 45, 2.4)


@motif("fedora hat", "gangster, mafia, mob, mobster, gang, crime boss, crime family, underworld, "
       "godfather, hitman, cartel")  # fmt: skip
def _fedora(pen: Pen) -> None:
    for side in pen.sides():
        side.blob(SHADE, 50, 100, 50, 100, 8, 100, 8, 100, 12, 80, 34, 66, 34, 66)
        side.poly(FIGURE, 36, 62, 50, 84, 42, 98, 22, 72)
    pen.poly(ACCENT, 45, 74, 55, 74, 57, 82, 50, 100, 43, 82)
    pen.poly(ACCENT, 50, 82, 42, 70, 58, 70)
    pen.blob(FIGURE, 2, 46, 24, 38, 50, 40, 76, 38, 98, 46, 78, 58, 50, 60, 22, 58)
    pen.blob(FIGURE, 24, 46, 24, 46, 26, 18, 38, 4, 50, 10, 62, 4, 74, 18, 76, 46, 76, 46, 50, 51)
    pen.blob(ACCENT, 24, 44, 24, 44, 25, 33, 25, 33, 50, 38, 75, 33, 75, 33, 76, 44, 76, 44, 50, 49)
    pen.blob(SHADE, 50, 10, 50, 10, 44, 18, 50, 26, 56, 18)


@motif("money bag", "heist, robbery, bank, robber, money, loot, vault, thief, thieves, banker, fortune, "
       "cash, stock market, wall street, con man, swindler")  # fmt: skip
def _money_bag(pen: Pen) -> None:
    pen.blob(FIGURE, 36, 6, 36, 6, 44, 10, 50, 5, 56, 10, 64, 6, 64, 6, 60, 26, 60, 26, 40, 26, 40, 26)
    pen.blob(FIGURE, 40, 26, 60, 26, 80, 46, 90, 76, 76, 96, 50, 98, 24, 96, 10, 76, 20, 46)
    pen.box(ACCENT, 35, 22, 65, 30, 4)
    pen.line(ACCENT, 4, 62, 28, 72, 38)
    pen.line(ACCENT, 4, 62, 28, 68, 44)
    pen.oval(SHADE, 50, 65, 23)
    pen.line(ACCENT, 4, 50, 47, 50, 83)
    pen.curve(ACCENT, 5.5, 59, 57, 50, 52, 41, 57, 50, 65, 59, 73, 50, 78, 41, 73)


@motif("binoculars", "spy, spies, secret agent, espionage, agent, double agent, surveillance, "
       "undercover, cold war, intelligence officer")  # fmt: skip
def _binoculars(pen: Pen) -> None:
    pen.box(SHADE, 36, 30, 64, 60, 3)
    pen.oval(ACCENT, 50, 40, 7)
    for side in pen.sides():
        side.box(SHADE, 17, 4, 43, 16, 3)
        side.poly(FIGURE, 15, 14, 43, 14, 47, 40, 48, 72, -2, 72, 6, 40)
        side.box(SHADE, 9, 34, 46, 40, 1)
        side.oval(FIGURE, 23, 73, 25)
        side.oval(GROUND, 23, 73, 20)
        side.oval(ACCENT, 23, 73, 16)
    for x in (23, 77):
        pen.ring(SHADE, 3.5, x, 73, 12, 185, 270)


@motif("scales", "courtroom, court, trial, lawyer, judge, jury, justice, attorney, verdict, lawsuit, "
       "prosecutor, legal")  # fmt: skip
def _scales(pen: Pen) -> None:
    pen.box(FIGURE, 46.5, 14, 53.5, 90, 2)
    pen.blob(FIGURE, 22, 98, 22, 98, 30, 90, 46, 86, 54, 86, 70, 90, 78, 98, 78, 98)
    for side in pen.sides():
        side.curve(FIGURE, 6, 50, 22, 34, 18, 16, 24)
        side.line(SHADE, 2, 16, 24, 3, 58)
        side.line(SHADE, 2, 16, 24, 29, 58)
        side.pie(ACCENT, 16, 57, 19, 17, 0, 180)
        side.box(FIGURE, -4, 54, 36, 59, 2.5)
    pen.oval(ACCENT, 50, 13, 8)
    pen.oval(SHADE, 50, 22, 5)


@motif("prison bars", "prison, jail, prisoner, inmate, convict, cell, escape from prison, warden, "
       "death row, behind bars")  # fmt: skip
def _prison(pen: Pen) -> None:
    pen.box(FIGURE, 4, 0, 96, 98, 5)
    pen.box(GROUND, 14, 10, 86, 88, 2)
    pen.blob(SHADE, 18, 88, 18, 88, 24, 77, 40, 72, 60, 72, 76, 77, 82, 88, 82, 88)
    pen.box(SHADE, 44, 58, 56, 76)
    pen.blob(SHADE, 50, 24, 63, 28, 66, 44, 61, 58, 50, 65, 39, 58, 34, 44, 37, 28)
    pen.blob(FIGURE, 33, 40, 33, 40, 34, 22, 50, 18, 66, 22, 67, 40, 67, 40, 60, 32, 40, 32)
    pen.curve(FIGURE, 2, 44, 57, 50, 55.5, 56, 57)
    for side in pen.sides():
        side.oval(ACCENT, 42, 43, 2.8)
        side.box(FIGURE, 22, 8, 29, 92)
        side.box(FIGURE, 46.5, 8, 53.5, 92)
        for finger in range(4):
            side.box(ACCENT, 17, 54 + 6 * finger, 34, 59.2 + 6 * finger, 2.6)
    pen.box(SHADE, -3, 90, 103, 101, 3)


@motif("doctor's bag", "hospital, doctor, nurse, surgeon, medicine, medical, patient, clinic, "
       "ambulance, emergency room, illness, first aid kit")  # fmt: skip
def _doctors_bag(pen: Pen) -> None:
    pen.box(FIGURE, 30, 8, 70, 44, 12)
    pen.box(GROUND, 38, 16, 62, 44, 6)
    pen.box(FIGURE, 4, 26, 96, 94, 12)
    pen.box(SHADE, 4, 44, 96, 50)
    pen.oval(FIGURE, 50, 62, 25)
    pen.oval(ACCENT, 50, 62, 23)
    pen.box(FIGURE, 44, 46, 56, 78, 1)
    pen.box(FIGURE, 34, 56, 66, 68, 1)
    for side in pen.sides():
        side.box(ACCENT, 14, 40, 24, 54, 2)


@motif("pencil", "school, teacher, student, pupil, classroom, boarding school, college, university, "
       "high school, writer, novelist, author, teenager, childhood, coming of age")  # fmt: skip
def _pencil(pen: Pen) -> None:
    pen = pen.turned(38)
    pen.box(ACCENT, 36, -10, 64, 8, 8)
    pen.box(SHADE, 36, 2, 64, 12)
    pen.box(FIGURE, 36, 10, 64, 80)
    pen.box(SHADE, 36, 10, 44, 80)
    pen.box(ACCENT, 45, 10, 47, 80)
    pen.blob(ACCENT, 36, 78, 36, 78, 40, 83, 45, 79, 50, 83, 55, 79, 60, 83, 64, 78, 64, 78, 50, 112, 50, 112)
    pen.poly(FIGURE, 44.5, 99, 55.5, 99, 50, 112)


@motif("heart", "love, romance, lovers, falls in love, in love, love story, affair, romantic, "
       "sweetheart, passion")  # fmt: skip
def _heart(pen: Pen) -> None:
    pen.blob(FIGURE, 50, 26, 50, 26, 34, 8, 10, 14, 4, 38, 20, 66, 50, 94, 50, 94, 80, 66, 96, 38, 90, 14,
             66, 8)  # fmt: skip
    pen.curve(SHADE, 5, 84, 40, 76, 58, 62, 72)
    pen.curve(ACCENT, 5, 15, 36, 19, 25, 29, 20)
    arrow = pen.turned(-28, 50, 48)
    arrow.line(ACCENT, 4, -8, 48, 12, 48)
    arrow.line(ACCENT, 4, 84, 48, 104, 48)
    arrow.poly(ACCENT, 100, 38, 116, 48, 100, 58)
    for x in (-10, -2):
        arrow.line(ACCENT, 3.5, x, 48, x - 7, 40)
        arrow.line(ACCENT, 3.5, x, 48, x - 7, 56)


@motif("wedding ring", "wedding, bride, groom, marriage, marry, engagement, fiance, honeymoon, "
       "bridesmaid, diamond ring, diamond, jewel")  # fmt: skip
def _wedding_ring(pen: Pen) -> None:
    pen.ring(FIGURE, 10, 50, 66, 35)
    pen.ring(SHADE, 4, 50, 66, 33, 20, 120)
    pen.poly(SHADE, 36, 34, 64, 34, 58, 42, 42, 42)
    pen.poly(ACCENT, 34, -2, 66, -2, 78, 12, 50, 40, 22, 12)
    pen.poly(FIGURE, 42, 12, 58, 12, 50, 40)
    for side in pen.sides():
        side.line(GROUND, 1.6, 22, 12, 50, 12)
        side.line(GROUND, 1.6, 42, 12, 50, -2)
        side.line(GROUND, 1.6, 42, 12, 34, -2)
        side.line(GROUND, 1.6, 42, 12, 50, 40)
        side.line(ACCENT, 3, 14, -4, 6, -10)


@motif("house", "family, home, parents, suburb, grandmother, grandfather, widow")
def _house(pen: Pen) -> None:
    pen.box(SHADE, 68, 8, 80, 40)
    pen.oval(ACCENT, 75, 1, 4)
    pen.oval(ACCENT, 83, -7, 5)
    pen.box(FIGURE, 14, 42, 86, 98, 2)
    pen.poly(SHADE, 50, 4, 104, 52, 96, 58, 50, 18, 4, 58, -4, 52)
    pen.poly(FIGURE, 50, 17, 90, 52, 10, 52)
    pen.box(ACCENT, 42, 66, 60, 98, 3)
    pen.oval(SHADE, 56, 83, 2)
    pen.oval(ACCENT, 50, 42, 8)
    for x in (20, 66):
        pen.box(ACCENT, x, 62, x + 15, 80, 2)
        pen.line(FIGURE, 2, x + 7.5, 62, x + 7.5, 80)
        pen.line(FIGURE, 2, x, 71, x + 15, 71)


@motif("football", "soccer, soccer ball, footballer, goalkeeper, football club, world cup, "
       "football team, striker")  # fmt: skip
def _football(pen: Pen) -> None:
    pen.oval(FIGURE, 50, 50, 48)
    for corner in range(5):
        side = pen.turned(72 * corner)
        side.line(GROUND, 2.6, 50, 34, 50, 20)
        side.line(GROUND, 2.6, 61, 12, 83, 28)
        side.poly(GROUND, 50, 22, 38.5, 13, 42, 3, 50, 1.8, 58, 3, 61.5, 13)
    pen.star(GROUND, 50, 50, 18, 5, 0.81)
    pen.star(ACCENT, 50, 50, 9)


@motif("boxing glove", "boxing, boxer, boxing ring, heavyweight, prizefighter, knockout, champion, "
       "fighter, wrestler, wrestling")  # fmt: skip
def _boxing_glove(pen: Pen) -> None:
    pen = pen.turned(12)
    pen.box(ACCENT, 30, 70, 78, 98, 5)
    pen.blob(FIGURE, 30, 74, 30, 74, 26, 54, 24, 30, 36, 8, 62, 3, 86, 14, 90, 42, 80, 60, 78, 74, 78, 74)
    pen.blob(FIGURE, 30, 66, 14, 58, 6, 40, 14, 28, 26, 32, 34, 46, 40, 58)
    pen.curve(SHADE, 4, 20, 32, 32, 44, 38, 58, 52, 58)
    pen.curve(SHADE, 4, 42, 16, 56, 11, 72, 15)
    pen.box(SHADE, 30, 74, 78, 79)
    for y in (85, 92):
        pen.line(SHADE, 2.5, 46, y, 62, y)


@motif("racing car", "race, racing, driver, motor racing, race car, formula one, grand prix, car, "
       "car chase, street race, racetrack")  # fmt: skip
def _racing_car(pen: Pen) -> None:
    pen.box(SHADE, 0, 26, 16, 34, 2)
    pen.poly(SHADE, 5, 32, 12, 32, 20, 54, 12, 54)
    pen.oval(ACCENT, 49, 32, 11)
    pen.box(GROUND, 50, 29, 61, 35, 3)
    pen.blob(FIGURE, 0, 70, 0, 70, 2, 52, 20, 46, 34, 35, 40, 40, 58, 42, 70, 47, 92, 56, 106, 70, 106, 70)
    pen.box(SHADE, 0, 66, 106, 72, 3)
    pen.oval(ACCENT, 52, 57, 10)
    pen.box(FIGURE, 50.2, 50, 53.8, 64)
    pen.poly(SHADE, 96, 66, 110, 66, 110, 75, 92, 75)
    for x in (20, 82):
        pen.oval(GROUND, x, 68, 21)
        pen.oval(FIGURE, x, 68, 18)
        pen.oval(GROUND, x, 68, 12)
        pen.oval(ACCENT, x, 68, 7)
    for y, start in ((44, -10), (53, -14), (62, -8)):
        pen.line(ACCENT, 2.5, start, y, -3, y)


@motif("trophy", "sport, cup, tournament, athlete, coach, olympic, championship, runner, basketball, "
       "baseball, tennis, hockey, cricket, medal")  # fmt: skip
def _trophy(pen: Pen) -> None:
    for side in pen.sides():
        side.ring(SHADE, 6, 22, 24, 18, 80, 300)
    pen.blob(FIGURE, 18, 4, 18, 4, 82, 4, 82, 4, 80, 36, 64, 58, 50, 62, 36, 58, 20, 36)
    pen.box(ACCENT, 14, 0, 86, 9, 4)
    pen.box(FIGURE, 45, 58, 55, 82)
    pen.oval(ACCENT, 50, 66, 9, 4)
    pen.blob(FIGURE, 30, 84, 30, 84, 44, 76, 56, 76, 70, 84, 70, 84)
    pen.box(SHADE, 24, 82, 76, 100, 3)
    pen.box(ACCENT, 38, 88, 62, 94, 1)
    pen.star(ACCENT, 50, 31, 15)


@motif("chef's hat", "chef, cook, cooking, kitchen, restaurant, food, baker, recipe, cuisine, meal, "
       "dish, bakery, sushi, feast")  # fmt: skip
def _chefs_hat(pen: Pen) -> None:
    for x, y, r in ((22, 34, 22), (78, 34, 22), (50, 24, 28), (36, 42, 20), (64, 42, 20)):
        pen.oval(FIGURE, x, y, r)
    pen.poly(FIGURE, 22, 46, 78, 46, 76, 80, 24, 80)
    for x0, x1 in ((36, 33), (50, 50), (64, 67)):
        pen.line(SHADE, 3, x0, 74, x1, 50)
    pen.ring(SHADE, 3, 30, 32, 16, 200, 290)
    pen.box(ACCENT, 22, 76, 78, 98, 4)
    pen.box(FIGURE, 22, 84, 78, 87)


@motif("guitar", "band, rock band, musician, rock star, guitarist, folk singer, rock music, concert, "
       "country music")  # fmt: skip
def _guitar(pen: Pen) -> None:
    pen = pen.turned(34)
    pen.box(SHADE, 41, -20, 59, 0, 3)
    for y in (-15, -6):
        pen.oval(ACCENT, 38, y, 3.5)
        pen.oval(ACCENT, 62, y, 3.5)
    pen.blob(FIGURE, 50, 40, 64, 40, 72, 50, 68, 62, 80, 78, 78, 98, 50, 108, 22, 98, 20, 78, 32, 62, 28, 50,
             36, 40)  # fmt: skip
    pen.box(SHADE, 45, -4, 55, 60)
    pen.oval(ACCENT, 50, 66, 13)
    pen.oval(GROUND, 50, 66, 9.5)
    pen.box(SHADE, 36, 89, 64, 95, 2)
    for x in (47, 50, 53):
        pen.line(ACCENT, 1, x, -4, x, 92)


@motif("microphone", "singer, song, music, jazz, pop star, karaoke, radio, comedian, stand-up, opera, "
       "choir, rapper, hip hop, singing")  # fmt: skip
def _microphone(pen: Pen) -> None:
    pen.box(SHADE, 46, 70, 54, 96)
    pen.box(FIGURE, 26, 92, 74, 101, 4)
    pen.ring(SHADE, 6, 50, 46, 38, 0, 180)
    pen.box(SHADE, 12, 34, 18, 48, 3)
    pen.box(SHADE, 82, 34, 88, 48, 3)
    pen.box(FIGURE, 26, -2, 74, 70, 24)
    pen.box(ACCENT, 26, 30, 74, 40)
    for y in (10, 20, 48, 58):
        pen.box(GROUND, 36 if y in (10, 58) else 32, y, 64 if y in (10, 58) else 68, y + 4, 2)
    pen.oval(FIGURE, 50, 35, 3)


@motif("dancing shoe", "dance, dancer, dancing, ballet, ballerina, ballroom, tango, ballet school, "
       "flamenco, high heel, shoe")  # fmt: skip
def _dancing_shoe(pen: Pen) -> None:
    pen.poly(SHADE, 2, 38, 15, 46, 11, 94, 5, 94)
    pen.blob(FIGURE, 2, 18, 2, 18, 16, 22, 22, 40, 44, 62, 66, 66, 66, 66, 88, 70, 102, 86, 100, 93, 100, 93,
             62, 93, 62, 93, 40, 82, 18, 60, 4, 56)  # fmt: skip
    pen.blob(SHADE, 16, 23, 16, 23, 22, 40, 44, 62, 66, 66, 66, 66, 52, 72, 34, 64, 20, 44)
    pen.curve(ACCENT, 4, 14, 34, 32, 28, 40, 42)
    pen.oval(ACCENT, 72, 68, 5)
    pen.poly(ACCENT, 72, 68, 60, 58, 60, 76)
    pen.poly(ACCENT, 72, 68, 84, 60, 84, 78)
    pen.curve(SHADE, 3, 62, 92, 40, 81, 18, 59)
    for x, y, r in ((70, 22, 7), (88, 38, 5), (52, 8, 4)):
        pen.star(ACCENT, x, y, r, 4, 0.3)


@motif("tank", "war, soldier, battle, army, trench, world war, battlefield, invasion, front line, "
       "military, resistance, occupied")  # fmt: skip
def _tank(pen: Pen) -> None:
    pen = pen.turned(-3)
    pen.line(SHADE, 6, 56, 34, 100, 26)
    pen.box(SHADE, 96, 21, 108, 30, 2)
    pen.box(SHADE, 36, 14, 52, 24, 3)
    pen.blob(FIGURE, 20, 46, 20, 46, 24, 24, 34, 20, 60, 20, 70, 30, 72, 46, 72, 46)
    pen.poly(FIGURE, 4, 44, 94, 44, 102, 60, -2, 60)
    pen.box(SHADE, -4, 56, 104, 88, 16)
    pen.box(GROUND, 2, 62, 98, 82, 10)
    for x in (12, 31, 50, 69, 88):
        pen.oval(FIGURE, x, 72, 9)
        pen.oval(ACCENT, x, 72, 3.5)
    pen.star(ACCENT, 42, 34, 9)


@motif("submarine", "underwater, torpedo, deep sea, u-boat, sailor, sonar, ocean floor, diver")
def _submarine(pen: Pen) -> None:
    pen.line(SHADE, 4, 52, 30, 52, 6, 64, 6)
    pen.blob(FIGURE, 34, 44, 34, 44, 38, 24, 42, 22, 62, 22, 66, 26, 70, 44, 70, 44)
    pen.box(ACCENT, 42, 28, 62, 33, 2)
    for side in (-1, 1):
        pen.blob(SHADE, 2, 62, 2, 62, -6, 62 + 8 * side, -8, 62 + 16 * side, 2, 62 + 12 * side)
    pen.blob(FIGURE, 2, 62, 14, 44, 50, 40, 86, 44, 104, 60, 88, 78, 50, 82, 14, 80)
    pen.blob(SHADE, 4, 68, 4, 68, 50, 72, 101, 67, 101, 67, 88, 78, 50, 82, 14, 80)
    for x in (30, 50, 70):
        pen.oval(ACCENT, x, 57, 7)
        pen.oval(GROUND, x, 57, 4)
    for x, y, r in ((96, 38, 3), (104, 26, 4.5), (93, 16, 2.5)):
        pen.oval(ACCENT, x, y, r)


@motif("samurai helmet", "samurai, ronin, sword, swordsman, martial arts, kung fu, ninja, warlord, "
       "feudal japan, shogun, katana, warrior")  # fmt: skip
def _samurai_helmet(pen: Pen) -> None:
    for side in pen.sides():
        side.blob(SHADE, 22, 48, 22, 48, 2, 62, -2, 84, -2, 84, 14, 90, 28, 88, 28, 88)
        side.line(GROUND, 2, 6, 72, 26, 74)
        side.blob(ACCENT, 46, 34, 46, 34, 26, 28, 12, 10, 12, -8, 12, -8, 22, 10, 46, 22, 46, 22)
    pen.blob(FIGURE, 16, 54, 16, 54, 20, 28, 50, 14, 80, 28, 84, 54, 84, 54, 50, 48)
    for side in pen.sides():
        side.curve(SHADE, 2.5, 50, 18, 36, 28, 30, 48)
    pen.box(SHADE, 48.5, 18, 51.5, 48)
    pen.oval(ACCENT, 50, 30, 9)
    pen.oval(FIGURE, 50, 30, 5)
    pen.blob(FIGURE, 26, 56, 26, 56, 50, 52, 74, 56, 74, 56, 74, 82, 62, 98, 50, 100, 38, 98, 26, 82)
    pen.blob(GROUND, 28, 58, 28, 58, 50, 55, 72, 58, 72, 58, 68, 68, 50, 66, 32, 68)
    for side in pen.sides():
        side.poly(ACCENT, 34, 60, 45, 63, 43, 66, 36, 65)
    pen.blob(SHADE, 36, 84, 50, 78, 64, 84, 50, 92)
    pen.poly(FIGURE, 50, 66, 55, 78, 45, 78)


@motif("cowboy hat", "western, cowboy, sheriff, outlaw, bounty hunter, ranch, frontier, gunslinger, "
       "gunfighter, saloon, wild west, rancher")  # fmt: skip
def _cowboy_hat(pen: Pen) -> None:
    pen.blob(FIGURE, 22, 48, 22, 48, 26, 12, 34, -6, 44, -6, 50, 0, 56, -6, 66, -6, 74, 12, 78, 48, 78, 48,
             50, 56)  # fmt: skip
    pen.blob(SHADE, 50, 0, 50, 0, 42, 6, 40, 22, 50, 15, 60, 22, 58, 6)
    pen.blob(ACCENT, 23, 38, 23, 38, 50, 46, 77, 38, 77, 38, 78, 50, 78, 50, 50, 58, 22, 50, 22, 50)
    pen.blob(FIGURE, -8, 30, -8, 30, 4, 52, 30, 65, 50, 67, 70, 65, 96, 52, 108, 30, 108, 30, 92, 44, 72, 50,
             50, 53, 28, 50, 8, 44)  # fmt: skip
    pen.blob(SHADE, -7, 34, -7, 34, 6, 49, 30, 59, 50, 61, 70, 59, 94, 49, 107, 34, 107, 34, 96, 52, 70, 65,
             50, 67, 30, 65, 4, 52)  # fmt: skip
    pen.star(ACCENT, 50, 86, 17, 6, 0.55)
    for corner in range(6):
        pen.turned(60 * corner, 50, 86).oval(ACCENT, 50, 70, 3)
    pen.oval(SHADE, 50, 86, 5)


@motif("sailing ship", "pirate, ship, sea, island, captain, voyage, treasure, shipwreck, boat, sail, "
       "fisherman, crew, whaling, mutiny, ocean")  # fmt: skip
def _sailing_ship(pen: Pen) -> None:
    pen.box(SHADE, 48, -4, 52, 72)
    pen.poly(ACCENT, 52, -6, 72, 0, 52, 7)
    pen.blob(FIGURE, 55, 10, 55, 10, 84, 30, 92, 60, 92, 60, 55, 62, 55, 62, 62, 36)
    pen.blob(FIGURE, 45, 14, 45, 14, 40, 40, 45, 62, 45, 62, 8, 60, 8, 60, 16, 38)
    pen.curve(SHADE, 3, 60, 42, 74, 42, 87, 42)
    pen.curve(SHADE, 3, 14, 46, 28, 47, 42, 46)
    pen.blob(SHADE, -2, 68, -2, 68, 50, 72, 104, 64, 104, 64, 94, 86, 80, 94, 80, 94, 18, 94, 18, 94, 6, 84)
    for x in (30, 48, 66):
        pen.oval(ACCENT, x, 80, 4)
    for start in (-10, 18, 46, 74):
        pen.curve(ACCENT, 4, start, 97, start + 7, 93, start + 14, 97, start + 21, 101, start + 28, 97)


@motif("castle", "fortress, kingdom, knight, medieval, tower, siege, palace, middle ages, duke, lord, "
       "armour")  # fmt: skip
def _castle(pen: Pen) -> None:
    for side in pen.sides():
        side.box(FIGURE, 2, 40, 28, 98)
        side.poly(SHADE, -3, 42, 15, 8, 33, 42)
        side.arch(ACCENT, 12, 52, 18, 66)
    for x in (15, 85):
        pen.line(SHADE, 2, x, 10, x, -6)
        pen.poly(ACCENT, x, -8, x + 14, -3, x, 3)
    pen.box(SHADE, 28, 58, 72, 98)
    pen.box(FIGURE, 34, 30, 66, 70)
    for x in (34, 45, 56):
        pen.box(FIGURE, x, 22, x + 10, 34)
    for x in (30, 41, 52, 63):
        pen.box(SHADE, x, 53, x + 7, 60)
    pen.arch(ACCENT, 46, 40, 54, 53)
    pen.arch(ACCENT, 39, 67, 61, 98)
    pen.arch(GROUND, 42, 70, 58, 98)
    pen.box(SHADE, -2, 94, 102, 101, 2)


@motif("crown", "king, queen, prince, princess, throne, royal, emperor, empress, monarch, heir, "
       "royalty, dynasty, tsar")  # fmt: skip
def _crown(pen: Pen) -> None:
    pen.poly(FIGURE, 8, 78, 0, 26, 26, 50, 50, 10, 74, 50, 100, 26, 92, 78)
    pen.poly(SHADE, 50, 10, 74, 50, 100, 26, 92, 78, 50, 78)
    pen.poly(FIGURE, 50, 36, 64, 62, 50, 78, 36, 62)
    for x, y, r in ((0, 23, 6), (50, 7, 7), (100, 23, 6)):
        pen.oval(ACCENT, x, y, r)
    pen.box(FIGURE, 6, 74, 94, 94, 4)
    pen.poly(ACCENT, 50, 46, 58, 58, 50, 70, 42, 58)
    for x in (22, 36, 50, 64, 78):
        pen.oval(ACCENT if x != 50 else GROUND, x, 84, 4.5)


@motif("wizard's hat", "wizard, witch, magic, spell, sorcerer, magician, fairy, fairy tale, magical, "
       "enchanted, curse, elf, fantasy")  # fmt: skip
def _wizards_hat(pen: Pen) -> None:
    pen.oval(SHADE, 50, 84, 56, 15)
    pen.oval(FIGURE, 50, 81, 56, 14)
    pen.blob(FIGURE, 20, 82, 20, 82, 32, 40, 44, 10, 66, -6, 86, 4, 92, 20, 92, 20, 80, 12, 68, 16, 70, 40,
             80, 82, 80, 82, 50, 90)  # fmt: skip
    pen.blob(SHADE, 68, 16, 68, 16, 70, 40, 80, 82, 80, 82, 66, 87, 60, 50)
    pen.blob(ACCENT, 23, 70, 23, 70, 50, 78, 77, 70, 77, 70, 80, 82, 80, 82, 50, 90, 20, 82, 20, 82)
    pen.star(ACCENT, 46, 50, 9)
    pen.star(ACCENT, 58, 24, 6)
    for x, y, r in ((6, 40, 8), (16, 12, 5), (98, 52, 7)):
        pen.star(ACCENT, x, y, r, 4, 0.3)


@motif("dragon", "serpent, fire-breathing, mythical beast, sea monster, legend, myth")
def _dragon(pen: Pen) -> None:
    pen.blob(SHADE, 52, 56, 52, 56, 54, 20, 88, -6, 88, -6, 88, 10, 106, 22, 106, 22, 98, 32, 102, 50, 102,
             50, 86, 50, 78, 64, 78, 64)  # fmt: skip
    pen.curve(GROUND, 1.8, 58, 54, 68, 24, 87, 0)
    pen.curve(GROUND, 1.8, 62, 56, 78, 34, 102, 23)
    pen.curve(FIGURE, 9, 64, 90, 84, 96, 96, 84, 94, 70)
    pen.poly(ACCENT, 84, 74, 96, 54, 104, 74)
    pen.blob(FIGURE, 38, 94, 36, 70, 28, 54, 32, 34, 32, 34, 48, 34, 48, 34, 48, 50, 66, 62, 76, 80, 70, 96)
    pen.blob(ACCENT, 40, 94, 38, 72, 33, 56, 36, 44, 42, 60, 50, 76, 50, 94)
    pen.blob(FIGURE, 6, 34, 6, 34, 8, 24, 26, 14, 46, 12, 53, 25, 46, 42, 28, 43, 10, 40)
    pen.poly(FIGURE, 38, 16, 56, -5, 50, 24)
    pen.poly(FIGURE, 29, 18, 39, -1, 42, 20)
    pen.oval(ACCENT, 32, 24, 4.5)
    pen.oval(GROUND, 31, 24, 2.4)
    pen.line(GROUND, 1.8, 8, 35, 28, 35)
    pen.box(FIGURE, 32, 90, 54, 101, 5)
    pen.box(FIGURE, 58, 90, 78, 101, 5)
    pen.blob(ACCENT, 8, 40, 8, 40, -4, 40, -11, 50, -6, 54, -11, 66, -11, 66, 2, 61, 8, 50)


@motif("ghost", "haunted house, haunted, spirit, seance, phantom, poltergeist, supernatural, "
       "possessed, exorcism, apparition, demon")  # fmt: skip
def _ghost(pen: Pen) -> None:
    pen.blob(FIGURE, 12, 98, 12, 98, 14, 40, 26, 10, 50, 0, 74, 10, 86, 40, 88, 98, 88, 98, 76, 88, 63, 98,
             63, 98, 50, 88, 37, 98, 37, 98, 24, 88)  # fmt: skip
    pen.blob(SHADE, 88, 98, 88, 98, 86, 40, 74, 10, 62, 3, 74, 40, 74, 89, 76, 88)
    pen.blob(FIGURE, 16, 62, 2, 60, -6, 48, 0, 42, 16, 46)
    pen.blob(FIGURE, 84, 62, 98, 60, 106, 48, 100, 42, 84, 46)
    for side in pen.sides():
        side.oval(GROUND, 38, 36, 6.5, 9)
        side.oval(ACCENT, 40, 33, 2.2, 3)
    pen.oval(GROUND, 50, 60, 8, 11)
    pen.oval(ACCENT, 50, 66, 5, 4)


@motif("bat", "vampire, werewolf, dracula, blood, fangs, transylvania, full moon")
def _bat(pen: Pen) -> None:
    pen.oval(ACCENT, 50, 44, 36)
    for side in pen.sides():
        side.blob(FIGURE, 46, 44, 46, 44, 34, 32, 22, 34, 12, 20, 12, 20, -4, 36, -9, 64, -9, 64, 2, 55, 11,
                  63, 11, 63, 20, 56, 32, 72, 32, 72, 40, 66, 48, 74, 48, 74)  # fmt: skip
        side.curve(SHADE, 2.2, 12, 22, 10, 42, 10, 62)
        side.curve(SHADE, 2.2, 14, 24, 26, 44, 32, 70)
    pen.blob(FIGURE, 50, 34, 60, 40, 63, 56, 58, 76, 50, 88, 50, 88, 42, 76, 37, 56, 40, 40)
    for side in pen.sides():
        side.poly(FIGURE, 37, 44, 37, 18, 50, 34)
        side.poly(SHADE, 39, 38, 39, 26, 46, 35)
        side.oval(ACCENT, 45, 45, 2.8)
        side.poly(ACCENT, 45, 54, 48.5, 54, 46.5, 60)


@motif("skull", "zombie, plague, undead, epidemic, virus, apocalypse, pandemic, bones, outbreak, grave, "
       "living dead")  # fmt: skip
def _skull(pen: Pen) -> None:
    pen.box(FIGURE, 28, 62, 72, 98, 7)
    pen.blob(FIGURE, 50, 0, 78, 8, 92, 34, 86, 60, 72, 74, 50, 76, 28, 74, 14, 60, 8, 34, 22, 8)
    pen.blob(SHADE, 78, 8, 92, 34, 86, 60, 74, 74, 80, 52, 82, 30)
    for side in pen.sides():
        side.blob(GROUND, 22, 40, 34, 34, 45, 42, 42, 56, 30, 58, 21, 52)
        side.oval(ACCENT, 34, 47, 3.5)
    pen.poly(GROUND, 50, 56, 57, 69, 43, 69)
    for x in (39, 50, 61):
        pen.line(GROUND, 2.6, x, 80, x, 98)
    pen.line(SHADE, 2.6, 56, 2, 52, 12, 60, 18, 56, 26)


@motif("dinosaur", "giant monster, monster, creature, prehistoric, jurassic, giant ape, "
       "lizard, fossil, beast")  # fmt: skip
def _dinosaur(pen: Pen) -> None:
    for x in (36, 66):
        pen.box(SHADE, x, 66, x + 13, 96, 4)
    pen.blob(FIGURE, -12, 84, -12, 84, 10, 68, 22, 50, 44, 42, 62, 44, 72, 34, 74, 12, 82, 2, 98, 4, 106, 14,
             100, 21, 88, 21, 90, 42, 84, 62, 72, 76, 44, 78, 24, 76, 6, 84)  # fmt: skip
    for x in (26, 58):
        pen.box(FIGURE, x, 64, x + 14, 99, 5)
        for toe in (3, 7, 11):
            pen.oval(ACCENT, x + toe, 97, 1.7)
    for x, y, r in ((30, 56, 5), (44, 54, 6), (58, 56, 5), (46, 68, 3.5), (78, 36, 3.5), (80, 24, 2.5)):
        pen.oval(ACCENT, x, y, r)
    pen.oval(GROUND, 92, 10, 3)
    pen.line(GROUND, 1.8, 94, 17, 104, 15)


@motif("superhero", "superpowers, masked hero, vigilante, cape, supervillain, "
       "crime-fighter, masked vigilante, mutant")  # fmt: skip
def _superhero(pen: Pen) -> None:
    pen.blob(SHADE, 30, 52, 30, 52, 70, 52, 70, 52, 90, 74, 104, 100, 104, 100, 70, 94, 50, 101, 30, 94, -4,
             100, -4, 100, 10, 74)  # fmt: skip
    pen.blob(FIGURE, 20, 98, 20, 98, 18, 68, 34, 54, 50, 58, 66, 54, 82, 68, 80, 98, 80, 98, 50, 102)
    pen.blob(ACCENT, 30, 18, 38, 2, 50, -2, 62, 2, 70, 18, 68, 38, 50, 56, 32, 38)
    pen.blob(FIGURE, 28, 22, 28, 22, 29, 4, 50, -8, 71, 4, 72, 22, 72, 22, 62, 10, 44, 12)
    pen.blob(FIGURE, 27, 20, 27, 20, 42, 20, 50, 24, 58, 20, 73, 20, 73, 20, 70, 36, 58, 36, 50, 30, 42, 36,
             30, 36)  # fmt: skip
    for side in pen.sides():
        side.blob(ACCENT, 34, 26, 34, 26, 40, 25, 45, 30, 45, 30, 38, 31)
    pen.line(GROUND, 2, 45, 44, 55, 44)
    pen.poly(ACCENT, 36, 66, 64, 66, 68, 74, 50, 92, 32, 74)
    pen.star(FIGURE, 50, 76, 9)


@motif("elephant", "nature, animal, wildlife, jungle, safari, savannah, rainforest, zoo, lion, "
       "africa, nature documentary")  # fmt: skip
def _elephant(pen: Pen) -> None:
    pen.curve(SHADE, 3, 3, 48, -7, 60, -5, 72)
    for x in (22, 52):
        pen.box(SHADE, x, 60, x + 13, 94, 3)
    pen.blob(FIGURE, 0, 58, 6, 36, 28, 24, 54, 26, 70, 40, 72, 62, 60, 74, 30, 76, 8, 74)
    for x in (5, 40):
        pen.box(FIGURE, x, 60, x + 17, 98, 4)
        for toe in (4, 8.5, 13):
            pen.oval(ACCENT, x + toe, 96, 1.8)
    pen.blob(FIGURE, 58, 24, 76, 14, 92, 24, 96, 44, 96, 66, 100, 76, 106, 71, 111, 76, 103, 88, 90, 84, 86,
             66, 76, 60, 60, 52)  # fmt: skip
    pen.blob(ACCENT, 84, 58, 84, 58, 88, 72, 104, 66, 104, 66, 94, 66, 91, 56)
    pen.blob(SHADE, 48, 28, 58, 16, 72, 22, 74, 42, 66, 62, 52, 56, 46, 42)
    pen.oval(GROUND, 84, 35, 3)


@motif("ballot box", "politics, election, president, politician, senator, vote, campaign, mayor, "
       "prime minister, parliament, government, minister, candidate, political")  # fmt: skip
def _ballot_box(pen: Pen) -> None:
    paper = pen.turned(-8, 50, 30)
    paper.box(ACCENT, 28, -8, 72, 54, 3)
    paper.line(FIGURE, 7, 38, 18, 47, 28, 63, 6)
    pen.poly(SHADE, 16, 42, 84, 42, 98, 56, 2, 56)
    pen.box(GROUND, 24, 46, 76, 51, 2)
    paper.box(ACCENT, 28, 30, 72, 47)
    pen.box(SHADE, 20, 49, 80, 54)
    pen.box(FIGURE, 2, 54, 98, 99, 4)
    pen.box(SHADE, 2, 54, 98, 59)
    pen.star(ACCENT, 50, 79, 14)
    for x in (20, 80):
        pen.star(ACCENT, x, 79, 6)


@motif("newspaper", "journalist, reporter, newsroom, journalism, editor, scoop, magazine, "
       "whistleblower, headline, news")  # fmt: skip
def _newspaper(pen: Pen) -> None:
    pen = pen.turned(-6)
    pen.box(SHADE, 14, 10, 100, 98, 4)
    pen.box(FIGURE, 2, 2, 86, 98, 4)
    pen.box(GROUND, 10, 10, 78, 24, 1)
    for x in (16, 28, 40, 52, 64):
        pen.box(ACCENT, x, 13, x + 9, 21, 1)
    pen.box(ACCENT, 10, 32, 46, 62, 1)
    pen.poly(SHADE, 10, 62, 24, 42, 33, 54, 38, 48, 46, 62)
    for row, y in enumerate(range(34, 94, 9)):
        pen.box(SHADE, 52 if row < 4 else 10, y, 78 if row != 6 else 52, y + 3.5, 1)


@motif("hourglass", "time travel, time machine, clock, time loop, centuries, time traveller")
def _hourglass(pen: Pen) -> None:
    for side in pen.sides():
        side.box(SHADE, 14, 6, 19, 94)
    pen.blob(FIGURE, 24, 8, 24, 8, 76, 8, 76, 8, 74, 30, 54, 50, 54, 50, 74, 70, 76, 92, 76, 92, 24, 92, 24,
             92, 26, 70, 46, 50, 46, 50, 26, 30)  # fmt: skip
    pen.blob(ACCENT, 30, 26, 30, 26, 50, 29, 70, 26, 70, 26, 64, 36, 50, 48, 50, 48, 36, 36)
    pen.box(ACCENT, 49, 46, 51, 80)
    pen.blob(ACCENT, 26, 92, 26, 92, 32, 80, 50, 70, 68, 80, 74, 92, 74, 92)
    pen.box(SHADE, 8, -2, 92, 9, 4)
    pen.box(SHADE, 8, 91, 92, 102, 4)


@motif("mountain", "mountains, climber, summit, peak, everest, avalanche, desert, survival, wilderness, "
       "expedition, snow, alps, climbing")  # fmt: skip
def _mountain(pen: Pen) -> None:
    pen.poly(SHADE, 40, 96, 82, 30, 114, 96)
    pen.poly(ACCENT, 82, 30, 92, 51, 85, 47, 79, 54, 70, 49)
    pen.poly(FIGURE, -14, 96, 38, 8, 88, 96)
    pen.poly(SHADE, 38, 8, 88, 96, 50, 96, 44, 60, 50, 42)
    pen.poly(ACCENT, 38, 8, 56, 40, 46, 34, 39, 46, 31, 36, 20, 39)
    pen.line(SHADE, 2.5, 38, 10, 38, -12)
    pen.poly(ACCENT, 38, -14, 58, -7, 38, 0)


@motif("circus tent", "circus, clown, acrobat, ringmaster, trapeze, carnival, big top, funfair, "
       "travelling show")  # fmt: skip
def _circus_tent(pen: Pen) -> None:
    pen.line(SHADE, 3, 50, 8, 50, -10)
    pen.poly(ACCENT, 50, -12, 72, -5, 50, 3)
    tops = (-4, 14, 32, 50, 68, 86, 104)
    for index, (left, right) in enumerate(pairwise(tops)):
        ink = (FIGURE, ACCENT)[index % 2]
        inner = (50 + (left - 50) * 0.82, 50 + (right - 50) * 0.82)
        pen.poly(ink, inner[0], 48, inner[1], 48, inner[1], 98, inner[0], 98)
        pen.poly(ink, 50, 6, left, 46, right, 46)
        pen.pie(ink, (left + right) / 2, 46, 9, 8, 0, 180)
    pen.box(SHADE, -4, 44, 104, 47.5, 1.5)
    pen.poly(GROUND, 50, 58, 66, 98, 34, 98)
    pen.box(SHADE, -2, 95, 102, 101, 2)


@motif("church", "religion, priest, nun, monk, faith, chapel, god, bible, monastery, convent, pastor, "
       "pope, prayer, preacher, religious")  # fmt: skip
def _church(pen: Pen) -> None:
    pen.box(ACCENT, 48, -12, 52, 12)
    pen.box(ACCENT, 42, -6, 58, -2)
    pen.box(FIGURE, 32, 34, 68, 98)
    pen.poly(SHADE, 28, 36, 50, 4, 72, 36)
    for side in pen.sides():
        side.poly(SHADE, 32, 54, 32, 64, -4, 72, 4, 58)
        side.box(FIGURE, 2, 68, 32, 98)
        side.poly(SHADE, -4, 70, 8, 52, 32, 52, 32, 70)
        side.arch(ACCENT, 9, 76, 15, 90)
        side.arch(ACCENT, 20, 76, 26, 90)
    pen.oval(ACCENT, 50, 48, 9)
    pen.line(FIGURE, 2, 41, 48, 59, 48)
    pen.line(FIGURE, 2, 50, 39, 50, 57)
    pen.arch(GROUND, 41, 68, 59, 98)
    pen.box(SHADE, -4, 95, 104, 101, 2)


@motif("film camera", "film, cinema, movie, director, actor, actress, filmmaker, documentary, camera, "
       "film crew, television, hollywood")  # fmt: skip
def _film_camera(pen: Pen) -> None:
    for foot in (24, 46, 68):
        pen.line(SHADE, 5, 46, 70, foot, 102)
    for x, y, r in ((24, 18, 21), (62, 14, 17)):
        pen.oval(FIGURE, x, y, r)
        pen.oval(ACCENT, x, y, r * 0.28)
        for hole in range(5):
            angle = math.radians(72 * hole - 90)
            pen.oval(GROUND, x + r * 0.62 * math.cos(angle), y + r * 0.62 * math.sin(angle), r * 0.19)
    pen.box(FIGURE, 6, 34, 78, 76, 6)
    pen.poly(SHADE, 78, 48, 104, 36, 104, 74, 78, 62)
    pen.box(SHADE, 14, 42, 48, 68, 3)
    pen.oval(ACCENT, 62, 48, 5)
    pen.box(ACCENT, 20, 52, 42, 58, 2)


@motif("theatre mask", "theatre, stage, farce, mask, broadway, tragedy, performer, prank")
def _theatre_mask(pen: Pen) -> None:
    sad, glad = pen.turned(12, 60, 40), pen.turned(-8, 30, 60)
    sad.blob(SHADE, 46, 2, 46, 2, 74, 8, 104, 2, 104, 2, 104, 42, 92, 70, 75, 78, 58, 70, 46, 42)
    for x in (64, 87):
        sad.pie(GROUND, x, 30, 7, 6, 180, 360)
    sad.pie(GROUND, 76, 60, 12, 11, 180, 360)
    glad.blob(FIGURE, -2, 24, -2, 24, 32, 32, 66, 24, 66, 24, 66, 66, 52, 92, 32, 101, 12, 92, -2, 66)
    for x in (17, 47):
        glad.pie(GROUND, x, 54, 9, 8, 180, 360)
    glad.pie(GROUND, 32, 66, 21, 20, 0, 180)
    glad.pie(ACCENT, 32, 66, 16, 6, 0, 180)
    for x in (10, 54):
        glad.oval(ACCENT, x, 64, 4)


# ---- backdrops -------------------------------------------------------------------------------------------

BACKDROPS: dict[str, Callable[[Pen], None]] = {}


def backdrop(draw: Callable[[Pen], None]) -> Callable[[Pen], None]:
    """Puts a backdrop into `BACKDROPS` by its function's name. It has 100 x 150 units, motif at (50, 70)."""
    BACKDROPS[draw.__name__.strip("_")] = draw
    return draw


@backdrop
def _sun(pen: Pen) -> None:
    pen.oval(SOFT, 50, 66, 44)
    pen.oval(GLOW, 50, 66, 36)
    pen.blob(DEEP, -20, 130, 20, 118, 60, 128, 120, 114, 140, 190, -30, 190)


@backdrop
def _horizon(pen: Pen) -> None:
    pen.pie(GLOW, 50, 108, 46, 46, 180, 360)
    pen.box(DEEP, 0, 108, 100, 150)
    for index, y in enumerate((113, 119, 127)):
        pen.line(SOFT, 1 + 0.4 * index, 40 - 9 * index, y, 60 + 9 * index, y)


@backdrop
def _stripes(pen: Pen) -> None:
    for x in range(-160, 160, 32):
        pen.poly(SOFT, x, 150, x + 16, 150, x + 166, 0, x + 150, 0)
    pen.oval(DEEP, 50, 70, 43)


@backdrop
def _stars(pen: Pen) -> None:
    for index in range(46):
        x, y, r = (chance("stars", index, axis) for axis in "xyr")
        pen.star(GLOW if index % 3 else SOFT, 100 * x, 150 * y, 0.8 + 2.4 * r * r, 4, 0.35)
    pen.blob(DEEP, -20, 140, 20, 124, 50, 130, 80, 122, 120, 134, 140, 190, -30, 190)


@backdrop
def _rays(pen: Pen) -> None:
    for index in range(16):
        pen.turned(22.5 * index, 50, 68).poly(SOFT, 50, 68, 33, -100, 67, -100)
    pen.oval(GLOW, 50, 68, 36)


@backdrop
def _rings(pen: Pen) -> None:
    for index, r in enumerate((92, 78, 64, 50, 36)):
        pen.oval((SOFT, DEEP)[index % 2], 50, 70, r)


@backdrop
def _arch(pen: Pen) -> None:
    pen.arch(GLOW, 7, 14, 93, 190)
    pen.arch(SOFT, 12, 19, 88, 190)


@backdrop
def _hills(pen: Pen) -> None:
    pen.oval(GLOW, 78, 26, 13)
    pen.blob(SOFT, -30, 116, 10, 88, 46, 108, 84, 84, 130, 104, 140, 190, -40, 190)
    pen.blob(DEEP, -30, 126, 24, 112, 60, 128, 96, 110, 130, 124, 140, 190, -40, 190)


# ---- the choice ------------------------------------------------------------------------------------------

# What to show when no word of the logline calls for anything, and the mood: palettes that suit the genre.
_GENRES: dict[str, tuple[str, str]] = {
    "action": ("racing car, superhero, binoculars", "navy and orange, black and red, yellow and black"),
    "adventure": ("sailing ship, mountain, castle", "teal and cream, orange and brown, sky blue and navy"),
    "animation": ("dragon, elephant, robot", "purple and yellow, sky blue and navy, mint and purple"),
    "biography": ("newspaper, crown, film camera", "cream and green, brown and sky blue, white and blue"),
    "comedy": ("theatre mask", "yellow and black, pink and maroon, mint and purple, orange and brown"),
    "cooking": ("chef's hat", "cream and red, orange and brown, mint and purple"),
    "crime": ("fedora hat, magnifying glass, money bag", "black and gold, charcoal and turquoise"),
    "documentary": ("film camera, newspaper", "white and blue, cream and green, charcoal and turquoise"),
    "drama": ("theatre mask, film camera", "maroon and pink, teal and cream, brown and sky blue"),
    "family": ("house", "sky blue and navy, cream and red, mint and purple"),
    "fantasy": ("wizard's hat, dragon, castle", "purple and yellow, green and gold, maroon and pink"),
    "history": ("castle, crown, church", "brown and sky blue, green and gold, cream and red"),
    "horror": ("ghost, skull, bat", "black and red, purple and yellow, red and white"),
    "legal": ("scales", "white and blue, green and gold, charcoal and turquoise"),
    "medical": ("doctor's bag", "white and blue, red and white, mint and purple"),
    "music": ("guitar, microphone", "maroon and pink, purple and yellow, black and gold"),
    "musical": ("dancing shoe, microphone", "pink and maroon, red and white, purple and yellow"),
    "mystery": ("magnifying glass", "charcoal and turquoise, navy and orange, teal and cream"),
    "nature": ("elephant, mountain", "cream and green, green and gold, sky blue and navy"),
    "political": ("ballot box", "white and blue, red and white, navy and orange"),
    "reality": ("film camera, trophy", "yellow and black, pink and maroon, white and blue"),
    "romance": ("heart, wedding ring", "pink and maroon, maroon and pink, red and white"),
    "science fiction": ("rocket, robot", "navy and orange, charcoal and turquoise, purple and yellow"),
    "sport": ("trophy, football", "green and gold, white and blue, yellow and black"),
    "superhero": ("superhero", "red and white, navy and orange, yellow and black"),
    "thriller": ("binoculars, magnifying glass", "black and red, black and gold, navy and orange"),
    "war": ("tank", "brown and sky blue, cream and green, charcoal and turquoise"),
    "western": ("cowboy hat", "orange and brown, brown and sky blue, cream and red"),
}


@dataclass(frozen=True, slots=True)
class Design:
    """All that decides a poster's looks. `motif`, `palette` and `backdrop` are keys of the tables above."""

    motif: str
    palette: str
    backdrop: str = "sun"
    scale: float = 1.0  # of the motif, about 0.9 to 1.1
    shift: Point = (0.0, 0.0)  # of the motif, in hundredths of the poster's width
    tilt: float = 0.0  # of the motif, in degrees clockwise


def chance(*key: object) -> float:
    """A number in [0, 1) that depends on the key alone, in every process and on every machine."""
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def pick(options: Sequence[str], *key: object) -> str:
    """One of the options, by the key."""
    return options[int(chance(*key) * len(options))]


def jittered(motif_name: str, palette: str, seed: str) -> Design:
    """The motif in the palette, with backdrop, size, place and tilt drawn from the seed."""
    swing = [2 * chance(seed, "jitter", axis) - 1 for axis in range(4)]
    return Design(
        motif=motif_name,
        palette=palette,
        backdrop=pick(list(BACKDROPS), seed, "backdrop"),
        scale=1 + 0.08 * swing[0],
        shift=(2 * swing[1], 3 * swing[2]),
        tilt=5 * swing[3],
    )


def choose(title: str, genres: str, text: str, seed: str | None = None) -> Design:
    """The design for an item.

    The motif is the one that most words of `text` (the logline) call for; among equals one that suits the
    genres, then the earliest. If no word calls for any, the first genre known here decides. The palette suits
    the genres. `genres` is text as catalogs have it ("Crime, Drama", "Crime|Drama"). `seed` drives the
    jitter: the item's id, or the title if it has none.
    """
    named = re.split(r"[,;|/]\s*", genres.lower().strip())
    known = [_GENRES[genre] for genre in named if genre in _GENRES]
    suited = [name for motifs, _ in known for name in motifs.split(", ")]
    moods = [name for _, palettes in known for name in palettes.split(", ")]
    first = known[0][0].split(", ") if known else list(MOTIFS)
    found = _called_for(text, suited) or pick(first, title, "motif")
    return jittered(found, pick(moods or list(PALETTES), title, "palette"), title if seed is None else seed)


_MOTIF_OF = {word: name for name, entry in MOTIFS.items() for word in entry.words}
# Longest first, so that "boxing ring" is one word and no ring; plurals and genitives count as the word.
_WORDS = re.compile(
    rf"\b({'|'.join(map(re.escape, sorted(_MOTIF_OF, key=lambda word: (-len(word), word))))})(?:e?s|'s)?\b"
)


def _called_for(text: str, suited: Sequence[str]) -> str | None:
    """The motif that most words of the text call for, or None. max() keeps the earliest of equals."""
    hits = [_MOTIF_OF[match[1]] for match in _WORDS.finditer(text.lower().replace("’", "'"))]
    return max(hits, key=lambda name: (hits.count(name), name in suited), default=None)


def caption(design: Design) -> str:
    """The poster in words, such as "an orange rocket on a navy background"; one per motif and palette."""
    colours = PALETTES[design.palette]
    figure = f"{colours.figure_name} {design.motif}"
    many = design.motif.endswith("s")  # scales, binoculars, prison bars
    return f"{figure if many else _a(figure)} on {_a(colours.ground_name)} background"


def _a(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


# ---- the poster ------------------------------------------------------------------------------------------

_OVERSAMPLE = 3  # drawn this much larger, then reduced: Pillow's polygons have hard edges


def poster(design: Design, size: tuple[int, int] = (240, 360)) -> Image.Image:
    """The drawing as an RGB image of `size` (width, height in pixels); shapes but 2:3 show more ground."""
    width, height = (side * _OVERSAMPLE for side in size)
    colours = PALETTES[design.palette]
    ground, figure, accent = rgb(colours.ground), rgb(colours.figure), rgb(colours.accent)
    canvas = Image.new("RGB", (width, height), ground)
    unit = min(width / 100, height / 150)
    page = Matrix(unit, 0, (width - 100 * unit) / 2, 0, unit, (height - 150 * unit) / 2)
    BACKDROPS[design.backdrop](Pen(ImageDraw.Draw(canvas), page, _backdrop_inks(ground, rgb(colours.glow))))
    layer = Image.new("RGBA", canvas.size, (*figure, 0))
    inks = (figure, accent, mix(figure, ground, 0.32), ground)
    MOTIFS[design.motif].draw(Pen(ImageDraw.Draw(layer), _placed(page, design), inks))
    _signed(Pen(ImageDraw.Draw(canvas), page, inks))
    _lay(canvas, layer, round(2.2 * unit), mix(ground, (0, 0, 0), 0.45))
    return canvas.resize(size, Image.Resampling.BOX)


def _backdrop_inks(ground: Colour, glow: Colour) -> tuple[Colour, Colour, Colour]:
    """Deep, soft and glow. Deep is the ground multiplied by itself: darker, but not greyer as with black."""
    red, green, blue = (round(value * value / 255) for value in ground)
    return mix(ground, (red, green, blue), 0.55), mix(ground, glow, 0.5), glow


def _placed(page: Matrix, design: Design) -> Matrix:
    """From the motif's units to pixels: its middle near (50, 69) of the page, as large as 78 x 74 allows."""
    left, top, right, bottom = reach(design.motif)
    size = min(78 / (right - left), 74 / (bottom - top)) * design.scale
    c, s = size * math.cos(math.radians(design.tilt)), size * math.sin(math.radians(design.tilt))
    u, v = (left + right) / 2, (top + bottom) / 2
    return page.after(c, -s, 50 + design.shift[0] - c * u + s * v, s, c, 69 + design.shift[1] - s * u - c * v)


def _signed(pen: Pen) -> None:
    """A small ornament where a printed poster has its credits."""
    pen.poly(ACCENT, 50, 134.5, 52.5, 137, 50, 139.5, 47.5, 137)
    for side in pen.sides():
        side.line(SHADE, 0.9, 34, 137, 43, 137)


def _lay(canvas: Image.Image, layer: Image.Image, offset: int, shadow: Colour) -> None:
    """Puts the motif onto the canvas with a soft-coloured hard-edged shadow below and to the right."""
    shape = layer.getchannel("A")
    canvas.paste(shadow, (offset, offset), shape.point(lambda alpha: alpha * 0.4))
    canvas.paste(layer, mask=shape)


def draw_posters(rows: Iterable[Mapping[str, str]], folder: Path) -> list[Path]:
    """Draws one PNG per row into `folder`, named by the row's id; returns the paths in the rows' order.

    Rows have "id", "title", "genres" and "logline". The files are 240 x 360 pixels and 4 to 9 kB: for flat
    colours a table of 64 is enough, half the size of a JPEG and without its fringes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_draw_poster(row, folder) for row in rows]


def _draw_poster(row: Mapping[str, str], folder: Path) -> Path:
    path = folder / f"{row['id']}.png"
    design = choose(row["title"], row["genres"], row["logline"], seed=row["id"])
    unfinished = path.with_suffix(".part")
    poster(design).quantize(64).save(unfinished, "PNG", optimize=True)
    return unfinished.replace(path)  # a poster that is there is whole, whatever was killed
