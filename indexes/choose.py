"""Which kind for how many rows: a rule from measurements (`python -m benchmarks.search_index`, text vectors).

Only exact search and lists of codes are chosen. At recall .95 / .99 of 59,000 texts the lists answer 1.8 / 3.0 times as
many queries a second as FAISS's HNSW32, take a quarter of the memory of `hnsw` at most, and are built in a fifth of its
time. A graph is ahead for single queries at recall .95 (.2 ms against .35; at .99 it is not), for who asks for it.
"""

from dataclasses import dataclass, field
from typing import Any

EXACT_ROWS = 20_000  # below, exact search keeps up with any graph in batches, and one query takes a few ms
BEST_RECALL = 0.99  # above, the rule trusts only exact search; `tune` measures
TRAINING_ROWS = 39  # that FAISS wants for each centre it learns


@dataclass(frozen=True)
class Trial:
    """What one setting gave.

    parameters: the kind's. recall: recall@10 in [0, 1] of a sample of queries. one_ms: milliseconds that one query
    takes one core, by the cost model in `tune`; not timed.
    """

    parameters: dict[str, Any]
    recall: float
    one_ms: float


@dataclass(frozen=True)
class Choice:
    """A kind of index, its parameters where they are not the defaults, why, and what was measured, if anything was."""

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    trials: tuple[Trial, ...] = ()


def choose(n: int, d: int, *, memory_bytes: int | None = None, recall: float = 0.95) -> Choice:
    """The kind for n rows of dimension d.

    memory_bytes: what the index may take beside the vectors; None for no limit. recall: recall@10 wanted,
    in (0, 1]. The recall is what these parameters gave when measured, not a promise: `measure` tells, and `tune`
    chooses by measuring.
    """
    if not 0 < recall <= 1:
        raise ValueError(f"recall is {recall}. Give a share in (0, 1]")
    if n <= EXACT_ROWS:
        return Choice("flat", reason=f"{n:,} rows: exact search is fast enough and needs no memory")
    if recall > BEST_RECALL:
        return Choice("flat", reason=f"recall above {BEST_RECALL}: only exact search promises it")
    if memory_bytes is not None and codes_bytes(n, d) > memory_bytes:
        return Choice("flat", reason=f"no index of {n:,} rows fits {memory_bytes:,} bytes. Exact search needs none")
    lists = default_lists(n)
    probes = lists // 5 if recall <= 0.95 else lists * 3 // 5
    why = f"{n:,} rows: lists of codes build quickly and take {codes_bytes(n, d) / 1e6:,.0f} MB"
    return Choice("ivf", {"probes": probes}, why)


def default_lists(n: int) -> int:
    """The lists of codes for n rows: their square root, but few enough that each centre has rows to learn from."""
    return max(1, min(int(n**0.5), n // TRAINING_ROWS))


def codes_bytes(n: int, d: int) -> int:
    """What lists of codes take beside the vectors: 2 bits a number, a row's name, the centres and the codebooks."""
    return n * (d // 4 + 8) + 4 * d * (default_lists(n) + 16)
