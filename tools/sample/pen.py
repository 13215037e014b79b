"""The pen: flat shapes in units, drawn onto an image.

Every shape becomes a filled polygon. The pen's matrix turns units into pixels: so jitter, tilt and mirrors are free.
Inks are roles, not colours: a drawing says `FIGURE` or `ACCENT`, the palette decides what that looks like.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

Colour = tuple[int, int, int]
Point = tuple[float, float]

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
