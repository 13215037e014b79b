"""Sections to a report: one self-contained HTML file, the same facts as JSON with every number as a claim, Markdown,
a page for mail, and PDF.

    report = discover.report.make(night)
    report.html     one file, no network: styles, script, pictures and the dots of the map are inside
    report.facts    what `report.json` holds: {"title", "created", "source", "version", "sections", "claims"}

Each form says the same, in full or as the executive one, which has the sections that call for a decision. The same
night gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from typing import Any

from discover.core import plugins
from discover.core.errors import UsageError
from discover.core.types import Report, RunResults, plain
from discover.ledger import hidden
from discover.report import sections
from discover.report.sections import _mail
from discover.report.sections._page import Written, page
from discover.report.sections.base import Section, claims, source_name, tidy, without_evidence

PDF_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"  # they bring the rest, a font among it
VERSION, FORM = "discover-version", "discover-form"  # what the head of a page says of it


def make(results: RunResults) -> Report:
    """The night's report, in full."""
    found = _facts(results)
    listed = [claim for name, section in ordered().items() for claim in claims(section, found[name])]
    content = _head(results) | {"sections": without_evidence(found), "claims": tidy(listed)}
    return Report(html(results), content)


def html(results: RunResults, executive: bool = False, still: bool = False) -> str:
    """One page; the executive one has no script and no map, one that stands `still` no script and a drawn map."""
    results = hidden.drop_hidden(results)
    chosen, found = _chosen(executive), _facts(results)
    written = [
        Written(
            name,
            section.heading,
            section.html(found[name], tidy(section.assets(results, found[name], still)), executive),
        )
        for name, section in chosen.items()
    ]
    script = "" if still else "\n".join(section.script for section in chosen.values() if section.script)
    form = "executive" if executive else "full"
    return page(
        _head(results)["title"], written, script, about={VERSION: str(results.number), FORM: form}, brief=executive
    )


def markdown(results: RunResults, executive: bool = False) -> str:
    """CommonMark text; what the catalog says in it is escaped."""
    found = _facts(results)
    parts = [
        f"## {section.heading}\n\n{said}" if section.heading else said
        for name, section in _chosen(executive).items()
        for said in [section.markdown(found[name], executive)]
    ]
    form = "executive markdown" if executive else "markdown"
    return "\n\n".join([*parts, f"<!-- {VERSION}={results.number} {FORM}={form} -->"]) + "\n"


def email(results: RunResults, executive: bool = False) -> str:
    """A page for mail: no script, no pictures, every style on its element."""
    about = {VERSION: str(results.number), FORM: "executive email" if executive else "email"}
    return _mail.page(_head(results)["title"], markdown(results, executive), about)


def pdf(results: RunResults, executive: bool = False) -> bytes:
    """The page as PDF, laid out by weasyprint. Raises UsageError where it, or a library that it loads, is missing."""
    try:
        with redirect_stdout(io.StringIO()):  # where a library is missing, weasyprint prints a banner
            import weasyprint
            from weasyprint.urls import URLFetcher
    except ModuleNotFoundError as error:
        raise UsageError("Run pip install 'content-discover[pdf]' to write PDF") from error
    except OSError as error:  # what it loads by name: GObject, Pango, HarfBuzz, Fontconfig
        what = str(error).partition(":")[0]
        raise UsageError(f"PDF needs Pango ({what}); Debian, Ubuntu: apt install {PDF_PACKAGES}") from error
    nothing = URLFetcher(allowed_protocols=("data",))  # a report fetches nothing but what it holds
    written: bytes = weasyprint.HTML(string=html(results, executive, still=True), url_fetcher=nothing).write_pdf()
    return written


FORMS: Mapping[str, Callable[[RunResults], str]] = {  # the forms that say of themselves what they are
    "full": html,
    "executive": lambda results: html(results, executive=True),
    "markdown": markdown,
    "executive markdown": lambda results: markdown(results, executive=True),
    "email": email,
    "executive email": lambda results: email(results, executive=True),
}


def ordered() -> dict[str, Section]:
    """The sections by name, in the order in which they appear."""
    found: dict[str, Section] = {name: plugins.load(sections, name) for name in plugins.names(sections)}
    return dict(sorted(found.items(), key=lambda each: (each[1].order, each[0])))


def _chosen(executive: bool) -> dict[str, Section]:
    return {name: section for name, section in ordered().items() if section.executive or not executive}


def _head(results: RunResults) -> dict[str, Any]:
    content = {
        "title": source_name(results.catalog.source),
        "created": results.created,
        "source": results.catalog.source,
    }
    return tidy(content | {"version": results.number})  # type: ignore[no-any-return]  # of a dict it is one


def _facts(results: RunResults) -> dict[str, Any]:
    """The facts of all sections by name, evidence among them; nothing of themes that people hid."""
    shown = hidden.drop_hidden(results)
    return {name: tidy(plain(section.facts(shown))) for name, section in ordered().items()}
