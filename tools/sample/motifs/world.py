"""Nature, public life, faith and the stage."""

import math
from itertools import pairwise

from tools.sample.motifs.base import Motifs
from tools.sample.pen import ACCENT, FIGURE, GROUND, SHADE, Pen

MOTIFS = Motifs()
motif = MOTIFS.add


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
