"""What `discover.testing` gives to tests of others: known answers, the same each time, and light to import."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import discover
from discover import testing
from discover.core.errors import InputError
from discover.embeddings.encoders.sentence import Sentence

HEAVY = ("torch", "sentence_transformers", "pandas", "pyarrow", "safetensors", "sklearn", "scipy")


def test_importing_it_costs_little():
    code = f"import sys, discover.testing; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_lines_of_its_page_find_the_planted_worlds(tmp_path):
    page = testing.__doc__.split("\n\n")
    lines = textwrap.dedent("\n\n".join(part for part in page if part.startswith("    ")))
    names = {"discover": discover, "tmp_path": tmp_path}
    exec(lines, names)
    items = discover.open(tmp_path / "ws").items().to_pandas()
    inside = items["theme"].notna()
    assert inside.mean() > 0.9
    truth = np.array([row["genres"] for row in names["rows"]])
    assert adjusted_rand_score(truth[inside], items["theme"][inside]) > 0.9


def test_the_same_call_gives_the_same():
    assert testing.shows(each=3, seed=1) == testing.shows(each=3, seed=1) != testing.shows(each=3, seed=2)
    assert np.array_equal(testing.noise(), testing.noise())
    for first, second in zip(testing.blobs(), testing.blobs(), strict=True):
        assert np.array_equal(first, second)


def test_a_text_model_is_the_same_bytes_each_time_and_its_worlds_lie_apart(tmp_path):
    folders = [testing.text_model(tmp_path / name) for name in ("a", "b")]
    files = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders]
    assert files[0] == files[1]
    encoder = Sentence(model=str(folders[0]))
    texts = ["A haunted mansion, a curse", "A ghost in the attic", "The chef and his pastry", "zqx"]
    vectors = encoder.encode(texts).vectors
    assert vectors.shape == (4, 32)
    ghosts, mixed, odd = vectors[0] @ vectors[1], vectors[0] @ vectors[2], vectors[0] @ vectors[3]
    assert ghosts > 0.6 > 0.4 > max(mixed, odd)
    with pytest.raises(InputError, match="any word of"):
        encoder.encode_text(["七人の侍"])


def test_a_text_model_knows_the_worlds_that_it_is_given(tmp_path):
    model = testing.text_model(tmp_path / "sea", {"sea": "whale harbour sailor", "rail": "engine track signal"}, 8)
    sea, same, rail = Sentence(model=str(model)).encode(["whale", "sailor", "engine"]).vectors
    assert sea @ same > sea @ rail
    assert len(sea) == 8


def test_a_catalog_has_what_it_is_given_and_nothing_else():
    found = testing.catalog([{"id": "a", "title": "A", "genres": "Drama"}, {"id": "b", "people": ["X", "Y"]}])
    assert (found.ids, found.column("genres"), found.column("people")) == (
        ["a", "b"],
        [["Drama"], []],
        [[], ["X", "Y"]],
    )
    assert found.column("released") == [None, None]
