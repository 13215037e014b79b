"""Ranking against brute force: while a catalog grows, changes and shrinks, with filters, mixtures and ties."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from discover import testing
from discover.core.errors import UnknownItemError, UsageError
from discover.search import cohort
from discover.search import rank as search
from discover.testing import blobs, noise
from tests.search.spaces import oracle, worlds

NAMES = ("text", "lexical", "metadata")


def search_index(items):
    spaces = worlds.spaces(items)
    return search.SearchIndex(spaces, cohort.measure(spaces, len(items)), len(items))


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
                sides = [standardised(made.cohort.stats[name].of(k), similarity) for k in (asked, row)]
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
            scores[row] = means[1] - search.UNLIKE * means.get(-1, 0)
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
        query = search.Query([search.item(self.made, row, weight) for row, weight in terms], weights, allowed)
        spaces = [name for name in self.made.spaces if weights.get(name, 0) > 0]
        if not spaces or all(weight < 0 for _, weight in terms):
            with pytest.raises(UsageError):
                search.rank(self.made, query, count)
            return
        self.check(query, terms, weights, allowed, search.rank(self.made, query, count), count)

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


@pytest.fixture(scope="module")
def crowd():
    """2,400 items with vectors, words and facts of 60 planted groups, and as many without any order."""
    vectors, truth = blobs(themes=60, each=20, dimension=32, std=0.15)
    random = np.random.default_rng(1)
    words = [f"word{number}" for number in range(900)]
    rows = []
    for number in range(2_400):
        group = int(truth[number]) if number < 1_200 else None
        own = [words[15 * group + i] for i in random.integers(0, 15, 6)] if group is not None else []
        tags = [f"tag {group % 20}", f"tag {20 + group // 3}"] if group is not None else []
        rows.append(
            {
                "id": str(number),
                "description": " ".join([*own, *random.choice(words, 6)]),
                "genres": [*tags, f"tag {random.integers(0, 60)}"],
                "kind": ["Film", "Series"][random.integers(0, 2)],
            }
        )
    spaces = worlds.spaces(rows)
    made = np.vstack([vectors, noise(1_200, 32)])
    spaces["text"] = worlds.over(made, np.arange(2_400), 2_400, kind="hnsw")
    return search.SearchIndex(spaces, cohort.measure(spaces, 2_400), 2_400)


@pytest.mark.parametrize(
    "weights",
    [{"text": 1.0, "metadata": 0.7, "lexical": 0.5}, {"text": 1.0}, {"lexical": 1.0}, {"metadata": 1.0}],
    ids=["all", "text", "lexical", "metadata"],
)
@pytest.mark.parametrize("filtered", [False, True])
def test_candidates_hold_nearly_all_of_the_best(crowd, monkeypatch, weights, filtered):
    allowed = np.flatnonzero(np.random.default_rng(2).random(crowd.count) < 0.5) if filtered else None
    monkeypatch.setattr(search, "CANDIDATES", 100)
    monkeypatch.setattr(search, "OTHERWISE", {})
    monkeypatch.setattr(search, "DEEPER", 10)
    hits = 0
    for row in range(0, 2_400, 30):
        query = search.Query([search.item(crowd, row)], weights, allowed)
        exact = search.rank(crowd, query, 10)
        monkeypatch.setattr(search, "EXHAUSTIVE", 500)
        few = search._candidates(crowd, query, 10)
        assert few is not None
        assert len(few) <= 300
        found = search.rank(crowd, query, 10)
        monkeypatch.setattr(search, "EXHAUSTIVE", 20_000)
        assert len(found.rows) == 10
        hits += (found.scores >= exact.scores[-1] - 1e-6).sum()
    assert hits / 800 >= 0.95


def test_nothing_answers_where_no_candidate_is_allowed(crowd, monkeypatch):
    monkeypatch.setattr(search, "EXHAUSTIVE", 0)
    nothing = np.empty(0, dtype=np.int64)
    found = search.rank(crowd, search.Query([search.item(crowd, 3)], {"text": 1.0, "lexical": 1.0}, nothing), 10)
    assert len(found.rows) == 0


def test_a_text_is_judged_by_its_own_background():
    items = [row | {"seed": number} for number, row in enumerate(testing.shows(each=10))]
    made = search_index(items)
    space = made.spaces["lexical"]
    term = search.foreign(made, {"lexical": space.text("a haunted mansion and a curse")})
    found = search.score(made, search.Query([term], {"lexical": 1.0}))
    similarities = space.compare(term.queries["lexical"]).similarities[0].astype(np.float64)
    std = np.sqrt((similarities.std() ** 2 + made.cohort.pooled["lexical"] ** 2) / 2)
    assert found.scores == pytest.approx((similarities - similarities.mean()) / std, abs=1e-4)


def test_percentiles_are_shares_of_unrelated_pairs(crowd):
    weights = {"text": 1.0}
    null_scores = search.null_scores(crowd, weights)
    assert (np.diff(null_scores) >= 0).all()
    rare = search.percentiles(np.array([-np.inf, np.median(null_scores), np.inf]), null_scores)
    assert rare == pytest.approx([0, 0.5, 1], abs=0.01)
    assert rare[2] < 1
    unrelated = search.between(crowd, np.arange(1_200, 1_300), np.arange(2_000, 2_100), weights).total
    assert np.median(search.percentiles(unrelated.ravel(), null_scores)) == pytest.approx(0.5, abs=0.1)
    alike = search.rank(crowd, search.Query([search.item(crowd, 0)], weights), 5)
    assert (search.percentiles(alike.scores, null_scores) > 0.95).all()


def ranked(scores):
    scores = np.array(scores, dtype=np.float64)
    return search.Ranked(np.arange(len(scores)), scores, {"text": scores})


def test_at_most_keeps_the_best_of_each_value():
    values = [("a",), ("a", "b"), ("b",), (), ("a",), (), ("c", "b")]
    assert search.at_most(ranked(range(7)), values, 1).rows.tolist() == [0, 2, 3, 5]
    assert search.at_most(ranked(range(7)), values, 2).rows.tolist() == [0, 1, 2, 3, 5]
    assert search.at_most(ranked(range(7)), values, 1, used=["a"]).rows.tolist() == [2, 3, 5]


def test_diverse_is_maximal_marginal_relevance_step_by_step(crowd):
    weights = {"text": 1.0}
    found = search.rank(crowd, search.Query([search.item(crowd, 7)], weights), 60)
    alike = search.between(crowd, found.rows, found.rows, weights).total
    for diversity in (0.3, 0.7, 1.0):
        left, chosen = list(range(60)), [0]
        left.remove(0)
        while len(chosen) < 12:
            gains = [(1 - diversity) * found.scores[i] - diversity * max(alike[i, j] for j in chosen) for i in left]
            chosen.append(left.pop(int(np.argmax(gains))))
        assert search.diverse(crowd, found, 12, diversity, weights).rows.tolist() == found.rows[chosen].tolist()


def test_more_answers_than_can_be_put_in_a_diverse_order(crowd, monkeypatch):
    monkeypatch.setattr(search, "ORDERED", 20)
    found = search.rank(crowd, search.Query([search.item(crowd, 7)], {"text": 1.0}), 50)
    mixed = search.diverse(crowd, found, 10**9, 0.5, {"text": 1.0})
    assert sorted(mixed.rows[:20]) == sorted(found.rows[:20])
    assert mixed.rows[20:].tolist() == found.rows[20:].tolist()


# --- finding the item asked for ----------------------------------------------------------------------------


def test_an_item_is_found_by_id_then_title_then_title_in_any_case():
    rows = [("1", "Dune"), ("2", "DUNE"), ("Dune", "Arrakis"), ("4", "Solaris"), ("5", "Stalker")]
    items = testing.catalog([{"id": id, "title": title} for id, title in rows])
    assert [search.find_row(items, key) for key in ("1", "Dune", "DUNE", "solaris")] == [0, 2, 1, 3]
    with pytest.raises(UnknownItemError, match=r"'dune' is the title of 2 items; give an id: 1 .*, 2 "):
        search.find_row(items, "dune")
    with pytest.raises(UnknownItemError, match="near titles: 'Stalker'"):
        search.find_row(items, "Stalkr")
    with pytest.raises(UnknownItemError, match=r"no item has the id or title ''$"):
        search.find_row(items, "")
    with pytest.raises(UnknownItemError) as caught:
        search.find_row(items, "x" * 1_000_000)
    assert len(str(caught.value)) < 200
    for key in (None, 4, b"4", ["4"]):
        with pytest.raises(UsageError, match="by its id or title as text"):
            search.find_row(items, key)


def test_all_titles_of_a_large_catalog_are_found_in_another_case():
    titles = [f"Straße Nr. {row} der Ägypter" for row in range(20_000)]
    items = testing.catalog([{"id": str(row), "title": title} for row, title in enumerate(titles)])
    found = search.find_rows(items, [title.upper() for title in titles])  # quadratic, it would take minutes
    assert found.tolist() == list(range(20_000))
