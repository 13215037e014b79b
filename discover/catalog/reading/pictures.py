"""A folder of pictures, with a table in it that names them or with none."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa

from discover.catalog.reading.base import Raw, unique_names
from discover.core.errors import InputError
from discover.core.types import Reject
from discover.core.words import plural

ENDINGS = frozenset([".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"])
TABLES = frozenset((
    ".csv", ".tsv", ".tab", ".txt", ".psv", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".xlsx", ".xls",
    ".xlsb", ".xlsm", ".ods", ".gz", ".zst", ".bz2",
))  # fmt: skip
NOTES = ("readme", "license", "licence", "requirements", "about", "changes")


def read(folder: Path, load: Callable[[Path], Raw]) -> Raw:
    """A folder as text cells: its table joined to its pictures, or the pictures alone. Raises InputError."""
    files = sorted(_walk(folder))
    pictures = [each for each in files if each.suffix.lower() in ENDINGS]
    tables = [f for f in files if f.parent == folder and f.suffix.lower() in TABLES and not _is_note(f)]
    if len(tables) > 1:
        names = ", ".join(each.name for each in tables)
        raise InputError(f"{folder}: the folder holds {len(tables)} tables ({names}). Name the one to read")
    if tables:
        return _joined(load(tables[0]), pictures, folder)
    if not pictures:
        raise InputError(f"{folder}: the folder holds neither a table nor pictures. Give a file, or another folder")
    return _alone(pictures, folder)


def _walk(folder: Path) -> list[Path]:
    """All files below, without hidden ones."""
    files: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        files += [Path(place) / name for name in names if not name.startswith(".")]
    return files


def _is_note(path: Path) -> bool:
    return path.stem.lower().startswith(NOTES) and path.suffix.lower() in (".txt", ".gz")


def _alone(pictures: list[Path], folder: Path) -> Raw:
    """Ids and titles from file names; where two pictures differ by ending only, the id keeps it."""
    relative = [PurePosixPath(each.relative_to(folder).as_posix()) for each in pictures]
    bare = [str(each.with_suffix("")) for each in relative]
    times = Counter(bare)
    ids = [name if times[name] == 1 else str(path) for name, path in zip(bare, relative, strict=True)]
    titles = [" ".join(each.stem.replace("_", " ").replace("-", " ").split()) for each in relative]
    table = pa.table({"file": [str(p.absolute()) for p in pictures], "id": ids, "title": titles})
    lines = np.arange(1, len(pictures) + 1, dtype=np.int64)
    roles = {"id": "id", "title": "title", "image": "file"}
    return Raw(table, lines, str(folder), len(pictures), folder=folder, roles=roles)


def _joined(raw: Raw, pictures: list[Path], folder: Path) -> Raw:
    """The table with the column of file names, or ids, that names most pictures turned into their paths."""
    known = _by_name(pictures, folder)
    paths_by_column: dict[str, list[str | None]] = {}
    for name in raw.table.column_names:
        if pa.types.is_string(raw.table.schema.field(name).type):
            values = raw.table.column(name).to_pylist()
            paths_by_column[name] = [known.get((v or "").replace("\\", "/").lstrip("./").casefold()) for v in values]
    best = max(
        paths_by_column,
        key=lambda name: _named(raw.table.column(name).to_pylist(), paths_by_column[name]),
        default=None,
    )
    if not pictures:
        return raw
    if best is None or not any(paths_by_column[best]):
        left_out = plural(len(pictures), "picture was", "pictures were")
        note = f"{left_out} left out: no column of {Path(raw.source).name} names them"
        return replace(raw, warnings=(*raw.warnings, note), source=str(folder))
    column = unique_names([*raw.table.column_names, "picture"])[-1]
    table = raw.table.append_column(column, pa.array(paths_by_column[best], pa.string()))
    warnings = list(raw.warnings)
    unused = len(pictures) - len(set(paths_by_column[best]) - {None})
    if unused:
        warnings.append(
            f"{plural(unused, 'picture was', 'pictures were')} left out: no row of {Path(raw.source).name} names them"
        )
    rejects = list(raw.rejects)
    values = raw.table.column(best).to_pylist()
    for row, (value, path) in enumerate(zip(values, paths_by_column[best], strict=True)):
        if path is None and _is_file(value):
            rejects.append(Reject(int(raw.lines[row]), best, "the picture is not in the folder", value, dropped=False))
    return replace(
        raw,
        table=table,
        warnings=tuple(warnings),
        rejects=tuple(rejects),
        source=str(folder),
        roles={"image": column},
        made_from={column: best},
    )


def _named(values: list[str | None], paths: list[str | None]) -> tuple[int, int]:
    """How many pictures a column names; of columns that name as many, file names come before ids."""
    return sum(path is not None for path in paths), sum(map(_is_file, values))


def _is_file(value: str | None) -> bool:
    return value is not None and PurePosixPath(value).suffix.lower() in ENDINGS


def _by_name(pictures: list[Path], folder: Path) -> dict[str, str]:
    """Paths by relative path, name and stem, in small letters; what names two pictures names none."""
    known: dict[str, str | None] = {}
    for path in pictures:
        relative = PurePosixPath(path.relative_to(folder).as_posix())
        for key in {str(relative), str(relative.with_suffix("")), relative.name, relative.stem}:
            key = key.casefold()
            known[key] = None if key in known else str(path.absolute())
    return {key: path for key, path in known.items() if path is not None}
