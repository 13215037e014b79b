"""What a run takes from the last version: opened once, checked as a whole, and no worse for damage."""

from __future__ import annotations

import shutil
import sys

import pytest

import discover
from discover.core.errors import WorkspaceError
from discover.nightly.before import Before
from discover.store import versions
from discover.store.load import StoredRun
from discover.testing import shows

OPENED: list[str] = []  # every file that was opened while somebody watches
WATCHED: list[bool] = []


def note(event, arguments):
    if WATCHED and event == "open" and isinstance(arguments[0], str):
        OPENED.append(arguments[0])


sys.addaudithook(note)  # it stays; it does nothing while nobody watches


@pytest.fixture(scope="module")
def rows():
    return shows(each=12)


@pytest.fixture(scope="module")
def workspace(rows, tmp_path_factory):
    home = tmp_path_factory.mktemp("before") / "ws"
    discover.run(rows, home)
    discover.run(rows[:-1], home)
    return home


@pytest.fixture
def copied(workspace, tmp_path):
    return shutil.copytree(workspace, tmp_path / "ws")


def damage(path):
    path.chmod(0o644)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def before(workspace):
    with versions.writing(workspace) as draft:
        return Before.open(draft)


def test_a_run_opens_the_last_version_once(copied, rows):
    OPENED.clear()
    WATCHED.append(True)
    try:
        discover.run(rows, copied)
    finally:
        WATCHED.clear()
    manifest = str(copied / "versions/00000002/manifest.json")
    assert [path for path in OPENED if path.endswith(manifest)] == [manifest]


def test_columns_are_read_under_the_lock(copied, rows, monkeypatch):
    """Another writer is turned away while the catalog is read."""
    from discover.catalog import reader

    turned_away = []
    read = reader.read

    def reading(*arguments, **options):
        with pytest.raises(discover.DiscoverError) as caught, versions.writing(copied):
            pytest.fail("two writers at once")
        turned_away.append(caught.value.exit_code)
        return read(*arguments, **options)

    monkeypatch.setattr(reader, "read", reading)
    discover.run(rows, copied)
    assert turned_away == [5]


def test_a_whole_version_gives_all_that_it_holds(workspace):
    past, stored = before(workspace), StoredRun(versions.open(workspace))
    assert (past.lost, past.warnings) == (frozenset(), ())
    assert past.last.version.number == stored.version.number == 2
    assert past.columns == stored.columns != {}
    assert past.ledger.entries == stored.ledger.entries
    assert past.places == stored.places
    assert [len(known.contents) for known in past.known("text", pytest.fail)] == [71, 72]
    assert past.compare(stored.catalog, stored.spaces).gone == ()


def test_a_first_run_has_nothing_to_go_on_from(tmp_path):
    past = before(tmp_path / "ws")
    assert (past.last, past.columns, past.alerts, past.places, past.warnings) == (None, {}, (), {}, ())
    assert (past.ledger.last, past.ledger.entries) == (0, ())
    assert list(past.known("text", pytest.fail)) == []
    assert list(tmp_path.iterdir()) == []  # a writer that leaves nothing takes the workspace with it


PARTS = {
    "catalog/items.parquet": "the columns were recognised anew and nothing was compared with it",
    "spaces/text/vectors.npy": "text was encoded anew where no other version has it and nothing was compared with it",
    "spaces/text/index/index.json": "the index of text was built anew",
    "graph/keys.npy": "themes were found anew",
    "themes/members.npy": "themes were found anew",
    "ledger/entries.json": "version 1's ledger is used",
    "alerts.json": "its alerts are lost",
    "themes/places.json": "names on the map were placed anew",
}


@pytest.mark.parametrize("name", PARTS)
def test_damage_costs_its_part_and_is_said_once(copied, name):
    damage(copied / "versions/00000002" / name)
    past = before(copied)
    [warning] = past.warnings
    assert warning.startswith(f"The last version is damaged, so {PARTS[name]}: {copied}/versions/00000002/{name}: ")
    assert "\n" not in warning
    assert len(past.lost) == 1
    stored, sound = StoredRun(versions.open(copied, 1)), past.last
    assert bool(past.columns) == (name != "catalog/items.parquet")
    assert bool(past.places) == (name != "themes/places.json")
    assert (past.themes(sound.settings.themes) is None) == name.startswith(("graph/", "themes/members"))
    assert (past.compare(stored.catalog, stored.spaces) is None) == name.startswith(("catalog/", "spaces/text/v"))
    assert [known.contents.size for known in past.known("text", pytest.fail)] == (
        [72] if name == "spaces/text/vectors.npy" else [71, 72]
    )
    assert past.ledger.version == (1 if name == "ledger/entries.json" else 2)


def test_many_damaged_files_are_one_warning(copied, rows):
    for name in PARTS:
        damage(copied / "versions/00000002" / name)
    [warning] = [each for each in discover.run(rows, copied).warnings if "The last version" in each]
    assert "and 2 more: " in warning
    assert discover.open(copied).version.number == 3
    assert before(copied).warnings == ()


def test_a_version_that_cannot_be_opened_is_one_warning_with_the_way_out(copied):
    (copied / "versions/00000002/trends.json").unlink()
    past = before(copied)
    assert (past.last, past.columns) == (None, {})
    [warning] = past.warnings
    assert warning.startswith("The last version cannot be read, so nothing continues from it and version 1's ledger")
    assert "trends.json: missing. Version 1 is sound: `discover rollback 1`" in warning
    said = []
    assert [len(known.contents) for known in past.known("text", said.append)] == [72]
    assert len(said) == 1 and said[0].startswith("Version 2 cannot be read, so what only it knew was encoded anew: ")


def test_other_versions_are_opened_for_their_vectors_and_their_highest_id(copied):
    past = before(copied)
    discover.rollback(copied, 1)
    back = before(copied)
    assert back.last.version.number == 1
    assert back.ledger.last == past.ledger.last
    assert [len(known.contents) for known in back.known("text", pytest.fail)] == [71, 72]


def test_nothing_is_left_of_a_damaged_part_whatever_a_stage_asks(copied):
    damage(copied / "versions/00000002/catalog/about.json")
    past = before(copied)
    with pytest.raises(WorkspaceError):
        _ = past.last.catalog
    assert past.columns == {}
