"""How a delimited file is written: its delimiter, its quotes, and what stands above the header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from discover.catalog.reading.records import Dialect, Lines, Records, collect
from discover.core.errors import InputError

DELIMITERS = (",", "\t", ";", "|", "^", "\x1f", "\x01", "~", "¦")
LONG_DELIMITER = re.compile(r"\t\|\t|[|:;~^#@$%&*!=+<>\\¦§¬]{2,6}")  # such as "::" and "||", in the first line
NO_DELIMITER = "\x1f"  # for files of one column: a character that texts do not have
PROPER = re.compile(r'(?:^|\t)"(?:[^"\t]|"")*"(?=\t|\s*$)')  # a quoted cell in a line of tab-separated ones
SINGLE = re.compile(r"(?:^|\t)'[^']*(?:''[^']*)*'(?=\t|\s*$)")  # one in single quotes
JUDGED_LINES = 200  # by which lines above the header are told from the table
MIN_WIDTH = 3  # columns, and ...
MIN_ROWS = 3  # ... rows of a table that may have lines above its header
MAX_PREAMBLE = 20  # such lines
MIN_SAME_WIDTH = 0.8  # share of the rows below that are as wide


def sniff(sample: list[str], source: str) -> Dialect:
    """The dialect that gives most lines of the sample as many cells as the header."""
    content = [line for line in sample if line.strip() and not line.lower().startswith("sep=")]
    if not content:
        raise InputError(f"{source}: the file is empty")
    declared = [line[4:5] for line in sample[:1] if line.lower().startswith("sep=")]
    ranked = sorted(declared or [*DELIMITERS, *_long(content)], key=lambda d: _agreement(content, d), reverse=True)
    first = Dialect(ranked[0] if any(_agreement(content, ranked[0])) else NO_DELIMITER)
    cells = next(first.reader(content, strict=False))
    first = replace(first, spaced=len(cells) > 1 and all(cell.startswith(" ") for cell in cells[1:]))
    good, bad = _trial(content, first)
    others = []
    if bad and any('\\"' in line for line in content):
        others.append(replace(first, escape="\\"))
    proper = sum(bool(PROPER.search(line.replace(first.delimiter, "\t"))) for line in content)
    if bad and (first.delimiter == "\t" or len(first.delimiter) > 1) and proper < len(content) / 5:
        others.append(replace(first, quotes=False))  # in IMDb's files a quote is a character like others
    if bad and sum(bool(SINGLE.search(line.replace(first.delimiter, "\t"))) for line in content) > len(content) / 2:
        others.append(replace(first, quote="'"))
    better = [(_trial(content, other)[0], -order, other) for order, other in enumerate(others)]
    best = max(better, default=(0, 0, first), key=lambda trial: trial[:2])
    return best[2] if best[0] > good else first


def _long(content: list[str]) -> list[str]:
    """Delimiters of several characters that may be meant: "a||b" is two cells, unless many lines have a single "|"."""

    def alone(long: str) -> int:
        """Lines with a character of it that could be a delimiter itself, and stands elsewhere."""
        characters = set(long) & set(DELIMITERS)
        return sum(any(character in line.replace(long, "") for character in characters) for line in content)

    candidates = dict.fromkeys(LONG_DELIMITER.findall(content[0]))
    return [long for long in candidates if alone(long) <= len(content) / 10]


def count_comments(sample: list[str], source: str) -> int:
    """How many lines before the header are comments, as DuckDB finds them; pandas would take the first for the header.

    Lines that begin with # and have as many cells as the first that does not are the header (NumPy writes it so, and
    some call a column of ranks "#") and rows.
    """
    marked = next((i for i, line in enumerate(sample) if line.strip() and not line.startswith("#")), len(sample))
    while marked and not sample[marked - 1].strip():
        marked -= 1  # blank lines are no comments
    rest = sample[marked:]
    if not marked or not any(line.strip() for line in rest):
        return 0
    dialect = sniff(rest, source)
    width = dialect.width(next(line for line in rest if line.strip()))
    while marked and dialect.width(sample[marked - 1]) == width > 1:
        marked -= 1
    return marked


def _agreement(sample: list[str], delimiter: str) -> tuple[float, bool, int]:
    """Share of records as wide as the header (or by one the other way), in tenths, and that width; 0 for one column.

    Between them whether the delimiter is a long one: that "a||b" has three cells for "|" does not speak for that.
    """
    long = len(delimiter) > 1
    widths = measure_widths(sample, Dialect(delimiter))
    if not widths or widths[0] < 2:
        return 0.0, False, 0
    if len(widths) == 1:
        return 0.1, long, widths[0]
    share = sum(width in (widths[0], widths[0] + 1) for width in widths[1:]) / (len(widths) - 1)
    return max(round(share, 1), 0.1), long, widths[0]


def count_preamble(sample: list[str]) -> int:
    """How many lines above the header are about the table: of one cell each, where nearly all others are wider.

    Blank lines among them count. A table of fewer than three columns, or of few rows, has none.
    """
    best = 0
    for delimiter in DELIMITERS:
        widths = [Dialect(delimiter).width(line) if line.strip() else 0 for line in sample[:JUDGED_LINES]]
        if widths and widths[0] > 1 and widths.count(widths[0]) >= MIN_SAME_WIDTH * (len(widths) - widths.count(0)):
            return 0  # the first line is as wide as the others
        wide = Counter(width for width in widths if width >= MIN_WIDTH).most_common(1)
        if not wide or wide[0][1] < MIN_ROWS:
            continue
        first = widths.index(wide[0][0])
        rest = [width for width in widths[first:] if width]
        above = 0 < first <= MAX_PREAMBLE and max(widths[:first], default=0) == 1
        if above and wide[0][1] >= MIN_SAME_WIDTH * len(rest):
            best = max(best, first)
    return best


def measure_widths(sample: list[str], dialect: Dialect) -> list[int]:
    """Cells of each record of the sample, as far as it can be read."""
    return [len(row) for row in read_rows(sample, dialect)]


def read_rows(sample: list[str], dialect: Dialect) -> Iterator[list[str]]:
    """Records of the sample that are not empty, up to one beyond the limit, which `collect` reports."""
    with suppress(csv.Error):
        yield from (row for row in dialect.reader(sample, strict=False) if row)


def _trial(sample: list[str], dialect: Dialect) -> tuple[int, int]:
    """How many records of the sample a dialect reads and rejects; the last may be cut off and does not count."""
    lines = Lines(sample)
    header = next(dialect.reader(lines, strict=False))
    sound = bool(dialect.width("".join(lines.held)))
    lines.accept()
    records = Records(len(header))
    collect(lines, dialect, records)
    return len(records.numbers) + sound, (not sound) + sum(
        each.line is not None and each.line < len(sample) for each in records.rejects
    )
