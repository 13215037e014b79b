"""How good similarity is, judged by what was kept from it: python -m benchmarks.quality [CATALOG]

The genres, then the keywords, of a catalog are taken out of it altogether (out of what is encoded, of the lexical
and of the metadata) and judge: the gain of an answer is how much of the held-out set it shares with the query
(cosine, rare values weighing more), and nDCG@10 compares the order with the best possible one. Every item that has
something held out is a query. Beside the defaults stand each space alone, the defaults without each space, TF-IDF,
and the plain cosine of the text model on the same text. Intervals are 95 % bootstrap intervals over queries, of
the difference to the defaults for the others.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from discover.catalog import reader as catalog
from discover.core import plugins
from discover.core.settings import Settings
from discover.core.types import Catalog
from discover.embeddings import embed as embeddings
from discover.embeddings import encoders
from discover.search import rank
from discover.search.index import SearchIndex, build_search_index
from discover.search.spaces.base import SpaceInput
from discover.search.spaces.metadata import Metadata

DEPTH = 10
ROUNDS = 2_000  # of the bootstrap
JUDGES = ("genres", "keywords")


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.quality", description=__doc__)
    parser.add_argument("catalog", nargs="?", default="../shared/data/films/catalog.csv")
    parser.add_argument("--judges", nargs="+", default=JUDGES, choices=JUDGES)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    chosen = parser.parse_args()
    figures = {judge: measured(chosen.catalog, judge) for judge in chosen.judges}
    console = Console(width=100)
    for judge, rows in figures.items():
        table = Table("judged by " + judge, "nDCG@10", "difference to the defaults", box=SIMPLE_HEAD, pad_edge=False)
        for name, (value, low, high) in rows.items():
            table.add_row(name, f"{value:.3f}", f"{low:+.3f} to {high:+.3f}" if name != "defaults" else "")
        console.print(table)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1))


def measured(source: str, judge: str) -> dict[str, tuple[float, float, float]]:
    """By way of comparing: mean nDCG@10, and the interval of its difference to the defaults."""
    whole = catalog.read(source, Settings().catalog)
    values = Metadata.build(SpaceInput(_only(whole, judge), {}, _no_index))
    assert values is not None, f"{source}: no {judge} to judge by"
    matrix = values.fields[judge].matrix.to_scipy()
    gains = (matrix @ matrix.T).toarray()
    np.fill_diagonal(gains, 0)
    queries = np.flatnonzero(gains.max(axis=1) > 0)
    search_index = _ground(_without(whole, judge))
    found = {name: _ndcg(matrix, gains, queries) for name, matrix in _similarities(search_index, whole, judge).items()}
    random = np.random.default_rng(0)
    draws = random.integers(0, len(queries), size=(ROUNDS, len(queries)))
    rows = {}
    for name, each in found.items():
        differences = (each - found["defaults"])[draws].mean(axis=1)
        low, high = np.quantile(differences, [0.025, 0.975])
        rows[name] = (float(each.mean()), float(low), float(high))
    return rows


def _similarities(search_index: SearchIndex, whole: Catalog, judge: str) -> dict[str, Any]:
    weights = search_index.weights
    ways: dict[str, Mapping[str, float]] = {"defaults": weights}
    ways |= {f"{name} alone": {name: 1.0} for name in weights}
    ways |= {f"without {name}": {k: v for k, v in weights.items() if k != name} for name in weights}
    everything = np.arange(search_index.count)
    found = {name: rank.score_pairs(search_index, everything, None, chosen).total for name, chosen in ways.items()}
    vectors = search_index.spaces["text"].items(everything)
    return found | {"TF-IDF": _tfidf(_without(whole, judge)), "plain text cosine": vectors @ vectors.T}


def _tfidf(items: Catalog) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [f"{title}\n{text}" for title, text in zip(items.titles, items.column("description"), strict=True)]
    matrix = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(texts)
    return (matrix @ matrix.T).toarray()


def _ndcg(similarities: Any, gains: Any, queries: Any) -> Any:
    """By query."""
    order = np.where(np.isnan(similarities), -np.inf, similarities)
    np.fill_diagonal(order, -np.inf)
    best = np.argsort(-order[queries], axis=1, kind="stable")[:, :DEPTH]
    discounts = 1 / np.log2(np.arange(DEPTH) + 2)
    ideal = -np.sort(-gains[queries], axis=1)[:, :DEPTH]
    return (np.take_along_axis(gains[queries], best, axis=1) @ discounts) / (ideal @ discounts)


def _ground(items: Catalog) -> SearchIndex:
    encoder = plugins.load(encoders, Settings().text.encoder, {})
    text, _ = embeddings.encode(items, encoder, "text")
    return build_search_index(SpaceInput(items, {"text": text}, _no_index))


def _no_index(space: str) -> Any:
    raise AssertionError("every pair is scored")


def _without(items: Catalog, role: str) -> Catalog:
    """The catalog with a role's lists emptied."""
    position = items.table.column_names.index(role)
    empty = [[] for _ in range(len(items))]
    kind = items.table.schema.field(role).type
    import pyarrow as pa

    return replace(items, table=items.table.set_column(position, role, pa.array(empty, kind)))


def _only(items: Catalog, role: str) -> Catalog:
    for other in ("genres", "keywords", "people", "country"):
        if other != role:
            items = _without(items, other)
    return items


if __name__ == "__main__":
    main()
