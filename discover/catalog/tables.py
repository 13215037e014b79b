"""Tables about items of a catalog (ratings, audience): their columns, and which item each row is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from discover.catalog import losses
from discover.catalog.matching import TitleIndex, Wanted, is_series
from discover.catalog.reading.base import Raw
from discover.core.errors import InputError
from discover.core.ids import without_point
from discover.core.types import Catalog
from discover.core.words import plural, share

MAX_EXAMPLES = 5  # of ambiguous titles, and of the items that one may mean


def columns(
    names: Sequence[str], usual: Mapping[str, Sequence[str]], needed: Sequence[str], source: str
) -> dict[str, str]:
    """Role -> column, by the usual names of each role, best first (small letters without "_", "-" and blanks).

    Raises InputError where there is none for a role that is needed.
    """
    plain = {re.sub(r"[\s_-]", "", name).casefold(): name for name in reversed(names)}
    by_role = {role: plain[each] for role, known in usual.items() for each in reversed(known) if each in plain}
    for role in needed:
        if role not in by_role:
            known = ", ".join(usual[role])
            raise InputError(f"{source}: no column for the {role}. Call it one of {known}. Columns: {', '.join(names)}")
    return by_role


def unread(raw: Raw) -> list[str]:
    """What is to be said about rows that could not be read."""
    return [f"{plural(len(raw.rejects), 'row')} could not be read"] if raw.rejects else []


def lost(raw: Raw, readable: NDArray[np.bool_], why: str, allowed: bool) -> tuple[str, ...]:
    """What is to be said first about rows that say nothing. Raises InputError where most do not, unless `allowed`."""
    rejects = [reject for reject in raw.rejects if reject.dropped]
    gone = len(rejects) + int(np.count_nonzero(~readable))
    reason = f"First reason: {rejects[0].reason}" if rejects else why.capitalize()
    return losses.check(raw.source, gone, raw.rows_read, reason, allowed)


@dataclass(frozen=True)
class About:
    """What a table says about the item of each of its m rows, and how seasons are read."""

    items: NDArray[np.object_]  # (m,) ids or titles, None where there is none
    kinds: Sequence[str | None] | None = None  # such as "Films (English)"
    years: Sequence[int | None] | None = None  # of release
    keep_seasons: bool = False  # a season is not its show

    def wanted(self, place: int) -> Wanted:
        """What one row says."""
        kind = None if self.kinds is None else self.kinds[place]
        return Wanted(self.items[place] or "", is_series(kind), None if self.years is None else self.years[place])


def match(
    about: About,
    catalog: Catalog,
    source: str,
    what: str,
    notes: list[str],
    warn: Callable[[str], None] = lambda message: None,
) -> NDArray[np.int64]:
    """(m,) the catalog row of each item, by id, else by title as `matching` finds it; -1 for none.

    How many were matched goes into the notes, which call the rows of the table `what`, and to `warn` where not all
    were, with titles that may be several items. Raises InputError where none is.
    """
    items: list[str | None] = about.items.tolist()
    keys = dict.fromkeys(items)
    by_id = {key: row for key in keys if key and (row := _row_of_id(key, catalog)) is not None}
    rows = np.array([by_id.get(item, -1) if item else -1 for item in items], dtype=np.int64)
    index, candidates = TitleIndex(catalog, about.keep_seasons), dict[Wanted, list[int]]()
    for place in np.flatnonzero(rows < 0).tolist():
        wanted = about.wanted(place)
        if wanted not in candidates:
            candidates[wanted] = index.find(wanted) if wanted.title.strip() else []
        if len(candidates[wanted]) == 1:
            rows[place] = candidates[wanted][0]
    if not (rows >= 0).any():
        first = next((key for key in keys if key), "")
        raise InputError(
            f"{source}: none of its {plural(len(keys), 'item')} is in this catalog (by id or title), "
            f"for example {first!r}"
        )
    by_title = {wanted.title for wanted, places in candidates.items() if len(places) == 1}
    doubtful = {wanted: places for wanted, places in candidates.items() if len(places) > 1}
    unclear = {wanted.title for wanted in doubtful} - by_title
    unknown = len(keys) - len(by_id) - len(by_title) - len(unclear)
    counts = [f"{len(by_id):,} matched by id", f"{len(by_title):,} by title", f"{unknown:,} unknown"]
    counts[2:2] = [f"{len(unclear):,} ambiguous"] if unclear else []
    part = share((len(by_id) + len(by_title)) / len(keys))
    shown = f"{part} are {plural(len(np.unique(rows[rows >= 0])), 'item')} of the catalog"
    notes.append(f"{plural(len(keys), 'item')}: {', '.join(counts)}")
    if unknown or unclear:
        notes.append(shown)
        warn(f"{source}: {'. '.join(notes[-2:])}")
    for wanted, places in list(doubtful.items())[:MAX_EXAMPLES]:
        notes.append(_ambiguous(wanted, places, index))
        warn(f"{source}: {notes[-1]}")
    if lost := int(np.count_nonzero(rows < 0)):
        first = next(key for key, row in zip(about.items.tolist(), rows.tolist(), strict=True) if row < 0)
        notes.append(
            f"{lost:,} of {len(rows):,} {what} {'concerns' if lost == 1 else 'concern'} items not in the catalog, "
            f"such as {first!r}"
        )
    return rows


def _row_of_id(key: str, catalog: Catalog) -> int | None:
    row = catalog.rows.get(key)
    return catalog.rows.get(without_point(key)) if row is None else row


def _ambiguous(wanted: Wanted, rows: Sequence[int], index: TitleIndex) -> str:
    """Which items a title may mean."""
    known = [(row, [part for part in (index.catalog.column("kind")[row], index.years[row]) if part]) for row in rows]
    shown = [
        f"{index.catalog.ids[row]} ({', '.join(map(str, parts)) or index.catalog.titles[row]})" for row, parts in known
    ]
    return f"{wanted.title!r} was set aside: it may be {', '.join(shown[:MAX_EXAMPLES])}. Give ids or a year"
