"""What alerts would have been worth: runs as of each of many dates, every alert logged, scored by what came after.

Each is `discover.run` as of a day, in one workspace, so that nothing is encoded twice. A last run reads the whole
catalog and is the judge. An alert's theme is followed to the judge's theme that shares most items with it
(Jaccard, of what both knew). The alert **held** where that theme's share over as many periods as were "recent", right
after it, is still `[trends] least` times its share over the alert's past; it **faded** where it is not; it is **lost**
where no theme of the judge's shares a third of the items (which counts against it); it is **open** where those periods
are not over. All shares are those of the judge's theme. An alert about a theme that the run before had reported
already is the same alert: only first ones are scored. The lead is the number of periods from the alert to the end of
that theme's best stretch of as many periods: 0 where the best was when it was reported.

Beside it stand two comparisons. The quiet rate is how often themes without an alert would have held: a rule without
skill has precision like that. The null run permutes each run's dates and counts runs with any alert: where
nothing moves, that share should be `[trends] rate` at most. Themes are kept in it, as dates play no part in finding
them.

Finished runs are kept (`backtest.json` in the workspace), so a stopped backtest goes on where it was.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from discover.core import files, words
from discover.core.errors import InputError, UsageError, WorkspaceError
from discover.core.groups import jaccard
from discover.core.settings import SEED, Settings
from discover.core.types import OUTCOME_WORDS, Alert, Level, Listing, Theme, Trend, plain
from discover.embeddings.embed import Progress
from discover.engine import engine
from discover.nightly import pipeline
from discover.report import columns
from discover.store import seals, versions
from discover.store.workspace import as_path
from discover.trends import periods
from discover.trends.consumption import read_events
from discover.trends.measure import gather_events, judge_themes
from discover.trends.periods import Calendar, Events, Floats, Ints, Period

STATE_FILE = "backtest.json"
MIN_OVERLAP = 1 / 3  # Jaccard: half of either's items, where both are as large


@dataclass(frozen=True)
class JudgedAlert(Alert):
    """An alert as the judge knows it: `created` is the day as of which the run was, shares are the judge's theme's."""

    later: str = ""  # id of the judge's theme; "" where it was lost
    lead: int | None = None  # periods to the end of the best run; None where lost or open
    first: bool = True  # whether the run before had not reported it


@dataclass(frozen=True)
class Backtest:
    """Alerts of many runs, and what they are compared with."""

    source: str
    days: tuple[str, ...]  # as of which the runs were
    alerts: Listing[JudgedAlert]
    quiet: int  # themes of runs without an alert whose following periods are known ...
    quiet_held: int  # ... and of them, those that would have held
    null_runs: int  # runs with permuted dates ...
    null_alerts: int  # ... and of them, those with any alert
    rate: float  # as set: the share of null runs that may have one

    @property
    def firsts(self) -> Mapping[str, int]:
        """How many first alerts had each outcome."""
        return {
            outcome: sum(alert.first and alert.outcome == outcome for alert in self.alerts) for outcome in OUTCOME_WORDS
        }

    @property
    def precision(self) -> float | None:
        """Of first alerts that can be judged, the share that held; None without any."""
        judged = sum(count for outcome, count in self.firsts.items() if outcome != "open")
        return self.firsts["held"] / judged if judged else None

    @property
    def lead(self) -> float | None:
        """Median lead of first alerts that held, in periods; None without any."""
        leads = [alert.lead for alert in self.alerts if alert.first and alert.outcome == "held"]
        return float(np.median([lead for lead in leads if lead is not None])) if leads else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON, with the summary first."""
        summary = {"precision": self.precision, "lead": self.lead, "firsts": self.firsts}
        return plain(summary) | plain(self)  # type: ignore[no-any-return]  # of a mapping it is a dict


def backtest(
    source: str | Path,
    start: str,
    end: str,
    every: Period = "month",
    workspace: str | Path = "discover-backtest",
    settings: Settings | Mapping[str, Any] | str | Path | None = None,
    null: int = 10,
    consumption: Any = None,
    progress: Progress | None = None,
) -> Backtest:
    """Runs as of the end of each period from `start` to `end` ("2019-01" or a day), their alerts, what came after.

    `null` is how often each run's dates are permuted. Raises UsageError for dates that make no run, or a workspace
    that holds another backtest; and what `discover.run` raises.
    """
    chosen, days = Settings.load(settings), _days(start, end, every)
    home = _Home.open(as_path(workspace), source, chosen, consumption)
    with progress("runs", len(days) + 1) if progress else nullcontext(lambda _: None) as advance:
        for day in [*days, None]:
            home.results(day)
            advance(1)
    judge = _Judge.open(home.results(None), consumption)
    alerts: list[JudgedAlert] = []
    quiet = quiet_held = null_alerts = 0
    before: set[tuple[str, str]] = set()  # themes of the judge that the run before reported
    with progress("scoring", len(days)) if progress else nullcontext(lambda _: None) as advance:
        for day in days:
            judged, quiet_themes = judge.score(home.results(day), day, before)
            alerts += judged
            quiet += len(quiet_themes)
            quiet_held += sum(quiet_themes)
            before = {(alert.later, alert.trend.measure) for alert in judged}
            null_alerts += home.null(day, null)
            advance(1)
    names = tuple(day.isoformat() for day in days)
    return Backtest(
        judge.source, names, Listing(alerts), quiet, quiet_held, null * len(days), null_alerts, chosen.trends.rate
    )


def _days(start: str, end: str, every: Period) -> list[date]:
    """The last day of each period from the one that holds `start` to the one that holds `end`."""
    if every not in periods.PERIODS:
        raise UsageError(f"every: {every!r} is not a period. Valid: {', '.join(periods.PERIODS)}")
    try:
        first, last = (np.datetime64(text, "D") for text in (start, end))
    except ValueError as error:
        raise UsageError(
            f"from and to: expected dates like 2019-01 or 2019-01-31, got {start!r} and {end!r}"
        ) from error
    numbers = periods.count_periods(np.array([first, last]), every)
    ends = [periods.first_day(number + 1, every) - 1 for number in range(int(numbers[0]), int(numbers[1]) + 1)]
    days = [date.fromisoformat(str(end)) for end in ends]
    if not days:
        raise UsageError(f"--from {start} must not be after --to {end}")
    return days


@dataclass(frozen=True)
class _Home:
    """A workspace of runs as of many days, each started when first asked for."""

    workspace: Path
    source: str | Path
    settings: Settings
    consumption: Any
    state: dict[str, Any]  # what STATE_FILE holds

    @classmethod
    def open(cls, workspace: Path, source: str | Path, settings: Settings, consumption: Any) -> _Home:
        """A backtest of this catalog, new or gone on with. Raises UsageError for another backtest's."""
        made_from = {
            "catalog": _digest(source),
            "consumption": _digest(consumption) if isinstance(consumption, (str, Path)) else "",
            "settings": plain(settings.to_dict()),
        }
        path = workspace / STATE_FILE
        state = _read_state(path) or {"made_from": made_from, "runs": {}, "null": {}}
        if state["made_from"] != made_from:
            changed = ", ".join(name for name, value in made_from.items() if state["made_from"].get(name) != value)
            message = f"the backtest in this folder was made with different {changed}"
            raise UsageError(f"{workspace}: {message}. Give another --workspace")
        return cls(workspace, source, settings, consumption, state)

    def results(self, day: date | None) -> engine.Engine:
        """The version of a run as of a day, or of the whole catalog."""
        key = day.isoformat() if day else "all"
        number = self.state["runs"].get(key)
        if number not in versions.numbers(self.workspace):
            summary = pipeline.run(self.source, self.workspace, self.settings, day, consumption=self.consumption)
            number = summary.version
            self._keep("runs", key, number)
        return engine.open(self.workspace, number)

    def null(self, day: date, runs: int) -> int:
        """In how many of so many permutations of a run's dates anything rises."""
        known: list[bool] = self.state["null"].get(day.isoformat(), [])
        if len(known) < runs:
            opened = self.results(day)
            events = _events(opened, self.consumption, day)
            for run in range(len(known), runs):
                random = np.random.default_rng([SEED, day.toordinal(), run])
                permuted = [replace(measured, days=random.permutation(measured.days)) for measured in events]
                trends = judge_themes(
                    opened.named, opened.partition, permuted, opened.catalog.ids, self.settings.trends, day
                )
                known.append(any(trend.rises for trend in trends.trends))
            self._keep("null", day.isoformat(), known)
        return sum(known[:runs])

    def _keep(self, part: str, key: str, value: Any) -> None:
        self.state[part][key] = value
        files.make_folder(self.workspace)
        files.replace_bytes(self.workspace / STATE_FILE, seals.seal(self.state, indent=1))


def _read_state(path: Path) -> dict[str, Any]:
    """What is known of a backtest's runs; nothing where there is no file. Raises WorkspaceError where it is damaged."""
    with files.disk_errors(path):
        content = path.read_bytes() if path.exists() else b""
    try:
        return seals.unseal(content, "a backtest", indent=1) if content else {}
    except ValueError as error:
        raise WorkspaceError(f"{path}: {error}. Remove it to run the backtest again") from error


def _digest(source: str | Path) -> str:
    """SHA-256 of a file. Raises InputError where there is none."""
    try:
        return files.sha256(Path(source))
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror}). Give a local file") from error


def _events(opened: engine.Engine, consumption: Any, day: date | None) -> list[Events]:
    """What a run's trends rest on."""
    watched = None if consumption is None else read_events(consumption, opened.catalog, opened.settings.catalog, day)
    return gather_events(opened.catalog, watched)


@dataclass(frozen=True)
class _Judge:
    """The run that knows all."""

    opened: engine.Engine
    events: Mapping[str, Events]  # by measure
    consumption: Any

    @classmethod
    def open(cls, opened: engine.Engine, consumption: Any) -> _Judge:
        """The judge of a version that was made from the whole catalog."""
        return cls(opened, {measured.measure: measured for measured in _events(opened, consumption, None)}, consumption)

    @property
    def source(self) -> str:
        """The catalog."""
        return self.opened.catalog.source

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each id."""
        return self.opened.catalog.rows

    def score(
        self, results: engine.Engine, day: date, before: set[tuple[str, str]]
    ) -> tuple[list[JudgedAlert], list[bool]]:
        """A run's alerts, and for each theme without one whose future is known, whether it would have held."""
        judged: list[JudgedAlert] = []
        quiet: list[bool] = []
        least = results.settings.trends.least
        matches = [self._matched(results, level) for level in results.partition]
        calendars = {
            measured.measure: periods.choose_calendar(measured, results.settings.trends, day)
            for measured in _events(results, self.consumption, day)
        }
        numbers = {(theme.level, theme.id): theme.number for theme in results.named}
        for trend in results.trend_results.trends:
            later = matches[trend.level][numbers[trend.level, trend.theme]]
            outcome, shares, lead = "lost", (np.nan, np.nan, np.nan), None
            if later is not None:
                outcome, shares, lead = self._outcome(trend, later, calendars[trend.measure], least)
            if not trend.rises:
                quiet += [outcome == "held"] if outcome in ("held", "faded") else []
                continue
            name = later.id if later else ""
            judged.append(
                JudgedAlert(
                    results.version.number, day.isoformat(), trend, outcome, *shares, name, lead,
                    not name or (name, trend.measure) not in before,
                )
            )  # fmt: skip
        return judged, quiet

    def _matched(self, results: engine.Engine, level: Level) -> list[Theme | None]:
        """For each theme of a run's level, the judge's theme that shares most items, if it shares enough."""
        rows = np.array([self.rows.get(id, -1) for id in results.catalog.ids], dtype=np.int64)
        kept, mine = rows[rows >= 0], level.members[rows >= 0]
        overlaps = [jaccard(mine, other.members[kept], (level.count, other.count)) for other in self.opened.partition]
        if not overlaps:
            return [None] * level.count
        overlap = np.concatenate(overlaps, axis=1)  # in the order of `named`
        best = overlap.argmax(axis=1).tolist()
        return [self.opened.named[i] if overlap[number, i] >= MIN_OVERLAP else None for number, i in enumerate(best)]

    def _outcome(
        self, trend: Trend, later: Theme, calendar: Calendar, least: float
    ) -> tuple[str, tuple[float, float, float], int | None]:
        """What came of a trend, by the shares of the judge's theme: past, recent, after; and the lead."""
        past, recent = trend.parts.count("past"), trend.parts.count("recent")
        amounts, totals = self._series(trend.measure, later, calendar)
        first = calendar.first - self._origin(trend.measure, calendar)
        cuts = [first, first + past, first + past + recent, first + past + 2 * recent]
        shares = tuple(_share(amounts[a:b], totals[a:b]) for a, b in pairwise(cuts))
        if cuts[-1] > len(totals):
            return "open", (shares[0], shares[1], float("nan")), None
        runs = [
            _share(amounts[i : i + recent], totals[i : i + recent])
            for i in range(first + past, len(totals) - recent + 1)
        ]
        runs = [-1.0 if run != run else run for run in runs]
        lead = int(np.argmax(runs))
        held = bool(shares[2] >= least * shares[0])
        return "held" if held else "faded", (shares[0], shares[1], shares[2]), lead

    def _origin(self, measure: str, calendar: Calendar) -> int:
        """The number of the judge's first period."""
        return int(periods.count_periods(self.events[measure].days, calendar.period).min())

    def _series(self, measure: str, later: Theme, calendar: Calendar) -> tuple[Floats, Floats]:
        """Amounts of a theme and of the catalog in every period of the judge's that is over."""
        events, level = self.events[measure], self.opened.partition[later.level]
        numbers: Ints = periods.count_periods(events.days, calendar.period) - self._origin(measure, calendar)
        over = periods.last_complete(events.days, calendar.period) - self._origin(measure, calendar) + 1
        mine = level.members[events.rows] == later.number
        totals = np.bincount(numbers, events.weights, minlength=over)[:over]
        amounts = np.bincount(numbers, events.weights * mine, minlength=over)[:over]
        return amounts.astype(np.float64), totals.astype(np.float64)


def _share(amounts: Floats, totals: Floats) -> float:
    return float(amounts.sum() / totals.sum()) if totals.sum() else float("nan")


# --- what people look at -----------------------------------------------------------------------------------


def save(result: Backtest, folder: Path) -> tuple[Path, Path]:
    """Write the backtest as `backtest-result.json` and `backtest.svg`. Raises DiskError."""
    files.make_folder(folder)
    written, drawn = folder / "backtest-result.json", folder / "backtest.svg"
    files.replace_bytes(written, json.dumps(result.to_dict(), indent=1, allow_nan=False).encode())
    files.replace_bytes(drawn, figure(result))
    return written, drawn


def figure(result: Backtest) -> bytes:
    """First alerts by date and outcome, as SVG, with the share of runs that had one where dates were permuted."""
    colours = {"held": "c2", "faded": "c1", "lost": "outlier", "open": ""}
    firsts = Counter((alert.created, alert.outcome) for alert in result.alerts if alert.first)
    parts = [
        columns.Part(text.label, text.meaning, colours[outcome], [firsts[day, outcome] for day in result.days])
        for outcome, text in OUTCOME_WORDS.items()
    ]
    if result.null_runs:
        alarms = words.share(result.null_alerts / result.null_runs)
        note = f"With permuted dates {alarms} of runs had an alert. {words.share(result.rate)} are expected."
    else:
        note = "No run had permuted dates."
    title = "First alerts by date, and what came of them"
    return columns.draw(title, note, "first alerts", result.days, parts).encode()
