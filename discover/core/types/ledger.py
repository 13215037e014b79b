"""Themes over time: their permanent records, events, edits, and what became of the items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from discover.core.words import listed

LIKELY_CONFIDENCE = 0.5  # confidence from which an event is news


@dataclass(frozen=True)
class EventWords:
    """What an event is called: in a list, in a history, in the sentence "Of the themes, A and B are new."."""

    label: str
    past: str  # in a history, before the other themes: "absorbed", and then their names
    one: str  # after one theme
    several: str
    sentence: str  # after the theme's name; {others} are the names of the other themes

    def describe(self, others: Sequence[str] = ()) -> str:
        """The sentence about an event with these other themes."""
        own = "a theme of its own" if len(others) == 1 else "themes of their own"
        return self.sentence.format(others=listed(others), own=own)


EVENT_WORDS: Mapping[str, EventWords] = {  # in the order in which a report lists them
    "born": EventWords("New", "appeared", "is new", "are new", "was not in the last run."),
    "continued": EventWords("Continued", "continued", "continued", "continued", "continues from the last run."),
    "split": EventWords("Split", "split off", "split", "split", "lost {others}, now {own}."),
    "merged": EventWords("Merged", "absorbed", "absorbed others", "absorbed others", "absorbed {others}."),
    "returned": EventWords("Returned", "came back", "is back", "are back", "is back."),
    "dormant": EventWords(
        "Dormant", "became dormant", "is dormant", "are dormant",
        "was not found in this run. Its items are spread over other themes.",
    ),
    "died": EventWords(
        "Died", "died", "is gone", "are gone",
        "will not return. Its items left the catalog, or it was dormant for too long.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Keys:
    """What items are known by from one run to another, whatever their rows; hexadecimal digests, b"" for none."""

    contents: NDArray[np.bytes_] = field(repr=False, default_factory=lambda: np.empty(0, "S32"))  # of what was encoded
    names: NDArray[np.bytes_] = field(repr=False, default_factory=lambda: np.empty(0, "S32"))  # of id and title

    def __len__(self) -> int:
        return len(self.contents)


@dataclass(frozen=True)
class Entry:
    """A theme's permanent record."""

    id: str  # T0001, T0002, ...: never given twice
    born: int  # version
    seen: int = 0  # last version in which it was there; level, deepest and stability are of then
    level: int = 0  # the broadest that it is at
    deepest: int | None = None  # the finest that it is at, before it falls apart; None where it does not
    stability: float = 0.0  # in [0, 1]
    away: int = 0  # runs since it was there; 0: it is there now
    died: bool = False
    label: str = ""
    keywords: tuple[str, ...] = ()  # that the label rested on when it was given
    names: tuple[str, ...] = ()  # labels that it had before, oldest first


@dataclass(frozen=True)
class Event:
    """What happened to a theme in one run."""

    version: int
    created: str  # ISO 8601, UTC: when the version was
    kind: str  # born, continued, split, merged, dormant, returned or died
    theme: str
    others: tuple[str, ...]  # of a split: the themes that broke off; of a merger: those that were absorbed
    confidence: float  # in [0, 1]; see `discover.ledger.match`


@dataclass(frozen=True)
class Edit:
    """What a strategist wants otherwise; see `discover.edits.apply`."""

    number: int  # in order of time, from 1
    created: str  # ISO 8601, UTC
    kind: str  # rename, pin, merge, split, together, apart, hide or undo
    themes: tuple[str, ...] = ()  # that it names; of a split, the theme and then the ids of its other parts
    items: tuple[tuple[str, ...], ...] = ()  # ids, in groups
    keys: tuple[
        tuple[tuple[str, str], ...], ...
    ] = ()  # the same items, or a pinned theme's: content and name as in Keys
    text: str = ""  # of a rename: the new label
    undoes: int | None = None  # number of the edit
    before: Mapping[str, float] = field(default_factory=dict)  # stability of the themes that it changed, in [0, 1]
    after: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Ledger:
    """All themes that there ever were, what happened to them, and the last members of each that may come back.

    The i-th membership says that theme `entries[themes[i]]` had item `items[i]` of `keys`. All items of the last run
    are among the keys, outliers too. Where nothing is known, it is empty.
    """

    version: int = 0  # of the last run
    entries: tuple[Entry, ...] = ()  # in order of their ids
    events: tuple[Event, ...] = field(default=(), repr=False)  # oldest first
    last: int = 0  # highest number of an id ever given
    keys: Keys = field(default_factory=Keys)
    themes: NDArray[np.int64] = field(repr=False, default_factory=lambda: np.empty(0, np.int64))
    items: NDArray[np.int64] = field(repr=False, default_factory=lambda: np.empty(0, np.int64))
    strengths: NDArray[np.float32] = field(repr=False, default_factory=lambda: np.empty(0, np.float32))

    def likely(self, confidence: float = LIKELY_CONFIDENCE) -> tuple[Event, ...]:
        """The events of at least this confidence; that a theme came back is no surer than that it had gone."""
        gone: dict[str, float] = {}
        events = []
        for event in self.events:
            if event.kind in ("dormant", "died"):
                gone[event.theme] = event.confidence
            sure = min(event.confidence, gone.get(event.theme, 1.0)) if event.kind == "returned" else event.confidence
            events += [event] if sure >= confidence else []
        return tuple(events)


@dataclass(frozen=True)
class CatalogDiff:
    """What became of the items of the last run."""

    version: int  # of that run
    created: str  # ISO 8601, UTC
    items: int  # that it had
    gone: tuple[str, ...] = field(repr=False)  # ids, of then, of items that are not there any more
    places: NDArray[np.int64] = field(repr=False)  # (n,), row in that run of each item; -1 if it came since
    closeness: Mapping[str, NDArray[np.float32]] = field(repr=False)  # space -> (n,), cosine of an item's vector with
    # its vector of then; NaN where one is missing. Spaces whose encoder changed are not among them ...
    changed: tuple[str, ...] = ()  # ... but here
