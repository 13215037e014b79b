"""What changed since the night before and what to do about it; what was found, in a row of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from discover.core.types import RunResults, Trend
from discover.core.words import count, factor, length, listed, moment, plural, share
from discover.report.sections import _found
from discover.report.sections._dates import dates
from discover.report.sections._words import quoted
from discover.report.sections.base import Section, broad, evidence, finding, fine, outliers, source_name

MOST = 4  # things to do


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
        rising, fading = _found.moving(results)
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
            "rising": len({each.theme for each in rising}),
            "fading": len({each.theme for each in fading}),
            "news": len(_found.news(results)),
            "evidence": evidence(came or results.catalog.ids, None),
            "dates": dates(results),
        }
        said = _changes(figures, results, rising, fading)
        return figures | {"paragraph": " ".join(said), "actions": _actions(results, rising, fading, figures)}


# --- what changed ------------------------------------------------------------------------------------------


def _changes(figures: Mapping[str, Any], results: RunResults, rising: list[Trend], fading: list[Trend]) -> list[str]:
    """The paragraph: what came, what moves, what became of the themes."""
    if results.diff is None:
        said = [f"This is the first night, so there is nothing to compare with yet. {_about(figures, results)}"]
    elif not figures["came"] and not figures["left"]:
        said = [
            f"The catalog is that of the night before ({moment(results.diff.created)}): nothing came and nothing left."
        ]
    else:
        said = [
            f"Since the night of {moment(results.diff.created)}, "
            f"{plural(figures['came'], 'item')} came{_where(results)} "
            f"and {count(figures['left'])} left; there are {count(figures['items'])} now."
        ]
    said += [_moves(results, rising, fading), *_became(results)]
    return [each for each in said if each]


def _where(results: RunResults) -> str:
    """The themes that took most of what came, inside the sentence that says how much that is."""
    names = [quoted(theme.label) for theme, _ in _found.arrivals(results)]
    return f", above all in {listed(names)}," if names else ""


def _about(figures: Mapping[str, Any], results: RunResults) -> str:
    """What a first night found."""
    if not figures["broad"]:
        return (
            f"No group of the {plural(figures['items'], 'item')} stands out clearly enough from the rest to be called "
            f"a theme; themes drawn all the same would be invented. What the check found: {finding(results)}."
        )
    largest = broad(results)[0]
    return (
        f"{share(figures['in_themes_share'])} of the {plural(figures['items'], 'item')} fall into "
        f"{plural(figures['broad'], 'broad theme')}; the largest is {quoted(largest.label)} with "
        f"{plural(largest.size, 'item')} ({share(largest.share)})."
    )


def _moves(results: RunResults, rising: list[Trend], fading: list[Trend]) -> str:
    if not results.trends.found:
        return f"What rises and what fades cannot be told: {results.trends.why}." if results.trends.why else ""
    if not rising and not fading:
        return "No theme rises or fades beyond chance."
    ups, downs = (list(dict.fromkeys(quoted(each.label) for each in told)) for told in (rising, fading))
    said = [
        f"{listed(names, 4)} {'is' if len(names) == 1 else 'are'} {word}"
        for names, word in ((ups, "rising"), (downs, "fading"))
        if names
    ]
    return f"{', while '.join(said)}." if len(said) == 2 else f"{said[0]}; nothing is {'fading' if ups else 'rising'}."


def _became(results: RunResults) -> list[str]:
    """What happened to themes, and on a night without news that nothing did."""
    if results.diff is None or not results.named:
        return []
    every, names = _found.news(results), _found.labels(results)
    news = [event for event in every if _found.level(results, event.theme) == 0]
    finer = f"{plural(len(every) - len(news), 'finer theme')} changed." if len(news) < len(every) else ""
    words = {"born": "new", "split": "came apart", "merged": "grew together with others", "returned": "back"}
    words |= {"dormant": "gone for now", "died": "gone for good"}
    told = []
    for kind, word in words.items():
        labels = [quoted(names.get(event.theme, event.theme)) for event in news if event.kind == kind]
        verb = "" if kind in ("split", "merged") else "is " if len(labels) == 1 else "are "
        told += [f"{listed(labels)} {verb}{word}"] if labels else []
    said = (
        f"Among the themes, {'; '.join(told)}."
        if told
        else f"The {'broad ' * bool(every)}themes are those of the night before."
    )
    return [said, finer]


# --- what to do --------------------------------------------------------------------------------------------


def _actions(
    results: RunResults, rising: list[Trend], fading: list[Trend], figures: Mapping[str, Any]
) -> list[dict[str, str]]:
    """At most MOST things to do, each with the section that says more; one that says so where there is nothing."""
    more, less = _found.wanted(results)
    asked, offered = {each.theme: each for each in more}, {each.theme: each for each in less}
    found: list[tuple[str, str, str]] = []
    for trend in [each for i, each in enumerate(rising) if each.theme not in {e.theme for e in rising[:i]}][:2]:
        label = quoted(trend.label)
        if trend.theme in asked:
            by = factor(asked[trend.theme].ratio)
            found.append(
                ("add", "white_space", f"Add to {label}: it rises, and is asked for {by} times what is offered.")
            )
        elif trend.theme in offered:
            found.append(
                ("hold", "white_space", f"Hold back on {label}: it rises, but is watched less than it is offered.")
            )
        else:
            carried = [quoted(item["title"], 40) for item in _found.titles(results, trend.carriers[:2])]
            by = f", above all {listed(carried)}" if carried else ""
            found.append(
                (f"look-{trend.theme}", "moving", f"Look at what brings {label} up{by}; decide whether to follow it.")
            )
    rest = [each for each in more if each.theme not in {trend.theme for trend in rising}]
    shrinking = [each for each in fading if not rest or each.theme != rest[0].theme]
    if rest:
        also = "it fades, and yet is" if len(shrinking) < len(fading) else "it is"
        by = factor(rest[0].ratio)
        found.append(
            (
                "fill",
                "white_space",
                f"Consider more of {quoted(rest[0].label)}: {also} asked for {by} times what is offered.",
            )
        )
    if shrinking:
        before = length(shrinking[0].parts.count("past"), _found.unit(shrinking[0].periods))
        label = quoted(shrinking[0].label)
        found.append(("mind", "moving", f"Decide whether {label} is meant to shrink beside the {before} before."))
    ignored = [each for each in less if each.theme not in {trend.theme for trend in rising}]
    if ignored:
        label, by = quoted(ignored[0].label), factor(ignored[0].ratio)
        found.append(("ask", "white_space", f"Ask why {label} is watched less than it is offered ({by} times)."))
    if results.diff is not None and results.diff.changed:
        found.append(
            (
                "models",
                "quality",
                "Read changes with care: the model behind the comparison is not that of the night before.",
            )
        )
    lost = figures["rows_dropped"]
    if lost:
        found.append(("correct", "quality", f"Correct {plural(lost, 'row')} of the source that could not be used."))
    copies = _found.copies(results)
    if copies:
        items = sum(len(rows) for rows in copies)
        found.append(
            ("copies", "duplicates", f"Check {plural(items, 'item')} that seem to be in the catalog more than once.")
        )
    nothing = [("nothing", "themes", "Nothing here asks for a decision today.")]
    return [{"key": key, "section": section, "words": words} for key, section, words in (found or nothing)[:MOST]]
