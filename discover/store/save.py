"""A run's objects to the files of a version, one folder for each stage. `load` reads them back.

    catalog/items.parquet, about.json, rejects.json
    spaces/NAME/vectors.npy, rows.npy, contents.npy, identity.json, index/    the vectors of encoders
    spaces/NAME/, cohort/    the search index: see `discover.search.index`
    graph/unique.npy, first.npy, neighbours.npy, scores.npy, keys.npy, about.json
    themes/map.npy, layout.npy, members.npy, strengths.npy, attached.npy, about.json, continued.json,
        named.json, places.json
    trends.json, alerts.json
    consumption/rows.npy, days.npy, weights.npy    where a table of audience came with the run
    catalog_diff/places.npy, closeness-SPACE.npy, about.json    where there was a version before
    pictures.json
    ledger/entries.json, events.parquet, about.json, contents.npy, names.npy, themes.npy, items.npy, strengths.npy
    report.html, report.json

JSON, .npy and Parquet only: none of them can run code when read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import indexes
from discover.core import files
from discover.core.types import Catalog, CatalogDiff, Embeddings, Ledger, RunResults, Theme, Themes, plain
from discover.search.index import SearchIndex, save_search_index
from discover.trends.periods import Events

# Names of the arrays of an object, which are those of its fields and of its files.
SPACE = ("vectors", "rows", "contents")
GRAPH = ("unique", "first", "neighbours", "scores", "keys")
PARTITION = {"members": np.int64, "strengths": np.float32, "attached": np.bool_}  # of all levels, in one file each
KEYS = ("contents", "names")
LEDGER = ("themes", "items", "strengths")
REPORT = "report.html"
EVENTS = ("version", "created", "kind", "theme", "others", "confidence")  # columns of ledger/events.parquet


def save(
    folder: Path,
    results: RunResults,
    built: Mapping[str, indexes.VectorIndex],
    search_index: SearchIndex,
    null_scores: NDArray[np.float64],
    consumption: Events | None = None,
) -> None:
    """Write everything but the report into a draft's folder. Raises DiskError.

    `built` holds the index of each space; `null_scores` are those of the settings' weights, which take longer than a
    query (`rank.null_scores`); `consumption` is the audience by item and date that came with the run.
    """
    _save_catalog(folder / "catalog", results.catalog)
    for name, embeddings in results.spaces.items():
        _save_space(folder / "spaces" / name, embeddings, built[name])
    save_search_index(folder, search_index, null_scores)
    _save_arrays(folder / "graph", results.graph, GRAPH)
    files.save_json(folder / "graph" / "about.json", {"recall": results.graph.recall})
    _save_themes(folder / "themes", results.themes, results.named)
    files.save_json(folder / "themes" / "places.json", plain(results.places))
    files.save_json(folder / "trends.json", plain(results.trends))
    alerts = [{"version": it.version, "created": it.created, "trend": it.trend} for it in results.alerts]  # not scored
    files.save_json(folder / "alerts.json", plain(alerts))
    if consumption is not None:
        _save_consumption(folder / "consumption", consumption)
    if results.diff is not None:
        _save_diff(folder / "catalog_diff", results.diff)
    files.save_json(folder / "pictures.json", asdict(results.pictures))
    _save_ledger(folder / "ledger", results.ledger)


def save_report(folder: Path, page: str, content: Mapping[str, Any]) -> None:
    """Write the report into a draft's folder, as a page and as JSON. Raises DiskError."""
    files.write_bytes(folder / REPORT, page.encode())
    files.save_json(folder / "report.json", content)


def _save_arrays(folder: Path, owner: Any, names: tuple[str, ...]) -> None:
    """The fields of these names, each as one array."""
    for name in names:
        files.save_array(folder / f"{name}.npy", getattr(owner, name))


def _save_catalog(folder: Path, catalog: Catalog) -> None:
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


def _save_space(folder: Path, embeddings: Embeddings, index: indexes.VectorIndex) -> None:
    _save_arrays(folder, embeddings, SPACE)
    files.save_json(folder / "identity.json", asdict(embeddings.identity))
    indexes.save(index, folder / "index", vectors_digest=embeddings.identity.digest)


def _save_themes(folder: Path, themes: Themes, named: tuple[Theme, ...]) -> None:
    _save_arrays(folder, themes, ("map", "layout"))
    for name, kind in PARTITION.items():
        by_level = [getattr(level, name) for level in themes.levels]
        files.save_array(folder / f"{name}.npy", np.array(by_level, dtype=kind).reshape(-1, len(themes.map)))
    about = {
        "reason": themes.reason,
        "levels": [{"parents": it.parents, "stability": it.stability, "ids": it.ids} for it in themes.levels],
        "cuts": themes.cuts,
        "tendency": themes.tendency,
    }
    files.save_json(folder / "about.json", plain(about))
    files.save_json(folder / "continued.json", plain(themes.continued))
    files.save_json(folder / "named.json", plain(named))


def _save_ledger(folder: Path, ledger: Ledger) -> None:
    import pyarrow as pa

    files.save_json(folder / "entries.json", plain(ledger.entries))
    columns = {name: [getattr(event, name) for event in ledger.events] for name in EVENTS}
    columns["others"] = pa.array(columns["others"], pa.list_(pa.string()))
    files.save_table(folder / "events.parquet", pa.table(columns))
    files.save_json(folder / "about.json", {"version": ledger.version, "last": ledger.last})
    _save_arrays(folder, ledger.keys, KEYS)
    _save_arrays(folder, ledger, LEDGER)


def _save_consumption(folder: Path, events: Events) -> None:
    files.save_array(folder / "rows.npy", events.rows)
    files.save_array(folder / "days.npy", events.days.astype("M8[D]").astype(np.int64))
    files.save_array(folder / "weights.npy", events.weights)


def _save_diff(folder: Path, diff: CatalogDiff) -> None:
    files.save_array(folder / "places.npy", diff.places)
    for name, closeness in diff.closeness.items():
        files.save_array(folder / f"closeness-{name}.npy", closeness)
    about = {"version": diff.version, "created": diff.created, "items": diff.items, "gone": diff.gone}
    files.save_json(folder / "about.json", plain(about | {"changed": diff.changed, "spaces": list(diff.closeness)}))
