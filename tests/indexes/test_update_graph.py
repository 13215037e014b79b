"""A graph that is kept up to date is the graph that would be built anew, bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexes


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(
    old=st.integers(12, 150),
    gone=st.integers(0, 60),
    come=st.integers(0, 60),
    k=st.integers(1, 8),
    grain=st.sampled_from([0, 1]),
    seed=st.integers(0, 2**32 - 1),
)
def test_equal_to_a_graph_built_anew(old, gone, come, k, grain, seed):
    random = np.random.default_rng(seed)
    gone = min(gone, old)
    everything = random.normal(size=(old + come, 6))
    if grain:  # few different values: many ties
        everything = np.round(everything) + 0.1
    everything = unit(everything)
    order = random.permutation(old + come)  # old and new rows lie among each other
    is_old = np.isin(np.arange(old + come), np.sort(order[:old]))
    leaves = random.choice(np.flatnonzero(is_old), gone, replace=False)
    stays = ~np.isin(np.arange(old + come), leaves)
    before, now = np.flatnonzero(is_old), np.flatnonzero(stays)
    place = np.where(stays[before], np.searchsorted(now, before), -1)
    graph = indexes.knn_graph(everything[before], k).neighbours
    if len(now) <= k:
        with pytest.raises(ValueError, match="too few"):
            indexes.update_graph(graph, place, everything[now])
        return
    updated = indexes.update_graph(graph, place, everything[now])
    anew = indexes.knn_graph(everything[now], k).neighbours
    assert (updated.scores == anew.scores).all()
    assert (updated.rows == anew.rows).all()


def test_old_rows_out_of_order_are_refused():
    vectors = unit(np.random.default_rng(0).normal(size=(30, 5)))
    graph = indexes.knn_graph(vectors, 3).neighbours
    with pytest.raises(ValueError, match="keep their order"):
        indexes.update_graph(graph, np.arange(30)[::-1], vectors)
