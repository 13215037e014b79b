"""Roles that names leave open, where the content of a column is plain enough, and numbers that are worth a question."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from discover.catalog.roles import places
from discover.catalog.roles.columns import Column, is_key, is_numbering, is_prose, is_title
from discover.catalog.roles.names import (
    CODE_WORDS,
    LABEL_WORDS,
    NAMES,
    NOT_A_CATEGORY,
    NOT_A_DATE,
    NOT_A_TITLE,
    NOT_AN_AUDIENCE,
    ORGANISATIONS,
)
from discover.catalog.values import lists, numbers

NO_TITLE = LABEL_WORDS | CODE_WORDS | NOT_A_TITLE
MAX_GENRES = 60
MIN_CATEGORIES = 3
MOST_COMMON_SHARE = 0.9  # of the items that one category has at most
CATEGORY = re.compile(r"[^\W\d_][^\d]{0,39}")  # short words without digits
MIN_ITEMS = 3  # of a genre, on average, where only the content says that a column has genres
MAX_COUNTS = 3  # columns that are named as a possible audience
MIN_SPREAD = 5.0  # times the median: audiences are uneven
MIN_LARGEST_COUNT = 1_000  # what the largest audience has at least


def fill(
    mapping: dict[str, tuple[str, ...]], free: dict[str, Column], columns: Mapping[str, Column], off: set[str]
) -> None:
    """Fills the roles that names left open; edits `mapping` and `free`."""

    def assign(role: str, candidates: list[Column]) -> None:
        """Gives an open role to the first of its candidates."""
        if candidates and role not in mapping and role not in off:
            mapping[role] = (candidates[0].name,)
            free.pop(candidates[0].name, None)

    prose = [column for column in free.values() if is_prose(column)]
    assign("description", sorted(prose, key=lambda column: (column.is_sparse, -column.length)))
    short = [c for c in free.values() if is_title(c) and c.lettered > 0.5 and c.variety >= 0.7 and not c.is_date]
    short = [c for c in short if not c.is_sparse and c.length <= 100 and c.codes < 0.8]
    assign("title", [c for c in short if not NO_TITLE & set(c.words)])
    assign("image", [column for column in free.values() if not column.is_list and column.pictures > 0.5])
    if "added" not in mapping:
        assign("released", [c for c in free.values() if c.is_date and not NOT_A_DATE & set(c.words)])
    titles = [columns[name] for name in mapping.get("title", ()) if len(columns[name].data) >= 50]
    assign("id", [column for column in (*free.values(), *titles) if is_key(column) or is_numbering(column)])
    for role in ("country", "language"):
        known = [column for column in free.values() if not ORGANISATIONS & set(column.words)]
        assign(role, [column for column in known if places.holds(role, column)])
    assign("genres", [column for column in free.values() if _is_genres(column)])
    assign("genres", sorted(filter(_is_category, free.values()), key=lambda column: -column.distinct))
    if "description" in off or "title" in off:
        return
    if "title" not in mapping and "description" in mapping:
        mapping["title"] = mapping["description"]  # first words
    elif "description" not in mapping and "title" in mapping:
        only = columns[mapping["title"][0]]
        if only.wordy >= 5:
            mapping["description"] = mapping["title"]  # headlines, queries


def _is_genres(column: Column) -> bool:
    """Whether a column has lists of a few words each of which many items have; a name that says more speaks against it.

    A column without a name may have one such word a cell.
    """
    unnamed = column.words[:1] == ("column",) and column.words[-1].isdigit()
    if column.is_sparse or column.numeric > 0.1 or column.is_date or column.links > 0.1 or column.lettered < 0.5:
        return False
    if not unnamed and NAMES["genres"].never & set(column.words):
        return False
    cells = lists.split(pa.chunked_array([pa.array(column.sample, pa.string())])).to_pylist()
    counts = Counter(word for cell in cells for word in cell)
    several = sum(len(cell) > 1 for cell in cells) >= len(cells) / 5
    small = 1 < len(counts) <= MAX_GENRES and all(len(word) <= 40 and len(word.split()) <= 4 for word in counts)
    return (several or unnamed) and small and counts.total() >= MIN_ITEMS * len(counts) / (1 + several)


def _is_category(column: Column) -> bool:
    """Whether a column has one of a few words a cell, which many items share: cuisines, sectors, departments.

    Words, not codes; more than two, as two are a yes and a no; and none that nearly all items have.
    """
    if column.is_list or column.is_sparse or column.is_date or column.numeric > 0.1 or column.links > 0.1:
        return False
    if (NAMES["genres"].never | NOT_A_CATEGORY) & set(column.words):
        return False
    counts = Counter(column.sample)
    wordlike = [bool(CATEGORY.fullmatch(value)) and not (value.isupper() and len(value) <= 4) for value in counts]
    common = counts.most_common(1)[0][1] if counts else 0
    return (
        MIN_CATEGORIES <= len(counts) <= MAX_GENRES
        and sum(wordlike) > 0.9 * len(counts)
        and counts.total() >= MIN_ITEMS * len(counts)
        and common < MOST_COMMON_SHARE * counts.total()
    )


def find_counts(columns: Iterable[Column]) -> tuple[str, ...]:
    """Columns of numbers that may be an audience."""
    return tuple(column.name for column in columns if _is_count(column))[:MAX_COUNTS]


def explain_counts(names: Sequence[str]) -> tuple[str, ...]:
    """What to say about columns that may be an audience, with the line of settings that takes them."""
    if not names:
        return ()
    lines = " or ".join(f"audience = {json.dumps(name, ensure_ascii=False)}" for name in names)
    return (f"No column is called an audience. If one holds it, add to [catalog] in discover.toml: {lines}",)


def _is_count(column: Column) -> bool:
    """Whether numbers are as uneven and as large as audiences: no years, no ids, no lengths and no prices."""
    if column.is_list or column.is_sparse or column.numeric < 0.9 or NOT_AN_AUDIENCE & set(column.words):
        return False
    if column.grain[0] > 0.9 or is_key(column) or is_numbering(column):
        return False
    known = numbers.parse(pa.chunked_array([pa.array(column.sample, pa.string())]), column.name)[0]
    known = known[np.isfinite(known)]
    if not len(known):
        return False
    middle = float(np.median(known))
    ordered = np.array_equal(np.diff(known), np.ones(len(known) - 1))  # 1, 2, 3: a numbering
    return (
        len(known) > 1
        and not ordered
        and known.max() >= max(MIN_LARGEST_COUNT, MIN_SPREAD * middle)
        and bool(middle > 0)
    )
