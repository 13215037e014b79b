"""What a run has encoded so far, so that the next one continues from there if this one is killed.

    WORKSPACE/unfinished/text-0003-SHA256.npz    contents, vectors and the encoder's identity; the name has the digest

Written while a large catalog is encoded, each file whole or not at all, by the writer that holds the workspace's lock;
gone with the commit. Nothing else reads them.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from discover.core import files
from discover.core.structure import structure
from discover.core.types import EncoderIdentity
from discover.embeddings.embed import Known

FOLDER = "unfinished"


def keep(
    workspace: Path, space: str, identity: EncoderIdentity, contents: NDArray[np.bytes_], vectors: NDArray[np.float32]
) -> None:
    """Bring vectors (m, dimension) of contents (m,), "S64", to the disk. Raises DiskError."""
    buffer = io.BytesIO()
    np.savez(buffer, contents=contents, vectors=vectors, identity=np.array(json.dumps(asdict(identity))))
    content, folder = buffer.getvalue(), workspace / FOLDER
    files.make_folder(folder)
    number = len(list(folder.glob(f"{space}-*"))) + 1
    files.replace_bytes(folder / f"{space}-{number:04d}-{hashlib.sha256(content).hexdigest()}.npz", content)


def known(workspace: Path, space: str, warn: Callable[[str], None]) -> Iterator[Known]:
    """What killed runs had encoded for a space. A file that cannot be used is reported to `warn` and skipped."""
    for path in sorted((workspace / FOLDER).glob(f"{space}-*.npz")):
        try:
            content = path.read_bytes()
            if not re.search(rf"-{hashlib.sha256(content).hexdigest()}\.npz$", path.name):
                raise ValueError("damaged")
            stored = np.load(io.BytesIO(content), allow_pickle=False)
            identity = structure(EncoderIdentity, json.loads(str(stored["identity"])))
            stored_vectors = Known(identity, stored["contents"], partial(stored.__getitem__, "vectors"))
        except (OSError, ValueError, KeyError) as error:
            warn(f"{path}: the vectors of an interrupted run cannot be used, so they are encoded anew: {error}")
            continue
        yield stored_vectors


def forget(workspace: Path) -> None:
    """Remove it all: a version holds it now."""
    with suppress(OSError):  # the version is there; what is left is harmless, and the next commit tries again
        if (workspace / FOLDER).exists():
            files.erase(workspace / FOLDER)
