"""Sections to a report: one self-contained HTML file, and the same facts as JSON.

    report = discover.report.make(night)
    report.html     one file, no network: styles, script, pictures and the dots of the map are inside
    report.facts    what `report.json` holds: {"title", "created", "source", "sections": {name: facts}}

The same night gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from discover import plugins, sections
from discover.nouns import Night, Report
from discover.sections.base import Section, environment, source_name, tidy


@dataclass(frozen=True)
class _Written:
    """A section as the page takes it."""

    name: str
    heading: str
    html: Markup


def make(night: Night) -> Report:
    """The night's report."""
    chosen = ordered()
    facts = {name: tidy(section.facts(night)) for name, section in chosen.items()}
    written = [
        _Written(name, section.heading, section.html(facts[name], tidy(section.assets(night, facts[name]))))
        for name, section in chosen.items()
    ]
    head = tidy({"title": source_name(night.catalog.source), "created": night.created, "source": night.catalog.source})
    script = "\n".join(section.script for section in chosen.values() if section.script)
    return Report(_page(head["title"], written, script), head | {"sections": facts})


def ordered() -> dict[str, Section]:
    """The sections by name, in the order in which they appear."""
    found: dict[str, Section] = {name: plugins.load(sections, name) for name in plugins.names(sections)}
    return dict(sorted(found.items(), key=lambda each: (each[1].order, each[0])))


def _page(title: str, written: list[_Written], script: str) -> str:
    values: dict[str, Any] = {
        "title": title,
        "sections": written,
        "style": Markup(_file("_page.css")),
        "script": Markup(script),
        "policy": _policy(script),
    }
    return environment().from_string(_file("_page.html")).render(values)


def _policy(script: str) -> str:
    """A Content-Security-Policy under which only our own script runs and nothing is fetched."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _file(name: str) -> str:
    return files("discover.sections").joinpath(name).read_text(encoding="utf-8")
