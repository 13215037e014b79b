"""Questions to a version made by a real run: words and pictures, mixtures, filters, variety, copies, no answer."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import discover
from discover import sample
from discover.core.errors import InputError, UnknownItemError, UsageError
from discover.core.types import plain
from discover.labels import coherence
from discover.search import rank
from discover.search.spaces.base import SpaceInput
from discover.search.spaces.lexical import Lexical
from discover.search.spaces.metadata import Metadata
from discover.store import versions
from discover.store.load import StoredRun
from discover.testing import WORLDS, shows
from tests.shell import command, write
from tools.sample import draw

COPIES = {"copy": "0005", "again": "0005", "retold": "0006"}  # id -> of which item
SPACES = {"text", "image", "lexical", "metadata"}


@pytest.fixture(scope="module")
def rows():
    """The planted shows, copies of two of them, and two of one title; a poster for every fourth."""
    made = shows(each=40)
    same = [made[5] | {"id": id} for id in ("copy", "again")]
    near = made[6] | {"id": "retold", "description": made[6]["description"].replace("face", "meet")}
    twins = [made[i] | {"id": f"twin {i}", "title": "Twins"} for i in (50, 60)]
    made = [*made, *same, near, *twins]
    return [row | {"poster": f"{row['id']}.png" if n % 4 == 0 else ""} for n, row in enumerate(made)]


@pytest.fixture(scope="module")
def folder(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("searched")
    drawn = [row | {"logline": row["description"]} for row in rows if row["poster"]]
    for id, drawing in draw.posters(drawn):
        drawing.save(folder / f"{id}.png")
    discover.run(write(folder / "shows.csv", rows), workspace=folder / "ws", settings=sample.settings())
    return folder


@pytest.fixture(scope="module")
def engine(folder):
    return discover.open(folder / "ws")


@pytest.fixture(scope="module")
def world(rows):
    return {row["id"]: row["genres"] for row in rows}


def worlds_of(found, world):
    return Counter(world[match.id] for match in found)


# --- asking ------------------------------------------------------------------------------------------------


def test_similar_items_are_of_the_same_world_and_parts_sum_to_the_score(engine, rows, world):
    for row in (0, 7, 100):
        found = engine.similar(rows[row]["id"], k=10)
        assert len(found) == 10
        assert rows[row]["id"] not in {match.id for match in found}
        assert worlds_of(found, world)[rows[row]["genres"]] >= 9
        scores = [match.score for match in found]
        assert scores == sorted(scores, reverse=True)
        for match in found:
            assert sum(match.parts.values()) == pytest.approx(match.score, abs=1e-6)
            assert set(match.parts) | set(match.missing) == SPACES
            assert not set(match.parts) & set(match.missing)
            assert ("image" in match.missing) == (not rows[row]["poster"] or not poster(rows, match.id))
        assert found[0].percentile > 0.9


def poster(rows, id):
    return next(row["poster"] for row in rows if row["id"] == id)


def test_a_title_asks_for_its_item(engine, rows):
    assert engine.similar(rows[7]["title"].upper()) == engine.similar(rows[7]["id"])


def test_a_text_finds_its_world(engine, world):
    for name, text in {"space": "astronauts in orbit around an alien planet", "court": "a judge and the jury"}.items():
        found = engine.search(text, k=10)
        assert worlds_of(found, world)[name] >= 9
        assert found.note == ""
    assert list(found.to_pandas().columns)[:4] == ["id", "title", "score", "parts"]


def test_a_picture_finds_pictures_of_its_world(engine, folder, rows, world):
    for row in (0, 8, 16):
        found = engine.search(image=folder / rows[row]["poster"], k=5, weights={"image": 1})
        assert found[0].id == rows[row]["id"]
        assert worlds_of(found, world)[rows[row]["genres"]] >= 4
    assert all(match.parts.keys() == {"image"} for match in found)


def test_words_find_pictures(engine, world):
    assert worlds_of(engine.search("a ghost", k=5, weights={"image": 1}, anyway=True), world)["ghost"] >= 4


def test_a_vector_asks_like_the_item_it_is_of(engine, rows):
    vector = engine.spaces["text"].vectors[3]
    found = engine.search(vector={"text": vector * 17.0}, k=5, weights={"text": 1})
    assert found[0].id == rows[3]["id"]
    cosines = np.sort(engine.spaces["text"].vectors @ vector)[::-1][:5]
    order = engine.spaces["text"].vectors @ vector
    index = {row["id"]: number for number, row in enumerate(rows)}
    assert [order[index[match.id]] for match in found] == pytest.approx(cosines, abs=1e-5)
    tiny = engine.search(vector={"text": np.float64(vector) * 1e-300}, k=5, weights={"text": 1})
    assert [match.id for match in tiny] == [match.id for match in found]


def test_like_and_unlike_mix(engine, rows, world):
    first = {row["genres"]: row["id"] for row in reversed(rows[:240])}
    both = engine.search(like=[first["space"], first["ghost"]], k=30)
    assert set(worlds_of(both, world)) >= {"space", "ghost"}
    assert worlds_of(both, world)["space"] + worlds_of(both, world)["ghost"] >= 27
    leaning = engine.search(like={first["space"]: 5.0, first["ghost"]: 0.5}, k=30)
    assert worlds_of(leaning, world)["space"] > worlds_of(both, world)["space"]
    without = engine.search(like=[first["space"], first["ghost"]], unlike=first["ghost"], k=30)
    assert worlds_of(without, world)["ghost"] < worlds_of(both, world)["ghost"]
    mixed = engine.search("a haunted mansion", like=first["ghost"], k=10)
    assert worlds_of(mixed, world)["ghost"] == 10
    assert engine.search(like=first["space"], k=7) == engine.similar(first["space"], k=7)
    for match in [*both, *leaning, *without, *mixed]:
        assert sum(match.parts.values()) == pytest.approx(match.score, abs=1e-6)


def test_filters_limit_the_answers(engine, rows, world):
    everything = engine.similar("0003", k=1000)
    late = {row["id"] for row in rows if row["release_date"] >= "2010"}
    found = engine.similar("0003", k=20, where="year >= 2010")
    assert [match.id for match in found] == [match.id for match in everything if match.id in late][:20]
    assert engine.similar("0003", where="'nowhere' IN genres") == []
    theme = engine.themes()[0].id
    inside = engine.search("a story", where=f"theme = '{theme}'", k=500, anyway=True)
    assert {match.id for match in inside} <= {item.id for item in engine.theme(theme).items}
    assert set(worlds_of(engine.search("a ghost", where="list_contains(genres, 'court')", k=9), world)) == {"court"}


# --- thinning out ------------------------------------------------------------------------------------------


def test_no_diversity_keeps_the_order_and_much_spreads_the_answers(engine, world):
    plain = engine.search("a ghost in a restaurant kitchen", k=12, anyway=True)
    assert engine.search("a ghost in a restaurant kitchen", k=12, diversity=0, anyway=True) == plain
    wide = engine.search("a ghost in a restaurant kitchen", k=12, diversity=1, anyway=True)
    assert wide[0] == plain[0]
    assert len(wide) == 12
    assert len(worlds_of(wide, world)) > len(worlds_of(plain, world))


def test_at_most_so_many_of_a_value(engine, rows, world):
    found = engine.similar("0003", k=12, at_most={"genres": 2})
    assert set(worlds_of(found, world).values()) == {2}  # however far down the sixth world lies
    assert len(worlds_of(found, world)) == 6
    themes = dict(zip(engine.catalog.ids, engine.items().column("theme").to_pylist(), strict=True))
    counted = Counter(themes[match.id] for match in engine.similar("0003", k=8, at_most={"theme": 1}))
    assert all(many == 1 for theme, many in counted.items() if theme is not None)
    both = engine.similar("0003", k=6, at_most={"genres": 3, "theme": 3}, diversity=0.4, dedupe=True)
    assert len(both) == 6
    assert max(worlds_of(both, world).values()) <= 3


def test_copies_are_found_and_left_out(engine):
    groups = [{item.id for item in group} for group in engine.duplicates()]
    assert {"0005", "copy", "again"} in groups
    assert any({"0006", "retold"} <= group for group in groups)
    sizes = [len(group) for group in groups]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) >= 2
    nearest = [match.id for match in engine.similar("0005", k=2)]
    assert set(nearest) == {"copy", "again"}
    assert not {"copy", "again"} & {match.id for match in engine.similar("0005", k=300, dedupe=True)}
    found = [match.id for match in engine.similar("0000", k=300, dedupe=True)]
    assert len({"0005", "copy", "again"} & set(found)) == 1
    retold = next(group for group in groups if {"0006", "retold"} <= group)
    assert len(retold & set(found)) == 1
    alone = len(engine.catalog) - sum(sizes)
    assert len(found) == alone + len(sizes) - 1  # one of each group but the query's own


# --- honesty -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["blorf zequim trask", "qwertyuiop", "zzzz xxxx", "quarterly VAT returns for sole proprietors"]
)
def test_what_fits_nothing_gives_nothing_and_says_so(engine, text):
    found = engine.search(text)
    assert found == []
    assert found.note == f"No match in this catalog for {text!r}"
    anyway = engine.search(text, k=3, anyway=True)
    assert len(anyway) == 3
    assert anyway.note == found.note


@pytest.mark.parametrize(
    "text", ["a spooky old house", "lawyers at trial", "cowboys", "soccer", "cooking", "sci-fi", "sheriff"]
)
def test_what_fits_something_is_answered(engine, text):
    assert len(engine.search(text)) == 10


def test_a_mood_in_the_catalogs_own_words_is_answered_with_a_warning(engine, monkeypatch):
    class Strict:
        """Models by whose measure no text is near anything."""

        def __init__(self, models):
            self.encoder = models.encoder

        def nonsense_level(self, space, nearest):
            return 2.0

    searcher = replace(engine._searcher, models=Strict(engine._models))
    monkeypatch.setattr(engine, "_searcher", searcher)
    found = engine.search("a coach and a goal for the north and a small crew in a town", k=4)
    assert len(found) == 4
    assert found.note.endswith("well. These are the nearest")
    assert engine.search("blorf zequim trask") == []


def test_only_a_text_alone_is_judged(engine):
    found = engine.search("blorf zequim trask", like="0003", k=4)
    assert len(found) == 4
    assert found.note == ""


def test_percentiles_fall_with_the_scores(engine):
    found = engine.similar("0003", k=500)
    percentiles = [match.percentile for match in found]
    assert percentiles == sorted(percentiles, reverse=True)
    assert percentiles[0] > 0.9
    assert 0 <= percentiles[-1] < 0.1
    assert np.median(percentiles) == pytest.approx(0.5, abs=0.25)


# --- what is stored ----------------------------------------------------------------------------------------


def same(one, other):
    parts = ("data", "indices", "indptr")
    return one.shape == other.shape and all((getattr(one, part) == getattr(other, part)).all() for part in parts)


def test_what_was_stored_is_what_the_catalog_gives(engine, folder):
    catalog, search_index = engine.catalog, StoredRun(versions.open(folder / "ws")).search_index
    items = SpaceInput(catalog, {}, {}.__getitem__)
    words, facts = Lexical.build(items), Metadata.build(items)
    stored = search_index.spaces["lexical"]
    assert stored.words == words.words
    assert (stored.weights == words.weights).all()
    assert same(stored.matrix, words.matrix)
    assert same(stored.lists, words.lists)
    assert search_index.spaces["metadata"].fields.keys() == facts.fields.keys()
    for name, values in facts.fields.items():
        assert search_index.spaces["metadata"].fields[name].names == values.names
        assert same(search_index.spaces["metadata"].fields[name].matrix, values.matrix)
        assert same(search_index.spaces["metadata"].fields[name].lists, values.lists)
    assert np.array_equal(search_index.spaces["metadata"].years, facts.years, equal_nan=True)
    from discover.search import cohort

    again = cohort.measure(search_index.spaces, search_index.count)
    assert (again.rows == search_index.cohort.rows).all()
    assert again.pooled == pytest.approx(search_index.cohort.pooled)
    for name, stats in again.stats.items():
        assert np.array_equal(stats.mean, search_index.cohort.stats[name].mean, equal_nan=True)
        assert np.array_equal(stats.std, search_index.cohort.stats[name].std, equal_nan=True)


def test_what_takes_long_is_stored(engine, folder):
    stored = StoredRun(versions.open(folder / "ws"))
    null_scores = rank.null_scores(stored.search_index, stored.search_index.weights)
    assert len(null_scores) > 1_000
    assert (stored.null_scores == null_scores).all()
    few = {"lexical": 1.0}
    percentiles = [match.percentile for match in engine.similar("0009", k=50, weights=few)]
    own = rank.null_scores(stored.search_index, few)
    assert percentiles == [
        np.searchsorted(own, match.score) / (len(own) + 1) for match in engine.similar("0009", k=50, weights=few)
    ]


def test_the_same_question_has_the_same_answer(engine, folder):
    other = discover.open(folder / "ws")
    assert other.similar("0009", k=50) == engine.similar("0009", k=50)


# --- bad questions -----------------------------------------------------------------------------------------

NAN, INF = float("nan"), float("inf")
SMALL = {"text": [1.0, 2.0]}


@pytest.mark.parametrize(
    ("term", "error", "message"),
    [
        *(
            (lambda e, k=k: e.similar("0000", k=k), UsageError, "k must be a whole number of at least 1, got")
            for k in (0, -1, "3", 2.5, True, None, NAN)
        ),
        (lambda e: e.search("blorf zequim trask", k=0), UsageError, "k must be"),
        *(
            (lambda e, w=w: e.similar("0000", weights={"text": w}), UsageError, "weights: text must be a number")
            for w in (NAN, INF, -1, "1", None, True)
        ),
        (lambda e: e.similar("0000", weights={"text": 0, "image": 0}), UsageError, "nothing can be searched"),
        (lambda e: e.similar("0000", weights={}), UsageError, "nothing can be searched"),
        (lambda e: e.search("ghost", weights={"text": 0}), UsageError, "nothing can be searched"),
        (lambda e: e.search("a vicar", weights={"metadata": 1}), UsageError, "`text` or `lexical` a weight above 0"),
        (lambda e: e.search("a vicar", like="0003", weights={"metadata": 1}), UsageError, "query cannot be searched"),
        (
            lambda e: e.search(vector={"text": e.spaces["text"].vectors[0]}, unlike="0003", weights={"image": 1}),
            UsageError,
            "query cannot be searched",
        ),
        (lambda e: e.similar("0000", weights={"sound": 1}), UsageError, "no space 'sound'.*Valid: image, text"),
        (lambda e: e.similar("0000", weights="text=1"), UsageError, "weights: give a dictionary"),
        *((lambda e, t=t: e.search(t), UsageError, "must be a non-empty string") for t in ("", " \n ", 5, b"ghost")),
        (lambda e: e.search("ghost " * 200_000), UsageError, "1,200,000 characters, at most 100,000"),
        (lambda e: e.search("ghost \ud800"), UsageError, "not valid UTF-8"),
        (lambda e: e.search(), UsageError, "Nothing to search for"),
        (lambda e: e.search(unlike="0003"), UsageError, "Nothing to search for"),
        (lambda e: e.search(like=5.5), UsageError, "like: give ids or titles"),
        (lambda e: e.search(like=[b"5"]), UsageError, "like: give ids or titles"),
        (lambda e: e.search(like=[["0003"]]), UsageError, "like: give ids or titles"),
        (lambda e: e.search(like=None), UsageError, "like: give ids or titles"),
        (lambda e: e.search(like={"0003": NAN}), UsageError, "like: give ids or titles"),
        (lambda e: e.search(unlike={"0003": -1}), UsageError, "unlike: give ids or titles"),
        (lambda e: e.search(like="no such show"), UnknownItemError, "no item has the id or title 'no such show'"),
        (
            lambda e: e.similar("Twins"),
            UnknownItemError,
            r"2 items are called 'Twins'. Give an id: twin 50 \(.*twin 60 \(",
        ),
        (lambda e: e.similar(None), UsageError, "title of an item, got None"),
        (lambda e: e.search(image="nowhere.png"), InputError, "nowhere.png: the file does not exist"),
        (lambda e: e.search(image="nul\0.png"), InputError, "cannot be read"),
        (lambda e: e.search(image="/"), InputError, "/: cannot be read"),
        (lambda e: e.search(image=__file__), InputError, "not a picture in a known format"),
        (lambda e: e.search(image=__file__, weights={"text": 1}), UsageError, "Give `image` a weight above 0"),
        (lambda e: e.search(vector=SMALL), UsageError, "text must be 384 finite numbers, not all 0, got 2"),
        (lambda e: e.search(vector={"text": [NAN] * 384}), UsageError, "finite numbers"),
        (lambda e: e.search(vector={"text": [0] * 384}), UsageError, "not all 0"),
        (lambda e: e.search(vector={"text": [[1.0] * 192] * 2}), UsageError, "got 2 x 192"),
        (lambda e: e.search(vector={"text": 3.0}), UsageError, "got one number"),
        (lambda e: e.search(vector={"text": ["a"] * 384}), UsageError, "not an array of numbers"),
        (lambda e: e.search(vector={"text": [10**400] * 384}), UsageError, "not an array of numbers"),
        (lambda e: e.search(vector={"lexical": [1.0]}), UsageError, "no vectors 'lexical'.*Valid: image, text"),
        (lambda e: e.search(vector=[1.0] * 384), UsageError, "vector: give a dictionary"),
        (lambda e: e.similar("0000", at_most={"colour": 1}), UsageError, "no column 'colour'. Valid: id, title"),
        (lambda e: e.similar("0000", at_most={"theme": 0}), UsageError, "at_most: theme must be a whole number"),
        (lambda e: e.similar("0000", at_most="theme"), UsageError, "at_most: give a dictionary"),
        *(
            (lambda e, d=d: e.similar("0000", diversity=d), UsageError, "diversity must be between 0 and 1, got")
            for d in (2, -0.1, NAN, "1", None, True)
        ),
        (lambda e: e.similar("0000", where="colour = 1"), UsageError, "colour"),
        (lambda e: e.label([]), UsageError, "label: give at least one item"),
        (lambda e: e.label(5), UsageError, "label: give a list of ids or titles, got 5"),
        (lambda e: e.label([None]), UsageError, "title of an item, got None"),
        (lambda e: e.label(["0003", "no such show"]), UnknownItemError, "no item has the id or title 'no such show'"),
        (lambda e: e.similar("0000", where=5), UsageError, "where"),
    ],
)
def test_bad_questions_get_one_clear_line(engine, term, error, message):
    with pytest.raises(error, match=message) as caught:
        term(engine)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_any_number_of_answers_is_all_of_them(engine, rows):
    assert len(engine.similar("0003", k=10**9)) == len(rows) - 1
    assert len(engine.similar("0003", k=10**9, diversity=0.5)) == len(rows) - 1
    assert len(engine.similar("0003", k=np.int64(3))) == 3


def test_odd_texts_are_searched_for_all_the_same(engine):
    for text in ("a ghost\0story", "Ünïcödé ghost 👻", "' OR 1=1 --", "{title} {0}", "ghost " * 10_000):
        assert engine.search(text, k=2, anyway=True)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["similar", "no such show"], 3, "no item has the id or title 'no such show'"),
        (["similar", "Twins"], 3, "Give an id: twin 50"),
        (["label", "0003", "Twins"], 3, "Give an id: twin 50"),
        (["similar", "0003", "-k", "0"], 2, "k must be a whole number of at least 1, got 0"),
        (["similar", "0003", "--weights", "text=nan"], 2, "weights: text must be a number of at least 0, got nan"),
        (["similar", "0003", "--weights", "sound=1"], 2, "no space 'sound'"),
        (["search", " "], 2, "empty"),
    ],
)
def test_bad_questions_to_the_command_line_are_one_line(folder, arguments, code, message):
    done = command(*arguments, "-w", folder / "ws")
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_command_line_answers_as_the_engine_does(folder, engine):
    done = command("similar", "0003", "-k", "1000000000", "--json", "-w", folder / "ws")
    answers = json.loads(done.stdout)
    assert [match["id"] for match in answers] == [match.id for match in engine.similar("0003", k=10**9)]


def test_any_items_have_a_label(engine, folder, rows):
    copied = {*COPIES, *COPIES.values()}
    ghosts = [row for row in rows if row["genres"] == "ghost" and row["id"] not in copied and row["title"] != "Twins"][
        :12
    ]
    found = engine.label([row["id"] for row in ghosts])
    assert "ghost" in found.text.casefold()
    assert set(found.keywords) & set(WORLDS["ghost"].split())
    assert not set(found.keywords) & set(WORLDS["space"].split())
    assert {item.id for item in found.items} <= {row["id"] for row in ghosts}
    assert engine.label([row["title"] for row in ghosts] + [ghosts[0]["id"]]) == found
    assert engine.label("0003").items[0].id == "0003"
    done = command("label", *(row["id"] for row in ghosts), "--json", "-w", folder / "ws")
    assert json.loads(done.stdout) == plain(found)
    assert found.text in command("label", *(row["id"] for row in ghosts), "-w", folder / "ws").stdout


def test_the_quality_of_labels_is_stored_by_level(engine):
    assert engine.label_quality == list(coherence.measure(engine.catalog, engine.named))
    broad = engine.label_quality[0]
    assert (broad.level, broad.themes, broad.measured) == (0, len(engine.themes()), len(engine.themes()))
    assert broad.coherence > 0.1  # the planted worlds have words of their own
    assert broad.diversity > 0.7


# --- odd catalogs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "items",
    [
        [{"id": "a", "title": "Alone", "description": "The only film there is."}],
        [{"id": str(i), "title": "Same", "description": "The same words each time."} for i in range(12)],
        [{"id": str(i), "title": "*" * (i + 1), "description": "… — !"} for i in range(9)],
        [{"id": word, "title": word, "description": word} for word in ["moon", "river", "ghost", "sheriff", "oven"]],
    ],
    ids=["one item", "identical", "no words", "one word each"],
)
def test_odd_catalogs_are_run_and_searched(tmp_path, items):
    discover.run(items, workspace=tmp_path / "ws")
    engine = discover.open(tmp_path / "ws")
    for id in engine.catalog.ids[:3]:
        found = engine.similar(id, k=5, dedupe=False, diversity=0.2)
        assert len(found) == min(5, len(items) - 1)
        assert all(np.isfinite([match.score, match.percentile]).all() for match in found)
    assert len(engine.search("a film about the moon", k=2, anyway=True)) == min(2, len(items))
    assert Path(engine.report).exists()
