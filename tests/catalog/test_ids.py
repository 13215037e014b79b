"""Ids: whole numbers whatever wrote them, the best of several columns, and integers from Python."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from discover.catalog import tables
from discover.catalog.reader import read
from discover.core.errors import UsageError
from discover.core.ids import spell
from discover.core.settings import CatalogSettings
from discover.search import lookup

TITLES = ("Flour Map", "The Boat", "Naming Day", "Counter Clock", "Last Ferry")


def test_whole_numbers_with_a_gap_are_whole_numbers() -> None:
    gap = read(
        [{"id": id, "title": title} for id, title in zip(("10.0", "11.0", "", "13.0", "14"), TITLES, strict=True)]
    )
    assert [gap.ids[row] for row in (0, 1, 3, 4)] == ["10", "11", "13", "14"]
    frame = read(pd.DataFrame({"id": [10, 11, None, 13, 14], "title": TITLES}))
    assert [frame.ids[row] for row in (0, 1, 3, 4)] == ["10", "11", "13", "14"]


@pytest.mark.parametrize(
    "ids",
    [("1.0", "1.1", "2.0", "2.1", "3.0"), ("v1.0", "2.0", "3.0", "4.0", "5.0"), ("007", "008", "1.50", "1.5", "2")],
)
def test_ids_that_are_no_whole_numbers_stay_as_they_are(ids: tuple[str, ...]) -> None:
    catalog = read([{"id": id, "title": title} for id, title in zip(ids, TITLES, strict=True)])
    assert tuple(catalog.ids) == ids


def test_tables_about_items_spell_them_either_way() -> None:
    catalog = read([{"id": str(id), "title": title} for id, title in zip(range(10, 15), TITLES, strict=True)])
    notes: list[str] = []
    about = tables.About(np.array(["11.0", "13", "Last Ferry", None, "9.0"], dtype=object))
    rows = tables.match(about, catalog, "t", "rows", notes)
    assert rows.tolist() == [1, 3, 4, -1, -1]


def test_of_several_ids_the_complete_and_unique_one() -> None:
    columns: dict[str, Any] = {
        "mal_id": ["", "60001.0", "60002.0", "60003.0", "60004.0"] * 8,
        "show_id": range(500, 540),
        "title": [f"{title} {i}" for i in range(8) for title in TITLES],
    }
    columns["mal_id"] = [id and f"{float(id) + i}" for i, id in enumerate(columns["mal_id"])]
    table = pa.table({name: [str(cell) for cell in cells] for name, cells in columns.items()})
    catalog = read(table)
    assert (catalog.mapping["id"], len(catalog), catalog.rejects) == (("show_id",), 40, ())
    named = read(table.rename_columns(["id", "show_id", "title"]))
    assert named.mapping["id"] == ("show_id",)
    assert read(table.drop_columns(["show_id"])).mapping.get("id") is None
    assert read(table, CatalogSettings(id="mal_id")).mapping["id"] == ("mal_id",)


def test_of_two_complete_ids_the_better_name() -> None:
    catalog = read([{"isbn": f"97800{i}", "id": str(i), "title": title} for i, title in enumerate(TITLES)])
    assert catalog.mapping["id"] == ("id",)


@pytest.mark.parametrize("key", [11, 11.0, np.int64(11), np.float32(11), "11", "11.0"])
def test_items_are_found_by_numbers(key: Any) -> None:
    catalog = read([{"id": str(id), "title": title} for id, title in zip(range(10, 15), TITLES, strict=True)])
    assert lookup.find_row(catalog, key) == 1


@pytest.mark.parametrize("key", [True, 11.5, None, b"11", float("nan")])
def test_what_is_no_id_is_refused(key: Any) -> None:
    catalog = read([{"id": "11", "title": "A"}])
    assert spell(key) is key
    with pytest.raises(UsageError):
        lookup.find_row(catalog, key)
