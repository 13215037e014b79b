"""Pictures lie below the catalog's folder or one that settings name: no path, no link and no pipe leads out."""

import os
from pathlib import Path

import pytest
from PIL import Image

from discover.catalog.reader import read
from discover.core.settings import CatalogSettings, Settings
from discover.embeddings.pictures import PictureError, open_picture
from discover.nightly.request import Request
from tests.shell import command


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """A catalog's folder with a picture, and a folder with another beside it."""
    home, other = tmp_path / "home", tmp_path / "other"
    for folder, name in ((home / "p", "in.png"), (other, "out.png")):
        folder.mkdir(parents=True)
        Image.new("RGB", (8, 8), "red").save(folder / name)
    return home, other


def catalog(home: Path, *cells: str) -> Path:
    path = home / "c.csv"
    path.write_text("id,title,poster\n" + "".join(f"{i},Title {i},{cell}\n" for i, cell in enumerate(cells)))
    return path


def test_no_path_leads_out(places: tuple[Path, Path]) -> None:
    home, other = places
    out = other / "out.png"
    path = catalog(home, "p/in.png", "../other/out.png", str(out), f"file://{out}", str(home / "p/in.png"), "none.png")
    found = read(path)
    inside = str(home / "p/in.png")
    assert found.column("image") == [inside, None, None, None, inside, None]
    assert [reject.line for reject in found.rejects] == [3, 4, 5]
    line = f'media_roots = ["{other}"] in discover.toml'
    assert all(reject.reason.endswith(line) and not reject.dropped for reject in found.rejects)
    assert found.rejects[0].reason.startswith(f"it lies outside {home}. ")
    assert any(said.startswith("poster: 1 picture was not found, such as 'none.png'") for said in found.warnings)


def test_folders_that_settings_name_are_allowed(places: tuple[Path, Path]) -> None:
    home, other = places
    path = catalog(home, str(other / "out.png"), "../other/out.png")
    found = read(path, CatalogSettings(media_roots=(str(other),)))
    assert (found.column("image"), found.rejects) == ([str(other / "out.png")] * 2, ())
    (home / "discover.toml").write_text('[catalog]\nmedia_roots = ["../other"]\n')
    asked = Request.check(path, Settings.read(home / "discover.toml"), None, None, False, None)
    assert read(path, asked.settings.catalog).column("image") == [str(other / "out.png")] * 2


def test_no_link_leads_out_and_links_inside_are_followed(places: tuple[Path, Path]) -> None:
    home, other = places
    (home / "a.png").symlink_to(other / "out.png")
    (home / "b.png").symlink_to(home / "p/in.png")
    (home / "folder").symlink_to(other)
    found = read(catalog(home, "a.png", "b.png", "folder/out.png"))
    assert found.column("image") == [None, str(home / "p/in.png"), None]
    assert [reject.value for reject in found.rejects] == ["a.png", "folder/out.png"]
    alone = read(home / "p")
    assert alone.column("image") == [str(home / "p/in.png")]
    (home / "p/link.png").symlink_to(other / "out.png")
    with_link = read(home / "p")
    assert (with_link.column("image"), len(with_link.rejects)) == ([str(home / "p/in.png"), None], 1)


def test_a_catalog_reached_by_a_link_has_its_pictures(places: tuple[Path, Path], tmp_path: Path) -> None:
    home, _ = places
    catalog(home, "p/in.png")
    (tmp_path / "link").symlink_to(home)
    found = read(tmp_path / "link/c.csv")
    assert (found.column("image"), found.rejects) == ([str(home / "p/in.png")], ())


def test_pipes_and_devices_are_never_opened(places: tuple[Path, Path]) -> None:
    home, _ = places
    os.mkfifo(home / "pipe.png")
    found = read(catalog(home, "pipe.png", "p/in.png"))
    assert found.column("image") == [None, str(home / "p/in.png")]
    assert [reject.reason for reject in found.rejects] == ["this is a pipe or a device, not a file"]
    rows = [{"title": "A", "image": "/dev/zero"}, {"title": "B", "image": str(home / "pipe.png")}]
    assert read(rows).column("image") == [None, None]
    for path in ("/dev/zero", home / "pipe.png"):
        with pytest.raises(PictureError, match="not a regular file"):
            open_picture(path, least=8)


def test_the_run_says_which_setting_allows_it(places: tuple[Path, Path], tmp_path: Path) -> None:
    home, other = places
    path = home / "pictures.csv"
    path.write_text(f"poster\n{other / 'out.png'}\n")
    done = command("run", path, "-w", tmp_path / "ws")
    assert done.returncode == 3
    assert f'set [catalog] media_roots = ["{other}"]' in done.stderr
