"""Reading of every kind of source: what survives, what is set aside, where, and in which words a source is refused."""

import bz2
import csv
import datetime as dt
import gzip
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from discover.catalog.reader import read
from discover.core.errors import InputError
from discover.core.settings import CatalogSettings
from discover.core.types import Catalog
from discover.core.words import plural

SHORT = "2 cells, expected 3"
TRICKY = ("007", "NA", "1917", "1e5", "null", "None", "nan", "TRUE", "0x1F", "1.50", "-0", "3%")
ROLES = ("id", "title", "description", "genres", "keywords", "people", "country", "language", "kind", "released",
         "added", "image", "audience")  # fmt: skip


def write(folder: Path, content: str | bytes, name: str = "catalog.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def dropped(catalog: Catalog) -> list[tuple[int | None, str]]:
    return [(reject.line, reject.reason) for reject in catalog.rejects if reject.dropped]


# --- the table that comes out ------------------------------------------------------------------------------


def test_table_has_the_columns_and_types_that_stages_rely_on(tmp_path: Path) -> None:
    catalog = read(write(tmp_path, "id,title,synopsis,shelf\n1,A,,x\n2,,a line about the item,\n"))
    kinds = {field.name: str(field.type) for field in catalog.table.schema}
    assert list(kinds) == [*ROLES, "shelf"]
    lists = dict.fromkeys(("genres", "keywords", "people", "country"), "list<item: string>")
    special = lists | {"released": "date32[day]", "added": "date32[day]", "audience": "double"}
    assert {role: kinds[role] for role in ROLES} == {role: special.get(role, "string") for role in ROLES}
    never_null = [role for role in ROLES if role not in ("released", "added", "image", "audience")]
    assert {role: catalog.table.column(role).null_count for role in never_null} == dict.fromkeys(never_null, 0)
    assert catalog.titles == ["A", "2"]  # an item without a title is called by its id
    assert (catalog.rows_read, catalog.source) == (2, str(tmp_path / "catalog.csv"))


def rows_as(kind: str, folder: Path) -> Any:
    """The tricky values as ids and titles, in every form that a source can have."""
    rows = [{"id": value, "title": value, "note": f"{value}!"} for value in TRICKY]
    header = list(rows[0])
    if kind in ("csv", "tsv", "semicolon", "pipe"):
        delimiter = {"csv": ",", "tsv": "\t", "semicolon": ";", "pipe": "|"}[kind]
        text = "\r\n".join(delimiter.join(row.values()) for row in [dict(zip(header, header, strict=True)), *rows])
        return write(folder, text, f"catalog.{kind}")
    if kind == "json":
        return write(folder, json.dumps(rows), "c.json")
    if kind == "json object":
        return write(folder, json.dumps({"count": 12, "results": rows}), "c.json")
    if kind == "json by id":
        return write(folder, json.dumps({row["id"]: {"title": row["title"]} for row in rows}), "c.json")
    if kind == "json lines":
        return write(folder, "\n".join(map(json.dumps, rows)) + "\n", "c.jsonl")
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), folder / "c.parquet")
        return folder / "c.parquet"
    if kind == "excel":
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in (header, *(list(row.values()) for row in rows)):
            sheet.append(row)
        book.save(folder / "c.xlsx")
        return folder / "c.xlsx"
    frames = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.Table.from_pylist, "dicts": list}
    return frames[kind](rows)


KINDS = ("csv", "tsv", "semicolon", "pipe", "json", "json object", "json by id", "json lines", "parquet", "excel",
         "pandas", "polars", "arrow", "dicts")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_ids_and_titles_survive_every_kind_of_source(kind: str, tmp_path: Path) -> None:
    catalog = read(rows_as(kind, tmp_path))
    assert (tuple(catalog.ids), tuple(catalog.titles), catalog.rejects) == (TRICKY, TRICKY, ())


@pytest.mark.parametrize(
    ("name", "pack"), [("c.csv.gz", gzip.compress), ("c.csv.bz2", bz2.compress), ("c.csv.zst", None), ("c.zip", None)]
)
def test_compressed_text(name: str, pack: Any, tmp_path: Path) -> None:
    content = b"id,title\n007,Bond\n"
    path = tmp_path / name
    if pack:
        path.write_bytes(pack(content))
    elif name.endswith("zst"):
        path.write_bytes(pa.Codec("zstd").compress(content, asbytes=True))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inner.csv", content)
    assert (read(path).ids, read(path).titles) == (["007"], ["Bond"])


# --- CSV ---------------------------------------------------------------------------------------------------

CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n,\";|\t'"), max_size=12)
ROW = st.tuples(CELL, CELL)


@examples(max_examples=200, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=25), st.sampled_from([",", ";", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_round_trip_of_any_text(rows: list[tuple[str, str]], delimiter: str, end: str) -> None:
    import unicodedata

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
            writer.writerow(["id", "title", "note"])
            writer.writerows([f"{i:03}", title, note] for i, (title, note) in enumerate(rows))
        settings = CatalogSettings(id="id", title="title", description="note", allow_rejects=True)
        catalog = read_or_none(path, settings)
    null = "\\N" if delimiter == "\t" else None  # how database dumps write null
    clean = [tuple("" if c == null else unicodedata.normalize("NFC", c).strip() for c in row) for row in rows]
    kept = [(f"{i:03}", *row) for i, row in enumerate(clean) if any(row)]
    if catalog is None:
        assert kept == []
        return
    assert catalog.ids == [each[0] for each in kept]
    assert catalog.titles == [title or number for number, title, _ in kept]
    assert catalog.column("description") == [note for _, _, note in kept]
    assert len(catalog.rejects) == len(rows) - len(kept)


def read_or_none(path: Path, settings: CatalogSettings) -> Catalog | None:
    try:
        return read(path, settings)
    except InputError as error:
        assert "none of its" in str(error)  # every row was empty
        return None


@pytest.mark.parametrize("line", [2, 3, 41, 99, 100])
@pytest.mark.parametrize("others", ["plain", "quoted", "late quote"])
def test_unclosed_quote_costs_its_line_only(line: int, others: str, tmp_path: Path) -> None:
    make = {
        "plain": lambda i: f"{i},Title {i},text,x",
        "quoted": lambda i: f'"{i}","Title {i}","text, more",x',
        "late quote": lambda i: f'{i},Title {i},a 5" disk,x' if i % 30 == 0 else f"{i},Title {i},text,x",
    }[others]
    lines = ["id,title,note,shelf"] + [make(i) for i in range(2, 101)]
    lines[line - 1] = f'{line},"Title {line},text,x'
    catalog = read(write(tmp_path, "\n".join(lines) + "\n"))
    assert catalog.ids == [str(i) for i in range(2, 101) if i != line]
    assert catalog.titles == [f"Title {i}" for i in range(2, 101) if i != line]
    (reject,) = catalog.rejects
    assert (reject.line, reject.dropped, reject.value) == (line, True, lines[line - 1])
    assert "quote is opened here" in reject.reason
    assert catalog.rows_read == 99


def test_unclosed_quote_that_a_later_cell_happens_to_close(tmp_path: Path) -> None:
    lines = ["id,title,note,shelf", '1,"Alpha,n,x', "2,Beta,n,x", "3,Gamma,n,x", '4,Delta,the 5"', "5,Eta,n,x"]
    catalog = read(write(tmp_path, "\n".join(lines)))
    assert catalog.ids == ["2", "3", "5"]
    assert [line for line, _ in dropped(catalog)] == [2, 5]


def test_quote_inside_a_quoted_cell_costs_its_line_only(tmp_path: Path) -> None:
    catalog = read(write(tmp_path, 'id,title\n1,"A"b"\n2,"He said ""no"""\n3,5" disk\n'))
    assert (catalog.ids, catalog.titles) == (["2", "3"], ['He said "no"', '5" disk'])
    assert dropped(catalog) == [(2, "text follows a closing quote (a quote inside a quoted cell must be doubled)")]


def test_lines_are_physical_lines(tmp_path: Path) -> None:
    catalog = read(write(tmp_path, 'id,title,note\n\n1,"a\n\nb",x\n2,short\n3,"c\r\nd",x\n4,too,many,cells\n5,e,x\n'))
    assert catalog.titles == ["a\n\nb", "c\r\nd", "e"]
    assert dropped(catalog) == [(6, SHORT), (9, SHORT.replace("2", "4"))]
    assert [reject.value for reject in catalog.rejects] == ["2,short", "4,too,many,cells"]
    assert catalog.rows_read == 5


def test_long_text_with_commas_and_lines_is_no_unclosed_quote(tmp_path: Path) -> None:
    prose = "First, there was rain.\nThen, after a while, sun, and wind.\n\nAt last, nothing."
    with (tmp_path / "c.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(
            [["id", "title", "year", "text"], ["1", "A", "2001", prose], ["2", "B", "2002", "x"]]
        )
    catalog = read(tmp_path / "c.csv")
    assert catalog.ids == ["1", "2"]
    assert catalog.table.column("text" if "text" in catalog.table.column_names else "description")[0].as_py() == prose


def test_cell_beyond_the_limit_is_a_reject(tmp_path: Path) -> None:
    lines = ["id,title,note", "1,A,x", f"2,B,{'y' * 2000}", f'3,C,"{"z" * 2000}"', "4,D,x"]
    catalog = read(write(tmp_path, "\n".join(lines)), CatalogSettings(max_field_bytes=1000))
    assert catalog.ids == ["1", "4"]
    assert [line for line, reason in dropped(catalog) if "max_field_bytes" in reason] == [3, 4]
    assert csv.field_size_limit() == 131072  # as the csv module had it


@pytest.mark.parametrize(("bad", "said"), [(10, False), (11, True)])
def test_many_rejected_rows_are_announced(bad: int, said: bool, tmp_path: Path) -> None:
    good = [f"{i},Title {i},x" for i in range(100 - bad)]
    repeat = f"0,Other,{'x' * bad}"  # another reason than most have
    catalog = read(write(tmp_path, "\n".join(["id,title,note", *good, repeat, *["x,y"] * (bad - 1)])))
    announced = f"{bad} of 100 rows were set aside. Most frequent reason ({bad - 1}): … cells, expected …"
    assert (announced in catalog.warnings) == said
    assert len(catalog.warnings) == said + 1  # besides: only titles are compared


def test_strict_stops_at_the_first_bad_row(tmp_path: Path) -> None:
    path = write(tmp_path, "id,title\n1,A\n2\n3,B,C\n")
    with pytest.raises(InputError, match=r"catalog\.csv: line 3: 1 cell, expected 2"):
        read(path, CatalogSettings(strict=True))
    dated = write(tmp_path, "id,title,release_date\n1,A,2020-01-01\n2,B,2020-02-31\n", "dated.csv")
    with pytest.raises(InputError, match=r"line 3, column 'release_date': this day is not in the calendar"):
        read(dated, CatalogSettings(strict=True))


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("\ufeffid,title\n1,A\n", ["id", "title"]),
        (" id , title \n1,A\n", ["id", "title"]),
        ("id,title,title,,\n1,A,x,y,z\n", ["id", "title", "title_2", "column_4", "column_5"]),
        ("sep=;\nid;title\n1;A\n", ["id", "title"]),
        ('id, title, note\n1, "A", "b, c"\n2, "B", x\n', ["id", "title", "note"]),
        ("id\rtitle\r".replace("\r", ",", 1) + "1,A\r", ["id", "title"]),
        ("\n\nid,title\n1,A\n", ["id", "title"]),
        ("id,title,note\nr1,1,A,x\nr2,2,B,x\n", ["column_1", "id", "title", "note"]),
        ("id,title\n1,A,\n2,B,\n", ["id", "title", "column_3"]),
    ],
)
def test_headers_as_people_have_them(content: str, columns: list[str], tmp_path: Path) -> None:
    from discover.catalog.reading.choose import load

    raw = load(write(tmp_path, content), CatalogSettings())
    assert raw.table.column_names == columns
    assert raw.table.column("title")[0].as_py() == "A"
    assert raw.rejects == ()


@pytest.mark.parametrize(
    ("head", "skipped"),
    [
        ("# exported 2020-01-01\n# by the museum, with love\nid,title,note\n", 2),
        ("#\n\n# two, cells\n\nid,title,note\n", 3),
        ("#id,title,note\n", 0),
        ("# made by NumPy\n# id,title,note\n", 1),
    ],
)
def test_comments_before_the_header(head: str, skipped: int, tmp_path: Path) -> None:
    rows = "1,A,#x\n#2,B,y\n3,C\n"
    catalog = read(write(tmp_path, head + rows))
    assert (catalog.ids, catalog.titles) == (["1", "#2"], ["A", "B"])
    last = head.count("\n") + 3
    assert dropped(catalog) == [(last, SHORT)]
    said = f"skipped {plural(skipped, 'comment line')} (starting with #) before the header"
    assert [w for w in catalog.warnings if "comment line" in w] == ([said] if skipped else [])


def test_rows_that_begin_like_comments_are_rows(tmp_path: Path) -> None:
    catalog = read(write(tmp_path, "#,title\n#1,A\n#2,B\n3,C\n"))
    assert (catalog.titles, len(catalog.warnings)) == (["A", "B", "C"], 2)  # no id, only titles


def test_comments_above_one_column(tmp_path: Path) -> None:
    assert read(write(tmp_path, "# exported on Monday\ntitle\n#Alive\nHeat\n")).titles == ["#Alive", "Heat"]


def test_one_column_with_commas(tmp_path: Path) -> None:
    catalog = read(
        write(tmp_path, 'headline\n"Rain, wind and then sun over the whole country"\nNo end, in sight, for it\n')
    )
    assert catalog.column("description") == [
        "Rain, wind and then sun over the whole country",
        "No end, in sight, for it",
    ]


def test_backslash_escapes_and_unquoted_tsv(tmp_path: Path) -> None:
    escaped = write(tmp_path, 'id,title,x\n1,"a \\"b\\" c",y\n2,"d, e",y\n')
    assert read(escaped).titles == ['a "b" c', "d, e"]
    imdb = write(
        tmp_path, 'tconst\tprimaryTitle\tstartYear\nt1\t"Rome" burns\t2001\nt2\tX\t\\N\nt3\tY\t1999\n', "t.tsv"
    )
    catalog = read(imdb)
    assert catalog.titles == ['"Rome" burns', "X", "Y"]
    assert [day and day.year for day in catalog.column("released")] == [2001, None, 1999]
    assert catalog.rejects == ()


def test_control_characters_are_removed_and_counted(tmp_path: Path) -> None:
    catalog = read(
        write(tmp_path, b"id,title,synopsis\n1,A\x00B\x1f,one line of text\n2, e\xcc\x81 ,a\ttab stays here\n")
    )
    assert catalog.titles == ["AB", "é"]
    assert catalog.column("description")[1] == "a\ttab stays here"
    assert "title: removed control characters from 1 cell" in catalog.warnings


# --- encodings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "titles"),
    [
        ("utf-8", ["Amélie", "千と千尋"]),
        ("utf-8-sig", ["Amélie", "千と千尋"]),
        ("utf-16", ["Amélie", "千と千尋"]),
        ("utf-16-le", ["Amelie", "Ikiru"]),
        ("utf-32", ["Amélie", "千と千尋"]),
        ("cp1252", ["Amélie Poulain à Montmartre", "Où est la maison de mon ami"]),
        ("cp1251", ["Сталкер это фильм о зоне", "Ирония судьбы или с лёгким паром"]),
        ("cp1250", ["Příliš žluťoučký kůň úpěl", "Ďábelské ódy a jiné básně"]),
        ("cp932", ["千と千尋の神隠し", "となりのトトロと森の仲間たち"]),
    ],
)
def test_encodings(encoding: str, titles: list[str], tmp_path: Path) -> None:
    text = "id;title\n" + "".join(f"{i};{title}\n" for i, title in enumerate(titles))
    catalog = read(write(tmp_path, text.encode(encoding)))
    assert catalog.titles == titles
    assert any(encoding in w for w in catalog.warnings) == (
        encoding in ("cp1252", "cp1251", "cp1250", "cp932", "utf-16-le")
    )


def test_japanese_in_short_cells_is_no_western_text(tmp_path: Path) -> None:
    """Such text looks like chaos to charset-normalizer, in every encoding."""
    plots = (
        "引退した刑事が港町に戻り、行方不明になった兄の謎を追う物語。",
        "宇宙飛行士たちが凍った月で奇妙な信号を発見する。",
    )
    rows = [
        f"J{i:04},港の灯り {i},{i}年前、{plots[i % 2]},ミステリー,{2000 + i}年{1 + i % 12}月{1 + i}日"
        for i in range(20)
    ]
    text = "作品ID,作品名,あらすじ,ジャンル,公開日\n" + "\n".join(rows) + "\n"
    catalog = read(write(tmp_path, text.encode("cp932")))
    assert any("read as cp932" in warning for warning in catalog.warnings)
    assert catalog.titles == [f"港の灯り {i}" for i in range(20)]
    assert (catalog.mapping["id"], catalog.mapping["released"]) == (("作品ID",), ("公開日",))
    assert str(catalog.column("released")[3]) == "2003-04-04"


def test_few_bad_bytes_in_utf8_cost_no_row(tmp_path: Path) -> None:
    good = "".join(f"{i},Amélie {i}\n" for i in range(9)).encode()
    catalog = read(write(tmp_path, b"id,title\n" + good + b"9,caf\xe9\n"))
    assert catalog.titles == [f"Amélie {i}" for i in range(9)] + ["caf\ufffd"]
    assert "replaced bytes that are not UTF-8 by U+FFFD in 1 line" in catalog.warnings


# --- JSON, Parquet, Excel, frames --------------------------------------------------------------------------


def test_json_numbers_keep_their_spelling(tmp_path: Path) -> None:
    first = '{"id": 1e5, "title": 1917, "n": 1.50, "b": true, "x": null, "o": {"k": 1}}'
    text = f'[{first}, {{"id": 10000000000000000000001, "title": "t"}}]'
    catalog = read(write(tmp_path, text, "c.json"))
    assert (catalog.ids, catalog.titles) == (["1e5", "10000000000000000000001"], ["1917", "t"])
    assert (catalog.column("n"), catalog.column("b"), catalog.column("x")) == (
        ["1.50", None],
        ["true", None],
        [None, None],
    )
    assert catalog.column("o.k") == ["1", None]


def test_bad_json_lines_are_rejects(tmp_path: Path) -> None:
    catalog = read(
        write(
            tmp_path, '{"id": 1, "title": "A"}\n{"id": 2, "title": \n\n[3]\n{"id": 4, "title": "D\\ud800"}\n', "c.jsonl"
        )
    )
    assert (catalog.ids, catalog.titles) == (["1", "4"], ["A", "D?"])
    assert [(line, reason.split(" at ")[0]) for line, reason in dropped(catalog)] == [
        (2, "not valid JSON"),
        (4, "not an object with named values"),
    ]


def test_parquet_and_frames_become_faithful_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([7, 12345678901], pa.int64()),
            "title": pa.array(["A", "B"]).dictionary_encode(),
            "gap": pa.array([7.0, None]),
            "big": pa.array([123456789012.0, 0.1]),
            "day": pa.array([dt.datetime(2021, 9, 25), dt.datetime(2021, 9, 26)]),
            "moment": pa.array([dt.datetime(2021, 9, 25, 3, 4, 5), None], pa.timestamp("us", "UTC")),
            "cast": pa.array([["x", "x ", "", "y"], None]),
            "nested": pa.array([[{"name": "n"}], []]),
            "bytes": pa.array([b"\xff\xfe", b"\x00"]),
        }
    )
    pq.write_table(table, tmp_path / "c.parquet")
    for source in (tmp_path / "c.parquet", table, pl.from_arrow(table.drop(["bytes"]))):
        catalog = read(source)
        assert catalog.ids == ["7", "12345678901"]
        assert catalog.column("gap") == ["7", None]
        assert catalog.column("big") == ["123456789012", "0.1"]
        assert catalog.column("released") == [dt.date(2021, 9, 25), dt.date(2021, 9, 26)]
        assert catalog.column("moment")[0] == "2021-09-25 03:04:05Z"
        assert catalog.column("people") == [["x", "y"], []]
        assert "bytes" not in catalog.table.column_names
    assert any("'bytes'" in warning for warning in read(table).warnings)


def test_pandas_frames_with_mixed_cells_and_named_index() -> None:
    frame = pd.DataFrame(
        {
            "title": ["A", 1917, 7.0],
            "when": pd.to_datetime(["2020-01-02", None, "2021-03-04"]),
            "year": [2020, None, 2021],
        },
        index=pd.Index(["x", "y", "007"], name="id"),
    )
    catalog = read(frame)
    assert (catalog.ids, catalog.titles) == (["x", "y", "007"], ["A", "1917", "7"])
    assert list(frame.columns) == ["title", "when", "year"]  # the frame is not touched


def test_pandas_index_that_has_the_name_of_a_column() -> None:
    frame = pd.DataFrame({"id": ["x", "007"], "title": ["A", "B"]})
    copied = read(frame.set_index("id", drop=False))
    assert (copied.ids, copied.titles, copied.table.column_names) == (["x", "007"], ["A", "B"], list(ROLES))
    levels = frame.assign(shelf=["p", "q"]).set_index(["id", "shelf"], drop=False).drop(columns="shelf")
    assert (read(levels).ids, read(levels).column("shelf")) == (["x", "007"], ["p", "q"])
    named = read(frame.set_index(pd.Index(["p", "q"])))
    assert (named.ids, named.column("index")) == (["x", "007"], ["p", "q"])


def test_dictionary_of_columns() -> None:
    catalog = read({"id": ("007", 8), "title": pd.Series(["A", "B"])})
    assert (catalog.ids, catalog.titles) == (["007", "8"], ["A", "B"])


def test_excel_sheet_with_a_title_above_and_notes_first(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Notes"
    sheet = book.create_sheet("Films")
    for row in ([], ["Our films"], [], ["id", "title", "release date", "views", "seen"],
                [7, "A", dt.date(2020, 1, 2), 1200, True], [],
                ["007", "B", dt.datetime(2021, 3, 4), 3.5, False]):  # fmt: skip
        sheet.append(row)
    book.save(tmp_path / "c.xlsx")
    catalog = read(tmp_path / "c.xlsx")
    assert catalog.ids == ["7", "007"]
    assert catalog.column("released") == [dt.date(2020, 1, 2), dt.date(2021, 3, 4)]
    assert catalog.column("audience") == [1200.0, 3.5]
    assert catalog.column("seen") == ["true", "false"]
    sheet["B7"] = None
    for cell in ("C7", "D7", "E7"):
        sheet[cell] = None
    book.save(tmp_path / "c.xlsx")
    assert dropped(read(tmp_path / "c.xlsx"))[0][0] == 7  # the row of the sheet


# --- pictures ----------------------------------------------------------------------------------------------


def pictures(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"\x89PNG")


def test_folder_of_pictures_alone(tmp_path: Path) -> None:
    pictures(tmp_path, "red_fox.png", "sub/Blue-Bird.JPG", "twin.png", "twin.jpg", ".hidden.png", "notes.md")
    catalog = read(tmp_path)
    assert dict(zip(catalog.ids, catalog.titles, strict=True)) == {
        "red_fox": "red fox", "sub/Blue-Bird": "Blue Bird", "twin.jpg": "twin", "twin.png": "twin",
    }  # fmt: skip
    assert all(Path(path).is_absolute() and Path(path).is_file() for path in catalog.column("image"))


@pytest.mark.parametrize("column", ["{}.png", "posters/{}.png", "{}", "posters\\{}.png"])
def test_folder_with_a_table_is_joined(column: str, tmp_path: Path) -> None:
    pictures(tmp_path, "posters/tt1.png", "posters/tt2.png", "posters/tt9.png")
    names = [column.format(f"tt{i}") for i in (1, 2, 3)]
    rows = "".join(f"{i},T{i},{name},x\n" for i, name in enumerate(names, start=1))
    write(tmp_path, f"nr,title,file,shelf\n{rows}")
    catalog = read(tmp_path)
    assert (catalog.mapping["image"], catalog.unused) == (("file",), ("shelf",))
    assert catalog.titles == ["T1", "T2", "T3"]
    found = [path and Path(path).name for path in catalog.column("image")]
    assert found == ["tt1.png", "tt2.png", None]
    assert any(warning.startswith("1 picture was left out") for warning in catalog.warnings)
    assert [reject.line for reject in catalog.rejects] == ([4] if column.endswith("png") else [])


def test_picture_paths_start_at_the_catalog_and_urls_stay(tmp_path: Path) -> None:
    pictures(tmp_path, "p/a.png")
    url = "https://example.org/b.png"
    catalog = read(write(tmp_path, f"id,title,poster_path\n1,A,p/a.png\n2,B,{url}\n3,C,/x9.jpg\n4,D,\n5,E,/p/a.png\n"))
    here = str(tmp_path / "p/a.png")
    assert catalog.column("image") == [here, url, None, None, here]
    (warning,) = (w for w in catalog.warnings if "not found, such as" in w)
    assert warning.startswith("poster_path: 1 picture") and "/x9.jpg" in warning


def test_pictures_given_by_url_are_counted_once(tmp_path: Path) -> None:
    cells = ["https://example.org/a.png", "//example.org/b.png", "s3://bucket/c.png", "", "https://example.org/a.png"]
    rows = "".join(f"{i},T{i},{cell}\n" for i, cell in enumerate(cells))
    catalog = read(write(tmp_path, f"id,title,poster\n{rows}"))
    what = "pictures are given by URL and not fetched. To compare pictures, download them and give their paths"
    assert catalog.warnings == (f"poster: 4 {what}",)


# --- ids, rows, as_of --------------------------------------------------------------------------------------


def test_copies_collapse_and_clashes_keep_the_first(tmp_path: Path) -> None:
    catalog = read(write(tmp_path, "id,title\na,A\nb,B\na,A\nb,Other\nc,C\nd,D\ne,E\nf,F\n"))
    assert (catalog.ids, catalog.titles) == (list("abcdef"), list("ABCDEF"))
    assert dropped(catalog) == [
        (4, "this is an exact copy of line 2"),
        (5, "line 3 has the same id with other content"),
    ]
    assert [reject.value for reject in catalog.rejects] == ["a", "b"]
    blank = read(write(tmp_path, "id,Name,plot\n1,A,\n2,,\n", "blank.csv"), CatalogSettings(description="plot"))
    assert dropped(blank) == [(3, "no content: title (Name), description (plot) empty")]
    no_ids = read(write(tmp_path, "title,year\nA,2001\nB,2002\nA,2001\n", "no_ids.csv"))
    assert (no_ids.titles, dropped(no_ids)) == (["A", "B"], [(4, "this is an exact copy of line 2")])


def test_row_without_id_gets_one_and_empty_rows_go(tmp_path: Path) -> None:
    catalog = read(write(tmp_path, "id,title,synopsis\na,A,\n,B,\nc,,\nd,,Some text about it\ne,E,\nf,F,\n"))
    assert catalog.titles == ["A", "B", "d", "E", "F"]
    assert len(catalog.ids[1]) == 16
    assert [(r.line, r.column, r.dropped, r.item) for r in catalog.rejects] == [
        (3, "id", False, catalog.ids[1]),
        (4, None, True, None),
    ]
    assert [catalog.line(row) for row in range(5)] == [2, 3, 5, 6, 7]


def test_as_of_leaves_out_later_items(tmp_path: Path) -> None:
    path = write(
        tmp_path, "id,title,date_added\n1,A,2020-01-01\n2,B,2021-06-30\n3,C,2021-07-01\n4,D,\n4,E,2022-01-01\n"
    )
    catalog = read(path, as_of=dt.date(2021, 6, 30))
    assert catalog.titles == ["A", "B", "D"]
    assert "as of 2021-06-30: 2 items of a later date were left out" in catalog.warnings
    assert catalog.rejects == ()  # what is not there yet cannot clash


# --- refusals ----------------------------------------------------------------------------------------------


def ole(folder: Path) -> Path:
    return write(folder, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "c.xlsx")


def truncated(folder: Path) -> Path:
    pq.write_table(pa.table({"id": ["1"] * 1000}), folder / "whole.parquet")
    return write(folder, (folder / "whole.parquet").read_bytes()[:-20], "c.parquet")


def two_tables(folder: Path) -> Path:
    write(folder, "id,title\n1,A\n", "a.csv")
    write(folder, "id,title\n1,A\n", "b.csv")
    return folder


REFUSED = {
    "missing file": (lambda f: f / "none.csv", "no such file"),
    "empty file": (lambda f: write(f, ""), "is empty"),
    "blank file": (lambda f: write(f, "\n \n"), "is empty"),
    "header only": (lambda f: write(f, "id,title\n"), "no rows"),
    "no row fits": (lambda f: write(f, "id,title\n1\n2\n"), "2 rows were rejected"),
    "garbage": (lambda f: write(f, bytes(range(256)) * 40), "binary data"),
    "picture": (lambda f: write(f, b"\x89PNG\r\n\x1a\n" + bytes(99)), "a picture"),
    "sqlite": (lambda f: write(f, b"SQLite format 3\0" + bytes(99)), "SQLite"),
    "web page": (lambda f: write(f, "<!DOCTYPE html><html></html>", "c.xls"), "web page"),
    "damaged workbook": (lambda f: write(f, b"PK\x03\x04" + bytes(99), "c.xlsx"), "damaged"),
    "locked workbook": (ole, "protected by a password or damaged"),
    "truncated parquet": (truncated, "Parquet file is damaged"),
    "truncated gzip": (lambda f: write(f, gzip.compress(b"id,title\n1,A\n" * 999)[:60], "c.csv.gz"), "damaged"),
    "bad json": (lambda f: write(f, '[{"id": 1},\n {"id": }]', "c.json"), "line 2, column 9"),
    "json without rows": (lambda f: write(f, '{"a": {"b": 1}, "c": 2}', "c.json"), "no array of objects"),
    "json of numbers": (lambda f: write(f, "[[1, 2], [3, 4]]", "c.json"), "no row has named values"),
    "empty folder": (lambda f: f, "neither a table nor pictures"),
    "two tables": (two_tables, "a.csv, b.csv"),
    "not a table": (lambda f: 42, "not a table"),
    "index that clashes": (
        lambda f: pd.DataFrame({"id": ["1", "2"], "title": ["A", "B"]}, pd.Index(["2", "1"], name="id")),
        "index and a column are both called 'id' and differ",
    ),
    "unequal columns": (lambda f: {"id": ["1", "2"], "title": ["A"]}, "differ in length (id 2, title 1)"),
    "columns of one text": (lambda f: {"title": "Heat"}, "'title' is str, not a column"),
    "columns of a number": (lambda f: {"title": ["A"], "year": 1995}, "'year' is int, not a column"),
    "one pandas column": (
        lambda f: pd.Series(["A", "B"], name="title"),
        "pandas.Series: this is one column, not a table",
    ),
    "one polars column": (lambda f: pl.Series("title", ["A", "B"]), "polars.Series: this is one column, not a table"),
    "one arrow column": (lambda f: pa.chunked_array([["A"]]), "not a table"),
    "no text": (lambda f: write(f, "price,stock\n1.5,3\n2.5,4\n"), "Columns: price, stock"),
    "no rows in a frame": (lambda f: pd.DataFrame({"title": []}), "there are no rows to read"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_clear_line(case: str, tmp_path: Path) -> None:
    make, reason = REFUSED[case]
    source = make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError) as caught:
        read(source)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300 + len(str(tmp_path))
    if isinstance(source, Path):
        assert str(source) in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


SEEDS = ("csv", "json", "json lines", "parquet", "excel")


@examples(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 10**6), st.binary(max_size=4), st.integers(0, 60))
def test_any_damage_gives_a_catalog_or_one_line(kind: str, where: int, insert: bytes, cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path: Path = rows_as(kind, Path(folder))
        content = path.read_bytes()
        place = where % len(content)
        path.write_bytes(content[:place] + insert + content[place + cut :])
        try:
            catalog = read(path)
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert len(set(catalog.ids)) == len(catalog) > 0
            assert len(catalog) + len(dropped(catalog)) == catalog.rows_read


def test_parquet_that_only_says_it_is_utf8(tmp_path: Path) -> None:
    broken = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\3\0\0\0"), pa.py_buffer(b"A\xffB"))
    pq.write_table(pa.table({"id": ["1", "2"], "title": broken}), tmp_path / "c.parquet")
    assert read(tmp_path / "c.parquet").titles == ["A", "\ufffdB"]


def test_content_decides_where_the_name_is_wrong(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["1"], "title": ["A"]}), tmp_path / "p.csv")
    for path in (
        tmp_path / "p.csv",
        write(tmp_path, "id,title\n1,A\n", "c.xlsx"),
        write(tmp_path, '[{"id": "1", "title": "A"}]', "c.tsv"),
        write(tmp_path, "id\ttitle\n1\tA\n", "d.parquet"),
    ):
        assert (read(path).ids, read(path).titles) == (["1"], ["A"])
