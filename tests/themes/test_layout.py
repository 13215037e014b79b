"""Layouts: the same bits on any number of threads, umap-learn's quality, and no graph that breaks them."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import hdbscan
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree
from sklearn.metrics import adjusted_rand_score

import discover
from discover.core import plugins
from discover.core.errors import SettingsError
from discover.core.settings import ThemeSettings
from discover.testing import blobs, unit
from discover.themes import layout, layouts
from discover.themes.layouts.base import Edges, Optimiser
from discover.themes.neighbours import build_graph

CURVE = (1.577, 0.895)  # of min_dist 0.1
METHODS = plugins.names(layouts)


def planted():
    vectors, truth = blobs(themes=30, each=50, spread=0.1)
    graph = build_graph(vectors, ThemeSettings())
    return graph, layout.fuzzy_graph(graph, 0), truth[graph.unique]


@pytest.fixture(scope="module")
def shared():
    return planted()


def digest(graph, weights):
    found = [layout.lay_out(graph, weights, 2, 0.1, ThemeSettings()), weights.tocsr().data]
    return hashlib.sha256(b"".join(array.tobytes() for array in found)).hexdigest()


def python(code, folder=Path(__file__).parents[2], **environment):
    """What Python prints in a process of its own, which finds its modules in the folder."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, env=os.environ | environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_same_bits_on_any_number_of_threads_in_any_process(shared):
    graph, weights, _ = shared
    code = """
import numba
from tests.themes.test_layout import digest, planted
for threads in (1, 2, 3):
    numba.set_num_threads(threads)
    print(digest(*planted()[:2]))
    assert numba.get_num_threads() == threads
"""
    elsewhere = python(code, NUMBA_NUM_THREADS="3", OPENBLAS_NUM_THREADS="1")
    assert elsewhere == [digest(graph, weights)] * 3


def test_another_seed_is_another_layout(shared):
    graph, weights, _ = shared
    first, second = (layout.lay_out(graph, weights, 2, 0.1, ThemeSettings(seed=seed)) for seed in (1, 2))
    assert (first != second).any()


def kept(points, graph):
    """Share of items' neighbours that are among as many nearest in the layout."""
    near = cKDTree(points).query(points, graph.neighbours.shape[1] + 1)[1]
    return np.mean([np.isin(*rows).mean() for rows in zip(graph.neighbours, near, strict=True)])


@pytest.mark.parametrize(("components", "min_dist"), [(2, 0.1), (5, 0.0)])
def test_as_good_as_umap_learn(shared, components, min_dist):
    graph, weights, truth = shared
    kept_by, agreement = {}, {}
    for name in METHODS:
        found = [
            layout.lay_out(graph, weights, components, min_dist, ThemeSettings(layout=name, seed=seed))
            for seed in (1, 2)
        ]
        kept_by[name] = np.mean([kept(points, graph) for points in found])
        labels = [hdbscan.HDBSCAN(min_cluster_size=15).fit_predict(points.astype(float)) for points in found]
        agreement[name] = np.mean([adjusted_rand_score(truth, each) for each in labels])
    assert kept_by["simd"] >= 0.98 * kept_by["umap"]
    assert agreement["simd"] >= agreement["umap"] - 0.01
    assert agreement["simd"] > 0.98


def ring(count, weight=lambda distance: np.exp(-distance)):
    """Each vertex linked with the three next on either side."""
    rows = np.repeat(np.arange(count), 6)
    steps = np.tile([-3, -2, -1, 1, 2, 3], count)
    return csr_matrix((weight(np.abs(steps)).astype(np.float32), (rows, (rows + steps) % count)), (count, count))


def blocks(*parts):
    from scipy.sparse import block_diag

    return block_diag(parts, format="csr")


GRAPHS = {
    "fifty vertices": ring(50),
    "two components": blocks(ring(40), ring(300)),
    "an isolated vertex": blocks(ring(60), csr_matrix((1, 1))),
    "only isolated vertices": csr_matrix((50, 50), dtype=np.float32),
    "all weights equal": ring(100, weight=np.ones_like),
    "weights of no importance": ring(100, weight=lambda distance: np.where(distance == 1, 1, 1e-30)),
    "a hub": csr_matrix(np.pad(np.ones((1, 600), np.float32), ((0, 600), (1, 0))) / 2)
    + csr_matrix(np.pad(np.ones((1, 600), np.float32), ((0, 600), (1, 0))).T / 2),
    "one edge": csr_matrix(np.array([[0, 1], [1, 0]], dtype=np.float32)),
    "one vertex": csr_matrix((1, 1), dtype=np.float32),
    "none": csr_matrix((0, 0), dtype=np.float32),
}


def descend(weights, start, epochs=200, step=1.0, seed=0, name="simd"):
    method, edges = plugins.load(layouts, name), Edges.from_weights(weights, epochs)
    return method.descend(start, edges, Optimiser(CURVE, epochs, step, seed))


@pytest.mark.parametrize("same_spot", [False, True])
@pytest.mark.parametrize("graph", GRAPHS)
def test_any_graph_is_laid_out(graph, same_spot):
    weights = GRAPHS[graph]
    start = np.random.default_rng(0).normal(scale=5, size=(weights.shape[0], 2)).astype(np.float32)
    if same_spot:
        start[:] = 3.0
    found = descend(weights, start)
    assert found.shape == start.shape
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    lonely = np.diff(weights.indptr) == 0
    assert (found[lonely] == start[lonely]).all()


@pytest.mark.parametrize("name", METHODS)
def test_linked_vertices_end_up_together(name):
    weights = blocks(ring(60), ring(60))
    start = np.random.default_rng(1).normal(size=(120, 2)).astype(np.float32)
    found = descend(weights, start, name=name)
    near = cKDTree(found).query(found, 4)[1]
    assert (near // 60 == np.arange(120)[:, None] // 60).mean() > 0.99


@pytest.mark.parametrize("components", [12])
def test_any_number_of_components(components):
    vectors, _ = blobs(themes=4, each=40)
    graph = build_graph(vectors, ThemeSettings())
    found = layout.lay_out(graph, layout.fuzzy_graph(graph, 0), components, 0.0, ThemeSettings(epochs=30))
    assert found.shape == (160, components)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("epochs", [0, 1, 7, 500])
def test_any_number_of_epochs(epochs):
    start = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    found = descend(ring(100), start, epochs=epochs)
    assert np.isfinite(found).all()
    assert (found == start).all() == (epochs < 2)  # as in umap-learn, no edge is sampled in the first epoch


@pytest.mark.parametrize("name", METHODS)
def test_a_layout_goes_on_from_given_coordinates(shared, name):
    graph, weights, _ = shared
    whole = layout.lay_out(graph, weights, 2, 0.1, ThemeSettings(layout=name))
    whole.flags.writeable = False
    moving = np.arange(len(whole)) % 10 == 0
    start = np.where(moving[:, None], whole + np.float32(0.5), whole)
    more = layout.lay_out(graph, weights, 2, 0.1, ThemeSettings(layout=name, epochs=50), start, moving)
    moved = np.linalg.norm(more - start, axis=1)
    assert (moved[moving] > 0).all()
    if name == "simd":
        assert not moved[~moving].any()
    width = np.ptp(whole, axis=0).max()
    assert np.median(np.linalg.norm(more - whole, axis=1)[moving]) < 0.05 * width  # back where their neighbours are


def test_an_unknown_layout_lists_the_valid_ones(shared):
    graph, weights, _ = shared
    with pytest.raises(SettingsError, match=r"'lane'. Valid: simd, umap"):
        layout.lay_out(graph, weights, 2, 0.1, ThemeSettings(layout="lane"))


def test_edges_too_weak_to_be_sampled_are_left_out():
    edges = Edges.from_weights(ring(20, weight=lambda distance: np.array([1, 0.5, 0.001])[distance - 1]), 200)
    assert (np.diff(edges.offsets) == 4).all()
    assert sorted(set(edges.rates)) == [0.5, 1.0]


def test_few_or_flat_dimensions_still_start_apart():
    vectors = unit(np.random.default_rng(0).normal(size=(80, 2)))
    graph = build_graph(vectors, ThemeSettings())
    found = layout.lay_out(graph, layout.fuzzy_graph(graph, 0), 5, 0.0, ThemeSettings(epochs=20))
    assert np.isfinite(found).all()


USE = """
import numpy as np
from discover.themes.layouts import simd
from discover.themes.layouts.base import Optimiser, Edges
pair = Edges(np.arange(3), np.array([1, 0], np.int32), np.ones(2, np.float32))
simd.Simd().descend(np.ones((2, 1), np.float32), pair, Optimiser((1.0, 1.0), 2, 1.0, 0))
print(simd.__file__, sum(simd._advance.stats.cache_hits.values()), sum(simd._advance.stats.cache_misses.values()))
"""


@pytest.mark.slow
def test_a_read_only_package_is_compiled_once_and_then_comes_from_the_users_cache(tmp_path):
    package = tmp_path / "discover"
    shutil.copytree(Path(discover.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "sample"))
    layouts = package / "themes" / "layouts"
    (layouts / "__pycache__").touch()  # a file where the folder would be: nobody can write into it
    elsewhere = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert python(USE, tmp_path, **elsewhere) == [str(layouts / "simd.py"), "0", "1"]
    assert python(USE, tmp_path, **elsewhere)[1:] == ["1", "0"]
    # And where no folder can be written, every process compiles, but none fails.
    assert python(USE, tmp_path, XDG_CACHE_HOME="/dev/null")[1:] == ["0", "1"]
