"""The themes of a version as people see them now: with the names they gave, merged themes as one, hidden ones nowhere.

An edit that its version was made with is in the version; those made, or taken back, since are followed here where
they can be (see `edits.AT_ONCE`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import UsageError
from discover.core.types import OUTLIER, Edit, Item, Listing, Place, Theme, Trend, WhiteSpace
from discover.edits import apply as edits
from discover.ledger import hidden as _hidden
from discover.store.archive import Archive

if TYPE_CHECKING:
    import pyarrow as pa

    from discover.search.where import Filter

KEPT = 32  # conditions whose rows are remembered
Told = TypeVar("Told", Trend, WhiteSpace)


@dataclass(frozen=True)
class EditedView:
    """What an archive holds of themes, under the edits as they are when first asked for."""

    archive: Archive

    # --- edits -------------------------------------------------------------------------------------------------

    @cached_property
    def log(self) -> Listing[Edit]:
        """All edits of the workspace, oldest first, undone ones and undos too. Raises WorkspaceError."""
        return edits.read(self.archive.version.workspace)

    @cached_property
    def _standing(self) -> tuple[Edit, ...]:
        return edits.standing(self.log)

    @cached_property
    def into(self) -> dict[str, str]:
        """By theme that was merged into another since the version was made: that other."""
        return edits.joined(self.pending)

    @cached_property
    def pending(self) -> list[Edit]:
        """The edits made since the version was."""
        return [edit for edit in self._standing if edit.number not in self.archive.version.manifest.get("edits", [])]

    @cached_property
    def hidden(self) -> set[str]:
        """The ids of themes that nobody is to see."""
        return edits.hidden(self._standing)

    # --- themes ------------------------------------------------------------------------------------------------

    @cached_property
    def all(self) -> list[Theme]:
        """The themes of all levels, broadest level first, each by falling size; hidden ones too."""
        taken_back = {edit.number for edit in self.log} - {edit.number for edit in self._standing}
        baked = [edit for edit in self.log if edit.number in self.archive.version.manifest.get("edits", [])]
        own = {edit.themes[0] for edit in baked if edit.kind == "rename" and edit.number in taken_back}
        labels = {entry.id: entry.label for entry in self.archive.ledger.entries} if own else {}
        named = [replace(theme, label=labels[theme.id]) if theme.id in own else theme for theme in self.archive.named]
        renamed = edits.renamed(edits.merged(named, self.pending), self._standing)
        alone = (_hidden.alone(theme, self.hidden) for theme in renamed)
        return sorted(alone, key=lambda each: (each.level, -each.size))

    def themes(self, level: int) -> Listing[Theme]:
        """The themes of a level, largest first. Raises UsageError for a level that there is not."""
        self.check(level)
        return Listing(each for each in self.all if each.level == level and each.id not in self.hidden)

    def check(self, level: int) -> None:
        """Raises UsageError for a level that there is not."""
        valid = range(max(len(self.archive.themes.levels), 1))
        if level not in valid:
            raise UsageError(f"level must be {' or '.join(map(str, valid))} in this version, got {level!r}")

    def labels(self, level: int | None = None) -> dict[str, str]:
        """By theme's id, of a level or of all: its label; of hidden ones too."""
        return {each.id: each.label for each in self.all if level in (None, each.level)}

    @cached_property
    def ids(self) -> list[list[str]]:
        """The id of each theme by level and number; merged ones have the same."""
        return [[self.into.get(id, id) for id in ids] for ids in self.archive.theme_ids]

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where the names of themes stand on the map, by id; what a merger brought back stands where a part did."""
        kept = self.archive.places
        return {self.into[id]: place for id, place in reversed(kept.items()) if id in self.into} | kept

    def told(self, found: Iterable[Told], level: int) -> list[Told]:
        """What is told of the themes of a level, under the labels that they have now, without hidden ones."""
        self.check(level)
        labels = self.labels(level)
        mine = (each for each in found if each.level == level and each.theme not in self.hidden)
        return [replace(each, label=labels.get(each.theme, each.label)) for each in mine]

    # --- items -------------------------------------------------------------------------------------------------

    def items_of(self, theme: Theme) -> tuple[Item, ...]:
        """The items of a theme, strongest first."""
        archive, depth = self.archive, theme.level
        level, attached = archive.themes.levels[depth], archive.themes.memberships[depth].attached
        rows = level.rows(*(number for number, id in enumerate(self.ids[depth]) if id == theme.id))
        ids, titles = archive.catalog.ids, archive.catalog.titles
        return tuple(Item(ids[row], titles[row], float(level.strengths[row]), bool(attached[row])) for row in rows)

    def shared(self, rows: Iterable[int]) -> dict[str, str]:
        """The themes that all of these rows are in, id -> label, broadest first."""
        labels, chosen = self.labels(), list(rows)
        found = {}
        for level, ids in zip(self.archive.themes.levels, self.ids, strict=True):
            shared = {ids[number] if number != OUTLIER else None for number in level.members[chosen].tolist()}
            if len(shared) == 1 and (id := shared.pop()) is not None and id not in self.hidden:
                found[id] = labels[id]
        return found

    @cached_property
    def broad(self) -> list[str | None]:
        """By row: the id of its broad theme; None for outliers, and where nobody is to see it."""
        levels = self.archive.themes.levels
        if not levels:
            return [None] * len(self.archive.catalog)
        names = [None if id in self.hidden else id for id in self.ids[0]]
        return [None if number == OUTLIER else names[number] for number in levels[0].members.tolist()]

    @cached_property
    def table(self) -> pa.Table:
        """The catalog with each item's broad theme as `theme`; a column of that name is "theme (source)"."""
        table = self.archive.catalog.table
        names = ["theme (source)" if name == "theme" else name for name in table.column_names]
        return table.rename_columns(names).append_column("theme", [self.broad])

    @cached_property
    def filter(self) -> Filter:
        """The table, ready for conditions."""
        from discover.search.where import Filter

        return Filter(self.table)

    def rows(self, where: str | None) -> NDArray[np.int64] | None:
        """The rows for which an SQL expression over the columns of the table holds; None for all. Raises UsageError."""
        if where is None:
            return None
        if not isinstance(where, str):
            raise UsageError(f"where: give a condition as text, such as 'year >= 1990', got {where!r}")
        return self._rows(where)

    @cached_property
    def _rows(self) -> Callable[[str], NDArray[np.int64]]:
        return lru_cache(KEPT)(self.filter.rows)
