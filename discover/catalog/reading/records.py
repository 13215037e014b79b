"""Records of delimited text: read strictly, the good ones kept and the bad ones set aside by line.

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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from discover.core.errors import InputError
from discover.core.types import Reject
from discover.core.words import plural

STANDS_FOR = "\x1f"  # what the csv module sees in place of a long delimiter
SHOWN = 1_000  # characters of a row that is set aside
BATCH = 20_000  # rows turned into Arrow at a time
SURE_WIDTH = 4  # from so many columns on, lines inside a cell that split into exactly as many are rows, not prose
RULE = re.compile(r"\s*:?[-=]{2,}:?\s*|\s*")  # below a header, in Markdown and in what databases print


@dataclass(frozen=True)
class Dialect:
    """How cells are written."""

    delimiter: str
    escape: str | None = None
    quotes: bool = True
    quote: str = '"'
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
            quotechar=self.quote,
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
    header: Sequence[str] = ()  # the first row, if it names the columns
    batches: list[list[pa.Array]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)

    def keep(self, row: list[str], line: int) -> None:
        """One good row, unless it is no row at all: a header that is repeated, or the rule below one."""
        if row == self.header or (all(map(RULE.fullmatch, row)) and any(map(str.strip, row))):
            self.reject(line, "this is the header again, or a rule", [",".join(row)])
            return
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


def collect(lines: Lines, dialect: Dialect, records: Records) -> None:
    """All remaining records: good ones kept, bad ones set aside, and the reading goes on after each bad line."""
    torn = 0  # last line of a region in which a quote was left open: stray ends of cells are to be expected there
    while True:
        try:
            for row in dialect.reader(lines):
                held = lines.held
                if len(row) == records.width and len(held) == 1 and lines.first > torn:
                    records.keep(row, lines.first)
                    lines.accept()
                elif row:
                    torn = max(torn, _judge(row, lines, dialect, records, lines.first <= torn))
                    if lines.first <= torn:
                        break  # lines were given back; the csv reader must start afresh on them
                else:
                    lines.accept()
            else:
                return
        except csv.Error as error:
            torn = max(torn, _recover(error, lines, dialect, records))


def _judge(row: list[str], lines: Lines, dialect: Dialect, records: Records, in_torn: bool) -> int:
    """Decides on a record that is ragged, spans lines or follows an open quote; gives the end of what is torn."""
    held, first, fits = lines.held, lines.first, len(row) == records.width
    inner = held[1:-1] if fits or len(held) > 2 else held[1:]
    rowlike = bool(inner) and records.width > 1 and all(dialect.width(line) == records.width for line in inner)
    if rowlike and (not fits or records.width >= SURE_WIDTH):
        records.reject(first, f"a quote is opened here and not closed before line {first + len(held) - 1}", held[:1])
        lines.accept(1)
        return first + len(held) - 1
    # a stray end of a cell seldom has as many cells as a row by itself, unless rows have two
    if in_torn and len(held) == 1 and held[0].count(dialect.quote) % 2 and not (fits and records.width > 2):
        records.reject(first, "this is the end of a cell whose quote was not closed properly", held)
    elif fits:
        records.keep(row, first)
        if rowlike:
            records.doubtful.append(first)
    elif any(row) or len(row) > 1:
        records.reject(first, f"{plural(len(row), 'cell')}, expected {records.width}", held)
    lines.accept()
    return 0


def _recover(error: csv.Error, lines: Lines, dialect: Dialect, records: Records) -> int:
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
    records.reject(line, reason, held[: opened + 1])
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
                state = "closing" if character == dialect.quote else state
            elif state == "closing" and character == dialect.quote:
                state = "quoted"  # a doubled quote
            elif character == delimiter or character in "\r\n":
                state = "start"
            elif state == "closing":
                return opened  # text after a closing quote: this is where the csv module stopped
            elif state == "start" and character == dialect.quote:
                state, opened = "quoted", number
            elif not (dialect.spaced and character == " "):
                state = "plain"
    return opened
