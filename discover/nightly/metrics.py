"""A run's figures as a Prometheus textfile, for the node exporter's textfile collector.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/ and, for jobs that end,
https://prometheus.io/docs/practices/instrumentation/#batch-jobs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from discover.core import files
from discover.core.errors import DiskError, WorkspaceError
from discover.core.settings import Settings
from discover.store import versions

# Name of the gauge -> what it tells, and its name among the counts of a version.
COUNTS: Mapping[str, tuple[str, str]] = {
    "discover_items": ("Items of the catalog.", "items"),
    "discover_encoded_items": ("Vectors that the run had to encode.", "encoded"),
    "discover_themes": ("Broad themes.", "themes"),
    "discover_outliers": ("Items in no broad theme.", "outliers"),
    "discover_rejected_rows": ("Rows of the source that were set aside.", "rejected rows"),
    "discover_rejected_values": ("Values of the source that were set aside.", "rejected values"),
    "discover_alerts": ("Themes that rise beyond chance.", "alerts"),
}


@dataclass(frozen=True)
class Textfile:
    """The file that is written, and what asked for it: "[run] metrics" or "--metrics"."""

    path: Path
    option: str

    @classmethod
    def asked(cls, settings: Settings) -> Textfile | None:
        """What the settings ask for."""
        given, option = settings.run.metrics, settings.run.metrics_option
        if given is None:
            return None
        return cls(Path(given), option) if option else cls(settings.folder / given, "[run] metrics")

    def check(self) -> None:
        """Raises DiskError where no file could be, so that this is said before the long work and not after it."""
        folder = self.path.parent
        with files.disk_errors(self.path, self.option):  # such as a name that is too long
            there, is_folder = folder.is_dir(), self.path.is_dir()
        if not there:
            raise DiskError(f"{self.option} {self.path}: folder {folder.absolute()} does not exist. Create it")
        if is_folder or not os.access(folder, os.W_OK):
            why = "this is a folder" if is_folder else f"folder {folder.absolute()} is not writable"
            raise DiskError(f"{self.option} {self.path}: {why}. Name a file in a writable folder")


def write(textfile: Textfile, workspace: Path, exit_code: int, seconds: float) -> None:
    """Replace the file at once: how this run ended, and the figures of the newest version in the workspace.

    After a failure these are the last success's, so that no curve breaks off. Every sample has the label `workspace`
    (absolute path). Raises DiskError.
    """
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()

    def gauge(name: str, tells: str, value: float, **labels: str) -> None:
        if name not in made:
            made[name] = Gauge(name, tells, ("workspace", *labels), registry=registry)
        made[name].labels(workspace=str(workspace.absolute()), **labels).set(value)

    made: dict[str, Gauge] = {}
    gauge("discover_last_run_timestamp_seconds", "When the last run ended.", time.time())
    gauge("discover_last_run_duration_seconds", "How long it took.", seconds)
    gauge("discover_last_run_exit_code", "How it ended: 0 is success, the others are errors.", exit_code)
    for version in _newest(workspace):
        success = datetime.fromisoformat(version.created).timestamp()
        gauge("discover_last_success_timestamp_seconds", "When the newest version was made.", success)
        gauge("discover_version", "Number of the newest version.", version.number)
        for stage, taken in version.manifest["timings"].items():
            gauge("discover_stage_duration_seconds", "Time of a stage in the last success.", taken, stage=stage)
        for name, (tells, key) in COUNTS.items():
            gauge(name, tells, version.manifest["counts"][key])
    files.replace_bytes(textfile.path, generate_latest(registry), textfile.option)


def _newest(workspace: Path) -> Iterator[versions.StoredVersion]:
    """The newest version whose manifest can be read, if there is one."""
    for number in reversed(versions.numbers(workspace)):
        try:
            yield versions.open(workspace, number)
        except WorkspaceError:
            continue  # damage is told by the run and by `discover verify`
        return
