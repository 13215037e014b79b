"""Whether a theme rises or fades beyond chance: its recent share of the catalog against its own past.

Amounts of a theme by period (titles that arrived, or audience) are set against the whole catalog's in the same period,
so that a growing catalog is no rise. The last complete periods ("recent") are compared with those before ("past"). A
change counts where it is beyond chance in two ways at once, so the larger of two p-values is taken:

- *Which titles came when.* The recent amount against what as many titles of the same catalog have by chance: exact
  (hypergeometric) for titles, drawn for audience, among titles with about as much. This holds for tiny themes.
- *How much the theme moves by itself.* A quasi-Poisson regression of its amounts with the log of the catalog's as
  offset, the season where there are two years and it shows, and a dispersion of at least 1 that is drawn towards what
  is usual for themes, by `statsmodels`. This holds for themes that come in bursts.

One event is no rise: of a day that is full of one theme only what it would have had of it is counted (titles), or the
title that gains most counts like the one that gains second most (audience). Being reductions of what was seen, both
only make p larger.

Lifts are drawn towards 1 by how much lifts differ between themes, by one standard error at most (Efron and Morris 1972,
"Limiting the risk of Bayes and empirical Bayes estimators", JASA).

What this cannot see: a share that wanders over years has quiet stretches, after which its next step looks like a rise.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, polygamma
from scipy.stats import binom, f, hypergeom, t

from discover.core.settings import SEED
from discover.trends.periods import Calendar, Days, Events, Flags, Floats, Ints

MAX_SEASON_P = 0.1  # p of a season that is let into the regression
MAX_BURST_CHANCE = 0.05  # chance, over all recent days, of a day so full of one theme: less is a burst
EVENTS_A_TERM = 10  # of the past, for each term of the season (Peduzzi et al. 1996)
DRAWS = (999, 9_999)  # the second where the first leave a theme in doubt
MIN_BEYOND = 10  # of the draws: no doubt
MIN_THEMES = 3  # to tell the usual dispersion
MAX_WORTH = 200.0  # degrees of freedom: as good as a normal distribution
STRATUM_TITLES = 200  # titles of about the same audience
MAX_STRATA = 10
CONFIDENCE = 0.95
EQUAL_DEVIANCES = 1e-6  # root of a difference of deviances: none
MIN_EXPOSURE = 1e-9  # a period in which the catalog has nothing


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
    """The tests of `count` themes; `members` (n,) holds theme numbers by row, -1 for outliers."""
    window = _Window.from_events(events, members, count, calendar)
    if events.measure == "titles":
        carried = _burst(window) if calendar.daily else np.zeros_like(window.amounts)
        rise, fade = _chance_of_counts(window, carried)
    else:
        carried = _blockbuster(window)
        rise, fade = _chance_of_sums(window, carried)
    present: Flags = window.amounts[:, window.judged].sum(axis=1) > 0
    full = _Fits.fit(window, present, calendar.season, window.amounts)
    less = full.overlay(_Fits.fit(window, carried.sum(axis=1) > 0, calendar.season, window.amounts - carried))
    prior = _prior(full.dispersion, full.freedom, window.amounts[:, window.judged].sum(axis=1) >= window.judged.sum())
    error, freedom = full.error(prior)
    fades = _student(full.log_lift / error, freedom)
    error_less, freedom_less = less.error(prior)
    rises = _student(-less.log_lift / error_less, freedom_less)
    p = np.minimum(1.0, 2 * np.minimum(np.maximum(rise, rises), np.maximum(fade, fades)))
    p[~present] = 1.0
    log_lift, margin = full.log_lift, error * t.ppf((1 + CONFIDENCE) / 2, freedom)
    drawn = _shrink(log_lift, error)
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
    def from_events(cls, events: Events, members: Ints, count: int, calendar: Calendar) -> _Window:
        """The events of `count` themes inside the calendar's periods."""
        place = calendar.place(events.days)
        inside = place >= 0
        rows, place, weights = events.rows[inside], place[inside], events.weights[inside]
        periods, themes = len(calendar.names), members[rows]
        cells = (themes + 1) * periods + place  # outliers first
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

    @cached_property
    def units(self) -> Floats:
        """(count,) the amount that counts as one event of a theme: sum(w ** 2) / sum(w), 1 for titles."""
        themes, weights = self.members[self.rows] + 1, self.weights * self.judged[self.place]
        sums = [np.bincount(themes, amounts, len(self.amounts) + 1)[1:] for amounts in (weights**2, weights)]
        units: Floats = np.divide(sums[0], sums[1], out=np.ones(len(self.amounts)), where=sums[1] > 0)
        return units

    @property
    def gains(self) -> Floats:
        """(n,) what each item adds to the difference of its theme's two shares; they sum to 0 over the catalog."""
        (now, past), (recent, before) = self.by_item(), self.totals_by_part
        gains: Floats = now / recent - past / before
        return gains


def _burst(window: _Window) -> Floats:
    """(count, T) what the day on which a theme is most over-represented adds to its recent amount, beyond its share.

    A day of which a theme has far more than its share is one event (a licence bought, a festival), not many. Only a
    day that is beyond chance among all recent days is one.
    """
    count, carried = len(window.amounts), np.zeros_like(window.amounts)
    now = window.recent[window.place]
    days, day = np.unique(window.days[now], return_inverse=True)
    themes, place = window.members[window.rows[now]], window.place[now]
    period_of_day = np.zeros(len(days), dtype=np.int64)
    period_of_day[day] = place
    by_day = np.bincount((themes + 1) * len(days) + day, minlength=(count + 1) * len(days)).reshape(count + 1, -1)
    totals, share = (
        by_day.sum(axis=0),
        window.amounts[:, window.judged].sum(axis=1) / window.totals[window.judged].sum(),
    )
    by_chance = binom.sf(by_day[1:] - 1, totals, share[:, None]) * len(days)
    excess = np.where(by_chance < MAX_BURST_CHANCE, by_day[1:] - np.maximum(np.ceil(totals * share[:, None]), 1), 0)
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
    same amount (ranks, by STRATUM_TITLES), amounts stay. For items that arrive on one date this permutes the dates. The
    least chance that can be found is one in the number of DRAWS.
    """
    now, past = window.by_item()
    rows = np.flatnonzero(now + past > 0)
    members, amounts = window.members[rows] + 1, (now + past)[rows]  # outliers are theme 0
    parts, count = now[rows] / amounts, len(window.amounts) + 1
    order = np.argsort(amounts, kind="stable")
    strata = np.array_split(order, max(1, min(len(rows) // STRATUM_TITLES, MAX_STRATA)))
    recent, _ = window.totals_by_part

    def differences(parts: Floats) -> Floats:
        """By theme: its share of the recent amounts less its share of the past ones."""
        current, before = amounts * parts, amounts * (1 - parts)
        recent_share, past_share = (
            np.bincount(members, part, minlength=count) / max(part.sum(), 1e-300) for part in (current, before)
        )
        difference: Floats = (recent_share - past_share)[1:]
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
        if np.minimum(higher, lower).min(initial=MIN_BEYOND) >= MIN_BEYOND:
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
    def fit(cls, window: _Window, which: Flags, season: Floats, amounts: Floats) -> _Fits:
        """The regressions of some themes' (count, T) amounts."""
        values = np.full((4, len(amounts)), np.nan)
        for theme in np.flatnonzero(which).tolist():
            values[:, theme] = _fit(*_counted(window, theme, amounts[theme]), season[window.judged])
        return cls(*values)

    def overlay(self, others: _Fits) -> _Fits:
        """These, and the others' where there are."""
        pairs = [(getattr(self, attribute.name), getattr(others, attribute.name)) for attribute in fields(self)]
        return _Fits(*(np.where(np.isnan(new), old, new) for old, new in pairs))

    def error(self, prior: tuple[float, float]) -> tuple[Floats, Floats]:
        """Standard error of the log lift and its degrees of freedom, with dispersions drawn towards the prior."""
        usual, worth = prior
        with np.errstate(invalid="ignore"):
            drawn = (usual * worth + self.dispersion * self.freedom) / (worth + self.freedom)
        return self.root * np.sqrt(np.maximum(drawn, 1.0)), self.freedom + worth


def _counted(window: _Window, theme: int, amounts: Floats) -> tuple[Floats, Floats, Flags]:
    """(T',) a theme's amounts, the catalog's, and which are recent, of the judged periods.

    They are counted in the theme's own `units`, in all its effective number of events. One event more, spread over the
    periods like the catalog, keeps lifts finite.
    """
    unit = window.units[theme]
    exposure = np.maximum(window.totals[window.judged], MIN_EXPOSURE) / unit
    return amounts[window.judged] / unit + exposure / exposure.sum(), exposure, window.recent[window.judged]


def _fit(counts: Floats, exposure: Floats, recent: Flags, season: Floats) -> tuple[float, float, float, float]:
    """Poisson regression of counts on "recent" and, where it shows, the season, with exposure: the fields of `_Fits`.

    Without a season that is two rates. The standard error is the one that makes Wald's test of the lift the likelihood
    ratio test, as its own says nothing where there are hardly any recent events, or past ones (Hauck and Donner 1977).
    """
    rates = [float(counts[part].sum() / exposure[part].sum()) for part in (recent, ~recent)]
    fitted, flat = np.where(recent, *rates) * exposure, counts.sum() / exposure.sum() * exposure
    log_lift, terms = float(np.log(rates[0] / rates[1])), 2
    if season.shape[1] and counts[~recent].sum() >= EVENTS_A_TERM * season.shape[1]:
        constant, now = np.ones((len(counts), 1)), recent[:, None].astype(np.float64)
        start = [np.log(rates[1]), log_lift, *np.zeros(season.shape[1])]
        lifts, seasonal = _poisson(counts, np.hstack([constant, now, season]), exposure, start)
        freedom = len(counts) - len(start)
        explained = (_deviance(counts, fitted) - _deviance(counts, seasonal)) / season.shape[1]
        if f.sf(explained / max(1.0, _pearson(counts, seasonal) / freedom), season.shape[1], freedom) < MAX_SEASON_P:
            alone = _poisson(counts, np.hstack([constant, season]), exposure, [start[0], *start[2:]])[1]
            if np.isfinite(alone).all():
                fitted, flat, log_lift, terms = seasonal, alone, float(lifts[1]), len(start)
    gained = np.sqrt(max(_deviance(counts, flat) - _deviance(counts, fitted), 0.0))
    if gained > EQUAL_DEVIANCES:
        root = abs(log_lift) / gained
    else:  # no lift: both tests agree, and their ratio is 0 / 0
        root = float(np.sqrt(1 / fitted[recent].sum() + 1 / fitted[~recent].sum()))
    freedom = len(counts) - terms
    return log_lift, root, _pearson(counts, fitted) / freedom, float(freedom)


def _poisson(counts: Floats, terms: Floats, exposure: Floats, start: list[float]) -> tuple[Floats, Floats]:
    """Coefficients and fitted counts of a Poisson regression with exposure.

    NaN where the iteration runs away: it has no line search, and a single month that has nearly all can do that. Such
    a month is a burst and no season, which NaN, as it compares with nothing, does not become.
    """
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    model = GLM(counts, terms, family=Poisson(), offset=np.log(exposure))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # months without any are no fault
        try:
            fitted = model.fit(start_params=start)
        except ValueError:  # NaN, inf or invalid value detected in weights
            return np.full(len(start), np.nan), np.full(len(counts), np.nan)
    return fitted.params, fitted.fittedvalues


def _deviance(counts: Floats, fitted: Floats) -> float:
    return float(2 * (counts * np.log(counts / fitted) - counts + fitted).sum())


def _pearson(counts: Floats, fitted: Floats) -> float:
    return float(((counts - fitted) ** 2 / fitted).sum())


def _prior(dispersion: Floats, freedom: Floats, which: Flags) -> tuple[float, float]:
    """The usual dispersion of themes, and how many degrees of freedom that knowledge is worth.

    A scaled F distribution fitted to the dispersions by the moments of their logarithms (Smyth 2004, "Linear models and
    empirical Bayes methods", section 6.2). Only themes with events enough for a dispersion count; fewer than three of
    them say nothing.
    """
    chosen, half = dispersion[which], freedom[which] / 2
    if len(chosen) < MIN_THEMES:
        return 1.0, 0.0
    logs = np.log(np.maximum(chosen, 1e-12)) - digamma(half) + np.log(half)
    extra = logs.var(ddof=1) - polygamma(1, half).mean()
    if extra <= polygamma(1, MAX_WORTH / 2):
        return float(chosen.mean()), MAX_WORTH
    least = 1e-3
    worth = 2 * brentq(lambda x: polygamma(1, x) - extra, least, MAX_WORTH) if extra < polygamma(1, least) else 0.0
    return float(np.exp(logs.mean() + digamma(worth / 2) - np.log(worth / 2))) if worth else 1.0, worth


def _student(ratio: Floats, freedom: Floats) -> Floats:
    """The chance of a lower value, by Student's t."""
    lower: Floats = t.cdf(ratio, freedom)
    return lower


def _shrink(log_lift: Floats, error: Floats) -> Floats:
    """Log lifts drawn towards 0 as much as errors are large beside the spread of true lifts, by one error at most.

    The spread is that of DerSimonian and Laird (1986) about a mean of 0: shares are relative to the catalog.
    """
    known = np.isfinite(log_lift)
    weight = 1 / error[known] ** 2
    beyond = (weight * log_lift[known] ** 2).sum() - known.sum()
    spread = max(0.0, float(beyond / weight.sum())) if known.any() else 0.0
    drawn = log_lift * spread / (spread + error**2)
    return np.where(np.abs(log_lift - drawn) <= error, drawn, log_lift - np.sign(log_lift) * error)
