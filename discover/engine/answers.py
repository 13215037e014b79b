"""A question to an opened version, from what was asked for to matches: weighed, thinned out, explained.

`asking` checks what callers give, `search` ranks, `explain` takes a score apart; here is what these need of a version:
its models for texts and pictures, its themes as people see them, how rare a score is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import InputError, UsageError
from discover.core.types import Explanation, Matches
from discover.engine import asking
from discover.engine.models import Models
from discover.engine.view import Shown
from discover.search import explain as explaining
from discover.search import rank as search
from discover.search.rank import Ask, Ground, Query, Ranked
from discover.search.spaces.vectors import Vectors
from discover.search.spaces.wording import Wording
from discover.store.archive import Archive

SPARE = 10  # answers that are looked at for each one shown, where some will be thinned out; more where too few stay
HALF = 0.5  # of a query's words
KEPT = 32  # ways to weigh spaces whose pool is remembered


@dataclass(frozen=True)
class Wish:
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


@dataclass(frozen=True)
class Answers:
    """What answers are made from: a version, its models, and its themes as people see them now."""

    archive: Archive
    models: Models
    shown: Shown

    @property
    def ground(self) -> Ground:
        """All that a search needs."""
        return self.archive.ground

    # --- what is wanted ----------------------------------------------------------------------------------------

    def weights(self, given: Mapping[str, float] | None = None) -> dict[str, float]:
        """What each space that there is counts; by the settings where nothing is given."""
        spaces = self.ground.spaces
        if given is None:
            return {name: weight for name, weight in self.archive.settings.search.weights.items() if name in spaces}
        return asking.weights(given, spaces)

    def wish(
        self,
        k: int,
        where: str | None,
        weights: Mapping[str, float] | None,
        diversity: float,
        at_most: Mapping[str, int] | None,
        dedupe: bool,
        why: bool = False,
        explain: bool = False,
    ) -> Wish:
        """All of it checked, before anything is encoded or searched. Raises UsageError."""
        varied = asking.diversity(diversity)
        count, chosen = asking.count(k, "k"), self.weights(weights)
        limits = asking.limits(at_most, self.shown.table.column_names) if at_most else {}
        return Wish(count, self.shown.rows(where), chosen, varied, limits, dedupe, why, explain)

    # --- what is asked for -------------------------------------------------------------------------------------

    def item(self, key: str, weight: float = 1.0) -> Ask:
        """Ask for what is like an item, by id or exact title. Raises UnknownItemError."""
        return search.item(self.ground, search.find_row(self.archive.catalog, key), weight)

    def text(self, text: str, weights: Mapping[str, float]) -> Ask:
        """Ask with a text in every weighted space that can be asked with one. Raises UsageError, ModelError."""
        asked = asking.text(text)
        probes: dict[str, Any] = {}
        for name, space in self.ground.spaces.items():
            if not weights.get(name, 0.0):
                continue
            if isinstance(space, Wording):
                probes[name] = space.text(asked)
            elif isinstance(space, Vectors):
                probes[name] = self.models.encoder(name).encode_text([asked])
        return search.foreign(self.ground, probes)

    def picture(self, path: str | Path, weights: Mapping[str, float]) -> Ask:
        """Ask with a picture file in the picture space. Raises UsageError, InputError, ModelError."""
        name = "image"
        if name not in self.archive.spaces:
            raise UsageError("this version has no pictures to compare with")
        if not weights.get(name, 0.0):
            raise UsageError("the weights leave nothing to compare a picture in; give image a positive weight")
        encoded = self.models.encoder(name).encode([str(path)])
        if encoded.failures:
            raise InputError(f"{path}: {encoded.failures[0]}")
        return search.foreign(self.ground, {name: encoded.vectors})

    def fits(self, text: str, ask: Ask) -> bool:
        """Whether a text is nearer to some item than nonsense is in some space, or items say half of its words.

        Pictures may say that it fits; alone they cannot say that it does not.
        """
        if list(ask.probes) == ["image"]:
            return True
        for name, probe in ask.probes.items():
            space = self.ground.spaces[name]
            if isinstance(space, Wording):
                if space.known(text) >= HALF and space.compare(probe).similarities.max() >= HALF:
                    return True
            elif isinstance(space, Vectors) and space.highest(probe)[0] > self.models.nonsense(space):
                return True
        return False

    # --- the answers -------------------------------------------------------------------------------------------

    def find(self, asks: Sequence[Ask], wish: Wish, note: str = "", asked: str = "") -> Matches:
        """The answers to a query; `asked` is the text in it. Raises UsageError, ModelError."""
        query = Query(asks, wish.weights, wish.allowed)
        own = [ask.row for ask in asks if ask.row is not None]
        found = self.ranked(lambda count: search.rank(self.ground, query, count), own, wish)
        answers = search.matches(self.archive.catalog, found, self.pool(wish.weights), note)
        rows = found.rows.tolist()
        if wish.why or wish.explain:
            whys = explaining.in_short(self.ground, query, found.rows)
            answers = Matches([replace(match, why=each) for match, each in zip(answers, whys, strict=True)], note)
        if wish.explain:
            told = self.passages([*own, *rows], wish.weights)
            explained = [self.explained(query, row, told, asked) for row in rows]
            answers = Matches([replace(m, explanation=e) for m, e in zip(answers, explained, strict=True)], note)
        return answers

    def ranked(self, rank: Callable[[int], Ranked], own: Sequence[int], wish: Wish) -> Ranked:
        """The best by `rank`, looked at as deep as it takes to thin them out. `own` rows were asked with."""
        whole = len(self.archive.catalog)
        depth = min(SPARE * (wish.k + 1) if wish.thins else wish.k, whole)
        found = self._thinned(rank(depth), own, wish)
        while len(found.rows) < wish.k and depth < whole and wish.thins:
            depth = min(SPARE * depth, whole)
            found = self._thinned(rank(depth), own, wish)
        return found.take(slice(wish.k))

    def _thinned(self, found: Ranked, own: Sequence[int], wish: Wish) -> Ranked:
        """Without near-duplicates (of the query's `own` rows as well) and what is over the limits, in diverse order."""
        if wish.dedupe:
            group = self.archive.copies
            found = search.at_most(found, [(each,) for each in group[found.rows]], 1, group[list(own)])
        for column, limit in wish.limits.items():
            values = self.shown.table.column(column).take(found.rows).to_pylist()
            found = search.at_most(found, [_values(value) for value in values], limit)
        if wish.diversity:
            found = search.diverse(self.ground, found, wish.k, wish.diversity, wish.weights)
        return found

    def pool(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Scores of unrelated pairs under these weights, ascending."""
        return self.archive.pool if weights == self.weights() else self._pools(tuple(sorted(weights.items())))

    @cached_property
    def _pools(self) -> Callable[[tuple[tuple[str, float], ...]], NDArray[np.float64]]:
        return lru_cache(KEPT)(lambda weights: search.pool(self.ground, dict(weights)))

    # --- why ---------------------------------------------------------------------------------------------------

    def explained(
        self, query: Query, row: int, told: Mapping[int, explaining.Passages], asked: str = ""
    ) -> Explanation:
        """Why a row has its score; `told` are the sentences that count, `asked` is the text in the query."""
        search.check(query)
        own = [ask.row for ask in query.asks if ask.row is not None and ask.weight > 0]
        themes = self.shown.shared([*own, row]) if own else {}
        pool = self.pool(query.weights)
        return explaining.explain(self.ground, self.archive.catalog, query, row, told, pool, themes, asked)

    def passages(self, rows: Sequence[int], weights: Mapping[str, float]) -> dict[int, explaining.Passages]:
        """The sentences of these rows, where texts count. Raises ModelError."""
        if "text" not in self.archive.spaces or not weights.get("text", 0.0):
            return {}
        return explaining.passages(self.archive.catalog, self.models.encoder("text"), rows)


def _values(cell: Any) -> list[Any]:
    """A cell as its values: a list's, or the one, or none."""
    if isinstance(cell, list):
        return cell
    return [] if cell is None or cell == "" else [cell]
