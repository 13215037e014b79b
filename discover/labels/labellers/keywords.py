"""Labels from the words of a theme's items: c-TF-IDF over words and phrases, then the few that say most together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Level
from discover.labels.labellers import _corpus, _ctfidf
from discover.labels.labellers.base import Labeller, Phrases, Scene, capitalise

MAX_CANDIDATES = 80  # terms of a theme that are looked at
LENGTH_FACTORS = (0.0, 1.0, 1.5, 1.7)  # by content words of a phrase: what its weight counts times
TAG_FACTOR = 1.3  # what a whole genre or keyword counts more: people wrote it to describe
COVERAGE_POWER = 0.25  # power of a term's share of the theme that its weight is multiplied with
MIN_OWN_SHARE = 0.25  # part of a term's share of the theme that is more than its share elsewhere, at least
MIN_KEYWORD_SHARE = 0.02  # of the theme's items that hold a keyword, at least ...
MIN_NAMING_SHARE = 0.04  # ... and of a phrase of the label
MIN_CARRIED = 0.1  # the same part, for the outer words of a phrase
MIN_PHRASE_SHARE = 0.5  # share of a word's items in which it stands in a phrase that then stands for it


@dataclass(frozen=True)
class Keywords(Labeller):
    """Keywords by c-TF-IDF. A label is up to `words` of them that do not repeat each other."""

    words: int = 3  # keywords in a label

    def phrases(self, scene: Scene) -> list[Phrases]:
        """The words of each theme against those of all others and of outliers."""
        corpus = _corpus.read(scene.catalog)
        return [self._best(corpus, each) for each in find_candidates(corpus, scene.level)]

    def _best(self, corpus: _corpus.Corpus, ranked: Candidates) -> Phrases:
        chosen = select(ranked.held, corpus, self.keywords)
        return to_phrases(corpus, chosen, choose_naming(ranked, chosen)[: self.words])


@dataclass(frozen=True)
class Candidates:
    """Terms that may be a theme's keywords."""

    held: Mapping[int, int]  # term, best first -> how many of the theme's items hold it
    scores: NDArray[np.float64]  # (terms,), falling, above 0
    size: int  # items of the theme


def find_candidates(corpus: _corpus.Corpus, level: Level) -> list[Candidates]:
    """For each theme the terms that tell it apart from all others and from outliers."""
    counts = _by_theme(corpus.counts, level)
    weights = _ctfidf.weigh(counts)
    sizes = np.bincount(np.where(level.members < 0, level.count, level.members), minlength=level.count + 1)
    everywhere = np.asarray(counts.sum(axis=0)).ravel()
    return [_rank_terms(corpus, theme, counts, weights, sizes, everywhere) for theme in range(level.count)]


def _rank_terms(
    corpus: _corpus.Corpus, theme: int, counts: Any, weights: Any, sizes: NDArray[Any], everywhere: Any
) -> Candidates:
    start, stop = counts.indptr[theme], counts.indptr[theme + 1]
    terms, held = counts.indices[start:stop], counts.data[start:stop]
    size, rest = int(sizes[theme]), int(sizes.sum() - sizes[theme])
    share, elsewhere = held / size, (everywhere[terms] - held + 0.5) / (rest + 1)
    own = np.maximum(1 - elsewhere / share, 0.0)
    scores = weights.data[start:stop] * own * np.array(LENGTH_FACTORS)[corpus.content[terms]]
    scores *= share**COVERAGE_POWER * np.where(corpus.tags[terms], TAG_FACTOR, 1.0)
    good = (own >= MIN_OWN_SHARE) & (held >= max(MIN_KEYWORD_SHARE * size, min(2, size)))
    good &= _carried(corpus, terms, own)
    scores = np.where(good, scores, 0.0)
    order = np.lexsort((terms, -np.round(scores, 12)))[:MAX_CANDIDATES]  # terms are in order of their text
    order = order[scores[order] > 0]
    return Candidates(dict(zip(terms[order].tolist(), held[order].tolist(), strict=True)), scores[order], size)


def choose_naming(ranked: Candidates, chosen: Sequence[int]) -> list[int]:
    """Of these keywords, those that enough items hold to name the theme; the first always may."""
    return [term for term in chosen if term == chosen[0] or ranked.held[term] >= MIN_NAMING_SHARE * ranked.size]


def to_phrases(corpus: _corpus.Corpus, chosen: Sequence[int], short: Sequence[int]) -> Phrases:
    """The keywords and the words of the label as text."""
    words = [corpus.texts[term] for term in short]
    return Phrases((capitalise(words[0]), *words[1:]) if words else (), tuple(corpus.texts[term] for term in chosen))


def _carried(corpus: _corpus.Corpus, terms: NDArray[Any], own: NDArray[np.float64]) -> NDArray[np.bool_]:
    """By term: whether its first and last word are the theme's too: "told reporters" says no more than "told"."""
    stems = [corpus.stems[term] for term in terms.tolist()]
    alone = {words[0]: part for words, part in zip(stems, own.tolist(), strict=True) if len(words) == 1}
    return np.array([all(alone.get(words[i], 1.0) >= MIN_CARRIED for i in (0, -1)) for words in stems], dtype=bool)


def _by_theme(counts: Any, level: Level) -> Any:
    """CSR (themes + 1, terms): how many items of each theme, at last of outliers, hold each term."""
    from scipy import sparse

    theme = np.where(level.members < 0, level.count, level.members)
    ones = np.ones(len(theme), dtype=np.int64)
    belongs = sparse.csr_matrix((ones, (theme, np.arange(len(theme)))), (level.count + 1, len(theme)))
    summed = (belongs @ counts).tocsr()
    summed.sort_indices()
    return summed


def select(often: Mapping[int, int], corpus: _corpus.Corpus, count: int) -> list[int]:
    """Terms, best first, without those that only repeat another: parts of a phrase, other forms of a word.

    A word gives its place to the best phrase that holds it in at least half of the word's items. `often` maps terms,
    best first, to how many of the theme's items hold them.
    """
    chosen: list[int] = []
    for term in often:
        if len(chosen) == count:
            break
        stands = _phrase_for(term, often, corpus)
        if not any(_alike(corpus, stands, other) for other in chosen):
            chosen.append(stands)
    return chosen


def _phrase_for(term: int, often: Mapping[int, int], corpus: _corpus.Corpus) -> int:
    """The longest phrase that stands for the term, or the term."""
    stems = corpus.stems
    holding = [t for t in often if _holds(stems[t], stems[term]) and often[t] >= MIN_PHRASE_SHARE * often[term]]
    return max(holding, key=lambda other: len(stems[other]), default=term)


def _holds(long: tuple[int, ...], short: tuple[int, ...]) -> bool:
    """Whether one phrase holds the other as a part."""
    span = len(short)
    return len(long) > span and any(long[i : i + span] == short for i in range(len(long) - span + 1))


def _alike(corpus: _corpus.Corpus, one: int, other: int) -> bool:
    """Whether two terms share a word, or words that begin alike: murder, murderer."""
    if set(corpus.stems[one]) & set(corpus.stems[other]) - {_corpus.NO_STEM}:
        return True
    ours, theirs = corpus.texts[one].casefold().split(), corpus.texts[other].casefold().split()
    return any(are_akin(a, b) for a in ours for b in theirs)


def are_akin(one: str, other: str) -> bool:
    """Whether two words look like forms of one: a common start, and little after it."""
    short, long = sorted((one, other), key=len)
    common = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return common >= 4 and common >= len(short) - 1 and len(long) - common <= 4
