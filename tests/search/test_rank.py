"""Ranking against brute force: while a catalog grows, changes and shrinks, with filters, mixtures and ties."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from discover import testing
from discover.core.errors import UsageError
from discover.search import cohort, index, rank
from discover.search.spaces.base import Space
from discover.search.spaces.lexical import Lexical
from discover.search.spaces.metadata import Metadata
from tests.search.spaces import oracle, worlds

NAMES = ("text", "lexical", "metadata")


def search_index(items):
    spaces = worlds.spaces(items)
    return index.SearchIndex(spaces, cohort.measure(spaces, len(items)), len(items))


def standardised(stats, similarities):
    """(similarity - mean) / spread; as it is where there is no background."""
    mean, std = (each.astype(np.float64) for each in (stats.mean, stats.std))
    return (similarities - np.nan_to_num(mean)) / np.where(np.isnan(std), 1, std)


def brute(made, items, weights, terms):
    """Every item's score for asks of (row, weight), pair by pair; NaN where there is none."""
    known, scores = oracle.compare(items), np.full(len(items), np.nan)

    def pair(asked, row):
        total = whole = 0.0
        for name in made.spaces:
            similarity, coverage = known[name][0][asked, row], known[name][1][asked, row]
            if weights.get(name, 0) * coverage > 0:
                sides = [standardised(made.cohort.stats[name].take(np.array(k)), similarity) for k in (asked, row)]
                total += weights[name] * coverage * sum(sides) / 2
                whole += weights[name] * coverage
        return total / whole if whole else None

    for row in range(len(items)):
        means = {}
        for sign in (1, -1):
            said = [(pair(asked, row), abs(weight)) for asked, weight in terms if weight * sign > 0]
            said = [(score, weight) for score, weight in said if score is not None]
            if said:
                means[sign] = sum(score * weight for score, weight in said) / sum(weight for _, weight in said)
        if 1 in means:
            scores[row] = means[1] - rank.UNLIKE_WEIGHT * means.get(-1, 0)
    return scores


class Catalogs(RuleBasedStateMachine):
    """A catalog that is changed by rules, each change a new one to search in."""

    def __init__(self):
        super().__init__()
        self.items, self.made = [], None

    @rule(new=st.lists(worlds.cells, min_size=1, max_size=6))
    def add(self, new):
        self.items = [*self.items, *new]
        self.made = None

    @precondition(lambda self: self.items)
    @rule(data=st.data(), cells=worlds.cells)
    def update(self, data, cells):
        row = data.draw(st.integers(0, len(self.items) - 1))
        self.items = [*self.items[:row], cells, *self.items[row + 1 :]]
        self.made = None

    @precondition(lambda self: len(self.items) > 1)
    @rule(data=st.data())
    def delete(self, data):
        row = data.draw(st.integers(0, len(self.items) - 1))
        self.items = self.items[:row] + self.items[row + 1 :]
        self.made = None

    @precondition(lambda self: self.items)
    @rule(
        data=st.data(),
        weights=st.dictionaries(st.sampled_from(NAMES), st.sampled_from([0.0, 0.3, 1.0, 2.0]), min_size=1),
        count=st.sampled_from([1, 2, 5, 1000]),
    )
    def term(self, data, weights, count):
        rows = st.integers(0, len(self.items) - 1)
        strengths = st.sampled_from([1.0, 0.5, 3.0, -1.0, -0.5])
        terms = data.draw(st.lists(st.tuples(rows, strengths), min_size=1, max_size=4))
        allowed = data.draw(st.none() | st.sets(rows).map(lambda some: np.array(sorted(some), dtype=np.int64)))
        if self.made is None:
            self.made = search_index(self.items)
        query = rank.Query([rank.QueryTerm.from_row(self.made, row, weight) for row, weight in terms], weights, allowed)
        spaces = [name for name in self.made.spaces if weights.get(name, 0) > 0]
        if not spaces or all(weight < 0 for _, weight in terms):
            with pytest.raises(UsageError):
                rank.rank(self.made, query, count)
            return
        self.check(query, terms, weights, allowed, rank.rank(self.made, query, count), count)

    def check(self, query, terms, weights, allowed, found, count):
        expected = brute(self.made, self.items, weights, terms)
        may = np.arange(len(self.items)) if allowed is None else allowed
        may = [row for row in may if not np.isnan(expected[row]) and row not in {asked for asked, _ in terms}]
        assert set(found.rows.tolist()) <= set(may)
        assert len(found.rows) == min(count, len(may))
        assert found.scores == pytest.approx(expected[found.rows], abs=2e-3, rel=2e-3)
        best = np.sort(expected[may])[::-1][:count]
        assert found.scores == pytest.approx(best, abs=2e-3, rel=2e-3)
        pairs = list(zip(-found.scores, found.rows.tolist(), strict=True))
        assert pairs == sorted(pairs)  # falling, ties by row
        parts = [np.nan_to_num(part) for part in found.parts.values()]
        assert np.add.reduce(parts) == pytest.approx(found.scores, abs=1e-9)

    @invariant()
    def is_numbered(self):
        self.items = [{**cells, "id": str(number)} for number, cells in enumerate(self.items)]


Catalogs.TestCase.settings = settings(max_examples=25, stateful_step_count=10, deadline=None)
TestCatalogs = Catalogs.TestCase


@pytest.mark.parametrize(
    "weights",
    [{"text": 1.0, "metadata": 0.7, "lexical": 0.5}, {"text": 1.0}, {"lexical": 1.0}, {"metadata": 1.0}],
    ids=["all", "text", "lexical", "metadata"],
)
@pytest.mark.parametrize("filtered", [False, True])
def test_candidates_hold_nearly_all_of_the_best(crowd, monkeypatch, weights, filtered):
    allowed = np.flatnonzero(np.random.default_rng(2).random(crowd.count) < 0.5) if filtered else None
    for space in (Space, Lexical, Metadata):
        monkeypatch.setattr(space, "candidates", 100)
    monkeypatch.setattr(rank, "CANDIDATES_PER_ANSWER", 10)
    hits = 0
    for row in range(0, 2_400, 30):
        query = rank.Query([rank.QueryTerm.from_row(crowd, row)], weights, allowed)
        exact = rank.rank(crowd, query, 10)
        monkeypatch.setattr(rank, "EXHAUSTIVE_ROWS", 500)
        few = rank._propose(crowd, query, 10)
        assert few is not None
        assert len(few) <= 300
        found = rank.rank(crowd, query, 10)
        monkeypatch.setattr(rank, "EXHAUSTIVE_ROWS", 20_000)
        assert len(found.rows) == 10
        hits += (found.scores >= exact.scores[-1] - 1e-6).sum()
    assert hits / 800 >= 0.95


def test_nothing_answers_where_no_candidate_is_allowed(crowd, monkeypatch):
    monkeypatch.setattr(rank, "EXHAUSTIVE_ROWS", 0)
    nothing = np.empty(0, dtype=np.int64)
    found = rank.rank(
        crowd, rank.Query([rank.QueryTerm.from_row(crowd, 3)], {"text": 1.0, "lexical": 1.0}, nothing), 10
    )
    assert len(found.rows) == 0


def test_a_text_is_judged_by_its_own_background():
    items = [row | {"seed": number} for number, row in enumerate(testing.shows(each=10))]
    made = search_index(items)
    space = made.spaces["lexical"]
    term = rank.QueryTerm.from_queries(made, {"lexical": space.query("a haunted mansion and a curse", None)})
    found = rank.score(made, rank.Query([term], {"lexical": 1.0}))
    similarities = space.compare(term.queries["lexical"]).similarities[0].astype(np.float64)
    std = np.sqrt((similarities.std() ** 2 + made.cohort.pooled["lexical"] ** 2) / 2)
    assert found.scores == pytest.approx((similarities - similarities.mean()) / std, abs=1e-4)


def test_percentiles_are_shares_of_unrelated_pairs(crowd):
    weights = {"text": 1.0}
    null_scores = rank.null_scores(crowd, weights)
    assert (np.diff(null_scores) >= 0).all()
    rare = rank.percentiles(np.array([-np.inf, np.median(null_scores), np.inf]), null_scores)
    assert rare == pytest.approx([0, 0.5, 1], abs=0.01)
    assert rare[2] < 1
    unrelated = rank.score_pairs(crowd, np.arange(1_200, 1_300), np.arange(2_000, 2_100), weights).total
    assert np.median(rank.percentiles(unrelated.ravel(), null_scores)) == pytest.approx(0.5, abs=0.1)
    alike = rank.rank(crowd, rank.Query([rank.QueryTerm.from_row(crowd, 0)], weights), 5)
    assert (rank.percentiles(alike.scores, null_scores) > 0.95).all()
