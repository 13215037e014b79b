"""What stands in cells and is no part of what they say: reference marks of encyclopedias, and HTML."""

from __future__ import annotations

import html
import re

import pyarrow as pa
import pyarrow.compute as pc

# "[4]", "[b]", "[note 2]", "[citation needed]", "†": behind other text only, so that a list "[28, 12]" stays
MARK = r"(?:\s*(?:\[(?:\d{1,3}|[a-z]{1,2}|(?:note|nb|lower-alpha|a|n) ?\d{1,3}|citation needed)\]|[†‡]))+\s*$"
MARKED = r"[^\s\[\],]" + MARK
STAR = r"(\d)\s?\*{1,3}\s*$"  # "1990*": behind a number only
MIN_MARKED = 2  # cells of a column: one may be a name, "Rec [2]"
TAG = r"</?(?:p|br|b|i|u|em|strong|a|div|span|ul|ol|li|h[1-6]|blockquote|sup|sub|small|font|img|hr)(?:\s[^<>]*)?/?>"
BREAK = r"(?i)(?:\s*</?(?:p|br|div|li|ul|ol|h[1-6]|blockquote|hr)(?:\s[^<>]*)?/?>\s*)+"
ENTITY = r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"


def without_marks(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
    """Text cells without reference marks behind them, and how many had some."""
    if not pa.types.is_string(column.type):
        return column, 0
    total = 0
    for pattern, mark in ((MARKED, r"([^\s\[\],])" + MARK), (STAR, STAR)):
        marked = int(pc.sum(pc.match_substring_regex(column, pattern)).as_py() or 0)
        if marked >= MIN_MARKED:
            column, total = pc.replace_substring_regex(column, mark, r"\1"), total + marked
    return column, total


def without_html(texts: pa.Array) -> pa.Array:
    """Texts without tags and entities of HTML; where a paragraph or a line ends there, a space is left."""
    tagged = pc.match_substring_regex(texts, "(?i)" + TAG)
    if pc.any(tagged).as_py():
        spaced = pc.replace_substring_regex(texts, BREAK, " ")
        plain = pc.replace_substring_regex(spaced, "(?i)" + TAG, "")
        texts = pc.if_else(tagged, pc.utf8_trim_whitespace(plain), texts)
    if pc.any(pc.match_substring_regex(texts, ENTITY)).as_py():
        texts = pa.array([_unescaped(text) for text in texts.to_pylist()], pa.string())
    return texts


def _unescaped(text: str) -> str:
    return html.unescape(text).replace("\xa0", " ") if re.search(ENTITY, text) else text
