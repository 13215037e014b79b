"""Filters: the rows for which an SQL expression over the catalog's columns is true, evaluated by DuckDB.

    Filter(catalog.table).rows("year >= 1990 AND 'Crime' IN genres AND title NOT ILIKE '%christmas%'")

What a user writes is never executed. DuckDB parses it into a tree (`json_serialize_sql`). `translate` walks the tree
and writes a new expression out of what `grammar` lists, and only that reaches a connection which can see neither files
nor the network, only the columns that are used. Whatever is not listed is refused by name. What is listed never makes
text longer than its input, so that memory is bounded by the catalog.

Numbers are float64, dates are days, lists hold text. SQL's rules for NULL hold: a comparison with NULL is not true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Timer
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from discover.search.where.columns import column_kind, read_column
from discover.search.where.messages import first_line, refusal, shorten_line
from discover.search.where.parse import parse
from discover.search.where.translate import Translator

if TYPE_CHECKING:
    import duckdb

TIMEOUT_SECONDS = 10.0  # after which a filter is stopped, when the piece of the table that it is at is done
BATCH_ROWS = 256  # rows in a piece
DUCKDB_CONFIG: Mapping[str, Any] = {
    "enable_external_access": "false",  # no files, no network
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a table's name is never a Python variable
    "max_expression_depth": "100",
    "memory_limit": "1GB",
    "threads": "2",
    "lock_configuration": "true",
}


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """The process's connection to an empty database in memory, shut off from everything else."""
    import duckdb

    return duckdb.connect(":memory:", config=dict(DUCKDB_CONFIG))


@dataclass(frozen=True)
class Filter:
    """A table ready to be filtered again and again, from several threads if need be.

    Text, lists of text, days, numbers and booleans are what its columns may hold; others cannot be used. `year` is
    the year of `released` unless the table has a column of that name. `mapping` are the names that columns had in the
    source, by the names that they have here.
    """

    table: pa.Table = field(repr=False)
    mapping: Mapping[str, Sequence[str]] = field(repr=False, compare=False, default_factory=dict)
    _kinds: Mapping[str, str] = field(init=False, repr=False, compare=False)  # name -> kind, as columns are held
    _readings: dict[tuple[str, str], pa.Array] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        kinds = {name: column_kind(self.table.schema.field(name).type) for name in self.table.column_names}
        if kinds.get("released") == "date" and "year" not in {name.casefold() for name in kinds}:
            kinds["year"] = "number"
        object.__setattr__(self, "_kinds", kinds)

    def rows(self, expression: str) -> NDArray[np.int64]:
        """The rows for which the expression is true, ascending; neither false nor NULL is true.

        Names of columns may be sql in any case, odd ones in double quotes: `"Date de création" IS NOT NULL`.
        A column of text is read as numbers where a number is asked for (`year >= 1990`, `"Gross" / 2 > 1e6`), as
        audiences are: "1,234", "1.2M", "90 min"; and as days where a date is (`premiere < DATE '2020-01-01'`,
        `year(premiere)`), as dates of catalogs are. A cell that is neither is NULL there; a column with no number or
        day at all is refused. In quotes a number stays text: `season = '1'`. Division by zero gives NULL.

        Raises UsageError, with the place and the nearest names that are known, for all that is no expression of
        these columns and `FUNCTIONS`, is not true or false, or takes more than 10 seconds.
        """
        import duckdb

        with connection().cursor() as cursor:  # which alone sees what is registered with it
            origins = {name.casefold(): role for role, names in self.mapping.items() for name in names}
            translator = Translator(expression, self._kinds, self._reading, origins)
            sql = translator.condition(parse(cursor, expression))
            columns = {name: self._reading(*key) for key, name in translator.used.items()}
            items = pa.table({"row": np.arange(self.table.num_rows), **columns})
            cursor.register("items", pa.Table.from_batches(items.to_batches(BATCH_ROWS), items.schema))
            try:
                with _deadline(cursor):  # as a column, not as WHERE: conditions must not be handed on to Arrow
                    answer = cursor.execute(f"SELECT row, coalesce({sql}, false) AS is_true FROM items").fetchnumpy()
            except duckdb.InterruptException as error:
                raise refusal(f"it takes more than {TIMEOUT_SECONDS:g} seconds. Simplify it") from error
            except duckdb.Error as error:
                raise refusal(f"{first_line(error)}, in {shorten_line(expression)}") from error
        return np.sort(np.asarray(answer["row"], np.int64)[np.asarray(answer["is_true"], bool)])

    def _reading(self, name: str, kind: str) -> pa.Array:
        """A column's values as values of a kind."""
        if (name, kind) not in self._readings:
            self._readings[name, kind] = read_column(self.table, name, kind)
        return self._readings[name, kind]


@contextmanager
def _deadline(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupts what the connection is doing after TIMEOUT_SECONDS."""
    timer = Timer(TIMEOUT_SECONDS, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
