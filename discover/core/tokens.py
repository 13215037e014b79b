"""Texts to words: what a catalog says, as arrays of word numbers.

Everything after `read` is arithmetic on arrays: a catalog has millions of words but few different ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog

TITLE, TAG, TEXT, COUNTRY = 0, 1, 2, 3  # zones: where in an item a word stands

# Marks belong to letters, though \w leaves out some: accents, Hebrew and Arabic points, all of the Indic blocks,
# Thai, Lao, Tibetan, Myanmar, Khmer.
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u065f\u0900-\u0fff\u1000-\u109f\u1780-\u17ff\u200c\u200d"
TOKEN = re.compile(rf"[\w{MARKS}]+(?:['’&\-‐‑·・][\w{MARKS}]+)*['’]?|[^\w\s]|\n")
ASCII_TOKEN = re.compile(r"[A-Za-z0-9]+(?:['&-][A-Za-z0-9]+)*'?|[^\w\s]|\n", re.ASCII)  # the same, twice as fast
NOISE = re.compile(r"<[^<>]{1,200}>|https?://\S+|www\.\S+|\S+@\S+\.\S+|&(?:[a-z]{2,8}|#\d{1,6});|\{[^{}]{0,80}\}")
# Scripts without spaces: Chinese characters and katakana carry the content, hiragana the grammar.
HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
UNSPACED = re.compile(rf"[\u3040-\u30ff{HAN}]+(?:·[\u3040-\u30ff{HAN}]+)*")
NAME = re.compile(
    rf"[\u30a1-\u30fa\u30fc-\u30ff{HAN}]{{1,8}}(?:[·・][\u30a1-\u30fa\u30fc-\u30ff{HAN}]{{1,8}})+"
)  # 莱昂·普里斯
PIECE = re.compile(rf"[\u30a1-\u30ff]{{2,}}|[{HAN}]+")
BETWEEN_HAN = re.compile(rf"(?<=[{HAN}]) (?=[{HAN}])")
CODE = 3  # letters of a country that is a code and reads as nothing
WHOLE = 4  # a longer run of Chinese characters is more than one word: each character is taken for one
ENDS = frozenset('.!?…:;"“”„«»()[]{}。！？：；（）「」『』¿¡•|\n')  # after these a capital proves nothing
JOIN = "&"  # a word that only stands between others: "science & nature"
POSSESSIVE = re.compile(r"'s?$", re.IGNORECASE)
ELISION = re.compile(r"^(?:\w|qu|dell|nell|sull|all|dall|un)'(?=\w{2})", re.IGNORECASE)  # l'amour, d'une, dell'arte


@dataclass(frozen=True)
class Tokens:
    """All words and punctuation marks of a catalog in reading order; every text ends with a mark."""

    rows: NDArray[np.int64] = field(repr=False)  # (m,) catalog row
    zones: NDArray[np.int8] = field(repr=False)  # (m,)
    surfaces: NDArray[np.int64] = field(repr=False)  # (m,) position in `spellings`
    spellings: list[str] = field(repr=False)  # as written
    items: int

    @cached_property
    def is_word(self) -> NDArray[np.bool_]:
        """By token: a word with two letters or one ideograph. A number is none and breaks phrases."""
        return np.array([_is_word(s) for s in self.spellings], dtype=bool)[self.surfaces]

    @cached_property
    def is_end(self) -> NDArray[np.bool_]:
        """By token: a mark after which a capital letter is usual."""
        return np.array([s in ENDS for s in self.spellings], dtype=bool)[self.surfaces]

    @cached_property
    def _keyed(self) -> tuple[list[str], NDArray[np.int64]]:
        index = _numbering()
        ids = np.fromiter((index[normal(s)] for s in self.spellings), dtype=np.int64, count=len(self.spellings))
        return list(index), ids

    @property
    def keys(self) -> list[str]:
        """The different words in small letters, without 's and l'."""
        return self._keyed[0]

    @cached_property
    def key_of(self) -> list[int]:
        """By spelling: position in `keys`."""
        return self._keyed[1].tolist()  # type: ignore[no-any-return]  # numpy types it as Any

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """By token: position in `keys`."""
        return self._keyed[1][self.surfaces]


def read(catalog: Catalog) -> Tokens:
    """The words of title, genres and keywords, description and countries of every item."""
    tags = [
        " | ".join((*genres, *keywords))
        for genres, keywords in zip(catalog.column("genres"), catalog.column("keywords"), strict=True)
    ]
    countries = [" | ".join(name for name in names if len(name) > CODE) for names in catalog.column("country")]
    zones = ((TITLE, catalog.titles), (TAG, tags), (TEXT, catalog.column("description")), (COUNTRY, countries))
    index = _numbering()
    parts = []
    for zone, texts in zones:
        surfaces, lengths = _scan(texts, index, skip=zone != TITLE)
        rows = np.repeat(np.arange(len(texts)), lengths)
        parts.append((rows, np.full(len(rows), zone, dtype=np.int8), surfaces))
    rows, places, surfaces = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Tokens(rows, places, surfaces, list(index), len(catalog))


def words(text: str) -> set[str]:
    """The different words of a text as keys: what `Tokens.keys` would hold of it."""
    return {normal(token) for token in set(split(text)) if _is_word(token)}


def split(text: str) -> list[str]:
    """Words and marks of one text in order; the last is a line end."""
    text = _clean(text) + "\n"
    return ASCII_TOKEN.findall(text) if text.isascii() else TOKEN.findall(text)


def normal(spelling: str) -> str:
    """A word as it is counted: small letters, without 's and l'."""
    return bare(spelling).casefold()


def bare(spelling: str) -> str:
    """A word as it is shown: without 's and l'."""
    spelling = spelling.replace("’", "'")
    return ELISION.sub("", POSSESSIVE.sub("", spelling)) if "'" in spelling else spelling


def lowered(word: str) -> str:
    """The word without the capital that starts a sentence; capitals inside are its own: McDonald, Sci-Fi, TV."""
    return word if has_own_capitals(word) else word.lower()


def raised(word: str) -> str:
    """The word with a capital at its start."""
    return word[:1].upper() + word[1:]


def has_own_capitals(word: str) -> bool:
    """Whether it has capitals after its first letter."""
    return any(map(str.isupper, word[1:]))


def _numbering() -> defaultdict[str, int]:
    """A dictionary that numbers new keys in order of their coming."""
    index: defaultdict[str, int] = defaultdict()
    index.default_factory = index.__len__
    return index


def _scan(texts: Sequence[str], index: defaultdict[str, int], skip: bool) -> tuple[NDArray[np.int64], list[int]]:
    """Token numbers of all texts in a row, and how many each text has; new tokens enter the index.

    `skip`: an empty text has no token, not even its end.
    """
    surfaces: list[int] = []
    lengths = []
    number = index.__getitem__
    for text in texts:
        tokens = split(text) if text or not skip else []
        surfaces.extend(map(number, tokens))
        lengths.append(len(tokens))
    return np.array(surfaces, dtype=np.int64), lengths


def _clean(text: str) -> str:
    """The text without addresses and markup, unspaced scripts cut into words."""
    if "<" in text or "@" in text or "&" in text or "{" in text or "_" in text or "://" in text or "www." in text:
        text = NOISE.sub(" | ", text).replace("_", " ")
    if not text.isascii() and UNSPACED.search(text):
        text = UNSPACED.sub(_pieces, text)
    return text


def _pieces(match: re.Match[str]) -> str:
    """An unspaced run as its words: runs of one script, long ones of Chinese characters as single characters."""
    if NAME.fullmatch(match.group()):
        return f" | {match.group()} | "
    pieces = PIECE.findall(match.group())
    return " | " + " | ".join(p if len(p) <= WHOLE or is_kana(p[0]) else " ".join(p) for p in pieces) + " | "


def is_kana(character: str) -> bool:
    """Whether it is of the katakana block."""
    return "\u30a0" <= character <= "\u30ff"


def is_character(key: str) -> bool:
    """Whether it is one Chinese character: a part of words rather than one."""
    return len(key) == 1 and key >= "\u3400"


def _is_word(spelling: str) -> bool:
    if spelling == JOIN:
        return True
    if len(spelling) > 40 or spelling[0].isdigit():
        return False
    letters = sum(map(str.isalpha, spelling))
    return letters >= 2 or is_character(spelling)
