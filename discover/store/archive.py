"""A night's objects to the files of a version, and back: npy, Parquet and JSON, one folder per stage.

    catalog/items.parquet, about.json, rejects.json
    spaces/NAME/vectors.npy, rows.npy, contents.npy, identity.json, index/
    lexical/matrix-*.npy, lists-*.npy, weights.npy, words.json    where items have words
    metadata/FIELD-*.npy, FIELD-lists-*.npy, years.npy, about.json   where items have metadata
    cohort/rows.npy, SPACE-mean.npy, SPACE-std.npy, null_scores.npy, about.json
    graph/unique.npy, first.npy, neighbours.npy, scores.npy, keys.npy, about.json
    themes/map.npy, layout.npy, about.json, named.json, continued.json, members.npy, strengths.npy, attached.npy,
        themes-LEVEL.npy, affinities-LEVEL.npy
        places.json
    trends.json, alerts.json
    consumption/rows.npy, days.npy, weights.npy    where a table of audience came with the run
    catalog_diff/places.npy, closeness-SPACE.npy, about.json    where there was a night before
    pictures.json
    ledger/entries.json, events.parquet, about.json, contents.npy, names.npy, themes.npy, items.npy, strengths.npy
    report.html, report.json

Arrays are memory-mapped when read, so opening costs what is used. `indexes` checks its own folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import cache, cached_property, partial
from math import nan
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.core import files
from discover.core.errors import WorkspaceError
from discover.core.settings import Settings
from discover.core.types import (
    ROLES,
    Alert,
    Catalog,
    CatalogDiff,
    ClusterTendency,
    Continuation,
    Embeddings,
    EncoderIdentity,
    Entry,
    Event,
    Graph,
    Item,
    Keys,
    LabelQuality,
    Ledger,
    Level,
    Membership,
    Pictures,
    Place,
    Reject,
    Report,
    RunResults,
    Theme,
    Themes,
    Trend,
    Trends,
    WhiteSpace,
    plain,
)
from discover.embeddings.embed import Known
from discover.report import palette as _palette
from discover.report import posters as _posters
from discover.search import rank
from discover.search.cohort import Cohort, CohortStats
from discover.search.rank import SearchIndex
from discover.search.spaces.base import Space
from discover.search.spaces.lexical import Lexical
from discover.search.spaces.metadata import Metadata, Values
from discover.search.spaces.sparse import Sparse
from discover.search.spaces.vectors import Vectors
from discover.store import versions as store
from discover.trends import alerts
from discover.trends.periods import Events

MEMBERSHIP = ("themes", "affinities")
PARTITION = {"members": np.int64, "strengths": np.float32, "attached": np.bool_}  # arrays of a level, all in one file
T = TypeVar("T")
SPARSE = ("data", "indices", "indptr")
EVENTS = ("version", "created", "kind", "theme", "others", "confidence")  # columns of ledger/events.parquet


def save(
    folder: Path,
    results: RunResults,
    found: Mapping[str, indexes.VectorIndex],
    search_index: SearchIndex,
    report: Report,
    consumption: Events | None = None,
) -> None:
    """Write everything into a draft's folder. `found` holds the index of each space. Raises DiskError.

    `consumption` is the audience by item and date that came with the run.

    The null scores (`rank.null_scores`) are stored for the weights of the settings, as they take longer than a query.
    """
    _save_catalog(folder / "catalog", results.catalog)
    for name, space in results.spaces.items():
        _save_space(folder / "spaces" / name, space, found[name])
    for other in search_index.spaces.values():
        if isinstance(other, Lexical):
            _save_lexical(folder / "lexical", other)
        elif isinstance(other, Metadata):
            _save_metadata(folder / "metadata", other)
    _save_cohort(folder / "cohort", search_index.cohort)
    files.save_array(
        folder / "cohort" / "null_scores.npy", rank.null_scores(search_index, results.settings["search"]["weights"])
    )
    _save_graph(folder / "graph", results.graph)
    _save_themes(folder / "themes", results.themes, results.named)
    files.save_json(folder / "themes" / "places.json", plain(results.places))
    files.save_json(folder / "trends.json", plain(results.trends))
    told = [{"version": each.version, "created": each.created, "trend": each.trend} for each in results.alerts]
    files.save_json(folder / "alerts.json", plain(told))
    if consumption is not None:
        _save_consumption(folder / "consumption", consumption)
    if results.diff is not None:
        _save_diff(folder / "catalog_diff", results.diff)
    pictures = results.pictures
    content = {"posters": dict(pictures.posters), "sheet": pictures.sheet, "cells": list(pictures.cells)}
    files.save_json(folder / "pictures.json", content)
    _save_ledger(folder / "ledger", results.ledger)
    files.write_bytes(folder / "report.html", report.html.encode())
    files.save_json(folder / "report.json", report.facts)


def _save_catalog(folder: Path, catalog: Catalog) -> None:
    folder.mkdir(parents=True)
    files.save_table(folder / "items.parquet", catalog.table)
    about = {
        "mapping": catalog.mapping,
        "source": catalog.source,
        "rows_read": catalog.rows_read,
        "warnings": catalog.warnings,
        "guessed": catalog.guessed,
        "unused": catalog.unused,
    }
    files.save_json(folder / "about.json", plain(about))
    files.save_json(folder / "rejects.json", plain(catalog.rejects))


def _save_space(folder: Path, space: Embeddings, index: indexes.VectorIndex) -> None:
    folder.mkdir(parents=True)
    for name in ("vectors", "rows", "contents"):
        files.save_array(folder / f"{name}.npy", getattr(space, name))
    files.save_json(folder / "identity.json", asdict(space.identity))
    indexes.save(index, folder / "index", vectors_digest=space.identity.digest)


def _save_lexical(folder: Path, lexical: Lexical) -> None:
    folder.mkdir(parents=True)
    _save_sparse(folder, "matrix", lexical.matrix)
    _save_sparse(folder, "lists", lexical.lists)
    files.save_array(folder / "weights.npy", lexical.weights)
    files.save_json(folder / "words.json", list(lexical.words))


def _save_metadata(folder: Path, metadata: Metadata) -> None:
    folder.mkdir(parents=True)
    for name, values in metadata.fields.items():
        _save_sparse(folder, name, values.matrix)
        _save_sparse(folder, f"{name}-lists", values.lists)
    if metadata.years is not None:
        files.save_array(folder / "years.npy", metadata.years)
    names = {name: list(values.names) for name, values in metadata.fields.items()}
    files.save_json(folder / "about.json", {"fields": names, "count": metadata.count})


def _save_cohort(folder: Path, cohort: Cohort) -> None:
    folder.mkdir(parents=True)
    files.save_array(folder / "rows.npy", cohort.rows)
    for name, stats in cohort.stats.items():
        files.save_array(folder / f"{name}-mean.npy", stats.mean)
        files.save_array(folder / f"{name}-std.npy", stats.std)
    files.save_json(folder / "about.json", {"pooled": dict(cohort.pooled)})


def _save_sparse(folder: Path, name: str, matrix: Sparse) -> None:
    for part in SPARSE:
        files.save_array(folder / f"{name}-{part}.npy", getattr(matrix, part))


def _save_graph(folder: Path, graph: Graph) -> None:
    folder.mkdir(parents=True)
    for name in ("unique", "first", "neighbours", "scores", "keys"):
        files.save_array(folder / f"{name}.npy", getattr(graph, name))
    files.save_json(folder / "about.json", {"recall": graph.recall})


def _save_themes(folder: Path, themes: Themes, named: tuple[Theme, ...]) -> None:
    folder.mkdir(parents=True)
    files.save_array(folder / "map.npy", themes.map)
    files.save_array(folder / "layout.npy", themes.layout)
    rows = len(themes.map)
    for part, kind in PARTITION.items():
        by_level = [getattr(level, part) for level in themes.levels]
        files.save_array(folder / f"{part}.npy", np.array(by_level, dtype=kind).reshape(-1, rows))
    for number, membership in enumerate(themes.memberships):
        for part in MEMBERSHIP:
            files.save_array(folder / f"{part}-{number}.npy", getattr(membership, part))
    levels = [{"parents": each.parents, "stability": each.stability, "ids": each.ids} for each in themes.levels]
    about = {"reason": themes.reason, "levels": levels, "cuts": themes.cuts, "verdict": themes.tendency}
    files.save_json(folder / "about.json", plain(about))
    files.save_json(folder / "continued.json", plain(themes.continued))
    files.save_json(folder / "named.json", plain(named))


def _save_ledger(folder: Path, ledger: Ledger) -> None:
    import pyarrow as pa

    folder.mkdir(parents=True)
    files.save_json(folder / "entries.json", plain(ledger.entries))
    columns = {name: [getattr(event, name) for event in ledger.events] for name in EVENTS}
    columns["others"] = pa.array(columns["others"], pa.list_(pa.string()))
    files.save_table(folder / "events.parquet", pa.table(columns))
    about = {"version": ledger.version, "last": ledger.last}
    files.save_json(folder / "about.json", plain(about))
    for name in ("contents", "names"):
        files.save_array(folder / f"{name}.npy", getattr(ledger.keys, name))
    for name in ("themes", "items", "strengths"):
        files.save_array(folder / f"{name}.npy", getattr(ledger, name))


def _save_consumption(folder: Path, events: Events) -> None:
    folder.mkdir(parents=True)
    files.save_array(folder / "rows.npy", events.rows)
    files.save_array(folder / "days.npy", events.days.astype("M8[D]").astype(np.int64))
    files.save_array(folder / "weights.npy", events.weights)


def _save_diff(folder: Path, diff: CatalogDiff) -> None:
    folder.mkdir(parents=True)
    files.save_array(folder / "places.npy", diff.places)
    for name, closeness in diff.closeness.items():
        files.save_array(folder / f"closeness-{name}.npy", closeness)
    about = {"version": diff.version, "created": diff.created, "items": diff.items, "gone": diff.gone}
    files.save_json(folder / "about.json", plain(about | {"changed": diff.changed, "spaces": list(diff.closeness)}))


def last_ledger(workspace: Path, warn: Callable[[str], None]) -> Ledger:
    """What the current version knows of themes, and the highest id that any version gave; empty on the first night.

    Where it has no ledger, or one that is damaged, that of the newest version with a sound one serves, and `warn` is
    told.
    """
    found, last, damages = None, 0, []
    for number in _newest_first(workspace):
        try:
            archive = Archive(store.open(workspace, number))
            last = max(last, archive.last_theme)
            found = found or archive.ledger
        except WorkspaceError as error:
            damages += [] if found else [str(error)]
    if damages:
        instead = f"version {found.version}'s is used" if found else "all themes begin anew"
        warn(f"The last ledger of themes cannot be read, so {instead}: {damages[0]}")
    return replace(found or Ledger(), last=last)


def _newest_first(workspace: Path) -> list[int]:
    """The versions, the current one before all others."""
    numbers = store.numbers(workspace)[::-1]
    try:
        current = store.open(workspace).number
    except WorkspaceError:  # a run says that it cannot be read; it comes in its turn
        return numbers
    return [current, *(number for number in numbers if number != current)]


def known(workspace: str | Path, space: str, warn: Callable[[str], None]) -> Iterator[Known]:
    """What the versions of a workspace know of a space, newest first.

    A damaged version never keeps the next one from being made: it is told to `warn` and passed over.
    """
    for number in reversed(store.numbers(workspace)):
        try:
            archive = Archive(store.open(workspace, number))
            if f"spaces/{space}/identity.json" in archive.version.files:
                yield archive.known(space, warn)
        except WorkspaceError as error:
            warn(_passed_over(number, error))


def _passed_over(number: int, error: WorkspaceError) -> str:
    return f"Version {number} cannot be read, so what only it knew was encoded anew: {error}"


class Archive:
    """What a stored version holds, each part read and checked when first asked for."""

    def __init__(self, version: store.StoredVersion) -> None:
        self.version = version

    @cached_property
    def settings(self) -> Settings:
        """The settings of the run that made the version."""
        return Settings.from_dict(self.version.manifest["settings"])

    @cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns that played a role by their names: a later catalog is read in the same way.

        Not those that settings named, as settings may change, nor what content alone told. Pictures are found by what
        cells hold.
        """
        chosen = self.version.manifest["settings"][
            "catalog"
        ]  # as written: another discover may have known other settings
        named = {role for role in ROLES if chosen.get(role) is not None}
        unsure = {*self.catalog.guessed, *named, "image"}
        return {role: names for role, names in self.catalog.mapping.items() if role not in unsure}

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog. Raises WorkspaceError where a file is damaged, as all of these do."""
        about = self._json("catalog/about.json")
        return Catalog(
            table=files.load_table(self.version.checked("catalog/items.parquet")),
            mapping={role: tuple(columns) for role, columns in about["mapping"].items()},
            source=about["source"],
            rows_read=about["rows_read"],
            rejects=tuple(Reject(**reject) for reject in self._json("catalog/rejects.json")),
            warnings=tuple(about["warnings"]),
            guessed=tuple(about.get("guessed", ())),
            unused=tuple(about.get("unused", ())),
        )

    def known(self, space: str, warn: Callable[[str], None]) -> Known:
        """What this version knows of a space; that its vectors are damaged is told to `warn` once they are read."""

        def vectors() -> NDArray[Any] | None:
            try:
                return self._array(f"spaces/{space}/vectors.npy")
            except WorkspaceError as error:
                warn(_passed_over(self.version.number, error))
                return None

        return Known(self._identity(space), self._array(f"spaces/{space}/contents.npy"), vectors)

    @cached_property
    def spaces(self) -> dict[str, Embeddings]:
        """The vectors of each space, by name."""
        names = sorted({name.split("/")[1] for name in self.version.files if name.startswith("spaces/")})
        return {name: self._space(name) for name in names}

    def _space(self, name: str) -> Embeddings:
        vectors, rows, contents = (self._array(f"spaces/{name}/{part}.npy") for part in ("vectors", "rows", "contents"))
        return Embeddings(name, self._identity(name), vectors, rows, contents)

    def _identity(self, space: str) -> EncoderIdentity:
        return EncoderIdentity(**self._json(f"spaces/{space}/identity.json"))

    def index(self, space: str) -> indexes.VectorIndex:
        """The index over a space's vectors, in the order of `spaces[space].rows`."""
        for name in self.version.files:
            if name.startswith(f"spaces/{space}/index/"):
                self.version.checked(name)
        folder = self.version.path(f"spaces/{space}/index/index.json").parent
        try:
            known = self.spaces[space]
            return indexes.load(folder, known.vectors, vectors_digest=known.identity.digest)
        except (indexes.IndexDamaged, indexes.IndexMismatch) as error:
            raise WorkspaceError(f"{error}. `discover rollback N` returns to an earlier version") from error
        except ModuleNotFoundError as error:
            raise WorkspaceError(f"{folder}: {error}") from error

    @cached_property
    def search_index(self) -> SearchIndex:
        """All that a search needs; vectors and lists are mapped, indexes opened when first asked."""
        with ThreadPoolExecutor() as threads:  # hashing leaves the interpreter free to read what answers need as well
            for name in self.version.files:
                if name.startswith(("spaces/", "lexical/", "metadata/", "cohort/")):
                    threads.submit(self.version.checked, name)  # damage is told below, where the file is used
            count = len(self.catalog)
        spaces: dict[str, Space] = {
            name: Vectors(space, count, cache(partial(self.index, name))) for name, space in self.spaces.items()
        }
        others: tuple[Space | None, ...] = (self._lexical(), self._metadata())
        spaces |= {space.name: space for space in others if space is not None}
        stats = {
            name: CohortStats(*(self._array(f"cohort/{name}-{part}.npy") for part in ("mean", "std")))
            for name in spaces
        }
        pooled = self._json("cohort/about.json")["pooled"]
        return SearchIndex(spaces, Cohort(self._array("cohort/rows.npy"), stats, pooled), count)

    @cached_property
    def null_scores(self) -> NDArray[np.float64]:
        """Scores of unrelated pairs under the weights of the settings, ascending, as `rank.null_scores` gives them."""
        if "cohort/null_scores.npy" in self.version.files:
            return self._array("cohort/null_scores.npy")
        return rank.null_scores(self.search_index, self.version.manifest["settings"]["search"]["weights"])

    def _lexical(self) -> Lexical | None:
        if "lexical/words.json" not in self.version.files:
            return None
        weights = self._array("lexical/weights.npy")
        matrix = self._sparse("lexical/matrix", len(weights))
        return Lexical(matrix, self._lists("lexical/lists", matrix), self._json("lexical/words.json"), weights)

    def _metadata(self) -> Metadata | None:
        if "metadata/about.json" not in self.version.files:
            return None
        about = self._json("metadata/about.json")
        fields = {}
        for name, names in about["fields"].items():
            matrix = self._sparse(f"metadata/{name}", len(names))
            fields[name] = Values(matrix, self._lists(f"metadata/{name}-lists", matrix), names)
        years = self._array("metadata/years.npy") if "metadata/years.npy" in self.version.files else None
        return Metadata(fields, years, about["count"])

    def _sparse(self, name: str, width: int) -> Sparse:
        data, indices, indptr = (self._array(f"{name}-{part}.npy") for part in SPARSE)
        return Sparse(data, indices, indptr, width)

    def _lists(self, name: str, matrix: Sparse) -> Sparse:
        """A matrix by column; turned here where the version does not have it."""
        return self._sparse(name, matrix.shape[0]) if f"{name}-data.npy" in self.version.files else matrix.turned

    @cached_property
    def graph(self) -> Graph:
        """The neighbour graph; its fused vectors are not stored and come back empty."""
        unique, first, neighbours, scores = (
            self._array(f"graph/{part}.npy") for part in ("unique", "first", "neighbours", "scores")
        )
        older = "graph/keys.npy" not in self.version.files  # than keys: no night can go on from it
        keys = np.empty(0, dtype="S32") if older else self._array("graph/keys.npy")
        nothing = np.empty((len(unique), 0), dtype=np.float32)
        return Graph(unique, first, nothing, neighbours, scores, self._json("graph/about.json")["recall"], keys)

    @cached_property
    def copies(self) -> NDArray[np.int64]:
        """By row: the number of its group of near-duplicates, as `duplicates.group` finds them in the graph."""
        from discover.themes import duplicates  # imported where it is used, as a query by id should start fast

        return duplicates.group(self.graph)

    @cached_property
    def themes(self) -> Themes:
        """The themes as arrays."""
        about = self._json("themes/about.json")
        arrays = [self._array(f"themes/{part}.npy") for part in PARTITION]
        levels = tuple(
            Level(members, strengths, attached, **_tuples(level, "parents", "stability", "ids"))
            for members, strengths, attached, level in zip(*arrays, about["levels"], strict=True)
        )
        points, layout = self._array("themes/map.npy"), self._array("themes/layout.npy")
        memberships = tuple(
            Membership(*(self._array(f"themes/{part}-{i}.npy") for part in MEMBERSHIP)) for i in range(len(levels))
        )
        cuts = tuple((method, size) for method, size in about["cuts"])
        went_on = self._json("themes/continued.json")
        continued = Continuation(**went_on) if went_on else None
        tendency = ClusterTendency(**about["verdict"]) if about.get("verdict") else None
        return Themes(levels, points, layout, about["reason"], memberships, cuts, continued, tendency)

    @cached_property
    def named(self) -> tuple[Theme, ...]:
        """The themes as people see them, of all levels."""
        return tuple(_theme(content) for content in self._json("themes/named.json"))

    @cached_property
    def trends(self) -> Trends:
        """The trends; none in a version that was made before there were any."""
        if "trends.json" not in self.version.files:
            return Trends(why="This version was made without trends. Run again")
        content = self._json("trends.json")
        found = tuple(_listed(Trend, each) for each in content["found"])
        space = tuple(_listed(WhiteSpace, each) for each in content["white_space"])
        return Trends(found, space, content["why"], tuple(content["notes"]))

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts of this night and those before, not scored; its own in a version from before they were kept."""
        if "alerts.json" not in self.version.files:
            return alerts.add_alerts((), Trends(), self.trends, self.version.number, self.version.created)
        found = self._json("alerts.json")
        return tuple(Alert(each["version"], each["created"], _listed(Trend, each["trend"])) for each in found)

    @cached_property
    def consumption(self) -> Events | None:
        """The audience by item and date that came with the run; None where none did, or it was not kept then."""
        if "consumption/rows.npy" not in self.version.files:
            return None
        rows, days, weights = (self._array(f"consumption/{part}.npy") for part in ("rows", "days", "weights"))
        return Events("audience", rows, days.astype("M8[D]"), weights)

    @cached_property
    def diff(self) -> CatalogDiff | None:
        """What became of the items of the night before; None on a first night, or where it was not kept then."""
        if "catalog_diff/about.json" not in self.version.files:
            return None
        about = self._json("catalog_diff/about.json")
        closeness = {name: self._array(f"catalog_diff/closeness-{name}.npy") for name in about["spaces"]}
        return CatalogDiff(
            about["version"],
            about["created"],
            about["items"],
            tuple(about["gone"]),
            self._array("catalog_diff/places.npy"),
            closeness,
            tuple(about["changed"]),
        )

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where the names of themes stand on the map; found now for those that the version does not tell of."""
        told = self._json("themes/places.json") if "themes/places.json" in self.version.files else {}
        kept = {id: Place(**each) for id, each in told.items()}
        if all(theme.id in kept for theme in self.named):
            return kept
        return _palette.places(self.themes, self.catalog.ids, kept)

    @cached_property
    def pictures(self) -> Pictures:
        """The small pictures of the report; made now for a version from before they were kept."""
        if "pictures.json" not in self.version.files:
            return _posters.of(self.catalog, self.themes, self.named)
        content = self._json("pictures.json")
        return Pictures(content["posters"], content["sheet"], tuple(content["cells"]))

    @property
    def results(self) -> RunResults:
        """The night as it was written, but for the edits that it followed and the vectors of its graph."""
        manifest = self.version.manifest
        encoded = manifest.get("encoded", {})
        return RunResults(
            created=manifest.get("created", self.version.created),
            catalog=self.catalog,
            spaces={name: replace(space, encoded=encoded.get(name, 0)) for name, space in self.spaces.items()},
            graph=self.graph,
            themes=self.themes,
            named=self.named,
            settings=manifest["settings"],
            timings=manifest["timings"],
            warnings=tuple(manifest["warnings"]),
            trends=self.trends,
            indexes=manifest["indexes"],
            ledger=self.ledger,
            label_quality=tuple(LabelQuality(**each) for each in manifest.get("label_quality", ())),
            diff=self.diff,
            alerts=self.alerts,
            places=self.places,
            pictures=self.pictures,
            software=manifest.get("software", ""),
        )

    @property
    def last_theme(self) -> int:
        """The highest number of an id that was given up to this version."""
        if "last theme" in self.version.manifest:
            return int(self.version.manifest["last theme"])
        return max((int(theme.id[1:]) for theme in self.named), default=0)  # written before there were ledgers

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of themes."""
        about = self._json("ledger/about.json")
        entries = self._json("ledger/entries.json")
        events = files.load_table(self.version.checked("ledger/events.parquet")).to_pylist()
        contents, names, themes, items, strengths = (
            self._array(f"ledger/{part}.npy") for part in ("contents", "names", "themes", "items", "strengths")
        )
        return Ledger(
            version=about["version"],
            entries=tuple(Entry(**(each | _tuples(each, "keywords", "names"))) for each in entries),
            events=tuple(Event(**(each | _tuples(each, "others"))) for each in events),
            last=about["last"],
            keys=Keys(contents, names),
            themes=themes,
            items=items,
            strengths=strengths,
        )

    def _json(self, name: str) -> Any:
        return files.load_json(self.version.checked(name))

    def _array(self, name: str) -> NDArray[Any]:
        return files.load_array(self.version.checked(name), mmap=True)


def _listed(kind: Callable[..., T], content: dict[str, Any]) -> T:
    """A noun of numbers and texts from its JSON, where lists were tuples and null was NaN."""

    def value(each: Any) -> Any:
        return tuple(map(value, each)) if isinstance(each, list) else nan if each is None else each

    return kind(**{key: value(each) for key, each in content.items()})


def _tuples(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Some values of a dictionary, which JSON holds as lists."""
    return {key: tuple(content[key]) for key in keys}


def _theme(content: dict[str, Any]) -> Theme:
    """A theme from its JSON."""
    listed = _tuples(content, "keywords", "children")
    items = {key: tuple(Item(**item) for item in content[key]) for key in ("exemplars", "items")}
    return Theme(**(content | listed | items))
