"""When items came out and when they came in: two roles, and what stands for one that no column says."""

import datetime as dt
from typing import Any

import pytest

from discover.catalog.reader import read
from discover.core import titles
from discover.core.settings import CatalogSettings

TITLES = ("Harbour Lights", "Night Train", "The Keeper", "Upstream", "A Pinch of Salt", "The Blank Map", "Red Orbit")
YEARS = (1994, 2001, 2014, 1978, 2020, 1987, 1999)
ADDED = tuple(f"2021-0{number}-15" for number in range(1, 8))


def rows(**columns: Any) -> list[dict[str, Any]]:
    table = {"title": TITLES} | columns
    return [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]


def years(catalog: Any, role: str) -> tuple[int | None, ...]:
    return tuple(day and day.year for day in catalog.column(role))


def test_released_is_not_added() -> None:
    catalog = read(rows(release_year=YEARS, date_added=ADDED))
    assert (catalog.mapping["released"], catalog.mapping["added"]) == (("release_year",), ("date_added",))
    assert years(catalog, "released") == YEARS
    assert catalog.column("added")[6] == dt.date(2021, 7, 15)
    assert catalog.dates("released", [3, 0]) == ["1978", "1994"]  # no day that nobody wrote
    assert catalog.dates("added", [3]) == ["2021-04-15"]
    assert (catalog.fallbacks, catalog.unused) == ({}, ())


@pytest.mark.parametrize(
    ("column", "role", "other"), [("date_added", "added", "released"), ("date", "released", "added")]
)
def test_each_stands_for_the_other_where_no_column_says_it(column: str, role: str, other: str) -> None:
    catalog = read(rows(**{column: ADDED}))
    assert (catalog.mapping[role], other in catalog.mapping) == ((column,), False)
    assert catalog.column(other) == catalog.column(role)
    assert (catalog.fallbacks, catalog.stands_for(role), catalog.stands_for(other)) == ({other: role}, other, None)


def test_a_missing_cell_is_unknown_though_the_other_date_is_there() -> None:
    catalog = read(rows(release_year=("", *YEARS[1:]), date_added=(*ADDED[:6], "")))
    assert (catalog.column("released")[0], catalog.column("added")[6]) == (None, None)


def test_date_and_year_of_different_events_are_release_and_adding() -> None:
    catalog = read(rows(Date=ADDED, Year=YEARS))
    assert (catalog.mapping["released"], catalog.mapping["added"]) == (("Year",), ("Date",))
    same = read(rows(Date=[f"{year}-03-04" for year in YEARS], Year=YEARS))
    assert (same.mapping["released"], "added" in same.mapping) == (("Date",), False)
    guess = read(rows(release_year=YEARS, Date=ADDED))
    assert (guess.mapping["added"], guess.guessed) == (("Date",), ("added",))


@pytest.mark.parametrize("mark", ["({})", "[{}]", "({}–{})", "({}- )"])
def test_year_in_the_title_is_the_release_and_no_part_of_the_title(mark: str) -> None:
    named = [f"{title} {mark.format(year, year + 3)}" for title, year in zip(TITLES, YEARS, strict=True)]
    catalog = read([{"title": title} for title in named])
    assert (years(catalog, "released"), tuple(catalog.titles)) == (YEARS, TITLES)
    assert (catalog.mapping["released"], catalog.guessed) == (("title",), ())
    added = read([{"title": title, "date": day} for title, day in zip(named, ADDED, strict=True)])
    assert (added.mapping["released"], added.mapping["added"]) == (("title",), ("date",))


def test_year_in_the_title_fills_gaps_of_the_release_date() -> None:
    named = [f"{title} ({year})" for title, year in zip(TITLES, YEARS, strict=True)]
    catalog = read(rows(title=named, release_date=("1994-05-06", *[""] * 6)))
    assert catalog.column("released")[:2] == [dt.date(1994, 5, 6), dt.date(2001, 1, 1)]
    assert "release_date: 6 missing dates were taken from title" in catalog.warnings


def test_a_few_years_in_titles_are_names_of_their_own() -> None:
    catalog = read(rows(title=("It (2017 film)", *TITLES[1:]), date_added=ADDED))
    assert (catalog.titles[0], "released" in catalog.mapping) == ("It (2017 film)", False)
    assert read([{"title": title} for title in ("Class of (1984)x", "2012", "Blade Runner 2049")]).mapping.keys() == {
        "title"
    }


def test_an_item_is_named_with_and_without_its_year() -> None:
    named = ["Upstream (1978)", "Suspiria (1977)", "Suspiria (2018)", "2046 (2004)"]
    catalog = read([{"title": title} for title in named])
    assert [catalog.named(title) for title in ("Upstream", "upstream (1978)", "Upstream (1979)")] == [[0], [0], []]
    assert (catalog.named("Suspiria"), catalog.named("Suspiria (2018)"), catalog.named("2046")) == ([1, 2], [2], [3])
    wiki = read(rows(title=("It (2017 film)", *TITLES[1:])))
    assert (wiki.named("it"), wiki.named("It (2017 film)")) == ([0], [0])


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [("year", "month", "day"), ("release_year", "release_month", "release_day"), ("Jahr", "Monat", "Tag"),
     ("Erscheinungsjahr", "Erscheinungsmonat", "Erscheinungstag"), ("Año", "Mes", "Día"), ("Anno", "Mese", "Giorno"),
     ("Année de sortie", "Mois de sortie", "Jour de sortie"), ("Ano", "Mês", "Dia"), ("公開年", "公開月", "公開日"),
     ("год", "месяц", "день")],
)  # fmt: skip
def test_columns_of_years_months_and_days_are_one_date(year: str, month: str, day: str) -> None:
    numbers = {year: YEARS, month: ("3.0", "04", "12", "1", "6", "", "11"), day: (1, 30, 31, 5, 6, 7, "")}
    catalog = read(rows(**numbers))
    assert catalog.mapping["released"] == (year, month, day)
    assert [str(cell) for cell in catalog.column("released")] == [
        "1994-03-01", "2001-04-30", "2014-12-31", "1978-01-05", "2020-06-06", "1987-01-01", "1999-11-01",
    ]  # fmt: skip
    names = ("March", "Apr", "dec.", "Janvier", "junio", "julio", "November")
    worded = read(rows(**{year: YEARS, month: names}))
    assert (worded.mapping["released"], worded.dates("released", [2])) == ((year, month), ["2014-12"])


def test_settings_name_the_columns_of_a_date() -> None:
    columns = {"y": YEARS, "m": range(1, 8), "when": ADDED}
    settings = CatalogSettings(released=("y", "m"), added=("when",))
    catalog = read(rows(**columns), settings)
    assert (catalog.dates("released", [1]), catalog.dates("added", [1])) == (["2001-02"], ["2021-02-15"])
    off = read(rows(release_year=YEARS, date_added=ADDED), CatalogSettings(released=()))
    assert (off.fallbacks, years(off, "released")[0]) == ({"released": "added"}, 2021)


def test_as_of_goes_by_when_items_were_added() -> None:
    catalog = read(rows(release_year=YEARS, date_added=ADDED), as_of=dt.date(2021, 3, 31))
    assert catalog.titles == list(TITLES[:3])


def test_columns_keep_their_roles_and_new_ones_get_the_other() -> None:
    before = {"title": ("title",), "released": ("date",)}
    catalog = read(rows(date=ADDED, release_year=YEARS), before=before)
    assert catalog.mapping["released"] == ("date",)
    assert read(rows(date=ADDED, date_added=ADDED), before=before).mapping["added"] == ("date_added",)


@pytest.mark.parametrize(
    ("title", "name", "year", "bare"),
    [
        ("Toy Story (1995)", "Toy Story", 1995, "Toy Story"),
        ("It (2017 film)", "It", 2017, "It (2017 film)"),
        ("Lost (TV series 2004–2010)", "Lost", 2004, "Lost (TV series 2004–2010)"),
        ("1984", "1984", None, "1984"),
        ("(1999)", "(1999)", None, "(1999)"),
        ("Area (51)", "Area (51)", None, "Area (51)"),
        ("Room (1408)", "Room (1408)", None, "Room (1408)"),
    ],
)
def test_titles_and_their_years(title: str, name: str, year: int | None, bare: str) -> None:
    assert (titles.name(title), titles.year(title), titles.without_year(title)) == (name, year, bare)
