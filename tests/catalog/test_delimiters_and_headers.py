"""Delimiters of several characters, files without a header, and tables that were mostly set aside."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from discover.catalog.reader import read
from discover.catalog.reading.headers import is_data
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings
from discover.trends import consumption

ROWS = [
    ("m101", "Flour Map (1994)", "Drama|Crime", "a baker finds a map in her flour"),
    ("m102", "The Boat (1995)", "Drama", "two brothers rebuild a boat: the last of its kind"),
    ("m103", "Naming Day (1996)", "Comedy|Romance", "a town votes, twice, on its own name; nobody wins"),
    ("m104", "Counter Clock (1997)", "Science|Drama", "a clock runs backwards in May"),
    ("m105", "Last Ferry (1998)", "Drama", "the last ferry never leaves"),
]
HEADER = ("id", "title", "genres", "description")


@pytest.mark.parametrize("delimiter", ["::", "||", "|~|", "\t|\t", "##", "@@", "<>", "^^", "~|~"])
@pytest.mark.parametrize("header", [True, False])
def test_a_delimiter_may_have_several_characters(delimiter: str, header: bool, tmp_path: Path) -> None:
    path = tmp_path / "c.dat"
    rows = [tuple(cell.replace("|", "/") for cell in row) if "|" in delimiter else row for row in ROWS]
    path.write_text("\n".join(delimiter.join(row) for row in [*([HEADER] if header else []), *rows]))
    catalog = read(path)
    assert (catalog.rows_read, catalog.rejects) == (5, ())
    assert catalog.ids == [row[0] for row in ROWS]
    assert catalog.titles[1:3] == ["The Boat", "Naming Day"]
    assert [day.year for day in catalog.column("released")] == list(range(1994, 1999))
    assert catalog.column("description") == [row[3] for row in ROWS]
    assert any("The first row looks like data" in said for said in catalog.warnings) != header


def test_quotes_keep_a_long_delimiter_inside_a_cell_and_lines_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "c.dat"
    path.write_text('id::title::note\n1::"A::B"::x\n2::C::"two\nlines"\n3::D\n4::E::y\n')
    catalog = read(path)
    assert (catalog.titles, catalog.column("note")) == (["A::B", "C", "E"], ["x", "two\nlines", "y"])
    assert [(reject.line, reject.value) for reject in catalog.rejects] == [(5, "3::D")]


def test_quotes_that_only_begin_a_title_are_characters(tmp_path: Path) -> None:
    path = tmp_path / "c.dat"
    path.write_text(
        '1::"Great" Performances (1998)::Drama\n' + "".join(f"{i}::Film {i} (1999)::War\n" for i in range(2, 9))
    )
    catalog = read(path)
    assert (len(catalog), catalog.titles[0]) == (8, '"Great" Performances')


def test_two_delimiters_in_a_row_are_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id|title|note|shelf\n1|A||x\n2|B||y\n3|C|n|z\n")
    assert read(path).column("shelf") == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("first", "rows", "expected"),
    [
        (("1", "Flour Map", "7.1"), [("2", "The Boat", "8"), ("3", "Last Ferry", "6.5")], True),
        (("id", "title", "rating"), [("2", "The Boat", "8"), ("3", "Last Ferry", "6.5")], False),
        (("nr.", "was", "note x"), [("2", "The Boat", "8"), ("3", "Last Ferry", "6.5")], False),  # words over numbers
        (("tt01", "Flour Map"), [("tt02", "The Boat"), ("tt03", "Ferry"), ("tt04", "Clock")], True),
        (("2021-01-02", "Flour Map"), [("2021-03-04", "The Boat")], True),
        (("Flour Map", "Drama"), [("The Boat", "Drama"), ("Last Ferry", "War")], True),
        (("Flour Map", "https://example.org/1"), [("The Boat", "https://example.org/2")], True),
        (("Flour Map (1994)", "x"), [("The Boat (1995)", "y"), ("Last Ferry (1996)", "z")], True),
        (("title", "1990", "1991"), [("The Boat", "4", "5"), ("Last Ferry", "6", "7")], False),
        (("Film", "Genre"), [("The Boat", "Drama"), ("Last Ferry", "War")], False),
        (("Alpha", "Beta"), [("The Boat", "Drama"), ("Last Ferry", "War")], False),  # nothing speaks against names
        (("", "", "7"), [("a", "b", "8"), ("c", "d", "9")], False),
        (("id", "title"), [], False),
    ],
)
def test_a_first_row_like_the_others_names_no_columns(
    first: tuple[str, ...], rows: list[tuple[str, ...]], expected: bool
) -> None:
    assert is_data(first, rows) == expected


def test_unnamed_numbers_that_come_first_are_the_ids(tmp_path: Path) -> None:
    path = tmp_path / "u.item"
    path.write_bytes(
        "".join(f"{i * 3}|Café {i} (1995)|0{i}-Jan-1995||http://example.org/{i}|0|1\n" for i in range(1, 8)).encode(
            "latin-1"
        )
    )
    catalog = read(path)
    assert (catalog.ids, catalog.titles[0]) == ([str(i * 3) for i in range(1, 8)], "Café 1")
    assert catalog.guessed[:2] == ("id", "title")


# --- mostly set aside --------------------------------------------------------------------------------------


def table(good: int, bad: int) -> str:
    rows = [f"{i},Title {i},text {i}" for i in range(good)] + [f"{i},x" for i in range(bad)]
    return "\n".join(["id,title,note", *rows]) + "\n"


def test_a_tenth_set_aside_is_said_first_and_half_is_no_success(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(table(18, 2))
    assert not any("set aside" in said for said in read(path).warnings)
    path.write_text(table(17, 3))
    assert read(path).warnings[0].startswith("3 of 20 rows were set aside. Most frequent reason (3): ")
    path.write_text(table(10, 10))
    assert len(read(path)) == 10
    path.write_text(table(9, 11))
    with pytest.raises(InputError, match=r"c\.csv: 11 of 20 rows were set aside.* use the rest with --allow-rejects"):
        read(path)
    assert len(read(path, CatalogSettings(allow_rejects=True))) == 9


def test_exact_copies_are_said_and_stop_nothing() -> None:
    catalog = read([{"id": str(i % 3), "title": f"Title {i % 3}"} for i in range(9)])
    assert (len(catalog), catalog.warnings[0][:32]) == (3, "6 of 9 rows were set aside. Most")


def test_a_consumption_table_that_cannot_be_read_is_no_success() -> None:
    catalog = read([{"id": str(i), "title": f"Title {i}"} for i in range(10)])
    rows = pd.DataFrame({"id": range(10), "date": ["2021-02-03"] * 4 + ["someday"] * 6, "value": 1})
    with pytest.raises(InputError, match=r"6 of 10 rows were set aside\. The date is not understood"):
        consumption.read_events(rows, catalog, CatalogSettings())
    said: list[str] = []
    events, _ = consumption.read_events(rows, catalog, CatalogSettings(allow_rejects=True), warn=said.append)
    assert (len(events), len(said)) == (4, 1)
    rows["date"] = ["2021-02-03"] * 8 + ["someday"] * 2
    consumption.read_events(rows, catalog, CatalogSettings(), warn=said.append)
    assert said[1].startswith("pandas.DataFrame: 2 of 10 rows were set aside.")


def test_a_sheet_without_a_header_is_read_from_its_first_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append(row)
    book.save(tmp_path / "c.xlsx")
    catalog = read(tmp_path / "c.xlsx")
    assert (catalog.ids, catalog.titles[0]) == ([row[0] for row in ROWS], "Flour Map")
    assert catalog.line(0) == 1
