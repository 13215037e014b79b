"""The rule that picks a kind."""

import pytest
from oracle import clustered

from indexes import build, choose, kinds
from indexes.base import make_kind


def test_few_rows_are_searched_exactly() -> None:
    assert choose(10_000, 384).kind == "flat"
    assert build(clustered(100, 8)).name == "flat"


def test_memory_decides_between_graph_and_lists() -> None:
    assert choose(100_000, 384).kind == "hnsw"
    assert choose(100_000, 384, memory_bytes=30_000_000).kind == "ivf"
    assert choose(100_000, 384, memory_bytes=1_000).kind == "flat"


def test_many_rows_are_not_put_into_a_graph() -> None:
    assert choose(5_000_000, 384).kind == "ivf"


def test_high_recall_takes_wider_or_exact_search() -> None:
    usual, high = choose(100_000, 384).parameters, choose(100_000, 384, recall=0.99).parameters
    assert high["search_width"] > usual["search_width"]
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
