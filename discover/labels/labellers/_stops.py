"""Stop words of the languages that a catalog is written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.tokens import JOIN

# Words of scikit-learn's English list that are there by mistake: Nothman, Qin & Yurchak (2018), "Stop word lists in
# free open-source software packages".
NOT_STOP_WORDS = frozenset(("bill", "computer", "cry", "fire", "interest", "mill", "system"))
MIN_STOP_WORDS = 3  # stop words of a language that a text needs to count as written in it ...
MIN_LEAD = 1.5  # ... and how many times as many as English ones
MIN_LANGUAGE_SHARE = 0.01  # of the texts that makes a language the catalog's


@dataclass(frozen=True)
class StopWords:
    """`hard` words begin and end no phrase; `soft` ones are no phrase alone. Small letters."""

    hard: frozenset[str]
    soft: frozenset[str]
    languages: tuple[str, ...]  # ISO 639-1, "en" first


def find(keys: Sequence[str], counts: Any) -> StopWords:
    """The stop words of the languages seen in texts; `counts` (texts, keys) says how often each word occurs.

    A text counts for the language whose stop words it holds most of. English always belongs.
    """
    from scipy import sparse
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    languages, lists = list(_lists()), list(_lists().values())
    english = lists[0]
    pairs = [(row, number) for row, key in enumerate(keys) for number in _listing().get(key, ())]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    listed = sparse.csr_matrix((np.ones(len(pairs), np.int64), (rows, columns)), (len(keys), len(lists)))
    written = _languages((counts @ listed).toarray())
    others = [lists[number] for number in written]
    hard = (ENGLISH_STOP_WORDS - NOT_STOP_WORDS).union({JOIN}, *others)
    return StopWords(hard, english - hard, ("en", *(languages[number] for number in written)))


def list_words(languages: Sequence[str]) -> frozenset[str]:
    """All stop words of these languages (ISO 639-1), small letters."""
    return frozenset().union(*(_lists()[language] for language in languages))


@cache
def _lists() -> dict[str, frozenset[str]]:
    """The stop words of each language, English first."""
    import stopwordsiso
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    others = {each: frozenset(stopwordsiso.stopwords(each)) for each in sorted(stopwordsiso.langs() - {"en"})}
    return {"en": frozenset(stopwordsiso.stopwords("en") | ENGLISH_STOP_WORDS) - NOT_STOP_WORDS} | others


@cache
def _listing() -> dict[str, list[int]]:
    """For each stop word the positions in `_lists` of the languages it belongs to."""
    languages_of: dict[str, list[int]] = {}
    for number, words in enumerate(_lists().values()):
        for word in words:
            languages_of.setdefault(word, []).append(number)
    return languages_of


def _languages(matches: NDArray[np.int64]) -> list[int]:
    """Columns of languages, but the first, that enough texts (rows) are written in."""
    if not len(matches) or matches.shape[1] < 2:
        return []
    best = matches[:, 1:].argmax(axis=1) + 1
    most = matches[np.arange(len(matches)), best]
    foreign = (most >= MIN_STOP_WORDS) & (most > MIN_LEAD * matches[:, 0])
    votes = np.bincount(best[foreign], minlength=matches.shape[1])
    return [int(n) for n in np.flatnonzero(votes > MIN_LANGUAGE_SHARE * len(matches))]
