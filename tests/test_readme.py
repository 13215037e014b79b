"""README and docs tell the truth: their Python runs, their settings are valid, their commands and files exist."""

import argparse
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from discover import cli
from discover.core.settings import Settings
from discover.core.types import plain
from discover.testing import shows
from tests.forks import SCRIPT
from tests.shell import command, write
from tools import reference

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]


def name(page):
    """A page as the listing of tests shows it."""
    return str(page.relative_to(ROOT))


def blocks(page, language):
    """The fenced blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def commands(page):
    """The arguments of every `discover` that stands on a line of its own."""
    found = re.findall(r"^    (?:\.venv/bin/)?discover (.*?)(?: +#.*)?$", page.read_text(), re.MULTILINE)
    return [shlex.split(line) for line in found]


def setting(settings, section, name):
    """A setting as the program has it, also one of a plug-in's own."""
    part = getattr(settings, section)
    return getattr(part, name) if hasattr(part, name) else part.options[name]


def test_the_readme_is_short():
    assert len(README.read_text().splitlines()) < 150


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name)
def test_python_blocks_run(forks, page, tmp_path):
    for block in blocks(page, "python"):
        (tmp_path / "block.py").write_text(block)
        done = forks.run(["block.py"], call=SCRIPT, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Red Orbit" in done.stdout
        assert "Last Orders" in done.stdout
        assert "no themes" in done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the files that the pages name."""
    folder = tmp_path_factory.mktemp("readme")
    named = [
        {"id": "80057281", "title": "Stranger Things", "genres": "", "release_date": "2016-07-15"}
        | {"description": "A boy vanishes, and his friends find a girl with strange powers."},
        {"id": "80025678", "title": "The Crown", "genres": "", "release_date": "2016-11-04"}
        | {"description": "A young queen learns what her duty to the country costs."},
    ]
    rows = [*shows(each=20), *named]
    write(folder / "catalog.csv", rows)
    write(folder / "new-titles.csv", rows[:3])
    return folder


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=name)
def test_commands_run(page, home):
    """... on one workspace, after the README's own; a server is only parsed, as it would not end."""
    if not (home / "discover-workspace").exists():
        assert command("run", "catalog.csv", cwd=home).returncode == 0
    for arguments in commands(page):
        if arguments[0] == "serve":
            cli.parser().parse_args(arguments)
            continue
        done = command(*arguments, cwd=home)
        assert done.returncode == 0, (arguments, done.stderr)
        assert done.stdout, arguments


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "toml")], ids=name)
def test_settings_blocks_are_valid(page):
    for block in blocks(page, "toml"):
        written = tomllib.loads(block)
        settings = Settings.from_dict(written)
        assert [(section, name) for section in written for name in written[section]] == [
            (section, name)
            for section in written
            for name, value in written[section].items()
            if plain(setting(settings, section, name)) == value
        ]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]*)(?:#[\w-]+)?\)", page.read_text()):
        assert "://" in link or (page.parent / link).exists(), link


def test_every_page_is_linked():
    reached, left = set(), [README]
    while left:
        page = left.pop()
        if page in reached:
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)#]*\.md)\)", page.read_text())
        left += [(page.parent / link).resolve() for link in links]
    assert reached == {page.resolve() for page in PAGES}


@pytest.mark.parametrize("file", reference.pages())
def test_the_reference_is_what_the_program_says(file):
    assert (ROOT / "docs" / file).read_text() == reference.pages()[file], "run `make docs`"


def test_every_setting_has_a_meaning():
    assert [line for line in reference.settings().splitlines() if line.startswith("|") and line.endswith("|  |")] == []


def parsers(parser):
    """A parser and those of all its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from parsers(command)


def test_every_command_and_option_has_help():
    every = list(parsers(cli.parser()))
    assert [parser.prog for parser in every if not parser.description] == []
    bare = [
        (parser.prog, action.dest)
        for parser in every
        for action in parser._actions
        if not action.help and not isinstance(action, argparse._SubParsersAction)
    ]
    assert bare == []


def test_the_map_has_one_line_a_room():
    tree = re.search(r"## Where things are\n\n```\n(.*?)```", README.read_text(), re.DOTALL).group(1)
    rooms = [line.split()[0].rstrip("/") for line in tree.splitlines() if line.startswith("  ")]
    there = [path.name for path in (ROOT / "discover").iterdir() if not path.name.startswith(("__", "."))]
    assert sorted(rooms) == sorted(name for name in there if name != "py.typed")
    tops = [line.split()[0].rstrip("/") for line in tree.splitlines() if not line.startswith(" ")]
    assert all((ROOT / name).is_dir() for name in tops)


def test_the_makefile_has_the_commands_of_the_pages():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for page in PAGES:
        assert set(re.findall(r"`make (\w+)|^    make (\w+)", page.read_text(), re.MULTILINE)) <= {
            pair for target in targets for pair in ((target, ""), ("", target))
        }
