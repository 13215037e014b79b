"""Answers are thinned out: few of a kind, and a mixed order, step by step as the paper has it."""

import numpy as np

from discover.search import rank, thin


def ranked(scores):
    scores = np.array(scores, dtype=np.float64)
    return rank.Ranked(np.arange(len(scores)), scores, {"text": scores})


def test_at_most_keeps_the_best_of_each_value():
    values = [("a",), ("a", "b"), ("b",), (), ("a",), (), ("c", "b")]
    assert thin.limit_shared(ranked(range(7)), values, 1).rows.tolist() == [0, 2, 3, 5]
    assert thin.limit_shared(ranked(range(7)), values, 2).rows.tolist() == [0, 1, 2, 3, 5]
    assert thin.limit_shared(ranked(range(7)), values, 1, used_up=["a"]).rows.tolist() == [2, 3, 5]


def test_diverse_is_maximal_marginal_relevance_step_by_step(crowd):
    weights = {"text": 1.0}
    found = rank.rank(crowd, rank.Query([rank.QueryTerm.from_row(crowd, 7)], weights), 60)
    alike = rank.score_pairs(crowd, found.rows, found.rows, weights).total
    for diversity in (0.3, 0.7, 1.0):
        left, chosen = list(range(60)), [0]
        left.remove(0)
        while len(chosen) < 12:
            gains = [(1 - diversity) * found.scores[i] - diversity * max(alike[i, j] for j in chosen) for i in left]
            chosen.append(left.pop(int(np.argmax(gains))))
        assert thin.diversify(crowd, found, 12, diversity, weights).rows.tolist() == found.rows[chosen].tolist()


def test_more_answers_than_can_be_put_in_a_diverse_order(crowd, monkeypatch):
    monkeypatch.setattr(thin, "MAX_DIVERSIFIED", 20)
    found = rank.rank(crowd, rank.Query([rank.QueryTerm.from_row(crowd, 7)], {"text": 1.0}), 50)
    mixed = thin.diversify(crowd, found, 10**9, 0.5, {"text": 1.0})
    assert sorted(mixed.rows[:20]) == sorted(found.rows[:20])
    assert mixed.rows[20:].tolist() == found.rows[20:].tolist()
