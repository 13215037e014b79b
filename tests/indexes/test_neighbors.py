"""The estimator against scikit-learn: its own checks, and its own exact neighbours as oracle."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import indexes
from discover import DiscoverNeighbors
from discover.testing import blobs, noise


def failing(_):
    return {"check_estimators_dtypes": "fits whole numbers among which are rows of zeros, which have no cosine"}


@parametrize_with_checks(
    [DiscoverNeighbors(), DiscoverNeighbors(n_neighbors=2, kind="hnsw")], expected_failed_checks=failing
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("kind", [None, *indexes.kinds()])
def test_neighbours_are_those_of_scikit_learn(kind):
    vectors, queries = noise(300, 16), 3 * noise(20, 16, seed=1)
    ours = DiscoverNeighbors(7, kind=kind).fit(vectors)
    theirs = NearestNeighbors(n_neighbors=7, metric="cosine").fit(vectors)
    for given in (queries, None):
        distances, rows = ours.kneighbors(given)
        expected, expected_rows = theirs.kneighbors(given)
        same = (rows[:, :, None] == expected_rows[:, None]).any(axis=2)
        assert same.mean() > (0.999 if kind in (None, "flat") else 0.9)
        np.testing.assert_allclose(distances[same.all(axis=1)], expected[same.all(axis=1)], atol=1e-5)
    np.testing.assert_array_equal(ours.kneighbors(queries, return_distance=False), ours.kneighbors(queries)[1])


@pytest.mark.parametrize("mode", ["connectivity", "distance"])
def test_the_graph_is_that_of_scikit_learn(mode):
    vectors = noise(80, 8)
    ours = DiscoverNeighbors(4, kind="flat").fit(vectors).kneighbors_graph(mode=mode)
    theirs = NearestNeighbors(n_neighbors=4, metric="cosine").fit(vectors).kneighbors_graph(mode=mode)
    assert (ours.shape, ours.format) == (theirs.shape, "csr")
    np.testing.assert_allclose(ours.toarray(), theirs.toarray(), atol=1e-5)


def test_copies_are_neighbours_and_none_is_its_own():
    vectors = np.repeat(noise(5, 8), 20, axis=0)
    distances, rows = DiscoverNeighbors(6).fit(vectors).kneighbors()
    assert not (rows == np.arange(100)[:, None]).any()
    assert (rows // 20 == np.arange(100)[:, None] // 20).all()
    assert np.abs(distances).max() < 1e-6


def test_it_takes_parameters_of_its_kind_and_is_cloned():
    vectors, _ = blobs(each=20)
    estimator = clone(DiscoverNeighbors(3, kind="hnsw", parameters={"search_width": 33})).fit(vectors)
    assert estimator.index_.parameters["search_width"] == 33
    assert estimator.get_params() == {
        "n_neighbors": 3, "kind": "hnsw", "parameters": {"search_width": 33}, "metric": "cosine"
    }  # fmt: skip
    assert make_pipeline(StandardScaler(), DiscoverNeighbors(3)).fit(vectors)[-1].n_samples_fit_ == len(vectors)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "euclidean"}, "metric must be 'cosine', got 'euclidean'"),
        ({"kind": "tree"}, "no kind of index is called 'tree'. Valid: flat, hnsw, ivf"),
        ({"kind": "flat", "parameters": {"m": 3}}, "flat has no parameter 'm'"),
        ({"n_neighbors": 0}, "n_neighbors must be a whole number of at least 1, got 0"),
        ({"n_neighbors": 2.5}, "n_neighbors must be a whole number of at least 1, got 2.5"),
    ],
)
def test_what_fit_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        DiscoverNeighbors(**options).fit(noise(20, 4))


def test_what_a_search_refuses():
    fitted = DiscoverNeighbors().fit(noise(20, 4))
    with pytest.raises(ValueError, match="n_neighbors = 20, n_samples_fit = 19 without the sample itself"):
        fitted.kneighbors(n_neighbors=20)
    assert fitted.kneighbors(noise(2, 4), n_neighbors=20)[0].shape == (2, 20)
    with pytest.raises(ValueError, match="mode must be 'connectivity' or 'distance', got 'weights'"):
        fitted.kneighbors_graph(mode="weights")
    with pytest.raises(ValueError, match="row 1 of the vectors is all zeros"):
        DiscoverNeighbors().fit([[1.0, 0.0], [0.0, 0.0]])
