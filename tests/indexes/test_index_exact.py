"""The oracle itself, against a search that is plainly right."""

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import assert_same, brute_force, clustered

from indexes import distinct, exact
from indexes.base import Neighbours, unit

MANY, SOME, FEW = 50, 40, 3  # queries: the three ways a search is done


@pytest.fixture(autouse=True)
def fewer_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "MANY", MANY)


@pytest.mark.parametrize("queries", [MANY, SOME, FEW])
def test_the_fast_pass_equals_the_slow_one(queries: int) -> None:
    vectors = clustered(3000, 32)
    for k in (1, 10, 2999, 3000, 4000):
        assert_same(Neighbours(*exact.top(vectors[:queries], vectors, k)), brute_force(vectors, vectors[:queries], k))


@pytest.mark.parametrize("queries", [MANY, SOME, FEW])
def test_thousands_tie_at_the_last_place(queries: int) -> None:
    one = clustered(2, 16)
    vectors = np.vstack([clustered(500, 16, seed=5), np.repeat(one, 3000, axis=0), clustered(500, 16, seed=6)])
    asked = np.vstack([np.repeat(one, queries, axis=0), vectors[:queries]])
    assert_same(Neighbours(*exact.top(asked, vectors, 20)), brute_force(vectors, asked, 20))


@pytest.mark.parametrize("queries", [MANY, SOME, FEW])
def test_nearly_tied_rows_are_told_apart(queries: int) -> None:
    """Rows that differ in the last bit: a matrix product cannot order them, the exact score can."""
    rows = np.repeat(clustered(1, 32), 2000, axis=0)
    rows[np.arange(2000), np.arange(2000) % 32] *= 1 + np.random.default_rng(0).integers(-4, 5, 2000) * 2.0**-23
    vectors = unit(rows, "vectors")
    assert_same(Neighbours(*exact.top(vectors[:queries], vectors, 10)), brute_force(vectors, vectors[:queries], 10))


@pytest.mark.parametrize("queries", [MANY, SOME, FEW])
def test_allowed_rows_equal_the_slow_search(queries: int) -> None:
    vectors, random = clustered(3000, 32), np.random.default_rng(0)
    for share in (0.001, 0.01, 0.3, 0.99):
        rows = np.sort(random.choice(3000, int(3000 * share), replace=False))
        for k in (1, 10, 2000):
            found = Neighbours(*exact.top(vectors[:queries], vectors, k, rows))
            assert_same(found, brute_force(vectors, vectors[:queries], k, rows))


@pytest.mark.parametrize("queries", [MANY, SOME, FEW])
def test_small_blocks_and_more_threads_change_nothing(queries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, rows = clustered(2000, 16), np.arange(0, 2000, 3)
    vectors[1000:1100] = vectors[7]

    def answers() -> list[Neighbours]:
        return [Neighbours(*exact.top(vectors[:queries], vectors, 5, some)) for some in (None, rows)]

    whole = answers()
    monkeypatch.setattr(exact, "BLOCK_BYTES", 40_000)
    monkeypatch.setattr(exact, "BLOCK_ROWS", 100)
    monkeypatch.setattr(exact, "FOLD", 7)
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(3)
    try:
        for found, wanted in zip(answers(), whole, strict=True):
            assert_same(found, wanted)
    finally:
        faiss.omp_set_num_threads(threads)


def test_few_queries_are_scored_in_place_and_many_in_a_product() -> None:
    for gathered in (False, True):
        plans = [exact.in_place_is_cheaper(queries, gathered) for queries in range(1, 1000)]
        assert plans[0]
        assert plans == sorted(plans, reverse=True)
        assert not plans[50]


def test_equal_rows_score_equally_wherever_they_stand() -> None:
    vectors = np.repeat(clustered(1, 37), 1001, axis=0)
    scores = exact.scores(clustered(9, 37, seed=2), vectors, np.tile(np.arange(1001), (9, 1)))
    assert np.all(scores == scores[:, :1])


def test_a_missing_row_scores_below_all() -> None:
    vectors = clustered(5, 4)
    rows = np.array([[2, -1, 3]])
    scores = exact.scores(vectors[:1], vectors, rows)
    assert scores[0, 1] == -np.inf
    assert exact.best(rows, scores, 3)[0][0, -1] == -1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=30), st.integers(1, 40))
def test_the_key_sorts_as_score_and_row_do(scores: list[float], k: int) -> None:
    values = np.array([scores], np.float32) + np.float32(0)
    rows = np.random.default_rng(0).permutation(len(scores))[None]
    order = np.lexsort((rows, -values), axis=1)[:, :k]
    found, kept = exact.best(rows, values, k)
    np.testing.assert_array_equal(found, np.take_along_axis(rows, order, 1))
    np.testing.assert_array_equal(kept, np.take_along_axis(values, order, 1))


def test_equal_rows_are_numbered_by_first_appearance() -> None:
    a, b, c = clustered(300, 8)[:3]
    found = distinct.find(np.stack([b, a, b, c, a, a]))
    assert found.labels.tolist() == [0, 1, 0, 2, 1, 1]
    assert found.first.tolist() == [0, 1, 3]
    assert found.sizes.tolist() == [2, 3, 1]


def test_extreme_lengths_keep_their_direction() -> None:
    for size in (1e-40, 1e-20, 1e20, 3e38):
        given = np.array([[3, 4]], np.float64) / 5 * size
        np.testing.assert_allclose(unit(given.astype(np.float32), "vectors"), [[0.6, 0.8]], rtol=1e-4)
    np.testing.assert_allclose(unit(np.array([[3e300, 4e300], [3e-300, 4e-300]]), "vectors"), [[0.6, 0.8]] * 2)
