"""Trends: planted rises with known answers, exact oracles, and that where nothing moves nothing is told."""

import csv
import datetime
import json
from collections import Counter
from math import comb

import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, fisher_exact
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.multitest import multipletests

import discover
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings, TrendSettings
from discover.core.types import Level, Theme
from discover.testing import catalog, shows
from discover.trends import consumption, periods, rises
from discover.trends.attribution import Holding, attribute
from discover.trends.measure import adjust_p, judge_themes
from discover.trends.periods import Events
from discover.trends.white_space import measure_white_space
from tests.shell import command
from tests.workspaces import MONTHS, rising_shows, spread

USUAL = TrendSettings()


def arrivals(rates, seed=0, months=MONTHS):
    """Titles by theme and month, Poisson with the rates (themes, months); the last row of rates are outliers.

    The first theme has a title on the last day of all, so that the last month is over.
    """
    random, days, members = np.random.default_rng(seed), [], []
    for theme, by_month in enumerate(np.broadcast_to(rates, (len(rates), len(months)))):
        for month, rate in zip(months, by_month, strict=True):
            here = spread(random, random.poisson(rate), month)
            days.append(here)
            members += [theme if theme < len(rates) - 1 else -1] * len(here)
    days.append((months[-1:] + 1).astype("M8[D]") - 1)
    days = np.concatenate(days)
    return Events("titles", np.arange(len(days)), days, np.ones(len(days))), np.array([*members, 0])


def step(before, after, recent=3):
    return [before] * (len(MONTHS) - recent) + [after] * recent


def measured(events, members, options=USUAL, as_of=None):
    count = int(members.max()) + 1
    nobody = np.zeros(len(members), dtype=bool)
    level = Level(members, np.ones(len(members), np.float32), nobody, (-1,) * count, (1.0,) * count)
    named = [Theme(f"T{i}", f"theme {i}", (), (), 0, 0, 0.0, 1.0, 1.0, 0, i, None, ()) for i in range(count)]
    ids = [f"i{row}" for row in range(len(members))]
    return judge_themes(named, [level], [events], ids, options, as_of)


def by_theme(found):
    return {trend.theme: trend for trend in found.trends}


# --- planted -----------------------------------------------------------------------------------------------


def test_planted_rises_and_falls_are_told_by_name():
    rates = [step(8, 8)] * 6 + [step(20, 60), step(3, 14), step(0, 8), step(15, 4), step(8, 0), step(200, 160)]
    found = by_theme(measured(*arrivals(rates)))
    expected = {"T6": "rising", "T7": "emerging", "T8": "new", "T9": "fading", "T10": "dormant"}
    assert {id: trend.status for id, trend in found.items()} == {f"T{i}": "steady" for i in range(6)} | expected
    assert all(trend.q <= USUAL.rate for id, trend in found.items() if id in expected)
    assert [id for id, trend in found.items() if trend.rises] == ["T6", "T7", "T8"]
    for id, before, after in (("T6", 20, 60), ("T7", 3, 14), ("T9", 15, 4)):
        old, new = (sum(rate[i] for rate in rates) for i in (0, -1))
        truth = (after / new) / (before / old)
        assert found[id].low <= truth <= found[id].high
        assert min(1, truth) <= found[id].lift <= max(1, found[id].high)


def test_a_growing_catalog_is_no_rise():
    events, members = arrivals([step(10, 40)] * 5 + [step(30, 120)], seed=1)
    found = measured(events, members).trends
    assert {trend.status for trend in found} == {"steady"}
    assert all(sum(trend.amounts[-3:]) > sum(trend.amounts[-6:-3]) * 2 for trend in found)  # they did grow


def test_what_carries_a_rise_are_recent_titles_strongest_first():
    events, members = arrivals([step(4, 40), step(40, 40), step(20, 20)])
    strengths = np.random.default_rng(0).random(len(members)).astype(np.float32)
    level = Level(members, strengths, np.zeros(len(members), dtype=bool), (-1, -1), (1.0, 1.0))
    named = [Theme(f"T{i}", "", (), (), 0, 0, 0.0, 1.0, 1.0, 0, i, None, ()) for i in range(2)]
    ids = [f"i{row}" for row in range(len(members))]
    (first, _) = judge_themes(named, [level], [events], ids, USUAL).trends
    recent = np.flatnonzero((members == 0) & (events.days >= np.datetime64("2021-01-01")))
    best = recent[np.argsort(-strengths[recent])][:5]
    assert first.carriers == tuple(f"i{row}" for row in best)


def test_a_season_is_no_rise():
    christmas = [30 if month.astype(int) % 12 == 11 else 2 for month in MONTHS - 3]
    months = MONTHS - 3  # 2018-10 to 2020-12
    rates = [christmas, *([[10] * 27] * 4), [30] * 27]
    events, members = arrivals(rates, months=months)
    found = by_theme(measured(events, members, TrendSettings(recent=1)))
    assert found["T0"].parts[-1] == "recent"
    assert found["T0"].shares[-1] > 3 * np.mean(found["T0"].shares[:-1])
    assert found["T0"].status == "steady"


def test_one_day_full_of_titles_is_no_rise_and_as_many_on_many_days_are():
    events, members = arrivals([step(6, 6)] * 5 + [step(30, 30)], seed=2)
    members = np.append(members, np.zeros(36, int))
    on_one_day = np.repeat(np.datetime64("2021-02-10"), 36)
    on_many = np.datetime64("2021-01-01") + np.random.default_rng(0).integers(0, 90, 36)
    one, many = (
        by_theme(measured(dated(np.append(events.days, days)), members))["T0"] for days in (on_one_day, on_many)
    )
    assert sum(one.amounts[-3:]) == sum(many.amounts[-3:])
    assert one.status == "steady"
    assert many.rises


def test_one_blockbuster_is_no_trend_and_many_gains_are():
    events, members = arrivals([step(15, 15)] * 5 + [step(20, 20)], seed=3)
    recent = np.flatnonzero((members == 0) & (events.days >= np.datetime64("2021-01-01")))
    blockbuster, gains = (np.random.default_rng(0).lognormal(0, 1, len(members)) for _ in range(2))
    blockbuster[recent[0]] *= 1000
    gains[recent] *= 5
    one, many = (
        by_theme(measured(Events("audience", events.rows, events.days, weights), members))["T0"]
        for weights in (blockbuster, gains)
    )
    assert max(one.shares[-3:]) > max(many.shares[-3:])
    assert one.status == "steady"
    assert many.rises


# --- where nothing moves -----------------------------------------------------------------------------------


def bound(runs, rate):
    """The most alerts that a true rate gives in all but one of a thousand tests like this."""
    return binom.ppf(0.999, runs, rate)


def test_permuted_dates_give_no_more_alerts_than_stated_also_for_tiny_themes():
    sizes, random = [400, 150, 60, 30, 12, 6, 4, 3, 2, 2, 1], np.random.default_rng(5)
    members = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), np.full(200, -1)])
    months = random.choice(MONTHS, len(members), p=np.arange(1, 28) / 378)  # it grows
    days = np.concatenate([spread(random, 1, month) for month in months])
    days[:300] = np.datetime64("2021-01-01")  # and a third of it came on one day
    days[-1] = np.datetime64("2021-03-31")
    runs, alerts, p = 60, 0, []
    for _ in range(runs):
        events = Events("titles", np.arange(len(days)), random.permutation(days), np.ones(len(days)))
        found = measured(events, members).trends
        alerts += any(trend.q <= USUAL.rate for trend in found)
        p.append([trend.p for trend in found])
    assert alerts <= bound(runs, USUAL.rate)
    for rate in (0.01, 0.05, 0.2):
        assert (np.array(p) <= rate).sum() <= bound(np.size(p), rate)


def test_permuted_dates_give_no_more_alerts_than_stated_where_audience_is_heavy_tailed():
    random, runs, alerts, p = np.random.default_rng(6), 25, 0, []
    members = random.choice(6, 500, p=[0.4, 0.3, 0.15, 0.1, 0.03, 0.02]) - 1
    days = np.concatenate([spread(random, 1, month) for month in random.choice(MONTHS, 500)])
    days[0] = np.datetime64("2021-03-31")
    weights = random.pareto(1.0, 500) + 0.01 + 5 * (members == 2)  # its titles are all seen by many
    for _ in range(runs):
        found = measured(Events("audience", np.arange(500), random.permutation(days), weights), members).trends
        alerts += any(trend.q <= USUAL.rate for trend in found)
        p += [trend.p for trend in found]
    assert alerts <= bound(runs, USUAL.rate)
    assert sum(np.array(p) <= 0.05) <= bound(len(p), 0.05)


def test_themes_that_come_in_bursts_give_no_more_alerts_than_stated():
    runs, alerts, fisher = 40, 0, 0
    for seed in range(runs):
        random = np.random.default_rng(seed)
        rates = random.gamma(0.7, 12 / 0.7, (8, len(MONTHS)))  # negative binomial counts: dispersion 18
        events, members = arrivals([*rates, [50] * len(MONTHS)], seed)
        alerts += any(trend.q <= USUAL.rate for trend in measured(events, members).trends)
        recent = events.days >= np.datetime64("2021-01-01")
        tables = [
            [((members == i) == a)[recent == b].sum() for b in (True, False)] for i in range(8) for a in (True, False)
        ]
        p = [fisher_exact([tables[2 * i], tables[2 * i + 1]])[1] for i in range(8)]
        fisher += multipletests(p, method="fdr_bh")[0].any()
    assert fisher > 30  # which titles came when is beyond chance almost always
    assert alerts <= bound(runs, USUAL.rate)


# --- oracles -----------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=12, max_size=60))
def test_the_chance_of_counts_is_fishers(titles):
    members = np.array([theme - 1 for theme, _ in titles])
    recent = np.array([late for _, late in titles])
    days = np.where(recent, np.datetime64("2021-02-15"), np.datetime64("2020-06-15"))
    calendar = periods.choose_calendar(dated(every(1, "2019-01-01")), TrendSettings(period="month"))
    window = rises._Window.from_events(
        Events("titles", np.arange(len(days)), days, np.ones(len(days))), members, 2, calendar
    )
    rise, fade = rises._chance_of_counts(window, np.zeros((2, 27)))
    for theme in (0, 1):
        mine = members == theme
        table = [[(mine & recent).sum(), (mine & ~recent).sum()], [(~mine & recent).sum(), (~mine & ~recent).sum()]]
        assert rise[theme] == pytest.approx(fisher_exact(table, "greater")[1], abs=1e-12)
        assert fade[theme] == pytest.approx(fisher_exact(table, "less")[1], abs=1e-12)


def test_the_drawn_chance_of_equal_amounts_is_the_exact_one():
    members = np.array([0] * 6 + [-1] * 24)
    recent = np.zeros(30, bool)
    recent[[0, 1, 2, 10, 11, 12, 13]] = True
    days = np.where(recent, np.datetime64("2021-02-15"), np.datetime64("2020-06-15"))
    calendar = periods.choose_calendar(dated(every(1, "2019-01-01")), TrendSettings(period="month"))
    window = rises._Window.from_events(Events("audience", np.arange(30), days, np.full(30, 7.5)), members, 1, calendar)
    rise, fade = rises._chance_of_sums(window, np.zeros((1, 27)))
    ways = np.array([comb(7, k) * comb(23, 6 - k) for k in range(7)]) / comb(30, 6)
    assert rise[0] == pytest.approx(ways[3:].sum(), abs=0.04)  # 999 draws
    assert fade[0] == pytest.approx(ways[:4].sum(), abs=0.04)


@given(st.lists(st.floats(0, 1), max_size=40))
def test_adjusted_p_values_are_benjamini_hochbergs(p):
    q = adjust_p(np.array(p))
    m, running, expected = len(p), 1.0, {}
    for rank, place in reversed(list(enumerate(sorted(range(m), key=p.__getitem__), start=1))):
        running = min(running, p[place] * m / rank)
        expected[place] = running
    assert q.tolist() == pytest.approx([expected[i] for i in range(m)])


def test_the_lift_of_many_titles_is_the_ratio_of_shares():
    events, members = arrivals([step(300, 600), step(300, 300), step(2000, 1700)], seed=4)
    calendar = periods.choose_calendar(events, USUAL)
    found = rises.compare(events, members, 2, calendar)
    recent = events.days >= np.datetime64("2021-01-01")
    for theme in (0, 1):
        mine = members == theme
        ratio = (mine & recent).sum() / recent.sum() / ((mine & ~recent).sum() / (~recent).sum())
        assert np.sqrt(found.low[theme] * found.high[theme]) == pytest.approx(
            ratio, rel=0.04
        )  # the season may take some
        assert found.low[theme] < ratio < found.high[theme]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50), st.booleans())
def test_the_regression_is_that_of_statsmodels(seed, rate, seasonal):
    random = np.random.default_rng(seed)
    exposure, recent = random.uniform(50, 500, 27), np.arange(27) >= 24
    angle = 2 * np.pi * np.arange(27) / 12
    season = np.column_stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)])
    rates = rate * exposure / exposure.mean() * np.exp(seasonal * 2 * season[:, 0]) * np.where(recent, 2, 1)
    counts = random.poisson(rates) + exposure / exposure.sum()
    log_lift, root, dispersion, freedom = rises._fit(counts, exposure, recent, season)
    terms = np.column_stack([np.ones(27), recent, season] if freedom == 21 else [np.ones(27), recent])
    model, less = (
        GLM(counts, each, family=Poisson(), offset=np.log(exposure)).fit() for each in (terms, np.delete(terms, 1, 1))
    )
    assert log_lift == pytest.approx(model.params[1], abs=1e-6)
    assert (log_lift / root) ** 2 == pytest.approx(less.deviance - model.deviance, abs=1e-5)
    assert (dispersion, freedom) == pytest.approx((model.pearson_chi2 / model.df_resid, model.df_resid))
    assert freedom == 21 or not seasonal or rate < 5


def test_a_month_that_has_nearly_all_does_not_stop_the_night():
    exposure, recent = np.linspace(2000, 9000, 27), np.arange(27) >= 24
    angle = 2 * np.pi * np.arange(27) / 12
    season = np.column_stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)])
    for month in range(27):
        for many in (100, 3000):
            counts = exposure / exposure.sum()
            counts[month] += many
            assert np.isfinite(rises._fit(counts, exposure, recent, season)).all()


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_and_unit_do_not_matter_and_shares_are_shares(seed):
    random = np.random.default_rng(seed)
    events, members = arrivals([step(3, 9), step(6, 4), step(1, 1), step(12, 12)], seed % 1000)
    order = random.permutation(len(members))
    inverse = np.argsort(order)
    moved = Events("titles", inverse, events.days, events.weights)
    one, other = measured(events, members), measured(moved, members[order])
    assert [(t.status, t.lift, t.p, t.q, t.amounts) for t in one.trends] == [
        (t.status, t.lift, t.p, t.q, t.amounts) for t in other.trends
    ]
    shares = np.array([trend.shares for trend in one.trends])
    assert ((shares >= 0) & (shares <= 1)).all()
    assert (shares.sum(axis=0) <= 1 + 1e-9).all()
    calendar = periods.choose_calendar(events, USUAL)
    weights = random.lognormal(size=len(members))
    in_hours, in_minutes = (
        rises.compare(Events("audience", events.rows, events.days, each), members, 3, calendar)
        for each in (weights, weights * 64)
    )
    assert in_hours.lift == pytest.approx(in_minutes.lift)
    assert in_hours.p == pytest.approx(in_minutes.p)


# --- periods -----------------------------------------------------------------------------------------------


def dated(days):
    return Events("titles", np.arange(len(days)), np.array(days, "M8[D]"), np.ones(len(days)))


def every(days, start="2018-01-01", end="2021-04-01"):
    """One title every so many days."""
    return np.arange(start, end, days, dtype="M8[D]")


@pytest.mark.parametrize(
    ("days", "period", "last"),
    [
        (np.tile(every(1), 10), "month", "2021-03"),
        (every(1), "quarter", "2021-Q1"),
        (every(1, "1990-01-01").astype("M8[M]"), "quarter", "2021-Q1"),
        (np.repeat(every(1, "1990-01-01", "2021-01-01").astype("M8[Y]"), 1), "year", "2020"),
        (every(9, "1990-01-01", "2021-01-01"), "year", "2020"),
    ],
)
def test_the_period_is_the_finest_that_dates_tell_and_titles_fill(days, period, last):
    calendar = periods.choose_calendar(dated(days), USUAL)
    assert (calendar.period, calendar.why) == (period, "")
    assert [name for name, part in zip(calendar.names, calendar.parts, strict=True) if part == "recent"][-1] == last
    recent, past = periods.PERIODS[period]
    assert Counter(calendar.parts)["recent"] == recent
    assert Counter(calendar.parts)["past"] <= past


def test_weeks_begin_on_monday_where_they_are_asked_for():
    calendar = periods.choose_calendar(dated(every(1)), TrendSettings(period="week", recent=2, past=8))
    assert calendar.names == tuple(str(day) for day in np.arange("2021-01-18", "2021-04-01", 7, dtype="M8[D]"))
    assert calendar.parts == ("past",) * 8 + ("recent",) * 2 + ("incomplete",)  # the 29th of March is a Monday


def test_a_last_period_that_is_not_over_is_shown_and_not_judged():
    days = np.tile(every(1, end="2021-03-20"), 3)
    calendar = periods.choose_calendar(dated(days), USUAL)
    assert (calendar.names[-1], calendar.parts[-2:]) == ("2021-03", ("recent", "incomplete"))
    told = periods.choose_calendar(dated(days), USUAL, as_of=datetime.date(2021, 3, 31))  # nothing came after the 19th
    assert (told.names[-1], told.parts[-1]) == ("2021-03", "recent")


@pytest.mark.filterwarnings("error")
def test_of_a_theme_that_only_begins_it_is_too_early_to_say_how_it_moves():
    old, new = np.tile(every(1, end="2021-03-20"), 3), np.tile(every(1, "2021-03-05", "2021-03-20"), 2)
    found = measured(dated(np.concatenate([old, new])), np.repeat([0, 1], [len(old), len(new)]))
    assert by_theme(found)["T1"].status == "steady"
    early = "1 theme has titles from 2021-03 only, which is not over yet: too early to say how they move"
    assert found.notes == (early,)
    assert measured(dated(old), np.zeros(len(old), dtype=np.int64)).notes == ()


def test_dates_far_ahead_and_a_slow_start_are_not_looked_at():
    days = np.concatenate(
        [np.tile(every(1, "2019-06-01"), 3), every(30, "2008-01-01", "2019-06-01"), np.array(["2040-01-01"], "M8[D]")]
    )
    calendar = periods.choose_calendar(dated(days), USUAL)
    assert (calendar.names[0], calendar.names[-1]) == ("2019-06", "2021-03")
    assert "incomplete" not in calendar.parts


@pytest.mark.parametrize(
    ("days", "options", "why"),
    [
        ([], {}, "no item has a date"),
        (["2020-01-05"] * 50, {}, "the dates span 0 complete months, but 3 recent and 6 earlier ones are needed"),
        (
            every(1).astype("M8[Y]"),
            {"period": "month"},
            "the dates give only the year, but [trends] period is month",
        ),
    ],
)
def test_dates_that_are_too_few_say_so(days, options, why):
    events = dated(days)
    found = measured(events, np.zeros(max(len(events), 1), int), TrendSettings(**options))
    assert found.trends == ()
    assert why in found.why


# --- supply and demand, and what changed -------------------------------------------------------------------


def test_white_space_is_what_is_asked_for_more_than_it_is_offered():
    random = np.random.default_rng(0)
    members = np.repeat([0, 1, 2, -1], [100, 300, 300, 300])
    amounts = random.lognormal(0, 0.5, 1000) * np.where(members == 0, 4, 1)
    amounts[members == 2] = 0.001
    amounts[members == 2][:1] = 0
    amounts[np.flatnonzero(members == 2)[0]] = 2000.0  # one title has it all
    level = Level(members, np.ones(1000, np.float32), np.zeros(len(members), dtype=bool), (-1,) * 3, (1.0,) * 3)
    named = [Theme(f"T{i}", "", (), (), 0, 0, 0.0, 1.0, 1.0, 0, i, None, ()) for i in range(3)]
    found = {each.theme: each for each in measure_white_space(named, [level], amounts)}
    for theme, each in found.items():
        mine = members == int(theme[1:])
        assert each.titles == pytest.approx(mine.mean())
        assert each.audience == pytest.approx(amounts[mine].sum() / amounts.sum())
        assert each.low <= each.ratio <= each.high
    assert found["T2"].ratio > 1 > found["T2"].low
    amounts[np.flatnonzero(members == 2)] = np.nan  # unknown: they count on neither side
    found = {each.theme: each for each in measure_white_space(named, [level], amounts)}
    assert list(found) == ["T0", "T1"]
    assert found["T0"].titles == pytest.approx(1 / 7)
    assert found["T0"].low > 1 > found["T1"].high
    assert measure_white_space(named, [level], np.full(1000, np.nan)) == ()


nights = st.dictionaries(
    st.sampled_from("abcdefghij"), st.tuples(st.sampled_from(["", "T1", "T2", "T3"]), st.floats(0, 1e6)), max_size=10
)


def holding(results):
    return Holding(list(results), [theme for theme, _ in results.values()], np.array([w for _, w in results.values()]))


@given(nights, nights)
def test_the_parts_of_a_change_sum_to_it_and_turn_with_it(before, after):
    there = {each.theme: each for each in attribute(holding(before), holding(after))}
    back = {each.theme: each for each in attribute(holding(after), holding(before))}
    for theme, each in there.items():
        assert each.titles + each.demand + each.clustering == pytest.approx(each.after - each.before, abs=1e-12)
        assert (each.titles, each.demand, each.clustering) == pytest.approx(
            (-back[theme].titles, -back[theme].demand, -back[theme].clustering), abs=1e-12
        )


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        ({"a": ("T1", 1), "b": ("T2", 1), "c": ("T1", 1)}, "titles"),
        ({"a": ("T1", 5), "b": ("T2", 1)}, "demand"),
        ({"a": ("T1", 1), "b": ("T1", 1)}, "clustering"),
    ],
)
def test_a_single_cause_is_the_whole_change(after, cause):
    before = {"a": ("T1", 1), "b": ("T2", 1)}
    (change,) = [each for each in attribute(holding(before), holding(after)) if each.theme == "T1"]
    assert getattr(change, cause) == pytest.approx(change.after - change.before)
    assert change.after > change.before


# --- through a run -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workspace(shared):
    """A night with a planted rise by date, and one by audience beside it."""
    return shared.read("rising") / "ws", rising_shows()


def world(engine, rows, trend):
    of = {row["id"]: row["genres"] for row in rows}
    return Counter(of[item.id] for item in engine.theme(trend.theme).items).most_common(1)[0][0]


def test_a_run_tells_what_rises_by_titles_and_by_audience(workspace):
    folder, rows = workspace
    engine = discover.open(folder)
    found = engine.trends(emerging=True)
    assert [world(engine, rows, trend) for trend in found if trend.measure == "titles"] == ["ghost"]
    assert [world(engine, rows, trend) for trend in found if trend.measure == "audience"] == [
        "court",  # everybody watches more of it
        "ghost",  # its new titles are watched like others
    ]
    ghost = next(trend for trend in found if trend.measure == "titles")
    dates = {row["id"]: row["release_date"] for row in rows}
    assert all(dates[id] >= "2021-01" for id in ghost.carriers)
    assert len(engine.trends()) == 2 * len(engine.themes())
    assert engine.white_space()[0].ratio >= engine.white_space()[-1].ratio
    assert sum(each.titles for each in engine.white_space()) <= 1 + 1e-9
    assert any("1 unknown" in note for note in engine.trend_results.notes)
    again = discover.open(folder)
    assert again.trend_results == engine.trend_results


def test_the_command_prints_trends(workspace):
    folder, _ = workspace
    done = command("trends", "--emerging", "--json", "-w", folder)
    assert [each["status"] in ("new", "emerging", "rising") for each in json.loads(done.stdout)] == [True] * 3
    done = command("trends", "-w", folder)
    assert done.returncode == 0
    assert "▁" in done.stdout or "█" in done.stdout
    done = command("trends", "--csv", "-w", folder)
    lines = list(csv.DictReader(done.stdout.splitlines()))
    assert len(lines) == len(discover.open(folder).trends())
    assert {line["measure"] for line in lines} == {"titles", "audience"}
    done = command("trends", "--level", 7, "-w", folder)
    assert (done.returncode, "level must be" in done.stderr) == (2, True)


def test_a_catalog_without_dates_says_why(run, tmp_path):
    rows = [{key: value for key, value in row.items() if key != "release_date"} for row in shows(each=15)]
    run(rows, tmp_path / "ws")
    engine = discover.open(tmp_path / "ws")
    assert engine.trends() == []
    assert engine.trend_results.why == "titles: no item has a date"
    done = command("trends", "-w", tmp_path / "ws")
    assert (done.returncode, done.stdout, done.stderr) == (0, "titles: no item has a date\n", "")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"id": "0000", "day": "2020-01-01"}], "no column for the value. Call it one of value, views"),
        ([{"id": "x", "day": "2020-01-01", "views": 3}], "none of its 1 item is in this catalog"),
        ([{"id": "0000", "day": "soon", "views": 3}], "1 of 1 row was set aside. The date is not understood"),
    ],
)
def test_audience_that_cannot_be_used_stops_before_the_long_work(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        discover.run(shows(each=3), tmp_path / "ws", consumption=pandas.DataFrame(rows))
    assert not (tmp_path / "ws" / "versions").exists()


def test_audience_is_read_as_people_write_it():
    found, notes = consumption.read_events(
        pandas.DataFrame({"Title": ["A", "B", "A"], "Week": ["2020-01-06", "2020-01-13", "2020-02-03"],
                          "Hours_Viewed": ["1,500", "-", "20"]}),
        catalog([{"id": "1", "title": "A"}, {"id": "2", "title": "B"}]),
        CatalogSettings(),
        as_of=datetime.date(2020, 1, 31),
    )  # fmt: skip
    assert (found.rows.tolist(), found.weights.tolist(), found.days.astype(str).tolist()) == (
        [0],
        [1500],
        ["2020-01-06"],
    )
    assert "1 row was left out: the date or a value above 0 is missing" in notes
