"""Words for what a theme's pictures show: those of a vocabulary that CLIP finds nearest, against its siblings'.

The vocabulary is the catalog's genres and keywords and the visual words below. A word's worth is its cosine to the
mean picture of the theme less that to the mean picture of its siblings, so that what all pictures of a catalog show
does not count, nor that texts and pictures lie apart in CLIP's space (Liang et al. 2022, "Mind the gap").

Tested with a toy model that knows the sample's drawings only: no real CLIP has been seen to do this. CLIP's authors put
a word into a sentence: `[image] query_template = "a photo of {}"`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import SettingsError
from discover.core.types import Catalog
from discover.labels.labellers import _meaning
from discover.labels.labellers.base import Phrases, Scene, capitalise
from discover.labels.labellers.keywords import Keywords

MAX_OWN_WORDS = 300  # of the catalog's genres and keywords, the most frequent
MAX_WORD_CHARS = 40  # characters of one
VISUAL_WORDS = (
    *("animals", "a bird", "a cat", "a dog", "a horse", "fish", "insects", "dinosaurs", "a monster", "a dragon"),
    *("a robot", "an alien", "a ghost", "a zombie", "a skeleton", "a vampire", "a clown", "a superhero", "a soldier"),
    *("a knight", "a cowboy", "a samurai", "a pirate", "a detective", "police", "a chef", "a doctor", "an athlete"),
    *("a dancer", "a musician", "a singer on stage", "a comedian with a microphone", "children", "a baby", "a family"),
    *("a couple", "a bride", "a crowd", "a portrait", "a face in close-up", "a silhouette", "a mask", "a crown"),
    *("a forest", "mountains", "a desert", "the sea", "a beach", "a river", "snow", "a jungle", "the sky", "clouds"),
    *("the moon", "stars and planets", "a spaceship", "an aeroplane", "a train", "a car", "a ship", "a motorcycle"),
    *("a city skyline", "a street at night", "a castle", "a temple", "a church", "a house", "a school", "a prison"),
    *("a stadium", "a football", "a kitchen", "food", "a cake", "flowers", "a garden", "a book", "a map", "a clock"),
    *("a sword", "a gun", "fire", "an explosion", "blood", "a skull", "money", "neon lights", "a computer", "a phone"),
    *("a cartoon", "anime", "a drawing", "a painting", "black and white", "a historical costume", "text only"),
)


@dataclass(frozen=True)
class Pictures(Keywords):
    """Words that fit the pictures of a theme. Themes with fewer than `least` pictures keep their keyword label."""

    least: int = 5  # pictures that a theme must have
    diversity: float = 0.3  # variety of the words of a label, 0 to 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.least < 1:
            raise SettingsError(f"[labels] least: expected at least 1, got {self.least}")
        if not 0 <= self.diversity <= 1:
            raise SettingsError(f"[labels] diversity: expected a number between 0 and 1, got {self.diversity}")

    def phrases(self, scene: Scene) -> list[Phrases]:
        """The words that fit each theme's pictures best; a note where there are too few to go by."""
        fallback = super().phrases(scene)
        sense = scene.senses.get("image")
        if sense is None:
            return [replace(each, note="there are no picture vectors") for each in fallback]
        cores, others, sizes = _meaning.measure_contrasts(scene.level, sense.space)
        if (sizes < self.least).all():  # no model is loaded for nothing
            return [self._without(each) for each in fallback]
        words = build_vocabulary(scene.catalog)
        vectors = _meaning.embed(sense, words)
        return [
            self._seen(words, vectors, core - other) if size >= self.least else self._without(each)
            for each, core, other, size in zip(fallback, cores, others, sizes, strict=True)
        ]

    def _without(self, fallback: Phrases) -> Phrases:
        return replace(fallback, note=f"they have fewer than {self.least} pictures")

    def _seen(self, words: Sequence[str], vectors: NDArray[np.float32], direction: NDArray[np.float64]) -> Phrases:
        fit = vectors.astype(np.float64) @ direction
        fit = np.where(np.isnan(fit), -2.0, np.round(fit, 5))  # the last bits depend on the processor
        best = np.argsort(-fit, kind="stable")[: self.keywords]
        short = best[_meaning.choose_varied(fit[best], vectors[best], self.words, self.diversity)]
        first, *more = [words[i] for i in short]
        return Phrases((capitalise(first), *more), tuple(words[i] for i in best))


def build_vocabulary(catalog: Catalog) -> list[str]:
    """The catalog's most frequent genres and keywords, then the visual words that are not among them."""
    tags = [tag for role in ("genres", "keywords") for tags in catalog.column(role) for tag in tags]
    often = Counter(tag for tag in tags if 0 < len(tag) <= MAX_WORD_CHARS)
    own = sorted(often, key=lambda tag: (-often[tag], tag))[:MAX_OWN_WORDS]
    return list({word.casefold(): word for word in (*VISUAL_WORDS, *reversed(own))}.values())
