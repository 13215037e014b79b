"""Tonight's themes against all that were: permanent ids, and what happened to each theme.

Two nights have an item in common when its content is the same, or else its id and title; a theme's items count by their
membership strengths. Of a theme then and a theme now, `forward` is the share of the one that is now in the other,
`backward` the share of the other that was in the one, both among common items, and their similarity is the geometric
mean. A theme may be the continuation of another if they are similar enough and chance (the hypergeometric distribution
of the overlap of two sets of their sizes, corrected for the number of pairs) would not bring them together. Which
continues which is the optimal assignment: first within each level, last night's themes before those that are away, then
whatever is left across levels.

    continued, returned   it has a continuation tonight; the theme was away until now
    split                 a theme without a continued id has most of its members from this one
    merged                a theme that has no continuation has most of its members in this one
    born                  none of these
    dormant               it has no continuation, and its members are in no one theme
    died                  as dormant, and none of its items is in the catalog, or away for long

The confidence of continued and returned is the similarity; of a split (merger) the least share of members that a part
has from (an absorbed theme has in) the theme; of born 1 less the largest share of members that it has from one theme;
of dormant and died 1 less the largest share that is in one theme.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.nouns import Catalog, Embeddings, Entry, Event, Keys, Ledger, Theme, Themes
from discover.settings import LedgerSettings

KINDS = ("born", "continued", "split", "merged", "dormant", "returned", "died")
ALIKE = 0.4  # similarity from which a theme may be the continuation of another
CHANCE = 0.01  # probability of such an overlap by chance up to which it counts, over all pairs
FEW = 5  # common items without which a majority says nothing
MOST = 0.5  # share of members from which a theme comes from, or went into, another
FAINT = 1e-6  # least weight of a member: strengths may be 0
DECIMALS = 9  # to which shares are rounded, as sums depend on the order of rows in their last bits
DIGITS = 32  # hexadecimal, of a digest


def identify(catalog: Catalog, spaces: Mapping[str, Embeddings]) -> Keys:
    """What the items of a catalog are known by: their text, or what else was encoded; and id and title."""
    contents = np.zeros(len(catalog), dtype=f"S{DIGITS}")
    for name in sorted(spaces, key=lambda name: (name == "text", name)):  # the last one has the last word
        contents[spaces[name].rows] = spaces[name].contents.astype(f"S{DIGITS}")
    names = [
        hashlib.sha256(f"{id}\0{title}".encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
        for id, title in zip(catalog.ids, catalog.titles, strict=True)
    ]
    return Keys(contents, np.array(names, dtype=f"S{DIGITS}"))


def match(before: Ledger, themes: Themes, keys: Keys, version: int, created: str, settings: LedgerSettings) -> Ledger:
    """The ledger after tonight: every theme of every level has an id, what is known of it, and an event.

    `before` is the ledger of the night before (an empty one on the first), `keys` are those of tonight's rows. New ids
    count on from `before.last`, broad levels first, then by falling size. The order of rows changes nothing.
    """
    tonight = _tonight(themes, keys)
    pairs = _compare(before, tonight, keys)
    heirs = _heirs(before.entries, tonight, pairs)
    story = _story(before.entries, tonight, pairs, heirs)
    entries, places = _entries(before, tonight, heirs, pairs, version, settings)
    ids: list[list[str]] = [[""] * level.count for level in themes.levels]
    for place, level, number in zip(places.tolist(), tonight.levels.tolist(), tonight.numbers.tolist(), strict=True):
        ids[level][number] = entries[place].id
    events = _events(before.entries, entries, places, heirs, story, version, created)
    remembered = _remember(before, entries, tonight, places, pairs.rows, keys, settings)
    return replace(
        remembered,
        version=version,
        entries=entries,
        events=(*before.events, *events),
        ids=tuple(map(tuple, ids)),
        last=before.last + len(entries) - len(before.entries),
    )


def named(ledger: Ledger, themes: Sequence[Theme]) -> Ledger:
    """The ledger with the labels of tonight's themes; a label that changed is remembered among the names."""
    of_id = {theme.id: theme for theme in themes}
    return replace(ledger, entries=tuple(_named(entry, of_id.get(entry.id)) for entry in ledger.entries))


def happened(ledger: Ledger) -> dict[str, int]:
    """How many events of each kind there were in the last night."""
    kinds = Counter(event.kind for event in ledger.events if event.version == ledger.version)
    return {kind: kinds[kind] for kind in KINDS}


def _named(entry: Entry, theme: Theme | None) -> Entry:
    if theme is None or theme.label == entry.label:
        return entry
    names = tuple(name for name in (*entry.names, entry.label) if name and name != theme.label)
    return replace(entry, label=theme.label, keywords=theme.keywords, names=names)


# --- which item is which -----------------------------------------------------------------------------------


def common(ours: Keys, theirs: Keys) -> NDArray[np.int64]:
    """For each item of ours its position among theirs, or -1: by content first, then by id and title.

    Copies with the same content are matched one to one, in order.
    """
    found = np.full(len(ours), -1, dtype=np.int64)
    for kind in ("contents", "names"):
        one, other = getattr(ours, kind), getattr(theirs, kind)
        left = np.flatnonzero((found < 0) & (one != b""))
        free = np.setdiff1d(np.flatnonzero(other != b""), found)
        i, j = _equal(one[left], other[free])
        found[left[i]] = free[j]
    return found


def _equal(ours: NDArray[Any], theirs: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of equal values, the first of a value in ours with the first in theirs, the second with the second."""
    _, codes = np.unique(np.concatenate([ours, theirs]), return_inverse=True)
    keys = [codes_ * (len(codes) + 1) + _nth(codes_) for codes_ in (codes[: len(ours)], codes[len(ours) :])]
    _, i, j = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    return i, j


def _nth(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many equal values stand before each value."""
    order = np.argsort(values, kind="stable")
    starts = np.searchsorted(values[order], values[order], side="left")
    nth = np.empty(len(values), dtype=np.int64)
    nth[order] = np.arange(len(values)) - starts
    return nth


# --- how near themes are -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Tonight:
    """The themes of all levels, broad levels first, then by falling size, in an order that no row order changes."""

    levels: NDArray[np.int64]  # (b,)
    numbers: NDArray[np.int64]  # (b,), within the level
    members: Any  # sparse (b, n): strengths

    def __len__(self) -> int:
        return len(self.levels)


def _tonight(themes: Themes, keys: Keys) -> _Tonight:
    rank = np.empty(len(keys), dtype=np.int64)
    rank[np.lexsort((keys.names, keys.contents))] = np.arange(len(keys))
    listed = []
    for depth, level in enumerate(themes.levels):
        for number, rows in enumerate(_rows(level.members, level.count)):
            first = int(rank[rows].min()) if len(rows) else -1
            listed.append((depth, -len(rows), first, number, rows, level.strengths[rows]))
    listed.sort(key=lambda each: each[:4])
    theme = np.repeat(np.arange(len(listed)), [len(each[4]) for each in listed])
    nothing: list[NDArray[Any]] = [np.empty(0, dtype=np.int64)]
    rows = np.concatenate([each[4] for each in listed] or nothing)
    strengths = np.concatenate([each[5] for each in listed] or nothing)
    members = _matrix(theme, rows, strengths, (len(listed), len(keys)))
    levels, numbers = (np.array([each[i] for each in listed], dtype=np.int64) for i in (0, 3))
    return _Tonight(levels, numbers, members)


def _rows(members: NDArray[np.int64], count: int) -> list[NDArray[np.int64]]:
    """The rows of each theme, ascending."""
    order = np.argsort(members, kind="stable")
    return np.split(order, np.searchsorted(members[order], np.arange(count + 1)))[1:-1]


def _matrix(theme: NDArray[Any], item: NDArray[Any], strength: NDArray[Any], shape: tuple[int, int]) -> Any:
    from scipy import sparse

    weights = np.maximum(strength.astype(np.float64), FAINT)
    return sparse.csr_array((weights, (theme, item)), shape)


@dataclass(frozen=True)
class _Pairs:
    """Themes then (position in the ledger's entries) and now (position in tonight's) that have items in common."""

    then: NDArray[np.int64]
    now: NDArray[np.int64]
    similarity: NDArray[np.float64]
    believable: NDArray[np.bool_]  # not by chance
    origin: NDArray[np.float64]  # share of all members now that come from the theme then
    fate: NDArray[np.float64]  # share of all members then that are in the theme now
    rows: NDArray[np.int64]  # by item of the ledger: its row tonight, or -1
    present: NDArray[np.int64]  # by theme then: how many of its items are in tonight's catalog

    def where(self, chosen: NDArray[np.bool_]) -> _Pairs:
        """Some of them."""
        names = ("then", "now", "similarity", "believable", "origin", "fate")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def largest(self, share: NDArray[np.float64], of: NDArray[np.int64], count: int) -> NDArray[np.float64]:
        """The largest share of each theme, 0 where it has none."""
        found = np.zeros(count)
        np.maximum.at(found, of, share)
        return found


def _compare(before: Ledger, tonight: _Tonight, keys: Keys) -> _Pairs:
    rows = common(before.keys, keys)
    there = rows[before.items] >= 0
    shape = (len(before.entries), len(keys))
    then = _matrix(before.themes[there], rows[before.items[there]], before.strengths[there], shape)
    known = np.zeros(len(keys))
    known[rows[rows >= 0]] = 1.0
    now = tonight.members
    was, is_ = (matrix.astype(bool).astype(np.float64) for matrix in (then, now))
    overlap, flow, back = (_sorted(one @ other.T) for one, other in ((was, is_), (then, is_), (was, now)))
    a, b = overlap.tocoo().coords
    weight_then = np.bincount(
        before.themes, np.maximum(before.strengths.astype(np.float64), FAINT), len(before.entries)
    )
    sizes, found = was.sum(axis=1), is_ @ known
    forward, backward = flow.data / then.sum(axis=1)[a], back.data / (now @ known)[b]
    pairs = len(np.unique(before.themes)) * len(tonight)
    return _Pairs(
        a.astype(np.int64),
        b.astype(np.int64),
        np.round(np.sqrt(forward * backward), DECIMALS),
        _believable(overlap.data, sizes[a], found[b], known.sum(), pairs),
        np.round(back.data / now.sum(axis=1)[b], DECIMALS),
        np.round(flow.data / weight_then[a], DECIMALS),
        rows,
        sizes.astype(np.int64),
    )


def _sorted(matrix: Any) -> Any:
    """In order, so that matrices with the same pattern have their values at the same places."""
    matrix.sort_indices()
    return matrix


def _believable(
    overlap: NDArray[Any], then: NDArray[Any], now: NDArray[Any], items: float, pairs: int
) -> NDArray[np.bool_]:
    """By pair of themes: whether they have more in common than two random sets of their sizes would.

    Two themes with just the same items are the same; so are two that each hold most of the items, of which chance can
    say nothing, as any two such sets have much in common.
    """
    from scipy import stats

    chance = stats.hypergeom.sf(overlap - 1, items, then, now) * pairs
    same = (overlap == then) & (overlap == now)
    most = (overlap >= FEW) & (2 * then > items) & (2 * now > items)
    return np.asarray((chance <= CHANCE) | same | most)


# --- which theme is which ----------------------------------------------------------------------------------


def _heirs(entries: Sequence[Entry], tonight: _Tonight, pairs: _Pairs) -> NDArray[np.int64]:
    """By theme of tonight: position of the entry that it continues, or -1."""
    levels = np.array([entry.level for entry in entries], dtype=np.int64)
    away = np.array([entry.away > 0 for entry in entries], dtype=bool)
    heirs, taken = np.full(len(tonight), -1, dtype=np.int64), np.zeros(len(entries), dtype=bool)
    able = pairs.where(pairs.believable & (pairs.similarity >= ALIKE))
    for across in (False, True):
        for gone in (False, True):
            free = ~taken[able.then] & (heirs[able.now] < 0) & (away[able.then] == gone)
            left = able.where(free & (across | (levels[able.then] == tonight.levels[able.now])))
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
        yield from (int(found) for found in place[linear_sum_assignment(matrix, maximize=True)] if found >= 0)


# --- what happened -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Story:
    """What the events are told from."""

    similarity: NDArray[np.float64]  # (b,), to the theme that it continues
    origin: NDArray[np.float64]  # (b,), largest share of members from one theme
    fate: NDArray[np.float64]  # (a,), largest share of members in one theme
    parts: dict[int, list[tuple[int, float]]]  # theme then -> themes now that broke off, with their shares
    absorbed: dict[int, list[tuple[int, float]]]  # theme now -> themes then that are in it, with their shares


def _story(entries: Sequence[Entry], tonight: _Tonight, pairs: _Pairs, heirs: NDArray[np.int64]) -> _Story:
    levels = np.array([entry.level for entry in entries], dtype=np.int64)
    here = np.array([entry.away == 0 for entry in entries], dtype=bool)
    stays_now = (heirs >= 0) & (levels[heirs] == tonight.levels) & here[heirs] if len(entries) else heirs >= 0
    stays_then = np.zeros(len(entries), dtype=bool)
    stays_then[heirs[stays_now]] = True
    kin = pairs.where(pairs.believable & here[pairs.then] & (levels[pairs.then] == tonight.levels[pairs.now]))
    broken = kin.where(~stays_now[kin.now] & (kin.origin >= MOST))
    lost = kin.where(~stays_then[kin.then] & (kin.fate >= MOST))
    similarity = np.zeros(len(tonight))
    continued = pairs.where(heirs[pairs.now] == pairs.then)
    similarity[continued.now] = continued.similarity
    return _Story(
        similarity,
        pairs.largest(pairs.origin, pairs.now, len(tonight)),
        pairs.largest(pairs.fate, pairs.then, len(entries)),
        _grouped(broken.then, broken.now, broken.origin),
        _grouped(lost.now, lost.then, lost.fate),
    )


def _grouped(
    of: NDArray[np.int64], other: NDArray[np.int64], share: NDArray[np.float64]
) -> dict[int, list[tuple[int, float]]]:
    """For each theme the others, each other with only one theme: the one that has its largest share."""
    found: dict[int, list[tuple[int, float]]] = {}
    seen: set[int] = set()
    for i in np.lexsort((of, -share, other)).tolist():
        if int(other[i]) not in seen:
            found.setdefault(int(of[i]), []).append((int(other[i]), float(share[i])))
        seen.add(int(other[i]))
    return found


def _entries(
    before: Ledger,
    tonight: _Tonight,
    heirs: NDArray[np.int64],
    pairs: _Pairs,
    version: int,
    settings: LedgerSettings,
) -> tuple[tuple[Entry, ...], NDArray[np.int64]]:
    """All entries after tonight, and the place among them of each of tonight's themes."""
    places = heirs.copy()
    new = np.flatnonzero(heirs < 0)
    places[new] = len(before.entries) + np.arange(len(new))
    entries = list(before.entries)
    for old in set(range(len(entries))) - set(heirs.tolist()):
        away = entries[old].away + 1
        died = entries[old].died or away >= settings.died_after or not pairs.present[old]
        entries[old] = replace(entries[old], away=away, died=died)
    for now, then in enumerate(heirs.tolist()):
        level = int(tonight.levels[now])
        if then >= 0:
            entries[then] = replace(entries[then], level=level, seen=version, away=0, died=False)
        else:
            number = before.last + 1 + len(entries) - len(before.entries)
            entries.append(Entry(f"T{number:04d}", level, "", (), (), version, version))
    return tuple(entries), places


def _events(
    before: Sequence[Entry],
    entries: Sequence[Entry],
    places: NDArray[np.int64],
    heirs: NDArray[np.int64],
    story: _Story,
    version: int,
    created: str,
) -> Iterator[Event]:
    """Tonight's events: of the themes that are there, in their order, then of those that are not."""

    def event(kind: str, theme: int, confidence: float, others: Sequence[int] = ()) -> Event:
        ids = tuple(sorted(entries[other].id for other in others))
        return Event(version, created, kind, entries[theme].id, ids, float(np.clip(confidence, 0.0, 1.0)))

    told: set[int] = set()  # places of themes of which a split or a merger tells
    for then, parts in sorted(story.parts.items()):
        told |= {int(places[now]) for now, _ in parts}
        told |= {then} if len(parts) > 1 or then in heirs else set()
    for now, absorbed in sorted(story.absorbed.items()):
        told |= {int(places[now]), *(then for then, _ in absorbed)}
    for now, place in enumerate(places.tolist()):
        if place not in told and heirs[now] < 0:
            yield event("born", place, 1 - story.origin[now])
        elif place not in told:
            yield event("returned" if before[place].away else "continued", place, story.similarity[now])
        if now in story.absorbed:
            absorbed = story.absorbed[now]
            yield event("merged", place, min(share for _, share in absorbed), [then for then, _ in absorbed])
    for then, parts in sorted(story.parts.items()):
        yield event("split", then, min(share for _, share in parts), [int(places[now]) for now, _ in parts])
    for then, old in enumerate(before):
        if entries[then].died and not old.died:
            yield event("died", then, 1 - story.fate[then])
        elif entries[then].away == 1 and then not in told:
            yield event("dormant", then, 1 - story.fate[then])


def _remember(
    before: Ledger,
    entries: Sequence[Entry],
    tonight: _Tonight,
    places: NDArray[np.int64],
    rows: NDArray[np.int64],
    keys: Keys,
    settings: LedgerSettings,
) -> Ledger:
    """The items of tonight and the members of all themes that may come back."""
    waiting = np.array([0 < entry.away < settings.died_after for entry in entries[: len(before.entries)]], dtype=bool)
    kept = np.flatnonzero(waiting[before.themes]) if len(waiting) else np.empty(0, dtype=np.int64)
    ghosts = np.unique(before.items[kept])
    ghosts = ghosts[rows[ghosts] < 0]
    place = rows.copy()
    place[ghosts] = len(keys) + np.arange(len(ghosts))
    members = tonight.members.tocoo()
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
