"""Delimited text: CSV and its kin, with bad rows set aside by line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

import numpy as np

from discover.catalog.reading import headers
from discover.catalog.reading.base import Raw, unique_names
from discover.catalog.reading.dialects import count_comments, count_preamble, measure_widths, read_rows, sniff
from discover.catalog.reading.encoding import Encoding, Packed
from discover.catalog.reading.records import SHOWN, Dialect, Lines, Records, collect
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings
from discover.core.words import plural

SAMPLE_LINES = 2_000
LONG_LINE = 16  # cells of the longest kind that a line may have
JUDGED_ROWS = 300  # by which it is told whether the first row names the columns
NULL = {"\t": "\\N"}  # dumps of MySQL, PostgreSQL and IMDb; unlike "NA" or "null" this is nobody's title


def read(packed: Packed, encoding: Encoding, settings: CatalogSettings) -> Raw:
    """A delimited text file as text cells. Raises InputError where it has no header or no row that fits it."""
    source = str(packed.path)
    previous = csv.field_size_limit(settings.max_field_bytes)  # the csv module has no other place for it
    try:
        with encoding.text(packed) as stream:
            sample = list(islice(_bounded(stream, settings.max_field_bytes), SAMPLE_LINES))
        comments = count_comments(sample, source)
        above = count_preamble(sample[comments:])
        sample = sample[comments + above :]
        dialect = sniff(sample, source)
        with encoding.text(packed) as stream:
            lines = Lines(_bounded(stream, settings.max_field_bytes))
            lines.skip(comments + above)
            header, cells, notes = _header(lines, dialect, sample, source)
            records = Records(len(header), settings.strict, source, NULL.get(dialect.delimiter), header=cells)
            collect(lines, dialect, records)
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: cannot be read as {encoding.name} ({error.reason}). Save it as UTF-8") from error
    finally:
        csv.field_size_limit(previous)
    if not records.numbers:
        lost = records.rejects
        why = (
            f". {plural(len(lost), 'row was', 'rows were')} rejected, the first because: {lost[0].reason}"
            if lost
            else ""
        )
        raise InputError(f"{source}: the table has a header but no rows{why}")
    if comments:
        notes.append(f"skipped {plural(comments, 'comment line')} (starting with #) before the header")
    if above:
        notes.append(f"skipped {plural(above, 'line')} above the header")
    notes += [
        f"line {line}: one cell spans lines that look like rows. If its quote was never closed, close it"
        for line in records.doubtful[:3]
    ]
    return Raw(
        records.table(header),
        np.asarray(records.numbers, dtype=np.int64),
        source,
        rows_read=len(records.numbers) + len(records.rejects),
        rejects=tuple(records.rejects),
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


def _header(lines: Lines, dialect: Dialect, sample: list[str], source: str) -> tuple[list[str], list[str], list[str]]:
    """Names of the columns from the first record, its cells where it is no data, and what is to be said about them."""
    try:
        cells = next(row for row in dialect.reader(lines) if any(row) and not _is_declaration(row, lines))
    except (csv.Error, StopIteration) as error:
        raise InputError(f"{source}: line {lines.first}: the header cannot be read. Check its quotes") from error
    rows = list(islice(read_rows(sample, dialect), JUDGED_ROWS))
    if headers.is_data(cells, [row for row in rows[rows.index(cells) + 1 :] if len(row) == len(cells)]):
        lines.accept(1 if lines.first == 1 and lines.held[0].lower().startswith("sep=") else 0)
        named = unique_names([""] * len(cells))
        return named, [], [headers.NO_HEADER_NOTE]
    lines.accept()
    widths = measure_widths(sample, dialect)[1:]
    notes: list[str] = []
    if set(widths) == {len(cells) + 1}:
        rows = [row for row in dialect.reader(sample, strict=False) if len(row) == len(cells) + 1]
        trailing = not any(row[-1].strip() for row in rows)  # else R's way: row names have no header
        cells = [*cells, ""] if trailing else ["", *cells]
        notes.append("every row has one cell more than the header, so the extra column has no name")
    return unique_names(cells), cells, notes


def _is_declaration(row: list[str], lines: Lines) -> bool:
    """Excel's first line "sep=;" is about the file and no header."""
    return lines.first == 1 and len(lines.held) == 1 and lines.held[0].lower().startswith("sep=") and len(row) < 3
