"""A stored night computed again, and whether its report says the same.

What a version holds of its own making is not trusted here: sizes, shares and strengths of themes are counted from the
partition, trends and white space measured from dates, audience and partition, alerts scored, keywords judged, and every
section's facts made anew. Taken as they are stored are the catalog, the vectors, the partition with its strengths and
stability, the map, the neighbour graph, the ledger, words, and what was timed; `discover verify` guards their bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from typing import Any

from discover.core import __version__
from discover.core.errors import InputError, OtherSoftwareError
from discover.core.settings import DEFAULT_WORKSPACE
from discover.core.types import Listing, Mismatch, RunResults, Trends
from discover.core.words import listed, plural, shorten
from discover.edits.log import read
from discover.labels import coherence
from discover.labels import name as labelling
from discover.report import write as report
from discover.store import versions as store
from discover.store.archive import Archive
from discover.trends import alerts
from discover.trends.measure import find_trends, gather_events

SHOWN = 80  # characters of what differs
LINES = 5  # that are named where no fact is
UNSIGNED = "this is not a report of discover, or it does not say of which version it is"
MADE_OF = re.compile(rf'{report.VERSION}(?:" content="|=)(\d+)')
FORM_OF = re.compile(rf'{report.FORM}(?:" content="|=)([a-z ]+?)(?:"| -->)')


def results(version: store.StoredVersion) -> RunResults:
    """The night of a version, computed again. Raises WorkspaceError where a file is damaged."""
    archive, manifest = Archive(version), version.manifest
    stored = archive.results
    settings, as_of = archive.settings, manifest.get("as_of")
    day = date.fromisoformat(as_of[:10]) if as_of else None
    named = labelling.recount(archive.catalog, archive.themes, archive.named)
    watched = None if archive.consumption is None else (archive.consumption, ())
    moving: Trends = stored.trends
    if stored.software:  # else from before the audience of a run was kept
        notes = moving.notes
        moving = replace(
            find_trends(archive.catalog, archive.themes, named, settings.trends, watched, day), notes=notes
        )
    events = gather_events(archive.catalog, watched)
    told = alerts.score_alerts(archive.alerts, archive.themes, events, settings.trends.least, day)
    quality = coherence.measure(archive.catalog, named)
    followed = tuple(edit for edit in read(version.workspace) if edit.number in manifest.get("edits", ()))
    return replace(stored, named=named, trends=moving, alerts=told, label_quality=quality, edits=followed)


def verify(
    workspace: str | Path = DEFAULT_WORKSPACE, version: int | None = None, file: str | Path | None = None
) -> Listing[Mismatch]:
    """What a report says otherwise than its version: the stored one, or a copy in `file`, of any form but PDF.

    A copy says itself of which version it is. Raises InputError for a file that is no report, WorkspaceError, and
    OtherSoftwareError where they differ and another discover than this one wrote the report.
    """
    again, told = _compared(workspace, version, file)
    if told and again.software != __version__:
        raise OtherSoftwareError(
            f"{file or 'the report'}: {plural(len(told), 'fact differs', 'facts differ')} "
            f"({listed([each.claim for each in told])}). This may be due to the different program version, here "
            f"{__version__}. Verify with discover {again.software or '?'} to be sure"
        )
    return Listing(told)


def _compared(workspace: str | Path, version: int | None, file: str | Path | None) -> tuple[RunResults, list[Mismatch]]:
    """The night computed again, and what the report says otherwise."""
    if file is None:
        opened = store.open(workspace, version)
        again = results(opened)
        content, page = (opened.path(name).read_text(encoding="utf-8") for name in ("report.json", "report.html"))
        told = differences(_parsed(content, opened.path("report.json")), report.make(again).facts)
        return again, [*told, *parted(page, report.html(again))]
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: this is not a report of discover as HTML, Markdown or JSON") from error
    if text.lstrip().startswith("{"):
        said = _parsed(text, path)
        if not isinstance(said.get("version"), int):
            raise InputError(f"{path}: {UNSIGNED}")
        again = results(store.open(workspace, version or said["version"]))
        return again, differences(said, report.make(again).facts)
    of, form = MADE_OF.search(text), FORM_OF.search(text)
    if of is None or form is None or form[1] not in report.FORMS:
        raise InputError(f"{path}: {UNSIGNED}")
    again = results(store.open(workspace, version or int(of[1])))
    return again, parted(text, report.FORMS[form[1]](again))


def _parsed(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f"{path}: this is not valid JSON: {error}") from error


# --- JSON --------------------------------------------------------------------------------------------------


def differences(said: Mapping[str, Any], found: Mapping[str, Any]) -> list[Mismatch]:
    """What one content of `report.json` says otherwise than another, by the names of facts and claims."""
    return list(_differences(_by_name(said), _by_name(found), ""))


def _by_name(content: Any) -> Any:
    """The content of a report, its claims by their names."""
    if not isinstance(content, Mapping) or not isinstance(content.get("claims"), list):
        return content
    claims = {
        each.get("name", place) if isinstance(each, Mapping) else place: each
        for place, each in enumerate(content["claims"])
    }
    return {**content, "claims": claims}


def _differences(said: Any, found: Any, name: str) -> Iterator[Mismatch]:
    if isinstance(said, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys([*found, *said]):
            inner = key if name in ("", "sections") else f"{name}.{key}"
            yield from _differences(said.get(key, _Nothing), found.get(key, _Nothing), str(inner))
    elif isinstance(said, list) and isinstance(found, list) and len(said) == len(found):
        for place, pair in enumerate(zip(said, found, strict=True)):
            yield from _differences(*pair, f"{name}.{place}")
    elif type(said) is not type(found) or said != found:
        yield Mismatch(name, _shown(said), _shown(found))


class _Nothing:
    """What is not there."""


def _shown(value: Any) -> str:
    text = "nothing" if value is _Nothing else value if isinstance(value, str) else json.dumps(value)
    return shorten(text, SHOWN)


# --- pages and text ----------------------------------------------------------------------------------------


def parted(said: str, found: str) -> list[Mismatch]:
    """Every fact that one page shows otherwise than another, or else the first lines that differ."""
    if said == found:
        return []
    pages = _Facts(said).told, _Facts(found).told
    named = [
        Mismatch(
            fact, _shown(" ".join(pages[0].get(fact, ("nothing",)))), _shown(" ".join(pages[1].get(fact, ("nothing",))))
        )
        for fact in dict.fromkeys([*pages[1], *pages[0]])
        if pages[0].get(fact) != pages[1].get(fact)
    ]
    lines = zip_longest(said.splitlines(), found.splitlines(), fillvalue="")
    pairs = [(number, *pair) for number, pair in enumerate(lines, 1) if pair[0] != pair[1]]
    return named or [Mismatch(f"line {number}", *_around(one, other)) for number, one, other in pairs[:LINES]]


def _around(one: str, other: str) -> tuple[str, str]:
    """Two lines from a little before the place where they part."""
    same = next(
        (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    start = max(0, same - SHOWN // 4)
    return one[start : start + SHOWN], other[start : start + SHOWN]


class _Facts(HTMLParser):
    """What a page says of each fact that it marks: its value, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.told: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if fact := values.get("data-fact"):
            self._open.append((tag, fact))
            self.told.setdefault(fact, []).append(f"({values['value']})" if "value" in values else "")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for _, fact in self._open:
            self.told[fact][-1] += data
