"""What rises and what fades, of all levels and by all measures.

`rises` judges each theme; here the p-values of all themes, levels and measures of a run are adjusted together
(Benjamini and Hochberg 1995): where nothing moves, at most `[trends] rate` of the runs have any alert. Dates play no
part in finding themes, so being found on the same titles does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from discover.core.settings import TrendSettings
from discover.core.types import Catalog, Level, Theme, Themes, Trend, Trends
from discover.core.words import plural
from discover.trends import periods, rises
from discover.trends.periods import Calendar, Events, Flags, Floats
from discover.trends.rises import Tests
from discover.trends.white_space import measure_white_space

CARRIERS = 5  # titles that a trend names, at most


def find_trends(
    catalog: Catalog,
    themes: Themes,
    named: Sequence[Theme],
    settings: TrendSettings,
    consumption: tuple[Events, tuple[str, ...]] | None = None,
    as_of: date | None = None,
) -> Trends:
    """A run's trends, by titles and, where the catalog or a `consumption` table has it, by audience; white space."""
    amounts, notes = _audience(catalog), tuple[str, ...]()
    if consumption is not None:
        watched, notes = consumption
        amounts[:] = np.bincount(watched.rows, watched.weights * _find_recent(watched, settings, as_of), len(catalog))
    trends = judge_themes(named, themes.levels, gather_events(catalog, consumption), catalog.ids, settings, as_of)
    space = measure_white_space(named, themes.levels, amounts) if themes.levels else ()
    return replace(trends, white_space=space, notes=(*notes, *trends.notes))


def gather_events(catalog: Catalog, consumption: tuple[Events, tuple[str, ...]] | None = None) -> list[Events]:
    """What trends are measured by: titles, and audience where the catalog or a consumption table has it."""
    if consumption is not None:
        return [periods.read_titles(catalog), consumption[0]]
    return [periods.read_titles(catalog), *([periods.read_audience(catalog)] if (_audience(catalog) > 0).any() else [])]


def _audience(catalog: Catalog) -> Floats:
    """(n,) NaN where unknown."""
    amounts: Floats = np.array(catalog.table.column("audience").to_numpy(), dtype=np.float64)
    return amounts


def _find_recent(events: Events, settings: TrendSettings, as_of: date | None) -> Flags:
    """(m,) which events lie in the recent periods; all where there is no calendar of them."""
    calendar = periods.choose_calendar(events, settings, as_of)
    place = calendar.place(events.days)
    return np.ones(len(events), dtype=bool) if calendar.why else (place >= 0) & calendar.part("recent")[place]


@dataclass(frozen=True)
class _Subject:
    """A theme by one measure, and the tests of all themes of its level."""

    theme: Theme
    level: Level
    events: Events
    calendar: Calendar
    tests: Tests


def judge_themes(
    named: Sequence[Theme],
    levels: Sequence[Level],
    events: Sequence[Events],
    ids: Sequence[str],
    settings: TrendSettings,
    as_of: date | None = None,
) -> Trends:
    """The trends of every theme by every measure.

    Events without any usable calendar give no trends, and `why` says so.
    """
    subjects: list[_Subject] = []
    reasons: list[str] = []
    for measured in events:
        calendar = periods.choose_calendar(measured, settings, as_of)
        if calendar.why:
            reasons.append(f"{measured.measure}: {calendar.why}")
            continue
        for depth, level in enumerate(levels):
            tests = rises.compare(measured, level.members, level.count, calendar)
            themes = (theme for theme in named if theme.level == depth)
            subjects += [_Subject(theme, level, measured, calendar, tests) for theme in themes]
    q = adjust_p(np.array([subject.tests.p[subject.theme.number] for subject in subjects])).tolist()
    trends = [_trend(subject, value, ids, settings) for subject, value in zip(subjects, q, strict=True)]
    why = "" if subjects else ". ".join(reasons) if levels else "there are no themes"
    notes = (*reasons, *_note_young(trends)) if subjects else ()
    return Trends(tuple(trends), why=why, notes=notes)


def _note_young(trends: Sequence[Trend]) -> list[str]:
    """A note on the themes of which all titles came in a period that is not full yet."""
    young = [trend for trend in trends if any(trend.amounts) and not any(_full(trend))]
    if not young:
        return []
    themes, period = plural(len({trend.theme for trend in young}), "theme has", "themes have"), young[0].periods[-1]
    return [f"{themes} titles from {period} only, which is not over yet: too early to say how they move"]


def _full(trend: Trend) -> list[float]:
    """The amounts of the periods that count."""
    return [amount for amount, part in zip(trend.amounts, trend.parts, strict=True) if part != "incomplete"]


def adjust_p(p: Floats) -> Floats:
    """p-values as the least rate of false discoveries at which each would be one (Benjamini and Hochberg 1995)."""
    from statsmodels.stats.multitest import multipletests

    q: Floats = multipletests(p, method="fdr_bh")[1] if len(p) else p
    return q


def _trend(subject: _Subject, q: float, ids: Sequence[str], settings: TrendSettings) -> Trend:
    theme, level, tests = subject.theme, subject.level, subject.tests
    number = theme.number
    shares = tests.amounts / np.where(tests.totals > 0, tests.totals, np.nan)
    rows = np.flatnonzero((level.members == number) & (tests.gains > 0))
    best = rows[np.lexsort((rows, -level.strengths[rows], -tests.gains[rows]))][:CARRIERS]
    return Trend(
        theme=theme.id,
        label=theme.label,
        level=theme.level,
        measure=subject.events.measure,
        status=_status(subject, q, settings),
        lift=float(tests.lift[number]),
        low=float(tests.low[number]),
        high=float(tests.high[number]),
        p=float(tests.p[number]),
        q=q,
        periods=subject.calendar.names,
        parts=subject.calendar.parts,
        amounts=tuple(tests.amounts[number].tolist()),
        shares=tuple(shares[number].tolist()),
        carriers=tuple(ids[row] for row in best.tolist()),
    )


def _status(subject: _Subject, q: float, settings: TrendSettings) -> str:
    number, events, calendar, tests = subject.theme.number, subject.events, subject.calendar, subject.tests
    past, recent = tests.amounts[:, calendar.part("past")].sum(axis=1), tests.amounts[number, calendar.part("recent")]
    if not past[number] and not recent.any():
        begins = tests.amounts[number, calendar.part("incomplete")].any()  # too early to say
        return "steady" if begins else "dormant"
    lift = float(tests.lift[number])
    if q > settings.rate or max(lift, 1 / lift) < settings.least:
        return "steady"
    if lift < 1:
        return "fading" if recent.any() else "dormant"
    own = subject.level.members[events.rows] == number
    if not (own & (periods.count_periods(events.days, calendar.period) < _first_recent(calendar))).any():
        return "new"
    return "emerging" if past[number] < np.median(past) else "rising"


def _first_recent(calendar: Calendar) -> int:
    """The number of the first recent period."""
    return calendar.first + calendar.parts.index("recent")
