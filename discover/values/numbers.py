"""Audience figures: views, hours, votes, as people write them."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from discover.values.base import MISSING, Distinct, Problem

PLAIN = r"^\d{1,15}(\.\d+)?$"
GROUPED = re.compile(r"\d{1,3}([,. '’_\u00a0\u202f])\d{3}(?:\1\d{3})*(?:[.,]\d+)?")
THOUSANDS = r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?\D*"
NUMBER = re.compile(
    r"([-−–+]?)\s*[$€£¥]?\s*([\d.,' ’_\u00a0\u202f]*\d(?:e[+-]?\d+)?)\s*\+?\s*([^\W\d_]*)\.?(?:\s+[^\W\d_]+)*",
    re.IGNORECASE,
)
SCALES = {"k": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9,
          "billion": 1e9, "billions": 1e9, "thousand": 1e3, "crore": 1e7, "lakh": 1e5}  # fmt: skip


def parse(column: pa.ChunkedArray, name: str) -> tuple[NDArray[np.float64], list[Problem]]:
    """Figures by row, NaN where there is none, and the cells that are no figure or negative."""
    distinct = Distinct.of(column)
    texts = pc.utf8_trim_whitespace(pa.array(distinct.values, pa.string()))
    plain = pc.match_substring_regex(texts, PLAIN).to_numpy(zero_copy_only=False)
    points = _thousands_points(texts.to_pylist())
    if points:
        plain &= ~pc.match_substring(texts, ".").to_numpy(zero_copy_only=False)
    numbers = np.full(len(distinct.values), np.nan)
    numbers[plain] = texts.filter(pa.array(plain)).cast(pa.float64()).to_numpy(zero_copy_only=False)
    others = [(i, distinct.values[i].strip()) for i in np.flatnonzero(~plain).tolist()]
    decimal = "," if points or _decimal_comma([text for _, text in others]) else "."
    reasons: dict[int, str] = {}
    for i, text in others:
        if text.casefold() in MISSING:
            continue
        value = number(text, decimal)
        if value is None:
            reasons[i] = "not a number"
        elif value < 0:
            reasons[i] = "negative"
        else:
            numbers[i] = value
    return distinct.spread(numbers, np.nan), distinct.problems(name, reasons)


def number(text: str, decimal: str = ".") -> float | None:
    """One figure: "1,234", "1.2M", "12 345 views", "-3"; None where it is none."""
    found = NUMBER.fullmatch(text)
    if not found:
        return None
    sign, digits, word = found.groups()
    thousands = "." if decimal == "," else ","
    grouped = GROUPED.fullmatch(digits)
    if grouped and grouped.group(1) != decimal:
        digits = digits.replace(grouped.group(1), "")
    elif thousands in digits and decimal == ".":
        return None  # 12,34: neither thousands nor, in this column, a decimal comma
    digits = re.sub(r"[ '’_\u00a0\u202f]", "", digits.replace(thousands, "")).replace(decimal, ".")
    try:
        value = float(digits) * SCALES.get(word.casefold(), 1.0)
    except ValueError:
        return None
    return (-value if sign in ("-", "−", "–") else value) if np.isfinite(value) else None


def _thousands_points(texts: list[str]) -> bool:
    """Whether points in this column stand between thousands, as in 259.550 and 1.234.567: wherever there is one, three
    digits follow and none leads with 0, and nobody wrote a thousand without.

    Figures with three decimals throughout look the same; taken for thousands all are as many times larger.
    """
    pointed = [text for text in texts if "." in text and text[:1].isdigit()]
    whole = any(re.fullmatch(r"\d{4,}(,\d+)?", text) for text in texts)
    return len(pointed) > 1 and not whole and all(map(re.compile(THOUSANDS).fullmatch, pointed))


def _decimal_comma(texts: list[str]) -> bool:
    """Whether commas in this column are decimal: some stand before one or two digits, and none before a point."""
    comma = sum(bool(re.search(r"\d,\d{1,2}(?!\d)", text)) for text in texts)
    point = sum(bool(re.search(r"\d\.\d{1,2}(?!\d)|\d,\d{3}(?:[,.]|$)", text)) for text in texts)
    return comma > point
