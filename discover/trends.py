"""What rises and what fades: each theme's share of the catalog by period, judged against its own past.

Amounts of a theme by period (titles that arrived, or audience) are set against the whole catalog's in the same period,
so that a growing catalog is no rise. The last complete periods ("recent") are compared with those before ("past"). A
change counts where it is beyond chance in two ways at once, so the larger of two p-values is taken:

- *Which titles came when.* The recent amount against what as many titles of the same catalog have by chance: exact
  (hypergeometric) for titles, drawn for audience, among titles with about as much. This holds for tiny themes.
- *How much the theme moves by itself.* A quasi-Poisson regression of its amounts with the log of the catalog's as
  offset, the season where there are two years and it shows, and a dispersion of at least 1 that is drawn towards what
  is usual for themes, by `statsmodels`. This holds for themes that come in bursts.

One event is no rise: of the most over-represented day only what the theme would have had of it is counted (titles), or
the title that gains most counts like the one that gains second most (audience). Being reductions of what was seen, both
only make p larger.

p-values of all themes, levels and measures of a night are adjusted together (Benjamini and Hochberg 1995): where
nothing moves, at most `[trends] rate` of the nights have any alert. Dates play no part in finding themes, so being
found on the same titles does no harm. Lifts are drawn towards 1 by how much lifts differ between themes, by one
standard error at most (Efron and Morris 1972, "Limiting the risk of Bayes and empirical Bayes estimators", JASA).

What this cannot see: a share that wanders over years has quiet stretches, after which its next step looks like a rise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import combinations
from math import factorial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import f, hypergeom, t

from discover.nouns import STRAY, Catalog, Change, Level, Theme, Trend, Trends, WhiteSpace
from discover.settings import TrendSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Period = Literal["week", "month", "quarter", "year"]

PERIODS: Mapping[Period, tuple[int, int]] = {"week": (4, 52), "month": (3, 24), "quarter": (2, 12), "year": (2, 10)}
A_YEAR: Mapping[Period, int] = {"month": 12, "quarter": 4}  # periods of it; weeks move against the year
FINEST: Mapping[str, tuple[Period, ...]] = {  # what dates of a grain can tell
    "day": ("week", "month", "quarter", "year"),
    "month": ("month", "quarter", "year"),
    "year": ("year",),
}
LEAST_PAST = 6  # periods
ENOUGH = 50  # events in the median period, where the period is chosen
SPARSE = 0.1  # of the usual period: less at either end is a record that begins, or ends
MOST = 0.5  # of the dates: on the first of a month, or of January, they say no more than that
SEASONAL = 0.1  # p of a season that is let into the regression
EVENTS_A_TERM = 10  # of the past, for each term of the season (Peduzzi et al. 1996)
DRAWS = (999, 9_999)  # the second where the first leave a theme in doubt
ENOUGH_BEYOND = 10  # of the draws: no doubt
LEAST_THEMES = 3  # to tell the usual dispersion
MOST_WORTH = 200.0  # degrees of freedom: as good as a normal distribution
STRATUM = 200  # titles of about the same audience
MOST_STRATA = 10
RESAMPLES = 1_000
CONFIDENCE = 0.95
CARRIERS = 5
SEED = 20_240_229


# --- events ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Events:
    """m things that happened to items on days: a title arrived, or so much of it was watched."""

    measure: str  # "titles" or "audience"
    rows: Ints = field(repr=False)  # (m,)
    days: Days = field(repr=False)  # (m,), no NaT
    weights: Floats = field(repr=False)  # (m,), above 0; 1 for titles

    def __len__(self) -> int:
        return len(self.rows)


def titles(catalog: Catalog) -> Events:
    """The arrival of every item with a date."""
    days = _days(catalog)
    rows = np.flatnonzero(~np.isnat(days))
    return Events("titles", rows, days[rows], np.ones(len(rows)))


def audience(catalog: Catalog) -> Events:
    """The arrival of every item with a date and an audience above 0, weighted by it."""
    days = _days(catalog)
    amounts = catalog.table.column("audience").to_numpy().astype(np.float64)
    rows = np.flatnonzero(~np.isnat(days) & (amounts > 0))
    return Events("audience", rows, days[rows], amounts[rows])


def _days(catalog: Catalog) -> Days:
    days: Days = catalog.table.column("date").to_numpy().astype("M8[D]")
    return days


# --- periods -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calendar:
    """The T periods that are looked at, oldest first; none, and `why`, where dates are too few."""

    period: Period
    first: int  # number of the oldest since 1970
    names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()  # "past", "recent", "incomplete"
    daily: bool = False  # whether dates say the day
    why: str = ""

    def place(self, days: Days) -> Ints:
        """(m,) the period of each day, -1 outside of all."""
        place = _number(days, self.period) - self.first
        return np.where((place >= 0) & (place < len(self.names)), place, -1)

    def part(self, name: str) -> Flags:
        """(T,) which periods play a part."""
        return np.array([part == name for part in self.parts], dtype=bool)

    @property
    def season(self) -> Floats:
        """(T, s) terms of the time of year: two harmonics; no term where the past is less than two years."""
        year = A_YEAR.get(self.period, 0)
        if not year or self.parts.count("past") < 2 * year:
            return np.empty((len(self.names), 0))
        angle = 2 * np.pi * ((self.first + np.arange(len(self.names))) % year) / year
        terms = [np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
        return np.column_stack(terms[: year - 1])  # four quarters have three differences


def calendar(events: Events, settings: TrendSettings, as_of: date | None = None) -> Calendar:
    """The periods of events that end with `as_of`, or with the latest of them.

    Chosen is the finest period that the dates can tell and whose median has ENOUGH events; weeks only where they are
    asked for, as their season is not known within two years. Periods at either end with
    hardly any events are left out, and so is a last one that is not over: both depend on totals alone.
    """
    grain = _grain(events.days)
    allowed = [period for period in PERIODS if period in FINEST[grain]]
    if settings.period != "auto":
        if settings.period not in allowed:
            why = f"the dates tell the {grain} at best, and [trends] period is {settings.period}; leave it out"
            return Calendar(settings.period, 0, why=why)
        allowed = [settings.period]
    elif grain == "day":
        allowed.remove("week")
    if not len(events):
        return Calendar(allowed[-1], 0, why="no item has a date" if events.measure == "titles" else "no audience has")
    found = [_window(events, period, settings, grain, as_of) for period in allowed]
    usable = [(each, median) for each, median in found if not each.why]
    if not usable:
        return found[0][0]
    return next((each for each, median in usable if median >= ENOUGH), usable[-1][0])


def _window(
    events: Events, period: Period, settings: TrendSettings, grain: str, as_of: date | None
) -> tuple[Calendar, float]:
    """The periods of this kind, and how many events the median one has."""
    usual, past = PERIODS[period]
    recent, past = settings.recent or usual, settings.past or past
    numbers = _number(events.days, period)
    start = int(numbers.min())
    totals = np.bincount(numbers - start)
    last = _last_complete(events.days, period, grain, as_of) - start  # may lie before the start, or after the end
    dense = np.flatnonzero(totals >= SPARSE * _usual(totals))
    last = min(last, int(dense[-1]))
    first = max(last + 1 - recent - past, 0)
    window = totals[first : last + 1]
    if len(window):
        first += int(np.argmax(window >= SPARSE * _usual(window)))
    length = last + 1 - first
    if length < recent + LEAST_PAST:
        spans = max(length, 0)
        why = f"the dates span {spans} complete {period}s; {recent} to judge and {LEAST_PAST} before them are needed"
        return Calendar(period, 0, why=why), 0.0
    parts = ["past"] * (length - recent) + ["recent"] * recent
    if last + 1 < len(totals) and totals[last + 1]:
        parts.append("incomplete")
    numbers_of = start + first + np.arange(len(parts))
    names = tuple(_name(number, period) for number in numbers_of.tolist())
    return (
        Calendar(period, start + first, names, tuple(parts), daily=grain == "day"),
        float(np.median(totals[first : last + 1])),
    )


def _usual(totals: Ints) -> float:
    """The total of the period in which the median event lies: long sparse stretches do not count."""
    return float(np.median(np.repeat(totals, totals))) if totals.any() else 0.0


def _grain(days: Days) -> str:
    """How exactly dates say when, "day", "month" or "year": where most are the first of one, that is what they say."""
    if not len(days):
        return "year"
    if np.mean(days == days.astype("M8[Y]")) > MOST:
        return "year"
    return "month" if np.mean(days == days.astype("M8[M]")) > MOST else "day"


def _last_complete(days: Days, period: Period, grain: str, as_of: date | None) -> int:
    """The number of the last period that is over when the record ends."""
    if as_of is not None:
        after = np.datetime64(as_of, "D") + 1
    else:
        unit = {"day": "D", "month": "M", "year": "Y"}[grain]
        after = (days.max().astype(f"M8[{unit}]") + 1).astype("M8[D]")
    return int(_number(np.array([after]), period)[0]) - 1


def _number(days: Days, period: Period) -> Ints:
    """(m,) periods since the one that holds 1970-01-01; weeks begin on Monday."""
    if period == "week":
        return (days.astype("M8[D]").astype(np.int64) + 3) // 7
    if period == "quarter":
        return days.astype("M8[M]").astype(np.int64) // 3
    return days.astype("M8[M]" if period == "month" else "M8[Y]").astype(np.int64)


def _name(number: int, period: Period) -> str:
    if period == "week":
        return str(np.datetime64(number * 7 - 3, "D"))
    if period == "quarter":
        return f"{1970 + number // 4}-Q{number % 4 + 1}"
    return str(np.datetime64(number, "M" if period == "month" else "Y"))


# --- tests -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tests:
    """By theme: how its recent share compares with its past one. NaN, and p of 1, where it has no event at all."""

    amounts: Floats = field(repr=False)  # (count, T)
    totals: Floats = field(repr=False)  # (T,) of the catalog
    lift: Floats  # (count,), drawn towards 1
    low: Floats  # (count,), of the 95 % interval before that
    high: Floats  # (count,)
    p: Floats  # (count,), two-sided
    gains: Floats = field(repr=False)  # (n,) what each item adds to the recent share less the past one


def compare(events: Events, members: Ints, count: int, calendar: Calendar) -> Tests:
    """The tests of `count` themes; `members` (n,) holds theme numbers by row, -1 for strays."""
    window = _Window.of(events, members, count, calendar)
    if events.measure == "titles":
        carried = _burst(window) if calendar.daily else np.zeros_like(window.amounts)
        rise, fade = _chance_of_counts(window, carried)
    else:
        carried = _blockbuster(window)
        rise, fade = _chance_of_sums(window, carried)
    present: Flags = window.amounts[:, window.judged].sum(axis=1) > 0
    full = _Fits.of(window, present, calendar.season, window.amounts)
    less = full.replaced(_Fits.of(window, carried.sum(axis=1) > 0, calendar.season, window.amounts - carried))
    prior = _prior(full.dispersion, full.freedom, window.amounts[:, window.judged].sum(axis=1) >= window.judged.sum())
    error, freedom = full.error(prior)
    fades = _student(full.log_lift / error, freedom)
    error_less, freedom_less = less.error(prior)
    rises = _student(-less.log_lift / error_less, freedom_less)
    p = np.minimum(1.0, 2 * np.minimum(np.maximum(rise, rises), np.maximum(fade, fades)))
    p[~present] = 1.0
    log_lift, margin = full.log_lift, error * t.ppf((1 + CONFIDENCE) / 2, freedom)
    drawn = _drawn_in(log_lift, error)
    return Tests(
        window.amounts,
        window.totals,
        lift=np.exp(drawn),
        low=np.exp(log_lift - margin),
        high=np.exp(log_lift + margin),
        p=p,
        gains=window.gains,
    )


@dataclass(frozen=True)
class _Window:
    """The events of a calendar's periods: by period, and by item. Those of an incomplete period are only in `amounts`
    and `totals`.
    """

    rows: Ints  # (m,) of the events
    place: Ints  # (m,) their periods
    days: Days  # (m,)
    weights: Floats  # (m,)
    members: Ints  # (n,) themes by row
    recent: Flags  # (T,)
    judged: Flags  # (T,)
    amounts: Floats  # (count, T)
    totals: Floats  # (T,)

    @classmethod
    def of(cls, events: Events, members: Ints, count: int, calendar: Calendar) -> _Window:
        place = calendar.place(events.days)
        inside = place >= 0
        rows, place, weights = events.rows[inside], place[inside], events.weights[inside]
        periods, themes = len(calendar.names), members[rows]
        cells = (themes + 1) * periods + place  # strays first
        table: Floats = np.bincount(cells, weights, minlength=(count + 1) * periods).astype(np.float64)
        table = table.reshape(count + 1, periods)
        return cls(
            rows,
            place,
            events.days[inside],
            weights,
            members,
            calendar.part("recent"),
            ~calendar.part("incomplete"),
            table[1:],
            table.sum(axis=0),
        )

    @property
    def totals_by_part(self) -> tuple[float, float]:
        """The catalog's recent and past amounts; never 0, so that they can be divided by."""
        recent, both = self.totals[self.recent].sum(), self.totals[self.judged].sum()
        return max(float(recent), 1e-300), max(float(both - recent), 1e-300)

    def by_item(self) -> tuple[Floats, Floats]:
        """Recent and past amounts, (n,) each."""
        recent, judged = self.recent[self.place], self.judged[self.place]
        parts = (self.weights * which for which in (recent, judged & ~recent))
        now, past = (np.bincount(self.rows, part, len(self.members)).astype(np.float64) for part in parts)
        return now, past

    @property
    def gains(self) -> Floats:
        """(n,) what each item adds to the difference of its theme's two shares; they sum to 0 over the catalog."""
        (now, past), (recent, before) = self.by_item(), self.totals_by_part
        gains: Floats = now / recent - past / before
        return gains


def _burst(window: _Window) -> Floats:
    """(count, T) what the day on which a theme is most over-represented adds to its recent amount, beyond its share.

    A day of which a theme has three times its share is one event (a licence bought, a festival), not many.
    """
    count, carried = len(window.amounts), np.zeros_like(window.amounts)
    now = window.recent[window.place]
    days, day = np.unique(window.days[now], return_inverse=True)
    themes, place = window.members[window.rows[now]], window.place[now]
    period_of_day = np.zeros(len(days), dtype=np.int64)
    period_of_day[day] = place
    by_day = np.bincount((themes + 1) * len(days) + day, minlength=(count + 1) * len(days)).reshape(count + 1, -1)
    share = window.amounts[:, window.judged].sum(axis=1) / max(window.totals[window.judged].sum(), 1.0)
    excess = by_day[1:] - np.maximum(np.ceil(by_day.sum(axis=0) * share[:, None]), 1)
    if excess.size:
        worst = excess.argmax(axis=1)
        carried[np.arange(count), period_of_day[worst]] = np.maximum(excess.max(axis=1), 0)
    return carried


def _blockbuster(window: _Window) -> Floats:
    """(count, T) by how much the item that gains most surpasses the second, of its theme's recent amount."""
    carried, gains, (now, _) = np.zeros_like(window.amounts), np.maximum(window.gains, 0), window.by_item()
    order = np.lexsort((-gains, window.members))
    order = order[window.members[order] >= 0]
    themes, first = np.unique(window.members[order], return_index=True)
    best, second = order[first], order[np.minimum(first + 1, len(order) - 1)]
    ahead = np.where(window.members[second] == themes, gains[best] - gains[second], gains[best])
    excess = np.zeros(len(gains))
    excess[best] = np.where(second == best, gains[best], ahead) * window.totals_by_part[0]
    for event in np.flatnonzero((excess[window.rows] > 0) & window.recent[window.place]).tolist():
        row = window.rows[event]
        share = window.weights[event] / now[row]  # of the item's recent amount
        carried[window.members[row], window.place[event]] += share * excess[row]
    return carried


def _chance_of_counts(window: _Window, carried: Floats) -> tuple[Floats, Floats]:
    """By theme: the chance that as many titles, drawn from the catalog's, have as many, and as few, recent ones.

    Fisher's exact test. A `carried` part is taken from recent and all titles of its theme, which only makes the first
    chance larger.
    """
    whole, recent = window.totals[window.judged].sum(), window.totals[window.recent].sum()
    has, now = window.amounts[:, window.judged].sum(axis=1), window.amounts[:, window.recent].sum(axis=1)
    less = carried.sum(axis=1)
    rise: Floats = hypergeom.sf(now - less - 1, whole, recent, has - less)
    fade: Floats = hypergeom.cdf(now, whole, recent, has)
    return rise, fade


def _chance_of_sums(window: _Window, carried: Floats) -> tuple[Floats, Floats]:
    """By theme: the chance of so high, and so low, a difference of its shares, were its items' histories others'.

    An item's history is the share of its amount that is recent; histories are exchanged between items of about the
    same amount (ranks, by STRATUM), amounts stay. For items that arrive on one date this permutes the dates.
    """
    now, past = window.by_item()
    rows = np.flatnonzero(now + past > 0)
    members, amounts = window.members[rows] + 1, (now + past)[rows]  # strays are theme 0
    parts, count = now[rows] / amounts, len(window.amounts) + 1
    order = np.argsort(amounts, kind="stable")
    strata = np.array_split(order, max(1, min(len(rows) // STRATUM, MOST_STRATA)))
    recent, _ = window.totals_by_part

    def differences(parts: Floats) -> Floats:
        current, before = amounts * parts, amounts * (1 - parts)
        shares = [np.bincount(members, each, minlength=count) / max(each.sum(), 1e-300) for each in (current, before)]
        difference: Floats = (shares[0] - shares[1])[1:]
        return difference

    observed = differences(parts)
    least, slack = observed - carried.sum(axis=1) / recent, 1e-12  # sums in another order differ by rounding
    random, drawn = np.random.default_rng(SEED), 0
    higher, lower = np.zeros(count - 1), np.zeros(count - 1)
    for draws in DRAWS:
        for _ in range(draws - drawn):
            shuffled = np.empty_like(parts)
            for stratum in strata:
                shuffled[stratum] = parts[random.permutation(stratum)]
            difference = differences(shuffled)
            higher += difference >= least - slack
            lower += difference <= observed + slack
        drawn = draws
        if np.minimum(higher, lower).min(initial=ENOUGH_BEYOND) >= ENOUGH_BEYOND:
            break
    return (higher + 1) / (drawn + 1), (lower + 1) / (drawn + 1)


@dataclass(frozen=True)
class _Fits:
    """Quasi-Poisson regressions by theme (count,); NaN where there is none."""

    log_lift: Floats
    root: Floats  # standard error of it at a dispersion of 1
    dispersion: Floats  # Pearson's
    freedom: Floats  # residual degrees of freedom

    @classmethod
    def of(cls, window: _Window, which: Flags, season: Floats, amounts: Floats) -> _Fits:
        """The regressions of some themes' (count, T) amounts."""
        values = np.full((4, len(amounts)), np.nan)
        for theme in np.flatnonzero(which).tolist():
            values[:, theme] = _fit(window, theme, season, amounts[theme])
        return cls(*values)

    def replaced(self, others: _Fits) -> _Fits:
        """These, and the others' where there are."""
        pairs = [(getattr(self, each.name), getattr(others, each.name)) for each in fields(self)]
        return _Fits(*(np.where(np.isnan(new), old, new) for old, new in pairs))

    def error(self, prior: tuple[float, float]) -> tuple[Floats, Floats]:
        """Standard error of the log lift and its degrees of freedom, with dispersions drawn towards the prior."""
        usual, worth = prior
        with np.errstate(invalid="ignore"):
            drawn = (usual * worth + self.dispersion * self.freedom) / (worth + self.freedom)
        return self.root * np.sqrt(np.maximum(drawn, 1.0)), self.freedom + worth


def _fit(window: _Window, theme: int, season: Floats, amounts: Floats) -> tuple[float, float, float, float]:
    """Regression of a theme's (T,) amounts on "recent" and the season, the catalog's as exposure.

    Amounts are counted in the theme's own effective number of events, sum(w) ** 2 / sum(w ** 2) of the weights w: for
    titles they are as they are. One event more, spread over the periods like the catalog, keeps lifts finite.

    The standard error is the one that makes Wald's test of the lift the likelihood ratio test, as its own says nothing
    where there are hardly any recent events, or past ones (Hauck and Donner 1977).
    """
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    own = window.weights[(window.members[window.rows] == theme) & window.judged[window.place]]
    unit = float((own**2).sum() / own.sum())
    used = window.judged & (window.totals > 0)
    exposure, recent = window.totals[used] / unit, window.recent[used].astype(np.float64)
    counts = amounts[used] / unit + exposure / exposure.sum()

    def fit(terms: list[Floats]) -> Any:
        return GLM(counts, np.column_stack(terms), family=Poisson(), offset=np.log(exposure)).fit()

    terms = [np.ones(len(counts)), recent]
    fitted = fit(terms)
    if season.shape[1] and counts[recent == 0].sum() >= EVENTS_A_TERM * season.shape[1]:
        seasonal = fit([*terms, season[used]])
        explained = (fitted.deviance - seasonal.deviance) / season.shape[1]
        dispersion = max(1.0, seasonal.pearson_chi2 / seasonal.df_resid)
        if f.sf(explained / dispersion, season.shape[1], seasonal.df_resid) < SEASONAL:
            fitted = seasonal
            terms.append(season[used])
    without = fit([terms[0], *terms[2:]])
    log_lift = float(fitted.params[1])
    gained = np.sqrt(max(without.deviance - fitted.deviance, 0.0))
    root = abs(log_lift) / gained if gained > 1e-6 else np.sqrt(fitted.normalized_cov_params[1, 1])
    return log_lift, root, fitted.pearson_chi2 / fitted.df_resid, fitted.df_resid


def _prior(dispersion: Floats, freedom: Floats, which: Flags) -> tuple[float, float]:
    """The usual dispersion of themes, and how many degrees of freedom that knowledge is worth.

    A scaled F distribution fitted to the dispersions by the moments of their logarithms (Smyth 2004, "Linear models and
    empirical Bayes methods", section 6.2). Only themes with events enough for a dispersion count; fewer than three of
    them say nothing.
    """
    chosen, half = dispersion[which], freedom[which] / 2
    if len(chosen) < LEAST_THEMES:
        return 1.0, 0.0
    logs = np.log(np.maximum(chosen, 1e-12)) - digamma(half) + np.log(half)
    extra = logs.var(ddof=1) - polygamma(1, half).mean()
    if extra <= polygamma(1, MOST_WORTH / 2):
        return float(chosen.mean()), MOST_WORTH
    least = 1e-3
    worth = 2 * brentq(lambda x: polygamma(1, x) - extra, least, MOST_WORTH) if extra < polygamma(1, least) else 0.0
    return float(np.exp(logs.mean() + digamma(worth / 2) - np.log(worth / 2))) if worth else 1.0, worth


def _student(ratio: Floats, freedom: Floats) -> Floats:
    """The chance of a lower value, by Student's t."""
    lower: Floats = t.cdf(ratio, freedom)
    return lower


def _drawn_in(log_lift: Floats, error: Floats) -> Floats:
    """Log lifts drawn towards 0 as much as errors are large beside the spread of true lifts, by one error at most.

    The spread is that of DerSimonian and Laird (1986) about a mean of 0: shares are relative to the catalog.
    """
    known = np.isfinite(log_lift)
    weight = 1 / error[known] ** 2
    beyond = (weight * log_lift[known] ** 2).sum() - known.sum()
    spread = max(0.0, float(beyond / weight.sum())) if known.any() else 0.0
    drawn = log_lift * spread / (spread + error**2)
    return np.where(np.abs(log_lift - drawn) <= error, drawn, log_lift - np.sign(log_lift) * error)


# --- the night's trends ------------------------------------------------------------------------------------


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
        chosen = calendar(each, settings, as_of)
        if chosen.why:
            reasons.append(f"{each.measure}: {chosen.why}")
            continue
        for level, start in zip(levels, starts[:-1], strict=True):
            tests = compare(each, level.members, level.count, chosen)
            found += [(named[start + number], number, each, chosen, tests, level) for number in range(level.count)]
    q = adjusted(np.array([tests.p[number] for _, number, _, _, tests, _ in found]))
    trends = [_trend(*each, float(value), ids, settings) for each, value in zip(found, q.tolist(), strict=True)]
    why = "" if found else "; ".join(reasons) if levels else "no themes"
    return Trends(tuple(trends), why=why, notes=tuple(reasons) if found else ())


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
        return "dormant"
    lift = float(tests.lift[number])
    if q > settings.rate or max(lift, 1 / lift) < settings.least:
        return "steady"
    if lift < 1:
        return "fading" if recent.any() else "dormant"
    earlier = (level.members[events.rows] == number) & (_number(events.days, calendar.period) < _start(calendar))
    if not earlier.any():
        return "new"
    return "emerging" if past[number] < np.median(past) else "rising"


def _start(calendar: Calendar) -> int:
    """The number of the first recent period."""
    return calendar.first + calendar.parts.index("recent")


# --- supply against demand ---------------------------------------------------------------------------------


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


# --- change between nights ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holding:
    """What a night has: items, the theme of each ("" for strays), and how much each counts (1, or its audience)."""

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
    nights = [{id: place for place, id in enumerate(night.ids)} for night in (before, after)]
    names = sorted({name for night in (before, after) for name in night.themes if name})
    numbers = {name: number for number, name in enumerate(names)} | {"": STRAY}
    themes, weights, here = [], [], []
    for holding, places, other, others in zip(
        (before, after), nights, (after, before), reversed(nights), strict=True
    ):  # what is in one night only has that night's theme and weight in both
        source = [(holding, places[id]) if id in places else (other, others[id]) for id in ids]
        themes.append(np.array([numbers[night.themes[place]] for night, place in source], dtype=np.int64))
        weights.append(np.array([night.weights[place] for night, place in source], dtype=np.float64))
        here.append(np.array([id in places for id in ids]))

    def shares(titles: int, demand: int, clustering: int) -> Floats:
        amounts = weights[demand] * here[titles]
        sums = np.bincount(themes[clustering] + 1, amounts, minlength=len(names) + 1)
        share: Floats = sums[1:] / max(amounts.sum(), 1e-300)
        return share

    parts = _shapley(shares)
    first, last = shares(0, 0, 0), shares(1, 1, 1)
    found = [
        Change(name, float(first[i]), float(last[i]), *(float(part[i]) for part in parts))
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
