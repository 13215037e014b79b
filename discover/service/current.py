"""The open engine, and the next one: a new version or edit is noticed, opened beside the old one, and swapped in.

A request takes `engine` once and keeps it to its end, so no answer is mixed; an engine is dropped with the last request
that has it.
"""

from __future__ import annotations

import logging
import threading
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
        self.failure = ""  # why the newest version is not the one that answers
        self._looking = threading.Lock()
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
        """Take what is new in the workspace: another version, other edits. Raises DiscoverError."""
        with self._looking:
            edited = self._edited_at()
            if store.current(self.workspace) != self._engine.version.number:
                self._engine = self._engine.following().warmed(self.models)
                log.info("version %d is current", self._engine.version.number)
            elif edited != self._edits:
                self._engine = self._engine.edited()
            self._edits = edited
            len(self._engine.edits)  # read here, not where requests wait

    def _watch(self) -> None:
        while not self._stopped.is_set():
            try:
                if not self.ready:
                    self._engine.warmed(self.models)
                    self.ready = True
                self.look()
                self.failure = ""
            except DiscoverError as error:  # the old one goes on answering; the next look tries again
                if str(error) != self.failure:
                    log.error("%s", error)
                self.failure = str(error)
            self._stopped.wait(EVERY)

    def _edited_at(self) -> tuple[int, int]:
        """What changes when an edit is written down."""
        path = self.workspace / edits.LOG
        try:
            found = path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)
