"""`discover run` again and again in forked children, which find everything imported: `runner.py WORKSPACE`.

For each line [CATALOG, AT, SECONDS] (JSON) on standard input a child runs the command on the catalog. It is killed at
its AT-th change to the workspace (0: at none), or by SIGKILL after so many seconds (null: not at all). How it ended is
one line: its exit code, -9 for a kill.

Nothing but importing happens before the fork: no thread is there that a child would miss.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import select
import signal
import sys

from discover import cli
from discover.core import plugins
from discover.embeddings import encoders
from discover.labels import labellers as labels
from discover.nightly import pipeline
from discover.report import sections
from discover.themes import layouts

LATER = ("hdbscan", "numba", "PIL.Image", "pyarrow.parquet", "scipy.sparse", "sklearn.feature_extraction.text")
PATIENCE = 300  # seconds, after which a child that hangs ends itself


def run(workspace: str, catalog: str, at: int) -> int:
    """The command, in a child. Its output goes nowhere."""
    signal.alarm(PATIENCE)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    ctypes.CDLL(None).fault_arm(at, 0, 0)
    return cli.main(["run", catalog, "-w", workspace, "--json"])


def serve(workspace: str) -> None:
    """A child for each line of standard input."""
    for line in sys.stdin:
        catalog, at, seconds = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(run(workspace, catalog, at))
        select.select([os.pidfd_open(child)], [], [], seconds)  # it has ended, or its time is up
        os.kill(child, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    for folder in (encoders, labels, layouts, sections):
        for name in plugins.names(folder):
            importlib.import_module(f"{folder.__name__}.{name}")
    for name in (pipeline.__name__, *LATER):
        importlib.import_module(name)
    serve(sys.argv[1])
