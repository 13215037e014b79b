"""How much one request may hold: looked at before anything else is, in one pass that ends at the first excess.

What is wrong here is one short message. A schema's own checks would name every wrong cell, which takes longer than the
work that they save. Anything else that is wrong is left to the schema.
"""

from __future__ import annotations

from typing import Any

MAX_ROWS = 1_000
MAX_COLUMNS = 256
MAX_CELLS = 100_000  # rows times columns, and what lists hold: two seconds of work
MAX_NAME_CHARS = 200  # of a column
MAX_CELL_CHARS = 100_000
MAX_CHARS = 400_000  # of all cells: a model reads ten thousand a second, and there is a minute
CELLS = (str, int, float, bool, type(None))


def check_rows(rows: Any) -> Any:
    """New items as they were given. Raises ValueError where they hold too much, or cells that are none."""
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        return rows
    columns: set[str] = set()
    listed = chars = 0
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise ValueError(f"row {number} is not an object of columns and values")
        columns.update(row)
        if len(columns) > MAX_COLUMNS:
            raise ValueError(f"there are more than {MAX_COLUMNS} columns. Send those that the catalog has")
        for name, cell in row.items():
            _check_text(number, name, MAX_NAME_CHARS)
            values = cell if isinstance(cell, list) else (cell,)
            listed += len(values)
            if listed > MAX_CELLS:
                break
            for value in values:
                if isinstance(value, str):
                    _check_text(number, value, MAX_CELL_CHARS)
                    chars += len(value)
                elif values is cell or not isinstance(value, CELLS):
                    raise ValueError(f"row {number} has a cell that is no text, number, boolean, null or list of texts")
    if max(listed, len(rows) * len(columns)) > MAX_CELLS:
        raise ValueError(f"there are more than {MAX_CELLS:,} cells. Send fewer rows or columns at a time")
    _check_chars(chars)
    return rows


def _check_text(row: int, text: str, most: int) -> None:
    """Halves of surrogate pairs, which JSON allows, cannot be written as UTF-8."""
    if len(text) > most:
        raise ValueError(f"row {row} has a name or cell of {len(text):,} characters, at most {most:,} are allowed")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"row {row} has a name or cell that is not valid Unicode") from error


def check_texts(texts: Any) -> Any:
    """Texts as they were given. Raises ValueError where they hold too much together."""
    if isinstance(texts, list):
        _check_chars(sum(len(text) for text in texts if isinstance(text, str)))
    return texts


def _check_chars(chars: int) -> None:
    if chars > MAX_CHARS:
        raise ValueError(f"there are {chars:,} characters, at most {MAX_CHARS:,} are allowed. Send fewer at a time")
