"""A catalog as items by terms: which words and phrases of one to three words each item holds."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core import tokens
from discover.core.tokens import BETWEEN_HAN, COUNTRY, TAG, TEXT, TITLE, Tokens, bare, is_character, lowered, raised
from discover.core.types import Catalog
from discover.labels.labellers import _names, _stops

MAX_ITEMS_FOR_PAIRS = 300  # up to so many items a phrase counts from its second occurrence on, beyond from its third
MIN_COHESION = 30.0  # times chance that makes a phrase with a soft stop word one thing: "world war"
MIN_BOUND_SHARE = 0.8  # ... or the share of a word's uses that are in the phrase: "New York"
NO_STEM = -1  # of stop words: "Visa or Mastercard" is "Visa and Mastercard"
MIN_SHARE_WITH_TEXT = 0.5  # share of items with more than a title, below which titles may found a term


@dataclass(frozen=True)
class Corpus:
    """Terms and the items that hold them. Terms are in order of their text."""

    counts: Any = field(repr=False)  # CSR (items, terms), int32: 1 where the item holds the term
    texts: tuple[str, ...] = field(repr=False)  # by term, as it is written most often
    stems: tuple[tuple[int, ...], ...] = field(repr=False)  # by term: its words as numbers, forms of a word alike
    content: NDArray[np.int64] = field(repr=False)  # by term: how many of its words are no stop words
    tags: NDArray[np.bool_] = field(repr=False)  # by term: whether it is a whole genre or keyword
    languages: tuple[str, ...]  # whose stop words were left out


_last: list[tuple[weakref.ref[Catalog], Corpus]] = []


def read(catalog: Catalog) -> Corpus:
    """The catalog's corpus; that of the last catalog is kept, since each level and each question needs it again."""
    for known, corpus in _last:
        if known() is catalog:
            return corpus
    corpus = build(catalog)
    _last[:] = [(weakref.ref(catalog), corpus)]
    return corpus


def build(catalog: Catalog) -> Corpus:
    """The corpus of a catalog, read anew."""
    from scipy import sparse

    lexicon = _Lexicon.read(catalog, tokens.read(catalog))
    parts = [_terms(lexicon, grams) for grams in _grams(lexicon)]
    people = _names.list_full_names(catalog)
    texts = [text for part in parts for text in part.texts]
    keep = [i for i, text in enumerate(texts) if " " not in text or text.casefold() not in people]
    order = np.array(sorted(keep, key=texts.__getitem__), dtype=np.int64)
    stems = [stem for part in parts for stem in part.stems]
    return Corpus(
        sparse.hstack([part.counts for part in parts], format="csr")[:, order],
        tuple(texts[i] for i in order),
        tuple(stems[i] for i in order),
        np.concatenate([part.content for part in parts])[order],
        np.concatenate([part.tags for part in parts])[order],
        lexicon.languages,
    )


@dataclass(frozen=True)
class _Lexicon:
    """What is known of a catalog's words; arrays by key unless said otherwise."""

    tokens: Tokens
    hard: NDArray[np.bool_]
    soft: NDArray[np.bool_]
    names: NDArray[np.bool_]
    stems: NDArray[np.int64]  # a plural has the number of its singular
    languages: tuple[str, ...]

    @classmethod
    def read(cls, catalog: Catalog, tokens: Tokens) -> _Lexicon:
        keys = tokens.keys
        stops = _stops.find(keys, _matrix(tokens.rows, tokens.ids, (tokens.items, len(keys))))
        hard = np.array([key in stops.hard or (len(key) < 2 and not is_character(key)) for key in keys], dtype=bool)
        soft = np.array([key in stops.soft for key in keys], dtype=bool)
        stems = np.where(hard, NO_STEM, _stems(keys))
        return cls(tokens, hard, soft, _names.find(catalog, tokens), stems, stops.languages)

    @cached_property
    def often(self) -> NDArray[np.int64]:
        return np.bincount(self.tokens.ids, minlength=len(self.tokens.keys))

    @cached_property
    def capitals(self) -> NDArray[np.int8]:
        """By token: 1 where it is written with a capital, 0 where without, -1 where that tells nothing."""
        tokens = self.tokens
        upper = np.array([s[0].isupper() for s in tokens.spellings], dtype=bool)[tokens.surfaces]
        shouted = np.array([s.isupper() and len(s) > 1 for s in tokens.spellings], dtype=bool)[tokens.surfaces]  # TV
        inside = tokens.zones == TEXT
        inside[1:] &= ~tokens.is_end[:-1]
        inside |= tokens.zones == COUNTRY
        return np.where(inside, upper, np.where(shouted, 1, -1)).astype(np.int8)

    @cached_property
    def spellings(self) -> tuple[list[str], list[str]]:
        """The most frequent spelling without a capital at its start, and that with one.

        Where no use of a word tells how it is written there, both follow its most frequent spelling of all.
        """
        tokens = self.tokens
        cased, used = (
            np.bincount(surfaces, minlength=len(tokens.spellings)).tolist()
            for surfaces in (tokens.surfaces[self.capitals >= 0], tokens.surfaces)
        )
        usual, low, up = ([(0, key) for key in tokens.keys] for _ in range(3))
        for number, spelling in enumerate(tokens.spellings):
            key, shown = tokens.key_of[number], bare(spelling)
            best = up if spelling[0].isupper() else low
            usual[key] = max(usual[key], (used[number], shown), key=itemgetter(0))
            best[key] = max(best[key], (cased[number], shown), key=itemgetter(0))
        return (
            [shown if count else lowered(usual[key][1]) for key, (count, shown) in enumerate(low)],
            [shown if count else raised(usual[key][1]) for key, (count, shown) in enumerate(up)],
        )

    @cached_property
    def capital_share(self) -> NDArray[np.float64]:
        """Share of its telling uses in which a word has a capital; an unseen compound has that of its first part."""
        has_case = self.capitals >= 0
        ids, high = self.tokens.ids[has_case], self.capitals[has_case]
        seen = np.bincount(ids, minlength=len(self.tokens.keys))
        share = np.bincount(ids, weights=high, minlength=len(self.tokens.keys)) / np.maximum(seen, 1)
        position = {key: number for number, key in enumerate(self.tokens.keys)}
        for number in np.flatnonzero(seen == 0).tolist():
            head, hyphen, _ = self.tokens.keys[number].partition("-")
            if hyphen:
                share[number] = share[position[head]] if head in position else 0.0
        return share


@dataclass(frozen=True)
class _Grams:
    """Occurrences of phrases of one length: where, and which words (keys)."""

    positions: NDArray[np.int64]  # (o,) token where it begins
    which: NDArray[np.int64]  # (o,) row of `keys`
    keys: NDArray[np.int64]  # (u, length)


def _grams(lexicon: _Lexicon) -> list[_Grams]:
    """Phrases of one, two and three words; a stop word may stand in the middle, nowhere else."""
    tokens, ids = lexicon.tokens, lexicon.tokens.ids
    size = len(tokens.keys)
    inner = tokens.is_word & ~lexicon.names[ids]
    edge = inner & ~lexicon.hard[ids] & (lexicon.often > 1)[ids]
    ones = np.flatnonzero(edge)
    keys, which = np.unique(ids[ones], return_inverse=True)
    singles = _Grams(ones, which, keys[:, None])
    twos = np.flatnonzero(edge[:-1] & edge[1:])
    codes, which = np.unique(ids[twos] * size + ids[twos + 1], return_inverse=True)
    pairs = _Grams(twos, which, np.stack([codes // size, codes % size], axis=1))
    threes = np.flatnonzero(edge[:-2] & inner[1:-1] & edge[2:])
    heads, head = np.unique(ids[threes] * size + ids[threes + 1], return_inverse=True)
    codes, which = np.unique(head * size + ids[threes + 2], return_inverse=True)
    first = heads[codes // size]
    return [singles, pairs, _Grams(threes, which, np.stack([first // size, first % size, codes % size], axis=1))]


def _terms(lexicon: _Lexicon, grams: _Grams) -> Corpus:
    """Phrases of one length as terms: forms of one word taken together, rare and loose ones left out."""
    tokens = lexicon.tokens
    often = np.bincount(grams.which, minlength=len(grams.keys))
    roots, root = np.unique(lexicon.stems[grams.keys], axis=0, return_inverse=True)
    root = root.reshape(-1)  # numpy 2.0 gave it two dimensions
    total = np.bincount(root, weights=often, minlength=len(roots))
    by_frequency = np.lexsort((np.arange(len(often)), -often, root))
    display = by_frequency[np.unique(root[by_frequency], return_index=True)[1]]  # the most frequent form of each
    tags = _whole_tags(tokens, grams, root, len(roots))
    length = grams.keys.shape[1]
    keep = total >= (2 if length == 1 or tokens.items <= MAX_ITEMS_FOR_PAIRS else 3)
    keep &= _founded(tokens, grams, root, len(roots)) & (tags | ~_loose(lexicon, grams.keys[display], total))
    chosen = np.flatnonzero(keep)

    number = np.full(len(roots), -1, dtype=np.int64)
    number[chosen] = np.arange(len(chosen))
    column = number[root[grams.which]]
    held = column >= 0
    counts = _matrix(tokens.rows[grams.positions[held]], column[held], (tokens.items, len(chosen)))
    counts.data[:] = 1
    shown = grams.keys[display[chosen]]
    texts = _written(lexicon, shown, grams.positions[held], column[held])
    content = length - lexicon.hard[shown].sum(axis=1)
    return Corpus(counts, texts, tuple(map(tuple, roots[chosen].tolist())), content, tags[chosen], lexicon.languages)


def _matrix(rows: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int]) -> Any:
    """How often each pair occurs, CSR, int32."""
    from scipy import sparse

    return sparse.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape)


def _whole_tags(tokens: Tokens, grams: _Grams, root: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """By root: whether it is somewhere all of a genre or keyword."""
    first, last = grams.positions, grams.positions + grams.keys.shape[1]  # each text ends with a mark, so all exist
    whole = (tokens.zones[first] == TAG) & ~tokens.is_word[first - 1] & ~tokens.is_word[last]
    return np.asarray(np.bincount(root[grams.which[whole]], minlength=count) > 0, dtype=bool)


def _founded(tokens: Tokens, grams: _Grams, root: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """By root: whether it occurs outside titles; where items have little but titles, everything is founded."""
    outside = tokens.zones != TITLE
    if len(np.unique(tokens.rows[outside & tokens.is_word])) < MIN_SHARE_WITH_TEXT * tokens.items:
        return np.ones(count, dtype=bool)
    outside_counts = np.bincount(root[grams.which[outside[grams.positions]]], minlength=count)
    return np.asarray(outside_counts > 0, dtype=bool)


def _loose(lexicon: _Lexicon, keys: NDArray[np.int64], total: NDArray[Any]) -> NDArray[np.bool_]:
    """By phrase: whether it is a soft stop word, or begins or ends with one that it does not stick to."""
    first, last = lexicon.soft[keys[:, 0]], lexicon.soft[keys[:, -1]]
    if keys.shape[1] == 1:
        parts = [is_character(lexicon.tokens.keys[key]) for key in keys[:, 0].tolist()]
        return np.asarray(first | np.array(parts, dtype=bool), dtype=bool)
    if keys.shape[1] == 3:
        return np.asarray(first | last, dtype=bool)
    one, other = lexicon.often[keys[:, 0]], lexicon.often[keys[:, 1]]
    chance = one / max(len(lexicon.tokens.ids), 1) * other
    apart = (total < MIN_COHESION * chance) & (total < MIN_BOUND_SHARE * np.minimum(one, other))
    return np.asarray((first & last) | ((first | last) & apart), dtype=bool)


def _written(
    lexicon: _Lexicon, shown: NDArray[np.int64], positions: NDArray[np.int64], terms: NDArray[np.int64]
) -> tuple[str, ...]:
    """The terms as text, each word with a capital where it mostly has one in this phrase, else at all."""
    words = []
    for place in range(shown.shape[1]):
        capitals = lexicon.capitals[positions + place]
        has_case = capitals >= 0
        seen = np.bincount(terms[has_case], minlength=len(shown))
        high = np.bincount(terms[has_case], weights=capitals[has_case], minlength=len(shown))
        share = np.where(seen > 0, high / np.maximum(seen, 1), lexicon.capital_share[shown[:, place]])
        low, up = lexicon.spellings
        pairs = zip(shown[:, place].tolist(), (share > 0.5).tolist(), strict=True)
        words.append([up[key] if capital else low[key] for key, capital in pairs])
    return tuple(BETWEEN_HAN.sub("", " ".join(each)) for each in zip(*words, strict=True))


def _stems(keys: Sequence[str]) -> NDArray[np.int64]:
    """By key: the number of the word it is a form of: a plural in -s, -es, -ies belongs to its singular."""
    position = {key: number for number, key in enumerate(keys)}
    singular_of = np.arange(len(keys))
    for number, key in enumerate(keys):
        if len(key) < 5 or not key.endswith("s") or key.endswith("ss"):
            continue
        singulars = [key[:-1]]
        if key.endswith("ies"):
            singulars = [key[:-3] + "y", *singulars]
        elif key.endswith("es"):
            singulars.append(key[:-2])
        singular_of[number] = next((position[each] for each in singulars if each in position), number)
    return singular_of[singular_of]  # a singular may itself be a form
