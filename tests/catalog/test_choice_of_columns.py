"""Which column has a role is decided by its name and by how full and how fitting it is."""

from typing import Any

import pyarrow as pa
import pytest

from discover.catalog.reader import read
from discover.catalog.values.numbers import scale_of
from discover.core.settings import CatalogSettings

PROSE = (
    "a baker finds a map in her flour and follows it across the border",
    "two brothers rebuild the boat in which their father was lost at sea",
    "a town votes on its own name and finds out what it used to be",
    "the clock of a small station runs backwards for a month in May",
    "the last ferry never leaves and nobody on board wants to go home",
    "a gardener inherits a hotel that has not had a guest for years",
)
TITLES = ("Flour Map", "The Boat", "Naming Day", "Counter Clock", "Last Ferry", "Grand Garden")
LINES = ("Bread knows the way.", "", "", "Time to go.", "", "")


def table(**columns: Any) -> pa.Table:
    return pa.table({name: [str(cell) for cell in cells] for name, cells in columns.items()})


@pytest.mark.parametrize("name", ["tagline", "note", "Zeile"])
def test_a_mostly_empty_column_is_no_title(name: str) -> None:
    catalog = read(table(ref=["a1", "a2", "a3", "a4", "a5", "a6"], summary=PROSE, **{name: LINES}))
    assert (catalog.mapping["title"], catalog.mapping["description"]) == (("summary",), ("summary",))
    assert name in catalog.unused


def test_a_full_column_comes_before_a_sparse_one_of_a_better_name() -> None:
    titles = read(table(title=("", "", "", "", "x", "y"), name=TITLES, synopsis=PROSE))
    assert (titles.mapping["title"], titles.titles) == (("name",), list(TITLES))
    texts = read(table(name=TITLES, description=("", "", *PROSE[:1], "", "", ""), plot=PROSE))
    assert texts.mapping["description"] == ("plot",)
    unnamed = read(table(name=TITLES, tagline=LINES, Inhalt_kurz_gesagt_x=PROSE))
    assert unnamed.mapping["description"] == ("Inhalt_kurz_gesagt_x",)


@pytest.mark.parametrize(
    ("one", "other"), [("summary", "story"), ("story", "summary"), ("description", "plot"), ("overview", "synopsis")]
)
def test_the_longer_of_two_descriptions(one: str, other: str) -> None:
    long = [f"{text}. {text}, and then it begins again" for text in PROSE]
    assert read(table(name=TITLES, **{one: PROSE, other: long})).mapping["description"] == (other,)
    assert read(table(name=TITLES, **{one: long, other: PROSE})).mapping["description"] == (one,)


def test_other_texts_are_no_longer_descriptions() -> None:
    long = [f"{text}. " * 9 for text in PROSE]
    for name in ("lyrics", "transcript", "review"):
        assert read(table(name=TITLES, description=PROSE, **{name: long})).mapping["description"] == ("description",)


# --- audience ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("Hörer (Tsd.)", 1e3), ("Streams (M)", 1e6), ("Viewers (millions)", 1e6), ("Zuschauer in Mio.", 1e6),
        ("views_k", 1e3), ("Views ('000)", 1e3), ("audience [thousands]", 1e3), ("Espectadores (miles)", 1e3),
        ("Spectateurs (milliers)", 1e3), ("再生回数（万）", 1e4), ("播放量(万)", 1e4), ("Просмотры (тыс.)", 1e3),
        ("views (simulated)", 1), ("Streams", 1), ("hours viewed", 1),
    ],
)  # fmt: skip
def test_units_in_the_name_of_an_audience(name: str, factor: float) -> None:
    catalog = read(table(title=TITLES, **{name: ("1.5", "20", "3", "4", "50", "")}))
    assert catalog.mapping["audience"] == (name,)
    assert catalog.column("audience") == [pytest.approx(value * factor) for value in (1.5, 20, 3, 4, 50)] + [None]
    assert any(f"multiplied by {factor:,.0f}, as the name says" in said for said in catalog.warnings) == (factor > 1)


@pytest.mark.parametrize("name", ["ratings (avg)", "views (2020)", "Votes (IMDb)", "plays (x)", "()", ""])
def test_other_words_in_brackets_are_no_units(name: str) -> None:
    assert scale_of(name) == 1


def test_numbers_that_may_be_an_audience_are_named_with_the_line_that_takes_them() -> None:
    columns = {
        "title": TITLES,
        "gross": (12_000_000, 400_000, 90_000, 1_500_000, 20_000, 300_000),
        'Kasse "netto"': ("1,200,000", "40,000", "9,000", "150,000", "2,000", "30,000"),
        "runtime": (90, 95, 100, 105, 110, 1000),
        "year": (1990, 1991, 1992, 1993, 1994, 2020),
        "budget": (12_000_000, 400_000, 90_000, 1_500_000, 20_000, 300_000),
        "code": ("A1", "B2", "C3", "D4", "E5", "F6"),
    }
    (said,) = [said for said in read(table(**columns)).warnings if "called an audience" in said]
    assert said.endswith(r'[catalog] in discover.toml: audience = "gross" or audience = "Kasse \"netto\""')
    assert not [
        said for said in read(table(**columns), CatalogSettings(audience="gross")).warnings if "audience" in said
    ]
    assert not [said for said in read(table(**columns), CatalogSettings(audience="")).warnings if "audience" in said]


def test_a_weekly_figure_may_be_an_audience() -> None:
    weekly = (7_100_000, 40_000, 30_000, 1_500_000, 20_000, 300_000)
    (said,) = [
        said for said in read(table(title=TITLES, plot=PROSE, weekly_views=weekly)).warnings if "audience" in said
    ]
    assert said.endswith('audience = "weekly_views"')


def test_even_numbers_and_numberings_are_no_audience() -> None:
    catalog = read(table(title=TITLES * 3, row=range(18), even=range(5000, 5018), score=[7, 8, 6, 7, 8, 9] * 3))
    assert not [said for said in catalog.warnings if "audience" in said]


# --- few values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Cuisine", "genres"),
        ("cuisine_type", "genres"),
        ("菜系", "genres"),
        ("sector", "genres"),
        ("Region", "country"),
        ("market", "country"),
    ],
)
def test_columns_like_categories_have_a_role(name: str, role: str) -> None:
    catalog = read(table(title=TITLES, **{name: ("Thai", "Greek", "Thai", "Greek", "Thai", "Thai")}))
    assert catalog.mapping[role] == (name,)
    assert catalog.column(role)[0] == ["Thai"]


def test_lists_of_a_few_words_are_genres_by_their_content() -> None:
    rows = {
        "title": [f"{title} {i}" for i in range(4) for title in TITLES],
        "woraus": ["salt|fish", "rice", "rice|fish", "salt", "fish", "salt|rice"] * 4,
    }
    catalog = read(table(**rows))
    assert (catalog.mapping["genres"], catalog.guessed) == (("woraus",), ("genres",))
    many = read(table(title=rows["title"], cast=[f"{title}|Person {i}" for i, title in enumerate(rows["title"])]))
    assert "genres" not in many.mapping


@pytest.mark.parametrize("name", ["Küchenart", "Abteilung", "wo", "x7", "Raum"])
def test_one_of_a_few_words_a_cell_is_a_genre_by_its_values(name: str) -> None:
    titles = [f"{title} {i}" for i in range(4) for title in TITLES]
    values = ["North Indian", "Thai", "Greek", "Thai", "North Indian", "Tapas"] * 4
    catalog = read(table(title=titles, **{name: values}))
    assert (catalog.mapping["genres"], catalog.guessed) == ((name,), ("genres",))
    assert catalog.column("genres")[0] == ["North Indian"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("status", ("kept", "sold", "lent")), ("freigabe", ("PG-13", "TV-MA", "R")), ("ok", ("yes", "no", "yes")),
        ("wer", [f"Person {chr(65 + i)}" for i in range(24)]), ("x", ("plain",) * 23 + ("odd",)),
    ],
)  # fmt: skip
def test_states_codes_and_names_are_no_genres(name: str, values: tuple[str, ...]) -> None:
    titles = [f"{title} {i}" for i in range(4) for title in TITLES]
    catalog = read(table(title=titles, **{name: (list(values) * 24)[:24]}))
    assert "genres" not in catalog.mapping
    assert name in catalog.unused


@pytest.mark.parametrize(
    ("role", "values"),
    [
        ("country", ("Italien", "Frankreich, Spanien", "USA")), ("country", ("IT", "FR", "US")),
        ("country", ("日本", "フランス", "韓国")), ("language", ("Englisch", "Italienisch", "Deutsch")),
        ("language", ("en", "it", "de")),
    ],
)  # fmt: skip
def test_countries_and_languages_by_their_values(role: str, values: tuple[str, ...]) -> None:
    catalog = read(table(title=TITLES, col=values * 2))
    assert (catalog.mapping[role], catalog.guessed) == (("col",), (role,))


def test_a_catalog_of_titles_says_that_only_titles_are_compared() -> None:
    assert [said for said in read(table(id=range(6), title=TITLES)).warnings if said.startswith("Only titles are")]
    assert not [said for said in read(table(title=TITLES, plot=PROSE)).warnings if said.startswith("Only titles are")]
