"""What a run hands on: its results, the report with its claims, the version, the summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from discover.core.types.catalog import Catalog
from discover.core.types.embeddings import Embeddings
from discover.core.types.ledger import CatalogDiff, Edit, Ledger
from discover.core.types.themes import Graph, LabelQuality, Place, Theme, Themes, themes_by_id
from discover.core.types.trends import Alert, Trends


@dataclass(frozen=True)
class Pictures:
    """Pictures small enough to travel in a report: kept with the version, as files elsewhere come and go."""

    posters: Mapping[str, str] = field(default_factory=dict, repr=False)  # id -> data URI
    sheet: str = field(default="", repr=False)  # data URI of one picture of many still smaller ones, in a grid
    cells: tuple[str, ...] = field(default=(), repr=False)  # ids of the items in it, line by line


@dataclass(frozen=True)
class RunResults:
    """All that a run found, before it is written: what the report is drawn from."""

    created: str  # ISO 8601, UTC
    catalog: Catalog
    spaces: Mapping[str, Embeddings]  # space -> its vectors
    graph: Graph
    themes: Themes
    named: tuple[Theme, ...]  # every theme of every level, by level and falling size, `items` left empty
    settings: Mapping[str, Any]  # JSON-ready
    timings: Mapping[str, float]  # stage -> seconds
    warnings: tuple[str, ...]
    trends: Trends = field(default_factory=Trends)
    indexes: Mapping[str, Any] = field(default_factory=dict)  # space -> kind, parameters, why, what was measured
    ledger: Ledger = field(default_factory=Ledger)  # of what was found, before edits
    edits: tuple[Edit, ...] = ()  # that the themes were changed by
    label_quality: tuple[LabelQuality, ...] = ()  # by level
    diff: CatalogDiff | None = None  # None on the first run
    alerts: tuple[Alert, ...] = ()  # of this run and all before, oldest first
    places: Mapping[str, Place] = field(default_factory=dict)  # id of a theme -> its place
    pictures: Pictures = field(default_factory=Pictures)
    software: str = ""  # version of discover

    @property
    def number(self) -> int:
        """The version's number."""
        return self.ledger.version

    @cached_property
    def by_id(self) -> dict[str, Theme]:
        """The themes by id, each as it is at its broadest level."""
        return themes_by_id(self.named)

    @cached_property
    def labels(self) -> dict[str, str]:
        """By id: the label of every theme that there is or ever was."""
        past = {entry.id: entry.label for entry in self.ledger.entries}
        return past | {id: theme.label for id, theme in self.by_id.items()}


@dataclass(frozen=True)
class Claim:
    """A number that a report states, and all that is needed to doubt it."""

    name: str  # path in the report's facts: "summary.items", "themes.broad.T0001.share"
    value: Any  # a number, or a list of numbers for a series
    interval: tuple[float, float] | None  # 95 %
    evidence: tuple[str, ...]  # ids of items that it rests on, at most ten
    evidence_total: int  # how many there are
    how: str  # how to compute it again from the version's files


@dataclass(frozen=True)
class Report:
    """What the report of a run says. Every form of it is a function of this."""

    title: str
    version: int
    facts: Mapping[str, Any] = field(repr=False)  # report.json: title, created, source, version, sections, claims
    sections: Mapping[str, Mapping[str, Any]] = field(repr=False)  # facts by section, with the evidence for them
    assets: Mapping[str, Mapping[str, Any]] = field(repr=False)  # by section: what pages draw, but nobody reads


@dataclass(frozen=True)
class Mismatch:
    """What a report says otherwise than the version that it is of."""

    claim: str  # path in the facts, or the line of a file
    reported: str
    computed: str


@dataclass(frozen=True)
class Version:
    """One committed version, as `discover versions` lists it."""

    number: int
    created: str  # ISO 8601, UTC
    source: str
    items: int
    themes: int
    current: bool


@dataclass(frozen=True)
class RunSummary:
    """What a run did. `timings` are seconds by stage; `counts` numbers of items, rejects, themes, encoded."""

    version: int
    workspace: Path
    report: Path
    counts: Mapping[str, int]
    timings: Mapping[str, float]
    warnings: tuple[str, ...]
    mapping: Mapping[str, tuple[str, ...]]
    guessed: tuple[str, ...]  # roles of `mapping` that the content of a column was taken to show, not its name
    unused: tuple[str, ...]  # columns that nothing was taken from
    removed: tuple[int, ...] = ()  # old versions that went, as `[run] keep` wants
    undone: tuple[str, ...] = ()  # those of `warnings` that the report lacks: what could not be done after it was made

    def to_dict(self) -> dict[str, Any]:
        """The summary as JSON holds it."""
        return asdict(self) | {"workspace": str(self.workspace), "report": str(self.report)}
