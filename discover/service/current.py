"""The open engine, and the next one: a new version or edit is noticed, opened beside the old one, and swapped in.

A request takes `engine` once and keeps it to its end, so no answer is mixed; an engine is dropped with the last request
that has it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

from discover.core.errors import DiscoverError
from discover.edits.log import LOG
from discover.engine import engine
from discover.engine.engine import Engine
from discover.store import versions

log = logging.getLogger("discover.service")
LOOK_SECONDS = 1.0  # between two looks at the workspace
STOP_SECONDS = 10.0  # that `stop` waits for a model that is being loaded: a thread that is cut off in it may crash
Loading = Literal["before", "background", "asked"]  # of models: before `ready`, after it, with the first text


class Current:
    """The engine of a workspace's current version. Raises WorkspaceError where there is none.

    `failures` holds why each step failed when it was last taken, "" where it did not: `news` (looking for other edits
    and versions), `answers` (reading what queries by id need), `models` (loading them in the background).
    """

    def __init__(self, workspace: str | Path, models: Loading = "asked", editable: bool = True) -> None:
        self.workspace = Path(workspace)
        self.editable = editable
        self.models = models
        self.ready = False
        self.stale = False  # whether another version is current than the one that answers
        self.failures = {"news": "", "answers": "", "models": ""}
        self._swapping = threading.Lock()
        self._stopped = threading.Event()
        self._edits = self._edited_at()
        self._engine = engine.open(workspace)
        len(self._engine.edits)
        steps = [self._watch, self._load] if models == "background" else [self._watch]
        self._threads = [threading.Thread(target=step, name=f"discover{step.__name__}", daemon=True) for step in steps]

    @property
    def engine(self) -> Engine:
        """The engine to answer with; take it once for each request."""
        return self._engine

    def start(self) -> None:
        """Read what answers need, then look for news until `stop`."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End looking."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def look(self) -> None:
        """Take what is new in the workspace: other edits, another version. Raises DiscoverError."""
        self.stale = versions.current(self.workspace) != self._engine.version.number
        self.refresh()
        if not self.stale:
            return
        edited = self._edited_at()
        # Where the models could not be loaded the old version lacks them too, and is no better than the new one.
        new = self._engine.following().warmed(self.models == "before" and self.ready)
        len(new.edits)  # read here, not where requests wait
        with self._swapping:
            self._take(new, edited)
        self.stale = False
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
            self._try("news", self.look)
            if not self.ready:
                self._try("answers", self._warm)
            self._stopped.wait(LOOK_SECONDS)

    def _warm(self) -> None:
        self._engine.warmed(self.models == "before")
        self.ready = True

    def _load(self) -> None:
        """Load each version's models, once others are answered; a text that comes meanwhile waits for the same load."""
        loaded = None
        while not self._stopped.is_set():
            engine = self._engine
            if self.ready and engine.version is not loaded:
                self._try("models", partial(engine.warmed, models=True))
                loaded = engine.version
            self._stopped.wait(LOOK_SECONDS)

    def _try(self, name: str, step: Callable[[], object]) -> None:
        """Take a step; where it fails what answers goes on answering, and the log says why, once."""
        message = ""
        try:
            step()
        except DiscoverError as error:
            message = str(error)
            if message != self.failures[name]:
                log.error("%s: %s", name, message)
        except Exception as error:  # the thread would end, and nobody look any more
            message = f"{type(error).__name__}: {error}"
            if message != self.failures[name]:
                log.exception("%s of %s", name, self.workspace)
        self.failures[name] = message

    def _edited_at(self) -> tuple[int, int]:
        """What changes when an edit is written down."""
        path = self.workspace / LOG
        try:
            status = path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_size)
