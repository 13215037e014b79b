"""What rises and what fades beyond chance, with its share over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import RunResults
from discover.report.sections import _facts
from discover.report.sections.base import Section

MAX_MOVES = 24  # rises, and fades, that are shown


@dataclass(frozen=True)
class Moving(Section):
    """Emerging and fading themes."""

    order: ClassVar[int] = 20
    heading: ClassVar[str] = "Rising and fading"
    executive: ClassVar[bool] = True
    how: ClassVar[Mapping[str, str]] = {
        **_facts.HOW_TRENDS,
        "open_titles": "items of catalog/items.parquet dated in the incomplete period, which is shown but not judged",
        "rising_count": "trends of discover.trends.measure.judge_themes that rise",
        "fading_count": "trends of discover.trends.measure.judge_themes that fade, or are dormant, beyond chance",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """What changed beyond chance, by titles and by audience."""
        rising, fading = _facts.moving(results)
        first = results.trends.trends[0] if results.trends.trends else None
        sample = {} if first is None else _facts.describe_trend(results, first)
        return {
            "why": results.trends.why or ("" if results.trends.trends else "there are no themes"),
            "notes": list(results.trends.notes),
            "measures": list(dict.fromkeys(trend.measure for trend in results.trends.trends)),
            **{key: sample.get(key) for key in ("recent_words", "past_words", "when", "open")},
            "open_titles": None if first is None else _facts.open_titles(results, first),
            "rising_count": len(rising),
            "fading_count": len(fading),
            "nearest": [] if rising or fading else [_describe(results, trend) for trend in _facts.nearest(results)],
            "rising": [_describe(results, trend) for trend in rising[:MAX_MOVES]],
            "fading": [_describe(results, trend) for trend in fading[:MAX_MOVES]],
        }


def _describe(results: RunResults, trend: Any) -> dict[str, Any]:
    titles = trend.measure == "titles"
    return _facts.describe_trend(results, trend) | {
        "of": "new titles" if titles else "the audience",
        "nouns": ["title", "titles"] if titles else ["of audience"] * 2,
    }
