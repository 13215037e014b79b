"""Delimited text: CSV and its kin, read strictly, with bad rows set aside by line.

Python's csv module reads, not DuckDB, because DuckDB 2.0.0 was seen to report records instead of physical lines (a
quoted line break shifts every number after it), to lose the good rows between an unclosed quote and the next quote,
to accept an unclosed quote silently where a later cell happens to end in one, and to stop with an internal error in
files that mix line ends. Here each record's physical lines are held until it is accepted, so that the reader can go
back to the line after the one that broke it. A million rows of ten columns take about eight seconds.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal, TextIO

import numpy as np
import pyarrow as pa

from discover.catalog.reading import headers
from discover.catalog.reading.base import Raw, unique_names
from discover.catalog.reading.encoding import Encoding, Packed
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings
from discover.core.types import Reject
from discover.core.words import plural

DELIMITERS = (",", "\t", ";", "|", "^", "\x1f", "\x01", "~", "¦")
LONG_DELIMITER = re.compile(r"\t\|\t|[|:;~^#@$%&*!=+<>\\¦§¬]{2,6}")  # such as "::" and "||", in the first line
STANDS_FOR = "\x1f"  # what the csv module sees in place of a long delimiter
NO_DELIMITER = "\x1f"  # for files of one column: a character that texts do not have
SAMPLE_LINES = 2_000
LONG_LINE = 16  # cells of the longest kind that a line may have
SHOWN = 1_000  # characters of a row that is set aside
JUDGED_ROWS = 300  # by which it is told whether the first row names the columns
BATCH = 20_000  # rows turned into Arrow at a time
SURE_WIDTH = 4  # from so many columns on, lines inside a cell that split into exactly as many are rows, not prose
PROPER = re.compile(r'(?:^|\t)"(?:[^"\t]|"")*"(?=\t|\s*$)')  # a quoted cell in a line of tab-separated ones
NULL = {"\t": "\\N"}  # dumps of MySQL, PostgreSQL and IMDb; unlike "NA" or "null" this is nobody's title


@dataclass(frozen=True)
class Dialect:
    """How cells are written."""

    delimiter: str
    escape: str | None = None
    quotes: bool = True
    spaced: bool = False  # a space follows each delimiter

    def reader(self, lines: Iterable[str], strict: bool = True) -> Iterator[list[str]]:
        """A csv reader over these lines."""
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE
        long = len(self.delimiter) > 1
        rows = csv.reader(
            map(self.short, lines) if long else lines,
            delimiter=STANDS_FOR if long else self.delimiter,
            escapechar=self.escape,
            quoting=quoting,
            skipinitialspace=self.spaced,
            strict=strict,
        )
        return ([cell.replace(STANDS_FOR, self.delimiter) for cell in row] for row in rows) if long else rows

    def short(self, line: str) -> str:
        """A line with one character for a delimiter of several."""
        return line.replace(self.delimiter, STANDS_FOR) if len(self.delimiter) > 1 else line

    def width(self, line: str) -> int:
        """Number of cells of one physical line by itself; 0 if it cannot stand alone."""
        try:
            return len(next(self.reader([line]), []))
        except csv.Error:
            return 0


class Lines(Iterator[str]):
    """Physical lines, held until the record that they make is accepted."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self._again: deque[str] = deque()
        self.held: list[str] = []
        self.first = 1  # number of the first held line

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._stream)
        self.held.append(line)
        return line

    def accept(self, count: int | None = None) -> None:
        """Done with the first `count` held lines (None: all); the others are read again."""
        count = len(self.held) if count is None else count
        self._again.extendleft(reversed(self.held[count:]))
        self.first += count
        self.held.clear()

    def skip(self, count: int) -> None:
        """Passes over the next lines."""
        for _ in range(count):
            next(self)
        self.accept()


@dataclass
class Records:
    """What a pass over the records gives: batches of rows, where each begins, and what was set aside."""

    width: int
    strict: bool = False
    source: str = ""
    null: str | None = None  # what is written for null
    batches: list[list[pa.Array]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)

    def keep(self, row: list[str], line: int) -> None:
        """One good row."""
        self.rows.append(row)
        self.numbers.append(line)
        if len(self.rows) >= BATCH:
            self.flush()

    def reject(self, line: int, reason: str, lines: list[str]) -> None:
        """One bad record; raises InputError where bad records are not borne."""
        if self.strict:
            raise InputError(f"{self.source}: line {line}: {reason}. Correct it, or run without --strict")
        self.rejects.append(Reject(line, None, reason, "".join(lines).rstrip("\r\n")[:SHOWN], dropped=True))

    def flush(self) -> None:
        """Rows so far, as Arrow arrays by column."""
        if self.rows:
            columns = zip(*self.rows, strict=True)
            self.batches.append([_cells(column, self.null) for column in columns])
            self.rows = []

    def table(self, names: list[str]) -> pa.Table:
        """All good rows under these names."""
        self.flush()
        chunks = zip(*self.batches, strict=True) if self.batches else [[] for _ in names]
        return pa.table([pa.chunked_array(list(c), pa.string()) for c in chunks], names=names)


def _cells(column: tuple[str, ...], null: str | None) -> pa.Array:
    return pa.array([c if c != null else None for c in column] if null in column else column, pa.string())


def read(packed: Packed, encoding: Encoding, settings: CatalogSettings) -> Raw:
    """A delimited text file as text cells. Raises InputError where it has no header or no row that fits it."""
    source = str(packed.path)
    previous = csv.field_size_limit(settings.max_field_bytes)  # the csv module has no other place for it
    try:
        with encoding.text(packed) as stream:
            sample = list(islice(_bounded(stream, settings.max_field_bytes), SAMPLE_LINES))
        comments = _comments(sample, source)
        sample = sample[comments:]
        dialect = sniff(sample, source)
        with encoding.text(packed) as stream:
            lines = Lines(_bounded(stream, settings.max_field_bytes))
            lines.skip(comments)
            header, notes = _header(lines, dialect, sample, source)
            found = Records(len(header), settings.strict, source, NULL.get(dialect.delimiter))
            collect(lines, dialect, found)
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: cannot be read as {encoding.name} ({error.reason}). Save it as UTF-8") from error
    finally:
        csv.field_size_limit(previous)
    if not found.numbers:
        lost = found.rejects
        why = (
            f". {plural(len(lost), 'row was', 'rows were')} rejected, the first because: {lost[0].reason}"
            if lost
            else ""
        )
        raise InputError(f"{source}: the table has a header but no rows{why}")
    if comments:
        notes.append(f"skipped {plural(comments, 'comment line')} (starting with #) before the header")
    notes += [
        f"line {line}: one cell spans lines that look like rows. If its quote was never closed, close it"
        for line in found.doubtful[:3]
    ]
    return Raw(
        found.table(header),
        np.asarray(found.numbers, dtype=np.int64),
        source,
        rows_read=len(found.numbers) + len(found.rejects),
        rejects=tuple(found.rejects),
        warnings=(*encoding.warnings, *notes),
        folder=packed.path.parent,
    )


def _bounded(stream: TextIO, most: int) -> Iterator[str]:
    """Physical lines; one of more than `LONG_LINE` times the longest cell is cut, and its last cell too long."""
    limit = LONG_LINE * most
    while line := stream.readline(limit):
        if len(line) == limit and line[-1] not in "\r\n":
            line = line[:SHOWN] + (most + 1) * "…" + "\n"
            while (rest := stream.readline(limit)) and rest[-1] not in "\r\n":
                pass
        yield line


def collect(lines: Lines, dialect: Dialect, found: Records) -> None:
    """All remaining records: good ones kept, bad ones set aside, and the reading goes on after each bad line."""
    torn = 0  # last line of a region in which a quote was left open: stray ends of cells are to be expected there
    while True:
        try:
            for row in dialect.reader(lines):
                held = lines.held
                if len(row) == found.width and len(held) == 1 and lines.first > torn:
                    found.keep(row, lines.first)
                    lines.accept()
                elif row:
                    torn = max(torn, _judge(row, lines, dialect, found, lines.first <= torn))
                    if lines.first <= torn:
                        break  # lines were given back; the csv reader must start afresh on them
                else:
                    lines.accept()
            else:
                return
        except csv.Error as error:
            torn = max(torn, _recover(error, lines, dialect, found))


def _judge(row: list[str], lines: Lines, dialect: Dialect, found: Records, in_torn: bool) -> int:
    """Decides on a record that is ragged, spans lines or follows an open quote; gives the end of what is torn."""
    held, first, fits = lines.held, lines.first, len(row) == found.width
    inner = held[1:-1] if fits or len(held) > 2 else held[1:]
    rowlike = bool(inner) and found.width > 1 and all(dialect.width(line) == found.width for line in inner)
    if rowlike and (not fits or found.width >= SURE_WIDTH):
        found.reject(first, f"a quote is opened here and not closed before line {first + len(held) - 1}", held[:1])
        lines.accept(1)
        return first + len(held) - 1
    # a stray end of a cell seldom has as many cells as a row by itself, unless rows have two
    if in_torn and len(held) == 1 and held[0].count('"') % 2 and not (fits and found.width > 2):
        found.reject(first, "this is the end of a cell whose quote was not closed properly", held)
    elif fits:
        found.keep(row, first)
        if rowlike:
            found.doubtful.append(first)
    elif any(row) or len(row) > 1:
        found.reject(first, f"{plural(len(row), 'cell')}, expected {found.width}", held)
    lines.accept()
    return 0


def _recover(error: csv.Error, lines: Lines, dialect: Dialect, found: Records) -> int:
    """Sets aside the line that broke a record, gives the later ones back; the last line of the record is returned."""
    held, first = lines.held, lines.first
    last, message = first + len(held) - 1, str(error)
    opened = _opening(held, dialect)
    line = first + opened
    if "field limit" in message:
        reason = "the cell is longer than max_field_bytes (check for a quote that is never closed)"
    elif "end of data" in message:
        reason = "a quote is opened here and never closed"
    elif len(held) > 1:
        reason = f"a quote is opened here and not closed before line {last}, where text follows the next quote"
    else:
        reason = "text follows a closing quote (a quote inside a quoted cell must be doubled)"
    found.reject(line, reason, held[: opened + 1])
    lines.accept(opened + 1)
    return last


def _opening(held: list[str], dialect: Dialect) -> int:
    """Position of the line on which the quoted cell opens that breaks the record."""
    state, opened = "start", 0
    delimiter = STANDS_FOR if len(dialect.delimiter) > 1 else dialect.delimiter
    for number, line in enumerate(map(dialect.short, held)):
        characters = iter(line)
        for character in characters:
            if state != "start" and character == dialect.escape:
                next(characters, None)
            elif state == "quoted":
                state = "closing" if character == '"' else state
            elif state == "closing" and character == '"':
                state = "quoted"  # a doubled quote
            elif character == delimiter or character in "\r\n":
                state = "start"
            elif state == "closing":
                return opened  # text after a closing quote: this is where the csv module stopped
            elif state == "start" and character == '"':
                state, opened = "quoted", number
            elif not (dialect.spaced and character == " "):
                state = "plain"
    return opened


# --- dialect and header ------------------------------------------------------------------------------------


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
    better = [(_trial(content, other)[0], -order, other) for order, other in enumerate(others)]
    best = max(better, default=(0, 0, first), key=lambda each: each[:2])
    return best[2] if best[0] > good else first


def _long(content: list[str]) -> list[str]:
    """Delimiters of several characters that may be meant: "a||b" is two cells, unless many lines have a single "|"."""

    def alone(long: str) -> int:
        """Lines with a character of it that could be a delimiter itself, and stands elsewhere."""
        characters = set(long) & set(DELIMITERS)
        return sum(any(character in line.replace(long, "") for character in characters) for line in content)

    candidates = dict.fromkeys(LONG_DELIMITER.findall(content[0]))
    return [long for long in candidates if alone(long) <= len(content) / 10]


def _comments(sample: list[str], source: str) -> int:
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
    widths = _widths(sample, Dialect(delimiter))
    if not widths or widths[0] < 2:
        return 0.0, False, 0
    if len(widths) == 1:
        return 0.1, long, widths[0]
    share = sum(width in (widths[0], widths[0] + 1) for width in widths[1:]) / (len(widths) - 1)
    return max(round(share, 1), 0.1), long, widths[0]


def _widths(sample: list[str], dialect: Dialect) -> list[int]:
    """Cells of each record of the sample, as far as it can be read."""
    return [len(row) for row in _rows(sample, dialect)]


def _rows(sample: list[str], dialect: Dialect) -> Iterator[list[str]]:
    """Records of the sample that are not empty, up to one beyond the limit, which `collect` reports."""
    with suppress(csv.Error):
        yield from (row for row in dialect.reader(sample, strict=False) if row)


def _trial(sample: list[str], dialect: Dialect) -> tuple[int, int]:
    """How many records of the sample a dialect reads and rejects; the last may be cut off and does not count."""
    lines = Lines(sample)
    header = next(dialect.reader(lines, strict=False))
    sound = bool(dialect.width("".join(lines.held)))
    lines.accept()
    found = Records(len(header))
    collect(lines, dialect, found)
    return len(found.numbers) + sound, (not sound) + sum(
        each.line is not None and each.line < len(sample) for each in found.rejects
    )


def _header(lines: Lines, dialect: Dialect, sample: list[str], source: str) -> tuple[list[str], list[str]]:
    """Names of the columns from the first record, and what is to be said about them."""
    try:
        cells = next(row for row in dialect.reader(lines) if any(row) and not _is_declaration(row, lines))
    except (csv.Error, StopIteration) as error:
        raise InputError(f"{source}: line {lines.first}: the header cannot be read. Check its quotes") from error
    rows = list(islice(_rows(sample, dialect), JUDGED_ROWS))
    if headers.is_data(cells, [row for row in rows[rows.index(cells) + 1 :] if len(row) == len(cells)]):
        lines.accept(1 if lines.first == 1 and lines.held[0].lower().startswith("sep=") else 0)
        named = unique_names([""] * len(cells))
        return named, [headers.SAID]
    lines.accept()
    widths = _widths(sample, dialect)[1:]
    notes: list[str] = []
    if set(widths) == {len(cells) + 1}:
        rows = [row for row in dialect.reader(sample, strict=False) if len(row) == len(cells) + 1]
        trailing = not any(row[-1].strip() for row in rows)  # else R's way: row names have no header
        cells = [*cells, ""] if trailing else ["", *cells]
        notes.append("every row has one cell more than the header, so the extra column has no name")
    return unique_names(cells), notes


def _is_declaration(row: list[str], lines: Lines) -> bool:
    """Excel's first line "sep=;" is about the file and no header."""
    return lines.first == 1 and len(lines.held) == 1 and lines.held[0].lower().startswith("sep=") and len(row) < 3
