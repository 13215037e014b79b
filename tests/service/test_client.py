"""The client gives what the engine gives, in the same nouns, and raises the same errors."""

import math
import subprocess
import sys

import numpy as np
import pytest

from discover import errors
from discover.client import Client
from discover.nouns import plain
from tests.service.conftest import serving


@pytest.fixture(scope="module")
def client(server):
    with Client(server.url) as asked:
        yield asked


@pytest.mark.parametrize(
    "ask",
    [
        lambda it: it.similar("0010", k=4),
        lambda it: it.similar("Amélie's Orbit", k=3, weights={"metadata": 1.0}, where="year > 1990"),
        lambda it: it.search(like={"0010": 2, "0011": 1}, unlike=["0012"], k=5, diversity=0.3, why=True),
        lambda it: it.search(like=["0010"], explain=True, k=2, weights={"wording": 1.0, "metadata": 1.0}),
        lambda it: it.recommend({"0010": 4, "0011": -1}, k=3),
        lambda it: it.compare(["0010", "0011", "0012"], sentences=False),
        lambda it: it.trends(),
        lambda it: it.white_space(),
        lambda it: it.events(1),
        lambda it: it.history("T0001"),
        lambda it: it.changes(),
        lambda it: it.edits if not isinstance(it, Client) else it.edits(),
        lambda it: it.cards(["0010"]) if not isinstance(it, Client) else [it.card("0010")],
    ],
)
def test_answers_are_the_engine_s_nouns(client, engine, ask):
    told, expected = ask(client), ask(engine)
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
    ("ask", "error", "message"),
    [
        (lambda it: it.similar("Amelie's Orbit"), errors.UnknownItemError, r"near titles: \"Amélie's Orbit\""),
        (lambda it: it.card("a/b"), errors.UnknownItemError, "no item has the id or title 'a/b'"),
        (lambda it: it.theme("T9999"), errors.UnknownThemeError, "no theme 'T9999' in version 2"),
        (lambda it: it.search(like=["0010"], k=0), errors.UsageError, "k: "),
        (lambda it: it.search(like=["0010"], diversity=float("nan")), errors.UsageError, "Out of range float"),
        (lambda it: it.search(like=["0010"], nothing=1), errors.UsageError, "nothing: Extra inputs"),
        (lambda it: it.search(like=["0010"], where="x ="), errors.UsageError, "where"),
        (lambda it: it.edit("hide", ["T0001"]), errors.UsageError, "only reads"),
    ],
)
def test_errors_are_the_engine_s(client, ask, error, message):
    with pytest.raises(error, match=message):
        ask(client)


def test_edits_are_written(workspace):
    with serving(workspace) as server, Client(server.url) as client:
        assert client.edit("rename", ["T0001"], text="Old houses").text == "Old houses"
        assert client.theme("T0001").label == "Old houses"
        assert client.undo(1).undoes == 1


def test_a_service_that_is_not_there_is_one_clear_error():
    with pytest.raises(errors.ModelError, match=r"127\.0\.0\.1:1 cannot be asked .* is `discover serve` running there"):
        Client("http://127.0.0.1:1").about()


def test_the_client_imports_neither_engine_nor_service():
    code = "import sys, discover.client; print([n for n in sys.modules if n.startswith(('discover', 'faiss'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(["discover", "discover.errors", "discover.nouns", "discover.client"])
