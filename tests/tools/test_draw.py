"""The drawn posters: the same everywhere, all within reach, told apart by their captions."""

import csv
import json
import subprocess
import sys
from itertools import combinations, product
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from discover import sample
from tools.sample.backdrops import BACKDROPS
from tools.sample.colours import PALETTES, rgb
from tools.sample.draw import Design, caption, choose, draw_posters, poster, posters
from tools.sample.motifs import MOTIFS
from tools.sample.pen import Colour

ROWS = [
    {"id": f"item-{number}", "title": f"The {name}", "genres": "Drama", "logline": f"About {entry.words[1]}."}
    for number, (name, entry) in enumerate(MOTIFS.items())
]
DRAW = """
import json, sys
from pathlib import Path
from tools.sample.draw import draw_posters
draw_posters(json.load(sys.stdin), Path(sys.argv[1]))
"""


def test_the_posters_that_ship_are_what_is_drawn_today() -> None:
    """Every tenth: all of them take half a minute. `python -m tools.sample.draw` after any change of the drawing."""
    with (sample.home() / "catalog.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::10]
    for id, drawing in posters(rows):
        shipped = Image.open(sample.home() / sample.POSTERS / f"{id}.webp")
        assert (shipped.mode, shipped.size) == (drawing.mode, drawing.size)
        assert ImageChops.difference(shipped, drawing).getbbox() is None, id


def test_files_are_equal_byte_for_byte_in_another_process(tmp_path: Path) -> None:
    here = draw_posters(ROWS, tmp_path / "here")
    subprocess.run(
        [sys.executable, "-c", DRAW, str(tmp_path / "there")],
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": "1"},
        input=json.dumps(ROWS),
        check=True,
        text=True,
    )
    there = [tmp_path / "there" / path.name for path in here]
    assert [path.read_bytes() for path in here] == [path.read_bytes() for path in there]


def test_files_are_small_lossless_posters_named_by_id(tmp_path: Path) -> None:
    paths = draw_posters(ROWS, tmp_path)
    assert [path.stem for path in paths] == [row["id"] for row in ROWS]
    assert max(path.stat().st_size for path in paths) <= 15_000
    assert {(Image.open(path).format, Image.open(path).size) for path in paths} == {("WEBP", (240, 360))}
    for path, (_, drawing) in zip(paths, posters(ROWS), strict=True):
        assert ImageChops.difference(Image.open(path), drawing).getbbox() is None


@pytest.mark.parametrize("motif", MOTIFS)
def test_each_of_its_words_leads_to_a_motif(motif: str) -> None:
    words = MOTIFS[motif].words
    assert {word: choose("Any", "Drama", f"Once, {word}, no more.").motif for word in words} == dict.fromkeys(
        words, motif
    )


def test_no_word_calls_for_two_motifs() -> None:
    words = [word for entry in MOTIFS.values() for word in entry.words]
    assert len(words) == len(set(words))


def test_every_palette_and_backdrop_is_reached() -> None:
    designs = [choose(f"Title {number}", "", "") for number in range(1000)]
    assert {design.palette for design in designs} == set(PALETTES)
    assert {design.backdrop for design in designs} == set(BACKDROPS)


@pytest.mark.parametrize(
    ("genres", "logline", "motif"),
    [
        ("Crime", "Two detectives and one killer in Oslo.", "magnifying glass"),  # words, then genre
        ("Horror, Drama", "A priest meets a spirit and a demon.", "ghost"),  # most words
        ("Sport", "The boxing ring before the wedding.", "boxing glove"),  # the earliest of equals
        ("Mystery", "A novelist is found dead by a detective.", "magnifying glass"),  # of equals the genre's
        ("Legal|Drama", "Nothing here says what.", "scales"),  # genre, where no word calls
        ("", "A Chef’s knives are stolen.", "chef's hat"),  # a typographic apostrophe
    ],
)
def test_choice_of_the_motif(genres: str, logline: str, motif: str) -> None:
    assert choose("Any", genres, logline).motif == motif


GENRES = (
    "Action", "Adventure", "Animation", "Biography", "Comedy", "Cooking", "Crime", "Documentary",
    "Drama", "Family", "Fantasy", "History", "Horror", "Legal", "Medical", "Music", "Musical", "Mystery",
    "Nature", "Political", "Reality", "Romance", "Science Fiction", "Sport", "Superhero", "Thriller",
    "War", "Western",
)  # fmt: skip


@pytest.mark.parametrize("genre", GENRES)
def test_a_genre_without_words_gives_few_motifs_and_moods(genre: str) -> None:
    designs = [choose(f"Title {number}", genre, "") for number in range(100)]
    assert 1 <= len({design.motif for design in designs} & set(MOTIFS)) <= 3
    assert 2 <= len({design.palette for design in designs} & set(PALETTES)) <= 4


def test_unknown_genres_and_no_words_still_give_a_design() -> None:
    assert choose("Any", "Telenovela", "").motif in MOTIFS


def test_the_seed_moves_the_motif_and_changes_nothing_that_the_caption_says() -> None:
    first, second = (choose("Any", "War", "A tank.", seed=seed) for seed in ("1", "2"))
    assert first != second
    assert caption(first) == caption(second)


def test_captions_tell_all_pairs_of_motif_and_palette_apart() -> None:
    captions = {caption(Design(motif, palette)) for motif, palette in product(MOTIFS, PALETTES)}
    assert len(captions) == len(MOTIFS) * len(PALETTES)
    assert caption(Design("rocket", "navy and orange")) == "an orange rocket on a navy background"
    assert caption(Design("scales", "orange and brown")) == "brown scales on an orange background"


def test_drawings_of_all_motifs_differ_visibly() -> None:
    drawings = [poster(Design(motif, "navy and orange"), (80, 120)) for motif in MOTIFS]
    for one, other in combinations(drawings, 2):
        assert ImageStat.Stat(ImageChops.difference(one, other).convert("L")).mean[0] > 4


@pytest.mark.parametrize("palette", PALETTES)
def test_figure_stands_out_from_ground_without_colour_vision(palette: str) -> None:
    colours = PALETTES[palette]
    ground, figure = _luminance(rgb(colours.ground)), _luminance(rgb(colours.figure))
    assert (max(ground, figure) + 0.05) / (min(ground, figure) + 0.05) >= 4


@pytest.mark.parametrize("motif", MOTIFS)
def test_motifs_stay_on_the_page_at_every_extreme_of_the_jitter(motif: str) -> None:
    """The outermost columns, above the sea of this backdrop, show the ground alone."""
    for x, tilt in product((-2.0, 2.0), (-5.0, 5.0)):
        drawing = poster(Design(motif, "white and blue", "horizon", 1.08, (x, 0.0), tilt))
        edges = [drawing.crop((left, 0, left + 1, 255)).getcolors() for left in (0, 239)]
        assert edges == [[(255, rgb(PALETTES["white and blue"].ground))]] * 2


def _luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2 defines it, 0 to 1."""
    red, green, blue = (_linear(value / 255) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4
