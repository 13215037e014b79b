"""Pictures and text to one space with any open_clip model.

Weights come from a pretrained tag in open_clip's cache (or its hub), a `local-dir:FOLDER` as open_clip saves it, or
a checkpoint file with an architecture name or a configuration file (Radford et al. 2021; OpenCLIP).
Pictures are decoded ahead in threads, at reduced scale, while the model works on the batch before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import ModelError, SettingsError
from discover.core.files import sha256
from discover.core.types import Catalog, EncoderIdentity
from discover.core.vectors import unit
from discover.embeddings.encoders import _hub
from discover.embeddings.encoders.base import (
    Advance,
    Encoded,
    Encoder,
    configuration_digest,
    find_device,
    find_precision,
    weights_digest,
)
from discover.embeddings.pictures import PictureError, open_picture

LOCAL_PREFIX = "local-dir:"


@dataclass(frozen=True)
class Clip(Encoder):
    """An open_clip model."""

    modality: ClassVar[str] = "image"

    model: str = "ViT-B-32"  # architecture, or "local-dir:FOLDER"
    pretrained: str = "laion2b_s34b_b79k"  # open_clip's tag of the weights, or a checkpoint file
    config: str = ""  # architecture file of a model that open_clip does not know
    device: str = "auto"  # "auto", "cpu", "cuda" or "mps"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # arithmetic of the model
    batch_size: int = 64  # pictures encoded together
    decoders: int = 2  # threads that decode pictures
    query_template: str = "{}"  # sentence around a query; for photographs "a photo of {}"
    _loaded: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("batch_size", "decoders"):
            if getattr(self, name) < 1:
                raise SettingsError(f"[image] {name}: expected at least 1, got {getattr(self, name)}")
        try:
            self.query_template.format("")
        except (ValueError, LookupError) as error:
            raise SettingsError(f"[image] query_template: {self.query_template!r} needs one {{}}: {error}") from error

    def located(self, folder: Path) -> Self:
        """As in `Encoder`; a `pretrained` that is no file there stays a tag."""
        paths = {name: folder / Path(getattr(self, name)).expanduser() for name in ("pretrained", "config")}
        paths_here = {name: str(path) for name, path in paths.items() if path.is_file()}
        if self.model.startswith(LOCAL_PREFIX):
            paths_here["model"] = LOCAL_PREFIX + str(folder / Path(self.model.removeprefix(LOCAL_PREFIX)).expanduser())
        return replace(self, **paths_here)  # type: ignore[arg-type]  # mypy does not see which fields are meant

    def identity(self) -> EncoderIdentity:
        """Name, weights and configuration."""
        name = Path(self.model.removeprefix(LOCAL_PREFIX)).name
        if not self.model.startswith(LOCAL_PREFIX):
            name = f"{name} {Path(self.pretrained).name}"
        digest = weights_digest(self.weights)
        return EncoderIdentity("clip", name, digest, self._dimension, "", self.precision, self._configuration)

    @property
    def _configuration(self) -> str:
        if self.model.startswith(LOCAL_PREFIX):
            return configuration_digest(self.weights)
        return sha256(Path(self.config)) if self.config else ""

    @cached_property
    def weights(self) -> Path:
        """The weights file or folder. Raises ModelError when it is not on this machine and cannot be had."""
        if self.model.startswith(LOCAL_PREFIX):
            folder = Path(self.model.removeprefix(LOCAL_PREFIX))
            if not folder.is_dir():
                raise self._missing(f"folder {folder} does not exist")
            return folder
        if Path(self.pretrained).is_file():
            return Path(self.pretrained)
        import open_clip

        tags = open_clip.list_pretrained_tags_by_model(self.model)
        if self.pretrained not in tags:
            raise self._missing(f"open_clip offers {', '.join(tags) or 'no weights'} for it")
        settings = open_clip.get_pretrained_cfg(self.model, self.pretrained)
        cached = _cached(settings.get("hf_hub", ""))
        return _hub.fetch(cached, lambda: str(open_clip.download_pretrained(settings)), self._missing)

    def _missing(self, why: str) -> ModelError:
        return ModelError(
            f"picture model {self.model} ({self.pretrained}) is not on this machine: {why}. Copy its weights here and "
            'set [image] model = "local-dir:FOLDER", or pretrained = "FILE"'
        )

    @cached_property
    def _dimension(self) -> int:
        try:
            if self.model.startswith(LOCAL_PREFIX):
                content = json.loads((self.weights / "open_clip_config.json").read_text())
                return int(content["model_cfg"]["embed_dim"])
            if self.config:
                return int(json.loads(Path(self.config).read_text())["embed_dim"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"picture model {self.model}: its configuration cannot be read ({error})") from error
        import open_clip

        architecture = open_clip.get_model_config(self.model)
        if architecture is None:
            raise ModelError(f"open_clip has no architecture {self.model!r}. Give [image] config = FILE.json")
        return int(architecture["embed_dim"])

    def inputs(self, catalog: Catalog) -> list[str | None]:
        """The picture file of each row; URLs are not fetched."""
        return [path if path and "://" not in path else None for path in catalog.column("image")]

    def roles(self) -> tuple[str, ...]:
        """Pictures."""
        return ("image",)

    def encode(self, inputs: Sequence[str], advance: Advance | None = None) -> Encoded:
        """Unit vectors of picture files; those that cannot be decoded are named in `failures`."""
        import torch

        vectors = np.full((len(inputs), self._dimension), np.nan, dtype=np.float32)
        failures: dict[int, str] = {}
        model, _, _ = self._model
        with torch.inference_mode():
            for start, batch in self._prepared(inputs):
                good = [i for i, each in enumerate(batch) if not isinstance(each, PictureError)]
                failures |= {start + i: str(e) for i, e in enumerate(batch) if isinstance(e, PictureError)}
                if good:
                    stacked = torch.stack([batch[i] for i in good]).to(self._device, self._dtype)
                    features = model.encode_image(stacked).float().cpu().numpy()
                    vectors[[start + i for i in good]] = unit(features)
                if advance is not None:
                    advance(len(batch))
        return Encoded(vectors, failures)

    def _prepared(self, paths: Sequence[str]) -> Iterator[tuple[int, list[Any]]]:
        """Batches of prepared pictures (or the error of each), one batch being decoded while another is used."""
        _, preprocess, side = self._model

        def prepare(path: str) -> Any:
            try:
                return preprocess(open_picture(path, least=side))
            except PictureError as error:
                return error

        starts = range(0, len(paths), self.batch_size)
        with ThreadPoolExecutor(self.decoders) as pool:
            waiting = []
            for start in starts:
                waiting.append([pool.submit(prepare, path) for path in paths[start : start + self.batch_size]])
                if len(waiting) > 1:
                    yield start - self.batch_size, [future.result() for future in waiting.pop(0)]
            if waiting:
                yield starts[-1], [future.result() for future in waiting.pop(0)]

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of text queries by the model's text tower."""
        import open_clip
        import torch

        model, _, _ = self._model
        if "tokenizer" not in self._loaded:
            self._loaded["tokenizer"] = open_clip.get_tokenizer(self.model)
        tokens = self._loaded["tokenizer"]([self.query_template.format(text) for text in texts])
        with torch.inference_mode():
            return unit(model.encode_text(tokens.to(self._device)).float().cpu().numpy())

    @cached_property
    def _device(self) -> Any:
        return find_device(self.device)

    @cached_property
    def _dtype(self) -> Any:
        return find_precision(self.precision, self._device)

    @property
    def _model(self) -> tuple[Any, Any, int]:
        """The model, its preprocessing and the side of its pictures in pixels."""
        if "model" not in self._loaded:
            import open_clip

            if self.config:
                open_clip.add_model_config(self.config)
            weights = None if self.model.startswith(LOCAL_PREFIX) else str(self.weights)
            try:
                model, _, preprocess = open_clip.create_model_and_transforms(self.model, pretrained=weights)
                model = model.to(self._device, self._dtype).eval()
            except Exception as error:
                raise ModelError(f"open_clip cannot load {self.model} from {self.weights}: {error}") from error
            size = model.visual.image_size
            side = max(size) if isinstance(size, tuple) else int(size)
            self._loaded["model"] = model, preprocess, side
        return self._loaded["model"]  # type: ignore[no-any-return]  # a dict of anything


def _cached(repository: str) -> Path | None:
    """The weights of a hub's repository ("owner/name/" as open_clip writes it) in the local cache, if they are."""
    from huggingface_hub import try_to_load_from_cache

    for name in ("open_clip_model.safetensors", "open_clip_pytorch_model.bin"):
        cached = try_to_load_from_cache(repository.strip("/"), name) if repository.strip("/") else None
        if isinstance(cached, str):
            return Path(cached)
    return None
