"""Embeddings: every item by its own content, nothing encoded twice, encoders never mixed."""

from dataclasses import replace

import numpy as np
import pytest

import discover
from discover.core.errors import InputError, ModelError, SettingsError
from discover.core.types import EncoderIdentity
from discover.embeddings import embed as embeddings
from discover.embeddings.encoders.sentence import BUNDLED_DIGEST, Sentence, fill, token_batches
from discover.search import fusion
from discover.testing import catalog, shows, text_model, unit

LONG = " ".join(f"The crew of the starship met alien number {i}." for i in range(120))


@pytest.fixture(scope="module")
def encoder():
    return Sentence(precision="float32")


@pytest.fixture(scope="module")
def reference():
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(Sentence().folder), device="cpu")


def test_the_bundled_weights_are_the_official_ones(encoder):
    assert encoder.identity().digest == BUNDLED_DIGEST
    assert encoder.identity().dimension == 384


def test_vectors_are_those_of_sentence_transformers(encoder, reference):
    texts = [row["description"] for row in shows(each=10)] + ["", "a", "été à Zürich", "七人の侍"]
    expected = reference.encode(texts, normalize_embeddings=True)
    found = encoder.encode(texts).vectors
    assert found.dtype == np.float32
    assert np.einsum("ij,ij->i", found, expected) == pytest.approx(1.0, abs=1e-5)


def test_bfloat16_agrees_with_float32(encoder):
    texts = [row["description"] for row in shows(each=10)]
    rough = Sentence(precision="bfloat16").encode(texts).vectors
    assert np.einsum("ij,ij->i", rough, encoder.encode(texts).vectors).min() > 0.999


def test_long_texts_are_read_to_the_end(encoder, reference):
    other = LONG + " Then the chef baked a dessert in the restaurant kitchen." * 30
    vectors = encoder.encode([LONG, other, "a chef bakes dessert in a restaurant"]).vectors
    cut = reference.encode([LONG, other], normalize_embeddings=True)
    assert cut[0] @ cut[1] == pytest.approx(1.0, abs=1e-4)  # what is cut off cannot count
    assert vectors[0] @ vectors[1] < 0.98
    assert vectors[1] @ vectors[2] > vectors[0] @ vectors[2] + 0.1


def test_windows_are_averaged_by_length(encoder):
    tokenizer = encoder._model.tokenizer
    window = encoder._model.max_seq_length
    pieces = tokenizer(LONG, truncation=True, max_length=window, return_overflowing_tokens=True)["input_ids"]
    assert len(pieces) > 2
    texts = [tokenizer.decode(piece, skip_special_tokens=True) for piece in pieces]
    parts = encoder.encode(texts).vectors
    expected = unit((parts * np.array([[len(piece)] for piece in pieces])).sum(axis=0, keepdims=True))[0]
    assert encoder.encode([LONG]).vectors[0] @ expected == pytest.approx(1.0, abs=1e-3)


def test_batches_do_not_change_vectors(encoder):
    texts = [row["description"] for row in shows(each=5)] + [LONG]
    small = replace(encoder, batch_tokens=300).encode(texts).vectors
    assert np.einsum("ij,ij->i", small, encoder.encode(texts).vectors) == pytest.approx(1.0, abs=1e-5)


def test_token_batches_cover_everything_once_within_the_budget():
    lengths = np.random.default_rng(0).integers(1, 400, size=1000)
    batches = list(token_batches(lengths, 1000))
    assert sorted(np.concatenate(batches)) == list(range(1000))
    assert all(len(batch) * lengths[batch].max() <= 1000 or len(batch) == 1 for batch in batches)


def test_empty_roles_leave_no_punctuation():
    template = "{title}. {genres}. {description}"
    assert fill(template, {"title": "Up", "genres": [], "description": "A house flies."}) == "Up. A house flies"
    assert fill(template, {"title": "Up", "genres": ["Family", "Comedy"], "description": ""}) == "Up. Family, Comedy"
    assert fill(template, {"title": "", "genres": [], "description": " "}) == ""
    assert fill(template, {"title": "{genres}", "genres": ["x"], "description": ""}) == "{genres}. x"


def test_a_template_with_an_unknown_field_lists_the_valid_ones():
    with pytest.raises(SettingsError, match=r"unknown field 'synopsis'\. Valid: title, description"):
        Sentence(template="{synopsis}").inputs(catalog(shows(each=1)))


def test_a_template_with_a_format_is_refused():
    with pytest.raises(SettingsError, match=r"title has a format. Write \{title\}"):
        Sentence(template="{title:>z}").inputs(catalog(shows(each=1)))


def test_a_missing_model_is_one_line():
    with pytest.raises(ModelError, match="is not on this machine: the local cache does not hold it") as caught:
        Sentence(model="no-such-owner/no-such-model").identity()
    assert "\n" not in str(caught.value)


def test_static_models_encode_too_and_wordless_texts_are_rejects(tmp_path):
    text_model(tmp_path / "words")
    encoder = Sentence(model=str(tmp_path / "words"), precision="float32", template="{description}")
    rows = [*shows(each=2), {"id": "zero", "title": "Zero", "description": "\u200b"}]
    made, rejects = embeddings.encode(catalog(rows), encoder, "text")
    assert made.vectors.shape == (12, 32)
    assert np.linalg.norm(made.vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert [(reject.item, reject.reason) for reject in rejects] == [("zero", "the model does not know any word of it")]
    query = encoder.encode_text([rows[3]["description"]])[0]
    assert int(np.argmax(made.vectors @ query)) == 3
    with pytest.raises(InputError, match="does not know any word of"):
        encoder.encode_text(["\u200b"])


def known(*nights):
    """Nights as `encode` asks them."""
    return [embeddings.Known(each.identity, each.contents, lambda each=each: each.vectors) for each in nights]


def test_known_content_is_not_encoded_again(encoder):
    rows = shows(each=5)
    first, rejects = embeddings.encode(catalog(rows), encoder, "text")
    assert (first.encoded, rejects) == (30, ())
    changed = [*reversed(rows), {"id": "new", "title": "New", "description": "A dentist learns to sail."}]
    changed[3] = changed[3] | {"description": "A detective counts sheep."}
    again, _ = embeddings.encode(catalog(changed), encoder, "text", known(first))
    assert again.encoded == 2
    whole, _ = embeddings.encode(catalog(changed), encoder, "text")
    assert whole.encoded == 31
    assert np.einsum("ij,ij->i", again.vectors, whole.vectors) == pytest.approx(1.0, abs=1e-5)


def test_copies_are_encoded_once_and_items_without_text_have_no_vector(encoder):
    rows = [{"id": str(i), "title": title} for i, title in enumerate(["Alien", "", "Alien", "Heat", ""])]
    made, _ = embeddings.encode(catalog(rows), encoder, "text")
    assert made.encoded == 2
    assert made.rows.tolist() == [0, 2, 3]
    assert (made.vectors[0] == made.vectors[1]).all()


def test_vectors_of_another_encoder_are_never_mixed_in(encoder):
    items = catalog(shows(each=3))
    first, _ = embeddings.encode(items, encoder, "text")
    poisoned = replace(first, vectors=-first.vectors, identity=replace(first.identity, digest="0" * 64))
    again, _ = embeddings.encode(items, encoder, "text", known(poisoned))
    assert again.encoded == len(items)
    assert np.einsum("ij,ij->i", again.vectors, first.vectors) == pytest.approx(1.0, abs=1e-5)


def test_earlier_nights_are_asked_in_turn_and_no_further_than_needed(encoder):
    rows = shows(each=3)
    parts = [embeddings.encode(catalog(part), encoder, "text")[0] for part in (rows[:6], rows[6:12], rows[12:])]
    other = replace(parts[0], identity=replace(parts[0].identity, template="{title}"), vectors=-parts[0].vectors)
    asked = []

    def nights():
        for number, results in enumerate(known(other, *parts)):
            asked.append(number)
            yield results

    again, _ = embeddings.encode(catalog(rows[:12]), encoder, "text", nights())
    assert (again.encoded, asked) == (0, [0, 1, 2])
    assert (again.vectors == np.vstack([parts[0].vectors, parts[1].vectors])).all()
    assert again.identity == parts[0].identity
    lost = [replace(known(parts[0])[0], vectors=lambda: None), *known(parts[1])]
    assert embeddings.encode(catalog(rows[:12]), encoder, "text", lost)[0].encoded == 6


def test_progress_counts_every_input(encoder):
    told = []

    class Told:
        def __init__(self, what, total):
            told.append((what, total))

        def __enter__(self):
            return told.append

        def __exit__(self, *error):
            return None

    embeddings.encode(catalog([*shows(each=5), {"id": "long", "description": LONG}]), encoder, "text", progress=Told)
    assert told[0] == ("encoding text", 31)
    assert sum(told[1:]) == 31


IDENTITY = EncoderIdentity("planted", "planted", "0", 8, "", "float32")


def space(name, vectors, rows):
    contents = np.array([str(row).encode() for row in rows], dtype="S64")
    return embeddings.Embeddings(name, IDENTITY, vectors, np.asarray(rows), contents)


def test_one_space_is_fused_as_it_is():
    vectors = unit(np.random.default_rng(0).normal(size=(5, 8)))
    fused = fusion.fuse({"text": space("text", vectors, [0, 1, 2, 4, 5])}, {"text": 1.0}, 6)
    assert np.isnan(fused[3]).all()
    assert (np.delete(fused, 3, axis=0) == vectors).all()


def test_a_missing_picture_neither_attracts_nor_repels():
    random = np.random.default_rng(1)
    truth = np.repeat([0, 1], 100)
    spaces = {}
    for name, rows in (("text", np.arange(200)), ("image", np.flatnonzero(np.arange(200) % 2))):
        centres = unit(random.normal(size=(2, 32)))
        spaces[name] = space(name, unit(centres[truth[rows]] + 0.1 * random.normal(size=(len(rows), 32))), rows)
    fused = fusion.fuse(spaces, {"text": 1.0, "image": 1.0}, 200)
    assert np.isfinite(fused).all()
    cosines = fused @ fused.T
    lacking = np.arange(200) % 2 == 0
    same = truth[:, None] == truth[None, :]
    apart = ~np.eye(200, dtype=bool)
    mixed = cosines[(lacking[:, None] ^ lacking[None, :]) & same].mean()
    alike = cosines[(lacking[:, None] & lacking[None, :]) & same & apart].mean()
    having = cosines[(~lacking[:, None] & ~lacking[None, :]) & same & apart].mean()
    assert mixed == pytest.approx((alike + having) / 2, abs=0.1)
    assert cosines[~same].max() < min(mixed, alike, having)


def test_titles_are_encoded_only_where_a_description_is_missing():
    rows = [
        {"id": "a", "title": "The Gambit", "genres": "Drama", "description": "An orphan learns chess."},
        {"id": "b", "title": "The Gambit", "genres": "Drama", "description": ""},
    ]
    assert Sentence().inputs(catalog(rows)) == ["Drama. An orphan learns chess", "Drama. The Gambit"]
    named = Sentence(template="{title}. {description}")
    assert named.inputs(catalog(rows)) == ["The Gambit. An orphan learns chess", "The Gambit"]
    assert Sentence(template="{genres}").inputs(catalog(rows)) == ["Drama", "Drama"]


@pytest.mark.parametrize("name", ["sentence_bert_config.json", "1_Pooling/config.json", "other.json", "v.txt"])
def test_a_changed_configuration_is_another_model(tmp_path, name):
    folder = text_model(tmp_path / "words")
    before = Sentence(model=str(folder)).identity()
    (folder / "README.md").write_text("words about it")
    assert Sentence(model=str(folder)).identity() == before
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text('{"max_seq_length": 7, "word_embedding_dimension": 32}')
    changed = Sentence(model=str(folder)).identity()
    assert before.differences(changed) == ["configuration"]
    (folder / name).write_text('{"max_seq_length": 8, "word_embedding_dimension": 32}')
    assert changed.differences(Sentence(model=str(folder)).identity()) == ["configuration"]


def test_vectors_of_two_windows_are_never_mixed(tmp_path):
    """The same weights with another `max_seq_length`: all is encoded anew, and an old version refuses a text."""
    folder, rows = text_model(tmp_path / "words"), shows(each=4)
    settings = {"text": {"model": str(folder)}}
    assert discover.run(rows, tmp_path / "ws", settings).counts["encoded"] == len(rows)
    assert discover.run(rows, tmp_path / "ws", settings).counts["encoded"] == 0
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 7}')
    with pytest.raises(ModelError, match="which here differs in configuration"):
        discover.open(tmp_path / "ws").search(text="a ghost")
    assert discover.run(rows, tmp_path / "ws", settings).counts["encoded"] == len(rows)
    assert discover.open(tmp_path / "ws").search(text="a ghost")
