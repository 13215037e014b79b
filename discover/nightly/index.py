"""Vectors to indexes. Each goes on from the last version's while few vectors came or went; else it is tuned anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import indexes
from discover.core.errors import WorkspaceError
from discover.core.settings import IndexSettings
from discover.core.types import Embeddings
from discover.nightly.before import Before, LastIndex
from discover.themes.go_on import MAX_CHANGED


@dataclass(frozen=True)
class Indexed:
    """The index of each space."""

    built: dict[str, indexes.VectorIndex]
    choices: dict[str, Mapping[str, Any]]  # what the manifest says: kind, parameters, why, what was measured
    warnings: tuple[str, ...]


def index_spaces(spaces: Mapping[str, Embeddings], settings: IndexSettings, before: Before | None) -> Indexed:
    """An index over the vectors of each space, of the kind that is set, or the cheapest that reaches the recall."""
    built, choices, warnings = {}, {}, []
    for name, embeddings in spaces.items():
        last, outcome = before.index(embeddings, settings) if before else None, None
        if last is not None:
            try:
                outcome = _go_on(embeddings, last)
            except WorkspaceError as error:
                warnings.append(f"The index of {name} was built anew because the last one cannot be read: {error}")
        built[name], choices[name] = outcome or _build(embeddings, settings)
    return Indexed(built, choices, tuple(warnings))


def _go_on(embeddings: Embeddings, last: LastIndex) -> tuple[indexes.VectorIndex, Mapping[str, Any]] | None:
    """The last index with these vectors; None where too many came or went since it was tuned.

    What was measured, and learnt, holds until then.
    """
    contents, known = embeddings.contents, last.embeddings.contents
    kept = int(np.isin(contents, known).sum())
    gone = len(known) - int(np.isin(known, contents).sum())
    changed = last.choice.get("changed", 0.0) + (len(contents) - kept + gone) / max(len(contents), 1)
    if changed > MAX_CHANGED:
        return None
    return indexes.rebuild(last.load(), embeddings.vectors), {**last.choice, "changed": changed}


def _build(embeddings: Embeddings, settings: IndexSettings) -> tuple[indexes.VectorIndex, Mapping[str, Any]]:
    vectors = embeddings.vectors
    if settings.kind == "auto":
        index, choice = indexes.tune(vectors, recall=settings.recall, memory_bytes=settings.memory_bytes)
    else:
        index = indexes.build(vectors, settings.kind)
        choice = indexes.Choice(settings.kind, reason="set by [index] kind")
    return index, asdict(choice) | {"rows": len(vectors)}
