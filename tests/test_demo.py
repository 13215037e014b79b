"""The demo as a newcomer runs it: the sample catalog, its posters, and the toy picture model."""

import csv
import json

import pytest

import discover
from discover import sample
from tests.shell import command
from tools.sample import draw


@pytest.fixture(scope="module")
def demo(shared):
    folder = shared.read("demo")
    return folder / "demo-workspace", json.loads((folder / "summary.json").read_text())


def rows():
    with (sample.home() / "catalog.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sample_is_what_it_says():
    found = rows()
    assert len(found) >= 600
    assert len({row["id"] for row in found}) == len(found)
    assert len({row["country"].split(",")[0] for row in found}) >= 40
    assert len({row["release_date"][:3] for row in found}) >= 10  # decades
    assert all(20 <= len(row["logline"].split()) <= 55 for row in found)
    assert "views (simulated)" in found[0]


def test_the_second_demo_encodes_nothing(demo, shared, tmp_path):
    _, first = demo
    folder = shared.copy("demo", tmp_path / "demo")
    again = command("demo", "--json", cwd=folder)
    assert again.returncode == 0, again.stderr
    second = json.loads(again.stdout)
    assert first["counts"]["items"] == len(rows())
    assert first["counts"]["encoded"] == 2 * len(rows())  # words and pictures
    assert (second["counts"]["encoded"], second["version"]) == (0, 2)


def test_the_demo_finds_themes_and_maps_every_column(demo):
    workspace, first = demo
    assert first["counts"]["themes"] >= 5
    assert set(first["mapping"]) >= {"id", "title", "description", "genres", "country", "released", "image", "audience"}
    assert first["warnings"] == []
    assert "data:image/jpeg;base64," in discover.open(workspace).report.read_text()


@pytest.mark.parametrize("word", ["rocket", "ghost", "castle", "chef's hat", "submarine", "guitar"])
def test_words_find_pictures(demo, word):
    engine = discover.open(demo[0])
    found = engine.search(word, k=3, weights={"image": 1.0})
    drawn = {row["id"]: draw.choose(row["title"], row["genres"], row["logline"]).motif for row in rows()}
    there = list(drawn.values()).count(word)
    assert [drawn[match.id] for match in found].count(word) >= min(2, there) > 0


def test_words_and_pictures_together_sum_to_the_score(demo):
    engine = discover.open(demo[0])
    for match in engine.search("a rocket flies to the moon", k=20):
        assert set(match.parts) | set(match.missing) == {"text", "image", "lexical"}
        assert {"text", "image"} <= set(match.parts)
        assert sum(match.parts.values()) == pytest.approx(match.score, abs=1e-6)
