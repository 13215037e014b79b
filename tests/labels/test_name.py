"""The labelling stage: ids, order, parents and children, shares, and labels of any set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from discover.core.errors import SettingsError, UsageError
from discover.core.settings import LabelSettings
from discover.core.types import Entry, Ledger, Themes
from discover.labels import name as labelling
from discover.ledger.match import remember_labels
from tests.labels.labellers.worlds import around, level, stories
from tests.planted import TENDENCY

SETTINGS = LabelSettings()


IDS = ("T0001", "T0002", "T0003"), ("T0004", "T0005", "T0006")


def first_ledger():
    """The ledger of a first run, in which themes are numbered as they come."""
    entries = tuple(Entry(id, born=1) for ids in IDS for id in ids)
    return Ledger(1, entries, last=len(entries))


@pytest.fixture(scope="module")
def named():
    """Three worlds; the first falls apart below, the second is its own child, the third has outliers and no child."""
    catalog, members = stories(each=30)
    broad = members.copy()
    broad[np.flatnonzero(members == 2)[:6]] = -1
    fine = np.full_like(broad, -1)
    murder = np.flatnonzero(broad == 0)
    fine[broad == 1], fine[murder[:16]], fine[murder[16:]] = 0, 1, 2
    strengths = np.where(broad >= 0, 0.5, 0).astype(np.float32)
    levels = (level(broad, strengths, ids=IDS[0]), level(fine, strengths, parents=(1, 0, 0), ids=IDS[1]))
    themes = Themes(levels, np.zeros((90, 2), np.float32), np.zeros((90, 5), np.float32), "planted", TENDENCY)
    return catalog, themes, labelling.name(catalog, themes, around(members), SETTINGS, ())


def test_ids_levels_parents_children(named):
    _, _, themes = named
    assert [theme.id for theme in themes] == ["T0001", "T0002", "T0003", "T0004", "T0005", "T0006"]
    assert [theme.level for theme in themes] == [0, 0, 0, 1, 1, 1]
    assert [theme.parent for theme in themes] == [None, None, None, "T0002", "T0001", "T0001"]
    assert [theme.children for theme in themes[:3]] == [("T0005", "T0006"), ("T0004",), ()]
    assert all(theme.children == () and theme.items == () for theme in themes[3:])


def test_sizes_shares_strengths(named):
    _, _, themes = named
    assert [theme.size for theme in themes] == [30, 30, 24, 30, 16, 14]
    assert [theme.share for theme in themes] == [theme.size / 90 for theme in themes]
    assert {theme.strength for theme in themes} == {0.5}
    assert {theme.stability for theme in themes} == {0.5}


def test_exemplars_are_items_of_the_theme(named):
    catalog, arrays, themes = named
    for theme in themes:
        assert len(theme.exemplars) == 5
        for item in theme.exemplars:
            row = catalog.ids.index(item.id)
            number = int(theme.id[1:]) - 1 - (3 if theme.level else 0)
            assert arrays.levels[theme.level].members[row] == number
            assert (item.title, item.strength) == (catalog.titles[row], 0.5)


def test_labels_differ_within_a_level_and_an_only_child_has_its_parents(named):
    _, _, themes = named
    for depth in (0, 1):
        texts = [theme.label for theme in themes if theme.level == depth]
        assert len(set(texts)) == len(texts) == 3
    assert (themes[3].label, themes[3].keywords) == (themes[1].label, themes[1].keywords)
    assert "space" in themes[1].label.casefold()


@pytest.mark.parametrize(("gone", "stays"), [(("fog",), True), (("fog", "mist"), False)])
def test_a_label_stays_while_its_evidence_does(named, gone, stays):
    catalog, arrays, before = named
    keywords = (before[1].keywords[0], *gone)
    ledger = first_ledger()
    told = replace(ledger.entries[1], label=", ".join(keywords), keywords=(*keywords, "astronaut"))
    ledger = replace(ledger, entries=(ledger.entries[0], told, *ledger.entries[2:]))
    members = arrays.levels[0].members
    vectors = around(np.where(members >= 0, members, 2))
    found = labelling.name(catalog, arrays, vectors, SETTINGS, ledger.entries)
    assert (found[1].label == told.label) is stays
    assert found[3].label == found[1].label  # all of its parent
    assert found[1].keywords == before[1].keywords
    assert [theme.label for theme in found if theme.id not in ("T0002", "T0004")] == [
        theme.label for theme in before if theme.id not in ("T0002", "T0004")
    ]
    after = remember_labels(ledger, found)
    assert after.entries[1].names == (() if stays else (told.label,))
    assert after.entries[1].keywords == (told.keywords if stays else found[1].keywords)
    assert remember_labels(after, found) == after


def test_no_levels_give_no_themes(named):
    catalog, themes, _ = named
    nothing = Themes((), themes.map, themes.layout, "no themes", TENDENCY)
    assert labelling.name(catalog, nothing, around(np.zeros(90, int)), SETTINGS, ()) == ()


def test_any_set_of_items_has_a_label():
    catalog, members = stories()
    rows = np.flatnonzero(members == 2)
    found = labelling.label(catalog, rows.tolist(), around(members), SETTINGS)
    assert "chef" in " ".join(found.keywords)
    assert set(found.exemplars) <= set(rows)
    whole = labelling.label(catalog, range(len(catalog)), around(members), SETTINGS)
    assert whole.text
    assert len(labelling.label(catalog, [3], around(members), SETTINGS).exemplars) == 1


def test_a_set_must_be_of_the_catalog():
    catalog, members = stories(each=3)
    with pytest.raises(UsageError, match="give at least one item"):
        labelling.label(catalog, [], around(members), SETTINGS)
    with pytest.raises(UsageError, match=r"rows must be in 0\.\.8, got 2\.\.9"):
        labelling.label(catalog, [2, 9], around(members), SETTINGS)


def test_settings_name_the_labeller_and_its_options():
    labeller = labelling.load(LabelSettings(keywords=3, exemplars=2, options={"words": 1}))
    assert (labeller.keywords, labeller.exemplars, labeller.words) == (3, 2, 1)
    with pytest.raises(SettingsError, match=r"unknown choice 'oracle'\. Valid: .*keywords"):
        labelling.load(LabelSettings(labeller="oracle"))
    with pytest.raises(SettingsError, match=r"unknown setting 'word'. Did you mean 'words'"):
        labelling.load(LabelSettings(options={"word": 1}))
