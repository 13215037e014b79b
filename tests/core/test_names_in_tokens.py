"""Names whose parts are joined by a point are one word, in scripts with and without spaces."""

import pytest

from discover.core import tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("莱昂·普里斯", ["莱昂·普里斯"]),
        ("弗兰克·奥兹，大卫·普恩", ["弗兰克·奥兹", "大卫·普恩"]),
        ("ジョン・スミスの冒険", ["ジョン・スミス", "冒険"]),
        ("col·lecció de Sant Lluís", ["col·lecció", "de", "Sant", "Lluís"]),
        ("Café · Bar", ["Café", "Bar"]),
        ("远航的船", ["远航的船"]),
    ],
)
def test_names_joined_by_a_point_are_whole(text: str, words: list[str]) -> None:
    assert [word for word in tokens.split(text) if word[0].isalnum()] == words
