"""(a) From given embeddings to clusters, labels and map, each in a fresh process, beside BERTopic's defaults.

python -m benchmarks.themes --data ../shared/data [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.table import measure, show

CATALOGS = ("netflix_2021-09.csv", "wikipedia_films.parquet")


def ours(vectors: str, texts: str, source: str) -> dict[str, float]:
    """Graph, themes at two levels, map, labels."""
    from discover import catalog

    items, found = catalog.read(source), np.load(vectors)
    before = peak()
    from discover import labelling, themes
    from discover.settings import LabelSettings, ThemeSettings

    graph = themes.graph(found, ThemeSettings())
    groups = themes.find(graph, ThemeSettings())
    named = labelling.name(items, groups, found, LabelSettings())
    members = groups.levels[0].members
    return {"themes": groups.levels[0].count, "strays": float((members < 0).mean()), "labels": len(named)} | {
        "before": before
    }


def bertopic(vectors: str, texts: str, source: str) -> dict[str, float]:
    """BERTopic() with its defaults, and the map as its `visualize_documents` makes it."""
    documents, found = json.loads(Path(texts).read_text()), np.load(vectors)
    before = peak()
    from bertopic import BERTopic
    from umap import UMAP

    topics, _ = BERTopic().fit_transform(documents, found)
    UMAP(n_neighbors=10, n_components=2, min_dist=0.0, metric="cosine").fit(found)
    return {"themes": max(topics) + 1, "strays": float(np.mean(np.array(topics) < 0)), "labels": max(topics) + 1} | {
        "before": before
    }


def peak() -> float:
    """Largest resident memory so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(data: Path, rounds: int) -> None:
    from benchmarks.inputs import prepared

    rows = []
    for name in CATALOGS:
        source = data / name
        if not source.exists():
            rows.append([name, "not found", *[""] * 7])
            continue
        vectors, texts = prepared(source)
        runs: dict[str, list] = {"discover": [], "BERTopic": []}
        for _ in range(rounds):
            for peer, job in (("discover", "ours"), ("BERTopic", "bertopic")):
                runs[peer].append(measure(["benchmarks.themes", "--job", job, str(vectors), str(texts), str(source)]))
        seconds = {peer: median(run.seconds for run in done) for peer, done in runs.items()}
        extra = {peer: median(r.peak_mb - r.result["before"] for r in done) for peer, done in runs.items()}
        for peer, done in runs.items():
            last = done[-1].result
            rows.append(
                [
                    name,
                    peer,
                    seconds[peer],
                    seconds["BERTopic"] / seconds[peer],
                    max(run.peak_mb for run in done),
                    extra[peer],
                    extra[peer] / extra["BERTopic"],
                    last["themes"],
                    f"{last['strays']:.0%}",
                ]
            )
    show(
        "(a) Embeddings to themes, labels and map",
        f"Wall time of a fresh process: start, imports, reading inputs, everything. Median of {rounds}, interleaved. "
        "Extra memory: peak above that after reading the inputs, so imports count.",
        ["catalog", "tool", "seconds", "times faster", "peak MB", "extra MB", "of BERTopic's", "themes", "strays"],
        rows,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        print(json.dumps({"ours": ours, "bertopic": bertopic}[sys.argv[2]](*sys.argv[3:])))
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", type=Path, required=True)
        parser.add_argument("--rounds", type=int, default=3)
        chosen = parser.parse_args()
        main(chosen.data, chosen.rounds)
