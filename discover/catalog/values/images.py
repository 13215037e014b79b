"""Pictures of items: paths made absolute where the file may be read, URLs as they are, null otherwise.

A catalog may come from anybody, so its pictures are files below its own folder or one that settings name: no path and
no link leads out, and nothing but a regular file is opened (a pipe would wait for ever).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from discover.catalog.values.base import MISSING, Distinct

URL = re.compile(r"(https?|s3|gs|az|abfs|hf)://\S+$", re.IGNORECASE)


@dataclass(frozen=True)
class Located:
    """The pictures of a column of n rows."""

    paths: pa.Array = field(repr=False)  # (n,) path or URL, null where there is none
    lost: int  # cells that name a file that does not exist ...
    first_lost: str  # ... and the first of them
    refused: list[tuple[int, str, str]]  # row, cell and why its file is not used


@dataclass(frozen=True)
class _Picture:
    """What one cell comes to."""

    path: str | None = None
    refused: str = ""  # why the file is not used


def resolve(column: pa.ChunkedArray, roots: Sequence[Path], anywhere: bool = False) -> Located:
    """The pictures that a column names. Relative paths count from the first root.

    Files are looked for below the roots, or `anywhere`: what a caller has in memory is the caller's own.
    """
    distinct = Distinct.from_column(column)
    real = [Path(os.path.realpath(root)) for root in roots]
    pictures = [_one(value.strip(), real, anywhere) for value in distinct.values]
    codes = distinct.codes.tolist()
    lost = {
        i
        for i, (value, picture) in enumerate(zip(distinct.values, pictures, strict=True))
        if picture.path is None and not picture.refused and says(value)
    }
    refused = [
        (row, distinct.values[code].strip(), pictures[code].refused)
        for row, code in enumerate(codes)
        if code >= 0 and pictures[code].refused
    ]
    return Located(
        distinct.take(pa.array([picture.path for picture in pictures], pa.string())),
        sum(code in lost for code in codes) if lost else 0,
        distinct.values[min(lost)] if lost else "",
        refused,
    )


def says(value: str) -> bool:
    """Whether a cell names a picture at all."""
    return value.strip().casefold() not in MISSING


def _one(value: str, roots: Sequence[Path], anywhere: bool) -> _Picture:
    if not says(value) or "\x00" in value:
        return _Picture()
    if URL.match(value):
        return _Picture(value)
    if value.startswith("//"):
        return _Picture(f"https:{value}")
    if value.lower().startswith("file://"):
        value = unquote(urlsplit(value).path)
    outside: Path | None = None
    for candidate in dict.fromkeys((value, value.replace("\\", "/"), value.lstrip("/"))):
        named = roots[0] / candidate
        try:
            mode = named.stat().st_mode
        except (OSError, ValueError):  # no such file, or a name too long for the file system
            continue
        real = Path(os.path.realpath(named))
        if not anywhere and not any(real.is_relative_to(root) for root in roots):
            outside = outside or real
        elif stat.S_ISREG(mode):
            return _Picture(str(real))
        elif not stat.S_ISDIR(mode):
            return _Picture(refused="this is a pipe or a device, not a file")
    if outside is None:
        return _Picture()
    allow = str(outside.parent).replace("\\", "/")
    return _Picture(
        refused=f'it lies outside {roots[0]}. To allow it, set [catalog] media_roots = ["{allow}"] in discover.toml'
    )
