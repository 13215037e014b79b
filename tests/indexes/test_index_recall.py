"""Recall of answers whose recall is known."""

import numpy as np
import pytest
from oracle import clustered

from indexes import Neighbours, build, measure, recall


def lines(*scores: list[float]) -> Neighbours:
    values = np.array(scores, np.float32)
    return Neighbours(np.tile(np.arange(values.shape[1]), (len(values), 1)), values)


def test_the_share_of_found_rows() -> None:
    assert recall(lines([0.9, 0.5], [0.9, 0.8]), lines([0.9, 0.8], [0.9, 0.8])) == 0.75


def test_a_tied_row_counts_as_found() -> None:
    assert recall(lines([0.9, 0.8]), lines([0.9, 0.8 + 5e-7])) == 1


def test_missing_columns_count_as_missed() -> None:
    assert recall(lines([0.9]), lines([0.9, 0.8])) == 0.5


def test_nothing_to_find_is_found() -> None:
    assert recall(lines([]), lines([])) == 1


def test_other_numbers_of_queries_are_refused() -> None:
    with pytest.raises(ValueError, match="2 queries, truth 1"):
        recall(lines([1.0], [1.0]), lines([1.0]))


def test_exact_search_has_recall_one_and_a_narrow_walk_less() -> None:
    vectors = clustered(2000, 32)
    assert measure(build(vectors, "flat"), vectors[:100], 10) == 1
    narrow = build(vectors, "ivf", probes=1)
    assert measure(narrow, vectors[:100], 10) < measure(narrow.tuned(probes=1000), vectors[:100], 10)
