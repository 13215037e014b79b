"""Every section of the folder keeps the contract; and what each finds in odd nights."""

import json
import re
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from PIL import Image

from discover.core import plugins, words
from discover.core.types import Reject
from discover.report import palette, posters, sections
from discover.report.sections import _words, base
from discover.report.sections.base import Section, tidy
from discover.report.sections.quality import Quality, grouped
from tests.report.sections import nights

NIGHTS = {name: getattr(nights, name) for name in ("planted", "later", "single", "themeless", "hostile", "large")}


@pytest.fixture(scope="module", params=NIGHTS)
def results(request):
    return NIGHTS[request.param]()


@pytest.fixture(params=plugins.names(sections))
def section(request):
    return plugins.load(sections, request.param)


def test_contract(section, results):
    assert isinstance(section, Section) and isinstance(section.order, int)
    facts = tidy(section.facts(results))
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts == tidy(section.facts(results))
    for brief in (False, True):
        html = section.html(facts, tidy(section.assets(results, facts)), brief)
        assert html.strip()
        assert html == section.html(json.loads(json.dumps(facts)), tidy(section.assets(results, facts)), brief)
        assert section.markdown(facts, brief)


def test_orders_differ():
    orders = [plugins.load(sections, name).order for name in plugins.names(sections)]
    assert len(set(orders)) == len(orders)


def test_nothing_on_the_map(section):
    results = nights.themeless()
    nowhere = np.full_like(results.themes.map, np.nan)
    facts = tidy(section.facts(replace(results, themes=replace(results.themes, map=nowhere))))
    assert section.html(facts, {})


def test_every_form_names_line_column_item_and_value_of_what_was_set_aside():
    results = nights.planted()
    rejects = (
        Reject(7, "views", "not a number", "many *", False, "s00001"),
        Reject(9, "hours", "not a number", "1/2", False),
        Reject(11, None, "2 cells where the header has 3", "a;b", True),
        Reject(12, None, "2 cells where the header has 3", "", True),
    )
    facts = tidy(Quality().facts(replace(results, catalog=replace(results.catalog, rejects=rejects))))
    listed = [line for line in Quality().markdown(facts).splitlines() if line.startswith("- Set aside")]
    assert listed == [
        "- Set aside: 2 cells where the header has 3, 2 times (whole rows): line 11, “a;b”; line 12",
        "- Set aside: not a number, 2 times (the value only): "
        "line 7, column views, item s00001, “many \\*”; line 9, column hours, “1/2”",
    ]
    html = Quality().html(facts, {})
    assert all(f"<bdi>{told}</bdi>" in html for told in ("views", "hours", "s00001", "many *", "1/2", "a;b"))


def test_rejects_are_one_group_where_only_items_and_numbers_differ():
    rejects = [
        Reject(None, "image", "cannot be decoded (x)", "p", False, "a: b"),
        Reject(None, "image", "cannot be decoded (x)", "q" * 100, False, "c"),
        Reject(7, "id", "line 3 has the same id with other content", "", True),
        Reject(9, "id", "line 5 has the same id with other content", "", True),
        Reject(11, "id", "line 5 has the same id with other content", "", True),
    ]
    repeated, broken = grouped(rejects)
    assert (repeated["reason"], repeated["count"]) == ("line … has the same id with other content", 3)
    assert (broken["reason"], broken["count"], broken["rows_dropped"]) == ("cannot be decoded (x)", 2, 0)
    assert [example["item"] for example in broken["examples"]] == ["a: b", "c"]
    assert [len(example["value"]) for example in broken["examples"]] == [1, 80]


def test_quality_says_what_was_guessed_and_not_used():
    quality = Quality()
    html = quality.html(tidy(quality.facts(nights.planted())), {})
    lines = [line for line in html.splitlines() if "(guessed)" in line]
    assert len(lines) == 1 and "<bdi>description</bdi>" in lines[0]
    assert "Not used: <bdi>rating</bdi>, <bdi>duration</bdi>." in html
    plain = quality.html(tidy(quality.facts(nights.themeless())), {})
    assert "(guessed)" not in plain and "Not used" not in plain


@pytest.mark.parametrize(
    ("part", "text"),
    [(0, "0%"), (0.0001, "<0.1%"), (0.0417, "4.2%"), (0.0995, "10%"), (0.28, "28%"), (0.9951, ">99%"), (1, "100%")],
)
def test_shares(part, text):
    assert words.share(part) == text


def test_other_words():
    assert [words.seconds(s) for s in (0.214, 41.72, 59.96, 135, 7322)] == [
        "0.21 s",
        "41.7 s",
        "1 min 0 s",
        "2 min 15 s",
        "2 h 2 min",
    ]
    assert words.moment("2024-03-01T02:14:07Z") == "1 March 2024, 02:14 UTC"
    assert words.moment("some day") == "some day"
    assert words.plural(1, "item") == "1 item" and words.plural(8807, "item") == "8,807 items"
    assert json.loads(_words.for_script(nights.HOSTILE)) == list(nights.HOSTILE)
    assert "<" not in _words.for_script(nights.HOSTILE)


def test_posters_of_any_kind(tmp_path):
    paths = {}
    for name, mode, size in (("a.png", "RGBA", (900, 100)), ("b.gif", "P", (40, 900)), ("c.jpg", "CMYK", (400, 600))):
        paths[name] = str(tmp_path / name)
        Image.new(mode, size).save(paths[name])
    (tmp_path / "broken.jpg").write_bytes(b"GIF89a")
    Image.new("1", (6000, 6000)).save(tmp_path / "bomb.png")
    refused = [str(tmp_path / name) for name in ("broken.jpg", "bomb.png", "none.jpg")] + [
        "https://x/y.jpg",
        str(tmp_path),
    ]
    found = posters.embed([list(paths.values()), refused])
    assert set(found) == set(paths.values())
    assert all(len(uri) < 3_000 for uri in found.values())


def test_posters_keep_to_their_budget_and_every_group_gets_its_first(tmp_path):
    rng = np.random.default_rng(1)
    groups = [[str(tmp_path / f"{group}-{i}.png") for i in range(3)] for group in range(4)]
    for path in chain.from_iterable(groups):
        Image.fromarray(rng.integers(0, 256, (180, 120, 3), dtype=np.uint8)).save(path)
    one = len(next(iter(posters.embed([groups[0][:1]]).values())))
    found = posters.embed(groups, total=6 * one)
    assert sum(map(len, found.values())) <= 6 * one
    assert {group[0] for group in groups} <= set(found)


SEEN = {  # what colours become in the eyes of people: Machado, Oliveira and Fernandes 2009, severity 1, linear RGB
    "all": np.eye(3),
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def oklab(colours, eyes):
    """Ottosson 2020, "A perceptual color space for image processing"."""
    values = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4) @ np.array(SEEN[eyes]).T
    cones = linear.clip(0, 1) @ np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    ).T  # fmt: skip
    return np.cbrt(cones) @ np.array(
        [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    ).T  # fmt: skip


@pytest.mark.parametrize("eyes", SEEN)
def test_any_two_colours_are_told_apart_by_any_eyes(eyes):
    text = base.read("_tokens.css")
    for scheme in (text.partition("@media")[0], text.partition("@media")[2]):
        colours = dict(re.findall(r"--(c\d|outlier): (#\w+)", scheme))
        seen = oklab([colours[name] for name in ("outlier", *(f"c{i}" for i in range(8)))], eyes)
        gaps = np.linalg.norm(seen[:, None] - seen[None], axis=2) + np.eye(9)
        assert gaps.min() >= 0.1


def test_names_of_all_levels_stay_at_their_items_while_these_are_in_the_theme():
    results = nights.planted()
    themes, rows = results.themes, results.catalog.rows
    assert {theme.level for theme in results.named} == {0, 1}
    for theme in results.named:
        own = np.sort(themes.rows(theme))
        gaps = np.linalg.norm(themes.map[own] - np.median(themes.map[own], axis=0), axis=1)
        stands = own == rows[results.places[theme.id].item]
        assert gaps[stands] == pytest.approx(gaps.min(), abs=1e-5)  # of a pair either will do
    shaken = replace(themes, map=themes.map + np.random.default_rng(3).normal(size=themes.map.shape).astype("f4"))
    kept = palette.places(shaken, results.catalog.ids, results.places)
    assert kept == results.places != palette.places(shaken, results.catalog.ids, {})
    lost = results.named[-1]
    members = themes.levels[lost.level].members.copy()
    members[rows[results.places[lost.id].item]] = -1
    levels = (themes.levels[0], replace(themes.levels[1], members=members))
    moved = palette.places(replace(themes, levels=levels), results.catalog.ids, results.places)
    assert members[rows[moved[lost.id].item]] == lost.number
    assert {id for id in moved if moved[id] != results.places[id]} == {lost.id}


def test_colours_repeat_only_far_away():
    results = nights.large()
    found = results.places.values()
    points = np.array([results.themes.map[results.catalog.rows[each.item]] for each in found])
    colours = np.array([each.colour for each in found])
    assert colours[:8].tolist() == list(range(8)) and set(colours) <= set(range(8))
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + np.eye(len(points)) * 99
    nearest = gaps.argmin(axis=1)
    assert (colours == colours[nearest]).mean() < 0.1
