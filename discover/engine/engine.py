"""The read side: an opened version, and the questions that can be asked of it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import UnknownThemeError, UsageError
from discover.core.ids import ItemKey
from discover.core.settings import DEFAULT_WORKSPACE, Settings
from discover.core.types import (
    LIKELY,
    Alert,
    Assignments,
    Atlas,
    Card,
    Catalog,
    Change,
    Continuation,
    Dossier,
    Edit,
    Embeddings,
    Entry,
    Evaluation,
    Event,
    Explanation,
    Facets,
    Item,
    Label,
    LabelQuality,
    Level,
    Listing,
    MapName,
    MapPoint,
    Matches,
    Neighbors,
    Theme,
    Trend,
    Trends,
    WhiteSpace,
)
from discover.core.types.options import (
    NeighborKeywords,
    NeighborOptions,
    QueryKeywords,
    QueryOptions,
    RecommendKeywords,
    RecommendOptions,
    SearchKeywords,
    SearchOptions,
    takes,
)
from discover.core.words import shorten
from discover.embeddings.embed import Progress
from discover.engine import arguments, display
from discover.engine.models import Models
from discover.engine.searcher import Searcher
from discover.engine.view import EditedView
from discover.labels import name as labelling
from discover.ledger import hidden
from discover.search import compare, fusion, lookup, rank
from discover.search.rank import Query, QueryTerm
from discover.store import versions
from discover.store.load import StoredRun

if TYPE_CHECKING:
    import pyarrow as pa

ItemWeights = ItemKey | Sequence[ItemKey] | Mapping[ItemKey, float]  # items by id or title, with how much each counts


def open(workspace: str | Path = DEFAULT_WORKSPACE, version: int | None = None) -> Engine:
    """The workspace's current version, or the one with this number. Raises WorkspaceError."""
    return Engine(versions.open(workspace, version))


class Engine:
    """One immutable version. Parts are read, checked against their SHA-256 and kept when first asked for."""

    def __init__(self, version: versions.StoredVersion) -> None:
        self.version = version
        self._run = StoredRun(version)
        self._take(Models(self._run), EditedView(self._run))

    def _take(self, models: Models, view: EditedView) -> None:
        self._models, self._view = models, view
        self._searcher = Searcher(self._run, models, view)

    def __repr__(self) -> str:
        return f"Engine({str(self.version.workspace)!r}, version={self.version.number})"

    @property
    def catalog(self) -> Catalog:
        """The items."""
        return self._run.catalog

    @property
    def spaces(self) -> Mapping[str, Embeddings]:
        """The vectors, by space."""
        return self._run.spaces

    @property
    def settings(self) -> Settings:
        """The settings of the run that made this version."""
        return self._run.settings

    @property
    def report(self) -> Path:
        """The report's HTML file."""
        return self.version.checked("report.html")

    # --- asking ----------------------------------------------------------------------------------------------

    @takes(QueryOptions)
    def similar(self, item: ItemKey, **options: Unpack[QueryKeywords]) -> Matches:
        """The k items most like this one, by id or exact title; the item itself is not among them.

        `options` are the fields of `discover.core.types.QueryOptions`, as keywords. `where` is an SQL expression over
        the columns of `items()`. `diversity` in [0, 1] trades nearness for variety. `at_most={"theme": 2}` limits the
        answers that share a value of a column. `explain` gives each its explanation (see `Engine.explain`). Scores
        are those of `discover.search.fusion`, and `parts` sum to the score. Raises UnknownItemError (with near
        titles), UsageError; ModelError where `explain` lacks the model.
        """
        bound = self._searcher.bind(QueryOptions(**options))
        return self._searcher.find([self._searcher.item(item)], bound)

    @takes(SearchOptions)
    def search(
        self,
        text: str | None = None,
        like: ItemWeights = (),
        unlike: ItemWeights = (),
        image: str | Path | None = None,
        vector: Mapping[str, Any] | None = None,
        **options: Unpack[SearchKeywords],
    ) -> Matches:
        """The k items that fit everything asked for together; `options` are those of `similar`, and `anyway`.

        `text` is compared with the items' words and descriptions and, through CLIP's text tower, with their
        pictures. `like` and `unlike` are items, by id or exact title: one, several, or a dictionary of how much
        each counts. `image` is a picture file. `vector` is {space: (d,)}, of an encoder's own making.

        A text that fits nothing (no nearer to any item than nonsense is, and in other words) gives no matches and
        says so in `.note`; `anyway` lists the nearest all the same. Raises UnknownItemError, InputError (the
        picture), UsageError, ModelError when an encoder's weights are gone or are not those that the vectors
        were made with.
        """
        searcher = self._searcher
        bound = searcher.bind(SearchOptions(**options))
        terms = [searcher.item(key, weight) for key, weight in arguments.read_items(like, "like").items()]
        terms += [searcher.item(key, -weight) for key, weight in arguments.read_items(unlike, "unlike").items()]
        note = ""
        if text is not None:
            terms.append(searcher.text(text, bound.weights))
            alone = len(terms) == 1 and image is None and vector is None
            if alone and terms[0].queries and not searcher.fits(text, terms[0]):
                note = f"No match in this catalog for {shorten(text)!r}"
                if not bound.options.anyway:
                    return Matches(note=note)
        if image is not None:
            terms.append(searcher.picture(image, bound.weights))
        if vector is not None:
            queries = arguments.read_vectors(vector, self.spaces)
            terms.append(QueryTerm.from_queries(searcher.search_index, queries))
        return searcher.find(terms, bound, note, text or "")

    @takes(NeighborOptions)
    def similar_many(self, items: Iterable[ItemKey] | None = None, **options: Unpack[NeighborKeywords]) -> Neighbors:
        """What `similar` finds for each of many items, by id or exact title, all by default; computed in blocks.

        Scores are those of `similar` but for rounding (1e-5), which may exchange two neighbours of equal score.
        Raises UnknownItemError, UsageError.
        """
        bound = self._searcher.bind(NeighborOptions(**options))
        if isinstance(items, str) or not (items is None or isinstance(items, Iterable)):
            raise UsageError(f"items: give a list of ids or titles, got {items!r}")
        rows = np.arange(len(self.catalog)) if items is None else lookup.find_rows(self.catalog, items)
        nearest, scores = rank.rank_many(self._run.search_index, rows, bound.options.k, bound.weights, bound.allowed)
        return Neighbors(self.catalog.ids, rows, nearest, scores)

    @takes(RecommendOptions)
    def recommend(
        self, history: Sequence[ItemKey] | Mapping[ItemKey, float], **options: Unpack[RecommendKeywords]
    ) -> Matches:
        """The k items that fit what someone liked; nothing of the history is among them.

        `history` holds ids or exact titles: a list of liked ones, or a dictionary of ratings: above 0 liked, the
        higher the more, below 0 disliked, 0 only seen. An item counts by the mean of its ten largest similarities to
        liked items, times their ratings (relative to the highest), see `search.recommend`. `options` are among those
        of `similar`. Raises UnknownItemError, UsageError.
        """
        from discover.search import recommend  # imported where it is used, as a query by id should start fast

        searcher = self._searcher
        bound = searcher.bind(RecommendOptions(**options))
        ratings = arguments.read_history(history)
        rows = lookup.find_rows(self.catalog, ratings)
        by_row = dict(zip(rows.tolist(), ratings.values(), strict=True))
        if len(by_row) < len(ratings):
            raise UsageError("history: two entries name the same item, by id and by title. Name each item once")

        def rank_for_history(count: int) -> rank.Ranked:
            return recommend.rank_for_history(searcher.search_index, by_row, count, bound.weights, bound.allowed)

        ranked = searcher.best(rank_for_history, list(by_row), bound)
        return rank.to_matches(self.catalog, ranked, searcher.null_scores(bound.weights))

    def evaluate(
        self,
        ratings: Any,
        k: int = 10,
        holdout: float = 0.2,
        liked: float | None = None,
        disliked: float | None = None,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
        progress: Progress | None = None,
        allow_rejects: bool = False,
    ) -> Evaluation:
        """How well `recommend` finds what people liked next, in a file or table of user, item, rating and time.

        A share `holdout` of each user's likes is looked for among k recommendations from the rest, see
        `engine.evaluate`; `liked` and `disliked` are the ratings from which and up to which something is so (the
        median; none but negative ones). Raises InputError for a table that cannot be used, or for the most part (unless
        `allow_rejects`); UsageError, also where ranx is not installed.
        """
        from discover.engine import evaluate

        k, chosen = NeighborOptions(k=k).k, self._searcher.weights(weights)
        usable = evaluate.read(ratings, self.catalog, liked, disliked, allow_rejects)
        return evaluate.evaluate(self._run.search_index, usable, chosen, k, holdout, seed, progress)

    def explain(
        self, a: ItemKey, b: ItemKey, weights: Mapping[str, float] | None = None, sentences: bool = True
    ) -> Explanation:
        """Why b (id or exact title) has the score that `similar(a)` gives it, and what sets the two apart.

        `sentences` measures what each sentence of the descriptions adds, for which the text model is needed; without
        it the texts are one term. Raises UnknownItemError, UsageError, ModelError.
        """
        rows, searcher = self._distinct((a, b)), self._searcher
        chosen = searcher.weights(weights)
        prepared = searcher.prepare(rows, chosen) if sentences else {}
        query = Query([QueryTerm.from_row(searcher.search_index, rows[0])], chosen)
        return searcher.explained(query, rows[1], prepared)

    def compare(
        self, ids: Sequence[ItemKey], weights: Mapping[str, float] | None = None, sentences: bool = True
    ) -> Dossier:
        """2 to 20 items (ids or exact titles) side by side: what they share, why each pair is alike, where they differ.

        `discover.report.dossier` writes it as HTML and as Markdown. `sentences` is that of `explain`. Raises
        UnknownItemError, UsageError, ModelError.
        """
        rows, searcher = self._distinct(arguments.check_compared(ids)), self._searcher
        chosen, search_index = searcher.weights(weights), searcher.search_index
        prepared = searcher.prepare(rows, chosen) if sentences else {}
        pairs = []
        for place, row in enumerate(rows[:-1]):
            query = Query([QueryTerm.from_row(search_index, row)], chosen)
            pairs += [searcher.explained(query, other, prepared) for other in rows[place + 1 :]]
        pairs.sort(key=lambda pair: (np.isnan(pair.score), -pair.score))
        themes = [list(dict.fromkeys(self._view.shared([row]).values())) for row in rows]
        return Dossier(
            source=self.catalog.source,
            version=self.version.number,
            created=self.version.created,
            weights=chosen,
            items=compare.make_profiles(search_index, self.catalog, rows, themes, pairs),
            traits=compare.find_traits(search_index, self.catalog, rows, themes),
            pairs=tuple(pairs),
        )

    def _distinct(self, keys: Iterable[ItemKey]) -> list[int]:
        """The rows of ids or titles. Raises UsageError where two mean the same item."""
        rows: dict[int, ItemKey] = {}
        for key in keys:
            row = lookup.find_row(self.catalog, key)
            if row in rows:
                same = f"{key!r} is given twice" if rows[row] == key else f"{rows[row]!r} and {key!r} are the same item"
                raise UsageError(f"{same}. Give different items")
            rows[row] = key
        return list(rows)

    def duplicates(self) -> Listing[Listing[Item]]:
        """Groups of items that are the same, or nearly (cosine of at least .95), largest group first."""
        from discover.themes import duplicates

        ids, titles = self.catalog.ids, self.catalog.titles
        groups = duplicates.list_groups(self._run.copies)
        return Listing(Listing(Item(ids[row], titles[row], 1.0) for row in group) for group in groups)

    @property
    def space_names(self) -> list[str]:
        """The spaces that a search can weigh."""
        return list(self._run.search_index.spaces)

    @property
    def weights(self) -> dict[str, float]:
        """How much each space counts where a query does not say."""
        return self._searcher.weights()

    # --- themes ----------------------------------------------------------------------------------------------

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
        """How the themes went on from those of the night before; None where they were found anew."""
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
        """The edits made since the version was, which its report does not have."""
        return Listing(self._view.pending)

    def labels(self, ids: Iterable[str]) -> dict[str, str]:
        """The labels of themes, as people named them, also of those that are gone; of unknown ids none."""
        past = {entry.id: entry.label for entry in self.entries}
        return {id: self._view.label(id) or past[id] for id in ids if id in past or id in self._view.by_id}

    def history(self, id: str) -> Listing[Event]:
        """What happened to a theme, night by night, also where it broke off from another or was absorbed.

        Raises UnknownThemeError for an id that no theme ever had.
        """
        self.entry(id)
        events = hidden.drop_events(self._run.ledger.events, self._view.hidden - {id})
        return Listing(event for event in events if id in (event.theme, *event.others))

    def events(self, since: int | None = None, confidence: float = LIKELY) -> Listing[Event]:
        """What happened to themes in the night of this version, or in all nights from version `since` on.

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

    def assign(self, rows: Any, level: int = 0, allow_rejects: bool = False) -> Assignments:
        """Where new items belong among the themes of a level, without a night: a theme each, or none.

        `rows` is whatever `discover.run` reads, with columns that mean what they mean there; its `warnings`
        say which rows were set aside, and more than half are an error unless `allow_rejects`. An item is given the
        theme that most of the similarity to its nearest items lies in, unless it is farther from these than members
        are. Raises InputError, UsageError (also for themes found in several spaces at once), ModelError.
        """
        from discover.engine import assign

        return assign.assign(self._models, self._view, rows, level, allow_rejects)

    def label(self, ids: str | Iterable[ItemKey] = (), texts: Sequence[str] = ()) -> Label:
        """Words for any set of items (ids or exact titles), or of texts, against the rest, as a theme gets them.

        Give items or texts; of texts there are no exemplars. Raises UnknownItemError, UsageError; ModelError where the
        labeller that is set needs a model that is not here.
        """
        if texts:
            return self._label_texts([arguments.check_text(text) for text in texts], ids)
        rows = lookup.find_rows(self.catalog, arguments.check_labelled(ids))
        found = self._labelled(self.catalog, rows)
        items = tuple(Item(self.catalog.ids[row], self.catalog.titles[row], 1.0) for row in found.exemplars)
        return replace(found, items=items)

    def _label_texts(self, texts: Sequence[str], ids: str | Iterable[ItemKey]) -> Label:
        """As items that are nothing but a description, beside the catalog's."""
        from discover.catalog import reader as catalog

        if not isinstance(ids, str) and not tuple(ids):
            return replace(self._labelled(*catalog.with_texts(self.catalog, texts)), exemplars=())
        raise UsageError("label: give items or texts, not both")

    def _labelled(self, catalog: Catalog, rows: NDArray[np.int64]) -> Label:
        weights = fusion.theme_weights(self.settings.themes, self.catalog, self.spaces)
        vectors = fusion.fuse(self.spaces, weights, len(catalog))
        return labelling.label(
            catalog, rows, vectors, self.settings.labels, labelling.build_senses(self.spaces, self._models.encoder)
        )

    # --- what moves ------------------------------------------------------------------------------------------

    def trends(self, emerging: bool = False, level: int = 0) -> Listing[Trend]:
        """How the themes of a level move, by titles and by audience: most significant first; `emerging` lists rises.

        Where there are none, `trends_found.why` tells. Raises UsageError for a level that there is not.
        """
        found = [each for each in self._view.relabel(self.trends_found.found, level) if each.rises or not emerging]
        return Listing(sorted(found, key=lambda each: (each.q, each.p)))

    def white_space(self, level: int = 0) -> Listing[WhiteSpace]:
        """The themes of a level by their share of the audience over their share of the titles, highest first.

        Empty where no audience is known. Raises UsageError for a level that there is not.
        """
        return Listing(self._view.relabel(self.trends_found.white_space, level))

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
    def trends_found(self) -> Trends:
        """The trends and white space of all levels, why there are none, and notes on what they rest on."""
        return self._run.trends

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts of this night and all before it, oldest first, with what came of them."""
        return hidden.drop_alerts(self._run.alerts, self._view.hidden)

    # --- items -----------------------------------------------------------------------------------------------

    def items(self) -> pa.Table:
        """The catalog as a pyarrow table (`.to_pandas()` for a data frame), with each item's broad theme as `theme`.

        A column of the source with that name is called "theme (source)".
        """
        return self._view.table

    def matching(self, where: str | None = None) -> list[str]:
        """The ids of the items for which an SQL expression over the columns of `items()` holds, in catalog order.

        All ids by default. Raises UsageError.
        """
        rows, ids = self._view.rows(where), self.catalog.ids
        return list(ids) if rows is None else [ids[row] for row in rows.tolist()]

    def cards(self, ids: Iterable[ItemKey]) -> Listing[Card]:
        """Items by id or exact title, as people see them in a list. Raises UnknownItemError."""
        return display.make_cards(self._view, lookup.find_rows(self.catalog, ids).tolist())

    def values(self, item: ItemKey) -> dict[str, Any]:
        """All that the catalog holds of an item, by column. Raises UnknownItemError."""
        row = lookup.find_row(self.catalog, item)
        held: dict[str, Any] = self.catalog.table.slice(row, 1).to_pylist()[0]
        return held

    def themes_of(self, item: ItemKey) -> dict[str, str]:
        """The themes that an item is in, id -> label, broadest first. Raises UnknownItemError."""
        return self._view.shared([lookup.find_row(self.catalog, item)])

    def suggest(self, text: str, k: int = 8) -> Listing[Card]:
        """Items for what someone begins to type: titles that begin with it, then words that do, then the rest.

        Case and accents do not count; shorter titles come first.
        """
        beginning, k = display.fold(text.strip()), NeighborOptions(k=k).k
        rows = display.complete(self._titles, beginning, k) if beginning else []
        return display.make_cards(self._view, rows)

    @cached_property
    def _titles(self) -> list[str]:
        """By row: the title as people type it."""
        return [display.fold(title) for title in self.catalog.titles]

    @cached_property
    def facets(self) -> Facets:
        """What items can be filtered by."""
        return display.count_facets(self.catalog)

    def years(self, ids: Sequence[ItemKey]) -> list[int | None]:
        """The year of each item's release, None where it is unknown. Raises UnknownItemError."""
        dates = self.catalog.table.column("released")
        days = [dates[lookup.find_row(self.catalog, each)].as_py() for each in ids]
        return [day.year if day else None for day in days]

    # --- the map ---------------------------------------------------------------------------------------------

    def map(self) -> Listing[MapPoint]:
        """A point for each item; x and y are NaN for an item with nothing to place it by."""
        return display.map_points(self._view)

    def atlas(self) -> Atlas:
        """The map as arrays by row."""
        return display.make_atlas(self._view)

    def map_names(self, level: int = 0) -> Listing[MapName]:
        """Where the names of a level's themes go on the map. Raises UsageError for a level that there is not."""
        return display.map_names(self._view, level)

    @property
    def colours(self) -> dict[str, int]:
        """The colour (0 to 7) of each theme, by its id: that of the report; a finer one has that of its broad theme."""
        return display.theme_colours(self._view)

    # --- engines that go on from this one --------------------------------------------------------------------

    def edited(self) -> Engine:
        """This version under the edits as they are now; what was read of it is shared."""
        again = copy.copy(self)
        again._take(self._models, EditedView(self._run))
        return again

    def following(self) -> Engine:
        """The workspace's current version, with this one's models where they are the same. Raises WorkspaceError."""
        new = open(self.version.workspace)
        new._take(self._models.following(new._run), new._view)
        return new

    def warmed(self, models: bool = False) -> Engine:
        """This engine, with all read that queries by id need; with `models`, also what texts and pictures need."""
        self.similar(self.catalog.ids[0], k=1)
        self.facets, self.catalog.folded, self._titles, self._view.filter, self.trends_found  # noqa: B018
        self._run.copies, self._run.ledger  # noqa: B018
        for space in self._run.search_index.spaces.values():
            if models:
                space.warm(self._models)
        return self
