"""How the report was made: models, neighbour graph, null comparison, settings, time, version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import LabelQuality, RunResults, plain
from discover.report.sections.base import Section, finding

DIGEST_CHARACTERS = 12


@dataclass(frozen=True)
class Provenance(Section):
    """Model identities, recall, reason, quality of the labels, settings, timings, version."""

    order: ClassVar[int] = 100
    heading: ClassVar[str] = "How it was made"
    how: ClassVar[Mapping[str, str]] = {
        "number": "manifest.json",
        "dimension": "spaces/NAME/identity.json",
        "items": "rows of spaces/NAME/rows.npy",
        "encoded": "manifest.json",
        "different_items": "rows of graph/unique.npy",
        "neighbours": "columns of graph/neighbours.npy",
        "recall": "graph/about.json: neighbours against exact search",
        "level": "themes/named.json",
        "themes": "themes/named.json",
        "coherence": "discover.labels.coherence.measure on catalog/items.parquet and the keywords of themes/named.json",
        "different_share": "as coherence: different words over all words of the keywords",
        "seconds": "manifest.json: timings",
        "of_longest": "seconds over those of the longest stage",
        "total_seconds": "sum of the stages",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """What is needed to judge the rest, and to make it again."""
        longest = max(results.timings.values(), default=0.0)
        return {
            "software": results.software,
            "number": results.number,
            "created": results.created,
            "spaces": [_space(results, name) for name in results.spaces],
            "different_items": len(results.graph.unique),
            "neighbours": int(results.graph.neighbours.shape[1]) if results.graph.neighbours.ndim == 2 else 0,
            "recall": float(results.graph.recall),
            "labels": [_labels(quality) for quality in results.label_quality],
            "reason": finding(results)[:1].upper() + finding(results)[1:],
            "timings": [
                {"id": stage, "stage": stage, "seconds": taken, "of_longest": taken / longest if longest else 0.0}
                for stage, taken in results.timings.items()
            ],
            "total_seconds": sum(results.timings.values()),
            "settings": plain(results.settings),
        }


def _labels(quality: LabelQuality) -> dict[str, Any]:
    return {
        "id": str(quality.level),
        "level": quality.level,
        "themes": quality.themes,
        "coherence": quality.coherence,
        "different_share": quality.diversity,
    }


def _space(results: RunResults, name: str) -> dict[str, Any]:
    space = results.spaces[name]
    identity = space.identity
    return {
        "id": name,
        "space": name,
        "encoder": identity.encoder,
        "model": identity.model,
        "digest": identity.digest[:DIGEST_CHARACTERS],
        "template": identity.template,
        "dimension": identity.dimension,
        "precision": identity.precision,
        "items": len(space.rows),
        "encoded": space.encoded,
    }
