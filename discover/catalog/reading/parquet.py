"""Parquet files."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from discover.catalog.reading.base import Raw, from_arrow
from discover.core.errors import InputError


def read(path: Path) -> Raw:
    """A Parquet file as text cells. Raises InputError where it is damaged."""
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: the Parquet file is damaged ({first[:120]}). Copy it again from its origin"
        ) from error
    return from_arrow(table, str(path), path.parent)
