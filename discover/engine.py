"""The read side: an opened version, and the questions that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from discover import asking, edits, encoders, fusion, labelling, nonsense, plugins, store
from discover import explain as explaining
from discover import search as searching
from discover.archive import Archive
from discover.embeddings import Progress
from discover.errors import InputError, UsageError
from discover.nouns import (
    LIKELY,
    STRAY,
    Assignment,
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
    Item,
    Label,
    LabelQuality,
    Level,
    Listing,
    MapPoint,
    Matches,
    Neighbors,
    Theme,
    Trend,
    Trends,
    WhiteSpace,
)
from discover.settings import DEFAULT_WORKSPACE, Settings
from discover.spaces.vectors import Vectors
from discover.spaces.wording import Wording

if TYPE_CHECKING:
    import pyarrow as pa

NEAREST = 3  # items that an assignment names
SPARE = 10  # answers that are looked at for each one shown, where some will be thinned out; more where too few stay
HALF = 0.5  # of a query's words

Wanted = str | Sequence[str] | Mapping[str, float]  # items by id or title, with how much each counts


def open(workspace: str | Path = DEFAULT_WORKSPACE, version: int | None = None) -> Engine:
    """The workspace's current version, or the one with this number. Raises WorkspaceError."""
    return Engine(store.open(workspace, version))


@dataclass(frozen=True)
class _Wish:
    """What the answers are to be like, checked."""

    k: int
    allowed: NDArray[np.int64] | None
    weights: Mapping[str, float]
    diversity: float
    limits: Mapping[str, int]
    dedupe: bool
    why: bool
    explain: bool

    @property
    def thins(self) -> bool:
        """Whether some answers are left out for the sake of others."""
        return bool(self.diversity or self.limits or self.dedupe)


Told = TypeVar("Told", Trend, WhiteSpace)


class Engine:
    """One immutable version. Parts are read, checked against their SHA-256 and kept when first asked for."""

    def __init__(self, version: store.StoredVersion) -> None:
        self.version = version
        self._archive = Archive(version)

    def __repr__(self) -> str:
        return f"Engine({str(self.version.workspace)!r}, version={self.version.number})"

    @property
    def catalog(self) -> Catalog:
        """The items."""
        return self._archive.catalog

    @property
    def spaces(self) -> Mapping[str, Embeddings]:
        """The vectors, by space."""
        return self._archive.spaces

    @cached_property
    def settings(self) -> Settings:
        """The settings of the run that made this version."""
        return Settings.from_dict(self.version.facts["settings"])

    def similar(
        self,
        item: str,
        k: int = 10,
        where: str | None = None,
        weights: Mapping[str, float] | None = None,
        diversity: float = 0.0,
        at_most: Mapping[str, int] | None = None,
        dedupe: bool = False,
        why: bool = False,
        explain: bool = False,
    ) -> Matches:
        """The k items most like this one, by id or exact title; the item itself is not among them.

        `where` is a SQL expression over the columns of `items()`; `weights` say what each space counts (the others
        nothing); `diversity` in [0, 1] trades nearness for variety; `at_most={"theme": 2}` limits the answers that
        share a value of a column; `dedupe` keeps one of each group of near-duplicates; `why` says in a few words
        what each answer shares with the query, `explain` gives each its explanation (see `Engine.explain`). Scores
        are those of `discover.fusion`; `parts` sum to the score. Raises UnknownItemError (with near titles),
        UsageError; ModelError where `explain` lacks the model.
        """
        wish = self._wish(k, where, weights, diversity, at_most, dedupe, why, explain)
        return self._answer([self._item(item, 1.0)], wish)

    def search(
        self,
        text: str | None = None,
        like: Wanted = (),
        unlike: Wanted = (),
        image: str | Path | None = None,
        vector: Mapping[str, Any] | None = None,
        k: int = 10,
        where: str | None = None,
        weights: Mapping[str, float] | None = None,
        diversity: float = 0.0,
        at_most: Mapping[str, int] | None = None,
        dedupe: bool = False,
        anyway: bool = False,
        why: bool = False,
        explain: bool = False,
    ) -> Matches:
        """The k items that fit everything asked for together; the other parameters are those of `similar`.

        `text` is compared with the items' words and descriptions and, through CLIP's text tower, with their
        pictures. `like` and `unlike` are items, by id or exact title: one, several, or a dictionary of how much
        each counts. `image` is a picture file. `vector` is {space: (d,)}, of an encoder's own making.

        A text that fits nothing (no nearer to any item than nonsense is, and in other words) gives no matches and
        says so in `.note`; `anyway` lists the nearest all the same. Raises UnknownItemError, InputError (the
        picture), UsageError, ModelError when an encoder's weights are gone or are not those that the vectors
        were made with.
        """
        wish = self._wish(k, where, weights, diversity, at_most, dedupe, why, explain)
        asks = [self._item(key, weight) for key, weight in asking.wanted(like, "like").items()]
        asks += [self._item(key, -weight) for key, weight in asking.wanted(unlike, "unlike").items()]
        note = ""
        if text is not None:
            probes = self._text_probes(text, wish.weights)
            asks.append(searching.foreign(self._ground, probes))
            alone = len(asks) == 1 and image is None and vector is None
            if alone and probes and not self._fits(text, probes):
                note = f"nothing in this catalog fits {searching.shortened(text)!r}"
                if not anyway:
                    return Matches(note=note)
        if image is not None:
            asks.append(searching.foreign(self._ground, self._picture_probes(image, wish.weights)))
        if vector is not None:
            asks.append(searching.foreign(self._ground, asking.vectors(vector, self.spaces)))
        return self._answer(asks, wish, note, text or "")

    def similar_many(
        self,
        items: Iterable[str] | None = None,
        k: int = 10,
        weights: Mapping[str, float] | None = None,
        where: str | None = None,
    ) -> Neighbors:
        """What `similar` finds for each of many items, by id or exact title, all by default; computed in blocks.

        Scores are those of `similar` but for rounding (1e-5), which may exchange two neighbours of equal score.
        Raises UnknownItemError, UsageError.
        """
        wanted, chosen, allowed = asking.count(k, "k"), self._weights(weights), self._allowed(where)
        if isinstance(items, str) or not (items is None or isinstance(items, Iterable)):
            raise UsageError(f"items: give a list of ids or titles, got {items!r}")
        rows = np.arange(len(self.catalog)) if items is None else searching.find_rows(self.catalog, items)
        nearest, scores = searching.many(self._ground, rows, wanted, chosen, allowed)
        return Neighbors(self.catalog.ids, rows, nearest, scores)

    def recommend(
        self,
        history: Sequence[str] | Mapping[str, float],
        k: int = 10,
        where: str | None = None,
        weights: Mapping[str, float] | None = None,
        diversity: float = 0.0,
        at_most: Mapping[str, int] | None = None,
        dedupe: bool = False,
    ) -> Matches:
        """The k items that fit what someone liked; nothing of the history is among them.

        `history` holds ids or exact titles: a list of liked ones, or a dictionary of ratings: above 0 liked, the
        higher the more, below 0 disliked, 0 only seen. An item counts by the mean of its ten largest similarities to
        liked items, times their ratings (relative to the highest), see `discover.recommend`. The other parameters
        are those of `similar`. Raises UnknownItemError, UsageError.
        """
        from discover import recommend  # imported where it is used, as a query by id should start fast

        wish = self._wish(k, where, weights, diversity, at_most, dedupe)
        rated = asking.rated(history)
        rows = searching.find_rows(self.catalog, rated)
        ratings = dict(zip(rows.tolist(), rated.values(), strict=True))
        if len(ratings) < len(rated):
            raise UsageError("history: two entries name the same item, by id and by title; name each once")

        def rank(count: int) -> searching.Ranked:
            return recommend.rank(self._ground, ratings, count, wish.weights, wish.allowed)

        found = self._ranked(rank, list(ratings), wish)
        return searching.matches(self.catalog, found, self._pool(wish.weights))

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
    ) -> Evaluation:
        """How well `recommend` finds what people liked next, in a file or table of user, item, rating and time.

        A share `holdout` of each user's likes is looked for among k recommendations from the rest, see
        `discover.evaluate`; `liked` and `disliked` are the ratings from which and up to which something is so (the
        median; none but negative ones). Raises InputError for a table that cannot be used; UsageError, also where
        ranx is not installed.
        """
        from discover import evaluate

        wanted, chosen = asking.count(k, "k"), self._weights(weights)
        found = evaluate.read(ratings, self.catalog, liked, disliked)
        return evaluate.evaluate(self._ground, found, chosen, wanted, holdout, seed, progress)

    def _wish(
        self,
        k: int,
        where: str | None,
        weights: Mapping[str, float] | None,
        diversity: float,
        at_most: Mapping[str, int] | None,
        dedupe: bool,
        why: bool = False,
        explain: bool = False,
    ) -> _Wish:
        """All of it checked, before anything is encoded or searched."""
        varied = asking.diversity(diversity)
        count, chosen, limits = asking.count(k, "k"), self._weights(weights), self._limits(at_most)
        return _Wish(count, self._allowed(where), chosen, varied, limits, dedupe, why, explain)

    def _answer(self, asks: Sequence[searching.Ask], wish: _Wish, note: str = "", asked: str = "") -> Matches:
        """The answers to a query; `asked` is the text in it."""
        query = searching.Query(asks, wish.weights, wish.allowed)
        own = [ask.row for ask in asks if ask.row is not None]
        found = self._ranked(lambda count: searching.rank(self._ground, query, count), own, wish)
        answers = searching.matches(self.catalog, found, self._pool(wish.weights), note)
        rows = found.rows.tolist()
        if wish.why or wish.explain:
            whys = explaining.in_short(self._ground, query, found.rows)
            answers = Matches([replace(match, why=each) for match, each in zip(answers, whys, strict=True)], note)
        if wish.explain:
            told = self._passages([*own, *rows], wish.weights)
            explained = [self._explained(query, row, told, asked) for row in rows]
            answers = Matches([replace(m, explanation=e) for m, e in zip(answers, explained, strict=True)], note)
        return answers

    def _ranked(self, rank: Callable[[int], searching.Ranked], own: Sequence[int], wish: _Wish) -> searching.Ranked:
        """The best by `rank`, looked at as deep as it takes to thin them out. `own` rows were asked with."""
        whole = len(self.catalog)
        depth = min(SPARE * (wish.k + 1) if wish.thins else wish.k, whole)
        found = self._thinned(rank(depth), own, wish)
        while len(found.rows) < wish.k and depth < whole and wish.thins:
            depth = min(SPARE * depth, whole)
            found = self._thinned(rank(depth), own, wish)
        return found.take(slice(wish.k))

    def _thinned(self, found: searching.Ranked, own: Sequence[int], wish: _Wish) -> searching.Ranked:
        """Without near-duplicates (of the query's `own` rows as well) and what is over the limits, in diverse order."""
        if wish.dedupe:
            found = searching.at_most(
                found, [(group,) for group in self._groups[found.rows]], 1, self._groups[list(own)]
            )
        for column, limit in wish.limits.items():
            values = self.items().column(column).take(found.rows).to_pylist()
            found = searching.at_most(found, [_values(value) for value in values], limit)
        if wish.diversity:
            found = searching.diverse(self._ground, found, wish.k, wish.diversity, wish.weights)
        return found

    def explain(
        self, a: str, b: str, weights: Mapping[str, float] | None = None, sentences: bool = True
    ) -> Explanation:
        """Why b (id or exact title) has the score that `similar(a)` gives it, and what sets the two apart.

        `sentences` measures what each sentence of the descriptions adds, for which the text model is needed; without
        it the texts are one term. Raises UnknownItemError, UsageError, ModelError.
        """
        rows = self._distinct((a, b))
        chosen = self._weights(weights)
        told = self._passages(rows, chosen) if sentences else {}
        return self._explained(searching.Query([searching.item(self._ground, rows[0])], chosen), rows[1], told)

    def compare(
        self, ids: Sequence[str], weights: Mapping[str, float] | None = None, sentences: bool = True
    ) -> Dossier:
        """2 to 20 items (ids or exact titles) side by side: what they share, why each pair is alike, where they differ.

        `discover.dossier` writes it as HTML and as Markdown. `sentences` is that of `explain`. Raises UnknownItemError,
        UsageError, ModelError.
        """
        rows, chosen, ground = self._distinct(asking.compared(ids)), self._weights(weights), self._ground
        told = self._passages(rows, chosen) if sentences else {}
        pairs = []
        for place, row in enumerate(rows[:-1]):
            query = searching.Query([searching.item(ground, row)], chosen)
            pairs += [self._explained(query, other, told) for other in rows[place + 1 :]]
        pairs.sort(key=lambda pair: (np.isnan(pair.score), -pair.score))
        themes = [list(dict.fromkeys(self._shared_themes([row]).values())) for row in rows]
        return Dossier(
            source=self.catalog.source,
            version=self.version.number,
            created=self.version.created,
            weights=chosen,
            items=explaining.profiles(ground, self.catalog, rows, themes, pairs),
            traits=explaining.traits(ground, self.catalog, rows, themes),
            pairs=tuple(pairs),
        )

    def _distinct(self, keys: Iterable[str]) -> list[int]:
        """The rows of ids or titles. Raises UsageError where two mean the same item."""
        rows: dict[int, str] = {}
        for key in keys:
            row = searching.find_row(self.catalog, key)
            if row in rows:
                same = f"{key!r} is given twice" if rows[row] == key else f"{rows[row]!r} and {key!r} are the same item"
                raise UsageError(f"{same}; give different items")
            rows[row] = key
        return list(rows)

    def _explained(
        self,
        query: searching.Query,
        row: int,
        told: Mapping[int, explaining.Passages],
        asked: str = "",
    ) -> Explanation:
        searching.check(query)
        own = [ask.row for ask in query.asks if ask.row is not None and ask.weight > 0]
        themes = self._shared_themes([*own, row]) if own else {}
        pool = self._pool(query.weights)
        return explaining.explain(self._ground, self.catalog, query, row, told, pool, themes, asked)

    def _passages(self, rows: Sequence[int], weights: Mapping[str, float]) -> dict[int, explaining.Passages]:
        """The sentences of these rows, where texts count."""
        if "text" not in self.spaces or not weights.get("text", 0.0):
            return {}
        return explaining.passages(self.catalog, self._encoder("text"), rows)

    def _shared_themes(self, rows: Sequence[int]) -> dict[str, str]:
        """The themes that all of these rows are in, id -> label, broadest first."""
        labels = {theme.id: theme.label for theme in self._named()}
        found = {}
        for level, ids in zip(self._archive.themes.levels, self._ids, strict=True):
            shared = {ids[number] if number != STRAY else None for number in level.members[rows].tolist()}
            if len(shared) == 1 and (id := shared.pop()) is not None:
                found[id] = labels[id]
        return found

    def _item(self, key: str, weight: float) -> searching.Ask:
        return searching.item(self._ground, searching.find_row(self.catalog, key), weight)

    def _text_probes(self, text: str, weights: Mapping[str, float]) -> dict[str, Any]:
        """A text in every weighted space that can be asked with one."""
        asked = asking.text(text)
        probes: dict[str, Any] = {}
        for name, space in self._ground.spaces.items():
            if not weights.get(name, 0.0):
                continue
            if isinstance(space, Wording):
                probes[name] = space.text(asked)
            elif isinstance(space, Vectors):
                probes[name] = self._encoder(name).encode_text([asked])
        return probes

    def _picture_probes(self, path: str | Path, weights: Mapping[str, float]) -> dict[str, Any]:
        """A picture file in the picture space."""
        name = "image"
        if name not in self.spaces:
            raise UsageError("this version has no pictures to compare with")
        if not weights.get(name, 0.0):
            raise UsageError("the weights leave nothing to compare a picture in; give image a positive weight")
        encoded = self._encoder(name).encode([str(path)])
        if encoded.failures:
            raise InputError(f"{path}: {encoded.failures[0]}")
        return {name: encoded.vectors}

    def _fits(self, text: str, probes: Mapping[str, Any]) -> bool:
        """Whether a text is nearer to some item than nonsense is in some space, or items say half of its words.

        Pictures may say that it fits; alone they cannot say that it does not.
        """
        if list(probes) == ["image"]:
            return True
        for name, probe in probes.items():
            space = self._ground.spaces[name]
            if isinstance(space, Wording):
                if space.known(text) >= HALF and space.compare(probe).similarities.max() >= HALF:
                    return True
            elif isinstance(space, Vectors) and space.highest(probe)[0] > self._nonsense(space):
                return True
        return False

    def _nonsense(self, space: Vectors) -> float:
        """The cosine to the nearest item that one in ten nonsense texts reaches: what says nothing."""
        if space.name not in self._levels:
            nearest = space.highest(self._encoder(space.name).encode_text(nonsense.texts()))
            self._levels[space.name] = float(np.quantile(nearest, 1 - nonsense.RATE))
        return self._levels[space.name]

    @cached_property
    def _levels(self) -> dict[str, float]:
        return {}

    @property
    def _ground(self) -> searching.Ground:
        return self._archive.ground

    def _weights(self, weights: Mapping[str, float] | None) -> dict[str, float]:
        """The weights of the spaces that there are."""
        spaces = self._ground.spaces
        if weights is None:
            return {name: weight for name, weight in self.settings.search.weights.items() if name in spaces}
        return asking.weights(weights, spaces)

    def _pool(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Scores of unrelated pairs under these weights, ascending."""
        if weights == self._weights(None):
            return self._archive.pool
        key = tuple(sorted(weights.items()))
        if key not in self._pools:
            self._pools[key] = searching.pool(self._ground, weights)
        return self._pools[key]

    @cached_property
    def _pools(self) -> dict[Any, NDArray[np.float64]]:
        return {}

    def _allowed(self, where: str | None) -> NDArray[np.int64] | None:
        if where is None:
            return None
        if not isinstance(where, str):
            raise UsageError(f"where: give a condition as text, such as 'year >= 1990', got {where!r}")
        rows: NDArray[np.int64] = self._filter.rows(where)
        return rows

    @cached_property
    def _filter(self) -> Any:
        from discover.where import Filter

        return Filter(self.items())

    def _limits(self, at_most: Mapping[str, int] | None) -> dict[str, int]:
        return asking.limits(at_most, self.items().column_names) if at_most else {}

    @cached_property
    def _groups(self) -> NDArray[np.int64]:
        """By row: the number of its group of near-duplicates."""
        from discover import duplicates

        return duplicates.groups(self._archive.graph)

    def duplicates(self) -> Listing[Listing[Item]]:
        """Groups of items that are the same, or nearly (cosine of at least .95), largest group first."""
        rows = np.argsort(self._groups, kind="stable")
        starts = np.flatnonzero(np.diff(self._groups[rows], prepend=-1))
        groups = [group for group in np.split(rows, starts[1:]) if len(group) > 1]
        ids, titles = self.catalog.ids, self.catalog.titles
        listed = [Listing(Item(ids[row], titles[row], 1.0) for row in group) for group in groups]
        return Listing(sorted(listed, key=lambda group: -len(group)))

    def _encoder(self, space: str) -> Any:
        """The encoder that made the space's vectors. Raises ModelError if its weights are others now."""
        if space not in self._encoders:
            chosen = getattr(self.settings, space)
            encoder = plugins.load(encoders, chosen.encoder, chosen.options)
            encoder.check(self.spaces[space].identity)
            self._encoders[space] = encoder
        return self._encoders[space]

    @cached_property
    def _encoders(self) -> dict[str, Any]:
        return {}

    @property
    def levels(self) -> int:
        """How many levels of themes there are: 0 where none were found, 1 where no theme falls apart."""
        return len(self._archive.themes.levels)

    def themes(self, level: int = 0) -> Listing[Theme]:
        """The themes of a level, largest first; level 0 is the broadest. An empty list when none were found.

        Raises UsageError for a level that there is not.
        """
        self._check(level)
        hidden = edits.hidden(self._edits)
        return Listing(theme for theme in self._named(level) if theme.id not in hidden)

    def _check(self, level: int) -> None:
        valid = range(max(self.levels, 1))
        if level not in valid:
            raise UsageError(f"level must be {' or '.join(map(str, valid))} in this version, got {level!r}")

    def _named(self, level: int | None = None) -> list[Theme]:
        """The themes of a level, by number, or of all; with the labels that people gave since the version was made."""
        taken_back = {edit.number for edit in self._log} - {edit.number for edit in self._edits}
        baked = [edit for edit in self._log if edit.number in self.version.facts.get("edits", [])]
        own = {edit.themes[0] for edit in baked if edit.kind == "rename" and edit.number in taken_back}
        labels = {entry.id: entry.label for entry in self._archive.ledger.entries} if own else {}
        named = [replace(theme, label=labels[theme.id]) if theme.id in own else theme for theme in self._archive.named]
        shown = edits.renamed(edits.merged(named, self._new), self._edits)
        return sorted(
            (each for each in shown if level in (None, each.level)), key=lambda each: (each.level, -each.size)
        )

    @property
    def _new(self) -> list[Edit]:
        """The edits made since the version was."""
        return [edit for edit in self._edits if edit.number not in self.version.facts.get("edits", [])]

    @cached_property
    def _ids(self) -> list[list[str]]:
        """The id of each theme by level and number; merged ones have the same."""
        into = edits.joined(self._new)
        return [[into.get(id, id) for id in ids] for ids in self._archive.theme_ids]

    @cached_property
    def _log(self) -> Listing[Edit]:
        return edits.read(self.version.workspace)

    @property
    def _edits(self) -> tuple[Edit, ...]:
        return edits.standing(self._log)

    def theme(self, id: str) -> Theme:
        """A theme with all its items, strongest first. Raises UsageError for an unknown id."""
        for theme in self._named():
            if theme.id == id:
                return replace(theme, items=self._members(theme))
        gone = self.entry(id)
        state = "died" if gone.died else "is dormant"
        raise UsageError(
            f"theme {id} {gone.label!r} is not in version {self.version.number}: it {state}, last seen in version "
            f"{gone.seen}; `discover theme {id} --history` says more"
        )

    def history(self, id: str) -> Listing[Event]:
        """What happened to a theme, night by night, also where it broke off from another or was absorbed.

        Raises UsageError for an id that no theme ever had.
        """
        self.entry(id)
        return Listing(event for event in self._archive.ledger.events if id in (event.theme, *event.others))

    def events(self, since: int | None = None, confidence: float = LIKELY) -> Listing[Event]:
        """What happened to themes in the night of this version, or in all nights from version `since` on.

        Events below this confidence (in [0, 1]) are left out; 0 lists all.
        """
        first = self.version.number if since is None else since
        events = self._archive.ledger.events
        return Listing(event for event in events if event.version >= first and event.confidence >= confidence)

    def entry(self, id: str) -> Entry:
        """The permanent record of a theme, also of one that is gone. Raises UsageError for an unknown id."""
        for entry in self._archive.ledger.entries:
            if entry.id == id:
                return entry
        raise UsageError(f"no theme {id!r} in version {self.version.number}; `discover themes` lists them")

    def assign(self, rows: Any, level: int = 0) -> Listing[Assignment]:
        """Where new items belong among the themes of a level, without a night: a theme each, or none.

        `rows` is whatever `discover.run` reads, with columns that mean what they mean there. An item is given the theme
        that most of the similarity to its nearest items lies in, unless it is farther from these than members are.
        Raises InputError, UsageError (also for themes found in several spaces at once), ModelError.
        """
        from discover import belonging, catalog

        self._check(level)
        new = catalog.read(rows, self.settings.catalog)
        weights = fusion.theme_weights(self.settings.themes, self.catalog, self.spaces)
        used = [name for name in self.spaces if weights.get(name)]
        if len(used) != 1:
            raise UsageError(f"assign: these themes were found in {' and '.join(used)} together; run a night instead")
        encoder, space = self._encoder(used[0]), self.spaces[used[0]]
        inputs = encoder.inputs(new)
        there = [row for row, value in enumerate(inputs) if value is not None]
        encoded = encoder.encode([str(inputs[row]) for row in there])
        if encoded.failures:
            raise InputError(
                f"assign: {new.ids[there[min(encoded.failures)]]}: {encoded.failures[min(encoded.failures)]}"
            )
        graph = self._archive.graph
        found = self._archive.index(used[0]).search(encoded.vectors, graph.neighbours.shape[1])
        near = space.rows[found.rows]
        members = (
            self._archive.themes.levels[level].members[graph.unique]
            if self.levels
            else np.full(len(graph.unique), STRAY)
        )
        places, strengths = belonging.place(graph, members, graph.first[near], found.scores)
        labels = {theme.id: theme.label for theme in self._named(level)}
        by_row = dict(zip(there, zip(places.tolist(), strengths.tolist(), near, strict=True), strict=True))
        assigned = []
        for row, (id, title) in enumerate(zip(new.ids, new.titles, strict=True)):
            place, strength, rows_near = by_row.get(row, (STRAY, 0.0, ()))
            theme = None if place == STRAY else self._ids[level][place]
            nearest = tuple(self.catalog.ids[each] for each in rows_near[:NEAREST])
            assigned.append(Assignment(id, title, theme, labels[theme] if theme else "", strength, nearest))
        return Listing(assigned)

    def label(self, ids: str | Iterable[str]) -> Label:
        """Words for any set of items (ids or exact titles), against the rest of the catalog, as a theme gets them.

        Raises UnknownItemError, UsageError; ModelError where the labeller that is set needs a model that is not here.
        """
        rows = searching.find_rows(self.catalog, asking.labelled(ids))
        weights = fusion.theme_weights(self.settings.themes, self.catalog, self.spaces)
        vectors = fusion.fuse(self.spaces, weights, len(self.catalog))
        senses = labelling.senses(self.spaces, self._encoder)
        found = labelling.label(self.catalog, rows, vectors, self.settings.labels, senses)
        items = tuple(Item(self.catalog.ids[row], self.catalog.titles[row], 1.0) for row in found.exemplars)
        return replace(found, items=items)

    def _members(self, theme: Theme) -> tuple[Item, ...]:
        level = self._archive.themes.levels[theme.level]
        numbers = [number for number, id in enumerate(self._ids[theme.level]) if id == theme.id]
        rows = np.flatnonzero(np.isin(level.members, numbers))
        rows = rows[np.lexsort((rows, -level.strengths[rows]))]
        ids, titles, loose = self.catalog.ids, self.catalog.titles, self._archive.themes.belongings[theme.level].loose
        return tuple(Item(ids[row], titles[row], float(level.strengths[row]), bool(loose[row])) for row in rows)

    def trends(self, emerging: bool = False, level: int = 0) -> Listing[Trend]:
        """How the themes of a level move, by titles and by audience: most significant first; `emerging` lists rises.

        Where there are none, `trends_found.why` tells. Raises UsageError for a level that there is not.
        """
        self._check(level)
        found = [each for each in self._shown(self.trends_found.found, level) if each.rises or not emerging]
        return Listing(sorted(found, key=lambda each: (each.q, each.p)))

    def white_space(self, level: int = 0) -> Listing[WhiteSpace]:
        """The themes of a level by their share of the audience over their share of the titles, highest first.

        Empty where no audience is known. Raises UsageError for a level that there is not.
        """
        self._check(level)
        return Listing(self._shown(self.trends_found.white_space, level))

    def _shown(self, told: Iterable[Told], level: int) -> list[Told]:
        """What is told of the themes of a level, under the labels that they have now, without hidden ones."""
        labels, hidden = {theme.id: theme.label for theme in self._named(level)}, edits.hidden(self._edits)
        mine = (each for each in told if each.level == level and each.theme not in hidden)
        return [replace(each, label=labels.get(each.theme, each.label)) for each in mine]

    def changes(self, since: int | None = None) -> Listing[Change]:
        """Why the broad themes' shares are other than in the version before, or in version `since`.

        How much of it is new titles, demand (where both catalogs have an audience) and re-clustering; the parts sum to
        the change. Items are the same by their content, then by id and title. Raises UsageError where there is no
        earlier version, WorkspaceError.
        """
        from discover import ledger, trends

        earlier = [number for number in store.numbers(self.version.workspace) if number < self.version.number]
        if not earlier or (since is not None and since not in earlier):
            wanted = "no earlier version" if since is None else f"no version {since} before this one"
            raise UsageError(f"{wanted} to compare version {self.version.number} with; `discover versions` lists them")
        before = Engine(store.open(self.version.workspace, max(earlier) if since is None else since))
        engines = (before, self)
        then, now = (ledger.identify(engine.catalog, engine.spaces) for engine in engines)
        known = [f"then {place}" if place >= 0 else f"now {row}" for row, place in enumerate(ledger.common(now, then))]
        weights = [np.nan_to_num(np.array(e.catalog.column("audience"), dtype=np.float64)) for e in engines]
        if not all(each.any() for each in weights):
            weights = [np.ones(len(each)) for each in weights]
        ids = ([f"then {row}" for row in range(len(before.catalog))], known)
        holdings = [
            trends.Holding(names, [theme or "" for theme in engine._theme_ids()], each)
            for names, engine, each in zip(ids, engines, weights, strict=True)
        ]
        return Listing(trends.attribute(*holdings))

    @property
    def named(self) -> tuple[Theme, ...]:
        """The themes of all levels, broadest level first, each in the order of its numbers in `partition`."""
        return self._archive.named

    @property
    def partition(self) -> tuple[Level, ...]:
        """The levels of themes as arrays by row."""
        return self._archive.themes.levels

    @property
    def trends_found(self) -> Trends:
        """The trends and white space of all levels, why there are none, and notes on what they rest on."""
        return self._archive.trends

    @property
    def label_quality(self) -> Listing[LabelQuality]:
        """Coherence and diversity of the themes' keywords, by level; empty for a version older than these measures."""
        return Listing(LabelQuality(**each) for each in self.version.facts.get("label_quality", ()))

    @property
    def why(self) -> str:
        """Why there are these themes, or none."""
        return self._archive.themes.reason

    @property
    def continued(self) -> Continuation | None:
        """How the themes went on from those of the night before; None where they were found anew."""
        return self._archive.themes.continued

    def items(self) -> pa.Table:
        """The catalog as a pyarrow table (`.to_pandas()` for a data frame), with each item's broad theme as `theme`.

        A column of the source with that name is called "theme (source)".
        """
        table = self.catalog.table
        names = ["theme (source)" if name == "theme" else name for name in table.column_names]
        return table.rename_columns(names).append_column("theme", [self._theme_ids()])

    def years(self, ids: Sequence[str]) -> list[int | None]:
        """The year of each item's date, None where it is unknown. Raises UnknownItemError."""
        dates = self.catalog.table.column("date")
        days = [dates[searching.find_row(self.catalog, each)].as_py() for each in ids]
        return [day.year if day else None for day in days]

    def map(self) -> Listing[MapPoint]:
        """A point for each item; x and y are NaN for an item with nothing to place it by."""
        places = self._archive.themes.map
        ids = self.catalog.ids
        return Listing(
            MapPoint(ids[row], float(places[row, 0]), float(places[row, 1]), theme)
            for row, theme in enumerate(self._theme_ids())
        )

    def _theme_ids(self) -> list[str | None]:
        """The broad theme's id of each row, None for strays."""
        if not self._archive.themes.levels:
            return [None] * len(self.catalog)
        names = self._ids[0]
        return [None if number == STRAY else names[number] for number in self._archive.themes.levels[0].members]

    @property
    def report(self) -> Path:
        """The report's HTML file."""
        return self.version.checked("report.html")


def _values(cell: Any) -> list[Any]:
    """A cell as its values: a list's, or the one, or none."""
    if isinstance(cell, list):
        return cell
    return [] if cell is None or cell == "" else [cell]
