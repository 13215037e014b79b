"""Which column plays which role: by its name where names say it, by its content where they do not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from discover.catalog.roles import content, dated
from discover.catalog.roles.columns import FITS, Column, is_prose
from discover.catalog.roles.names import CALLED, FILLERS_OF, NAMES, ORDER, OTHER_TEXTS, SPELLINGS, Names, words
from discover.catalog.values import dates, numbers
from discover.core.errors import SettingsError
from discover.core.settings import CatalogSettings
from discover.core.suggest import did_you_mean
from discover.core.types import ROLES

EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")  # a phrase that may end a name
MIN_LENGTH_RATIO = 1.25  # times the text of a column with a better name, that a description is taken from another


@dataclass(frozen=True)
class Roles:
    """The mapping and what is to be said about it."""

    mapping: Mapping[str, tuple[str, ...]]
    guessed: tuple[str, ...] = ()  # roles whose column was told by its content alone
    warnings: tuple[str, ...] = ()
    fill_year: str | None = None  # column of years for items without a date
    counts: tuple[str, ...] = ()  # columns of numbers that may be an audience, where none is called one


def find(
    table: pa.Table,
    settings: CatalogSettings,
    given: Mapping[str, str] | None = None,
    before: Mapping[str, tuple[str, ...]] | None = None,
) -> Roles:
    """The role of each column. `given` are roles that the source decides; settings come before all.

    `before` are the columns of an earlier run, which keep their roles while they are there.

    Raises SettingsError where settings name a column that is not there.
    """
    columns = {name: Column(name, table.column(name)) for name in table.column_names}
    mapping, off = _settled(list(columns), settings, given or {})
    remembered = {role: names for role, names in (before or {}).items() if role not in mapping and role not in off}
    mapping |= {role: names for role, names in remembered.items() if set(names) <= set(columns)}
    taken = {name for names in mapping.values() for name in names}
    free = {name: column for name, column in columns.items() if name not in taken}
    open_roles = [role for role in ORDER if role not in mapping and role not in off]
    dates_open = [role for role in dated.ROLES if role in open_roles]
    unsure: tuple[str, ...] = ()
    for role in [role for role in open_roles if role not in dates_open[1:]]:  # both dates are searched for together
        if role in dates_open:
            settled = {each: columns[mapping[each][0]] for each in dated.ROLES if each in mapping}
            days = dated.find(free, dates_open, settled)
            chosen, unsure = dict(days.mapping), days.guessed
        else:
            chosen = {role: names} if (names := _by_name(role, free, mapping)) else {}
        mapping |= chosen
        used = {name for names in chosen.values() for name in names}
        free = {name: column for name, column in free.items() if name not in used}
    by_name = set(mapping) - set(unsure)
    content.fill(mapping, free, columns, off)
    guessed = {role for role in ROLES if role in mapping and role not in by_name}
    if "released" in dates_open:
        guessed -= _by_title(mapping, columns, "added" in dates_open)
    release = mapping.get("released", ()) if "released" in dates_open else ()
    fill = dated.filler(columns[release[0]], free) if len(release) == 1 else None
    counts = () if "audience" in mapping or "audience" in off else content.find_counts(free.values())
    warnings = (
        *_no_header(columns, guessing=not by_name),
        *_no_id(mapping, off),
        *_only_titles(mapping),
        *_gone(mapping, remembered),
        *content.explain_counts(counts),
    )
    return Roles(
        {role: mapping[role] for role in ROLES if role in mapping},
        tuple(r for r in ROLES if r in guessed),
        warnings,
        fill,
        counts,
    )


def _settled(
    names: list[str], settings: CatalogSettings, given: Mapping[str, str]
) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    """Roles that are not searched for: those in the settings, those the source decides; "" switches a role off."""
    mapping: dict[str, tuple[str, ...]] = {role: (column,) for role, column in given.items()}
    off: set[str] = set()
    for role in ROLES:
        wanted = getattr(settings, role)
        if wanted is None:
            continue
        listed = tuple(each for each in ((wanted,) if isinstance(wanted, str) else wanted) if each)
        mapping[role] = tuple(_exact(each, names, role) for each in listed)
        if not listed:
            del mapping[role]
            off.add(role)
    return mapping, off


def _gone(mapping: Mapping[str, tuple[str, ...]], remembered: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Warnings where a role is not read from the columns of the last run: other titles make other items."""
    return [
        f"Column {', '.join(map(repr, names))}, used for {role} in the last run, is missing. "
        f"{_instead(mapping, role)}. Set [catalog] {role} to choose another"
        for role, names in remembered.items()
        if mapping.get(role) != names
    ]


def _instead(mapping: Mapping[str, tuple[str, ...]], role: str) -> str:
    """What a role is read from in place of a column that is missing."""
    if role not in mapping:
        return f"No {role} is read"
    return f"{role.capitalize()} is read from {', '.join(map(repr, mapping[role]))}"


def _exact(wanted: str, names: list[str], role: str) -> str:
    same = [name for name in names if name == wanted] or [n for n in names if n.casefold() == wanted.casefold()]
    if same:
        return same[0]
    hint = did_you_mean(wanted, names)
    raise SettingsError(f"catalog.{role}: the catalog has no column {wanted!r}{hint} Columns: {', '.join(names)}")


def _by_name(role: str, free: Mapping[str, Column], mapping: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Columns whose name is one of the role's and whose content fits it."""
    known = NAMES[role]
    entity = words(mapping["id"][0])[:1] if role == "title" and "id" in mapping else ()
    ranked = sorted(
        (rank, position, column)
        for position, column in enumerate(free.values())
        if (rank := _rank(role, known, column, entity)) is not None
    )  # position is unique, so columns are never compared
    fits = [(known.phrases[rank[-1]], column) for rank, _, column in ranked if column.present and FITS[role](column)]
    if role == "id" and not fits:
        return _by_name("link", free, mapping)
    if known.several:
        return tuple(column.name for _, column in fits)
    if role == "id":  # of several that are called ids, one that every item has for itself
        fits.sort(key=lambda fit: fit[1].distinct < len(fit[1].data))
    else:
        fits.sort(key=lambda fit: fit[1].is_sparse)
    if role == "description" and fits:
        return _fullest(fits, list(free.values()))
    return (fits[0][1].name,) if fits else ()


def _fullest(fits: list[tuple[str, Column]], others: list[Column]) -> tuple[str, ...]:
    """Of columns that are called descriptions the one that says most: "story" where "summary" is shorter.

    A tagline that most items lack is none where a column of another name has texts.
    """
    phrase, best = fits[0]
    if best.is_sparse and any(is_prose(column) and not column.is_sparse for column in others):
        return ()
    if phrase not in OTHER_TEXTS:
        candidates = [column for phrase, column in fits if phrase not in OTHER_TEXTS and not column.is_sparse] or [best]
        longest = max(candidates, key=lambda column: column.length * column.present)
        best = longest if longest.length * longest.present > MIN_LENGTH_RATIO * best.length * best.present else best
    return (best.name,)


def _rank(role: str, known: Names, column: Column, entity: tuple[str, ...]) -> tuple[int, int, int] | None:
    """How well a name says the role: (0, 0, place in the list) for the name itself, more for looser likeness.

    The second number is for a column from inside an object: how many outer parts of "show.network.name" are left out.
    """
    ends = column.ends(SPELLINGS if role == "title" else SPELLINGS | CALLED)
    whole_name = known.never & set(column.words)
    ranks = [
        (level, outer, place)
        for outer, end in enumerate(ends)
        if not (outer and whole_name) and (rank := _rank_words(role, known, end, column, entity)) is not None
        for level, place in [rank]
    ]
    return min(ranks, default=None)


def _rank_words(
    role: str, known: Names, name: tuple[str, ...], column: Column, entity: tuple[str, ...]
) -> tuple[int, int] | None:
    parts = tuple(part for part in name if part not in FILLERS_OF.get(role, ())) or name
    if role == "people":  # Star1, actor_2_name
        parts = tuple(re.sub(r"\d+$", "", part) for part in parts if not part.isdigit())
    whole = "".join(parts)
    if whole in known.places:
        return 0, known.places[whole]
    related = bool(entity) and parts[:1] == entity  # track_name is the title where track_id is the id
    if role in ("people", "date", "kind") or (known.never & set(parts) and not related):
        return None
    level, ranks = 1 if related else 2, []
    for place, (phrase, phrase_words) in enumerate(zip(known.phrases, known.split, strict=True)):
        if EAST_ASIAN.fullmatch(phrase) and whole.endswith("".join(phrase_words)):  # words have no blanks there
            ranks.append((level, place))
            continue
        if len(parts) <= len(phrase_words):
            continue
        if parts[-len(phrase_words) :] == phrase_words:
            ranks.append((level, place))
        elif (
            phrase in known.opening
            and parts[: len(phrase_words)] == phrase_words
            and (role != "title" or column.lettered > 0.5)
        ):
            ranks.append((level + 1, place))
    return min(ranks, default=None)


def _by_title(mapping: dict[str, tuple[str, ...]], columns: Mapping[str, Column], added_is_open: bool) -> set[str]:
    """Years behind titles say when items were released, where no column does but one that is just called "date".

    Edits `mapping`; gives the roles that are no guess.
    """
    title, release = mapping.get("title", ()), mapping.get("released", ())
    from_description = title == mapping.get("description")
    if not title or from_description or not all(map(dated.is_plain, release)) or not dated.in_titles(columns[title[0]]):
        return set()
    if release and added_is_open and "added" not in mapping and columns[release[0]].grain[1] > dates.YEAR:
        mapping["added"] = release
        del mapping["released"]
    return {"released"} if mapping.setdefault("released", title) == title else set()


def _no_id(mapping: Mapping[str, tuple[str, ...]], off: set[str]) -> tuple[str, ...]:
    if "id" in mapping or "id" in off:
        return ()
    return (
        "No column identifies the items, so ids were made from title (or text) and date. An item whose title or date "
        "changes becomes a new item. Set [catalog] id to choose a column",
    )


def _only_titles(mapping: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if {"description", "genres", "keywords", "people", "image"} & set(mapping):
        return ()
    return (
        "Only titles are compared, as no column has descriptions, genres, people or pictures. Name one in [catalog]",
    )


def _no_header(columns: Mapping[str, Column], guessing: bool) -> tuple[str, ...]:
    """Says so where names of columns look like cells: a single one if no name tells anything, else most of them."""
    alike = [name for name, column in columns.items() if _is_cell(name, column)]
    if len(columns) < 2 or len(alike) <= (0 if guessing else len(columns) / 2):
        return ()
    shown = ", ".join(name[:40] for name in list(columns)[:5])
    return (f"The column names look like a row of data ({shown}). If the table has no header, add one",)


def _is_cell(name: str, column: Column) -> bool:
    """Whether the name of a column is of the kind that its cells are, or one of them."""
    number = column.numeric > 0.9 and numbers.is_number(name)
    day = column.grain[0] > 0.9 and dates.grains([name])[0] > dates.NONE
    link = column.links > 0.5 and "://" in name
    prose = len(name) > 80 or (column.wordy >= 5 and len(name.split()) >= 5)
    return number or day or link or prose or name in column.sample
