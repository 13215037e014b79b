"""(b) Text encoding beside sentence-transformers' default."""

from __future__ import annotations

import numpy as np

from benchmarks.inputs import Setup
from benchmarks.inputs import texts as read_texts
from benchmarks.measuring import interleaved
from benchmarks.table import Figure, Goal, Part, Row, throughput

FASTER, NEAR = 3.0, 10
INCLUDES = """Texts of {source} to vectors with all-MiniLM-L6-v2, model loaded and warm: tokenising and encoding. Peer:
SentenceTransformer.encode with its defaults (float32). Overlap: share of {near} nearest neighbours that both sets of
vectors have in common. Rounds: {rounds}."""


def measured(setup: Setup) -> Part:
    """Texts a second, and whether the vectors are the same to a search."""
    from sentence_transformers import SentenceTransformer

    from discover.embeddings.encoders.sentence import Sentence

    source = setup.catalog_or_sample("netflix_2021-09.csv")
    texts = read_texts(source)[: setup.texts]
    peer, ours = SentenceTransformer(str(Sentence().folder), device="cpu"), Sentence(device="cpu")
    peer.encode(texts[:8])
    ours.encode(texts[:8])
    ways = {
        "ours": lambda: ours.encode(texts).vectors,
        "peer": lambda: peer.encode(texts, normalize_embeddings=True),
    }
    runs = interleaved(ways, setup.rounds)
    fast = ours.arithmetic() == "bfloat16"
    rows = (
        throughput(
            f"{len(texts):,} texts, {ours.arithmetic()}",
            len(texts),
            runs,
            "sentence-transformers",
            Goal(">=", FASTER, unless="" if fast else "no bf16"),
        ),
        Row(
            f"neighbour overlap@{NEAR}",
            Figure(neighbour_overlap(runs["peer"][-1].outcome, runs["ours"][-1].outcome)),
            goal=Goal(">=", 0.98),
        ),
    )
    return Part(INCLUDES.format(source=source.name, near=NEAR, rounds=setup.rounds), rows)


def neighbour_overlap(a: np.ndarray, b: np.ndarray, k: int = NEAR) -> float:
    """Mean share of the k nearest neighbours that two sets of vectors have in common."""
    import indexes

    first, second = (indexes.knn_graph(vectors, k).neighbours.rows for vectors in (a, b))
    return float(np.mean([len(np.intersect1d(x, y)) / k for x, y in zip(first, second, strict=True)]))
