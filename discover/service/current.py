"""The open engine, and the next one: a new version or edit is noticed, opened beside the old one, and swapped in.

A request takes `engine` once and keeps it to its end, so no answer is mixed; an engine is dropped with the last request
that has it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from discover import edits, engine, store
from discover.engine import Engine
from discover.errors import DiscoverError

log = logging.getLogger("discover.service")
EVERY = 1.0  # seconds between two looks at the workspace


class Current:
    """The engine of a workspace's current version. Raises WorkspaceError where there is none."""

    def __init__(self, workspace: str | Path, models: bool = False, editable: bool = True) -> None:
        self.workspace = Path(workspace)
        self.editable = editable
        self.models = models  # whether to load them before someone asks
        self.ready = False
        self.failure = ""  # why the newest version is not the one that answers, or is not ready
        self._swapping = threading.Lock()
        self._stopped = threading.Event()
        self._edits = self._edited_at()
        self._engine = engine.open(workspace)
        len(self._engine.edits)
        self._thread = threading.Thread(target=self._watch, name="discover-current", daemon=True)

    @property
    def engine(self) -> Engine:
        """The engine to answer with; take it once for each request."""
        return self._engine

    def start(self) -> None:
        """Read what answers need, then look for news until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End looking."""
        self._stopped.set()
        self._thread.join(EVERY)

    def look(self) -> None:
        """Take what is new in the workspace: other edits, another version. Raises DiscoverError."""
        self.refresh()
        if store.current(self.workspace) == self._engine.version.number:
            return
        edited = self._edited_at()
        # Where the models could not be loaded the old version lacks them too, and is no better than the new one.
        new = self._engine.following().warmed(self.models and self.ready)
        len(new.edits)  # read here, not where requests wait
        with self._swapping:
            self._take(new, edited)
        log.info("version %d is current", new.version.number)

    def refresh(self) -> None:
        """Show the edits as they are now, on the version that answers. Raises DiscoverError."""
        with self._swapping:
            self._take(self._engine, self._edits)

    def _take(self, new: Engine, edits_at: tuple[int, int]) -> None:
        """Answer with an engine whose edits were read at that state of the log; if it is another now, read anew."""
        edited = self._edited_at()
        if edited != edits_at:
            new = new.edited()
            len(new.edits)  # what cannot be read is not taken
        self._engine, self._edits = new, edited

    def _watch(self) -> None:
        while not self._stopped.is_set():
            failures = [self._tried(self.look)]
            if not self.ready:
                failures.append(self._tried(self._warm))
            self.failure = "; ".join(filter(None, failures))
            self._stopped.wait(EVERY)

    def _warm(self) -> None:
        self._engine.warmed(self.models)
        self.ready = True

    def _tried(self, step: Callable[[], None]) -> str:
        """What a step failed of, "" if it did not; what answers goes on answering, and the next look tries again."""
        try:
            step()
        except DiscoverError as error:
            told = str(error)
            if told not in self.failure:
                log.error("%s", told)
        except Exception as error:  # the thread would end, and nobody look any more
            told = f"{type(error).__name__}: {error}"
            if told not in self.failure:
                log.exception("looking at %s", self.workspace)
        else:
            told = ""
        return told

    def _edited_at(self) -> tuple[int, int]:
        """What changes when an edit is written down."""
        path = self.workspace / edits.LOG
        try:
            found = path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)
