"""The contract that every layout of the folder keeps."""

import numpy as np
import pytest

from discover.core import plugins
from discover.themes import layouts
from discover.themes.layouts.base import Edges, Layout, Optimiser
from tests.themes.test_layout import CURVE, ring


@pytest.fixture(params=plugins.names(layouts))
def method(request):
    return plugins.load(layouts, request.param)


@pytest.mark.parametrize("components", [2, 5])
@pytest.mark.parametrize("count", [8, 60])
def test_contract(method, count, components):
    start = np.random.default_rng(0).uniform(0, 10, size=(count, components)).astype(np.float32)
    before, edges = start.copy(), Edges.from_weights(ring(count), 30)
    found = method.descend(start, edges, Optimiser(CURVE, 30, 1.0, seed=3))
    assert isinstance(method, Layout)
    assert (found.dtype, found.shape) == (np.float32, (count, components))
    assert np.isfinite(found).all()
    assert (start == before).all()
    assert (found == method.descend(start, edges, Optimiser(CURVE, 30, 1.0, seed=3))).all()
    assert (found != method.descend(start, edges, Optimiser(CURVE, 30, 1.0, seed=4))).any()


def test_no_epochs_move_nothing(method):
    start = np.random.default_rng(0).uniform(0, 10, size=(20, 2)).astype(np.float32)
    assert (method.descend(start, Edges.from_weights(ring(20), 30), Optimiser(CURVE, 0, 1.0, seed=0)) == start).all()
