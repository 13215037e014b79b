"""Catalogs and their vectors, encoded once and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from discover import catalog
from discover.encoders.sentence import Sentence

KEPT = Path("bench-results")


def texts(source: Path) -> list[str]:
    """What the text encoder reads, by row."""
    return [text or "" for text in Sentence().inputs(catalog.read(source))]


def prepared(source: Path) -> tuple[Path, Path]:
    """Files with the vectors and the texts of a catalog, made on first use."""
    KEPT.mkdir(exist_ok=True)
    vectors, words = KEPT / f"{source.stem}.npy", KEPT / f"{source.stem}.json"
    if not (vectors.exists() and words.exists()):
        found: list[Any] = texts(source)
        np.save(vectors, Sentence().encode(found).vectors)
        words.write_text(json.dumps(found))
    return vectors, words
