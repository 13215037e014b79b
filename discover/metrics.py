"""A run's figures as a Prometheus textfile, for the node exporter's textfile collector.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/ and, for jobs that end,
https://prometheus.io/docs/practices/instrumentation/#batch-jobs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from discover import files, store
from discover.errors import DiskError, WorkspaceError

# Name of the gauge -> what it tells, and its name among the counts of a version.
COUNTS: Mapping[str, tuple[str, str]] = {
    "discover_items": ("Items of the catalog.", "items"),
    "discover_encoded_items": ("Vectors that the night had to encode.", "encoded"),
    "discover_themes": ("Broad themes.", "themes"),
    "discover_strays": ("Items in no broad theme.", "strays"),
    "discover_rejected_rows": ("Rows of the source that were set aside.", "rejected rows"),
    "discover_rejected_values": ("Values of the source that were set aside.", "rejected values"),
    "discover_alerts": ("Themes that rise beyond chance.", "alerts"),
}


def check(path: Path) -> None:
    """Raises DiskError where no file could be written, so that this is said before the long work and not after it."""
    if not path.parent.is_dir():
        raise DiskError(f"{path}: the metrics cannot be written, as there is no folder {path.parent}; make it")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise DiskError(f"{path}: the metrics cannot be written there; name a file in a folder that you may write to")


def write(path: Path, workspace: Path, exit_code: int, seconds: float) -> None:
    """Replace the file at once: how this run ended, and the figures of the newest version in the workspace.

    After a failure these are the last success's, so that no curve breaks off. Every sample has the label `workspace`
    (absolute path). Raises DiskError.
    """
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

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
        for stage, taken in _table(version, "timings").items():
            gauge("discover_stage_duration_seconds", "Time of a stage in the last success.", taken, stage=stage)
        counts = _table(version, "counts")
        for name, (tells, key) in COUNTS.items():
            if key in counts:  # versions of older programs lack some
                gauge(name, tells, counts[key])
    with files.disk_errors(path):
        write_to_textfile(str(path), registry)


def _newest(workspace: Path) -> Iterator[store.StoredVersion]:
    """The newest version whose manifest can be read, if there is one."""
    for number in reversed(store.numbers(workspace)):
        try:
            yield store.open(workspace, number)
        except WorkspaceError:
            continue  # damage is told by the run and by `discover verify`
        return


def _table(version: store.StoredVersion, name: str) -> Mapping[str, Any]:
    return version.facts.get(name) or {}
