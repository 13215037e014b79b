"""Ideas that no rule can check: answers of all systems, pooled for a judge who does not know whose they are.

`write` makes FILE for the judge: by idea the distinct answers of all systems, shuffled, with nothing that tells who
gave them. The judge sets `fits` to 2 (a fine answer), 1 (partly) or 0. FILE with the ending .key.json says which system
gave what in which order, and stays closed until then. `tables` scores: the mean of `fits` / 2 over a system's places.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.query_rules import Mismatch, Rows, load
from benchmarks.query_systems import OURS, Answers

IDEAS = Path(__file__).with_name("queries_ideas.toml")
PLACES = 5  # of each system's list
GRADES = (0, 1, 2)


def key_file(file: Path) -> Path:
    """Where the key of a judge's file lies."""
    return file.with_suffix(".key.json")


def write(file: Path, systems_for: Callable[[str], tuple[Rows, Mapping[str, Answers]]]) -> None:
    """The judge's file and its key."""
    ideas = load(IDEAS)
    pools, keys = [], []
    random = np.random.default_rng()  # a fixed seed would let the judge's order be worked out
    for name in dict.fromkeys(idea.catalog for idea in ideas):
        rows, systems = systems_for(name)
        described = {field: rows.texts(sql) for field, sql in _shown(rows).items()}
        for idea in (idea for idea in ideas if idea.catalog == name):
            lists = {system: list(search(idea.text, PLACES)) for system, search in systems.items()}
            answers = pooled(lists, random)
            keys.append({"idea": idea.text, "lists": numbered(lists, answers)})
            entries = [{field: texts[row] for field, texts in described.items()} for row in answers]
            pools.append({"idea": idea.text, "answers": [entry | {"fits": None} for entry in entries]})
    file.write_text(json.dumps(pools, indent=1, ensure_ascii=False))
    key_file(file).write_text(json.dumps(keys, indent=1))


def pooled(lists: Mapping[str, Sequence[int]], random: np.random.Generator) -> list[int]:
    """The distinct rows of all lists in an order that says nothing of whose they are."""
    rows = sorted({row for answers in lists.values() for row in answers})
    return [rows[position] for position in random.permutation(len(rows))]


def numbered(lists: Mapping[str, Sequence[int]], answers: Sequence[int]) -> dict[str, list[int]]:
    """By system the positions of its answers in the judge's list."""
    position = {row: number for number, row in enumerate(answers)}
    return {system: [position[row] for row in rows] for system, rows in lists.items()}


def scores(file: Path) -> dict[str, dict[str, float]]:
    """By idea and system, in [0, 1]: a place that a system left empty has 0.

    Raises Mismatch where a judgement is missing or no grade, or the key is that of another file.
    """
    pools, keys = json.loads(file.read_text()), json.loads(key_file(file).read_text())
    if [pool["idea"] for pool in pools] != [key["idea"] for key in keys]:
        raise Mismatch(f"{key_file(file)}: it is the key of another file. Put its own beside {file.name}")
    grades = [[answer["fits"] for answer in pool["answers"]] for pool in pools]
    if open_ones := sum(grade not in GRADES for pool in grades for grade in pool):
        raise Mismatch(f"{file}: answers without a judgement: {open_ones}. Set fits to 2, 1 or 0")
    return {
        key["idea"]: {
            system: sum(pool[number] for number in numbers) / max(GRADES) / PLACES
            for system, numbers in key["lists"].items()
        }
        for key, pool in zip(keys, grades, strict=True)
    }


def best_or_equal(by_idea: Mapping[str, Mapping[str, float]], system: str) -> int:
    """In how many ideas no other system is better."""
    return sum(own[system] >= max(own.values()) for own in by_idea.values())


def tables(file: Path) -> list[Table]:
    """Every idea, and in how many each system is best or equal. Raises Mismatch as `scores` does."""
    by_idea = scores(file)
    names = list(next(iter(by_idea.values())))
    shown = Table("idea", *names, box=SIMPLE_HEAD)
    for idea, own in by_idea.items():
        shown.add_row(idea, *(f"{own[name]:.1f}" for name in names))
    means = Table(f"{len(by_idea)} ideas", "mean", "best or equal", box=SIMPLE_HEAD)
    for name in [OURS, *(name for name in names if name != OURS)]:
        mean = np.mean([own[name] for own in by_idea.values()])
        means.add_row(name, f"{mean:.2f}", str(best_or_equal(by_idea, name)))
    return [shown, means]


def _shown(rows: Rows) -> dict[str, Any]:
    return {"title": "title", "facts": rows.source.facts, "text": rows.source.text}
