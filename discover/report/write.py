"""Sections to a report: one self-contained HTML file, the same facts as JSON with every number as a claim, Markdown,
a page for mail, and PDF.

    report = discover.report.make(results)     the facts of all sections, computed once
    discover.report.html(report)               one file, no network: styles, script, pictures and dots are inside
    report.facts                               what `report.json` holds, see `Report`

Every form is a function of the report and says the same, in full or as the executive one, which has the sections that
call for a decision. The same results give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import partial

from discover.core import plugins
from discover.core.errors import UsageError
from discover.core.types import Report, RunResults
from discover.ledger import hidden
from discover.report import sections
from discover.report.sections import _mail
from discover.report.sections._page import Written, page
from discover.report.sections.base import Section, claims, source_name, tidy, without_evidence

PDF_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"  # they bring the rest, a font among it
VERSION, FORM = "discover-version", "discover-form"  # what the head of a page says of it


def make(results: RunResults) -> Report:
    """The report of a run, without the themes that people hid."""
    shown, ordered = hidden.drop_hidden(results), load_sections()
    facts = {name: tidy(section.facts(shown)) for name, section in ordered.items()}
    assets = {name: tidy(section.assets(shown, facts[name])) for name, section in ordered.items()}
    listed = [claim for name, section in ordered.items() for claim in claims(section, facts[name])]
    source = results.catalog.source
    head = tidy({"title": source_name(source), "created": results.created, "source": source, "version": results.number})
    content = head | {"sections": without_evidence(facts), "claims": tidy(listed)}
    return Report(head["title"], results.number, content, facts, assets)


def html(report: Report, executive: bool = False, still: bool = False) -> str:
    """One page; the executive one has no script and no map, one that stands `still` no script and a drawn map."""
    chosen = _choose(executive)
    written = []
    for name, section in chosen.items():
        facts, assets = report.sections[name], report.assets[name]
        drawn = tidy(section.still_assets(facts, assets)) if still else assets
        written.append(Written(name, section.heading, section.html(facts, drawn, executive)))
    script = "" if still else "\n".join(section.script for section in chosen.values() if section.script)
    about = {VERSION: str(report.version), FORM: "executive" if executive else "full"}
    return page(report.title, written, script, about=about, brief=executive)


def markdown(report: Report, executive: bool = False) -> str:
    """CommonMark text; what the catalog says in it is escaped."""
    parts = []
    for name, section in _choose(executive).items():
        text = section.markdown(report.sections[name], executive)
        parts.append(f"## {section.heading}\n\n{text}" if section.heading else text)
    form = "executive markdown" if executive else "markdown"
    return "\n\n".join([*parts, f"<!-- {VERSION}={report.version} {FORM}={form} -->"]) + "\n"


def email(report: Report, executive: bool = False) -> str:
    """A page for mail: no script, no pictures, every style on its element."""
    about = {VERSION: str(report.version), FORM: "executive email" if executive else "email"}
    return _mail.page(report.title, markdown(report, executive), about)


def pdf(report: Report, executive: bool = False) -> bytes:
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
    written: bytes = weasyprint.HTML(string=html(report, executive, still=True), url_fetcher=nothing).write_pdf()
    return written


FORMS: Mapping[str, Callable[[Report], str]] = {  # the forms that say of themselves what they are
    "full": html,
    "executive": partial(html, executive=True),
    "markdown": markdown,
    "executive markdown": partial(markdown, executive=True),
    "email": email,
    "executive email": partial(email, executive=True),
}


def load_sections() -> dict[str, Section]:
    """The sections by name, in the order in which they appear."""
    loaded: dict[str, Section] = {name: plugins.load(sections, name) for name in plugins.names(sections)}
    return dict(sorted(loaded.items(), key=lambda pair: (pair[1].order, pair[0])))


def _choose(executive: bool) -> dict[str, Section]:
    return {name: section for name, section in load_sections().items() if section.executive or not executive}
