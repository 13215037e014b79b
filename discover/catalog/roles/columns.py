"""What a column is like, and whether that fits a role."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from discover.catalog.roles.names import words
from discover.catalog.values import dates, numbers
from discover.catalog.values.base import MISSING, as_strings
from discover.core import titles

SAMPLE = 2_000  # cells that a column is judged by
PICTURE = re.compile(r"\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif)([?#].*)?$", re.IGNORECASE)
UNNAMED = "column_1"
NESTED = re.compile(r"[^\s.]+(\.[^\s.]+)+")
DATELIKE = re.compile(r"(?<![\d.])\d{4}|\d{1,2}[./-]\w{1,3}[./-]\d{2}|[^\W\d][-'’ ]\d\d$")  # at a glance


@dataclass(frozen=True)
class Column:
    """A column and what a sample of it is like; everything is computed when first asked for."""

    name: str
    data: pa.ChunkedArray = field(repr=False)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Words of the name."""
        return words(self.name)

    def ends(self, empty: frozenset[str]) -> list[tuple[str, ...]]:
        """Words of the name; of a column from inside an object, "show.image.medium", also without its outer parts.

        A last part that is one of the `empty` words is left out.
        """
        if not NESTED.fullmatch(self.name):
            return [self.words]
        path = self.name.split(".")
        path = path[:-1] if path[-1].casefold() in empty else path
        return [words(".".join(path[outer:])) for outer in range(len(path))]

    @property
    def is_list(self) -> bool:
        """Whether the cells are lists already."""
        return bool(pa.types.is_list(self.data.type))

    @cached_property
    def sample(self) -> list[str]:
        """Up to SAMPLE cells that say something, from all over the column."""
        data = self.data
        if len(data) > 10 * SAMPLE:
            data = data.take(pa.array(np.linspace(0, len(data) - 1, 4 * SAMPLE).astype(np.int64)))
        cells = [cell.strip() for cell in as_strings(data).to_pylist() if cell]
        cells = [cell for cell in cells if cell and cell != "[]"]
        step = max(1, len(cells) // SAMPLE)
        return cells[::step][:SAMPLE]

    @cached_property
    def present(self) -> int:
        """Cells that are not empty."""
        if self.is_list:
            return len(self.data) - int(self.data.null_count)
        return int(pc.sum(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(self.data)), 0)).as_py() or 0)

    @property
    def is_sparse(self) -> bool:
        """Whether most cells are empty."""
        return self.present < len(self.data) / 2

    @cached_property
    def distinct(self) -> int:
        """Different cells that are not empty."""
        texts = pc.utf8_trim_whitespace(as_strings(self.data))
        return int(pc.count_distinct(texts.filter(pc.greater(pc.utf8_length(texts), 0)), mode="only_valid").as_py())

    @property
    def variety(self) -> float:
        """Different cells as a share of those that are not empty."""
        return self.distinct / self.present if self.present else 0.0

    def share(self, test: Callable[[str], object]) -> float:
        """Share of the sample that passes a test; 0 for an empty column."""
        return sum(bool(test(cell)) for cell in self.sample) / len(self.sample) if self.sample else 0.0

    @cached_property
    def length(self) -> float:
        """Mean characters."""
        return float(np.mean([len(cell) for cell in self.sample])) if self.sample else 0.0

    @cached_property
    def wordy(self) -> float:
        """Mean words."""
        return float(np.mean([len(cell.split()) for cell in self.sample])) if self.sample else 0.0

    @cached_property
    def lettered(self) -> float:
        """Share of cells that are mostly letters: words of some language, not codes or figures."""
        starts = [titles.name(cell)[:100] for cell in self.sample]
        full = sum(sum(c.isalpha() or c.isspace() for c in start) > len(start) / 2 for start in starts)
        return full / len(starts) if starts else 0.0

    @cached_property
    def capitals(self) -> float:
        """Share of words that begin with a capital: high in lists of names, low in prose."""
        starts = [word[0] for cell in self.sample for word in cell.split()]
        return sum(start.isupper() for start in starts) / len(starts) if starts else 0.0

    @cached_property
    def links(self) -> float:
        """Share of URLs."""
        return self.share(lambda cell: re.match(r"\w+://\S+$", cell))

    @cached_property
    def pictures(self) -> float:
        """Share of names with a picture's ending."""
        return self.share(PICTURE.search)

    @cached_property
    def codes(self) -> float:
        """Share of codes, with spaces or without: "INV 2003.12", "MNR 27 bis"."""
        return self.share(_is_code)

    @cached_property
    def numeric(self) -> float:
        """Share of numbers among the cells that do not say "none"."""
        filled = [cell for cell in self.sample if cell.casefold() not in MISSING]
        return sum(numbers.is_number(cell) for cell in filled) / len(filled) if filled else 0.0

    @cached_property
    def grain(self) -> tuple[float, int]:
        """Share of dates among the cells that do not say "none", and how exact most of them are."""
        filled = [cell for cell in self.sample if cell.casefold() not in MISSING][:500]
        if not filled or self.is_list or sum(bool(DATELIKE.search(cell[:60])) for cell in filled) < len(filled) / 2:
            return 0.0, dates.NONE
        grains = dates.grains(filled)
        known = grains[grains > dates.NONE]
        return len(known) / len(filled), int(np.bincount(known).argmax()) if len(known) else dates.NONE

    @property
    def is_date(self) -> bool:
        """Whether nearly all cells are days or months; digits alone may be anything."""
        share, grain = self.grain
        return share >= 0.9 and grain > dates.YEAR and self.share(str.isdigit) < 0.5


# --- does the content fit the role? ------------------------------------------------------------------------


def _is_id(column: Column) -> bool:
    """Nearly unique and nearly never empty; a few copies may be faults of the table. No prose, as references may be."""
    if column.is_list or column.pictures > 0.5 or column.length > 100:
        return False
    missing, copies = len(column.data) - column.present, column.present - column.distinct
    few = column.distinct > 1 or len(column.data) == 1
    return few and missing <= max(2, 0.05 * len(column.data)) and (copies <= 2 or column.variety >= 0.75)


def _is_link(column: Column) -> bool:
    """A link is an id only if it is one throughout: two items may well share a page."""
    return not column.is_list and column.distinct == len(column.data)


def is_key(column: Column) -> bool:
    """Without a telling name: unique, short, and codes, or letters and digits (in a long table, a slug) unspaced."""
    if not _is_link(column) or column.is_date:
        return False
    if column.share(lambda c: _is_code(c) and c[0].isalpha()) > 0.95:
        return True
    if column.share(lambda c: len(c) <= 64 and not re.search(r"\s", c)) < 1:
        return False
    mixed = column.share(lambda c: re.search(r"[^\W\d_]", c) and re.search(r"\d", c))
    return mixed > 0.9 or (len(column.data) >= 50 and column.share(lambda c: re.search(r"[^\W\d_]", c)) > 0.9)


def is_numbering(column: Column) -> bool:
    """The first column of a table without a header: whole numbers, none missing, none twice."""
    return column.name == UNNAMED and _is_link(column) and column.share(str.isdecimal) == 1


def _is_code(cell: str) -> bool:
    """Digits, and no longer words than codes have; a number alone, with its unit or not, is none."""
    spelled = (word for word in re.findall(r"[^\W\d_]{4,}", cell) if not word.isupper())
    return len(cell) <= 40 and bool(re.search(r"\d", cell)) and not any(spelled) and not numbers.is_number(cell)


def _is_category(column: Column) -> bool:
    return column.distinct <= max(20, 0.2 * column.present) and column.length <= 40 and column.lettered > 0.5


def _is_words(column: Column) -> bool:
    """Lists of words: not codes like [28, 12], not links."""
    return column.links < 0.5 and column.share(lambda c: re.search(r"[^\W\d_]", c)) > 0.5


def is_title(column: Column) -> bool:
    """Short text that is neither a link nor a file; "1917" and "300" are titles too."""
    return not column.is_list and column.links < 0.5 and column.pictures < 0.5 and 0 < column.length <= 250


def _is_text(column: Column) -> bool:
    return (
        not column.is_list
        and column.links < 0.5
        and column.lettered > 0.5
        and (column.wordy >= 3 or column.length >= 20)
        and (column.variety > 0.3 or column.distinct > 1000)
    )


def is_prose(column: Column) -> bool:
    """Sentences, not lists of names (those are full of capitals)."""
    return _is_text(column) and column.length >= 25 and column.capitals < 0.7 and not column.is_date


def _is_image(column: Column) -> bool:
    return not column.is_list and (column.pictures > 0.5 or column.links > 0.5 or column.share(_names_a_file) > 0.5)


def _names_a_file(cell: str) -> bool:
    return "/" in cell and " " not in cell


FITS: dict[str, Callable[[Column], bool]] = {
    "image": _is_image,
    "id": _is_id,
    "link": _is_link,
    "audience": lambda column: not column.is_list and column.numeric >= 0.6,
    "genres": _is_words,
    "keywords": _is_words,
    "country": lambda column: _is_words(column) and column.length < 200,
    "language": lambda column: _is_words(column) and column.length < 80,
    "kind": lambda column: not column.is_list and _is_category(column),
    "people": _is_words,
    "title": is_title,
    "description": _is_text,
}
