"""A run in a terminal asks once about guessed columns that matter, and remembers; without a terminal it never asks."""

import os
import pty
import select
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from discover.cli import ask
from discover.core.errors import SettingsError
from discover.testing import shows
from tests.shell import write

TIMEOUT = 120  # seconds for the next output of a run


@pytest.fixture
def folder(tmp_path: Path, model: Path) -> Path:
    """A folder with a catalog whose columns say nothing, and settings with a tiny model."""
    rows = [
        {"ref": f"r{row['id']}", "wie": row["title"], "was": row["description"], "gross": str(int(row["id"]) ** 4)}
        for row in shows(each=8)
    ]
    write(tmp_path / "c.csv", rows)
    (tmp_path / "discover.toml").write_text(f'# mine\n[text]\nmodel = "{model}"\n')
    return tmp_path


def in_terminal(folder: Path, answers: list[str], *options: str) -> tuple[int, str]:
    """Exit code and screen of a run at a real terminal, each answer typed when a question stands there."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "discover", "run", "c.csv", *options], cwd=folder, stdin=slave, stdout=slave,
        stderr=slave, env=os.environ | {"TERM": "dumb", "COLUMNS": "200"},
    )  # fmt: skip
    os.close(slave)
    screen, answered = "", 0
    while select.select([master], [], [], TIMEOUT)[0]:
        try:
            data = os.read(master, 65_536)
        except OSError:  # the terminal's other end is closed
            break
        if not data:
            break
        screen += data.decode(errors="replace")
        if screen.count("for none: ") > answered and answered < len(answers):
            os.write(master, answers[answered].encode())
            answered += 1
    os.close(master)
    return process.wait(TIMEOUT), screen


def test_a_terminal_is_asked_once(folder: Path) -> None:
    code, screen = in_terminal(folder, ["\n", "wax\n", "was\n", "gross\n"])
    assert code == 0, screen
    assert "title: does 'wie' hold the titles? (" in screen
    assert "no column is called 'wax'. Did you mean 'was'?" in screen
    settings = (folder / "discover.toml").read_text()
    assert settings.startswith("# mine\n[text]\n")
    assert tomllib.loads(settings)["catalog"] == {"title": "wie", "description": "was", "audience": "gross"}
    assert "(guessed)" not in screen
    code, screen = in_terminal(folder, [])
    assert (code, "hold" in screen, "for none" in screen) == (0, False, False), screen


@pytest.mark.slow
def test_the_end_of_input_is_no_answer(folder: Path) -> None:
    before = (folder / "discover.toml").read_text()
    code, screen = in_terminal(folder, ["\x04"])
    assert code == 0, screen
    assert (folder / "discover.toml").read_text() == before
    assert "(guessed)" in screen


@pytest.mark.slow
def test_nobody_is_asked_who_does_not_want_it(folder: Path) -> None:
    before = (folder / "discover.toml").read_text()
    code, screen = in_terminal(folder, [], "--no-ask")
    assert (code, "for none" in screen) == (0, False), screen
    assert (folder / "discover.toml").read_text() == before


def test_nobody_is_asked_without_a_terminal(folder: Path) -> None:
    command = [sys.executable, "-m", "discover", "run", "c.csv"]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, "for none" in done.stdout) == (0, False), done.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[catalog]\ntitle = "a"\n'),
        ("[text]\nbatch_size = 3", '[text]\nbatch_size = 3\n\n[catalog]\ntitle = "a"\n'),
        ("[catalog] # ours\nid = 'x'\n[run]\n", "[catalog] # ours\ntitle = \"a\"\nid = 'x'\n[run]\n"),
        ("[catalog]", '[catalog]\ntitle = "a"\n'),
    ],
)
def test_settings_keep_all_else(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "discover.toml"
    path.write_text(before)
    ask._remember(path, {"title": "a"})
    assert path.read_text() == after


def test_settings_that_answers_do_not_fit_into_stay(tmp_path: Path) -> None:
    path = tmp_path / "discover.toml"
    path.write_text('catalog = {id = "x"}\n')
    with pytest.raises(SettingsError, match='Add them by hand: title = "a"'):
        ask._remember(path, {"title": "a"})
    assert path.read_text() == 'catalog = {id = "x"}\n'
