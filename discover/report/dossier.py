"""A comparison as people hand it around: one self-contained HTML page, or Markdown, from the same object.

    dossier = engine.compare(["tt0078748", "tt0090605"])
    discover.report.dossier.html(dossier)        discover.report.dossier.markdown(dossier)

What items say is escaped in both: nothing in a title can start markup or end a cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from markupsafe import Markup

from discover.core.types import Dossier, Evidence, Explanation, plain
from discover.core.words import above, day, listed
from discover.report.posters import embed
from discover.report.sections._page import Written, page
from discover.report.sections._words import MARKDOWN_SPECIAL
from discover.report.sections.base import environment, read, source_name, tidy

MAX_PAIRS = 20  # pairs that are explained, closest first
MAX_REASONS = 6  # pieces of evidence shown for a pair
MAX_DIFFERENCES = 6
MIN_AMOUNT = 0.05  # evidence that adds less is not shown
ROLE_NAMES = {
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
    content: dict[str, Any] = tidy(
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
                    "role": ROLE_NAMES.get(trait.role, trait.role),
                    "text": trait.text,
                    "all": len(trait.items) == len(dossier.items),
                    "numbers": [numbers[id] for id in trait.items],
                    "titles": [names[id] for id in trait.items],
                }
                for trait in dossier.traits
            ],
            "pairs": [_pair(pair, names, widest) for pair in dossier.pairs[:MAX_PAIRS]],
            "more_pairs": max(0, len(dossier.pairs) - MAX_PAIRS),
        }
    )
    return content


def _title(titles: Sequence[str]) -> str:
    """Two titles, or the first two and how many more."""
    more = f" and {len(titles) - 2} more" if len(titles) > 2 else ""
    return f"{titles[0]}, {titles[1]}{more}" if more else f"{titles[0]} and {titles[1]}"


def _paragraph(dossier: Dossier, names: Mapping[str, str], everywhere: Sequence[str]) -> str:
    """The comparison in a few sentences."""
    sentences = [
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
            sentences.append(f"They score {best.score:.1f}, {rare}{why}.")
        else:
            sentences.append(f"Closest are “{names[best.a]}” and “{names[best.b]}” at {best.score:.1f}, {rare}{why}.")
            least = known[-1]
            sentences.append(f"Least alike are “{names[least.a]}” and “{names[least.b]}” at {least.score:.1f}.")
    return " ".join(sentences)


def _pair(pair: Explanation, names: Mapping[str, str], widest: float) -> dict[str, Any]:
    """A pair as it is shown: parts as bars (`widest` is full), the strongest evidence, the main differences."""
    against = {gap.text for gap in pair.differences}
    shown = [
        term
        for term in pair.evidence
        if term.kind not in ("cohort", "together") and term.amount >= MIN_AMOUNT and term.text not in against
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
        "evidence": [_reason(reason, names) for reason in shown[:MAX_REASONS]],
        "more": len(shown[MAX_REASONS:]),
        "differences": [
            {"title": names.get(gap.item, ""), "role": ROLE_NAMES.get(gap.role, gap.role), "text": gap.text}
            for gap in _balanced(pair)
        ],
    }


def _balanced(pair: Explanation) -> list[Any]:
    """The main differences: what lies between, then both sides in turn, a sentence of each last."""
    values = [gap for gap in pair.differences if gap.role != "description"][:MAX_DIFFERENCES]
    return values + [gap for gap in pair.differences if gap.role == "description"]


def _reason(term: Evidence, names: Mapping[str, str]) -> dict[str, Any]:
    what = {"word": "word", "sentence": "says", "picture": "picture"}.get(
        term.kind, ROLE_NAMES.get(term.role, term.role)
    )
    return {"what": what, "text": term.text, "amount": term.amount, "title": names.get(term.item, "")}


# --- HTML --------------------------------------------------------------------------------------------------


def html(dossier: Dossier) -> str:
    """One HTML file: no network, nothing that runs."""
    content = facts(dossier)
    pictures = embed([item.image] for item in dossier.items if item.image)
    posters = [pictures.get(item.image or "") for item in dossier.items]
    filled = environment().from_string(read("dossier.html", "discover.report")).module
    parts = (("dossier", ""), ("shared", "What they share"), ("close", "How close they are"), ("pairs", "Pair by pair"))
    written = [
        Written(name, heading, Markup(getattr(filled, name)(content, posters)))
        for name, heading in parts
        if name != "close" or len(dossier.items) > 2  # two have one score, which their pair shows
    ]
    return page(content["title"], written, styles=(read("dossier.css", "discover.report"),))


# --- Markdown ----------------------------------------------------------------------------------------------


def markdown(dossier: Dossier) -> str:
    """Markdown with tables as GitHub renders them."""
    content = facts(dossier)
    lines = [f"# {_plain(content['title'])}", "", _plain(content["paragraph"]), ""]
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
            for item in content["items"]
        ],
    )
    lines += ["## What they share", ""]
    if content["traits"]:
        lines += _table(
            ("", "what", "who"),
            [
                (trait["role"], trait["text"], "all" if trait["all"] else ", ".join(map(str, trait["numbers"])))
                for trait in content["traits"]
            ],
        )
    else:
        lines += ["No two of them share a theme, a value or a distinctive word.", ""]
    if len(content["items"]) > 2:
        lines += ["## How close they are", ""]
        heads = ("", *(str(item["number"]) for item in content["items"]))
        rows = [
            (f"{item['number']} {item['title']}", *("" if s is None else _score(s) for s in item["scores"]))
            for item in content["items"]
        ]
        lines += _table(heads, rows)
    lines += ["## Pair by pair", ""]
    for pair in content["pairs"]:
        lines += _pair_lines(pair)
    if content["more_pairs"]:
        lines += [f"{content['more_pairs']} more pairs are only in the table of scores.", ""]
    weights = ", ".join(f"{space} {weight:g}" for space, weight in content["weights"].items())
    source = f"From {content['source']}, version {content['version']} of {day(content['created'])}, weights: {weights}"
    return "\n".join([*lines, _plain(source), ""])


def _pair_lines(pair: Mapping[str, Any]) -> list[str]:
    lines = [f"### {_plain(pair['titles'][0])} · {_plain(pair['titles'][1])}", ""]
    parts = ", ".join(f"{part['space']} {_score(part['amount'])}" for part in pair["parts"])
    missing = f" (nothing known by {listed(pair['missing'], len(pair['missing']))})" if pair["missing"] else ""
    score = "not comparable" if pair["score"] is None else f"Score {_score(pair['score'])}: {parts}{missing}"
    lines += [_plain(score), ""]
    for reason in pair["evidence"]:
        whose = f" {reason['title']}" if reason["title"] else ""
        lines.append(f"- {_plain(_score(reason['amount']))} {_plain(reason['what'] + whose)}: {_plain(reason['text'])}")
    for gap in pair["differences"]:
        whose = f"only {gap['title']}, {gap['role']}" if gap["title"] else f"between them, {gap['role']}"
        if gap["role"] == "description":
            whose = f"{gap['title']}, least like the other"
        lines.append(f"- {_plain(whose)}: {_plain(gap['text'])}")
    return [*lines, ""]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    return [*lines, *("| " + " | ".join(map(_plain, row)) + " |" for row in rows), ""]


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing but text, on one line that something else has begun."""
    return MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _score(value: float | None) -> str:
    return "?" if value is None else f"{value:+.2f}"
