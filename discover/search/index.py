"""The search index of a version: its spaces and what is usual in each. Made in a run, written, read when it is opened.

spaces/NAME/                    what a space writes (see `Space.save`)
cohort/rows.npy, NAME-mean.npy, NAME-std.npy, null_scores.npy, about.json
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from discover.core import files, plugins
from discover.core.errors import SettingsError
from discover.core.settings import unknown_option
from discover.search import cohort, spaces
from discover.search.cohort import Cohort, CohortStats
from discover.search.spaces.base import Space, SpaceInput, Stored


@dataclass(frozen=True)
class SearchIndex:
    """All that a search needs of a version."""

    spaces: Mapping[str, Space]
    cohort: Cohort = field(repr=False)
    count: int  # items in the catalog
    weights: Mapping[str, float] = field(default_factory=dict)  # what each space counts where a query does not say


def check_settings_weights(weights: Mapping[str, float] | None) -> None:
    """Raises SettingsError where the settings weigh something that is no space."""
    for name in weights or {}:
        if name not in plugins.names(spaces):
            raise SettingsError(unknown_option("[search] weights", name, plugins.names(spaces)))


def build_search_index(items: SpaceInput, weights: Mapping[str, float] | None = None) -> SearchIndex:
    """The spaces that can tell items apart, and how every item compares with a sample in each.

    `weights` are those of the settings; without any each space counts what it is meant to.
    """
    built = {name: kind.build(items) for name, kind in _kinds(items.embeddings)}
    held = {name: space for name, space in built.items() if space is not None}
    count = len(items.catalog)
    return SearchIndex(held, cohort.measure(held, count), count, _weigh(held, weights))


def save_search_index(folder: Path, search_index: SearchIndex, null_scores: NDArray[np.float64]) -> None:
    """Write what `load_search_index` needs, beside the vectors of encoders, into a version's folder. Raises DiskError.

    `null_scores` are those of `rank.null_scores` under the index's own weights: they take longer than a query.
    """
    for name, space in search_index.spaces.items():
        space.save(folder / "spaces" / name)
    own = folder / "cohort"
    files.save_array(own / "rows.npy", search_index.cohort.rows)
    for name, stats in search_index.cohort.stats.items():
        files.save_array(own / f"{name}-mean.npy", stats.mean)
        files.save_array(own / f"{name}-std.npy", stats.std)
    files.save_array(own / "null_scores.npy", null_scores)
    about = {"pooled": dict(search_index.cohort.pooled), "weights": dict(search_index.weights)}
    files.save_json(own / "about.json", about)


def load_search_index(items: SpaceInput, stored: Callable[[str], Stored]) -> SearchIndex:
    """As it was written, without newer spaces; `stored` gives the files of a folder. Raises WorkspaceError."""
    own = stored("cohort")
    about = own.json("about.json")
    kinds = [(name, kind) for name, kind in _kinds(items.embeddings) if name in about["pooled"]]
    loaded = {name: kind.load(items, stored(f"spaces/{name}")) for name, kind in kinds}
    held = {name: space for name, space in loaded.items() if space is not None}
    stats = {name: CohortStats(own.array(f"{name}-mean.npy"), own.array(f"{name}-std.npy")) for name in held}
    return SearchIndex(
        held, Cohort(own.array("rows.npy"), stats, about["pooled"]), len(items.catalog), about["weights"]
    )


def _kinds(encoded: Iterable[str]) -> list[tuple[str, type[Space]]]:
    """All kinds of spaces: those of encoders in the order of their vectors, then the others by name."""
    names = plugins.names(spaces)
    first = [name for name in encoded if name in names]
    return [(name, plugins.find(spaces, name)) for name in (*first, *(other for other in names if other not in first))]


def _weigh(held: Mapping[str, Space], weights: Mapping[str, float] | None) -> dict[str, float]:
    if weights is not None:
        return {name: weight for name, weight in weights.items() if name in held}
    return {name: held[name].weight for name in sorted(held, key=lambda name: -held[name].weight)}
