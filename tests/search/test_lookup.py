"""An item is found by what people call it."""

import numpy as np
import pytest

from discover import testing
from discover.catalog.reader import read
from discover.core.errors import UnknownItemError, UsageError
from discover.engine import arguments
from discover.search import lookup


def test_an_item_is_found_by_id_then_title_then_title_in_any_case():
    rows = [("1", "Dune"), ("2", "DUNE"), ("Dune", "Arrakis"), ("4", "Solaris"), ("5", "Stalker")]
    items = testing.catalog([{"id": id, "title": title} for id, title in rows])
    assert [lookup.find_row(items, key) for key in ("1", "Dune", "DUNE", "solaris")] == [0, 2, 1, 3]
    with pytest.raises(UnknownItemError, match=r"2 items are called 'dune'. Give an id: 1 .*, 2 "):
        lookup.find_row(items, "dune")
    with pytest.raises(UnknownItemError, match="Near titles: 'Stalker'"):
        lookup.find_row(items, "Stalkr")
    with pytest.raises(UnknownItemError, match=r"no item has the id or title ''$"):
        lookup.find_row(items, "")
    with pytest.raises(UnknownItemError) as caught:
        lookup.find_row(items, "x" * 1_000_000)
    assert len(str(caught.value)) < 200
    for key in (None, 4.5, True, b"4", ["4"]):
        with pytest.raises(UsageError, match="expected the id or title of an item"):
            lookup.find_row(items, key)


def test_all_titles_of_a_large_catalog_are_found_in_another_case():
    titles = [f"Straße Nr. {row} der Ägypter" for row in range(20_000)]
    items = testing.catalog([{"id": str(row), "title": title} for row, title in enumerate(titles)])
    found = lookup.find_rows(items, [title.upper() for title in titles])  # quadratic, it would take minutes
    assert found.tolist() == list(range(20_000))


def test_integers_are_ids_in_every_question():
    rows = [{"id": 100 + row, "title": f"Show {row}", "genre": "Drama" if row % 2 else "War"} for row in range(12)]
    items = read(rows)
    assert lookup.find_rows(items, [103, "103", np.int64(104)]).tolist() == [3, 3, 4]
    assert arguments.read_items({103: 2.0}, "like") == {"103": 2.0}
    assert arguments.read_items(103, "like") == arguments.read_items([103], "like") == {"103": 1.0}
    assert arguments.read_history([103, "104"]) == {"103": 1.0, "104": 1.0}
