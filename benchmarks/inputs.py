"""What is measured on: the options, the catalogs, and their vectors, encoded once and kept."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import Missing, isolated

TEXTS_A_SECOND = 100  # all-MiniLM-L6-v2 in float32 on two cores: to say how long encoding will take


@dataclass(frozen=True)
class Setup:
    """The options of a run."""

    data: Path  # folder of catalogs
    results: Path  # folder for the tables and whatever is made once
    rounds: int
    texts: int
    pictures: int
    rows: int

    def catalog(self, name: str) -> Path:
        """A file of the data folder. Raises Missing."""
        if not self.data.exists():
            raise Missing(f"no folder {self.data}; --data names the folder of catalogs")
        if not (self.data / name).exists():
            raise Missing(f"no {name} in {self.data}")
        return self.data / name

    def catalog_or_sample(self, name: str) -> Path:
        """A file of the data folder, or the sample catalog with its posters where there is no such folder at all."""
        if self.data.exists():
            return self.catalog(name)
        from discover import sample

        print(f"no folder {self.data}: the sample catalog is measured instead", file=sys.stderr)
        return sample.prepare(self.results / "sample")[0]


def texts(source: Path, rows: int | None = None, column: str | None = None) -> list[str]:
    """What the text encoder reads, by row; of a Parquet file maybe the first rows only, or one column alone."""
    from discover.catalog import reader as catalog
    from discover.embeddings.encoders.sentence import Sentence

    if column:
        return _head(source, rows).column(column).to_pylist()
    return [text or "" for text in Sentence().inputs(catalog.read(_head(source, rows) if rows else source))]


def _head(source: Path, rows: int | None) -> Any:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    with ParquetFile(source) as file:
        rows = rows or file.metadata.num_rows
        return pyarrow.Table.from_batches(file.iter_batches(rows), file.schema_arrow).slice(0, rows)


@dataclass(frozen=True)
class Encoded:
    """Files with the unit vectors (n, d) as float32 .npy, and the n texts as a JSON list."""

    vectors: Path
    texts: Path


def encoded(results: Path, source: Path, rows: int | None = None, column: str | None = None) -> Encoded:
    """A catalog's texts (see `texts`) in the default encoder's space, kept in the folder of results: made on first use,
    anew when the file or encoder changed.
    """
    from discover.core import files as disk
    from discover.embeddings.encoders.sentence import Sentence

    made_from = [disk.sha256(source), rows, *([column] if column else []), vars(Sentence().identity())]
    key = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:8]
    files = Encoded(*(results / f"{source.stem}-{key}.{ending}" for ending in ("npy", "json")))
    if not files.vectors.exists():
        isolated(_encode, source, rows, column, files)
    return files


def _encode(source: Path, rows: int | None, column: str | None, files: Encoded) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from discover.embeddings.encoders.sentence import Sentence

    found = texts(source, rows, column)
    minutes = ceil(len(found) / TEXTS_A_SECOND / 60)
    print(f"encoding {len(found):,} texts of {source.name} once, about {minutes} min on 2 cores", file=sys.stderr)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(source.stem, total=len(found))
        vectors = Sentence().encode(found, lambda count: bar.advance(task, count)).vectors
    _write(files.texts, found)
    _write(files.vectors, vectors)  # last: its presence says that both are whole
    print(f"kept as {files.vectors}", file=sys.stderr)


def _write(path: Path, content: np.ndarray | Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        if isinstance(content, np.ndarray):
            np.save(file, content)
        else:
            file.write(json.dumps(content).encode())
    part.replace(path)
