"""Which rows a group has, and how two partitions overlap, by counting one row after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from discover.core.groups import contingency, jaccard, renumber, rows_by_group

COUNTS = st.tuples(st.integers(0, 4), st.integers(0, 4))


def partition(count, rows):
    return np.array([row % (count + 1) - 1 for row in rows], dtype=np.int64)


@given(st.integers(0, 4), st.lists(st.integers(0, 20), max_size=30))
def test_rows_are_those_of_the_group_ascending(count, drawn):
    members = partition(count, drawn)
    groups = rows_by_group(members, count)
    assert [rows.tolist() for rows in groups] == [np.flatnonzero(members == group).tolist() for group in range(count)]


@given(COUNTS, st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 9)), max_size=30))
def test_overlaps_are_counted_row_by_row(counts, drawn):
    one, other = (partition(count, [row[i] for row in drawn]) for i, count in enumerate(counts))
    weights = np.array([row[2] for row in drawn], dtype=np.float64)
    table, weighed, overlap = contingency(one, other, counts), contingency(one, other, counts, weights), None
    assert table.shape == weighed.shape == (counts[0] + 1, counts[1] + 1)
    for i in range(-1, counts[0]):
        for j in range(-1, counts[1]):
            both = (one == i) & (other == j)
            assert table[i, j] == both.sum() and weighed[i, j] == weights[both].sum()
    overlap = jaccard(one, other, counts)
    assert overlap.shape == counts
    for i, j in np.ndindex(*counts):
        mine, theirs = set(np.flatnonzero(one == i)), set(np.flatnonzero(other == j))
        assert overlap[i, j] == (len(mine & theirs) / len(mine | theirs) if mine | theirs else 0)


def test_groups_that_are_kept_follow_each_other_and_outliers_stay_outliers():
    numbers = renumber(np.array([True, False, True]))
    assert numbers[[0, 1, 2, -1]].tolist() == [0, -1, 1, -1]
