"""The contract that every encoder of the folder keeps."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from discover import sample
from discover.core import plugins
from discover.embeddings import encoders
from discover.embeddings.encoders.base import Encoder
from discover.testing import catalog, shows

# Where an encoder's default weights may be missing: options that name some that are always here.
OPTIONS = {"clip": {"model": f"local-dir:{sample.home() / 'tiny-clip'}"}}
NAMES = plugins.names(encoders)


def made(name):
    return plugins.load(encoders, name, OPTIONS.get(name, {}) | {"precision": "float32", "device": "cpu"})


@pytest.fixture(scope="module", params=NAMES)
def encoder(request):
    return made(request.param)


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    """A catalog of items that differ in words and picture, the last of which has neither."""
    folder, rows = tmp_path_factory.mktemp("pictures"), shows(each=2)
    for number, row in enumerate(rows):
        row["image"] = str(folder / f"{number}.png")
        Image.effect_mandelbrot((64, 96), (-2 + number / 9, -1, 1, 1), 9 + number).convert("RGB").save(row["image"])
    return catalog([*rows, {"id": "bare", "title": ""}])


@pytest.fixture(scope="module")
def inputs(encoder, items):
    return [value for value in encoder.inputs(items) if value is not None]


@pytest.fixture(scope="module")
def vectors(encoder, inputs):
    return encoder.encode(inputs).vectors


def test_an_input_for_each_row_and_none_where_there_is_nothing(encoder, items):
    found = encoder.inputs(items)
    assert isinstance(encoder, Encoder)
    assert len(found) == len(items)
    assert all(isinstance(value, str) and value for value in found[:-1])
    assert found[-1] is None


def test_vectors_are_float32_and_of_unit_length(encoder, inputs, vectors):
    assert (vectors.dtype, vectors.shape) == (np.float32, (len(inputs), encoder.identity().dimension))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (vectors @ vectors.T)[~np.eye(len(inputs), dtype=bool)].max() < 0.9999  # items that differ, differ


def test_rows_are_in_the_order_of_the_inputs(encoder, inputs, vectors):
    order = np.random.default_rng(0).permutation(len(inputs))
    found = encoder.encode([inputs[i] for i in order]).vectors
    assert np.einsum("ij,ij->i", found, vectors[order]) == pytest.approx(1.0, abs=1e-4)


def test_the_same_inputs_give_the_same_bits(encoder, inputs, vectors):
    assert (made(encoder.identity().encoder).encode(inputs).vectors == vectors).all()


@pytest.mark.parametrize("count", [0, 1])
def test_few_inputs(encoder, inputs, vectors, count):
    found = encoder.encode(inputs[:count])
    assert (found.vectors.dtype, found.vectors.shape) == (np.float32, (count, vectors.shape[1]))
    assert np.einsum("ij,ij->i", found.vectors, vectors[:count]) == pytest.approx(1.0, abs=1e-4)
    assert found.failures == {}


def test_progress_adds_up(encoder, inputs):
    told = []
    encoder.encode([*inputs, inputs[0]], told.append)
    assert sum(told) in (len(inputs), len(inputs) + 1)  # a copy may or may not be encoded again


def test_what_fails_is_named_and_is_a_row_of_nan(encoder, inputs, vectors, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    found = encoder.encode([inputs[0], str(broken), inputs[1]])
    failed = np.flatnonzero(np.isnan(found.vectors).any(axis=1)).tolist()
    assert failed == sorted(found.failures) == ([1] if encoder.modality == "image" else [])
    assert np.einsum("ij,ij->i", found.vectors[[0, 2]], vectors[:2]) == pytest.approx(1.0, abs=1e-4)


def test_free_text_lands_in_the_same_space(encoder, vectors):
    found = encoder.encode_text(["a haunted house", "a spaceship"])
    assert (found.dtype, found.shape) == (np.float32, (2, vectors.shape[1]))
    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_the_identity_is_the_same_before_and_after_encoding(encoder, vectors):
    fresh = made(encoder.identity().encoder)
    assert fresh.identity() == encoder.identity()
    assert fresh.identity().differences(encoder.identity()) == []
    assert len(fresh.identity().digest) == 64
    encoder.check(fresh.identity())


def test_content_is_what_is_encoded(encoder, inputs, tmp_path):
    assert len({encoder.content(value) for value in inputs}) == len(inputs)
    if encoder.modality == "image":
        copy = tmp_path / "copy.png"
        copy.write_bytes(Path(inputs[0]).read_bytes())
        assert encoder.content(str(copy)) == encoder.content(inputs[0])


def test_absolute_settings_stay_as_they_are(encoder, tmp_path):
    assert encoder.located(tmp_path) == encoder
