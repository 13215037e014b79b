"""Choose by measuring: what recall the data's own rows give, and what that costs by counted work.

No clock is read, so the same vectors give the same choice on a busy machine, too. Work becomes milliseconds by six
constants, measured once on one core of an AVX2 server (EPYC, Zen 3); another machine scales them more or less alike.
"""

from math import ceil, inf

import numpy as np
from numpy.typing import ArrayLike

from . import exact
from .base import Neighbours, VectorIndex, build, unit
from .choose import EXACT_ROWS, Choice, Trial, codes_bytes
from .graph import others
from .recall import recall as measured

QUERIES = 1000  # rows asked for their neighbours; the error of their mean recall is some .003
K = 10
STEPS = 100  # shares of the lists that are told apart
SPARES = (4, 8, 16, 32, 64, 128, 256)  # candidates for each row wanted
MARGIN = 0.005  # that a recall must lie above the target; a third of what is missing to 1 at most

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
) -> tuple[VectorIndex, Choice]:
    """An index of these vectors (n, d), and why it is of this kind and has these parameters.

    recall: recall@10 wanted, in (0, 1]. memory_bytes: what the index may take beside the vectors. latency_ms: what
    one query may take one core, by the cost model above. None for no limit.
    Exact search where it is fast enough: up to 20,000 rows, or within latency_ms. Else lists of codes are built, and
    1,000 rows asked for their neighbours; the cheapest setting that finds enough of them is chosen. Only the whole
    index tells: in a sample of the rows the true neighbours lie further apart, and codes that order those well may
    fail on all (a million rows reached .82 with what gave .95 on 50,000 of them).
    Exact search, too, where no setting is cheaper or fits. The same vectors and seed give the same choice, and
    `build(vectors, choice.kind, **choice.parameters)` the same index.
    Raises VectorError; ValueError for a target that cannot be.
    """
    _check(recall, memory_bytes, latency_ms)
    checked = unit(vectors, "vectors")
    n, d = checked.shape
    exact_ms = n * d * SCAN
    why = None
    if n <= EXACT_ROWS if latency_ms is None else exact_ms <= latency_ms:
        why = f"{n:,} rows: exact search takes {exact_ms:.2g} ms, and no memory"
    elif recall == 1:
        why = "recall 1: only exact search promises it"
    elif memory_bytes is not None and codes_bytes(n, d) > memory_bytes:
        why = f"no index of {n:,} rows fits {memory_bytes:,} bytes. Exact search needs none"
    if why is not None:
        return build(checked, "flat"), Choice("flat", reason=why)
    index = build(checked, "ivf", seed=seed)
    wanted = recall + min(MARGIN, (1 - recall) / 3)
    trials = _trials(index, wanted, seed)
    good = [trial for trial in trials if trial.recall >= wanted and trial.one_ms < exact_ms]
    if not good:
        why = f"no lists of codes reach recall {wanted:.3f} in less than the {exact_ms:.2g} ms of exact search"
        return build(checked, "flat"), Choice("flat", reason=why, trials=trials)
    best = min(good, key=lambda trial: trial.one_ms)
    slow = f", more than the {latency_ms:g} ms wanted" if latency_ms is not None and best.one_ms > latency_ms else ""
    why = f"recall {best.recall:.3f} in {best.one_ms:.2g} ms{slow}. Exact search takes {exact_ms:.2g} ms"
    return index.tuned(**best.parameters), Choice("ivf", {**best.parameters, "seed": seed}, why, trials)


def _check(recall: float, memory_bytes: int | None, latency_ms: float | None) -> None:
    if not 0 < recall <= 1:
        raise ValueError(f"recall is {recall}. Give a share in (0, 1]")
    for name, value in (("memory_bytes", memory_bytes), ("latency_ms", latency_ms)):
        if value is not None and not value > 0:
            raise ValueError(f"{name} is {value}. Give a number above 0, or None for no limit")


def _trials(index: VectorIndex, wanted: float, seed: int) -> tuple[Trial, ...]:
    """For each number of spares, the smallest share of the lists that gives the recall, by halving."""
    n, d, lists = len(index), index.dimension, index.core.nlist
    k = min(K, n - 1)
    asked = np.sort(np.random.default_rng(seed).choice(n, min(QUERIES, n), replace=False))
    queries = index.vectors[asked]
    truth = Neighbours(*others(asked, *exact.top(queries, index.vectors, k + 1), k))

    def trial(step: int, spare: int) -> Trial:
        parameters = {"probes": ceil(lists * step / STEPS), "spare": spare}
        found = index.tuned(**parameters).search(queries, k + 1)
        near = Neighbours(*others(asked, found.rows, found.scores, k))
        scanned = parameters["probes"] * (PROBE + n / lists * d / 2 * CODE)
        work = QUERY + lists * d * CENTRE + scanned + spare * K * d * RESCORE
        return Trial(parameters, measured(near, truth), work)

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
