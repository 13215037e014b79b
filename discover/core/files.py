"""Files that are on the disk whole or not at all, and what the file system refuses as one clear error.

The first functions write what nobody reads yet, such as a draft, and do not wait for the device; `make_permanent`,
`sync` and `replace_bytes` do. JSON, .npy and Parquet only: none of them can run code when read.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import DiskError, NotDurableError, WorkspaceError

if TYPE_CHECKING:
    import pyarrow as pa

TEMPORARY = ".tmp-"  # how names of unfinished things begin
TEMPORARY_NAME = re.compile(rf"{re.escape(TEMPORARY)}[0-9]+-[0-9a-f]{{16}}")  # as `temporary` makes them
SAFE = "Committed versions are safe"
WORKSPACE = "--workspace"  # the option that nearly all paths come from


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write a new file. Raises DiskError."""
    with _new_file(path) as file:
        file.write(content)


def save_json(path: Path, content: Any) -> None:
    """Write JSON; NaN and infinity are a ValueError, as JSON has none. Raises DiskError."""
    write_bytes(path, json.dumps(content, allow_nan=False, indent=1).encode("ascii"))


def load_json(path: Path) -> Any:
    """Read what `save_json` wrote. Raises WorkspaceError if it is not JSON, DiskError if unreadable."""
    with _loading(path):
        return json.loads(path.read_bytes())


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as .npy; one of objects is a ValueError, as it would need pickle. Raises DiskError."""
    with _new_file(path) as file:
        np.save(_Writer(file), array, allow_pickle=False)


def load_array(path: Path, mmap: bool = False) -> NDArray[Any]:
    """Read an array, or map it read-only. Raises WorkspaceError if it is none, DiskError if unreadable."""
    with _loading(path):
        array: NDArray[Any] = np.load(path, mmap_mode="r" if mmap else None, allow_pickle=False)
        return np.asarray(array)  # a map, too: each slice of a memmap would cost microseconds


def save_table(path: Path, table: pa.Table) -> None:
    """Write a table as Parquet. Raises DiskError."""
    import pyarrow.parquet as parquet

    with _new_file(path) as file:
        parquet.write_table(table, file)


def load_table(path: Path) -> pa.Table:
    """Read a table. Raises WorkspaceError if it is no Parquet file, DiskError if it cannot be read."""
    import pyarrow.parquet as parquet

    with _loading(path), path.open("rb") as file:
        return parquet.ParquetFile(file).read()  # not read_table, which makes columns of folders named a=b


# --- for good ----------------------------------------------------------------------------------------------


def replace_bytes(path: Path, content: bytes | memoryview, option: str = WORKSPACE) -> None:
    """Write a file over the one that may be there: readers, and a power cut, see the old content or the new.

    `option` is what the path was given with. Raises DiskError, which names the path and the option: NotDurableError
    where the new content is there already.
    """
    spare = temporary(path.parent)
    try:
        with disk_errors(path, option):
            with _created(spare) as file:
                file.write(content)
            _wait_for(spare)
            spare.replace(path)
    except BaseException:
        with suppress(OSError):
            spare.unlink(missing_ok=True)
        raise
    try:
        _wait_for(path.parent)
    except OSError as error:
        what = f"{path}: written, but the device does not confirm it ({error.strerror}). A power cut may undo it"
        raise NotDurableError(what if option != WORKSPACE else f"{what}. {SAFE}") from error


def temporary(folder: Path) -> Path:
    """A name for something unfinished, which nobody else in this folder uses."""
    return folder / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"


def make_folder(path: Path) -> None:
    """Make a folder, for good, unless it is there. Raises DiskError."""
    with disk_errors(path):
        if not path.is_dir():
            path.mkdir(parents=True)
            sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk. Raises DiskError."""
    with disk_errors(path):
        _wait_for(path)


def _wait_for(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_permanent(path: Path) -> None:
    """Bring a file to the disk, read-only from now on: an editor would damage all versions that share it."""
    path.chmod(path.stat().st_mode & ~0o222)
    sync(path)


def sha256(path: Path) -> str:
    """SHA-256 (hexadecimal) of a file's content. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def erase(path: Path) -> None:
    """Remove a file, a link or a folder with all in it. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


# --- what can go wrong -------------------------------------------------------------------------------------


@contextmanager
def disk_errors(path: Path, option: str = WORKSPACE) -> Iterator[None]:
    """Raise what the file system refuses as DiskError.

    `path` is blamed where the system names no file, or one that nobody gave: a temporary one, or anything where the
    path itself was given, with another `option` than that of the workspace.
    """
    try:
        yield
    except OSError as error:
        raise DiskError(_explained(error, path, option)) from error


class _Writer:
    """Hides from numpy that it writes to a file: its own way with files does not say why a write failed."""

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    with disk_errors(path), _created(path) as file:
        yield file


@contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
    with path.open("xb") as file:
        yield file


@contextmanager
def _loading(path: Path) -> Iterator[None]:
    try:
        with disk_errors(path):
            yield
    except (ValueError, EOFError) as error:  # pyarrow's ArrowInvalid is a ValueError
        raise WorkspaceError(f"{path}: cannot be read ({error}). Run `discover verify` to find the damage") from error


_FULL = (errno.ENOSPC, errno.EDQUOT)
_ADVICE = {
    errno.ENOSPC: "Free space on this disk",
    errno.EDQUOT: "Free space within your quota",
    errno.EFBIG: "Raise the limit on file sizes (ulimit -f)",
    errno.EIO: "Check the device or move the workspace",
    errno.EROFS: "Make it writable or choose another {option}",
    errno.EACCES: "Get the permission or choose another {option}",
    errno.EPERM: "Get the permission or choose another {option}",
    errno.EEXIST: "Something else is there: choose another {option}",
    errno.ENOTDIR: "Something else is there: choose another {option}",
    errno.EISDIR: "A folder is there: choose another {option}",
    errno.EBUSY: "A folder is there: choose another {option}",
}


def _explained(error: OSError, path: Path, option: str) -> str:
    """What happened, to which file, and what to do; one line."""
    named = error.filename2 or error.filename  # of a rename the second: the first has a name that says nothing
    unfinished = not isinstance(named, str) or Path(named).name.startswith(TEMPORARY)
    where = path if unfinished or option != WORKSPACE else named
    room = f" ({_free(path)} free)" if error.errno in _FULL else ""
    advice = _ADVICE.get(error.errno or 0, "Check the path and the disk").format(option=option)
    if option != WORKSPACE:
        return f"{option} {where}: {error.strerror or error}{room}. {advice}"
    return f"{where}: {error.strerror or error}{room}. {advice}. {SAFE}"


def _free(path: Path) -> str:
    """How much room there is where a path is or would be."""
    for place in (path, *path.absolute().parents):
        with suppress(OSError):
            return f"{shutil.disk_usage(place).free / 1e6:.1f} MB"
    return "unknown"
