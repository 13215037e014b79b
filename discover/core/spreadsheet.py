"""CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20"  # how a formula begins; the last four are full-width
# A cell begins at its start and, where a spreadsheet splits lines at semicolons or tabs, within it. A quote does not
# help there, as it is not at the start of what such a spreadsheet takes for the cell.
FORMULA = re.compile(rf'^(?=[{SIGNS}\t\r\n])|(?<=[;\t\r\n])(?=[ "]*[{SIGNS}])')


def text(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as CSV; an apostrophe stands before what a spreadsheet would take for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_safe(cell) for cell in headings])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: Any) -> Any:
    return FORMULA.sub("'", cell) if isinstance(cell, str) else cell
