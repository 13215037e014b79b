"""Many items at once and histories of likes, on one planted night: the oracle is a loop of `similar`."""

import itertools
import json

import numpy as np
import pytest

import discover
from discover.core.errors import UnknownItemError, UsageError
from discover.search import lookup, rank, recommend
from discover.testing import shows
from tests.shell import command

ROWS = shows(each=15)
WORLD = {row["id"]: row["genres"] for row in ROWS}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    discover.run(ROWS, workspace=folder)
    return discover.open(folder)


def of(world, count, skip=0):
    return list(itertools.islice((id for id in WORLD if WORLD[id] == world), skip, skip + count))


def pairs(matches):
    return [match.id for match in matches], [match.score for match in matches]


# --- many items --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [None, {"text": 1.0}, {"metadata": 0.3, "lexical": 1.0}])
def test_many_are_a_loop_of_similar(engine, weights):
    found = engine.similar_many(k=7, weights=weights)
    ids, scores = found.to_numpy()
    assert found.ids == engine.catalog.ids
    for line, item in enumerate(found.ids):
        expected = pairs(engine.similar(item, k=7, weights=weights))
        assert ids[line].tolist() == expected[0]
        np.testing.assert_allclose(scores[line], expected[1], atol=1e-5)


def test_many_in_small_blocks_beyond_exhaustive_and_among_allowed_rows(engine, monkeypatch):
    search_index, weights, count = engine._run.search_index, engine.weights, len(ROWS)
    some, allowed = np.arange(3, 40), np.arange(0, count, 3)
    whole = rank.rank_many(search_index, some, 5, weights)
    monkeypatch.setattr(rank, "BLOCK_PAIRS", 7 * count)
    np.testing.assert_array_equal(rank.rank_many(search_index, some, 5, weights)[0], whole[0])
    within = rank.rank_many(search_index, some, 5, weights, allowed)
    assert np.isin(within[0], allowed).all()
    for line, row in enumerate(some):
        expected = rank.rank(
            search_index, rank.Query([rank.QueryTerm.from_row(search_index, row)], weights, allowed), 5
        )
        np.testing.assert_array_equal(within[0][line], expected.rows)
    monkeypatch.setattr(rank, "EXHAUSTIVE_ROWS", 20)  # each item by candidates then
    np.testing.assert_array_equal(rank.rank_many(search_index, some, 5, weights)[0], whole[0])


def test_items_by_id_and_title_in_the_order_given(engine):
    one, other = ROWS[8], ROWS[2]
    found = engine.similar_many([one["title"], other["id"], one["id"]], k=3)
    assert found.ids == [one["id"], other["id"], one["id"]]
    ids, scores = found.to_numpy()
    assert ids[0].tolist() == ids[2].tolist() == [match.id for match in engine.similar(one["id"], k=3)]
    assert found.to_scipy().nnz == 6  # the one asked for twice counts once
    frame = found.to_pandas()
    assert list(frame.columns) == ["item", "neighbour", "rank", "score"]
    assert frame["neighbour"].tolist() == ids.ravel().tolist()
    assert frame["rank"].tolist() == [1, 2, 3] * 3
    np.testing.assert_array_equal(frame["score"], scores.ravel())


def test_the_sparse_matrix_is_in_catalog_order_and_has_what_is_above_chance(engine):
    found = engine.similar_many(k=len(ROWS))
    ids, scores = found.to_numpy()
    assert scores.shape == (len(ROWS), len(ROWS) - 1)
    assert (scores < 0).any()
    dense = found.to_scipy().toarray()
    assert dense.dtype == np.float32
    row = {id: place for place, id in enumerate(engine.catalog.ids)}
    for line in (0, 17, 50):
        expected = np.zeros(len(ROWS), dtype=np.float32)
        for id, score in zip(ids[line], scores[line], strict=True):
            expected[row[id]] = max(score, 0)
        np.testing.assert_array_equal(dense[line], expected)


def test_short_lines_end_in_none_and_nan(engine):
    rows = np.array([4, 5])
    nearest, scores = rank.rank_many(engine._run.search_index, rows, 5, {"text": 1.0}, np.array([4, 7]))
    found = discover.core.types.Neighbors(engine.catalog.ids, rows, nearest, scores)
    ids, values = found.to_numpy()
    assert ids[0].tolist() == [engine.catalog.ids[7], None]
    assert np.isnan(values[0]).tolist() == [False, True]
    assert len(found.to_pandas()) == 3
    assert None not in ids[1]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"k": 0}, UsageError, "k must be a whole number of at least 1, got 0"),
        ({"items": "0001"}, UsageError, "items: give a list of ids or titles, got '0001'"),
        ({"items": ["0001", "nowhere"]}, UnknownItemError, "no item has the id or title 'nowhere'"),
        ({"items": [1.5]}, UsageError, "expected the id or title of an item, got 1.5"),
        ({"items": [1]}, UnknownItemError, "no item has the id or title '1'"),
        ({"weights": {"text": 0}}, UsageError, "nothing can be searched"),
        ({"weights": {"smell": 1}}, UsageError, "no space 'smell' in this version"),
    ],
)
def test_what_many_refuses(engine, options, error, message):
    with pytest.raises(error, match=message):
        engine.similar_many(**options)


def test_no_items_have_no_neighbours(engine):
    found = engine.similar_many([], k=3)
    assert (len(found), len(found.to_pandas()), found.to_scipy().nnz) == (0, 0, 0)


# --- histories ---------------------------------------------------------------------------------------------


def by_loop(engine, liked):
    """The documented score, from what `similar` says of each liked item."""
    products = {}
    for key, rating in liked.items():
        for match in engine.similar(key, k=len(ROWS)):
            products.setdefault(match.id, []).append(match.score * rating / max(liked.values()))
    scores = {id: np.mean(sorted(those)[-recommend.BEST_LIKED :]) for id, those in products.items() if id not in liked}
    return sorted(scores.items(), key=lambda each: -each[1])


@pytest.mark.parametrize("count", [1, 4, 30])
def test_recommendations_are_the_mean_of_the_best_similarities(engine, count):
    random = np.random.default_rng(count)
    liked = {str(id): float(random.integers(1, 6)) for id in random.choice(engine.catalog.ids, count, replace=False)}
    expected = by_loop(engine, liked)[:12]
    ids, scores = pairs(engine.recommend(liked, k=12))
    assert ids == [id for id, _ in expected]
    np.testing.assert_allclose(scores, [score for _, score in expected], atol=1e-5)


def test_one_liked_item_is_asked_for_what_is_similar(engine):
    ids, scores = pairs(engine.recommend(["0010"], k=9))
    expected = pairs(engine.similar("0010", k=9))
    assert ids == expected[0]
    np.testing.assert_allclose(scores, expected[1], atol=1e-5)


def test_a_taste_is_met_and_every_side_of_it(engine):
    assert {WORLD[match.id] for match in engine.recommend(of("ghost", 5), k=10)} == {"ghost"}
    both = [WORLD[match.id] for match in engine.recommend(of("ghost", 4) + of("kitchen", 4), k=14)]
    assert set(both) == {"ghost", "kitchen"}
    assert min(both.count("ghost"), both.count("kitchen")) >= 3


def test_what_is_rated_higher_counts_more(engine):
    history = dict.fromkeys(of("space", 4), 5.0) | dict.fromkeys(of("court", 4), 0.5)
    assert {WORLD[match.id] for match in engine.recommend(history, k=8)} == {"space"}


def test_dislikes_push_down_what_is_more_like_them_and_nothing_else(engine):
    liked = dict.fromkeys(of("western", 4) + of("football", 1), 1.0)
    disliked = dict.fromkeys(of("football", 3, skip=1), -1.0)
    before, after = (dict(zip(*pairs(engine.recommend(h, k=1_000)), strict=True)) for h in (liked, liked | disliked))
    assert set(after) == set(before) - set(disliked)
    for id in after:
        if WORLD[id] == "football":
            assert after[id] < before[id]
        elif WORLD[id] == "western":
            assert after[id] == pytest.approx(before[id], abs=1e-6)


def test_nothing_of_the_history_comes_back(engine):
    history = {"0001": 3, "0002": -1, "0003": 0, ROWS[4]["title"]: 2}
    ids, _ = pairs(engine.recommend(history, k=1_000))
    assert set(ids) == set(WORLD) - {"0001", "0002", "0003", ROWS[4]["id"]}


def test_the_parts_add_up_to_the_score(engine):
    random = np.random.default_rng(5)
    history = {str(id): float(random.integers(-3, 6)) for id in random.choice(engine.catalog.ids, 25, replace=False)}
    for match in engine.recommend(history, k=1_000):
        assert sum(match.parts.values()) == pytest.approx(match.score, abs=1e-9)


def test_blocks_and_candidates_give_the_same_answers(engine, monkeypatch):
    search_index, weights = engine._run.search_index, engine.weights
    history = dict.fromkeys(range(30), 1.0) | dict.fromkeys(range(30, 40), -1.0)
    whole = recommend.rank_for_history(search_index, history, 10, weights)
    monkeypatch.setattr(rank, "BLOCK_PAIRS", 11 * len(history))
    np.testing.assert_array_equal(recommend.rank_for_history(search_index, history, 10, weights).rows, whole.rows)
    allowed = np.arange(1, len(ROWS), 2)
    within = recommend.rank_for_history(search_index, history, 10, weights, allowed)
    everything = recommend.rank_for_history(search_index, history, len(ROWS), weights).rows
    np.testing.assert_array_equal(within.rows, everything[np.isin(everything, allowed)][:10])
    monkeypatch.setattr(rank, "EXHAUSTIVE_ROWS", 20)
    np.testing.assert_array_equal(recommend.rank_for_history(search_index, history, 10, weights).rows, whole.rows)
    np.testing.assert_array_equal(
        recommend.rank_for_history(search_index, history, 10, weights, allowed).rows, within.rows
    )


def test_a_diverse_list_starts_with_the_best_and_is_less_alike(engine):
    def alike(matches):
        rows = lookup.find_rows(engine.catalog, [match.id for match in matches])
        return np.nanmean(rank.score_pairs(engine._run.search_index, rows, rows, engine.weights).total)

    liked = of("ghost", 3) + of("space", 3)
    plain, diverse = engine.recommend(liked, k=8), engine.recommend(liked, k=8, diversity=0.7)
    assert plain[0].id == diverse[0].id
    assert alike(diverse) < alike(plain)


@pytest.mark.parametrize(
    ("history", "error", "message"),
    [
        ([], UsageError, "The history holds no liked and no disliked item. Give at least one a rating other than 0"),
        ({"0001": 0}, UsageError, "The history holds no liked and no disliked item"),
        ({"0001": "5"}, UsageError, "the rating of '0001' must be a finite number, got '5'"),
        ({"0001": float("nan")}, UsageError, "the rating of '0001' must be a finite number, got nan"),
        ("0001", UsageError, "give a list of liked ids or a dictionary of ratings, got '0001'"),
        (["nothing", "nowhere"], UnknownItemError, "no item has the id or title 'nothing'"),
        (["0001", ROWS[1]["title"]], UsageError, "two entries name the same item"),
    ],
)
def test_histories_that_are_refused(engine, history, error, message):
    with pytest.raises(error, match=message):
        engine.recommend(history)


def test_what_left_the_catalog_is_skipped_and_said(engine):
    there = engine.recommend(["0001", "0002"], k=5)
    gone = [f"gone {i}" for i in range(7)]
    found = engine.recommend(["0001", *gone, "0002"], k=5)
    assert pairs(found) == pairs(there)
    assert found.note.startswith("7 of 9 in the history are not one item of this catalog and left out: 'gone 0', ")
    assert (found.note.endswith("'gone 4' ..."), there.note) == (True, "")


def test_a_history_of_dislikes_gives_what_is_least_like_them(engine):
    disliked = dict.fromkeys(of("ghost", 5), -1.0)
    found = engine.recommend(disliked, k=20)
    assert "ghost" not in {WORLD[match.id] for match in found}
    assert not {match.id for match in found} & set(disliked)
    every = engine.recommend(disliked, k=1_000)
    assert [match.score for match in every] == sorted((match.score for match in every), reverse=True)
    assert {WORLD[match.id] for match in every[-5:]} == {"ghost"}
    for match in every:
        assert sum(match.parts.values()) == pytest.approx(match.score, abs=1e-6)


# --- ratings -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_evaluates_a_table_of_ratings(engine, tmp_path):
    lines = [f"{world},{id},{5 if WORLD[id] == world else 1}" for world in ("ghost", "space") for id in WORLD]
    (tmp_path / "ratings.csv").write_text("\n".join(["userId,movieId,rating", *lines, "ghost,nowhere,5"]))
    workspace = engine.version.workspace
    options = ("-k", 3, "--liked", 5, "--holdout", 0.3, "--json", "-w", workspace)
    done = command("evaluate", tmp_path / "ratings.csv", *options)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["users"], found["held_out"], found["k"]) == (2, 10, 3)
    assert "1 of 181 ratings concerns items not in the catalog, such as 'nowhere'" in found["notes"]
    same = engine.evaluate(tmp_path / "ratings.csv", k=3, liked=5, holdout=0.3)
    assert [each["mean"] for each in found["figures"]] == [each.mean for each in same.figures]
    done = command("evaluate", tmp_path / "none.csv", "-w", workspace)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "no such file" in done.stderr
