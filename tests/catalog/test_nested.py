"""Objects inside rows, arrays of objects, and rows by key: what people get from web APIs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from discover.catalog.reader import read

PROSE = ("a baker finds a map in her flour", "two brothers rebuild a boat", "a town votes on its own name",
         "a clock runs backwards in May", "the last ferry never leaves")  # fmt: skip
NAMES = ("Flour Map", "The Boat", "Naming Day", "Counter Clock", "Last Ferry")


def show(number: int) -> dict[str, Any]:
    """A row as an API gives it, with what matters three objects deep."""
    return {
        "score": 1 - number / 10,
        "found": {
            "show": {
                "id": 300 + number,
                "network": {"id": 1, "name": "Channel One", "country": {"name": "Norway", "code": "NO"}},
                "name": NAMES[number],
                "genres": [{"id": 18, "name": "Drama"}, {"id": 35, "name": "Comedy"}][: 1 + number % 2],
                "_embedded": {"cast": [{"person": {"id": 7, "name": "Ada Berg"}, "character": {"name": "Baker"}}]},
                "premiered": f"201{number}-05-01",
                "summary": {"rendered": PROSE[number]},
                "image": {"medium": f"https://img.example.org/{number}.jpg"},
                "tags": {f"tag {number}": 9, f"tag {number + 1}": 4},
            }
        },
    }


ROWS = [show(number) for number in range(5)]


def as_file(text: str, name: str) -> Callable[[Path], Any]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(text)
        return folder / name

    return write


def as_parquet(folder: Path) -> Path:
    rows = [{"score": row["score"], "found": {"show": row["found"]["show"] | {"tags": None}}} for row in ROWS]
    pq.write_table(pa.Table.from_pylist(rows), folder / "c.parquet")
    return folder / "c.parquet"


SOURCES: dict[str, Callable[[Path], Any]] = {
    "array": as_file(json.dumps(ROWS), "c.json"),
    "inside an object": as_file(json.dumps({"data": {"page": {"number": 1, "hits": {"list": ROWS}}}}), "c.json"),
    "lines": as_file("\n".join(map(json.dumps, ROWS)), "c.jsonl"),
    "list": lambda folder: ROWS,
    "frame": lambda folder: pd.DataFrame([{**row["found"]} for row in ROWS]),
    "parquet": as_parquet,
}


@pytest.mark.parametrize("source", SOURCES)
def test_objects_inside_rows_are_columns_at_any_depth(source: str, tmp_path: Path) -> None:
    catalog = read(SOURCES[source](tmp_path))
    assert (catalog.ids, catalog.titles) == ([str(300 + number) for number in range(5)], list(NAMES))
    assert catalog.column("description") == list(PROSE)
    assert catalog.column("genres")[:2] == [["Drama"], ["Drama", "Comedy"]]
    assert catalog.column("people")[0] == ["Ada Berg"]
    assert catalog.column("country")[0] == ["Norway"]
    assert [day.year for day in catalog.column("released")] == list(range(2010, 2015))
    assert catalog.mapping["title"][0].endswith("show.name")
    assert any(name.endswith("network.name") for name in catalog.unused)


def test_keys_that_differ_from_row_to_row_are_values() -> None:
    catalog = read([{"title": name, "genre": {f"tag {i}": 9, f"tag {i + 1}": 4}} for i, name in enumerate(NAMES)])
    assert catalog.column("genres")[:2] == [["tag 0", "tag 1"], ["tag 1", "tag 2"]]
    wide = [{"title": name, "views": {f"2020-{i}": i for i in range(300)}} for name in NAMES]
    assert "views" in read(wide).table.column_names


def test_an_object_beside_plain_values_stays_text() -> None:
    catalog = read([{"title": "A", "more": {"k": 1}}, {"title": "B", "more": "none"}, {"title": "C", "more": None}])
    assert json.loads(catalog.column("more")[0]) == {"k": 1}


@pytest.mark.parametrize(
    ("rows", "ids", "titles"),
    [
        ({"Flour Map": {"id": 7, "genre": "Drama"}, "The Boat": {"id": 9, "genre": "War"}}, ["7", "9"], None),
        ({"m1": {"title": "Flour Map", "kind": "x"}, "m2": {"title": "The Boat", "kind": "x"}}, ["m1", "m2"], None),
        ({"m1": {"id": 7, "title": "Flour Map"}, "m2": {"id": 9, "title": "The Boat"}}, ["7", "9"], None),
        ({"Flour Map": {"name": "Flour Map (film)"}, "The Boat": {"name": "Boat"}}, ["Flour Map", "The Boat"],
         ["Flour Map (film)", "Boat"]),
    ],
)  # fmt: skip
def test_rows_by_key_keep_their_keys(rows: dict[str, Any], ids: list[str], titles: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(rows))
    catalog = read(path)
    assert (catalog.ids, catalog.titles) == (ids, titles or ["Flour Map", "The Boat"])
    kept = [cell for name in catalog.table.column_names for cell in [catalog.column(name)[0]]]
    assert next(iter(rows)) in kept


def test_the_longest_array_among_groups_of_rows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    few, more = [{"title": "A"}], [{"title": name} for name in NAMES]
    path.write_text(json.dumps({"2020": {"films": few}, "2021": {"films": more}}))
    catalog = read(path)
    assert catalog.titles == list(NAMES)
    assert any("of 2 arrays of objects only the longest was read, 2021.films" in said for said in catalog.warnings)
