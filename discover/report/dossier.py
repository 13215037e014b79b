"""A comparison as people hand it around: one self-contained HTML page, or Markdown, from the same object.

    dossier = engine.compare(["tt0078748", "tt0090605"])
    discover.report.dossier.html(dossier)        discover.report.dossier.markdown(dossier)

What items say is escaped in both: nothing in a title can start markup or end a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from markupsafe import Markup

from discover.core.types import Dossier, Evidence, Explanation, plain
from discover.core.words import above, day, listed
from discover.report import posters as _posters
from discover.report.sections._page import Written, page
from discover.report.sections.base import environment, read, source_name, tidy

IN_FULL = 20  # pairs that are explained, closest first
REASONS = 6  # pieces of evidence shown for a pair
DIFFERENCES = 6
LEAST = 0.05  # evidence that adds less is not shown
SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#])")  # what may mean something to Markdown inside a line
ROLES = {
    "people": "person",
    "genres": "genre",
    "keywords": "keyword",
    "released": "time",
}  # as one value of it is called; other roles are called what they are


def facts(dossier: Dossier) -> dict[str, Any]:
    """What both forms are drawn from, JSON-ready."""
    names = {item.id: item.title for item in dossier.items}
    numbers = {item.id: number for number, item in enumerate(dossier.items, 1)}
    scores = {frozenset((pair.a, pair.b)): pair.score for pair in dossier.pairs}
    widest = max((abs(part) for pair in dossier.pairs for part in pair.parts.values()), default=1.0) or 1.0
    everywhere = [trait for trait in dossier.traits if len(trait.items) == len(dossier.items)]
    told: dict[str, Any] = tidy(
        {
            "title": _title([item.title for item in dossier.items]),
            "source": source_name(dossier.source),
            "version": dossier.version,
            "created": dossier.created,
            "weights": {space: weight for space, weight in dossier.weights.items() if weight},
            "paragraph": _paragraph(dossier, names, [trait.text for trait in everywhere]),
            "items": [
                plain(item)
                | {
                    "number": numbers[item.id],
                    "scores": [
                        None if other.id == item.id else scores[frozenset((item.id, other.id))]
                        for other in dossier.items
                    ],
                }
                for item in dossier.items
            ],
            "traits": [
                {
                    "role": ROLES.get(trait.role, trait.role),
                    "text": trait.text,
                    "all": len(trait.items) == len(dossier.items),
                    "numbers": [numbers[id] for id in trait.items],
                    "titles": [names[id] for id in trait.items],
                }
                for trait in dossier.traits
            ],
            "pairs": [_pair(pair, names, widest) for pair in dossier.pairs[:IN_FULL]],
            "more_pairs": max(0, len(dossier.pairs) - IN_FULL),
        }
    )
    return told


def _title(titles: Sequence[str]) -> str:
    """Two titles, or the first two and how many more."""
    more = f" and {len(titles) - 2} more" if len(titles) > 2 else ""
    return f"{titles[0]}, {titles[1]}{more}" if more else f"{titles[0]} and {titles[1]}"


def _paragraph(dossier: Dossier, names: Mapping[str, str], everywhere: Sequence[str]) -> str:
    """The comparison in a few sentences."""
    said = [
        f"All share {listed(everywhere, 6)}."
        if everywhere
        else "No genre, person or other value is shared by all of them."
    ]
    known = [pair for pair in dossier.pairs if pair.score == pair.score]
    if known:
        best = known[0]
        why = f" ({best.why})" if best.why else ""
        rare = f"closer than {above(best.percentile)} of unrelated pairs"
        if len(dossier.items) == 2:
            said.append(f"They score {best.score:.1f}, {rare}{why}.")
        else:
            said.append(f"Closest are “{names[best.a]}” and “{names[best.b]}” at {best.score:.1f}, {rare}{why}.")
            least = known[-1]
            said.append(f"Least alike are “{names[least.a]}” and “{names[least.b]}” at {least.score:.1f}.")
    return " ".join(said)


def _pair(pair: Explanation, names: Mapping[str, str], widest: float) -> dict[str, Any]:
    """A pair as it is shown: parts as bars (`widest` is full), the strongest evidence, the main differences."""
    against = {each.text for each in pair.differences}
    shown = [
        each
        for each in pair.evidence
        if each.kind not in ("cohort", "together") and each.amount >= LEAST and each.text not in against
    ]
    return {
        "titles": pair.titles,
        "score": pair.score,
        "percentile": pair.percentile,
        "above": "" if isnan(pair.percentile) else above(pair.percentile),
        "why": pair.why,
        "themes": list(pair.themes.values()),
        "missing": pair.missing,
        "parts": [
            {"space": space, "amount": part, "width": abs(part) / widest, "against": part < 0}
            for space, part in pair.parts.items()
        ],
        "evidence": [_reason(each, names) for each in shown[:REASONS]],
        "more": len(shown[REASONS:]),
        "differences": [
            {"title": names.get(each.item, ""), "role": ROLES.get(each.role, each.role), "text": each.text}
            for each in _balanced(pair)
        ],
    }


def _balanced(pair: Explanation) -> list[Any]:
    """The main differences: what lies between, then both sides in turn, a sentence of each last."""
    values = [each for each in pair.differences if each.role != "description"][:DIFFERENCES]
    return values + [each for each in pair.differences if each.role == "description"]


def _reason(each: Evidence, names: Mapping[str, str]) -> dict[str, Any]:
    what = {"word": "word", "sentence": "says", "picture": "picture"}.get(each.kind, ROLES.get(each.role, each.role))
    return {"what": what, "text": each.text, "amount": each.amount, "title": names.get(each.item, "")}


# --- HTML --------------------------------------------------------------------------------------------------


def html(dossier: Dossier) -> str:
    """One HTML file: no network, nothing that runs."""
    told = facts(dossier)
    pictures = _posters.embed([item.image] for item in dossier.items if item.image)
    posters = [pictures.get(item.image or "") for item in dossier.items]
    filled = environment().from_string(read("dossier.html", "discover.report")).module
    parts = (("dossier", ""), ("shared", "What they share"), ("close", "How close they are"), ("pairs", "Pair by pair"))
    written = [
        Written(name, heading, Markup(getattr(filled, name)(told, posters)))
        for name, heading in parts
        if name != "close" or len(dossier.items) > 2  # two have one score, which their pair shows
    ]
    return page(told["title"], written, styles=(read("dossier.css", "discover.report"),))


# --- Markdown ----------------------------------------------------------------------------------------------


def markdown(dossier: Dossier) -> str:
    """Markdown with tables as GitHub renders them."""
    told = facts(dossier)
    lines = [f"# {_plain(told['title'])}", "", _plain(told["paragraph"]), ""]
    lines += _table(
        ("", "title", "id", "year", "theme", "closeness", "only here"),
        [
            (
                str(item["number"]),
                item["title"],
                item["id"],
                str(item["year"] or ""),
                " › ".join(item["themes"]),
                _score(item["closeness"]),
                ", ".join(item["apart"]),
            )
            for item in told["items"]
        ],
    )
    lines += ["## What they share", ""]
    if told["traits"]:
        lines += _table(
            ("", "what", "who"),
            [
                (trait["role"], trait["text"], "all" if trait["all"] else ", ".join(map(str, trait["numbers"])))
                for trait in told["traits"]
            ],
        )
    else:
        lines += ["No two of them share a theme, a value or a distinctive word.", ""]
    if len(told["items"]) > 2:
        lines += ["## How close they are", ""]
        heads = ("", *(str(item["number"]) for item in told["items"]))
        rows = [
            (f"{item['number']} {item['title']}", *("" if s is None else _score(s) for s in item["scores"]))
            for item in told["items"]
        ]
        lines += _table(heads, rows)
    lines += ["## Pair by pair", ""]
    for pair in told["pairs"]:
        lines += _pair_lines(pair)
    if told["more_pairs"]:
        lines += [f"{told['more_pairs']} more pairs are only in the table of scores.", ""]
    weights = ", ".join(f"{space} {weight:g}" for space, weight in told["weights"].items())
    made = f"From {told['source']}, version {told['version']} of {day(told['created'])}, weights: {weights}"
    return "\n".join([*lines, _plain(made), ""])


def _pair_lines(pair: Mapping[str, Any]) -> list[str]:
    lines = [f"### {_plain(pair['titles'][0])} · {_plain(pair['titles'][1])}", ""]
    parts = ", ".join(f"{part['space']} {_score(part['amount'])}" for part in pair["parts"])
    missing = f" (nothing known by {listed(pair['missing'], len(pair['missing']))})" if pair["missing"] else ""
    score = "not comparable" if pair["score"] is None else f"Score {_score(pair['score'])}: {parts}{missing}"
    lines += [_plain(score), ""]
    for each in pair["evidence"]:
        whose = f" {each['title']}" if each["title"] else ""
        lines.append(f"- {_plain(_score(each['amount']))} {_plain(each['what'] + whose)}: {_plain(each['text'])}")
    for each in pair["differences"]:
        whose = f"only {each['title']}, {each['role']}" if each["title"] else f"between them, {each['role']}"
        if each["role"] == "description":
            whose = f"{each['title']}, least like the other"
        lines.append(f"- {_plain(whose)}: {_plain(each['text'])}")
    return [*lines, ""]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    return [*lines, *("| " + " | ".join(map(_plain, row)) + " |" for row in rows), ""]


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing but text, on one line that something else has begun."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _score(value: float | None) -> str:
    return "?" if value is None else f"{value:+.2f}"
