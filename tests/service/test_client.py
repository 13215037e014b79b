"""The client gives what the engine gives, in the same nouns, and raises the same errors."""

import ast
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from discover.client import Client
from discover.core import errors
from discover.core.types import Dossier, plain


@pytest.fixture(scope="module")
def client(server):
    with Client(server.url) as asked:
        yield asked


@pytest.mark.parametrize(
    "term",
    [
        lambda it: it.similar("0010", k=4),
        lambda it: it.similar("Amélie's Orbit", k=3, weights={"metadata": 1.0}, where="year > 1990"),
        lambda it: it.search(like={"0010": 2, "0011": 1}, unlike=["0012"], k=5, diversity=0.3, why=True),
        lambda it: it.search(like=["0010"], explain=True, k=2, weights={"lexical": 1.0, "metadata": 1.0}),
        lambda it: it.recommend({"0010": 4, "0011": -1}, k=3),
        lambda it: it.compare(["0010", "0011", "0012"], sentences=False),
        lambda it: it.explain("0010", "Amélie's Orbit", weights={"lexical": 1.0, "metadata": 1.0}),
        lambda it: it.duplicates(),
        lambda it: it.trends(),
        lambda it: it.white_space(),
        lambda it: it.events(1),
        lambda it: it.history("T0001"),
        lambda it: it.changes(),
        lambda it: it.edits if not isinstance(it, Client) else it.edits(),
        lambda it: it.cards(["0010"]) if not isinstance(it, Client) else [it.card("0010")],
    ],
)
def test_answers_are_the_engine_s_nouns(client, engine, term):
    told, expected = term(client), term(engine)
    if isinstance(expected, Dossier):  # callers do not learn where files lie
        expected = replace(expected, source=Path(expected.source).name)
    assert type(told) is type(expected) or isinstance(expected, list)
    assert plain(told) == plain(expected)
    assert [type(each) for each in told] == [type(each) for each in expected] if isinstance(told, list) else True
    if isinstance(told, list) and told and hasattr(told, "to_pandas"):
        assert len(told.to_pandas()) == len(told)


def test_lists_come_whole_whatever_their_pages(client, engine, monkeypatch):
    monkeypatch.setattr("discover.client.PAGE", 7)
    assert [card.id for card in client.items("year < 2005")] == engine.matching("year < 2005")
    theme, expected = client.theme("T0001"), engine.theme("T0001")
    assert theme.items == expected.items
    assert [(each.id, each.label, each.size, each.keywords) for each in client.themes()] == [
        (each.id, each.label, each.size, each.keywords) for each in engine.themes()
    ]
    assert all(math.isnan(item.strength) for each in client.themes() for item in each.exemplars)
    points, told = engine.map(), client.map()
    assert [(point.id, point.theme) for point in told] == [(point.id, point.theme) for point in points]
    np.testing.assert_array_equal([point.x for point in told], [point.x for point in points])


def test_many_are_asked_at_once(client, engine, monkeypatch):
    monkeypatch.setattr("discover.client.MAX_QUERIES", 7)
    for given in (
        {"k": 5},
        {"items": engine.catalog.ids[:20], "k": 3, "weights": {"metadata": 1.0}},
        {"items": ["0010", "Amélie's Orbit"], "where": "id <= '0010'", "k": 50},
        {"items": []},
    ):
        told, expected = client.similar_many(**given), engine.similar_many(**given)
        assert told.ids == expected.ids
        np.testing.assert_array_equal(told.to_numpy()[0], expected.to_numpy()[0][:, : told.nearest.shape[1]])
        np.testing.assert_allclose(told.scores, expected.scores[:, : told.nearest.shape[1]], atol=1e-5)
        assert len(told.to_pandas()) == len(expected.to_pandas())
    everything, expected = client.similar_many(k=5), engine.similar_many(k=5)
    assert list(everything.catalog) == list(expected.catalog)
    np.testing.assert_allclose(everything.to_scipy().toarray(), expected.to_scipy().toarray(), atol=1e-5)
    with pytest.raises(errors.UsageError, match="give a list of ids or titles, got '0010'"):
        client.similar_many("0010")


def test_words_texts_and_new_items(client, engine, made):
    ids = engine.matching("'western' IN genres")[:6]
    told, expected = client.label(ids), engine.label(ids)
    assert (told.text, told.keywords, told.items) == (expected.text, expected.keywords, expected.items)
    rows = [{"title": "Dust", "description": "A sheriff and an outlaw at the saloon."}]
    assert client.assign(rows) == engine.assign(rows)
    assert [version.number for version in client.versions()] == [1, 2]
    assert client.report() == engine.report.read_text()
    assert client.about()["version"] == 2
    assert client.values("0010")["title"] == engine.values("0010")["title"]


def test_a_picture_is_sent(client, made, tmp_path):
    with pytest.raises(errors.UsageError, match="this version has no pictures to compare with"):
        client.search(image=made.parent / "0.png")
    with pytest.raises(errors.InputError, match=r"none\.png: cannot be read \(No such file"):
        client.search(image=tmp_path / "none.png")


@pytest.mark.parametrize(
    ("term", "error", "message"),
    [
        (lambda it: it.similar("Amelie's Orbit"), errors.UnknownItemError, r"Near titles: \"Amélie's Orbit\""),
        (lambda it: it.card("a/b"), errors.UnknownItemError, "no item has the id or title 'a/b'"),
        (lambda it: it.theme("T9999"), errors.UnknownThemeError, "no theme 'T9999' in version 2"),
        (lambda it: it.search(like=["0010"], k=0), errors.UsageError, "k: "),
        (lambda it: it.search(like=["0010"], diversity=float("nan")), errors.UsageError, "Out of range float"),
        (lambda it: it.search(like=["0010"], nothing=1), errors.UsageError, "nothing: Extra inputs"),
        (lambda it: it.search(like=["0010"], where="x ="), errors.UsageError, "where"),
        (lambda it: it.explain("0010", "0010"), errors.UsageError, "'0010' is given twice"),
        (lambda it: it.similar_many(["nobody"]), errors.UnknownItemError, "no item has the id or title 'nobody'"),
        (lambda it: it.similar_many(["0010"], k=0), errors.UsageError, "k: "),
        (lambda it: it.edit("hide", ["T0001"]), errors.UsageError, "read-only"),
    ],
)
def test_errors_are_the_engine_s(client, term, error, message):
    with pytest.raises(error, match=message):
        term(client)


def test_edits_are_written(serving, workspace):
    with serving(workspace) as server, Client(server.url) as client:
        assert client.edit("rename", ["T0001"], text="Old houses").text == "Old houses"
        assert client.theme("T0001").label == "Old houses"
        assert client.undo(1).undoes == 1


def test_a_service_that_is_not_there_is_one_clear_error():
    with pytest.raises(
        errors.ModelError, match=r"127\.0\.0\.1:1 cannot be reached .* that `discover serve` is running there"
    ):
        Client("http://127.0.0.1:1").about()


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8321", "localhost:8321", "example.com", "", "http://", "ftp://x", "http://a\0b", None]
)
def test_what_is_no_address_of_a_service_is_one_line(url):
    with pytest.raises(errors.UsageError, match=r"is not a service URL. Give one like http://127\.0\.0\.1:8321$"):
        Client(url)


def test_a_key_is_sent_as_it_is_and_shown_to_nobody(serving, made):
    key = "clé secrète, 16 or more".replace(" ", "-").replace(",", "")
    with serving(made, keys=key) as server, Client(server.url, key) as client:
        assert client.about()["version"] == 2
        with pytest.raises(errors.UsageError, match="Give a key"):
            Client(server.url, "x" * 20).about()
    for wrong in (key + "\n", f" {key}", "a\0b" * 8):
        with pytest.raises(errors.UsageError, match="The API key contains spaces") as told:
            Client(server.url, wrong)
        assert key not in str(told.value)


def test_the_client_imports_neither_engine_nor_service():
    code = "import sys, discover.client; print([n for n in sys.modules if n.startswith(('discover', 'faiss'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = ast.literal_eval(done.stdout)
    assert "discover.client" in modules
    assert {".".join(name.split(".")[:2]) for name in modules} == {"discover", "discover.client", "discover.core"}
