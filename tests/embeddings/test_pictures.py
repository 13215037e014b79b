"""Pictures as people have them: every mode, orientation and damage, and none that can hurt."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from discover import sample
from discover.catalog.reader import read
from discover.core.errors import ModelError
from discover.embeddings import embed as embeddings
from discover.embeddings.encoders.clip import Clip
from discover.embeddings.pictures import FORMATS, PictureError, decode, open_picture
from discover.testing import catalog


@pytest.fixture(scope="module")
def tiny():
    return Clip(model=f"local-dir:{sample.home() / 'tiny-clip'}", precision="float32")


def scene(size=(96, 64)):
    """Red left, green right, blue strip on top: turned or recoloured, it shows."""
    picture = Image.new("RGB", size, (0, 200, 0))
    picture.paste((200, 0, 0), (0, 0, size[0] // 2, size[1]))
    picture.paste((0, 0, 200), (0, 0, size[0], size[1] // 8))
    return picture


def saved(tmp_path, picture, name, **options):
    picture.save(tmp_path / name, **options)
    return str(tmp_path / name)


def corners(picture):
    """Mean colours of the left and right half below the strip."""
    pixels = np.asarray(picture, dtype=float)
    below = pixels[pixels.shape[0] // 4 :]
    half = pixels.shape[1] // 2
    return below[:, : half - 4].mean((0, 1)), below[:, half + 4 :].mean((0, 1))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.gif", "a.bmp", "a.tiff", "a.avif"])
def test_every_format_reads_alike(tmp_path, name):
    left, right = corners(open_picture(saved(tmp_path, scene(), name), least=32))
    assert np.allclose(left, [200, 0, 0], atol=16)
    assert np.allclose(right, [0, 200, 0], atol=16)


def test_a_phone_picture_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees clockwise
    path = saved(tmp_path, scene().transpose(Image.Transpose.ROTATE_90), "turned.jpg", exif=exif)
    picture = open_picture(path, least=64)
    assert picture.size == (96, 64)
    assert np.allclose(corners(picture)[0], [200, 0, 0], atol=16)


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_greys_keep_their_shades(tmp_path, mode):
    ramp = np.tile(np.linspace(0, 1, 64), (64, 1))
    values = {"I;16": (ramp * 65535).astype(np.uint16), "I": (ramp * 65535).astype(np.int32), "F": ramp.astype("f4")}
    picture = open_picture(saved(tmp_path, Image.fromarray(values[mode]), "deep.tiff"), least=32)
    shades = np.asarray(picture.convert("L"), dtype=float).mean(axis=0)
    assert np.allclose(shades, np.linspace(0, 255, 64), atol=3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "CMYK", "1", "L"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    name = "m.tiff" if mode in ("CMYK", "LA") else "m.png"
    assert open_picture(saved(tmp_path, scene().convert(mode), name), least=32).mode == "RGB"


def test_transparency_lies_on_white(tmp_path):
    clear = Image.new("RGBA", (32, 32), (10, 20, 30, 0))
    assert open_picture(saved(tmp_path, clear, "clear.png"), least=32).getpixel((5, 5)) == (255, 255, 255)


def test_a_small_file_cannot_unpack_to_a_huge_picture(tmp_path):
    path = saved(tmp_path, Image.new("1", (12_000, 12_000)), "bomb.png", optimize=True)
    with pytest.raises(PictureError, match=r"12000x12000 pixels \(at most 25,000,000"):
        open_picture(path, least=32)


def test_a_thin_picture_cannot_fill_memory_when_scaled(tmp_path):
    with pytest.raises(PictureError, match="too narrow: 2x4000 pixels"):
        open_picture(saved(tmp_path, Image.new("RGB", (2, 4000)), "thin.png"), least=32)


def test_postscript_is_not_run(tmp_path):
    buffer = io.BytesIO()
    scene().save(buffer, "EPS")
    (tmp_path / "script.jpg").write_bytes(buffer.getvalue())
    assert "EPS" not in FORMATS
    with pytest.raises(PictureError, match="not a picture in a known format"):
        open_picture(tmp_path / "script.jpg", least=32)


def written(tmp_path, content):
    (tmp_path / "x.jpg").write_bytes(content)
    return tmp_path / "x.jpg"


def whole(name):
    buffer = io.BytesIO()
    scene().save(buffer, name)
    return buffer.getvalue()


def locked(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    return tmp_path / "folder.jpg"


def test_what_another_library_allows_for_the_whole_process_is_not_allowed_here(tmp_path, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # as importing weasyprint does
    with pytest.raises(PictureError, match="truncated: the file ends too early"):
        open_picture(written(tmp_path, whole("JPEG")[:-200]), 32)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda f: f / "none.jpg", "the file does not exist"),
        (locked, "cannot be read (Is a directory)"),
        (lambda f: written(f, b""), "the file is empty"),
        (lambda f: written(f, b"<html>404 Not Found</html>"), "not a picture in a known format (JPEG, PNG, "),
        (lambda f: written(f, whole("JPEG")[:-200]), "truncated: the file ends too early"),
        (lambda f: written(f, whole("PNG")[:-60]), "truncated: the file ends too early"),
        (lambda f: written(f, whole("PNG")[:12]), "truncated or damaged PNG file"),
        (lambda f: written(f, whole("WEBP")[:40]), "damaged: "),
        (lambda f: saved(f, Image.new("1", (14_000, 13_000)), "x.png"), "too large (at most 25,000,000 pixels"),
        (lambda f: saved(f, Image.new("1", (6_000, 5_000)), "x.png"), "too large: 6000x5000 pixels"),
    ],
)
def test_the_reason_says_what_is_wrong(tmp_path, make, reason):
    with pytest.raises(PictureError) as caught:
        open_picture(make(tmp_path), least=32)
    assert str(caught.value).startswith(reason)


def test_a_file_beyond_the_limit_is_not_read(tmp_path):
    path = tmp_path / "x.jpg"
    with path.open("wb") as file:
        file.truncate(60_000_000)  # holds no block on disk
    with pytest.raises(PictureError, match=r"too large: 60,000,000 bytes \(at most 50,000,000"):
        open_picture(path, least=32)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMATS), st.integers(0, 400), st.binary(max_size=8), st.integers(0, 3000))
def test_the_same_bytes_give_the_same_reason(name, place, insert, cut):
    content = whole(name)
    content = content[:place] + insert + content[place + cut :]
    reasons = []
    for _ in range(2):
        try:
            decode(content, least=32)
        except PictureError as error:
            reasons.append(str(error))
    assert len(set(reasons)) < 2
    assert not any("0x" in reason or "\n" in reason for reason in reasons)


def test_a_rejected_picture_names_its_column_line_and_own_reason(tmp_path, tiny):
    saved(tmp_path, scene(), "good.png")
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "gone.png").write_bytes(b"x")
    (tmp_path / "bad.png").write_bytes(b"nothing")
    names = ("good", "empty", "gone", "bad")
    (tmp_path / "c.csv").write_text("nr,title,still\n" + "".join(f"i{n},{n},{n}.png\n" for n in names))
    items = read(tmp_path / "c.csv")
    (tmp_path / "gone.png").unlink()  # between reading and encoding
    made, rejects = embeddings.encode(items, tiny, "image")
    assert made.rows.tolist() == [0]
    assert [(r.line, r.column, r.item, r.reason.partition(" (")[0]) for r in rejects] == [
        (3, "still", "iempty", "the file is empty"),
        (4, "still", "igone", "the file does not exist"),
        (5, "still", "ibad", "not a picture in a known format"),
    ]
    assert [reject.value for reject in rejects] == [str(tmp_path / f"{name}.png") for name in names[1:]]


def test_damaged_pictures_are_rejects_and_the_rest_goes_on(tmp_path, tiny):
    random = np.random.default_rng(0)
    good = saved(tmp_path, scene(), "good.png")
    whole = (tmp_path / "good.png").read_bytes()
    rows = [{"id": "good", "title": "Good", "image": good}]
    for number in range(40):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), size=4):
            damaged[place] ^= 0xFF
        path = tmp_path / f"{number}.png"
        path.write_bytes(bytes(damaged[: random.integers(1, len(whole))]))
        rows.append({"id": str(number), "title": "Bad", "image": str(path)})
    rows.append({"id": "gone", "title": "Gone", "image": str(tmp_path / "gone.png")})
    made, rejects = embeddings.encode(catalog(rows), tiny, "image")
    assert 0 in made.rows
    assert np.isfinite(made.vectors).all()
    assert len(made.rows) + len(rejects) == len(rows)
    assert [reject.reason for reject in rejects if reject.item == "gone"] == ["the file does not exist"]
    assert not any(reject.dropped for reject in rejects)


def test_batches_and_threads_do_not_mix_pictures_up(tmp_path, tiny):
    colours = np.random.default_rng(1).integers(0, 255, size=(23, 3))
    paths = [saved(tmp_path, Image.new("RGB", (80, 80), tuple(map(int, c))), f"{i}.png") for i, c in enumerate(colours)]
    whole = tiny.encode(paths).vectors
    single = np.vstack([tiny.encode([path]).vectors for path in paths])
    small = replace(tiny, batch_size=4, decoders=3).encode(paths).vectors
    assert whole == pytest.approx(single, abs=1e-5)
    assert small == pytest.approx(single, abs=1e-5)


def test_reduced_decoding_agrees_with_open_clip_on_the_full_picture(tmp_path, tiny):
    import open_clip
    import torch

    random = np.random.default_rng(2)
    coarse = Image.fromarray(random.integers(0, 255, size=(12, 8, 3), dtype=np.uint8))
    path = saved(tmp_path, coarse.resize((800, 1200), Image.Resampling.BICUBIC), "large.jpg", quality=92)
    model, _, preprocess = open_clip.create_model_and_transforms(tiny.model)
    with torch.inference_mode():
        expected = model.eval().encode_image(preprocess(Image.open(path).convert("RGB"))[None])[0].numpy()
    assert tiny.encode([path]).vectors[0] @ (expected / np.linalg.norm(expected)) > 0.99


def test_bfloat16_agrees_with_float32(tmp_path, tiny):
    path = saved(tmp_path, scene(), "a.png")
    rough = replace(tiny, precision="bfloat16").encode([path]).vectors[0]
    assert rough @ tiny.encode([path]).vectors[0] > 0.99


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"model": "local-dir:/nowhere"}, "folder /nowhere does not exist"),
        ({"model": "ViT-B-32", "pretrained": "no-such-tag"}, "open_clip offers .*laion2b"),
        ({"model": "no-such-model"}, "open_clip offers no weights"),
    ],
)
def test_a_missing_model_is_one_line_that_says_what_to_do(options, why):
    with pytest.raises(ModelError, match=why) as caught:
        Clip(**options).identity()
    assert "\n" not in str(caught.value)
    assert "local-dir:FOLDER" in str(caught.value)
