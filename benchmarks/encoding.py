"""(b) Text encoding beside sentence-transformers' default, (c) pictures beside open_clip's default path.

    python -m benchmarks.encoding [--data ../shared/data] [--texts 1500] [--pictures 192]

Without data: the sample's loglines and posters. No CLIP weights are needed: a ViT-B-32 with random weights takes
exactly as long as a trained one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.table import show

ROUNDS = 3


def text_rows(texts: list[str]) -> list[list[Any]]:
    import torch
    from sentence_transformers import SentenceTransformer

    from discover.encoders.base import find_precision
    from discover.encoders.sentence import Sentence

    peer, ours = SentenceTransformer(str(Sentence().folder), device="cpu"), Sentence(device="cpu")
    ways = {
        "sentence-transformers": lambda: peer.encode(texts, normalize_embeddings=True),
        "discover": lambda: ours.encode(texts).vectors,
    }
    seconds, vectors = timed(ways, lambda: (peer.encode(texts[:8]), ours.encode(texts[:8])))
    precision = str(find_precision("auto", torch.device("cpu"))).removeprefix("torch.")
    overlap = neighbour_overlap(vectors["sentence-transformers"], vectors["discover"])
    base = seconds["sentence-transformers"]
    return [
        ["sentence-transformers", "float32", len(texts) / base, 1.0, 1.0],
        ["discover", precision, len(texts) / seconds["discover"], base / seconds["discover"], overlap],
    ]


def neighbour_overlap(a: np.ndarray, b: np.ndarray, k: int = 10) -> float:
    """Mean share of the k nearest neighbours that two sets of vectors have in common."""
    import indexes

    first, second = (indexes.knn_graph(vectors, k).neighbours.rows for vectors in (a, b))
    return float(np.mean([len(np.intersect1d(x, y)) / k for x, y in zip(first, second, strict=True)]))


def picture_rows(paths: list[str]) -> list[list[Any]]:
    import open_clip
    import torch
    from PIL import Image

    from discover.encoders.base import find_precision
    from discover.encoders.clip import Clip

    with tempfile.TemporaryDirectory() as folder:
        model, _, preprocess = open_clip.create_model_and_transforms("ViT-B-32")
        model.eval()
        checkpoint = Path(folder) / "random.pt"
        torch.save(model.state_dict(), checkpoint)
        ours = Clip(model="ViT-B-32", pretrained=str(checkpoint), device="cpu")

        def default() -> np.ndarray:
            parts = []
            with torch.inference_mode():
                for start in range(0, len(paths), 64):
                    batch = [preprocess(Image.open(path)) for path in paths[start : start + 64]]
                    parts.append(model.encode_image(torch.stack(batch)).numpy())
            return np.vstack(parts)

        ways = {"open_clip": default, "discover": lambda: ours.encode(paths).vectors}
        seconds, vectors = timed(ways, lambda: ours.encode(paths[:2]))
    precision = str(find_precision("auto", torch.device("cpu"))).removeprefix("torch.")
    theirs = vectors["open_clip"] / np.linalg.norm(vectors["open_clip"], axis=1, keepdims=True)
    agreement = float(np.einsum("ij,ij->i", theirs, vectors["discover"]).min())
    base = seconds["open_clip"]
    return [
        ["open_clip", "float32", len(paths) / base, 1.0, 1.0],
        ["discover", precision, len(paths) / seconds["discover"], base / seconds["discover"], agreement],
    ]


def timed(ways: dict[str, Any], warm: Any) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Median seconds of each way, interleaved, and what each gave."""
    warm()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    given = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            given[name] = way()
            seconds[name].append(time.perf_counter() - start)
    return {name: median(all_of) for name, all_of in seconds.items()}, given


def main(data: Path | None, texts: int, pictures: int) -> None:
    from benchmarks.inputs import texts as read_texts
    from discover import catalog, sample

    with tempfile.TemporaryDirectory() as folder:
        source, _ = sample.prepare(folder)
        wanted = (data / "netflix_2021-09.csv", data / "films" / "catalog.csv") if data else (source, source)
        words, films = (each if each.exists() else source for each in wanted)
        files = [path for path in catalog.read(films).column("image") if path][:pictures]
        show(
            "(b) Text encoding",
            f"{texts} texts of {words.name}, model loaded and warm, tokenising included. "
            f"Median of {ROUNDS}, interleaved. Agreement: share of 10 nearest neighbours in common.",
            ["tool", "precision", "texts/s", "times faster", "agreement"],
            text_rows(read_texts(words)[:texts]),
        )
        show(
            "(c) Picture encoding, ViT-B-32 with random weights",
            f"{len(files)} pictures of {films.parent.name}, from files, decoding included. "
            f"Median of {ROUNDS}, interleaved. Agreement: lowest cosine of a picture's two vectors.",
            ["tool", "precision", "pictures/s", "times faster", "agreement"],
            picture_rows(files),
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--pictures", type=int, default=192)
    chosen = parser.parse_args()
    main(chosen.data, chosen.texts, chosen.pictures)
