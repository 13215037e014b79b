"""Read any table, find its columns, check it.

    catalog = discover.catalog.read("films.csv")

`reading/` turns a source into text cells, `roles/` says which column is what, `values/` turns cells into values; this
file knows their order. Nothing is lost without being said: what could not be used is in `Catalog.rejects`, what was
decided in doubt is in `Catalog.warnings`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from discover.catalog import losses
from discover.catalog.reading import choose
from discover.catalog.reading.base import Raw, unique_names
from discover.catalog.roles import dated
from discover.catalog.roles.find import Roles, find
from discover.catalog.roles.names import NAMES, words
from discover.catalog.values import dates, ids, images, lists, marks, numbers, texts
from discover.catalog.values.base import RowReject, as_strings
from discover.core import titles
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings
from discover.core.types import ROLES, Catalog, Reject
from discover.core.words import plural

DEFAULTS = CatalogSettings()
LISTS = tuple(role for role, form in ROLES.items() if form == "texts")
AUDIENCE_WORDS = frozenset(word for phrase in NAMES["audience"].phrases for word in words(phrase))
DATES = ("released", "added")
TEXTS = tuple(role for role, form in ROLES.items() if form == "text" and role != "id")


@dataclass
class _Work:
    """A catalog in the making: columns by role over all rows that were read, and which of them stay."""

    raw: Raw
    roles: Roles
    settings: CatalogSettings
    columns: dict[str, pa.Array] = field(default_factory=dict)
    rejects: list[RowReject] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    keep: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.keep = np.ones(self.raw.table.num_rows, dtype=bool)

    def source(self, role: str) -> list[pa.ChunkedArray]:
        """The columns of the source that play a role."""
        return [self.raw.table.column(name) for name in self.roles.mapping.get(role, ())]

    def name(self, role: str) -> str:
        """The (first) column of the source that plays a role, for messages."""
        return self.mapping.get(role, (role,))[0]

    @property
    def mapping(self) -> dict[str, tuple[str, ...]]:
        """The columns as the source has them: pictures that were found by a column's file names are that column's."""
        made = self.raw.made_from
        return {role: tuple(made.get(name, name) for name in names) for role, names in self.roles.mapping.items()}

    def drop(self, rejects: list[RowReject]) -> None:
        """Sets rows aside."""
        self.rejects += rejects
        self.keep[[reject.row for reject in rejects]] = False

    def content(self, row: int) -> tuple[Any, ...]:
        """All that the source says in one row."""
        return tuple(column[row].as_py() for column in self.raw.table.columns)


def read(
    source: Any,
    settings: CatalogSettings = DEFAULTS,
    as_of: date | None = None,
    before: Mapping[str, tuple[str, ...]] | None = None,
) -> Catalog:
    """The catalog in a file, a folder of pictures, a data frame, or a list of dictionaries.

    `as_of` leaves out items that were added later; those without a date stay. `before` are roles and their columns in
    an earlier version, which keep them (see `StoredRun.columns`). Raises InputError where the source cannot be read or
    holds no items, or at the first reject if `settings.strict`; SettingsError for a column that is not there.
    """
    raw = choose.load(source, settings)
    if raw.rejects and settings.strict:
        raise _strict(raw, raw.rejects[0])
    if not raw.table.num_rows:
        raise InputError(f"{raw.source}: there are no rows to read")
    raw = _unmarked(raw)
    found = find(raw.table, settings, raw.roles, before)
    if not {"title", "description", "image"} & set(found.mapping):
        names = ", ".join(raw.table.column_names)
        what = "no column looks like titles, texts or pictures. Name one in [catalog]"
        raise InputError(f"{raw.source}: {what}. Columns: {names}")
    work = _Work(raw, found, settings)
    for stage in (_too_long, _texts, _dates, _image):
        stage(work)
    if as_of is not None:
        _as_of(work, as_of)
    for stage in (_nothing, _ids, _lists, _audience):
        stage(work)
    return _finish(work)


def _unmarked(raw: Raw) -> Raw:
    """The source without reference marks behind cells: "9.0[b]" is a number, "10 December 2010[5]" a date."""
    columns = [marks.without_marks(column) for column in raw.table.columns]
    if not any(marked for _, marked in columns):
        return raw
    names = raw.table.column_names
    said = tuple(
        f"{name}: reference marks such as [1] were removed from {plural(marked, 'cell')}"
        for name, (_, marked) in zip(names, columns, strict=True)
        if marked
    )
    table = pa.table([column for column, _ in columns], names=names)
    return replace(raw, table=table, warnings=(*raw.warnings, *said))


# --- stages, in order --------------------------------------------------------------------------------------


def _too_long(work: _Work) -> None:
    limit = work.settings.max_field_bytes
    for name, column in zip(work.raw.table.column_names, work.raw.table.columns, strict=True):
        lengths = pc.binary_length(as_strings(column)) if (column.nbytes > limit) else None
        if lengths is None or (pc.max(lengths).as_py() or 0) <= limit:
            continue
        rows = np.flatnonzero(pc.fill_null(pc.greater(lengths, limit), False).to_numpy(zero_copy_only=False))
        reason = f"the cell is longer than max_field_bytes ({limit})"
        work.drop([RowReject(row, name, reason, str(column[row])[:200], dropped=True) for row in rows.tolist()])


def _texts(work: _Work) -> None:
    """Title, description, language, kind. A title from the column that is the description too is its first words."""
    for role in TEXTS:
        sources = work.source(role)
        column = (
            lists.unlisted(sources[0]) if sources and role in ("language", "kind") else sources[0] if sources else None
        )
        values, dirty = texts.clean(column) if column is not None else (_empty(work), 0)
        work.columns[role] = values
        same = role == "description" and work.roles.mapping.get("title") == work.roles.mapping.get("description")
        if dirty and not same:
            work.warnings.append(f"{work.name(role)}: removed control characters from {plural(dirty, 'cell')}")
    if work.roles.mapping.get("title") == work.roles.mapping.get("description"):
        work.columns["title"] = texts.titles(work.columns["description"])


def _dates(work: _Work) -> None:
    """When items were released and added, each of them by the other where the source does not say it at all."""
    years = _title_years(work)
    for role in DATES:
        names = work.roles.mapping.get(role, ())
        if names:
            work.columns[role] = pa.array(years if names == work.roles.mapping.get("title") else _days(work, role))
    if "released" in work.columns:
        _fill(work, years)
    for role, other in (DATES, DATES[::-1]):
        work.columns.setdefault(role, work.columns.get(other, pa.nulls(len(work.keep), pa.date32())))


def _days(work: _Work, role: str) -> NDArray[np.datetime64]:
    """The days of a role's column, or of its columns of years, months and days."""
    sources, name = work.source(role), work.name(role)
    column = sources[0] if len(sources) == 1 else dates.join(*sources[:3])
    found = dates.parse(column, name, work.settings.day_first)
    work.rejects += found.rejects
    if found.ambiguous:
        order = "day/month" if found.day_first else "month/day"
        dates_like = plural(found.ambiguous, "date such as 3/4/2020 was", "dates such as 3/4/2020 were")
        why = "as set" if work.settings.day_first is not None else _evidence(*found.votes)
        work.warnings.append(f"{name}: {dates_like} read as {order}, {why}. Set [catalog] day_first to decide")
    return found.days


def _title_years(work: _Work) -> NDArray[np.datetime64]:
    """The years behind titles, which lose them, where most titles have one or settings say so; NaT for none."""
    values, title = work.columns["title"].to_pylist(), work.roles.mapping.get("title")
    found = [None if title == work.roles.mapping.get("description") else titles.year(value) for value in values]
    said = sum(year is not None for year in found)
    if title != work.roles.mapping.get("released") and said < dated.TITLED_YEARS * sum(map(bool, values)):
        return np.full(len(values), "NaT", "M8[D]")
    work.columns["title"] = pa.array([titles.without_year(value) for value in values], pa.string())
    return np.array([f"{year}-01-01" if year else "NaT" for year in found], "M8[D]")


def _fill(work: _Work, titled: NDArray[np.datetime64]) -> None:
    """Release dates that are missing, from a column of years or from years behind titles."""
    days, name = work.columns["released"].to_numpy(zero_copy_only=False).astype("M8[D]"), work.name("released")
    column = work.roles.fill_year
    years = dates.parse(work.raw.table.column(column), column).days if column else titled
    for source, others in ((column, years), (work.name("title"), titled)):
        gaps = np.isnat(days) & ~np.isnat(others)
        if source and gaps.any():
            days[gaps] = others[gaps]
            filled = plural(int(gaps.sum()), "missing date was", "missing dates were")
            work.warnings.append(f"{name}: {filled} taken from {source}")
    work.columns["released"] = pa.array(days, pa.date32())


def _image(work: _Work) -> None:
    sources, name = work.source("image"), work.name("image")
    if not sources:
        work.columns["image"] = pa.nulls(len(work.keep), pa.string())
        return
    work.columns["image"], lost, first = images.resolve(sources[0], work.raw.folder)
    if lost:
        folder = work.raw.folder.absolute()
        work.warnings.append(
            f"{name}: {plural(lost, 'picture was', 'pictures were')} not found, such as {first!r} (searched {folder})"
        )
    remote = pc.sum(pc.match_substring(work.columns["image"], "://")).as_py()
    if remote:
        pictures = plural(remote, "picture is", "pictures are")
        advice = "To compare pictures, download them and give their paths"
        work.warnings.append(f"{name}: {pictures} given by URL and not fetched. {advice}")


def _as_of(work: _Work, as_of: date) -> None:
    later = pc.fill_null(pc.greater(work.columns["added"], pa.scalar(as_of, pa.date32())), False)
    gone = later.to_numpy(zero_copy_only=False)
    if gone.any() and not (work.keep & ~gone).any():
        first = pc.min(work.columns["added"]).as_py()
        raise InputError(
            f"{work.raw.source}: all items are later than {as_of}. The first is of {first}: choose a later day"
        )
    work.keep &= ~gone
    left_out = plural(int(gone.sum()), "item of a later date was", "items of a later date were")
    work.warnings.append(f"as of {as_of}: {left_out} left out")


def _nothing(work: _Work) -> None:
    """Rows without title, description and picture."""
    empty = pc.and_(pc.equal(work.columns["title"], ""), pc.equal(work.columns["description"], ""))
    bare = pc.and_(empty, pc.is_null(work.columns["image"])).to_numpy(zero_copy_only=False) & work.keep
    shown = [f"{role} ({work.name(role)})" for role in ("title", "description", "image") if role in work.mapping]
    reason = f"no content: {', '.join(shown)} empty"
    rows = np.flatnonzero(bare).tolist()
    named = as_strings(work.source("image")[0]).to_pylist() if rows and work.source("image") else None
    folder = work.raw.folder.absolute()
    for row in rows:
        file = (named[row] or "").strip() if named else ""
        why = f"no file {file!r} below {folder}" if images.says(file) else reason
        work.drop([RowReject(row, None, why, _line(work, row), dropped=True)])


def _ids(work: _Work) -> None:
    """Ids of the rows that stay: from their column, made where there is none, and no id twice."""
    sources, name = work.source("id"), work.name("id")
    values = ids.whole(texts.clean(sources[0])[0]) if sources else _empty(work)
    lacking = pc.equal(values, "").to_numpy(zero_copy_only=False) & work.keep
    if lacking.any():
        mapping = work.roles.mapping
        titled = "title" in mapping and mapping["title"] != mapping.get("description")
        roles = ("title", "released") if titled else ("description", "released", "image")
        shown = [work.columns[role] for role in roles]
        parts = [pc.fill_null(column.cast(pa.string()), "") for column in shown]
        made = ids.make(pc.binary_join_element_wise(*parts, "\x1f"), lacking, work.content)
        values = pc.if_else(pa.array(lacking), pa.array(made, pa.string()), values)
        if sources:
            reason = "the id is missing, so one was made from title and date"
            rows = np.flatnonzero(lacking).tolist()
            work.rejects += [RowReject(row, name, reason, "", dropped=False) for row in rows]
    kept = np.flatnonzero(work.keep)
    column = name if sources else None
    repeats = ids.repeats(
        values.take(pa.array(kept)), work.raw.lines[kept], column, lambda row: work.content(kept[row])
    )
    work.drop([RowReject(int(kept[p.row]), p.column, p.reason, p.value, p.dropped) for p in repeats])
    work.columns["id"] = values
    work.columns["title"] = pc.if_else(pc.equal(work.columns["title"], ""), values, work.columns["title"])


def _lists(work: _Work) -> None:
    for role in LISTS:
        parts = [lists.split(column, slashes=role == "people") for column in work.source(role)]
        empty = pa.array([[]] * len(work.keep), pa.list_(pa.string())) if not parts else None
        work.columns[role] = lists.join(parts) if empty is None else empty


def _audience(work: _Work) -> None:
    sources = work.source("audience")
    if not sources:
        work.columns["audience"] = pa.nulls(len(work.keep), pa.float64())
        return
    figures, rejects = numbers.parse(sources[0], work.name("audience"))
    work.rejects += rejects
    scale = numbers.scale_of(work.name("audience"))
    if scale != 1:
        figures = figures * scale
        work.warnings.append(f"{work.name('audience')}: figures were multiplied by {scale:,.0f}, as the name says")
    units = [word for word in numbers.units(sources[0]) if words(word)[0] not in AUDIENCE_WORDS]
    if units:
        examples = ", ".join(map(repr, units[:5]))
        what = "Ignored words after numbers (not read as multipliers such as million)"
        work.warnings.append(f"{work.name('audience')}: {what}: {examples}")
    work.columns["audience"] = pa.array(figures, mask=np.isnan(figures))


def _finish(work: _Work) -> Catalog:
    """The table of the rows that stay, and the rejects in order of lines."""
    raw, chosen = work.raw, {name for names in work.roles.mapping.values() for name in names}
    if not work.keep.any():
        first = f". The first: {work.rejects[0].reason}" if work.rejects else ""
        raise InputError(f"{raw.source}: none of its {raw.rows_read} rows can be used{first}")
    rest = [name for name in raw.table.column_names if name not in chosen]
    renamed = unique_names([*ROLES, *(f"{name} (source)" if name in ROLES else name for name in rest)])
    columns = [*(work.columns[role] for role in ROLES), *(as_strings(raw.table.column(name)) for name in rest)]
    table = pa.table(dict(zip(renamed, columns, strict=True)))
    if not work.keep.all():
        table = table.filter(pa.array(work.keep))
    rejects = sorted((*raw.rejects, *(_reject(work, reject) for reject in _relevant(work))), key=lambda r: r.line or 0)
    if rejects and work.settings.strict:
        raise _strict(raw, rejects[0])
    said_first = _lost(work, rejects)
    return Catalog(
        table,
        work.mapping,
        raw.source,
        raw.rows_read,
        tuple(rejects),
        warnings=(*said_first, *raw.warnings, *work.roles.warnings, *work.warnings),
        guessed=work.roles.guessed,
        unused=tuple(name for name in rest if name not in (*raw.made_from.values(), work.roles.fill_year)),
        lines=raw.lines[work.keep],
    )


# --- helpers -----------------------------------------------------------------------------------------------


def _evidence(day_first: int, month_first: int) -> str:
    """What the dates of a column that can be read in one order only say about the others."""
    if not day_first and not month_first:
        return "a guess that no other date in the column confirms"
    if day_first == month_first:
        return f"a guess: of the column's other dates, {day_first} are written either way"
    less, more = sorted((day_first, month_first))
    return f"like most of the column's other dates ({more} to {less})" if less else "like the column's other dates"


def _relevant(work: _Work) -> list[RowReject]:
    """Of a row that is set aside only the reason for that; of rows later than `as_of` nothing."""
    return [p for p in work.rejects if p.dropped or work.keep[p.row]]


def _lost(work: _Work, rejects: list[Reject]) -> tuple[str, ...]:
    """What is to be said first where many rows were set aside. Raises InputError where most were, copies apart."""
    reasons = Counter(reject.general_reason for reject in rejects if reject.dropped)
    if not reasons:
        return ()
    reason, count = reasons.most_common(1)[0]
    copies = sum(reject.dropped and reject.reason.startswith(ids.COPY) for reject in rejects)
    why, raw = f"Most frequent reason ({count:,}): {reason}", work.raw
    gone, allowed = reasons.total(), work.settings.allow_rejects
    return losses.check(raw.source, gone, raw.rows_read, why, allowed, gone - copies)


def _reject(work: _Work, reject: RowReject) -> Reject:
    line = int(work.raw.lines[reject.row])
    item = None if reject.dropped else work.columns["id"][reject.row].as_py()
    return Reject(line, reject.column, reject.reason, reject.value, reject.dropped, item)


def _strict(raw: Raw, reject: Reject) -> InputError:
    column = f", column {reject.column!r}" if reject.column else ""
    value = f" ({reject.value[:60]!r})" if reject.value else ""
    where = f"{raw.source}: line {reject.line}{column}"
    return InputError(f"{where}: {reject.reason}{value}. Correct it, or run without --strict")


def _empty(work: _Work) -> pa.Array:
    return pa.array([""] * len(work.keep), pa.string())


def _line(work: _Work, row: int) -> str:
    return ", ".join("" if cell is None else str(cell) for cell in work.content(row))


def with_texts(catalog: Catalog, texts: Sequence[str]) -> tuple[Catalog, NDArray[np.int64]]:
    """The catalog with items after it that have a description and nothing else, and their rows."""
    free = (id for number in count(1) if (id := f"text {number}") not in catalog.rows)
    rows: list[dict[str, Any]] = [
        dict.fromkeys(catalog.table.column_names, "")
        | {name: [] for name in LISTS}
        | dict.fromkeys((*DATES, "image", "audience"))
        | {"id": id, "description": text}
        for id, text in zip(free, texts, strict=False)
    ]
    table = pa.concat_tables([catalog.table, pa.Table.from_pylist(rows, catalog.table.schema)])
    return replace(catalog, table=table, lines=None), np.arange(len(catalog), len(table))
