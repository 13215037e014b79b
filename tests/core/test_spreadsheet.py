"""CSV that no spreadsheet computes, whichever delimiter it splits lines at."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.core import spreadsheet

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


def cells(written: str, delimiter: str) -> list[str]:
    """The cells that a reader gets who splits at another delimiter than ours."""
    return [cell for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter) for cell in row]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", "x;", "x; ", 'x;"', "x\t", "x\n", "x\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_begins_as_a_formula(sign: str, before: str, delimiter: str) -> None:
    written = spreadsheet.text(
        ["title", "id"], [[f"{before}{sign}cmd|' /C calc'!A0", "1"], ["2", f"{before}{sign}1+1"]]
    )
    assert [cell for cell in cells(written, delimiter) if cell.lstrip(' "')[:1] in tuple(SIGNS)] == []


@given(st.text(alphabet='ab=;-+@"\t\n ,\uff1d', max_size=12))
def test_without_apostrophes_it_is_the_text(text: str) -> None:
    (row,) = csv.reader(io.StringIO(spreadsheet.text([text], []), newline=""))
    assert row[0].replace("'", "") == text


def test_plain_text_and_numbers_stay() -> None:
    rows = [["Amélie; 2001", "well-known", -3, 2.5], ["a+b", "x@y", "1;2", None]]
    written = spreadsheet.text(["a", "b", "c", "d"], rows)
    assert not re.search("'", written)
