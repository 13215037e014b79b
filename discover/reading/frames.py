"""Tables in memory: pandas, polars, pyarrow, anything that speaks Arrow's C stream, and lists of dictionaries."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from discover.errors import InputError
from discover.reading import jsontext
from discover.reading.base import Raw, from_arrow, text, text_column, unique_names


def read(frame: Any) -> Raw:
    """A table in memory as text cells; `lines` are rows from 1. Raises InputError where it is no table."""
    kind = type(frame)
    source = f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
    if isinstance(frame, (list, tuple)):
        return jsontext.from_values(frame, "list")
    if isinstance(frame, dict):
        return from_arrow(pa.table({str(k): text_column(list(v)) for k, v in frame.items()}), "dict")
    if source == "pandas.DataFrame":
        return from_arrow(_pandas(frame), source)
    if source == "polars.LazyFrame":
        frame = frame.collect()
    if isinstance(frame, pa.Table) or hasattr(frame, "__arrow_c_stream__"):
        return from_arrow(pa.table(frame), source)
    raise InputError(f"{source}: not a table; give a path, a data frame, or a list of dictionaries")


def _pandas(frame: Any) -> pa.Table:
    """Column by column, because columns of mixed Python objects have no Arrow type; a named index is a column."""
    numbered = frame.index.name is None and str(frame.index.dtype).startswith("int")
    if not numbered:
        frame = frame.reset_index()
    columns = []
    for position in range(frame.shape[1]):
        series = frame.iloc[:, position]
        try:
            columns.append(pa.chunked_array(pa.array(series, from_pandas=True)))
        except (pa.ArrowException, TypeError, ValueError, UnicodeEncodeError):
            values = [text(v) if not isinstance(v, (list, tuple)) else v for v in series.tolist()]
            columns.append(pa.chunked_array([text_column(values)]))
    return pa.table(columns, names=unique_names(frame.columns))
