"""Read any table, find its columns, check it.

    catalog = discover.catalog.read("films.csv")

`reading/` turns a source into text cells, `roles/` says which column is what, `values/` turns cells into values; this
file knows their order. Nothing is lost without being said: what could not be used is in `Catalog.rejects`, what was
decided in doubt is in `Catalog.warnings`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from discover.catalog import losses
from discover.catalog.dating import DATES, add_dates
from discover.catalog.draft import Draft
from discover.catalog.reading import choose
from discover.catalog.reading.base import Raw, unique_names
from discover.catalog.roles.find import Roles, find
from discover.catalog.roles.names import NAMES, words
from discover.catalog.values import ids, images, lists, marks, numbers, texts
from discover.catalog.values.base import RowReject, as_strings
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings
from discover.core.types import ROLES, Catalog, Reject
from discover.core.words import plural

DEFAULTS = CatalogSettings()
LISTS = tuple(role for role, form in ROLES.items() if form == "texts")
AUDIENCE_WORDS = frozenset(word for phrase in NAMES["audience"].phrases for word in words(phrase))
TEXTS = tuple(role for role, form in ROLES.items() if form == "text" and role != "id")


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
    roles = find(raw.table, settings, raw.roles, before)
    if not {"title", "description", "image"} & set(roles.mapping):
        names = ", ".join(raw.table.column_names)
        what = "no column looks like titles, texts or pictures. Name one in [catalog]"
        raise InputError(f"{raw.source}: {what}. Columns: {names}")
    draft = Draft(raw, roles, settings)
    for stage in (_too_long, _texts, add_dates, _image):
        stage(draft)
    if as_of is not None:
        _as_of(draft, as_of)
    for stage in (_nothing, _ids, _lists, _audience):
        stage(draft)
    return _finish(draft)


def find_roles(source: Any, settings: CatalogSettings = DEFAULTS) -> tuple[pa.Table, Roles]:
    """The cells of a source, and which column would play which role, without anything else of a `read`.

    Raises InputError where the source cannot be read, SettingsError for a column that is not there.
    """
    raw = _unmarked(choose.load(source, settings))
    return raw.table, find(raw.table, settings, raw.roles)


def _unmarked(raw: Raw) -> Raw:
    """The source without reference marks behind cells: "9.0[b]" is a number, "10 December 2010[5]" a date."""
    columns = [marks.without_marks(column) for column in raw.table.columns]
    if not any(marked for _, marked in columns):
        return raw
    names = raw.table.column_names
    notes = tuple(
        f"{name}: reference marks such as [1] were removed from {plural(marked, 'cell')}"
        for name, (_, marked) in zip(names, columns, strict=True)
        if marked
    )
    table = pa.table([column for column, _ in columns], names=names)
    return replace(raw, table=table, warnings=(*raw.warnings, *notes))


# --- stages, in order --------------------------------------------------------------------------------------


def _too_long(draft: Draft) -> None:
    limit = draft.settings.max_field_bytes
    for name, column in zip(draft.raw.table.column_names, draft.raw.table.columns, strict=True):
        lengths = pc.binary_length(as_strings(column)) if (column.nbytes > limit) else None
        if lengths is None or (pc.max(lengths).as_py() or 0) <= limit:
            continue
        rows = np.flatnonzero(pc.fill_null(pc.greater(lengths, limit), False).to_numpy(zero_copy_only=False))
        reason = f"the cell is longer than max_field_bytes ({limit})"
        draft.drop([RowReject(row, name, reason, str(column[row])[:200], dropped=True) for row in rows.tolist()])


def _texts(draft: Draft) -> None:
    """Title, description, language, kind. A title from the column that is the description too is its first words."""
    for role in TEXTS:
        sources = draft.source(role)
        column = (
            lists.unlisted(sources[0]) if sources and role in ("language", "kind") else sources[0] if sources else None
        )
        values, dirty = texts.clean(column) if column is not None else (_empty(draft), 0)
        draft.columns[role] = values
        same = role == "description" and draft.roles.mapping.get("title") == draft.roles.mapping.get("description")
        if dirty and not same:
            draft.warnings.append(f"{draft.name(role)}: removed control characters from {plural(dirty, 'cell')}")
    if draft.roles.mapping.get("title") == draft.roles.mapping.get("description"):
        draft.columns["title"] = texts.titles(draft.columns["description"])


def _image(draft: Draft) -> None:
    sources, name = draft.source("image"), draft.name("image")
    if not sources:
        draft.columns["image"] = pa.nulls(len(draft.keep), pa.string())
        return
    pictures = images.resolve(sources[0], _roots(draft), draft.raw.in_memory)
    draft.columns["image"] = pictures.paths
    draft.rejects += [RowReject(row, name, why, cell) for row, cell, why in pictures.refused]
    folder = draft.raw.folder.absolute()
    if pictures.lost:
        lost = plural(pictures.lost, "picture was", "pictures were")
        draft.warnings.append(f"{name}: {lost} not found, such as {pictures.first_lost!r} (searched {folder})")
    if pictures.refused:
        refused = plural(len(pictures.refused), "picture was", "pictures were")
        _, cell, why = pictures.refused[0]
        draft.warnings.append(f"{name}: {refused} not used, such as {cell!r}: {why}")
    remote = pc.sum(pc.match_substring(draft.columns["image"], "://")).as_py()
    if remote:
        urls = plural(remote, "picture is", "pictures are")
        advice = "To compare pictures, download them and give their paths"
        draft.warnings.append(f"{name}: {urls} given by URL and not fetched. {advice}")


def _roots(draft: Draft) -> list[Path]:
    """Where pictures may lie: the catalog's folder, and those that settings name."""
    return [draft.raw.folder, *map(Path, draft.settings.media_roots)]


def _as_of(draft: Draft, as_of: date) -> None:
    later = pc.fill_null(pc.greater(draft.columns["added"], pa.scalar(as_of, pa.date32())), False)
    gone = later.to_numpy(zero_copy_only=False)
    if gone.any() and not (draft.keep & ~gone).any():
        first = pc.min(draft.columns["added"]).as_py()
        raise InputError(
            f"{draft.raw.source}: all items are later than {as_of}. The first is of {first}: choose a later day"
        )
    draft.keep &= ~gone
    left_out = plural(int(gone.sum()), "item of a later date was", "items of a later date were")
    draft.warnings.append(f"as of {as_of}: {left_out} left out")


def _nothing(draft: Draft) -> None:
    """Rows without title, description and picture."""
    empty = pc.and_(pc.equal(draft.columns["title"], ""), pc.equal(draft.columns["description"], ""))
    bare = pc.and_(empty, pc.is_null(draft.columns["image"])).to_numpy(zero_copy_only=False) & draft.keep
    shown = [f"{role} ({draft.name(role)})" for role in ("title", "description", "image") if role in draft.mapping]
    reason = f"no content: {', '.join(shown)} empty"
    rows = np.flatnonzero(bare).tolist()
    named = as_strings(draft.source("image")[0]).to_pylist() if rows and draft.source("image") else None
    folder = draft.raw.folder.absolute()
    refused = {reject.row: reject.reason for reject in draft.rejects if reject.column == draft.name("image")}
    for row in rows:
        file = (named[row] or "").strip() if named else ""
        why = refused.get(row) or (f"no file {file!r} below {folder}" if images.says(file) else reason)
        draft.drop([RowReject(row, None, why, _line(draft, row), dropped=True)])


def _ids(draft: Draft) -> None:
    """Ids of the rows that stay: from their column, made where there is none, and no id twice."""
    sources, name = draft.source("id"), draft.name("id")
    values = ids.whole(texts.clean(sources[0])[0]) if sources else _empty(draft)
    lacking = pc.equal(values, "").to_numpy(zero_copy_only=False) & draft.keep
    if lacking.any():
        mapping = draft.roles.mapping
        titled = "title" in mapping and mapping["title"] != mapping.get("description")
        roles = ("title", "released") if titled else ("description", "released", "image")
        shown = [draft.columns[role] for role in roles]
        parts = [pc.fill_null(column.cast(pa.string()), "") for column in shown]
        new_ids = ids.make(pc.binary_join_element_wise(*parts, "\x1f"), lacking, draft.content)
        values = pc.if_else(pa.array(lacking), pa.array(new_ids, pa.string()), values)
        if sources:
            reason = "the id is missing, so one was made from title and date"
            rows = np.flatnonzero(lacking).tolist()
            draft.rejects += [RowReject(row, name, reason, "", dropped=False) for row in rows]
    kept = np.flatnonzero(draft.keep)
    column = name if sources else None
    repeats = ids.repeats(
        values.take(pa.array(kept)), draft.raw.lines[kept], column, lambda row: draft.content(kept[row])
    )
    draft.drop([RowReject(int(kept[p.row]), p.column, p.reason, p.value, p.dropped) for p in repeats])
    draft.columns["id"] = values
    draft.columns["title"] = pc.if_else(pc.equal(draft.columns["title"], ""), values, draft.columns["title"])


def _lists(draft: Draft) -> None:
    for role in LISTS:
        parts = [lists.split(column, slashes=role == "people") for column in draft.source(role)]
        empty = pa.array([[]] * len(draft.keep), pa.list_(pa.string())) if not parts else None
        draft.columns[role] = lists.join(parts) if empty is None else empty


def _audience(draft: Draft) -> None:
    sources = draft.source("audience")
    if not sources:
        draft.columns["audience"] = pa.nulls(len(draft.keep), pa.float64())
        return
    figures, rejects = numbers.parse(sources[0], draft.name("audience"))
    draft.rejects += rejects
    scale = numbers.scale_of(draft.name("audience"))
    if scale != 1:
        figures = figures * scale
        draft.warnings.append(f"{draft.name('audience')}: figures were multiplied by {scale:,.0f}, as the name says")
    units = [word for word in numbers.units(sources[0]) if words(word)[0] not in AUDIENCE_WORDS]
    if units:
        examples = ", ".join(map(repr, units[:5]))
        what = "Ignored words after numbers (not read as multipliers such as million)"
        draft.warnings.append(f"{draft.name('audience')}: {what}: {examples}")
    draft.columns["audience"] = pa.array(figures, mask=np.isnan(figures))


def _finish(draft: Draft) -> Catalog:
    """The table of the rows that stay, and the rejects in order of lines."""
    raw, chosen = draft.raw, {name for names in draft.roles.mapping.values() for name in names}
    if not draft.keep.any():
        first = f". The first: {draft.rejects[0].reason}" if draft.rejects else ""
        raise InputError(f"{raw.source}: none of its {raw.rows_read} rows can be used{first}")
    rest = [name for name in raw.table.column_names if name not in chosen]
    renamed = unique_names([*ROLES, *(f"{name} (source)" if name in ROLES else name for name in rest)])
    columns = [*(draft.columns[role] for role in ROLES), *(as_strings(raw.table.column(name)) for name in rest)]
    table = pa.table(dict(zip(renamed, columns, strict=True)))
    if not draft.keep.all():
        table = table.filter(pa.array(draft.keep))
    rejects = sorted(
        (*raw.rejects, *(_reject(draft, reject) for reject in _relevant(draft))), key=lambda reject: reject.line or 0
    )
    if rejects and draft.settings.strict:
        raise _strict(raw, rejects[0])
    said_first = _lost(draft, rejects)
    return Catalog(
        table,
        draft.mapping,
        raw.source,
        raw.rows_read,
        tuple(rejects),
        warnings=(*said_first, *raw.warnings, *draft.roles.warnings, *draft.warnings),
        guessed=draft.roles.guessed,
        unused=tuple(name for name in rest if name not in (*raw.made_from.values(), draft.roles.fill_year)),
        lines=raw.lines[draft.keep],
    )


# --- helpers -----------------------------------------------------------------------------------------------


def _relevant(draft: Draft) -> list[RowReject]:
    """Of a row that is set aside only the reason for that; of rows later than `as_of` nothing."""
    return [p for p in draft.rejects if p.dropped or draft.keep[p.row]]


def _lost(draft: Draft, rejects: list[Reject]) -> tuple[str, ...]:
    """What is to be said first where many rows were set aside. Raises InputError where most were, copies apart."""
    reasons = Counter(reject.general_reason for reject in rejects if reject.dropped)
    if not reasons:
        return ()
    reason, count = reasons.most_common(1)[0]
    copies = sum(reject.dropped and reject.reason.startswith(ids.COPY_REASON) for reject in rejects)
    why, raw = f"Most frequent reason ({count:,}): {reason}", draft.raw
    gone, allowed = reasons.total(), draft.settings.allow_rejects
    return losses.check(raw.source, gone, raw.rows_read, why, allowed, gone - copies)


def _reject(draft: Draft, reject: RowReject) -> Reject:
    line = int(draft.raw.lines[reject.row])
    item = None if reject.dropped else draft.columns["id"][reject.row].as_py()
    return Reject(line, reject.column, reject.reason, reject.value, reject.dropped, item)


def _strict(raw: Raw, reject: Reject) -> InputError:
    column = f", column {reject.column!r}" if reject.column else ""
    value = f" ({reject.value[:60]!r})" if reject.value else ""
    where = f"{raw.source}: line {reject.line}{column}"
    return InputError(f"{where}: {reject.reason}{value}. Correct it, or run without --strict")


def _empty(draft: Draft) -> pa.Array:
    return pa.array([""] * len(draft.keep), pa.string())


def _line(draft: Draft, row: int) -> str:
    return ", ".join("" if cell is None else str(cell) for cell in draft.content(row))


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
