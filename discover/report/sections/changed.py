"""Themes that are new, came apart, grew together, went to sleep or came back since the last run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import EVENT_WORDS, LIKELY_CONFIDENCE, Event, RunResults
from discover.report.sections import _facts
from discover.report.sections._words import quoted
from discover.report.sections.base import Section, evidence

MAX_EXAMPLES = 2  # titles that an event names


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
        """The events of the run, with what else they name."""
        names = results.labels
        events: list[dict[str, Any]] = []
        parents = {theme.id: names.get(theme.parent or "") for theme in results.named}
        for event in _facts.news(results):
            theme = results.by_id.get(event.theme)
            items = _facts.members(results, theme) if theme else []
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
                    "sentence": EVENT_WORDS[event.kind].describe(others),
                    "size": theme.size if theme else None,
                    "away": _away(results, event),
                    "examples": [{"id": item.id, "title": item.title} for item in theme.exemplars[:MAX_EXAMPLES]]
                    if theme
                    else [],
                    "confidence": event.confidence,
                    "evidence": evidence(items),
                }
            )
        events.sort(
            key=lambda entry: (list(EVENT_WORDS).index(entry["kind"]), -(entry["size"] or 0), -entry["confidence"])
        )
        earlier = any(event.version < results.number for event in results.ledger.events)
        latest = [
            event
            for event in results.ledger.events
            if event.version == results.number and event.confidence >= LIKELY_CONFIDENCE
        ]
        return {
            "first": not earlier,
            "themes": len({theme.id for theme in results.named}),
            "arrivals": [
                {"id": theme.id, "label": theme.label, "arrived": len(came), "evidence": evidence(came)}
                for theme, came in _facts.arrivals(results)
            ],
            "continued": sum(event.kind == "continued" for event in latest),
            "events": events,
        }


def _away(results: RunResults, event: Event) -> int | None:
    """For how many runs a theme that came back was gone."""
    if event.kind != "returned":
        return None
    events = (other for other in results.ledger.events if other.theme == event.theme)
    gone = [other.version for other in events if other.kind == "dormant"]
    return results.number - max(gone) if gone else None
