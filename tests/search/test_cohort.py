"""What is usual for an item: means and spreads of similarities, against a count by hand."""

import numpy as np
import pytest
from hypothesis import given, settings

from discover.search import cohort
from discover.search.cohort import CohortStats
from discover.testing import shows, unit
from tests.search.spaces import oracle, worlds


def by_hand(similarities, coverage, sample):
    """Mean and standard deviation of each item's similarities to the others of the sample that it compares with."""
    means, spreads = np.full((2, len(similarities)), np.nan)
    for row in range(len(similarities)):
        others = [similarities[row, other] for other in sample if other != row and coverage[row, other] > 0]
        if others:
            means[row], spreads[row] = np.mean(others), np.std(others)
    return means, spreads


def steadied(spreads, pooled):
    return np.sqrt((spreads**2 + pooled**2) / 2)


@settings(max_examples=50, deadline=None)
@given(worlds.rows())
def test_moments_are_those_counted_by_hand(items):
    found = cohort.measure(worlds.spaces(items), len(items))
    assert found.rows.tolist() == list(range(len(items)))
    expected = oracle.compare(items)
    for name, stats in found.stats.items():
        means, spreads = by_hand(*expected[name], found.rows)
        usual = np.sqrt(np.nanmean(spreads**2)) if np.isfinite(spreads).any() else 1.0
        usual = usual if usual > 1e-4 else found.pooled[name]  # around 1e-6 rounding decides
        assert found.pooled[name] == pytest.approx(usual, abs=1e-4)
        assert stats.mean == pytest.approx(means, abs=1e-4, nan_ok=True)
        assert stats.std == pytest.approx(steadied(spreads, usual), abs=1e-3, nan_ok=True)
        assert not (stats.std <= 0).any()


def test_a_large_catalog_is_measured_by_a_sample_of_it(monkeypatch):
    monkeypatch.setattr(cohort, "SAMPLE", 50)
    monkeypatch.setattr(cohort, "CELLS", 1_000)  # so that items come in parts
    random = np.random.default_rng(0)
    made = unit(random.normal(size=(300, 16)) + 0.5)
    space = worlds.over(made, np.arange(300), 300)
    found = cohort.measure({"text": space}, 300)
    assert len(found.rows) == 50
    assert (np.diff(found.rows) > 0).all()
    similarities = (made @ made.T).astype(np.float64)
    means, spreads = by_hand(similarities, np.ones_like(similarities), found.rows)
    pooled = np.sqrt(np.mean(spreads**2))
    assert found.stats["text"].mean == pytest.approx(means, abs=1e-5)
    assert found.stats["text"].std == pytest.approx(steadied(spreads, pooled), abs=1e-5)
    again = cohort.measure({"text": space}, 300)
    assert (again.rows == found.rows).all()
    assert (again.stats["text"].mean == found.stats["text"].mean).all()


def test_probes_from_outside_are_measured_as_items_are():
    items = [row | {"seed": number % 7} for number, row in enumerate(shows(each=4))]
    spaces = worlds.spaces(items)
    found = cohort.measure(spaces, len(items))
    for name, space in spaces.items():
        rows = np.array([3, 11])
        stats = cohort.measure_queries(space, space.items(rows), found)
        whole = space.compare(space.items(rows), found.rows)
        expected = [whole.similarities[i][whole.coverage[i] > 0].astype(np.float64) for i in range(2)]
        assert stats.mean == pytest.approx([each.mean() for each in expected], abs=1e-5)
        pooled = found.pooled[name]
        assert stats.std == pytest.approx([steadied(each.std(), pooled) for each in expected], abs=1e-5)


def test_a_text_in_no_known_words_has_no_background():
    spaces = worlds.spaces(shows(each=4))
    found = cohort.measure(spaces, 24)
    stats = cohort.measure_queries(spaces["lexical"], spaces["lexical"].query("xyzzy", None), found)
    assert np.isnan(stats.mean).all()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_identical_items_have_a_background_to_divide_by(count):
    made = np.repeat(unit(np.ones((1, 8))), count, axis=0)
    found = cohort.measure({"text": worlds.over(made, np.arange(count), count)}, count)
    assert found.pooled == {"text": 1.0}
    std = found.stats["text"].std
    assert np.isnan(std).all() if count == 1 else (std > 0.5).all()


def test_moments_of_some_rows():
    stats = CohortStats(np.arange(5, dtype=np.float32), np.arange(5, 10, dtype=np.float32))
    some = stats.take(np.array([4, 0]))
    assert (some.mean.tolist(), some.std.tolist()) == ([4, 0], [9, 5])
