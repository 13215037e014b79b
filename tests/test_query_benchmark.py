"""The benchmark of text queries: its rules take the items that they name, its figures are those of the definitions."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import query_pool
from benchmarks.queries import interval, measured, ndcg, precision
from benchmarks.query_rules import FILMS, HALVES, NETFLIX, SOURCES, WIKIPEDIA, Mismatch, Query, Rows, queries
from benchmarks.query_systems import Peers, best, fused, ours, standardised

ROOT = Path(__file__).parents[1]
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
    assert rows.ids() == ["s1", "s2", "s3"]
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
    assert rows.ids() == ["0", "1"]
    assert rows.texts(WIKIPEDIA.facts) == ["Film, 1930. Film Noir.", "Film, 1941. Noir, War."]


def test_the_halves_are_alike_and_share_nothing():
    seen, unseen = (queries(half) for half in HALVES)
    assert not {query.text for query in seen} & {query.text for query in unseen}
    assert len(seen) == len(unseen) >= 30
    for name in SOURCES:
        assert sum(query.catalog == name for query in seen) == sum(query.catalog == name for query in unseen) > 0
    assert all(query.relevant and query.asks for query in (*seen, *unseen))


def test_precision_is_over_what_there_could_be():
    relevant = np.zeros(20, dtype=bool)
    relevant[[1, 4, 7, 9]] = True
    assert precision([1, 2, 4, 3], relevant) == 2 / 4
    assert precision([0] * 10 + [1, 4, 7, 9], relevant) == 0  # they stand behind the tenth
    assert precision([], relevant) == 0  # a search that says that nothing fits
    relevant[:] = True
    assert precision(range(9), relevant) == 9 / 10


def test_ndcg_is_that_of_the_worked_example():
    relevant = np.zeros(20, dtype=bool)
    relevant[[1, 4, 7]] = True
    # places 2 and 4 of the list, of three that there are: (1 / log2(3) + 1 / log2(5)) / (1 + 1 / log2(3) + 1 / log2(4))
    assert ndcg([0, 1, 2, 4], relevant) == pytest.approx((0.6309297536 + 0.4306765581) / (1 + 0.6309297536 + 0.5))
    assert ndcg([4, 7, 1, 0], relevant) == pytest.approx(1)
    assert ndcg([], relevant) == 0


def test_an_interval_is_the_same_again_and_holds_the_mean():
    differences = np.random.default_rng(3).normal(0.2, 0.5, size=40)
    low, high = interval(differences)
    assert (low, high) == interval(differences)
    assert low < differences.mean() < high
    error = differences.std() / np.sqrt(len(differences))
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.05)
    assert interval(np.full(12, 0.25)) == (0.25, 0.25)


def test_ranks_are_fused_and_scores_standardised():
    scores = fused([2, 0], [0, 3], 5)
    assert scores == pytest.approx([1 / 62 + 1 / 61, 0, 1 / 61, 1 / 62, 0])
    assert best(scores, 10, above=0) == [0, 2, 3]  # what no list holds is no answer
    assert best(np.array([1, 3, 3, 2]), 3) == [1, 2, 3]
    assert standardised(np.array([1.0, 3.0])).tolist() == [-1, 1]
    assert standardised(np.ones(3)).tolist() == [0, 0, 0]


def test_a_judge_sees_every_answer_once_and_the_key_scores_them(tmp_path):
    (tmp_path / NETFLIX.file).write_text(HEADER + SHOWS)
    (tmp_path / FILMS.file).parent.mkdir()
    (tmp_path / FILMS.file).write_text(
        "id,title,year,release_date,genres,keywords,synopsis,poster\n"
        + "".join(f"t{row},Film {row},1990,,Drama|War,,Words,\n" for row in range(3))
    )
    answers = {"ours": [0, 1], "MiniLM": [2, 0], "BM25": []}
    systems = {name: lambda text, k, rows=rows: rows for name, rows in answers.items()}
    file = tmp_path / "pool.json"
    query_pool.write(file, lambda name: (Rows.read(SOURCES[name], tmp_path), systems))

    assert not any(name in file.read_text() for name in ("MiniLM", "BM25", "ours"))
    pools = json.loads(file.read_text())
    assert len(pools) == len(query_pool.load(query_pool.IDEAS)) == 20
    fits = {"The Bridge": 2, "Short": 0, "Crime": 1, "Film 0": 1, "Film 1": 1, "Film 2": 2}
    for pool in pools:
        assert len(pool["answers"]) == 3
        for answer in pool["answers"]:
            answer["fits"] = fits[answer["title"]]
    file.write_text(json.dumps(pools))
    by_idea = query_pool.scores(file)
    series, film = by_idea[pools[0]["idea"]], by_idea[pools[-1]["idea"]]
    assert series == {"ours": 2 / 2 / 5, "MiniLM": (1 + 2) / 2 / 5, "BM25": 0}
    assert film == {"ours": (1 + 1) / 2 / 5, "MiniLM": (2 + 1) / 2 / 5, "BM25": 0}
    assert query_pool.best_or_equal(by_idea, "MiniLM") == 20
    assert query_pool.best_or_equal(by_idea, "ours") == 0
    assert query_pool.best_or_equal({"a": {"ours": 0.5, "MiniLM": 0.5}, "b": {"ours": 0.4, "MiniLM": 0.5}}, "ours") == 1

    pools[0]["answers"][1]["fits"] = None
    file.write_text(json.dumps(pools))
    with pytest.raises(Mismatch, match="without a judgement: 1"):
        query_pool.scores(file)


@pytest.mark.slow
def test_ours_and_the_peers_answer_with_rows_of_the_file(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = tmp_path / WIKIPEDIA.file
    plots = ["A shark hunts swimmers off a beach", "Two lovers meet in Paris", "Lawyers argue a murder in a courtroom"]
    columns = {"title": list("CBAC"), "year": [1975] * 4, "cast": [["Roy Scheider"], [], [], []]}
    columns |= {"genres": [["Thriller"], ["Romance"], ["Legal"], ["Thriller"]], "extract": [*plots, plots[0]]}
    pq.write_table(pa.table(columns), file)
    rows = Rows.read(WIKIPEDIA, tmp_path)
    search = ours(rows, tmp_path / "ws", file)
    assert search("love story in the French capital", 1) == [1]
    assert sorted(search("shark hunts swimmers off a beach", 2)) == [0, 3]  # both of two equal titles

    peers = Peers.read(rows, tmp_path / "vectors").systems()
    assert set(peers) == {"MiniLM", "BM25", "plain sum", "RRF"}
    assert all(answers("lawyers in a courtroom", 1) == [2] for answers in peers.values())
    assert peers["BM25"]("Scheider", 4) == [0]
    assert peers["BM25"]("nothing known", 4) == []
    assert len(list((tmp_path / "vectors").iterdir())) == 2  # of texts and of facts

    query = Query(WIKIPEDIA.file, "court", ["genre"], "has(genres, 'Legal')")
    outcome = measured([query], rows, {"ours": lambda text, k: [2, 1]} | peers)[0]
    assert (outcome.relevant, outcome.precision["ours"], outcome.ndcg["ours"]) == (1, 1, 1)
    with pytest.raises(Mismatch, match="takes no item"):
        measured([Query(WIKIPEDIA.file, "war", ["genre"], "has(genres, 'War')")], rows, peers)

    pq.write_table(pa.table(columns).slice(1), file)
    with pytest.raises(Mismatch, match="its items are not those of"):
        ours(Rows.read(WIKIPEDIA, tmp_path), tmp_path / "ws", file)


def test_without_data_one_line_says_so():
    command = [sys.executable, "-m", "benchmarks.queries", "films", "--data", "nowhere"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "no nowhere/films/catalog.csv; --data names the folder of catalogs\n"
