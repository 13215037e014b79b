"""Picture labels, with the toy model that knows the sample's drawings."""

from __future__ import annotations

import numpy as np
import pytest

from discover import sample
from discover.core import plugins
from discover.core.errors import SettingsError
from discover.core.types import Embeddings
from discover.embeddings.encoders.clip import Clip
from discover.labels import labellers as folder
from discover.labels import name as labelling
from discover.labels.labellers.base import Sense
from discover.labels.labellers.keywords import Keywords
from discover.labels.labellers.pictures import MAX_OWN_WORDS, VISUAL_WORDS, Pictures, build_vocabulary
from tests.labels.labellers.worlds import around, level, table
from tools.sample.draw import jittered, poster

MOTIFS = ("ghost", "rocket", "crown", "tank")


@pytest.fixture(scope="module")
def encoder():
    return Clip(model=f"local-dir:{sample.home() / 'tiny-clip'}")


@pytest.fixture(scope="module")
def drawn(encoder, tmp_path_factory):
    """Eight posters of each of four motifs, in many palettes, and the vectors of the posters."""
    from tools.sample.colours import PALETTES

    folder, paths = tmp_path_factory.mktemp("posters"), []
    for motif in MOTIFS:
        for number, palette in enumerate(list(PALETTES)[:8]):
            paths.append(str(folder / f"{motif}-{number}.png"))
            poster(jittered(motif, palette, paths[-1]), (120, 180)).save(paths[-1])
    return encoder.encode(paths).vectors, np.repeat(np.arange(4), 8)


def sense(encoder, vectors, rows):
    space = Embeddings("image", None, vectors[rows], np.array(rows), np.zeros(len(rows), "S64"))
    return labelling.build_senses({"image": space}, {"image": encoder}.__getitem__)["image"]


def titles(count):
    """A catalog without a word about what its pictures show."""
    return table([{"title": f"IMG_{number:04d}"} for number in range(count)])


def test_words_say_what_the_pictures_show(encoder, drawn):
    vectors, members = drawn
    senses = {"image": sense(encoder, vectors, range(32))}
    found = Pictures().label(titles(32), level(members), vectors, senses)
    assert [each.note for each in found] == [""] * 4
    meant = (("ghost",), ("spaceship", "planet", "moon"), ("crown", "knight", "castle"), ("soldier", "gun", "war"))
    for label, words in zip(found, meant, strict=True):
        assert any(word in label.text.casefold() for word in words), (label.text, words)
        assert len(label.keywords) == 10


def test_the_catalogs_own_words_are_used_as_it_writes_them(encoder, drawn):
    vectors, members = drawn
    rows = [{"title": f"{n}", "keywords": ["Haunted House", "x" * 99] if n % 3 else []} for n in range(32)]
    senses = {"image": sense(encoder, vectors, range(32))}
    found = Pictures(diversity=0.0).label(table(rows), level(members), vectors, senses)
    assert "Haunted House" in found[0].keywords[:3]
    assert not any("xxx" in word for label in found for word in label.keywords)


def test_themes_with_few_pictures_keep_their_keywords_and_say_so(encoder, drawn):
    vectors, members = drawn
    rows = [{"title": f"{n}", "description": f"{MOTIFS[theme]} night"} for n, theme in enumerate(members.tolist())]
    catalog, seen = table(rows), around(members)
    plain = Keywords().label(catalog, level(members), seen)
    few = {"image": sense(encoder, vectors, [*range(8), 8, 9, 10, 11, 30])}
    found = Pictures().label(catalog, level(members), seen, few)
    assert [each.note for each in found] == ["", *["they have fewer than 5 pictures"] * 3]
    assert [each.text for each in found[1:]] == [each.text for each in plain[1:]]
    blind = Pictures().label(catalog, level(members), seen)
    assert [(each.text, each.note) for each in blind] == [(each.text, "there are no picture vectors") for each in plain]

    def unasked(texts):
        raise AssertionError("no text should be encoded where no theme has pictures")

    none = {"image": Sense(few["image"].space, unasked)}
    assert {each.note for each in Pictures(least=9).label(catalog, level(members), seen, none)} == {
        "they have fewer than 9 pictures"
    }


def test_the_vocabulary_is_the_most_frequent_tags_and_the_visual_words():
    rows = [{"title": "", "genres": ["anime", f"tag {n}"], "keywords": ["A Dog", "tag 0"]} for n in range(400)]
    words = build_vocabulary(table(rows))
    assert len({word.casefold() for word in words}) == len(words)
    assert {"A Dog", "anime", "tag 0"} <= set(words)
    assert "a dog" not in words
    assert len(words) == len(VISUAL_WORDS) + MAX_OWN_WORDS - 2  # a dog and anime are in both


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"least": 0}, "least: expected at least 1, got 0"),
        ({"diversity": -0.1}, "diversity: expected a number between 0 and 1, got -0.1"),
    ],
)
def test_settings_have_their_ranges(options, message):
    with pytest.raises(SettingsError, match=message):
        plugins.load(folder, "pictures", options)
