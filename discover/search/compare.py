"""Items side by side: what they share, and what each has alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from discover.core.types import Catalog, Explanation, Profile, Trait
from discover.search.explain import MAX_DIFFERENCES, find_distinct
from discover.search.index import SearchIndex
from discover.search.spaces.base import Space

MAX_TRAIT_WORDS = 12  # words that the items of a dossier share: the rarest
VALUE_ROLES = ("genres", "keywords", "people", "country", "language", "kind")  # that a profile lists


def find_traits(
    search_index: SearchIndex, catalog: Catalog, rows: Sequence[int], themes: Sequence[Sequence[str]]
) -> tuple[Trait, ...]:
    """What at least two of these rows share: themes (labels by row), values, rare words; shared by most first."""
    having: dict[tuple[str, str], list[int]] = {}
    for place, labels in enumerate(themes):
        for label in labels:
            having.setdefault(("theme", label), []).append(place)
    for space in _by_kind(search_index, "value"):
        for feature in space.features(rows):
            having.setdefault((feature.role, feature.text), []).append(feature.place)
    shared = {key: places for key, places in having.items() if len(places) > 1}
    named = {part.casefold() for _, text in shared for part in text.replace("&", " ").split()}
    for space in _by_kind(search_index, "word"):
        shared |= _find_shared_words(space, rows, named)
    traits = [Trait(role, text, tuple(catalog.ids[rows[i]] for i in places)) for (role, text), places in shared.items()]
    return tuple(sorted(traits, key=lambda trait: -len(trait.items)))


def _by_kind(search_index: SearchIndex, kind: str) -> list[Space]:
    return [space for space in search_index.spaces.values() if space.kind == kind]


def _find_shared_words(space: Space, rows: Sequence[int], named: set[str]) -> dict[tuple[str, str], list[int]]:
    """Words that at least two rows have and that no value names: by how many, then the rarest."""
    having, weights = dict[tuple[str, str], list[int]](), dict[tuple[str, str], float]()
    for feature in space.features(rows):
        if feature.text not in named:
            having.setdefault((feature.role, feature.text), []).append(feature.place)
            weights[feature.role, feature.text] = feature.weight
    words = [word for word, places in having.items() if len(places) > 1]
    words.sort(key=lambda word: (-len(having[word]), -weights[word], word))
    return {word: having[word] for word in words[:MAX_TRAIT_WORDS]}


def make_profiles(
    search_index: SearchIndex,
    catalog: Catalog,
    rows: Sequence[int],
    themes: Sequence[Sequence[str]],
    pairs: Iterable[Explanation],
) -> tuple[Profile, ...]:
    """Each row as a dossier shows it."""
    scores: dict[str, list[float]] = {catalog.ids[row]: [] for row in rows}
    for pair in pairs:
        scores[pair.a].append(pair.score)
        scores[pair.b].append(pair.score)
    profiles = []
    for place, row in enumerate(rows):
        cells = catalog.table.slice(row, 1).to_pylist()[0]
        by_role = {role: cells[role] for role in VALUE_ROLES if cells[role]}
        values = {role: tuple([cell] if isinstance(cell, str) else cell) for role, cell in by_role.items()}
        known = np.array(scores[catalog.ids[row]])
        known = known[~np.isnan(known)]
        profiles.append(
            Profile(
                id=catalog.ids[row],
                title=catalog.titles[row],
                year=cells["released"].year if cells["released"] else None,
                themes=tuple(themes[place]),
                values=values,
                closeness=float(known.mean()) if len(known) else float("nan"),
                apart=_find_apart(search_index, row, [other for other in rows if other != row]),
                image=cells["image"],
            )
        )
    return tuple(profiles)


def _find_apart(search_index: SearchIndex, row: int, others: Sequence[int]) -> tuple[str, ...]:
    """What a row alone has: values, or else words, that make up most of it."""
    for kind in ("value", "word"):
        for space in _by_kind(search_index, kind):
            if distinct := find_distinct(space, row, others):
                return tuple(feature.text for feature in distinct[:MAX_DIFFERENCES])
    return ()
