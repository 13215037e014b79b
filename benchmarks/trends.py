"""False alarms where nothing moves, and rises that were planted: python -m benchmarks.trends [--data DIR]

(a) Dates are permuted over the items of a catalog, many times; the share of these in which any theme is told to rise
or to fade, beside the stated rate. (b) A theme's arrivals from some period on are doubled, or times four, by copies of
its own items, on real dates; every period until HORIZON is judged as if it were the last. Power is the share of
planted rises that were told, the delay the median number of periods until then (1: at the end of the first). "told
without" is how often the same themes are told in the same periods with nothing planted: their own rises, and false
alarms.

Beside it stand, on the same themes and periods, two rules. *BERTrend*'s (Boutaleb et al. 2024, "BERTrend: Neural Topic
Modeling for Emerging Trends Detection"; its code): a topic's popularity is the number of its documents so far and
decays by exp(-.01 x²) in the x-th period without any; below the 10th percentile of all topics' popularity in the
window it is noise, up to the 75th and rising a weak signal, above it a strong one. Nearly every theme is one of the two
at any time, so "moves up" counts only a theme whose class is higher than in the period before. *slope*: ordinary least
squares of the theme's shares on time over the same window, p < .05 and rising.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from scipy.stats import linregress

import discover
from benchmarks.inputs import _head
from benchmarks.measuring import Missing
from discover.core.settings import SEED, TrendSettings
from discover.core.types import Trends
from discover.trends import periods
from discover.trends.measure import judge_themes
from discover.trends.periods import Calendar, Events

CATALOGS: Mapping[str, int | None] = {  # file -> how many of its rows
    "netflix_2021-09.csv": None,
    "wikipedia_films.parquet": None,
    "pypi_summaries.parquet": 100_000,
}
FACTORS = (2, 4)
HORIZON = 6  # periods after a planted rise begins
LEAST_EVENTS = 20  # of a theme, in the past of a planted rise
LATE = 1 / 3  # of the record: where rises begin
DECAY, LOWER, UPPER, SEEN = 0.01, 10, 75, 1e-5  # BERTrend's
USUAL = TrendSettings()
Rule = Callable[["Sight"], np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.trends", description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of catalogs (%(default)s)")
    parser.add_argument("--results", type=Path, default=Path("bench-results"), help="folder of workspaces and figures")
    parser.add_argument("--catalogs", nargs="+", default=list(CATALOGS), choices=list(CATALOGS))
    parser.add_argument("--permutations", type=int, default=200)
    parser.add_argument("--plants", type=int, default=60, help="planted rises of each size, by catalog")
    chosen = parser.parse_args()
    found = {}
    for name in chosen.catalogs:
        try:
            subject = Subject.of(chosen.data / name, CATALOGS[name], chosen.results)
        except Missing as missing:
            print(f"left out: {missing}")
            continue
        found[name] = {"null": null(subject, chosen.permutations), "planted": planted(subject, chosen.plants)}
        show(Console(width=100), name, found[name], chosen.permutations)
        (chosen.results / "trends.json").write_text(json.dumps(found, indent=1))


@dataclass(frozen=True)
class Subject:
    """A catalog with its themes."""

    engine: discover.Engine
    events: Events

    @classmethod
    def of(cls, source: Path, rows: int | None, results: Path) -> Subject:
        """From the workspace of an earlier time, or a run."""
        if not source.exists():
            raise Missing(f"no {source}")
        workspace = results / f"trends-{source.stem}"
        if not (workspace / "CURRENT").exists():
            print(f"running {source.name} once ...", flush=True)
            discover.run(_head(source, rows) if rows else source, workspace)
        engine = discover.open(workspace)
        return cls(engine, periods.read_titles(engine.catalog))

    def members(self) -> list[np.ndarray]:
        """(n,) theme numbers of each level."""
        return [level.members for level in self.engine.partition]

    def measure(self, events: Events) -> Trends:
        """What a night with these events tells."""
        engine = self.engine
        return judge_themes(engine.named, engine.partition, [events], engine.catalog.ids, USUAL)


@dataclass(frozen=True)
class Sight:
    """What the rules see of one night: amounts by theme and period since the record began, and the last periods."""

    amounts: np.ndarray  # (themes of all levels, periods), complete ones
    totals: np.ndarray  # (periods,)
    window: int  # how many of the last are looked at
    found: Trends | None = None

    @classmethod
    def of(cls, subject: Subject, events: Events, calendar: Calendar, found: Trends | None = None) -> Sight:
        numbers = periods.count_periods(events.days, calendar.period)
        first = int(numbers.min())
        count = calendar.first + len(calendar.parts) - calendar.parts.count("incomplete") - first
        inside = numbers - first < count
        rows, place = events.rows[inside], (numbers - first)[inside]
        tables = []
        for level in subject.engine.partition:
            cells = (level.members[rows] + 1) * count + place
            tables.append(np.bincount(cells, minlength=(level.count + 1) * count).reshape(-1, count)[1:])
        totals = np.bincount(place, minlength=count)
        window = len(calendar.parts) - calendar.parts.count("incomplete")
        return cls(np.concatenate(tables), totals, window, found)

    def before(self) -> Sight:
        """A period earlier."""
        return Sight(self.amounts[:, :-1], self.totals[:-1], self.window)


def ours(sight: Sight) -> np.ndarray:
    """(themes,) which are told to rise."""
    assert sight.found is not None
    return np.array([trend.rises for trend in sight.found.trends])


def slope(sight: Sight) -> np.ndarray:
    shares = sight.amounts[:, -sight.window :] / np.maximum(sight.totals[-sight.window :], 1)
    fits = [linregress(np.arange(shares.shape[1]), each) if each.any() else None for each in shares]
    return np.array([fit is not None and fit.slope > 0 and fit.pvalue < 0.05 for fit in fits])


def popularity(amounts: np.ndarray) -> np.ndarray:
    """(themes, periods)"""
    value, idle, found = np.zeros(len(amounts)), np.zeros(len(amounts)), []
    for column in amounts.T:
        idle = np.where(column > 0, 0, idle + 1)
        value = np.where(column > 0, value + column, value * np.exp(-DECAY * idle**2))
        found.append(value)
    return np.stack(found, axis=1)


def signals(sight: Sight) -> np.ndarray:
    """(themes,) 0 noise, 1 weak, 2 strong."""
    values = popularity(sight.amounts)
    seen = values[:, -sight.window :]
    low, high = np.percentile(seen[seen > SEEN], [LOWER, UPPER])
    now, rising = values[:, -1], sight.amounts[:, -1] > 0
    return np.where(now > high, 2, np.where((now >= low) & rising, 1, 0))


RULES: Mapping[str, Rule] = {
    "discover": ours,
    "BERTrend: a signal": lambda sight: signals(sight) > 0,
    "BERTrend: moves up": lambda sight: signals(sight) > signals(sight.before()),
    "slope, p < .05": slope,
}


def null(subject: Subject, permutations: int) -> dict[str, Any]:
    """By rule: in how many permutations any theme is told, and the mean share of themes that are."""
    told: dict[str, list[float]] = {name: [] for name in (*RULES, "discover, fading too")}
    for run in range(permutations):
        random = np.random.default_rng([SEED, run])
        days = random.permutation(subject.events.days)
        events = Events("titles", subject.events.rows, days, subject.events.weights)
        found = subject.measure(events)
        sight = Sight.of(subject, events, periods.choose_calendar(events, USUAL), found)
        for name, rule in RULES.items():
            told[name].append(float(rule(sight).mean()))
        told["discover, fading too"].append(float(np.mean([each.q <= USUAL.rate for each in found.trends])))
    return {
        name: {"any": int(np.count_nonzero(shares)), "themes": float(np.mean(shares))} for name, shares in told.items()
    }


def planted(subject: Subject, plants: int) -> dict[str, Any]:
    """By factor (1: nothing planted) and rule: how often it was told within HORIZON, and when."""
    calendar = periods.choose_calendar(subject.events, USUAL)
    numbers = periods.count_periods(subject.events.days, calendar.period)
    last = calendar.first + len(calendar.parts) - 1 - calendar.parts.count("incomplete")
    dense = np.unique(numbers[numbers >= np.quantile(numbers, 0.02)])
    late = dense[int(len(dense) * (1 - LATE)) :]
    onsets = late[late <= last - HORIZON + 1]
    random = np.random.default_rng(SEED)
    told: dict[int, dict[str, list[int | None]]] = {factor: {name: [] for name in RULES} for factor in (1, *FACTORS)}
    sizes = []
    while len(sizes) < plants:
        onset = int(random.choice(onsets))
        place = int(random.integers(len(subject.engine.named)))
        rows = _rows(subject, place)
        mine = np.isin(subject.events.rows, rows)
        size = int((mine & (numbers < onset) & (numbers >= onset - calendar.parts.count("past"))).sum())
        if size < LEAST_EVENTS:
            continue
        sizes.append(size)
        for factor, by_rule in told.items():
            events = _with(subject.events, mine, numbers, onset, factor, random)
            for name, period in _first_told(subject, events, calendar, onset, place).items():
                by_rule[name].append(period)
    return {"sizes": sizes, "period": calendar.period, "told": told}


def _rows(subject: Subject, place: int) -> np.ndarray:
    """The items of one of `named`."""
    for members, level in zip(subject.members(), subject.engine.partition, strict=True):
        if place < level.count:
            return np.flatnonzero(members == place)
        place -= level.count
    raise IndexError(place)


def _with(
    events: Events, mine: np.ndarray, numbers: np.ndarray, onset: int, factor: int, random: np.random.Generator
) -> Events:
    """The events, with copies of a theme's from `onset` on: what its past share gives, times factor - 1.

    A copy has the day of a random event of the same period.
    """
    before = (numbers < onset) & (numbers >= onset - 24)
    share = (mine & before).sum() / max(before.sum(), 1)
    copies, days = [], []
    for period in range(onset, onset + HORIZON):
        here = np.flatnonzero(numbers == period)
        count = random.poisson((factor - 1) * share * len(here)) if len(here) else 0
        copies.append(random.choice(events.rows[mine], count))
        days.append(random.choice(events.days[here], count))
    rows = np.concatenate([events.rows, *copies])
    return Events("titles", rows, np.concatenate([events.days, *days]), np.ones(len(rows)))


def _first_told(subject: Subject, events: Events, calendar: Calendar, onset: int, place: int) -> dict[str, int | None]:
    """By rule: the number of the period, from 1, at whose end the theme is told first; None where it never is."""
    found: dict[str, int | None] = dict.fromkeys(RULES)
    numbers = periods.count_periods(events.days, calendar.period)
    for step in range(1, HORIZON + 1):
        known = numbers < onset + step
        here = Events("titles", events.rows[known], events.days[known], events.weights[known])
        until = (periods.first_day(onset + step, calendar.period) - 1).item()
        engine, settings = subject.engine, TrendSettings(period=calendar.period)
        seen = judge_themes(engine.named, engine.partition, [here], engine.catalog.ids, settings, until)
        if not seen.found:
            continue
        sight = Sight.of(subject, here, periods.choose_calendar(here, settings, until), seen)
        for name, rule in RULES.items():
            if found[name] is None and rule(sight)[place]:
                found[name] = step
    return found


def show(console: Console, name: str, found: Mapping[str, Any], permutations: int) -> None:
    sizes, told = found["planted"]["sizes"], found["planted"]["told"]
    headings = ["any alert, permuted", "of themes", "told without"]
    headings += [f"power x{factor} (delay)" for factor in FACTORS]
    of = f"past events {min(sizes)} to {max(sizes)}, by {found['planted']['period']}"
    title = f"{name}: {len(sizes)} rises of each size, {of}"
    table = Table("rule", *headings, box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for rule, figures in found["null"].items():
        cells = [
            f"{figures['any']} of {permutations} ({figures['any'] / permutations:.1%})",
            f"{figures['themes']:.1%}",
        ]
        if rule in RULES:
            cells += [f"{_power(told[1][rule]):.0%}", *(_cell(told[factor][rule]) for factor in FACTORS)]
        table.add_row(rule, *cells)
    console.print(table)
    console.print(f"stated rate: {USUAL.rate:.0%} of permutations with any alert, rising or fading", highlight=False)


def _power(told: Sequence[int | None]) -> float:
    return sum(each is not None for each in told) / len(told)


def _cell(told: Sequence[int | None]) -> str:
    hits = [each for each in told if each is not None]
    return f"{_power(told):.0%}" + (f" ({np.median(hits):g})" if hits else "")


if __name__ == "__main__":
    main()
