"""One card per broad theme, the largest first, and the small groups outside the broad themes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from discover.core.types import RunResults, Theme
from discover.report.sections import _facts
from discover.report.sections.base import Section, broad, evidence


@dataclass(frozen=True)
class Themes(Section):
    """The themes as cards."""

    order: ClassVar[int] = 60
    heading: ClassVar[str] = "Themes"
    how: ClassVar[Mapping[str, str]] = {
        **_facts.HOW_TRENDS,
        "size": "items with the theme's number in themes/members.npy",
        "attached": "of these, the items that themes/attached.npy marks",
        "share": "size over the items of the catalog",
        "strength": "mean of themes/strengths.npy over the theme's items",
        "stability": "themes/about.json: how well half of the items show it again (discover.themes.stability)",
        "of_largest": "size over that of the largest broad theme",
        "of_whole": "size over that of the broad theme, or of the largest small group",
        "colour": "themes/places.json",
        "neighbours_share": "of the scores in graph/ between the theme's items and their neighbours, the other's part",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """Broad themes with their fine ones, and fine themes without a parent."""
        whole_themes = broad(results)
        whole = {theme.id for theme in whole_themes}  # one that does not fall apart is at both levels
        below = [theme for theme in results.named if theme.level == 1]
        rows = {theme.id: evidence(_facts.members(results, theme)) for theme in below}
        apart = [theme for theme in below if theme.parent is None and theme.id not in whole]
        largest = max((theme.size for theme in whole_themes), default=1)
        most = max((theme.size for theme in apart), default=1)
        near = _facts.comparable(results) or [[]] * len(whole_themes)
        moves: dict[str, list[dict[str, Any]]] = {}
        for trend in results.trends.trends:
            if trend.level == 0:
                moves.setdefault(trend.theme, []).append(_facts.describe_trend(results, trend))
        return {
            "broad": [
                _broad(theme, [results.by_id[child] for child in theme.children if child in results.by_id], rows)
                | {
                    "of_largest": theme.size / largest,
                    "colour": results.places[theme.id].colour,
                    "trends": [_move(move) for move in moves.get(theme.id, [])],
                    "comparable": [_near(whole_themes[other], part) for other, part in near[theme.number]],
                    "evidence": evidence(_facts.members(results, theme)),
                }
                for theme in whole_themes
            ],
            "apart": [_small(theme, most, rows) for theme in apart],
        }

    def assets(self, results: RunResults, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Small posters of exemplars, by id of the item."""
        return {"posters": dict(results.pictures.posters)}


def _move(trend: Mapping[str, Any]) -> dict[str, Any]:
    """A trend on a card."""
    shown = ("measure", "status", "past_share", "recent_share", "first", "shares", "parts", "evidence")
    return {"key": trend["measure"]} | {name: trend[name] for name in shown}


def _near(theme: Theme, part: float) -> dict[str, Any]:
    return {"id": theme.id, "label": theme.label, "neighbours_share": part}


def _broad(theme: Theme, children: list[Theme], rows: Mapping[str, Any]) -> dict[str, Any]:
    """A card. A theme whose only child is itself again does not divide."""
    divides = len(children) > 1 or any(child.size != theme.size for child in children)
    return {
        "id": theme.id,
        "label": theme.label,
        "keywords": list(theme.keywords),
        "exemplars": [{"id": item.id, "title": item.title} for item in theme.exemplars],
        "size": theme.size,
        "attached": theme.attached,
        "share": theme.share,
        "strength": theme.strength,
        "stability": theme.stability,
        "fine": [_small(child, theme.size, rows) for child in sorted(children, key=_rank)] if divides else [],
    }


def _small(theme: Theme, whole: int, rows: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": theme.id,
        "label": theme.label,
        "keywords": list(theme.keywords),
        "size": theme.size,
        "share": theme.share,
        "of_whole": theme.size / whole,
        "strength": theme.strength,
        "stability": theme.stability,
        "evidence": rows.get(theme.id, evidence(())),
    }


def _rank(theme: Theme) -> tuple[int, str]:
    return -theme.size, theme.id
