"""Spreadsheets: .xlsx, .xls, .xlsb and .ods, the first sheet that has a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from discover.catalog.reading import headers
from discover.catalog.reading.base import Raw, text, text_column, unique_names
from discover.core.errors import InputError

JUDGED_ROWS = 300  # by which it is told whether the first row names the columns


def read(path: Path) -> Raw:
    """A spreadsheet as text cells; `lines` are rows of the sheet. Raises InputError where it cannot be read."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheets = [(name, _cells(book.get_sheet_by_name(name))) for name in book.sheet_names]
    except python_calamine.PasswordError as error:
        raise InputError(f"{path}: the file is protected by a password. Save it without one") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        hint = "protected by a password or damaged" if path.open("rb").read(4) == b"\xd0\xcf\x11\xe0" else "damaged"
        raise InputError(f"{path}: cannot be read as a spreadsheet ({reason}). It may be {hint}") from error
    tables = [(name, rows, top) for name, rows in sheets if (top := _header(rows)) is not None]
    wide = [table for table in tables if sum(cell not in ("", None) for cell in table[1][table[2]]) > 1]
    if not tables:
        raise InputError(f"{path}: no sheet holds a header and rows")
    (name, rows, top), *others = wide or tables  # a sheet of one column before a table holds notes
    left = ", ".join(other for other, *_ in others)
    notes = (f"read sheet {name!r}, but not the other sheets with tables: {left}",) if others else ()
    return _table(rows, top, path, notes)


def _cells(sheet: Any) -> list[list[Any]]:
    """The rows of a sheet; what a merged cell says is said in every row of its block, inside the used area.

    Blocks that are only wide, or stand at the top, are titles above a table and stay as they are.
    """
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        is_title = bottom == top or (top == 0 and right > left)
        if is_title or top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [value] * len(row[left : right + 1])
    return rows


def _header(rows: list[list[Any]]) -> int | None:
    """Position of the header: the first row about as wide as the widest; titles above a table are narrower."""
    filled = [sum(cell not in ("", None) for cell in row) for row in rows]
    widest = max(filled, default=0)
    if sum(count > 0 for count in filled) < 2:
        return None
    top = next(i for i, count in enumerate(filled) if count > widest / 2)
    return top if any(filled[top + 1 :]) else None


def _table(rows: list[list[Any]], top: int, path: Path, notes: tuple[str, ...]) -> Raw:
    body = [i for i in range(top + 1, len(rows)) if any(cell not in ("", None) for cell in rows[i])]
    header = [text(cell) for cell in rows[top]]
    judged = [[text(cell) or "" for cell in rows[i]] for i in body[:JUDGED_ROWS]]
    if headers.is_data([name or "" for name in header], [row for row in judged if len(row) == len(header)]):
        header, body = [""] * len(header), [top, *body]
        notes = (*notes, headers.NO_HEADER_NOTE)
    used = [j for j, name in enumerate(header) if name or any(rows[i][j] not in ("", None) for i in body)]
    columns = {
        name: text_column([None if rows[i][j] == "" else rows[i][j] for i in body])
        for name, j in zip(unique_names(header[j] for j in used), used, strict=True)
    }
    lines = np.asarray(body, dtype=np.int64) + 1
    return Raw(pa.table(columns), lines, str(path), len(body), warnings=notes, folder=path.parent)
