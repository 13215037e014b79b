"""The contract that every labeller keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.core import plugins
from discover.core.errors import SettingsError
from discover.core.types import Label
from discover.labels import labellers as labels
from discover.labels.labellers.base import Labeller, make_distinct
from tests.labels.labellers.worlds import around, level, senses, stories, table

NAMES = plugins.names(labels)
WORDS = st.sampled_from(
    [
        "the",
        "moon",
        "ghost",
        "Anna",
        "ghosts",
        "haunted",
        "house",
        "de",
        "la",
        "card",
        "cards",
        "new",
        "York",
        "1999",
        "&",
        "<b>",
        "東京",
        "ab",
    ]
)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=30)


@st.composite
def catalogs(draw):
    """Any catalog, and themes of it in which every number has a member."""
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "title": TEXTS,
                    "description": TEXTS,
                    "genres": st.lists(TEXTS, max_size=2),
                    "people": st.lists(TEXTS, max_size=1),
                }
            ),
            min_size=1,
            max_size=14,
        )
    )
    raw = draw(st.lists(st.integers(-1, 4), min_size=len(rows), max_size=len(rows)))
    numbers = {old: new for new, old in enumerate(sorted(set(raw) - {-1}))} | {-1: -1}
    return table(rows), np.array([numbers[number] for number in raw])


@pytest.mark.parametrize("name", NAMES)
@given(catalogs(), st.data())
@settings(max_examples=60, deadline=None)
def test_each_theme_has_a_label_of_its_own_and_exemplars_from_its_members(name, made, data):
    catalog, members = made
    vectors = around(members)
    vectors[data.draw(st.lists(st.integers(0, len(members) - 1), max_size=3))] = np.nan
    seen = senses(vectors) if data.draw(st.booleans()) else {}
    found = plugins.load(labels, name, {"keywords": 4, "exemplars": 3}).label(catalog, level(members), vectors, seen)
    assert len(found) == members.max(initial=-1) + 1
    texts = [label.text.casefold() for label in found]
    assert all(texts)
    assert len(set(texts)) == len(texts)
    for theme, label in enumerate(found):
        assert 1 <= len(label.exemplars) <= 3
        assert len(label.keywords) <= 4
        assert len(set(label.keywords)) == len(label.keywords)
        assert all(members[row] == theme for row in label.exemplars)
        titles = [catalog.titles[row].casefold() for row in label.exemplars]
        assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", NAMES)
def test_exemplars_are_nearest_to_the_weighted_core(name):
    catalog, members = stories()
    vectors, strengths = around(members), np.linspace(0.2, 1, len(members), dtype=np.float32)
    vectors[5] = np.nan
    found = plugins.load(labels, name).label(catalog, level(members, strengths), vectors)
    for theme, label in enumerate(found):
        rows = [row for row in np.flatnonzero(members == theme) if row != 5]
        core = sum(strengths[row].astype(np.float64) * vectors[row] for row in rows)
        nearest = sorted(rows, key=lambda row: -float(vectors[row] @ core))
        assert label.exemplars == tuple(nearest[:5])


@pytest.mark.parametrize("name", NAMES)
def test_copies_are_one_exemplar(name):
    rows = [{"title": title, "description": "ghost house"} for title in ("A", "a", "B", "C", "D")]
    vectors = around(np.zeros(5, dtype=int))
    vectors[3] = vectors[2]
    label = plugins.load(labels, name).label(table(rows), level([0] * 5), vectors)[0]
    assert len(label.exemplars) == 3
    assert len({0, 1} & set(label.exemplars)) == 1
    assert len({2, 3} & set(label.exemplars)) == 1


@pytest.mark.parametrize("name", NAMES)
def test_no_themes_have_no_labels(name):
    catalog, members = stories(each=3)
    assert plugins.load(labels, name).label(catalog, level(np.full(len(members), -1)), around(members)) == ()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_positive_counts(name):
    with pytest.raises(SettingsError, match="exemplars: expected at least 1, got 0"):
        plugins.load(labels, name, {"exemplars": 0})
    assert isinstance(plugins.load(labels, name), Labeller)


def test_a_taken_text_goes_on_with_keyword_then_title_then_number():
    catalog = table([{"title": "Alien"}, {"title": ""}])
    given_ = [
        Label("Horror", ("horror", "ghosts"), (0,)),
        Label("horror", ("horror", "ghosts"), (0,)),
        Label("Horror", ("horror",), (0,)),
        Label("Horror", (), ()),
        Label("Horror", (), ()),
        Label("", (), (1,)),
        Label("", (), (0,)),
    ]
    assert [label.text for label in make_distinct(given_, catalog)] == [
        "Horror", "Horror, ghosts", "Horror, Alien", "Horror (2)", "Horror (3)", "Theme", "Alien",
    ]  # fmt: skip
