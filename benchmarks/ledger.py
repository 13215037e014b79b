"""Scripted catalogs with planted births, splits, mergers, deaths and returns: what the ledger tells of them.

python -m benchmarks.ledger [--scripts 30] [--seed 0] [--results FOLDER]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.table import WIDTH
from discover.core.settings import LedgerSettings, ThemeSettings
from discover.core.types import LIKELY_CONFIDENCE, Keys, Ledger
from discover.ledger.match import match_themes
from discover.themes.find import find_themes
from discover.themes.neighbours import build_graph

DIMENSION = 64
SPREAD = 0.08  # of the items around their theme's centre, along each dimension
NIGHTS = 6
TURNOVER = 0.08  # of each theme's items leave, and as many come, each night
LONERS = 0.1  # items that belong to no theme, for each that does
KEPT = 0.8  # of all items are in a resampled night
KINDS = ("born", "split", "merged", "dormant", "died", "returned")
INCLUDES = """{scripts} scripts of {nights} nights, {least:,} to {most:,} items, through build_graph, find_themes and
match_themes with default settings. Each night every planted theme loses and gains {turnover:.0%} of its items, and one
or two things happen to others. Told: with a confidence of at least {likely}. Told and planted agree where night, kind
and planted themes do. Resampled: nothing happens, each night has a random {kept:.0%} of the items; there all but
"continued" is wrong."""

Happening = tuple[str, frozenset[str]]  # kind, and the planted themes that it concerns


@dataclass
class World:
    """Planted themes and their items, as they are tonight."""

    random: np.random.Generator
    centres: dict[str, Any] = field(default_factory=dict)
    items: dict[int, tuple[str, Any]] = field(default_factory=dict)  # id -> planted theme ("" for none), vector
    gone: dict[str, list[int]] = field(default_factory=dict)  # themes that may return -> ids of their items
    made: int = 0

    def of(self, theme: str) -> list[int]:
        return [id for id, (planted, _) in self.items.items() if planted == theme]

    def around(self, theme: str) -> Any:
        vector = self.random.normal(size=DIMENSION) * SPREAD
        if theme:
            vector += self.centres[theme]
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def place(self, ids: Sequence[int], theme: str) -> None:
        """Items get new content: that of this theme."""
        self.items |= {id: (theme, self.around(theme)) for id in ids}

    def add(self, theme: str, count: int) -> None:
        self.place(range(self.made, self.made + count), theme)
        self.made += count

    def centre(self, theme: str) -> str:
        vector = self.random.normal(size=DIMENSION)
        self.centres[theme] = vector / np.linalg.norm(vector)
        return theme

    def new(self) -> str:
        return self.centre(f"p{len(self.centres)}")

    def turn_over(self) -> None:
        for theme in (*self.centres, ""):
            ids = self.of(theme)
            leaving = self.random.choice(ids, round(TURNOVER * len(ids)), replace=False) if ids else []
            self.items = {id: item for id, item in self.items.items() if id not in set(map(int, leaving))}
            self.add(theme, len(leaving))

    @classmethod
    def planted(cls, seed: int) -> World:
        world = cls(np.random.default_rng(seed))
        for _ in range(int(world.random.integers(6, 16))):
            world.add(world.new(), int(world.random.integers(30, 120)))
        world.add("", round(LONERS * world.made))
        return world


def happen(world: World) -> Iterator[Happening]:
    """One or two things, to different themes."""
    random = world.random
    alive = [theme for theme in world.centres if world.of(theme)]
    free = [str(theme) for theme in random.permutation(alive)]
    away = list(world.gone)
    ways = [way for way in KINDS if way != "returned" or away]
    if len(alive) < 5:
        ways = ["born"]
    for way in map(str, random.choice(ways, size=min(len(ways), int(random.integers(1, 3))), replace=False)):
        theme = free.pop()
        if way == "born":
            theme = world.new()
            world.add(theme, int(random.integers(30, 100)))
            yield way, frozenset([theme])
        elif way == "split":
            ids = world.of(theme)
            part = world.new()
            moving = random.choice(ids, round(random.uniform(0.3, 0.6) * len(ids)), replace=False)
            world.place([int(id) for id in moving], part)
            yield way, frozenset([theme, part])
        elif way == "merged":
            other = free.pop()
            world.place(world.of(other), theme)
            yield way, frozenset([theme, other])
        elif way == "returned":
            theme = str(random.choice(away))
            ids = world.gone.pop(theme)
            world.place(ids, theme)
            yield way, frozenset([theme])
        else:
            ids = world.of(theme)
            world.gone[theme] = ids
            if way == "dormant":  # its items go over to all others
                for id in ids:
                    world.place([id], str(random.choice(free)))
            else:
                world.items = {id: item for id, item in world.items.items() if id not in set(ids)}
            yield way, frozenset([theme])


@dataclass
class Teller:
    """Night after night through the real stages, with the planted theme that each id stands for."""

    ledger: Ledger = field(default_factory=Ledger)
    stands_for: dict[str, str] = field(default_factory=dict)

    def tell(self, items: dict[int, tuple[str, Any]]) -> Counter[Happening]:
        """What the ledger says of tonight, continued ones included."""
        ids = sorted(items)
        vectors = np.array([items[id][1] for id in ids])
        found = find_themes(build_graph(vectors, ThemeSettings()), ThemeSettings())
        digests = [
            [sha256(each).hexdigest()[:32] for each in column] for column in zip(*_known(ids, vectors), strict=True)
        ]
        keys = Keys(*(np.array(column, "S32") for column in digests))
        version = self.ledger.version + 1
        self.ledger, found = match_themes(self.ledger, found, keys, version, "", LedgerSettings())
        before, planted = dict(self.stands_for), [items[id][0] for id in ids]
        for level in found.levels:
            for number, id in enumerate(level.ids):
                held = Counter(planted[row] for row in np.flatnonzero(level.members == number))
                self.stands_for[id] = held.most_common(1)[0][0]
        told: Counter[Happening] = Counter()
        for event in self.ledger.events:
            if event.version == version and event.confidence >= LIKELY_CONFIDENCE:
                names = before if event.kind in ("merged", "dormant", "died") else self.stands_for
                concerned = frozenset(names.get(id, self.stands_for[id]) for id in (event.theme, *event.others))
                told[event.kind, concerned] += 1
        return told


def _known(ids: Sequence[int], vectors: Any) -> list[tuple[bytes, bytes]]:
    return [(vector.tobytes(), str(id).encode()) for id, vector in zip(ids, vectors, strict=True)]


def scripted(seed: int, verbose: bool) -> tuple[dict[str, Counter[str]], list[int]]:
    """By kind of event how many were planted, told, and both; and the sizes of the nights."""
    world, teller = World.planted(seed), Teller()
    teller.tell(world.items)
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    sizes = []
    for night in range(2, NIGHTS + 1):
        world.turn_over()
        planted = set(happen(world))
        told = {each for each in teller.tell(world.items) if each[0] != "continued"}
        sizes.append(len(world.items))
        for name, each in (("planted", planted), ("told", told), ("both", planted & told)):
            for kind, _ in each:
                counts[kind][name] += 1
        if verbose and planted != told:
            missed, wrong = (
                [(kind, *sorted(names)) for kind, names in each] for each in (planted - told, told - planted)
            )
            print(f"seed {seed} night {night}: missed {missed}, wrong {wrong}", file=sys.stderr)
    return counts, sizes


def resampled(seed: int) -> Counter[str]:
    """Events by kind when nothing happens."""
    world, teller = World.planted(seed), Teller()
    kinds: Counter[str] = Counter()
    for night in range(NIGHTS):
        kept = world.random.random(len(world.items)) < KEPT
        told = teller.tell({id: item for keep, (id, item) in zip(kept, world.items.items(), strict=True) if keep})
        if night:
            for (kind, _), count in told.items():
                kinds[kind] += count
    return kinds


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("--scripts", type=int, default=30, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the first script (%(default)s)")
    parser.add_argument(
        "--results", type=Path, default=Path("bench-results"), help="folder for the figures (%(default)s)"
    )
    parser.add_argument("--verbose", action="store_true", help="say what was missed or wrong")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.scripts)
    total: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    sizes: list[int] = []
    for seed in seeds:
        counts, nights = scripted(seed, given.verbose)
        sizes += nights
        for kind, each in counts.items():
            total[kind] += each
    calm = sum((resampled(1000 + seed) for seed in seeds), Counter())
    total["all"] = sum(total.values(), Counter())
    _show(total, calm, len(seeds), sizes)
    given.results.mkdir(parents=True, exist_ok=True)
    file = given.results / f"ledger-{time.strftime('%Y%m%d-%H%M%S')}.json"
    file.write_text(json.dumps({"seeds": list(seeds), "events": total, "resampled": calm}, indent=1))
    return 0


def _show(total: dict[str, Counter[str]], calm: Counter[str], scripts: int, sizes: Sequence[int]) -> None:
    table = Table("event", "planted", "told", "both", "precision", "recall", "goal", box=SIMPLE_HEAD, pad_edge=False)
    for kind, each in total.items():
        shares = [f"{each['both'] / each[of]:.3f}" if each[of] else "" for of in ("told", "planted")]
        goal = ">= .9 each" if kind == "all" else ""
        table.add_row(kind, *(str(each[name]) for name in ("planted", "told", "both")), *shares, goal)
    events = sum(calm.values())
    wrong = events - calm["continued"]
    table.add_section()
    told = ", ".join(f"{count} {kind}" for kind, count in calm.most_common())
    table.add_row("resampled", "0", str(wrong), "", f"{wrong / events:.3f} wrong", "", "<= .05")
    console = Console(width=WIDTH)
    console.print(table)
    includes = INCLUDES.format(
        scripts=scripts,
        nights=NIGHTS,
        least=min(sizes),
        most=max(sizes),
        turnover=TURNOVER,
        kept=KEPT,
        likely=LIKELY_CONFIDENCE,
    )
    console.print(Text(f"{' '.join(includes.split())}\nResampled nights: {told}."))


if __name__ == "__main__":
    sys.exit(main())
