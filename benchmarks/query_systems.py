"""The systems that answer the text queries: ours, and peers over the same rows of a catalog.

Peers score every row. MiniLM is the bundled all-MiniLM-L6-v2 as sentence-transformers runs it (float32, a text cut
after 256 tokens), over "{title}. {genres}. {description}". BM25 is bm25s in Lucene's variant with English stop words,
over all columns but ids, addresses and dates of adding. The sum adds z-scores, over the catalog, of MiniLM, of MiniLM
over one sentence of facts ("TV Show from Denmark, 2017. Crime TV Shows.") and half of BM25's. RRF (Cormack, Clarke &
Buettcher 2009) adds 1 / (60 + rank) over the first hundred of MiniLM and of BM25, as vector databases do.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.query_rules import Mismatch, Rows

OURS = "ours"
RRF_RANKS = 100  # of each list that RRF reads
RRF_CONSTANT = 60
SUM_WEIGHTS = (1.0, 1.0, 0.5)  # MiniLM, MiniLM of facts, BM25

Answers = Callable[[str, int], Sequence[int]]  # the first k rows for a text


def ours(rows: Rows, workspace: Path, file: Path) -> Answers:
    """The engine's search with its defaults; the workspace is made if it is not there.

    Rows of a source without ids get their numbers. Raises Mismatch where the workspace holds other items.
    """
    import discover

    if not workspace.exists():
        print(f"making {workspace} from {file.name}", file=sys.stderr, flush=True)
        discover.run(file if rows.source.id else _numbered(file), workspace)
    engine = discover.open(workspace)
    position = {item: row for row, item in enumerate(rows.ids())}
    if list(position) != list(engine.catalog.ids):
        raise Mismatch(f"{workspace}: its items are not those of {file}. Remove it, and it is made again")
    return lambda text, k: [position[match.id] for match in engine.search(text=text, k=k)]


def _numbered(file: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    return table.add_column(0, "id", pa.array([str(row) for row in range(len(table))]))


@dataclass(frozen=True)
class Peers:
    """Scores of every row for a text, (n,) each, higher is closer."""

    texts: Any = field(repr=False)  # (n, d) unit vectors
    facts: Any = field(repr=False)  # (n, d)
    words: Any = field(repr=False)  # bm25s.BM25

    @classmethod
    def read(cls, rows: Rows, kept: Path) -> Peers:
        """Vectors come from the folder `kept` where an earlier run left them."""
        import bm25s

        words = bm25s.BM25(method="lucene")
        words.index(_tokens(rows.texts(rows.source.everything)), show_progress=False)
        return cls(vectors(rows.texts(rows.source.text), kept), vectors(rows.texts(rows.source.facts), kept), words)

    def minilm(self, text: str) -> Any:
        return self.texts @ _model().encode(text, normalize_embeddings=True)

    def of_facts(self, text: str) -> Any:
        return self.facts @ _model().encode(text, normalize_embeddings=True)

    def bm25(self, text: str) -> Any:
        known = [word for word in _tokens([text])[0] if word in self.words.vocab_dict]
        return self.words.get_scores(known) if known else np.zeros(len(self.texts), dtype=np.float32)

    def plain_sum(self, text: str) -> Any:
        scores = self.minilm(text), self.of_facts(text), self.bm25(text)
        return sum(weight * standardised(each) for weight, each in zip(SUM_WEIGHTS, scores, strict=True))

    def hybrid(self, text: str) -> Any:
        return fused(best(self.minilm(text), RRF_RANKS), best(self.bm25(text), RRF_RANKS, above=0), len(self.texts))

    def systems(self) -> dict[str, Answers]:
        """By name."""
        ways = {
            "MiniLM": self.minilm,
            "BM25": self.bm25,
            "plain sum": self.plain_sum,
            "RRF": self.hybrid,
        }
        listed = {"BM25", "RRF"}  # a row without any word of the query, or in neither list, is no answer
        return {
            name: lambda text, k, way=way, name=name: best(way(text), k, 0 if name in listed else -np.inf)
            for name, way in ways.items()
        }


def best(scores: Any, k: int, above: float = -np.inf) -> list[int]:
    """The rows of the k highest scores, best first; the earlier row first where scores are equal."""
    order = np.argsort(-np.asarray(scores), kind="stable")[:k]
    return [int(row) for row in order if scores[row] > above]


def fused(first: Sequence[int], second: Sequence[int], count: int) -> Any:
    """(count,) reciprocal rank fusion of two lists of rows."""
    scores = np.zeros(count)
    for rows in (first, second):
        scores[list(rows)] += 1 / (RRF_CONSTANT + 1 + np.arange(len(rows)))
    return scores


def standardised(scores: Any) -> Any:
    """Mean 0, deviation 1; all 0 where all are equal."""
    deviation = scores.std()
    return (scores - scores.mean()) / deviation if deviation > 0 else np.zeros_like(scores)


def vectors(texts: Sequence[str], kept: Path) -> Any:
    """(n, 384) unit vectors of MiniLM; distinct texts are encoded once, and kept in a folder."""
    name = hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]
    file = kept / f"minilm-{name}.npy"
    if not file.exists():
        distinct = list(dict.fromkeys(texts))
        print(f"encoding {len(distinct):,} texts for the peers, kept as {file}", file=sys.stderr, flush=True)
        encoded = _model().encode(distinct, normalize_embeddings=True, show_progress_bar=False)
        position = {text: row for row, text in enumerate(distinct)}
        kept.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"part-{file.name}")
        np.save(part, encoded[[position[text] for text in texts]])
        part.replace(file)
    return np.load(file)


@cache
def _model() -> Any:
    from sentence_transformers import SentenceTransformer

    from discover.embeddings.encoders.sentence import Sentence

    return SentenceTransformer(str(Sentence().folder), device="cpu")


def _tokens(texts: Sequence[str]) -> list[list[str]]:
    import bm25s

    return bm25s.tokenize(list(texts), stopwords="en", return_ids=False, show_progress=False)
