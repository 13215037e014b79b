"""What a run has encoded so far, so that the next one continues from there if this one is killed.

    WORKSPACE/unfinished/text-0003-SHA256.npz    contents, vectors and the encoder's identity; the name has the digest

Written while a large catalog is encoded, each file whole or not at all, by the writer that holds the workspace's lock;
gone with the commit. Nothing else reads them. Files of other names in that folder are not ours.
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
from discover.core.errors import WorkspaceError
from discover.core.structure import structure
from discover.core.types import EncoderIdentity
from discover.embeddings.embed import Known

FOLDER = "unfinished"
NAME = re.compile(r"(?P<space>[a-z_]+)-[0-9]{4,}-(?P<sha256>[0-9a-f]{64})\.npz")


def keep(
    workspace: Path, space: str, identity: EncoderIdentity, contents: NDArray[np.bytes_], vectors: NDArray[np.float32]
) -> None:
    """Bring vectors (m, dimension) of contents (m,), "S64", to the disk. Raises DiskError, WorkspaceError."""
    if (workspace / FOLDER).is_symlink():
        raise WorkspaceError(f"{workspace / FOLDER}: a link, which is not followed. Remove it")
    buffer = io.BytesIO()
    np.savez(buffer, contents=contents, vectors=vectors, identity=np.array(json.dumps(asdict(identity))))
    content, folder = buffer.getvalue(), workspace / FOLDER
    files.make_folder(folder)
    number = sum(path.name.startswith(f"{space}-") for path in _files(workspace)) + 1
    files.replace_bytes(folder / f"{space}-{number:04d}-{hashlib.sha256(content).hexdigest()}.npz", content)


def known(workspace: Path, space: str, warn: Callable[[str], None]) -> Iterator[Known]:
    """What killed runs had encoded for a space. A file that cannot be used is reported to `warn` and skipped."""
    for path in _files(workspace):
        named = NAME.fullmatch(path.name)
        if named is None or named["space"] != space:
            continue
        try:
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != named["sha256"]:
                raise ValueError("damaged (wrong SHA-256)")
            stored = np.load(io.BytesIO(content), allow_pickle=False)
            identity = structure(EncoderIdentity, json.loads(str(stored["identity"])))
            stored_vectors = Known(identity, stored["contents"], partial(stored.__getitem__, "vectors"))
        except (OSError, ValueError, KeyError) as error:
            warn(f"{path}: the vectors of an interrupted run cannot be used, so they are encoded anew: {error}")
            continue
        yield stored_vectors


def forget(workspace: Path) -> None:
    """Remove it all: a version holds it now."""
    if (workspace / FOLDER).is_symlink():
        return
    with suppress(OSError):  # the version is there; what is left is harmless, and the next commit tries again
        for path in [*_files(workspace), *(workspace / FOLDER).glob(f"{files.TEMPORARY}*")]:
            if NAME.fullmatch(path.name) or files.TEMPORARY_NAME.fullmatch(path.name):
                path.unlink()
        if (workspace / FOLDER).is_dir() and not any((workspace / FOLDER).iterdir()):
            (workspace / FOLDER).rmdir()


def damages(workspace: Path) -> list[tuple[str, str]]:
    """The names of files that cannot be used, with what is wrong. Raises DiskError."""
    with files.disk_errors(workspace / FOLDER):
        digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(workspace)}
    return [(name, "damaged (wrong SHA-256)") for name, digest in digests.items() if digest not in name]


def _files(workspace: Path) -> list[Path]:
    """Our files of interrupted runs, in order; links are not followed."""
    folder = workspace / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if NAME.fullmatch(path.name) and not path.is_symlink()]
