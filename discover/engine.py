"""The read side: an opened version, and the questions that can be asked of it."""

from __future__ import annotations

import copy
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from discover import asking, encoders, fusion, labelling, nonsense, plugins, store
from discover import edits as editing
from discover import explain as explaining
from discover import search as searching
from discover.archive import Archive
from discover.embeddings import Progress
from discover.errors import InputError, UnknownThemeError, UsageError
from discover.nouns import (
    LIKELY,
    STRAY,
    Alert,
    Assignment,
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
from discover.settings import DEFAULT_WORKSPACE, Settings
from discover.spaces.vectors import Vectors
from discover.spaces.wording import Wording

if TYPE_CHECKING:
    import pyarrow as pa

NEAREST = 3  # items that an assignment names
SPARE = 10  # answers that are looked at for each one shown, where some will be thinned out; more where too few stay
HALF = 0.5  # of a query's words
KEPT = 32  # ways to weigh spaces, and conditions, whose outcome is remembered

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
        self._encoders: dict[str, Any] = {}
        self._levels: dict[str, float] = {}
        self._pools: dict[Any, NDArray[np.float64]] = {}
        self._rows: dict[Any, NDArray[np.int64]] = {}
        self._lock = threading.Lock()
        self._loading = threading.Lock()  # held while a model is loaded, which takes long

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
            if len(shared) == 1 and (id := shared.pop()) is not None and id not in self._hidden:
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
        return self._kept(self._pools, key, lambda: searching.pool(self._ground, weights))

    def _kept(self, held: dict[Any, NDArray[Any]], key: Any, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """What was made for this key before, or now; only the last few are held."""
        found = held.get(key)
        if found is None:
            found = make()
            with self._lock:
                while len(held) >= KEPT:
                    held.pop(next(iter(held)))
                held[key] = found
        return found

    def _allowed(self, where: str | None) -> NDArray[np.int64] | None:
        if where is None:
            return None
        if not isinstance(where, str):
            raise UsageError(f"where: give a condition as text, such as 'year >= 1990', got {where!r}")
        return self._kept(self._rows, where, lambda: self._filter.rows(where))

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
        with self._loading:
            if space not in self._encoders:
                chosen = getattr(self.settings, space)
                encoder = plugins.load(encoders, chosen.encoder, chosen.options)
                encoder.check(self.spaces[space].identity)
                self._encoders[space] = _OneAtATime(encoder)
            return self._encoders[space]

    @property
    def levels(self) -> int:
        """How many levels of themes there are: 0 where none were found, 1 where no theme falls apart."""
        return len(self._archive.themes.levels)

    def themes(self, level: int = 0) -> Listing[Theme]:
        """The themes of a level, largest first; level 0 is the broadest. An empty list when none were found.

        Raises UsageError for a level that there is not.
        """
        self._check(level)
        hidden = self._hidden
        return Listing(theme for theme in self._named(level) if theme.id not in hidden)

    def _check(self, level: int) -> None:
        valid = range(max(self.levels, 1))
        if level not in valid:
            raise UsageError(f"level must be {' or '.join(map(str, valid))} in this version, got {level!r}")

    def _named(self, level: int | None = None) -> list[Theme]:
        """The themes of a level, largest first, or of all; with the labels that people gave since."""
        return [each for each in self._all if level in (None, each.level)]

    @cached_property
    def _all(self) -> list[Theme]:
        taken_back = {edit.number for edit in self._log} - {edit.number for edit in self._edits}
        baked = [edit for edit in self._log if edit.number in self.version.facts.get("edits", [])]
        own = {edit.themes[0] for edit in baked if edit.kind == "rename" and edit.number in taken_back}
        labels = {entry.id: entry.label for entry in self._archive.ledger.entries} if own else {}
        named = [replace(theme, label=labels[theme.id]) if theme.id in own else theme for theme in self._archive.named]
        shown = editing.renamed(editing.merged(named, self._new), self._edits)
        return sorted(shown, key=lambda each: (each.level, -each.size))

    @property
    def _new(self) -> list[Edit]:
        """The edits made since the version was."""
        return [edit for edit in self._edits if edit.number not in self.version.facts.get("edits", [])]

    @cached_property
    def _ids(self) -> list[list[str]]:
        """The id of each theme by level and number; merged ones have the same."""
        into = editing.joined(self._new)
        return [[into.get(id, id) for id in ids] for ids in self._archive.theme_ids]

    @property
    def edits(self) -> Listing[Edit]:
        """All edits that this engine shows or knows to be pending, oldest first, undone ones and undos too."""
        return self._log

    @cached_property
    def _log(self) -> Listing[Edit]:
        return editing.read(self.version.workspace)

    @property
    def _edits(self) -> tuple[Edit, ...]:
        return editing.standing(self._log)

    @property
    def _hidden(self) -> set[str]:
        """The ids of themes that nobody is to see."""
        return editing.hidden(self._edits)

    def labels(self, ids: Iterable[str]) -> dict[str, str]:
        """The labels of themes, as people named them, also of those that are gone; of unknown ids none."""
        known = {entry.id: entry.label for entry in self.entries} | {each.id: each.label for each in self._named()}
        return {id: known[id] for id in ids if id in known}

    def theme(self, id: str) -> Theme:
        """A theme with all its items, strongest first. Raises UnknownThemeError."""
        for theme in self._named():
            if theme.id == id:
                return replace(theme, items=self._members(theme))
        gone = self.entry(id)
        state = "died" if gone.died else "is dormant"
        raise UnknownThemeError(
            f"theme {id} {gone.label!r} is not in version {self.version.number}: it {state}, last seen in version "
            f"{gone.seen}; `discover theme {id} --history` says more"
        )

    def history(self, id: str) -> Listing[Event]:
        """What happened to a theme, night by night, also where it broke off from another or was absorbed.

        Raises UnknownThemeError for an id that no theme ever had.
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
        """The permanent record of a theme, also of one that is gone. Raises UnknownThemeError."""
        for entry in self._archive.ledger.entries:
            if entry.id == id:
                return entry
        raise UnknownThemeError(f"no theme {id!r} in version {self.version.number}; `discover themes` lists them")

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
            theme = None if place == STRAY or self._ids[level][place] in self._hidden else self._ids[level][place]
            nearest = tuple(self.catalog.ids[each] for each in rows_near[:NEAREST])
            strength = strength if theme else 0.0
            assigned.append(Assignment(id, title, theme, labels[theme] if theme else "", strength, nearest))
        return Listing(assigned)

    def label(self, ids: str | Iterable[str] = (), texts: Sequence[str] = ()) -> Label:
        """Words for any set of items (ids or exact titles), or of texts, against the rest, as a theme gets them.

        Give items or texts; of texts there are no exemplars. Raises UnknownItemError, UsageError; ModelError where the
        labeller that is set needs a model that is not here.
        """
        if texts:
            return self._label_texts([asking.text(text) for text in texts], ids)
        rows = searching.find_rows(self.catalog, asking.labelled(ids))
        found = self._labelled(self.catalog, rows)
        items = tuple(Item(self.catalog.ids[row], self.catalog.titles[row], 1.0) for row in found.exemplars)
        return replace(found, items=items)

    def _label_texts(self, texts: Sequence[str], ids: str | Iterable[str]) -> Label:
        """As items that are nothing but a description, beside the catalog's."""
        from discover import catalog

        if not isinstance(ids, str) and not tuple(ids):
            return replace(self._labelled(*catalog.with_texts(self.catalog, texts)), exemplars=())
        raise UsageError("label: give items or texts, not both")

    def _labelled(self, catalog: Catalog, rows: NDArray[np.int64]) -> Label:
        weights = fusion.theme_weights(self.settings.themes, self.catalog, self.spaces)
        vectors = fusion.fuse(self.spaces, weights, len(catalog))
        return labelling.label(
            catalog, rows, vectors, self.settings.labels, labelling.senses(self.spaces, self._encoder)
        )

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
        labels, hidden = {theme.id: theme.label for theme in self._named(level)}, self._hidden
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
            trends.Holding(names, [theme or "" for theme in engine._broad], each)
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
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts of this night and all before it, oldest first, with what came of them."""
        return self._archive.alerts

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The permanent records of all themes that there ever were."""
        return self._archive.ledger.entries

    @property
    def space_names(self) -> list[str]:
        """The spaces that a search can weigh."""
        return list(self._ground.spaces)

    @property
    def weights(self) -> dict[str, float]:
        """How much each space counts where a query does not say."""
        return self._weights(None)

    @property
    def colours(self) -> dict[str, int]:
        """The colour (0 to 7) of each theme that is shown, by its id: that of the report, where it stays.

        A finer theme has that of the broad one it is in; one outside of all has none. See `discover.sections._palette`.
        """
        places = self._archive.places
        found = {theme.id: places[theme.id].colour for theme in self.themes() if theme.id in places}
        for level in range(1, self.levels):
            for theme in self.themes(level):
                if theme.parent in found:
                    found.setdefault(theme.id, found[theme.parent])
        return found

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
        return self._items

    @cached_property
    def _items(self) -> pa.Table:
        table = self.catalog.table
        names = ["theme (source)" if name == "theme" else name for name in table.column_names]
        return table.rename_columns(names).append_column("theme", [self._broad])

    def matching(self, where: str | None = None) -> list[str]:
        """The ids of the items for which an SQL expression over the columns of `items()` holds, in catalog order.

        All ids by default. Raises UsageError.
        """
        rows, ids = self._allowed(where), self.catalog.ids
        return list(ids) if rows is None else [ids[row] for row in rows.tolist()]

    def cards(self, ids: Iterable[str]) -> Listing[Card]:
        """Items by id or exact title, as people see them in a list. Raises UnknownItemError."""
        return self._cards(searching.find_rows(self.catalog, ids).tolist())

    def _cards(self, rows: Sequence[int]) -> Listing[Card]:
        names = ["id", "title", "date", "description", "genres", "country", "people", "image"]
        found = self.catalog.table.select(names).take(np.asarray(rows, dtype=np.int64)).to_pylist()
        labels = {theme.id: theme.label for theme in self.themes()}
        themes = [self._broad[row] for row in rows]
        return Listing(
            Card(
                id=each["id"],
                title=each["title"],
                year=each["date"].year if each["date"] else None,
                date=each["date"].isoformat() if each["date"] else None,
                description=each["description"],
                genres=tuple(each["genres"]),
                countries=tuple(each["country"]),
                people=tuple(each["people"]),
                theme=theme if theme in labels else None,
                label=labels.get(theme or "", ""),
                image=each["image"],
            )
            for each, theme in zip(found, themes, strict=True)
        )

    def values(self, item: str) -> dict[str, Any]:
        """All that the catalog holds of an item, by column. Raises UnknownItemError."""
        row = searching.find_row(self.catalog, item)
        held: dict[str, Any] = self.catalog.table.slice(row, 1).to_pylist()[0]
        return held

    def themes_of(self, item: str) -> dict[str, str]:
        """The themes that an item is in, id -> label, broadest first. Raises UnknownItemError."""
        return self._shared_themes([searching.find_row(self.catalog, item)])

    def suggest(self, text: str, k: int = 8) -> Listing[Card]:
        """Items for what someone begins to type: titles that begin with it, then words that do, then the rest.

        Case and accents do not count; shorter titles come first.
        """
        wanted, count = _folded(text.strip()), asking.count(k, "k")
        if not wanted:
            return Listing()
        inside = [row for row, title in enumerate(self._titles) if wanted in title]

        def order(row: int) -> tuple[int, int, int]:
            title = self._titles[row]
            return (0 if title.startswith(wanted) else 1 if f" {wanted}" in title else 2, len(title), row)

        return self._cards(sorted(inside, key=order)[:count])

    @cached_property
    def _titles(self) -> list[str]:
        """By row: the title as people type it."""
        return [_folded(title) for title in self.catalog.titles]

    @cached_property
    def facets(self) -> Facets:
        """What items can be filtered by."""
        years = [day.year for day in self.catalog.column("date") if day]
        counted = (
            Counter(value for cell in self.catalog.column(each) for value in cell) for each in ("genres", "country")
        )
        genres, countries = (dict(sorted(each.items(), key=lambda pair: (-pair[1], pair[0]))) for each in counted)
        return Facets((min(years), max(years)) if years else None, genres, countries)

    def years(self, ids: Sequence[str]) -> list[int | None]:
        """The year of each item's date, None where it is unknown. Raises UnknownItemError."""
        dates = self.catalog.table.column("date")
        days = [dates[searching.find_row(self.catalog, each)].as_py() for each in ids]
        return [day.year if day else None for day in days]

    def map(self) -> Listing[MapPoint]:
        """A point for each item; x and y are NaN for an item with nothing to place it by."""
        places, ids, hidden = self._archive.themes.map, self.catalog.ids, self._hidden
        return Listing(
            MapPoint(ids[row], float(places[row, 0]), float(places[row, 1]), None if theme in hidden else theme)
            for row, theme in enumerate(self._broad)
        )

    def atlas(self) -> Atlas:
        """The map as arrays by row."""
        hidden, themes, names = self._hidden, [], []
        for number, (level, ids) in enumerate(zip(self.partition, self._ids, strict=True)):
            labels = {theme.id: theme.label for theme in self._named(number)}
            shown = np.array([id not in hidden for id in ids] + [False])  # -1 is the last
            themes.append(np.where(shown[level.members], level.members, STRAY))
            names.append(tuple((id, "" if id in hidden else labels[id]) for id in ids))
        days = np.array(self.catalog.table.column("date").cast("int32").to_pandas(), dtype=np.float64)
        return Atlas(self._archive.themes.map, tuple(themes), tuple(names), days)

    def map_names(self, level: int = 0) -> Listing[MapName]:
        """Where the names of a level's themes go on the map. Raises UsageError for a level that there is not."""
        atlas, found = self.atlas(), []
        for theme in self.themes(level):
            numbers = [number for number, (id, _) in enumerate(atlas.names[level]) if id == theme.id]
            points = atlas.places[np.isin(atlas.themes[level], numbers)].astype(np.float64)
            points = points[np.isfinite(points).all(axis=1)]
            if len(points):
                x, y = points[np.argmin(((points - np.median(points, axis=0)) ** 2).sum(axis=1))].tolist()
                found.append(MapName(theme.id, theme.label, x, y, theme.size, level))
        return Listing(found)

    def edited(self) -> Engine:
        """This version under the edits as they are now; what was read of it is shared."""
        again = copy.copy(self)
        for name in ("_log", "_ids", "_broad", "_items", "_filter", "_all"):
            again.__dict__.pop(name, None)
        again._rows = {}
        return again

    def following(self) -> Engine:
        """The workspace's current version, with this one's models where they are the same. Raises WorkspaceError."""
        new = open(self.version.workspace)
        for space, encoder in self._encoders.copy().items():  # requests may add to it
            same = space in new.spaces and getattr(new.settings, space) == getattr(self.settings, space)
            if same and not new.spaces[space].identity.differences(encoder.identity()):
                new._encoders[space] = encoder
        return new

    def warmed(self, models: bool = False) -> Engine:
        """This engine, with all read that queries by id need; with `models`, also what texts and pictures need."""
        self.similar(self.catalog.ids[0], k=1)
        self.facets, self._titles, self._filter, self._groups, self.trends_found, self._archive.ledger  # noqa: B018
        for space in self.spaces if models else ():
            self._encoder(space).encode_text(["warm"])
        return self

    @cached_property
    def _broad(self) -> list[str | None]:
        """The broad theme's id of each row, None for strays."""
        if not self._archive.themes.levels:
            return [None] * len(self.catalog)
        names = self._ids[0]
        return [None if number == STRAY else names[number] for number in self._archive.themes.levels[0].members]

    @property
    def report(self) -> Path:
        """The report's HTML file."""
        return self.version.checked("report.html")


class _OneAtATime:
    """An encoder that threads may share: a tokeniser fails ("Already borrowed") where two use it together."""

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode(self, *given: Any) -> Any:
        with self._lock:
            return self._encoder.encode(*given)

    def encode_text(self, texts: Sequence[str]) -> Any:
        with self._lock:
            return self._encoder.encode_text(texts)


def _folded(text: str) -> str:
    """The text as people type it: small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def _values(cell: Any) -> list[Any]:
    """A cell as its values: a list's, or the one, or none."""
    if isinstance(cell, list):
        return cell
    return [] if cell is None or cell == "" else [cell]
