"""Tables as wide as the terminal, with bars in their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discover.cli.show.output import can_print

if TYPE_CHECKING:
    from rich.console import Console


MIN_COLUMN_CHARS = 16  # to which a column of text may shrink before another column goes
COLUMN_GAP = 2  # blanks between columns. As many are at both edges together


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    heading: str = ""
    spare: int = 0  # the column with the highest number goes first where not all fit; 0 stays
    narrowest: int | None = MIN_COLUMN_CHARS  # characters it may shrink to; None for numbers and ids: not at all


def whole(heading: str = "", spare: int = 0) -> Column:
    """A column whose cells, of one or more lines, are never folded."""
    return Column(heading, spare, None)


def print_table(console: Console, columns: Sequence[Column | str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as wide as the console. Cells are folded, not cut. Columns that find no room are named below.

    Columns that are empty in every row are left out. Without rows there is no table.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    every = [Column(column) if isinstance(column, str) else column for column in columns]
    kept = _fitting(every, rows, console.width)
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, COLUMN_GAP - 1, 0, 0))
    for number in kept:
        shown.add_column(every[number].heading, no_wrap=every[number].narrowest is None, overflow="fold")
    for row in rows:
        cells = (row[number] if every[number].narrowest is None else row[number].replace("\n", " ") for number in kept)
        shown.add_row(*(Text(cell, overflow="fold") for cell in cells))
    console.print(shown)
    full = {number for row in rows for number, cell in enumerate(row) if cell}
    lacking = [column.heading for number, column in enumerate(every) if number in full - set(kept) and column.heading]
    if lacking:
        console.print(f"A wider terminal also shows: {', '.join(lacking)}", style="dim", highlight=False)


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """The numbers of the columns that have content and room."""
    from rich.cells import cell_len

    needed = []
    for number, column in enumerate(columns):
        lines = (line for row in rows for line in row[number].split("\n"))
        longest = max([cell_len(column.heading), *map(cell_len, lines)])
        needed.append(COLUMN_GAP + (longest if column.narrowest is None else min(longest, column.narrowest)))
    kept = [number for number in range(len(columns)) if any(row[number] for row in rows)]
    while sum(needed[number] for number in kept) > width and any(columns[number].spare for number in kept):
        kept.remove(max(kept, key=lambda number: columns[number].spare))
    return kept


def print_heading(console: Console, heading: str, keywords: Sequence[str] = ()) -> None:
    """Print a heading, and keywords below it."""
    console.print(heading, style="bold", markup=False, highlight=False)
    if keywords:
        console.print(", ".join(keywords), style="dim", markup=False, highlight=False)


def bar(value: float, width: int = 10) -> str:
    """A bar for a value in [0, 1]."""
    return ("█" if can_print("█") else "#") * max(0, min(width, round(value * width)))
