"""JSON that carries its own digest, so that one changed byte is noticed: manifests, the marker, CURRENT, edits.

A seal is the same in all formats, so that damage is never taken for another format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def seal(content: Mapping[str, Any], indent: int | None = None) -> bytes:
    """Canonical JSON whose last key is the digest of the rest; one line without an indent.

    Raises ValueError or TypeError for what is not JSON.
    """
    return _canonical({**content, "sha256": hashlib.sha256(_canonical(content, indent)).hexdigest()}, indent)


def unseal(raw: bytes, what: str, indent: int | None = None) -> dict[str, Any]:
    """What was sealed. Raises ValueError, which names `what` was expected, if one byte changed."""
    try:
        content: dict[str, Any] = json.loads(raw)
        del content["sha256"]
        intact = seal(content, indent) == raw
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"damaged (not {what})") from error
    if not intact:
        raise ValueError("damaged (its content does not match its own SHA-256)")
    return content


def _canonical(content: Mapping[str, Any], indent: int | None) -> bytes:
    return json.dumps(content, allow_nan=False, indent=indent).encode("ascii") + b"\n"
