"""Outliers of known themes find their way back; what is like nothing else stays outside; nobody leaves a group."""

import numpy as np
import pytest

from discover.core.settings import ThemeSettings
from discover.testing import blobs, noise
from discover.themes import membership
from discover.themes.neighbours import build_graph


@pytest.fixture(scope="module")
def planted():
    """Ten themes, 200 items like nothing else; the true theme of each; a core that has lost a third of its members."""
    vectors, truth = blobs(themes=10, each=100, dimension=128, spread=0.06)
    graph = build_graph(np.vstack([vectors, noise(200, dimension=128, seed=4)]), ThemeSettings())
    truth = np.append(truth, np.full(200, -1))[graph.unique]
    lost = np.random.default_rng(0).random(len(truth)) < 1 / 3
    return graph, truth, np.where(lost, -1, truth)


def test_strays_join_the_theme_of_their_neighbours(planted):
    graph, truth, core = planted
    members = membership.attach(graph, core)
    assert (members[truth >= 0] == truth[truth >= 0]).mean() > 0.98
    assert (members[truth < 0] == -1).all()


def test_core_members_like_nothing_else_become_strays(planted):
    graph, truth, _ = planted
    wrong = np.where(truth < 0, np.arange(len(truth)) % 10, truth)
    members = membership.attach(graph, wrong)
    assert (members[truth < 0] == -1).mean() > 0.95
    assert (members[truth >= 0] == truth[truth >= 0]).mean() > 0.97


def test_nobody_leaves_a_group(planted):
    graph, truth, core = planted
    groups = np.where(np.random.default_rng(1).random(len(truth)) < 0.5, truth % 2, 1 - truth % 2)
    inside = np.where(groups == truth % 2, core, -1)
    members = membership.attach(graph, inside, groups)
    assert (groups[members >= 0] == members[members >= 0] % 2).all()


def test_measures_are_shares_of_the_neighbours(planted):
    graph, truth, core = planted
    members = membership.attach(graph, core)
    found = membership.measure(graph, members)
    for item in range(0, len(truth), 97):
        scores, near = np.maximum(graph.scores[item], 0), members[graph.neighbours[item]]
        shares = {theme: scores[near == theme].sum() / scores.sum() for theme in set(near.tolist()) - {-1}}
        best = sorted(shares.values(), reverse=True)[:3]
        assert found.affinities[item][: len(best)] == pytest.approx(best, abs=1e-5)
        for theme, share in zip(found.themes[item], found.affinities[item], strict=True):
            assert shares.get(int(theme), 0.0) == pytest.approx(share, abs=1e-5)


def test_no_themes_have_no_members(planted):
    graph, truth, _ = planted
    nothing = np.full(len(truth), -1)
    assert (membership.attach(graph, nothing) == -1).all()
    assert not membership.measure(graph, nothing).affinities.any()
