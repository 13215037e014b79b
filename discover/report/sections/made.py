"""How the report was made: models, neighbour graph, null comparison, settings, time, version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import LabelQuality, Night, plain
from discover.report.sections.base import Section, finding

DIGEST_CHARACTERS = 12


@dataclass(frozen=True)
class Made(Section):
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

    def facts(self, night: Night) -> dict[str, Any]:
        """What is needed to judge the rest, and to make it again."""
        longest = max(night.timings.values(), default=0.0)
        return {
            "software": night.software,
            "number": night.number,
            "created": night.created,
            "spaces": [_space(night, name) for name in night.spaces],
            "different_items": len(night.graph.unique),
            "neighbours": int(night.graph.neighbours.shape[1]) if night.graph.neighbours.ndim == 2 else 0,
            "recall": float(night.graph.recall),
            "labels": [_labels(each) for each in night.label_quality],
            "reason": finding(night)[:1].upper() + finding(night)[1:],
            "timings": [
                {"id": stage, "stage": stage, "seconds": taken, "of_longest": taken / longest if longest else 0.0}
                for stage, taken in night.timings.items()
            ],
            "total_seconds": sum(night.timings.values()),
            "settings": plain(night.settings),
        }


def _labels(quality: LabelQuality) -> dict[str, Any]:
    return {
        "id": str(quality.level),
        "level": quality.level,
        "themes": quality.themes,
        "coherence": quality.coherence,
        "different_share": quality.diversity,
    }


def _space(night: Night, name: str) -> dict[str, Any]:
    space = night.spaces[name]
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
