"""Catalogs with a known answer and a tiny text model, for the tests of whoever extends discover.

    from discover import testing

    rows = testing.shows(each=20)  # six worlds of twenty shows; `genres` names the world of each
    model = testing.text_model(tmp_path / "words")  # a folder of 30 kB that knows the words of these worlds
    discover.run(rows, tmp_path / "ws", {"text": {"model": str(model)}})  # takes half a second

Everything is drawn from a seed: the same call gives the same rows, vectors and weights on every machine.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from discover.core.types import Catalog

WORLDS: Mapping[str, str] = {
    "space": "astronaut starship orbit planet alien crew galaxy rocket cosmic station",
    "kitchen": "chef restaurant recipe kitchen dessert pastry tasting oven menu baker",
    "court": "lawyer trial jury courtroom verdict judge testimony prosecutor innocent appeal",
    "football": "striker goal stadium league coach penalty referee championship midfield supporters",
    "ghost": "haunted mansion ghost seance spirit curse possessed medium attic apparition",
    "western": "sheriff outlaw saloon cattle ranch frontier gunslinger stagecoach prairie bounty",
}  # name -> its words

_PLACES = ("a small town", "the coast", "a big city", "the north")
_UNKNOWN = "[UNK]"


def shows(each: int = 40, seed: int = 0, worlds: Mapping[str, str] = WORLDS) -> list[dict[str, str]]:
    """Rows of a catalog, `each` for every world, in an order that hides the worlds; `genres` names each row's world.

    A row has id, title, description, genres and release_date (1990 to 2023). A world needs at least six words.
    """
    random = np.random.default_rng(seed)
    rows = []
    for number, world in enumerate(random.permutation(np.repeat(list(worlds), each)).tolist()):
        words = random.choice(worlds[world].split(), size=6, replace=False)
        place, title = random.choice(_PLACES), f"{words[0].title()} {number}"
        rows.append(
            {
                "id": f"{number:04d}",
                "title": title,
                "description": f"In {place}, a {words[1]} and a {words[2]} face a {words[3]}, "
                f"a {words[4]} and the {words[5]}. They call it {title}.",
                "genres": world,
                "release_date": f"{random.integers(1990, 2024)}-{random.integers(1, 13):02d}-15",
            }
        )
    return rows


def catalog(rows: Sequence[Mapping[str, Any]]) -> Catalog:
    """A Catalog of rows that have an id and any of the roles, and nothing else. A list may be given as one text."""
    import pyarrow as pa

    from discover.core.types import Catalog

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


def unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Rows of length one."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def blobs(
    themes: int = 6, each: int = 60, dimension: int = 64, spread: float = 0.08, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Unit vectors (n, dimension) around random centres, shuffled, and the number of each one's centre (n,)."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(themes, dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    truth = random.permutation(np.repeat(np.arange(themes), each))
    return unit(centres[truth] + spread * random.normal(size=(len(truth), dimension))), truth


def noise(items: int = 600, dimension: int = 64, seed: int = 0) -> NDArray[np.float32]:
    """Unit vectors (items, dimension) without any structure."""
    return unit(np.random.default_rng(seed).normal(size=(items, dimension)))


def text_model(
    folder: str | Path, worlds: Mapping[str, str] = WORLDS, dimension: int = 32, near: float = 0.5, seed: int = 0
) -> Path:
    """Write a small text model into a folder, which `[text] model` then names; gives the folder.

    It is a static model of sentence-transformers (a vector for each word, and a text is their mean), so the real
    encoder loads and runs it. The words of a world lie near each other: `near` in [0, 1) is how much of a vector its
    world makes up. Other words are spelled from letters and digits, whose vectors are random and small. A text
    without any Latin letter or digit has no vector.
    """
    from safetensors.numpy import save_file

    random = np.random.default_rng(seed)
    letters = string.ascii_lowercase + string.digits
    vectors = {_UNKNOWN: np.zeros(dimension)}
    for piece in (*letters, *(f"##{letter}" for letter in letters)):
        vectors[piece] = 0.3 * random.normal(size=dimension)
    for world, words in worlds.items():
        centre = random.normal(size=dimension)
        for word in (world, *words.split()):
            vectors.setdefault(word.lower(), near * centre + (1 - near) * random.normal(size=dimension))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"embedding.weight": np.array([*vectors.values()], dtype=np.float32)}, folder / "model.safetensors")
    tokenizer: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": True,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": _UNKNOWN,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: number for number, piece in enumerate(vectors)},
        },
    }
    module = {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    (folder / "modules.json").write_text(json.dumps([module]), encoding="utf-8")
    return folder
