"""(d) Recall and queries a second of each index kind, beside usearch and hnswlib."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.inputs import Setup, encoded
from benchmarks.measuring import Missing, interleaved, seconds
from benchmarks.table import Figure, Part, Row
from indexes import Neighbours, build, exact, recall
from indexes.base import unit

K, QUERIES, SINGLES, SMALL = 10, 1000, 100, 10_000
WIDTHS = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
TARGETS = (0.95, 0.99)
KNOBS = {"flat": None, "hnsw": "search_width", "ivf": "probes"}
INCLUDES = """Searching vectors of package summaries (pypi, all-MiniLM-L6-v2) for {queries:,} others of them at once,
k = {k}, in memory, on equal threads; each with the first setting that reaches the recall, else its last. Ours includes
the checks of the queries, exact rescoring and ordering; peers return their own scores, unchecked. Rounds: {rounds}.
Build time, memory and single queries are in the JSON file."""


@dataclass(frozen=True, eq=False)
class Contestant:
    """A built index: `search` after `turn(setting)`; settings ascending in recall."""

    name: str
    parameters: str
    build_s: float
    index_mb: float  # without the vectors
    settings: tuple[Any, ...]
    turn: Callable[[Any], None]
    search: Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Point:
    """A contestant at one setting."""

    contestant: Contestant
    setting: Any
    recall: float

    def batch(self, queries: Any) -> None:
        """All queries at once."""
        self.contestant.turn(self.setting)
        self.contestant.search(queries)

    def single(self, queries: Any) -> float:
        """Median seconds of a query alone."""
        self.contestant.turn(self.setting)
        waits = []
        for i in range(min(SINGLES, len(queries))):
            start = perf_counter()
            self.contestant.search(queries[i : i + 1])
            waits.append(perf_counter() - start)
        return median(waits)


def measured(setup: Setup) -> Part:
    """Every kind at two sizes."""
    source = setup.catalog("pypi_summaries.parquet")
    given = np.load(encoded(setup.results, source, setup.rows + QUERIES).vectors, mmap_mode="r")
    if len(given) < setup.rows + QUERIES:
        raise Missing(f"{source} has {len(given):,} rows; give --rows {max(1, len(given) - QUERIES)} at most")
    rows: list[Row] = []
    left_out: dict[str, None] = {}
    for n in sorted({min(SMALL, setup.rows), setup.rows}):
        # A fixed shuffle: the file is in order of names, and queries should be like the rows.
        vectors = unit(np.random.default_rng(0).permutation(given[: n + QUERIES]), "vectors")
        kept, queries = map(np.ascontiguousarray, (vectors[:-QUERIES], vectors[-QUERIES:]))
        mine = [ours(kind, knob, kept) for kind, knob in KNOBS.items()]
        peers = []
        for name, enter in PEERS.items():
            try:
                peers.append(enter(kept))
            except ImportError:
                left_out[f"{name} is not installed; pip install '.[bench]' brings it"] = None
        rows += _compare(mine, peers, kept, queries, setup.rounds)
    return Part(INCLUDES.format(queries=QUERIES, k=K, rounds=setup.rounds), tuple(rows), tuple(left_out))


def _compare(mine: list[Contestant], peers: list[Contestant], vectors: Any, queries: Any, rounds: int) -> Iterator[Row]:
    """Each of our points beside each peer's for the same target."""
    truth = Neighbours(*exact.top(queries, vectors, K))
    points = {each: operating_points(each, vectors, queries, truth) for each in (*mine, *peers)}
    every = list(dict.fromkeys(point for found in points.values() for point in found.values()))
    batches = interleaved({point: lambda point=point: point.batch(queries) for point in every}, rounds)
    singles = interleaved({point: lambda point=point: point.single(queries) for point in every}, rounds)

    def figure(point: Point, who: str = "") -> Figure:
        return Figure(len(queries) / seconds(batches[point]), "/s", who, point.recall)

    def details(point: Point) -> dict[str, Any]:
        own = {
            name: value for name, value in vars(point.contestant).items() if name not in ("settings", "turn", "search")
        }
        p50 = median(run.outcome for run in singles[point]) * 1e3
        return own | {"setting": point.setting, "recall": point.recall, "p50_ms": p50}

    for each in mine:
        highest = {point: target for target, point in points[each].items()}  # one point may reach both targets
        for point, target in highest.items():
            what, own = f"{len(vectors):,} rows, {each.name} @{target:.2f}".replace("@0", "@"), figure(point)
            if not peers:
                yield Row(what, own, details={"ours": details(point)})
            for peer in peers:
                theirs = points[peer][target]
                yield Row(
                    what,
                    own,
                    figure(theirs, peer.name),
                    own.value / figure(theirs).value,
                    details={"ours": details(point), "peer": details(theirs)},
                )


def operating_points(contestant: Contestant, vectors: Any, queries: Any, truth: Neighbours) -> dict[float, Point]:
    """For each target the first setting that reaches it; the last one where none does."""
    points: dict[float, Point] = {}
    for setting in contestant.settings:
        contestant.turn(setting)
        rows = contestant.search(queries)
        point = Point(contestant, setting, recall(Neighbours(rows, exact.scores(queries, vectors, rows)), truth))
        missing = [target for target in TARGETS if target not in points]
        last = setting == contestant.settings[-1]
        points |= {target: point for target in missing if point.recall >= target or last}
        if len(points) == len(TARGETS):
            break
    return points


def ours(kind: str, knob: str | None, vectors: Any) -> Contestant:
    start = perf_counter()
    index = build(vectors, kind)
    build_s = perf_counter() - start
    current = [index]

    def turn(value: Any) -> None:
        current[0] = index.tuned(**{knob: value}) if knob else index

    parameters = " ".join(f"{key}={value}" for key, value in index.parameters.items() if key != knob)
    size = len(index.kind.to_bytes(index.core)) / 1e6
    settings: tuple[Any, ...] = WIDTHS if knob else (None,)
    return Contestant(
        kind, parameters, build_s, size, settings, turn, lambda queries: current[0].search(queries, K).rows
    )


def usearch(vectors: Any) -> Contestant:
    from usearch.index import Index

    start = perf_counter()
    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(vectors)), vectors, threads=_threads())
    build_s = perf_counter() - start
    size = (index.serialized_length - vectors.nbytes) / 1e6

    def turn(value: Any) -> None:
        index.expansion_search = value

    def search(queries: Any) -> Any:
        return index.search(queries, K, threads=_threads()).keys.astype(np.int64).reshape(len(queries), K)

    return Contestant("usearch", "f32, defaults", build_s, size, WIDTHS, turn, search)


def hnswlib(vectors: Any) -> Contestant:
    from hnswlib import Index

    start = perf_counter()
    index = Index(space="ip", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), M=16, ef_construction=200)
    index.set_num_threads(_threads())
    index.add_items(vectors)
    build_s = perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        index.save_index(f"{folder}/index")
        size = (Path(folder, "index").stat().st_size - vectors.nbytes) / 1e6

    def search(queries: Any) -> Any:
        return index.knn_query(queries, k=K)[0].astype(np.int64)

    return Contestant("hnswlib", "M=16 ef_construction=200", build_s, size, WIDTHS, index.set_ef, search)


PEERS = {"usearch": usearch, "hnswlib": hnswlib}


def _threads() -> int:
    """As many as FAISS uses."""
    import faiss

    return int(faiss.omp_get_max_threads())
