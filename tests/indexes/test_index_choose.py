"""The rule that picks a kind, and the choice by measuring."""

import numpy as np
import pytest
from oracle import assert_same, clustered

from indexes import build, choose, kinds, measure, tune
from indexes.base import make_kind
from indexes.choose import codes_bytes


def test_few_rows_are_searched_exactly() -> None:
    assert choose(10_000, 384).kind == "flat"
    assert build(clustered(100, 8)).name == "flat"


def test_many_rows_go_into_lists_where_there_is_memory() -> None:
    assert choose(100_000, 384).kind == "ivf"
    assert choose(5_000_000, 384).kind == "ivf"
    assert choose(100_000, 384, memory_bytes=1_000).kind == "flat"


def test_the_memory_of_a_choice_is_what_the_index_takes() -> None:
    index = build(clustered(4000, 32), "ivf")
    size = len(index.kind.to_bytes(index.core))
    assert size == pytest.approx(codes_bytes(4000, 32), rel=0.15)


def test_high_recall_takes_wider_or_exact_search() -> None:
    usual, high = choose(100_000, 384).parameters, choose(100_000, 384, recall=0.99).parameters
    assert high["probes"] > usual["probes"]
    assert choose(100_000, 384, recall=0.999).kind == "flat"


@pytest.mark.parametrize("n", [0, 1, 20_001, 10**6])
@pytest.mark.parametrize("memory", [None, 0, 10**8])
def test_every_choice_can_be_built(n: int, memory: int | None) -> None:
    choice = choose(n, 384, memory_bytes=memory)
    assert choice.kind in kinds()
    assert choice.reason
    make_kind(choice.kind, choice.parameters)


def test_an_impossible_recall_is_refused() -> None:
    with pytest.raises(ValueError, match=r"recall is 1\.5"):
        choose(10, 10, recall=1.5)


# By measuring


@pytest.mark.parametrize("wanted", [0.8, 0.95, 0.99])
def test_a_tuned_index_reaches_its_recall_on_other_queries(wanted: float) -> None:
    vectors, queries = np.split(clustered(8500, 128), [8000])
    index, choice = tune(vectors, recall=wanted, latency_ms=0.01)
    assert choice.kind == index.name == "ivf"
    assert measure(index, queries, 10) >= wanted - 0.01  # samples err
    assert max(trial.recall for trial in choice.trials) >= wanted


def test_the_same_vectors_give_the_same_choice_and_the_choice_the_same_index() -> None:
    vectors = clustered(6000, 128)
    (index, first), (_, second) = (tune(vectors, latency_ms=0.01) for _ in range(2))
    assert first == second
    again = build(vectors, first.kind, **first.parameters)
    assert again.parameters == index.parameters
    assert_same(again.search(vectors[:50], 10), index.search(vectors[:50], 10))


def test_exact_search_where_it_is_fast_enough_or_nothing_else_fits() -> None:
    vectors = clustered(6000, 32)
    for targets in ({}, {"latency_ms": 1000}, {"latency_ms": 0.01, "memory_bytes": 1000}):
        assert tune(vectors, **targets)[0].name == "flat"  # type: ignore[arg-type]  # numbers all
    assert tune(vectors, latency_ms=0.01, recall=1.0)[1].kind == "flat"
    assert tune(vectors[:3], latency_ms=1e-9)[1].kind == "flat"
    assert tune(vectors[:0])[1].kind == "flat"


def test_a_latency_that_nothing_reaches_is_said() -> None:
    assert "more than the 0.01 ms wanted" in tune(clustered(6000, 128), latency_ms=0.01)[1].reason


@pytest.mark.parametrize("fault", [{"recall": 0}, {"recall": 1.5}, {"memory_bytes": 0}, {"latency_ms": -1.0}])
def test_impossible_targets_are_refused(fault: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(fault))} is "):
        tune(clustered(100, 8), **fault)  # type: ignore[arg-type]  # that is the point
