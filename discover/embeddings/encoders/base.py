"""What an encoder is, and what all encoders do alike: unit length, weight digests, precision."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from discover.core import files
from discover.core.errors import ModelError, SettingsError
from discover.core.types import Catalog, EncoderIdentity

if TYPE_CHECKING:
    import torch

CONFIGURATION = (".json", ".txt", ".model", ".jinja")  # endings of a model's files besides weights and words about it
Advance = Callable[[int], object]  # called with the number of inputs just encoded


@dataclass(frozen=True)
class Encoded:
    """Vectors in the order of the inputs. Inputs named in `failures` (position -> reason) have a row of NaN."""

    vectors: NDArray[np.float32] = field(repr=False)  # (m, dimension), unit length
    failures: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Encoder(ABC):
    """The contract of an encoder plug-in. Its dataclass fields are its settings.

    Making one is cheap: weights are loaded by the first `encode`, so that a run with nothing new to encode, or a
    search by id, never pays for torch.
    """

    modality: ClassVar[str]  # "text" or "image": what `inputs` returns
    device: str  # "auto", or what torch calls it
    precision: str  # "auto", "float32" or "bfloat16"

    def located(self, folder: Path) -> Self:
        """The same encoder, with the relative paths among its settings made absolute from this folder."""
        return self

    @abstractmethod
    def identity(self) -> EncoderIdentity:
        """What makes its vectors comparable with others. Raises ModelError when the weights are missing."""

    @abstractmethod
    def inputs(self, catalog: Catalog) -> list[str | None]:
        """For each row what would be encoded: a text, or the path of a picture; None where there is nothing."""

    @abstractmethod
    def roles(self) -> tuple[str, ...]:
        """The columns of the catalog that `inputs` looks at."""

    @abstractmethod
    def encode(self, inputs: Sequence[str], advance: Advance | None = None) -> Encoded:
        """Vectors of inputs of this encoder's modality. Raises ModelError when the weights are missing."""

    @abstractmethod
    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of free text in this space, (len(texts), dimension), unit length: what a search compares with."""

    def arithmetic(self) -> str:
        """The precision that `encode` computes in on this machine, for the record."""
        return str(find_precision(self.precision, find_device(self.device))).removeprefix("torch.")

    def check(self, identity: EncoderIdentity) -> None:
        """Raises ModelError unless vectors of `identity` and this encoder's can be compared."""
        if differences := identity.differences(self.identity()):
            raise ModelError(
                f"The vectors were made by {identity.model}, which here differs in {', '.join(differences)}. "
                "Restore that model, or encode anew with `discover run`"
            )

    def content(self, value: str) -> bytes:
        """SHA-256 (hex) of what is encoded: the text itself, or the bytes of the picture file.

        A file that cannot be read stands for itself alone, as another may fail for another reason; `encode` says why.
        """
        if self.modality == "image":
            with suppress(OSError), Path(value).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest().encode()
        return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest().encode()


def weights_digest(path: Path) -> str:
    """SHA-256 of a weights file, or of a folder's weight files (names and digests in order when several)."""
    weight_files = [path] if path.is_file() else sorted(path.rglob("*.safetensors")) or sorted(path.rglob("*.bin"))
    if not weight_files:
        raise ModelError(f"{path}: no weights found (*.safetensors or *.bin). Give the folder of a saved model")
    digests = [files.sha256(file) for file in weight_files]
    if len(weight_files) == 1:
        return digests[0]
    lines = "".join(f"{file.relative_to(path)} {digest}\n" for file, digest in zip(weight_files, digests, strict=True))
    return hashlib.sha256(lines.encode()).hexdigest()


def configuration_digest(folder: Path) -> str:
    """SHA-256 over names and contents of a model's files besides its weights, in order; "" where there are none.

    A window (`max_seq_length`), a pooling or a tokenizer makes other vectors from the same weights.
    """
    found = [path for path in sorted(folder.rglob("*")) if path.suffix in CONFIGURATION and path.is_file()]
    lines = "".join(f"{path.relative_to(folder).as_posix()} {files.sha256(path)}\n" for path in found)
    return hashlib.sha256(lines.encode()).hexdigest() if found else ""


def find_device(wanted: str) -> torch.device:
    """The device named, or for "auto" the best one here: cuda, then mps, then cpu."""
    import torch

    if wanted != "auto":
        try:
            return torch.device(wanted)
        except RuntimeError as error:
            raise SettingsError(f"device: torch does not know {wanted!r}. Use auto, cpu, cuda or mps") from error
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def find_precision(wanted: str, device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware computes in it (elsewhere it is emulated and slower), float32 otherwise.

    Weights are converted, autocast is not used: on a CPU it is slower than float32.
    """
    import torch

    if wanted != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16}[wanted]
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        able = torch.cpu.get_capabilities()
        fast = bool(able.get("amx_bf16") or able.get("avx512_bf16") or able.get("bf16"))
    else:
        fast = False
    return torch.bfloat16 if fast else torch.float32
