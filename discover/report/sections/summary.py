"""What changed since the last run and what to do about it; what was found, in a row of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from discover.core.types import EVENT_WORDS, RunResults, Trend
from discover.core.words import count, factor, length, listed, moment, plural, share
from discover.report.sections import _facts
from discover.report.sections._dates import dates
from discover.report.sections._words import quoted
from discover.report.sections.base import Section, broad, evidence, finding, fine, outliers, source_name

MAX_ACTIONS = 4  # things to do


@dataclass(frozen=True)
class Summary(Section):
    """Title, paragraph, what to do, figures."""

    order: ClassVar[int] = 10
    heading: ClassVar[str] = ""
    executive: ClassVar[bool] = True
    how: ClassVar[Mapping[str, str]] = {
        "items": "rows of catalog/items.parquet",
        "rows_dropped": "rows of catalog/rejects.json that are dropped",
        "broad": "themes of level 0 in themes/members.npy",
        "fine": "themes of level 1 in themes/members.npy",
        "in_themes": "items that are not -1 in line 0 of themes/members.npy",
        "in_themes_share": "in_themes over items",
        "outliers": "items that are -1 in line 0 of themes/members.npy",
        "outliers_share": "outliers over items",
        "undated": "items of catalog/items.parquet without a date",
        "future": "items dated after the day of the run",
        "pictures_named": "items of catalog/items.parquet with an image",
        "pictures_used": "rows of spaces/image/rows.npy",
        "came": "items that are -1 in catalog_diff/places.npy",
        "left": "ids listed as gone in catalog_diff/about.json",
        "rising": "themes that rise by titles or audience (moving.rising)",
        "fading": "themes that fade by titles or audience (moving.fading)",
        "news": "ledger/events.parquet: likely events of this version, but for continued themes and unsaid returns",
    }

    def facts(self, results: RunResults) -> dict[str, Any]:
        """Counts and shares of items, themes, outliers, dates and pictures; what changed; what to do."""
        items, without = len(results.catalog), outliers(results)
        named = items - int(results.catalog.table.column("image").null_count)
        image = results.spaces.get("image")
        rising, fading = _facts.moving(results)
        came = (
            None
            if results.diff is None
            else [results.catalog.ids[row] for row in np.flatnonzero(results.diff.places < 0)]
        )
        figures = {
            "title": source_name(results.catalog.source),
            "created": results.created,
            "items": items,
            "came": None if came is None else len(came),
            "left": None if results.diff is None else len(results.diff.gone),
            "rows_dropped": sum(reject.dropped for reject in results.catalog.rejects),
            "broad": len(broad(results)),
            "fine": len(fine(results)),
            "in_themes": items - without,
            "in_themes_share": (items - without) / items if items else 0.0,
            "outliers": without,
            "outliers_share": without / items if items else 0.0,
            "pictures_named": named,
            "pictures_used": None if image is None else len(image.rows),
            "audience": next(iter(results.catalog.mapping.get("audience", ())), None),
            "rising": len({trend.theme for trend in rising}),
            "fading": len({trend.theme for trend in fading}),
            "news": len(_facts.news(results)),
            "evidence": evidence(came or results.catalog.ids, None),
            "dates": dates(results),
        }
        sentences = _changes(figures, results, rising, fading)
        return figures | {"paragraph": " ".join(sentences), "actions": _actions(results, rising, fading, figures)}


# --- what changed ------------------------------------------------------------------------------------------


def _changes(figures: Mapping[str, Any], results: RunResults, rising: list[Trend], fading: list[Trend]) -> list[str]:
    """The paragraph: what came, what moves, what became of the themes."""
    if results.diff is None:
        sentences = [f"This is the first run, so there is nothing to compare with yet. {_about(figures, results)}"]
    elif not figures["came"] and not figures["left"]:
        sentences = [f"The catalog is the same as in the last run ({moment(results.diff.created)})."]
    else:
        sentences = [
            f"Since the last run ({moment(results.diff.created)}), "
            f"{plural(figures['came'], 'item was', 'items were')} added{_where(results)} "
            f"and {count(figures['left'])} removed. The catalog now has {plural(figures['items'], 'item')}."
        ]
    sentences += [_moves(results, rising, fading), *_became(results)]
    return [sentence for sentence in sentences if sentence]


def _where(results: RunResults) -> str:
    """The themes that took most of what came, inside the sentence that says how much that is."""
    names = [quoted(theme.label) for theme, _ in _facts.arrivals(results)]
    return f" (mainly in {listed(names)})" if names else ""


def _about(figures: Mapping[str, Any], results: RunResults) -> str:
    """What a first run found."""
    if not figures["broad"]:
        return (
            f"No group of the {plural(figures['items'], 'item')} stands out clearly enough from the rest to be a "
            f"theme. The test found: {finding(results)}."
        )
    largest = broad(results)[0]
    return (
        f"{share(figures['in_themes_share'])} of the {plural(figures['items'], 'item')} fall into "
        f"{plural(figures['broad'], 'broad theme')}. The largest is {quoted(largest.label)} with "
        f"{plural(largest.size, 'item')} ({share(largest.share)})."
    )


def _moves(results: RunResults, rising: list[Trend], fading: list[Trend]) -> str:
    if not results.trends.trends:
        return f"Rises and falls cannot be measured: {results.trends.why}." if results.trends.why else ""
    if not rising and not fading:
        return "No theme rises or fades beyond chance."
    ups, downs = (list(dict.fromkeys(quoted(trend.label) for trend in trends)) for trends in (rising, fading))
    clauses = [
        f"{listed(names, 4)} {'is' if len(names) == 1 else 'are'} {word}"
        for names, word in ((ups, "rising"), (downs, "fading"))
        if names
    ]
    return (
        f"{', while '.join(clauses)}."
        if len(clauses) == 2
        else f"{clauses[0]}. No theme is {'fading' if ups else 'rising'}."
    )


def _became(results: RunResults) -> list[str]:
    """What happened to themes, and in a run without news that nothing did."""
    if results.diff is None or not results.named:
        return []
    every, names = _facts.news(results), results.labels
    news = [event for event in every if _facts.broadest_level(results, event.theme) == 0]
    finer = f"{plural(len(every) - len(news), 'finer theme')} changed." if len(news) < len(every) else ""
    clauses = []
    for kind, words in EVENT_WORDS.items():
        labels = [quoted(names.get(event.theme, event.theme)) for event in news if event.kind == kind]
        clauses += [f"{listed(labels)} {words.one if len(labels) == 1 else words.several}"] if labels else []
    sentence = (
        f"Of the themes, {', '.join(clauses)}."
        if clauses
        else f"The {'broad ' * bool(every)}themes are those of the last run."
    )
    return [sentence, finer]


# --- what to do --------------------------------------------------------------------------------------------


def _actions(
    results: RunResults, rising: list[Trend], fading: list[Trend], figures: Mapping[str, Any]
) -> list[dict[str, str]]:
    """At most MOST things to do, each with the section that says more; one that says so where there is nothing."""
    more, less = _facts.wanted(results)
    asked, offered = {space.theme: space for space in more}, {space.theme: space for space in less}
    actions: list[tuple[str, str, str]] = []
    for trend in [rise for i, rise in enumerate(rising) if rise.theme not in {e.theme for e in rising[:i]}][:2]:
        label = quoted(trend.label)
        if trend.theme in asked:
            by = factor(asked[trend.theme].ratio)
            actions.append(("add", "white_space", f"Add to {label}: it rises, and demand is {by} times the supply."))
        elif trend.theme in offered:
            actions.append(("hold", "white_space", f"Hold back on {label}: it rises, but demand is below supply."))
        else:
            carried = [quoted(item["title"], 40) for item in _facts.titles(results, trend.carriers[:2])]
            by = f" (mainly {listed(carried)})" if carried else ""
            actions.append(
                (f"look-{trend.theme}", "moving", f"Find out why {label} rises{by}, and decide whether to follow.")
            )
    rest = [space for space in more if space.theme not in {trend.theme for trend in rising}]
    shrinking = [trend for trend in fading if not rest or trend.theme != rest[0].theme]
    if rest:
        also = "it fades, but demand is" if len(shrinking) < len(fading) else "demand is"
        by = factor(rest[0].ratio)
        actions.append(
            (
                "fill",
                "white_space",
                f"Consider more of {quoted(rest[0].label)}: {also} {by} times the supply.",
            )
        )
    if shrinking:
        before = length(shrinking[0].parts.count("past"), _facts.unit(shrinking[0].periods))
        label = quoted(shrinking[0].label)
        actions.append(("mind", "moving", f"Decide whether {label} should shrink compared with the {before} before."))
    ignored = [space for space in less if space.theme not in {trend.theme for trend in rising}]
    if ignored:
        label, by = quoted(ignored[0].label), factor(ignored[0].ratio)
        actions.append(("ask", "white_space", f"Find out why demand for {label} is only {by} times its supply."))
    if results.diff is not None and results.diff.changed:
        actions.append(
            (
                "models",
                "quality",
                "Read changes with care: another model than in the last run made the vectors.",
            )
        )
    lost = figures["rows_dropped"]
    if lost:
        actions.append(("correct", "quality", f"Correct {plural(lost, 'row')} of the source that could not be used."))
    copies = _facts.copies(results)
    if copies:
        items = sum(len(rows) for rows in copies)
        actions.append(("copies", "duplicates", f"Check {plural(items, 'item')} that seem to be duplicates."))
    nothing = [("nothing", "themes", "Nothing needs a decision today.")]
    return [
        {"key": key, "section": section, "words": words} for key, section, words in (actions or nothing)[:MAX_ACTIONS]
    ]
