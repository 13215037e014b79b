"""Filters against the same predicates in Python, and attempts to make them do something else."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.core.errors import UsageError
from discover.search.where import filters, grammar
from discover.search.where.filters import Filter
from discover.search.where.grammar import FUNCTIONS, SPECIAL_FUNCTIONS

LISTS = pa.list_(pa.string())
ITEMS = pa.table(
    {
        "id": ["007", "8", "9", "10"],
        "title": ["Amélie", "Bob's 東京", "Ça ira", ""],
        "genres": pa.array([["Crime", "Drama"], [], ["Comédie"], ["Crime", "O'Neil"]], LISTS),
        "released": pa.array([date(1999, 1, 2), None, date(2020, 5, 6), date(1989, 12, 31)], pa.date32()),
        "audience": [1.5, None, 3e9, float("nan")],
        "Gross": ["1,234", "n/a", "-5", "1.2M"],
        "Date de création": ["2020-01-01", "", "5 May 2019", "unknown"],
        "duration": ["90 min", "2 Seasons", "120 min", None],
        "theme": pa.array(["crime", None, "comedy", "crime"]),
    }
)


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("year >= 1990", [0, 2]),
        ("YEAR BETWEEN 1980 AND 1999 AND 'Crime' IN genres", [0, 3]),
        ("'Crime' IN (genres)", [0, 3]),
        ("'Crime' NOT IN genres", [1, 2]),
        ("'' IN genres OR contains(genres, '')", []),
        ("list_contains(genres, 'O''Neil')", [3]),
        ("genres && ['Comédie', 'Drama']", [0, 2]),
        ("list_has_all(genres, ['Crime', 'Drama'])", [0]),
        ("len(genres) = 0 OR genres = ['Comédie']", [1, 2]),
        ("genres[1] = 'Crime'", [0, 3]),
        ("len(list_filter(genres, lambda g: lower(g) LIKE 'c%')) = 1", [0, 2, 3]),
        ("audience > 1", [0, 2]),
        ("audience IS NULL", [1, 3]),
        ("NOT audience > 2", [0]),
        ("audience / 0 > 1 OR audience % 0 = 0 OR audience // 0 = 0", []),
        ("(0 - audience) ^ 0.5 > 1 OR audience * 1e308 * 1e308 - 1e308 * 1e308 > 0", []),
        ("theme = 'crime'", [0, 3]),
        ("theme <> 'crime'", [2]),
        ("theme IS DISTINCT FROM 'crime'", [1, 2]),
        ("theme IN ('comedy', NULL)", [2]),
        ("theme NOT IN ('comedy', NULL)", []),
        ("coalesce(theme, 'none') = 'none'", [1]),
        ("CASE WHEN year < 1995 THEN theme = 'crime' WHEN audience > 2 THEN true END", [2, 3]),
        ("if(year > 2000, 'new', title) = 'new'", [2]),
        ("title = 'Bob''s 東京'", [1]),
        ("title LIKE '_mé%'", [0]),
        ("title ILIKE 'ÇA%'", [2]),
        ("title NOT ILIKE '%a%'", [1, 3]),
        ("title ~ '^[AB]' AND NOT title SIMILAR TO 'Bob.*'", [0]),
        ("upper(title) = 'AMÉLIE' OR strip_accents(title) = 'Ca ira'", [0, 2]),
        ("length(title) = 8 OR title[1] = 'Ç' OR position('m' IN title) = 2", [0, 1, 2]),
        ("gross > 1000", [0, 3]),
        ("Gross < 0", [2]),
        ("-gross * 2 = 10", [2]),
        ("gross IN (1234, -5)", [0, 2]),
        ("gross = '1,234'", [0]),
        ("id = 7", [0]),
        ("id = '7'", []),
        ("duration >= 100", [2]),
        ("CAST(duration AS INTEGER) = 90", [0]),
        ("\"Date de création\" > DATE '2019-06-01'", [0]),
        ('year("date de création") = 2019', [2]),
        ("\"Date de création\" = ''", [1]),
        ("released >= '2020-05-06'", [2]),
        ("released + INTERVAL 3 DAY = DATE '1999-01-05' OR released - INTERVAL '2 months' = '1989-10-31'", [0, 3]),
        ("released - DATE '1999-01-01' = 1 OR released + 1 = '1990-01-01'", [0, 3]),
        ("date_diff('year', released, DATE '2021-01-01') = 1", [2]),
        ("date_trunc('month', released) = '2020-05-01' OR EXTRACT(quarter FROM released) = 4", [2, 3]),
        ("TRY_CAST(left(title, 1) AS INTEGER) IS NULL", [0, 1, 2, 3]),
        ("audience > 1000000 * 2000", [2]),
        ("true", [0, 1, 2, 3]),
        ("NULL", []),
        ("(year > 2000) = false", [0, 3]),
        ("title = '; DROP TABLE items; -- /* $1 ?'", []),
        (" \n year > 2000 \t", [2]),
    ],
)
def test_rows_where_true(expression, rows):
    found = Filter(ITEMS).rows(expression)
    assert found.dtype == np.int64
    assert found.tolist() == rows


def test_a_column_named_year_is_taken_as_it_is():
    table = pa.table({"released": pa.array([date(2000, 1, 1)] * 3), "Year": ["1989", "1994.0", "n/a"]})
    assert Filter(table).rows("year >= 1990").tolist() == [1]
    assert Filter(table).rows("year LIKE '19%'").tolist() == [0, 1]


def test_names_that_differ_in_case_only():
    table = pa.table({"Rank": [1, 2], "rank": [2, 1], "row": ["a", "b"], "c0": ["x", "y"]})
    assert Filter(table).rows("rank = 1").tolist() == [1]
    assert Filter(table).rows("\"Rank\" = 1 AND row = 'a' AND c0 = 'x'").tolist() == [0]
    with pytest.raises(UsageError, match="RANK may be any of the columns Rank, rank"):
        Filter(table).rows("RANK = 1")


def test_columns_of_other_types():
    table = pa.table(
        {
            "big": pa.array([2**60, -1], pa.int64()),
            "seen": [datetime(2020, 1, 1, 23, 59), None],
            "word": pa.array(["a", "b"]).dictionary_encode(),
            "flag": [True, None],
            "nothing": pa.nulls(2),
            "raw": [b"x", b"y"],
        }
    )
    assert Filter(table).rows("big > 1e18 AND seen = '2020-01-01' AND word = 'a' AND flag").tolist() == [0]
    assert Filter(table).rows("NOT flag OR nothing = 'x' OR nothing > 3").tolist() == []
    assert Filter(table.slice(0, 0)).rows("big > 1").tolist() == []
    with pytest.raises(UsageError, match="column raw holds neither"):
        Filter(table).rows("raw = 'x'")


# --- random expressions against Python ---------------------------------------------------------------------

WORDS = ["", "a", "A", "É", "é", "ß", "東京", "a'b", "100%", "_", "🎬", "a b"]
ROWS = st.fixed_dictionaries(
    {
        "title": st.none() | st.sampled_from(WORDS),
        "language": st.none() | st.sampled_from(WORDS),
        "genres": st.none() | st.lists(st.sampled_from(WORDS), max_size=3),
        "audience": st.none() | st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6, allow_nan=False),
        "released": st.none() | st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    }
)
TYPES = pa.schema(
    {"title": pa.string(), "language": pa.string(), "genres": LISTS, "audience": pa.float64(), "released": pa.date32()}
)
COMPARE = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def strict(function, *parts):
    """SQL's functions of values: NULL where any is NULL."""

    def value(row):
        values = [part(row) for part in parts]
        return None if None in values else function(*values)

    return value


def either(row, left, right):
    values = (left(row), right(row))
    return True if True in values else None if None in values else False


def both(row, left, right):
    values = (left(row), right(row))
    return False if False in values else None if None in values else True


def column(name):
    return name, lambda row: row[name]


def constant(sql, value):
    return sql, lambda row: value


def text_order(text):
    return text.encode()  # DuckDB compares text by its bytes


texts = st.one_of(
    st.sampled_from(["title", "language"]).map(column),
    st.sampled_from(WORDS).map(lambda word: constant(quote(word), word)),
)
arithmetic = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
arithmetic["/"] = lambda a, b: a / b if b else None
arithmetic["%"] = lambda a, b: math.fmod(a, b) if b else None
number_leaves = st.one_of(
    st.just(column("audience")),
    st.integers(-5, 5).map(lambda number: constant(str(number), float(number))),
    st.just(("year", lambda row: row["released"] and float(row["released"].year))),
    st.just(("len(genres)", lambda row: None if row["genres"] is None else float(len(row["genres"])))),
    st.just(("length(title)", lambda row: None if row["title"] is None else float(len(row["title"])))),
)
numbers = st.recursive(
    number_leaves,
    lambda inner: st.tuples(st.sampled_from(sorted(arithmetic)), inner, inner).map(
        lambda t: (f"({t[1][0]} {t[0]} {t[2][0]})", strict(arithmetic[t[0]], t[1][1], t[2][1]))
    ),
    max_leaves=4,
)
dates = st.just(column("released")) | st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(
    lambda day: constant(f"DATE '{day}'", day)
)


def comparison(values, key=lambda value: value):
    return st.tuples(st.sampled_from(sorted(COMPARE)), values, values).map(
        lambda t: (
            f"{t[1][0]} {t[0]} {t[2][0]}",
            strict(lambda a, b: COMPARE[t[0]](key(a), key(b)), t[1][1], t[2][1]),
        )
    )


leaves = st.one_of(
    comparison(numbers),
    comparison(dates),
    comparison(texts, text_order),
    st.tuples(texts).map(lambda t: (f"{t[0][0]} IN genres", strict(lambda a, b: b in a, column("genres")[1], t[0][1]))),
    st.sampled_from(WORDS).map(
        lambda word: (f"starts_with(title, {quote(word)})", strict(lambda a: a.startswith(word), column("title")[1]))
    ),
    st.sampled_from(["title", "genres", "audience", "released"]).map(
        lambda name: (f"{name} IS NULL", lambda row: row[name] is None)
    ),
    st.tuples(numbers, numbers, numbers).map(
        lambda t: (
            f"{t[0][0]} BETWEEN {t[1][0]} AND {t[2][0]}",
            lambda row: both(row, strict(COMPARE[">="], t[0][1], t[1][1]), strict(COMPARE["<="], t[0][1], t[2][1])),
        )
    ),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(
        lambda words: (f"title IN ({', '.join(map(quote, words))})", strict(lambda a: a in words, column("title")[1]))
    ),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda t: (f"(NOT {t[0]})", strict(lambda a: not a, t[1]))),
        st.tuples(inner, inner).map(lambda t: (f"({t[0][0]} AND {t[1][0]})", lambda row: both(row, t[0][1], t[1][1]))),
        st.tuples(inner, inner).map(lambda t: (f"({t[0][0]} OR {t[1][0]})", lambda row: either(row, t[0][1], t[1][1]))),
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ROWS, max_size=8), conditions)
def test_random_conditions_agree_with_python(rows, condition):
    sql, predicate = condition
    table = pa.Table.from_pylist(rows, TYPES)
    assert Filter(table).rows(sql).tolist() == [i for i, row in enumerate(rows) if predicate(row) is True]


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20))
def test_any_text_is_found_and_only_itself(text):
    table = pa.table({"title": [text, text + "x"]})
    assert Filter(table).rows(f"title = {quote(text)}").tolist() == [0]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*"()[]'\"<>=-+*/%$;.,:!~|&? \n1ax", " year ", " AND ", "title", "SELECT "])))
def test_any_input_gives_rows_or_one_line(pieces):
    try:
        found = FILTER.rows("".join(pieces))
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        assert set(found.tolist()) <= {0, 1, 2, 3}


# --- what must not get through -----------------------------------------------------------------------------

FILTER = Filter(ITEMS)
ATTACKS = {
    # other statements, other parts of a query
    "year > 1; DROP TABLE items": "second statement",
    "true; COPY (SELECT 1) TO '{folder}/out.csv'": "second statement",
    "COPY (SELECT 1) TO '{folder}/out.csv'": "syntax error",
    "true) TO '{folder}/out.csv'": "not open",
    "1 = 1) OR (SELECT true": "not open",
    "SELECT true": "syntax error",
    "PRAGMA version": "not a single condition",
    "ATTACH '{folder}/out.db'": "names an unknown type",
    "INSTALL httpfs": "not a single condition",
    "SET threads = 9": "syntax error|near",
    "true -- and more": "comment",
    "true /* and more": "comment",
    "true/**/": "comment",
    "true AS allowed": "not a single condition",
    "true allowed": "not a single condition",
    "true, false": "not a single condition",
    "true FROM read_csv('{folder}/secret.csv')": "not a single condition",
    "true FROM '{folder}/secret.csv'": "not a single condition",
    "true WHERE true": "not a single condition",
    "true LIMIT 1": "not a single condition",
    "true ORDER BY 1": "not a single condition",
    "DISTINCT true": "not a single condition",
    "true UNION SELECT true": "not a single condition",
    "true GROUP BY ALL": "not a single condition",
    # reading what is not the table
    "EXISTS (FROM read_csv('{folder}/secret.csv'))": "subquery",
    "(SELECT count(*) FROM '{folder}/secret.csv') > 0": "subquery",
    "title IN (SELECT content FROM read_text('{folder}/secret.csv'))": "subquery",
    "title = ANY (SELECT name FROM duckdb_settings())": "subquery",
    "title = ANY (genres)": "subquery",
    "(WITH a AS (SELECT 1) SELECT true FROM a)": "subquery",
    "read_text('{folder}/secret.csv') = 'x'": "unknown function read_text",
    "read_csv('{folder}/secret.csv') = 'x'": "unknown function read_csv",
    "getenv('HOME') <> ''": "unknown function getenv",
    "current_setting('memory_limit') <> ''": "unknown function current_setting",
    "getvariable('x') IS NULL": "unknown function getvariable",
    "query('SELECT 1') = 1": "unknown function query",
    "query_table('items') = 1": "unknown function query_table",
    "current_user = 'x'": "no column is called current_user",
    "rowid = 1": "no column is called rowid",
    "main.items.title = ''": "no column is called main.items.title",
    "c0 = 1": "no column is called c0",
    "version() = ''": "unknown function version",
    "sql_auto_complete('S') = 1": "unknown function",
    "json_execute_serialized_sql('x') = 1": "unknown function",
    "main.lower(title) = 'x'": "parts that are not allowed",
    "title.lower() = 'x'": "parts that are not allowed",
    "lower(DISTINCT title) = 'x'": "parts that are not allowed",
    # more than one row at a time
    "count(*) > 1": "unknown function",
    "sum(audience) > 1": "unknown function",
    "max(year) = year": "unknown function",
    "lower(title ORDER BY title) = 'x'": "parts that are not allowed|syntax error",
    "lower(title) FILTER (true) = 'x'": "parts that are not allowed|syntax error",
    "row_number() OVER () = 1": "window function",
    "lag(title) OVER (ORDER BY id) = 'x'": "window function",
    "unnest(genres) = 'x'": "unknown function unnest",
    "* = 1": "syntax error|COLUMNS",
    "COLUMNS(*) = 'x'": "COLUMNS",
    "COLUMNS('t.*') = 'x'": "COLUMNS",
    "#1 = 'x'": "column by number",
    # parameters and other literals
    "title = ?": "parameter",
    "title = $1": "parameter",
    "title = $$x$$": "parameter",
    "title = E'\\x41'": "escapes",
    "title = x'41'": "escapes",
    "title = 'a\x00b'": "not text",
    "title = 'a\ud800b'": "not text",
    "{{'a': 1}}.a = 1": "unknown function|parts",
    "MAP {{'a': 1}}['a'] = 1": "unknown function",
    # too much
    "repeat('x', 1000000000) = title": "unknown function repeat",
    "lpad(title, 1000000000, 'x') = title": "unknown function lpad",
    "title || title = 'x'": "unknown function",
    "concat(title, title) = 'x'": "unknown function concat",
    "replace(title, 'a', 'aaaa') = 'x'": "unknown function replace",
    "format('{{:1000000000}}', title) = 'x'": "unknown function format",
    "printf('%1000000000d', 1) = 'x'": "unknown function printf",
    "len(range(1000000000)) > 1": "unknown function range",
    "len(generate_series(1, 1000000000)) > 1": "unknown function generate_series",
    "len(list_transform(genres, lambda g: g)) > 1": "unknown function list_transform",
    "len([g FOR g IN genres IF true]) > 1": "unknown function list_apply",
    "len([title, title]) > 1": "list_value takes",
    "CAST(genres AS VARCHAR) = 'x'": "cannot become a text",
    "20! > 1": "unknown function factorial",
    "sleep_ms(100000) IS NULL": "unknown function sleep_ms",
    "title ~ '((((a{{999}}){{999}}){{999}}){{999}})'": "repetition",
    "title ~ title": "regexp_matches takes",
    "title LIKE title": "takes",
    "title ~ 'a' OR " * 6 + "true": "more than 50 functions",
    "lower(title) = 'x' OR " * 51 + "true": "more than 50 functions",
    "len(list_filter(genres, lambda a: len(list_filter(genres, lambda b: true)) > 0)) > 0": "not inside another lambda",
    "title = '" + "x" * 10_000 + "'": "10,000 are allowed",
    "title LIKE '" + "x" * 1_001 + "'": "1,000 are allowed",
    "(" * 41 + "true" + ")" * 41: "brackets are nested more than 40 deep",
    "(" * 9_990: "brackets are nested more than 40 deep",
    "[" * 4_990 + "true" + "]" * 4_990: "brackets are nested more than 40 deep",
    "NOT " * 2_400 + "true": "depth",
    "1" + " + 1" * 2_000 + " > 1": "depth",
    "year > 1e400": "too large",
    "audience = " + "9" * 400: "too large",
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack[:40].encode("ascii", "replace").decode())
def test_attacks_are_refused(attack, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("content\nBob's 東京\nwhat nobody may see\n", encoding="utf-8")
    expression = attack.replace("{folder}", str(tmp_path)).replace("{{", "{").replace("}}", "}")
    with pytest.raises(UsageError, match=ATTACKS[attack]) as refused:
        FILTER.rows(expression)
    message = str(refused.value)
    assert "\n" not in message
    assert "nobody" not in message
    assert len(message) < 2_000
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM '{file}'",
        "COPY (SELECT 1) TO '{file}.out'",
        "ATTACH '{file}.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SELECT * FROM table_of_python",
    ],
)
def test_even_plain_sql_reaches_nothing(statement, tmp_path):
    """Behind the list of what may be written, the connection itself is shut."""
    import duckdb

    table_of_python = pa.table({"a": [1]})
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n")
    assert duckdb.sql(f"SELECT * FROM read_csv('{file}')").fetchall() == duckdb.from_arrow(table_of_python).fetchall()
    with pytest.raises(duckdb.Error):
        filters.connection().cursor().execute(statement.format(file=file)).fetchall()
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("yeer > 1", "no column is called yeer. Near columns: year"),
        ("zzz > 1", "no column is called zzz. Valid columns: id, title, genres"),
        ("uper(title) = 'A'", "unknown function uper. Near functions: upper"),
        ("upper(audience) = 'A'", r"upper takes \(text\), not audience \(number\)"),
        ("year", "year is a number, not a condition. Compare it"),
        ("title AND true", "title is a text, not a condition"),
        ("", "is empty"),
        ("  \n", "is empty"),
        ("year > > 1", 'syntax error at or near ">" at character 8: > 1. Write'),
        ("title = 'é' AND = 2", "at character 17: = 2. Write"),
        ("title = 'a", "a single quote is not closed"),
        ("title = 'Ocean's Eleven'", "Write it twice there: 'Ocean''s Eleven'"),
        ("title = 'Rock'n'Roll'", "stands inside a text"),
        ("(year > 1", "a bracket is not closed"),
        ("year > 1)", "a bracket is closed that is not open"),
        ("title > 5", "column title holds text without any numbers. Compare it with text in single quotes"),
        ("title > DATE '2020-01-01'", "column title holds text without any days"),
        ("genres = 'Crime'", "Ask whether it is in the list: 'Crime' IN genres"),
        ("released > '2020'", "'2020' .text. does not go with released .date.. Write days as '2020-12-31'"),
        ("released > 2020", "2020 .number. does not go with released|released .date. does not go with 2020"),
        ("DATE '2020-13-01' < released", "is not a date. Write days as"),
        ("EXTRACT(epoch FROM released) > 1", "is not a part of a date. Valid parts: year"),
        ("CAST(title AS BLOB) = 'x'", "names an unknown type. Known types: TINYINT"),
        ("INTERVAL '1 hour' > INTERVAL '1 day'", "not a span of time. Write INTERVAL '3 months'"),
        ("title ~ '('", r"missing \)"),
        ("CAST(left(title, 1) AS INTEGER) = 1", "Could not convert string 'A'"),
    ],
)
def test_refusals_say_what_to_do(expression, message):
    with pytest.raises(UsageError, match=message):
        FILTER.rows(expression)


EXAMPLES = {
    "number": "audience", "text": "title", "date": "released", "list": "genres", "whole": "2", "pattern": "'a'",
    "part": "'year'", "interval": "INTERVAL 2 DAY", "lambda": "lambda g: g = 'a'",
}  # fmt: skip


@pytest.mark.parametrize("name", [*FUNCTIONS])
def test_every_function_of_the_list_exists(name):
    """In every signature: DuckDB knows it, and gives what the list says."""
    term = {"number": "> 0", "text": "> ''", "date": "> DATE '1900-01-01'", "boolean": "= true", "list": "= []"}
    term["interval"] = "> INTERVAL 1 DAY"
    for takes, gives in FUNCTIONS[name]:
        values = [EXAMPLES[kind] for kind in takes]
        if name.startswith("regexp") and len(values) == 3:
            values[2] = "'i'"
        if name == "make_date":
            values = ["2020", "2", "2"]
        call = f"{name}({', '.join(values)})"
        if name in ("~~", "!~~", "~~*", "!~~*") or not name[0].isalpha():
            call = f"({values[0]} {name} {values[1]})" if len(values) == 2 else f"({name} {values[0]})"
        if name == "position":
            call = f"position({values[1]} IN {values[0]})"
        assert len(FILTER.rows(f"{call} {term[gives]} OR true")) == 4
    assert name not in SPECIAL_FUNCTIONS


def test_a_filter_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(filters, "TIMEOUT_SECONDS", 0.3)
    table = pa.table({"title": ["ab" * 1_000] * 50_000})
    slow = " OR ".join(f"title ~ '(.*a.*b.*){{2}}.{{900}}x{number}'" for number in range(5))
    with pytest.raises(UsageError, match=r"takes more than 0\.3 seconds"):
        Filter(table).rows(slow)


def test_many_rows_in_order_and_several_threads():
    n = 30_000
    random = np.random.default_rng(0)
    values = random.integers(0, 100, n)
    table = pa.table({"audience": values.astype(float), "title": [f"t{value}" for value in values]})
    held = Filter(table)
    with ThreadPoolExecutor(4) as null_scores:
        found = list(
            null_scores.map(lambda limit: held.rows(f"audience < {limit} AND title <> 't3'"), range(0, 100, 5))
        )
    for limit, rows in zip(range(0, 100, 5), found, strict=True):
        assert rows.tolist() == np.flatnonzero((values < limit) & (values != 3)).tolist()


def test_duckdb_is_imported_only_when_filtering():
    code = "import sys, discover.search.where.filters; sys.exit('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_signatures_are_all_read():
    assert sum(map(len, FUNCTIONS.values())) == len(re.findall(r"\) \w+", grammar.SIGNATURES))


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "release_year >= 1990",
            r"the column release_year is called released .or year. here\. Write released .or year.",
        ),
        ("Listed_In = 'x'", "the column Listed_In is called genres here. Write genres in its place"),
        ("zzz = 1", "no column is called zzz"),
    ],
)
def test_a_name_that_a_column_had_in_the_source_says_its_name_here(expression, message):
    mapping = {"title": ("title",), "released": ("release_year",), "genres": ("listed_in",)}
    table = pa.table({"title": ["A"], "released": pa.array([date(1999, 1, 2)], pa.date32()), "genres": [["x"]]})
    with pytest.raises(UsageError, match=message):
        Filter(table, mapping).rows(expression)
    assert Filter(table, mapping).rows("title = 'Ocean''s Eleven' OR year = 1999").tolist() == [0]
