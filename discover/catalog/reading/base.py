"""What every kind of source is turned into: a table of text.

Nothing is interpreted here. A cell is text as the source spells it ("007", "NA" and "1e5" stay so), a list of text
where the source has real lists, or null where it has nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from discover.catalog.reading import nested
from discover.core.errors import InputError
from discover.core.ids import EXACT_INTEGERS
from discover.core.types import Reject

LIKE_LISTS = (list, tuple, set, frozenset, np.ndarray)


@dataclass(frozen=True)
class Raw:
    """A source as text: columns are string or list<string>, names are unique and not empty."""

    table: pa.Table
    lines: NDArray[np.int64] = field(repr=False)  # (n,), where each row begins; counted as `Reject.line` says
    source: str
    rows_read: int  # with the rejected ones
    rejects: tuple[Reject, ...] = ()
    warnings: tuple[str, ...] = ()
    folder: Path = Path()  # relative paths of pictures start here
    in_memory: bool = False  # a caller gave the values themselves
    roles: Mapping[str, str] = field(default_factory=dict)  # role -> column, where the source itself decides it
    made_from: Mapping[str, str] = field(default_factory=dict)  # column that reading made -> column of the source


def cut_cells(raw: Raw, most: int) -> Raw:
    """The source with cells of more than `most` bytes cut to a little more: later steps copy them, and refuse them."""
    columns = dict(zip(raw.table.column_names, raw.table.columns, strict=True))
    large = [name for name, column in columns.items() if pa.types.is_string(column.type) and column.nbytes > most]
    long = {
        name: pc.utf8_slice_codeunits(columns[name], 0, most + 1)
        for name in large
        if (pc.max(pc.binary_length(columns[name])).as_py() or 0) > most
    }
    return replace(raw, table=pa.table(columns | long)) if long else raw


def unique_names(names: Iterable[Any]) -> list[str]:
    """Column names trimmed; empty ones are called `column_3`, repeated ones `name_2`."""
    taken: dict[str, None] = {}
    for number, name in enumerate(names, start=1):
        base = " ".join(str("" if name is None else name).replace("\x00", "").split()) or f"column_{number}"
        candidate, repeat = base, 1
        while candidate in taken:
            repeat += 1
            candidate = f"{base}_{repeat}"
        taken[candidate] = None
    return list(taken)


def from_arrow(table: pa.Table, source: str, folder: Path = Path()) -> Raw:
    """A typed table as text, structs as a column a field. Columns of bytes that are no text are left out and named."""
    while any(pa.types.is_struct(column.type) for column in table.schema):
        table = table.flatten()
    # pandas stores an unnamed index under this name; nobody made that column
    kept = [i for i, name in enumerate(table.column_names) if not str(name).startswith("__index_level_")]
    names = unique_names(table.column_names[i] for i in kept)
    columns, warnings = {}, []
    for name, i in zip(names, kept, strict=True):
        try:
            columns[name] = _valid(as_text(table.column(i)))
        except (pa.ArrowException, UnicodeDecodeError):
            warnings.append(f"column {name!r} was left out: it holds {table.column(i).type}, not text")
    if not columns:
        raise InputError(f"{source}: no column of the table holds text")
    result = pa.table(columns)
    lines = np.arange(1, result.num_rows + 1, dtype=np.int64)
    return Raw(result, lines, source, result.num_rows, warnings=tuple(warnings), folder=folder)


def from_records(
    records: Sequence[Mapping[str, Any]], lines: Sequence[int] | NDArray[np.int64], source: str, **more: Any
) -> Raw:
    """Dictionaries as text, one row each; a key that a row lacks is null, objects in them are columns of their own."""
    keys = list(dict.fromkeys(key for record in records for key in record))
    columns = nested.flatten({key: [record.get(key) for record in records] for key in keys})
    if not columns:
        raise InputError(f"{source}: no row has named values. Expected objects like {{'title': ...}}")
    columns = dict(zip(unique_names(columns), map(text_column, columns.values()), strict=True))
    more = {"rows_read": len(records)} | more
    return Raw(pa.table(columns), np.asarray(lines, dtype=np.int64), source, **more)


def text_column(values: Sequence[Any]) -> pa.Array:
    """Python values as text; a list column if every value is a list of plain values."""
    lists = [value for value in values if isinstance(value, LIKE_LISTS)]
    only = lists and all(isinstance(value, LIKE_LISTS) or text(value) is None for value in values)
    if only and not any(isinstance(each, (dict, *LIKE_LISTS)) for value in lists for each in value):
        return _array(_texts([v if isinstance(v, LIKE_LISTS) else None for v in values]), pa.list_(pa.string()))
    return _array([text(value) for value in values], pa.string())


def text(value: Any) -> str | None:
    """One Python value as text: 7.0 is "7", dates are ISO, containers are JSON, None and NaN are null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isnan(number):
            return None
        return str(int(number)) if number.is_integer() and abs(number) < EXACT_INTEGERS else repr(number)
    if isinstance(value, (dict, *LIKE_LISTS)):
        return json.dumps(value if isinstance(value, dict) else list(value), ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    spelling = value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)
    return None if spelling in ("NaT", "<NA>") else spelling.removesuffix(" 00:00:00")


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A typed Arrow column as string or list<string>."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(pa.chunked_array([pa.array(column.to_pylist())]))  # Arrow decodes only some of them
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if listed and pa.types.is_struct(kind.value_type):
        return pa.chunked_array([text_column([v and nested.names(v) for v in column.to_pylist()])])
    if listed and not pa.types.is_nested(kind.value_type):
        return pa.chunked_array([_array(_texts(column.to_pylist()), pa.list_(pa.string()))])
    if pa.types.is_nested(kind):
        return pa.chunked_array([_array([text(v) for v in column.to_pylist()], pa.string())])
    if pa.types.is_floating(kind):
        return _floats(column)
    if pa.types.is_timestamp(kind):
        plain = pc.replace_substring_regex(column.cast(pa.string()), r"\.0+(Z?)$", r"\1")
        midnight = pc.all(pc.match_substring_regex(plain, r" 00:00:00Z?$")).as_py()
        return pc.replace_substring_regex(plain, r" 00:00:00Z?$", "") if midnight else plain
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    return column.cast(pa.string())


def _valid(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text column whose bytes are UTF-8 in truth: files may only say so."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        cells = column.cast(pa.binary()).to_pylist()
        return pa.chunked_array([_array([text(cell) for cell in cells], pa.string())])
    return column


def _texts(values: Sequence[Any]) -> list[list[str | None] | None]:
    return [None if value is None else [text(each) for each in value] for value in values]


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Floats as text: integers without a point, since pandas turns integers with gaps into floats."""
    values = column.to_numpy().astype(np.float64)
    whole = np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < EXACT_INTEGERS)
    integers = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.string())
    others = pc.if_else(pa.array(np.isnan(values)), pa.scalar(None, pa.string()), column.cast(pa.string()))
    return pa.chunked_array([pc.if_else(pa.array(whole), integers, others.combine_chunks())])


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Like `pa.array`, with halves of surrogate pairs (JSON allows them, UTF-8 does not) replaced by "?"."""
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([_encodable(value) for value in values], kind)


def _encodable(value: Any) -> Any:
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    return value.encode("utf-8", errors="replace").decode("utf-8") if isinstance(value, str) else value
