"""UMAP's optimisation on all cores and in SIMD lanes, the same bits for any number of threads.

What is computed is umap-learn's `optimize_layout_euclidean` (McInnes, Healy & Melville 2018, section 4.2): an edge is
sampled as often as its weight says; each time its ends attract each other, and a few vertices drawn at random repel
its head; the step size falls in equal parts to 0. What differs, and why:

- **Double buffer.** An epoch reads where all vertices were after the last one (`old`) and writes where they are now
  (`new`), so that no vertex sees how far another has come, and threads cannot change the outcome. A vertex moves
  only itself: as the graph is symmetric, an edge's two directions move its two ends, and each pull counts twice, once
  as head and once as tail. Its own moves within an epoch follow each other, as in umap-learn.
- **Pulls stop short.** Where all move at once, all overshoot at once: two neighbours that change places every
  epoch learn nothing, and groups that belong together freeze apart. A pull covers at most `REACH` of the way.
  Without this limit neighbourhoods are kept as well, yet clusters found in the layout agree far less with labels.
- **Counted random numbers** (Salmon, Moraes, Dror & Shaw 2011). A draw is a hash of seed, epoch, vertex and the
  number of the draw, not the next state of a generator that somebody shares. The hash is MurmurHash3's finaliser.
- **Lanes.** `LANES` vertices are moved side by side, and a lane whose vertex is done takes the block's next one, so
  that every inner loop does the same for all lanes and the compiler turns it into SIMD instructions, whether they
  hold 8 numbers (AVX2) or 16 (AVX-512). This needs arithmetic without calls: see `_power`.

The threads are Python's, as many as numba may use: numba's own (`prange`) spin while they wait for each other, which
on a machine with other work costs more than the epochs themselves.

Compiled for each number of components (some seconds), and kept on disk: beside this file, or where that is not
writable in the user's cache folder, or wherever NUMBA_CACHE_DIR says.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from discover.themes.layouts.base import Edges, Layout, Optimiser

LANES = 16  # a multiple of what a register holds
BLOCK = 512  # vertices whose edges are looked through at once; fixed, so that threads change nothing
TASKS = 2  # for each thread in an epoch, so that one that is held up leaves work to others
REACH = np.float32(0.25)  # of the way to a neighbour, the most that one pull covers
LIMIT = np.float32(4)  # the most that one move changes a coordinate, as in umap-learn

f4, i4, u4, u8 = np.float32, np.int32, np.uint32, np.uint64  # numba widens integers to 64 bits unless told
GOLDEN = u4(0x9E3779B9)  # 2^32 / golden ratio: multiples of it are spread evenly
TINY = f4(1e-12)  # squared distance of vertices at one place

F = TypeVar("F", bound=Callable[..., Any])


def _compiled(function: F, **options: Any) -> F:
    """The function compiled on its first call, from the cache on disk where there is a folder for one.

    Products and sums may be fused; otherwise arithmetic is as written, so that all lanes round alike.
    """
    options |= {"fastmath": {"contract", "nnan", "ninf", "nsz"}, "error_model": "numpy", "nogil": True}
    try:
        return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]  # numba ships no types
    except RuntimeError:  # no folder is writable: compile in every process
        return numba.njit(**options)(function)  # type: ignore[no-any-return]  # numba ships no types


def _inlined(function: F) -> F:
    return _compiled(function, inline="always")


@dataclass(frozen=True)
class Simd(Layout):
    """UMAP's optimisation by this module's kernel, on all cores."""

    def descend(self, start: NDArray[np.float32], edges: Edges, optimiser: Optimiser) -> NDArray[np.float32]:
        """See `Layout.descend`."""
        old = np.array(start, dtype=np.float32, order="C")
        new = np.empty_like(old)
        chances = np.minimum(edges.rates.astype(np.float64) * 2**32, 2**32 - 1).astype(np.uint32)
        graph = edges.offsets, edges.targets.astype(np.uint32), chances
        forces = f4(optimiser.curve[0]), f4(optimiser.curve[1]), f4(self.repulsion)
        axes = (0,) * old.shape[1]  # its length is known to the compiler, the array's is not
        steps = np.linspace(optimiser.step, 0.0, optimiser.epochs, endpoint=False, dtype=np.float32)
        keys = np.random.SeedSequence(optimiser.seed).generate_state(optimiser.epochs)
        threads = numba.get_num_threads()
        share = max(1, -(-len(old) // (TASKS * threads * BLOCK))) * BLOCK  # vertices that a task moves
        with ThreadPoolExecutor(threads) as pool:
            for epoch in range(optimiser.epochs):
                given = *graph, epoch + 1, *forces, self.negatives, steps[epoch], keys[epoch], axes
                tasks = [pool.submit(_advance, old, new, i, i + share, *given) for i in range(0, len(old), share)]
                for task in tasks:
                    task.result()
                old, new = new, old
        return old


@_compiled
def _advance(
    old: Any, new: Any, start: Any, stop: Any, offsets: Any, targets: Any, rates: Any, epoch: Any, a: Any, b: Any,
    gamma: Any, negatives: Any, step: Any, key: Any, axes: Any,
) -> None:  # fmt: skip
    """The vertices from `start` to `stop` through one epoch, by blocks."""
    stop = min(stop, len(old))
    for first in range(start, stop, BLOCK):
        last = min(first + BLOCK, stop)
        begins, due = _due(offsets, targets, rates, first, last, epoch)
        _move(old, new, first, last, begins, due, a, b, gamma, negatives, step, key, axes)


@_compiled
def _due(offsets: Any, targets: Any, rates: Any, first: Any, last: Any, epoch: Any) -> Any:
    """The targets of a block's edges that are sampled in this epoch, and where each vertex's begin.

    An edge's phase grows by its rate every epoch, in parts of 2^32, and the edge is due when the phase wraps. Each
    target is written, and the next one over it unless it was due: there is no branch to guess wrong.
    """
    begins = np.empty(last - first + 1, np.int64)
    due = np.empty(offsets[last] - offsets[first] + 1, np.uint32)
    count = 0
    for vertex in range(first, last):
        begins[vertex - first] = count
        for edge in range(offsets[vertex], offsets[vertex + 1]):
            due[count] = targets[edge]
            count += u4(u4(epoch) * rates[edge]) < rates[edge]
    begins[last - first] = count
    return begins, due


@_compiled
def _move(
    old: Any, new: Any, first: Any, last: Any, begins: Any, due: Any, a: Any, b: Any, gamma: Any, negatives: Any,
    step: Any, key: Any, axes: Any,
) -> None:  # fmt: skip
    """A block's vertices through one epoch: in each round every lane pulls its vertex once and pushes it often."""
    count, dimension = len(old), len(axes)
    # One array, so that the compiler sees that rows do not overlap: the vertex, the other one, the step size.
    lanes = np.zeros((2 * dimension + 1, LANES), np.float32)
    vertices = np.full(LANES, count, np.uint32)  # `count` stands for none
    event, stop = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)  # what is left of a vertex's part of `due`
    draws = np.zeros(LANES, np.uint32)
    others = np.zeros(LANES, np.uint32)
    upcoming = first
    while True:
        busy = False
        for lane in range(LANES):
            while event[lane] == stop[lane]:
                if vertices[lane] < count:  # done: put it down
                    for axis in range(dimension):
                        new[vertices[lane], axis] = lanes[axis, lane]
                    vertices[lane] = count
                    lanes[2 * dimension, lane] = 0
                if upcoming == last:
                    break
                vertices[lane] = upcoming  # take the next one up
                event[lane], stop[lane] = begins[upcoming - first], begins[upcoming - first + 1]
                draws[lane] = _hash(u4(key + u4(upcoming)))
                for axis in range(dimension):
                    lanes[axis, lane] = old[upcoming, axis]
                lanes[2 * dimension, lane] = step
                upcoming += 1
            if event[lane] < stop[lane]:
                busy = True
                others[lane] = due[event[lane]]
                event[lane] += 1
        if not busy:
            return
        _fetch(lanes, old, others, axes)
        _pull(lanes, a, b, axes)
        for _ in range(negatives):
            _draw(others, draws, vertices, count)
            _fetch(lanes, old, others, axes)
            _push(lanes, a, b, gamma, axes)


@_inlined
def _draw(others: Any, draws: Any, vertices: Any, count: Any) -> None:
    """For each lane any vertex but its own."""
    for lane in range(LANES):
        draws[lane] = u4(draws[lane] + GOLDEN)
        other = u4((u8(_hash(draws[lane])) * u8(count - 1)) >> u8(32))
        others[lane] = u4(other + u4(other >= vertices[lane]))


@_inlined
def _fetch(lanes: Any, old: Any, others: Any, axes: Any) -> None:
    """Where the lanes' other vertices were."""
    for lane in range(LANES):
        other = others[lane]
        for axis in range(len(axes)):
            lanes[len(axes) + axis, lane] = old[other, axis]


@_inlined
def _pull(lanes: Any, a: Any, b: Any, axes: Any) -> None:
    """Each lane's vertex towards its neighbour, twice the gradient."""
    for lane in range(LANES):
        square = TINY
        for axis in range(len(axes)):
            square += (lanes[axis, lane] - lanes[len(axes) + axis, lane]) ** 2
        power = _power(square, b)
        slope = f4(4) * a * b * power / (square * (f4(1) + a * power))
        part = min(slope * lanes[2 * len(axes), lane], REACH)
        for axis in range(len(axes)):
            lanes[axis, lane] -= _clipped(part * (lanes[axis, lane] - lanes[len(axes) + axis, lane]))


@_inlined
def _push(lanes: Any, a: Any, b: Any, gamma: Any, axes: Any) -> None:
    """Each lane's vertex away from one drawn at random."""
    for lane in range(LANES):
        square = TINY
        for axis in range(len(axes)):
            square += (lanes[axis, lane] - lanes[len(axes) + axis, lane]) ** 2
        slope = f4(2) * gamma * b / ((f4(0.001) + square) * (f4(1) + a * _power(square, b)))
        for axis in range(len(axes)):
            away = _clipped(slope * (lanes[axis, lane] - lanes[len(axes) + axis, lane]))
            lanes[axis, lane] += lanes[2 * len(axes), lane] * away


@_inlined
def _clipped(move: Any) -> Any:
    return min(max(move, -LIMIT), LIMIT)


@_inlined
def _power(x: Any, exponent: Any) -> Any:
    """x to the exponent to 1 in 2,000, for normal x > 0, by polynomials for log2 and exp2 between powers of two.

    Both are exact at the ends of their interval, so the result is continuous. Coefficients: least largest error.
    """
    bits = f4(x).view(i4)
    t = i4((bits & i4(0x7FFFFF)) | i4(0x3F800000)).view(f4) - f4(1)  # x is (1 + t) 2^whole
    bend = f4(0.44123219) + t * (f4(-0.24605251) + t * f4(0.08493514))
    log = exponent * (f4(i4((bits >> i4(23)) - i4(127))) + t + t * (f4(1) - t) * bend)
    whole = np.floor(log)
    t = log - whole
    root = f4(1) + t - t * (f4(1) - t) * (f4(0.30513692) + t * f4(0.0794414))  # 2^t
    return i4(f4(root).view(i4) + i4(i4(whole) << i4(23))).view(f4)


@_inlined
def _hash(x: Any) -> Any:
    """MurmurHash3's 32-bit finaliser (Appleby 2011)."""
    x = u4(u4(x ^ (x >> u4(16))) * u4(0x85EBCA6B))
    x = u4(u4(x ^ (x >> u4(13))) * u4(0xC2B2AE35))
    return u4(x ^ (x >> u4(16)))
