"""What rises, what fades, what is asked for more than it is offered, and why a share moved between two nights.

`rises` judges each theme; here p-values of all themes, levels and measures of a night are adjusted together (Benjamini
and Hochberg 1995): where nothing moves, at most `[trends] rate` of the nights have any alert. Dates play no part in
finding themes, so being found on the same titles does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from math import factorial

import numpy as np

from discover.core.settings import SEED, TrendSettings
from discover.core.types import OUTLIER, Catalog, Change, Level, Theme, Themes, Trend, Trends, WhiteSpace
from discover.core.words import plural
from discover.trends import periods, rises
from discover.trends.periods import Calendar, Events, Flags, Floats
from discover.trends.rises import CONFIDENCE, Tests

RESAMPLES = 1_000
CARRIERS = 5


# --- the night's trends ----------------------------------------------------------------------------------


def results(
    catalog: Catalog,
    themes: Themes,
    named: Sequence[Theme],
    settings: TrendSettings,
    consumption: tuple[Events, tuple[str, ...]] | None = None,
    as_of: date | None = None,
) -> Trends:
    """A night's trends, by titles and, where the catalog or a `consumption` table has it, by audience; white space."""
    amounts, notes = _audience(catalog), tuple[str, ...]()
    if consumption is not None:
        watched, notes = consumption
        amounts[:] = np.bincount(watched.rows, watched.weights * _lately(watched, settings, as_of), len(catalog))
    found = measure(named, themes.levels, events(catalog, consumption), catalog.ids, settings, as_of)
    space = white_space(named, themes.levels, amounts) if themes.levels else ()
    return replace(found, white_space=space, notes=(*notes, *found.notes))


def events(catalog: Catalog, consumption: tuple[Events, tuple[str, ...]] | None = None) -> list[Events]:
    """What trends are measured by: titles, and audience where the catalog or a consumption table has it."""
    if consumption is not None:
        return [periods.titles(catalog), consumption[0]]
    return [periods.titles(catalog), *([periods.audience(catalog)] if (_audience(catalog) > 0).any() else [])]


def _audience(catalog: Catalog) -> Floats:
    """(n,) NaN where unknown."""
    amounts: Floats = np.array(catalog.table.column("audience").to_numpy(), dtype=np.float64)
    return amounts


def _lately(events: Events, settings: TrendSettings, as_of: date | None) -> Flags:
    """(m,) which events lie in the recent periods; all where there is no calendar of them."""
    chosen = periods.calendar(events, settings, as_of)
    place = chosen.place(events.days)
    return np.ones(len(events), dtype=bool) if chosen.why else (place >= 0) & chosen.part("recent")[place]


def measure(
    named: Sequence[Theme],
    levels: Sequence[Level],
    events: Sequence[Events],
    ids: Sequence[str],
    settings: TrendSettings,
    as_of: date | None = None,
) -> Trends:
    """The trends of every theme and measure, and white space where there is audience.

    `named` holds the themes of all levels, broadest level first, in the order of their numbers. Events without any
    usable calendar give no trends, and `why` tells.
    """
    found: list[tuple[Theme, int, Events, Calendar, Tests, Level]] = []
    reasons: list[str] = []
    starts = np.cumsum([0, *(level.count for level in levels)]).tolist()
    for each in events:
        chosen = periods.calendar(each, settings, as_of)
        if chosen.why:
            reasons.append(f"{each.measure}: {chosen.why}")
            continue
        for level, start in zip(levels, starts[:-1], strict=True):
            tests = rises.compare(each, level.members, level.count, chosen)
            found += [(named[start + number], number, each, chosen, tests, level) for number in range(level.count)]
    q = adjusted(np.array([tests.p[number] for _, number, _, _, tests, _ in found]))
    trends = [_trend(*each, float(value), ids, settings) for each, value in zip(found, q.tolist(), strict=True)]
    why = "" if found else "; ".join(reasons) if levels else "no themes"
    notes = (*reasons, *_early(trends)) if found else ()
    return Trends(tuple(trends), why=why, notes=notes)


def _early(trends: Sequence[Trend]) -> list[str]:
    """A note on the themes of which all titles came in a period that is not full yet."""
    young = [each for each in trends if any(each.amounts) and not any(_full(each))]
    if not young:
        return []
    themes = plural(len({each.theme for each in young}), "theme has", "themes have")
    return [f"{themes} titles of {young[0].periods[-1]} alone, which is not full yet: too early to say how they move"]


def _full(trend: Trend) -> list[float]:
    """The amounts of the periods that count."""
    return [amount for amount, part in zip(trend.amounts, trend.parts, strict=True) if part != "incomplete"]


def adjusted(p: Floats) -> Floats:
    """p-values as the least rate of false discoveries at which each would be one (Benjamini and Hochberg 1995)."""
    from statsmodels.stats.multitest import multipletests

    q: Floats = multipletests(p, method="fdr_bh")[1] if len(p) else p
    return q


def _trend(
    theme: Theme,
    number: int,
    events: Events,
    calendar: Calendar,
    tests: Tests,
    level: Level,
    q: float,
    ids: Sequence[str],
    settings: TrendSettings,
) -> Trend:
    shares = tests.amounts / np.where(tests.totals > 0, tests.totals, np.nan)
    rows = np.flatnonzero((level.members == number) & (tests.gains > 0))
    best = rows[np.lexsort((rows, -level.strengths[rows], -tests.gains[rows]))][:CARRIERS]
    return Trend(
        theme=theme.id,
        label=theme.label,
        level=theme.level,
        measure=events.measure,
        status=_status(number, events, calendar, tests, level, q, settings),
        lift=float(tests.lift[number]),
        low=float(tests.low[number]),
        high=float(tests.high[number]),
        p=float(tests.p[number]),
        q=q,
        periods=calendar.names,
        parts=calendar.parts,
        amounts=tuple(tests.amounts[number].tolist()),
        shares=tuple(shares[number].tolist()),
        carriers=tuple(ids[row] for row in best.tolist()),
    )


def _status(
    number: int,
    events: Events,
    calendar: Calendar,
    tests: Tests,
    level: Level,
    q: float,
    settings: TrendSettings,
) -> str:
    past, recent = tests.amounts[:, calendar.part("past")].sum(axis=1), tests.amounts[number, calendar.part("recent")]
    if not past[number] and not recent.any():
        begins = tests.amounts[number, calendar.part("incomplete")].any()  # too early to say
        return "steady" if begins else "dormant"
    lift = float(tests.lift[number])
    if q > settings.rate or max(lift, 1 / lift) < settings.least:
        return "steady"
    if lift < 1:
        return "fading" if recent.any() else "dormant"
    earlier = (level.members[events.rows] == number) & (periods.number(events.days, calendar.period) < _start(calendar))
    if not earlier.any():
        return "new"
    return "emerging" if past[number] < np.median(past) else "rising"


def _start(calendar: Calendar) -> int:
    """The number of the first recent period."""
    return calendar.first + calendar.parts.index("recent")


# --- supply against demand -------------------------------------------------------------------------------


def white_space(named: Sequence[Theme], levels: Sequence[Level], amounts: Floats) -> tuple[WhiteSpace, ...]:
    """Every theme's share of the audience against its share of the titles, most asked for first.

    `amounts` (n,) is each item's audience, NaN where unknown (such items count on neither side). Intervals are
    percentiles of a Poisson bootstrap over items, each theme's by itself; a single title that has it all leaves a third
    of the resamples, so that no interval rests on it.
    """
    rows = np.flatnonzero(np.isfinite(amounts))
    known = amounts[rows]
    if not known.sum() > 0:
        return ()
    random, found = np.random.default_rng(SEED), []
    sizes = [level.count + 1 for level in levels]
    cells = [level.members[rows] + 1 for level in levels]

    def shares(times: Floats) -> Floats:
        """(2, all themes) of titles and of audience."""
        sides = []
        for weights in (times, times * known):
            sums = [np.bincount(cell, weights, size)[1:] for cell, size in zip(cells, sizes, strict=True)]
            sides.append(np.concatenate(sums) / max(weights.sum(), 1e-300))
        return np.stack(sides)

    def ratio(shares: Floats) -> Floats:
        ratio: Floats = shares[1] / np.where(shares[0] > 0, shares[0], np.nan)
        return ratio

    here = shares(np.ones(len(rows)))
    drawn = np.stack([ratio(shares(random.poisson(1.0, len(rows)).astype(np.float64))) for _ in range(RESAMPLES)])
    for place, theme in enumerate(named):
        if here[0, place] > 0:
            low, high = np.nanquantile(drawn[:, place], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
            values = (here[0, place], here[1, place], ratio(here)[place], low, high)
            found.append(WhiteSpace(theme.id, theme.label, theme.level, *map(float, values)))
    return tuple(sorted(found, key=lambda each: -each.ratio))


# --- change between nights -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holding:
    """What a night has: items, the theme of each ("" for outliers), and how much each counts (1, or its audience)."""

    ids: Sequence[str]
    themes: Sequence[str]
    weights: Floats = field(repr=False)  # (n,), at least 0


def attribute(before: Holding, after: Holding) -> tuple[Change, ...]:
    """How much of each theme's change of share between two nights is new titles, demand, and re-clustering.

    The share is computed with each of the three as of either night; a part is what exchanging it changes, averaged over
    the orders in which they can be exchanged (Shapley value; Shorrocks 2013, "Decomposition procedures for
    distributional analysis"). So the parts sum to the change, and no order is preferred. Themes are the same where
    their ids are; whoever has no permanent ids matches them first. By falling change.
    """
    ids = list(dict.fromkeys([*before.ids, *after.ids]))
    nights = [{id: place for place, id in enumerate(results.ids)} for results in (before, after)]
    names = sorted({name for results in (before, after) for name in results.themes if name})
    numbers = {name: number for number, name in enumerate(names)} | {"": OUTLIER}
    themes, weights, here = [], [], []
    for holding, places, other, others in zip(
        (before, after), nights, (after, before), reversed(nights), strict=True
    ):  # what is in one night only has that night's theme and weight in both
        source = [(holding, places[id]) if id in places else (other, others[id]) for id in ids]
        themes.append(np.array([numbers[results.themes[place]] for results, place in source], dtype=np.int64))
        weights.append(np.array([results.weights[place] for results, place in source], dtype=np.float64))
        here.append(np.array([id in places for id in ids]))

    def shares(titles: int, demand: int, clustering: int) -> Floats:
        amounts = weights[demand] * here[titles]
        sums = np.bincount(themes[clustering] + 1, amounts, minlength=len(names) + 1)
        share: Floats = sums[1:] / max(amounts.sum(), 1e-300)
        return share

    titles, demand, clustering = _shapley(shares)
    first, last = shares(0, 0, 0), shares(1, 1, 1)
    found = [
        Change(
            theme=name,
            before=float(first[i]),
            after=float(last[i]),
            titles=float(titles[i]),
            demand=float(demand[i]),
            clustering=float(clustering[i]),
        )
        for i, name in enumerate(names)
    ]
    return tuple(sorted(found, key=lambda each: -abs(each.after - each.before)))


def _shapley(value: Callable[..., Floats], players: int = 3) -> list[Floats]:
    """Each player's mean contribution over all orders; `value` takes 0 or 1 for each."""
    parts = []
    for player in range(players):
        others = [each for each in range(players) if each != player]
        part = np.zeros_like(value(*[0] * players))
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for team in combinations(others, size):
                without = [int(each in team) for each in range(players)]
                joined = [int(each in team or each == player) for each in range(players)]
                part += weight * (value(*joined) - value(*without))
        parts.append(part)
    return parts
