"""Love, home, sport, food and music."""

from tools.sample.motifs.base import Motifs
from tools.sample.pen import ACCENT, FIGURE, GROUND, SHADE, Pen

MOTIFS = Motifs()
motif = MOTIFS.add


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
