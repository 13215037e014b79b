"""Catalogs with planted words: what a label must say, and what it must not."""

from __future__ import annotations

import dataclasses
import zlib

import numpy as np
import pyarrow as pa

from discover import testing
from discover.core.types import OUTLIER, Embeddings, Level
from discover.labels.labellers.base import Sense
from discover.testing import unit

CORES = {
    "murder": ("a serial killer", "the murder case", "a police detective", "the crime scene", "an old murder"),
    "space": ("a space station", "an alien planet", "the starship crew", "deep space", "an alien signal"),
    "cooking": ("a pastry chef", "the cooking contest", "a family recipe", "the restaurant kitchen", "a young chef"),
}
HEROES = {"murder": "Vargas", "space": "Okafor", "cooking": "Tanaka"}  # one name a theme: it tells them apart too well
FIRST_NAMES = ("Maria", "Tom", "Aisha", "Pavel")


def table(rows):
    """A Catalog of rows, with keywords, country and language where they have some."""
    made = testing.catalog([{"id": str(number)} | row | {"genres": ""} for number, row in enumerate(rows)])
    columns = made.table
    for name in ("genres", "keywords", "country"):
        values = pa.array([row.get(name, []) for row in rows], pa.list_(pa.string()))
        columns = columns.set_column(columns.schema.get_field_index(name), name, values)
    return dataclasses.replace(made, table=columns)


def level(members, strengths=None, parents=None, ids=()):
    members = np.asarray(members, dtype=np.int64)
    count = int(members.max(initial=-1)) + 1
    if strengths is None:
        strengths = (members >= 0).astype(np.float32)
    nobody = np.zeros(len(members), dtype=bool)
    return Level(members, np.asarray(strengths, np.float32), nobody, parents or (OUTLIER,) * count, (0.5,) * count, ids)


def around(members, seed=0):
    """Unit vectors around one centre a theme; outliers anywhere."""
    random = np.random.default_rng(seed)
    centres = unit(random.normal(size=(int(np.max(members, initial=0)) + 2, 16)))
    return unit(centres[members] + 0.1 * random.normal(size=(len(members), 16)))


def senses(vectors):
    """Text and pictures as spaces of these vectors (NaN where an item has none), in which words lie anywhere."""

    def embed(texts):
        return unit(
            np.array(
                [np.random.default_rng(zlib.crc32(text.encode("utf-8", "replace"))).normal(size=16) for text in texts]
            )
        )

    rows = np.flatnonzero(~np.isnan(vectors[:, 0]))
    return {
        name: Sense(Embeddings(name, None, vectors[rows], rows, np.zeros(len(rows), "S64")), embed)
        for name in ("text", "image")
    }


def stories(each=30, people=True, seed=0):
    """Shows of three worlds, told with the same boilerplate, with names; and the number of each one's world."""
    random = np.random.default_rng(seed)
    rows, members = [], []
    for number in random.permutation(np.repeat(np.arange(3), each)).tolist():
        world = list(CORES)[number]
        one, other = random.choice(CORES[world], size=2, replace=False)
        first, hero = random.choice(FIRST_NAMES), HEROES[world]
        text = (
            f"When the story begins, {first} {hero} must face {one} and {other} before it is too late. "
            f"Nobody but {first} believes that {hero} will ever be able to return home."
        )
        row = {"title": f"Untold {len(rows)}", "description": text}
        rows.append(row | ({"people": [f"{first} {hero}"]} if people else {}))
        members.append(number)
    return table(rows), np.array(members)
