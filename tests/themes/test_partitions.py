"""Modularity and silhouette against their definitions written out."""

import numpy as np
import pytest
from scipy import sparse

from discover.testing import blobs
from discover.themes import partitions


def graph(items=60, seed=0):
    random = np.random.default_rng(seed)
    dense = np.triu(random.random((items, items)) * (random.random((items, items)) < 0.2), 1)
    return sparse.csr_array(dense + dense.T)


@pytest.mark.parametrize("outliers", [0, 7])
def test_modularity_is_newmans(outliers):
    weights = graph()
    members = np.random.default_rng(1).integers(0, 5, 60)
    members[:outliers] = -1
    alone = members.copy()
    alone[:outliers] = 5 + np.arange(outliers)
    dense, total = weights.toarray(), weights.sum()
    degree = dense.sum(axis=1)
    same = alone[:, None] == alone[None, :]
    expected = ((dense - np.outer(degree, degree) / total) * same).sum() / total
    assert partitions.modularity(weights, members) == pytest.approx(expected)


def test_the_silhouette_is_by_the_middles():
    vectors, truth = blobs(themes=4, each=30, dimension=16)
    middles = np.array([vectors[truth == theme].mean(axis=0) for theme in range(4)])
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    distances = 1 - vectors @ middles.T
    own = distances[np.arange(120), truth]
    other = np.where(np.arange(4) == truth[:, None], np.inf, distances).min(axis=1)
    expected = ((other - own) / np.maximum(own, other)).mean()
    assert partitions.silhouette(vectors, truth) == pytest.approx(expected, abs=1e-5)
    assert partitions.silhouette(vectors, np.random.default_rng(0).permutation(truth)) < expected


def test_a_partition_of_less_than_two_themes_is_worth_nothing():
    vectors, _ = blobs(themes=3, each=20)
    assert partitions.quality(graph(), vectors, np.zeros(60, dtype=np.int64)) == 0
    assert partitions.quality(graph(), vectors, np.full(60, -1)) == 0


def test_numbers_that_no_item_has_change_nothing():
    vectors, truth = blobs(themes=4, each=30, dimension=16)
    gaps = np.array([1, 3, 4, 8])[truth]
    assert partitions.silhouette(vectors, gaps) == partitions.silhouette(vectors, truth)
    assert partitions.quality(graph(120), vectors, gaps) == partitions.quality(graph(120), vectors, truth)
