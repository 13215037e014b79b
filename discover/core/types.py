"""The frozen objects that stages hand to each other, in the order in which a run makes them.

Conventions: n is the number of items; arrays are indexed by row (position in the catalog); -1 in an array of
theme numbers means outlier. Vectors are float32 and of unit length. Nothing here is edited after it is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from scipy import sparse

T = TypeVar("T")

OUTLIER = -1


class Listing(list[T]):
    """A list of frozen dataclasses that also comes as a table."""

    def to_pandas(self) -> pd.DataFrame:
        """One row an element, one column a field."""
        import pandas as pd

        return pd.DataFrame([plain(element) for element in self])


def plain(value: Any) -> Any:
    """The value as JSON would hold it: dataclasses to dicts, arrays to lists, paths and dates to text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value) if each.repr}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None  # JSON has no NaN
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


# --- catalog -----------------------------------------------------------------------------------------------

# What columns of a catalog are for, and what a cell of each holds, in the order of the catalog's table.
ROLES: Mapping[str, str] = {
    "id": "text",  # unique, never empty
    "title": "text",
    "description": "text",
    "genres": "texts",
    "keywords": "texts",
    "people": "texts",
    "country": "texts",
    "language": "text",
    "kind": "text",
    "date": "day",  # null where unknown
    "image": "path",  # or URL; null where there is none
    "audience": "number",  # null where unknown
}


@dataclass(frozen=True)
class Reject:
    """A row or value of the input that was not used as it stands.

    `line` counts lines of a text file from 1 (the header is line 1), rows of other sources from 1; None where
    unknown. `dropped` says whether the whole row is missing from the catalog or only the value of `column`;
    `item` is the id of an item that stays.
    """

    line: int | None
    column: str | None
    reason: str
    value: str
    dropped: bool
    item: str | None = None

    @property
    def general_reason(self) -> str:
        """The reason without its numbers: what is the same in "2 cells where the header has 3" on many lines."""
        return re.sub(r"\d+", "…", self.reason)


@dataclass(frozen=True)
class Catalog:
    """The items after reading and checking.

    `table` has one column for each of ROLES: "text" is string and "texts" list<string>, empty and never null where
    there is nothing; "day" is date32, "path" string and "number" float64, null where there is nothing. After them comes
    every column of the source that was not taken for one of these, as text under its own name.
    """

    table: pa.Table
    mapping: Mapping[str, tuple[str, ...]]  # role -> columns of the source
    source: str
    rows_read: int
    rejects: tuple[Reject, ...] = ()
    warnings: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()  # roles of `mapping` that the content of a column was taken to show, not its name
    unused: tuple[str, ...] = ()  # columns of the source that nothing was taken from
    lines: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)  # by row, as in `Reject`

    def line(self, row: int) -> int | None:
        """Where the source has a row of the catalog, as in `Reject`; None in a catalog that was stored."""
        return None if self.lines is None else int(self.lines[row])

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def ids(self) -> list[str]:
        """The id of each row."""
        return self.column("id")

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each id."""
        return {id: row for row, id in enumerate(self.ids)}

    @cached_property
    def titles(self) -> list[str]:
        """The title of each row; where the source has none, its id."""
        return self.column("title")

    def described(self, roles: Iterable[str]) -> str:
        """Roles with their columns, for messages: "title (Name), image (no column)"."""
        return ", ".join(f"{role} ({', '.join(self.mapping.get(role, ())) or 'no column'})" for role in roles)

    @cached_property
    def titled(self) -> dict[str, list[int]]:
        """The rows of each title."""
        return _places(self.titles)

    @cached_property
    def folded(self) -> dict[str, list[int]]:
        """The rows of each title in whatever case, by `str.casefold`."""
        return _places(title.casefold() for title in self.titles)

    def column(self, name: str) -> list[Any]:
        """One column as Python values, by row."""
        return self.table.column(name).to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types


def _places(values: Iterable[str]) -> dict[str, list[int]]:
    """Where each value is, ascending."""
    found: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        found.setdefault(value, []).append(place)
    return found


# --- embeddings --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EncoderIdentity:
    """What must be equal for two vectors to be comparable."""

    encoder: str  # plug-in's name
    model: str  # name or folder of the model
    digest: str  # SHA-256 of the weights
    dimension: int
    template: str  # how an item became text; "" for pictures
    precision: str  # arithmetic: "float32", "bfloat16", or "auto" before anything was encoded

    def differences(self, other: EncoderIdentity) -> list[str]:
        """Names of the fields in which two identities cannot be mixed; precision alone can (cosine >= .999)."""
        return [
            each.name
            for each in fields(self)
            if each.name != "precision" and getattr(self, each.name) != getattr(other, each.name)
        ]


@dataclass(frozen=True)
class Embeddings:
    """The vectors of one space: row i of `vectors` belongs to catalog row `rows[i]`."""

    space: str
    identity: EncoderIdentity
    vectors: NDArray[np.float32] = field(repr=False)  # (m, dimension), unit length
    rows: NDArray[np.int64] = field(repr=False)  # (m,), ascending; an item may be missing from a space
    contents: NDArray[np.bytes_] = field(repr=False)  # (m,), "S64": SHA-256 of what was encoded
    encoded: int = 0  # how many were encoded now; the rest was known


# --- themes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Graph:
    """Each item's nearest other items over the fused spaces, nearest first; duplicates of an item are collapsed.

    `unique` lists the first row of each content, in the order of their keys; neighbours are given for these only, as
    positions in `unique`.
    """

    unique: NDArray[np.int64] = field(repr=False)  # (u,)
    first: NDArray[np.int64] = field(repr=False)  # (n,), position in `unique` of each row's representative
    vectors: NDArray[np.float32] = field(repr=False)  # (u, d) fused unit vectors
    neighbours: NDArray[np.int64] = field(repr=False)  # (u, k)
    scores: NDArray[np.float32] = field(repr=False)  # (u, k), descending cosine
    recall: float  # of the neighbours against exact search; 1.0 when exact
    keys: NDArray[np.bytes_] = field(repr=False)  # (u,), digests of the vectors, ascending


@dataclass(frozen=True)
class Level:
    """One partition of the catalog, numbered 0..count-1 by falling size."""

    members: NDArray[np.int64] = field(repr=False)  # (n,), theme number or -1
    strengths: NDArray[np.float32] = field(
        repr=False
    )  # (n,), in [0, 1]; 0 for outliers, at most .5 for attached members
    parents: tuple[int, ...]  # by theme: number of its theme one level up; -1 at level 0 or where it has none
    stability: tuple[float, ...]  # by theme, in [0, 1]: how well it comes back from half of the items

    @property
    def count(self) -> int:
        """Number of themes."""
        return len(self.parents)

    def rows(self, *numbers: int) -> NDArray[np.int64]:
        """The rows of the items of a theme, or of several together, strongest first, ties by row."""
        rows = np.flatnonzero(np.isin(self.members, numbers))
        return rows[np.lexsort((rows, -self.strengths[rows]))]


@dataclass(frozen=True)
class Membership:
    """How the items belong to the themes of a level, by their neighbours."""

    attached: NDArray[np.bool_] = field(repr=False)  # (n,), members that the clustering itself left as outliers
    themes: NDArray[np.int64] = field(repr=False)  # (n, 3), the themes nearest to an item, best first; -1 for none
    affinities: NDArray[np.float32] = field(repr=False)  # (n, 3), share of its neighbours' similarity in each


@dataclass(frozen=True)
class Continuation:
    """How a night's themes went on from those of the night before; items are counted without their copies."""

    kept: int
    added: int
    removed: int
    changed: float  # share of the items that came or went since themes were last found anew
    moved: float  # median distance that kept items moved on the map, by the map's width


@dataclass(frozen=True)
class ClusterTendency:
    """How items compare with structureless clouds of the same shape; see `discover.themes.cluster_tendency`."""

    p: float  # chance that a cloud's neighbours are as close, the smaller of two measures, Bonferroni-corrected
    ratio: float  # neighbour distance by the cloud's, of that measure; below 1 is closer
    clustered: bool
    distance: float  # Euclidean, to an item's nearest in a cloud: what says nothing


@dataclass(frozen=True)
class Themes:
    """The catalog's themes as arrays: `levels[0]` is the broadest; no level at all means "no themes found"."""

    levels: tuple[Level, ...]
    map: NDArray[np.float32] = field(repr=False)  # (n, 2)
    layout: NDArray[np.float32] = field(repr=False)  # (u, c), the coordinates that were clustered, side by side
    reason: str  # why there are these themes, or none
    memberships: tuple[Membership, ...] = ()  # by level
    cuts: tuple[tuple[str, int], ...] = ()  # by level: HDBSCAN's way of selecting and the smallest theme's size
    continued: Continuation | None = None  # None where they were found anew
    tendency: ClusterTendency | None = None  # None in versions written before it was kept


@dataclass(frozen=True)
class Label:
    """Words for a set of items and what they rest on. `items` are the exemplars, and filled by `Engine.label`."""

    text: str
    keywords: tuple[str, ...]
    exemplars: tuple[int, ...] = field(repr=False)  # rows, closest to the core first
    note: str = ""  # why the labeller that is set did not find them, where it did not
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Keys:
    """What items are known by from one night to another, whatever their rows; hexadecimal digests, b"" for none."""

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
    away: int = 0  # nights since it was there; 0: it is there tonight
    died: bool = False
    label: str = ""
    keywords: tuple[str, ...] = ()  # that the label rested on when it was given
    names: tuple[str, ...] = ()  # labels that it had before, oldest first


@dataclass(frozen=True)
class Event:
    """What happened to a theme in one night."""

    version: int
    created: str  # ISO 8601, UTC: when the version was
    kind: str  # born, continued, split, merged, dormant, returned or died
    theme: str
    others: tuple[str, ...]  # of a split: the themes that broke off; of a merger: those that were absorbed
    confidence: float  # in [0, 1]; see `discover.ledger.match`


LIKELY = 0.5  # confidence from which an event is news


@dataclass(frozen=True)
class Edit:
    """What a strategist wants otherwise; see `discover.edits.apply`."""

    number: int  # in order of time, from 1
    made: str  # ISO 8601, UTC
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

    The i-th membership says that theme `entries[themes[i]]` had item `items[i]` of `keys`. All items of the last night
    are among the keys, outliers too. Where nothing is known, it is empty.
    """

    version: int = 0  # of the last night
    entries: tuple[Entry, ...] = ()  # in order of their ids
    events: tuple[Event, ...] = field(default=(), repr=False)  # oldest first
    ids: tuple[tuple[str, ...], ...] = ()  # by level and number of the last night's themes
    last: int = 0  # highest number of an id ever given
    keys: Keys = field(default_factory=Keys)
    themes: NDArray[np.int64] = field(repr=False, default_factory=lambda: np.empty(0, np.int64))
    items: NDArray[np.int64] = field(repr=False, default_factory=lambda: np.empty(0, np.int64))
    strengths: NDArray[np.float32] = field(repr=False, default_factory=lambda: np.empty(0, np.float32))

    def likely(self, confidence: float = LIKELY) -> tuple[Event, ...]:
        """The events of at least this confidence; that a theme came back is no surer than that it had gone."""
        gone: dict[str, float] = {}
        found = []
        for event in self.events:
            if event.kind in ("dormant", "died"):
                gone[event.theme] = event.confidence
            sure = min(event.confidence, gone.get(event.theme, 1.0)) if event.kind == "returned" else event.confidence
            found += [event] if sure >= confidence else []
        return tuple(found)


# --- what users hold ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """One term of a score, by what it rests on.

    `kind` is "word" or "value" (both sides have it), "sentence" (what the similarity of the texts loses without it),
    "together" (what no single sentence carries; below 0 where sentences of both items say the same, as each then
    carries the same similarity), "picture", or "cohort" (what unrelated items have in common, taken off).
    """

    space: str
    kind: str
    text: str
    amount: float  # the amounts of all evidence sum to the score
    role: str = ""  # of a value: "genres", "people", "date" ...
    item: str = ""  # of a sentence: id of the item that says it


@dataclass(frozen=True)
class Difference:
    """What sets two items apart: something that only `item` has, or ("") what lies between them."""

    item: str
    role: str  # "genres", "people", "date" ..., or "description" for the sentence that has least to do with the other
    text: str
    weight: float  # in [0, 1]: how much of the facts, or of the role, it makes up; 0 for sentences


@dataclass(frozen=True)
class Explanation:
    """Why `b` has this score for who asks for `a`; `titles` are theirs.

    `a` is "" where not one item was asked for but a text, or several; there are no differences then.
    """

    a: str
    b: str
    titles: tuple[str, str]
    score: float  # what `Engine.similar(a)` gives for b; NaN where no weighted space has both
    percentile: float  # share of unrelated pairs that score less, in [0, 1)
    parts: Mapping[str, float]  # space -> contribution; they sum to the score
    missing: tuple[str, ...]  # weighted spaces that say nothing here
    evidence: tuple[Evidence, ...]  # by falling amount; the amounts of a space sum to its part
    themes: Mapping[str, str]  # id -> label of the themes that both are in, broadest first
    differences: tuple[Difference, ...]  # largest weight first, sentences last
    why: str  # the most telling of it in a few words; "" where there are none


@dataclass(frozen=True)
class Trait:
    """What at least two items of a dossier share."""

    role: str  # "genres", "people" ..., "theme", or "word"
    text: str
    items: tuple[str, ...]  # ids, in the dossier's order


@dataclass(frozen=True)
class Profile:
    """One item of a dossier."""

    id: str
    title: str
    year: int | None
    themes: tuple[str, ...]  # labels, broadest first
    values: Mapping[str, tuple[str, ...]]  # role -> its values
    closeness: float  # mean score against the others; NaN where none can be compared
    apart: tuple[str, ...]  # values, or words, that it alone has among these
    image: str | None = None


@dataclass(frozen=True)
class Dossier:
    """Items side by side: what they share, how close each pair is and why, and what sets each apart."""

    source: str  # of the catalog
    version: int
    created: str  # ISO 8601, UTC: when the version was
    weights: Mapping[str, float]
    items: tuple[Profile, ...]  # in the order asked for
    traits: tuple[Trait, ...]  # shared by most first
    pairs: tuple[Explanation, ...]  # every pair, highest score first


@dataclass(frozen=True)
class Match:
    """One answer of a search; `score` is the sum of `parts` (space -> contribution).

    The score counts standard deviations above what unrelated items have: 0 is chance, 3 is rare.
    """

    id: str
    title: str
    score: float
    parts: Mapping[str, float]
    missing: tuple[str, ...] = ()  # weighted spaces that say nothing here, as query or item is not in them
    percentile: float = 0.0  # share of unrelated pairs of items that score less, in [0, 1)
    why: str = ""  # where asked for: the most telling words and values that query and item share
    explanation: Explanation | None = None  # where asked for


class Matches(Listing[Match]):
    """Answers, best first; `note` is a line for the reader, such as why there are none."""

    def __init__(self, matches: Iterable[Match] = (), note: str = "") -> None:
        super().__init__(matches)
        self.note = note


@dataclass(frozen=True)
class Neighbors:
    """The items most like each of m items, best first, at most k for each."""

    catalog: Sequence[str] = field(repr=False)  # (n,), all ids by row
    rows: NDArray[np.int64] = field(repr=False)  # (m,), which items
    nearest: NDArray[np.int64] = field(repr=False)  # (m, k), rows; -1 at the end of a line that has fewer than k
    scores: NDArray[np.float64] = field(repr=False)  # (m, k), falling; NaN there

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<Neighbors: {self.nearest.shape[1]} of {len(self):,} items>"

    @property
    def ids(self) -> list[str]:
        """(m,) the items."""
        return [self.catalog[row] for row in self.rows.tolist()]

    def to_numpy(self) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
        """Ids and scores of the neighbours, (m, k) each; None and NaN at the end of a line that has fewer than k.

        Ids are text, so there is no number that could say "none".
        """
        ids = np.array([*self.catalog, None], dtype=object)  # -1 is the last
        return ids[self.nearest], self.scores.copy()

    def to_pandas(self) -> pd.DataFrame:
        """One row a neighbour: item, neighbour (ids), rank (from 1), score."""
        import pandas as pd

        line, place = np.nonzero(self.nearest >= 0)
        ids = np.array(self.catalog, dtype=object)
        columns = {"item": ids[self.rows[line]], "neighbour": ids[self.nearest[line, place]]}
        return pd.DataFrame(columns | {"rank": place + 1, "score": self.scores[line, place]})

    def to_scipy(self) -> sparse.csr_matrix:
        """The scores as a sparse matrix (n, n), float32, in the order of the catalog: line i has the neighbours of
        item i, and none where item i was not asked for.

        Scores at or below 0, no more than chance, are left out: whoever reads such a matrix as a graph or sums up
        weights expects none below 0. The others are as they were. It need not be symmetric.
        """
        from scipy import sparse

        once = np.zeros(len(self), dtype=bool)  # an item may have been asked for twice
        once[np.unique(self.rows, return_index=True)[1]] = True
        line, place = np.nonzero((self.scores > 0) & once[:, None])
        scores = self.scores[line, place].astype(np.float32)
        shape = (len(self.catalog), len(self.catalog))
        matrix = sparse.csr_matrix((scores, (self.rows[line], self.nearest[line, place])), shape)
        matrix.sort_indices()
        return matrix


@dataclass(frozen=True)
class Figure:
    """One measured number: the mean over users and its 95 % interval, None where there is none."""

    recommender: str
    metric: str
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Evaluation:
    """How well recommendations met what was held out, beside popularity and chance; see `discover.engine.evaluate`."""

    figures: Listing[Figure]
    differences: Listing[Figure]  # to popularity, paired by user
    users: int
    held_out: int  # likes that were looked for
    too_few: int  # users with fewer than two likes, not among `users`
    k: int
    notes: tuple[str, ...]  # how the table was read, and what of it was not used


@dataclass(frozen=True)
class Item:
    """A member of a theme."""

    id: str
    title: str
    strength: float  # in [0, 1]
    attached: bool = False  # attached by its neighbours; the clustering itself left it an outlier


@dataclass(frozen=True)
class Theme:
    """A theme as people see it. `items` is filled by `Engine.theme`, strongest first, and empty in listings."""

    id: str
    label: str
    keywords: tuple[str, ...]
    exemplars: tuple[Item, ...]
    size: int
    attached: int  # members that are attached by their neighbours only, among `size`
    share: float  # of the catalog, in [0, 1]
    strength: float  # mean membership strength, in [0, 1]
    stability: float  # in [0, 1]: how well it comes back when only half of the items are there
    level: int
    parent: str | None
    children: tuple[str, ...]
    items: tuple[Item, ...] = ()
    note: str = ""  # why the labeller that is set did not find its label, where it did not


@dataclass(frozen=True)
class LabelQuality:
    """How well the keywords of a level's themes hold together and how little they repeat (`labels.coherence`)."""

    level: int
    themes: int
    measured: int  # themes with two keywords or more that are words of the catalog: those that `coherence` is of
    coherence: float | None  # in [-1, 1], 0 as chance has it; None where it cannot be measured
    diversity: float | None  # in [0, 1]: share of different words among all keywords; None where there are none


@dataclass(frozen=True)
class Assignment:
    """Where a new item belongs among the themes that there are."""

    id: str
    title: str
    theme: str | None  # id; None for an outlier
    label: str
    strength: float  # share of the similarity to its nearest items that lies in the theme, in [0, 1]; 0 for an outlier
    nearest: tuple[str, ...]  # ids of the items most like it


class Assignments(Listing[Assignment]):
    """Where new items belong, in their order; `warnings` say how they were read, and which rows were set aside."""

    def __init__(self, assignments: Iterable[Assignment] = (), warnings: Sequence[str] = ()) -> None:
        super().__init__(assignments)
        self.warnings = tuple(warnings)


@dataclass(frozen=True)
class Card:
    """An item as people see it in a list."""

    id: str
    title: str
    year: int | None
    date: str | None  # ISO 8601
    description: str
    genres: tuple[str, ...]
    countries: tuple[str, ...]
    people: tuple[str, ...]
    theme: str | None  # id of its broad theme; None for an outlier, and where that theme is hidden
    label: str  # the theme's
    image: str | None  # path or URL


@dataclass(frozen=True)
class Facets:
    """What items can be filtered by; values are counted in items, most frequent first."""

    years: tuple[int, int] | None  # first and last; None where no date is known
    genres: Mapping[str, int]
    countries: Mapping[str, int]


@dataclass(frozen=True)
class MapPoint:
    """Where an item lies on the map."""

    id: str
    x: float
    y: float
    theme: str | None  # id of its broad theme; None for an outlier


@dataclass(frozen=True)
class MapName:
    """Where a theme's name goes on the map: at one of its items, where it stays from night to night (see `Place`)."""

    id: str
    label: str
    x: float
    y: float
    size: int
    level: int


@dataclass(frozen=True)
class Atlas:
    """The map as arrays by row: where items lie, which theme of each level they are in, and when they came."""

    places: NDArray[np.float32] = field(repr=False)  # (n, 2), NaN where there is nothing to place an item by
    themes: tuple[NDArray[np.int64], ...] = field(repr=False)  # by level (n,): theme number; -1: outlier, or hidden
    names: tuple[tuple[tuple[str, str], ...], ...] = field(repr=False)  # by level and number: id and label
    days: NDArray[np.float64] = field(repr=False)  # (n,), since 1970-01-01; NaN where unknown


@dataclass(frozen=True)
class Trend:
    """How a theme's share of the catalog (measure "titles") or of its audience ("audience") moves.

    `status` is "new" (nothing before), "emerging" (a rise of a theme that had less than the median theme), "rising",
    "steady", "fading" or "dormant" (nothing any more). Only a change that survives the false-discovery control over
    all themes of the night and is as large as `[trends] least` is anything but steady; see `discover.trends.measure`.
    """

    theme: str  # id
    label: str
    level: int
    measure: str
    status: str
    lift: float  # recent share over past share, season apart, small themes drawn towards 1
    low: float  # 95 % interval of the lift before it was drawn in
    high: float
    p: float  # two-sided
    q: float  # p adjusted for all themes of the night (Benjamini and Hochberg 1995)
    periods: tuple[str, ...]  # names, oldest first: "2021-06", "2021-Q2", "2021", or the Monday a week begins with
    parts: tuple[str, ...]  # by period: "past", "recent", or "incomplete" (shown, never judged)
    amounts: tuple[float, ...]  # by period: titles, or audience
    shares: tuple[float, ...]  # by period: of the catalog's; NaN where the catalog has none
    carriers: tuple[str, ...]  # ids of the recent titles that carry it most, at most five

    @property
    def rises(self) -> bool:
        """Whether it is an alert: a rise beyond chance."""
        return self.status in RISES


RISES = ("new", "emerging", "rising")
STATUSES = (*RISES, "steady", "fading", "dormant")


@dataclass(frozen=True)
class WhiteSpace:
    """A theme's share of the audience against its share of the titles, among titles whose audience is known."""

    theme: str  # id
    label: str
    level: int
    titles: float  # share, in [0, 1]
    audience: float  # share, in [0, 1]
    ratio: float  # audience / titles: above 1 the theme is asked for more than it is offered
    low: float  # 95 % interval of the ratio, from a bootstrap over titles
    high: float


@dataclass(frozen=True)
class Trends:
    """A night's trends, of all levels and measures, and its white space; `why` says why there are none."""

    found: tuple[Trend, ...] = ()
    white_space: tuple[WhiteSpace, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()  # how dates and amounts were read, and what of them was not used

    @property
    def rising(self) -> set[str]:
        """The themes that rise beyond chance."""
        return {trend.theme for trend in self.found if trend.rises}


@dataclass(frozen=True)
class Change:
    """Why a theme's share moved between two nights: `titles` + `demand` + `clustering` = `after` - `before`."""

    theme: str
    before: float  # share of the catalog's weight, in [0, 1]
    after: float
    titles: float  # by items that came and went
    demand: float  # by other weights of items of both nights
    clustering: float  # by items of both nights that changed their theme
    measure: str = "titles"  # what the shares are of: titles or audience


@dataclass(frozen=True)
class Version:
    """One committed night, as `discover versions` lists it."""

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


@dataclass(frozen=True)
class Alert:
    """A rise that some night told and the night before had not, and what the latest night knows of it.

    `outcome` is "held" (over as many periods right after those that the alert saw, the theme's share is still `[trends]
    least` times its past one), "faded" (it is not), "open" (those periods are not over), or "lost" (the theme is not
    there any more). Shares are of the theme as it is in the latest night, in [0, 1]; NaN where they cannot be known.
    """

    version: int  # of the night that told it
    created: str  # ISO 8601, UTC: when that was
    trend: Trend  # as that night told it
    outcome: str = "open"
    past: float = float("nan")  # share over the periods that were its past
    recent: float = float("nan")  # over those that were recent
    after: float = float("nan")  # over as many after them


OUTCOMES = ("held", "faded", "open", "lost")


@dataclass(frozen=True)
class CatalogDiff:
    """What became of the items of the night before."""

    version: int  # of that night
    created: str  # ISO 8601, UTC
    items: int  # that it had
    gone: tuple[str, ...] = field(repr=False)  # ids, of then, of items that are not there any more
    places: NDArray[np.int64] = field(repr=False)  # (n,), row in that night of each item; -1 if it came since
    closeness: Mapping[str, NDArray[np.float32]] = field(repr=False)  # space -> (n,), cosine of an item's vector with
    # its vector of then; NaN where one is missing. Spaces whose encoder changed are not among them ...
    changed: tuple[str, ...] = ()  # ... but here


@dataclass(frozen=True)
class Place:
    """Where a theme's name stands on the map, and in which colour; both stay from night to night."""

    item: str  # id of the item at whose dot it is
    colour: int  # number in the palette


@dataclass(frozen=True)
class Pictures:
    """Pictures small enough to travel in a report: kept with the version, as files elsewhere come and go."""

    posters: Mapping[str, str] = field(default_factory=dict, repr=False)  # id -> data URI
    sheet: str = field(default="", repr=False)  # data URI of one picture of many still smaller ones, in a grid
    cells: tuple[str, ...] = field(default=(), repr=False)  # ids of the items in it, line by line


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
class Mismatch:
    """What a report says otherwise than the version that it is of."""

    claim: str  # path in the facts, or the line of a file
    said: str
    found: str


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
    trends: Trends = Trends()
    indexes: Mapping[str, Any] = field(default_factory=dict)  # space -> kind, parameters, why, what was measured
    ledger: Ledger = Ledger()  # of what was found, before edits
    edits: tuple[Edit, ...] = ()  # that the themes were changed by
    label_quality: tuple[LabelQuality, ...] = ()  # by level
    diff: CatalogDiff | None = None  # None on the first night
    alerts: tuple[Alert, ...] = ()  # of this night and all before, oldest first
    places: Mapping[str, Place] = field(default_factory=dict)  # id of a theme -> its place
    pictures: Pictures = Pictures()
    software: str = ""  # version of discover

    @property
    def number(self) -> int:
        """The version's number."""
        return self.ledger.version


@dataclass(frozen=True)
class Report:
    """A night's report as a page, and what `report.json` holds: facts by section, and claims."""

    html: str = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)
