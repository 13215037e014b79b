"""Reference marks and HTML in cells are no part of what they say."""

from pathlib import Path

import openpyxl
import pytest

from discover.catalog.reader import read
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings

COLUMNS = ("Film", "Released", "Viewers (millions)", "Plot[a]")
CELLS = (
    ("Flour Map †", "10 December 2010[5]", "9.0[b]", "a baker finds a map[1][2]"),
    ("The Boat[4]", "11 December 2011[6]", "8.1[b]", "two brothers rebuild a boat"),
    ("Naming Day ‡", "12 December 2012[note 2]", "7.2", "a town votes on its name[citation needed]"),
)
ROWS = [dict(zip(COLUMNS, cells, strict=True)) for cells in CELLS]


def test_reference_marks_are_no_part_of_cells() -> None:
    catalog = read(ROWS)
    assert catalog.titles == ["Flour Map", "The Boat", "Naming Day"]
    assert [str(day) for day in catalog.column("released")] == ["2010-12-10", "2011-12-11", "2012-12-12"]
    assert catalog.column("audience") == [9e6, 8.1e6, 7.2e6]
    assert catalog.column("description")[0] == "a baker finds a map"
    assert "Film: reference marks such as [1] were removed from 3 cells" in catalog.warnings


@pytest.mark.parametrize("cells", [("[28, 12]", "[18]"), ("[REC]", "Rec [x]y"), ("Rec [2]", "Heat"), ("M*A*S*H", "A*")])
def test_brackets_that_are_no_marks_stay(cells: tuple[str, str]) -> None:
    catalog = read([{"title": f"Show {i}", "thing": cell} for i, cell in enumerate(cells)])
    assert tuple(catalog.column("thing")) == cells


def test_html_of_texts_is_taken_off() -> None:
    texts = (
        "<p>A <b>baker</b> finds &amp; reads a map.</p><p>Then she leaves.</p>",
        "Two&nbsp;brothers<br/>rebuild a boat &#8211; slowly",
        'See <a href="https://example.org/?a=1&b=2">the town</a> vote',
        "if a < b and c > d, AT&T stays; x &lt; y",
    )
    catalog = read([{"title": f"Show {i} &amp; more", "description": text} for i, text in enumerate(texts)])
    assert catalog.column("description") == [
        "A baker finds & reads a map. Then she leaves.",
        "Two brothers rebuild a boat – slowly",
        "See the town vote",
        "if a < b and c > d, AT&T stays; x < y",
    ]
    assert catalog.titles[0] == "Show 0 & more"


def test_a_merged_cell_says_the_same_in_all_its_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    titles = ("Flour Map", "The Boat", "Naming Day", "Counter Clock", "Last Ferry")
    sheet.append(("Our films", "", ""))
    sheet.append(("Genre", "Title", "Views"))
    for number, title in enumerate(titles):
        sheet.append(("Drama" if number < 2 else "War", title, number))
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A4")
    sheet.merge_cells("A5:A7")
    sheet.merge_cells("C900000:C1000000")  # below all rows
    book.save(tmp_path / "c.xlsx")
    catalog = read(tmp_path / "c.xlsx")
    assert catalog.column("genres") == [["Drama"]] * 2 + [["War"]] * 3


def test_pictures_that_are_not_there_are_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("number,thumbnail\n1,A/1_8.jpg\n2,A/2_8.jpg\n")
    with pytest.raises(InputError, match=r"none of its 2 rows can be used\. The first: no file 'A/1_8\.jpg' below /"):
        read(path)
    path.write_text("number,thumbnail\n1,\n2,\n")
    with pytest.raises(InputError, match="can be used"):
        read(path, CatalogSettings(image="thumbnail"))
