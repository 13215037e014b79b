"""Data with a known answer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from discover.core.types import Catalog

WORLDS = {
    "space": "astronaut starship orbit planet alien crew galaxy rocket cosmic station",
    "kitchen": "chef restaurant recipe kitchen dessert pastry tasting oven menu baker",
    "court": "lawyer trial jury courtroom verdict judge testimony prosecutor innocent appeal",
    "football": "striker goal stadium league coach penalty referee championship midfield supporters",
    "ghost": "haunted mansion ghost seance spirit curse possessed medium attic apparition",
    "western": "sheriff outlaw saloon cattle ranch frontier gunslinger stagecoach prairie bounty",
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def blobs(themes=6, each=60, dimension=64, spread=0.08, seed=0):
    """Unit vectors around random centres, shuffled, and the number of each one's centre."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(themes, dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    truth = random.permutation(np.repeat(np.arange(themes), each))
    return unit(centres[truth] + spread * random.normal(size=(len(truth), dimension))), truth


def noise(items=600, dimension=64, seed=0):
    """Unit vectors without any structure."""
    return unit(np.random.default_rng(seed).normal(size=(items, dimension)))


def shows(each=40, seed=0, worlds=WORLDS):
    """Rows of a catalog in which every item belongs to one planted world, in an order that hides it."""
    random = np.random.default_rng(seed)
    rows = []
    for number, world in enumerate(random.permutation(np.repeat(list(worlds), each))):
        words = random.choice(worlds[world].split(), size=6, replace=False)
        place = random.choice(["a small town", "the coast", "a big city", "the north"])
        rows.append(
            {
                "id": f"{number:04d}",
                "title": f"{words[0].title()} {number}",
                "description": f"In {place}, a {words[1]} and a {words[2]} face a {words[3]}, "
                f"a {words[4]} and the {words[5]}.",
                "genres": world,
                "release_date": f"{random.integers(1990, 2024)}-{random.integers(1, 13):02d}-15",
            }
        )
    return rows


def catalog(rows):
    """A Catalog of rows with id and any of the roles; `genres` may be one text. Nothing else is in it."""
    lists = {
        role: [[value] if isinstance(value := row.get(role) or [], str) else value for row in rows]
        for role in ("genres", "keywords", "people", "country")
    }
    table = {
        "id": [row["id"] for row in rows],
        "title": [row.get("title", "") for row in rows],
        "description": [row.get("description", "") for row in rows],
        **{role: pa.array(values, pa.list_(pa.string())) for role, values in lists.items()},
        "language": [row.get("language", "") for row in rows],
        "kind": [row.get("kind", "") for row in rows],
        "released": pa.array([row.get("released") for row in rows], pa.date32()),
        "added": pa.array([row.get("released") for row in rows], pa.date32()),
        "image": pa.array([row.get("image") for row in rows], pa.string()),
        "audience": pa.array([None] * len(rows), pa.float64()),
    }
    return Catalog(pa.table(table), {"id": ("id",), "title": ("title",)}, "planted", len(rows))
