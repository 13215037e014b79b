"""The command line within this process: what it prints, and its exit code, without the seconds that a start takes.

Tests of what a process is (signals, descriptors, imports) start one; `tests.forks` has them at the same price.
"""

from __future__ import annotations

import contextlib
import csv
import io
import logging
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from discover import cli
from tests.forks import Done


def command(*arguments: object, cwd: str | Path | None = None, encoding: str = "utf-8") -> Done:
    """`discover` with these arguments, in this folder, on streams of this encoding that are no terminal."""
    out = io.TextIOWrapper(io.BytesIO(), encoding, write_through=True)
    errors = io.TextIOWrapper(io.BytesIO(), encoding, "backslashreplace", write_through=True)
    with (
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(errors),
        _logging_kept(),
        _warnings_shown(),
    ):
        try:
            code = cli.main([str(each) for each in arguments])
        except SystemExit as end:  # argparse
            code = end.code
    assert isinstance(code, int)
    return Done(code, *(stream.buffer.getvalue().decode(encoding) for stream in (out, errors)))


@contextlib.contextmanager
def _logging_kept() -> Iterator[None]:
    """What --log-format sets up is gone afterwards."""
    root, ours = logging.getLogger(), logging.getLogger("discover")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = handlers
        for logger, level in zip((root, ours), levels, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _warnings_shown() -> Iterator[None]:
    """Warnings go to standard error as in a fresh Python, not to pytest."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)

        def show(message, category, filename, lineno, file=None, line=None):  # type: ignore[no-untyped-def]
            print(warnings.formatwarning(message, category, filename, lineno, line), end="", file=sys.stderr)

        warnings.showwarning = show
        yield


def write(path: str | Path, rows: Sequence[Mapping[str, object]]) -> str:
    """Rows as a CSV file; gives its path."""
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def damage(path: Path) -> None:
    """Other last bytes in a file that was made read-only; any hard link of it has them too."""
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\0")
