"""The ledger: ids that stay, and what is said to have happened, on planted nights with known answers."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import discover
from discover.core.errors import UsageError
from discover.core.settings import LedgerSettings
from discover.core.types import EVENT_WORDS, Event, Keys, Ledger, Level, Themes
from discover.ledger.keys import locate
from discover.ledger.match import count_events, match_themes
from discover.testing import shows
from tests.planted import TENDENCY
from tests.shell import command, damage

SETTINGS = LedgerSettings(died_after=3)


def keys(items, contents=None):
    """Keys of items by number; `contents` where they differ."""
    digests = [
        np.array([f"{kind}{number:030d}" for number in numbers], "S32")
        for kind, numbers in (("c", items if contents is None else contents), ("n", items))
    ]
    return Keys(*digests)


def themes(*levels, stability=1.0):
    """Themes of levels given as theme numbers by row."""
    made = []
    for members in map(np.asarray, levels):
        count = int(members.max(initial=-1)) + 1
        strengths = np.where(members >= 0, 0.8, 0).astype(np.float32)
        nobody = np.zeros(len(members), dtype=bool)
        made.append(Level(members.astype(np.int64), strengths, nobody, (-1,) * count, (stability,) * count))
    nothing = np.zeros((len(levels[0]) if levels else 0, 2), np.float32)
    return Themes(tuple(made), nothing, nothing, "planted", TENDENCY)


def groups(sizes):
    return np.repeat(np.arange(len(sizes)), sizes)


def ids_of(found):
    """By level, the ids of the themes by number."""
    return tuple(level.ids for level in found.levels)


class Nights:
    """A ledger, night after night."""

    def __init__(self):
        self.ledger, self.version = Ledger(), 0

    def __call__(self, levels, known):
        """Tonight's events as (kind, theme, others)."""
        self.version += 1
        self.ledger, found = match_themes(self.ledger, themes(*levels), known, self.version, "now", SETTINGS)
        self.ids = ids_of(found)
        return [(e.kind, e.theme, e.others) for e in self.ledger.events if e.version == self.version]


@pytest.fixture
def nights():
    """After a first night: 200 items, T0001 with 60, T0002 with 50, T0003 with 40, 50 outliers."""
    made = Nights()
    members = np.concatenate([groups((60, 50, 40)), np.full(50, -1)])
    made.first = members
    assert made([members], keys(range(200))) == [("born", id, ()) for id in ("T0001", "T0002", "T0003")]
    return made


def test_an_unchanged_night_only_continues(nights):
    assert nights([nights.first], keys(range(200))) == [("continued", f"T000{i}", ()) for i in (1, 2, 3)]
    assert all(event.confidence == 1 for event in nights.ledger.events)


def test_a_renumbered_catalog_is_matched_by_content(nights):
    renumbered = Keys(keys(range(200)).contents, keys([*range(100, 200), *range(100)]).names)
    assert {kind for kind, _, _ in nights([nights.first], renumbered)} == {"continued"}
    assert nights.ids == (("T0001", "T0002", "T0003"),)


def test_a_rewritten_catalog_is_matched_by_id_and_title(nights):
    assert {kind for kind, _, _ in nights([nights.first], keys(range(200), range(900, 1100)))} == {"continued"}


def test_copies_count_one_to_one():
    ours, theirs = keys([1, 2, 3, 4], [7, 7, 7, 8]), keys([11, 12, 13], [7, 8, 7])
    assert locate(ours, theirs).tolist() == [0, 2, -1, 1]
    assert locate(keys([]), theirs).tolist() == []


def test_items_without_content_are_known_by_id_and_title_only():
    bare = replace(keys([1, 2, 3]), contents=np.zeros(3, "S32"))
    assert locate(bare, replace(bare, names=bare.names[::-1])).tolist() == [2, 1, 0]
    assert locate(bare, replace(bare, names=keys([7, 8, 9]).names)).tolist() == [-1, -1, -1]


def test_a_split_keeps_the_id_for_the_larger_part(nights):
    members = nights.first.copy()
    members[40:60] = 3
    assert nights([members], keys(range(200))) == [
        ("continued", "T0002", ()), ("continued", "T0003", ()), ("split", "T0001", ("T0004",)),
    ]  # fmt: skip
    assert nights.ids == (("T0001", "T0002", "T0003", "T0004"),)


def test_a_merger_keeps_the_id_of_the_larger_and_they_can_part_again(nights):
    merged = np.where(nights.first == 1, 0, np.where(nights.first == 2, 1, nights.first))
    assert nights([merged], keys(range(200))) == [("merged", "T0001", ("T0002",)), ("continued", "T0003", ())]
    assert nights([nights.first], keys(range(200))) == [("continued", "T0003", ()), ("split", "T0001", ("T0002",))]
    assert nights.ids == (("T0001", "T0002", "T0003"),)


def test_no_news_is_surer_than_its_themes_are_stable():
    told, _ = match_themes(Ledger(), themes(groups((30, 20)), stability=0.3), keys(range(50)), 1, "", SETTINGS)
    assert [event.confidence for event in told.events] == [0.3, 0.3]
    told, _ = match_themes(told, themes(groups((30, 20)), stability=0.3), keys(range(50)), 2, "", SETTINGS)
    assert [event.confidence for event in told.events[2:]] == [1, 1]
    assert count_events(told) == dict.fromkeys(EVENT_WORDS, 0) | {"continued": 2}


def test_what_is_new_is_born(nights):
    members = np.concatenate([nights.first, np.full(30, 3)])
    assert nights([members], keys(range(230)))[-1] == ("born", "T0004", ())


def test_a_theme_whose_items_scatter_is_dormant_and_returns(nights):
    without = np.where(nights.first == 2, -1, nights.first)
    assert nights([without], keys(range(200)))[-1] == ("dormant", "T0003", ())
    assert [kind for kind, _, _ in nights([without], keys(range(200)))] == ["continued", "continued"]
    assert nights([nights.first], keys(range(200)))[-1] == ("returned", "T0003", ())
    assert nights.ledger.entries[2].away == 0


def test_a_theme_that_is_away_for_long_has_died_and_its_id_is_not_given_again(nights):
    without = np.where(nights.first == 2, -1, nights.first)
    kinds = [[e for e in nights([without], keys(range(200))) if e[1] == "T0003"] for _ in range(4)]
    assert kinds == [[("dormant", "T0003", ())], [], [("died", "T0003", ())], []]
    assert nights([nights.first], keys(range(200)))[-1] == ("born", "T0004", ())
    assert nights.ledger.entries[2].died


def test_a_theme_without_items_has_died_but_one_bad_night_loses_nothing(nights):
    kept = np.flatnonzero(nights.first != 2)
    assert nights([nights.first[kept]], keys(kept))[-1] == ("died", "T0003", ())
    assert nights([], keys([])) == [("died", "T0001", ()), ("died", "T0002", ())]
    assert nights([nights.first], keys(range(200))) == [("returned", f"T000{i}", ()) for i in (1, 2, 3)]


def test_an_overlap_by_chance_is_no_continuation(nights):
    members = np.full(200, -1)
    members[[0, *range(150, 158)]] = 0
    members[[60, 61, *range(160, 200)]] = 1
    assert {kind for kind, _, _ in nights([members], keys(range(200)))} == {"born", "dormant"}


def test_levels_are_matched_level_by_level_and_then_across():
    nights = Nights()
    broad, fine = groups((60, 60)), groups((60, 30, 30))
    nights([broad, fine], keys(range(120)))
    one, two = nights.ids[0]
    assert nights.ids[1][0] == one  # it does not fall apart: the same theme at both levels
    parts = nights.ids[1][1:]
    assert nights.ids == (("T0001", "T0002"), (one, "T0003", "T0004"))
    assert nights([fine], keys(range(120)))[-1] == ("dormant", two, ())
    assert nights.ids == ((one, *parts),)
    assert nights.ledger.events[-1].confidence == 0  # what it held is still there


def test_a_broad_theme_that_begins_to_fall_apart_keeps_its_id_and_so_it_does_when_it_no_longer_does():
    nights, whole = Nights(), groups((60, 60))
    nights([whole, whole], keys(range(120)))
    one, two = nights.ids[0]
    assert nights.ids[1] == (one, two)
    apart = groups((60, 48, 12))
    nights([whole, apart], keys(range(120)))
    assert nights.ids[0] == (one, two) and not {*nights.ids[1][1:]} & {one, two}
    nights([whole, whole], keys(range(120)))
    assert nights.ids == ((one, two), (one, two))


def test_on_a_first_night_all_themes_are_born_and_none_is_news():
    nights = Nights()
    assert [kind for kind, _, _ in nights([groups((60, 60))], keys(range(120)))] == ["born", "born"]
    assert not any(count_events(nights.ledger).values())


def test_what_only_regroups_is_no_news(nights):
    """A broader theme around two that stay, and its going, are told without confidence."""
    broader = np.where(nights.first == 1, 0, np.where(nights.first == 2, 1, nights.first))
    nights([broader, nights.first], keys(range(200)))
    nights([nights.first], keys(range(200)))
    told = [(e.kind, e.theme, e.confidence) for e in nights.ledger.events if e.version > 1 and e.kind != "continued"]
    assert told == [("born", "T0004", 0), ("dormant", "T0004", 0)]


def test_two_weak_ties_do_not_break_a_strong_one():
    """70 of 100 stay; 30 break off, and 30 others join."""
    nights = Nights()
    nights([np.concatenate([groups((100, 30)), np.full(70, -1)])], keys(range(200)))
    members = np.concatenate([groups((70, 30)), np.zeros(30), np.full(70, -1)])
    assert nights([members], keys(range(200))) == [("merged", "T0001", ("T0002",)), ("split", "T0001", ("T0003",))]


catalogs = st.lists(st.lists(st.integers(-1, 5), min_size=1, max_size=60), min_size=1, max_size=5)


def dense(members):
    """Theme numbers 0, 1, ... without gaps."""
    members = np.asarray(members)
    return np.searchsorted(np.unique(members[members >= 0]), members) * (members >= 0) - (members < 0)


@settings(max_examples=60, deadline=None)
@given(catalogs, st.integers(0, 2**32 - 1))
def test_whatever_happens_every_theme_has_one_id_that_was_never_anothers(drawn, seed):
    random, told, permuted = np.random.default_rng(seed), Ledger(), Ledger()
    for version, members in enumerate(drawn, 1):
        first, items = dense(members), np.sort(random.choice(80, len(members), replace=False))
        second = dense(np.where(random.random(len(first)) < 0.5, first, first + 1))
        before, order = told, random.permutation(len(first))
        told, found = match_themes(told, themes(first, second), keys(items), version, "", SETTINGS)
        permuted, other = match_themes(
            permuted, themes(first[order], second[order]), keys(items[order]), version, "", SETTINGS
        )
        assert permuted.events == told.events and permuted.entries == told.entries
        assert ids_of(other) == ids_of(found)
        assert [entry.id for entry in told.entries] == [f"T{i + 1:04d}" for i in range(told.last)]
        assert told.entries[: before.last] == tuple(
            replace(e, **{n: getattr(o, n) for n in ("level", "deepest", "stability", "seen", "away", "died")})
            for e, o in zip(before.entries, told.entries, strict=False)
        )
        ids = {id for level in found.levels for id in level.ids}
        rows = {
            (id, tuple(np.flatnonzero(members == number)))
            for members, level in zip((first, second), found.levels, strict=True)
            for number, id in enumerate(level.ids)
        }
        assert len(ids) == len(rows) == len({row for _, row in rows})  # one id a theme, one theme an id
        assert {entry.id for entry in told.entries if not entry.away} == ids
        tonight = [event for event in told.events if event.version == version]
        new = {entry.id for entry in told.entries[before.last :]}
        assert ids | new <= {id for event in tonight for id in (event.theme, *event.others)}
        assert all(0 <= event.confidence <= 1 and event.kind in EVENT_WORDS for event in tonight)
        again, same = match_themes(told, themes(first, second), keys(items), version + 1, "", SETTINGS)
        assert ids_of(same) == ids_of(found)
        assert {e.kind for e in again.events if e.version == version + 1 and e.theme in ids} <= {"continued"}


# --- in the pipeline ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Three nights: six worlds; all but space; all again, with other ids."""
    made, rows = tmp_path_factory.mktemp("nights") / "ws", shows(each=30)
    discover.run(rows, workspace=made)
    discover.run([row for row in rows if row["genres"] != "space"], workspace=made)
    discover.run([row | {"id": f"x{row['id']}"} for row in rows], workspace=made)
    return made


def of_world(engine, world):
    """The broad theme that holds most items of a world."""
    table = engine.items()
    held = [
        t for t, genre in zip(table["theme"].to_pylist(), table["genres"].to_pylist(), strict=True) if world in genre
    ]
    return max(set(held), key=held.count)


def test_ids_and_labels_stay_through_nights(workspace):
    first, second, third = (discover.open(workspace, number) for number in (1, 2, 3))
    for world in ("kitchen", "court", "football", "ghost", "western"):
        ids = [of_world(engine, world) for engine in (first, second, third)]
        assert len(set(ids)) == 1
        assert len({engine.theme(ids[0]).label for engine in (first, second, third)}) == 1
    space = of_world(first, "space")
    assert of_world(third, "space") == space
    assert [event.kind for event in third.history(space)] == ["born", "died", "returned"]
    assert ("died", space) in [(event.kind, event.theme) for event in second.events()]
    assert {event.version for event in third.events()} == {3}
    assert {event.version for event in third.events(since=2)} == {2, 3}


def test_a_theme_that_is_gone_says_so(workspace):
    second = discover.open(workspace, 2)
    space = of_world(discover.open(workspace, 1), "space")
    with pytest.raises(UsageError, match=f"theme {space} '.*' died and was last in version 1"):
        second.theme(space)
    with pytest.raises(UsageError, match="no theme 'T9999' in version 2"):
        second.history("T9999")


def test_the_history_as_a_command(workspace):
    space = of_world(discover.open(workspace, 1), "space")
    told = json.loads(command("theme", space, "--history", "--json", "-w", workspace).stdout)
    assert [event["kind"] for event in told["events"]] == ["born", "died", "returned"]
    assert (told["theme"]["id"], told["theme"]["born"]) == (space, 1)
    shown = command("theme", space, "--history", "-w", workspace).stdout
    assert told["theme"]["label"] in shown
    assert all(EVENT_WORDS[event["kind"]].label in shown for event in told["events"])


@pytest.mark.parametrize("harm", ["all", "one"])
def test_ids_are_not_given_again_when_a_ledger_is_lost(workspace, tmp_path, harm):
    shutil.copytree(workspace, tmp_path / "ws")
    for number in {"all": (1, 2, 3), "one": (3,)}[harm]:
        damage(tmp_path / f"ws/versions/{number:08d}/ledger/entries.json")
    before = discover.open(workspace)
    summary = discover.run(shows(each=30), workspace=tmp_path / "ws")
    told = [warning for warning in summary.warnings if "ledger" in warning]
    ids, after = ({theme.id for theme in engine.themes()} for engine in (before, discover.open(tmp_path / "ws")))
    if harm == "all":
        assert not ids & after
        assert "all themes begin anew" in told[0] and len(told) == 1
    else:
        assert ids == after
        assert [("version 2's ledger is used" in each) for each in told] == [True]


def test_a_rollback_goes_on_from_its_version_with_ids_that_no_other_has(workspace, tmp_path):
    shutil.copytree(workspace, tmp_path / "ws")
    sea = "whale harbour sailor lighthouse tide anchor submarine captain reef trawler"
    more = [row | {"id": f"sea{row['id']}"} for row in shows(each=30, worlds={"sea": sea})]
    discover.run([*shows(each=30), *more], workspace=tmp_path / "ws")
    first = of_world(discover.open(tmp_path / "ws"), "sea")
    discover.rollback(tmp_path / "ws", 3)
    discover.run([*shows(each=30), *more], workspace=tmp_path / "ws")
    engine = discover.open(tmp_path / "ws")
    assert {event.version for event in engine.events(since=1)} == {1, 2, 3, 5}
    second = of_world(engine, "sea")
    assert [event.kind for event in engine.history(second)] == ["born"]
    assert second > first > max(theme.id for theme in discover.open(tmp_path / "ws", 3).themes())


@pytest.mark.parametrize(
    ("kind", "went", "told"), [("dormant", 0.3, False), ("dormant", 0.9, True), ("died", 0.3, False)]
)
def test_a_return_is_news_only_where_the_going_was(kind, went, told):
    gone, back = Event(2, "", kind, "T0001", (), went), Event(3, "", "returned", "T0001", (), 0.9)
    found = Ledger(3, events=(gone, back))
    assert (back in found.likely()) is told
    assert found.likely(0) == (gone, back)
    assert count_events(Ledger(3, events=(Event(1, "", "born", "T0001", (), 1.0), gone, back)))["returned"] == told
