"""Why themes' shares are other in one version than in another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from discover.core.types import Change
from discover.engine.view import EditedView
from discover.ledger.keys import identify, locate
from discover.trends.attribution import Holding, attribute


def between(then: EditedView, now: EditedView) -> tuple[Change, ...]:
    """What made the broad themes' shares other, as `trends.attribution` tells it, by audience where both have one.

    Items are the same by their content, then by id and title.
    """
    keys = [identify(view.run.catalog, view.run.spaces) for view in (then, now)]
    rows = [f"then {row}" for row in range(len(then.run.catalog))]
    ids = (rows, [rows[row] if row >= 0 else f"now {i}" for i, row in enumerate(locate(keys[1], keys[0]))])
    weights = [np.nan_to_num(np.array(view.run.catalog.column("audience"), dtype=np.float64)) for view in (then, now)]
    watched = all(audience.any() for audience in weights)
    if not watched:
        weights = [np.ones(len(audience)) for audience in weights]
    before, after = (
        Holding(names, [theme or "" for theme in view.broad], weight)
        for names, view, weight in zip(ids, (then, now), weights, strict=True)
    )
    measure = "audience" if watched else "titles"
    return tuple(replace(change, measure=measure) for change in attribute(before, after))
