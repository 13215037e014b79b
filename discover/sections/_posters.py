"""Pictures small enough to travel inside the page.

Only files on this machine are read, never URLs. A picture that cannot be decoded is left out without a word: the
rejects of the run name it.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from PIL import Image

from discover.pictures import PictureError, open_picture

WIDTH, HEIGHT = 120, 180
QUALITY = 72
TOTAL_BYTES = 2_000_000  # of all pictures of a report together, as they stand in the page


def embed(wanted: Iterable[Sequence[str]], total: int = TOTAL_BYTES) -> dict[str, str]:
    """Path -> data URI, for as many of the paths as `total` bytes hold: first each group's first, then its second..."""
    found: dict[str, str] = {}
    used = 0
    for path in chain.from_iterable(zip_longest(*wanted)):
        if path is None or path in found or (data := thumbnail(path)) is None:
            continue
        uri = f"data:image/jpeg;base64,{base64.b64encode(data).decode('ascii')}"
        if used + len(uri) > total:
            break
        found[path] = uri
        used += len(uri)
    return found


def thumbnail(path: str) -> bytes | None:
    """The picture as a small JPEG; None where there is no picture file that can be decoded."""
    if "://" in path:
        return None
    try:
        picture = open_picture(path, least=2 * WIDTH)
    except PictureError:
        return None
    picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
