"""Small catalogs with gaps and copies, and every space over them."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import strategies as st

import indexes
from discover import testing
from discover.core import plugins
from discover.core.types import Embeddings, EncoderIdentity
from discover.search import spaces as folder
from discover.search.spaces.base import SpaceInput
from discover.search.spaces.lexical import Lexical
from discover.search.spaces.metadata import Metadata

WORDS = ["moon", "ghost", "river", "sheriff", "kitchen", "oven", "Île", "naïve", "1984", "don't", "月", "кино"]
IDENTITY = EncoderIdentity("made up", "none", "0" * 64, 8, "", "float32")

listed = st.lists(st.sampled_from(["Drama", "drama", "Crime", "War", "日本", " ", ""]), max_size=3)
texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
dates = st.none() | st.dates(dt.date(1930, 1, 1), dt.date(2030, 12, 31))
cells = st.fixed_dictionaries(
    {},
    optional={
        "title": texts,
        "description": texts,
        "genres": listed,
        "keywords": listed,
        "people": listed,
        "country": listed,
        "language": st.sampled_from(["", "en", "EN", "fr"]),
        "kind": st.sampled_from(["", "Film", "Series"]),
        "released": dates,
        "seed": st.integers(0, 5),  # of the made-up vector: items share some; none where there is no seed
    },
)


@st.composite
def rows(draw, most=12):
    """Rows of a catalog: with missing fields, empty texts, and copies."""
    made = draw(st.lists(cells, min_size=1, max_size=most))
    copies = draw(st.lists(st.sampled_from(made), max_size=3))
    return [{"id": str(number), **row} for number, row in enumerate([*made, *copies])]


def vectors(items, dimension=8):
    """A space of made-up vectors: one for each row with a `seed`, the same for the same seed."""
    there = np.array([row for row, item in enumerate(items) if item.get("seed") is not None], dtype=np.int64)
    drawn = [np.random.default_rng(items[row]["seed"]).normal(size=dimension) for row in there]
    made = testing.unit(np.array(drawn).reshape(-1, dimension)) if drawn else np.empty((0, dimension), np.float32)
    return over(made, there, len(items))


def over(made, there, count, name="text", kind="flat"):
    """The space of unit vectors (m, d) of the catalog rows `there`."""
    built = indexes.build(made, kind)
    kind = plugins.find(folder, name)
    return kind(Embeddings(name, IDENTITY, made, there, np.zeros(len(there), "S64")), count, lambda: built)


def source(catalog):
    """What spaces without vectors are made from."""
    return SpaceInput(catalog, {}, {}.__getitem__)


def spaces(items):
    """Every space that these rows have something for, by name."""
    made = source(testing.catalog(items))
    found = (vectors(items), Lexical.build(made), Metadata.build(made))
    return {space.name: space for space in found if space is not None}
