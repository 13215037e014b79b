"""The store: whole versions or none, one writer, undisturbed readers; killed, starved of disk, and damaged."""

from __future__ import annotations

import errno
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.core import files
from discover.core.errors import BusyError, DiskError, UsageError, WorkspaceError
from discover.store import manifest as manifests
from discover.store import versions
from discover.store.workspace import encode_current
from tests.conftest import Shared
from tests.crash import COMMITTER, LIBRARY, compiler, environment
from tests.crash.committer import commit, contents, wrong
from tests.forks import Fault, Forks
from tests.strategies import json_values

COMMITS, COMMITTING = "tests.crash.committer:main", ("tests.crash.committer",)

quick = settings(max_examples=25, deadline=None)


def put(workspace: Path, content: dict[str, bytes], **manifest: object) -> int:
    """Commit a version that holds these files."""
    with versions.writing(workspace) as draft:
        for name, each in content.items():
            files.write_bytes(draft.folder / name, each)
        return draft.commit(manifest)


def writing(workspace: Path) -> None:
    """Begin a version, and leave."""
    with versions.writing(workspace):
        pass


def held(version: versions.StoredVersion) -> dict[str, bytes]:
    """The content of a version's files, checked."""
    return {name: version.checked(name).read_bytes() for name in version.files}


def leftovers(workspace: Path) -> list[str]:
    return [path.name for path in workspace.glob(".tmp-*")]


@pytest.fixture(scope="module")
def forks(shared: Shared) -> Iterator[Forks]:
    """A process that forks, with nothing imported but the store: it forks sooner."""
    forks = Forks(shared.built("fault") / LIBRARY if compiler() else None)
    yield forks
    forks.close()


def started(mode: str, workspace: Path, kilobytes: int = 100) -> subprocess.Popen[str]:
    """A committer at work, after its first line of output."""
    process = subprocess.Popen(
        [sys.executable, COMMITTER, mode, str(workspace), str(kilobytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() in ("ready", "reading", "holding")
    return process


def assert_alive(workspace: Path, before: int) -> int:
    """What must hold after any disturbance: an old or the new version, whole; and the next run works."""
    version = versions.open(workspace)
    assert version.number in (before, before + 1)
    assert versions.verify_files(workspace) == []
    assert wrong(version) == []
    number = commit(workspace, version.manifest["kilobytes"])
    assert number > version.number
    assert leftovers(workspace) == []
    return number


# --- committing and reading --------------------------------------------------------------------------------


def test_a_version_gives_back_what_was_put_in(tmp_path: Path) -> None:
    workspace = tmp_path / "deep" / "ws"
    files = {"a.bin": b"alpha", "b/c/d.bin": b"", "B": b"\x00" * 5000}
    manifest = {"source": "shows.csv", "counts": {"items": 7, "themes": 2}, "encoders": [{"name": "x"}], "ж": None}
    assert put(workspace, files, **manifest) == 1
    version = versions.open(workspace)
    assert (version.number, version.manifest, held(version)) == (1, manifest, files)
    assert version.folder == workspace / "versions" / "00000001"
    assert version.path("a.bin") == version.folder / "a.bin"
    (listed,) = versions.list_versions(workspace)
    assert (listed.number, listed.source, listed.items, listed.themes, listed.current) == (1, "shows.csv", 7, 2, True)
    assert listed.created == version.created


@quick
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "c/d", "c/e"]), st.sampled_from([b"", b"x", b"y" * 9000])),
        max_size=4,
    )
)
def test_sharing_files_is_never_seen_in_their_content(
    tmp_path_factory: pytest.TempPathFactory, nights: list[dict[str, bytes]]
) -> None:
    workspace = tmp_path_factory.mktemp("ws")
    for each in nights:
        put(workspace, each)
    for number, each in enumerate(nights, start=1):
        assert held(versions.open(workspace, number)) == each
        assert versions.verify_files(workspace, number) == []


@quick
@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_facts_round_trip(tmp_path_factory: pytest.TempPathFactory, manifest: dict[str, object]) -> None:
    workspace = tmp_path_factory.mktemp("ws")
    with versions.writing(workspace) as draft:
        draft.commit(manifest)
    assert versions.open(workspace).manifest == manifest


def test_facts_that_are_not_json_are_refused(tmp_path: Path) -> None:
    for manifest in ({"score": float("inf")}, {"when": object()}):
        with versions.writing(tmp_path / "ws") as draft, pytest.raises(UsageError, match="manifest"):
            draft.commit(manifest)
    assert leftovers(tmp_path / "ws") == []


def test_files_equal_to_the_current_version_are_stored_once(tmp_path: Path) -> None:
    put(tmp_path, {"big.bin": b"x" * 100_000, "other.bin": b"1", "moved.bin": b"m" * 50})
    put(tmp_path, {"big.bin": b"x" * 100_000, "other.bin": b"2", "elsewhere/moved.bin": b"m" * 50})
    first, second = versions.open(tmp_path, 1), versions.open(tmp_path, 2)
    assert first.path("big.bin").samefile(second.path("big.bin"))
    assert first.path("moved.bin").samefile(second.path("elsewhere/moved.bin"))
    assert not first.path("other.bin").samefile(second.path("other.bin"))
    assert not leftovers(second.folder)


def test_without_links_files_are_stored_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    for _ in range(2):
        put(tmp_path, {"a": b"same"})
    assert not versions.open(tmp_path, 1).path("a").samefile(versions.open(tmp_path, 2).path("a"))
    assert versions.verify_files(tmp_path) == []


def test_damage_does_not_pass_to_the_next_version(tmp_path: Path) -> None:
    put(tmp_path, {"a": b"same", "b": b"also same"})
    flip(versions.open(tmp_path).path("a"), 0, 1)
    put(tmp_path, {"a": b"same", "b": b"also same"})
    assert versions.verify_files(tmp_path) == []
    assert [problem.file for problem in versions.verify_files(tmp_path, 1)] == ["versions/00000001/a"]


def test_contents_are_read_on_first_use_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a": b"1", "b": b"2"})
    read: list[str] = []
    digest = files.sha256
    monkeypatch.setattr(files, "sha256", lambda path: read.append(path.name) or digest(path))
    version = versions.open(tmp_path)
    assert read == []
    for _ in range(3):
        version.checked("a")
    assert read == ["a"]


def test_files_of_a_version_cannot_be_edited_by_mistake(tmp_path: Path) -> None:
    put(tmp_path, {"report.html": b"<p>"})
    version = versions.open(tmp_path)
    assert all(path.stat().st_mode & 0o222 == 0 for path in version.folder.iterdir())
    assert version.folder.stat().st_mode & 0o077 == tmp_path.joinpath("versions").stat().st_mode & 0o077


def test_leaving_without_a_commit_changes_nothing(tmp_path: Path) -> None:
    put(tmp_path, {"a": b"1"})
    with versions.writing(tmp_path) as draft:
        files.write_bytes(draft.folder / "a", b"2")
    with pytest.raises(KeyboardInterrupt), versions.writing(tmp_path) as draft:
        files.write_bytes(draft.folder / "a", b"3")
        raise KeyboardInterrupt
    assert [version.number for version in versions.list_versions(tmp_path)] == [1]
    assert held(versions.open(tmp_path)) == {"a": b"1"}
    assert leftovers(tmp_path) == []


def test_what_is_made_visible_is_on_the_disk_before_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"same": b"same", "sub/a": b"1"})
    steps: list[str] = []

    def name(path: object) -> str:
        return re.sub(r"\.tmp-[^/]*", "tmp", os.path.relpath(str(path), tmp_path))

    for call, told in (
        ("fsync", lambda descriptor: name(Path(f"/proc/self/fd/{descriptor}").readlink())),
        ("rename", lambda old, new: f"{name(old)} -> {name(new)}"),
        ("replace", lambda old, new: f"{name(old)} -> {name(new)}"),
    ):
        real = getattr(os, call)
        monkeypatch.setattr(os, call, lambda *a, told=told, real=real: (steps.append(told(*a)), real(*a))[1])
    put(tmp_path, {"same": b"same", "sub/a": b"2"})
    assert steps == [
        "tmp/tmp -> tmp/same",  # the link, whose content is on the disk already
        "tmp/sub/a",
        "tmp/manifest.json",
        "tmp",
        "tmp/sub",
        "tmp -> versions/00000002",
        "versions",
        "tmp",  # the new CURRENT
        "tmp -> CURRENT",
        ".",
    ]


def test_a_draft_commits_once(tmp_path: Path) -> None:
    with versions.writing(tmp_path) as draft:
        draft.commit({})
        with pytest.raises(UsageError, match="closed"):
            draft.commit({})
    with pytest.raises(UsageError, match="closed"):
        draft.commit({})


def test_a_draft_holds_plain_files_only(tmp_path: Path) -> None:
    for name in ("manifest.json", "back\\slash", "c:drive"):
        with versions.writing(tmp_path) as draft, pytest.raises(UsageError, match="plain"):
            files.write_bytes(draft.folder / name, b"")
            draft.commit({})
    with versions.writing(tmp_path) as draft, pytest.raises(UsageError, match="link"):
        (draft.folder / "link").symlink_to("/etc/passwd")
        draft.commit({})


# --- rollback and prune ------------------------------------------------------------------------------------


def test_rollback_changes_what_is_current_and_nothing_else(tmp_path: Path) -> None:
    for content in (b"1", b"2", b"3"):
        put(tmp_path, {"a": content})
    versions.rollback(tmp_path, 1)
    assert held(versions.open(tmp_path)) == {"a": b"1"}
    assert [(each.number, each.current) for each in versions.list_versions(tmp_path)] == [
        (1, True),
        (2, False),
        (3, False),
    ]
    assert put(tmp_path, {"a": b"4"}) == 4
    versions.rollback(tmp_path, 3)
    assert held(versions.open(tmp_path)) == {"a": b"3"}


def test_rollback_to_what_is_not_whole_is_refused(tmp_path: Path) -> None:
    for content in (b"1", b"2"):
        put(tmp_path, {"a": content})
    with pytest.raises(WorkspaceError, match=r"no version 9. Valid: 1, 2"):
        versions.rollback(tmp_path, 9)
    flip(versions.open(tmp_path, 1).path("a"), 0, 1)
    with pytest.raises(WorkspaceError, match=r"00000001/a: damaged.*Version 2 is sound"):
        versions.rollback(tmp_path, 1)
    assert versions.open(tmp_path).number == 2


def test_prune_keeps_the_newest_the_current_and_what_is_mapped(tmp_path: Path) -> None:
    for number in range(1, 7):
        put(tmp_path, {"a": bytes([number]) * 10_000, "same": b"s" * 100})
    versions.rollback(tmp_path, 2)
    old = versions.open(tmp_path, 3)
    mapped = np.memmap(old.checked("a"), np.uint8, "r")
    assert versions.prune(tmp_path, keep=2) == [1, 3, 4]
    assert [each.number for each in versions.list_versions(tmp_path)] == [2, 5, 6]
    assert (mapped == 3).all()
    with pytest.raises(WorkspaceError, match=r"same: missing.*Version 6 is sound"):
        old.checked("same")
    assert [versions.verify_files(tmp_path, number) for number in (2, 5, 6)] == [[], [], []]
    assert (versions.open(tmp_path).number, put(tmp_path, {}), leftovers(tmp_path)) == (2, 7, [])


def test_prune_refuses_to_remove_everything(tmp_path: Path) -> None:
    put(tmp_path, {"a": b"1"})
    with pytest.raises(UsageError, match="at least 1"):
        versions.prune(tmp_path, keep=0)
    (tmp_path / "CURRENT").unlink()
    with pytest.raises(WorkspaceError, match=r"CURRENT.*rollback 1"):
        versions.prune(tmp_path, keep=1)


def test_a_reader_outrun_by_writer_and_prune_gets_the_new_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"a": b"1"})
    inspect = versions.inspect

    def late(workspace: Path, number: int) -> object:
        monkeypatch.setattr(versions, "inspect", inspect)
        put(tmp_path, {"a": b"2"})
        versions.prune(tmp_path, keep=1)
        return inspect(workspace, number)

    monkeypatch.setattr(versions, "inspect", late)
    assert held(versions.open(tmp_path)) == {"a": b"2"}


# --- several processes -------------------------------------------------------------------------------------


def test_the_second_writer_is_turned_away_at_once(tmp_path: Path, forks: Forks) -> None:
    put(tmp_path, {"a": b"1"})
    holder = started("hold", tmp_path)
    with holder:
        message = f"process {holder.pid} is writing"
        with pytest.raises(BusyError, match=message), versions.writing(tmp_path):
            pytest.fail("two writers at once")
        for change in (lambda: versions.rollback(tmp_path, 1), lambda: versions.prune(tmp_path, 1)):
            with pytest.raises(BusyError, match=message):
                change()
        other = forks.run(["once", tmp_path], call=COMMITS, imports=COMMITTING)
        assert other.returncode == BusyError.exit_code
        assert message in other.stderr
        assert held(versions.open(tmp_path)) == {"a": b"1"}  # readers do not mind
        holder.kill()
    assert len(leftovers(tmp_path)) == 1
    assert put(tmp_path, {"a": b"2"}) == 2
    assert leftovers(tmp_path) == []


def test_two_writers_in_one_process_exclude_each_other_too(tmp_path: Path) -> None:
    with (
        versions.writing(tmp_path),
        pytest.raises(BusyError, match=str(os.getpid())),
        versions.writing(tmp_path),
    ):
        pytest.fail("two writers at once")
    assert put(tmp_path, {}) == 1


def test_readers_always_see_a_whole_version(tmp_path: Path) -> None:
    commit(tmp_path)
    readers = [started("read", tmp_path) for _ in range(2)]
    for _ in range(30):
        commit(tmp_path)
    for reader in readers:
        output, errors = reader.communicate(timeout=60)
        assert (reader.returncode, errors) == (0, "")
        result = json.loads(output)
        assert result["wrong"] == []
        assert len(result["seen"]) >= 3, "the reader was not reading while we wrote"


def test_workspaces_need_file_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(UsageError, match="fcntl"), versions.writing(tmp_path):
        pytest.fail("no lock, yet a draft")


# --- kill -9 -----------------------------------------------------------------------------------------------


def test_killed_at_50_random_moments(tmp_path: Path, forks: Forks) -> None:
    chance = random.Random(1)
    number, interrupted = commit(tmp_path), 0
    for _ in range(50):
        moment = {"kill_after_lines": chance.randrange(1, 12), "kill_after_seconds": chance.random() * 0.02}
        ended = forks.run(["loop", tmp_path], call=COMMITS, imports=COMMITTING, **moment)
        assert (ended.returncode, ended.stderr) == (-9, "")
        done = [int(line.split()[1]) for line in ended.stdout.splitlines() if line.startswith("version")]
        interrupted += bool(leftovers(tmp_path))
        number = assert_alive(tmp_path, before=max([number, *done]))
        versions.prune(tmp_path, keep=3)
    assert interrupted >= 25, "most kills must hit a writer at work, or this test shows nothing"


class Faulty:
    """Commits and prunes of a workspace in processes of their own, in which a chosen change to the disk goes wrong."""

    def __init__(self, workspace: Path, forks: Forks) -> None:
        self.workspace, self._forks, self.lines = workspace, forks, list[str]()

    def do(self, mode: str, at: int, error: int = 0, once: bool = False) -> int:
        """Exit code of a commit ("once") or "prune" whose `at`-th change fails or, without an error, kills it."""
        fault = Fault(self.workspace, at, error, once)
        ended = self._forks.run([mode, self.workspace, 8], call=COMMITS, imports=COMMITTING, fault=fault)
        self.lines += ended.stderr.splitlines()  # those that failed commits wrote
        return ended.returncode


@pytest.fixture
def faulty(tmp_path: Path, forks: Forks, library: Path) -> tuple[Path, Faulty]:
    workspace = tmp_path / "ws"
    commit(workspace, 8)
    return workspace, Faulty(workspace, forks)


def test_killed_at_every_step_of_a_commit(faulty: tuple[Path, Faulty]) -> None:
    workspace, server = faulty
    number, step, seen = 1, 1, set()
    while (code := server.do("once", at=step)) != 0:
        assert code == -9
        seen.add(versions.open(workspace).number - number)
        number = assert_alive(workspace, before=number)
        step += 1
    assert step > 30, "the shim did not see the commit's system calls"
    assert seen == {0, 1}, "some kills must leave the old version, and some the new one"


def test_killed_at_every_step_of_a_prune(faulty: tuple[Path, Faulty]) -> None:
    workspace, server = faulty
    number, step, code = 1, 0, -9
    while code != 0:
        number, step = commit(workspace, 8), step + 1
        code = server.do("prune", at=step)
        assert code in (0, -9)
        for version in versions.list_versions(workspace):
            assert versions.verify_files(workspace, version.number) == []
    assert step > 8
    assert [each.number for each in versions.list_versions(workspace)] == [number]


# --- disks that fail ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("once", [True, False], ids=["one-call-fails", "all-later-calls-fail"])
def test_the_disk_fails_at_every_step_of_a_commit(faulty: tuple[Path, Faulty], once: bool) -> None:
    workspace, server = faulty
    number, step, codes = 1, 0, list[int]()
    while codes[-3:] != [0, 0, 0]:  # the first of three in a row is the last call, after which the version is current
        step += 1
        codes.append(server.do("once", step, errno.EIO, once))
        assert codes[-1] in (0, DiskError.exit_code), f"step {step}"
        assert codes[-1] != 0 or versions.open(workspace).number == number + 1, f"step {step}"
        left = [each.number for each in versions.list_versions(workspace) if each.number > number]
        assert left in ([], [versions.open(workspace).number]) or not once, f"step {step}"
        number = assert_alive(workspace, before=number)
    lines = [line for line in server.lines if not line.startswith("warning: ")]
    harmless = 4 if once else 0  # the process number in the locks, and a link where our own file does as well
    assert codes.count(0) == 3 + harmless
    (warning,) = set(server.lines) - set(lines)
    assert warning.startswith(f"warning: {workspace / 'CURRENT'}: written, but ")
    assert len(lines) == len(codes) - codes.count(0) > 30
    assert all(line.startswith((f"DiskError: {workspace}", f"NotDurableError: {workspace}")) for line in lines)
    assert all(os.strerror(errno.EIO) in line and "versions are safe" in line for line in lines)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a really full disk needs the right to mount a tmpfs: run as root to test it")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path, leave: int) -> None:
    """Fill a disk but for so many bytes."""
    (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - leave))


def test_a_full_disk_leaves_the_old_version_and_works_again_with_room(small_disk: Path) -> None:
    workspace = small_disk / "ws"
    number, failures = commit(workspace, 8), 0
    for leave in range(0, 160 << 10, 4 << 10):
        fill(small_disk, leave)
        try:
            commit(workspace, 8)
        except DiskError as error:
            failures += 1
            assert os.strerror(errno.ENOSPC) in str(error)
            assert "MB free). Free space" in str(error)
            assert leftovers(workspace) == []
            assert versions.open(workspace).number == number
        versions.prune(workspace, keep=1)  # must work on a full disk: it is what makes room
        (small_disk / "filler").unlink()
        number = assert_alive(workspace, before=versions.open(workspace).number)
    assert 10 < failures < 40


def test_arrays_and_tables_on_a_full_disk_say_so(small_disk: Path) -> None:
    numbers = np.random.default_rng(1).random(400_000)
    with pytest.raises(DiskError, match=r"a\.npy: No space left.*0\.0 MB free"):
        files.save_array(small_disk / "a.npy", numbers)
    (small_disk / "a.npy").unlink()
    with pytest.raises(DiskError, match=r"t\.parquet: No space left"):
        files.save_table(small_disk / "t.parquet", pa.table({"x": numbers}))


def test_a_limit_on_file_sizes_is_a_disk_error(tmp_path: Path, forks: Forks) -> None:
    number = commit(tmp_path)
    ended = forks.run(["limited", tmp_path], call=COMMITS, imports=COMMITTING)
    assert ended.returncode == DiskError.exit_code
    assert ended.stderr.startswith(f"DiskError: {tmp_path}")
    assert "ulimit -f" in ended.stderr
    assert leftovers(tmp_path) == []
    assert_alive(tmp_path, before=number)


def test_a_file_where_the_workspace_should_be(tmp_path: Path) -> None:
    (tmp_path / "ws").write_text("")
    with pytest.raises(DiskError, match=r"ws.*Something else is there"), versions.writing(tmp_path / "ws"):
        pytest.fail("a workspace in a file")


# --- damage ------------------------------------------------------------------------------------------------


def flip(path: Path, offset: int, bits: int) -> None:
    """Change bits of one byte, in place."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ bits]))


def planted(workspace: Path, nights: int = 2) -> versions.StoredVersion:
    for results in range(nights):
        put(
            workspace,
            {**contents(results, 1), "empty": b"", "catalog.json": b'{"n": 1}'},
            source="shows.csv",
            results=results,
        )
    return versions.open(workspace)


def test_200_flipped_bytes_are_each_found_and_named(tmp_path: Path) -> None:
    version = planted(tmp_path)
    chance = random.Random(7)
    files = [path for path in sorted(version.folder.rglob("*")) if path.is_file() and path.stat().st_size]
    assert len(files) == 6
    for case in range(200):
        path = files[case % len(files)]
        offset, bits = chance.randrange(path.stat().st_size), chance.randrange(1, 256)
        flip(path, offset, bits)
        assert [problem.file for problem in versions.verify_files(tmp_path)] == [str(path.relative_to(tmp_path))]
        with pytest.raises(WorkspaceError, match=str(path)):
            held(versions.open(tmp_path))
        flip(path, offset, bits)
    assert versions.verify_files(tmp_path) == []


def truncate(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // 2)


def link_away(path: Path) -> None:
    target = path.rename(path.parents[3] / "elsewhere")
    path.symlink_to(target)


@pytest.mark.parametrize("name", ["vectors.npy", "report.html", "manifest.json"])
@pytest.mark.parametrize("damage", [Path.unlink, truncate, link_away])
def test_a_missing_cut_or_replaced_file_is_named_with_the_way_out(tmp_path: Path, name: str, damage: object) -> None:
    version = planted(tmp_path)
    assert callable(damage)
    damage(version.folder / name)
    message = f"versions/00000002/{name}: .*Version 1 is sound: `discover rollback 1`"
    with pytest.raises(WorkspaceError, match=message):
        versions.open(tmp_path)
    assert [problem.file for problem in versions.verify_files(tmp_path)] == [f"versions/00000002/{name}"]
    assert [each.number for each in versions.list_versions(tmp_path)] == [1, 2]
    versions.rollback(tmp_path, 1)
    assert versions.verify_files(tmp_path) == []
    assert put(tmp_path, {"a": b"healed"}) == 3


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "indexes/.DS_Store"])
def test_what_a_desktop_leaves_behind_is_no_damage(tmp_path: Path, name: str) -> None:
    version = planted(tmp_path)
    version.folder.joinpath(name).write_bytes(b"seen by somebody")
    assert held(versions.open(tmp_path)) == held(version)
    assert versions.verify_files(tmp_path) == []
    assert versions.list_versions(tmp_path)[-1].source == "shows.csv"
    version.folder.joinpath(name).unlink()
    version.folder.joinpath(name).symlink_to("/etc/passwd")
    assert [problem.what for problem in versions.verify_files(tmp_path)] == ["not in the manifest, remove it"]


def test_a_file_that_is_not_in_the_manifest_is_named(tmp_path: Path) -> None:
    version = planted(tmp_path)
    (version.folder / "indexes" / "stranger").write_bytes(b"")
    with pytest.raises(WorkspaceError, match="indexes/stranger: not in the manifest, remove it"):
        versions.open(tmp_path)


def test_several_problems_are_counted_and_listed(tmp_path: Path) -> None:
    version = planted(tmp_path)
    version.path("vectors.npy").unlink()
    flip(version.path("report.html"), 5, 255)
    truncate(version.path("catalog.json"))
    assert [problem.what for problem in versions.verify_files(tmp_path)] == [
        "has 4 bytes, not 8",
        "missing",
        "damaged (wrong SHA-256)",
    ]
    with pytest.raises(WorkspaceError, match=r"catalog\.json: has 4 bytes.*1 more"):
        versions.open(tmp_path)


def test_advice_never_names_a_version_that_shares_the_damage(tmp_path: Path) -> None:
    for content in (b"1", b"2"):
        put(tmp_path, {"same": b"shared", "a": content})
    flip(versions.open(tmp_path).path("same"), 0, 1)
    with pytest.raises(WorkspaceError, match=r"same: damaged.*No other version is sound: `discover run CATALOG`"):
        held(versions.open(tmp_path))


@pytest.mark.parametrize(
    "text",
    [None, b"", b"\n", b"seven\n", b"2\n", encode_current(3), encode_current(0), encode_current(2)[:-1], b"\xff" * 99],
)
def test_a_lost_current_says_which_rollback_heals_it(tmp_path: Path, text: bytes | None) -> None:
    planted(tmp_path)
    current = tmp_path / "CURRENT"
    current.unlink() if text is None else current.write_bytes(text)
    with pytest.raises(
        WorkspaceError, match=r"CURRENT: (missing|damaged|names a version that).*`discover rollback 2` makes it current"
    ):
        versions.open(tmp_path)
    assert [problem.file for problem in versions.verify_files(tmp_path)] == ["CURRENT"]
    assert [each.current for each in versions.list_versions(tmp_path)] == [False, False]
    versions.rollback(tmp_path, 2)
    assert versions.open(tmp_path).number == 2


def test_a_run_heals_a_lost_current_and_never_reuses_a_number(tmp_path: Path) -> None:
    planted(tmp_path)
    (tmp_path / "CURRENT").write_bytes(encode_current(41))
    assert put(tmp_path, {}) == 42
    (tmp_path / "CURRENT").unlink()
    assert put(tmp_path, {}) == 43
    assert versions.open(tmp_path).number == 43


def test_no_workspace_or_an_empty_one_says_how_to_make_one(tmp_path: Path) -> None:
    for workspace in (tmp_path / "none", tmp_path):
        for call in (versions.open, versions.list_versions, versions.verify_files, lambda ws: versions.prune(ws, 1)):
            with pytest.raises(WorkspaceError, match=f"discover run CATALOG --workspace {workspace}"):
                call(workspace)
    assert list(tmp_path.iterdir()) == []


def test_asking_for_what_is_not_there(tmp_path: Path) -> None:
    version = planted(tmp_path)
    with pytest.raises(WorkspaceError, match=r"no version 7. Valid: 1, 2"):
        versions.open(tmp_path, 7)
    with pytest.raises(WorkspaceError, match=r"poster\.npy is missing\. `discover run"):
        version.checked("poster.npy")


def test_orphans_are_swept_and_versions_never(tmp_path: Path) -> None:
    version = planted(tmp_path)
    (tmp_path / "versions" / "00000009").mkdir()
    (version.folder / "manifest.json").unlink()
    (tmp_path / ".tmp-1-0123456789abcdef").mkdir()
    (tmp_path / ".tmp-1-0123456789abcdef" / "vectors.npy").write_bytes(b"half")
    (tmp_path / ".tmp-1-fedcba9876543210").write_bytes(b"9\n")
    assert put(tmp_path, {}) == 10
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".edits-lock",
        ".lock",
        "CURRENT",
        "versions",
        "workspace.json",
    ]
    assert [each.number for each in versions.list_versions(tmp_path)] == [1, 2, 9, 10]
    assert [each.source[:7] for each in versions.list_versions(tmp_path)] == ["shows.c", "damaged", "damaged", ""]
    assert version.path("vectors.npy").exists()


def forge(version: versions.StoredVersion, **changes: object) -> None:
    """Give a version a manifest that says something else, with a right seal."""
    path = version.folder / "manifest.json"
    content = json.loads(path.read_bytes()) | changes
    del content["sha256"]
    path.chmod(0o644)
    path.write_bytes(manifests.seal(content))


@pytest.mark.parametrize(
    ("number", "advice"), [(4, "Upgrade discover"), ("x", "Upgrade discover"), (1, "Run again into a new workspace")]
)
def test_another_format_is_not_called_damage_and_nobody_writes_there(
    tmp_path: Path, number: object, advice: str
) -> None:
    version = planted(tmp_path)
    forge(version, format=number)
    message = rf"00000002/manifest\.json: format {number!r}, made by .*{advice}"
    for call in (versions.open, versions.verify_files, lambda home: versions.rollback(home, 2), writing):
        with pytest.raises(WorkspaceError, match=message) as caught:
            call(tmp_path)
        assert "damage" not in str(caught.value)
    assert advice in versions.list_versions(tmp_path)[1].source
    versions.rollback(tmp_path, 1)  # the way back to the program that made it
    assert versions.open(tmp_path).number == 1
    with pytest.raises(WorkspaceError, match=message):
        writing(tmp_path)


entry = {"size": 6, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}


@pytest.mark.parametrize(
    "name", ["../../../secret", "/etc/passwd", "a/../../b", "", ".", "a//b", "..\\up", "c:x", "x\0"]
)
def test_a_hostile_manifest_cannot_point_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    version = planted(tmp_path / "ws")
    forge(version, files={name: entry})
    with pytest.raises(WorkspaceError, match=r"manifest\.json: names .* not a plain file"):
        versions.open(tmp_path / "ws")


def test_safe_names_stay_inside() -> None:
    parts = ("a", "b.c", "...", ".", "..", "")
    names = ["/".join(some) for length in range(5) for some in itertools.product(parts, repeat=length)]
    safe = [name for name in names if manifests.is_safe(name)]
    assert "a/b.c/..." in safe
    folder = Path("/versions/1")
    assert all(folder in Path(os.path.normpath(folder / name)).parents for name in safe)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 1},
        {"files": []},
        {"files": {"a": 1}},
        {"files": {"a": {"size": "1"}}},
        {"content": 3},
        {"created": None},
    ],
)
def test_a_manifest_of_the_wrong_shape_is_damage(tmp_path: Path, changes: dict[str, object]) -> None:
    forge(planted(tmp_path), **changes)
    with pytest.raises(WorkspaceError, match=r"00000002/manifest\.json.*rollback 1"):
        versions.open(tmp_path)
    assert put(tmp_path, {"a": b"1"}) == 3


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"null", b'"x"', b"[" * 100_000, b'{"sha256": 1, "x": NaN}', b"\xff"]
)
def test_a_manifest_that_is_none_is_damage(tmp_path: Path, content: bytes) -> None:
    version = planted(tmp_path)
    (version.folder / "manifest.json").unlink()
    (version.folder / "manifest.json").write_bytes(content)
    with pytest.raises(WorkspaceError, match=r"manifest\.json: damaged .not a manifest.*rollback 1"):
        versions.open(tmp_path)
