"""Filters: the rows for which an SQL expression over the catalog's columns is true, evaluated by DuckDB.

    Filter(catalog.table).rows("year >= 1990 AND 'Crime' IN genres AND title NOT ILIKE '%christmas%'")

What a user writes is never executed. DuckDB parses it into a tree (`json_serialize_sql`); `_Writer` walks the tree and
writes a new expression out of what this file lists, and only that reaches a connection which can see neither files nor
the network, only the columns that are used. Whatever is not listed is refused by name. What is listed never makes text
longer than its input, so that memory is bounded by the catalog.

Numbers are float64, dates are days, lists hold text. SQL's rules for NULL hold: a comparison with NULL is not true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from threading import Timer
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from discover.catalog.values import dates, numbers
from discover.core.errors import UsageError
from discover.core.suggest import nearest_names
from discover.core.words import shorten

if TYPE_CHECKING:
    import duckdb

LONGEST = 10_000  # characters of an expression
PATTERN = 1_000  # characters of a pattern of LIKE or a regular expression
DEEPEST = 40  # brackets in brackets; DuckDB's parser takes minutes for thousands that are never closed
CALLS = 50  # functions and operators other than comparisons, AND, OR, NOT
REGEX = 10  # calls that a regular expression counts as; one of 1,000 states takes seconds for a piece
SECONDS = 10.0  # after which a filter is stopped, when the piece of the table that it is at is done
PIECE = 256  # rows
MAX_SUGGESTIONS = 3  # names that a message gives
CONFIG: Mapping[str, Any] = {
    "enable_external_access": "false",  # no files, no network
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # a table's name is never a Python variable
    "max_expression_depth": "100",
    "memory_limit": "1GB",
    "threads": "2",
    "lock_configuration": "true",
}

# What may be called: name (what it takes) what it gives; "whole" is made integer, "pattern" and "part" are literals.
SIGNATURES = """
    + (number, number) number  + (number) number  + (date, interval) date  + (date, whole) date
    - (number, number) number  - (number) number  - (date, interval) date  - (date, date) number
    - (date, whole) date  * (number, number) number  / (number, number) number  // (number, number) number
    % (number, number) number  mod (number, number) number  ^ (number, number) number  ** (number, number) number
    abs (number) number  sign (number) number  ceil (number) number  ceiling (number) number  floor (number) number
    trunc (number) number  round (number) number  round (number, whole) number  greatest (number, number) number
    least (number, number) number  greatest (date, date) date  least (date, date) date

    ~~ (text, pattern) boolean  !~~ (text, pattern) boolean  ~~* (text, pattern) boolean
    !~~* (text, pattern) boolean  like_escape (text, pattern, pattern) boolean
    not_like_escape (text, pattern, pattern) boolean  ilike_escape (text, pattern, pattern) boolean
    not_ilike_escape (text, pattern, pattern) boolean  regexp_matches (text, pattern) boolean
    regexp_matches (text, pattern, pattern) boolean  regexp_full_match (text, pattern) boolean
    regexp_full_match (text, pattern, pattern) boolean  lower (text) text  upper (text) text  trim (text) text
    strip_accents (text) text  ltrim (text) text  rtrim (text) text  length (text) number  len (text) number
    left (text, whole) text  right (text, whole) text  substring (text, whole) text
    substring (text, whole, whole) text  starts_with (text, text) boolean  ends_with (text, text) boolean
    ^@ (text, text) boolean  prefix (text, text) boolean  suffix (text, text) boolean  contains (text, text) boolean
    strpos (text, text) number  position (text, text) number  split_part (text, text, whole) text
    string_split (text, text) list

    len (list) number  length (list) number  list_filter (list, lambda) list  contains (list, text) boolean
    list_contains (list, text) boolean  list_position (list, text) number  list_has_any (list, list) boolean
    list_has_all (list, list) boolean  && (list, list) boolean  @> (list, list) boolean  <@ (list, list) boolean
    list_unique (list) number

    year (date) number  month (date) number  day (date) number  quarter (date) number  week (date) number
    dayofweek (date) number  isodow (date) number  dayofyear (date) number  date_part (part, date) number
    date_trunc (part, date) date  date_diff (part, date, date) number  last_day (date) date
    make_date (whole, whole, whole) date  to_days (whole) interval  to_weeks (whole) interval
    to_months (whole) interval  to_years (whole) interval
"""
FUNCTIONS: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _name, _takes, _gives in re.findall(r"(\S+) \(([^)]*)\) (\w+)", SIGNATURES):
    FUNCTIONS.setdefault(_name, []).append((tuple(_takes.split(", ")), _gives))
SPECIAL = ("coalesce", "ifnull", "nullif", "if", "list_value")  # take any kind, one kind at a time
PARTS = ("year", "quarter", "month", "week", "day", "dayofweek", "dow", "isodow", "dayofyear", "doy", "isoyear",
         "decade", "century")  # fmt: skip
COMPARISONS = {
    "COMPARE_EQUAL": "=", "COMPARE_NOTEQUAL": "<>", "COMPARE_LESSTHAN": "<", "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=", "COMPARE_GREATERTHANOREQUALTO": ">=",
    "COMPARE_DISTINCT_FROM": "IS DISTINCT FROM", "COMPARE_NOT_DISTINCT_FROM": "IS NOT DISTINCT FROM",
}  # fmt: skip
TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE"), "number"),
    "VARCHAR": "text", "DATE": "date", "BOOLEAN": "boolean", "INTERVAL": "interval",
}  # fmt: skip
ALIASES = {"INT": "INTEGER", "REAL": "FLOAT", "TEXT": "VARCHAR", "STRING": "VARCHAR", "BOOL": "BOOLEAN"}
CASTS = {("number", "text"), ("date", "text"), ("boolean", "text"), ("text", "number"), ("text", "boolean"),
         ("boolean", "number"), ("text", "date")}  # fmt: skip  # and each kind to itself; never a list to text
SQL_TYPES = {"number": "DOUBLE", "text": "VARCHAR", "date": "DATE", "boolean": "BOOLEAN", "list": "VARCHAR[]"}
SPAN = re.compile(r"\s*-?\d{1,6}\s+(?:day|week|month|year)s?\s*", re.IGNORECASE)
# what a tree may be made of but a filter may not
REFUSED = {
    "SUBQUERY": "a subquery", "WINDOW": "a window function", "PARAMETER": "a parameter", "STAR": "* or COLUMNS",
    "POSITIONAL_REFERENCE": "a column by number", "LAMBDA": "a lambda outside of list_filter", "COLLATE": "COLLATE",
    "DEFAULT": "DEFAULT",
}  # fmt: skip
COMMON = frozenset(("class", "type", "query_location", "query_location_length"))
PREFIX = "SELECT "


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """The process's connection to an empty database in memory, shut off from everything else."""
    import duckdb

    return duckdb.connect(":memory:", config=dict(CONFIG))


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
        kinds = {name: _kind(self.table.schema.field(name).type) for name in self.table.column_names}
        if kinds.get("released") == "date" and "year" not in {name.casefold() for name in kinds}:
            kinds["year"] = "number"
        object.__setattr__(self, "_kinds", kinds)

    def rows(self, expression: str) -> NDArray[np.int64]:
        """The rows for which the expression is true, ascending; neither false nor NULL is true.

        Names of columns may be written in any case, odd ones in double quotes: `"Date de création" IS NOT NULL`.
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
            writer = _Writer(expression, self._kinds, self._reading, origins)
            written = writer.condition(_parse(cursor, expression))
            columns = {name: self._reading(*key) for key, name in writer.used.items()}
            items = pa.table({"row": np.arange(self.table.num_rows), **columns})
            cursor.register("items", pa.Table.from_batches(items.to_batches(PIECE), items.schema))
            try:
                with _deadline(cursor):  # as a column, not as WHERE: conditions must not be handed on to Arrow
                    found = cursor.execute(f"SELECT row, coalesce({written}, false) AS is_true FROM items").fetchnumpy()
            except duckdb.InterruptException as error:
                raise _refusal(f"it takes more than {SECONDS:g} seconds. Simplify it") from error
            except duckdb.Error as error:
                raise _refusal(f"{_first_line(error)}, in {_shorten(expression)}") from error
        return np.sort(np.asarray(found["row"], np.int64)[np.asarray(found["is_true"], bool)])

    def _reading(self, name: str, kind: str) -> pa.Array:
        """A column's values as values of a kind."""
        if (name, kind) not in self._readings:
            self._readings[name, kind] = _read(self.table, name, kind)
        return self._readings[name, kind]


# --- columns -----------------------------------------------------------------------------------------------


def _kind(type_: pa.DataType) -> str:
    """What a column holds, in the words of SIGNATURES."""
    if pa.types.is_dictionary(type_):
        return _kind(type_.value_type)
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return "text"
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return "list" if _kind(type_.value_type) == "text" else "other"
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return "date"
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return "number"
    if pa.types.is_boolean(type_):
        return "boolean"
    return "text" if pa.types.is_null(type_) else "other"


def _read(table: pa.Table, name: str, kind: str) -> pa.Array:
    """A column as an array of float64, days, booleans, text or lists of text; NaN becomes null."""
    if name not in table.column_names:
        return pc.cast(pc.year(table.column("released")), pa.float64())  # the only column that is not there: `year`
    column = table.column(name)
    held = _kind(column.type)
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


# --- from text to tree -------------------------------------------------------------------------------------


def _parse(connection: duckdb.DuckDBPyConnection, expression: str) -> dict[str, Any]:
    """The tree of an expression, and of nothing else than one expression."""
    _look(expression)
    query = "SELECT json_serialize_sql(?, skip_default := true, skip_empty := true, skip_null := true)"
    ((answer,),) = connection.execute(query, [PREFIX + expression]).fetchall()
    parsed = json.loads(answer)
    if parsed["error"]:
        place = int(parsed["position"]) - len(PREFIX) if "position" in parsed else None
        behind = expression.encode()[place:].decode(errors="replace") if place is not None else ""
        where = f" at character {len(expression) - len(behind) + 1}: {_shorten(behind)}" if behind else ""
        raise _refusal(f"{_first_line(parsed['error_message'])}{where}. Write a condition such as year >= 1990")
    node = parsed["statements"][0]["node"]
    plain = {"type": "SELECT_NODE", "cte_map": {}, "from_table": {"type": "EMPTY"}}
    plain["aggregate_handling"] = "STANDARD_HANDLING"
    terms = node.pop("select_list", [])
    node.get("from_table", {}).pop("query_location", None)
    if len(parsed["statements"]) != 1 or node != plain or len(terms) != 1 or "alias" in terms[0]:
        what = "is not a single condition. Leave out SELECT, FROM, WHERE, AS, ORDER BY, LIMIT, UNION and lists"
        raise _refusal(f"{_shorten(expression)} {what}")
    tree: dict[str, Any] = terms[0]
    return tree


def _marker(quoted: re.Match[str]) -> str:
    """What stands for something in quotes: NUL for a text."""
    return "\0" if quoted.group().startswith("'") else " "


def _look(expression: str) -> None:
    """Refuses what should not even be parsed."""
    if len(expression) > LONGEST:
        raise _refusal(f"it has {len(expression):,} characters, at most {LONGEST:,} are allowed")
    if not expression.strip():
        raise _refusal("it is empty. Write a condition such as year >= 1990")
    if "\x00" in expression or any("\ud800" <= letter <= "\udfff" for letter in expression):
        raise _refusal("it holds characters that are not text. Remove them")
    outside = re.sub(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""", lambda quoted: quoted.group()[0], expression)
    for sign, what in ((";", "a second statement"), ("--", "a comment"), ("/*", "a comment"), ("$", "a parameter")):
        if sign in outside:
            raise _refusal(f"{sign} starts {what}, which is not allowed. Leave it out")
    stray = re.sub(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""", _marker, expression)
    if "'" in stray or re.search(r"\0\w", stray):
        raise _refusal("a single quote is not closed, or stands inside a text. Write it twice there: 'Ocean''s Eleven'")
    if found := re.search(r"\b(?:[ebxu]|u&)'", outside, re.IGNORECASE):
        raise _refusal(f"{found.group()} starts a text with escapes. Write plain quotes, with '' for a quote in it")
    depth = 0
    for bracket in re.findall(r"[(\[{}\])]", outside):
        depth += 1 if bracket in "([{" else -1
        if depth < 0 or depth > DEEPEST:
            break
    if depth > DEEPEST:
        raise _refusal(f"its brackets are nested more than {DEEPEST} deep. Simplify it")
    if depth:
        raise _refusal("a bracket is not closed" if depth > 0 else "a bracket is closed that is not open")


# --- from tree to what is executed -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Term:
    """A part of the expression as it will be executed, and what is known of it."""

    sql: str
    kind: str  # number, text, date, boolean, list, interval, null
    words: str  # as the user wrote it
    column: str | None = None  # set for a column as it stands
    literal: str | None = None  # set for text in quotes

    @property
    def open(self) -> bool:
        """Whether it can be read as another kind: text as it stands in a column or in quotes, and NULL."""
        return self.kind == "null" or (self.kind == "text" and (self.column is not None or self.literal is not None))


@dataclass
class _Writer:
    """Writes the expression anew; `used` collects the columns it needs: (name, kind) -> name in the query."""

    expression: str
    kinds: Mapping[str, str]
    reading: Callable[[str, str], pa.Array]
    origins: Mapping[str, str] = field(default_factory=dict)  # names in the source, in small letters -> names here
    used: dict[tuple[str, str], str] = field(default_factory=dict)
    calls: int = 0
    parameter: str | None = None  # of the lambda that is being written

    def condition(self, tree: Mapping[str, Any]) -> str:
        """SQL of the whole expression, which must be true or false."""
        term = self.write(tree)
        if term.kind not in ("boolean", "null"):
            raise _refusal(f"{term.words} is a {term.kind}, not a condition. Compare it, as in year >= 1990")
        return f"CAST({term.sql} AS BOOLEAN)"

    def write(self, node: Mapping[str, Any]) -> _Term:
        """A node and all below it."""
        kind = str(node["class"])
        if kind in REFUSED:
            raise _refusal(f"{self.words(node)} is {REFUSED[kind]}, which is not allowed. {_offer()}")
        writers: Mapping[str, tuple[Callable[[Mapping[str, Any]], _Term], str]] = {
            "CONSTANT": (self._constant, "literal"),
            "COLUMN_REF": (self._column, "column_names"),
            "COMPARISON": (self._comparison, "left right"),
            "CONJUNCTION": (self._conjunction, "children"),
            "BETWEEN": (self._between, "input lower upper"),
            "CASE": (self._case, "case_checks else_expr"),
            "CAST": (self._cast, "child type_expr try_cast"),
            "OPERATOR": (self._operator, "children"),
            "FUNCTION": (self._function, "function_name arguments qualified_name order_bys is_operator"),
        }
        write, keys = writers.get(kind, (None, ""))
        if write is None or not node.keys() <= COMMON | set(keys.split()):
            raise _refusal(f"{self.words(node)} has parts that are not allowed. {_offer()}")
        return replace(write(node), words=self.words(node))

    def words(self, node: Mapping[str, Any]) -> str:
        """What the user wrote for a node, shortened."""
        start = int(node.get("query_location", 0)) - len(PREFIX)  # in bytes
        length = int(node.get("query_location_length", 0))
        if start < 0 or not length:
            return str(node.get("function_name", _shorten(self.expression)))
        return _shorten(self.expression.encode()[start : start + length].decode(errors="replace"))

    def _constant(self, node: Mapping[str, Any]) -> _Term:
        kind, text = node["literal"]["kind"], node["literal"].get("text", "")
        if kind in ("INTEGER", "NUMERIC"):
            number = float(text)
            if not np.isfinite(number):
                raise _refusal(f"{_shorten(text)} is too large for a number")
            return _Term(f"({number!r}::DOUBLE)", "number", "")
        if kind == "STRING":
            return _Term(_quote(text), "text", "", literal=text)
        if kind == "BOOLEAN" and text in ("true", "false"):
            return _Term(text, "boolean", "")
        if kind == "NULL_LITERAL":
            return _Term("NULL", "null", "")
        raise _refusal(f"{self.words(node)} is not a number, text in quotes, true, false or NULL")

    def _column(self, node: Mapping[str, Any]) -> _Term:
        name = ".".join(node["column_names"])
        if name == self.parameter:
            return _Term("each", "text", "")
        if name not in self.kinds:
            same = [each for each in self.kinds if each.casefold() == name.casefold()]
            if len(same) > 1:
                raise _refusal(f"{name} may be any of the columns {', '.join(same)}. Write one exactly, in quotes")
            if not same and (role := self.origins.get(name.casefold())):
                year = " (or year)" if role == "released" else ""
                raise _refusal(f"the column {name} is called {role}{year} here. Write {role}{year} in its place")
            if not same:
                raise _refusal(f"no column is called {name}. {_near(name, self.kinds, 'columns')}")
            name = same[0]
        if self.kinds[name] == "other":
            raise _refusal(f"column {name} holds neither text, lists of text, numbers, days nor true and false")
        return _Term(self._use(name, self.kinds[name]), self.kinds[name], "", column=name)

    def _use(self, name: str, kind: str) -> str:
        return self.used.setdefault((name, kind), f"c{len(self.used)}")

    def _comparison(self, node: Mapping[str, Any]) -> _Term:
        left, right = self._alike([self.write(node["left"]), self.write(node["right"])])
        return _Term(f"({left.sql} {COMPARISONS[node['type']]} {right.sql})", "boolean", "")

    def _conjunction(self, node: Mapping[str, Any]) -> _Term:
        word = {"CONJUNCTION_AND": " AND ", "CONJUNCTION_OR": " OR "}[node["type"]]
        return _Term(f"({word.join(self._boolean(child) for child in node['children'])})", "boolean", "")

    def _between(self, node: Mapping[str, Any]) -> _Term:
        value, low, high = self._alike([self.write(node[key]) for key in ("input", "lower", "upper")])
        return _Term(f"({value.sql} BETWEEN {low.sql} AND {high.sql})", "boolean", "")

    def _case(self, node: Mapping[str, Any]) -> _Term:
        whens = [self._boolean(check["when_expr"]) for check in node["case_checks"]]
        otherwise = {"class": "CONSTANT", "literal": {"kind": "NULL_LITERAL"}}
        results = [check["then_expr"] for check in node["case_checks"]] + [node.get("else_expr", otherwise)]
        *thens, last = self._alike([self.write(result) for result in results])
        checks = " ".join(f"WHEN {when} THEN {then.sql}" for when, then in zip(whens, thens, strict=True))
        return _Term(f"(CASE {checks} ELSE {last.sql} END)", last.kind, "")

    def _cast(self, node: Mapping[str, Any]) -> _Term:
        given, child = node["type_expr"], self.write(node["child"])
        name = ALIASES.get(str(given.get("type_name", "")).upper(), str(given.get("type_name", "")).upper())
        plain = given.keys() <= COMMON | {"type_name", "qualified_name"}
        kind = TYPES.get(name) if plain else None
        if kind is None:
            known = ", ".join(TYPES)
            raise _refusal(f"{self.words(node)} names an unknown type. Known types: {known}")
        if kind == "interval":
            if child.literal is None or not SPAN.fullmatch(child.literal):
                raise _refusal(f"{self.words(node)} is not a span of time. Write INTERVAL '3 months'")
            return _Term(f"CAST({child.sql} AS INTERVAL)", kind, "")
        read = self._as(child, kind)
        if read is None and child.literal is not None and not node.get("try_cast") and kind in ("date", "number"):
            raise _refusal(f"{child.words} is not a {kind}{_hint(kind)}")
        if read is None and (child.kind, kind) not in CASTS:
            raise _refusal(f"{child.words} is a {child.kind} and cannot become a {kind}")
        cast = "TRY_CAST" if node.get("try_cast") else "CAST"
        sql = f"{cast}({read or child.sql} AS {name})"
        return _Term(f"CAST({sql} AS DOUBLE)" if kind == "number" else sql, kind, "")

    def _operator(self, node: Mapping[str, Any]) -> _Term:
        name, children = node["type"], node["children"]
        if name == "OPERATOR_NOT":
            return _Term(f"(NOT {self._boolean(children[0])})", "boolean", "")
        terms = [self.write(child) for child in children]
        if name in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            return _Term(f"({terms[0].sql} {name.removeprefix('OPERATOR_').replace('_', ' ')})", "boolean", "")
        if name in ("COMPARE_IN", "COMPARE_NOT_IN"):
            if len(terms) == 2 and terms[1].kind == "list" and terms[0].kind != "list":
                inside = self._call("contains", terms[::-1]).sql
            else:
                value, *others = self._alike(terms)
                inside = f"({value.sql} IN ({', '.join(other.sql for other in others)}))"
            return _Term(inside if name == "COMPARE_IN" else f"(NOT {inside})", "boolean", "")
        if name == "OPERATOR_COALESCE":
            alike = self._alike(terms)
            return _Term(f"coalesce({', '.join(term.sql for term in alike)})", alike[0].kind, "")
        if name in ("ARRAY_EXTRACT", "ARRAY_SLICE") and 2 <= len(terms) <= 3 and terms[0].kind in ("text", "list"):
            places = [self._as(term, "whole") for term in terms[1:]]
            if None not in places:
                kind = "text" if name == "ARRAY_EXTRACT" else terms[0].kind
                return _Term(f"({terms[0].sql})[{':'.join(map(str, places))}]", kind, "")
        raise _refusal(f"{self.words(node)} is an operation that is not allowed. {_offer()}")

    def _function(self, node: Mapping[str, Any]) -> _Term:
        name = str(node["function_name"]).lower()
        if name not in FUNCTIONS and name not in SPECIAL:
            raise _refusal(f"unknown function {name}. {_near(name, [*FUNCTIONS, *SPECIAL], 'functions')}")
        arguments = node.get("arguments", [])
        plain = node.get("order_bys", {}).keys() <= {"type"} and len(node["qualified_name"]["path"]) == 1
        if not plain or any(argument.keys() != {"expression"} for argument in arguments):
            raise _refusal(f"{self.words(node)} has parts that are not allowed. {_offer()}")
        children = [argument["expression"] for argument in arguments]
        if name == "list_filter" and len(children) == 2 and children[1]["class"] == "LAMBDA":
            return self._filter(*children)
        return self._call(name, [self.write(child) for child in children])

    def _filter(self, elements: Mapping[str, Any], function: Mapping[str, Any]) -> _Term:
        """list_filter(list, lambda each: ...); its condition runs once for each element, so lambdas do not nest."""
        written, names = self.write(elements), function["lhs"].get("column_names", [])
        if written.kind != "list" or len(names) != 1 or self.parameter is not None:
            raise _refusal(
                f"{self.words(function)} must be a lambda of one name over a list, and not inside another lambda"
            )
        self.parameter = names[0]
        condition = self._boolean(function["expr"])
        self.parameter = None
        return _Term(f"list_filter({written.sql}, lambda each: {condition})", "list", "")

    def _call(self, name: str, terms: Sequence[_Term]) -> _Term:
        """A function or operator by its signature."""
        self.calls += REGEX if name.startswith("regexp") else 1
        if self.calls > CALLS:
            raise _refusal(
                f"it calls more than {CALLS} functions (a regular expression counts {REGEX}). "
                "Use IN, list_has_any or a|b"
            )
        if name in ("nullif", "if") and len(terms) == {"nullif": 2, "if": 3}[name]:
            tested = [self._as(terms[0], "boolean")] if name == "if" else []
            alike = self._alike(terms[len(tested) :])
            if None not in tested:
                return _Term(
                    f"{name}({', '.join([*map(str, tested), *(each.sql for each in alike)])})", alike[0].kind, ""
                )
        if name == "list_value" and all(term.literal is not None for term in terms):  # of cells it could be huge
            return _Term(f"CAST([{', '.join(term.sql for term in terms)}] AS VARCHAR[])", "list", "")
        for takes, gives in FUNCTIONS.get(name, []):
            written = [self._as(term, kind) for term, kind in zip(terms, takes, strict=False)]
            if len(terms) == len(takes) and None not in written:
                if name == "contains" and takes[0] == "list":
                    name = "list_contains"  # DuckDB 2.0.0 takes contains(list, '') for true, as it is of text
                return _Term(_render(name, list(map(str, written)), gives), gives, "")
        given = ", ".join(f"{term.words} ({term.kind})" for term in terms) or "nothing"
        takes_ = " or ".join(f"({', '.join(takes)})" for takes, _ in FUNCTIONS.get(name, [])) or "values of one kind"
        raise _refusal(f"{name} takes {takes_}, not {given}")

    def _boolean(self, node: Mapping[str, Any]) -> str:
        term = self.write(node)
        sql = self._as(term, "boolean")
        if sql is None:
            raise _refusal(f"{term.words} is a {term.kind}, not a condition. Compare it, as in year >= 1990")
        return sql

    def _alike(self, terms: Sequence[_Term]) -> list[_Term]:
        """The terms as values of one kind: that of the first which cannot be read otherwise, else text."""
        kind = next((term.kind for term in terms if not term.open), "text")
        for term in terms:
            if self._as(term, kind) is None:
                other = next((each for each in terms if each.kind == kind), term)
                which = f"{term.words} ({term.kind}) does not go with {other.words} ({other.kind})"
                if term.kind != "list" and kind == "list":
                    raise _refusal(f"{which}. Ask whether it is in the list: {term.words} IN {other.words}")
                raise _refusal(f"{which}{_hint(kind)}")
        return [replace(term, sql=str(self._as(term, kind)), kind=kind) for term in terms]

    def _as(self, term: _Term, kind: str) -> str | None:
        """SQL of a term as a value of a kind, or None where it cannot be one."""
        if kind == "whole":
            number = self._as(term, "number")
            return number and f"CAST({number} AS INTEGER)"
        if kind in ("pattern", "part"):
            return _literal(term, kind)
        if term.kind == kind:
            return term.sql
        if term.kind == "null" and kind in SQL_TYPES:
            return f"CAST(NULL AS {SQL_TYPES[kind]})"
        if term.kind != "text" or kind not in ("number", "date"):
            return None
        if term.column is not None:
            return self._column_as(term.column, kind)
        if term.literal is None:
            return None
        try:
            if kind == "date":
                return f"CAST({_quote(date.fromisoformat(term.literal.strip()).isoformat())} AS DATE)"
            number_ = float(term.literal)
        except ValueError:
            return None
        return f"({number_!r}::DOUBLE)" if np.isfinite(number_) else None

    def _column_as(self, name: str, kind: str) -> str:
        """A column of text, read as numbers or days."""
        found = self.reading(name, kind)
        if len(found) and found.null_count == len(found) and any(map(str.strip, _texts(self.reading(name, "text")))):
            what = {"number": "numbers", "date": "days"}[kind]
            raise _refusal(f"column {name} holds text without any {what}. Compare it with text in single quotes")
        return self._use(name, kind)


def _render(name: str, arguments: Sequence[str], gives: str) -> str:
    """SQL of a call."""
    if name in ("/", "//", "%", "mod"):
        quotient = f"({arguments[0]} {'%' if name in ('%', 'mod') else '/'} nullif({arguments[1]}, 0))"
        return _real(f"floor{quotient}" if name == "//" else quotient)
    if name[0].isalpha():
        name = "strpos" if name == "position" else name  # which its grammar takes in another form
        sql = f"{name}({', '.join(arguments)})"
    else:
        sql = f"({arguments[0]} {name} {arguments[1]})" if len(arguments) == 2 else f"({name} {arguments[0]})"
    sql = f"CAST({sql} AS {SQL_TYPES[gives]})" if gives in ("number", "date") else sql
    return _real(sql) if name in ("+", "-", "*", "^", "**") and gives == "number" else sql


def _real(sql: str) -> str:
    """Arithmetic whose NaN is NULL, as `(-1) ^ 0.5` or a difference of infinities; to DuckDB NaN is the largest."""
    return f"nullif({sql}, 'nan'::DOUBLE)"


def _literal(term: _Term, kind: str) -> str | None:
    """A pattern or the name of a part of a date: text that stands in the expression itself."""
    if term.literal is None:
        return None
    if kind == "part" and term.literal.lower() not in PARTS:
        raise _refusal(f"{term.words} is not a part of a date. {_near(term.literal.lower(), PARTS, 'parts')}")
    if len(term.literal) > PATTERN:
        raise _refusal(f"a pattern has {len(term.literal):,} characters, at most {PATTERN:,} are allowed")
    return term.sql


def _texts(column: pa.Array) -> Iterator[str]:
    return (text for text in pc.unique(column).to_pylist() if text is not None)


# --- words -------------------------------------------------------------------------------------------------


@contextmanager
def _deadline(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupts what the connection is doing after SECONDS."""
    timer = Timer(SECONDS, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _refusal(what: str) -> UsageError:
    return UsageError(f"where: {what}")


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _shorten(text: str, limit: int = 60) -> str:
    return shorten(" ".join(text.split()), limit)


def _first_line(error: object) -> str:
    return _shorten(str(error).split("\n")[0], 200)


def _near(name: str, known: Iterator[str] | Sequence[str] | Mapping[str, Any], what: str) -> str:
    """The nearest known names, or all."""
    folded = {each.casefold(): each for each in known if each[0].isalpha() or what == "columns"}
    near = [folded[match] for match in nearest_names(name.casefold(), folded, MAX_SUGGESTIONS)]
    return f"Near {what}: {', '.join(near)}" if near else f"Valid {what}: {', '.join(folded.values())}"


def _hint(kind: str) -> str:
    return {"date": ". Write days as '2020-12-31'", "number": ". Write numbers as 1990 or 0.5"}.get(kind, "")


def _offer() -> str:
    return "Use columns, comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, arithmetic and functions"
