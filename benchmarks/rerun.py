"""(e) A second `discover run` of an unchanged catalog: what is encoded, and how long it takes."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.inputs import Setup
from benchmarks.measuring import interleaved, module, seconds
from benchmarks.table import Figure, Goal, Part, Row

INCLUDES = """`discover run` again on {source}, unchanged: the whole command, from process start to committed version.
The first run, which encodes, is a single measurement; rounds after it: {rounds}."""


def measured(setup: Setup) -> Part:
    """The first run beside those after it."""
    source = setup.catalog_or_sample("netflix_2021-09.csv")
    with tempfile.TemporaryDirectory() as folder:
        again = partial(module, "discover", "run", str(source), "--workspace", str(Path(folder) / "ws"), "--json")
        (first,) = interleaved({"first": again}, 1)["first"]
        later = interleaved({"later": again}, setup.rounds)["later"]
    before, *after = (json.loads(run.outcome) for run in (first, *later))
    encoded = max(summary["counts"]["encoded"] for summary in after)
    stages = {"first": before["timings"], "later": [summary["timings"] for summary in after]}
    wall = seconds(later)
    rows = (
        Row(
            "second run",
            Figure(wall, "s"),
            Figure(first.seconds, "s", "first run"),
            first.seconds / wall,
            details={"stages": stages, "later": [run.seconds for run in later]},
        ),
        Row(
            "items encoded by it",
            Figure(encoded),
            Figure(before["counts"]["encoded"], who="first run"),
            goal=Goal("<=", 0),
        ),
    )
    return Part(INCLUDES.format(source=source.name, rounds=setup.rounds), rows)
