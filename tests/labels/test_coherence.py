"""Coherence and diversity of keywords: known answers, and a slow definition of NPMI as the oracle."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.core.types import Theme
from discover.labels import coherence
from tests.labels.labellers.worlds import stories, table


def theme(number, level, *keywords):
    return Theme(f"T{number:04d}", "", keywords, (), 1, 0, 0.1, 1.0, 1.0, level, number, None, ())


def together(held):
    held = np.asarray(held)
    return held.T @ held / len(held)


def by_definition(items):
    """The mean NPMI over pairs of terms, from the sets of terms that items hold."""
    count, terms, values = len(items), sorted(set().union(*items)), []
    for one, other in combinations(terms, 2):
        both = sum({one, other} <= held for held in items) / count
        alone = [sum(term in held for held in items) / count for term in (one, other)]
        if both in (0, 1):
            values.append(1 if both else -1)
        else:
            values.append(math.log(both / (alone[0] * alone[1])) / -math.log(both))
    return sum(values) / len(values)


@given(st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=30).filter(lambda all: len(set().union(*all)) > 1))
def test_npmi_is_what_its_definition_says(items):
    terms = sorted(set().union(*items))
    found = coherence.npmi(together([[int(term in each) for term in terms] for each in items]))
    assert found == pytest.approx(by_definition(items), abs=1e-12)
    assert -1 - 1e-9 <= found <= 1 + 1e-9


def test_the_ends_of_the_scale():
    apart, same = np.repeat(np.eye(2, dtype=np.int32), 5, axis=0), np.repeat([[1, 1], [0, 0]], 5, axis=0)
    independent = np.array([[1, 1], [1, 0], [0, 1], [0, 0]])
    assert [coherence.npmi(together(each)) for each in (apart, independent, same)] == pytest.approx([-1, 0, 1])


def test_words_of_one_world_cohere_and_those_of_several_do_not():
    catalog, _ = stories()
    broad, fine = coherence.measure(
        catalog,
        [
            theme(1, 0, "serial killer", "murder case", "police detective"),
            theme(2, 0, "space station", "alien planet", "starship crew"),
            theme(3, 1, "serial killer", "alien planet", "family recipe"),
        ],
    )
    assert (broad.level, broad.themes, broad.measured, broad.diversity) == (0, 2, 2, 1.0)
    assert broad.coherence > 0 > fine.coherence == -1.0


def test_diversity_counts_words_that_repeat_and_unknown_keywords_are_not_measured():
    catalog = table([{"title": "A", "description": "ghost house"}, {"title": "B", "description": "ghost house"}])
    (found,) = coherence.measure(
        catalog, [theme(1, 0, "ghost", "haunted House"), theme(2, 0, "ghost", "house"), theme(3, 0)]
    )
    assert (found.themes, found.measured, found.coherence) == (3, 1, 1.0)
    assert found.diversity == 3 / 5
    (nothing,) = coherence.measure(catalog, [theme(1, 0)])
    assert (nothing.coherence, nothing.diversity) == (None, None)
    assert coherence.measure(catalog, []) == ()
