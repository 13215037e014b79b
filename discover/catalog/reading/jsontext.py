"""JSON: an array of objects, an object that holds one, or one object a line. Numbers keep their spelling."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, TextIO

from discover.catalog.reading import headers
from discover.catalog.reading.base import Raw, from_records
from discover.catalog.reading.encoding import Encoding, Packed
from discover.catalog.values.lists import NAMED
from discover.core.errors import InputError
from discover.core.types import Reject

WORDS = re.compile(r"[^\W\d_]\s+[^\W\d_]")  # what titles have, and ids have not
JUDGED_ROWS = 300  # by which it is told whether the first row names the columns
SHOWN = 1_000  # characters of a line that is set aside
NAME = "text"  # of the only column, where the source is a list of plain texts


def read(packed: Packed, encoding: Encoding) -> Raw:
    """A JSON or JSON lines file as text cells. Raises InputError where it is neither."""
    source, notes = str(packed.path), tuple[str, ...]()
    try:
        with encoding.text(packed) as stream:
            lines = _is_lines(stream)
        with encoding.text(packed) as stream:
            if lines:
                raw = _from_lines(stream, source)
            else:
                rows, notes = _rows(_parse_document(stream.read()), source)
                raw = from_values(rows, source)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{source}: {where}: not valid JSON ({error.msg})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: cannot be read as {encoding.name} ({error.reason}). Save it as UTF-8") from error
    except RecursionError as error:
        raise InputError(f"{source}: the JSON is nested too deeply. Expected an array of objects") from error
    return Raw(
        raw.table,
        raw.lines,
        source,
        raw.rows_read,
        raw.rejects,
        warnings=(*encoding.warnings, *notes),
        folder=packed.path.parent,
    )


def from_values(values: Iterable[Any], source: str) -> Raw:
    """Objects (or plain texts) as rows; anything else among them is a reject. Lines are positions from 1."""
    return _collect(((number, value) for number, value in enumerate(values, start=1)), [], source)


def _parse(content: str) -> Any:
    return json.loads(content, parse_int=str, parse_float=str, parse_constant=str)


def _parse_document(content: str) -> Any:
    """A document, or several objects one after the other as a list of them. Raises JSONDecodeError of the first."""
    try:
        return _parse(content)
    except json.JSONDecodeError as error:
        if not (error.msg == "Extra data" and content.lstrip("\ufeff \t\r\n").startswith("{")):
            raise
        first = error
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    objects, place = [], len(content) - len(content.lstrip("\ufeff \t\r\n"))
    while place < len(content):
        try:
            value, place = decoder.raw_decode(content, place)
        except json.JSONDecodeError as error:
            raise first from error
        objects.append(value)
        place = next((at for at in range(place, len(content)) if content[at] not in " ,\t\r\n"), len(content))
    return objects


def _is_lines(stream: TextIO) -> bool:
    """Whether the first line is an object by itself and more follows."""
    filled = (line for line in stream if line.strip("\ufeff \t\r\n"))
    first, second = (next(filled, "").lstrip("\ufeff \t") for _ in range(2))
    if not first.startswith("{") or not second:
        return False
    try:
        return isinstance(_parse(first), dict)
    except json.JSONDecodeError:
        return second.startswith("{")  # a bad first line among good ones


def _from_lines(stream: TextIO, source: str) -> Raw:
    rejects: list[Reject] = []
    objects: list[tuple[int, Any]] = []
    for number, line in enumerate(stream, start=1):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        try:
            objects.append((number, _parse(text)))
        except json.JSONDecodeError as error:
            reason = f"not valid JSON at column {error.colno}: {error.msg}"
            rejects.append(Reject(number, None, reason, text[:SHOWN], dropped=True))
    return _collect(objects, rejects, source)


def _collect(values: Iterable[tuple[int, Any]], rejects: list[Reject], source: str) -> Raw:
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    for number, value in values:
        if isinstance(value, str):
            value = {NAME: value}
        if isinstance(value, dict):
            records.append({str(key): each for key, each in value.items()})
            lines.append(number)
        else:
            rejects.append(Reject(number, None, "not an object with named values", str(value), dropped=True))
    rejects.sort(key=lambda reject: reject.line or 0)
    return from_records(records, lines, source, rows_read=len(records) + len(rejects), rejects=tuple(rejects))


def _rows(document: Any, source: str) -> tuple[list[Any], tuple[str, ...]]:
    """The array of rows in a document: itself, the longest array of objects in it, or the values of a mapping.

    Tables by column, {"title": [...], "year": [...]}, and rows below a list of names are tables as well.
    """
    if isinstance(document, list):
        if not _is_headed(document):
            return document, ()
        names, *rows = document
        if not headers.is_data(names, [list(map(str, row)) for row in rows[:JUDGED_ROWS]]):
            return _below_names(names, rows), ()
        return _below_names([f"column_{number}" for number in range(1, len(names) + 1)], document), (
            headers.NO_HEADER_NOTE,
        )
    if isinstance(document, dict):
        if columns := _columns(document):
            return columns, ()
        if document and all(isinstance(value, dict) for value in document.values()) and _alike(document):
            return _keyed(document), ()
        arrays = [
            (path, rows) for path, rows in _arrays(document, depth=6) if any(isinstance(row, dict) for row in rows)
        ]
        if arrays:
            path, rows = max(arrays, key=lambda pair: len(pair[1]))
            note = f"of {len(arrays)} arrays of objects only the longest was read, {path}"
            return rows, (note,) if len(arrays) > 1 else ()
        if document and all(isinstance(value, dict) for value in document.values()):
            return _keyed(document), ()
    raise InputError(f"{source}: found no array of objects. Expected [{{...}}, ...] or one object a line")


def _is_headed(rows: list[Any]) -> bool:
    """Whether rows are arrays as long as the first, which holds names."""
    arrays = len(rows) > 1 and all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows)
    if not arrays or not all(isinstance(name, str) for name in rows[0]):
        return False
    return len(set(rows[0])) == len(rows[0]) and any(character.isalpha() for name in rows[0] for character in name)


def _below_names(names: list[Any], rows: list[Any]) -> list[Any]:
    return [dict(zip(map(str, names), row, strict=True)) if isinstance(row, list) else row for row in rows]


def _columns(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a document that has columns: arrays of one length, or what pandas calls "columns" and "split"; else none.

    In "columns" each column maps the same keys, row numbers, to plain values.
    """
    names, data = document.get("columns"), document.get("data")
    if isinstance(names, list) and isinstance(data, list) and data and _is_headed([list(map(str, names)), *data]):
        return _below_names(names, data)
    values = list(document.values())
    if len(values) < 2 or not all(values):
        return []
    if all(isinstance(value, list) and len(value) == len(values[0]) for value in values):
        plain = not any(isinstance(cell, dict) for value in values for cell in value)
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)] if plain else []
    mapped = all(isinstance(value, dict) and list(value) == list(values[0]) for value in values)
    if mapped and len(values[0]) > 1 and all(map(str.isdecimal, values[0])):
        return [{name: column[key] for name, column in document.items()} for key in values[0]]
    return []


def _alike(document: dict[str, dict[str, Any]]) -> bool:
    """Whether several objects are rows of one table: most of their keys are the same, and some say something plain."""
    counts = Counter(key for row in document.values() for key in row)
    plain = sum(any(isinstance(value, str) for value in row.values()) for row in document.values())
    return 1 < len(document) < 2 * plain and counts.total() > len(document) * len(counts) / 2


def _keyed(document: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of {key: row}, each with its key: as a title or id, whichever it looks like and the rows have not."""
    keys = set().union(*document.values())
    wordy = sum(bool(WORDS.search(key)) for key in document) > len(document) / 2
    wanted = ("title", "id") if wordy and not keys & set(NAMED) else ("id",)
    name = next((name for name in wanted if name not in keys), "key")
    return [{name: key} | value for key, value in document.items()]


def _arrays(document: dict[str, Any], depth: int, inside: str = "") -> Iterable[tuple[str, list[Any]]]:
    """Arrays in an object and in the objects inside it, not in the rows themselves, each with its path."""
    for key, value in document.items():
        if isinstance(value, list):
            yield f"{inside}{key}", value
        elif isinstance(value, dict) and depth and len(document) <= 20:
            yield from _arrays(value, depth - 1, f"{inside}{key}.")
