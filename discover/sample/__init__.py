"""The sample catalog: real films and series with loglines of our own, posters drawn from them, a toy picture model.

`catalog.csv` has facts (title, date, countries, language, genres) and loglines; its audience figures are simulated
and its column says so. Posters are drawn on first use. `tiny-clip` knows nothing but such drawings.
"""

from __future__ import annotations

import csv
from importlib import resources
from io import StringIO
from pathlib import Path

from discover.core import files
from discover.core.settings import Settings, SpaceSettings

POSTERS = "posters"


def prepare(folder: str | Path) -> tuple[Path, Settings]:
    """Write the catalog with drawn posters into a folder; gives the catalog file and settings that use tiny-clip.

    Posters that are already there are kept: the same item always gives the same drawing.
    """
    folder = Path(folder)
    with files.disk_errors(folder):
        return _prepare(folder), settings()


def _prepare(folder: Path) -> Path:
    from discover.sample import draw

    folder.mkdir(parents=True, exist_ok=True)
    with (home() / "catalog.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missing = [row for row in rows if not (folder / POSTERS / f"{row['id']}.png").exists()]
    draw.draw_posters(missing, folder / POSTERS)
    catalog, text = folder / "catalog.csv", StringIO()
    writer = csv.DictWriter(text, [*rows[0], "poster"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | {"poster": f"{POSTERS}/{row['id']}.png"} for row in rows)
    files.replace_bytes(catalog, text.getvalue().encode())
    return catalog


def settings() -> Settings:
    """The default settings with the toy picture model."""
    model = {"model": f"local-dir:{home() / 'tiny-clip'}"}
    return Settings(image=SpaceSettings(encoder="clip", required=True, options=model))


def home() -> Path:
    """Where the sample's files are."""
    return Path(str(resources.files("discover.sample")))
