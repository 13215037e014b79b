"""What one report says otherwise than another: by fact where both mark their facts, by line otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from itertools import zip_longest
from typing import Any

from discover.core.types import Mismatch
from discover.core.words import shorten

SHOWN_CHARS = 80  # of what differs
SHOWN_LINES = 5  # where no fact differs
NOTHING = "nothing"


class _Missing:
    """What is not there."""


def compare_json(reported: Mapping[str, Any], computed: Mapping[str, Any]) -> list[Mismatch]:
    """The differences of two contents of `report.json`, by the names of facts and claims."""
    return list(_compare(_by_name(reported), _by_name(computed), ""))


def compare_text(reported: str, computed: str) -> list[Mismatch]:
    """Every fact that two pages show differently, or else the first lines that differ."""
    if reported == computed:
        return []
    theirs, ours = _read_facts(reported), _read_facts(computed)
    facts = [fact for fact in dict.fromkeys([*ours, *theirs]) if theirs.get(fact) != ours.get(fact)]
    if facts:
        return [Mismatch(fact, _join(theirs.get(fact)), _join(ours.get(fact))) for fact in facts]
    lines = zip_longest(reported.splitlines(), computed.splitlines(), fillvalue="")
    pairs = [(number, *pair) for number, pair in enumerate(lines, 1) if pair[0] != pair[1]]
    return [Mismatch(f"line {number}", *_cut_around(one, other)) for number, one, other in pairs[:SHOWN_LINES]]


def _by_name(content: Any) -> Any:
    """The content of a report, its claims by their names."""
    if not isinstance(content, Mapping) or not isinstance(content.get("claims"), list):
        return content
    claims = {
        claim.get("name", place) if isinstance(claim, Mapping) else place: claim
        for place, claim in enumerate(content["claims"])
    }
    return {**content, "claims": claims}


def _compare(reported: Any, computed: Any, name: str) -> Iterator[Mismatch]:
    if isinstance(reported, Mapping) and isinstance(computed, Mapping):
        for key in dict.fromkeys([*computed, *reported]):
            inner = key if name in ("", "sections") else f"{name}.{key}"
            yield from _compare(reported.get(key, _Missing), computed.get(key, _Missing), str(inner))
    elif isinstance(reported, list) and isinstance(computed, list) and len(reported) == len(computed):
        for place, pair in enumerate(zip(reported, computed, strict=True)):
            yield from _compare(*pair, f"{name}.{place}")
    elif type(reported) is not type(computed) or reported != computed:
        yield Mismatch(name, _show(reported), _show(computed))


def _show(value: Any) -> str:
    text = NOTHING if value is _Missing else value if isinstance(value, str) else json.dumps(value)
    return shorten(text, SHOWN_CHARS)


def _join(texts: list[str] | None) -> str:
    return _show(_Missing if texts is None else " ".join(texts))


def _cut_around(one: str, other: str) -> tuple[str, str]:
    """Two lines from a little before the place where they part."""
    pairs = enumerate(zip(one, other, strict=False))
    parting = next((place for place, pair in pairs if pair[0] != pair[1]), min(len(one), len(other)))
    start = max(0, parting - SHOWN_CHARS // 4)
    return one[start : start + SHOWN_CHARS], other[start : start + SHOWN_CHARS]


def _read_facts(page: str) -> dict[str, list[str]]:
    """What a page says of each fact that it marks: its value, and its text."""
    parser = _FactParser()
    parser.feed(page)
    return parser.facts


class _FactParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.facts: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if fact := values.get("data-fact"):
            self._open.append((tag, fact))
            self.facts.setdefault(fact, []).append(f"({values['value']})" if "value" in values else "")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for _, fact in self._open:
            self.facts[fact][-1] += data
