"""A version's manifest: what its writer said of it, and size and SHA-256 of every file, sealed by its own digest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from discover.store import seals

FORMAT = 3
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class StoredFile:
    """What a manifest says of one file."""

    size: int  # bytes
    sha256: str  # hexadecimal


@dataclass(frozen=True)
class Manifest:
    """A manifest as it stands in its file."""

    number: int
    created: str  # ISO 8601, UTC
    content: Mapping[str, Any]  # what the writer said of the version
    files: Mapping[str, StoredFile]  # by name relative to the version's folder, "/" between folders


class OtherFormatError(ValueError):
    """A sound manifest, or marker, of another format than ours."""


def seal(manifest: Mapping[str, Any]) -> bytes:
    """A manifest's bytes, sealed. Raises ValueError or TypeError for what is not JSON."""
    return seals.seal(manifest, indent=1)


def write(manifest: Manifest) -> bytes:
    """A manifest's bytes. Raises ValueError or TypeError where its content is not JSON."""
    plain = json.loads(json.dumps(asdict(manifest), allow_nan=False))  # as it will be read: {1: 2} is {"1": 2}
    return seal({"format": FORMAT} | plain)


def read(raw: bytes, number: int) -> Manifest:
    """The manifest of a version from its bytes. Raises OtherFormatError, and ValueError if one byte changed or it
    says what no writer of ours would.
    """
    sealed = seals.unseal(raw, "a manifest", indent=1)
    check_format(sealed.get("format"))
    if sealed.get("number") != number:
        raise ValueError(f"belongs to version {sealed.get('number')!r}")
    created, content, files = (sealed.get(key) for key in ("created", "content", "files"))
    if not (isinstance(created, str) and isinstance(content, dict) and isinstance(files, dict)):
        raise ValueError("damaged (created, content or files is missing)")
    unsafe = [name for name in files if not is_safe(name)]
    if unsafe:
        raise ValueError(f"names {unsafe[0]!r}, which is not a plain file of the version")
    return Manifest(number, created, content, {name: _file(entry) for name, entry in files.items()})


def is_safe(name: object) -> bool:
    """Whether a manifest may name this file: plain, relative, inside the version's folder, on any system."""
    if not isinstance(name, str) or name == MANIFEST or re.search(r"[\\:\x00]", name):
        return False
    return all(part not in ("", ".", "..") for part in name.split("/"))


def check_format(number: Any) -> None:
    """Raises OtherFormatError, which says what to do, for another format than ours."""
    if number == FORMAT:
        return
    if isinstance(number, int) and number < FORMAT:
        raise OtherFormatError(
            f"format {number}, made by an older development version of discover. "
            "Run again into a new workspace: `discover run CATALOG --workspace NEW`"
        )
    raise OtherFormatError(
        f"format {number!r}, made by a newer discover. Upgrade discover, which reads format {FORMAT}"
    )


def _file(content: Any) -> StoredFile:
    match content:
        case {"size": int(size), "sha256": str(sha256)}:
            return StoredFile(size, sha256)
    raise ValueError("damaged (a file without size or SHA-256)")
