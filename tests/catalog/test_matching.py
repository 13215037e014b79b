"""Tables that carry titles instead of ids: matched by normalised title, season, year and kind."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from discover.catalog import tables
from discover.catalog.matching import TitleIndex, Wanted, is_series
from discover.catalog.reader import read
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings
from discover.core.types import Catalog
from discover.trends import consumption

SHOWS = (
    ("a", "Pearl Harvest", "TV Show", 2019), ("b", "Dear Stranger // Liebe Fremde", "TV Show", 2023),
    ("c", "The Dark Mill", "Movie", 1978), ("d", "The Dark Mill", "Movie", 2018),
    ("e", "The Dark Mill", "TV Show", 2020), ("f", "Salt & Water", "TV Show", 2021),
    ("g", "Café Amélie", "Movie", 2001), ("h", "Odd Pair, The", "Movie", 1968),
    ("i", "Toy Boat", "Movie", 1995), ("j", "Ghost Line", "TV Show", 2016), ("k", "Twin", "Movie", 2000),
    ("l", "Twin", "Movie", 2000), ("m", "Lone Oak: Chapter 2", "Movie", 2015),
)  # fmt: skip


@pytest.fixture(scope="module")
def shows() -> Catalog:
    return read([dict(zip(("id", "title", "type", "release_year"), map(str, row), strict=True)) for row in SHOWS])


@pytest.mark.parametrize(
    ("title", "kind", "year", "expected"),
    [
        ("PEARL HARVEST: Season 1", None, 2023, "a"), ("Pearl Harvest: Limited Series", None, None, "a"),
        ("Pearl Harvest - Staffel 2", None, None, "a"), ("Pearl Harvest (Season 3)", None, None, "a"),
        ("Pearl Harvest S02", None, None, "a"), ("Pearl Harvest: Part III", None, None, "a"),
        ("Pearl Harvest: Temporada 2", None, None, "a"), ("Pearl Harvest: 2 temporada", None, None, "a"),
        ("Pearl Harvest: The Series: Part 4", None, None, "a"), ("Pearl Harvest: Season 2: Part 1", None, None, "a"),
        ("Pearl Harvest: Season 1 // Perlenernte: Staffel 1", None, None, "a"),
        ("Perlenernte: Staffel 1 // Pearl Harvest: Season 1", None, None, "a"),
        ("Dear Stranger: Limited Series", None, None, "b"), ("Liebe Fremde", None, None, "b"),
        ("The Dark Mill", "Film", 1978, "c"), ("The Dark Mill (2018)", None, None, "d"),
        ("The Dark Mill", None, 1979, "c"), ("The Dark Mill: Season 1", None, None, "e"),
        ("The Dark Mill", "TV (English)", None, "e"), ("The Dark Mill", None, None, "cde"),
        ("The Dark Mill", "Films (English)", None, "cd"), ("The Dark Mill (1950)", None, None, ""),
        ("salt and water: season 4", None, None, "f"), ("Cafe Amelie", None, None, "g"), ("Caf Amlie", None, None, "g"),
        ("The Odd Pair", None, None, "h"), ("Toy Boat 2", None, None, ""), ("Toy Boat: Season 1", None, None, ""),
        ("Toy Boat", "Series", None, ""), ("Ghost Line 4", None, None, "j"), ("Twin", None, 2000, "kl"),
        ("Lone Oak: Chapter 2", None, None, "m"), ("Season 1", None, None, ""), ("", None, None, ""),
        ("Unknown Road", None, None, ""), ("Dark Mill", None, None, ""),
    ],
)  # fmt: skip
def test_titles_are_matched_as_a_person_would(
    shows: Catalog, title: str, kind: str | None, year: int | None, expected: str
) -> None:
    rows = TitleIndex(shows).find(Wanted(title, is_series(kind), year))
    assert "".join(shows.ids[row] for row in rows) == expected


def test_kept_seasons_are_not_their_shows(shows: Catalog) -> None:
    index = TitleIndex(shows, keep_seasons=True)
    assert [index.find(Wanted(title)) for title in ("Pearl Harvest: Season 1", "Ghost Line 4")] == [[], []]
    assert [len(index.find(Wanted(title))) for title in ("Pearl Harvest: Limited Series", "Pearl Harvest")] == [1, 1]


def watched(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


TITLES = ["Pearl Harvest: Season 1", "PEARL HARVEST: Season 2", "The Dark Mill", "Elsewhere: Season 1"]


def test_seasons_are_summed_and_what_is_ambiguous_is_named(shows: Catalog) -> None:
    said: list[str] = []
    table = watched(title=TITLES, hours=["1,000", "20", "7", "9"])
    found = consumption.read(table, shows, CatalogSettings(), warn=said.append)
    assert found.audience is not None
    assert found.audience[0] == 1020
    assert np.isnan(found.audience[1:]).all()
    assert found.join(shows).column("audience")[:2] == [1020, None]
    assert said[0] == (
        "pandas.DataFrame: 4 items: 0 matched by id, 2 by title, 1 ambiguous, 1 unknown. 50% are 1 item of the catalog"
    )
    assert said[1].endswith(
        "'The Dark Mill' was set aside: it may be c (Movie, 1978), d (Movie, 2018), e (TV Show, 2020). "
        "Give ids or a year"
    )
    assert said[2].endswith("no column of dates, so 'hours' is each item's audience in all")


def test_seasons_are_kept_where_settings_say_so(shows: Catalog) -> None:
    with pytest.raises(InputError, match="none of its 2 items is in this catalog"):
        consumption.read(watched(title=TITLES[:2], hours=["1", "2"]), shows, CatalogSettings(seasons="keep"))


def test_kind_and_year_of_the_table_tell_remakes_apart(shows: Catalog) -> None:
    table = watched(
        week=["2021-01-03"] * 3, category=["Films (English)", "Films (English)", "TV (English)"],
        show_title=["The Dark Mill"] * 3, release_year=["1978", "2018", "2020"], weekly_hours_viewed=["1", "2", "3"],
    )  # fmt: skip
    found = consumption.read(table, shows, CatalogSettings())
    assert found.events is not None
    assert (found.events.rows.tolist(), found.events.weights.tolist()) == ([2, 3, 4], [1, 2, 3])


def test_ids_come_before_titles(shows: Catalog) -> None:
    notes: list[str] = []
    rows = tables.match(tables.About(np.array(["a", "Twin", "Pearl Harvest"], dtype=object)), shows, "t", "rows", notes)
    assert rows.tolist() == [0, -1, 0]
    assert notes[0].startswith("3 items: 1 matched by id, 1 by title, 1 ambiguous, 0 unknown")
