"""How good the keywords of themes are, on the catalog's own words: coherence and diversity, by level.

Coherence is the normalised pointwise mutual information of two keywords (Bouma 2009, "Normalized (pointwise) mutual
information in collocation extraction"), from how often items hold both and either, averaged over the pairs of a theme
and then over themes: 1 where they only occur together, 0 as chance has it, -1 where never. It is the measure that Röder
et al. (2015, "Exploring the space of topic coherence measures") call C_NPMI, an item being the window.

Diversity is the share of different words among all of the level's keywords (Dieng et al. 2020, "Topic modeling in
embedding spaces").
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Catalog, LabelQuality, Theme
from discover.labels.labellers import _corpus


def measure(catalog: Catalog, named: Sequence[Theme]) -> tuple[LabelQuality, ...]:
    """The quality of each level's keywords; `named` are the themes of all levels, level by level."""
    levels = [list(themes) for _, themes in groupby(named, key=lambda theme: theme.level)]
    return tuple(_measure_level(catalog, themes) for themes in levels)


def _measure_level(catalog: Catalog, themes: Sequence[Theme]) -> LabelQuality:
    corpus = _corpus.read(catalog)
    known = {text: term for term, text in enumerate(corpus.texts)}
    by_theme = [[known[word] for word in theme.keywords if word in known] for theme in themes]
    used = np.unique([term for terms in by_theme for term in terms]).astype(np.int64)
    held = corpus.counts[:, used].tocsc()  # once, as it goes through the whole catalog
    columns = [held[:, np.searchsorted(used, terms)] for terms in by_theme if len(terms) > 1]
    values = [npmi((each.T @ each).toarray() / len(catalog)) for each in columns]
    words = [word.casefold() for theme in themes for keyword in theme.keywords for word in keyword.split()]
    return LabelQuality(
        level=themes[0].level,
        themes=len(themes),
        measured=len(values),
        coherence=float(np.mean(values)) if values else None,
        diversity=len(set(words)) / len(words) if words else None,
    )


def npmi(together: NDArray[np.float64]) -> float:
    """The mean over all pairs of terms, in [-1, 1]; `together` (terms, terms) is the share of items that hold both.

    Every term must be held by an item, and there must be two. A pair that all items hold counts 1, the limit.
    """
    alone = np.diag(together)
    pairs = np.triu_indices(len(alone), 1)
    both, chance = together[pairs], np.outer(alone, alone)[pairs]
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(both / chance) / -np.log(both)
    return float(np.where(both == 0, -1.0, np.where(both == 1, 1.0, values)).mean())
