"""Themes as arrays to themes as people see them: words, exemplars, ids, parents and children."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from discover.core import plugins
from discover.core.errors import UsageError
from discover.core.settings import LabelSettings
from discover.core.types import OUTLIER, Catalog, Embeddings, Entry, Item, Label, Level, Theme, Themes
from discover.core.words import plural
from discover.embeddings.encoders.base import Encoder
from discover.labels import labellers
from discover.labels.labellers.base import Labeller, Sense, make_distinct

MAX_NAMED_THEMES = 10  # themes that a warning lists


def load(settings: LabelSettings) -> Labeller:
    """The labeller that the settings name. Raises SettingsError; cheap, so a run can ask before its long work."""
    options = {"keywords": settings.keywords, "exemplars": settings.exemplars} | dict(settings.options)
    labeller: Labeller = plugins.load(labellers, settings.labeller, options)
    return labeller


def name(
    catalog: Catalog,
    themes: Themes,
    vectors: NDArray[np.float32],
    settings: LabelSettings,
    entries: Iterable[Entry],
    senses: Mapping[str, Sense] | None = None,
) -> tuple[Theme, ...]:
    """Every theme of every level, broadest level first, each level by falling size; no two of a level share a label.

    `vectors` (n, d) are fused unit vectors by catalog row, NaN where an item has none; `entries` are what the ledger
    knows of themes. A theme with the same members as its parent has its parent's label. One that had a label keeps it,
    unless most of the keywords in it (of all keywords, where it has none in it) are no longer among the theme's.
    """
    labeller = load(settings)
    known = {entry.id: entry for entry in entries}
    labels_by_level: list[tuple[Label, ...]] = []
    for depth, level in enumerate(themes.levels):
        named = labeller.label(catalog, level, vectors, senses)
        fixed = _inherited(level, themes.levels[depth - 1], labels_by_level[-1]) if labels_by_level else {}
        for theme, (id, label) in enumerate(zip(level.ids, named, strict=True)):
            taken = {each.text.casefold() for each in fixed.values()}
            kept = known.get(id)
            if kept and theme not in fixed and _holds(kept, label) and kept.label.casefold() not in taken:
                fixed[theme] = replace(label, text=kept.label, note="")
        labels_by_level.append(_distinct(named, fixed, catalog))
    return tuple(
        _theme(catalog, themes, depth, number, label)
        for depth, level_labels in enumerate(labels_by_level)
        for number, label in enumerate(level_labels)
    )


def label(
    catalog: Catalog,
    rows: Sequence[int] | NDArray[np.int64],
    vectors: NDArray[np.float32],
    settings: LabelSettings,
    senses: Mapping[str, Sense] | None = None,
) -> Label:
    """Words for any set of items, against the rest of the catalog. Raises UsageError for an empty set."""
    chosen = np.unique(np.asarray(rows, dtype=np.int64))
    if not len(chosen):
        raise UsageError("label: give at least one item")
    if chosen[0] < 0 or chosen[-1] >= len(catalog):
        raise UsageError(f"label: rows must be in 0..{len(catalog) - 1}, got {chosen[0]}..{chosen[-1]}")
    members = np.full(len(catalog), OUTLIER, dtype=np.int64)
    strengths = np.zeros(len(catalog), dtype=np.float32)
    members[chosen], strengths[chosen] = 0, 1
    level = Level(members, strengths, np.zeros(len(catalog), dtype=bool), (OUTLIER,), (1.0,))
    return load(settings).label(catalog, level, vectors, senses)[0]


def build_senses(spaces: Mapping[str, Embeddings], encoder: Callable[[str], Encoder]) -> dict[str, Sense]:
    """The spaces as labellers use them; `encoder` gives that of a space, and is asked when a text is to be encoded."""

    def embed(name: str, texts: Sequence[str]) -> NDArray[np.float32]:
        chosen = encoder(name)
        return chosen.encode(texts).vectors if chosen.modality == "text" else chosen.encode_text(texts)

    return {name: Sense(space, partial(embed, name)) for name, space in spaces.items()}


def explain_notes(named: Sequence[Theme]) -> list[str]:
    """What a run says of themes whose label is not from the labeller that is set, one line a reason."""
    reasons: dict[str, list[str]] = {}
    for theme in named:
        if theme.note:
            reasons.setdefault(theme.note, []).append(theme.id)
    keep = {False: "keep their keyword labels", True: "keeps its keyword label"}
    total = plural(len(named), "theme")
    return [
        f"{len(ids):,} of {total} {keep[len(ids) == 1]} because {reason}: {', '.join(ids[:MAX_NAMED_THEMES])}"
        + (" ..." if len(ids) > MAX_NAMED_THEMES else "")
        for reason, ids in reasons.items()
    ]


def _inherited(level: Level, upper: Level, above: tuple[Label, ...]) -> dict[int, Label]:
    """The parent's label for each theme that is all of its parent."""
    sizes, upper_sizes = _sizes(level), _sizes(upper)
    return {
        theme: above[parent]
        for theme, parent in enumerate(level.parents)
        if parent != OUTLIER and sizes[theme] == upper_sizes[parent]
    }


def _holds(entry: Entry, label: Label) -> bool:
    """Whether the theme's keywords still bear out the label that it had."""
    former = entry.label.casefold()
    words = [word.casefold() for word in entry.keywords]
    rests_on = {word for word in words if word in former} or set(words)
    return bool(former) and 2 * len(rests_on & {word.casefold() for word in label.keywords}) >= len(rests_on)


def _distinct(named: tuple[Label, ...], fixed: Mapping[int, Label], catalog: Catalog) -> tuple[Label, ...]:
    """The labels of a level, some of them fixed; the others differ from these and from each other."""
    others = [theme for theme in range(len(named)) if theme not in fixed]
    taken = [each.text for each in fixed.values()]
    free = dict(zip(others, make_distinct((named[theme] for theme in others), catalog, taken), strict=True))
    return tuple(fixed[theme] if theme in fixed else free[theme] for theme in range(len(named)))


def recount(catalog: Catalog, themes: Themes, named: Sequence[Theme]) -> tuple[Theme, ...]:
    """The themes of a partition, with all that can be counted counted anew.

    Words, and what they rest on, are those that the first of `named` with the theme's id has at its level.
    """
    by_id = {(theme.level, theme.id): theme for theme in reversed(named)}
    counted = []
    for depth, level in enumerate(themes.levels):
        for number, id in enumerate(level.ids):
            theme = by_id[depth, id]
            exemplars = tuple(catalog.rows[item.id] for item in theme.exemplars)
            label = Label(theme.label, theme.keywords, exemplars, theme.note)
            counted.append(_theme(catalog, themes, depth, number, label))
    return tuple(counted)


def _sizes(level: Level) -> list[int]:
    return np.bincount(level.members[level.members >= 0], minlength=level.count).tolist()  # type: ignore[no-any-return]


def _theme(catalog: Catalog, themes: Themes, depth: int, number: int, label: Label) -> Theme:
    levels = themes.levels
    level = levels[depth]
    rows = np.flatnonzero(level.members == number)
    below = levels[depth + 1].parents if depth + 1 < len(levels) else ()
    children = (levels[depth + 1].ids[child] for child, above in enumerate(below) if above == number)
    id = level.ids[number]
    above = next((ancestor for ancestor in _ancestors(levels, depth, number) if ancestor != id), None)
    return Theme(
        id=id,
        label=label.text,
        keywords=label.keywords,
        exemplars=tuple(
            Item(catalog.ids[row], catalog.titles[row], float(level.strengths[row])) for row in label.exemplars
        ),
        size=len(rows),
        attached=int(level.attached[rows].sum()),
        share=len(rows) / len(catalog),
        strength=float(level.strengths[rows].mean(dtype=np.float64)) if len(rows) else 0.0,
        stability=level.stability[number],
        level=depth,
        number=number,
        parent=above,
        children=tuple(child for child in children if child != id),
        note=label.note,
    )


def _ancestors(levels: tuple[Level, ...], depth: int, number: int) -> Iterator[str]:
    """The ids of the themes that hold a theme, nearest first."""
    while depth and (number := levels[depth].parents[number]) != OUTLIER:
        depth -= 1
        yield levels[depth].ids[number]
