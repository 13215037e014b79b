"""Sections to a report: one self-contained HTML file, and the same facts as JSON.

    report = discover.report.make(night)
    report.html     one file, no network: styles, script, pictures and the dots of the map are inside
    report.facts    what `report.json` holds: {"title", "created", "source", "sections": {name: facts}}

The same night gives the same bytes.
"""

from __future__ import annotations

from discover import plugins, sections
from discover.nouns import Night, Report
from discover.sections._page import Written, page
from discover.sections.base import Section, source_name, tidy


def make(night: Night) -> Report:
    """The night's report."""
    chosen = ordered()
    facts = {name: tidy(section.facts(night)) for name, section in chosen.items()}
    written = [
        Written(name, section.heading, section.html(facts[name], tidy(section.assets(night, facts[name]))))
        for name, section in chosen.items()
    ]
    head = tidy({"title": source_name(night.catalog.source), "created": night.created, "source": night.catalog.source})
    script = "\n".join(section.script for section in chosen.values() if section.script)
    return Report(page(head["title"], written, script), head | {"sections": facts})


def ordered() -> dict[str, Section]:
    """The sections by name, in the order in which they appear."""
    found: dict[str, Section] = {name: plugins.load(sections, name) for name in plugins.names(sections)}
    return dict(sorted(found.items(), key=lambda each: (each[1].order, each[0])))
