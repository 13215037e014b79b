"""From the text of a filter to DuckDB's tree of it, and refusals of what should not even be parsed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from discover.search.where.grammar import MAX_BRACKET_DEPTH, MAX_EXPRESSION_CHARS
from discover.search.where.messages import first_line, refusal, shorten_line

if TYPE_CHECKING:
    import duckdb

SELECT_PREFIX = "SELECT "


def parse(connection: duckdb.DuckDBPyConnection, expression: str) -> dict[str, Any]:
    """The tree of an expression, and of nothing else than one expression."""
    _check_text(expression)
    query = "SELECT json_serialize_sql(?, skip_default := true, skip_empty := true, skip_null := true)"
    ((answer,),) = connection.execute(query, [SELECT_PREFIX + expression]).fetchall()
    parsed = json.loads(answer)
    if parsed["error"]:
        place = int(parsed["position"]) - len(SELECT_PREFIX) if "position" in parsed else None
        behind = expression.encode()[place:].decode(errors="replace") if place is not None else ""
        where = f" at character {len(expression) - len(behind) + 1}: {shorten_line(behind)}" if behind else ""
        raise refusal(f"{first_line(parsed['error_message'])}{where}. Write a condition such as year >= 1990")
    node = parsed["statements"][0]["node"]
    plain = {"type": "SELECT_NODE", "cte_map": {}, "from_table": {"type": "EMPTY"}}
    plain["aggregate_handling"] = "STANDARD_HANDLING"
    terms = node.pop("select_list", [])
    node.get("from_table", {}).pop("query_location", None)
    if len(parsed["statements"]) != 1 or node != plain or len(terms) != 1 or "alias" in terms[0]:
        what = "is not a single condition. Leave out SELECT, FROM, WHERE, AS, ORDER BY, LIMIT, UNION and lists"
        raise refusal(f"{shorten_line(expression)} {what}")
    tree: dict[str, Any] = terms[0]
    return tree


def _marker(quoted: re.Match[str]) -> str:
    """What stands for something in quotes: NUL for a text."""
    return "\0" if quoted.group().startswith("'") else " "


def _check_text(expression: str) -> None:
    """Refuses what should not even be parsed."""
    if len(expression) > MAX_EXPRESSION_CHARS:
        raise refusal(f"it has {len(expression):,} characters, at most {MAX_EXPRESSION_CHARS:,} are allowed")
    if not expression.strip():
        raise refusal("it is empty. Write a condition such as year >= 1990")
    if "\x00" in expression or any("\ud800" <= letter <= "\udfff" for letter in expression):
        raise refusal("it holds characters that are not text. Remove them")
    outside = re.sub(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""", lambda quoted: quoted.group()[0], expression)
    for sign, what in ((";", "a second statement"), ("--", "a comment"), ("/*", "a comment"), ("$", "a parameter")):
        if sign in outside:
            raise refusal(f"{sign} starts {what}, which is not allowed. Leave it out")
    stray = re.sub(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""", _marker, expression)
    if "'" in stray or re.search(r"\0\w", stray):
        raise refusal("a single quote is not closed, or stands inside a text. Write it twice there: 'Ocean''s Eleven'")
    if prefix := re.search(r"\b(?:[ebxu]|u&)'", outside, re.IGNORECASE):
        raise refusal(f"{prefix.group()} starts a text with escapes. Write plain quotes, with '' for a quote in it")
    depth = 0
    for bracket in re.findall(r"[(\[{}\])]", outside):
        depth += 1 if bracket in "([{" else -1
        if depth < 0 or depth > MAX_BRACKET_DEPTH:
            break
    if depth > MAX_BRACKET_DEPTH:
        raise refusal(f"its brackets are nested more than {MAX_BRACKET_DEPTH} deep. Simplify it")
    if depth:
        raise refusal("a bracket is not closed" if depth > 0 else "a bracket is closed that is not open")
