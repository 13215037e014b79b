"""What the engine answers: matches and why, comparisons, cards, the map, assignments, evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discover.core.types.base import Listing

if TYPE_CHECKING:
    import pandas as pd
    from scipy import sparse


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


@dataclass(frozen=True)
class Chip:
    """Something that a text was understood to ask for."""

    words: str  # as typed
    label: str  # "country: Denmark, Sweden"; "not genres: Documentaries"
    wanted: bool = True  # False: no answer has it


class Matches(Listing[Match]):
    """Answers, best first.

    `note` is a line for the reader, such as why there are none; `understood` is what the text was taken to ask for.
    """

    def __init__(self, matches: Iterable[Match] = (), note: str = "", understood: Sequence[Chip] = ()) -> None:
        super().__init__(matches)
        self.note = note
        self.understood = tuple(understood)

    def with_each(self, matches: Iterable[Match]) -> Matches:
        """Other matches with the same note and understanding."""
        return Matches(matches, self.note, self.understood)


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
    role: str = ""  # of a value: "genres", "people", "released" ...
    item: str = ""  # of a sentence: id of the item that says it


@dataclass(frozen=True)
class Difference:
    """What sets two items apart: something that only `item` has, or ("") what lies between them."""

    item: str
    role: str  # "genres", "people" ..., or "description" for the sentence that has least to do with the other
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
class Card:
    """An item as people see it in a list."""

    id: str
    title: str
    year: int | None  # of release
    released: str | None  # ISO 8601, as exactly as it is known: 1994, 1994-03, 1994-03-17
    added: str | None  # to the catalog
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
    """Where a theme's name goes on the map: at one of its items, where it stays from run to run (see `Place`)."""

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
