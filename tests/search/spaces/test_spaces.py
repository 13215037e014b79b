"""The contract of spaces, held to exact answers computed pair by pair."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from discover import testing
from discover.core.types import Catalog
from discover.search.spaces import lexical, metadata
from tests.search.spaces import oracle, worlds

NAMES = ["text", "lexical", "metadata"]


@settings(max_examples=60, deadline=None)
@given(worlds.rows())
def test_similarity_and_coverage_are_exact(items):
    found, expected = worlds.spaces(items), oracle.compare(items)
    rows = np.arange(len(items))
    for name, (similarities, coverage) in expected.items():
        if name not in found:
            assert not (similarities * coverage).any()
            continue
        compared = found[name].compare(found[name].items(rows))
        assert compared.similarities.dtype == compared.coverage.dtype == np.float32
        assert compared.similarities == pytest.approx(similarities, abs=2e-5)
        assert compared.coverage == pytest.approx(coverage, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(worlds.rows(), st.data())
def test_some_rows_are_compared_as_all_are(items, data):
    rows = np.array(data.draw(st.lists(st.integers(0, len(items) - 1), max_size=6)), dtype=np.int64)
    asked = np.array(data.draw(st.lists(st.integers(0, len(items) - 1), min_size=1, max_size=4)), dtype=np.int64)
    spaces = worlds.spaces(items)
    assume(spaces)
    for space in spaces.values():
        queries = space.items(asked)
        whole, some = space.compare(queries), space.compare(queries, rows)
        assert some.similarities.shape == some.coverage.shape == (len(asked), len(rows))
        assert whole.coverage.min() >= 0
        assert whole.coverage.max() <= 1
        assert not whole.similarities[whole.coverage == 0].any()
        assert some.similarities == pytest.approx(whole.similarities[:, rows], abs=1e-6)
        assert (some.coverage == whole.coverage[:, rows]).all()
        one_by_one = [space.compare(space.items(asked[[i]])).similarities[0] for i in range(len(asked))]
        assert np.array(one_by_one) == pytest.approx(whole.similarities, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(worlds.rows(), st.data())
def test_nearest_gives_allowed_rows_that_share_something(items, data):
    row = data.draw(st.integers(0, len(items) - 1))
    allowed = np.array(sorted(data.draw(st.sets(st.integers(0, len(items) - 1)))), dtype=np.int64)
    count = data.draw(st.integers(1, len(items) + 3))
    for space in worlds.spaces(items).values():
        query = space.items(np.array([row]))
        for limit in (None, allowed):
            found = space.nearest(query, count, limit)
            assert found.dtype == np.int64
            assert (np.diff(found) > 0).all()
            assert set(found.tolist()) <= set(range(len(items)) if limit is None else limit.tolist())
        compared = space.compare(query)
        if space.name != "text":  # vectors are near in other ways than by what is shared
            amounts = compared.similarities[0] * compared.coverage[0]
            for limit in (None, allowed):
                among = amounts if limit is None else amounts[limit]
                nearest = np.sort(amounts[space.nearest(query, count, limit)])[::-1]
                assert nearest == pytest.approx(np.sort(among[among > 0])[::-1][:count], abs=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_nearest_holds_the_planted_best(name):
    items = [row | {"genres": row["genres"].split(), "seed": i % 6} for i, row in enumerate(testing.shows(each=20))]
    random = np.random.default_rng(0)
    for number, item in enumerate(items):
        item["genres"].append(f"place {random.integers(0, 60)}")
        if number % 7 == 0:
            items[number] = {"id": item["id"], "title": "", "description": "", "genres": []}
    space = worlds.spaces(items)[name]
    for row in range(1, 40):
        query = space.items(np.array([row]))
        similarities = space.compare(query).similarities[0]
        found = space.nearest(query, 30)
        kept = similarities[found].max() if len(found) else 0
        assert kept == pytest.approx(similarities.max(), abs=1e-6)
        if row % 7 and name != "text":  # of equal vectors any may come
            assert row in found


def test_codes_propose_the_nearest():
    random = np.random.default_rng(1)
    made = testing.unit(random.normal(size=(40, 32))[random.integers(40, size=4_000)] + random.normal(size=(4_000, 32)))
    space = worlds.over(made, np.arange(4_000), 4_000, kind="ivf")
    recalls = []
    for row in range(0, 4_000, 80):
        found = space.nearest(space.items(np.array([row])), 300)
        assert len(found) == 300
        recalls.append(np.isin(np.argsort(-(made @ made[row]))[:10], found).mean())
    assert np.mean(recalls) > 0.95


@settings(max_examples=30, deadline=None)
@given(worlds.rows())
def test_items_without_anything_are_asked_and_answered_with_nothing(items):
    items = [*items, {"id": "nothing"}]
    row = np.array([len(items) - 1])
    for space in worlds.spaces(items).values():
        compared = space.compare(space.items(row))
        assert not compared.coverage.any()
        assert not space.compare(space.items(np.arange(len(items))), row).coverage.any()
        assert not len(space.nearest(space.items(row), 5))


def test_a_space_without_a_single_vector_answers():
    space = worlds.vectors([{"id": "a"}, {"id": "b"}])
    rows = np.arange(2)
    assert np.isnan(space.items(rows)).all()
    assert not space.compare(space.items(rows)).coverage.any()
    assert not space.compare(space.items(rows), rows[:1]).coverage.any()
    assert not len(space.nearest(space.items(rows), 3))


@settings(max_examples=20, deadline=None)
@given(worlds.rows())
def test_the_same_catalog_gives_the_same_space(items):
    first, second = worlds.spaces(items), worlds.spaces(items)
    rows = np.arange(len(items))
    for name, space in first.items():
        one, other = space.compare(space.items(rows)), second[name].compare(second[name].items(rows))
        assert (one.similarities == other.similarities).all()
        assert (one.coverage == other.coverage).all()


WORDS = """
import hashlib
from discover.testing import shows
from tests.search.spaces import worlds
space = worlds.spaces(shows(each=5))["lexical"]
content = repr(space.words).encode() + space.matrix.indices.tobytes() + space.matrix.data.tobytes()
print(hashlib.sha256(content).hexdigest())
"""


def test_words_have_the_same_columns_in_every_process():
    digests = {
        subprocess.run(
            [sys.executable, "-c", WORDS], env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in "12"
    }
    assert len(digests) == 1


def test_copies_compare_as_one_item_does():
    items = [{**row, "seed": int(row["id"]) % 5} for row in testing.shows(each=3)]
    items = [*items, *({**row, "id": f"copy {row['id']}"} for row in items)]
    for space in worlds.spaces(items).values():
        similarities = space.compare(space.items(np.arange(len(items)))).similarities
        half = len(items) // 2
        assert similarities[:half, :half] == pytest.approx(similarities[half:, half:], abs=1e-6)
        assert np.diagonal(similarities[:half, half:]) == pytest.approx(1, abs=1e-5)


# --- words -------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(worlds.rows(), worlds.texts)
def test_a_text_is_asked_in_the_words_that_items_have(items, text):
    space = worlds.spaces(items).get("lexical")
    assume(space is not None)
    query = space.query(text, None)
    assert query.shape == (1, len(space.words))
    held = {space.words[column] for column in query.indices}
    weights = dict(zip(space.words, space.weights, strict=True))
    assert held == {word for word in lexical.tokens(text) if weights.get(word)}
    assert np.linalg.norm(query.data) == pytest.approx(1 if held else 0, abs=1e-6)
    asked = set(lexical.tokens(text))
    assert space.known(text) == pytest.approx(len(asked & set(space.words)) / len(asked) if asked else 0)


@settings(max_examples=40, deadline=None)
@given(worlds.rows(), st.data())
def test_what_is_shared_adds_up_to_the_similarity(items, data):
    asked, row = (data.draw(st.integers(0, len(items) - 1)) for _ in range(2))
    for name, space in worlds.spaces(items).items():
        if name != "text":
            query = space.items(np.array([asked]))
            found = space.shared(query, np.array([row, row]))
            for place in (0, 1):
                amounts = np.concatenate([each.amounts[each.owners == place] for each in found])
                assert (amounts > 0).all()
                assert amounts.sum() == pytest.approx(space.compare(query).similarities[0, row], abs=1e-5)


def test_catalogs_without_words_or_facts_have_no_such_space():
    nothing = testing.catalog([{"id": "a"}, {"id": "b", "description": "— … !"}])
    assert isinstance(nothing, Catalog)
    assert lexical.Lexical.build(worlds.source(nothing)) is None
    assert metadata.Metadata.build(worlds.source(nothing)) is None
    same = testing.catalog([{"id": str(i), "genres": "Drama", "language": "en"} for i in range(3)])
    assert metadata.Metadata.build(worlds.source(same)) is None  # tells no item apart
