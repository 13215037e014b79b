"""Items of a catalog by the titles that other tables have: "ONE PIECE: Season 1", "Title // original title".

A title is looked up as it is written, then without case, accents and punctuation, then without its season, each time as
a whole and by its halves around "//". Titles that several items have are told apart by kind, then by year.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from discover.core import titles
from discover.core.types import Catalog

HALVES = re.compile(r"\s+//\s+|\s+//|//\s+")
_SEASON = (
    r"season|seasons|series|part|volume|vol|book|chapter|collection|cycle|act|staffel|teil|saison|partie|temporada|"
    r"parte|stagione|seizoen|sezon|сезон|часть|시즌|シーズン|第\d+(?:季|期|シーズン)"
)
_NUMBER = r"(?:\d{1,4}|[ivx]{1,5}|one|two|three|four|five|six|seven|eight|nine|ten|final|especial|specials?)"
_WHOLE = (
    r"(?:a |the )?(?:limited|mini|complete|tv|animated|original|anthology)[ -]?series|miniseries|mini-serie|miniserie|"
    r"miniserie limitada|serie limitada|serie|the series|the complete series|complete series|limited edition"
)
CUT = re.compile(  # behind ":", "-" or "," or in brackets; "Season 1" and "S01" behind a blank as well
    rf"(?:\s*[:,–—]\s*|\s+-\s+|\s*[(\[])(?:(?P<a>(?:{_SEASON})\.?\s*{_NUMBER}(?:\s*[:,.-].*)?)|"
    rf"(?P<b>{_NUMBER}\.?\s*(?:{_SEASON}))|(?P<c>第\d+(?:季|期|シーズン))|(?P<d>[^:]*\barc)|(?P<whole>{_WHOLE}))\s*[)\]]?\s*$|"
    r"\s+(?P<e>(?:season|staffel|saison|temporada|stagione|сезон|시즌|シーズン)\s*\d{1,2}|s\d{1,2}(?:e\d+)?)\s*$",
    re.IGNORECASE,
)
TRAILING_NUMBER = re.compile(r"(?<=\w)\s+(?:\d{1,2}|[IVX]{2,4})\s*$")  # "Stranger Things 4": of series only
ARTICLE_BEHIND = re.compile(r"(?P<name>.+),\s*(?P<article>the|a|an|der|die|das|le|la|les|el|los|il)\s*$", re.IGNORECASE)
SERIES_WORDS = re.compile(
    r"\b(?:series?|shows?|tv|serien?|séries?|season|anime|sitcom|soap|telenovela)\b|电视|ドラマ|시리즈|сериал",
    re.IGNORECASE,
)
FILM_WORDS = re.compile(
    r"\b(?:movies?|films?|feature|pelicula|película|filme|spielfilm|kinofilm)\b|电影|映画|영화|фильм", re.IGNORECASE
)
YEARS_APART = 1  # between two tables' dates of one release


@dataclass(frozen=True)
class Wanted:
    """What another table says about an item."""

    title: str
    series: bool | None = None  # None: it does not say
    year: int | None = None


@dataclass(frozen=True)
class TitleIndex:
    """The titles of a catalog as other tables spell them."""

    catalog: Catalog = field(repr=False)
    keep_seasons: bool = False  # a season is only the item of that season, and not its show

    def find(self, wanted: Wanted) -> list[int]:
        """The rows that may be meant: one for a match, none for an unknown title, several where it is ambiguous."""
        year = wanted.year
        exact = self.catalog.titled.get(wanted.title, [])
        if len(exact) == 1 and (wanted.series is None or self.series[exact[0]] in (wanted.series, None)):
            return exact
        for form, is_season, number_cut in self._forms(wanted.title):
            title_year = titles.year(form)
            name = titles.name(form)
            series = True if is_season else wanted.series
            rows = next((rows for index, key in self._keys(name) if (rows := index.get(key, []))), [])
            rows = [row for row in rows if series is None or self.series[row] in (series, None)]
            if number_cut:
                rows = [row for row in rows if self.series[row]]
            rows = self._of_year(rows, title_year, sure=True) if title_year else self._of_year(rows, year, sure=False)
            if rows:
                return rows
        return []

    def _forms(self, title: str) -> Iterator[tuple[str, bool, bool]]:
        """Spellings to look up, best first: whether a season was cut off, and whether only a number was."""
        parts = [title, *(half for half in HALVES.split(title) if half and half != title)]
        yield from ((part, False, False) for part in parts)
        shorter = []
        for part in parts:
            bare = part
            while (cut := CUT.search(bare)) and cut.start() and (cut["whole"] or not self.keep_seasons):
                bare = bare[: cut.start()]
                shorter.append(bare)
                yield bare, True, False
        if not self.keep_seasons:
            for part in (*shorter, *parts):
                if cut := TRAILING_NUMBER.search(part):
                    yield part[: cut.start()], part in shorter, True

    def _keys(self, name: str) -> Iterator[tuple[dict[str, list[int]], str]]:
        """Where to look a name up, and as what; lost letters last, as "Pokmon" is what some exports make of Pokémon."""
        yield self._folded, name.strip().casefold()
        yield self._plain, key(name)
        if lossy := key(name.encode("ascii", "ignore").decode()):
            yield self._lossy, lossy

    def _of_year(self, rows: list[int], year: int | None, sure: bool) -> list[int]:
        """Of several rows those of a year, else those next to it; of a year that the title says (`sure`) no others."""
        if year is None or (len(rows) < 2 and not sure):
            return rows
        apart = {row: abs(known - year) for row in rows if (known := self.years[row]) is not None}
        for distance in range(YEARS_APART + 1):
            if near := [row for row, years in apart.items() if years == distance]:
                return near
        return [row for row in rows if row not in apart] if sure else rows

    @cached_property
    def series(self) -> list[bool | None]:
        """Whether each item is a series; None where the catalog does not say."""
        return [is_series(kind) for kind in self.catalog.column("kind")]

    @cached_property
    def years(self) -> list[int | None]:
        """The year of release of each item."""
        return [day.year if day else None for day in self.catalog.column("released")]

    @cached_property
    def _names(self) -> list[list[str]]:
        """What each item is called: its title without a year, and the halves of it."""
        names = [titles.name(title) for title in self.catalog.titles]
        return [[name, *(half for half in HALVES.split(name) if half and half != name)] for name in names]

    @cached_property
    def _folded(self) -> dict[str, list[int]]:
        return _index((name.strip().casefold(), row) for row, names in enumerate(self._names) for name in names)

    @cached_property
    def _plain(self) -> dict[str, list[int]]:
        return _index((key(name), row) for row, names in enumerate(self._names) for name in names)

    @cached_property
    def _lossy(self) -> dict[str, list[int]]:
        return _index(
            (key(name.encode("ascii", "ignore").decode()), row)
            for row, names in enumerate(self._names)
            for name in names
        )


def is_series(kind: str | None) -> bool | None:
    """Whether a kind such as "TV Show" or "Films (English)" is one of series; None where it does not say."""
    if not kind:
        return None
    if FILM_WORDS.search(kind):
        return False
    return True if SERIES_WORDS.search(kind) else None


def key(name: str) -> str:
    """A name in small letters without accents, blanks and punctuation; "&" is "and"."""
    plain = unicodedata.normalize("NFKD", _turned(name).casefold().replace("&", " and "))
    return "".join(character for character in plain if character.isalnum()) or plain.strip()


def _turned(name: str) -> str:
    """ "Odd Couple, The" as "The Odd Couple"."""
    match = ARTICLE_BEHIND.fullmatch(name.strip())
    return f"{match['article']} {match['name']}" if match else name.strip()


def _index(pairs: Iterator[tuple[str, int]]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for spelling, row in pairs:
        if spelling and row not in places.setdefault(spelling, []):
            places[spelling].append(row)
    return places
