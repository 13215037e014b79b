"""Whole workspaces, hurt at random: what is damaged is named, and no kill or failing disk loses or blocks anything.

A few cases in `make test`; `make faults` tries thousands.
"""

from __future__ import annotations

import errno
import json
import random
import shutil
from pathlib import Path

import pytest

import discover
from discover.core.errors import DiscoverError
from discover.edits import log as edit_log
from discover.embeddings import checkpoint
from discover.embeddings.encoders.sentence import Sentence
from discover.store import marker, versions
from discover.store.load import StoredRun
from tests.faults.counts import KILLS, MUTATIONS
from tests.forks import RUN, Fault, Forks

UNCOVERED = (".lock", ".edits-lock")  # they hold the number of a process, for people
ERRORS = (0, errno.EIO, errno.ENOSPC)  # 0 is a kill
STEPS = (*RUN, "tests.faults.steps")


@pytest.fixture
def workspace(shared, tmp_path):
    """Three versions, edits, and what an interrupted run left."""
    home = shared.copy("six", tmp_path / "six") / "ws"
    for text in ("Old houses", "Courts"):
        discover.edits.add(home, "rename", ["T0001"], text=text)
    for _ in range(2):
        with versions.writing(home) as draft:
            for name in draft.last.files:
                (draft.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(draft.last.path(name), draft.folder / name)
            draft.commit(draft.last.manifest)
    run = StoredRun(versions.open(home))
    space = run.spaces["text"]
    checkpoint.keep(home, "text", Sentence().identity(), space.contents[:5], space.vectors[:5])
    return home


def named(workspace: Path) -> list[str]:
    """What `verify` names over all versions, or else the error of whoever reads the workspace."""
    try:
        return [damage.file for damage in versions.verify_files(workspace, every=True)]
    except DiscoverError as error:
        assert error.exit_code == 4
        return [str(error)]


def mutate(content: bytes, chance: random.Random) -> bytes:
    """The content with a bit flipped, bytes changed, cut out, doubled, or the end gone."""
    at, kind = chance.randrange(len(content)), chance.randrange(5)
    until = at + chance.randrange(1, 40)
    if kind == 0:
        return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
    if kind == 1:
        return content[:at] + chance.randbytes(until - at) + content[until:]
    if kind == 2:
        return content[:at] + content[until:]
    if kind == 3:
        return content[:until] + content[at:]
    return content[:at]


def test_every_mutation_of_any_file_is_named(workspace):
    chance = random.Random(12)
    paths = [path for path in sorted(workspace.rglob("*")) if path.is_file() and path.name not in UNCOVERED]
    paths = [path for path in paths if path.stat().st_size]
    beside = [path for path in paths if "versions" not in path.relative_to(workspace).parts]
    assert {path.name for path in beside} >= {"CURRENT", "edits.jsonl", "workspace.json"} and len(beside) == 4
    assert named(workspace) == []
    silent = []
    for case in range(MUTATIONS):
        path = chance.choice(beside if case % 4 == 0 else paths)
        content = path.read_bytes()
        changed = mutate(content, chance)
        if changed == content:
            continue
        path.chmod(0o644)
        path.write_bytes(changed)  # in place, so that hard links share it
        name = str(path.relative_to(workspace))
        if not any(name in damage for damage in named(workspace)):
            silent.append((name, case))
        path.write_bytes(content)
    assert silent == []
    assert named(workspace) == []


def do(forks: Forks, workspace: Path, mode: str, argument: str, fault: Fault | None = None) -> tuple[int, str]:
    done = forks.run([mode, workspace, argument], call="tests.faults.steps:main", imports=STEPS, fault=fault)
    return done.returncode, done.stderr


def test_kills_and_failing_disks_lose_nothing_and_block_nobody(workspace, forks, library, tmp_path):
    chance, stopped = random.Random(5), 0
    items = [item.id for item in discover.open(workspace).theme("T0001").items[:2]]
    modes = ("commit", "rename", "split", "undo", "prune", "rollback")
    for case in range(KILLS):
        mode = modes[case % len(modes)]
        log, numbers = edit_log.read(workspace), versions.numbers(workspace)
        current, held = versions.current(workspace), marker.current(workspace)
        counting = edit_log.standing(log)
        argument = {
            "rename": f"label {case}",
            "split": ",".join(items),
            "undo": str(counting[-1].number) if counting else "1",
            "rollback": str(numbers[-1] if current != numbers[-1] else numbers[0]),
        }.get(mode, "-")
        error = ERRORS[case % 3 if case % 2 else (case // 2) % 3]
        steps = 150 if mode == "commit" else 24
        code, said = do(
            forks, workspace, mode, argument, Fault(workspace, chance.randrange(1, steps), error, chance.random() < 0.5)
        )
        stopped += code != 0
        assert code in (0, -9, 6), said
        assert "Traceback" not in said
        # None lost: all that was there is there, but for what the change itself was to do, whole or not at all.
        assert named(workspace) == []
        after = edit_log.read(workspace)
        edits = mode in ("rename", "split", "undo")
        assert after[: len(log)] == log
        assert len(after) - len(log) in (({1} if code == 0 else {0, 1}) if edits else {0})
        gone = set(numbers) - set(versions.numbers(workspace))
        assert not gone or (mode == "prune" and gone <= set(numbers[:-2]) - {current})
        new = set(versions.numbers(workspace)) - set(numbers)
        assert not new or mode == "commit"
        allowed = {current, *new, *([int(argument)] if mode == "rollback" else [])}
        assert versions.current(workspace) in allowed
        assert code != 0 or mode != "rollback" or versions.current(workspace) == int(argument)
        assert marker.current(workspace).highest_theme >= max(held.highest_theme, edit_log.last_id(after))
        assert len({id for edit in after if edit.kind == "split" for id in edit.themes[1:]}) == sum(
            len(edit.themes) - 1 for edit in after if edit.kind == "split"
        )
        # None stuck: the same change goes through right after.
        if mode == "undo" and len(after) > len(log):
            continue
        code, said = do(forks, workspace, mode, argument)
        assert code == 0, said
        assert [path.name for path in workspace.glob(".tmp-*")] == [] or mode != "commit"
        assert discover.open(workspace).similar("0000", k=1)
    assert stopped > KILLS // 4, "most faults must hit a change at work, or this test shows nothing"
    print(json.dumps({"faults": KILLS, "stopped": stopped}))
