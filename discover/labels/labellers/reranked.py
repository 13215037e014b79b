"""Keywords in the order of how near they are to their theme, and far from its siblings.

After KeyBERT (Grootendorst 2020): the best candidates of c-TF-IDF are embedded by the catalog's text model; the label
is a varied choice among them (maximal marginal relevance).

Not the default. On classes whose names people gave, with candidates from one half of the items, it finds more of the
names of banking77's 77 intents and does no better on the descriptions of films and series, by the names of their
genres. A run in which nothing changed would load the model for it (docs/labels.md has the figures).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import SettingsError
from discover.labels.labellers import _corpus, _meaning
from discover.labels.labellers.base import Phrases, Scene
from discover.labels.labellers.keywords import Candidates, Keywords, choose_naming, find_candidates, select, to_phrases

MEANING_WEIGHT = 0.4  # part of nearness in a candidate's worth; the rest is its c-TF-IDF score
SIBLING_WEIGHT = 0.5  # part of its nearness to the siblings that is taken off
SPREAD_OF_WORTH = 3.0  # standard deviations of worth that weigh as much as a cosine of 1


@dataclass(frozen=True)
class Reranked(Keywords):
    """The best keywords of a theme, those first whose meaning is nearest to the theme's."""

    candidates: int = 30  # best keywords that are reranked
    diversity: float = 0.3  # variety of the words of a label, 0 to 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.candidates < 1:
            raise SettingsError(f"[labels] candidates: expected at least 1, got {self.candidates}")
        if not 0 <= self.diversity <= 1:
            raise SettingsError(f"[labels] diversity: expected a number between 0 and 1, got {self.diversity}")

    def phrases(self, scene: Scene) -> list[Phrases]:
        """As of `Keywords`, in another order; those as they are for a theme without text vectors, with a note."""
        sense = scene.senses.get("text")
        if sense is None:
            return [
                replace(ranked, note="there are no text vectors to compare words with")
                for ranked in super().phrases(scene)
            ]
        corpus = _corpus.read(scene.catalog)
        by_theme = [_first(ranked, self.candidates) for ranked in find_candidates(corpus, scene.level)]
        terms = sorted(set().union(*(ranked.held for ranked in by_theme)))
        vectors = _meaning.embed(sense, [corpus.texts[term] for term in terms])
        place = {term: position for position, term in enumerate(terms)}
        cores, others, sizes = _meaning.measure_contrasts(scene.level, sense.space)
        labels = []
        for theme, ranked in enumerate(by_theme):
            if sizes[theme]:
                own = vectors[[place[term] for term in ranked.held]]
                labels.append(self._reranked(corpus, ranked, own, cores[theme] - SIBLING_WEIGHT * others[theme]))
            else:
                labels.append(replace(self._best(corpus, ranked), note="they have no item with a text vector"))
        return labels

    def _reranked(
        self, corpus: _corpus.Corpus, ranked: Candidates, vectors: NDArray[np.float32], direction: NDArray[np.float64]
    ) -> Phrases:
        """The best of the candidates, whose vectors are given; `direction` is what makes the theme."""
        near = np.round(vectors.astype(np.float64) @ direction, 5)  # the last bits depend on the processor
        worth = (1 - MEANING_WEIGHT) * _meaning.standardise(
            np.log(ranked.scores)
        ) + MEANING_WEIGHT * _meaning.standardise(near)
        terms = list(ranked.held)
        order = [terms[i] for i in np.argsort(-np.round(worth, 5), kind="stable")]
        chosen = select({term: ranked.held[term] for term in order}, corpus, self.keywords)
        able = [terms.index(term) for term in choose_naming(ranked, chosen)]
        short = _meaning.choose_varied(worth[able] / SPREAD_OF_WORTH, vectors[able], self.words, self.diversity)
        return to_phrases(corpus, chosen, [terms[able[i]] for i in short])


def _first(ranked: Candidates, count: int) -> Candidates:
    return replace(ranked, held=dict(list(ranked.held.items())[:count]), scores=ranked.scores[:count])
