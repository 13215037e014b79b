"""Exact search over a half-precision copy gives what exact search gives, bit for bit."""

from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import assert_same, brute_force, clustered

from indexes import build, load, save
from indexes.base import unit

VECTORS = clustered(5000, 32)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("queries", [1, 2, 3, 30])
def test_a_half_copy_changes_no_answer(queries: int, threads: int) -> None:
    index, before = build(VECTORS, "flat", half=True), faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        for k in (1, 10, 300, 4999, 6000):
            asked = VECTORS[:queries] + VECTORS[50 : 50 + queries]
            assert_same(index.search(asked, k), brute_force(VECTORS, asked, k))
    finally:
        faiss.omp_set_num_threads(before)


def test_the_copy_alone_answers_where_nothing_is_in_doubt() -> None:
    index = build(VECTORS, "flat", half=True)
    rows = index.kind.candidates(index.core, VECTORS[:3], 5)
    assert np.all(rows >= 0)
    assert rows.shape[1] < 100


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([1e-7, 1e-5, 1e-3, 1e-2]), k=st.integers(1, 40))
def test_rows_closer_than_half_precision_are_told_apart(seed: int, spread: float, k: int) -> None:
    random = np.random.default_rng(seed)
    vectors = unit(random.standard_normal(16) + spread * random.standard_normal((600, 16)), "vectors")
    query = unit(random.standard_normal((1, 16)), "queries")
    assert_same(build(vectors, "flat", half=True).search(query, k), brute_force(vectors, query, k))


def test_a_half_copy_is_saved_and_loaded(tmp_path: Path) -> None:
    index = build(VECTORS, "flat", half=True)
    save(index, tmp_path / "index")
    again = load(tmp_path / "index", VECTORS)
    assert again.parameters == {"half": True}
    assert_same(again.search(VECTORS[:2], 10), index.search(VECTORS[:2], 10))
