"""Pictures small enough to travel inside the page.

Only files on this machine are read, never URLs. A picture that cannot be decoded is left out without a word: the
rejects of the run name it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, zip_longest

import numpy as np
from PIL import Image

from discover.core.types import Catalog, Pictures, Theme, Themes
from discover.embeddings.pictures import PictureError, encoded, scaled

WIDTH, HEIGHT = 120, 180
POSTER_QUALITY = 72
TOTAL_BYTES = 2_000_000  # of all posters of a report together, as they stand in the page
POSTERS_PER_THEME = 4  # posters a theme shows at most
CELL_SIZE = (48, 72)  # of the sheet, pixels
SHEET_COLUMNS = 20
MAX_CELLS = 400
TRIES_PER_CELL = 4  # times as many are looked at, where some cannot be read
SHEET_QUALITY = 60
SHEET_GROUND = "#ebe7de"


def embed(wanted: Iterable[Sequence[str]], total: int = TOTAL_BYTES) -> dict[str, str]:
    """Path -> data URI, for as many of the paths as `total` bytes hold: first each group's first, then its second..."""
    uris: dict[str, str] = {}
    used = 0
    for path in chain.from_iterable(zip_longest(*wanted)):
        if path is None or path in uris or (data := thumbnail(path)) is None:
            continue
        uri = _uri(data)
        if used + len(uri) > total:
            break
        uris[path] = uri
        used += len(uri)
    return uris


def choose_pictures(catalog: Catalog, themes: Themes, named: Sequence[Theme]) -> Pictures:
    """A report's pictures: posters of the exemplars of broad themes, and a sheet of many members for the map."""
    paths = dict(zip(catalog.ids, catalog.column("image"), strict=True))
    exemplars = [[item.id for item in theme.exemplars if paths.get(item.id)] for theme in named if theme.level == 0]
    uris = embed([[paths[id] for id in group[:POSTERS_PER_THEME]] for group in exemplars])
    posters = {id: uris[paths[id]] for group in exemplars for id in group[:POSTERS_PER_THEME] if paths[id] in uris}
    wanted = [id for id in _spread(catalog, themes) if paths[id]]
    return Pictures(posters, *_sheet(wanted, paths))


def _spread(catalog: Catalog, themes: Themes) -> list[str]:
    """All items, so that the first of them are the strongest of every theme; outliers last."""
    if not themes.levels:
        return list(catalog.ids)
    level = themes.levels[0]
    order = np.lexsort((np.arange(len(catalog)), -level.strengths, level.members))
    nth = np.empty(len(order), dtype=np.int64)
    nth[order] = np.arange(len(order)) - np.searchsorted(level.members[order], level.members[order])
    rows = np.lexsort((level.members, nth, level.members < 0))
    return [catalog.ids[row] for row in rows.tolist()]


def _sheet(wanted: Sequence[str], paths: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """One picture of the first that can be read, CELLS at most, COLUMNS a line; and whose they are."""
    cells: dict[str, Image.Image] = {}
    for id in wanted[: TRIES_PER_CELL * MAX_CELLS]:
        if len(cells) == MAX_CELLS:
            break
        if (picture := _small(paths[id], CELL_SIZE)) is not None:
            cells[id] = picture
    if not cells:
        return "", ()
    width, height = CELL_SIZE
    sheet = Image.new("RGB", (SHEET_COLUMNS * width, -(-len(cells) // SHEET_COLUMNS) * height), SHEET_GROUND)
    for place, picture in enumerate(cells.values()):
        line, column = divmod(place, SHEET_COLUMNS)
        sheet.paste(picture, (column * width, line * height))
    return _uri(encoded(sheet, "JPEG", SHEET_QUALITY)), tuple(cells)


def thumbnail(path: str) -> bytes | None:
    """The picture as a small JPEG; None where there is no picture file that can be decoded."""
    picture = _small(path, (WIDTH, HEIGHT))
    return None if picture is None else encoded(picture, "JPEG", POSTER_QUALITY)


def _small(path: str, size: tuple[int, int]) -> Image.Image | None:
    if "://" in path:
        return None
    try:
        return scaled(path, size)
    except PictureError:
        return None


def _uri(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode('ascii')}"
