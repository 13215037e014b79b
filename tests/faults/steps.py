"""A program that changes a workspace in one way, for tests to kill: `MODE WORKSPACE [ARGUMENT]`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from discover import edits
from discover.core.errors import DiscoverError
from discover.store import versions


def warn(message: str) -> None:
    """One line on standard error."""
    os.write(2, f"warning: {message}\n".encode())


def commit(workspace: Path, _: str) -> None:
    """The current version again, as the next one."""
    with versions.writing(workspace) as draft:
        assert draft.last is not None
        for name in draft.last.files:
            copy = draft.folder / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(draft.last.checked(name).read_bytes())
        draft.commit(draft.last.manifest, warn)


def rename(workspace: Path, text: str) -> None:
    """Give the first theme this label."""
    edits.add(workspace, "rename", ["T0001"], text=text, warn=warn)


def split(workspace: Path, text: str) -> None:
    """Divide the first theme between items, apart by commas."""
    first, second = text.split(",")
    edits.add(workspace, "split", ["T0001"], [[first], [second]], warn=warn)


def undo(workspace: Path, number: str) -> None:
    """Take an edit back."""
    edits.undo(workspace, int(number), warn)


def prune(workspace: Path, _: str) -> None:
    """Keep two versions."""
    versions.prune(workspace, keep=2)


def rollback(workspace: Path, number: str) -> None:
    """Make another version current."""
    versions.rollback(workspace, int(number), warn)


def main() -> int:
    """The mode that the arguments name; an exit code as the command line has it."""
    mode, workspace, argument = sys.argv[1:]
    try:
        globals()[mode](Path(workspace), argument)
    except DiscoverError as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        return error.exit_code
    return 0
