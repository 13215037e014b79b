"""(a) From given embeddings to clusters, labels and map, each in a fresh process, beside BERTopic's defaults."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.inputs import Setup, encoded
from benchmarks.measuring import Missing, interleaved, last_line, memory, module, seconds
from benchmarks.table import Figure, Goal, Part, Row

CATALOGS = {"netflix_2021-09.csv": 4.0, "wikipedia_films.parquet": 2.0}  # and how many times faster we want to be
MEMORY = Goal("<=", 0.7)
INCLUDES = """Embeddings to themes, labels and map. The whole of a fresh process: start, imports, reading inputs,
compilation (numba's cache on disk is as earlier rounds left it). Ours has two levels, the null comparison and
stability; BERTopic() its one level, and the map as visualize_documents makes it, without drawing.
Memory: peak minus what Python with numpy held at the start, so that imports and inputs count.
Rounds: {rounds}."""


def measured(setup: Setup) -> Part:
    """Time and memory by catalog."""
    rows: list[Row] = []
    left_out: dict[str, None] = {}  # in order, each reason once
    for name, faster in CATALOGS.items():
        try:
            rows += _beside_bertopic(setup, setup.catalog(name), faster)
        except Missing as missing:
            left_out[str(missing)] = None
    return Part(INCLUDES.format(rounds=setup.rounds), tuple(rows), tuple(left_out))


def _beside_bertopic(setup: Setup, source: Path, faster: float) -> list[Row]:
    files = encoded(setup.results, source)
    given = list(map(str, (files.vectors, files.texts, source)))
    ways = {name: partial(module, "benchmarks.themes", name, *given) for name in JOBS}
    runs = interleaved(ways, setup.rounds)
    wall = {name: seconds(each) for name, each in runs.items()}
    results = {name: [last_line(run.outcome) for run in each] for name, each in runs.items()}
    extra = {name: median(each["peak"] - each["before"] for each in found) for name, found in results.items()}
    walls = {name: [run.seconds for run in each] for name, each in runs.items()}
    items = f"{source.stem.partition('_')[0]} ({results['ours'][0]['items']:,})"
    return [
        Row(
            f"{items}, time",
            Figure(wall["ours"], "s"),
            Figure(wall["bertopic"], "s", "BERTopic"),
            wall["bertopic"] / wall["ours"],
            Goal(">=", faster),
            walls,
        ),
        Row(
            f"{items}, memory",
            Figure(extra["ours"], "MB"),
            Figure(extra["bertopic"], "MB", "BERTopic"),
            extra["ours"] / extra["bertopic"],
            MEMORY,
            results,
        ),
    ]


def ours(vectors: str, texts: str, source: str) -> dict[str, Any]:
    """Graph, themes at two levels, map, labels."""
    before, _ = memory()
    from discover.catalog import reader as catalog
    from discover.core.settings import LabelSettings, LedgerSettings, ThemeSettings
    from discover.core.types import Ledger
    from discover.labels import name as labelling
    from discover.ledger.keys import identify
    from discover.ledger.match import match_themes
    from discover.themes.find import find_themes
    from discover.themes.neighbours import build_graph

    items, found = catalog.read(source), np.load(vectors)
    graph = build_graph(found, ThemeSettings())
    groups = find_themes(graph, ThemeSettings())
    record, groups = match_themes(Ledger(), groups, identify(items, {}), 1, "", LedgerSettings())
    named = labelling.name(items, groups, found, LabelSettings(), record.entries)
    _, peak = memory()
    return _result(before, peak, groups.levels[0].members if groups.levels else np.full(len(items), -1), len(named))


def bertopic(vectors: str, texts: str, source: str) -> dict[str, Any]:
    """BERTopic() with its defaults, and the map as its `visualize_documents` makes it."""
    before, _ = memory()
    from bertopic import BERTopic
    from umap import UMAP

    documents, found = json.loads(Path(texts).read_text()), np.load(vectors)
    topics, _ = BERTopic().fit_transform(documents, found)
    UMAP(n_neighbors=10, n_components=2, min_dist=0.0, metric="cosine").fit(found)
    _, peak = memory()
    return _result(before, peak, np.array(topics), max(topics) + 1)


def _result(before: float, peak: float, members: np.ndarray, labels: int) -> dict[str, Any]:
    found = {"items": len(members), "themes": int(members.max()) + 1, "outliers": float((members < 0).mean())}
    return {"before": before, "peak": peak, "labels": labels, **found}


JOBS = {"ours": ours, "bertopic": bertopic}

if __name__ == "__main__":  # a fresh process of `measured`
    print(json.dumps(JOBS[sys.argv[1]](*sys.argv[2:])))
