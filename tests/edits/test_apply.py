"""Strategists' edits: what they do to themes, that they survive refits, and that contradictions are refused."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import discover
from discover import edits
from discover.core.errors import UnknownThemeError, UsageError, WorkspaceError
from discover.core.settings import ThemeSettings
from discover.core.types import Edit, Keys, Level, Themes
from discover.edits import log
from discover.edits.apply import apply_edits, find_contradiction, link_items, merge_themes
from discover.nightly import replay
from discover.report import write as report
from discover.testing import blobs, shows
from discover.themes.neighbours import build_graph
from tests.planted import TENDENCY
from tests.shell import command

SETTINGS = ThemeSettings()
IDS = ("T0001", "T0002", "T0003")


@pytest.fixture(scope="module")
def found():
    """Three planted themes of 30, 25 and 20 items and 5 outliers, with graph, keys and vectors."""
    vectors, truth = blobs(themes=3, each=30, spread=0.05)
    order = np.argsort(truth, kind="stable")
    chosen = np.concatenate([order[:30], order[30:55], order[60:80], order[55:60]])
    vectors = vectors[chosen]
    members = np.repeat([0, 1, 2, -1], [30, 25, 20, 5])
    strengths = np.where(members >= 0, 0.9, 0).astype(np.float32)
    level = Level(members, strengths, np.zeros(80, dtype=bool), (-1,) * 3, (1.0,) * 3, IDS)
    graph = build_graph(vectors, SETTINGS)
    groups = Themes((level,), np.zeros((80, 2), np.float32), vectors[:, :5].copy(), "planted", TENDENCY)
    digests = np.array([f"{row:032d}" for row in range(80)], "S32")
    return groups, Keys(digests, digests), vectors, graph


def key(row):
    return (f"{row:032d}",) * 2


def edit(number, kind, *groups, of=()):
    return Edit(number, "now", kind, tuple(of), keys=tuple(tuple(map(key, group)) for group in groups))


def names(found, *made, ids=IDS):
    """The id of each row's theme after edits, and the notes."""
    groups, keys, vectors, graph = found
    groups = replace(groups, levels=(replace(groups.levels[0], ids=ids),))
    edited = apply_edits(groups, made, keys, vectors, graph, SETTINGS)
    level = edited.themes.levels[0]
    sizes = np.bincount(level.members[level.members >= 0], minlength=level.count)
    assert sizes.all() and (np.diff(sizes) <= 0).all()
    assert len(level.stability) == len(level.parents) == len(level.ids) == level.count
    assert ((level.strengths > 0) == (level.members >= 0)).all()
    return level.ids_by_row(""), edited.notes


BEFORE = np.repeat(["T0001", "T0002", "T0003", ""], [30, 25, 20, 5])


def test_without_edits_nothing_changes(found):
    assert (names(found)[0] == BEFORE).all()
    assert (names(found, edit(1, "hide", of=["T0001"]))[0] == BEFORE).all()


def test_what_continues_either_is_one_theme(found):
    merged = edit(1, "merge", of=["T0002", "T0001"])
    assert (names(found, merged)[0] == np.where(BEFORE == "T0001", "T0002", BEFORE)).all()
    only = names(found, merged, ids=("T0001", "T0008", "T0009"))[0]
    assert (only[:30] == "T0002").all()


def test_members_go_to_the_nearest_group(found):
    joined = edit(1, "merge", of=["T0001", "T0002"])
    parts = edit(2, "split", [0, 1], [31, 32], of=["T0001", "T0009"])
    assert (names(found, joined, parts)[0] == np.where(BEFORE == "T0002", "T0009", BEFORE)).all()
    lost = Edit(2, "now", "split", ("T0001", "T0009"), keys=((key(0),), (key(999),)))
    unsplit, notes = names(found, lost)
    assert (unsplit == BEFORE).all() and "group has no items left" in notes[0]


def test_items_together_go_where_most_are(found):
    moved = names(found, edit(1, "together", [0, 30, 31]))[0]
    assert np.flatnonzero(moved != BEFORE).tolist() == [0] and moved[0] == "T0002"
    chained = names(found, edit(1, "together", [0, 30]), edit(2, "together", [30, 31]))[0]
    assert len({chained[0], chained[30], chained[31]}) == 1 and (chained != BEFORE).sum() == 1


def test_items_apart_are_in_no_theme_together_with_one_move(found):
    moved = names(found, edit(1, "apart", [0, 1]))[0]
    assert (moved != BEFORE).sum() == 1 and moved[0] != moved[1] and "" not in moved[:2]
    crowd = names(found, edit(1, "apart", [0, 1, 2, 3]))[0]  # more than there are themes
    assert sorted(crowd[:4]) == ["", "T0001", "T0002", "T0003"]


def test_a_pinned_theme_stays(found):
    pinned = edit(1, "pin", range(55, 75), of=["T0007"])
    groups, *rest = found
    level = groups.levels[0]
    left = np.where(level.members == 2, -1, level.members)
    gone = replace(level, members=left, parents=(-1,) * 2, stability=(1.0,) * 2, ids=IDS[:2])
    two = (Themes((gone,), groups.map, groups.layout, "planted", TENDENCY), *rest)
    kept, notes = names(two, pinned, ids=IDS[:2])
    assert (kept[55:75] == "T0007").all() and notes == ()
    assert (names(found, edit(1, "pin", range(30), of=["T0001"]))[0] == BEFORE).all()
    _, notes = names(two, edit(1, "pin", [999], of=["T0007"]), ids=IDS[:2])
    assert "pinned theme T0007 has no items left" in notes[0]


rows = st.lists(st.integers(0, 79), min_size=2, max_size=4, unique=True)


@settings(max_examples=25, deadline=None)
@given(st.lists(rows, max_size=3), rows)
def test_edits_that_do_not_contradict_hold(found, joined, parted):
    together = [edit(number, "together", group) for number, group in enumerate(joined, 1)]
    apart = edit(9, "apart", parted)
    if find_contradiction([*together, apart]) is not None:
        stands = link_items(together)
        assert any(stands.get(key(a)) == stands.get(key(b)) for a in parted for b in parted if a != b)
        return
    alone = names(found, *together)[0]
    for group in joined:
        assert len(set(alone[group])) == 1
    both = names(found, *together, apart)[0]
    held = [name for name in both[parted] if name]
    assert len(set(held)) == len(held)


@st.composite
def nested(draw):
    """Themes of two levels: up to 6 fine ones, each in one of up to 4 broad ones or in none."""
    fine = np.array(draw(st.lists(st.integers(-1, 5), min_size=4, max_size=24)), dtype=np.int64)
    homes = np.array([*draw(st.lists(st.integers(-1, 3), min_size=6, max_size=6)), -1])
    broad = np.where(fine >= 0, homes[fine], draw(st.integers(-1, 3)))
    attached = np.array(draw(st.lists(st.booleans(), min_size=len(fine), max_size=len(fine))))
    levels: list[Level] = []
    for depth, members in enumerate((broad, fine)):
        numbers = np.unique(members[members >= 0])
        dense = np.append(np.full(6, -1), -1)
        dense[numbers] = np.arange(len(numbers))
        above = {int(f): int(b) for f, b in zip(dense[fine], levels[0].members, strict=True)} if depth else {}
        strengths = np.where(members >= 0, 0.9, 0).astype(np.float32)
        ids = tuple(f"T{number + 10 * depth:04d}" for number in numbers.tolist())
        parents = tuple(above.get(number, -1) for number in range(len(ids)))
        stability = tuple(0.5 + number / 100 for number in range(len(ids)))
        levels.append(Level(dense[members], strengths, attached & (members >= 0), parents, stability, ids))
    points = np.zeros((len(fine), 2), np.float32)
    return Themes(tuple(level for level in levels if level.count), points, points, "planted", TENDENCY)


IDS_OF_TWO_LEVELS = [f"T{number:04d}" for number in (0, 1, 2, 3, 10, 11, 12, 13, 14)]
merges = st.lists(st.lists(st.sampled_from(IDS_OF_TWO_LEVELS), min_size=2, max_size=3, unique=True), max_size=5)


def same_partition(one, other):
    assert [level.ids for level in one.levels] == [level.ids for level in other.levels]
    for mine, theirs in zip(one.levels, other.levels, strict=True):
        assert mine.parents == theirs.parents
        for part in ("members", "strengths", "attached"):
            assert (getattr(mine, part) == getattr(theirs, part)).all()


@settings(max_examples=300, deadline=None)
@given(nested(), merges, st.integers(0, 5))
def test_what_is_merged_at_once_is_what_the_next_run_stores(found, ids, made):
    """Some merges are in the version, the others came since; the next run applies all to what it finds again."""
    log_ = [edit(number, "merge", of=group) for number, group in enumerate(ids, 1)]
    stored, pending = merge_themes(found, log_[:made]), log_[made:]
    at_once, next_run = merge_themes(stored, pending, log_[:made]), merge_themes(found, log_)
    same_partition(at_once, next_run)
    into = log.merged_into(log_)
    for level in at_once.levels:
        sizes = np.bincount(level.members[level.members >= 0])
        assert not {*level.ids} & into.keys() and (not ids or (np.diff(sizes) <= 0).all())


def test_the_last_merge_names_what_all_connected_themes_are():
    chain = [edit(1, "merge", of=["T1", "T2"]), edit(2, "merge", of=["T3", "T2"]), edit(3, "rename", of=["T4"])]
    assert log.merged_into(chain[:1]) == {"T2": "T1"}
    assert log.merged_into(chain) == {"T1": "T3", "T2": "T3"}
    assert log.merged_into([*chain[:1], edit(2, "merge", of=["T2", "T1"])]) == {"T1": "T2"}


# --- in a workspace ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    made = tmp_path_factory.mktemp("edits") / "ws"
    discover.run(shows(each=30), workspace=made)
    return made


def ids_of(engine, world):
    """The ids of a world's items, and the broad theme of most."""
    table = engine.items().to_pandas()
    own = table[[world in genres for genres in table["genres"]]]
    return own["id"].tolist(), own["theme"].mode()[0]


def test_edits_are_seen_at_once_or_with_the_next_run_and_survive_refits(workspace):
    engine = discover.open(workspace)
    (ghosts, ghost), (_, space), (_, court), (chefs, kitchen) = (
        ids_of(engine, world) for world in ("ghost", "space", "court", "kitchen")
    )
    before = {theme.id: theme.label for theme in engine.themes()}
    sizes = {theme.id: theme.size for theme in engine.themes()}
    rename = edits.add(workspace, "rename", [ghost], text="Things that go bump")
    edits.add(workspace, "hide", [space])
    merge = edits.add(workspace, "merge", [court, kitchen])
    assert merge.before.keys() >= {court, kitchen} and merge.after.keys() >= {court}
    assert all(0 <= value <= 1 for value in (*merge.before.values(), *merge.after.values()))
    edits.add(workspace, "together", items=[[ghosts[0], chefs[0]]])
    seen = discover.open(workspace)
    assert [each.kind for each in seen.pending] == ["rename", "hide", "merge", "together"]
    assert seen.theme(ghost).label == "Things that go bump"
    assert not {space, kitchen} & {theme.id for theme in seen.themes()} and seen.theme(space).size
    assert space not in {*seen.items()["theme"].to_pylist(), *(event.theme for event in seen.events(1, 0))}
    assert space not in {card.theme for card in seen.cards(seen.catalog.ids)}
    tree = [theme for level in range(seen.levels) for theme in seen.themes(level)]
    assert space not in {id for theme in tree for id in (theme.id, theme.parent, *theme.children)}
    stood = {name.id: (name.x, name.y) for name in engine.map_names()}
    stands = {name.id: (name.x, name.y) for name in seen.map_names()}
    assert stands == {id: place for id, place in stood.items() if id not in (space, kitchen)}
    told = {trend.theme: trend.label for trend in seen.trends()}
    assert told[ghost] == "Things that go bump" and space not in told
    with pytest.raises(UnknownThemeError, match=rf"theme {kitchen} .* was merged into {court} by an edit"):
        seen.theme(kitchen)
    one = seen.theme(court)
    assert one.size == len(one.items) == sizes[court] + sizes[kitchen]
    assert ids_of(seen, "kitchen")[1] == court == ids_of(seen, "court")[1]
    more = [*shows(each=30), *(row | {"id": f"n{row['id']}"} for row in shows(each=4, seed=9))]
    for results in (2, 3):
        summary = discover.run(more, workspace=workspace)
        engine = discover.open(workspace)
        shown = {theme.id: theme.label for theme in engine.themes()}
        assert shown[ghost] == "Things that go bump" and not {space, kitchen} & set(shown)
        assert ids_of(engine, "kitchen")[1] == court
        table = dict(zip(*(engine.items()[name].to_pylist() for name in ("id", "theme")), strict=True))
        assert table[ghosts[0]] == table[chefs[0]]
        assert summary.version == results and summary.counts["dormant"] == 0  # what was found has not changed
    assert not engine.pending and not replay.verify_report(workspace)
    told = report.markdown(report.make(replay.recompute(engine.version)))
    assert "Things that go bump" in told and before[space] not in told and space not in told
    assert space not in {point.theme for point in engine.map()}
    assert engine.labels([ghost, "T9999"]) == {ghost: "Things that go bump"}
    edits.undo(workspace, rename.number)
    edits.undo(workspace, merge.number)
    assert discover.open(workspace).theme(ghost).label == before[ghost]
    discover.run(more, workspace=workspace)
    assert kitchen in {theme.id for theme in discover.open(workspace).themes()}


def seen(engine):
    """All that people see of themes but words and stability, which a run finds again."""
    themes = [theme for level in range(engine.levels) for theme in engine.themes(level)]
    nothing = {"label": "", "keywords": (), "exemplars": (), "stability": 0.0}
    counts = [replace(theme, strength=round(theme.strength, 6), **nothing) for theme in themes]
    return counts, [engine.theme(theme.id).items for theme in themes], engine.items(), engine.atlas().themes[0].tolist()


def test_merged_themes_are_seen_at_once_as_the_next_run_stores_them(workspace, tmp_path):
    own = tmp_path / "ws"
    shutil.copytree(workspace, own)
    (own / log.LOG).unlink(missing_ok=True)
    rows = discover.open(own).catalog.table.to_pylist()
    discover.run(rows, workspace=own)
    largest = [theme.id for theme in discover.open(own).themes()]
    fine = [theme.id for theme in discover.open(own).themes(discover.open(own).levels - 1)]
    for round in ([largest[1], largest[3]], [largest[4], largest[3]], [fine[-1], fine[0]]):
        edits.add(own, "merge", list(dict.fromkeys(round)))
        at_once = seen(discover.open(own))
        discover.run(rows, workspace=own)
        assert seen(discover.open(own)) == at_once and not discover.open(own).pending


@pytest.mark.parametrize(
    ("kind", "asked", "message"),
    [
        ("rename", {"themes": ["T9999"], "text": "x"}, "rename: no theme 'T9999'"),
        ("rename", {"themes": ["T0001"], "text": " "}, "the new label is empty"),
        ("rename", {"themes": ["T0001"], "text": "a\x1b[31mred"}, "one line of at most 500 characters"),
        ("rename", {"themes": ["T0001"], "text": "x" * 501}, "one line of at most 500 characters"),
        ("merge", {"themes": ["T0001", "T0001"]}, "two or more different themes"),
        ("hide", {"themes": []}, "give one theme"),
        ("split", {"themes": ["T0001"], "items": [["0000"]]}, "two or more groups"),
        ("together", {"items": [["0000"]]}, "give different items"),
        ("apart", {"items": [["0000", "0000"]]}, "give different items"),
        ("paint", {}, "'paint' is not a kind of edit. Valid: rename"),
    ],
)
def test_edits_that_make_no_sense_are_one_line(workspace, kind, asked, message):
    before = len(log.read(workspace))
    with pytest.raises(UsageError, match=message) as caught:
        edits.add(workspace, kind, **asked)
    assert "\n" not in str(caught.value)
    assert len(log.read(workspace)) == before


def test_the_commands_and_what_contradicts(tmp_path):
    workspace = tmp_path / "ws"
    discover.run(shows(each=2), workspace=workspace)
    made = json.loads(command("edit", "-w", workspace, "--json", "together", "0000", "0001").stdout)[0]
    assert (made["number"], made["items"]) == (1, [["0000", "0001"]])
    assert command("edit", "-w", workspace, "together", "0001", "0002").returncode == 0
    done = command("edit", "-w", workspace, "apart", "0000", "0002")
    assert done.returncode == 2 and "contradicts edit" in done.stderr and len(done.stderr.splitlines()) == 1
    assert "undo" in command("edit", "-w", workspace, "undo", "2").stdout
    assert command("edit", "-w", workspace, "apart", "0000", "0002").returncode == 0
    assert "undone" in command("edit", "list", "-w", workspace).stdout
    assert command("edit", "-w", workspace, "undo", "2").returncode == 2
    (workspace / log.LOG).open("a").write("{}\n")
    with pytest.raises(WorkspaceError, match=r"edits.jsonl: line 5 is damaged"):
        log.read(workspace)
