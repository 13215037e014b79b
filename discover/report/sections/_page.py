"""The page that a report and a dossier share: styles, tokens and the policy under which nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from discover.report.sections.base import environment, read

STYLES = ("_tokens.css", "_page.css")


@dataclass(frozen=True)
class Written:
    """A section as the page takes it; the first brings its own heading."""

    name: str
    heading: str
    html: Markup


def page(
    title: str,
    written: Sequence[Written],
    script: str = "",
    styles: Sequence[str] = (),
    about: Mapping[str, str] | None = None,
    brief: bool = False,
) -> str:
    """One self-contained HTML file; `styles` are style sheets that come after those of every page.

    `about` is what its head says of it, by name; a `brief` one is set closer in print.
    """
    values: dict[str, Any] = {
        "title": title,
        "sections": written,
        "style": Markup("\n".join((*map(read, STYLES), *styles))),
        "script": Markup(script),
        "about": list((about or {}).items()),
        "brief": brief,
        "policy": _policy(script),
    }
    return environment().from_string(read("_page.html")).render(values)


def _policy(script: str) -> str:
    """A Content-Security-Policy under which only our own script runs and nothing is fetched."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
