"""Text queries and the rules that say which items answer them.

A rule is an SQL condition over a source's own columns as text: a missing value is "", a list is joined by ", ". It may
use year (of release), minutes (length of a film), people (director and cast), words (title and description), and two
functions: has(list, 'A|B'), one of the names is in the list; says(text, 'a|b'), one of the words stands in the text.
Both take regular expressions and ignore upper and lower case.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

HALVES = ("seen", "unseen")
MACROS = (
    "create macro has(listed, names) as regexp_matches(listed, '(^|, )(' || names || ')(,|$)', 'i')",
    r"create macro says(text, words) as regexp_matches(text, '\b(' || words || ')\b', 'i')",
)


class Mismatch(Exception):
    """Two files that belong together do not fit: one line that says which, and what to do."""


@dataclass(frozen=True)
class Query:
    """What is typed, and the rule of its answers ("" for an idea, which people judge)."""

    catalog: str
    text: str
    asks: Sequence[str] = ()  # place, time, person, genre, kind, subject, negation, typing error, ...
    relevant: str = ""


@dataclass(frozen=True)
class Source:
    """A catalog in the data folder: `columns` are SQL of what rules use beside, or instead of, its own columns."""

    file: str
    columns: Mapping[str, str]
    text: str  # SQL of title, genres and description
    facts: str  # SQL of one sentence: "TV Show from Denmark, 2017. Crime TV Shows."
    everything: str  # SQL of all columns but ids, addresses and dates of adding
    id: str = ""  # its column of ids; without one, rows have numbers


NETFLIX = Source(
    "netflix_2021-09.csv",
    {
        "year": "try_cast(release_year as int)",
        "minutes": "case when duration like '% min' then try_cast(split_part(duration, ' ', 1) as int) end",
        "people": "concat_ws(', ', director, \"cast\")",
        "words": "concat_ws('. ', title, description)",
        "genres": "listed_in",
    },
    "concat_ws('. ', title, listed_in, description)",
    "concat(type, if(country = '', '', ' from ' || country), ', ', release_year, '. ', listed_in, '.')",
    "concat_ws(' ', type, title, people, country, release_year, rating, duration, listed_in, description)",
    "show_id",
)
FILMS = Source(
    "films/catalog.csv",
    {
        "year": "try_cast(year as int)",
        "genres": "replace(genres, '|', ', ')",
        "keywords": "replace(keywords, '|', ', ')",
        "words": "concat_ws('. ', title, synopsis)",
    },
    "concat_ws('. ', title, genres, synopsis)",
    "concat('Film, ', year, '. ', genres, '.')",
    "concat_ws(' ', title, year, genres, keywords, synopsis)",
    "id",
)
WIKIPEDIA = Source(
    "wikipedia_films.parquet",
    {"year": "try_cast(year as int)", "people": '"cast"', "words": "concat_ws('. ', title, extract)"},
    "concat_ws('. ', title, genres, extract)",
    "concat('Film, ', year, '. ', genres, '.')",
    "concat_ws(' ', title, year, people, genres, extract)",
)
SOURCES = {"netflix_2021-09": NETFLIX, "films": FILMS, "wikipedia_films": WIKIPEDIA}


@dataclass(frozen=True)
class Rows:
    """A source's rows, in the order of the file."""

    source: Source
    connection: Any = field(repr=False)

    @classmethod
    def read(cls, source: Source, data: Path) -> Rows:
        """All of it. Raises duckdb.Error where the file is not there or not such a table."""
        import duckdb

        connection = duckdb.connect(config={"threads": 1})  # rows keep the order of the file
        for macro in MACROS:
            connection.execute(macro)
        path = "'" + str(data / source.file).replace("'", "''") + "'"
        file = f"read_csv({path}, all_varchar=true, parallel=false)" if source.file.endswith(".csv") else path
        described = connection.sql(f"select * from {file} limit 0")
        names = described.columns
        plain = ", ".join(_text(name, str(kind)) for name, kind in zip(names, described.types, strict=True))
        kept = ", ".join(f'"{name}"' for name in names if name not in source.columns)
        more = ", ".join(f'{sql} as "{name}"' for name, sql in source.columns.items())
        numbered = f"select row_number() over () - 1 as row, {plain} from {file}"
        connection.execute(f"create table items as select row, {kept}, {more} from ({numbered})")
        return cls(source, connection)

    def matching(self, rule: str) -> Any:
        """(n,) which rows the rule takes."""
        found = self.connection.execute(f"select coalesce(({rule}), false) from items order by row").fetchnumpy()
        return np.asarray(next(iter(found.values())), dtype=bool)

    def ids(self) -> list[str]:
        """By row: the source's own, or the row's number."""
        return self.texts(f'"{self.source.id}"' if self.source.id else "row::varchar")

    def texts(self, sql: str) -> list[str]:
        """By row."""
        return [text for (text,) in self.connection.execute(f"select {sql} from items order by row").fetchall()]


def _text(name: str, kind: str) -> str:
    text = f"array_to_string(\"{name}\", ', ')" if kind.endswith("[]") else f'"{name}"::varchar'
    return f"coalesce({text}, '') as \"{name}\""


def load(file: Path) -> list[Query]:
    """The queries of a TOML file, in its order."""
    return [Query(**entry) for entry in tomllib.loads(file.read_text())["query"]]


def queries(half: str) -> list[Query]:
    """The seen or the unseen half."""
    return load(Path(__file__).with_name(f"queries_{half}.toml"))
