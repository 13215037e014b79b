"""The sample catalog: real films and series with loglines of our own, drawn posters, a toy picture model.

`catalog.csv` has facts (title, date, countries, language, genres) and loglines; its audience figures are simulated
and its column says so. `posters` has a drawing of each item, 240 x 360 pixels, as lossless WebP named by the item's id.
`tiny-clip` knows nothing but such drawings.
"""

from __future__ import annotations

import csv
import shutil
from importlib import resources
from io import StringIO
from pathlib import Path

from discover.core import files
from discover.core.settings import Settings, SpaceSettings

POSTERS = "posters"


def prepare(folder: str | Path) -> tuple[Path, Settings]:
    """Write the catalog and its posters into a folder; gives the catalog file and settings that use tiny-clip.

    Posters that are already there are kept. Raises DiskError.
    """
    folder = Path(folder)
    with files.disk_errors(folder):
        return _prepare(folder), settings()


def _prepare(folder: Path) -> Path:
    (folder / POSTERS).mkdir(parents=True, exist_ok=True)
    with (home() / "catalog.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [f"{POSTERS}/{row['id']}.webp" for row in rows]
    for name in names:
        if not (folder / name).exists():
            unfinished = (folder / name).with_suffix(".part")
            shutil.copyfile(home() / name, unfinished)
            unfinished.replace(folder / name)  # a poster that is there is whole, whatever was killed
    catalog, text = folder / "catalog.csv", StringIO()
    writer = csv.DictWriter(text, [*rows[0], "poster"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | {"poster": name} for row, name in zip(rows, names, strict=True))
    files.replace_bytes(catalog, text.getvalue().encode())
    return catalog


def settings() -> Settings:
    """The default settings with the toy picture model."""
    model = {"model": f"local-dir:{home() / 'tiny-clip'}"}
    return Settings(image=SpaceSettings(encoder="clip", required=True, options=model))


def home() -> Path:
    """Where the sample's files are."""
    return Path(str(resources.files("discover.sample")))
