"""Which words are names of people.

Three kinds of evidence, none of them a list of names: the catalog's own people, capital letters inside sentences,
and what stands before them: "the", "a" and "in" lead to things, groups and places ("in London", "a Christmas
party"), hardly ever to persons.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from discover.core.tokens import TAG, TEXT, Tokens, words
from discover.core.types import Catalog

# Articles and prepositions of place.
BEFORE_THINGS = frozenset(
    word
    for line in (
        "a an the this in at across",  # English
        "el la los las un una unos unas en este esta del al",  # Spanish
        "le les une des au aux du à ce cette",  # French
        "der die das den dem ein eine einen einem einer im am",  # German
        "il lo gli i uno nel nella della dello alla",  # Italian
        "o os as um uma no na nos nas em do da",  # Portuguese
        "het een de",  # Dutch
    )
    for word in line.split()
)
MIN_CAPITAL_SHARE = 0.75  # share of a word's uses inside sentences in which a name has its capital
MAX_THING_SHARE = 0.2  # share of a capitalised word's uses after an article or "in" that makes it no person ...
MAX_THING_SHARE_OF_PEOPLE = 0.5  # ... and of a word that is part of a name in the people column
MAX_CAPITALS_IN_TEXT = 0.35  # share of capitals inside sentences above which capitals tell nothing: German, headlines


def find(catalog: Catalog, tokens: Tokens) -> NDArray[np.bool_]:
    """By key: whether the word is, most of the time, part of a person's name."""
    size = len(tokens.keys)
    own = _marks(tokens, [name for names in catalog.column("people") for name in names])
    spelled = tokens.spellings
    upper = np.array([s[0].isupper() for s in spelled], dtype=bool)[tokens.surfaces]
    shouted = np.array([s.isupper() and len(s) <= 5 for s in spelled], dtype=bool)[tokens.surfaces]  # FBI, ATM

    inside = tokens.is_word & (tokens.zones == TEXT)
    inside[0] = False
    inside[1:] &= ~tokens.is_end[:-1]
    inside &= _telling(tokens, inside & upper, inside)
    capital = inside & upper & ~shouted
    before, started = _before(tokens, upper)
    # a number too: "a 1937 American Western"
    things = np.array([key in BEFORE_THINGS or key[:1].isdigit() for key in tokens.keys], dtype=bool)[tokens.ids]
    led = capital & started & things[before]

    def count(which: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(tokens.ids[which], minlength=size)

    seen, high = count(inside), count(capital)
    proper = (high > 0) & (high >= MIN_CAPITAL_SHARE * seen)
    share = count(led) / np.maximum(count(capital & started), 1)
    low = count(tokens.is_word & ~upper & (tokens.zones == TEXT))
    unseen = own & (seen == 0) & (low == 0)
    person = (proper & (share < np.where(own, MAX_THING_SHARE_OF_PEOPLE, MAX_THING_SHARE))) | unseen
    return np.asarray(person & ~_welcome(catalog, tokens), dtype=bool)


def list_full_names(catalog: Catalog) -> set[str]:
    """The names of the catalog's people in small letters."""
    return {name.casefold() for names in catalog.column("people") for name in names}


def _telling(tokens: Tokens, capital: NDArray[np.bool_], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """By token: whether capitals mean something in its text; in German and in headlines they do not."""
    high = np.bincount(tokens.rows[capital], minlength=tokens.items)
    every = np.bincount(tokens.rows[inside], minlength=tokens.items)
    return np.asarray((high <= np.maximum(MAX_CAPITALS_IN_TEXT * every, 2))[tokens.rows], dtype=bool)


def _before(tokens: Tokens, upper: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """By token: the last token before its run of capitalised words, and whether that is inside its sentence."""
    here = np.arange(len(upper))
    running = tokens.is_word & upper
    before = np.maximum.accumulate(np.where(running, -1, here))
    before[1:] = before[:-1].copy()
    before[0] = -1
    # a run goes back to its start: the last token that is not of the run
    started = (before >= 0) & ~tokens.is_end[before]
    return before, started


def _marks(tokens: Tokens, texts: Sequence[str]) -> NDArray[np.bool_]:
    """By key: whether it occurs in one of the texts."""
    marked = words("\n".join(dict.fromkeys(texts)))
    return np.array([key in marked for key in tokens.keys], dtype=bool)


def _welcome(catalog: Catalog, tokens: Tokens) -> NDArray[np.bool_]:
    """By key: words that the catalog itself uses to describe: genres, keywords, countries, languages."""
    lists = [text for texts in catalog.column("country") for text in texts]
    welcome = _marks(tokens, lists + catalog.column("language"))
    welcome[np.unique(tokens.ids[tokens.zones == TAG])] = True
    return welcome
