"""Titles and descriptions: cleaned of what no reader sees, otherwise as they are."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from discover.catalog.values import marks
from discover.catalog.values.base import filled

# NUL and controls but tab and line ends; C1 controls are what a wrong encoding leaves
CONTROLS = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\x{80}-\\x{9f}]"
TITLE_LENGTH = 80  # characters of a title that is made from a description


def clean(column: pa.ChunkedArray | pa.Array) -> tuple[pa.Array, int]:
    """Strings without control characters, in NFC, trimmed, never null; and how many cells had such characters."""
    values = marks.without_html(filled(column))
    dirty = int(pc.sum(pc.match_substring_regex(values, CONTROLS)).as_py() or 0)
    if dirty:
        values = pc.replace_substring_regex(values, CONTROLS, "")
    return pc.utf8_trim_whitespace(pc.utf8_normalize(values, form="NFC")), dirty


def titles(descriptions: pa.Array) -> pa.Array:
    """A title for each description: its first line if that is short, else its first words."""
    return pa.array([_opening(text) for text in descriptions.to_pylist()], pa.string())


def _opening(text: str) -> str:
    line = text.partition("\n")[0].strip()
    if len(line) <= TITLE_LENGTH:
        return line
    sentence = re.match(r"(.{20,}?[.!?])\s", line[: TITLE_LENGTH + 1])
    if sentence:
        return sentence.group(1)
    start = line[:TITLE_LENGTH]
    return (start.rpartition(" ")[0].rstrip(" ,;:-–—") or start) + "…"
