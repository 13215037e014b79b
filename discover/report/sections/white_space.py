"""Where demand goes beyond supply: themes asked for more than they are offered, and the reverse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import RunResults
from discover.report.sections import _facts
from discover.report.sections.base import Section, evidence

MAX_THEMES = 12


@dataclass(frozen=True)
class WhiteSpace(Section):
    """Supply against demand."""

    order: ClassVar[int] = 40
    heading: ClassVar[str] = "White space"
    executive: ClassVar[bool] = True
    how: ClassVar[Mapping[str, str]] = {
        "measured": "themes for which both shares are known",
        "more_count": "themes whose interval lies above 1",
        "less_count": "themes whose interval lies below 1",
        "ratio": "audience_share over titles_share (interval: a bootstrap over items, trends.white_space)",
        "titles_share": "of items with a known audience (catalog/items.parquet, or consumption/), the theme's part",
        "audience_share": "of their audience, the theme's part",
        "widest": "the largest share shown",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """Themes whose two shares differ beyond chance, farthest first."""
        more, less = _facts.wanted(results)
        shown = (*more[:MAX_THEMES], *less[:MAX_THEMES])
        return {
            "measured": len(results.trends.white_space),
            "more_count": len(more),
            "less_count": len(less),
            "widest": max((max(space.titles, space.audience) for space in shown), default=1.0),
            "more": [_describe(results, space) for space in more[:MAX_THEMES]],
            "less": [_describe(results, space) for space in less[:MAX_THEMES]],
        }


def _describe(results: RunResults, space: Any) -> dict[str, Any]:
    exemplars = [item.id for theme in results.named if theme.id == space.theme for item in theme.exemplars]
    size = max((theme.size for theme in results.named if theme.id == space.theme), default=0)
    return {
        "id": space.theme,
        "label": space.label,
        "ratio": space.ratio,
        "ratio_interval": [space.low, space.high],
        "titles_share": space.titles,
        "audience_share": space.audience,
        "evidence": evidence(list(dict.fromkeys(exemplars)), size),
    }
