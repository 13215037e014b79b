"""Explanations add up, name what was planted, and hold when the named evidence is taken away; dossiers escape."""

import json
import re
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

import discover
from benchmarks import faithfulness
from discover import cli
from discover.core.errors import ModelError, UnknownItemError, UsageError
from discover.core.types import Dossier
from discover.report import dossier as forms
from discover.search import sentences
from discover.testing import WORLDS
from tests.shell import command

NAMES = [f"{first} {last}" for first in ("Ada", "Bo", "Cleo", "Dov", "Eve") for last in ("Moss", "Reed", "Stone")]
PLACES = (
    "It rains all week.",
    "Nobody in the village sleeps.",
    "The summer is long and hot.",
    "A letter arrives late.",
)
HOSTILE = "<script>alert(1)</script> | pipe & [link](javascript:alert(2))\n# *x* `y` </style><img src=x onerror=z>"


def films(count=120, seed=0):
    """Items of two worlds each: two sentences of the first, one of the second, one that says nothing."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        first, second = random.choice(list(WORLDS), 2, replace=False)
        own, other = random.permutation(WORLDS[first].split()), random.permutation(WORLDS[second].split())
        said = [
            f"The {own[0]} and the {own[1]} fear a {own[2]}.",
            f"A {own[3]} waits for the {own[4]}, the {own[5]} too.",
            f"Then the {other[0]} meets a {other[1]} and a {other[2]}.",
            str(random.choice(PLACES)),
        ]
        rows.append(
            {
                "id": f"f{number:03d}",
                "title": f"Film {number}",
                "description": " ".join(random.permutation(said)),
                "genres": f"{first}, {second}",
                "cast": ", ".join(random.choice(NAMES, 3, replace=False)),
                "release_date": f"{random.integers(1970, 2024)}-05-15",
            }
        )
    rows[7] |= {"title": HOSTILE}
    rows[8] |= {"description": "", "genres": "", "cast": "", "release_date": ""}  # of which nothing is known
    return rows


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    discover.run(films(), workspace=folder / "ws")
    return folder / "ws"


@pytest.fixture(scope="module")
def engine(workspace):
    return discover.open(workspace)


def pairs(engine, count, seed):
    random = np.random.default_rng(seed)
    return [[engine.catalog.ids[i] for i in random.choice(len(engine.catalog), 2, replace=False)] for _ in range(count)]


@pytest.mark.parametrize("weights", [None, {"text": 1}, {"metadata": 1.0, "lexical": 0.2}])
def test_the_score_is_that_of_similar_and_evidence_sums_to_it(engine, weights):
    for a in engine.catalog.ids[:20]:
        found = {match.id: match for match in engine.similar(a, k=1_000, weights=weights)}
        for b in engine.catalog.ids[20:30]:
            told, match = engine.explain(a, b, weights=weights, sentences=False), found[b]
            assert told.score == pytest.approx(match.score, abs=1e-6)
            assert told.percentile == pytest.approx(match.percentile, abs=1e-3)
            assert (told.parts.keys(), told.missing) == (match.parts.keys(), match.missing)
            for space, part in told.parts.items():
                assert sum(each.amount for each in told.evidence if each.space == space) == pytest.approx(
                    part, abs=1e-6
                )
            assert sum(each.amount for each in told.evidence) == pytest.approx(told.score, abs=1e-6)


def test_what_cannot_be_compared_is_no_number(engine):
    told = engine.explain("f008", "f003", weights={"metadata": 1}, sentences=False)
    assert np.isnan(told.score)
    assert (told.parts, told.missing, told.evidence) == ({}, ("metadata",), ())
    assert "f008" not in [match.id for match in engine.similar("f003", k=1_000, weights={"metadata": 1})]


def test_a_sentence_adds_what_the_similarity_loses_without_it(engine):
    """The oracle: encode the text without the sentence, written out by hand from the template."""
    from discover.embeddings.encoders.sentence import Sentence

    row = {each["id"]: each for each in films()}["f003"]
    told = engine.explain("f011", "f003", weights={"text": 1})
    mine = [each for each in told.evidence if each.item == "f003"]
    assert {each.text for each in mine} == {text.strip() for text in sentences.split(row["description"])}
    place = engine.catalog.ids.index
    vectors = engine.spaces["text"].vectors
    stats = engine._run.search_index.cohort.stats["text"]
    gain = np.mean([1 / stats.std[place(id)] for id in ("f003", "f011")])
    for each in mine:
        left = re.sub(r"\s+", " ", row["description"].replace(each.text, "")).strip()
        without = Sentence().encode([f"{row['genres']}. {left}".rstrip(".")]).vectors[0]
        drop = vectors[place("f011")] @ (vectors[place("f003")] - without)
        assert each.amount == pytest.approx(gain * drop, abs=0.02)
    assert sum(each.amount for each in told.evidence) == pytest.approx(told.score, abs=1e-6)


def test_planted_evidence_is_named(engine):
    rows = {row["id"]: row for row in films()}
    shared = 0
    for a, b in pairs(engine, 60, seed=2):
        told = engine.explain(a, b, sentences=False)
        worlds = set(rows[a]["genres"].split(", ")) & set(rows[b]["genres"].split(", ")) - {""}
        cast = set(rows[a]["cast"].split(", ")) & set(rows[b]["cast"].split(", ")) - {""}
        assert {each.text for each in told.evidence if each.role == "genres"} == worlds
        assert {each.text for each in told.evidence if each.role == "people"} == cast
        for each in told.evidence:
            if each.kind == "word":
                assert all(each.text in " ".join(rows[id].values()).casefold() for id in (a, b))
        for each in told.differences:
            if each.role == "genres":
                assert each.text in rows[each.item]["genres"]
                assert each.text not in worlds
        if worlds | cast:
            shared += 1
            assert any(text in told.why for text in worlds | cast)
    assert shared > 20


def test_answers_say_why_without_a_model_or_what_else_is_slow_to_import(workspace):
    code = (
        "import sys, discover\n"
        f"engine = discover.open({str(workspace)!r})\n"
        "found = engine.similar('f003', k=5, why=True)\n"
        "engine.compare([found[0].id, found[1].id], sentences=False)\n"
        "print([match.why for match in found], {'torch', 'scipy.sparse'}.isdisjoint(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    whys, light = done.stdout.rsplit(" ", 1)
    assert light.strip() == "True", done.stderr
    assert any(world in whys for world in films()[3]["genres"].split(", "))


def test_queries_of_several_things_are_explained_too(engine):
    found = engine.search("a haunted mansion", like=["f003"], unlike=["f004"], k=5, explain=True)
    assert len(found) == 5
    for match in found:
        told = match.explanation
        assert told.score == pytest.approx(match.score, abs=1e-6)
        assert sum(each.amount for each in told.evidence) == pytest.approx(match.score, abs=1e-6)
        assert (told.a, told.b, told.differences) == ("", match.id, ())


@pytest.mark.slow
def test_named_evidence_carries_the_score(engine):
    falls = faithfulness.measure(engine, items=40, answers=5)
    assert set(falls) == {"sentence", "words", "value"}
    for kind, fall in falls.items():
        mean, low, _ = fall.difference()
        assert len(fall.named) >= {"sentence": 190, "words": 100, "value": 100}[kind]
        assert mean > 0, kind
        assert low > 0, kind


@pytest.mark.parametrize(
    "text",
    [
        "One. Two! Three?",
        "Dr. Lee meets Mr. T. in St. Louis. They talk.",
        "日本語の文。二つ目！",
        "  spaces \n\n and lines.  End",
        "",
        " ",
        "a\x00b",
        ". ".join("Sentence" for _ in range(90)),
    ],
)
def test_sentences_joined_are_the_text(text):
    found = sentences.split(text)
    assert "".join(found) == (text if text.strip() else "")
    assert len(found) <= sentences.MAX_PASSAGES
    assert all(each.strip() for each in found)


def test_a_missing_model_is_said_and_can_be_done_without(workspace):
    engine = discover.open(workspace)
    space = engine.spaces["text"]
    engine.spaces["text"] = replace(space, identity=replace(space.identity, digest="0" * 64))
    with pytest.raises(ModelError, match="differs in digest"):
        engine.explain("f001", "f002")
    told = engine.explain("f001", "f002", sentences=False)
    assert [each.kind for each in told.evidence if each.space == "text"] == ["together", "cohort"]


@pytest.mark.parametrize(
    ("term", "error", "message"),
    [
        (lambda e: e.explain("f001", "f001"), UsageError, "'f001' is given twice. Give different items"),
        (lambda e: e.explain("f001", "Film 1"), UsageError, "'f001' and 'Film 1' are the same item"),
        (lambda e: e.explain("f001", "nope"), UnknownItemError, "no item has the id or title 'nope'"),
        (lambda e: e.explain("f001", "f002", weights={"text": 0}), UsageError, "nothing can be searched"),
        (lambda e: e.compare(["f001"]), UsageError, "give 2 to 20 items to compare, got 1"),
        (lambda e: e.compare("f001"), UsageError, "give 2 to 20 items to compare, got 1"),
        (lambda e: e.compare([]), UsageError, "got 0"),
        (lambda e: e.compare([f"f{i:03d}" for i in range(21)]), UsageError, "got 21"),
        (lambda e: e.compare(["f001", "f002", "f001"]), UsageError, "given twice"),
        (lambda e: e.compare(["f001", "f0x2"]), UnknownItemError, "f0x2"),
    ],
)
def test_bad_questions_get_one_clear_line(engine, term, error, message):
    with pytest.raises(error, match=message) as caught:
        term(engine)
    assert "\n" not in str(caught.value)


def test_a_dossier_holds_every_pair_and_what_is_shared(engine):
    rows = {row["id"]: row for row in films()}
    ids = ["f003", "f007", "f008", "f020", "f031"]
    dossier = engine.compare(ids, sentences=False)
    assert [item.id for item in dossier.items] == ids
    assert {frozenset((pair.a, pair.b)) for pair in dossier.pairs} == {
        frozenset((a, b)) for a in ids for b in ids if a != b
    }
    assert len(dossier.pairs) == 10
    scores = [pair.score for pair in dossier.pairs]
    assert scores == sorted(scores, reverse=True)
    for trait in dossier.traits:
        assert len(trait.items) >= 2
        if trait.role == "genres":
            assert list(trait.items) == [id for id in ids if trait.text in rows[id]["genres"].split(", ")]
    assert dossier.items[2].values == {}
    assert dossier.items[2].year is None


@pytest.fixture(scope="module")
def hostile(engine):
    return engine.compare(["f007", "f003", "f008"])


def test_html_holds_no_markup_of_items(hostile):
    page = forms.html(hostile)
    assert page.startswith("<!doctype html>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for bad in ("<script", "<img src=x", "</style><img", "http://", "https://"):
        assert bad not in page
    assert page.count("</style>") == 1
    assert forms.html(hostile) == page


def test_markdown_cells_and_lines_hold(hostile):
    text = forms.markdown(hostile)
    table = text[text.index("\n|") + 1 :].split("\n\n")[0].splitlines()
    assert len(table) == 2 + 3
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in table]
    assert len(set(bars)) == 1
    assert not re.search(r"(?<!\\)<", text)
    assert not re.search(r"(?<!\\)\]\(", text)
    assert r"\<script\>alert(1)\</script\> \| pipe \& \[link\]" in text


def test_both_forms_and_the_command_say_the_same(engine, workspace, tmp_path):
    arguments = ["compare", "f003", "f020", "--html", tmp_path / "x.html", "--markdown", tmp_path / "x.md", "--json"]
    done = command(*arguments, "-w", workspace)
    assert done.returncode == 0, done.stderr
    told, dossier = json.loads(done.stdout), engine.compare(["f003", "f020"])
    assert list(told) == [each.name for each in fields(Dossier)]
    assert told["pairs"][0]["score"] == pytest.approx(dossier.pairs[0].score, abs=1e-6)
    page, text = (tmp_path / "x.html").read_text(), (tmp_path / "x.md").read_text()
    for item in dossier.items:
        assert item.title in page
        assert item.title in text
    assert f"{dossier.pairs[0].score:.2f}" in page
    assert f"{dossier.pairs[0].score:+.2f}" in text


def test_commands_show_reasons(workspace, capsys):
    assert cli.main(["similar", "f003", "-k", "2", "--explain", "-w", str(workspace)]) == 0
    shown = capsys.readouterr().out
    assert "why" in shown
    assert "sentence" in shown
    assert cli.main(["compare", "f003", "f003", "-w", str(workspace)]) == 2
    assert capsys.readouterr().err == "discover: 'f003' is given twice. Give different items\n"
