"""Choose by measuring: what recall the data's own rows give, and what that costs by counted work.

No clock is read, so the same vectors give the same choice on a busy machine, too. Work becomes milliseconds by six
constants, measured once on one core of an AVX2 server (EPYC, Zen 3); another machine scales them more or less alike.
"""

from math import ceil, inf

import numpy as np
from numpy.typing import ArrayLike

from . import exact
from .base import Neighbours, build, unit
from .choose import EXACT_ROWS, Choice, Trial, codes_bytes, default_lists
from .exact import Floats
from .recall import recall as measured

SAMPLE, QUERIES = 50_000, 2000  # rows indexed, and others asked: bound the time to some ten seconds
K = 10
STEPS = 100  # shares of the lists that are told apart
SPARES = (4, 8, 16, 32, 64)  # candidates for each row wanted
MARGIN = 0.0025  # that a recall must lie above the target: the error of a mean over QUERIES

SCAN = 0.28e-6  # ms to score one number of a row exactly, row after row
RESCORE = 0.5e-6  # ms to score one number of a row exactly, where rows lie scattered
CENTRE = 0.09e-6  # ms to compare one number of a centre, in a batch
CODE = 0.02e-6  # ms to look up one 4-bit code
PROBE = 0.57e-3  # ms to open a list
QUERY = 0.02  # ms for what every search of lists does once


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
    cheapest setting that reaches the recall on a sample: 50,000 rows are indexed, 2,000 others asked. A sample has
    fewer and shorter lists, of which a larger share has to be probed, so all rows reach a little more.
    Exact search, too, where no setting is cheaper or fits. The same vectors and seed give the same choice.
    Raises VectorError; ValueError for a target that cannot be.
    """
    _check(recall, memory_bytes, latency_ms)
    checked = unit(vectors, "vectors")
    n, d = checked.shape
    exact_ms = n * d * SCAN
    if n <= EXACT_ROWS if latency_ms is None else exact_ms <= latency_ms:
        return Choice("flat", reason=f"{n:,} rows: exact search takes {exact_ms:.2g} ms, and no memory")
    if recall == 1:
        return Choice("flat", reason="recall 1: only exact search promises it")
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
    """For each number of spares, the smallest share of a sample's lists that gives the recall, by halving."""
    n, d = vectors.shape
    order = np.random.default_rng(seed).permutation(n)
    asked = min(QUERIES, n // 2)
    queries, rows = vectors[np.sort(order[:asked])], vectors[np.sort(order[asked : asked + SAMPLE])]
    truth = Neighbours(*exact.top(queries, rows, K))
    index, lists = build(rows, "ivf", seed=seed), default_lists(n)

    def trial(step: int, spare: int) -> Trial:
        share = step / STEPS
        found = index.tuned(probes=ceil(share * index.core.nlist), spare=spare).search(queries, K)
        probes = ceil(share * lists)
        work = lists * d * CENTRE + spare * K * d * RESCORE + probes * PROBE + probes / lists * n * d / 2 * CODE
        return Trial({"probes": probes, "spare": spare, "seed": seed}, measured(found, truth), QUERY + work)

    trials, cheapest = [], inf
    for spare in SPARES:
        trials.append(trial(STEPS, spare))
        if trials[-1].recall < wanted:
            continue  # the codes order these rows too badly for so few spares
        low, high, reached = 1, STEPS, trials[-1]
        while low < high:
            middle = (low + high) // 2
            trials.append(trial(middle, spare))
            if trials[-1].recall >= wanted:
                high, reached = middle, trials[-1]
            else:
                low = middle + 1
        if reached.one_ms >= cheapest:
            break  # more spares no longer pay
        cheapest = reached.one_ms
    return tuple(trials)
