"""One night: the only file that knows the order of the stages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

import indexes
from discover.catalog import reader as catalog
from discover.core import __version__, files, logs, plugins
from discover.core.errors import InputError, ModelError, OutOfMemoryError, SettingsError, UsageError, WorkspaceError
from discover.core.settings import DEFAULT_WORKSPACE, IndexSettings, Settings, SpaceSettings
from discover.core.types import Alert, Catalog, CatalogDiff, Embeddings, Place, RunResults, RunSummary, Trends, plain
from discover.core.words import plural
from discover.edits import log as edit_log
from discover.edits.apply import apply_edits
from discover.embeddings import checkpoint as unfinished
from discover.embeddings import embed as embeddings
from discover.embeddings import encoders
from discover.embeddings.embed import Progress
from discover.embeddings.encoders.base import Encoder
from discover.labels import coherence
from discover.labels import name as labelling
from discover.ledger import catalog_diff
from discover.ledger.hidden import hidden_ids
from discover.ledger.keys import identify
from discover.ledger.match import count_events, match_themes, remember_labels
from discover.report import palette as _palette
from discover.report import posters as _posters
from discover.report import write as report
from discover.search import cohort, fusion
from discover.search.rank import SearchIndex
from discover.search.spaces import lexical, metadata
from discover.search.spaces.base import Space
from discover.search.spaces.vectors import Vectors
from discover.store import archive
from discover.store import versions as store
from discover.themes import layouts
from discover.themes.find import find_themes
from discover.themes.go_on import MAX_CHANGED, Last
from discover.themes.neighbours import build_graph
from discover.trends import alerts, periods
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
    if isinstance(source, str) and not source:  # the path "" would be the current folder
        raise UsageError("catalog: expected a file, got ''")
    chosen, watch = _located(Settings.of(settings)), _Watch()
    encoders_by_space = _checked(chosen)
    try:
        with watch.stage("read") as counts:
            day = _day(as_of)
            items = catalog.read(source, chosen.catalog, day, _columns(Path(workspace)))
            counts |= {"items": len(items), "rejects": len(items.rejects)}
            watched, first = None, list[str]()
            if consumption is not None:
                allowed = chosen.catalog.allow_rejects
                watched = periods.read_consumption(consumption, items, day, allowed, first.append)
                items = replace(items, warnings=(*first, *items.warnings))
        with store.writing(workspace) as draft:
            results, found, search_index = _night(
                items, chosen, encoders_by_space, draft, watch, progress, full, watched, day
            )
            written = report.make(results)
            with files.disk_errors(draft.folder):
                archive.save(
                    draft.folder, results, found, search_index, written, None if watched is None else watched[0]
                )
            number = draft.commit(_facts(results) | {"as_of": str(as_of) if as_of else None})
            unfinished.forget(draft.workspace)
    except MemoryError as error:
        raise OutOfMemoryError("not enough memory for this catalog. Run it in parts or on a larger machine") from error
    return RunSummary(
        version=number,
        workspace=Path(workspace),
        report=store.open(workspace, number).path("report.html"),
        counts=_counts(results),
        timings=results.timings,
        warnings=results.warnings,
        mapping=results.catalog.mapping,
        guessed=results.catalog.guessed,
        unused=results.catalog.unused,
    )


def _columns(workspace: Path) -> Mapping[str, tuple[str, ...]]:
    """What each column was the night before; nothing where that is not known."""
    try:
        return archive.Archive(store.open(workspace)).columns if (workspace / store.CURRENT).exists() else {}
    except WorkspaceError:
        return {}  # said later, see `_lost`


def _located(settings: Settings) -> Settings:
    """The settings with paths of models made absolute, so that they hold wherever the version is opened."""

    def absolute(space: SpaceSettings) -> SpaceSettings:
        encoder = _encoder(space).located(settings.folder.absolute())
        return replace(space, options={key: getattr(encoder, key) for key in space.options})

    return replace(settings, text=absolute(settings.text), image=absolute(settings.image))


def _encoder(space: SpaceSettings) -> Encoder:
    encoder: Encoder = plugins.load(encoders, space.encoder, space.options)
    return encoder


def _checked(settings: Settings) -> dict[str, Encoder]:
    """The encoder of each space. Every plug-in's options are checked here, before the long work."""
    labelling.load(settings.labels)
    plugins.load(layouts, settings.themes.layout)
    if settings.index.kind not in ("auto", *indexes.kinds()):
        valid = ", ".join(("auto", *indexes.kinds()))
        try:
            indexes.make_kind(settings.index.kind, {})
        except ModuleNotFoundError as error:  # says what to install
            raise SettingsError(f"[index] kind: {error}") from error
        except ValueError as error:
            raise SettingsError(f"[index] kind: unknown kind {settings.index.kind!r}. Valid: {valid}") from error
    return {"text": _encoder(settings.text), "image": _encoder(settings.image)}


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


def _night(
    items: Catalog,
    settings: Settings,
    encoders_by_space: Mapping[str, Encoder],
    draft: store.Draft,
    watch: _Watch,
    progress: Progress | None,
    full: bool,
    watched: tuple[periods.Events, tuple[str, ...]] | None,
    as_of: date | None,
) -> tuple[RunResults, dict[str, indexes.VectorIndex], SearchIndex]:
    """The stages in order, from the catalog on."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    with watch.stage("encode") as counts:
        spaces, items, warnings = _encode(items, settings, encoders_by_space, draft.workspace, progress)
        counts |= {"vectors": _total(spaces), "encoded": sum(space.encoded for space in spaces.values())}
    with watch.stage("index") as counts:
        indexed = None if full else _indexed(draft.workspace, settings)
        built = {name: _index(space, settings.index, indexed, warnings.append) for name, space in spaces.items()}
        found = {name: index for name, (index, _) in built.items()}
        counts |= {"indexes": len(found), "vectors": _total(spaces)}
    with watch.stage("search") as counts:
        search_index = _ground(items, spaces, found)
        counts["spaces"] = len(search_index.spaces)
    with watch.stage("neighbours") as counts:
        vectors = fusion.fuse(spaces, fusion.theme_weights(settings.themes, items, spaces), len(items))
        last = None if full else _last(draft.workspace, settings, warnings.append)
        graph = build_graph(vectors, settings.themes, last)
        counts["different"] = len(graph.unique)
    with watch.stage("themes") as counts:
        groups = find_themes(graph, settings.themes, last)
        counts |= {"levels": len(groups.levels), "themes": sum(level.count for level in groups.levels)}
    with watch.stage("ledger") as counts:
        log = edit_log.read(draft.workspace)
        wanted = edit_log.standing(log)
        before = archive.last_ledger(draft.workspace, warnings.append)
        before = replace(before, last=max(before.last, edit_log.last_id(log)))
        keys = identify(items, spaces)
        record, groups = match_themes(before, groups, keys, draft.number, created, settings.ledger)
        edited = apply_edits(groups, wanted, keys, vectors, graph, settings.themes)
        groups, warnings = edited.themes, [*warnings, *edited.notes]
        counts |= count_events(record) | {"edits": len(wanted)}
    with watch.stage("labels") as counts:
        senses = labelling.build_senses(spaces, encoders_by_space.__getitem__)
        named = labelling.name(items, groups, vectors, settings.labels, record.entries, senses)
        quality = coherence.measure(items, named)
        record = remember_labels(record, named)
        named = edit_log.rename(named, wanted)
        counts["labels"] = len(named)
    with watch.stage("trends") as counts:
        moving = find_trends(items, groups, named, settings.trends, watched, as_of)
        counts |= {"judged": len(moving.found), "alerts": len(moving.rising - hidden_ids(wanted))}
    with watch.stage("compare") as counts:
        compared = _compared(draft.workspace, items, spaces, warnings)
        told = alerts.add_alerts(compared.alerts, compared.trends, moving, draft.number, created)
        told = alerts.score_alerts(told, groups, gather_events(items, watched), settings.trends.least, as_of)
        places = _palette.places(groups, items.ids, compared.places)
        pictures = _posters.of(items, groups, named)
        counts |= {"alerts": len(told)}
    said = (*items.warnings, *warnings, *labelling.explain_notes(named))
    results = RunResults(
        created=created,
        catalog=items,
        spaces=spaces,
        graph=graph,
        themes=groups,
        named=named,
        settings=settings.to_dict(),
        timings=watch.timings,
        warnings=said,
        trends=moving,
        indexes={name: choice for name, (_, choice) in built.items()},
        ledger=record,
        edits=wanted,
        label_quality=quality,
        diff=compared.diff,
        alerts=told,
        places=places,
        pictures=pictures,
        software=__version__,
    )
    return results, found, search_index


def _total(spaces: Mapping[str, Embeddings]) -> int:
    return sum(len(space.rows) for space in spaces.values())


@dataclass(frozen=True)
class _Compared:
    """What the night before has that this one goes on from; empty on the first."""

    diff: CatalogDiff | None = None
    alerts: tuple[Alert, ...] = ()
    trends: Trends = field(default_factory=Trends)
    places: Mapping[str, Place] = field(default_factory=dict)


def _compared(workspace: Path, items: Catalog, spaces: Mapping[str, Embeddings], warnings: list[str]) -> _Compared:
    """The current version beside tonight's items; nothing, and a warning, where it cannot be read."""
    if not (workspace / store.CURRENT).exists():
        return _Compared()
    try:
        before = archive.Archive(store.open(workspace))
        made = before.version.manifest.get("created", before.version.created)
        changes = catalog_diff.compare(before.catalog, before.spaces, items, spaces, before.version.number, made)
        return _Compared(changes, before.alerts, before.trends, before.places)
    except WorkspaceError as error:
        warnings.append(
            f"The last version cannot be read, so nothing is compared with it and its alerts are lost: {error}"
        )
        return _Compared()


def _ground(items: Catalog, spaces: Mapping[str, Embeddings], found: Mapping[str, indexes.VectorIndex]) -> SearchIndex:
    """What searches will compare by: vectors, words and facts, and what is usual in each."""
    used: dict[str, Space] = {
        name: Vectors(space, len(items), partial(found.__getitem__, name)) for name, space in spaces.items()
    }
    others: tuple[Space | None, ...] = (lexical.build(items), metadata.build(items))
    used |= {space.name: space for space in others if space is not None}
    return SearchIndex(used, cohort.measure(used, len(items)), len(items))


def _encode(
    items: Catalog,
    settings: Settings,
    encoders_by_space: Mapping[str, Encoder],
    workspace: Path,
    progress: Progress | None,
) -> tuple[dict[str, Embeddings], Catalog, list[str]]:
    """The spaces that have something in them, the catalog with pictures that failed among its rejects, warnings."""
    spaces: dict[str, Embeddings] = {}
    warnings = _lost(workspace)
    failures: list[str] = []
    for name, encoder in encoders_by_space.items():
        if all(value is None for value in encoder.inputs(items)):
            continue
        known = chain.from_iterable(each.known(workspace, name, warnings.append) for each in (unfinished, archive))
        keep = partial(unfinished.keep, workspace, name)
        try:
            made, rejects = embeddings.encode(items, encoder, name, known, progress, keep)
        except ModelError as error:
            if getattr(settings, name).required:
                raise
            warnings.append(f"{name}s were not used: {error}")
            continue
        items = replace(items, rejects=(*items.rejects, *rejects))
        failures += [reject.reason for reject in rejects]
        if len(made.rows):
            spaces[name] = made
    looked = items.described(role for encoder in encoders_by_space.values() for role in encoder.roles())
    if not spaces:
        why = "".join(f" ({reason})" for reason in [*failures, *warnings][:1])
        raise InputError(
            f"{items.source}: none of its {plural(len(items), 'item')} has anything to encode in {looked}{why}"
        )
    bare = len(items) - len(set().union(*(space.rows.tolist() for space in spaces.values())))
    if bare:
        has, them = ("has", "it") if bare == 1 else ("have", "them")
        warnings.append(
            f"{bare:,} of {plural(len(items), 'item')} {has} nothing to encode in {looked}. No theme can hold {them}"
        )
    return spaces, items, list(dict.fromkeys(warnings))  # both spaces may meet the same damage


def _lost(workspace: Path) -> list[str]:
    """A warning if there is a current version and it cannot be opened; this run's takes its place."""
    try:
        if (workspace / store.CURRENT).exists():
            store.open(workspace)
    except WorkspaceError as error:
        return [f"The last version cannot be read: {error}"]
    return []


def _last(workspace: Path, settings: Settings, warn: Callable[[str], None]) -> Last | None:
    """The current version's themes, to go on from, if there is one that was made with the same settings."""
    if not (workspace / store.CURRENT).exists():
        return None
    try:
        version = store.open(workspace)
        if version.manifest["settings"]["themes"] != plain(settings.to_dict()["themes"]):
            return None
        before = archive.Archive(version)
        return Last(before.graph, before.themes, bool(version.manifest.get("edits")))
    except WorkspaceError as error:
        warn(f"Themes were found anew because the last version cannot be read: {error}")
        return None


def _indexed(workspace: Path, settings: Settings) -> archive.Archive | None:
    """The current version, if its indexes were made for the same wishes."""
    if not (workspace / store.CURRENT).exists():
        return None
    try:
        version = store.open(workspace)
    except WorkspaceError:
        return None  # said already, see `_lost`
    same = version.manifest["settings"]["index"] == plain(settings.to_dict()["index"])
    return archive.Archive(version) if same else None


def _index(
    space: Embeddings, settings: IndexSettings, before: archive.Archive | None, warn: Callable[[str], None]
) -> tuple[indexes.VectorIndex, dict[str, Any]]:
    """The index of a space, of the kind that is set, or the cheapest that reaches the recall on these very vectors.

    What was measured `before`, and learnt, holds until a fifth of the vectors came or went since. The second is what
    the manifest says.
    """
    rows, name = len(space.vectors), space.space
    known = before.version.manifest["indexes"].get(name) if before else None
    if before and known:
        try:
            last = before.spaces[name]
            kept = int(np.isin(space.contents, last.contents).sum())
            gone = len(last.contents) - int(np.isin(last.contents, space.contents).sum())
            changed = known.get("changed", 0.0) + (rows - kept + gone) / max(rows, 1)
            if changed <= MAX_CHANGED and not last.identity.differences(space.identity):
                return indexes.rebuild(before.index(name), space.vectors), known | {"changed": changed}
        except WorkspaceError as error:
            warn(f"The index of {name} was built anew because the last version cannot be read: {error}")
    if settings.kind != "auto":
        chosen = indexes.Choice(settings.kind, reason="set by [index] kind")
        return indexes.build(space.vectors, settings.kind), asdict(chosen) | {"rows": rows}
    index, choice = indexes.tune(space.vectors, recall=settings.recall, memory_bytes=settings.memory_bytes)
    return index, asdict(choice) | {"rows": rows}


def _day(as_of: str | date | None) -> date | None:
    if isinstance(as_of, datetime):
        return as_of.date()
    if as_of is None or isinstance(as_of, date):
        return as_of
    try:
        return date.fromisoformat(as_of)
    except (TypeError, ValueError) as error:
        raise UsageError(f"as_of: {as_of!r} is not a date like 2021-06-30") from error


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


def _facts(results: RunResults) -> dict[str, Any]:
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
