"""A run as a job: what happens around the stages so that nobody has to watch them.

    stages (pipeline) -> old versions go ([run] keep) -> a message ([notify]) -> figures for Prometheus ([run] metrics)

What fails after the version is there does not undo it: it becomes a warning. What fails because the run failed becomes
a note of its error (PEP 678), which the command line shows as well.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from discover.core import __version__, logs
from discover.core.errors import DiscoverError
from discover.core.settings import DEFAULT_WORKSPACE, Settings
from discover.core.types import RunSummary
from discover.embeddings.embed import Progress
from discover.nightly import metrics, notify, pipeline
from discover.store import versions


def run(
    source: Any,
    workspace: str | Path = DEFAULT_WORKSPACE,
    settings: Settings | Mapping[str, Any] | str | Path | None = None,
    as_of: str | date | None = None,
    progress: Progress | None = None,
    consumption: Any = None,
    full: bool = False,
) -> RunSummary:
    """Read a catalog, find its themes, and commit the result as the workspace's next version; then what `[run]` and
    `[notify]` of the settings ask for besides.

    `source` is a file, a folder of pictures, a data frame or a list of dicts; `settings` a Settings, a dictionary
    or a TOML file; `as_of` (ISO date) pretends that later items do not exist; `consumption` is a table of audience by
    item and date (columns id, date, value), which trends are weighted by. What an earlier run encoded is not
    encoded again, and themes go on from the current version's where at most a fifth of the items came or went since
    they were last found anew; `full` finds them anew in any case. A run that fails leaves the versions as they were.
    An interruption is told to nobody but the caller. Raises the errors of `discover.core.errors`.
    """
    chosen = Settings.load(settings)
    textfile = metrics.Textfile.asked(chosen)
    after = _After(chosen, workspace, None, time.perf_counter())
    logs.event("start", catalog=_name(source), workspace=workspace, program=__version__)
    try:
        after = replace(after, receivers=notify.receivers(chosen.notify))
        if textfile is not None:
            textfile.check()
        after = replace(after, textfile=textfile)
        summary = pipeline.run(source, workspace, chosen, as_of, progress, consumption, full)
    except Exception as error:
        after.failure(error)
        raise
    return after.success(summary)


@dataclass(frozen=True)
class _After:
    """What is to be done when the stages are through; what of it could not be is found out before they begin."""

    settings: Settings
    workspace: str | Path
    textfile: metrics.Textfile | None  # None: not asked for, or no file can be there
    start: float
    receivers: tuple[notify.Receiver, ...] = ()

    def success(self, summary: RunSummary) -> RunSummary:
        """The summary with what was done after the version was there, and warnings of what could not be."""
        summary = self._pruned(summary)
        summary = _lacking(summary, *self._notify(summary), *self._measure(0))
        for warning in summary.warnings:
            logs.event("warning", logging.WARNING, message=warning)
        seconds = round(time.perf_counter() - self.start, 3)
        logs.event("done", version=summary.version, seconds=seconds, counts=summary.counts, report=summary.report)
        return summary

    def failure(self, error: Exception) -> None:
        """Tell of an error; what could not be told becomes a note of it."""
        code = error.exit_code if isinstance(error, DiscoverError) else 1
        what = str(error) if isinstance(error, DiscoverError) else f"{type(error).__name__}: {error}"
        failed = []
        if {"failure", "always"} & set(self.settings.notify.when):
            failed += self._send(notify.failure(what, code, self.workspace))
        failed += self._measure(code)
        for note in failed:
            error.add_note(note)

    def _pruned(self, summary: RunSummary) -> RunSummary:
        """The summary with the versions that were removed."""
        if self.settings.run.keep is None:
            return summary
        try:
            removed = tuple(versions.prune(self.workspace, self.settings.run.keep))
        except DiscoverError as error:
            return _lacking(summary, f"old versions could not be removed: {error}")
        if removed:
            logs.event("removed", versions=removed)
        return replace(summary, removed=removed)

    def _notify(self, summary: RunSummary) -> list[str]:
        when = self.settings.notify.when
        if not self.receivers or not {"emerging", "always"} & set(when):
            return []
        try:
            message, alert = notify.success(summary)
        except DiscoverError as error:
            return [f"the message could not be sent: {error}"]
        return self._send(message) if alert or "always" in when else []

    def _send(self, message: notify.Message) -> list[str]:
        if not self.receivers:
            return []
        failed = notify.send(message, self.receivers)
        logs.event("notified", receivers=len(self.receivers) - len(failed))
        return failed

    def _measure(self, exit_code: int) -> list[str]:
        if self.textfile is None or not self.workspace:
            return []
        try:
            metrics.write(self.textfile, Path(self.workspace), exit_code, time.perf_counter() - self.start)
        except DiscoverError as error:
            return [f"the metrics could not be written: {error}"]
        return []


def _lacking(summary: RunSummary, *undone: str) -> RunSummary:
    """The summary with what could not be done."""
    return replace(summary, warnings=(*summary.warnings, *undone), undone=(*summary.undone, *undone))


def _name(source: Any) -> str:
    return str(source) if isinstance(source, (str, Path)) else type(source).__name__
