"""How well text queries are answered, beside simple peers: python -m benchmarks.queries [CATALOG ...]

72 queries as people type them, with rules over the sources' own columns that say what answers them (query_rules.py).
Half of them are `seen` and may be looked at while the search is worked on; `--half unseen` is for the end of that work.
P@10 counts the relevant among the first ten, over min(10, relevant): a perfect list has 1. nDCG@10 counts early ones
more. Beside each peer (query_systems.py) stands the 95 % interval of ours less the peer's, of a bootstrap in which both
have the same queries. `--pool FILE` writes the answers to 20 ideas for a judge; `--judged FILE` counts the judgements.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks import query_pool
from benchmarks.query_rules import HALVES, SOURCES, Mismatch, Query, Rows, queries
from benchmarks.query_systems import OURS, Answers, Peers, ours
from benchmarks.table import WIDTH

DEPTH = 10
DRAWS = 10_000  # of the bootstrap
NOTE = """P@10: relevant among the first ten over min(10, relevant). In brackets: 95 % interval of ours less the peer's,
paired bootstrap over queries. A search that says that nothing fits has 0. Nothing is timed: peers score every row."""


@dataclass(frozen=True)
class Outcome:
    """One query: by system its P@10 and nDCG@10."""

    query: Query
    relevant: int  # items of the catalog
    precision: Mapping[str, float]
    ndcg: Mapping[str, float]


def precision(answers: Sequence[int], relevant: Any) -> float:
    """The share of relevant rows among the first ten, over as many as there could be; `relevant` is (n,) bool."""
    hits = sum(bool(relevant[row]) for row in answers[:DEPTH])
    return hits / min(DEPTH, int(np.sum(relevant)))


def ndcg(answers: Sequence[int], relevant: Any) -> float:
    """Gain 1 for a relevant row, discounted by log2(rank + 1), over that of the best order."""
    discounts = 1 / np.log2(np.arange(DEPTH) + 2)
    gains = np.array([bool(relevant[row]) for row in answers[:DEPTH]], dtype=float)
    return float(gains @ discounts[: len(gains)] / discounts[: min(DEPTH, int(np.sum(relevant)))].sum())


def interval(differences: Any) -> tuple[float, float]:
    """95 % bootstrap interval of the mean of (n,) differences by query."""
    draws = np.random.default_rng(0).integers(0, len(differences), size=(DRAWS, len(differences)))
    low, high = np.quantile(np.asarray(differences)[draws].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def measured(asked: Sequence[Query], rows: Rows, systems: Mapping[str, Answers]) -> list[Outcome]:
    """The queries of one catalog. Raises Mismatch where a rule takes none of its items."""
    outcomes = []
    for query in asked:
        relevant = rows.matching(query.relevant)
        if not relevant.any():
            raise Mismatch(
                f"{query.text!r}: its rule takes no item of {query.catalog}. Is that the file it was written for"
            )
        lists = {name: search(query.text, DEPTH) for name, search in systems.items()}
        outcomes.append(
            Outcome(
                query,
                int(relevant.sum()),
                {name: precision(answers, relevant) for name, answers in lists.items()},
                {name: ndcg(answers, relevant) for name, answers in lists.items()},
            )
        )
    return outcomes


def table(title: str, outcomes: Sequence[Outcome]) -> Table:
    """Means by system, with what ours is better by."""
    shown = Table(
        f"{title}, {len(outcomes)} queries", "P@10", "ours less it", "nDCG@10", "ours less it", box=SIMPLE_HEAD
    )
    for name in outcomes[0].precision:
        cells = []
        for figures in ([each.precision for each in outcomes], [each.ndcg for each in outcomes]):
            own = np.array([figure[name] for figure in figures])
            low, high = interval(np.array([figure[OURS] for figure in figures]) - own)
            cells += [f"{own.mean():.3f}", "" if name == OURS else f"[{low:+.3f}, {high:+.3f}]"]
        shown.add_row(name, *cells)
    return shown


def by_query(outcomes: Sequence[Outcome]) -> Table:
    """P@10 of every query."""
    names = list(outcomes[0].precision)
    shown = Table("query", "relevant", *names, box=SIMPLE_HEAD)
    for each in outcomes:
        shown.add_row(each.query.text, f"{each.relevant:,}", *(f"{each.precision[name]:.1f}" for name in names))
    return shown


def by_evidence(outcomes: Sequence[Outcome]) -> Table:
    """Mean P@10 of the queries that ask for a kind of evidence; a query may ask for several."""
    names = list(outcomes[0].precision)
    shown = Table("asks for", "queries", *names, box=SIMPLE_HEAD)
    for kind in dict.fromkeys(kind for each in outcomes for kind in each.query.asks):
        those = [each for each in outcomes if kind in each.query.asks]
        means = (np.mean([each.precision[name] for each in those]) for name in names)
        shown.add_row(kind, str(len(those)), *(f"{mean:.2f}" for mean in means))
    return shown


def systems_for(name: str, given: argparse.Namespace) -> tuple[Rows, dict[str, Answers]]:
    """A catalog's rows, and all systems over them, ours first."""
    source = SOURCES[name]
    rows = Rows.read(source, given.data)
    own = ours(rows, given.workspaces / name, given.data / source.file)
    return rows, {OURS: own, **Peers.read(rows, given.vectors).systems()}


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m benchmarks.queries", description=__doc__)
    parser.add_argument("catalogs", nargs="*", metavar="CATALOG", help=f"{', '.join(SOURCES)}; default all")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of catalogs")
    parser.add_argument(
        "--workspaces", type=Path, default=Path("bench-results/queries"), help="one for each catalog, made if not there"
    )
    parser.add_argument(
        "--vectors",
        type=Path,
        default=Path(tempfile.gettempdir()) / "discover-bench-vectors",
        help="where the peers' vectors are kept",
    )
    parser.add_argument("--half", choices=HALVES, default=HALVES[0], help="unseen only when the work is done")
    parser.add_argument("--each", action="store_true", help="also every query, and means by what is asked for")
    parser.add_argument("--json", type=Path, help="also write the figures of every query here")
    parser.add_argument(
        "--pool", type=Path, metavar="FILE", help="write the answers to the ideas for a judge, and a key"
    )
    parser.add_argument("--judged", type=Path, metavar="FILE", help="count the judgements of such a file")
    return parser


def main() -> int:
    """0 when all was measured; 1 when something is not there or does not fit."""
    parser = _options()
    given = parser.parse_args()
    if unknown := set(given.catalogs) - set(SOURCES):
        parser.error(f"no catalog {' and no '.join(unknown)}; the catalogs are {', '.join(SOURCES)}")
    given.catalogs = given.catalogs or list(SOURCES)
    needed = [] if given.judged else [given.data / SOURCES[name].file for name in given.catalogs]
    if missing := [str(file) for file in needed if not file.exists()]:
        print(f"no {' and no '.join(missing)}; --data names the folder of catalogs", file=sys.stderr)
        return 1
    try:
        if given.judged:
            Console(width=WIDTH).print(*query_pool.tables(given.judged))
        elif given.pool:
            query_pool.write(given.pool, lambda name: systems_for(name, given))
        else:
            _show(given)
    except Mismatch as mismatch:
        print(mismatch, file=sys.stderr)
        return 1
    return 0


def _show(given: argparse.Namespace) -> None:
    console = Console(width=WIDTH)
    asked, outcomes = queries(given.half), []
    for name in given.catalogs:
        rows, systems = systems_for(name, given)
        own = measured([query for query in asked if query.catalog == name], rows, systems)
        console.print(table(f"{name}, {given.half} half", own))
        outcomes += own
    if len(given.catalogs) > 1:
        console.print(table(f"all, {given.half} half", outcomes))
    if given.each:
        console.print(by_query(outcomes), by_evidence(outcomes))
    console.print(" ".join(NOTE.split()), markup=False)
    if given.json:
        given.json.write_text(json.dumps([_plain(each) for each in outcomes], indent=1))


def _plain(each: Outcome) -> dict[str, Any]:
    shown = {"catalog": each.query.catalog, "query": each.query.text, "relevant": each.relevant}
    return shown | {"P@10": dict(each.precision), "nDCG@10": dict(each.ndcg)}


if __name__ == "__main__":
    sys.exit(main())
