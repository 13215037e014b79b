"""Themes: planted ones are found, and where there are none, none are invented."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from discover.core.settings import ThemeSettings
from discover.testing import blobs, noise, unit
from discover.themes import cluster_tendency
from discover.themes.find import find_themes
from discover.themes.go_on import MAX_CHANGED, Last
from discover.themes.neighbours import build_graph

SETTINGS = ThemeSettings()


def find(vectors, settings=SETTINGS):
    return find_themes(build_graph(vectors, settings), settings)


@pytest.fixture(scope="module")
def planted():
    vectors, truth = blobs(themes=6, each=60)
    return vectors, truth, find(vectors)


def test_planted_themes_are_found(planted):
    _, truth, found = planted
    assert found.levels[0].count == 6
    assert adjusted_rand_score(truth, found.levels[0].members) > 0.97
    assert found.map.shape == (360, 2)
    assert np.isfinite(found.map).all()


@pytest.fixture(scope="module")
def nested():
    """Pairs of groups that lie close together, and the number of each item's group; its pair is half of that."""
    random = np.random.default_rng(3)
    pairs = np.repeat(unit(random.normal(size=(30, 64))), 2, axis=0)
    centres = pairs + 0.15 * unit(random.normal(size=(60, 64)))
    truth = random.permutation(np.repeat(np.arange(60), 12))
    return truth, find(unit(centres[truth] + 0.03 * random.normal(size=(720, 64))))


def test_broad_themes_fall_apart_into_fine_ones(nested):
    truth, found = nested
    broad, fine = found.levels
    assert adjusted_rand_score(truth // 2, broad.members) > 0.95
    assert adjusted_rand_score(truth, fine.members) > adjusted_rand_score(truth, broad.members) + 0.05
    assert fine.count > broad.count
    assert set(fine.parents) - {-1} == set(range(broad.count))


def test_a_tree_of_two_levels(nested):
    _, found = nested
    broad, fine = found.levels
    assert broad.parents == (-1,) * broad.count
    for child, parent in enumerate(fine.parents):
        members = np.flatnonzero(fine.members == child)
        assert len(members)
        assert set(broad.members[members]) == {parent}
    for level in found.levels:
        sizes = np.bincount(level.members[level.members >= 0])
        assert (np.diff(sizes) <= 0).all()
        assert ((level.strengths > 0) == (level.members >= 0)).all()
        assert level.strengths.max() <= 1


def test_a_fine_level_like_the_broad_one_is_left_out(planted):
    assert len(planted[2].levels) == 1
    vectors, truth = blobs(themes=3, each=40, spread=0.03)
    found = find(vectors, ThemeSettings(min_size=30))
    assert len(found.levels) == 1
    assert adjusted_rand_score(truth, found.levels[0].members) > 0.95


def test_the_order_of_the_rows_changes_nothing(planted):
    vectors, _, found = planted
    mixed = np.random.default_rng(5).permutation(len(vectors))
    again = find(vectors[mixed])
    assert (again.map == found.map[mixed]).all()
    assert (again.levels[0].members == found.levels[0].members[mixed]).all()
    assert (again.levels[0].strengths == found.levels[0].strengths[mixed]).all()


@pytest.fixture(scope="module")
def scattered():
    """Twelve themes, and every sixth item like nothing else; the number of each one's theme, -1 for those."""
    vectors, truth = blobs(themes=12, each=100, dimension=128, spread=0.06)
    return np.vstack([vectors, noise(240, dimension=128, seed=7)]), np.append(truth, np.full(240, -1))


def test_items_like_nothing_else_are_strays_and_no_theme(scattered):
    vectors, truth = scattered
    found = find(vectors).levels[0].members
    assert (found[truth < 0] == -1).mean() > 0.95
    assert adjusted_rand_score(truth, found) > 0.9


def test_near_copies_do_not_found_a_theme():
    vectors, truth = blobs(themes=4, each=60, dimension=64, spread=0.08)
    random = np.random.default_rng(1)
    copies = unit(noise(1, dimension=64, seed=9) + 0.005 * random.normal(size=(40, 64)))
    found = find(np.vstack([vectors, copies])).levels[0]
    assert found.count == 4
    assert adjusted_rand_score(truth, found.members[:240]) > 0.95


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["gaussian", "uniform", "shuffled", "heavy tails", "wide"])
def test_noise_has_no_themes(kind, seed):
    random = np.random.default_rng(seed)
    if kind == "shuffled":
        vectors, _ = blobs(themes=20, each=50, seed=seed)
        vectors = unit(np.column_stack([random.permutation(column) for column in vectors.T]))
    else:
        vectors = {
            "gaussian": noise(1000, seed=seed),
            "uniform": unit(random.uniform(size=(1000, 64))),
            "heavy tails": unit(random.standard_t(5, size=(1000, 64))),
            "wide": unit(random.normal(size=(1000, 64)) * np.geomspace(1, 0.05, 64)),
        }[kind]
    tendency = cluster_tendency.measure(vectors, SETTINGS.significance, seed)
    assert not tendency.clustered, tendency


@pytest.mark.parametrize("count", [7, 60, 500])  # fewer than dimensions: axes of no spread may point anywhere
def test_the_null_comparison_does_not_depend_on_threads(count):
    verdicts = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            verdicts.append(cluster_tendency.measure(noise(count, 384), SETTINGS.significance, 0))
    assert verdicts[0] == verdicts[1]


def test_pure_noise_gives_none_and_says_why():
    found = find(noise(600))
    assert found.levels == ()
    assert "no themes" in found.reason


@pytest.mark.parametrize(("count", "spread"), [(2, 0.08), (5, 0.1), (20, 0.05)])
def test_planted_themes_pass_the_null_comparison(count, spread):
    vectors, _ = blobs(count, each=600 // count, dimension=128, spread=spread)
    assert cluster_tendency.measure(vectors, SETTINGS.significance, 0).clustered


def test_identical_items_are_no_theme():
    found = find(np.repeat(noise(1), 2000, axis=0))
    assert found.levels == ()
    assert np.isfinite(found.map).all()


def test_copies_get_the_theme_of_their_first(planted):
    vectors, _, found = planted
    repeated = find(np.vstack([vectors, vectors[:50], vectors[:50]]))
    assert (repeated.levels[0].members[:360] == repeated.levels[0].members[:360]).all()
    assert (repeated.levels[0].members[360:410] == repeated.levels[0].members[:50]).all()
    assert (repeated.levels[0].members[410:] == repeated.levels[0].members[:50]).all()
    assert adjusted_rand_score(found.levels[0].members, repeated.levels[0].members[:360]) == pytest.approx(1.0)


@pytest.mark.parametrize("items", [0, 1, 2, 3, 6, 15, 19, 20, 49, 50, 51])
def test_small_catalogs_neither_fail_nor_invent(items):
    found = find(noise(items, seed=items))
    assert found.levels == ()
    assert found.map.shape == (items, 2)
    assert np.isfinite(found.map).all()


def test_a_small_catalog_with_plain_themes_has_them():
    vectors, truth = blobs(themes=3, each=15, spread=0.02)
    found = find(vectors)
    assert adjusted_rand_score(truth, found.levels[0].members) > 0.9


def test_items_without_vectors_are_strays(planted):
    vectors, _, _ = planted
    holes = vectors.copy()
    holes[[0, 17, 359]] = np.nan
    found = find(holes)
    assert (found.levels[0].members[[0, 17, 359]] == -1).all()
    assert np.isnan(found.map[[0, 17, 359]]).all()
    assert np.isfinite(np.delete(found.map, [0, 17, 359], axis=0)).all()


def test_the_input_is_not_edited(planted):
    vectors = planted[0].copy()
    vectors.flags.writeable = False
    assert find(vectors).levels


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_same_bits_in_another_process(planted, threads):
    _, _, found = planted
    code = (
        "import hashlib, sys\nfrom tests.themes.test_find import blobs, digest, find\n"
        "print(digest(find(blobs(themes=6, each=60)[0])))"
    )
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), threads)
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | limits
    )
    assert run.stdout.strip().splitlines()[-1] == digest(found)


def digest(found):
    import hashlib

    arrays = [found.map, found.layout, *(level.members for level in found.levels)]
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


# --- night after night -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nights():
    """Twelve themes of 100; a first night without every twentieth item, and which those are."""
    vectors, truth = blobs(themes=12, each=100, dimension=128, spread=0.06)
    late = np.arange(len(vectors)) % 20 == 0
    graph = build_graph(vectors[~late], SETTINGS)
    return vectors, truth, late, Last(graph, find_themes(graph, SETTINGS))


def go_on(vectors, last):
    graph = build_graph(vectors, SETTINGS, last)
    return graph, find_themes(graph, SETTINGS, last)


def test_an_unchanged_catalog_keeps_every_bit_in_whatever_order(nights):
    vectors, _, late, last = nights
    mixed = np.random.default_rng(0).permutation((~late).sum())
    graph, found = go_on(vectors[~late][mixed], last)
    assert (graph.neighbours == last.graph.neighbours).all()
    before = last.themes
    assert (found.map == before.map[mixed]).all()
    for level, old in zip(found.levels, before.levels, strict=True):
        assert (level.members == old.members[mixed]).all()
        assert (level.strengths == old.strengths[mixed]).all()
        assert level.stability == old.stability
    assert found.continued.moved == 0
    assert (found.continued.added, found.continued.removed) == (0, 0)


def test_a_second_night_keeps_its_places_and_puts_new_items_where_they_belong(nights):
    vectors, truth, late, last = nights
    graph, found = go_on(vectors, last)
    anew = build_graph(vectors, SETTINGS)
    assert (graph.neighbours == anew.neighbours).all()
    assert (graph.scores == anew.scores).all()
    assert found.continued.added == late.sum()
    assert found.continued.moved < 0.02
    assert adjusted_rand_score(found.levels[0].members[~late], last.themes.levels[0].members) > 0.95
    assert adjusted_rand_score(truth[late], found.levels[0].members[late]) > 0.95
    _, again = go_on(vectors, last)
    assert digest(again) == digest(found)


def test_a_theme_that_goes_on_keeps_its_stability_and_a_new_one_has_its_own(nights):
    vectors, truth, _, last = nights
    before, there = last.themes.levels[0], truth[~(np.arange(len(vectors)) % 20 == 0)]
    marked = replace(before, stability=tuple(0.9 + number / 1000 for number in range(before.count)))
    told = replace(last, themes=replace(last.themes, levels=(marked, *last.themes.levels[1:])))
    born = vectors[:1] + np.random.default_rng(3).normal(scale=0.06, size=(100, 128)) - 2 * vectors[:1]
    more = np.vstack([vectors, born / np.linalg.norm(born, axis=1, keepdims=True)]).astype(np.float32)
    _, found = go_on(more, told)
    level, new = found.levels[0], len(vectors)
    assert found.continued is not None
    for number, stability in enumerate(level.stability):
        rows = np.flatnonzero(level.members == number)
        if (rows >= new).mean() > 0.5:
            assert 0.75 <= stability <= 1
            assert stability not in marked.stability
        else:
            old = np.bincount(marked.members[there == np.bincount(truth[rows[rows < new]]).argmax()] + 1).argmax() - 1
            assert stability == marked.stability[old]
    assert any((np.flatnonzero(level.members == number) >= new).all() for number in range(level.count))


def test_items_that_leave_take_nothing_with_them(nights):
    vectors, truth, late, last = nights
    stay = ~late & (np.arange(len(vectors)) % 15 != 7)
    graph, found = go_on(vectors[stay], last)
    assert (graph.neighbours == build_graph(vectors[stay], SETTINGS).neighbours).all()
    assert found.continued.removed == (~late).sum() - stay.sum()
    assert adjusted_rand_score(truth[stay], found.levels[0].members) > 0.95


def test_many_changes_find_the_themes_anew(nights):
    vectors, _, _, last = nights
    few = vectors[: len(vectors) // 2]
    _, found = go_on(few, last)
    assert found.continued is None
    assert digest(found) == digest(find(few))


def test_changes_add_up_over_nights_until_themes_are_found_anew(nights):
    vectors, _, late, last = nights
    stay = ~late
    for results in range(1, 8):
        stay = stay & (np.arange(len(vectors)) % 17 != results)
        graph, found = go_on(vectors[stay], last)
        last = Last(graph, found)
        if found.continued is None:
            break
        assert found.continued.changed <= MAX_CHANGED
    assert results in (3, 4, 5)
