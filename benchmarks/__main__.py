"""One table of what `discover` costs and how good it is, beside its peers, also written as JSON.

Parts: a embeddings to themes beside BERTopic; b texts beside sentence-transformers; c pictures beside open_clip;
d indexes beside usearch and hnswlib; e running an unchanged catalog again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from rich.console import Console

from benchmarks.inputs import Setup
from benchmarks.machine import machine
from benchmarks.measuring import Missing, isolated
from benchmarks.table import WIDTH, Part, show

PARTS = {"a": "themes", "b": "texts", "c": "pictures", "d": "indexes", "e": "rerun"}


def main() -> int:
    """0 when every part that could be measured here was; 1 when one broke or nothing was measured."""
    letters, setup = _chosen()
    content = {"started": time.strftime("%Y-%m-%d %H:%M:%S"), "machine": isolated(machine), "setup": vars(setup)}
    setup.results.mkdir(parents=True, exist_ok=True)
    file = setup.results / f"benchmarks-{time.strftime('%Y%m%d-%H%M%S')}.json"
    parts: dict[str, Part] = {}
    broken = False
    for letter in letters:
        _say(f"{letter}: {PARTS[letter]} ...")
        try:
            parts[letter] = isolated(import_module(f"benchmarks.{PARTS[letter]}").measured, setup)
        except Missing as missing:
            parts[letter] = Part(left_out=(str(missing),))
        except Exception as error:  # what was measured before took many minutes: it is shown all the same
            traceback.print_exc()
            broken, parts[letter] = True, Part(left_out=(f"it broke: {type(error).__name__}, see above",))
        for reason in parts[letter].left_out:
            _say(f"{letter}: left out: {reason}")
        made = {name: part.to_dict() for name, part in parts.items()}
        file.write_text(
            json.dumps(content | {"parts": made}, indent=1, default=str)
        )  # after each part: a stop loses one
    show(Console(width=None if sys.stdout.isatty() else WIDTH), parts, content["machine"])
    _say(f"with all details: {file}")
    return int(broken or not any(part.rows for part in parts.values()))


def _chosen() -> tuple[Sequence[str], Setup]:
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", type=_part, metavar="PART", help="a, b, c, d, e; default all")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of catalogs (%(default)s)")
    parser.add_argument("--results", type=Path, default=Path("bench-results"), help="folder of tables and vectors")
    parser.add_argument("--rounds", type=_count, default=3, help="how often each is measured (%(default)s)")
    parser.add_argument("--texts", type=_count, default=1500, help="texts to encode in b (%(default)s)")
    parser.add_argument("--pictures", type=_count, default=192, help="pictures to encode in c (%(default)s)")
    parser.add_argument("--rows", type=_count, default=100_000, help="rows of d's larger indexes (%(default)s)")
    given = vars(parser.parse_args())
    letters = given.pop("parts") or list(PARTS)
    return sorted(set(letters)), Setup(**given)


def _part(text: str) -> str:
    if text not in PARTS:
        raise argparse.ArgumentTypeError(f"no part {text!r}; the parts are {', '.join(PARTS)}")
    return text


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not 1 or more")
    return value


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
