"""A stored run computed again, and whether its report says the same.

What a version holds of its own making is not trusted here: sizes, shares and strengths of themes are counted from the
partition, trends and white space measured from dates, audience and partition, alerts scored, keywords judged, and every
section's facts computed anew. Taken as they are stored are the catalog, the vectors, the partition with its strengths
and stability, the map, the neighbour graph, the ledger, words, and timings; `discover verify` guards their bytes.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from discover.core import __version__
from discover.core.errors import InputError, OtherSoftwareError
from discover.core.settings import DEFAULT_WORKSPACE
from discover.core.types import Listing, Mismatch, RunResults
from discover.core.words import listed, plural
from discover.edits import log as edit_log
from discover.labels import coherence
from discover.labels import name as labelling
from discover.nightly.differences import compare_json, compare_text
from discover.report import write as report
from discover.store import versions
from discover.store.load import StoredRun
from discover.trends import alerts
from discover.trends.measure import find_trends, gather_events

UNSIGNED = "this is not a report of discover, or it does not say of which version it is"
VERSION_OF = re.compile(rf'{report.VERSION}(?:" content="|=)(\d+)')
FORM_OF = re.compile(rf'{report.FORM}(?:" content="|=)([a-z ]+?)(?:"| -->)')


def recompute(version: versions.StoredVersion) -> RunResults:
    """The results of a version, computed again. Raises WorkspaceError where a file is damaged."""
    run, manifest = StoredRun(version), version.manifest
    stored, settings = run.results, run.settings.trends
    as_of = date.fromisoformat(manifest["as_of"][:10]) if manifest["as_of"] else None
    named = labelling.recount(run.catalog, run.themes, run.named)
    consumption = None if run.consumption is None else (run.consumption, ())
    trends = find_trends(run.catalog, run.themes, named, settings, consumption, as_of)
    events = gather_events(run.catalog, consumption)
    return replace(
        stored,
        named=named,
        trends=replace(trends, notes=stored.trends.notes),
        alerts=alerts.score_alerts(run.alerts, run.themes, events, settings.least, as_of),
        label_quality=coherence.measure(run.catalog, named),
        edits=tuple(edit for edit in edit_log.read(version.workspace) if edit.number in run.edit_numbers),
    )


def verify_report(
    workspace: str | Path = DEFAULT_WORKSPACE, version: int | None = None, file: str | Path | None = None
) -> Listing[Mismatch]:
    """What a report says otherwise than its version: the stored one, or a copy in `file`, of any form but PDF.

    A copy says itself of which version it is. Raises InputError for a file that is not a report, WorkspaceError, and
    OtherSoftwareError where they differ and another discover than this one wrote the report.
    """
    software, mismatches = (
        _compare_stored(workspace, version) if file is None else _compare_copy(workspace, version, file)
    )
    if mismatches and software != __version__:
        raise OtherSoftwareError(
            f"{file or 'the report'}: {plural(len(mismatches), 'fact differs', 'facts differ')} "
            f"({listed([mismatch.claim for mismatch in mismatches])}). This may be due to the different program "
            f"version, here {__version__}. Verify with discover {software} to be sure"
        )
    return Listing(mismatches)


def _compare_stored(workspace: str | Path, number: int | None) -> tuple[str, list[Mismatch]]:
    """Which discover made the stored report, and what it says otherwise."""
    version = versions.open(workspace, number)
    results = recompute(version)
    written = report.make(results)
    content, page = (version.path(name).read_text(encoding="utf-8") for name in ("report.json", "report.html"))
    stated = _parse(content, version.path("report.json"))
    return results.software, [*compare_json(stated, written.facts), *compare_text(page, report.html(written))]


def _compare_copy(workspace: str | Path, number: int | None, file: str | Path) -> tuple[str, list[Mismatch]]:
    """Which discover made a copy, and what it says otherwise."""
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: this is not a report of discover as HTML, Markdown or JSON") from error
    if text.lstrip().startswith("{"):
        stated = _parse(text, path)
        if not isinstance(stated.get("version"), int):
            raise InputError(f"{path}: {UNSIGNED}")
        results = recompute(versions.open(workspace, number or stated["version"]))
        return results.software, compare_json(stated, report.make(results).facts)
    version, form = VERSION_OF.search(text), FORM_OF.search(text)
    if version is None or form is None or form[1] not in report.FORMS:
        raise InputError(f"{path}: {UNSIGNED}")
    results = recompute(versions.open(workspace, number or int(version[1])))
    return results.software, compare_text(text, report.FORMS[form[1]](report.make(results)))


def _parse(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f"{path}: this is not valid JSON: {error}") from error
