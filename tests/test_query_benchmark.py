"""The benchmark of text queries: its rules take the items that they name, its figures are those of the definitions."""

from benchmarks.query_rules import HALVES, NETFLIX, SOURCES, WIKIPEDIA, Rows, queries

HEADER = "show_id,type,title,director,cast,country,date_added,release_year,rating,duration,listed_in,description\n"
SHOWS = (
    's1,TV Show,The Bridge,,"Sofia Helin, Kim Bodnia","Denmark, Sweden",,2011,,4 Seasons,"Crime TV Shows",Found on it\n'
    "s2,Movie,Short,Sofia Helin,,,,1979,,45 min,Dramas,\n"
    's3,Movie,Crime,,,South Sweden,,1980,,145 min,"Dramas, True Crime TV Shows",A bridges film\n'
)


def test_a_rule_takes_whole_names_and_whole_words(tmp_path):
    (tmp_path / NETFLIX.file).write_text(HEADER + SHOWS)
    rows = Rows.read(NETFLIX, tmp_path)
    expected = {
        "has(country, 'Sweden')": [True, False, False],
        "has(country, 'sweden|Norway') or has(listed_in, 'Dramas')": [True, True, True],
        "has(listed_in, 'Crime TV Shows')": [True, False, False],
        "has(people, 'Sofia Helin')": [True, True, False],
        "says(words, 'bridge')": [True, False, False],
        "says(words, 'bridges?|shor')": [True, False, True],
        "not has(country, 'Sweden')": [False, True, True],
        "country <> '' and not has(country, 'Sweden')": [False, False, True],
        "year between 1970 and 1979": [False, True, False],
        "minutes < 60": [False, True, False],  # a series has no length
    }
    assert {rule: rows.matching(rule).tolist() for rule in expected} == expected
    assert rows.texts(NETFLIX.facts) == [
        "TV Show from Denmark, Sweden, 2011. Crime TV Shows.",
        "Movie, 1979. Dramas.",
        "Movie from South Sweden, 1980. Dramas, True Crime TV Shows.",
    ]


def test_lists_are_read_as_names(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "title": ["One", "Two"],
            "year": [1930, 1941],
            "cast": [["Ann Lee", "Bo"], None],
            "genres": [["Film Noir"], ["Noir", "War"]],
            "extract": [None, "Two is a film."],
        }
    )
    pq.write_table(table, tmp_path / WIKIPEDIA.file)
    rows = Rows.read(WIKIPEDIA, tmp_path)
    assert rows.matching("has(genres, 'Noir')").tolist() == [False, True]
    assert rows.matching("has(people, 'Bo') and year < 1940").tolist() == [True, False]
    assert rows.texts(WIKIPEDIA.facts) == ["Film, 1930. Film Noir.", "Film, 1941. Noir, War."]


def test_the_halves_are_alike_and_share_nothing():
    seen, unseen = (queries(half) for half in HALVES)
    assert not {query.text for query in seen} & {query.text for query in unseen}
    assert len(seen) == len(unseen) >= 30
    for name in SOURCES:
        assert sum(query.catalog == name for query in seen) == sum(query.catalog == name for query in unseen) > 0
    assert all(query.relevant and query.asks for query in (*seen, *unseen))
