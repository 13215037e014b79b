"""What a labeller is, and what all labellers do alike: exemplars, and labels that differ within a level."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise

import numpy as np
from numpy.typing import NDArray

from discover.core import tokens
from discover.core.errors import SettingsError
from discover.core.types import Catalog, Embeddings, Label, Level

SEPARATOR = ", "  # stands between the phrases of a label
COSINE_DECIMALS = 5  # cosines that agree so far are ties: the last bits depend on the processor


@dataclass(frozen=True)
class Sense:
    """A space in which words can be compared with items."""

    space: Embeddings
    embed: Callable[[Sequence[str]], NDArray[np.float32]]  # texts to its unit vectors; the first call loads the model


@dataclass(frozen=True)
class Scene:
    """What is to be labelled, and what there is to go by."""

    catalog: Catalog
    level: Level  # its outliers are background
    exemplars: Sequence[tuple[int, ...]]  # by theme: rows
    senses: Mapping[str, Sense]  # by space, where its model is at hand


@dataclass(frozen=True)
class Phrases:
    """What a labeller found for one theme: `short` names it, `keywords` says more; both best first, either empty."""

    short: tuple[str, ...]
    keywords: tuple[str, ...]
    note: str = ""  # why this is not what the labeller is there for, where it is not


@dataclass(frozen=True)
class Labeller(ABC):
    """The contract of a labeller plug-in. Its dataclass fields are its settings."""

    keywords: int = 10  # keywords of a theme
    exemplars: int = 5  # typical items of a theme

    def __post_init__(self) -> None:
        for name in ("keywords", "exemplars"):
            if getattr(self, name) < 1:
                raise SettingsError(f"[labels] {name}: expected at least 1, got {getattr(self, name)}")

    @abstractmethod
    def phrases(self, scene: Scene) -> Sequence[Phrases]:
        """Words for each theme of the scene's level."""

    def label(
        self,
        catalog: Catalog,
        level: Level,
        vectors: NDArray[np.float32],
        senses: Mapping[str, Sense] | None = None,
    ) -> tuple[Label, ...]:
        """One label for each theme of the level, no two with the same text.

        `vectors` (n, d) are fused unit vectors by catalog row; a row of NaN has nothing to go by and is no exemplar
        unless its theme holds nothing else. `senses` are those of `Scene`.
        """
        if not level.count:
            return ()
        rows = choose_exemplars(catalog, level, vectors, self.exemplars)
        found = self.phrases(Scene(catalog, level, rows, senses or {}))
        labels = (
            Label(SEPARATOR.join(each.short), each.keywords[: self.keywords], own, note=each.note)
            for each, own in zip(found, rows, strict=True)
        )
        return make_distinct(labels, catalog)


def choose_exemplars(catalog: Catalog, level: Level, vectors: NDArray[np.float32], most: int) -> list[tuple[int, ...]]:
    """For each theme up to `most` rows closest to its core, closest first; no two of one title or one vector.

    The core is the mean of the members' vectors, weighted by membership strength.
    """
    order = np.argsort(level.members, kind="stable")
    bounds = np.searchsorted(level.members[order], np.arange(level.count + 1))
    return [_closest(catalog, level, vectors, order[start:stop], most) for start, stop in pairwise(bounds)]


def _closest(
    catalog: Catalog, level: Level, vectors: NDArray[np.float32], rows: NDArray[np.int64], most: int
) -> tuple[int, ...]:
    own = np.asarray(vectors[rows], dtype=np.float64)
    weights = np.maximum(level.strengths[rows].astype(np.float64), 1e-6)  # strengths may all be 0
    present = ~np.isnan(own[:, 0])
    core = weights[present] @ own[present]
    cosines = np.where(present, own @ core / max(float(np.linalg.norm(core)), 1e-12), -2.0)
    titles: set[str] = set()
    contents: set[bytes] = set()
    chosen: list[int] = []
    for position in np.lexsort((rows, -np.round(cosines, COSINE_DECIMALS))):
        title = catalog.titles[rows[position]].casefold()
        content = vectors[rows[position]].tobytes() if present[position] else title.encode("utf-8", "surrogatepass")
        if len(chosen) < most and title not in titles and content not in contents:
            chosen.append(int(rows[position]))
        titles.add(title)
        contents.add(content)
        if len(chosen) == most:
            break
    return tuple(chosen)


def make_distinct(labels: Iterable[Label], catalog: Catalog, taken: Iterable[str] = ()) -> tuple[Label, ...]:
    """The labels with texts that differ from each other and from those `taken`, whatever the case of letters.

    A text that is taken, or empty, goes on with the next keyword that it does not hold yet, else with the title of an
    exemplar, at last with a number. Earlier labels (larger themes) keep theirs.
    """
    used = {text.casefold() for text in taken}
    renamed = []
    for label in labels:
        text = next(text for text in _longer(label, catalog) if text and text.casefold() not in used)
        used.add(text.casefold())
        renamed.append(replace(label, text=text))
    return tuple(renamed)


def _longer(label: Label, catalog: Catalog) -> Iterable[str]:
    """The label's text, then what may stand for it where it is taken."""
    yield label.text
    held = label.text.casefold()
    more = [keyword for keyword in label.keywords if keyword.casefold() not in held]
    titles = [catalog.titles[row] for row in label.exemplars]
    for addition in (*more, *titles):
        yield capitalise(SEPARATOR.join(filter(None, (label.text, addition))))
    stem = capitalise(label.text or next(filter(None, titles), "Theme"))
    yield stem
    for number in count(2):
        yield f"{stem} ({number})"


def capitalise(text: str) -> str:
    """The text with a capital at its start, unless its first word has capitals of its own: iPhone, eBay."""
    return text if tokens.has_own_capitals(text.split(" ")[0]) else tokens.raised(text)
