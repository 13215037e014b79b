"""Ratings to figures: tables as people have them, hand-computed figures, planted tastes."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from discover.core.errors import InputError, UsageError
from discover.engine import evaluate
from discover.search.index import build_search_index
from discover.search.spaces.base import SpaceInput
from discover.testing import catalog, shows

ROWS = shows(each=20)
CATALOG = catalog(ROWS)
WEIGHTS = {"lexical": 1.0, "metadata": 1.0}


@pytest.fixture(scope="module")
def search_index():
    return build_search_index(SpaceInput(CATALOG, {}, {}.__getitem__))


def rated(*rows, columns=("user", "item", "rating", "time")):
    return pd.DataFrame(rows, columns=columns[: len(rows[0])])


def tastes(users=60, each=8, seed=0):
    """Every user likes items of one world, and has seen two others."""
    random, rows = np.random.default_rng(seed), []
    worlds = sorted({row["genres"] for row in ROWS})
    for user in range(users):
        world = worlds[user % len(worlds)]
        inside = [row["id"] for row in ROWS if row["genres"] == world]
        outside = [row["id"] for row in ROWS if row["genres"] != world]
        rows += [(f"u{user}", id, 5) for id in random.choice(inside, each, replace=False)]
        rows += [(f"u{user}", id, 1) for id in random.choice(outside, 2, replace=False)]
    return rated(*rows)


# --- reading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ("userId", "movieId", "rating", "timestamp"),
        ("user_id", "item_id", "stars", "date"),
        ("User", "Title", "Score", "Time"),
        ("user", "id", "rating", "time"),
    ],
)
@pytest.mark.parametrize("as_file", [True, False])
def test_columns_are_found_by_their_usual_names(names, as_file, tmp_path):
    key = "title" if names[1] == "Title" else "id"
    table = rated(("b", ROWS[3][key], 4, 20), ("a", ROWS[5][key], 2, 30), ("b", ROWS[1][key], 5, 10), columns=names)
    if as_file:
        table.to_csv(tmp_path / "ratings.csv", index=False)
    found = evaluate.read(tmp_path / "ratings.csv" if as_file else table, CATALOG)
    assert found.users.tolist() == [0, 1, 1]
    assert found.rows.tolist() == [5, 1, 3]  # by user, then by time
    assert found.values.tolist() == [0, 5, 4]  # the median is 4
    assert found.timed


def test_what_is_not_used_is_said():
    title, other = ROWS[0]["title"], {**ROWS[1], "title": ROWS[2]["title"]}
    twins = catalog([ROWS[0], other, ROWS[2]])
    table = rated(
        ("a", "0000", 5), ("a", title, 3), ("a", "0002", "good"), ("", "0001", 5), ("b", "0001", 4),
        ("b", ROWS[2]["title"], 5), ("b", "elsewhere", 5),
    )  # fmt: skip
    found = evaluate.read(table, twins)
    assert (found.rows.tolist(), found.values.tolist(), found.timed) == ([0, 1], [0, 4], False)
    said = "; ".join(found.notes)
    assert "6 items: 3 matched by id, 1 by title, 1 ambiguous, 1 unknown" in said
    assert f"2 of 7 ratings concern items not in the catalog, such as {ROWS[2]['title']!r}" in said
    assert "2 ratings were left out: the user is missing or the rating is not a number" in said
    assert "1 rating was replaced by a later rating of the same user and item" in said
    assert "liked: 1 rating of at least 3.5, disliked: 0" in said


def test_dates_and_missing_times():
    table = rated(("a", "0000", 5, "2020-05-01"), ("a", "0001", 5, "2019-12-31"), ("a", "0002", 5, None))
    found = evaluate.read(table, CATALOG)
    assert found.rows.tolist() == [2, 1, 0]
    assert "1 rating has no readable time and counted as oldest" in found.notes


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ([1, 2, 3, 4, 5], {}, [0, 0, 3, 4, 5]),
        ([1, 2, 3, 4, 5], {"liked": 4, "disliked": 2}, [-3, -2, 0, 4, 5]),
        ([-1, 1, 1, 0, -2], {}, [-2, 1, 1, 0, -3]),
        ([0, 0, 0, 7, 9], {}, [0, 0, 0, 7, 9]),
        (None, {}, [1, 1, 1, 1, 1]),
    ],
)
def test_ratings_become_likes_and_dislikes(values, options, expected):
    rows = [("a", f"{i:04d}", *([values[i]] if values else [])) for i in range(5)]
    assert evaluate.read(rated(*rows), CATALOG, **options).values.tolist() == expected


@pytest.mark.parametrize(
    ("table", "options", "error", "message"),
    [
        (rated(("a", "0000", 1), columns=("who", "item", "rating")), {}, InputError,
         r"no column for the user. Call it one of userid, user.* Columns: who, item, rating"),
        (rated(("a", "0000", 1), columns=("user", "what", "rating")), {}, InputError, "no column for the item"),
        (rated(("a", "x7", 1)), {}, InputError,
         "none of its 1 item is in this catalog .by id or title., for example 'x7'"),
        (rated(("a", "0000", "fine")), {}, InputError, "no row has a user, an item of this catalog and a rating"),
        (rated(("a", "0000", -1)), {}, UsageError, "liked must be above 0, got None"),
        (rated(("a", "0000", 3)), {"liked": 0}, UsageError, "liked must be above 0, got 0"),
        (rated(("a", "0000", 3)), {"disliked": 4}, UsageError, r"disliked must be below liked \(3\), got 4"),
    ],
)  # fmt: skip
def test_tables_that_are_refused(table, options, error, message):
    with pytest.raises(error, match=message) as raised:
        evaluate.read(table, CATALOG, **options)
    assert "\n" not in str(raised.value)


# --- splitting ---------------------------------------------------------------------------------------------


def test_the_last_likes_are_held_out():
    rows = [("a", f"{i:04d}", 5 if i % 2 else 1, 100 - i) for i in range(12)]  # the lowest id comes last
    one_like = [("b", "0000", 5, 1), ("b", "0001", 1, 2)]
    cases = evaluate.split(evaluate.read(rated(*rows, *one_like), CATALOG, liked=4), 0.4, seed=0)
    assert len(cases) == 1
    assert sorted(cases[0].held_out) == [1, 3, 5]
    assert cases[0].history == {0: 0, 2: 0, 4: 0, 6: 0, 8: 0, 10: 0, 7: 5, 9: 5, 11: 5}


def test_without_times_the_seed_decides():
    found = evaluate.read(tastes(users=6), CATALOG)
    one, same, other = (evaluate.split(found, 0.2, seed) for seed in (1, 1, 2))
    held = [[case.held_out.tolist() for case in cases] for cases in (one, same, other)]
    assert held[0] == held[1] != held[2]
    for case in one:
        assert len(case.held_out) == 2
        assert not set(case.held_out.tolist()) & set(case.history)


def test_one_like_always_stays():
    found = evaluate.read(rated(("a", "0000", 5, 1), ("a", "0001", 5, 2)), CATALOG)
    (case,) = evaluate.split(found, 0.99, seed=0)
    assert (case.held_out.tolist(), case.history) == ([1], {0: 5})


# --- measuring ---------------------------------------------------------------------------------------------


def test_figures_by_hand():
    cases = [evaluate.Case({9: 1}, np.array(held)) for held in ([1, 2], [4], [3, 5, 6], [7])]
    lists = [np.array(rows, dtype=np.int64) for rows in ([5, 1, 7], [4, 0, 1], [0, 1, 2], [])]
    found = evaluate._accuracy(cases, lists, 3)
    second = 1 / np.log2(3)
    np.testing.assert_allclose(found["nDCG@3"], [second / (1 + second), 1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(found["recall@3"], [0.5, 1, 0, 0])
    np.testing.assert_allclose(found["MRR@3"], [0.5, 1, 0, 0])


def test_intervals_come_from_the_users():
    values = np.random.default_rng(1).normal(3, 2, size=400)
    varied, constant = evaluate._figures("x", {"varied": values, "constant": np.full(400, 0.5)}, seed=0)
    error = values.std() / np.sqrt(400)
    assert varied.mean == pytest.approx(values.mean())
    assert varied.high - varied.low == pytest.approx(2 * 1.96 * error, rel=0.15)
    assert (constant.low, constant.mean, constant.high) == (0.5, 0.5, 0.5)


@pytest.mark.slow
def test_planted_tastes_are_found_and_popularity_knows_nothing_of_them(search_index):
    found = evaluate.evaluate(search_index, evaluate.read(tastes(), CATALOG), WEIGHTS, k=10)
    figure = {(each.recommender, each.metric): each for each in found.figures}
    assert (found.users, found.held_out, found.too_few, found.k) == (60, 120, 0, 10)
    # 14 items of the user's world are open, 2 of them held out: found at random among these, recall is 10 / 14
    assert figure["discover", "recall@10"].mean == pytest.approx(10 / 14, abs=0.12)
    assert figure["popularity", "recall@10"].mean < 0.3
    assert figure["random", "recall@10"].mean < 0.3
    assert figure["discover", "coverage"].mean > 0.9
    assert figure["discover", "coverage"].low is None
    difference = {each.metric: each for each in found.differences}
    assert set(difference) == {"nDCG@10", "recall@10", "MRR@10", "novelty"}
    for metric in ("nDCG@10", "recall@10", "MRR@10"):
        assert difference[metric].low > 0
        expected = figure["discover", metric].mean - figure["popularity", metric].mean
        assert difference[metric].mean == pytest.approx(expected)
    assert evaluate.evaluate(search_index, evaluate.read(tastes(), CATALOG), WEIGHTS, k=10) == found


def test_coverage_and_novelty_of_popularity_by_hand(search_index):
    # in the histories: item 0 of all three users, item 1 of one, nothing else; 2, 3, 4 are held out
    table = rated(("a", "0000", 5, 1), ("a", "0002", 5, 9), ("b", "0000", 5, 1), ("b", "0003", 5, 9),
                  ("c", "0000", 5, 1), ("c", "0001", 5, 2), ("c", "0004", 5, 9))  # fmt: skip
    found = evaluate.evaluate(search_index, evaluate.read(table, CATALOG), WEIGHTS, k=1)
    figure = {(each.recommender, each.metric): each.mean for each in found.figures}
    # a and b are given item 1, which one of three knows; c item 2, which nobody does
    assert figure["popularity", "coverage"] == pytest.approx(2 / len(ROWS))
    assert figure["popularity", "novelty"] == pytest.approx((1 + 1 + 2) / 3)


def test_the_clock_tells_which_like_came_last():
    times = pd.to_datetime(["2020-01-01 23:00", "2020-01-01 08:00", "2020-01-01 09:00"])
    for column in (times, times.astype(str), [*times.astype(str)[:2], "0"]):
        read = evaluate._times(pa.chunked_array([pa.array(list(column))]))
        assert read[0] - read[1] == 15 * 3600
    assert np.isnan(read[2])


@pytest.mark.parametrize("seed", [-1, 1.5, True])
def test_a_seed_is_a_whole_number(search_index, seed):
    with pytest.raises(UsageError, match="seed must be a whole number of at least 0"):
        evaluate.evaluate(search_index, evaluate.read(tastes(users=2), CATALOG), WEIGHTS, seed=seed)


@pytest.mark.parametrize("holdout", [0, 1, -0.5, float("nan")])
def test_a_share_is_between_nothing_and_everything(search_index, holdout):
    with pytest.raises(UsageError, match="holdout must be above 0 and below 1"):
        evaluate.evaluate(search_index, evaluate.read(tastes(users=2), CATALOG), WEIGHTS, holdout=holdout)


def test_nobody_with_two_likes(search_index):
    table = rated(("a", "0000", 5), ("b", "0001", 5))
    with pytest.raises(InputError, match="no user likes two items of this catalog, so nothing can be predicted"):
        evaluate.evaluate(search_index, evaluate.read(table, CATALOG), WEIGHTS)


def test_without_ranx_one_line_says_what_to_install():
    code = (
        "import sys; sys.modules['ranx'] = None\n"
        "from discover.engine import evaluate\n"
        "try: evaluate._ranx()\nexcept Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith("UsageError run pip install 'content-discover[evaluate]' to evaluate")
    assert done.stdout.count("\n") == 1
