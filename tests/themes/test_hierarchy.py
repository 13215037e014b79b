"""Cuts of one tree are what HDBSCAN finds when it is fitted anew for each smallest size."""

import hdbscan
import numpy as np
import pytest

from discover.testing import blobs
from discover.themes import hierarchy
from discover.themes.hierarchy import Hierarchy


@pytest.fixture(scope="module")
def points():
    return blobs(themes=6, each=50, dimension=5, spread=0.2)[0]


@pytest.mark.parametrize("method", hierarchy.METHODS)
@pytest.mark.parametrize("size", [2, 5, 20])
def test_a_cut_is_hdbscans(points, size, method):
    tree = Hierarchy(points)
    tree.cut(11, "eom")  # a later cut takes the tree from here
    cut = tree.cut(size, method)
    fresh = hdbscan.HDBSCAN(
        min_cluster_size=size, min_samples=hierarchy.MIN_SAMPLES, cluster_selection_method=method, core_dist_n_jobs=1
    ).fit(points.astype(np.float64))
    assert (cut.members == fresh.labels_).all() and cut.count == fresh.labels_.max() + 1
    assert (cut.strengths == fresh.probabilities_.astype(np.float32)).all()
    assert cut.persistence == tuple(fresh.cluster_persistence_)


def test_the_tree_is_computed_once(points, monkeypatch):
    tree = Hierarchy(points)
    first = list(tree.cuts(10))
    monkeypatch.setattr(hdbscan.hdbscan_, "_hdbscan_boruvka_kdtree", None)  # what HDBSCAN computes a tree of these by
    again = list(tree.cuts(10))
    assert [(cut.members == other.members).all() for cut, other in zip(first, again, strict=True)] == [True, True]
    with pytest.raises(TypeError):
        Hierarchy(points).cut(10)


def test_what_is_kept_of_a_cut_is_numbered_anew(points):
    cut = Hierarchy(points).cut(10)
    kept = cut.keep(np.arange(cut.count) != 1)
    assert kept.count == cut.count - 1 and kept.persistence == cut.persistence[:1] + cut.persistence[2:]
    assert (kept.members[cut.members == 1] == -1).all() and not kept.strengths[cut.members == 1].any()
    assert (kept.members[cut.members == 2] == 1).all() and (kept.strengths[cut.members == 2] > 0).any()
