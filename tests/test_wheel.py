"""What is installed: all that discover needs when it runs, and nothing that only made it."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
DATA = (
    "discover/py.typed",
    "discover/sample/catalog.csv",
    "discover/sample/tiny-clip/open_clip_model.safetensors",
    "discover/sample/tiny-clip/open_clip_config.json",
    "discover/service/page/assets/page.js",
    "discover/service/page/assets/page-style.css",
    "indexes/py.typed",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    built = next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    with zipfile.ZipFile(built) as file:
        file.extractall(folder / "site")
    return folder / "site"


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel):
    tops = {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"}
    assert tops == {"discover", "indexes"}
    assert not [name for name in names(wheel) if "__pycache__" in name or "/node_modules/" in name]


@pytest.mark.parametrize("package", ["discover", "indexes"])
def test_the_wheel_has_every_module_template_and_style(wheel, package):
    kept = (".py", ".html", ".md", ".css", ".js", ".csv", ".webp", ".safetensors", ".json", ".typed")
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*") if path.suffix in kept}
    page = "discover/service/page/"
    served = (f"{page}index.html", f"{page}assets/")  # all else there is what the bundle is built from
    assert {name for name in here if not name.startswith(page) or name.startswith(served)} <= names(wheel)


def test_of_the_page_the_wheel_has_what_is_served_and_no_sources(wheel):
    page = wheel / "discover" / "service" / "page"
    assert {path.name for path in page.iterdir()} == {"assets", "index.html"}
    assert not [name for name in names(page) if name.endswith((".ts", ".tsx", ".mjs"))]
    for name in re.findall(r"/assets/([\w.-]+)", (page / "index.html").read_text()):
        assert (page / "assets" / name).is_file(), name


def test_the_wheel_has_the_sample_and_the_page(wheel):
    found = names(wheel)
    assert set(DATA) <= found
    assert len([name for name in found if name.startswith("discover/sample/posters/")]) >= 600


def test_the_wheel_neither_draws_the_sample_nor_trains_a_model(wheel):
    assert [path.name for path in (wheel / "discover" / "sample").rglob("*.py")] == ["__init__.py"]
    sources = {path.relative_to(wheel).as_posix(): path.read_text(encoding="utf-8") for path in wheel.rglob("*.py")}
    assert [name for name, text in sources.items() if ".backward(" in text or "torch.optim" in text] == []


def test_the_sample_comes_from_the_wheel_alone(wheel, tmp_path):
    code = (
        "import sys; from discover import sample\n"
        "print(sample.__file__); print(sample.prepare('out')[0])\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('tools', 'PIL')])"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [str(wheel / "discover/sample/__init__.py"), "out/catalog.csv", "[]"]
    assert len(list((tmp_path / "out" / "posters").iterdir())) >= 600


def test_the_source_archive_has_what_the_wheel_and_its_tests_are_made_of(wheel, tmp_path):
    built = next(SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    with tarfile.open(built) as file:
        found = {name.split("/", 1)[1] for name in file.getnames()}
    shipped = {name for name in names(wheel) if name.startswith(("discover/", "indexes/"))}
    assert shipped <= found
    assert {"pyproject.toml", "README.md", "LICENSE", "tools/sample/draw.py", "tests/test_wheel.py"} <= found
    assert not [name for name in found if name.startswith((".venv", ".git/")) or "__pycache__" in name]
