"""Shapes that tables come in: JSON by column, lines above a header, sheets of notes, single quotes, decimal commas."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from discover.catalog.reader import read
from discover.catalog.values.numbers import is_number, number
from discover.core.errors import InputError

TITLES = ["Flour Map", "The Boat", "Naming Day", "Counter Clock", "Last Ferry", "Grand Garden"]
PLOTS = [
    "a baker finds a map in her flour and follows it, across the border",
    "two brothers rebuild the boat in which their father was lost at sea",
    "a town votes on its own name, and finds out what it used to be",
    "the clock of a small station runs backwards for a month in May",
    "the last ferry never leaves, and nobody on board wants to go home",
    "a gardener inherits a hotel that has not had a guest for years",
]
YEARS = [1990 + i for i in range(6)]
ROWS = [list(row) for row in zip(TITLES, PLOTS, YEARS, strict=True)]
NAMES = ["title", "summary", "year"]
COLUMNS: dict[str, list[Any]] = {"title": TITLES, "summary": PLOTS, "year": YEARS}


def check_shows(path: Path) -> None:
    catalog = read(path)
    assert (catalog.titles, catalog.column("description")) == (TITLES, PLOTS)
    assert [day.year for day in catalog.column("released")] == YEARS


@pytest.mark.parametrize(
    "document",
    [
        COLUMNS, {name: {str(i): cell for i, cell in enumerate(cells)} for name, cells in COLUMNS.items()},
        {"columns": NAMES, "index": [0, 1, 2, 3, 4, 5], "data": ROWS}, {"columns": NAMES, "data": ROWS}, [NAMES, *ROWS],
    ],
)  # fmt: skip
def test_json_by_column_and_below_names(tmp_path: Path, document: Any) -> None:
    (tmp_path / "c.json").write_text(json.dumps(document))
    check_shows(tmp_path / "c.json")


@pytest.mark.parametrize("between", ["\n", "", ",\n"])
def test_objects_one_after_the_other(tmp_path: Path, between: str) -> None:
    objects = [json.dumps(dict(zip(NAMES, row, strict=True)), indent=2) for row in ROWS]
    (tmp_path / "c.json").write_text(between.join(objects))
    check_shows(tmp_path / "c.json")
    (tmp_path / "c.json").write_text(between.join(objects) + between + '{"title": ')
    with pytest.raises(InputError, match="not valid JSON"):
        read(tmp_path / "c.json")


def test_arrays_without_names(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps([[str(i + 7), *row] for i, row in enumerate(ROWS)]))
    catalog = read(tmp_path / "c.json")
    assert (catalog.titles, catalog.ids) == (TITLES, [str(i + 7) for i in range(6)])
    assert any("The first row looks like data" in said for said in catalog.warnings)


def text(delimiter: str = ",", quote: str = '"') -> str:
    lines = [[*NAMES], *([f"{quote}{title}{quote}", f"{quote}{plot}{quote}", str(year)] for title, plot, year in ROWS)]
    return "".join(delimiter.join(line) + "\n" for line in lines)


@pytest.mark.parametrize("above", ["Report\n", "Report: shows\nGenerated: 2022-01-03\n\n", "\nA list\n\n\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lines_above_the_header_are_skipped(tmp_path: Path, above: str, delimiter: str) -> None:
    (tmp_path / "c.csv").write_text(above + text(delimiter))
    check_shows(tmp_path / "c.csv")
    lines = above.count("\n")
    assert f"skipped {lines} {'line' if lines == 1 else 'lines'} above the header" in read(tmp_path / "c.csv").warnings


def test_a_header_that_another_delimiter_does_not_divide_is_no_line_above(tmp_path: Path) -> None:
    rows = "".join(f"{i};House {i};two brothers build a house number {i};drama, family;{i},7\n" for i in range(9))
    (tmp_path / "c.csv").write_text(f"id;title;plot;genre;views (k)\n{rows}")
    catalog = read(tmp_path / "c.csv")
    assert (catalog.mapping["genres"], len(catalog)) == (("genre",), 9)
    assert catalog.column("audience")[1] == pytest.approx(1_700)


def test_a_table_of_single_quotes(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(text(quote="'"))
    check_shows(tmp_path / "c.csv")


def test_a_header_that_is_repeated_and_a_rule_below_it_are_no_items(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(text() + "title,summary,year\n")
    check_shows(tmp_path / "c.csv")
    assert [(reject.line, reject.dropped) for reject in read(tmp_path / "c.csv").rejects] == [(8, True)]
    table = ["| title | summary | year |", "|---|:---:|--:|", *(f"| {a} | {b} | {c} |" for a, b, c in ROWS)]
    (tmp_path / "t.md").write_text("\n".join(table))
    check_shows(tmp_path / "t.md")


def test_a_sheet_of_notes_before_the_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes["A1"], notes["A2"] = "Exported on Monday", "Confidential"
    sheet = book.create_sheet("Shows")
    for row in (NAMES, *ROWS):
        sheet.append(row)
    book.save(tmp_path / "c.xlsx")
    check_shows(tmp_path / "c.xlsx")
    assert not [said for said in read(tmp_path / "c.xlsx").warnings if "other sheets" in said]


def test_stars_behind_years_are_marks(tmp_path: Path) -> None:
    rows = [{"title": title, "summary": plot, "year": f"{year}*"} for title, plot, year in ROWS]
    (tmp_path / "c.json").write_text(json.dumps(rows))
    check_shows(tmp_path / "c.json")


def test_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("".join(f"- title: {title}\n  plot: {plot}\n" for title, plot, _ in ROWS))
    with pytest.raises(InputError, match="this is YAML, not a table"):
        read(tmp_path / "c.yaml")


def test_decimal_commas_and_points_between_thousands_are_numbers() -> None:
    assert [is_number(cell) for cell in ("1,7", "0,05", "1.234.567", "1.234.567,8", "12,34,56", "a,5")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip
    assert [number(cell) for cell in ("1.234.567", "0.234.567", "1.234.567,8")] == [1_234_567, 234_567, 1_234_567.8]
    rows = [{"titre": title, "vues (M)": f"{i},{i}"} for i, title in enumerate(TITLES, start=1)]
    assert read(rows).column("audience")[1] == pytest.approx(2_200_000)


@pytest.mark.parametrize(
    ("name", "role", "cells"),
    [("作品番号", "id", "12345"), ("番組タイトル", "title", None), ("作品ジャンル", "genres", "ababa")],
)
def test_east_asian_names_may_begin_with_more(name: str, role: str, cells: str | None) -> None:
    columns = {"あらすじ": PLOTS[:5], name: list(cells) if cells else TITLES[:5]}
    if role != "title":
        columns["作品名"] = TITLES[:5]
    assert read(columns).mapping[role] == (name,)


def test_slashes_with_blanks_divide_genres() -> None:
    rows = [{"title": title, "genre": "Drama / Comedy" if i % 2 else "War / Drama"} for i, title in enumerate(TITLES)]
    assert read(rows).column("genres")[1] == ["Drama", "Comedy"]
