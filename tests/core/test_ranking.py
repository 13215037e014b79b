"""The largest of many, and varied choices, step by step."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from discover.core.ranking import maximal_marginal_relevance, top_k
from discover.core.suggest import did_you_mean, nearest_names
from discover.core.vectors import unit
from discover.core.words import shorten


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), max_size=12), st.integers(1, 14))
def test_the_largest_come_first_and_equal_ones_by_position(values, count):
    expected = sorted(range(len(values)), key=lambda i: (-values[i], i))[:count]
    for kind in (np.float32, np.float64):
        assert top_k(np.array(values, dtype=kind), count).tolist() == expected


def test_a_choice_is_relevant_and_varied():
    relevance, similarity = np.array([1.0, 0.9, 0.5]), np.array([[1.0, 1, 0], [1, 1, 0], [0, 0, 1]])
    assert maximal_marginal_relevance(relevance, similarity, 3, 0.0) == [0, 1, 2]
    assert maximal_marginal_relevance(relevance, similarity, 2, 0.5) == [0, 2]
    assert maximal_marginal_relevance(relevance, similarity, 9, 0.5) == [0, 2, 1]
    assert maximal_marginal_relevance(np.empty(0), np.empty((0, 0)), 9, 0.5) == []


def test_rows_have_length_one_or_are_unknown():
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [np.nan, 1.0]])
    assert unit(rows).dtype == np.float32
    assert unit(rows, np.float64)[0].tolist() == [0.6, 0.8]
    assert np.isnan(unit(rows)[1:]).any(axis=1).all()


def test_names_that_are_near_are_suggested():
    assert nearest_names("colums", ["rows", "columns", "column"], 2) == ["columns", "column"]
    assert nearest_names("zzz", ["rows"]) == []
    assert did_you_mean("colums", ["rows", "columns"]) == ". Did you mean 'columns'?"
    assert did_you_mean("zzz", ["rows"]) == "."


def test_long_texts_are_cut():
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"
