"""Tables about items of a catalog (ratings, audience): their columns, and which item each row is about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from discover.catalog import losses
from discover.catalog.reading.base import Raw
from discover.core.errors import InputError
from discover.core.ids import without_point
from discover.core.types import Catalog
from discover.core.words import plural


def columns(
    names: Sequence[str], usual: Mapping[str, Sequence[str]], needed: Sequence[str], source: str
) -> dict[str, str]:
    """Role -> column, by the usual names of each role, best first (small letters without "_", "-" and blanks).

    Raises InputError where there is none for a role that is needed.
    """
    plain = {re.sub(r"[\s_-]", "", name).casefold(): name for name in reversed(names)}
    found = {role: plain[each] for role, known in usual.items() for each in reversed(known) if each in plain}
    for role in needed:
        if role not in found:
            known = ", ".join(usual[role])
            raise InputError(f"{source}: no column for the {role}. Call it one of {known}. Columns: {', '.join(names)}")
    return found


def unread(raw: Raw) -> list[str]:
    """What is to be said about rows that could not be read."""
    return [f"{plural(len(raw.rejects), 'row')} could not be read"] if raw.rejects else []


def lost(raw: Raw, readable: NDArray[np.bool_], why: str, allowed: bool) -> tuple[str, ...]:
    """What is to be said first about rows that say nothing. Raises InputError where most do not, unless `allowed`."""
    rejects = [reject for reject in raw.rejects if reject.dropped]
    gone = len(rejects) + int(np.count_nonzero(~readable))
    reason = f"First reason: {rejects[0].reason}" if rejects else why.capitalize()
    return losses.check(raw.source, gone, raw.rows_read, reason, allowed)


def match(items: NDArray[np.object_], catalog: Catalog, source: str, what: str, notes: list[str]) -> NDArray[np.int64]:
    """(m,) the catalog row of each item, by id, else by exact title; -1 for none.

    How many were found goes into the notes, which call the rows of the table `what`. Raises InputError where none is.
    """
    keys, ids = dict.fromkeys(items.tolist()), catalog.rows
    spelt = {key: without_point(key) for key in keys if key}
    by_id = {key: ids[id] for key, spelling in spelt.items() if (id := key if key in ids else spelling) in ids}
    named = {key: catalog.named(key) for key in spelt if key not in by_id}
    by_title = {key: rows[0] for key, rows in named.items() if len(rows) == 1}  # two of one title: neither
    found = by_id | by_title
    if not found:
        first = next((key for key in keys if key), "")
        raise InputError(
            f"{source}: none of its {plural(len(keys), 'item')} is in this catalog (by id or title), "
            f"for example {first!r}"
        )
    rows = np.array([found.get(key, -1) for key in items.tolist()], dtype=np.int64)
    notes.append(
        f"{plural(len(keys), 'item')}: {len(by_id):,} matched by id, {len(by_title):,} by title, "
        f"{len(keys) - len(found):,} unknown"
    )
    if lost := int(np.count_nonzero(rows < 0)):
        first = next(key for key in keys if key not in found)
        notes.append(
            f"{lost:,} of {len(rows):,} {what} {'concerns' if lost == 1 else 'concern'} items not in the catalog, "
            f"such as {first!r}"
        )
    return rows
