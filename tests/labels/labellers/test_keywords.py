"""Labels from words: planted phrases are found; names, stop words, boilerplate and fragments are not."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from discover import sample
from discover.catalog.reader import read
from discover.labels.labellers import _corpus, _ctfidf
from discover.labels.labellers.keywords import Keywords, _by_theme
from tests.labels.labellers.worlds import CORES, FIRST_NAMES, HEROES, around, level, stories, table


def label(catalog, members, **options):
    return Keywords(**options).label(catalog, level(members), around(np.asarray(members)))


def of_groups(*groups, **common):
    """The labels of themes given as lists of descriptions, or of rows."""
    rows = [
        {"title": f"T {number}", **({"description": each} if isinstance(each, str) else each), **common}
        for number, each in enumerate(each for group in groups for each in group)
    ]
    return label(table(rows), np.repeat(np.arange(len(groups)), [len(group) for group in groups]))


def said(found):
    return set(re.findall(r"[\w'-]+", " ".join((found.text, *found.keywords)).casefold()))


@pytest.mark.parametrize("people", [True, False], ids=["with people column", "without"])
def test_planted_phrases_without_names_and_boilerplate(people):
    catalog, members = stories(people=people)
    found = label(catalog, members)
    names = {name.casefold() for name in (*FIRST_NAMES, *HEROES.values())}
    boilerplate = {
        "when",
        "the",
        "story",
        "begins",
        "must",
        "face",
        "and",
        "before",
        "it",
        "is",
        "too",
        "late",
        "nobody",
        "believes",
        "return",
        "a",
        "an",
    }
    for (world, cores), each in zip(CORES.items(), found, strict=True):
        planted = {re.sub(r"^(a|an|the) ", "", core) for core in cores}
        allowed = set(" ".join(cores).split())
        assert said(each) <= allowed, world
        assert not said(each) & (names | boilerplate)
        assert each.text.split(", ")[0].casefold() in planted | {world}
        assert len(set(each.keywords) & planted) >= 2


def test_a_phrase_stands_for_its_fragments():
    comedy = [
        f"{name} performs a stand-up comedy special about family life."
        for name in ["Ann", "Bob", "Cy", "Di", "Ed", "Flo"]
    ]
    other = [f"A farmer grows wheat and corn in year {number}." for number in range(6)]
    first = of_groups(comedy, other)[0]
    assert first.text.startswith("Stand-up comedy special")
    assert not {"stand", "stand-up", "comedy", "stand-up comedy", "comedy special"} & set(first.keywords)


def test_forms_of_a_word_are_one_keyword_in_the_most_frequent_form():
    crimes = [
        "Two murders.",
        "Many murders.",
        "A murder.",
        "Three murders.",
        "The murderer and the knife.",
        "Murderers!",
    ]
    first = of_groups(crimes, ["A quiet garden."] * 3 + ["The quiet lake."] * 3)[0]
    assert [word for word in first.keywords if word.startswith("murder")] == ["murders"]


def test_places_and_things_with_capitals_stay_and_persons_go():
    texts = [
        "She moves to Chicago when {} opens a bakery in Chicago.",
        "After the war {} lives in Chicago and hates the Christmas season.",
        "This Christmas the city of Chicago meets {} and her choir.",
        "At last {} spends a Christmas with friends in Chicago.",
    ]
    first = of_groups([text.format("Roberta") for text in texts], ["A dog runs."] * 3 + ["The dog sleeps."])[0]
    assert {"chicago", "christmas"} <= said(first)
    assert "roberta" not in said(first)


def test_words_that_are_names_only_now_and_then_stay():
    people = {"people": ["Stephen King", "Rose Baker"]}
    kings = [f"The old king rules a kingdom of {size}; the king is wise." for size in ("ice", "sand", "stone")]
    assert "king" in said(of_groups(kings, ["A baker sells bread."] * 3, **people)[0])


@pytest.mark.parametrize(
    ("language", "texts", "wanted", "unwanted"),
    [
        (
            "es",
            "Un detective investiga el asesinato de una mujer en la ciudad, pero no está solo.|"
            "El asesinato del alcalde es un misterio para el detective y para todos los demás.|"
            "Una detective vuelve a la ciudad por un asesinato que lo cambia todo para ella.",
            {"asesinato", "detective"},
            [
                "el",
                "la",
                "de",
                "en",
                "un",
                "una",
                "los",
                "del",
                "por",
                "para",
                "que",
                "pero",
                "todo",
                "todos",
                "es",
                "está",
                "lo",
            ],
        ),
        (
            "de",
            "Der Kommissar sucht nach dem Mörder, aber er ist nicht mehr in der Stadt.|"
            "Ein Mörder und der Kommissar, der ihn sucht, sind in dieser Stadt nicht allein.|"
            "Als der Kommissar in die Stadt kommt, ist der Mörder noch nicht weit weg.",
            {"kommissar", "mörder", "stadt"},
            [
                "der",
                "die",
                "das",
                "dem",
                "nach",
                "aber",
                "nicht",
                "mehr",
                "und",
                "ein",
                "eine",
                "als",
                "noch",
                "in",
                "ist",
            ],
        ),
        (
            "fr",
            "Le capitaine du vaisseau spatial est perdu dans l'espace avec son équipage.|"
            "Un vaisseau spatial qui ne revient pas, et l'espace qui est sans pitié.|"
            "Dans l'espace, les robots sont plus forts que l'équipage du vaisseau spatial.",
            {"vaisseau", "spatial", "espace", "équipage"},
            [
                "le",
                "la",
                "les",
                "du",
                "dans",
                "avec",
                "qui",
                "ne",
                "pas",
                "et",
                "sans",
                "plus",
                "que",
                "un",
                "est",
                "l",
            ],
        ),
    ],
)
def test_stop_words_of_the_languages_of_the_catalog(language, texts, wanted, unwanted):
    rows = [{"title": f"T {n}", "description": text} for n, text in enumerate(texts.split("|"))]
    rows += [
        {"title": "E", "description": f"The ranch and the cowboy of {place}."} for place in ("Utah", "Iowa", "Ohio")
    ]
    catalog = table(rows)
    found = label(catalog, [0, 0, 0, 1, 1, 1])[0]
    assert wanted <= said(found)
    edges = {
        word for keyword in found.keywords for word in (keyword.casefold().split()[0], keyword.casefold().split()[-1])
    }
    assert not edges & set(unwanted)
    assert _corpus.read(catalog).languages == ("en", language)


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (("刑事が殺人犯を追う。", "若い刑事の物語。", "刑事と弁護士。"), "刑事"),
        (("一群宇航员前往火星探险", "宇航员在太空站遇到外星人", "宇航员返回地球"), "宇航员"),
        (("ラブストーリーです。", "これはラブストーリー", "夏のラブストーリー"), "ラブストーリー"),
        (("우주 비행사 이야기", "용감한 우주 비행사", "우주 비행사 귀환"), "우주 비행사"),
        (("अंतरिक्ष यात्री मंगल", "बहादुर अंतरिक्ष यात्री", "अंतरिक्ष यात्री लौटते"), "अंतरिक्ष यात्री"),
        (("летит космическая станция", "эта космическая станция", "моя космическая станция"), "космическая станция"),
    ],
)  # fmt: skip
def test_any_script(texts, wanted):
    found = of_groups(list(texts), ["A dog runs.", "The dog sleeps.", "One dog barks."])
    assert wanted in found[0].text.casefold()
    assert found[1].text == "Dog"


def test_genres_alone_and_titles_alone():
    rows = [{"title": "x", "genres": [genre]} for genre in ("Slow TV", "Slow TV", "Game Shows", "Game Shows")]
    assert [each.text for each in label(table(rows), [0, 0, 1, 1])] == ["Slow TV", "Game shows"]
    titles = ["Haunted mill", "Haunted barn", "Racing cars", "Racing boats"]
    found = label(table([{"title": title} for title in titles]), [0, 0, 1, 1])
    assert [each.text for each in found] == ["Haunted", "Racing"]


def test_genres_in_code_and_with_ampersand_read_as_words():
    rows = [{"title": "x", "genres": [genre]} for genre in ["card_arrival", "Science & Nature"] for _ in range(3)]
    assert [each.text for each in label(table(rows), [0, 0, 0, 1, 1, 1])] == ["Card arrival", "Science & nature"]


def test_words_of_titles_do_not_name_a_theme_that_has_descriptions():
    rows = [{"title": f"Zorgon {n}", "description": text} for n, text in enumerate(["A wild horse."] * 4)]
    rows += [{"title": "Other", "description": f"The old {each}."} for each in ("mill", "well", "mill", "well")]
    found = label(table(rows), [0] * 4 + [1] * 4)
    assert "zorgon" not in said(found[0])
    assert found[0].text == "Wild horse"


def test_markup_addresses_numbers_and_letters_are_no_words():
    text = "<p class='x'>Deep <b>ocean</b> &amp; reef</p> https://example.com/reefs me@example.com 1999 x 42nd {css: 1}"
    found = of_groups([text] * 3, ["A dog runs.", "The dog sleeps.", "One dog barks."])[0]
    assert said(found) <= {"deep", "ocean", "reef"}


def test_proper_names_of_things_keep_their_capitals():
    texts = [
        f"A look at the World Cup of {year} and at the FBI in New York." for year in ("football", "chess", "rugby")
    ]
    keywords = of_groups(texts, ["A dog runs.", "The dog sleeps.", "One dog barks."])[0].keywords
    assert {"World Cup", "FBI", "New York"} <= set(keywords)


def test_words_are_shown_as_they_are_written_most_often():
    brands = [
        "The iPhone scandal; McDonald pays.",
        "An iPhone scandal. McDonald pays.",
        "iPhone scandal: McDonald pays.",
    ]
    found = of_groups(brands, ["A dog runs.", "The dog sleeps.", "One dog barks."])[0]
    assert "iPhone scandal" in found.keywords
    assert any("McDonald" in keyword for keyword in found.keywords)
    assert found.text.startswith(("iPhone", "McDonald"))


def test_genres_are_shown_as_they_are_written():
    rows = [{"genres": ["Spaß", "Sci-Fi", "Straßenkino"]}] * 5 + [{"genres": ["Western"]}] * 5
    found = Keywords().label(table(rows), level([0] * 5 + [1] * 5), around([0] * 5 + [1] * 5))
    assert set(found[0].keywords) == {"spaß", "Sci-Fi", "straßenkino"}
    assert found[1].text == "Western"


def test_the_same_in_another_process():
    code = (
        "from tests.labels.labellers.worlds import *; from discover.labels.labellers.keywords import Keywords\n"
        "catalog, members = stories()\n"
        "print(Keywords().label(catalog, level(members), around(members)))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert "Label(" in runs[0]


def bertopics(counts):
    """What BERTopic's transformer makes of counts, from its file alone: its package takes seconds to import."""
    package = importlib.util.find_spec("bertopic").submodule_search_locations[0]
    spec = importlib.util.spec_from_file_location("ctfidf", Path(package, "vectorizers", "_ctfidf.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.errstate(divide="ignore"):  # terms that no class has
        return module.ClassTfidfTransformer(reduce_frequent_words=True).fit_transform(counts.astype(np.float64))


def test_ctfidf_of_counts_worked_out_by_hand():
    weights = _ctfidf.weigh(sparse.csr_matrix(np.array([[3, 1, 0], [0, 1, 2]]))).toarray()
    mean = 3  # terms of a class on average (3.5), rounded down
    expected = np.sqrt([[0.75, 0.25, 0], [0, 1 / 3, 2 / 3]]) * np.log(mean / np.array([3, 2, 2]) + 1)
    np.testing.assert_allclose(weights, expected, rtol=1e-15)


@settings(deadline=None)  # the first example imports scikit-learn
@given(
    arrays(
        np.int64,
        st.tuples(st.integers(1, 8), st.integers(2, 30)),
        elements=st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 10**6)),
    )
)
def test_ctfidf_is_bertopics(dense):
    assume(dense.sum() >= len(dense))
    counts = sparse.csr_matrix(dense)
    weights = _ctfidf.weigh(counts)
    np.testing.assert_allclose(weights.toarray(), bertopics(counts).toarray(), rtol=1e-12, atol=0)
    assert weights.dtype == np.float64
    assert (counts.toarray() == dense).all(), "its input is kept"


@pytest.mark.parametrize("corpus", ["planted", "sample"])
def test_ctfidf_of_a_corpus_is_bertopics(corpus):
    if corpus == "planted":
        catalog, members = stories()
    else:
        catalog = read(sample.home() / "catalog.csv")
        members = np.arange(len(catalog.ids)) % 20 - 1  # as good as any classes
    counts = _by_theme(_corpus.read(catalog).counts, level(members))
    weights = _ctfidf.weigh(counts)
    assert weights.nnz > (50 if corpus == "planted" else 2000)
    np.testing.assert_array_equal(weights.indices, counts.indices)
    np.testing.assert_allclose(weights.toarray(), bertopics(counts).toarray(), rtol=1e-12, atol=0)


@given(arrays(np.int64, st.tuples(st.integers(1, 8), st.integers(0, 4)), elements=st.integers(0, 1)))
def test_with_less_than_one_term_a_class_counts_are_the_weights(dense):
    assume(dense.sum() < len(dense))
    np.testing.assert_array_equal(_ctfidf.weigh(sparse.csr_matrix(dense)).toarray(), dense)


def test_the_weight_of_the_only_term_is_above_0():
    weights = _ctfidf.weigh(sparse.csr_matrix(np.array([[2], [0], [5]]))).toarray().ravel()
    np.testing.assert_allclose(weights, np.array([1, 0, 1]) * np.log(1 + 2 / 7))
