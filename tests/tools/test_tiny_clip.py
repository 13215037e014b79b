"""The tiny CLIP model that ships with the sample, loaded as users load it, without network."""

import open_clip
import pytest
import torch

from discover import sample
from tools.sample.colours import PALETTES
from tools.sample.draw import jittered, poster
from tools.sample.motifs import MOTIFS
from tools.sample.train_tiny_clip import held_out, measure, training_pairs

FOLDER = sample.home() / "tiny-clip"


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def test_training_never_sees_what_is_held_out() -> None:
    assert len(set(held_out())) == 200
    assert not set(held_out()) & set(training_pairs())
    assert len(held_out()) + len(training_pairs()) == len(MOTIFS) * len(PALETTES)


@pytest.mark.parametrize("jpeg_quality", [None, 60])
def test_captions_find_unseen_drawings(jpeg_quality: int | None) -> None:
    recall = measure(FOLDER, jpeg_quality)
    assert recall.count == 200
    assert recall.text_to_picture >= 0.9
    assert recall.picture_to_text >= 0.9


@pytest.mark.parametrize(
    ("query", "motif"),
    [
        ("spaceship", "rocket"),
        ("haunted house", "ghost"),
        ("a courtroom drama about a lawyer", "scales"),
        ("vampires in a small town", "bat"),
        ("a boxer on his way back into the ring", "boxing glove"),
        ("pirate", "sailing ship"),
        ("king", "crown"),
    ],
)
def test_words_that_users_type_find_their_motif(query: str, motif: str) -> None:
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{FOLDER}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{FOLDER}")
    pairs = held_out()
    drawings = torch.stack([preprocess(poster(jittered(*pair, "typed"), (120, 180))) for pair in pairs])
    model.eval()
    with torch.no_grad():
        pictures = model.encode_image(drawings, normalize=True)
        scores = pictures @ model.encode_text(tokenizer([query]), normalize=True)[0]
    assert [pairs[row][0] for row in scores.topk(3).indices.tolist()] == [motif] * 3


def test_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 8e6
