"""README tells the truth: its Python runs, its settings are valid, its commands and files exist."""

import re
import shlex
import tomllib
from pathlib import Path

from discover import cli
from discover.core.settings import Settings
from discover.testing import shows
from tests.forks import SCRIPT
from tests.shell import write

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def block(language):
    return re.search(rf"```{language}\n(.*?)```", README, re.DOTALL).group(1)


def test_the_python_block_runs(forks, tmp_path):
    (tmp_path / "block.py").write_text(block("python"))
    done = forks.run(["block.py"], call=SCRIPT, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "3 ()"
    assert "Red Orbit" in done.stdout.splitlines()[1]
    assert "Last Orders" in done.stdout
    assert "no themes" in done.stdout


def test_the_commands_run(forks, tmp_path):
    named = {"id": "80057281", "title": "Stranger Things", "genres": "", "release_date": "2016-07-15"}
    rows = [*shows(each=9), named | {"description": "A boy vanishes, and his friends find a girl with strange powers."}]
    write(tmp_path / "catalog.csv", rows)
    write(tmp_path / "new-titles.csv", rows[:3])
    lines = re.findall(r"^    \.venv/bin/discover (.*)$", README, re.MULTILINE)
    assert lines[0] == "run catalog.csv"
    for line in lines:
        done = forks.run(shlex.split(line), cwd=tmp_path)
        assert done.returncode == 0, (line, done.stderr)
        assert done.stdout


def test_the_settings_block_is_valid():
    settings = Settings.from_dict(tomllib.loads(block("toml")))
    assert settings.catalog.title == "Series_Title"
    assert settings.image.options["model"].startswith("local-dir:")


def test_every_command_is_named_and_has_help(capsys):
    commands = cli.parser()._subparsers._group_actions[0].choices
    listed = re.search(r"## Commands and exit codes\n\n(.*?); each takes", README, re.DOTALL).group(1)
    assert re.findall(r"`(\w+)`", listed) == sorted(commands, key=listed.index)
    assert all(command.description for command in commands.values())


def test_the_map_has_one_line_a_room():
    tree = re.search(r"## Where things are\n\n```\n(.*?)```", README, re.DOTALL).group(1)
    rooms = [line.split()[0].rstrip("/") for line in tree.splitlines() if line.startswith("  ")]
    there = [path.name for path in (ROOT / "discover").iterdir() if not path.name.startswith(("__", "."))]
    assert sorted(rooms) == sorted(name for name in there if name != "py.typed")
    tops = [line.split()[0].rstrip("/") for line in tree.splitlines() if not line.startswith(" ")]
    assert all((ROOT / name).is_dir() for name in tops)


def test_the_makefile_has_the_commands_of_the_readme():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"make (\w+)", README)) <= set(targets)


def test_every_picture_of_the_readme_exists():
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", README)
    assert pictures
    assert all((ROOT / picture).exists() for picture in pictures)
