"""The demo as a newcomer runs it: the sample catalog, its posters, and the toy picture model."""

import csv
import json
import subprocess
import sys

import pytest

import discover
from discover import sample
from tools.sample import draw


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "discover", "demo", "--json"]
    runs = [subprocess.run(command, cwd=folder, capture_output=True, text=True) for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr + runs[1].stderr
    return folder / "demo-workspace", [json.loads(run.stdout) for run in runs]


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


def test_the_second_demo_encodes_nothing(demo):
    _, (first, second) = demo
    assert first["counts"]["items"] == len(rows())
    assert first["counts"]["encoded"] == 2 * len(rows())  # words and pictures
    assert (second["counts"]["encoded"], second["version"]) == (0, 2)


def test_the_demo_finds_themes_and_maps_every_column(demo):
    workspace, (first, _) = demo
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
