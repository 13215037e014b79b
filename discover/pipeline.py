"""One night: the only file that knows the order of the stages."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import indexes
from discover import archive, catalog, embeddings, encoders, fusion, labelling, plugins, report, store, themes
from discover.archive import Archive
from discover.embeddings import Progress
from discover.errors import InputError, ModelError, OutOfMemoryError, UsageError, WorkspaceError
from discover.nouns import Catalog, Embeddings, Night, RunSummary
from discover.settings import IndexSettings, Settings, SpaceSettings

DEFAULT_WORKSPACE = "discover-workspace"


def run(
    source: Any,
    workspace: str | Path = DEFAULT_WORKSPACE,
    settings: Settings | Mapping[str, Any] | str | Path | None = None,
    as_of: str | date | None = None,
    progress: Progress | None = None,
) -> RunSummary:
    """Read a catalog, find its themes, and commit the result as the workspace's next version.

    `source` is a file, a folder of pictures, a data frame or a list of dicts; `settings` a Settings, a dictionary
    or a TOML file; `as_of` (ISO date) pretends that later items do not exist. What an earlier night encoded is not
    encoded again. A run that fails leaves the workspace as it was. Raises the errors of `discover.errors`.
    """
    chosen = Settings.of(settings)
    try:
        with store.writing(workspace) as draft:
            night, found = _night(source, chosen, _day(as_of), _previous(workspace), progress)
            written = report.make(night)
            with store.disk_errors(draft.folder):
                archive.save(draft.folder, night, found, written)
            number = draft.commit(_facts(night))
    except MemoryError as error:
        raise OutOfMemoryError("not enough memory for this catalog; run it in parts or on a larger machine") from error
    opened = store.open(workspace, number)
    return RunSummary(
        version=number,
        workspace=Path(workspace),
        report=opened.path("report.html"),
        counts=_counts(night),
        timings=night.timings,
        warnings=night.warnings,
        mapping=night.catalog.mapping,
    )


@dataclass
class _Watch:
    """Seconds by stage."""

    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the time that the block takes."""
        start = time.perf_counter()
        yield
        self.timings[name] = round(self.timings.get(name, 0.0) + time.perf_counter() - start, 3)


def _night(
    source: Any, settings: Settings, as_of: date | None, previous: Archive | None, progress: Progress | None
) -> tuple[Night, dict[str, indexes.VectorIndex]]:
    """The stages in order."""
    labelling.load(settings.labels)  # a wrong option is said before the long work
    watch, created = _Watch(), datetime.now(UTC).isoformat(timespec="seconds")
    with watch.stage("read"):
        items = catalog.read(source, settings.catalog, as_of)
    with watch.stage("encode"):
        spaces, items, warnings = _encode(items, settings, previous, progress)
    with watch.stage("index"):
        found = {name: _index(space, settings.index) for name, space in spaces.items()}
    with watch.stage("neighbours"):
        vectors = fusion.fuse(spaces, settings.themes.weights, len(items))
        graph = themes.graph(vectors, settings.themes)
    with watch.stage("themes"):
        groups = themes.find(graph, settings.themes)
    with watch.stage("labels"):
        named = labelling.name(items, groups, vectors, settings.labels)
    every_warning = (*items.warnings, *warnings)
    night = Night(created, items, spaces, graph, groups, named, settings.to_dict(), watch.timings, every_warning)
    return night, found


def _encode(
    items: Catalog, settings: Settings, previous: Archive | None, progress: Progress | None
) -> tuple[dict[str, Embeddings], Catalog, list[str]]:
    """The spaces that have something in them, the catalog with pictures that failed among its rejects, warnings."""
    spaces: dict[str, Embeddings] = {}
    warnings: list[str] = []
    known = previous.spaces if previous else {}
    for name, space in (("text", settings.text), ("image", settings.image)):
        try:
            made = _encode_space(items, name, space, known.get(name), progress)
        except ModelError as error:
            if space.required:
                raise
            warnings.append(f"{name}s were not used: {error}")
            continue
        if made is not None:
            spaces[name], rejects = made
            items = replace(items, rejects=(*items.rejects, *rejects))
    if not spaces:
        raise InputError(f"{items.source}: no item has a text or a picture that could be encoded; check the mapping")
    return spaces, items, warnings


def _encode_space(
    items: Catalog, name: str, space: SpaceSettings, known: Embeddings | None, progress: Progress | None
) -> tuple[Embeddings, tuple[Any, ...]] | None:
    """One space, or None if no item has anything for it."""
    encoder = plugins.load(encoders, space.encoder, space.options)
    if all(value is None for value in encoder.inputs(items)):
        return None
    made, rejects = embeddings.encode(items, encoder, name, known, progress)
    return (made, rejects) if len(made.rows) else None


def _index(space: Embeddings, settings: IndexSettings) -> indexes.VectorIndex:
    """The index of a space."""
    if settings.kind == "auto":
        choice = indexes.choose(*space.vectors.shape, memory_bytes=settings.memory_bytes, recall=settings.recall)
        return indexes.build(space.vectors, choice.kind, **choice.parameters)
    try:
        return indexes.build(space.vectors, settings.kind)
    except ValueError as error:
        raise UsageError(f"[index] kind: {error}") from error


def _previous(workspace: str | Path) -> Archive | None:
    """Last night, if there is one."""
    if not (Path(workspace) / store.CURRENT).exists():
        return None
    try:
        return Archive(store.open(workspace))
    except WorkspaceError as error:
        raise WorkspaceError(f"{error}; nothing was written") from error


def _day(as_of: str | date | None) -> date | None:
    if as_of is None or isinstance(as_of, date):
        return as_of
    try:
        return date.fromisoformat(as_of)
    except ValueError as error:
        raise UsageError(f"as_of: {as_of!r} is not a date like 2021-06-30") from error


def _counts(night: Night) -> dict[str, int]:
    levels = night.themes.levels
    return {
        "items": len(night.catalog),
        "rejected rows": sum(reject.dropped for reject in night.catalog.rejects),
        "rejected values": sum(not reject.dropped for reject in night.catalog.rejects),
        "encoded": sum(space.encoded for space in night.spaces.values()),
        "themes": levels[0].count if levels else 0,
        "fine themes": levels[1].count if len(levels) > 1 else 0,
        "strays": int((levels[0].members < 0).sum()) if levels else len(night.catalog),
    }


def _facts(night: Night) -> dict[str, Any]:
    """What the manifest says of the version."""
    return {
        "source": night.catalog.source,
        "counts": _counts(night),
        "settings": dict(night.settings),
        "timings": dict(night.timings),
        "warnings": list(night.warnings),
        "encoders": {name: vars(space.identity) for name, space in night.spaces.items()},
    }
