"""Chance that depends on a key alone: the same in every process and on every machine."""

import hashlib
from collections.abc import Sequence


def chance(*key: object) -> float:
    """A number in [0, 1) that depends on the key alone."""
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def pick(options: Sequence[str], *key: object) -> str:
    """One of the options, by the key."""
    return options[int(chance(*key) * len(options))]
