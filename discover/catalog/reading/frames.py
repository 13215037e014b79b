"""Tables in memory: pandas, polars, pyarrow, anything that speaks Arrow's C stream, and lists of dictionaries."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pyarrow as pa

from discover.catalog.reading import jsontext
from discover.catalog.reading.base import Raw, from_arrow, text, text_column, unique_names
from discover.core.errors import InputError


def read(frame: Any) -> Raw:
    """A table in memory as text cells; `lines` are rows from 1. Raises InputError where it is no table."""
    kind = type(frame)
    source = f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
    if isinstance(frame, (list, tuple)):
        return jsontext.from_values(frame, "list")
    if isinstance(frame, dict):
        return from_arrow(_columns(frame), "dict")
    if source == "pandas.DataFrame":
        return from_arrow(_pandas(frame), source)
    if source == "polars.LazyFrame":
        frame = frame.collect()
    if hasattr(frame, "name") and hasattr(frame, "to_frame"):
        raise InputError(f"{source}: this is one column, not a table. Give a data frame, such as its to_frame()")
    if isinstance(frame, pa.Table) or hasattr(frame, "__arrow_c_stream__"):
        with suppress(pa.ArrowException, TypeError, ValueError):  # a stream of something else than rows
            return from_arrow(pa.table(frame), source)
    raise InputError(f"{source}: this is not a table. Give a path, a data frame, or a list of dictionaries")


def _columns(frame: dict[Any, Any]) -> pa.Table:
    """A dictionary of columns."""
    for name, values in frame.items():
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            raise InputError(f"dict: {str(name)!r} is {type(values).__name__}, not a column. Give a list of values")
    columns = {str(name): text_column(list(values)) for name, values in frame.items()}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        sizes = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
        raise InputError(f"dict: the columns differ in length ({sizes}). Give each a value for every row")
    return pa.table(columns)


def _pandas(frame: Any) -> pa.Table:
    """Column by column, because columns of mixed Python objects have no Arrow type; a named index is a column."""
    columns = [*_index(frame), *(frame.iloc[:, position] for position in range(frame.shape[1]))]
    return pa.table([_as_arrow(column) for column in columns], names=unique_names(column.name for column in columns))


def _index(frame: Any) -> list[Any]:
    """The levels of the index that say something: no numbering, no copy of a column. Raises InputError for a clash."""
    if frame.index.names == [None] and str(frame.index.dtype).startswith("int"):
        return []
    levels = [frame.index.get_level_values(number).to_series() for number in range(frame.index.nlevels)]
    kept = []
    for level in levels:
        same = [
            frame.iloc[:, i] for i, name in enumerate(frame.columns) if level.name is not None and name == level.name
        ]
        if not same:
            kept.append(level if level.name is not None else level.rename("index"))
        elif list(map(text, same[0])) != list(map(text, level)):
            what = f"the index and a column are both called {level.name!r} and differ"
            raise InputError(
                f"pandas.DataFrame: {what}. Rename one of them, or drop the index with reset_index(drop=True)"
            )
    return kept


def _as_arrow(series: Any) -> pa.ChunkedArray:
    try:
        return pa.chunked_array(pa.array(series, from_pandas=True))
    except (pa.ArrowException, TypeError, ValueError, UnicodeEncodeError):
        return pa.chunked_array([text_column([text(v) if not isinstance(v, (list, tuple)) else v for v in series])])
