"""Texts that name titles, people, places and what is not wanted, asked of a catalog whose answers are known."""

import pytest

import discover
from discover.core.errors import UsageError
from discover.testing import shows

PLACES = {
    "space": "Denmark",
    "kitchen": "Sweden",
    "court": "Mexico",
    "football": "Brazil",
    "ghost": "Japan",
    "western": "US",
}
PEOPLE = ("Ada Lindqvist", "Tomas Ferreira", "Mirembe Okello")


@pytest.fixture(scope="module")
def engine(tmp_path_factory, run):
    rows = shows(each=20)
    for number, row in enumerate(rows):
        row["country"] = PLACES[row["genres"]]
        row["cast"] = PEOPLE[number % 3]
        row["type"] = "Movie" if number % 2 else "TV Show"
    rows[0]["title"], rows[1]["title"] = "Harbour Lights", "Ghost"
    folder = tmp_path_factory.mktemp("asking") / "ws"
    run(rows, folder)
    return discover.open(folder)


def values(engine, matches, column):
    """What the answers have in a column."""
    table = engine.items()
    column = dict(zip(table.column("id").to_pylist(), table.column(column).to_pylist(), strict=True))
    return [column[match.id] for match in matches]


def test_answers_have_what_the_text_asks_for(engine):
    having_all = [
        number % 3 == 0 and number % 2 == 1 and PLACES[row["genres"]] in ("Denmark", "Sweden")
        for number, row in enumerate(shows(each=20))
    ]
    matches = engine.search("Nordic movies by Ada Lindqvist", k=sum(having_all))
    assert len(matches) > 2
    assert [chip.label for chip in matches.understood] == [
        "country: Denmark, Sweden",
        "kind: Movie",
        "people: Ada Lindqvist",
    ]
    assert set(map(tuple, values(engine, matches, "people"))) == {("Ada Lindqvist",)}
    assert {country for listed in values(engine, matches, "country") for country in listed} <= {"Denmark", "Sweden"}
    assert set(values(engine, matches, "kind")) == {"Movie"}


def test_parts_of_a_score_name_what_was_met_and_sum_to_it(engine):
    match = engine.search("Danish movies with a rocket", k=1, explain=True)[0]
    assert sum(match.parts.values()) == pytest.approx(match.score)
    met = {evidence.text for evidence in match.explanation.evidence if evidence.space == "metadata"}
    assert met > {"Denmark", "Movie"}
    assert sum(evidence.amount for evidence in match.explanation.evidence) == pytest.approx(match.score, abs=1e-6)


def test_what_is_not_wanted_is_never_an_answer(engine):
    matches = engine.search("a haunted mansion, not from Japan", k=100, anyway=True)
    assert len(matches) == 100
    assert "Japan" not in {country for listed in values(engine, matches, "country") for country in listed}
    assert not matches.understood[0].wanted
    with pytest.raises(UsageError, match="says only what is not wanted"):
        engine.search("not from Japan")


def test_strict_leaves_only_what_has_everything(engine):
    matches = engine.search("Danish movies", k=100, strict=True)
    count = sum(row["genres"] == "space" and number % 2 for number, row in enumerate(shows(each=20)))
    assert len(matches) == count
    assert set(values(engine, matches, "kind")) == {"Movie"}


def test_words_can_be_taken_for_words(engine):
    assert [chip.label for chip in engine.search("Danish rocket movies", ignore="Danish").understood] == ["kind: Movie"]
    assert engine.search("Danish rocket movies", literal=True).understood == ()
    excluded = engine.search("a rocket, not from Japan", ignore="japan", k=5)
    assert excluded.understood == ()


@pytest.mark.parametrize("text", ["Harbour Lights", "harbour lights", "Harbor Lights"])
def test_the_title_that_is_typed_leads_and_what_is_like_it_follows(engine, text):
    row = engine.catalog.ids[0]
    matches = engine.search(text, k=6)
    assert matches[0].id == row
    assert [match.id for match in matches[1:]] == [match.id for match in engine.similar(row, k=5)]
    assert [match.score for match in matches] == sorted((match.score for match in matches), reverse=True)


def test_a_title_that_is_a_word_leads_what_the_word_finds(engine):
    matches = engine.search("ghost", k=6)
    assert matches[0].title == "Ghost"
    assert {genre for listed in values(engine, matches[1:], "genres") for genre in listed} == {"ghost"}


def test_a_word_that_some_are_called_by_is_a_word(engine):
    assert engine.search("okello", k=1).understood[0].label == "people: Mirembe Okello"
    assert engine.search("astronaut", k=1).understood == ()


def test_a_title_that_leads_obeys_where(engine):
    other = engine.search("Harbour Lights", k=5, where="id <> '0000'")
    assert "Harbour Lights" not in [match.title for match in other]
    assert len(other) == 5


def test_titles_are_examples(engine):
    row = engine.catalog.ids[0]
    nearest = [match.id for match in engine.similar(row, k=5)]
    assert [match.id for match in engine.search("something like Harbour Lights", k=5)] == nearest
    mixed = engine.search("movies like Harbour Lights", k=5)
    assert [chip.label for chip in mixed.understood] == ["kind: Movie"]
    assert row not in [match.id for match in mixed]
    assert set(values(engine, mixed, "kind")) == {"Movie"}


def test_a_person_comes_before_words_like_the_name(engine):
    matches = engine.search("Mirembe Okello", k=10)
    assert set(map(tuple, values(engine, matches, "people"))) == {("Mirembe Okello",)}


def test_a_text_needs_a_space_that_it_can_be_asked_in(engine):
    assert engine.search("Danish", weights={"metadata": 1}, k=3)
    assert engine.search("Mirembe Okello", weights={"text": 1, "lexical": 1}, k=3, anyway=True)
    with pytest.raises(UsageError, match="`text` or `lexical` a weight above 0"):
        engine.search("a vicar", weights={"metadata": 1})
