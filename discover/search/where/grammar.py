"""What a filter may be made of: its functions, operators, types and casts, and how large it may be."""

import re

MAX_EXPRESSION_CHARS = 10_000  # characters of an expression
MAX_PATTERN_CHARS = 1_000  # characters of a pattern of LIKE or a regular expression
MAX_BRACKET_DEPTH = 40  # brackets in brackets; DuckDB's parser takes minutes for thousands that are never closed
MAX_CALLS = 50  # functions and operators other than comparisons, AND, OR, NOT
CALLS_PER_REGEX = 10  # calls that a regular expression counts as; one of 1,000 states takes seconds for a piece

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
SPECIAL_FUNCTIONS = ("coalesce", "ifnull", "nullif", "if", "list_value")  # take any kind, one kind at a time
DATE_PARTS = ("year", "quarter", "month", "week", "day", "dayofweek", "dow", "isodow", "dayofyear", "doy", "isoyear",
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
TIME_SPAN = re.compile(r"\s*-?\d{1,6}\s+(?:day|week|month|year)s?\s*", re.IGNORECASE)
# what a tree may be made of but a filter may not
REFUSED_NODES = {
    "SUBQUERY": "a subquery", "WINDOW": "a window function", "PARAMETER": "a parameter", "STAR": "* or COLUMNS",
    "POSITIONAL_REFERENCE": "a column by number", "LAMBDA": "a lambda outside of list_filter", "COLLATE": "COLLATE",
    "DEFAULT": "DEFAULT",
}  # fmt: skip
COMMON_KEYS = frozenset(("class", "type", "query_location", "query_location_length"))
