"""The catalog's columns as a filter sees them: numbers, text, dates, booleans and lists of text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from discover.catalog.values import dates, numbers


def column_kind(type_: pa.DataType) -> str:
    """What a column holds, in the words of SIGNATURES."""
    if pa.types.is_dictionary(type_):
        return column_kind(type_.value_type)
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return "text"
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return "list" if column_kind(type_.value_type) == "text" else "other"
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return "date"
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return "number"
    if pa.types.is_boolean(type_):
        return "boolean"
    return "text" if pa.types.is_null(type_) else "other"


def read_column(table: pa.Table, name: str, kind: str) -> pa.Array:
    """A column as an array of float64, days, booleans, text or lists of text; NaN becomes null."""
    if name not in table.column_names:
        return pc.cast(pc.year(table.column("released")), pa.float64())  # the only column that is not there: `year`
    column = table.column(name)
    held = column_kind(column.type)
    if held == "text" and kind == "number":
        text = pc.fill_null(column.cast(pa.string()), "")
        below = pc.match_substring_regex(text, r"^\s*[-−–]").to_numpy(zero_copy_only=False)  # an audience never is
        figures, _ = numbers.parse(pc.replace_substring_regex(text, r"^\s*[-−–]", ""), name)
        return pa.array(np.where(below, -figures, figures), from_pandas=True)
    if held == "text" and kind == "date":
        return pa.array(dates.parse(pa.chunked_array([pc.cast(column, pa.string())]), name).days, pa.date32())
    types = {"number": pa.float64(), "date": pa.date32(), "text": pa.string(), "list": pa.list_(pa.string())}
    column = column.cast(types[kind], safe=False) if kind in types else column  # beyond 2**53 nothing is exact
    return pc.if_else(pc.is_nan(column), None, column) if kind == "number" else column
