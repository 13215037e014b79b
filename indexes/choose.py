"""Which kind for how many rows: a rule from measurements (`python -m benchmarks d`, 2 cores, text vectors)."""

from dataclasses import dataclass, field
from typing import Any

EXACT_ROWS = 20_000  # below, exact search keeps up with any graph in batches, and one query takes a few ms
GRAPH_ROWS = 500_000  # beyond, adding rows to a graph takes minutes on two cores
BEST_RECALL = 0.99  # above, an approximate search reads so much that exact search is as fast
LINKS = 32  # of the graph: its default


@dataclass(frozen=True)
class Choice:
    """A kind of index, its parameters where they are not the defaults, and why."""

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def choose(n: int, d: int, *, memory_bytes: int | None = None, recall: float = 0.95) -> Choice:
    """The kind for n rows of dimension d.

    memory_bytes: what the index may take beside the vectors; None for no limit. recall: recall@10 wanted,
    in (0, 1]. The recall is what these parameters gave when measured, not a promise: `measure` tells.
    """
    if not 0 < recall <= 1:
        raise ValueError(f"recall is {recall}; give a share in (0, 1]")
    if n <= EXACT_ROWS:
        return Choice("flat", reason=f"{n:,} rows: exact search is fast enough and needs no memory")
    if recall > BEST_RECALL:
        return Choice("flat", reason=f"recall above {BEST_RECALL}: only exact search promises it")
    lists = int(4 * n**0.5)
    graph_bytes = n * (d + 8 * LINKS + 16)  # one byte a dimension, two int32 a link, bookkeeping
    lists_bytes = n * (d // 4 + 8) + 4 * lists * d
    budget = float("inf") if memory_bytes is None else memory_bytes
    if n <= GRAPH_ROWS and graph_bytes <= budget:
        width = 128 if recall <= 0.95 else 320
        why = f"{n:,} rows: a graph answers single queries fastest, in {graph_bytes / 1e6:,.0f} MB"
        return Choice("hnsw", {"search_width": width}, why)
    if lists_bytes <= budget:
        probes = lists // 8 if recall <= 0.95 else lists // 2
        why = f"{n:,} rows: lists of codes build quickly and take {lists_bytes / 1e6:,.0f} MB"
        return Choice("ivf", {"probes": probes}, why)
    return Choice("flat", reason=f"no index of {n:,} rows fits {budget:,.0f} bytes; exact search needs none")
