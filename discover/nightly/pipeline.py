"""One run: the only file that knows the order of the stages.

A stage is a function from frozen objects to frozen objects. What the last version holds is opened once, before them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.catalog import reader
from discover.core import __version__, files, logs
from discover.core.errors import OutOfMemoryError
from discover.core.settings import DEFAULT_WORKSPACE, Settings
from discover.core.types import (
    Alert,
    Catalog,
    CatalogDiff,
    Edit,
    Embeddings,
    Graph,
    LabelQuality,
    Ledger,
    Pictures,
    Place,
    RunResults,
    RunSummary,
    Theme,
    Themes,
    Trends,
    plain,
)
from discover.edits import log as edit_log
from discover.edits.apply import apply_edits
from discover.embeddings import checkpoint
from discover.embeddings.embed import Progress
from discover.labels import coherence
from discover.labels import name as labelling
from discover.ledger.hidden import hidden_ids
from discover.ledger.keys import identify
from discover.ledger.match import count_events, match_themes, remember_labels
from discover.nightly.before import Before
from discover.nightly.encode import Encoded, encode_catalog
from discover.nightly.index import Indexed, index_spaces
from discover.nightly.request import Request
from discover.report import palette, posters
from discover.report import write as report
from discover.search import fusion, rank
from discover.search.index import SearchIndex, build_search_index
from discover.search.spaces.base import SpaceInput
from discover.store import marker, save, versions
from discover.store.workspace import edits_lock, folder_of
from discover.themes.find import find_themes
from discover.themes.neighbours import build_graph
from discover.trends import alerts, consumption, periods
from discover.trends.measure import find_trends, gather_events


def run(
    source: Any,
    workspace: str | Path = DEFAULT_WORKSPACE,
    settings: Settings | Mapping[str, Any] | str | Path | None = None,
    as_of: str | date | None = None,
    progress: Progress | None = None,
    consumption: Any = None,
    full: bool = False,
) -> RunSummary:
    """Read a catalog, find its themes, and commit the result as the workspace's next version: the stages alone.

    The parameters are those of `discover.run` (see `nightly.job`). A run that fails leaves the versions as they were;
    what it had encoded of a large catalog stays for the next. Raises the errors of `discover.core.errors`.
    """
    request = Request.check(source, settings, as_of, consumption, full, progress)
    unconfirmed: list[str] = []
    try:
        with versions.writing(workspace) as draft:
            outcome = _run_stages(request, draft, _Watch())
            results = outcome.results
            written = report.make(results)
            with files.disk_errors(draft.folder):
                save.save(
                    draft.folder, results, outcome.built, outcome.search_index, outcome.null_scores, outcome.consumption
                )
                save.save_report(draft.folder, report.html(written), written.facts)
            manifest = _manifest(results) | {"as_of": str(as_of) if as_of else None}
            number = draft.commit(manifest, unconfirmed.append)
            checkpoint.forget(draft.workspace)
    except MemoryError as error:
        raise OutOfMemoryError("not enough memory for this catalog. Run it in parts or on a larger machine") from error
    return RunSummary(
        version=number,
        workspace=Path(workspace),
        report=folder_of(Path(workspace), number) / save.REPORT,
        counts=_counts(results),
        timings=results.timings,
        warnings=(*results.warnings, *unconfirmed),
        undone=tuple(unconfirmed),
        mapping=results.catalog.mapping,
        guessed=results.catalog.guessed,
        unused=results.catalog.unused,
    )


@dataclass(frozen=True)
class _Outcome:
    """All that a version holds, but its report."""

    results: RunResults
    built: Mapping[str, indexes.VectorIndex]
    search_index: SearchIndex
    null_scores: NDArray[np.float64]
    consumption: periods.Events | None


def _run_stages(request: Request, draft: versions.Draft, watch: _Watch) -> _Outcome:
    """The stages in order."""
    settings, created = request.settings, datetime.now(UTC).isoformat(timespec="seconds")
    with watch.stage("open"):
        before = Before.open(draft)
        last = None if request.full else before
    with watch.stage("read") as counts:
        source = read_source(request, before)
        counts |= {"items": len(source.catalog), "rejects": len(source.catalog.rejects)}
    with watch.stage("encode") as counts:
        encoded = encode_catalog(source.catalog, request, before, draft.workspace)
        catalog, spaces = encoded.catalog, encoded.spaces
        counts |= {"vectors": _total(spaces), "encoded": sum(space.encoded for space in spaces.values())}
    with watch.stage("index") as counts:
        indexed = index_spaces(spaces, settings.index, last)
        counts |= {"indexes": len(indexed.built), "vectors": _total(spaces)}
    with watch.stage("search") as counts:
        items = SpaceInput(catalog, spaces, indexed.built.__getitem__)
        search_index = build_search_index(items, settings.search.weights)
        null_scores = rank.null_scores(search_index, search_index.weights)
        counts["spaces"] = len(search_index.spaces)
    with watch.stage("neighbours") as counts:
        last_themes = last.themes(settings.themes) if last else None
        vectors = fusion.fuse(spaces, fusion.theme_weights(settings.themes, catalog, spaces), len(catalog))
        graph = build_graph(vectors, settings.themes, last_themes)
        counts["different"] = len(graph.unique)
    with watch.stage("themes") as counts:
        found = find_themes(graph, settings.themes, last_themes)
        counts |= {"levels": len(found.levels), "themes": sum(level.count for level in found.levels)}
    with watch.stage("ledger") as counts:
        with edits_lock(draft.workspace, patient=True):  # no edit takes the ids that are given here
            log = edit_log.read(draft.workspace)
            ledger, found = match_ledger(encoded, found, log, before, draft, created, settings)
        identified = follow_edits(encoded, found, ledger, graph, vectors, log, before, draft.workspace, settings)
        counts |= count_events(identified.ledger) | {"edits": len(identified.edits)}
    with watch.stage("labels") as counts:
        labelled = label_themes(encoded, identified, vectors, request)
        counts["labels"] = len(labelled.named)
    with watch.stage("trends") as counts:
        themes, named = identified.themes, labelled.named
        trends = find_trends(catalog, themes, named, settings.trends, source.consumption, request.as_of)
        counts |= {"judged": len(trends.trends), "alerts": len(trends.rising - hidden_ids(identified.edits))}
    with watch.stage("compare") as counts:
        compared = compare(before, encoded, identified, named, trends, source, request, created)
        counts["alerts"] = len(compared.alerts)
    results = _assemble(
        request, before, encoded, graph, indexed, identified, labelled, trends, compared, created, watch.timings
    )
    watched = source.consumption[0] if source.consumption else None
    return _Outcome(results, indexed.built, search_index, null_scores, watched)


def _assemble(
    request: Request,
    before: Before,
    encoded: Encoded,
    graph: Graph,
    indexed: Indexed,
    identified: Identified,
    labelled: Labelled,
    trends: Trends,
    compared: Comparison,
    created: str,
    timings: Mapping[str, float],
) -> RunResults:
    """What the stages gave, as one object."""
    catalog = encoded.catalog
    warnings = (*catalog.warnings, *before.warnings, *encoded.warnings, *indexed.warnings, *identified.notes)
    return RunResults(
        created=created,
        catalog=catalog,
        spaces=encoded.spaces,
        graph=graph,
        themes=identified.themes,
        named=labelled.named,
        settings=request.settings.to_dict(),
        timings=timings,
        warnings=(*warnings, *labelling.explain_notes(labelled.named)),
        trends=trends,
        indexes=indexed.choices,
        ledger=labelled.ledger,
        edits=identified.edits,
        label_quality=labelled.quality,
        diff=compared.diff,
        alerts=compared.alerts,
        places=compared.places,
        pictures=compared.pictures,
        software=__version__,
    )


# --- stages ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """What was read."""

    catalog: Catalog
    consumption: tuple[periods.Events, tuple[str, ...]] | None  # audience by item and date, and how it was read


def read_source(request: Request, before: Before) -> Source:
    """The catalog, its columns recognised as in the last version, and the table of audience."""
    settings = request.settings.catalog
    catalog = reader.read(request.source, settings, request.as_of, before.columns)
    if request.consumption is None:
        return Source(catalog, None)
    warnings: list[str] = []
    watched = consumption.read(request.consumption, catalog, settings, request.as_of, warnings.append)
    joined = replace(watched.join(catalog), warnings=(*warnings, *catalog.warnings))
    return Source(joined, None if watched.events is None else (watched.events, watched.notes))


@dataclass(frozen=True)
class Identified:
    """The themes with their permanent ids, as people want them."""

    ledger: Ledger  # of what was found, before edits
    themes: Themes  # after edits
    edits: tuple[Edit, ...]  # that stand
    notes: tuple[str, ...]


def match_ledger(
    encoded: Encoded,
    found: Themes,
    log: list[Edit],
    before: Before,
    draft: versions.Draft,
    created: str,
    settings: Settings,
) -> tuple[Ledger, Themes]:
    """Which themes are which of the last version's. Ids of new ones are reserved, while the lock of edits is held."""
    highest = max(before.ledger.last, edit_log.last_id(log), marker.current(draft.workspace).highest_theme)
    past = replace(before.ledger, last=highest)
    keys = identify(encoded.catalog, encoded.spaces)
    ledger, themes = match_themes(past, found, keys, draft.number, created, settings.ledger)
    marker.update(draft.workspace, reserved_themes=ledger.last)
    return ledger, themes


def follow_edits(
    encoded: Encoded,
    themes: Themes,
    ledger: Ledger,
    graph: Graph,
    vectors: NDArray[np.float32],
    log: list[Edit],
    before: Before,
    workspace: Path,
    settings: Settings,
) -> Identified:
    """What edits make of the themes. One that names a theme which the last ledger does not know is set aside."""
    followed, aside = edit_log.set_aside(log, {entry.id for entry in before.ledger.entries})
    keys = identify(encoded.catalog, encoded.spaces)
    edited = apply_edits(themes, followed, keys, vectors, graph, settings.themes)
    younger = [
        f"edit {edit.number} ({edit.kind} {' '.join(edit.themes)}) was set aside, because the ledger that this run "
        "goes on from does not know its theme. Roll back to a version that does, or undo the edit"
        for edit in aside
    ]
    lost = edit_log.find_missing(workspace, log)
    gone = [f"{workspace / edit_log.LOG}: {lost}, so not followed. Restore the file to have it again"] if lost else []
    return Identified(ledger, edited.themes, followed, (*edited.notes, *younger, *gone))


@dataclass(frozen=True)
class Labelled:
    """The themes as people see them."""

    named: tuple[Theme, ...]
    ledger: Ledger  # with their labels
    quality: tuple[LabelQuality, ...]


def label_themes(encoded: Encoded, identified: Identified, vectors: NDArray[np.float32], request: Request) -> Labelled:
    """Labels by the labeller that is set, how good they are, and over them those that people gave."""
    senses = labelling.build_senses(encoded.spaces, request.encoders.__getitem__)
    entries, settings = identified.ledger.entries, request.settings.labels
    named = labelling.name(encoded.catalog, identified.themes, vectors, settings, entries, senses)
    quality = coherence.measure(encoded.catalog, named)
    return Labelled(edit_log.rename(named, identified.edits), remember_labels(identified.ledger, named), quality)


@dataclass(frozen=True)
class Comparison:
    """This run beside the last version, and what stays as it was there."""

    diff: CatalogDiff | None
    alerts: tuple[Alert, ...]
    places: Mapping[str, Place]
    pictures: Pictures


def compare(
    before: Before,
    encoded: Encoded,
    identified: Identified,
    named: tuple[Theme, ...],
    trends: Trends,
    source: Source,
    request: Request,
    created: str,
) -> Comparison:
    """What became of the last version's items, of its alerts, and of the places of names on its map."""
    catalog, themes, settings = encoded.catalog, identified.themes, request.settings
    told = alerts.add_alerts(before.alerts, before.trends, trends, identified.ledger.version, created)
    events = gather_events(catalog, source.consumption)
    return Comparison(
        diff=before.compare(catalog, encoded.spaces),
        alerts=alerts.score_alerts(told, themes, events, settings.trends.least, request.as_of),
        places=palette.places(themes, catalog.ids, before.places),
        pictures=posters.choose_pictures(catalog, themes, named),
    )


# --- what is said of a run ---------------------------------------------------------------------------------


@dataclass
class _Watch:
    """Seconds by stage."""

    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, int]]:
        """Adds the time that the block takes, and logs it with the counts that the block fills in."""
        start, counts = time.perf_counter(), dict[str, int]()
        yield counts
        taken = time.perf_counter() - start
        self.timings[name] = round(self.timings.get(name, 0.0) + taken, 3)
        logs.event("stage", stage=name, seconds=round(taken, 3), **counts)


def _total(spaces: Mapping[str, Embeddings]) -> int:
    return sum(len(space.rows) for space in spaces.values())


def _counts(results: RunResults) -> dict[str, int]:
    levels = results.themes.levels
    return {
        "items": len(results.catalog),
        "rejected rows": sum(reject.dropped for reject in results.catalog.rejects),
        "rejected values": sum(not reject.dropped for reject in results.catalog.rejects),
        "encoded": sum(space.encoded for space in results.spaces.values()),
        "themes": levels[0].count if levels else 0,
        "fine themes": levels[1].count if len(levels) > 1 else 0,
        "attached": int(levels[0].attached.sum()) if levels else 0,
        "outliers": int((levels[0].members < 0).sum()) if levels else len(results.catalog),
        "alerts": len(results.trends.rising - hidden_ids(results.edits)),
    } | count_events(results.ledger)


def _manifest(results: RunResults) -> dict[str, Any]:
    """What the manifest says of the version."""
    return {
        "created": results.created,
        "software": results.software,
        "source": results.catalog.source,
        "encoded": {name: space.encoded for name, space in results.spaces.items()},
        "counts": _counts(results),
        "settings": dict(results.settings),
        "timings": dict(results.timings),
        "warnings": list(results.warnings),
        "encoders": {name: vars(space.identity) for name, space in results.spaces.items()},
        "indexes": plain(results.indexes),
        "last theme": results.ledger.last,
        "edits": [edit.number for edit in results.edits],
        "label_quality": plain(results.label_quality),
    }
