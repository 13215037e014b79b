"""Writes frozen/: run once for each format, then never again. `python tests/indexes/freeze.py`."""

from pathlib import Path

import numpy as np
from oracle import brute_force, clustered

from indexes import build, kinds, save
from indexes.files import FORMAT

if __name__ == "__main__":
    frozen = Path(__file__).parent / "frozen"
    vectors = clustered(40, 8)
    vectors[30:35] = vectors[3]  # labels.bin, too, is kept readable
    np.save(frozen / "vectors.npy", vectors)
    np.save(frozen / "answers.npy", brute_force(vectors, vectors[:10] + vectors[10:20], 3).rows)
    for kind in kinds():
        save(build(vectors, kind), frozen / f"{kind}-{FORMAT}", vectors_digest="frozen")
