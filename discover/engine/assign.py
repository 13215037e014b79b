"""New items among the themes of an opened version, without a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from discover.catalog import reader
from discover.core import cancel
from discover.core.errors import InputError, UsageError
from discover.core.types import OUTLIER, Assignment, Assignments
from discover.engine.models import Models
from discover.engine.view import EditedView
from discover.search import fusion
from discover.store.load import StoredRun
from discover.themes import membership

NEAREST_ITEMS = 3  # items that an assignment names


def assign(
    models: Models, view: EditedView, rows: Any, level: int, allow_rejects: bool = False, pictures: bool = True
) -> Assignments:
    """A theme of a level for each new item, or none; `rows` is whatever `discover.run` reads.

    Without `pictures` no path in the rows is looked at, as a stranger may have written them. An item is placed by
    `membership.place`, among its nearest in the one space that the themes were found in. Raises InputError, UsageError
    (also for themes found in several spaces at once), ModelError.
    """
    view.check(level)
    run = view.run
    settings = run.settings.catalog
    settings = replace(
        settings,
        allow_rejects=settings.allow_rejects or allow_rejects,
        image=settings.image if pictures else "",
    )
    new = reader.read(rows, settings, before=run.columns)
    cancel.check()
    name = _space(run)
    encoder, graph = models.encoder(name), run.graph
    if encoder.modality == "image" and not pictures:
        raise UsageError(
            "assign: these themes were found by pictures, which no request can name. Use `discover assign`"
        )
    inputs = encoder.inputs(new)
    there = [row for row, value in enumerate(inputs) if value is not None]
    encoded = encoder.encode([str(inputs[row]) for row in there])
    if encoded.failures:
        first = min(encoded.failures)
        raise InputError(f"assign: {new.ids[there[first]]}: {encoded.failures[first]}")
    neighbours = run.index(name).search(encoded.vectors, graph.neighbours.shape[1])
    near = run.spaces[name].rows[neighbours.rows]
    levels = view.merged.levels
    members = levels[level].members[graph.unique] if levels else np.full(len(graph.unique), OUTLIER)
    places, strengths = membership.place(graph, members, graph.first[near], neighbours.scores)
    by_row = dict(zip(there, zip(places.tolist(), strengths.tolist(), near, strict=True), strict=True))
    assigned = []
    for row, (id, title) in enumerate(zip(new.ids, new.titles, strict=True)):
        place, strength, rows_near = by_row.get(row, (OUTLIER, 0.0, ()))
        theme = None if place == OUTLIER else levels[level].ids[place]
        theme = None if theme in view.hidden else theme
        nearest = tuple(run.catalog.ids[near_row] for near_row in rows_near[:NEAREST_ITEMS])
        assigned.append(
            Assignment(id, title, theme, view.label(theme) if theme else "", strength if theme else 0.0, nearest)
        )
    return Assignments(assigned, new.warnings)


def _space(run: StoredRun) -> str:
    """The space that the themes were found in. Raises UsageError where they were in several together."""
    weights = fusion.theme_weights(run.settings.themes, run.catalog, run.spaces)
    used = [name for name in run.spaces if weights.get(name)]
    if len(used) != 1:
        raise UsageError(
            f"assign: these themes were found in {' and '.join(used)} together. Use `discover run` instead"
        )
    return used[0]
