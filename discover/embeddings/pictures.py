"""Picture files to RGB pictures that a model may see: formats, size and pixel limits, modes, orientation."""

from __future__ import annotations

import io
import os
import stat
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")  # EPS is not here: it would start Ghostscript
MAX_PIXELS = 25_000_000  # a 10 kB PNG can unpack to 400 MB
MAX_BYTES = 50_000_000
STRIP = 128  # rows that are converted at a time
WIDE = ("I;16", "I;16B", "I;16L", "I", "F")  # modes of more than eight bits
BYTE = 255.0  # the largest value of eight bits
MAX_ASPECT = 50  # scaled by its short side, a 1x20,000 picture would fill gigabytes


class PictureError(Exception):
    """A picture that cannot be used; the message says why."""


def open_picture(path: str | Path, least: int) -> Image.Image:
    """The picture as RGB, upright, on white where transparent; JPEGs are decoded at the smallest scale whose
    shorter side is at least `least` pixels. Raises PictureError.
    """
    try:
        data = _read(path)
    except FileNotFoundError as error:
        raise PictureError("the file does not exist") from error
    except OSError as error:
        raise PictureError(f"cannot be read ({error.strerror})") from error
    except ValueError as error:  # a path with a NUL
        raise PictureError(f"cannot be read ({error})") from error
    return decode(data, least)


def _read(path: str | Path) -> bytes:
    """The bytes of a regular file: opening a pipe must not wait for a writer. Raises PictureError, OSError."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise PictureError("not a regular file")
        _check_size(status.st_size)
        return file.read(MAX_BYTES + 1)


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise PictureError(f"too large: {size:,} bytes (at most {MAX_BYTES:,})")


def decode(data: bytes, least: int) -> Image.Image:
    """As `open_picture`, from bytes."""
    _check_size(len(data))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures (our own limit is lower) and of odd metadata
            ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint's import sets it for the whole process
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                size = f"{picture.width}x{picture.height}"
                raise PictureError(f"too large: {size} pixels (at most {MAX_PIXELS:,} in all)")
            if max(picture.size) > MAX_ASPECT * min(picture.size):
                raise PictureError(f"too narrow: {picture.width}x{picture.height} pixels (at most 1:{MAX_ASPECT})")
            picture.draft("RGB", (least, least))  # only JPEG knows it; a third of the decoding time
            picture.load()
            return to_rgb(ImageOps.exif_transpose(picture))
    except PictureError:
        raise
    except Exception as error:  # Pillow raises OSError, SyntaxError, RuntimeError, struct.error ... on bad files
        raise PictureError(_reason(error, data)) from error


def _reason(error: Exception, data: bytes) -> str:
    """Why Pillow gave up, in the same words for the same bytes: its own may hold an address in memory."""
    if not data:
        return "the file is empty"
    if isinstance(error, Image.DecompressionBombError):
        return f"too large (at most {MAX_PIXELS:,} pixels)"
    if isinstance(error, UnidentifiedImageError):
        known = ((name, Image.OPEN[name][1]) for name in FORMATS)  # with what Pillow knows a format's first bytes by
        alike = next((name for name, accepts in known if accepts is not None and accepts(data[:16])), None)
        if alike is None:
            return f"not a picture in a known format ({', '.join(FORMATS)})"
        return f"truncated or damaged {alike} file"
    if "truncated" in str(error).lower():
        return "truncated: the file ends too early"
    return f"damaged: {error}"


def scaled(path: str | Path, size: tuple[int, int]) -> Image.Image:
    """The picture as `open_picture` gives it, at most so wide and so high, in pixels. Raises PictureError."""
    picture = open_picture(path, least=2 * size[0])
    picture.thumbnail(size, Image.Resampling.LANCZOS)
    return picture


def encoded(picture: Image.Image, form: str, quality: int) -> bytes:
    """The picture as a file of a format such as "JPEG" or "WEBP"."""
    out = io.BytesIO()
    picture.save(out, form, quality=quality, optimize=True)
    return out.getvalue()


def to_rgb(picture: Image.Image) -> Image.Image:
    """Eight-bit RGB; 16-bit and float pictures are scaled by their own range instead of clipped to white or black."""
    if picture.mode in WIDE:
        whole = max((float(_values(strip).max(initial=0)) for strip in _strips(picture)), default=0.0)
        small = picture.mode.startswith("I") and whole <= BYTE  # 8-bit values in a wide mode
        top = 65535.0 if picture.mode.startswith("I") and not small else whole
        return _by_strips(picture, lambda strip: _scaled_to_bytes(strip, top))
    if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA"):
        return _by_strips(picture, _on_white)
    return picture.convert("RGB")


def _strips(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture in parts of a few rows, from above: a whole one as 64-bit numbers would fill a gigabyte."""
    for top in range(0, picture.height, STRIP):
        yield picture.crop((0, top, picture.width, min(top + STRIP, picture.height)))


def _by_strips(picture: Image.Image, convert: Callable[[Image.Image], Image.Image]) -> Image.Image:
    whole = Image.new("RGB", picture.size)
    for number, strip in enumerate(_strips(picture)):
        whole.paste(convert(strip), (0, number * STRIP))
    return whole


def _values(strip: Image.Image) -> NDArray[np.float64]:
    import numpy as np

    return np.nan_to_num(np.asarray(strip, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _scaled_to_bytes(strip: Image.Image, top: float) -> Image.Image:
    import numpy as np

    values = _values(strip)
    scaled = values / top * BYTE if top > 0 else values
    return Image.fromarray(scaled.clip(0, BYTE).astype(np.uint8)).convert("RGB")


def _on_white(strip: Image.Image) -> Image.Image:
    layered = strip.convert("RGBA")
    white = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(white, layered).convert("RGB")
