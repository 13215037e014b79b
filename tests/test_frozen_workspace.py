"""A workspace of format 1, made before the first release and kept for ever: it is refused, never half read.

Thirty planted films in two versions, one of its themes renamed between them: `discover run films.csv`,
`discover edit rename`, and a run of the file with one film gone and one more.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

import discover
from discover import cli
from discover.core.errors import WorkspaceError

FROZEN = Path(__file__).parent / "frozen" / "workspace-1"


@pytest.fixture
def workspace(tmp_path):
    return shutil.copytree(FROZEN, tmp_path / "ws")


def content(workspace):
    """Every file's bytes. The lock is left out: whoever takes it writes its process into it."""
    found = {path.relative_to(workspace): path for path in workspace.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != Path(".lock")}


def said_once(message, workspace):
    """One line: the workspace, its format, what to do. It neither calls this damage nor offers what would fail."""
    assert "\n" not in message
    assert str(workspace) in message
    assert "format 1" in message
    assert "`discover run" in message
    assert not any(word in message for word in ("damage", "upgrade", "rollback"))
    return True


@pytest.mark.parametrize("number", [1, 2])
def test_the_frozen_files_are_whole(number):
    """What refuses the workspace is its format. The seal of a manifest is the same in all formats."""
    folder = FROZEN / "versions" / f"{number:08d}"
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["format"] == 1
    seal = manifest.pop("sha256")
    assert hashlib.sha256(json.dumps(manifest, indent=1).encode() + b"\n").hexdigest() == seal
    stored = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    here = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    del here["manifest.json"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in here.items()} == stored


@pytest.mark.parametrize("version", [None, 1])
def test_it_is_not_opened(workspace, version):
    with pytest.raises(WorkspaceError) as caught:
        discover.open(workspace, version)
    assert caught.value.exit_code == 4
    assert said_once(str(caught.value), workspace)


@pytest.mark.parametrize(
    "arguments",
    [
        ["similar", "0001"],
        ["themes"],
        ["verify"],
        ["verify", "1"],
        ["rollback", "1"],
        ["edit", "rename", "T0002", "Dinner"],
        ["run", "there-is-no-such-catalog.csv"],  # exit code 3 if the catalog were read first
    ],
    ids=" ".join,
)
def test_commands_refuse_it_in_one_line_and_change_no_byte(workspace, arguments, capsys):
    before = content(workspace)
    code = cli.main([*arguments, "--workspace", str(workspace)])
    out, line = capsys.readouterr()
    assert (code, out) == (4, "")
    assert line.startswith("discover: ")
    assert line.endswith("\n")
    assert said_once(line.removesuffix("\n"), workspace)
    assert content(workspace) == before


def test_a_run_refuses_it_before_it_reads_the_catalog(workspace):
    before = content(workspace)
    with pytest.raises(WorkspaceError) as caught:
        discover.run(workspace.parent / "there-is-no-such-catalog.csv", workspace=workspace)
    assert said_once(str(caught.value), workspace)
    assert content(workspace) == before
