"""The shapes behind a motif, by name."""

from collections.abc import Callable

from tools.sample.dice import chance
from tools.sample.pen import DEEP, GLOW, SOFT, Pen

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
