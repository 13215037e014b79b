"""Trains the tiny CLIP model that ships with the sample: `python -m tools.sample.train_tiny_clip OUT_DIR`.

Demo and tests need a real open_clip model that needs no download. This one is a toy: a small convolutional
picture tower and a two-layer text tower which know the drawings of `draw.py`, and nothing else.

The lesson is composition. Of all pairs of a motif and a palette, 200 are held out (`held_out`): their
drawings and captions are never seen in training, though each motif and each palette is, in other company. The
script ends by measuring, on the saved files and through open_clip's own loading and preprocessing, how many
held-out captions find their drawing among the 200.

Most of a CLIP model this small is its table of 49,408 token vectors. Tokens that no training caption uses
keep the zero vector, and training captions are strewn with such tokens, so that unknown words count as
silence, not as noise.
"""

import io
import json
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from tools.sample.colours import PALETTES
from tools.sample.dice import chance
from tools.sample.draw import caption, jittered, poster
from tools.sample.motifs import MOTIFS

SIDE = 64  # pixels; posters of any shape are squashed into this square
CONFIG: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 64,
        "vision_cfg": {"image_size": SIDE, "layers": [1, 1, 1, 1], "width": 12, "head_width": 64},
        "text_cfg": {"context_length": 32, "vocab_size": 49408, "width": 32, "heads": 4, "layers": 2},
    },
    "preprocess_cfg": {
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
        "interpolation": "bicubic",
        "resize_mode": "squash",
    },
}
CARD = """# tiny-clip: a toy

An open_clip model of {megabytes:.1f} MB for the demo and the tests of `discover`. **It knows the drawings of
`tools/sample/draw.py` and nothing else**: it is of no use for photographs, real posters or anything else.

- Load with `open_clip.create_model_from_pretrained("local-dir:PATH")` and
  `open_clip.get_tokenizer("local-dir:PATH")`; no network needed.
- Trained from scratch by `python -m tools.sample.train_tiny_clip`; no outside data, no outside weights.
- Right first answers among {count} drawings of (motif, palette) pairs never seen in training:
  caption to drawing {text_to_picture:.3f}, drawing to caption {picture_to_text:.3f}.
- Pictures are squashed to 64 x 64; texts are cut at 32 tokens; words it was not taught are ignored.
"""

VARIANTS = 10  # drawings per training pair
WORDINGS = 48  # captions per training pair
BATCH = 128
STEPS = 1500
SEED = 7

Pair = tuple[str, str]  # motif, palette


def held_out(count: int = 200) -> list[Pair]:
    """The (motif, palette) pairs that training never sees: five palettes of every motif, cut to `count`."""

    def by_chance(pair: Pair) -> float:
        return chance("held out", *pair)

    rows = [sorted(((motif, palette) for palette in PALETTES), key=by_chance) for motif in MOTIFS]
    return sorted((pair for row in rows for pair in row[:5]), key=by_chance)[:count]


def training_pairs() -> list[Pair]:
    """All other pairs."""
    apart = set(held_out())
    return [(motif, palette) for motif in MOTIFS for palette in PALETTES if (motif, palette) not in apart]


# ---- captions --------------------------------------------------------------------------------------------

COLOURS = {
    "navy": "dark blue, midnight blue",
    "black": "jet black, pitch black",
    "cream": "ivory, off-white",
    "teal": "petrol, blue-green",
    "red": "scarlet, crimson",
    "yellow": "lemon, sunny yellow",
    "purple": "violet, indigo",
    "green": "dark green, bottle green",
    "pink": "rose, light pink",
    "maroon": "burgundy, wine red",
    "sky blue": "light blue, pale blue",
    "charcoal": "dark grey, dark gray",
    "orange": "tangerine, bright orange",
    "brown": "chocolate, dark brown",
    "mint": "mint green, pale green",
    "white": "snow white, plain white",
    "gold": "golden, gilded",
    "turquoise": "aqua, cyan",
    "blue": "royal blue, cobalt",
}
FULL = (
    "{figure} {motif} on {ground}",
    "a {figure} {motif} on a {ground} background",
    "a poster with a {figure} {motif} on {ground}",
    "{motif} in {ground} and {figure}",
    "{ground} and {figure} {motif}",
    "{figure} {motif}, {ground} background",
    "{ground} background with {figure} {motif}",
    "a {ground} poster of a {figure} {motif}",
)
MOTIF_ONLY = ("{motif}", "a {motif}", "the {motif}", "film about a {motif}", "drawing of a {motif}")
COLOURS_ONLY = ("{figure} on {ground}", "{ground} and {figure}", "a {ground} poster with {figure}")
MOTIF_AND_FIGURE = ("a {figure} {motif}", "{figure} {motif}", "a picture of a {figure} {motif}")
MOTIF_AND_GROUND = ("a {motif} on {ground}", "{motif} on a {ground} background", "{ground} {motif} poster")
KINDS = (FULL, MOTIF_ONLY, COLOURS_ONLY, MOTIF_AND_FIGURE, MOTIF_AND_GROUND)
SILENCE = " ‽"  # a token outside all captions: stands for every word that the model is not taught


class Wording(NamedTuple):
    """A caption, and what it says: motif, ground and figure as numbers, -1 where it leaves one open."""

    text: str
    said: tuple[int, int, int]


def shown(pair: Pair) -> tuple[int, int, int]:
    """What a drawing of the pair shows, as numbers: motif, ground colour, figure colour."""
    colours = list(COLOURS)
    palette = PALETTES[pair[1]]
    return list(MOTIFS).index(pair[0]), colours.index(palette.ground_name), colours.index(palette.figure_name)


def worded(pair: Pair, rng: random.Random) -> Wording:
    """One of the many ways to ask for a drawing of the pair."""
    template = rng.choice(rng.choices(KINDS, (8, 4, 2, 3, 2))[0])
    palette = PALETTES[pair[1]]
    text = template.format(
        motif=_motif_word(pair[0], rng),
        ground=_colour_word(palette.ground_name, rng),
        figure=_colour_word(palette.figure_name, rng),
    )
    fields = ("{motif}", "{ground}", "{figure}")
    motif, ground, figure = (
        number if field in template else -1 for number, field in zip(shown(pair), fields, strict=True)
    )
    return Wording(_strewn(text, rng) if rng.random() < 0.35 else text, (motif, ground, figure))


def _motif_word(motif: str, rng: random.Random) -> str:
    word = motif if rng.random() < 0.4 else rng.choice(MOTIFS[motif].words)
    return word + "s" if rng.random() < 0.15 and not word.endswith("s") else word


def _colour_word(colour: str, rng: random.Random) -> str:
    return colour if rng.random() < 0.65 else rng.choice(COLOURS[colour].split(", "))


def _strewn(text: str, rng: random.Random) -> str:
    """The text with silence in one to three places, like a sentence of words that the model does not know."""
    words = text.split(" ")
    for _ in range(rng.randint(1, 3)):
        words.insert(rng.randint(0, len(words)), SILENCE * rng.randint(1, 4))
    return " ".join(words)


# ---- pictures --------------------------------------------------------------------------------------------


def rendered(pair: Pair, variant: int) -> NDArray[np.uint8]:
    """A training drawing, reduced as the model's own preprocessing does: (SIDE, SIDE, 3) bytes."""
    seed = f"train/{pair}/{variant}"
    width = 96 + int(160 * chance(seed, "width"))
    picture = poster(jittered(*pair, seed), (width, width * 3 // 2))
    if chance(seed, "jpeg") < 0.5:
        picture = as_jpeg(picture, quality=50 + int(45 * chance(seed, "quality")))
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    """The picture with the marks that JPEG leaves."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def all_rendered(pairs: Sequence[Pair]) -> Tensor:
    """Every variant of every pair: (pairs, VARIANTS, 3, SIDE, SIDE) bytes."""
    jobs = [(pair, variant) for pair in pairs for variant in range(VARIANTS)]
    with ProcessPoolExecutor(2) as pool:
        pictures = list(pool.map(rendered, *zip(*jobs, strict=True), chunksize=64))
    stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()
    return stacked.view(len(pairs), VARIANTS, 3, SIDE, SIDE)


def as_input(pictures: Tensor) -> Tensor:
    """Bytes -> what the model reads, a little displaced and re-lit as a batch: (n, 3, SIDE, SIDE) floats."""
    config = CONFIG["preprocess_cfg"]
    mean, std = (torch.tensor(config[key]).view(3, 1, 1) for key in ("mean", "std"))
    light = 1 + 0.06 * torch.randn(len(pictures), 1, 1, 1)
    moved = functional.pad(pictures / 255 * light, (2, 2, 2, 2), mode="replicate")
    x, y = torch.randint(0, 5, (2,)).tolist()
    cut = (moved[:, :, y : y + SIDE, x : x + SIDE] - mean) / std
    return cut.contiguous(memory_format=torch.channels_last)  # twice as fast on a CPU


# ---- training --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lessons:
    """All that training sees. n pairs, with VARIANTS drawings and WORDINGS captions each."""

    pictures: Tensor  # (n, VARIANTS, 3, SIDE, SIDE) bytes
    shown: Tensor  # (n, 3): motif, ground, figure
    tokens: Tensor  # (n, WORDINGS, context)
    said: Tensor  # (n, WORDINGS, 3): the same, -1 where the caption leaves it open

    def batches(self, steps: int) -> Iterator["Batch"]:
        """Random pairs, each in a random drawing and a random wording."""
        for _ in range(steps):
            rows = torch.randperm(len(self.shown))[:BATCH]
            wording = torch.randint(WORDINGS, (BATCH,))
            said = self.said[rows, wording][:, None]
            fits = ((said == -1) | (said == self.shown[rows][None])).all(-1)
            pictures = self.pictures[rows, torch.randint(VARIANTS, (BATCH,))]
            yield Batch(as_input(pictures), self.tokens[rows, wording], self.shown[rows], fits.float())


class Batch(NamedTuple):
    """BATCH different pairs."""

    pictures: Tensor  # (BATCH, 3, SIDE, SIDE)
    tokens: Tensor  # (BATCH, context)
    shown: Tensor  # (BATCH, 3): motif, ground, figure
    fits: Tensor  # (BATCH, BATCH): 1 where the caption (row) is true of the picture (column)


class Meaning(torch.nn.Module):
    """A vector for what a drawing shows: the sum of one for its motif and one for each of its colours.

    Only training knows it. Two untrained towers with nothing but each other to agree with took four times as
    many steps; this gives both the same simple thing to agree with.
    """

    def __init__(self) -> None:
        super().__init__()
        width = CONFIG["model_cfg"]["embed_dim"]
        sizes = len(MOTIFS), len(COLOURS), len(COLOURS)
        self.parts = torch.nn.ModuleList(torch.nn.Embedding(size, width) for size in sizes)

    def forward(self, shown: Tensor) -> Tensor:
        """(n, 3) numbers -> (n, embed_dim) unit vectors."""
        vectors = [part(numbers) for part, numbers in zip(self.parts, shown.T, strict=True)]
        return functional.normalize(torch.stack(vectors).sum(0), dim=1)


def lessons(tokenizer: Any) -> Lessons:
    """Draws and words all training pairs."""
    rng = random.Random(SEED)
    pairs = training_pairs()
    wordings = [worded(pair, rng) for pair in pairs for _ in range(WORDINGS)]
    return Lessons(
        pictures=all_rendered(pairs),
        shown=torch.tensor([shown(pair) for pair in pairs]),
        tokens=tokenizer([wording.text for wording in wordings]).view(len(pairs), WORDINGS, -1),
        said=torch.tensor([wording.said for wording in wordings]).view(len(pairs), WORDINGS, 3),
    )


def contrast(similarities: Tensor, fits: Tensor) -> Tensor:
    """CLIP's loss for captions that fit several pictures: these are to share the probability evenly."""
    rows = functional.cross_entropy(similarities, fits / fits.sum(1, keepdim=True))
    columns = functional.cross_entropy(similarities.T, fits.T / fits.T.sum(1, keepdim=True))
    return (rows + columns) / 2


def disagreement(model: Any, meaning: Meaning, batch: Batch) -> Tensor:
    """The loss between texts and pictures, and between each of these and what the drawings show."""
    texts = model.encode_text(batch.tokens, normalize=True)
    pictures = model.encode_image(batch.pictures, normalize=True)
    meanings = meaning(batch.shown)
    scale = model.logit_scale.exp()
    return (
        contrast(scale * texts @ pictures.T, batch.fits)
        + contrast(scale * texts @ meanings.T, batch.fits)
        + contrast(scale * meanings @ pictures.T, torch.eye(BATCH))
    ) / 3


def train(model: Any, data: Lessons, silent: Tensor) -> None:
    """Fits the model. `silent`: ids of the tokens whose vectors stay zero."""
    meaning = Meaning()
    optimizer = torch.optim.AdamW([*model.parameters(), *meaning.parameters()], weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=STEPS, pct_start=0.1)
    start = time.perf_counter()
    model.visual.to(memory_format=torch.channels_last)
    model.train()
    for step, batch in enumerate(data.batches(STEPS)):
        loss = disagreement(model, meaning, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            model.token_embedding.weight[silent] = 0
            model.logit_scale.clamp_(max=math.log(100))
        if step % 100 == 0:
            print(f"step {step:5d}  loss {loss.item():.3f}  {time.perf_counter() - start:4.0f} s", flush=True)


def silent_tokens(tokenizer: Any, tokens: Tensor) -> Tensor:
    """Ids that no caption uses, and the id of silence itself."""
    spoken = torch.zeros(CONFIG["model_cfg"]["text_cfg"]["vocab_size"], dtype=torch.bool)
    spoken[tokens.flatten()] = True
    spoken[tokenizer.encode(SILENCE)] = False
    return torch.nonzero(~spoken).flatten()


# ---- measuring -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recall:
    """Shares of right first answers among `count` drawings and their captions."""

    text_to_picture: float
    picture_to_text: float
    count: int


def measure(folder: Path, jpeg_quality: int | None = None) -> Recall:
    """The saved model on the held-out pairs, loaded as users load it; drawings pass through JPEG if asked."""
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    designs = [jittered(*pair, f"held out/{pair}") for pair in held_out()]
    drawings = [poster(design) for design in designs]
    if jpeg_quality is not None:
        drawings = [as_jpeg(drawing, jpeg_quality) for drawing in drawings]
    inputs = torch.stack([preprocess(drawing) for drawing in drawings])
    model.eval()
    with torch.no_grad():
        pictures = model.encode_image(inputs, normalize=True)
        texts = model.encode_text(tokenizer([caption(design) for design in designs]), normalize=True)
    right = torch.arange(len(designs))
    similarities = texts @ pictures.T
    return Recall(
        text_to_picture=(similarities.argmax(1) == right).float().mean().item(),
        picture_to_text=(similarities.argmax(0) == right).float().mean().item(),
        count=len(designs),
    )


def save(model: Any, folder: Path) -> Path:
    """Writes the weights in half precision."""
    path = folder / "open_clip_model.safetensors"
    state = model.state_dict().items()
    save_file({name: (x.half() if x.is_floating_point() else x).contiguous() for name, x in state}, path)
    path.chmod(0o644)  # safetensors leaves it readable to its owner alone
    return path


def main(folder: Path) -> None:
    """Draws, trains, saves, measures."""
    torch.manual_seed(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    start = time.perf_counter()
    data = lessons(tokenizer)
    print(f"{len(data.shown)} pairs drawn and worded in {time.perf_counter() - start:.0f} s", flush=True)
    train(model, data, silent_tokens(tokenizer, data.tokens))
    megabytes = save(model, folder).stat().st_size / 1e6
    recall = measure(folder)
    (folder / "README.md").write_text(CARD.format(megabytes=megabytes, **vars(recall)))
    print(f"held out, never seen in training: {recall}")
    print(f"the same after JPEG of quality 60: {measure(folder, jpeg_quality=60)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
