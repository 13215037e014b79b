"""The themes of a version as people see them now: with the names they gave, merged themes as one, hidden ones nowhere.

An edit that its version was made with is in the version; those made, or taken back, since are followed here where
they can be (see `log.SHOWN_AT_ONCE`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from discover.core.errors import UsageError
from discover.core.types import OUTLIER, Edit, Item, Listing, Place, Theme, Themes, Trend, WhiteSpace, themes_by_id
from discover.edits import log
from discover.edits.apply import merge_themes
from discover.labels.name import recount
from discover.ledger.hidden import drop_relatives, drop_themes, hidden_ids
from discover.store.load import StoredRun

if TYPE_CHECKING:
    import pyarrow as pa

    from discover.search.where.filters import Filter

CACHED_CONDITIONS = 32  # whose rows are remembered
Measured = TypeVar("Measured", Trend, WhiteSpace)


@dataclass(frozen=True)
class EditedView:
    """What a stored run holds of themes, under the edits as they are when first asked for."""

    run: StoredRun

    # --- edits -------------------------------------------------------------------------------------------------

    @cached_property
    def log(self) -> Listing[Edit]:
        """All edits of the workspace, oldest first, undone ones and undos too. Raises WorkspaceError."""
        return log.read(self.run.version.workspace)

    @cached_property
    def _standing(self) -> tuple[Edit, ...]:
        return log.standing(self.log)

    @cached_property
    def into(self) -> dict[str, str]:
        """By theme that was merged into another: that other."""
        return log.merged_into(self._standing)

    @cached_property
    def pending(self) -> list[Edit]:
        """The edits made since the version was."""
        return [edit for edit in self._standing if edit.number not in self.run.edit_numbers]

    @cached_property
    def hidden(self) -> set[str]:
        """The ids of themes that nobody is to see."""
        return hidden_ids(self._standing)

    # --- themes ------------------------------------------------------------------------------------------------

    @cached_property
    def merged(self) -> Themes:
        """The themes as arrays, merged ones as one; hidden ones too."""
        earlier = [edit for edit in self._standing if edit.number in self.run.edit_numbers]
        return merge_themes(self.run.themes, self.pending, earlier)

    @cached_property
    def shown(self) -> Themes:
        """The same without hidden ones, whose items are outliers here."""
        return drop_themes(self.merged, self.hidden)

    @cached_property
    def all(self) -> tuple[Theme, ...]:
        """The themes of all levels, broadest level first, each by falling size; hidden ones too."""
        named = self.run.named
        if self.merged is not self.run.themes:
            parts = (replace(theme, id=self.into[theme.id]) for theme in named if theme.id in self.into)
            named = recount(self.run.catalog, self.merged, [*named, *parts])
        renamed = log.rename([*map(self._with_own_label, named)], self._standing)
        return tuple(drop_relatives(theme, self.hidden) for theme in renamed)

    def _with_own_label(self, theme: Theme) -> Theme:
        """A theme under the label that the run found, where a name that people gave it was taken back since."""
        label = self._own_labels.get(theme.id)
        return theme if label is None else replace(theme, label=label)

    @cached_property
    def _own_labels(self) -> dict[str, str]:
        """By theme whose name was taken back since the version was made: the label that the run found."""
        taken_back = {edit.number for edit in self.log} - {edit.number for edit in self._standing}
        renames = [
            edit for edit in self.log if edit.kind == "rename" and edit.number in self.run.edit_numbers & taken_back
        ]
        ids = {edit.themes[0] for edit in renames}
        return {entry.id: entry.label for entry in self.run.ledger.entries if entry.id in ids} if ids else {}

    @cached_property
    def by_id(self) -> dict[str, Theme]:
        """The themes by id, each as it is at its broadest level; hidden ones too."""
        return themes_by_id(self.all)

    def themes(self, level: int) -> Listing[Theme]:
        """The themes of a level, largest first. Raises UsageError for a level that there is not."""
        self.check(level)
        return Listing(theme for theme in self.all if theme.level == level and theme.id not in self.hidden)

    def check(self, level: int) -> None:
        """Raises UsageError for a level that there is not."""
        valid = range(max(len(self.run.themes.levels), 1))
        if level not in valid:
            raise UsageError(f"level must be {' or '.join(map(str, valid))} in this version, got {level!r}")

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where the names of themes stand on the map, by id; what a merger brought back stands where a part did."""
        kept = self.run.places
        return {self.into[id]: place for id, place in reversed(kept.items()) if id in self.into} | kept

    def relabel(self, measured: Iterable[Measured], level: int) -> list[Measured]:
        """What was measured of the themes of a level, under the labels that they have now, without hidden ones."""
        self.check(level)
        seen = (value for value in measured if value.level == level and value.theme not in self.hidden)
        return [replace(value, label=self.label(value.theme) or value.label) for value in seen]

    def label(self, id: str) -> str:
        """The label of a theme, "" where the version has none with this id."""
        return self.by_id[id].label if id in self.by_id else ""

    # --- items -------------------------------------------------------------------------------------------------

    def items_of(self, theme: Theme) -> tuple[Item, ...]:
        """The items of a theme, strongest first."""
        level, ids, titles = self.merged.levels[theme.level], self.run.catalog.ids, self.run.catalog.titles
        return tuple(
            Item(ids[row], titles[row], float(level.strengths[row]), bool(level.attached[row]))
            for row in self.merged.rows(theme).tolist()
        )

    def shared(self, rows: Iterable[int]) -> dict[str, str]:
        """The themes that all of these rows are in, id -> label, broadest first."""
        chosen, themes = list(rows), {}
        for level in self.shown.levels:
            numbers = set(level.members[chosen].tolist())
            if len(numbers) == 1 and (number := numbers.pop()) != OUTLIER:
                themes[level.ids[number]] = self.label(level.ids[number])
        return themes

    @cached_property
    def broad(self) -> list[str | None]:
        """By row: the id of its broad theme; None for outliers, and where nobody is to see it."""
        levels = self.shown.levels
        return levels[0].ids_by_row(None).tolist() if levels else [None] * len(self.run.catalog)

    @cached_property
    def table(self) -> pa.Table:
        """The catalog with each item's broad theme as `theme`; a column of that name is "theme (source)"."""
        table = self.run.catalog.table
        names = ["theme (source)" if name == "theme" else name for name in table.column_names]
        return table.rename_columns(names).append_column("theme", [self.broad])

    @cached_property
    def filter(self) -> Filter:
        """The table, ready for conditions."""
        from discover.search.where.filters import Filter

        return Filter(self.table, self.run.catalog.mapping)

    def rows(self, where: str | None) -> NDArray[np.int64] | None:
        """The rows for which an SQL expression over the columns of the table holds; None for all. Raises UsageError."""
        if where is None:
            return None
        if not isinstance(where, str):
            raise UsageError(f"where: give a condition as text, such as 'year >= 1990', got {where!r}")
        return self._rows(where)

    @cached_property
    def _rows(self) -> Callable[[str], NDArray[np.int64]]:
        return lru_cache(CACHED_CONDITIONS)(self.filter.rows)
