"""The neighbour graph: exact against brute force, approximate against exact."""

import numpy as np
import pytest
from oracle import Floats, assert_same, brute_force, clustered

from indexes import Neighbours, VectorError, knn_graph


def plainly(vectors: Floats, k: int) -> Neighbours:
    """One search a row among all other rows."""
    others = [np.delete(np.arange(len(vectors)), i) for i in range(len(vectors))]
    lines = [brute_force(vectors, vectors[i : i + 1], k, rows) for i, rows in enumerate(others)]
    return Neighbours(np.vstack([line.rows for line in lines]), np.vstack([line.scores for line in lines]))


def test_exact_graph_equals_brute_force() -> None:
    vectors = clustered(400, 16)
    graph = knn_graph(vectors, 7)
    assert_same(graph.neighbours, plainly(vectors, 7))
    assert graph.exact
    assert graph.recall == 1


def test_equal_rows_keep_each_other_and_lose_themselves() -> None:
    vectors = np.vstack([clustered(60, 8), np.repeat(clustered(60, 8)[3:4], 90, axis=0), clustered(60, 8)])
    assert_same(knn_graph(vectors, 5).neighbours, plainly(vectors, 5))


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_rows_have_few_neighbours(count: int) -> None:
    graph = knn_graph(clustered(5, 8)[:count], 10)
    assert graph.neighbours.rows.shape == (count, max(count - 1, 0))
    assert len(graph) == count


def test_the_approximate_graph_knows_its_recall() -> None:
    vectors = clustered(4000, 32)
    graph, truth = knn_graph(vectors, 10, exact_up_to=1000, seed=3), knn_graph(vectors, 10)
    wanted = truth.neighbours.scores[:, -1:] - 1e-6
    recall = np.mean(graph.neighbours.scores >= wanted)
    assert not graph.exact
    assert recall >= 0.93
    assert abs(recall - graph.recall) < 0.03
    assert np.all(graph.neighbours.rows != np.arange(4000)[:, None])


def test_the_same_seed_gives_the_same_graph() -> None:
    vectors = clustered(3000, 16)
    first, second = (knn_graph(vectors, 5, exact_up_to=0, seed=1) for _ in range(2))
    assert_same(first.neighbours, second.neighbours)
    assert first.recall == second.recall


def test_bad_vectors_are_refused() -> None:
    with pytest.raises(VectorError, match="row 1 of the vectors is all zeros"):
        knn_graph(np.array([[1.0, 0], [0, 0]]), 3)
