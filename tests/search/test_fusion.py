"""Scores over several spaces: their parts, and what lacking one of the spaces does to them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.core.types import Embeddings, EncoderIdentity
from discover.search import cohort, fusion, index, rank
from discover.search.spaces.base import Compared
from discover.testing import blobs, unit
from tests.search.spaces import oracle, worlds

some_weights = st.fixed_dictionaries({name: st.floats(0.01, 5) for name in ("text", "lexical", "metadata")})


def search_index(spaces, count):
    return index.SearchIndex(spaces, cohort.measure(spaces, count), count)


@settings(max_examples=50, deadline=None)
@given(worlds.rows(), some_weights)
def test_scores_are_the_weighted_mean_of_standardised_similarities(items, weights):
    made = search_index(worlds.spaces(items), len(items))
    rows = np.arange(len(items))
    found = rank.score_pairs(made, rows, None, weights)
    known = oracle.compare(items)
    for i in rows:
        for j in rows:
            z, shares = {}, {}
            for name in made.spaces:
                stats = made.cohort.stats[name]
                similarity, coverage = known[name][0][i, j], known[name][1][i, j]
                if coverage:
                    sides = [(similarity - stats.mean[k]) / stats.std[k] for k in (i, j)]
                    z[name] = np.mean([similarity if np.isnan(side) else side for side in sides])
                    shares[name] = weights[name] * coverage
            if not z:
                assert np.isnan(found.total[i, j])
                continue
            expected = sum(z[name] * shares[name] for name in z) / sum(shares.values())
            assert found.total[i, j] == pytest.approx(expected, abs=1e-3, rel=1e-3)


@settings(max_examples=50, deadline=None)
@given(worlds.rows(), some_weights)
def test_parts_sum_to_the_score_and_shares_to_one(items, weights):
    made = search_index(worlds.spaces(items), len(items))
    found = rank.score_pairs(made, np.arange(len(items)), None, weights)
    covered = ~np.isnan(found.total)
    if found.parts:
        assert np.add.reduce(list(found.parts.values()))[covered] == pytest.approx(found.total[covered], abs=1e-9)
        assert np.add.reduce(list(found.shares.values()))[covered] == pytest.approx(1, abs=1e-9)
    for name, part in found.parts.items():
        assert not part[found.shares[name] == 0].any()
    assert found.total == pytest.approx(found.total.T, abs=1e-4, nan_ok=True)  # of two items neither comes first


def test_weights_count_relative_to_each_other():
    items = [
        {"id": str(i), "seed": i, "description": text} for i, text in enumerate(["a moon", "a river", "moon river"])
    ]
    made, rows = search_index(worlds.spaces(items), 3), np.arange(3)
    first = rank.score_pairs(made, rows, None, {"text": 1, "lexical": 0.5}).total
    assert rank.score_pairs(made, rows, None, {"text": 20, "lexical": 10}).total == pytest.approx(first)
    alone = rank.score_pairs(made, rows, None, {"text": 1, "lexical": 0})
    assert set(alone.parts) == {"text"}


def test_unrelated_items_score_around_nothing_and_related_ones_far_above():
    vectors, truth = blobs(themes=20, each=30, dimension=64)
    cone = unit(vectors + 2 * unit(np.ones((1, 64))))  # as text encoders have it: all cosines are high
    made = search_index({"text": worlds.over(cone, np.arange(600), 600)}, 600)
    found = rank.score_pairs(made, np.arange(600), None, {"text": 1}).total
    same = (truth[:, None] == truth) & ~np.eye(600, dtype=bool)
    apart = truth[:, None] != truth
    assert abs(found[apart].mean()) < 0.3
    assert 0.5 < found[apart].std() < 1.2
    assert np.quantile(found[same], 0.01) > 2


def test_lacking_a_picture_neither_punishes_nor_favours():
    """Pictures taken from half of the items at random: those whose picture went rank as they do by words alone."""
    count, random = 600, np.random.default_rng(5)
    truth = random.permutation(np.repeat(np.arange(30), 20))
    spaces = {}
    for name in ("text", "image"):  # each tells as much as the other
        centres = unit(random.normal(size=(30, 48)))
        made = unit(centres[truth] + 0.18 * random.normal(size=(count, 48)))
        spaces[name] = worlds.over(unit(made + 0.2), np.arange(count), count, name)
    bare = random.permutation(count) < count // 2
    kept = np.flatnonzero(~bare)
    spaces["image"] = worlds.over(spaces["image"].embeddings.vectors[kept], kept, count, "image")
    made = search_index(spaces, count)
    itself, same = np.eye(count, dtype=bool), truth[:, None] == truth
    alike, apart = same & ~itself, ~same

    def ranks(scores):
        np.fill_diagonal(scores, -np.inf)
        return np.argsort(np.argsort(-scores, axis=1), axis=1)[~bare]  # asked by items that have a picture

    def mean(ranks, which):
        return np.mean(ranks[which[~bare]])

    rows = np.arange(count)
    words = ranks(rank.score_pairs(made, rows, None, {"text": 1.0}).total)
    fused = rank.score_pairs(made, rows, None, {"text": 1.0, "image": 1.0})
    both = ranks(fused.total.copy())
    assert abs(mean(both, alike & bare) - mean(words, alike & bare)) < 0.01 * count
    assert abs(mean(both, apart & bare) - mean(both, apart & ~bare)) < 0.02 * count
    assert mean(both, alike & ~bare) < mean(words, alike & ~bare)  # two witnesses are better than one
    # the same with what is missing counted as no similarity at all: what this is to prevent
    lost = ranks(np.where(fused.shares["image"] > 0, fused.total, fused.total / 2))
    assert mean(lost, alike & bare) - mean(words, alike & bare) > 0.02 * count


def test_a_space_that_says_nothing_about_a_pair_leaves_the_score_to_the_others():
    rows = np.array([[0.9, 0.4]], dtype=np.float32)
    text = Compared(rows, np.ones_like(rows))
    image = Compared(np.array([[0.0, 0.7]], np.float32), np.array([[0.0, 1.0]], np.float32))
    one = fusion.Scale(np.ones((1, 1)), np.zeros((1, 1)))
    both = fusion.fuse_scores({"text": text, "image": image}, {"text": one, "image": one}, {"text": 1, "image": 3})
    assert both.total[0] == pytest.approx([0.9, (0.4 + 3 * 0.7) / 4])
    assert both.shares["image"][0] == pytest.approx([0, 0.75])


def test_items_with_words_or_pictures_only_keep_what_they_have():
    vectors, _ = blobs(themes=2, each=4)
    identity = EncoderIdentity("x", "x", "x", vectors.shape[1], "", "float32")
    contents = np.zeros(4, dtype="S64")
    halves = {
        name: Embeddings(name, identity, vectors[rows], rows, contents)
        for name, rows in (("text", np.arange(4)), ("image", np.arange(4, 8)))
    }
    fused = fusion.fuse(halves, {"text": 1.0, "image": 1.0}, 8)
    assert np.linalg.norm(fused, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert not (fused[:4] @ fused[4:].T).any()  # nothing to compare them by


def test_what_has_no_score_has_no_percentile():
    found = rank.percentiles(np.array([np.nan, -1.0, 0.5, 9.0]), np.array([0.0, 0.0, 1.0]))
    assert np.isnan(found[0])
    assert found[1:].tolist() == [0.0, 0.5, 0.75]
