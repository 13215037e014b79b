"""Tonight's themes against all that were: permanent ids, and what happened to each theme.

Two nights have an item in common when its content is the same, or else its id and title; a theme's items count by their
membership strengths. Of a theme then and a theme now, `forward` is the share of the one that is now in the other,
`backward` the share of the other that was in the one, both among common items, and their similarity is the geometric
mean. A theme may be the continuation of another if they are similar enough and chance (the hypergeometric distribution
of the overlap of two sets of their sizes, corrected for the number of pairs) would not bring them together. Which
continues which is the optimal assignment: first among very similar themes whose broadest level is the same, then within
each level, then whatever is left across levels; last night's themes before those that are away.

    continued, returned   it has a continuation tonight; the theme was away until now
    split                 a new theme, apart from this one, has most of its members from it
    merged                a theme, apart from this one, has no continuation and most of its members in this one
    born                  none of these
    dormant               it has no continuation
    died                  as dormant, and nearly none of its items is in the catalog, or away for long

A theme that is the same at several levels, as it does not fall apart, is one theme with one id.

The confidence of continued and returned is the similarity; of a split (merger) the least share of members that a part
has from (an absorbed theme has in) the theme; of born 1 less the largest share of members that it has from one theme;
of dormant and died 1 less the largest share that is in one theme. A theme that only groups others, or fell apart into
others, that are there on both nights is no news: its confidence is near 0. But for continued, none is more than the
stability of any theme that the event names: one that half of the items do not show again comes and goes by chance.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.settings import LedgerSettings
from discover.core.types import Catalog, Embeddings, Entry, Event, Keys, Ledger, Theme, Themes

KINDS = ("born", "continued", "split", "merged", "dormant", "returned", "died")
ALIKE = 0.4  # similarity from which a theme may be the continuation of another
SURE = 0.75  # from which one of the same broadest level is so before any other
CHANCE = 0.01  # probability of such an overlap by chance up to which it counts, over all pairs
FEW = 5  # common items without which a majority says nothing
MOST = 0.5  # share of members from which a theme comes from, or went into, another
FEWEST = 0.2  # share of a theme's members that are still in the catalog, up to which it died
FAINT = 1e-6  # least weight of a member: strengths may be 0
DECIMALS = 9  # to which shares are rounded, as sums depend on the order of rows in their last bits
DIGITS = 32  # hexadecimal, of a digest
ENDLESS = 1000  # below all levels: where a theme is at all finer levels, as it does not fall apart


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
    story = _story(before, tonight, pairs, heirs)
    entries, places = _entries(before, tonight, heirs, pairs, version, settings)
    events = _events(before.entries, entries, places, heirs, story, version, created)
    remembered = _remember(before, entries, tonight, places, pairs.rows, keys, settings)
    return replace(
        remembered,
        version=version,
        entries=entries,
        events=(*before.events, *events),
        ids=tuple(tuple(entries[places[node]].id for node in level) for level in tonight.nodes),
        last=before.last + len(entries) - len(before.entries),
    )


def named(ledger: Ledger, themes: Sequence[Theme]) -> Ledger:
    """The ledger with the labels of tonight's themes; a label that changed is remembered among the names."""
    of_id = {theme.id: theme for theme in themes}
    return replace(ledger, entries=tuple(_named(entry, of_id.get(entry.id)) for entry in ledger.entries))


def happened(ledger: Ledger) -> dict[str, int]:
    """How many events of each kind, likely ones, there were in the last night; on a first night none are news."""
    if all(event.version == ledger.version for event in ledger.events):
        return dict.fromkeys(KINDS, 0)
    kinds = Counter(event.kind for event in ledger.likely() if event.version == ledger.version)
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
    """Tonight's themes, those that are the same at several levels once: broad ones first, then by falling size, in an
    order that no order of rows changes.
    """

    reach: NDArray[np.int64]  # (b, 2): the broadest and the finest level that each is at
    members: Any  # sparse (b, n): strengths
    stability: NDArray[np.float64]  # (b,)
    nodes: tuple[tuple[int, ...], ...]  # by level and number: which of the b it is

    def __len__(self) -> int:
        return len(self.reach)


def _tonight(themes: Themes, keys: Keys) -> _Tonight:
    rank = np.empty(len(keys), dtype=np.int64)
    rank[np.lexsort((keys.names, keys.contents))] = np.arange(len(keys))
    found: dict[bytes, tuple[int, NDArray[Any], NDArray[Any], float]] = {}  # by rows: level, rows, strengths, stability
    levels = [_rows(level.members, level.count) for level in themes.levels]
    for depth, level in enumerate(themes.levels):
        for rows, stability in zip(levels[depth], level.stability, strict=True):
            found.setdefault(rows.tobytes(), (depth, rows, level.strengths[rows], stability))

    def order(each: tuple[int, NDArray[Any], NDArray[Any], float]) -> tuple[int, int, int]:
        return each[0], -len(each[1]), int(rank[each[1]].min(initial=len(rank)))

    listed = sorted(found.values(), key=order)
    place = {each[1].tobytes(): node for node, each in enumerate(listed)}
    nodes = tuple(tuple(place[rows.tobytes()] for rows in level) for level in levels)
    reach = np.array([(each[0], each[0]) for each in listed], dtype=np.int64).reshape(-1, 2)
    for depth, level_nodes in enumerate(nodes):
        reach[list(level_nodes), 1] = depth if depth + 1 < len(nodes) else ENDLESS
    theme = np.repeat(np.arange(len(listed)), [len(each[1]) for each in listed])
    nothing: list[NDArray[Any]] = [np.empty(0, dtype=np.int64)]
    rows, strengths = (np.concatenate([each[i] for each in listed] or nothing) for i in (1, 2))
    members = _matrix(theme, rows, strengths, (len(listed), len(keys)))
    return _Tonight(reach, members, np.array([each[3] for each in listed], dtype=np.float64), nodes)


def _reach(entries: Sequence[Entry]) -> NDArray[np.int64]:
    """(a, 2): the broadest and the finest level that each was at."""
    pairs = [(entry.level, ENDLESS if entry.deepest is None else entry.deepest) for entry in entries]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _meet(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether themes share a level, by their reaches."""
    return np.asarray((one[:, 0] <= other[:, 1]) & (other[:, 0] <= one[:, 1]))


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
    present: NDArray[np.float64]  # by theme then: share of its members that are in tonight's catalog

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
        np.divide(then.sum(axis=1), weight_then, out=np.zeros(len(weight_then)), where=weight_then > 0),
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
    reach = _reach(entries)
    away = np.array([entry.away > 0 for entry in entries], dtype=bool)
    heirs, taken = np.full(len(tonight), -1, dtype=np.int64), np.zeros(len(entries), dtype=bool)
    able = pairs.where(pairs.believable & (pairs.similarity >= ALIKE))
    top = reach[able.then, 0] == tonight.reach[able.now, 0]
    # A theme that begins to fall apart, or no longer does, stays the theme that people see first: the broader one.
    ways = (top & (able.similarity >= SURE), _meet(reach[able.then], tonight.reach[able.now]), np.ones_like(top))
    for way in ways:
        for gone in (False, True):
            left = able.where(way & ~taken[able.then] & (heirs[able.now] < 0) & (away[able.then] == gone))
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

    similarity: NDArray[np.float64]  # (b,), to the theme that it continues; less where that was away and only regroups
    origin: NDArray[np.float64]  # (b,), largest share of members from one theme, or from what was only regrouped
    fate: NDArray[np.float64]  # (a,), largest share of members in one theme, or in what was only regrouped
    parts: dict[int, list[tuple[int, float]]]  # theme then -> themes now that broke off, with their shares
    absorbed: dict[int, list[tuple[int, float]]]  # theme now -> themes then that are in it, with their shares


def _story(before: Ledger, tonight: _Tonight, pairs: _Pairs, heirs: NDArray[np.int64]) -> _Story:
    count = len(before.entries)
    then = _matrix(before.themes, before.items, before.strengths, (count, len(before.keys)))
    here = np.array([entry.away == 0 for entry in before.entries], dtype=bool)
    stays = np.isin(np.arange(count), heirs) & here
    stayed = (heirs >= 0) & np.append(here, False)[heirs]
    live = pairs.where(here[pairs.then])
    kin = live.where(live.believable)
    continued = pairs.where(heirs[pairs.now] == pairs.then)
    similarity = continued.largest(continued.similarity, continued.now, len(tonight))
    new, gone = _regrouped(tonight.members, stayed), _regrouped(then, stays)
    broken = kin.where(~stayed[kin.now] & (kin.origin >= MOST) & (kin.origin > kin.fate))
    lost = kin.where(~stays[kin.then] & (kin.fate >= MOST) & (kin.fate >= kin.origin))
    now_of = {int(heirs[now]): int(now) for now in np.flatnonzero(heirs >= 0)}
    then_of = {now: old for old, now in now_of.items()}
    return _Story(
        np.where(stayed, similarity, np.minimum(similarity, 1 - new)),
        np.maximum(live.largest(live.origin, live.now, len(tonight)), new),
        np.maximum(live.largest(live.fate, live.then, count), gone),
        _grouped(broken.then, broken.now, broken.origin, broken.fate, now_of, tonight.members),
        _grouped(lost.now, lost.then, lost.fate, lost.origin, then_of, then),
    )


def _regrouped(members: Any, stays: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The share of each theme's members that are in themes inside it that are there on both nights."""
    from scipy import sparse

    held = members.astype(bool).astype(np.float64)
    sizes, weights = held.sum(axis=1), members.sum(axis=1)
    both = (held @ held.T).tocoo()
    whole, part = both.coords
    nested = (both.data == sizes[part]) & (sizes[part] < sizes[whole]) & stays[part]
    inside = sparse.csr_array((np.ones(nested.sum()), (whole[nested], part[nested])), both.shape)
    covered = (inside @ held).astype(bool).multiply(members).sum(axis=1)
    shares: NDArray[np.float64] = np.divide(covered, weights, out=np.zeros(len(weights)), where=weights > 0)
    return shares


def _grouped(
    of: NDArray[np.int64],
    other: NDArray[np.int64],
    share: NDArray[np.float64],
    back: NDArray[np.float64],
    same: Mapping[int, int],
    members: Any,
) -> dict[int, list[tuple[int, float]]]:
    """For each theme the others of the other night that were, or are, one with it, and their shares.

    Each of them is with the theme that has its largest share, is apart from the theme itself as it is on its night
    (`same`), and inside none of the others. A theme that is not there on that night needs two.
    """
    found: dict[int, list[tuple[int, float]]] = {}
    seen: set[int] = set()
    for i in np.lexsort((of, -back, -share, other)).tolist():
        theme, part = int(of[i]), int(other[i])
        if part not in seen and (theme not in same or _inside(members, part, same[theme]) < MOST):
            found.setdefault(theme, []).append((part, float(share[i])))
        seen.add(part)
    for parts in found.values():
        parts[:] = [
            (part, share)
            for part, share in parts
            if not any(part != whole and _inside(members, part, whole) == 1 for whole, _ in parts)
        ]
    return {theme: parts for theme, parts in found.items() if theme in same or len(parts) > 1}


def _inside(members: Any, one: int, other: int) -> float:
    """The share of a theme's members that another theme has too."""
    start, stop = members.indptr[[one, one + 1]]
    also = np.isin(members.indices[start:stop], members.indices[slice(*members.indptr[[other, other + 1]])])
    return float(members.data[start:stop][also].sum() / members.data[start:stop].sum())


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
        died = entries[old].died or away >= settings.died_after or pairs.present[old] <= FEWEST
        entries[old] = replace(entries[old], away=away, died=died)
    for now, then in enumerate(heirs.tolist()):
        if then < 0:
            number = before.last + 1 + len(entries) - len(before.entries)
            entries.append(Entry(f"T{number:04d}", born=version))
        level, deepest = tonight.reach[now].tolist()
        entries[places[now]] = replace(
            entries[places[now]],
            level=level,
            deepest=None if deepest == ENDLESS else deepest,
            seen=version,
            stability=float(tonight.stability[now]),
            away=0,
            died=False,
        )
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
        steady = 1.0 if kind == "continued" else min(entries[each].stability for each in (theme, *others))
        ids = tuple(sorted(entries[other].id for other in others))
        return Event(version, created, kind, entries[theme].id, ids, float(np.clip(confidence, 0.0, steady)))

    told: set[int] = set()  # places of themes of which a split or a merger tells
    for then, parts in sorted(story.parts.items()):
        told |= {then, *(int(places[now]) for now, _ in parts)}
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
