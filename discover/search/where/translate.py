"""From the tree of a filter to the expression that is executed, written out of what `grammar` lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from discover.search.where.grammar import (
    ALIASES,
    CALLS_PER_REGEX,
    CASTS,
    COMMON_KEYS,
    COMPARISONS,
    DATE_PARTS,
    FUNCTIONS,
    MAX_CALLS,
    MAX_PATTERN_CHARS,
    REFUSED_NODES,
    SPECIAL_FUNCTIONS,
    SQL_TYPES,
    TIME_SPAN,
    TYPES,
)
from discover.search.where.messages import ALLOWED_SYNTAX, FORMAT_HINTS, refusal, shorten_line, suggest_names
from discover.search.where.parse import SELECT_PREFIX


@dataclass(frozen=True)
class Term:
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
class Translator:
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
            raise refusal(f"{term.words} is a {term.kind}, not a condition. Compare it, as in year >= 1990")
        return f"CAST({term.sql} AS BOOLEAN)"

    def write(self, node: Mapping[str, Any]) -> Term:
        """A node and all below it."""
        kind = str(node["class"])
        if kind in REFUSED_NODES:
            raise refusal(f"{self.words(node)} is {REFUSED_NODES[kind]}, which is not allowed. {ALLOWED_SYNTAX}")
        writers: Mapping[str, tuple[Callable[[Mapping[str, Any]], Term], str]] = {
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
        if write is None or not node.keys() <= COMMON_KEYS | set(keys.split()):
            raise refusal(f"{self.words(node)} has parts that are not allowed. {ALLOWED_SYNTAX}")
        return replace(write(node), words=self.words(node))

    def words(self, node: Mapping[str, Any]) -> str:
        """What the user wrote for a node, shortened."""
        start = int(node.get("query_location", 0)) - len(SELECT_PREFIX)  # in bytes
        length = int(node.get("query_location_length", 0))
        if start < 0 or not length:
            return str(node.get("function_name", shorten_line(self.expression)))
        return shorten_line(self.expression.encode()[start : start + length].decode(errors="replace"))

    def _constant(self, node: Mapping[str, Any]) -> Term:
        kind, text = node["literal"]["kind"], node["literal"].get("text", "")
        if kind in ("INTEGER", "NUMERIC"):
            number = float(text)
            if not np.isfinite(number):
                raise refusal(f"{shorten_line(text)} is too large for a number")
            return Term(f"({number!r}::DOUBLE)", "number", "")
        if kind == "STRING":
            return Term(_quote(text), "text", "", literal=text)
        if kind == "BOOLEAN" and text in ("true", "false"):
            return Term(text, "boolean", "")
        if kind == "NULL_LITERAL":
            return Term("NULL", "null", "")
        raise refusal(f"{self.words(node)} is not a number, text in quotes, true, false or NULL")

    def _column(self, node: Mapping[str, Any]) -> Term:
        name = ".".join(node["column_names"])
        if name == self.parameter:
            return Term("element", "text", "")
        if name not in self.kinds:
            same = [other for other in self.kinds if other.casefold() == name.casefold()]
            if len(same) > 1:
                raise refusal(f"{name} may be any of the columns {', '.join(same)}. Write one exactly, in quotes")
            if not same and (role := self.origins.get(name.casefold())):
                year = " (or year)" if role == "released" else ""
                raise refusal(f"the column {name} is called {role}{year} here. Write {role}{year} in its place")
            if not same:
                raise refusal(f"no column is called {name}. {suggest_names(name, self.kinds, 'columns')}")
            name = same[0]
        if self.kinds[name] == "other":
            raise refusal(f"column {name} holds neither text, lists of text, numbers, days nor true and false")
        return Term(self._use(name, self.kinds[name]), self.kinds[name], "", column=name)

    def _use(self, name: str, kind: str) -> str:
        return self.used.setdefault((name, kind), f"c{len(self.used)}")

    def _comparison(self, node: Mapping[str, Any]) -> Term:
        left, right = self._alike([self.write(node["left"]), self.write(node["right"])])
        return Term(f"({left.sql} {COMPARISONS[node['type']]} {right.sql})", "boolean", "")

    def _conjunction(self, node: Mapping[str, Any]) -> Term:
        word = {"CONJUNCTION_AND": " AND ", "CONJUNCTION_OR": " OR "}[node["type"]]
        return Term(f"({word.join(self._boolean(child) for child in node['children'])})", "boolean", "")

    def _between(self, node: Mapping[str, Any]) -> Term:
        value, low, high = self._alike([self.write(node[key]) for key in ("input", "lower", "upper")])
        return Term(f"({value.sql} BETWEEN {low.sql} AND {high.sql})", "boolean", "")

    def _case(self, node: Mapping[str, Any]) -> Term:
        whens = [self._boolean(check["when_expr"]) for check in node["case_checks"]]
        otherwise = {"class": "CONSTANT", "literal": {"kind": "NULL_LITERAL"}}
        results = [check["then_expr"] for check in node["case_checks"]] + [node.get("else_expr", otherwise)]
        *thens, last = self._alike([self.write(result) for result in results])
        checks = " ".join(f"WHEN {when} THEN {then.sql}" for when, then in zip(whens, thens, strict=True))
        return Term(f"(CASE {checks} ELSE {last.sql} END)", last.kind, "")

    def _cast(self, node: Mapping[str, Any]) -> Term:
        given, child = node["type_expr"], self.write(node["child"])
        name = ALIASES.get(str(given.get("type_name", "")).upper(), str(given.get("type_name", "")).upper())
        plain = given.keys() <= COMMON_KEYS | {"type_name", "qualified_name"}
        kind = TYPES.get(name) if plain else None
        if kind is None:
            known = ", ".join(TYPES)
            raise refusal(f"{self.words(node)} names an unknown type. Known types: {known}")
        if kind == "interval":
            if child.literal is None or not TIME_SPAN.fullmatch(child.literal):
                raise refusal(f"{self.words(node)} is not a span of time. Write INTERVAL '3 months'")
            return Term(f"CAST({child.sql} AS INTERVAL)", kind, "")
        read = self._as(child, kind)
        if read is None and child.literal is not None and not node.get("try_cast") and kind in ("date", "number"):
            raise refusal(f"{child.words} is not a {kind}{FORMAT_HINTS.get(kind, '')}")
        if read is None and (child.kind, kind) not in CASTS:
            raise refusal(f"{child.words} is a {child.kind} and cannot become a {kind}")
        cast = "TRY_CAST" if node.get("try_cast") else "CAST"
        sql = f"{cast}({read or child.sql} AS {name})"
        return Term(f"CAST({sql} AS DOUBLE)" if kind == "number" else sql, kind, "")

    def _operator(self, node: Mapping[str, Any]) -> Term:
        name, children = node["type"], node["children"]
        if name == "OPERATOR_NOT":
            return Term(f"(NOT {self._boolean(children[0])})", "boolean", "")
        terms = [self.write(child) for child in children]
        if name in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
            return Term(f"({terms[0].sql} {name.removeprefix('OPERATOR_').replace('_', ' ')})", "boolean", "")
        if name in ("COMPARE_IN", "COMPARE_NOT_IN"):
            if len(terms) == 2 and terms[1].kind == "list" and terms[0].kind != "list":
                inside = self._call("contains", terms[::-1]).sql
            else:
                value, *others = self._alike(terms)
                inside = f"({value.sql} IN ({', '.join(other.sql for other in others)}))"
            return Term(inside if name == "COMPARE_IN" else f"(NOT {inside})", "boolean", "")
        if name == "OPERATOR_COALESCE":
            alike = self._alike(terms)
            return Term(f"coalesce({', '.join(term.sql for term in alike)})", alike[0].kind, "")
        if name in ("ARRAY_EXTRACT", "ARRAY_SLICE") and 2 <= len(terms) <= 3 and terms[0].kind in ("text", "list"):
            places = [self._as(term, "whole") for term in terms[1:]]
            if None not in places:
                kind = "text" if name == "ARRAY_EXTRACT" else terms[0].kind
                return Term(f"({terms[0].sql})[{':'.join(map(str, places))}]", kind, "")
        raise refusal(f"{self.words(node)} is an operation that is not allowed. {ALLOWED_SYNTAX}")

    def _function(self, node: Mapping[str, Any]) -> Term:
        name = str(node["function_name"]).lower()
        if name not in FUNCTIONS and name not in SPECIAL_FUNCTIONS:
            known = suggest_names(name, [*FUNCTIONS, *SPECIAL_FUNCTIONS], "functions")
            raise refusal(f"unknown function {name}. {known}")
        arguments = node.get("arguments", [])
        plain = node.get("order_bys", {}).keys() <= {"type"} and len(node["qualified_name"]["path"]) == 1
        if not plain or any(argument.keys() != {"expression"} for argument in arguments):
            raise refusal(f"{self.words(node)} has parts that are not allowed. {ALLOWED_SYNTAX}")
        children = [argument["expression"] for argument in arguments]
        if name == "list_filter" and len(children) == 2 and children[1]["class"] == "LAMBDA":
            return self._filter(*children)
        return self._call(name, [self.write(child) for child in children])

    def _filter(self, elements: Mapping[str, Any], function: Mapping[str, Any]) -> Term:
        """list_filter(list, lambda name: ...); its condition runs once for each element, so lambdas do not nest."""
        written, names = self.write(elements), function["lhs"].get("column_names", [])
        if written.kind != "list" or len(names) != 1 or self.parameter is not None:
            raise refusal(
                f"{self.words(function)} must be a lambda of one name over a list, and not inside another lambda"
            )
        self.parameter = names[0]
        condition = self._boolean(function["expr"])
        self.parameter = None
        return Term(f"list_filter({written.sql}, lambda element: {condition})", "list", "")

    def _call(self, name: str, terms: Sequence[Term]) -> Term:
        """A function or operator by its signature."""
        self.calls += CALLS_PER_REGEX if name.startswith("regexp") else 1
        if self.calls > MAX_CALLS:
            raise refusal(
                f"it calls more than {MAX_CALLS} functions (a regular expression counts {CALLS_PER_REGEX}). "
                "Use IN, list_has_any or a|b"
            )
        if name in ("nullif", "if") and len(terms) == {"nullif": 2, "if": 3}[name]:
            tested = [self._as(terms[0], "boolean")] if name == "if" else []
            alike = self._alike(terms[len(tested) :])
            if None not in tested:
                return Term(
                    f"{name}({', '.join([*map(str, tested), *(other.sql for other in alike)])})", alike[0].kind, ""
                )
        if name == "list_value" and all(term.literal is not None for term in terms):  # of cells it could be huge
            return Term(f"CAST([{', '.join(term.sql for term in terms)}] AS VARCHAR[])", "list", "")
        for takes, gives in FUNCTIONS.get(name, []):
            written = [self._as(term, kind) for term, kind in zip(terms, takes, strict=False)]
            if len(terms) == len(takes) and None not in written:
                if name == "contains" and takes[0] == "list":
                    name = "list_contains"  # DuckDB 2.0.0 takes contains(list, '') for true, as it is of text
                return Term(_render(name, list(map(str, written)), gives), gives, "")
        given = ", ".join(f"{term.words} ({term.kind})" for term in terms) or "nothing"
        takes_ = " or ".join(f"({', '.join(takes)})" for takes, _ in FUNCTIONS.get(name, [])) or "values of one kind"
        raise refusal(f"{name} takes {takes_}, not {given}")

    def _boolean(self, node: Mapping[str, Any]) -> str:
        term = self.write(node)
        sql = self._as(term, "boolean")
        if sql is None:
            raise refusal(f"{term.words} is a {term.kind}, not a condition. Compare it, as in year >= 1990")
        return sql

    def _alike(self, terms: Sequence[Term]) -> list[Term]:
        """The terms as values of one kind: that of the first which cannot be read otherwise, else text."""
        kind = next((term.kind for term in terms if not term.open), "text")
        for term in terms:
            if self._as(term, kind) is None:
                other = next((like for like in terms if like.kind == kind), term)
                which = f"{term.words} ({term.kind}) does not go with {other.words} ({other.kind})"
                if term.kind != "list" and kind == "list":
                    raise refusal(f"{which}. Ask whether it is in the list: {term.words} IN {other.words}")
                raise refusal(f"{which}{FORMAT_HINTS.get(kind, '')}")
        return [replace(term, sql=str(self._as(term, kind)), kind=kind) for term in terms]

    def _as(self, term: Term, kind: str) -> str | None:
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
        values = self.reading(name, kind)
        if len(values) and values.null_count == len(values) and any(map(str.strip, _texts(self.reading(name, "text")))):
            what = {"number": "numbers", "date": "days"}[kind]
            raise refusal(f"column {name} holds text without any {what}. Compare it with text in single quotes")
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


def _literal(term: Term, kind: str) -> str | None:
    """A pattern or the name of a part of a date: text that stands in the expression itself."""
    if term.literal is None:
        return None
    if kind == "part" and term.literal.lower() not in DATE_PARTS:
        raise refusal(
            f"{term.words} is not a part of a date. {suggest_names(term.literal.lower(), DATE_PARTS, 'parts')}"
        )
    if len(term.literal) > MAX_PATTERN_CHARS:
        raise refusal(f"a pattern has {len(term.literal):,} characters, at most {MAX_PATTERN_CHARS:,} are allowed")
    return term.sql


def _texts(column: pa.Array) -> Iterator[str]:
    return (text for text in pc.unique(column).to_pylist() if text is not None)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
