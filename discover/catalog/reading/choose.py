"""Which kind of source this is: the content decides, not the ending of the name."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from discover.catalog.reading import apart, delimited, encoding, frames, jsontext, parquet, pictures
from discover.catalog.reading.base import Raw, cut_cells
from discover.catalog.reading.encoding import SQUEEZED, Packed
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings

FOREIGN = (  # content that people take for a table, and what to say
    (b"SQLite format 3", "an SQLite database. Export the table as CSV or Parquet"),
    (b"%PDF", "a PDF document. Give the table as CSV or Excel"),
    (b"\x89PNG", "a picture. Give the folder that holds it, or a table"),
    (b"\xff\xd8\xff", "a picture. Give the folder that holds it, or a table"),
    (b"GIF8", "a picture. Give the folder that holds it, or a table"),
    (b"ARROW1", "an Arrow file. Save it as Parquet"),
    (b"7z\xbc\xaf", "a 7z archive. Unpack it first"),
    (b"Rar!", "a RAR archive. Unpack it first"),
    (b"\x80\x04", "a pickle, which could run code. Save it as Parquet"),
    (b"\x80\x05", "a pickle, which could run code. Save it as Parquet"),
    (b"version https://git-lfs", "a Git LFS pointer, not the data. Run git lfs pull"),
)
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # s3:, https:, of which pathlib leaves one slash
OLE = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx with a password
YAML = re.compile(r"(?:---\s*\n)?- +\w+: .*\n +\w+: ")
WEB = re.compile(rb"\s*(<!doctype|<html|<\?xml|<table)", re.IGNORECASE)


def load(source: Any, settings: CatalogSettings) -> Raw:
    """Any source as text cells. Raises InputError in one line where it cannot be read."""
    if not isinstance(source, (str, Path)):
        return cut_cells(replace(frames.read(source), in_memory=True), settings.max_field_bytes)
    if ADDRESS.match(str(source)):
        raise InputError(f"{source}: not a local file. Addresses are not supported yet, so copy it here first")
    path = Path(source).expanduser()
    try:
        if path.is_dir():
            return pictures.read(path, partial(_file, settings=settings))
        return _file(path, settings)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file or folder. Check the path") from error
    except OSError as error:  # gzip's and Arrow's complaints about content are OSErrors without a strerror
        raise InputError(f"{path}: cannot be read ({error.strerror or error}). Check the file") from error
    except MemoryError:  # Arrow's own is also one of its exceptions
        raise
    except (EOFError, zlib.error, zipfile.BadZipFile, pa.ArrowException) as error:
        raise InputError(f"{path}: the archive is damaged ({error}). Copy it again from its origin") from error


def _file(path: Path, settings: CatalogSettings) -> Raw:
    return cut_cells(_content(path, settings), settings.max_field_bytes)


def _content(path: Path, settings: CatalogSettings) -> Raw:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip():
        raise InputError(f"{path}: the file is empty")
    if head.startswith(b"PAR1"):
        return parquet.read(path)
    if head.startswith(OLE):
        return apart.read(path, settings.max_field_bytes)
    if head.startswith(b"PK"):
        return _zip(path, settings)
    squeezed = next((name for magic, name in SQUEEZED.items() if head.startswith(magic)), None)
    return _text(Packed(path, squeezed), settings)


def _zip(path: Path, settings: CatalogSettings) -> Raw:
    """A workbook is a zip archive too; any other must hold one table."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
    if "[Content_Types].xml" in names or "mimetype" in names:
        return apart.read(path, settings.max_field_bytes)
    tables = [name for name in names if Path(name).suffix.lower() in pictures.TABLES]
    if len(tables) != 1:
        raise InputError(f"{path}: the archive holds {len(tables)} tables. Unpack it and name the one to read")
    return _text(Packed(path, "zip", tables[0]), settings)


def _text(packed: Packed, settings: CatalogSettings) -> Raw:
    head = packed.head()
    if not head.strip():
        raise InputError(f"{packed.path}: the file is empty")
    for magic, what in FOREIGN:
        if head.startswith(magic):
            raise InputError(f"{packed.path}: this is {what}")
    if WEB.match(head):
        raise InputError(f"{packed.path}: this is a web page or XML, not a table. Export it as CSV or Excel")
    if head.startswith((b"PAR1", b"PK", OLE)):
        raise InputError(f"{packed.path}: this is a compressed Parquet or Excel file. Unpack it first")
    known = encoding.detect(packed)
    with known.text(packed) as stream:
        start = stream.read(4096).lstrip("\ufeff \t\r\n")
    if re.match(r"\{\s*[\"}]|\[\s*[\[{\"\]]", start):
        return jsontext.read(packed, known)
    if YAML.match(start):
        raise InputError(f"{packed.path}: this is YAML, not a table. Export it as CSV or JSON")
    return delimited.read(packed, known, settings)
