"""What happened to themes from one run to the next, as events (see `discover.ledger.match`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.types import Entry, Event, Ledger
from discover.ledger.overlap import Current, Pairs, largest, weigh_members

MAJORITY = 0.5  # share of members from which a theme comes from, or went into, another


@dataclass(frozen=True)
class Story:
    """What events rest on."""

    similarity: NDArray[np.float64]  # (b,), to the theme that it continues; less where that was away and only regroups
    origin: NDArray[np.float64]  # (b,), largest share of members from one theme, or from what was only regrouped
    fate: NDArray[np.float64]  # (a,), largest share of members in one theme, or in what was only regrouped
    parts: dict[int, list[tuple[int, float]]]  # theme then -> themes now that broke off, with their shares
    absorbed: dict[int, list[tuple[int, float]]]  # theme now -> themes then that are in it, with their shares


def find_story(before: Ledger, current: Current, pairs: Pairs, heirs: NDArray[np.int64]) -> Story:
    """Where themes came from and went; `heirs` (b,) are the positions of the entries that they continue, or -1."""
    count = len(before.entries)
    then = weigh_members(before.themes, before.items, before.strengths, (count, len(before.keys)))
    here = np.array([entry.away == 0 for entry in before.entries], dtype=bool)
    stays = np.isin(np.arange(count), heirs) & here
    stayed = (heirs >= 0) & np.append(here, False)[heirs]
    live = pairs.where(here[pairs.then])
    kin = live.where(live.believable)
    continued = pairs.where(heirs[pairs.now] == pairs.then)
    similarity = largest(continued.similarity, continued.now, len(current))
    new, gone = _regrouped_shares(current.members, stayed), _regrouped_shares(then, stays)
    broken = kin.where(~stayed[kin.now] & (kin.origin >= MAJORITY) & (kin.origin > kin.fate))
    lost = kin.where(~stays[kin.then] & (kin.fate >= MAJORITY) & (kin.fate >= kin.origin))
    now_by_then = {int(heirs[now]): int(now) for now in np.flatnonzero(heirs >= 0)}
    then_by_now = {now: old for old, now in now_by_then.items()}
    return Story(
        np.where(stayed, similarity, np.minimum(similarity, 1 - new)),
        np.maximum(largest(live.origin, live.now, len(current)), new),
        np.maximum(largest(live.fate, live.then, count), gone),
        _group_parts(broken.then, broken.now, broken.origin, broken.fate, now_by_then, current.members),
        _group_parts(lost.now, lost.then, lost.fate, lost.origin, then_by_now, then),
    )


def _regrouped_shares(members: Any, stays: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The share of each theme's members that are in themes inside it that both runs have."""
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


def _group_parts(
    wholes: NDArray[np.int64],
    others: NDArray[np.int64],
    share: NDArray[np.float64],
    back: NDArray[np.float64],
    same: Mapping[int, int],
    members: Any,
) -> dict[int, list[tuple[int, float]]]:
    """For each theme the others of the other run that were, or are, one with it, and their shares.

    Each of them is with the theme that has its largest share, is apart from the theme itself as it is in its run
    (`same`), and inside none of the others. A theme that is not there in that run needs two.
    """
    grouped: dict[int, list[tuple[int, float]]] = {}
    seen: set[int] = set()
    for i in np.lexsort((wholes, -back, -share, others)).tolist():
        theme, part = int(wholes[i]), int(others[i])
        if part not in seen and (theme not in same or _share_inside(members, part, same[theme]) < MAJORITY):
            grouped.setdefault(theme, []).append((part, float(share[i])))
        seen.add(part)
    for parts in grouped.values():
        parts[:] = [
            (part, share)
            for part, share in parts
            if not any(part != whole and _share_inside(members, part, whole) == 1 for whole, _ in parts)
        ]
    return {theme: parts for theme, parts in grouped.items() if theme in same or len(parts) > 1}


def _share_inside(members: Any, one: int, other: int) -> float:
    """The share of a theme's members that another theme has too."""
    start, stop = members.indptr[[one, one + 1]]
    also = np.isin(members.indices[start:stop], members.indices[slice(*members.indptr[[other, other + 1]])])
    return float(members.data[start:stop][also].sum() / members.data[start:stop].sum())


def tell_events(
    before: Sequence[Entry],
    entries: Sequence[Entry],
    places: NDArray[np.int64],
    heirs: NDArray[np.int64],
    story: Story,
    version: int,
    created: str,
) -> Iterator[Event]:
    """A run's events: of the themes that are there, in their order, then of those that are not.

    `places` (b,) are the positions of the run's themes among all `entries`.
    """

    def event(kind: str, theme: int, confidence: float, others: Sequence[int] = ()) -> Event:
        """An event of this run; it is no surer than its themes are stable."""
        steady = 1.0 if kind == "continued" else min(entries[place].stability for place in (theme, *others))
        ids = tuple(sorted(entries[other].id for other in others))
        return Event(version, created, kind, entries[theme].id, ids, float(np.clip(confidence, 0.0, steady)))

    involved: set[int] = set()  # places of themes that a split or a merger names
    for then, parts in sorted(story.parts.items()):
        involved |= {then, *(int(places[now]) for now, _ in parts)}
    for now, absorbed in sorted(story.absorbed.items()):
        involved |= {int(places[now]), *(then for then, _ in absorbed)}
    for now, place in enumerate(places.tolist()):
        if place not in involved and heirs[now] < 0:
            yield event("born", place, 1 - story.origin[now])
        elif place not in involved:
            yield event("returned" if before[place].away else "continued", place, story.similarity[now])
        if now in story.absorbed:
            absorbed = story.absorbed[now]
            yield event("merged", place, min(share for _, share in absorbed), [then for then, _ in absorbed])
    for then, parts in sorted(story.parts.items()):
        yield event("split", then, min(share for _, share in parts), [int(places[now]) for now, _ in parts])
    for then, old in enumerate(before):
        if entries[then].died and not old.died:
            yield event("died", then, 1 - story.fate[then])
        elif entries[then].away == 1 and then not in involved:
            yield event("dormant", then, 1 - story.fate[then])
