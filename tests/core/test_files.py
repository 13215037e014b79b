"""Files: what is written comes back, what cannot be understood or written is one clear error."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from discover.core import files
from discover.core.errors import DiskError, WorkspaceError
from tests.strategies import json_values

quick = settings(max_examples=25, deadline=None)


@quick
@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_json_round_trips(tmp_path_factory: pytest.TempPathFactory, content: dict[str, object]) -> None:
    path = tmp_path_factory.mktemp("json") / "facts.json"
    files.save_json(path, content)
    assert files.load_json(path) == content


@quick
@given(npst.arrays(npst.scalar_dtypes(), npst.array_shapes(min_dims=0, min_side=0, max_side=4)), st.booleans())
def test_arrays_round_trip(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, mmap: bool) -> None:
    path = tmp_path_factory.mktemp("array") / "a.npy"
    files.save_array(path, array)
    loaded = files.load_array(path, mmap=mmap)
    assert (loaded.dtype, loaded.shape, loaded.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert not (mmap and loaded.flags.writeable)


@quick
@given(st.lists(st.tuples(st.text(), st.none() | st.floats(allow_nan=False), st.lists(st.text(), max_size=2))))
def test_tables_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]) -> None:
    kinds = {"id": pa.string(), "audience": pa.float64(), "genres": pa.list_(pa.string())}
    columns = [pa.array([row[i] for row in rows], kind) for i, kind in enumerate(kinds.values())]
    table = pa.table(columns, names=list(kinds))
    path = tmp_path_factory.mktemp("year=2021") / "catalog.parquet"
    files.save_table(path, table)
    assert files.load_table(path).equals(table)


def test_what_would_need_pickle_or_is_not_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pickle"):
        files.save_array(tmp_path / "a.npy", np.array([object()]))
    with pytest.raises(ValueError, match="JSON compliant"):
        files.save_json(tmp_path / "a.json", float("nan"))


@pytest.mark.parametrize("load", [files.load_array, files.load_table, files.load_json])
def test_a_file_that_cannot_be_understood_is_named(tmp_path: Path, load: object) -> None:
    assert callable(load)
    for content in (b"", b"not this\xff", b"\x93NUMPY\x01\x00", b"PAR1PAR1"):
        path = tmp_path / "file"
        path.write_bytes(content)
        with pytest.raises(WorkspaceError, match=str(path)):
            load(path)
    with pytest.raises(DiskError, match="nowhere"):
        load(tmp_path / "nowhere")


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "CURRENT"
    for content in (b"first", b""):
        files.replace_bytes(path, content)
        assert path.read_bytes() == content
    (tmp_path / "folder").mkdir()
    with pytest.raises(DiskError, match="folder"):
        files.replace_bytes(tmp_path / "folder", b"x")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["CURRENT", "folder"]


@pytest.mark.parametrize(
    ("code", "advice"),
    [("ENOSPC", "MB free"), ("EDQUOT", "quota"), ("EIO", "device"), ("EROFS", "writable"), ("EACCES", "permission")],
)
def test_each_refusal_says_which_file_and_what_to_do(tmp_path: Path, code: str, advice: str) -> None:
    number = getattr(errno, code)
    with (
        pytest.raises(DiskError, match=f"a.bin: {os.strerror(number)}.*{advice}"),
        files.disk_errors(tmp_path / "a.bin"),
    ):
        raise OSError(number, os.strerror(number))
