"""The read side: an opened version, and the questions that can be asked of it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from discover.core.errors import UsageError
from discover.core.ids import ItemKey, ItemWeights
from discover.core.settings import DEFAULT_WORKSPACE
from discover.core.types import Chip, Dossier, Evaluation, Explanation, Matches, Neighbors
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
from discover.engine import arguments
from discover.engine.models import Models
from discover.engine.searcher import Searcher
from discover.engine.themes import ThemeReader
from discover.engine.view import EditedView
from discover.search import compare, lookup, rank
from discover.search.rank import Query, QueryTerm
from discover.store import versions


def open(workspace: str | Path = DEFAULT_WORKSPACE, version: int | None = None) -> Engine:
    """The workspace's current version, or the one with this number. Raises WorkspaceError."""
    return Engine(versions.open(workspace, version))


class Engine(ThemeReader):
    """One immutable version: its items and themes, and the queries that they answer."""

    def __init__(self, version: versions.StoredVersion) -> None:
        super().__init__(version)
        self._searcher = Searcher(self._run, self._models, self._view)

    def _replace(self, models: Models, view: EditedView) -> None:
        self._models, self._view = models, view
        self._searcher = Searcher(self._run, models, view)

    def __repr__(self) -> str:
        return f"Engine({str(self.version.workspace)!r}, version={self.version.number})"

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
        says so in `.note`; `anyway` lists the nearest all the same. If the words are the catalog's own, the nearest
        are listed, and `.note` says that none fits well. Raises UnknownItemError, InputError (the
        picture), UsageError, ModelError when an encoder's weights are gone or are not those that the vectors
        were made with.
        """
        searcher = self._searcher
        bound = searcher.bind(SearchOptions(**options))
        terms = [searcher.item(key, weight) for key, weight in arguments.read_items(like, "like").items()]
        terms += [searcher.item(key, -weight) for key, weight in arguments.read_items(unlike, "unlike").items()]
        note = ""
        lead: Sequence[int] = ()
        understood: Sequence[Chip] = ()
        if text is not None:
            asked = searcher.ask(text, bound.options, bound.weights)
            lead, understood = asked.lead, asked.chips
            bound = searcher.narrowed(bound, asked)
            terms += searcher.asked(asked, bound.weights)
            alone = len(terms) == 1 and image is None and vector is None
            if alone and terms[0].row is None and not lead and not searcher.fits(asked.text, terms[0]):
                is_known = searcher.knows(asked.text)
                note = f"Nothing fits {shorten(text)!r} well. These are the nearest"
                note = note if is_known else f"No match in this catalog for {shorten(text)!r}"
                if not is_known and not bound.options.anyway:
                    return Matches(note=note, understood=understood)
        if image is not None:
            terms.append(searcher.picture(image, bound.weights))
        if vector is not None:
            queries = arguments.read_vectors(vector, self.spaces)
            terms.append(QueryTerm.from_queries(searcher.search_index, queries))
        return searcher.find(terms, bound, note, text or "", lead, understood)

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
        liked items, times their ratings (relative to the highest), see `search.recommend`. Where nothing is liked, the
        items that are least like the disliked ones come first. What is no longer in the catalog, or a title of several
        items, is left out, and `note` says so. `options` are among those of `similar`. Raises UnknownItemError where
        nothing is left, UsageError.
        """
        from discover.search import recommend  # imported where it is used, as a query by id should start fast

        searcher = self._searcher
        bound = searcher.bind(RecommendOptions(**options))
        ratings = arguments.read_history(history)
        known, unknown = lookup.find_known(self.catalog, ratings)
        if unknown and not known:
            lookup.find_row(self.catalog, unknown[0])  # says what is like it
        by_row = {row: ratings[key] for key, row in known.items()}
        if len(by_row) < len(known):
            raise UsageError("history: two entries name the same item, by id and by title. Name each item once")

        def rank_for_history(count: int) -> rank.Ranked:
            """The best items for the history."""
            return recommend.rank_for_history(searcher.search_index, by_row, count, bound.weights, bound.allowed)

        ranked = searcher.best(rank_for_history, list(by_row), bound)
        note = arguments.explain_unknown(unknown, len(ratings))
        return rank.to_matches(self.catalog, ranked, searcher.null_scores(bound.weights), note)

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
        keep_seasons = self.settings.catalog.seasons == "keep"
        usable = evaluate.read(ratings, self.catalog, liked, disliked, allow_rejects, keep_seasons)
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

    @property
    def space_names(self) -> list[str]:
        """The spaces that a search can weigh."""
        return list(self._run.search_index.spaces)

    @property
    def space_labels(self) -> dict[str, tuple[str, str]]:
        """By space: what people call it, and what it compares, "" where it does not say."""
        spaces = self._run.search_index.spaces
        return {
            name: (space.label or name.replace("_", " ").capitalize(), space.hint) for name, space in spaces.items()
        }

    @property
    def weights(self) -> dict[str, float]:
        """How much each space counts where a query does not say."""
        return self._searcher.weights()

    def edited(self) -> Engine:
        """This version under the edits as they are now; what was read of it is shared."""
        again = copy.copy(self)
        again._replace(self._models, EditedView(self._run))
        return again

    def following(self) -> Engine:
        """The workspace's current version, with this one's models where they are the same. Raises WorkspaceError."""
        new = open(self.version.workspace)
        new._replace(self._models.following(new._run), new._view)
        return new

    def warmed(self, models: bool = False) -> Engine:
        """This engine, with all read that queries by id need; with `models`, also what texts and pictures need."""
        self.similar(self.catalog.ids[0], k=1)
        self.facets, self.catalog.folded, self._titles, self._view.filter, self.trend_results  # noqa: B018
        self._run.copies, self._run.ledger  # noqa: B018
        for space in self._run.search_index.spaces.values():
            if models:
                space.warm(self._models)
        return self
