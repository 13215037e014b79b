"""The one table: what was measured, ours, the peer's, the ratio, the goal, met or missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from benchmarks.measuring import Timed, seconds

WIDTH = 100


@dataclass(frozen=True)
class Figure:
    """A measured value with its unit ("s", "MB", "/s", or "" for counts and shares) and whose or what it is."""

    value: float
    unit: str = ""
    who: str = ""
    recall: float | None = None

    def __str__(self) -> str:
        if self.unit == "MB" or isinstance(self.value, int) or self.value >= 100:
            number = f"{self.value:,.0f}"
        else:
            number = f"{self.value:.3f}" if not self.unit else f"{self.value:.3g}"
        amount = number + (self.unit if self.unit.startswith("/") else f" {self.unit}".rstrip())
        at = "" if self.recall is None else f"@{self.recall:.3f}".replace("@0.", "@.")
        return " ".join(part for part in (self.who, amount, at) if part)


@dataclass(frozen=True)
class Goal:
    """What the ratio, or our figure where there is no ratio, should be; `unless` says why it is not asked here."""

    sign: Literal[">=", "<="]
    limit: float
    unless: str = ""

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}"

    def verdict(self, value: float) -> str:
        """ "met" or "missed", or why neither."""
        if self.unless:
            return self.unless
        return "met" if (value >= self.limit if self.sign == ">=" else value <= self.limit) else "missed"


@dataclass(frozen=True)
class Row:
    """One measurement. `details` go to the JSON file only."""

    what: str
    ours: Figure
    peer: Figure | None = None
    ratio: float | None = None
    goal: Goal | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Of the goal, "" without one."""
        return self.goal.verdict(self.ours.value if self.ratio is None else self.ratio) if self.goal else ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**vars(self), "details": dict(self.details), "verdict": self.verdict} | {
            name: vars(value) for name in ("ours", "peer", "goal") if (value := getattr(self, name)) is not None
        }


def throughput(what: str, count: int, runs: Mapping[str, Sequence[Timed]], peer: str, goal: Goal) -> Row:
    """How many of `count` inputs a second "ours" and "peer" of the runs worked through."""
    wall = {name: seconds(rounds) for name, rounds in runs.items()}
    return Row(
        what,
        Figure(count / wall["ours"], "/s"),
        Figure(count / wall["peer"], "/s", peer),
        wall["peer"] / wall["ours"],
        goal,
        {name: [run.seconds for run in rounds] for name, rounds in runs.items()},
    )


@dataclass(frozen=True)
class Part:
    """One part's rows, what its times include, and what could not be measured."""

    includes: str = ""
    rows: tuple[Row, ...] = ()
    left_out: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return vars(self) | {"rows": [row.to_dict() for row in self.rows]}


def show(console: Console, parts: Mapping[str, Part], machine: Mapping[str, str]) -> None:
    """Print the table with what its figures include, no wider than WIDTH."""
    console.print(Group(_table(parts), *_notes(parts, machine)), width=min(WIDTH, console.width))


def _table(parts: Mapping[str, Part]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    table.add_column("")
    table.add_column("what", ratio=1, overflow="fold")
    for name, justify in (("ours", "right"), ("peer", "right"), ("ratio", "right"), ("goal", "right"), ("", "left")):
        table.add_column(name, justify=justify, no_wrap=True)
    for letter, part in parts.items():
        table.add_section()
        shown = ("", "")  # what and ours are not repeated where a row only adds another peer
        for row in part.rows:
            own = (row.what, str(row.ours))
            first = ("", "") if own == shown else own
            ratio = "" if row.ratio is None else f"{row.ratio:,.2f}x"
            cells = (*first, str(row.peer or ""), ratio, str(row.goal or ""))
            table.add_row(letter, *map(Text, cells), Text(row.verdict, _STYLES.get(row.verdict, "")))
            shown = own
        for reason in part.left_out:
            table.add_row(letter, Text(f"left out: {reason}"))
    return table


_STYLES = {"met": "green", "missed": "bold red"}


def _notes(parts: Mapping[str, Part], machine: Mapping[str, str]) -> Iterator[Text]:
    yield Text(
        "Ratio: times faster than the peer; for memory, ours as a share of the peer's. @: recall@10. "
        "Medians of rounds in which all take turns, unless said otherwise.\n"
    )
    for letter, part in parts.items():
        if part.includes:
            yield Text(f"{letter}: {' '.join(part.includes.split())}\n")
    for name, value in machine.items():
        yield Text(f"{name}: {value}")
