"""What the source said badly, and how the items and their vectors differ from those of the last run.

Drift: of the items that stayed, whether their vectors are still the same; of those that came, whether they are about
other things than those that stayed. That is the distance of the two mean vectors, against what as many items drawn from
all would have (a permutation test).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from discover.core.settings import SEED
from discover.core.types import ROLES, CatalogDiff, Embeddings, Reject, RunResults
from discover.core.words import shorten
from discover.report.sections._dates import dates
from discover.report.sections.base import Section, evidence

MAX_EXAMPLES = 3
VALUE_CHARACTERS = 80
SAME_COSINE = 0.999  # cosine from which a vector is the one it was: precision alone moves it less
PERMUTATIONS = 999
MAX_DRAWN = 2_000  # items a side, for the draws
MIN_ARRIVALS = 5  # items that came, without which nothing is said of them
RARE_P = 0.01  # chance below which what came is said to be other than what stayed


@dataclass(frozen=True)
class Quality(Section):
    """Rejects by reason, warnings, the mapping, pictures."""

    order: ClassVar[int] = 90
    heading: ClassVar[str] = "Data quality"
    how: ClassVar[Mapping[str, str]] = {
        "rows_read": "catalog/about.json",
        "items": "rows of catalog/items.parquet",
        "rows_dropped": "rows of catalog/rejects.json that are dropped",
        "values_dropped": "rows of catalog/rejects.json that are not dropped",
        "count": "rows of catalog/rejects.json with this reason",
        "line": "catalog/rejects.json",
        "undated": "items of catalog/items.parquet without a date",
        "future": "items dated after the day of the run",
        "pictures_named": "items of catalog/items.parquet with an image",
        "pictures_missing": "items of catalog/items.parquet without an image",
        "pictures_unread": "pictures_named less the rows of spaces/image/rows.npy",
        "stayed": "items of the space that are not -1 in catalog_diff/places.npy",
        "moved": f"of these, items whose catalog_diff/closeness-SPACE.npy is below {SAME_COSINE}",
        "closeness": "median of catalog_diff/closeness-SPACE.npy",
        "came": "items of the space that are -1 in catalog_diff/places.npy",
        "distance": "between the mean vector of items that were added and that of items that stayed",
        "usual": f"median of the same over {PERMUTATIONS} draws of which were added, {MAX_DRAWN:,} a side at most",
        "p": "share of the draws, and of the observed, with as large a distance",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """What was set aside and why, and what the columns were taken for."""
        catalog, image = results.catalog, results.spaces.get("image")
        without = int(catalog.table.column("image").null_count)
        named = len(catalog) - without
        dropped = sum(reject.dropped for reject in catalog.rejects)
        mapping = {role: catalog.mapping[role] for role in (*ROLES, *catalog.mapping) if role in catalog.mapping}
        return {
            "rows_read": catalog.rows_read,
            "items": len(catalog),
            "rows_dropped": dropped,
            "values_dropped": len(catalog.rejects) - dropped,
            "rejects": grouped(catalog.rejects),
            "warnings": list(dict.fromkeys((*catalog.warnings, *results.warnings))),
            "mapping": [
                {"role": role, "columns": list(columns), "guessed": role in catalog.guessed}
                for role, columns in mapping.items()
            ],
            "not_used": list(catalog.unused),
            "not_found": [role for role in ROLES if role not in mapping],
            "dates": dates(results),
            "drift": []
            if results.diff is None
            else [_drift(space, results.diff, catalog.ids) for space in results.spaces.values()],
            "pictures_named": named,
            "pictures_missing": without,
            "pictures_unread": None if image is None else max(0, named - len(image.rows)),
        }


def grouped(rejects: Iterable[Reject]) -> list[dict[str, Any]]:
    """Rejects by reason, the most frequent first. Reasons that differ only in numbers are one."""
    groups: dict[str, list[Reject]] = {}
    for reject in rejects:
        groups.setdefault(reject.general_reason, []).append(reject)
    reasons = [
        {
            "reason": members[0].reason if len({reject.reason for reject in members}) == 1 else general,
            "count": len(members),
            "rows_dropped": sum(reject.dropped for reject in members),
            "examples": [_example(reject) for reject in members[:MAX_EXAMPLES]],
        }
        for general, members in groups.items()
    ]
    return sorted(reasons, key=lambda group: (-int(group["count"]), str(group["reason"])))


def _example(reject: Reject) -> dict[str, Any]:
    value = shorten(reject.value, VALUE_CHARACTERS)
    return {"line": reject.line, "column": reject.column, "item": reject.item, "value": value}


def _drift(space: Embeddings, diff: CatalogDiff, ids: list[str]) -> dict[str, Any]:
    """What became of a space's vectors, and whether what came is other than what stayed."""
    if space.space in diff.changed:
        return {"id": space.space, "space": space.space, "changed": True}
    came = diff.places[space.rows] < 0
    closeness = diff.closeness.get(space.space, np.full(len(diff.places), np.nan, np.float32))
    known = closeness[np.isfinite(closeness)]
    distance, usual, p = _apart(space.vectors, came)
    return {
        "id": space.space,
        "space": space.space,
        "changed": False,
        "stayed": int((~came).sum()),
        "moved": int((known < SAME_COSINE).sum()),
        "closeness": float(np.median(known)) if len(known) else None,
        "came": int(came.sum()),
        "distance": distance,
        "usual": usual,
        "p": p,
        "differs": p is not None and p < RARE_P,
        "evidence": evidence([ids[row] for row in space.rows[came].tolist()]),
    }


def _apart(vectors: NDArray[np.float32], came: NDArray[np.bool_]) -> tuple[float | None, float | None, float | None]:
    """Distance of the means of what came and what stayed, the usual one by chance, and the chance of as large a one."""
    random = np.random.default_rng(SEED)
    sides = [np.flatnonzero(side) for side in (came, ~came)]
    if min(len(side) for side in sides) < MIN_ARRIVALS:
        return None, None, None
    new, old = (side if len(side) <= MAX_DRAWN else np.sort(random.choice(side, MAX_DRAWN, False)) for side in sides)
    rows = np.concatenate([new, old])
    drawn = np.zeros((PERMUTATIONS + 1, len(rows)))
    drawn[0, : len(new)] = 1
    for line in drawn[1:]:
        line[random.permutation(len(rows))[: len(new)]] = 1
    taken = vectors[rows].astype(np.float64)
    ones = drawn @ taken
    others = taken.sum(axis=0) - ones
    distances = np.linalg.norm(ones / len(new) - others / len(old), axis=1)
    beyond = int((distances[1:] >= distances[0] - 1e-12).sum())
    return float(distances[0]), float(np.median(distances[1:])), (beyond + 1) / (PERMUTATIONS + 1)
