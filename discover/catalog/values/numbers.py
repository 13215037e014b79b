"""Audience figures: views, hours, votes, as people write them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from discover.catalog.values.base import MISSING, Distinct, RowReject

PLAIN = r"^\d{1,15}(\.\d+)?$"
GROUPED = re.compile(r"\d{1,3}([,. '’_\u00a0\u202f])\d{3}(?:\1\d{3})*(?:[.,]\d+)?")
SEVERAL_POINTS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?")
THOUSANDS = r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?\D*"
NUMBER = re.compile(
    r"([-−–+]?)\s*[$€£¥]?\s*([\d.,' ’_\u00a0\u202f]*\d(?:e[+-]?\d+)?)\s*\+?\s*"
    r"([^\W\d_]*\.?(?:\s+[^\W\d_]+\.?)*)\s*\+?",
    re.IGNORECASE,
)
# English; what CLDR lacks; and what languages disagree about where English decides.
SCALES = {"k": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9,
          "billion": 1e9, "billions": 1e9, "thousand": 1e3, "crore": 1e7, "lakh": 1e5, "tsd": 1e3, "mille": 1e3,
          "t": np.nan}  # fmt: skip
UNIT = re.compile(  # what the name of a column ends in
    r"[(\[（]\s*([^)\]）]+?)\s*[)\]）]\s*$|(?:\bin|,)\s+(\S+)$|[_\s](k|mio|mn|tsd|thousands?|millions?|billions?)$",
    re.IGNORECASE,
)
UNITS = {"000": 1e3, "1000": 1e3, "000s": 1e3, "miles": 1e3, "milhares": 1e3, "migliaia": 1e3, "thousands": 1e3}
COUNTERS = "回人次名票件명회표"  # what stands after any number in Japanese, Chinese and Korean
# of words for thousands and millions, besides English
LANGUAGES = (
    "fr", "de", "es", "it", "pt", "nl", "pl", "cs", "sv", "da", "nb", "fi", "tr", "ru", "uk", "ro", "hu", "ja", "zh",
    "ko",
)  # fmt: skip


def parse(column: pa.ChunkedArray, name: str) -> tuple[NDArray[np.float64], list[RowReject]]:
    """Figures by row, NaN where there is none, and the cells that are no figure or negative."""
    distinct = Distinct.from_column(column)
    texts = pc.utf8_trim_whitespace(pa.array(distinct.values, pa.string()))
    plain = pc.match_substring_regex(texts, PLAIN).to_numpy(zero_copy_only=False)
    odd = texts.filter(pa.array(~plain)).to_pylist()
    decimal = "," if _thousands_points(texts.to_pylist()) or _decimal_comma(odd) else "."
    if decimal == ",":
        plain &= ~pc.match_substring(texts, ".").to_numpy(zero_copy_only=False)
    numbers = np.full(len(distinct.values), np.nan)
    numbers[plain] = texts.filter(pa.array(plain)).cast(pa.float64()).to_numpy(zero_copy_only=False)
    others = [(i, distinct.values[i].strip()) for i in np.flatnonzero(~plain).tolist()]
    reasons: dict[int, str] = {}
    for i, text in others:
        if text.casefold() in MISSING:
            continue
        value = number(text, decimal)
        if value is None:
            reasons[i] = "this is not a number"
        elif value < 0:
            reasons[i] = "the number is negative"
        else:
            numbers[i] = value
    return distinct.spread(numbers, np.nan), distinct.rejects(name, reasons)


def units(column: pa.ChunkedArray) -> list[str]:
    """The words after figures that were taken for units and not for thousands or millions, in small letters; none where
    all figures have the same one, as it then changes nothing about which of them is larger.
    """
    matches = (NUMBER.fullmatch(text.strip()) for text in Distinct.from_column(column).values)
    words = {_scale(each.group(3))[1] for each in matches if each}
    return sorted(words - {"", *COUNTERS}) if len(words) > 1 else []


def scale_of(name: str) -> float:
    """What the name of a column says that its figures are multiplied by: "Hörer (Tsd.)", "Streams (M)"; else 1."""
    match = UNIT.search(name.strip())
    unit = "" if match is None else next(part for part in match.groups() if part is not None).strip().casefold()
    unit = unit.removeprefix("in ").strip("'’ ")
    scale = UNITS.get(unit) or (_known(unit) or _known(unit.removesuffix("s")) if unit else None)
    return 1.0 if scale is None or not np.isfinite(scale) else scale


def number(text: str, decimal: str = ".") -> float | None:
    """One figure: "1,234", "1.2M", "2 millones", "12 345 views", "-3"; None where it is none.

    A word that is no scale is taken for a unit; one that is another scale in another language makes it none.
    """
    match = NUMBER.fullmatch(text)
    figure = _figure(match, decimal) if match else None
    value = figure * _scale(match.group(3))[0] if match and figure is not None else np.nan
    return value if np.isfinite(value) else None


def is_number(text: str) -> bool:
    """Whether a text is a figure with a decimal point or comma, whatever the words after it mean."""
    match = NUMBER.fullmatch(text)
    return match is not None and any(_figure(match, decimal) is not None for decimal in ".,")


def _figure(match: re.Match[str], decimal: str) -> float | None:
    """What a match of NUMBER says without the words after it; None where its commas and points make no sense."""
    sign, digits, _ = match.groups()
    if decimal == "." and SEVERAL_POINTS.fullmatch(digits):
        decimal = ","  # 1.234.567 can be read in one way only
    thousands = "." if decimal == "," else ","
    grouped = GROUPED.fullmatch(digits)
    if grouped and grouped.group(1) != decimal:
        digits = digits.replace(grouped.group(1), "")
    elif thousands in digits:
        if decimal == "." or not re.fullmatch(r"\d+\.\d+", digits):
            return None  # 12,34: neither thousands nor, in this column, a decimal comma
        thousands, decimal = ",", "."  # 8.5 and 1.25 can be read in one way only
    digits = re.sub(r"[ '’_\u00a0\u202f]", "", digits.replace(thousands, "")).replace(decimal, ".")
    try:
        value = float(digits)
    except ValueError:
        return None
    return (-value if sign in ("-", "−", "–") else value) if np.isfinite(value) else None


def _scale(words: str) -> tuple[float, str]:
    """What the words after a figure multiply it by ("mil", "mil millones", "万回"), NaN where languages disagree; and
    the word that was taken for a unit, "" where there is none.
    """
    tokens = words.casefold().split()
    for spelling in ("".join(tokens[:2]), *tokens[:1]):
        scale = _known(spelling) if spelling else None
        if scale is not None:
            return scale, ""
    return 1.0, tokens[0].rstrip(".") if tokens else ""


def _known(word: str) -> float | None:
    """What a word multiplies by, NaN where languages disagree, None where it is no such word."""
    if word.rstrip(".") in SCALES:
        return SCALES[word.rstrip(".")]
    exact, attached = _languages()
    first = word[:1] if word > "\u3000" else word  # 万 before a unit
    for known, spelling in ((exact, word), (attached, word.rstrip(".")), (exact, first)):
        if spelling in known:
            return known[spelling]
    return None


@cache
def _languages() -> tuple[dict[str, float], dict[str, float]]:
    """Words for thousands and millions in other languages, as CLDR writes them, and without accents and points.

    "mil" is a thousand in Spanish, "mil." a million in Czech. NaN is what languages disagree about; single letters are
    left out. Source: https://www.unicode.org/reports/tr35/tr35-numbers.html#Compact_Number_Formats.
    """
    from babel import Locale

    scales: tuple[dict[str, set[float]], dict[str, set[float]]] = ({}, {})
    for language in LANGUAGES:
        plurals = [plural for form in Locale(language).compact_decimal_formats.values() for plural in form.values()]
        for size, pattern in [each for plural in plurals for each in plural.items()]:
            word = re.sub(r"[0\s'\u200f]", "", pattern.pattern).casefold()
            if len(word.rstrip(".")) > 1 or word > "\u3000":
                scale = float(size) / 10 ** (pattern.pattern.count("0") - 1)  # "00万" is for 100,000
                scales[0].setdefault(word, set()).add(scale)
                scales[1].setdefault(_bare(word).rstrip("."), set()).add(scale)
    exact, attached = ({word: s.pop() if len(s) == 1 else np.nan for word, s in each.items()} for each in scales)
    return exact, attached


def _bare(word: str) -> str:
    """Without accents: "millón" is written "millon" as well."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


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
