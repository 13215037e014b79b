"""The commands as a shell meets them: what they print, and what they do when the shell is odd."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import discover
from discover import sample
from discover.core.errors import DiskError
from discover.store import versions
from discover.testing import shows, text_model
from tests.crash.committer import commit
from tests.shell import command, write


def test_prune_removes_all_but_the_newest_and_the_current(tmp_path):
    for _ in range(9):
        commit(tmp_path, kilobytes=1)
    versions.rollback(tmp_path, 1)
    done = command("prune", "-w", tmp_path)
    assert (done.returncode, done.stdout) == (0, "removed: 2\n")
    done = command("prune", "--keep", 2, "--json", "-w", tmp_path)
    assert json.loads(done.stdout) == {"removed": [3, 4, 5, 6, 7]}
    assert [version.number for version in versions.list_versions(tmp_path)] == [1, 8, 9]
    assert command("prune", "-w", tmp_path).stdout == "nothing to remove\n"
    done = command("prune", "--keep", 0, "-w", tmp_path)
    assert (done.returncode, done.stderr) == (2, "discover: prune: keep must be at least 1, got 0\n")


@pytest.fixture(scope="module")
def workspace(shared):
    """A night of a few shows, one of them with letters that ASCII lacks."""
    return shared.read("accents") / "ws"


def test_a_terminal_without_unicode_gets_what_it_can_show(workspace):
    done = command("similar", "0000", "-w", workspace, "-k", 20, encoding="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Am?lie ?" in done.stdout
    assert "###" in done.stdout
    found = json.loads(command("similar", "0000", "-w", workspace, "-k", 20, "--json", encoding="ascii").stdout)
    assert "Amélie ✨" in [match["title"] for match in found]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which always says that it is full")
@pytest.mark.parametrize("arguments", [["similar", "0000"], ["themes", "--json"], ["report"]])
def test_output_that_cannot_be_written_is_a_disk_error(forks, workspace, arguments):
    with Path("/dev/full").open("w") as full:
        done = forks.run([*arguments, "-w", workspace], stdout=full.fileno())
    assert done.returncode == DiskError.exit_code
    assert done.stderr == "discover: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("module", ["discover.cli", "rich", "numpy", "discover.nightly.pipeline", "indexes"])
def test_an_interruption_amid_imports_is_one_line(tmp_path, module):
    code = f"""
import os, signal, sys

class Interrupting:
    def find_spec(self, name, *rest):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from discover.__main__ import main
sys.argv = ["discover", "run", "nowhere.csv"]
sys.exit(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode in (130, -signal.SIGINT)
    assert done.stderr == "discover: interrupted. Nothing was changed\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["search", os.fsdecode(b"\xff")], 2, r"The search text is not valid UTF-8: '\udcff'"),
        (["similar", os.fsdecode(b"\xff")], 3, r"no item has the id or title '\udcff'"),
        (["run", ""], 2, "catalog: expected a file, got ''"),
        (["verify", "99"], 4, "no version 99. Valid: 1"),
        (["rollback", "99"], 4, "no version 99. Valid: 1"),
        (["themes", "--at", "99"], 4, "no version 99. Valid: 1"),
        (["report", "--pdf", "a.pdf", "--output", "b.pdf"], 2, "--pdf names its own file. Leave out --output"),
        (
            ["report", "--output", "."],
            6,
            "--output .: Device or resource busy. A folder is there: choose another --output",
        ),
        (["similar", "0000", "--where", "year > 3000"], 0, "No other items match --where"),
    ],
)
def test_odd_arguments_are_one_line(workspace, arguments, code, message):
    done = command(*arguments, "-w", workspace)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.endswith(f"{message}\n")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["demo", "-w", ""], "expected a folder, got ''"),
        (["similar", "x", "--weights", "text=1,text=2"], "'text=1,text=2' gives a name twice"),
        (["report", "--output", ""], "expected a file, got ''"),
    ],
)
def test_odd_options_are_usage(tmp_path, arguments, message):
    done = command(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{message}. See `discover {arguments[0]} --help`\n" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_there_is_not_is_one_line_with_a_near_one(tmp_path):
    done = command("simlar", "x", cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert done.stderr.endswith(". Did you mean 'similar'? See `discover --help`\n")


def test_a_day_before_all_items_is_told(tmp_path):
    rows = [{"id": "1", "title": "A", "date": "2001-02-03"}, {"id": "2", "title": "B", "date": "2000-05-06"}]
    done = command("run", write(tmp_path / "c.csv", rows), "--as-of", "1999-01-01", cwd=tmp_path)
    assert done.returncode == 3
    told = "all items are later than 1999-01-01. The first is of 2000-05-06: choose a later day"
    assert done.stderr == f"discover: {tmp_path / 'c.csv'}: {told}\n"


def test_without_edits_there_is_a_line(workspace):
    assert command("edit", "list", "-w", workspace).stdout == "no edits\n"


def test_relative_paths_of_a_settings_file_count_from_its_folder(tmp_path, monkeypatch):
    """... and the version can be searched from anywhere."""
    home = tmp_path / "settings"
    text_model(home / "words")
    shutil.copytree(sample.home() / "tiny-clip", home / "models" / "clip")
    (home / "discover.toml").write_text(
        '[text]\nmodel = "words"\n[image]\nmodel = "local-dir:models/clip"\nrequired = true\n'
    )
    Image.new("RGB", (64, 96), "red").save(tmp_path / "poster.png")
    catalog = write(tmp_path / "shows.csv", [row | {"poster": "poster.png"} for row in shows(each=2)])
    discover.run(catalog, workspace=tmp_path / "ws", settings=home / "discover.toml")
    monkeypatch.chdir(tmp_path / "ws")
    engine = discover.open(tmp_path / "ws")
    assert engine.settings.text.options == {"model": str(home / "words")}
    assert engine.settings.image.options == {"model": f"local-dir:{home / 'models' / 'clip'}"}
    assert {"text", "image"} <= set(engine.search("astronaut", anyway=True)[0].parts)


def test_a_mostly_rejected_catalog_is_bad_input_unless_it_is_allowed(workspace, tmp_path):
    table = tmp_path / "c.csv"
    table.write_text("id,title,note\n" + "1,A,x\n2,B,y\n" + "3,C\n" * 3)
    done = command("run", table, "-w", tmp_path / "ws")
    assert (done.returncode, (tmp_path / "ws").exists()) == (3, False)
    assert "3 of 5 rows were set aside" in done.stderr and done.stderr.endswith("use the rest with --allow-rejects\n")
    assert command("assign", table, "-w", workspace).returncode == 3
    done = command("assign", table, "-w", workspace, "--allow-rejects", "--json")
    assert (done.returncode, len(json.loads(done.stdout))) == (0, 2)
    assert "3 of 5 rows were set aside" in done.stderr.splitlines()[0]
    ratings = tmp_path / "r.csv"
    ratings.write_text("user,item,rating\n" + "a,0000,5\na,0001,4\n" + "b,0002,?\n" * 3)
    done = command("evaluate", ratings, "-w", workspace)
    assert done.returncode == 3 and "3 of 5 rows were set aside. The user is missing" in done.stderr
