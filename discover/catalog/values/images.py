"""Pictures of items: paths made absolute where the file exists, URLs as they are, null otherwise."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from discover.catalog.values.base import MISSING, Distinct

URL = re.compile(r"(https?|s3|gs|az|abfs|hf)://\S+$", re.IGNORECASE)


def resolve(column: pa.ChunkedArray, folder: Path) -> tuple[pa.Array, int, str]:
    """Path or URL by row; how many cells name a file that does not exist, and the first of them."""
    distinct = Distinct.of(column)
    found = [_one(value.strip(), folder) for value in distinct.values]
    lost = {i for i, (v, f) in enumerate(zip(distinct.values, found, strict=True)) if f is None and says(v)}
    count = sum(code in lost for code in distinct.codes.tolist()) if lost else 0
    first = distinct.values[min(lost)] if lost else ""
    return distinct.take(pa.array(found, pa.string())), count, first


def says(value: str) -> bool:
    """Whether a cell names a picture at all."""
    return value.strip().casefold() not in MISSING


def _one(value: str, folder: Path) -> str | None:
    if not says(value) or "\x00" in value:
        return None
    if URL.match(value):
        return value
    if value.startswith("//"):
        return f"https:{value}"
    if value.lower().startswith("file://"):
        value = unquote(urlsplit(value).path)
    for candidate in dict.fromkeys((value, value.replace("\\", "/"), value.lstrip("/"))):
        path = folder / candidate
        try:
            if path.is_file():
                return str(path.absolute())
        except OSError:  # a name too long for the file system is no file
            return None
    return None
