"""What became of alerts of earlier runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import OUTCOME_WORDS, Alert, RunResults
from discover.core.words import length
from discover.report.sections import _facts
from discover.report.sections.base import Section, evidence

MAX_ALERTS = 12


@dataclass(frozen=True)
class Alerts(Section):
    """The scorecard of alerts."""

    order: ClassVar[int] = 80
    heading: ClassVar[str] = "What became of earlier alerts"
    how: ClassVar[Mapping[str, str]] = {
        "reported": "alerts.json: alerts of earlier versions",
        "least": "settings: [trends] least",
        "count": "alerts with this outcome (discover.trends.alerts.score_alerts)",
        "past_share": "the theme's share by this version's themes/members.npy and dates, over the alert's past periods",
        "recent_share": "the same over the periods that were recent then",
        "after_share": "the same over as many periods after them",
        "version": "alerts.json",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """How many held, and the latest of them."""
        alerts, names = _facts.earlier_alerts(results), results.labels
        counts = Counter(alert.outcome for alert in alerts)
        return {
            "reported": len(alerts),
            "least": float(results.settings["trends"]["least"]),
            "outcomes": [
                {"id": outcome, "words": words.label, "count": counts[outcome]}
                for outcome, words in OUTCOME_WORDS.items()
                if alerts
            ],
            "alerts": [_describe(alert, names) for alert in alerts[:MAX_ALERTS]],
        }


def _describe(alert: Alert, names: Mapping[str, str]) -> dict[str, Any]:
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
        "words": OUTCOME_WORDS[alert.outcome].label,
        "past_share": alert.past,
        "recent_share": alert.recent,
        "after_share": alert.after,
        "wait": length(recent, _facts.unit(trend.periods)),
        "evidence": evidence(trend.carriers),
    }
