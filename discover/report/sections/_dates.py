"""When the items of a run came out and came in, as the sections show it."""

from __future__ import annotations

from typing import Any

import numpy as np

from discover.core.types import RunResults

NAMES = {"released": "date of release", "added": "date of adding"}
INSTEAD = {
    "released": "No column says when items were added: trends use the date of release.",
    "added": "No column says when items were released: years and filters use the date of adding.",
}


def dates(results: RunResults) -> list[dict[str, Any]]:
    """For "released" and "added", whichever the catalog says: first and last, how many are unknown or after the run."""
    catalog = results.catalog
    roles = [role for role in ("released", "added") if role in catalog.mapping] or ["released"]
    return [_dates(results, role) for role in roles]


def _dates(results: RunResults, role: str) -> dict[str, Any]:
    catalog, column = results.catalog, results.catalog.table.column(role)
    days = column.to_numpy().astype("M8[D]")
    known = np.flatnonzero(~np.isnat(days))
    ends = [int(known[days[known].argmin()]), int(known[days[known].argmax()])] if len(known) else []
    first, last = catalog.dates(role, ends) if ends else (None, None)
    return {
        "id": role,
        "name": NAMES[role],
        "instead": INSTEAD[role] if catalog.stands_for(role) else None,
        "first": first,
        "last": last,
        "undated": int(column.null_count),
        "future": int((days > np.datetime64(results.created[:10], "D")).sum()),  # NaT compares as false
    }
