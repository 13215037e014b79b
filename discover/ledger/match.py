"""The themes of a run against all that were: permanent ids, and what happened to each theme.

Two runs have an item in common when its content is the same, or else its id and title (see `keys`). A theme's items
count by their membership strengths. Of a theme then and a theme now, `forward` is the share of the one that is now in
the other, `backward` the share of the other that was in the one, both among common items, and their similarity is the
geometric mean. A theme may be the continuation of another if they are similar enough and chance (the hypergeometric
distribution of the overlap of two sets of their sizes, corrected for the number of pairs) would not bring them
together. Which continues which is the optimal assignment: first among very similar themes whose broadest level is the
same, then within each level, then whatever is left across levels; the last run's themes before those that are away.

    continued, returned   it has a continuation; the theme was away until now
    split                 a new theme, apart from this one, has most of its members from it
    merged                a theme, apart from this one, has no continuation and most of its members in this one
    born                  none of these
    dormant               it has no continuation
    died                  as dormant, and nearly none of its items is in the catalog, or away for long

A theme that is the same at several levels, as it does not fall apart, is one theme with one id.

The confidence of continued and returned is the similarity; of a split (merger) the least share of members that a part
has from (an absorbed theme has in) the theme; of born 1 less the largest share of members that it has from one theme;
of dormant and died 1 less the largest share that is in one theme. A theme that only groups others, or fell apart into
others, that both runs have is no news: its confidence is near 0. But for continued, none is more than the stability
of any theme that the event names: one that half of the items do not show again comes and goes by chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from discover.core.settings import LedgerSettings
from discover.core.types import EVENT_WORDS, Entry, Keys, Ledger, Theme, Themes
from discover.ledger.overlap import (
    ALL_FINER_LEVELS,
    Current,
    Pairs,
    compare,
    gather_themes,
    reaches,
    share_level,
)
from discover.ledger.story import find_story, tell_events

MIN_SIMILARITY = 0.4  # from which a theme may be the continuation of another
SURE_SIMILARITY = 0.75  # from which one of the same broadest level is so before any other
DEAD_SHARE = 0.2  # of a theme's members that are still in the catalog, up to which it died


def match_themes(
    before: Ledger, themes: Themes, keys: Keys, version: int, created: str, settings: LedgerSettings
) -> tuple[Ledger, Themes]:
    """The ledger after a run, where every theme of every level has a record and an event; and the themes with ids.

    `before` is the ledger of the last run (an empty one on the first), `keys` are those of this run's rows. New ids
    count on from `before.last`, broad levels first, then by falling size. The order of rows changes nothing.
    """
    current = gather_themes(themes, keys)
    pairs = compare(before, current, keys)
    heirs = _find_heirs(before.entries, current, pairs)
    story = find_story(before, current, pairs, heirs)
    entries, places = _update_entries(before, current, heirs, pairs, version, settings)
    events = tell_events(before.entries, entries, places, heirs, story, version, created)
    remembered = _remember(before, entries, current, places, pairs.rows, keys, settings)
    ledger = replace(
        remembered,
        version=version,
        entries=entries,
        events=(*before.events, *events),
        last=before.last + len(entries) - len(before.entries),
    )
    levels = tuple(
        replace(level, ids=tuple(entries[places[node]].id for node in nodes))
        for level, nodes in zip(themes.levels, current.nodes, strict=True)
    )
    return ledger, replace(themes, levels=levels)


def remember_labels(ledger: Ledger, themes: Sequence[Theme]) -> Ledger:
    """The ledger with the labels of a run's themes; a label that changed is remembered among the names."""
    by_id = {theme.id: theme for theme in themes}
    return replace(ledger, entries=tuple(_relabel(entry, by_id.get(entry.id)) for entry in ledger.entries))


def _relabel(entry: Entry, theme: Theme | None) -> Entry:
    if theme is None or theme.label == entry.label:
        return entry
    names = tuple(name for name in (*entry.names, entry.label) if name and name != theme.label)
    return replace(entry, label=theme.label, keywords=theme.keywords, names=names)


def count_events(ledger: Ledger) -> dict[str, int]:
    """How many events of each kind, likely ones, the last run had; on a first run none are news."""
    if all(event.version == ledger.version for event in ledger.events):
        return dict.fromkeys(EVENT_WORDS, 0)
    kinds = Counter(event.kind for event in ledger.likely() if event.version == ledger.version)
    return {kind: kinds[kind] for kind in EVENT_WORDS}


# --- which theme is which ----------------------------------------------------------------------------------


def _find_heirs(entries: Sequence[Entry], current: Current, pairs: Pairs) -> NDArray[np.int64]:
    """By theme of this run: position of the entry that it continues, or -1."""
    reach = reaches(entries)
    away = np.array([entry.away > 0 for entry in entries], dtype=bool)
    heirs, taken = np.full(len(current), -1, dtype=np.int64), np.zeros(len(entries), dtype=bool)
    able = pairs.where(pairs.believable & (pairs.similarity >= MIN_SIMILARITY))
    top = reach[able.then, 0] == current.reach[able.now, 0]
    # A theme that begins to fall apart, or no longer does, stays the theme that people see first: the broader one.
    rounds = (
        top & (able.similarity >= SURE_SIMILARITY),
        share_level(reach[able.then], current.reach[able.now]),
        np.ones_like(top),
    )
    for eligible in rounds:
        for gone in (False, True):
            left = able.where(eligible & ~taken[able.then] & (heirs[able.now] < 0) & (away[able.then] == gone))
            # The fourth power, so that one strong tie outweighs two weak ones.
            for chosen in _assign(left.then, left.now, left.similarity**4):
                heirs[left.now[chosen]] = left.then[chosen]
                taken[left.then[chosen]] = True
    return heirs


def _assign(ours: NDArray[np.int64], theirs: NDArray[np.int64], worth: NDArray[np.float64]) -> Iterator[int]:
    """Positions of the pairs of largest total worth in which nobody stands twice (the assignment problem).

    Solved one connected group after the other, as groups are small where all together may be thousands.
    """
    from scipy import sparse
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import csgraph

    if not len(ours):
        return
    width = int(ours.max()) + 1
    links = sparse.coo_array((worth, (ours, width + theirs)), (width + int(theirs.max()) + 1,) * 2)
    _, groups = csgraph.connected_components(links, directed=False)
    group = groups[ours]
    for number in np.unique(group):
        chosen = np.flatnonzero(group == number)
        lines, i = np.unique(ours[chosen], return_inverse=True)
        columns, j = np.unique(theirs[chosen], return_inverse=True)
        matrix, place = np.zeros((len(lines), len(columns))), np.full((len(lines), len(columns)), -1)
        matrix[i, j], place[i, j] = worth[chosen], chosen
        yield from (int(pair) for pair in place[linear_sum_assignment(matrix, maximize=True)] if pair >= 0)


# --- what is known after the run ---------------------------------------------------------------------------


def _update_entries(
    before: Ledger,
    current: Current,
    heirs: NDArray[np.int64],
    pairs: Pairs,
    version: int,
    settings: LedgerSettings,
) -> tuple[tuple[Entry, ...], NDArray[np.int64]]:
    """All entries after the run, and the place among them of each of its themes."""
    places = heirs.copy()
    new = np.flatnonzero(heirs < 0)
    places[new] = len(before.entries) + np.arange(len(new))
    entries = list(before.entries)
    for old in set(range(len(entries))) - set(heirs.tolist()):
        away = entries[old].away + 1
        died = entries[old].died or away >= settings.died_after or pairs.present[old] <= DEAD_SHARE
        entries[old] = replace(entries[old], away=away, died=died)
    for now, then in enumerate(heirs.tolist()):
        if then < 0:
            number = before.last + 1 + len(entries) - len(before.entries)
            entries.append(Entry(f"T{number:04d}", born=version))
        level, deepest = current.reach[now].tolist()
        entries[places[now]] = replace(
            entries[places[now]],
            level=level,
            deepest=None if deepest == ALL_FINER_LEVELS else deepest,
            seen=version,
            stability=float(current.stability[now]),
            away=0,
            died=False,
        )
    return tuple(entries), places


def _remember(
    before: Ledger,
    entries: Sequence[Entry],
    current: Current,
    places: NDArray[np.int64],
    rows: NDArray[np.int64],
    keys: Keys,
    settings: LedgerSettings,
) -> Ledger:
    """The items of this run and the members of all themes that may come back."""
    waiting = np.array([0 < entry.away < settings.died_after for entry in entries[: len(before.entries)]], dtype=bool)
    kept = np.flatnonzero(waiting[before.themes]) if len(waiting) else np.empty(0, dtype=np.int64)
    ghosts = np.unique(before.items[kept])
    ghosts = ghosts[rows[ghosts] < 0]
    place = rows.copy()
    place[ghosts] = len(keys) + np.arange(len(ghosts))
    members = current.members.tocoo()
    now, row = members.coords
    return Ledger(
        keys=Keys(
            np.concatenate([keys.contents, before.keys.contents[ghosts]]),
            np.concatenate([keys.names, before.keys.names[ghosts]]),
        ),
        themes=np.concatenate([places[now], before.themes[kept]]),
        items=np.concatenate([row, place[before.items[kept]]]).astype(np.int64),
        strengths=np.concatenate([members.data, before.strengths[kept]]).astype(np.float32),
    )
