"""What a text asks for of facts: each case names the values that a reader of the text would tick."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.search.understanding import places, times
from discover.search.understanding.understand import Vocabulary, understand
from discover.search.understanding.words import fold, phrase

GENRES = ["TV Dramas", "Dramas", "Crime TV Shows", "Children & Family Movies", "Romantic Movies", "Westerns", "Horror"]
GENRES += ["Stand-Up Comedy", "Comedies", "Documentaries", "Sci-Fi & Fantasy", "Biography"]
CATALOG = Vocabulary(
    {
        "genres": GENRES,
        "kind": ["Movie", "TV Show"],
        "country": ["Denmark", "SE", "Iceland", "United States", "Mexico", "South Korea", "UK", "Turkey", "Australia"],
        "people": ["Ada Lindqvist", "Tomás Ferreira", "Guðrún Helgadóttir", "Mirembe", "Jo Vale"],
        "keywords": ["film noir", "boxing", "found family"],
    }
)


def asked(text, vocabulary=CATALOG):
    """What is understood, as (wanted, values)."""
    return {(one.wanted, one.short) for one in understand(text, vocabulary).criteria}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("slow-burn Nordic crime", ["Denmark, Iceland, SE", "Crime TV Shows"]),
        ("turkish drama series", ["Turkey", "TV Dramas, Dramas", "TV Show"]),
        ("a Danish movie", ["Denmark", "Movie"]),
        ("stand-up specials from the UK", ["Stand-Up Comedy", "UK"]),
        ("something for kids", ["Children & Family Movies"]),
        ("romance", ["Romantic Movies"]),
        ("horor films", ["Horror", "Movie"]),  # typing errors
        ("documentries", ["Documentaries"]),
        ("scifi", ["Sci-Fi & Fantasy"]),
        ("biopics", ["Biography"]),
        ("Ada Lindqvist comedies", ["Ada Lindqvist", "Comedies"]),
        ("ada lindquist", ["Ada Lindqvist"]),
        ("Tomas Ferreira", ["Tomás Ferreira"]),
        ("Gudrun Helgadottir", ["Guðrún Helgadóttir"]),
        ("Mirembe", ["Mirembe"]),
        ("Ferreira movies", ["Tomás Ferreira", "Movie"]),  # a last name, where nothing else is asked
        ("mexican boxing film noir", ["Mexico", "boxing", "film noir"]),
        ("k-drama", ["South Korea"]),
        ("American westerns", ["United States", "Westerns"]),
        ("give us the saddest stories", []),  # "us" in small letters is no country
        ("a hidden vale", []),  # nor is a common word a name, where other words are asked
        ("found family in space", ["found family"]),
        ("heist", []),
    ],
)
def test_values_are_recognised_as_people_write_them(text, wanted):
    assert asked(text) == {(True, values) for values in wanted}


@pytest.mark.parametrize(
    ("text", "excluded", "left"),
    [
        ("crime series not from the US", "United States", "crime series"),
        ("comedies, no stand-up", "Stand-Up Comedy", "comedies"),
        ("sharks, not documentaries", "Documentaries", "sharks"),
        ("non-Danish crime", "Denmark", "crime"),
        ("horror but nothing American", "United States", "horror but"),
        ("comedies, but please no stand-up", "Stand-Up Comedy", "comedies, but please"),
        ("crime that isn't Danish", "Denmark", "crime that"),
        ("romance without Jo Vale", "Jo Vale", "romance"),
    ],
)
def test_what_is_not_wanted_is_excluded_and_says_nothing_of_what_is(text, excluded, left):
    understood = understand(text, CATALOG)
    assert [one.short for one in understood.criteria if not one.wanted] == [excluded]
    assert understood.text == left


def test_names_and_years_leave_no_words_to_look_for():
    assert understand("Ada Lindqvist", CATALOG).text == ""
    assert understand("movies from the 1970s", CATALOG).text == ""
    assert understand("Ada Lindqvist falls in love", CATALOG).text == "falls in love"


def test_where_the_catalog_has_no_such_column_words_stay_words():
    assert asked("Danish crime from the 90s", Vocabulary({}, dated=False)) == set()
    assert understand("Danish crime from the 90s", Vocabulary({}, dated=False)).text == "Danish crime from the 90s"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("movies from the 1970s", 1970, 1979),
        ("80s action", 1980, 1989),
        ("'90s sitcoms", 1990, 1999),
        ("the 2010s", 2010, 2019),
        ("20s jazz", 2020, 2029),
        ("the nineties", 1990, 1999),
        ("before 1960", times.FIRST, 1959),
        ("pre-1960 noir", times.FIRST, 1959),
        ("after 2015", 2016, times.LAST),
        ("since 2015", 2015, times.LAST),
        ("from 2015 on", 2015, times.LAST),
        ("between 1990 and 1995", 1990, 1995),
        ("1990-1995", 1990, 1995),
        ("comedies from 1994", 1994, 1994),
        ("comedies 1994", 1994, 1994),
    ],
)
def test_years_are_read_as_people_write_them(text, first, last):
    years = times.find(text)
    assert (years.first, years.last) == (first, last)


@pytest.mark.parametrize("text", ["", "24 hours", "007", "area 51", "the 39 steps", "60 minutes", "1984 was a warning"])
def test_other_numbers_are_no_years(text):
    assert times.find(text) is None or text.startswith("1984")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Danish", "DK"),
        ("Nordic", "DK FI IS NO SE"),
        ("Scandinavian", "DK NO SE"),
        ("French", "FR"),  # not the territories of France
        ("Indian", "IN"),
        ("Dutch", "NL"),
        ("British", "GB"),
        ("Bollywood", "IN"),
        ("South African", "ZA"),
    ],
)
def test_places_have_their_countries(text, codes):
    assert places.names()[phrase(text)] == set(codes.split())


def test_regions_hold_their_countries_and_no_others():
    latin, european = places.names()[phrase("Latin American")], places.names()[phrase("European")]
    assert {"AR", "BR", "MX", "CU"} <= latin
    assert not latin & {"US", "ES", "PT"}
    assert {"DE", "FR", "PL", "IS"} <= european
    assert not european & {"US", "JP", "EG"}


@pytest.mark.parametrize(("written", "code"), [("United States", "US"), ("USA", "US"), ("DE", "DE"), ("UK", "GB")])
def test_a_catalogs_countries_have_their_codes(written, code):
    assert places.code(written) == code


@pytest.mark.parametrize(
    ("one", "many"), [("comedy", "comedies"), ("series", "series"), ("movie", "movies"), ("box", "boxes")]
)
def test_singular_and_plural_are_one(one, many):
    assert fold(one) == fold(many)


def test_what_is_named_in_part_or_with_an_error_is_less_certain():
    certain = {one.words: one.is_certain for one in understand("found kids in Danish horor dramas", CATALOG).criteria}
    assert certain == {"kids": False, "Danish": True, "horor": False, "dramas": True}


def test_words_can_be_kept_from_naming_anything():
    kept = understand("Danish crime, not from the US, 90s", CATALOG, {("danish",), ("us",), ("90", "s")})
    assert [one.words for one in kept.criteria] == ["crime", "90s"]
    assert kept.text == "Danish crime, not from the US"
    assert understand("90s crime", CATALOG, {phrase("90s")}).text == "90s crime"


@given(st.text(max_size=80))
def test_any_text_can_be_asked(text):
    understood = understand(text, CATALOG)
    for criterion in understood.criteria:
        assert criterion.short
        assert criterion.years or all(
            set(values) <= set(CATALOG.values[role]) for role, values in criterion.values.items()
        )


@given(
    st.lists(st.sampled_from(["not", "Danish", "crime", "and", "the", "90s", "movies", "Ada", "Lindqvist"]), max_size=9)
)
def test_no_word_is_claimed_twice(words):
    text = " ".join(words)
    claimed = [one.words for one in understand(text, CATALOG).criteria]
    assert sum(len(one.split()) for one in claimed) <= len(words)
