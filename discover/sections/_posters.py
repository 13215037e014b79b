"""Pictures small enough to travel inside the page.

Only files on this machine are read, never URLs. A picture that cannot be decoded is left out without a word: the
rejects of the run name it. Formats and limits are those of the picture encoders.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from pathlib import Path

from PIL import Image, ImageOps

WIDTH, HEIGHT = 120, 180
QUALITY = 72
TOTAL_BYTES = 2_000_000  # of all pictures of a report together, as they stand in the page
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")  # EPS is not here: it would start Ghostscript
MAX_PIXELS = 25_000_000
MAX_FILE_BYTES = 50_000_000
MODES = ("1", "L", "P", "RGB", "RGBA", "LA", "PA", "CMYK", "YCbCr")  # 16-bit and float ones would turn white or black


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
        file = Path(path)
        if file.stat().st_size > MAX_FILE_BYTES:
            return None
        return _shrink(file.read_bytes())
    except Exception:  # Pillow raises OSError, SyntaxError, RuntimeError, struct.error, DecompressionBombError ...
        return None


def _shrink(data: bytes) -> bytes | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # our own limits are lower than Pillow's
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS or picture.mode not in MODES:
            return None
        picture.draft("RGB", (2 * WIDTH, 2 * HEIGHT))  # only JPEG knows it; spares most of the decoding
        upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        layered = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    small = upright.convert("RGB")
    small.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
