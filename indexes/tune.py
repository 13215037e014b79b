"""Choose by measuring: what recall the data's own rows give, and what that costs by counted work.

No clock is read, so the same vectors give the same choice on a busy machine, too. Work becomes milliseconds by four
constants, measured once on one core of an AVX2 server (EPYC, Zen 3); another machine scales them more or less alike.
"""

from math import ceil

import numpy as np
from numpy.typing import ArrayLike

from . import exact
from .base import Neighbours, build, unit
from .choose import EXACT_ROWS, Choice, Trial, codes_bytes, default_lists
from .exact import Floats
from .recall import recall as measured

SAMPLE, QUERIES = 20_000, 500  # rows indexed, and others asked: bound the time to a few seconds
K = 10
SHARES = (0.05, 0.07, 0.09, 0.11, 0.13, 0.16, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.75, 1.0)  # of the lists
SPARES = (4, 8)  # candidates for each row wanted
MARGIN = 0.005  # that a recall must lie above the target, as the sample may err; a quarter of what is missing to 1

SCORE = 0.24e-6  # ms to score one number of a row exactly
CODE = 0.02e-6  # ms to look up one 4-bit code
PROBE = 0.57e-3  # ms to open a list
QUERY = 0.06  # ms for what every search of lists does once


def tune(
    vectors: ArrayLike,
    *,
    recall: float = 0.95,
    memory_bytes: int | None = None,
    latency_ms: float | None = None,
    seed: int = 0,
) -> Choice:
    """The kind and the parameters for these vectors (n, d), and what was measured.

    recall: recall@10 wanted, in (0, 1]. memory_bytes: what the index may take beside the vectors. latency_ms: what
    one query may take one core, by the cost model above. None for no limit.
    Exact search where it is fast enough: up to 20,000 rows, or within latency_ms. Else lists of codes with the
    cheapest setting that reaches the recall on a sample: 20,000 rows are indexed, 500 others asked. A sample has
    fewer and shorter lists, of which a larger share has to be probed, so all rows reach a little more.
    Exact search, too, where no setting is cheaper or fits. The same vectors and seed give the same choice.
    Raises VectorError; ValueError for a target that cannot be.
    """
    _check(recall, memory_bytes, latency_ms)
    checked = unit(vectors, "vectors")
    n, d = checked.shape
    exact_ms = n * d * SCORE
    if n <= EXACT_ROWS if latency_ms is None else exact_ms <= latency_ms:
        return Choice("flat", reason=f"{n:,} rows: exact search takes {exact_ms:.2g} ms, and no memory")
    if memory_bytes is not None and codes_bytes(n, d) > memory_bytes:
        return Choice("flat", reason=f"no index of {n:,} rows fits {memory_bytes:,} bytes; exact search needs none")
    wanted = recall + min(MARGIN, (1 - recall) / 4)
    trials = _trials(checked, wanted, seed)
    good = [trial for trial in trials if trial.recall >= wanted and trial.one_ms < exact_ms]
    if not good:
        why = f"no lists of codes reach recall {wanted:.3f} in less than the {exact_ms:.2g} ms of exact search"
        return Choice("flat", reason=why, trials=trials)
    best = min(good, key=lambda trial: trial.one_ms)
    slow = f", more than the {latency_ms:g} ms wanted" if latency_ms is not None and best.one_ms > latency_ms else ""
    why = f"recall {best.recall:.3f} on a sample, in {best.one_ms:.2g} ms{slow}; exact search takes {exact_ms:.2g} ms"
    return Choice("ivf", best.parameters, why, trials)


def _check(recall: float, memory_bytes: int | None, latency_ms: float | None) -> None:
    if not 0 < recall <= 1:
        raise ValueError(f"recall is {recall}; give a share in (0, 1]")
    for name, value in (("memory_bytes", memory_bytes), ("latency_ms", latency_ms)):
        if value is not None and not value > 0:
            raise ValueError(f"{name} is {value}; give a number above 0, or None for no limit")


def _trials(vectors: Floats, wanted: float, seed: int) -> tuple[Trial, ...]:
    """For each number of spares, wider and wider searches of a sample until the recall is there."""
    n, d = vectors.shape
    order = np.random.default_rng(seed).permutation(n)
    asked = min(QUERIES, n // 2)
    queries, rows = vectors[np.sort(order[:asked])], vectors[np.sort(order[asked : asked + SAMPLE])]
    truth = Neighbours(*exact.top(queries, rows, K))
    index, lists = build(rows, "ivf", seed=seed), default_lists(n)
    trials = []
    for spare in SPARES:
        for share in SHARES:
            found = index.tuned(probes=ceil(share * default_lists(len(rows))), spare=spare).search(queries, K)
            probes = ceil(share * lists)
            parameters = {"probes": probes, "spare": spare, "seed": seed}
            work = (lists + spare * K) * d * SCORE + probes * PROBE + probes / lists * n * d / 2 * CODE
            trials.append(Trial(parameters, measured(found, truth), QUERY + work))
            if trials[-1].recall >= wanted:
                break
    return tuple(trials)
