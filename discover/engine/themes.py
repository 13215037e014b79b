"""The themes of an opened version: their items, labels, history and trends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import UnknownThemeError, UsageError
from discover.core.ids import ItemKey
from discover.core.types import (
    LIKELY_CONFIDENCE,
    Alert,
    Assignments,
    Catalog,
    Change,
    Continuation,
    Edit,
    Entry,
    Event,
    Item,
    Label,
    LabelQuality,
    Level,
    Listing,
    Theme,
    Trend,
    Trends,
    WhiteSpace,
)
from discover.engine import arguments
from discover.engine.items import ItemReader
from discover.engine.view import EditedView
from discover.labels.name import build_senses, label
from discover.ledger import hidden
from discover.search import fusion, lookup
from discover.store import versions
from discover.store.load import StoredRun


class ThemeReader(ItemReader):
    """What a version holds of its themes, beside its items."""

    @property
    def levels(self) -> int:
        """How many levels of themes there are: 0 where none were found, 1 where no theme falls apart."""
        return len(self._run.themes.levels)

    def themes(self, level: int = 0) -> Listing[Theme]:
        """The themes of a level, largest first; level 0 is the broadest. An empty list when none were found.

        Raises UsageError for a level that there is not.
        """
        return self._view.themes(level)

    def theme(self, id: str) -> Theme:
        """A theme with all its items, strongest first. Raises UnknownThemeError."""
        if theme := self._view.by_id.get(id):
            return replace(theme, items=self._view.items_of(theme))
        gone = self.entry(id)
        if id in self._view.into:
            into = f"was merged into {self._view.into[id]} by an edit. `discover edit list` shows it"
            raise UnknownThemeError(f"theme {id} {gone.label!r} {into}")
        state = "died" if gone.died else "is dormant"
        raise UnknownThemeError(
            f"theme {id} {gone.label!r} {state} and was last in version {gone.seen}. "
            f"`discover theme {id} --history` shows its history"
        )

    @property
    def named(self) -> tuple[Theme, ...]:
        """The themes of all levels, broadest level first, each in the order of its numbers in `partition`."""
        return self._run.named

    @property
    def partition(self) -> tuple[Level, ...]:
        """The levels of themes as arrays by row."""
        return self._run.themes.levels

    @property
    def why(self) -> str:
        """Why there are these themes, or none."""
        return self._run.themes.reason

    @property
    def continued(self) -> Continuation | None:
        """How the themes went on from those of the last run; None where they were found anew."""
        return self._run.themes.continued

    @property
    def label_quality(self) -> Listing[LabelQuality]:
        """Coherence and diversity of the themes' keywords, by level."""
        return Listing(self._run.label_quality)

    @property
    def edits(self) -> Listing[Edit]:
        """All edits that this engine shows or knows to be pending, oldest first, undone ones and undos too."""
        return self._view.log

    @property
    def pending(self) -> Listing[Edit]:
        """The edits since this version, which its report does not have."""
        return Listing(self._view.pending)

    def labels(self, ids: Iterable[str]) -> dict[str, str]:
        """The labels of themes, as people named them, also of those that are gone; of unknown ids none."""
        past = {entry.id: entry.label for entry in self.entries}
        return {id: self._view.label(id) or past[id] for id in ids if id in past or id in self._view.by_id}

    def history(self, id: str) -> Listing[Event]:
        """What happened to a theme, run by run, also where it broke off from another or was absorbed.

        Raises UnknownThemeError for an id that no theme ever had.
        """
        self.entry(id)
        events = hidden.drop_events(self._run.ledger.events, self._view.hidden - {id})
        return Listing(event for event in events if id in (event.theme, *event.others))

    def events(self, since: int | None = None, confidence: float = LIKELY_CONFIDENCE) -> Listing[Event]:
        """What happened to themes in the run of this version, or in all runs from version `since` on.

        Events below this confidence (in [0, 1]) are left out, and returns of themes that were less sure to have gone;
        0 lists all.
        """
        first = self.version.number if since is None else since
        events = hidden.drop_events(self._run.ledger.likely(confidence), self._view.hidden)
        return Listing(event for event in events if event.version >= first)

    def entry(self, id: str) -> Entry:
        """The permanent record of a theme, also of one that is gone. Raises UnknownThemeError."""
        for entry in self._run.ledger.entries:
            if entry.id == id:
                return entry
        raise UnknownThemeError(f"no theme {id!r} in version {self.version.number}. `discover themes` lists them")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The permanent records of all themes that there ever were."""
        return self._run.ledger.entries

    def assign(self, rows: Any, level: int = 0, allow_rejects: bool = False, pictures: bool = True) -> Assignments:
        """Where new items belong among the themes of a level, without a run: a theme for each, or none.

        `rows` is whatever `discover.run` reads, with columns that mean what they mean there; its `warnings`
        say which rows were set aside, and more than half are an error unless `allow_rejects`. Without `pictures`
        no picture of the rows is looked for. An item is given the
        theme that most of the similarity to its nearest items lies in, unless it is farther from these than members
        are. Raises InputError, UsageError (also for themes found in several spaces at once), ModelError.
        """
        from discover.engine import assign

        return assign.assign(self._models, self._view, rows, level, allow_rejects, pictures)

    def label(self, ids: str | Iterable[ItemKey] = (), texts: Sequence[str] = ()) -> Label:
        """Words for any set of items (ids or exact titles), or of texts, against the rest, as a theme gets them.

        Give items or texts; of texts there are no exemplars. Raises UnknownItemError, UsageError; ModelError where the
        labeller that is set needs a model that is not here.
        """
        if texts:
            return self._label_texts([arguments.check_text(text) for text in texts], ids)
        rows = lookup.find_rows(self.catalog, arguments.check_labelled(ids))
        label = self._labelled(self.catalog, rows)
        items = tuple(Item(self.catalog.ids[row], self.catalog.titles[row], 1.0) for row in label.exemplars)
        return replace(label, items=items)

    def _label_texts(self, texts: Sequence[str], ids: str | Iterable[ItemKey]) -> Label:
        """As items that are nothing but a description, beside the catalog's."""
        from discover.catalog import reader

        if not isinstance(ids, str) and not tuple(ids):
            return replace(self._labelled(*reader.with_texts(self.catalog, texts)), exemplars=())
        raise UsageError("label: give items or texts, not both")

    def _labelled(self, catalog: Catalog, rows: NDArray[np.int64]) -> Label:
        weights = fusion.theme_weights(self.settings.themes, self.catalog, self.spaces)
        vectors = fusion.fuse(self.spaces, weights, len(catalog))
        senses = build_senses(self.spaces, self._models.encoder)
        return label(catalog, rows, vectors, self.settings.labels, senses)

    def trends(self, emerging: bool = False, level: int = 0) -> Listing[Trend]:
        """How the themes of a level move, by titles and by audience: most significant first; `emerging` lists rises.

        Where there are none, `trend_results.why` says why. Raises UsageError for a level that there is not.
        """
        trends = self._view.relabel(self.trend_results.trends, level)
        return Listing(sorted((trend for trend in trends if trend.rises or not emerging), key=lambda t: (t.q, t.p)))

    def white_space(self, level: int = 0) -> Listing[WhiteSpace]:
        """The themes of a level by their share of the audience over their share of the titles, highest first.

        Empty where no audience is known. Raises UsageError for a level that there is not.
        """
        return Listing(self._view.relabel(self.trend_results.white_space, level))

    def changes(self, since: int | None = None) -> Listing[Change]:
        """Why the broad themes' shares are other than in the version before, or in version `since`.

        How much of it is new titles, demand (where both catalogs have an audience) and re-clustering; the parts sum to
        the change. Items are the same by their content, then by id and title. Raises UsageError where there is no
        earlier version, WorkspaceError.
        """
        from discover.engine import changes

        earlier = [number for number in versions.numbers(self.version.workspace) if number < self.version.number]
        if not earlier or (since is not None and since not in earlier):
            wanted = "no earlier version" if since is None else f"no version {since} before this one"
            raise UsageError(f"{wanted} to compare version {self.version.number} with. `discover versions` lists them")
        before = versions.open(self.version.workspace, max(earlier) if since is None else since)
        return Listing(changes.between(EditedView(StoredRun(before)), self._view))

    @property
    def trend_results(self) -> Trends:
        """The trends and white space of all levels, why there are none, and notes on what they rest on."""
        return self._run.trends

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts of this run and all before it, oldest first, with what came of them."""
        return hidden.drop_alerts(self._run.alerts, self._view.hidden)
