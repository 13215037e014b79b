"""Themes that are new, came apart, grew together, went to sleep or came back since the night before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import EVENT_WORDS, Event, RunResults
from discover.core.words import listed
from discover.report.sections import _found
from discover.report.sections._words import quoted
from discover.report.sections.base import Section, evidence

FEW = 2  # titles that an event names


@dataclass(frozen=True)
class Changed(Section):
    """News of the ledger."""

    order: ClassVar[int] = 30
    heading: ClassVar[str] = "New, split, merged, returned"
    executive: ClassVar[bool] = True
    how: ClassVar[Mapping[str, str]] = {
        "themes": "themes/named.json: different ids",
        "continued": "ledger/events.parquet: continued in this version, confidence of at least .5",
        "size": "items of the theme in themes/members.npy",
        "arrived": "items that are -1 in catalog_diff/places.npy and have the theme's number in themes/members.npy",
        "away": "versions from the one whose events (ledger/events.parquet) say that it went to this one",
        "confidence": "ledger/events.parquet (what it is the share of: discover.ledger.match)",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """The events of the night, with what else they name."""
        names = results.labels
        events: list[dict[str, Any]] = []
        parents = {theme.id: names.get(theme.parent or "") for theme in results.named}
        for event in _found.news(results):
            theme = results.by_id.get(event.theme)
            items = _found.members(results, theme) if theme else []
            others = [quoted(names.get(id, id)) for id in event.others]
            events.append(
                {
                    "key": f"{event.kind}-{event.theme}",
                    "kind": event.kind,
                    "kind_words": EVENT_WORDS[event.kind].label,
                    "theme": event.theme,
                    "label": names.get(event.theme, event.theme),
                    "within": parents.get(event.theme),
                    "linked": theme is not None,
                    "others": list(event.others),
                    "sentence": _sentence(event.kind, others),
                    "size": theme.size if theme else None,
                    "away": _away(results, event),
                    "examples": [{"id": item.id, "title": item.title} for item in theme.exemplars[:FEW]]
                    if theme
                    else [],
                    "confidence": event.confidence,
                    "evidence": evidence(items),
                }
            )
        events.sort(key=lambda each: (list(EVENT_WORDS).index(each["kind"]), -(each["size"] or 0), -each["confidence"]))
        earlier = any(event.version < results.number for event in results.ledger.events)
        tonight = [
            event for event in results.ledger.events if event.version == results.number and event.confidence >= 0.5
        ]
        return {
            "first": not earlier,
            "themes": len({theme.id for theme in results.named}),
            "arrivals": [
                {"id": theme.id, "label": theme.label, "arrived": len(came), "evidence": evidence(came)}
                for theme, came in _found.arrivals(results)
            ],
            "continued": sum(event.kind == "continued" for event in tonight),
            "events": events,
        }


def _away(results: RunResults, event: Event) -> int | None:
    """For how many nights a theme that came back was gone."""
    if event.kind != "returned":
        return None
    gone = [each.version for each in results.ledger.events if each.theme == event.theme and each.kind == "dormant"]
    return results.number - max(gone) if gone else None


def _sentence(kind: str, others: list[str]) -> str:
    """What happened, after the theme's name."""
    if kind == "split":
        return f"lost {listed(others)}, now {'a theme of its' if len(others) == 1 else 'themes of their'} own."
    if kind == "merged":
        return f"absorbed {listed(others)}."
    return {
        "born": "was not in the last run.",
        "returned": "is back.",
        "dormant": "was not found in this run. Its items are spread over other themes.",
        "died": "will not return. Its items left the catalog, or it was dormant for too long.",
    }[kind]
