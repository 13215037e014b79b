"""The sample as it ships, and as `prepare` puts it into a folder."""

import csv

import pytest
from PIL import Image

from discover import sample
from discover.core.errors import DiskError

HOME = sample.home()


def rows(catalog):
    with catalog.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def prepared(tmp_path):
    return sample.prepare(tmp_path / "sample")[0]


def test_every_item_has_a_poster_and_every_poster_an_item():
    ids = [row["id"] for row in rows(HOME / "catalog.csv")]
    assert sorted(f"{id}.webp" for id in ids) == sorted(path.name for path in (HOME / sample.POSTERS).iterdir())


def test_the_posters_that_ship_are_small():
    paths = list((HOME / sample.POSTERS).iterdir())
    assert sum(path.stat().st_size for path in paths) < 2_600_000
    for path in paths:
        with Image.open(path) as poster:
            assert (poster.format, poster.mode, poster.size) == ("WEBP", "RGB", (240, 360)), path.name


def test_a_prepared_folder_holds_the_catalog_and_the_posters_that_it_names(prepared):
    shipped, found = rows(HOME / "catalog.csv"), rows(prepared)
    assert [{key: row[key] for key in row if key != "poster"} for row in found] == shipped
    for row in found:
        assert (prepared.parent / row["poster"]).read_bytes() == (HOME / row["poster"]).read_bytes()
    assert len(list((prepared.parent / sample.POSTERS).iterdir())) == len(found)


def test_posters_that_are_there_are_kept_and_those_that_went_come_back(prepared):
    kept, gone, *_ = sorted((prepared.parent / sample.POSTERS).iterdir())
    kept.write_bytes(b"a poster of one's own")
    gone.unlink()
    gone.with_suffix(".part").write_bytes(b"half")  # what a kill leaves behind
    sample.prepare(prepared.parent)
    assert kept.read_bytes() == b"a poster of one's own"
    assert gone.read_bytes() == (HOME / sample.POSTERS / gone.name).read_bytes()
    assert not gone.with_suffix(".part").exists()


def test_a_folder_that_cannot_be_is_a_disk_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="file"):
        sample.prepare(tmp_path / "file" / "sample")
