"""Dates, lists and figures in the forms that tables have them in."""

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from discover.catalog.reader import read
from discover.catalog.values import dates, lists, numbers
from discover.core.settings import CatalogSettings


def column(*cells: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def days(*cells: str | None, day_first: bool | None = None) -> list[dt.date | None]:
    return dates.parse(column(*cells), "when", day_first).days.tolist()


SAME_DAY = (
    "2021-09-25", "2021/09/25", "2021.9.25", "20210925", "25-Sep-21", "25-Sep-2021", "September 25, 2021",
    "Sept. 25, 2021", "Sep 25 2021", "25 September 2021", "25th of September 2021",
    "Saturday, September 25, 2021", "Sat, 25 Sep 2021 10:00:00 GMT", "2021-09-25T23:30:00Z",
    "2021-09-25T23:30:00.123+02:00", "2021-09-25 23:30:00", "9/25/2021", "25/09/2021", "25.09.2021", "25.9.21",
    "2021 Sep 25", "2021年9月25日", "Sep 25, 2021 to Mar 3, 2022", "25 September 2021 (USA)", "1632528000",
    "1632528000000", "25 septembre 2021", "25. September 2021", "25 de septiembre de 2021", " 2021-09-25 ",
    "SEPTEMBER 25, 2021",
)  # fmt: skip


@pytest.mark.parametrize("cell", SAME_DAY)
def test_one_day_in_many_forms(cell: str) -> None:
    found = dates.parse(column(cell), "when")
    assert found.days.tolist() == [dt.date(2021, 9, 25)]
    assert (found.grain.tolist(), found.rejects, found.ambiguous) == ([dates.DAY], [], 0)


def test_many_forms_in_one_column() -> None:
    assert days(*SAME_DAY, None, "") == [dt.date(2021, 9, 25)] * len(SAME_DAY) + [None, None]


@pytest.mark.parametrize(
    ("cell", "first", "grain"),
    [
        ("Aug 2014", dt.date(2014, 8, 1), dates.MONTH),
        ("2014-08", dt.date(2014, 8, 1), dates.MONTH),
        ("08/2014", dt.date(2014, 8, 1), dates.MONTH),
        ("Aug-14", dt.date(2014, 8, 1), dates.MONTH),
        ("août 2014", dt.date(2014, 8, 1), dates.MONTH),
        ("Q3 2014", dt.date(2014, 7, 1), dates.MONTH),
        ("q1 2014", dt.date(2014, 1, 1), dates.MONTH),
        ("Q4/2014", dt.date(2014, 10, 1), dates.MONTH),
        ("Q2'14", dt.date(2014, 4, 1), dates.MONTH),
        ("3Q 2014", dt.date(2014, 7, 1), dates.MONTH),
        ("2014 Q2", dt.date(2014, 4, 1), dates.MONTH),
        ("2014-Q4", dt.date(2014, 10, 1), dates.MONTH),
        ("2014Q1", dt.date(2014, 1, 1), dates.MONTH),
        ("T2 2014", dt.date(2014, 4, 1), dates.MONTH),
        ("3. Quartal 2014", dt.date(2014, 7, 1), dates.MONTH),
        ("2nd quarter of 2014", dt.date(2014, 4, 1), dates.MONTH),
        ("4º trimestre de 2014", dt.date(2014, 10, 1), dates.MONTH),
        ("2014-00-00", dt.date(2014, 1, 1), dates.YEAR),
        ("2014", dt.date(2014, 1, 1), dates.YEAR),
        ("2014.0", dt.date(2014, 1, 1), dates.YEAR),
        ("(2014)", dt.date(2014, 1, 1), dates.YEAR),
        ("2014–2018", dt.date(2014, 1, 1), dates.YEAR),
        ("1976-77", dt.date(1976, 1, 1), dates.YEAR),
        ("c. 1896", dt.date(1896, 1, 1), dates.YEAR),
        ("August 2015 (USA)", dt.date(2015, 8, 1), dates.MONTH),
        ("Aug. 2015 [United Kingdom]", dt.date(2015, 8, 1), dates.MONTH),
        ("2015-08 (Japan)", dt.date(2015, 8, 1), dates.MONTH),
        ("août 2015 (France)", dt.date(2015, 8, 1), dates.MONTH),
        ("2015 (USA)", dt.date(2015, 1, 1), dates.YEAR),
    ],
)
def test_month_or_year_is_its_first_day(cell: str, first: dt.date, grain: int) -> None:
    found = dates.parse(column(cell), "when")
    assert (found.days.tolist(), found.grain.tolist()) == ([first], [grain])


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("31 February 2020", "not in the calendar"),
        ("2021-02-29", "not in the calendar"),
        ("2021-13-01", "not in the calendar"),
        ("0000-00-00", "implausible"),
        ("3021-01-01", "implausible"),
        ("0999", "implausible"),
        ("40/40/2020", "not in the calendar"),
        ("soon", "not a date"),
        ("3 days ago", "not a date"),
        ("version 2", "not a date"),
    ],
)
def test_impossible_dates_are_reported(cell: str, reason: str) -> None:
    found = dates.parse(column("2020-01-01", cell, None, cell), "when")
    assert found.days.tolist() == [dt.date(2020, 1, 1), None, None, None]
    assert [(p.row, p.column, p.value, p.dropped) for p in found.rejects] == [
        (1, "when", cell, False),
        (3, "when", cell, False),
    ]
    assert all(reason in reject.reason for reject in found.rejects)


NONE = ["", "  ", "N/A", "nan", "None", "TBA", "unknown", "-", "\\N", "Not available", "n/d", "s/d", "k.A.", "k. A.",
        "unbekannt", "Desconocido", "inconnu", "sconosciuto", "н/д", "不明", "sin fecha", "n.d.", "…",
        "Keine Angabe", "o. A.", "未定"]  # fmt: skip


@pytest.mark.parametrize("cell", NONE)
def test_cells_that_say_there_is_none_are_no_problem(cell: str) -> None:
    found = dates.parse(column(cell, "2020-01-01"), "when")
    assert (found.days.tolist(), found.rejects) == ([None, dt.date(2020, 1, 1)], [])
    figures, rejects = numbers.parse(column(cell, "12"), "views")
    assert (figures.tolist(), rejects) == ([pytest.approx(np.nan, nan_ok=True), 12], [])


def test_order_of_day_and_month_comes_from_the_column() -> None:
    march, april = dt.date(2020, 3, 4), dt.date(2020, 4, 3)
    assert days("3/4/2020", "12/25/2019")[0] == march
    assert days("3/4/2020", "25/12/2019")[0] == april
    assert days("3/4/2020")[0] == march
    assert days("3.4.2020")[0] == april
    assert days("3/4/2020", "25/12/2019", "26/12/2019", "12/25/2019")[0] == april  # most of them
    assert days("3/4/2020", "25/12/2019", day_first=False) == [march, dt.date(2019, 12, 25)]
    assert days("3/4/2020", "12/25/2019", day_first=True) == [april, dt.date(2019, 12, 25)]
    assert days("3.4.2020", "12/25/2019")[0] == march  # evidence comes before the sign
    found = dates.parse(column("3/4/2020", "3/4/2020", "5/5/2020", "12/25/2019"), "when")
    assert (found.ambiguous, found.day_first, found.votes) == (2, False, (0, 1))


DATED = st.builds(
    lambda day, form: day.strftime(form),
    st.dates(dt.date(2001, 1, 1), dt.date(2020, 12, 31)),
    st.sampled_from(["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%m-%d-%Y", "%Y-%m-%d", "%d %B %Y"]),
)


@examples(max_examples=200, deadline=None)
@given(
    st.lists(DATED, min_size=1, max_size=12).flatmap(lambda cells: st.tuples(st.just(cells), st.permutations(cells)))
)
def test_how_a_date_is_read_does_not_depend_on_the_order_of_rows(orders: tuple[list[str], list[str]]) -> None:
    first, second = (dates.parse(column(*cells), "when") for cells in orders)
    read_first, read_second = (
        dict(zip(c, f.days.tolist(), strict=True)) for c, f in zip(orders, (first, second), strict=True)
    )
    assert read_first == read_second
    assert (first.ambiguous, first.votes) == (second.ambiguous, second.votes)
    parts = [cell.replace("/", ".").replace("-", ".").split(".") for cell in orders[0]]
    pairs = [(int(p[0]), int(p[1])) for p in parts if len(p) == 3 and len(p[0]) == 2]
    sure = sum(a > 12 for a, _ in pairs), sum(b > 12 for _, b in pairs)
    assert first.votes == sure
    assert first.ambiguous == sum(a <= 12 and b <= 12 and a != b for a, b in pairs)
    if first.ambiguous and sure[0] != sure[1]:
        assert first.day_first == (sure[0] > sure[1])


def test_the_most_frequent_odd_dates_are_read_wherever_they_stand() -> None:
    odd = ["the 3rd day of march, 2020", "march the 4th in 2020", "in march, on the 5th, 2020"]
    assert days(*odd) == [dt.date(2020, 3, day) for day in (3, 4, 5)]
    cells = [odd[0], odd[1], odd[1], odd[2]]
    for rows in (cells, cells[::-1]):
        found = dict(zip(rows, dates.parse(column(*rows), "when", odd=1).days.tolist(), strict=True))
        assert [cell for cell in found if found[cell] is not None] == [odd[1]]


def test_ambiguous_dates_are_announced(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,title,release_date\n1,A,3/4/2020\n2,B,25/12/2019\n3,C,2020-01-01\n")
    assert read(path).column("released")[0] == dt.date(2020, 4, 3)
    assert any("1 date such as 3/4/2020 was read as day/month, like the column's" in w for w in read(path).warnings)
    more = "4,D,26/12/2019\n5,E,12/27/2019\n"
    path.write_text(path.read_text() + more)
    assert any("like most of the column's other dates (2 to 1)" in w for w in read(path).warnings)
    path.write_text(path.read_text() + "6,F,12/28/2019\n")
    assert any("a guess: of the column's other dates, 2 are written either way" in w for w in read(path).warnings)
    forced = read(path, CatalogSettings(day_first=False))
    assert forced.column("released")[0] == dt.date(2020, 3, 4)
    assert any("month/day, as set" in warning for warning in forced.warnings)


def test_full_dates_come_before_years_and_years_fill_what_they_mean(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,title,year,release_date\n1,A,2001,2001-05-06\n2,B,2002,\n3,C,2003,bad\n4,D,,2004-01-02\n")
    catalog = read(path)
    assert catalog.mapping["released"] == ("release_date",)
    assert [day.isoformat() for day in catalog.column("released")] == [
        "2001-05-06",
        "2002-01-01",
        "2003-01-01",
        "2004-01-02",
    ]
    assert "release_date: 2 missing dates were taken from year" in catalog.warnings
    assert [(r.line, r.column, r.value, r.dropped) for r in catalog.rejects] == [(4, "release_date", "bad", False)]
    path.write_text("id,title,release_year,date_added\n1,A,2001,2021-05-06\n2,B,2002,\n")
    assert read(path).column("added")[1] is None  # the year of a film says nothing of when it was added


@examples(deadline=None)
@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2025, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%Y%m%d"]),
)
def test_every_day_is_read_back(day: dt.date, form: str) -> None:
    assert days(day.strftime(form)) == [day]


@examples(deadline=None)  # the first odd cell loads dateparser
@given(st.lists(st.text(max_size=20), max_size=10))
def test_any_text_gives_a_day_or_a_reason_or_a_gap(cells: list[str]) -> None:
    cells = [cell.encode("utf-8", "replace").decode() for cell in cells]
    found = dates.parse(column(*cells), "when")
    assert len(found.days) == len(cells)
    assert {reject.row for reject in found.rejects}.isdisjoint(np.flatnonzero(~np.isnat(found.days)).tolist())


# --- lists -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("Drama, Crime", "Drama"), [["Drama", "Crime"], ["Drama"]]),
        (("Drama|Crime, Law", "Drama"), [["Drama", "Crime, Law"], ["Drama"]]),
        (("Drama; Crime", ""), [["Drama", "Crime"], []]),
        (("ドラマ、家族", "ドラマ"), [["ドラマ", "家族"], ["ドラマ"]]),
        (("剧情，家庭", "剧情"), [["剧情", "家庭"], ["剧情"]]),
        (("Home > Kitchen", "Home"), [["Home", "Kitchen"], ["Home"]]),
        (('["Drama", "Sci-Fi, Fantasy"]', "[]"), [["Drama", "Sci-Fi, Fantasy"], []]),
        (("['Drama', \"Children's\"]", None), [["Drama", "Children's"], []]),
        (('[{"id": 28, "name": "Action"}, {"id": 12, "name": "War"}]', "[]"), [["Action", "War"], []]),
        (("[{'id': 28, 'name': 'Action'}]", ""), [["Action"], []]),
        (('{"28": "Action", "12": "War"}', "{}"), [["Action", "War"], []]),
        (("[Drama, Crime]", "[War]"), [["Drama", "Crime"], ["War"]]),
        (('"tag one"|"tag two"', "tag one"), [["tag one", "tag two"], ["tag one"]]),
        (("Drama, , Drama ,Crime", "x"), [["Drama", "Crime"], ["x"]]),
        (("Sci-Fi & Fantasy", "Drama"), [["Sci-Fi & Fantasy"], ["Drama"]]),
        (("Hip-Hop/Rap", "Pop", "R&B/Soul"), [["Hip-Hop/Rap"], ["Pop"], ["R&B/Soul"]]),
        (("Drama/Comedy", "Drama", "Comedy/War", "War"), [["Drama", "Comedy"], ["Drama"], ["Comedy", "War"], ["War"]]),
        (("NA, Unknown", "None"), [["NA", "Unknown"], ["None"]]),
        (("NA", "Nan"), [["NA"], ["Nan"]]),
        (("N/A", "Drama, -, ?, \\N"), [[], ["Drama"]]),
        ((None, None), [[], []]),
    ],
)
def test_forms_of_lists(cells: tuple[str | None, ...], expected: list[list[str]]) -> None:
    found = lists.split(column(*cells))
    assert (found.to_pylist(), found.null_count) == (expected, 0)


def test_real_lists_and_several_columns() -> None:
    real = pa.chunked_array([pa.array([["a", " b ", "", None, "a"], None])])
    assert lists.split(real).to_pylist() == [["a", "b"], []]
    assert lists.split(column("J. Rowling/M. GrandPré"), slashes=True).to_pylist() == [["J. Rowling", "M. GrandPré"]]
    joined = lists.join([lists.split(column("A", "B")), lists.split(column("C, A", None))])
    assert joined.to_pylist() == [["A", "C"], ["B"]]


# --- figures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("12", "0", "3.5", "007"), [12, 0, 3.5, 7]),
        (("1,234", "1,234,567", "12"), [1234, 1234567, 12]),
        (("1.2M", "3k", "1.5 million", "2bn"), [1.2e6, 3e3, 1.5e6, 2e9]),
        (("12,345 views", "1 view", "5,000,000+"), [12345, 1, 5e6]),
        (("1 234 567", "1'234", "1\u00a0234"), [1234567, 1234, 1234]),
        (("3,5", "1.234,5", "2,25", "1.234"), [3.5, 1234.5, 2.25, 1234]),
        (("1,5 Mio.", "12.345", "980", "8.5"), [1.5e6, 12345, 980, 8.5]),
        (("259.550", "850", "1.234.567 Aufrufe"), [259550, 850, 1234567]),
        (("999.999", "1.234.567"), [999999, 1234567]),
        (("7.125", "0.500", "12.250"), [7.125, 0.5, 12.25]),
        (("1.500", "2.250", "12345"), [1.5, 2.25, 12345]),
        (("21.947", "8.5"), [21.947, 8.5]),
        (("1e5", "$1,200", "+7"), [1e5, 1200, 7]),
        (("12 mil", "2 millones", "980", "3 mil millones"), [12e3, 2e6, 980, 3e9]),
        (("3 Tsd.", "1,5 Mio.", "2 Mrd", "980", "2 Milliarden Aufrufe"), [3e3, 1.5e6, 2e9, 980, 2e9]),
        (("1.2 mln", "5 тыс.", "1 тысяча просмотров", "20 de mii", "3 miljoen"), [1.2e6, 5e3, 1e3, 20e3, 3e6]),
        (("1,2 mil.", "3,4 tis."), [1.2e6, 3.4e3]),  # Czech, where "mil." is short for a million
        (("1 milhão de visualizações", "2,5 milhões", "2,5 milhoes", "12 mila"), [1e6, 2.5e6, 2.5e6, 12e3]),
        (("12万回", "3.4億", "5천", "6万亿"), [12e4, 3.4e8, 5e3, 6e12]),
        (("12K+", "5M+"), [12e3, 5e6]),
    ],
)
def test_figures(cells: tuple[str, ...], expected: list[float]) -> None:
    found, rejects = numbers.parse(column(*cells), "views")
    assert (found.tolist(), rejects) == (pytest.approx(expected), [])


def test_figures_that_are_none_are_reported() -> None:
    cells = ("-5", "many", "12%", "1/2", "20000-50000", "1e999", "9" * 400, "5 T", "N/A", "", None, "nan")
    found, rejects = numbers.parse(column(*cells), "views")
    assert np.isnan(found).all()
    others = [(row, "this is not a number") for row in range(1, 8)]
    assert [(p.row, p.reason) for p in rejects] == [(0, "the number is negative"), *others]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (("12 Aufrufe", "980 Aufrufe"), []),  # all in one unit: nothing is larger for it
        (("12 mil", "980", "2 millones de vistas"), []),
        (("12 views", "1 view", "900"), []),  # what such figures count
        (("12万回", "980回", "3人"), []),
        (("12 хлн", "980"), ["хлн"]),
        (("3 foo", "4 bar", "5 foo"), ["bar", "foo"]),
    ],
)
def test_words_after_figures_that_may_be_scales_are_told(cells: tuple[str, ...], told: list[str]) -> None:
    rows = [{"title": f"Title {i}", "views": cell} for i, cell in enumerate(cells)]
    said = [warning for warning in read(rows).warnings if "Ignored words after numbers" in warning]
    assert [each.rpartition(": ")[2] for each in said] == ([", ".join(map(repr, told))] if told else [])
