"""Re-ranked keywords: the word that means the theme comes first, the one that means its sibling as well does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import discover
from discover.core import plugins
from discover.core.errors import SettingsError
from discover.core.types import Embeddings
from discover.labels import labellers as folder
from discover.labels.labellers import _meaning
from discover.labels.labellers.base import Sense
from discover.labels.labellers.keywords import Keywords
from discover.labels.labellers.reranked import Reranked
from discover.testing import shows, text_model, unit
from tests.labels.labellers.worlds import around, level, table

CENTRES = np.eye(4, dtype=np.float32)[:2]
WORDS = {  # all of a theme's items hold all of its words, so nothing else tells them apart
    "alpha": [0.2, 0, 1, 0],  # has little to do with its theme
    "bravo": [1, 1, 0.1, 0],  # means the sibling as well
    "charlie": [0.9, 0, 0.4, 0],
    "oscar": [0, 0.2, 0, 1],
    "papa": [0, 0.9, 0, 0.4],
    "quebec": [0.1, 0.8, 0, 1],
}


def planted(unknown=()):
    """Two themes of three words each, and a sense in which `charlie` and `papa` are what the themes are about."""
    members = np.repeat([0, 1], 6)
    texts = ["alpha. bravo. charlie.", "oscar. papa. quebec."]
    catalog = table([{"title": f"N{i}", "description": texts[theme]} for i, theme in enumerate(members.tolist())])

    def embed(words):
        nothing = np.full((1, 4), np.nan, np.float32)
        return np.vstack([nothing if word in unknown else unit(np.array([WORDS[word]])) for word in words])

    vectors = CENTRES[members]
    return catalog, members, {"text": Sense(space(vectors), embed)}


def space(vectors, rows=None):
    rows = np.arange(len(vectors)) if rows is None else np.array(rows, dtype=np.int64)
    return Embeddings("text", None, vectors, rows, np.zeros(len(rows), "S64"))


def test_the_word_that_means_the_theme_alone_names_it():
    catalog, members, senses = planted()
    vectors = around(members)
    plain = Keywords(words=1).label(catalog, level(members), vectors)
    assert [each.text for each in plain] == ["Alpha", "Oscar"]  # all alike: by the alphabet
    found = Reranked(words=1).label(catalog, level(members), vectors, senses)
    assert [each.text for each in found] == ["Charlie", "Papa"]
    assert [set(each.keywords) for each in found] == [set(each.keywords) for each in plain]
    assert [each.note for each in found] == ["", ""]


def test_a_word_that_the_model_does_not_know_comes_last():
    catalog, members, senses = planted(unknown=["charlie"])
    found = Reranked(words=1).label(catalog, level(members), around(members), senses)
    assert (found[0].text, found[0].keywords) == ("Bravo", ("bravo", "alpha", "charlie"))
    catalog, members, senses = planted(unknown=list(WORDS))
    found = Reranked(words=1).label(catalog, level(members), around(members), senses)
    assert [each.text for each in found] == ["Alpha", "Oscar"]


def test_what_cannot_be_reranked_keeps_its_keywords_and_says_so():
    catalog, members, senses = planted()
    plain = Keywords().label(catalog, level(members), around(members))
    blind = Reranked().label(catalog, level(members), around(members))
    assert [each.text for each in blind] == [each.text for each in plain]
    assert {each.note for each in blind} == {"there are no text vectors to compare words with"}
    rows = np.flatnonzero(members == 0)
    half = {"text": Sense(space(CENTRES[members[rows]], rows), senses["text"].embed)}
    found = Reranked().label(catalog, level(members), around(members), half)
    assert [each.note for each in found] == ["", "they have no item with a text vector"]
    assert found[1].text == plain[1].text


def test_themes_are_told_apart_from_their_siblings_or_from_all_else():
    vectors = np.eye(5, dtype=np.float32)
    made = level([0, 1, 2, -1], parents=(0, 0, 1))
    cores, others, sizes = _meaning.measure_contrasts(made, space(vectors[:4], rows=[0, 1, 2, 3]))
    assert np.array_equal(cores, vectors[:3])
    assert np.array_equal(others[:2], vectors[[1, 0]])  # 2 is of another parent
    assert others[2] == pytest.approx(np.array([1, 1, 0, 1, 0]) / np.sqrt(3))
    assert sizes.tolist() == [1, 1, 1]
    cores, others, sizes = _meaning.measure_contrasts(level([0, 0]), space(vectors[:1], rows=[1]))
    assert (cores.tolist(), others.tolist(), sizes.tolist()) == ([[1, 0, 0, 0, 0]], [[0] * 5], [1])


def test_a_choice_is_varied():
    relevance, vectors = np.array([1.0, 0.9, 0.5]), np.eye(3, dtype=np.float32)[[0, 0, 1]]
    assert _meaning.choose_varied(relevance, vectors, 3, 0.0) == [0, 1, 2]
    assert _meaning.choose_varied(relevance, vectors, 2, 0.5) == [0, 2]
    assert _meaning.choose_varied(relevance, vectors, 9, 0.5) == [0, 2, 1]


@given(st.data())
def test_each_choice_is_the_best_that_is_left(data):
    count, share = data.draw(st.integers(1, 8)), data.draw(st.floats(0, 1))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    relevance, vectors = random.normal(size=count), unit(random.normal(size=(count, 3)))
    chosen = _meaning.choose_varied(relevance, vectors, count, share)
    assert sorted(chosen) == list(range(count))
    for place, best in enumerate(chosen):

        def worth(i, before=chosen[:place]):
            return (1 - share) * relevance[i] - share * max((float(vectors[i] @ vectors[j]) for j in before), default=0)

        assert worth(best) >= max(worth(i) for i in chosen[place:]) - 2e-5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"candidates": 0}, "candidates: expected at least 1, got 0"),
        ({"diversity": 1.5}, "diversity: expected a number between 0 and 1, got 1.5"),
    ],
)
def test_settings_have_their_ranges(options, message):
    with pytest.raises(SettingsError, match=message):
        plugins.load(folder, "reranked", options)


def test_a_run_uses_its_own_text_model(tmp_path):
    text_model(tmp_path / "words")
    settings = {"text": {"model": str(tmp_path / "words")}, "labels": {"labeller": "reranked", "words": 2}}
    summary = discover.run(shows(each=25), workspace=tmp_path / "ws", settings=settings)
    engine = discover.open(tmp_path / "ws")
    assert engine.themes()
    assert summary.warnings == ()
    assert all(theme.note == "" and len(theme.label.split(", ")) == 2 for theme in engine.themes())
    assert engine.label([item.id for item in engine.theme("T0001").items]).note == ""
