"""Ids of themes are given once, whatever is damaged; and people edit while a run works."""

from __future__ import annotations

import json
import shutil
import threading

import pytest

import discover
from discover import edits
from discover.core.errors import BusyError
from discover.edits import log as edit_log
from discover.nightly import pipeline
from discover.store import marker, versions
from discover.store.load import StoredRun
from discover.testing import shows
from tests.store.test_versions import flip


def by_genre(rows, *genres):
    return [row for row in rows if row["genres"] in genres]


@pytest.fixture(scope="module")
def rows():
    return shows(each=30)


@pytest.fixture(scope="module")
def grown(rows, tmp_path_factory):
    """Two runs, of which the second found themes that the first had not."""
    home = tmp_path_factory.mktemp("ids") / "ws"
    genres = sorted({row["genres"] for row in rows})
    discover.run(by_genre(rows, *genres[:3]), home)
    discover.run(by_genre(rows, *genres[:5]), home)
    return home


@pytest.fixture
def workspace(grown, tmp_path):
    return shutil.copytree(grown, tmp_path / "ws")


def given(home, version=None):
    return {entry.id for entry in StoredRun(versions.open(home, version)).ledger.entries}


@pytest.mark.parametrize("marked", [True, False], ids=["marker sound", "marker damaged too"])
def test_damage_never_gives_an_id_twice_nor_an_edit_to_another_theme(workspace, rows, marked):
    first, second = given(workspace, 1), given(workspace, 2)
    young = sorted(second - first)[0]
    edit = edits.add(workspace, "rename", [young], text="Hands off")
    flip(workspace / "versions/00000002/manifest.json", 40, 4)
    if not marked:
        flip(workspace / marker.MARKER, 40, 4)
    summary = discover.run(rows, workspace)
    new = given(workspace) - first
    assert new, "the run found no new theme, so this test shows nothing"
    assert not new & second
    assert "Hands off" not in {theme.label for theme in discover.open(workspace).themes()}
    (reported,) = [
        warning for warning in summary.warnings if warning.startswith(f"edit {edit.number} (rename {young})")
    ]
    assert "set aside" in reported
    assert len([warning for warning in summary.warnings if "workspace.json" in warning]) == (not marked)


def test_an_edit_set_aside_comes_back_with_its_version(workspace, rows):
    young = sorted(given(workspace, 2) - given(workspace, 1))[0]
    edits.add(workspace, "rename", [young], text="Hands off")
    manifest = workspace / "versions/00000002/manifest.json"
    flip(manifest, 40, 4)
    discover.run(rows, workspace)
    flip(manifest, 40, 4)
    discover.rollback(workspace, 2)
    summary = discover.run(rows, workspace)
    assert not [warning for warning in summary.warnings if "set aside" in warning]
    assert young in given(workspace)
    assert edit_log.read(workspace)[0].number in StoredRun(versions.open(workspace)).edit_numbers


def test_a_split_gives_ids_that_no_run_gives_again(workspace, rows):
    held, second = given(workspace, 1), given(workspace, 2)
    flip(workspace / "versions/00000002/manifest.json", 40, 4)
    discover.rollback(workspace, 1)
    engine = discover.open(workspace)
    theme = engine.themes()[0]
    ids = [item.id for item in engine.theme(theme.id).items[:4]]
    part = edits.add(workspace, "split", [theme.id], [ids[:2], ids[2:]]).themes[1]
    assert part not in held | second
    discover.run(rows, workspace)
    assert not (given(workspace) - held) & {part, *second}


def test_people_edit_while_a_run_works(workspace, rows, monkeypatch):
    """What is written down before the run matches themes is in it, what comes later is pending, and no id is shared."""
    engine = discover.open(workspace)
    theme = engine.themes()[0]
    ids = [item.id for item in engine.theme(theme.id).items[:4]]
    seen, find, label = [], pipeline.find_themes, pipeline.label_themes

    def early(*arguments):
        seen.append(edits.add(workspace, "rename", [theme.id], text="Early"))
        with pytest.raises(BusyError):
            versions.prune(workspace, 1)  # a run is at work indeed
        return find(*arguments)

    def late(*arguments):
        seen.append(edits.add(workspace, "split", [theme.id], [ids[:2], ids[2:]]))
        return label(*arguments)

    monkeypatch.setattr(pipeline, "find_themes", early)
    monkeypatch.setattr(pipeline, "label_themes", late)
    discover.run(rows, workspace)
    monkeypatch.undo()
    run = StoredRun(versions.open(workspace))
    assert run.edit_numbers == {seen[0].number}
    assert seen[1].themes[1] not in given(workspace)
    assert [edit.number for edit in edit_log.read(workspace)] == [1, 2]
    discover.run(rows, workspace)
    again = StoredRun(versions.open(workspace))
    assert again.edit_numbers == {1, 2}
    assert not any("set aside" in warning for warning in again.version.manifest["warnings"])
    assert discover.verify(workspace) == []


def test_a_run_says_which_edits_are_lost(workspace, rows):
    """Not which they were: the file is gone, and only the marker remembers that there were two."""
    for text in ("One", "Two"):
        edits.add(workspace, "rename", ["T0001"], text=text)
    (workspace / edit_log.LOG).unlink()
    lost = f"{workspace / edit_log.LOG}: edits 1, 2 missing, so not followed. Restore the file to have it again"
    assert lost in discover.run(rows, workspace).warnings
    assert edits.add(workspace, "rename", ["T0001"], text="Three").number == 3


def test_many_editors_lose_nothing(workspace):
    themes = [theme.id for theme in discover.open(workspace).themes()]
    threads = [
        threading.Thread(target=edits.add, args=(workspace, "rename", [themes[i % len(themes)]], (), f"label {i}"))
        for i in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = edit_log.read(workspace)
    assert [edit.number for edit in log] == [1, 2, 3, 4, 5, 6]
    assert {edit.text for edit in log} == {f"label {i}" for i in range(6)}
    assert json.loads((workspace / marker.MARKER).read_bytes())["highest_edit"] == 6


def test_a_run_that_fails_gives_its_ids_back(workspace, rows, monkeypatch):
    def fail(*_):
        raise RuntimeError("planted")

    before = marker.current(workspace).highest_theme
    monkeypatch.setattr(pipeline, "label_themes", fail)
    with pytest.raises(RuntimeError):
        discover.run(rows, workspace)
    monkeypatch.undo()
    assert marker.current(workspace).highest_theme == before < marker.current(workspace).reserved_themes
    discover.run(rows, workspace)
    new = {int(id[1:]) for id in given(workspace) - given(workspace, 2)}
    assert min(new) == before + 1
