"""Draws the sample catalog's posters into discover/sample/posters: `python -m tools.sample.draw`.

Real posters belong to their studios, so the sample has drawings of its own. A poster is a `Design`: a motif (what is
shown), a palette (two named colours, an accent and a glow), a backdrop (the shapes behind) and a little
jitter. `choose` reads a title, its genres and its logline and returns the design; `poster` draws it;
`caption` says it in words. All of it is a pure function of its input: chance comes from SHA-256 of the item's
id, so the same row gives the same pixels in every process. No fonts, no network.

Motifs are drawn on some 100 x 100 units and then made to fit, backdrops on 100 x 150.
"""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

from discover import sample
from tools.sample.backdrops import BACKDROPS
from tools.sample.colours import PALETTES, mix, rgb
from tools.sample.dice import chance, pick
from tools.sample.motifs import MOTIFS
from tools.sample.pen import ACCENT, SHADE, Colour, Matrix, Pen, Point

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
    """All that decides a poster's looks. `motif`, `palette` and `backdrop` are names."""

    motif: str
    palette: str
    backdrop: str = "sun"
    scale: float = 1.0  # of the motif, about 0.9 to 1.1
    shift: Point = (0.0, 0.0)  # of the motif, in hundredths of the poster's width
    tilt: float = 0.0  # of the motif, in degrees clockwise


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


def posters(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, Image.Image]]:
    """The id and the drawing of each row, which has "id", "title", "genres" and "logline".

    Drawings are RGB, 240 x 360 pixels, of 64 colours: enough for flat ones, and half the bytes.
    """
    for row in rows:
        design = choose(row["title"], row["genres"], row["logline"], seed=row["id"])
        yield row["id"], poster(design).quantize(64).convert("RGB")


def draw_posters(rows: Iterable[Mapping[str, str]], folder: Path) -> list[Path]:
    """Draws one lossless WebP per row (see `posters`) into `folder`, named by the row's id; their paths, in order.

    The files have 2 to 7 kB. PNG takes a quarter more, and a sheet of many posters two thirds more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for id, drawing in posters(rows):
        paths.append(folder / f"{id}.webp")
        drawing.save(paths[-1], "WEBP", lossless=True, quality=25, method=4)  # 100 and 5: 30 times the time, 0.4 % less
    return paths


def main() -> None:
    """Draws the posters that ship, and removes those of items that the sample catalog no longer has."""
    folder = sample.home() / sample.POSTERS
    with (sample.home() / "catalog.csv").open(encoding="utf-8", newline="") as file:
        drawn = draw_posters(csv.DictReader(file), folder)
    for stale in set(folder.glob("*.webp")) - set(drawn):
        stale.unlink()
    print(f"{folder}: {len(drawn)} posters, {sum(path.stat().st_size for path in drawn):,} bytes")


if __name__ == "__main__":
    main()
