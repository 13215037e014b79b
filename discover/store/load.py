"""What a stored version holds, read back from the files that `save` wrote.

Arrays are memory-mapped, so opening costs what is used. `indexes` checks its own folders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.core import files
from discover.core.errors import WorkspaceError
from discover.core.settings import Settings
from discover.core.structure import structure
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
    Keys,
    LabelQuality,
    Ledger,
    Level,
    Pictures,
    Place,
    Reject,
    RunResults,
    Theme,
    Themes,
    Trends,
)
from discover.embeddings.embed import Known
from discover.search.index import SearchIndex, load_search_index
from discover.search.spaces.base import SpaceInput
from discover.store.save import GRAPH, KEYS, LEDGER, PARTITION, SPACE
from discover.store.versions import StoredVersion
from discover.trends.periods import Events

T = TypeVar("T")


class StoredRun:
    """The results of a stored run, each part read and checked when first asked for.

    Every part raises WorkspaceError where one of its files is damaged.
    """

    def __init__(self, version: StoredVersion) -> None:
        self.version = version

    # --- what was asked for ------------------------------------------------------------------------------------

    @cached_property
    def settings(self) -> Settings:
        """The settings of the run."""
        return Settings.from_dict(self.version.manifest["settings"])

    @property
    def created(self) -> str:
        """When the run began: ISO 8601, UTC."""
        return str(self.version.manifest["created"])

    @cached_property
    def edit_numbers(self) -> frozenset[int]:
        """The numbers of the edits that the run applied."""
        return frozenset(self.version.manifest["edits"])

    # --- catalog and vectors -----------------------------------------------------------------------------------

    @cached_property
    def catalog(self) -> Catalog:
        """The items."""
        about = self._json("catalog/about.json")
        return Catalog(
            table=files.load_table(self.version.checked("catalog/items.parquet")),
            mapping={role: tuple(columns) for role, columns in about["mapping"].items()},
            source=about["source"],
            rows_read=about["rows_read"],
            rejects=self._structure("catalog/rejects.json", tuple[Reject, ...]),
            warnings=tuple(about["warnings"]),
            guessed=tuple(about["guessed"]),
            unused=tuple(about["unused"]),
        )

    @cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns that played a role by their names: a later catalog is read in the same way.

        Not those that settings named, as settings may change, nor what content alone showed. Pictures are recognised by
        what cells hold.
        """
        about, chosen = self._json("catalog/about.json"), self.version.manifest["settings"]["catalog"]
        named = {role for role in ROLES if chosen.get(role) is not None}
        unsure = {*about["guessed"], *named, "image"}
        return {role: tuple(names) for role, names in about["mapping"].items() if role not in unsure}

    @cached_property
    def space_names(self) -> list[str]:
        """The names of the spaces of vectors, ascending."""
        files = (name.split("/") for name in self.version.files)
        return sorted(parts[1] for parts in files if parts[0] == "spaces" and parts[2:] == ["identity.json"])

    @cached_property
    def spaces(self) -> dict[str, Embeddings]:
        """The vectors of each space, by name."""
        return {name: self._space(name) for name in self.space_names}

    def _space(self, name: str) -> Embeddings:
        vectors, rows, contents = self._arrays(f"spaces/{name}", SPACE)
        return Embeddings(name, self.identity(name), vectors, rows, contents)

    def identity(self, space: str) -> EncoderIdentity:
        """What made a space's vectors."""
        return self._structure(f"spaces/{space}/identity.json", EncoderIdentity)

    def known(self, space: str, warn: Callable[[WorkspaceError], None]) -> Known:
        """The vectors of a space by content, for a later run. Vectors that are damaged are reported to `warn` once they
        are needed.
        """

        def vectors() -> NDArray[Any] | None:
            try:
                return self._array(f"spaces/{space}/vectors.npy")
            except WorkspaceError as error:
                warn(error)
                return None

        return Known(self.identity(space), self._array(f"spaces/{space}/contents.npy"), vectors)

    # --- search ------------------------------------------------------------------------------------------------

    def index(self, space: str) -> indexes.VectorIndex:
        """The index over a space's vectors, in the order of `spaces[space].rows`."""
        for name in self.version.files:
            if name.startswith(f"spaces/{space}/index/"):
                self.version.checked(name)
        folder = self.version.path(f"spaces/{space}/index/index.json").parent
        try:
            embeddings = self.spaces[space]
            return indexes.load(folder, embeddings.vectors, vectors_digest=embeddings.identity.digest)
        except (indexes.IndexDamaged, indexes.IndexMismatch) as error:
            raise WorkspaceError(f"{error}. `discover rollback N` returns to an earlier version") from error
        except ModuleNotFoundError as error:
            raise WorkspaceError(f"{folder}: {error}") from error

    @cached_property
    def search_index(self) -> SearchIndex:
        """All that a search needs; vectors and lists are mapped, indexes opened when first asked."""
        with ThreadPoolExecutor() as threads:  # hashing leaves the interpreter free to read what answers need as well
            for name in self.version.files:
                if name.startswith(("spaces/", "cohort/")):
                    threads.submit(self.version.checked, name)  # damage is reported below, where the file is used
            items = SpaceInput(self.catalog, self.spaces, self.index)
        return load_search_index(items, partial(_Folder, self.version))

    @cached_property
    def null_scores(self) -> NDArray[np.float64]:
        """Scores of unrelated pairs under the weights of the index, ascending, as `rank.null_scores` gives them."""
        return self._array("cohort/null_scores.npy")

    # --- themes ------------------------------------------------------------------------------------------------

    @cached_property
    def graph(self) -> Graph:
        """The neighbour graph; its fused vectors are not stored and come back empty."""
        unique, first, neighbours, scores, keys = self._arrays("graph", GRAPH)
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
        arrays = self._arrays("themes", tuple(PARTITION))
        levels = tuple(
            Level(members, strengths, attached, *(tuple(level[name]) for name in ("parents", "stability", "ids")))
            for members, strengths, attached, level in zip(*arrays, about["levels"], strict=True)
        )
        points, layout = self._arrays("themes", ("map", "layout"))
        cuts = structure(tuple[tuple[str, int], ...], about["cuts"])
        went_on = self._json("themes/continued.json")
        continued = structure(Continuation, went_on) if went_on else None
        tendency = structure(ClusterTendency, about["tendency"])
        return Themes(levels, points, layout, about["reason"], tendency, cuts, continued)

    @cached_property
    def named(self) -> tuple[Theme, ...]:
        """The themes as people see them, of all levels."""
        return self._structure("themes/named.json", tuple[Theme, ...])

    @cached_property
    def label_quality(self) -> tuple[LabelQuality, ...]:
        """How well the keywords of each level's themes hold together."""
        return structure(tuple[LabelQuality, ...], self.version.manifest["label_quality"])

    @property
    def last_theme(self) -> int:
        """The highest number of a theme's id that was given up to this version."""
        return int(self.version.manifest["last theme"])

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of themes."""
        about = self._json("ledger/about.json")
        themes, items, strengths = self._arrays("ledger", LEDGER)
        events = files.load_table(self.version.checked("ledger/events.parquet")).to_pylist()
        return Ledger(
            version=about["version"],
            entries=self._structure("ledger/entries.json", tuple[Entry, ...]),
            events=structure(tuple[Event, ...], events),
            last=about["last"],
            keys=Keys(*self._arrays("ledger", KEYS)),
            themes=themes,
            items=items,
            strengths=strengths,
        )

    # --- what moves, and what is shown -------------------------------------------------------------------------

    @cached_property
    def trends(self) -> Trends:
        """The trends and the white space."""
        return self._structure("trends.json", Trends)

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts of this run and those before, not scored."""
        return self._structure("alerts.json", tuple[Alert, ...])

    @cached_property
    def consumption(self) -> Events | None:
        """The audience by item and date that came with the run; None where none did."""
        if "consumption/rows.npy" not in self.version.files:
            return None
        rows, days, weights = self._arrays("consumption", ("rows", "days", "weights"))
        return Events("audience", rows, days.astype("M8[D]"), weights)

    @cached_property
    def diff(self) -> CatalogDiff | None:
        """What became of the items of the version before; None where there was none, or it could not be compared."""
        if "catalog_diff/about.json" not in self.version.files:
            return None
        about = self._json("catalog_diff/about.json")
        return CatalogDiff(
            version=about["version"],
            created=about["created"],
            items=about["items"],
            gone=tuple(about["gone"]),
            places=self._array("catalog_diff/places.npy"),
            closeness={name: self._array(f"catalog_diff/closeness-{name}.npy") for name in about["spaces"]},
            changed=tuple(about["changed"]),
        )

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where the names of themes stand on the map."""
        return self._structure("themes/places.json", dict[str, Place])

    @cached_property
    def pictures(self) -> Pictures:
        """The small pictures of the report."""
        return self._structure("pictures.json", Pictures)

    @property
    def results(self) -> RunResults:
        """The results as they were written, but for the edits that the run applied and the vectors of its graph."""
        manifest = self.version.manifest
        encoded = manifest["encoded"]
        return RunResults(
            created=self.created,
            catalog=self.catalog,
            spaces={name: replace(space, encoded=encoded[name]) for name, space in self.spaces.items()},
            graph=self.graph,
            themes=self.themes,
            named=self.named,
            settings=manifest["settings"],
            timings=manifest["timings"],
            warnings=tuple(manifest["warnings"]),
            trends=self.trends,
            indexes=manifest["indexes"],
            ledger=self.ledger,
            label_quality=self.label_quality,
            diff=self.diff,
            alerts=self.alerts,
            places=self.places,
            pictures=self.pictures,
            software=manifest["software"],
        )

    # --- files -------------------------------------------------------------------------------------------------

    def _json(self, name: str) -> Any:
        return files.load_json(self.version.checked(name))

    def _structure(self, name: str, kind: type[T]) -> T:
        return structure(kind, self._json(name))

    def _array(self, name: str) -> NDArray[Any]:
        return files.load_array(self.version.checked(name), mmap=True)

    def _arrays(self, folder: str, names: tuple[str, ...]) -> Iterator[NDArray[Any]]:
        return (self._array(f"{folder}/{name}.npy") for name in names)


@dataclass(frozen=True)
class _Folder:
    """The files of a folder of a version, as a space reads them."""

    version: StoredVersion
    name: str

    def __contains__(self, file: str) -> bool:
        return f"{self.name}/{file}" in self.version.files

    def array(self, file: str) -> NDArray[Any]:
        """An array, mapped. Raises WorkspaceError."""
        return files.load_array(self.version.checked(f"{self.name}/{file}"), mmap=True)

    def json(self, file: str) -> Any:
        """What a JSON file holds. Raises WorkspaceError."""
        return files.load_json(self.version.checked(f"{self.name}/{file}"))
