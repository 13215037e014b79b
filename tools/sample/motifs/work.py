"""Space and machines, crime and law, medicine and school."""

from tools.sample.motifs.base import Motifs
from tools.sample.pen import ACCENT, FIGURE, GROUND, SHADE, Pen

MOTIFS = Motifs()
motif = MOTIFS.add


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
