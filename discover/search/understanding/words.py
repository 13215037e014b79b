"""Texts to words that can be compared: small letters without accents, one form for singular and plural."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

Phrase = tuple[str, ...]
WORD = re.compile(r"\w+")
KEPT = {"series", "species", "news"}  # no plural, or their own
SINGULAR = {"children": "child", "women": "woman", "men": "man", "people": "person"} | {
    f"{word}s": word for word in ("movie", "zombie", "cookie", "rookie", "hippie", "indie", "genie", "pixie", "selfie")
}
JOINED = {"s"}  # what an apostrophe leaves: "kids' ", "world's"


@dataclass(frozen=True)
class Word:
    """One word of a text, and where it stands."""

    text: str  # as it is compared
    written: str
    start: int
    end: int


def read(text: str) -> list[Word]:
    """The words of a text in order."""
    return [
        Word(fold(matched.group()), matched.group(), matched.start(), matched.end())
        for matched in WORD.finditer(text)
        if matched.group() not in JOINED
    ]


def phrase(text: str) -> Phrase:
    """The words of a text as they are compared."""
    return tuple([fold(word) for word in WORD.findall(text) if word not in JOINED])


@lru_cache(200_000)  # names repeat: 40,000 people have 30,000 different words
def fold(word: str) -> str:
    """Small letters without accents, in the singular of English: comedies -> comedy, dramas -> drama."""
    plain = word.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    if plain in KEPT:
        return plain
    if plain in SINGULAR:
        return SINGULAR[plain]
    if len(plain) > 4 and plain.endswith("ies"):
        return plain[:-3] + "y"
    if len(plain) > 3 and plain.endswith(("ches", "shes", "sses", "xes", "zes")):
        return plain[:-2]
    if len(plain) > 3 and plain.endswith("s") and not plain.endswith(("ss", "us", "is")):
        return plain[:-1]
    return plain
