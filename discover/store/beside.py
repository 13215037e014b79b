"""What is wrong with the files that lie beside the versions of a workspace; `stored` has those of a version."""

from __future__ import annotations

from pathlib import Path

from discover.core.errors import WorkspaceError
from discover.embeddings import checkpoint
from discover.store import journal, marker
from discover.store.marker import MARKER
from discover.store.stored import Damage
from discover.store.workspace import CURRENT, EDITS, current_damage


def inspect_beside(workspace: Path) -> list[Damage]:
    """Everything wrong with the marker, CURRENT, the log of edits and what an interrupted run left; every byte is read.

    Raises WorkspaceError for a workspace of another format, DiskError.
    """
    damages = [Damage(MARKER, what) for what in _marker_damage(workspace)]
    if what := current_damage(workspace):
        damages.append(Damage(CURRENT, what))
    damages += [Damage(EDITS, what) for what in edits_damages(workspace)]
    return damages + [Damage(f"{checkpoint.FOLDER}/{name}", what) for name, what in checkpoint.damages(workspace)]


def edits_damages(workspace: Path) -> list[str]:
    """What is wrong with the log of edits."""
    contents, damages = journal.scan(workspace / EDITS)
    if damages:
        return damages
    known = marker.read_sound(workspace)
    what = journal.describe_missing([content["number"] for content in contents], known.highest_edit if known else 0)
    return [what] if what else []


def _marker_damage(workspace: Path) -> list[str]:
    try:
        return [] if marker.read(workspace) is not None else ["missing"]
    except WorkspaceError:
        raise
    except ValueError as error:
        return [str(error)]
