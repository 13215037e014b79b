"""(c) Pictures beside open_clip's default path."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.inputs import Setup
from benchmarks.measuring import interleaved
from benchmarks.table import Figure, Goal, Part, Row, throughput

MODEL, BATCH = "ViT-B-32", 64
INCLUDES = """Picture files of {source} to vectors with {model}, model loaded and warm: reading, decoding, scaling,
encoding. Its weights are random: a trained one takes exactly as long. Peer: open_clip's own preprocess on PIL pictures,
then encode_image by {batch}, one after the other, float32. Cosine: of a picture's two vectors. Rounds: {rounds}."""


def measured(setup: Setup) -> Part:
    """Pictures a second, and whether both ways see the same picture."""
    import open_clip
    import torch
    from PIL import Image

    from discover.catalog import reader as catalog
    from discover.embeddings.encoders.clip import Clip

    source = setup.catalog_or_sample("films/catalog.csv")
    paths = [path for path in catalog.read(source).column("image") if path][: setup.pictures]
    with tempfile.TemporaryDirectory() as folder:
        model, _, preprocess = open_clip.create_model_and_transforms(MODEL)
        model.eval()
        checkpoint = Path(folder) / "random.pt"
        torch.save(model.state_dict(), checkpoint)
        ours = Clip(model=MODEL, pretrained=str(checkpoint), device="cpu")

        def default(files: list[str]) -> np.ndarray:
            parts = []
            with torch.inference_mode():
                for start in range(0, len(files), BATCH):
                    batch = [preprocess(Image.open(path)) for path in files[start : start + BATCH]]
                    parts.append(model.encode_image(torch.stack(batch)).numpy())
            return np.vstack(parts)

        ours.encode(paths[:2])
        default(paths[:2])
        runs = interleaved({"ours": lambda: ours.encode(paths).vectors, "peer": lambda: default(paths)}, setup.rounds)
    theirs = runs["peer"][-1].outcome
    cosines = np.einsum("ij,ij->i", theirs / np.linalg.norm(theirs, axis=1, keepdims=True), runs["ours"][-1].outcome)
    rows = (
        throughput(f"{len(paths):,} pictures, {ours.arithmetic()}", len(paths), runs, "open_clip", Goal(">=", 2.5)),
        Row("lowest cosine", Figure(float(cosines.min()))),
    )
    return Part(INCLUDES.format(source=source, model=MODEL, batch=BATCH, rounds=setup.rounds), rows)
