"""A run touches only what is its own: no folder of somebody else is written to, and nothing of a user is removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from discover.core import files
from discover.core.errors import BusyError, WorkspaceError
from discover.embeddings import checkpoint
from discover.store import journal, marker, seals, versions
from discover.store.manifest import FORMAT
from discover.store.marker import MARKER, SKIPPED_IDS
from discover.store.workspace import EDITS, edits_lock
from tests.crash import environment
from tests.store.test_versions import flip, forge, planted, put, writing

ROOT_NAMES = (".lock", ".edits-lock")


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every path under a folder, with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def fill(folder: Path, *names: str) -> None:
    for name in names:
        folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(name).write_bytes(b"of a user")


@pytest.mark.parametrize(
    "name",
    [
        "notes.txt",
        "unfinished/thesis.txt",
        ".tmp-mine/photo.png",
        ".tmp-123-0123456789abcdef/photo.png",
        ".tmp-123-0123456789abcdef",
        "versions/00000001/photo.png",
        "20240101/photo.png",
        "CURRENT",
        "workspace.json",
    ],
)
def test_a_folder_of_somebody_else_is_refused_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    fill(tmp_path, name)
    before = tree(tmp_path)
    with pytest.raises(WorkspaceError, match=r"Choose an.* --workspace") as caught:
        writing(tmp_path)
    assert "\n" not in str(caught.value)
    for call in (lambda: versions.prune(tmp_path, 1), lambda: versions.rollback(tmp_path, 1)):
        with pytest.raises(WorkspaceError):
            call()
    assert tree(tmp_path) == before


def test_the_command_refuses_it_with_exit_code_4(tmp_path: Path) -> None:
    fill(tmp_path, "ws/versions/20240101/photo.png", "ws/unfinished/thesis.txt")
    before = tree(tmp_path)
    command = [sys.executable, "-m", "discover", "run", "none.csv", "--workspace", "ws", "--keep", "1"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.startswith("discover: ws: not a workspace, and not empty")
    assert done.stderr.count("\n") == 1
    assert tree(tmp_path) == before


def test_an_empty_folder_becomes_a_workspace(tmp_path: Path) -> None:
    fill(tmp_path, ".DS_Store")
    assert put(tmp_path, {"a": b"1"}) == 1
    assert marker.read(tmp_path) == marker.Marker()


def test_a_workspace_killed_at_its_birth_is_no_obstacle(tmp_path: Path) -> None:
    for length in (0, 10, len(marker.Marker().encode())):
        home = tmp_path / str(length)
        home.mkdir()
        (home / ".lock").touch()
        (home / ".tmp-7-0123456789abcdef").write_bytes(marker.Marker().encode()[:length])
        assert put(home, {"a": b"1"}) == 1
        assert list(home.glob(".tmp-*")) == []


def test_only_our_own_files_are_removed_from_a_workspace(tmp_path: Path) -> None:
    for content in (b"1", b"2", b"3", b"4"):
        put(tmp_path, {"a": content})
    kept = (
        ".tmp-mine/photo.png",
        ".tmp-1-dead/photo.png",
        "versions/20240101/photo.png",
        "versions/00000002/notes.txt",
        "unfinished/thesis.txt",
        "unfinished/text-0001-abc.npz",
    )
    fill(tmp_path, *kept)
    fill(tmp_path, ".tmp-12-0123456789abcdef/half.npy")
    assert put(tmp_path, {"a": b"5"}) == 20240102
    checkpoint.forget(tmp_path)
    assert versions.prune(tmp_path, 1) == [1, 3, 4]
    assert all((tmp_path / name).read_bytes() == b"of a user" for name in kept)
    assert not (tmp_path / ".tmp-12-0123456789abcdef").exists()
    assert versions.numbers(tmp_path) == [2, 20240101, 20240102]


def test_links_out_of_a_workspace_are_not_followed(tmp_path: Path) -> None:
    home, away = tmp_path / "ws", tmp_path / "away"
    put(home, {"a": b"1"})
    fill(away, "00000001/photo.png", "thesis.txt")
    for name in ("versions", "unfinished", ".lock", ".edits-lock", EDITS):
        path = home / name
        kept = path.rename(tmp_path / "kept") if path.exists() else None
        path.symlink_to(away / "thesis.txt" if name in (*ROOT_NAMES, EDITS) else away)
        before = tree(away)
        if name == "unfinished":
            checkpoint.forget(home)
        else:
            with pytest.raises(WorkspaceError, match=r"link|plain file"):
                writing(home)
        assert tree(away) == before
        path.unlink()
        if kept:
            kept.rename(path)
    assert put(home, {"a": b"2"}) == 2


def test_a_lock_that_is_a_fifo_does_not_hang(tmp_path: Path) -> None:
    put(tmp_path, {"a": b"1"})
    (tmp_path / ".lock").unlink()
    os.mkfifo(tmp_path / ".lock")
    with pytest.raises(WorkspaceError, match=r"\.lock: not a plain file"):
        writing(tmp_path)


# --- newer formats -----------------------------------------------------------------------------------------


def make_newer(workspace: Path) -> None:
    """What a later format writes into the marker."""
    content = seals.unseal((workspace / MARKER).read_bytes(), "", indent=1) | {"format": FORMAT + 1, "new": [1]}
    (workspace / MARKER).write_bytes(seals.seal(content, indent=1))


@pytest.mark.parametrize("where", ["marker", "current version", "other version"])
def test_a_newer_workspace_is_left_alone(tmp_path: Path, where: str) -> None:
    """Whichever file says so first; the catalog is not read, as there is none."""
    for content in (b"1", b"2", b"3"):
        put(tmp_path / "ws", {"a": content})
    workspace = tmp_path / "ws"
    if where == "marker":
        make_newer(workspace)
    else:
        forge(versions.open(workspace, 3 if where == "current version" else 1), format=FORMAT + 1)
    before = {name: content for name, content in tree(workspace).items() if name not in ROOT_NAMES}
    commands = [
        ["run", "none.csv", "--keep", "1"],
        ["prune", "--keep", "1"],
        ["edit", "rename", "T0001", "x"],
        ["edit", "undo", "1"],
    ]
    if where != "other version":
        commands += [["verify"], ["rollback", "3"]]
    for arguments in commands:
        command = [sys.executable, "-m", "discover", *arguments, "--workspace", str(workspace)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=tmp_path)
        assert (done.returncode, done.stdout) == (4, ""), arguments
        assert done.stderr.count("\n") == 1
        assert f"format {FORMAT + 1}, made by a newer discover. Upgrade discover" in done.stderr
        assert "damaged" not in done.stderr
    assert {name: content for name, content in tree(workspace).items() if name not in ROOT_NAMES} == before


# --- digests beside the versions ---------------------------------------------------------------------------


def edits(workspace: Path, count: int) -> None:
    lines = [{"number": number, "themes": [f"T{number:04d}"]} for number in range(1, count + 1)]
    files.replace_bytes(workspace / EDITS, journal.encode(lines))
    marker.update(workspace, highest_edit=count)


@pytest.mark.parametrize("name", [MARKER, "CURRENT", EDITS])
def test_every_flipped_bit_beside_the_versions_is_named(tmp_path: Path, name: str) -> None:
    planted(tmp_path)
    edits(tmp_path, 3)
    assert versions.verify_files(tmp_path) == []
    for offset in range((tmp_path / name).stat().st_size):
        for bit in (1, 128) if offset % 3 else (1, 2, 32):
            flip(tmp_path / name, offset, bit)
            assert [damage.file for damage in versions.verify_files(tmp_path)] == [name]
            flip(tmp_path / name, offset, bit)
    assert versions.verify_files(tmp_path) == []


@pytest.mark.parametrize(("left", "what"), [(2, "edit 3 missing"), (0, "edits 1, 2, 3 missing")])
def test_edits_that_are_gone_are_named(tmp_path: Path, left: int, what: str) -> None:
    planted(tmp_path)
    edits(tmp_path, 3)
    lines = (tmp_path / EDITS).read_bytes().splitlines(keepends=True)
    (tmp_path / EDITS).write_bytes(b"".join(lines[:left]))
    assert [(damage.file, damage.what) for damage in versions.verify_files(tmp_path)] == [(EDITS, what)]
    (tmp_path / EDITS).unlink()
    assert versions.verify_files(tmp_path)[0].what == "edits 1, 2, 3 missing"


def test_a_damaged_marker_is_made_again_and_ids_are_skipped_on_doubt(tmp_path: Path) -> None:
    put(tmp_path, {"a": b"1"}, **{"last theme": 7})
    put(tmp_path, {"a": b"2"}, **{"last theme": 9})
    assert marker.current(tmp_path).highest_theme == 9
    edits(tmp_path, 12)
    (tmp_path / MARKER).unlink()
    with versions.writing(tmp_path) as draft:
        assert draft.notes == (f"{tmp_path / MARKER} was missing or damaged, so it was made again",)
    assert marker.current(tmp_path) == marker.Marker(12, 0, 12)
    flip(tmp_path / "versions/00000002/manifest.json", 3, 1)
    flip(tmp_path / MARKER, 3, 1)
    with versions.writing(tmp_path) as draft:
        assert f"New themes begin at T{SKIPPED_IDS + 13}" in draft.notes[0]
    assert marker.current(tmp_path).highest_theme == SKIPPED_IDS + 12


def test_the_highest_id_is_on_the_disk_before_the_version_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise Cut

    put(tmp_path, {"a": b"1"}, **{"last theme": 3})
    monkeypatch.setattr(versions, "_publish", cut)
    with pytest.raises(Cut):
        put(tmp_path, {"a": b"2"}, **{"last theme": 8})
    assert json.loads((tmp_path / MARKER).read_bytes())["highest_theme"] == 8
    assert versions.open(tmp_path).number == 1


# --- the lock of edits -------------------------------------------------------------------------------------


def test_one_edits_while_another_makes_a_version(tmp_path: Path) -> None:
    put(tmp_path, {"a": b"1"})
    with versions.writing(tmp_path) as draft:
        with versions.editing(tmp_path) as home:
            marker.update(home, highest_theme=40, highest_edit=1)
        assert draft.commit({"last theme": 12}) == 2
    assert marker.current(tmp_path) == marker.Marker(40, 0, 1)


def test_the_lock_of_edits_is_waited_for_and_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a": b"1"})
    monkeypatch.setattr("discover.store.workspace.EDITS_SECONDS", 0.1)
    with edits_lock(tmp_path), pytest.raises(BusyError, match="is writing"), versions.editing(tmp_path):
        pytest.fail("two at once")


def test_verify_reads_every_version_if_asked(tmp_path: Path) -> None:
    planted(tmp_path)
    flip(tmp_path / "versions/00000001/vectors.npy", 5, 1)
    flip(tmp_path / MARKER, 5, 1)
    assert [damage.file for damage in versions.verify_files(tmp_path)] == [MARKER]
    named = [damage.file for damage in versions.verify_files(tmp_path, every=True)]
    assert named == [MARKER, "versions/00000001/vectors.npy"]
