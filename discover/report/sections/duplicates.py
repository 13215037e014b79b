"""Items that seem to be in the catalog twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import RunResults
from discover.report.sections import _facts
from discover.report.sections.base import Section, evidence
from discover.themes.duplicates import DUPLICATE_COSINE

MAX_GROUPS = 12  # groups shown
MAX_LISTED = 6  # items of a group


@dataclass(frozen=True)
class Duplicates(Section):
    """Near-duplicates."""

    order: ClassVar[int] = 70
    heading: ClassVar[str] = "Near-duplicates"
    how: ClassVar[Mapping[str, str]] = {
        "least": "discover.themes.duplicates.DUPLICATE_COSINE",
        "groups_count": "connected groups of graph/ over neighbours whose scores reach this, and equal contents",
        "items_count": "items in these groups",
        "size": "items of the group",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """The groups, largest first."""
        groups, ids = _facts.copies(results), results.catalog.ids
        return {
            "least": DUPLICATE_COSINE,
            "groups_count": len(groups),
            "items_count": sum(len(rows) for rows in groups),
            "groups": [
                {
                    "id": ids[rows[0]],
                    "size": len(rows),
                    "identical": len(set(results.graph.first[rows].tolist())) == 1,
                    "items": _facts.titles(results, [ids[row] for row in rows[:MAX_LISTED].tolist()]),
                    "evidence": evidence([ids[row] for row in rows.tolist()]),
                }
                for rows in groups[:MAX_GROUPS]
            ],
        }
