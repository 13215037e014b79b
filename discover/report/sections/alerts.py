"""What alerts of earlier nights came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import OUTCOMES, Alert, RunResults
from discover.core.words import length
from discover.report.sections import _found
from discover.report.sections.base import Section, evidence

MOST = 12
WORDS = {"held": "held", "faded": "faded", "open": "too early to say", "lost": "its theme is gone"}


@dataclass(frozen=True)
class Alerts(Section):
    """The scorecard of alerts."""

    order: ClassVar[int] = 80
    heading: ClassVar[str] = "What became of earlier alerts"
    how: ClassVar[Mapping[str, str]] = {
        "told": "alerts.json: alerts of earlier versions",
        "least": "settings: [trends] least",
        "count": "alerts with this outcome (discover.trends.alerts.score_alerts)",
        "past_share": "the theme's share by this version's themes/members.npy and dates, over the alert's past periods",
        "recent_share": "the same over the periods that were recent then",
        "after_share": "the same over as many periods after them",
        "version": "alerts.json",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """How many held, and the latest of them."""
        alerts, names = _found.told(results), results.labels
        counts = Counter(alert.outcome for alert in alerts)
        return {
            "told": len(alerts),
            "least": float(results.settings.get("trends", {}).get("least", 1.25)),
            "outcomes": [{"id": each, "words": WORDS[each], "count": counts[each]} for each in OUTCOMES if alerts],
            "alerts": [_told(alert, names) for alert in alerts[:MOST]],
        }


def _told(alert: Alert, names: Mapping[str, str]) -> dict[str, Any]:
    trend = alert.trend
    recent = trend.parts.count("recent")
    return {
        "key": f"{alert.version}-{trend.theme}-{trend.measure}",
        "theme": trend.theme,
        "label": names.get(trend.theme, trend.label),
        "measure": trend.measure,
        "version": alert.version,
        "created": alert.created,
        "outcome": alert.outcome,
        "words": WORDS[alert.outcome],
        "past_share": alert.past,
        "recent_share": alert.recent,
        "after_share": alert.after,
        "wait": length(recent, _found.unit(trend.periods)),
        "evidence": evidence(trend.carriers),
    }
