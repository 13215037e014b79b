"""Numbered lines of JSON that are only ever added to, each with its own digest.

So a line that is sound is known to be so, whatever became of the others. Lines that are gone are noticed by the gap in
the numbers, and those at the end by the marker, which remembers the highest number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from discover.core import files
from discover.store.seals import seal, unseal


def encode(contents: Iterable[Mapping[str, Any]]) -> bytes:
    """The file's bytes. Raises ValueError or TypeError where a content is not JSON."""
    return b"".join(map(seal, contents))


def read(path: Path) -> list[dict[str, Any]]:
    """What the lines hold; nothing where there is no file. Raises ValueError, naming the line, if one byte changed, and
    DiskError.
    """
    contents, damages = scan(path)
    if damages:
        raise ValueError(damages[0])
    return contents


def scan(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """What the sound lines hold, and what is wrong with the others. Raises DiskError."""
    with files.disk_errors(path):
        if path.is_symlink():
            return [], ["not a plain file"]
        raw = path.read_bytes() if path.exists() else b""
    contents: list[dict[str, Any]] = []
    damages = []
    for number, line in enumerate(raw.splitlines(keepends=True), 1):
        try:
            content = unseal(line, "one that discover wrote")
            if not isinstance(content.get("number"), int):
                raise ValueError("damaged (it has no number)")
            if contents and content["number"] <= contents[-1]["number"]:
                raise ValueError("out of order")
        except ValueError as error:
            damages.append(f"line {number} is {error}")
            continue
        contents.append(content)
    return contents, damages


def describe_missing(numbers: Sequence[int], highest: int) -> str:
    """Which edits up to the highest are not among these, in words; "" if all are."""
    gone = sorted(set(range(1, max([highest, *numbers]) + 1)) - set(numbers))
    return f"{'edit' if len(gone) == 1 else 'edits'} {', '.join(map(str, gone))} missing" if gone else ""
