"""War, history, fantasy and fear."""

from tools.sample.motifs.base import Motifs
from tools.sample.pen import ACCENT, FIGURE, GROUND, SHADE, Pen

MOTIFS = Motifs()
motif = MOTIFS.add


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
