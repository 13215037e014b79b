"""Sparse rows, held to scipy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse as scipy_sparse

from discover.search.spaces import _sparse as sparse


@st.composite
def matrices(draw):
    """Dense, with as many columns as asked: empty rows and columns among them."""
    shape = draw(st.tuples(st.integers(0, 8), st.integers(1, 6)))
    cells = st.sampled_from([0, 0, 0, 1, 2.5, 7])
    size = shape[0] * shape[1]
    return np.array(draw(st.lists(cells, min_size=size, max_size=size)), dtype=np.float32).reshape(shape)


def lengthened(dense):
    return dense / np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)


@settings(max_examples=80, deadline=None)
@given(matrices(), st.data())
def test_rows_columns_and_products_are_those_of_the_dense_matrix(dense, data):
    matrix, expected = sparse.unit_rows(scipy_sparse.csr_array(dense)), lengthened(dense)
    assert matrix.shape == dense.shape
    assert matrix.to_scipy().toarray() == pytest.approx(expected, abs=1e-6)
    assert matrix.turned.to_scipy().toarray() == pytest.approx(expected.T, abs=1e-6)
    rows = np.array(data.draw(st.lists(st.integers(0, len(dense) - 1), max_size=5) if len(dense) else st.just([])), int)
    assert matrix[rows].to_scipy().toarray() == pytest.approx(expected[rows], abs=1e-6)
    for count in range(min(len(dense), 3) + 1):
        queries = matrix[np.arange(count)]
        assert sparse.product(queries, matrix) == pytest.approx(expected[:count] @ expected.T, abs=1e-6)
        assert sparse.listed(queries, matrix.turned) == pytest.approx(expected[:count] @ expected.T, abs=1e-6)


def test_the_longest_lists_are_left_out():
    dense = np.array([[1, 1, 0], [1, 1, 1], [1, 0, 0], [1, 0, 0]], dtype=np.float32)
    lists = sparse.unit_rows(scipy_sparse.csr_array(dense)).turned
    query = sparse.unit_rows(scipy_sparse.csr_array(np.ones((1, 3), np.float32)))
    assert sparse.listed(query, lists, 7)[0].all()
    assert np.flatnonzero(sparse.listed(query, lists, 6)[0]).tolist() == [0, 1]  # without the list of all four
    assert np.flatnonzero(sparse.listed(query, lists, 1)[0]).tolist() == [1]
    assert not sparse.listed(query, lists, 0).any()
