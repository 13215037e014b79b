"""Files that would fill the memory: a cell far away, a cell of many megabytes, pictures of sixteen bits."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from discover.catalog.reader import read
from discover.core.errors import InputError
from discover.embeddings.pictures import STRIP, to_rgb
from tests.shell import command

ROWS = [(str(i), f"Title {i}", f"a story about number {i} and the sea") for i in range(8)]
NAMES = ["id", "title", "plot"]
BIG = 40_000_000  # characters of a cell
PEAK = """
import resource, sys
{imports}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
{call}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def peak(imports: str, call: str, path: Path) -> float:
    """Megabytes that a call takes in a fresh process."""
    code = PEAK.format(imports=imports, call=call)
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1000


def sheet(path: Path, **cells: str) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (("id", "title", "plot"), *ROWS):
        page.append(row)
    for place, value in cells.items():
        page[place] = value
    book.save(path)
    return path


def test_a_cell_at_the_far_end_of_a_sheet_is_no_crash(tmp_path: Path) -> None:
    path = sheet(tmp_path / "c.xlsx", XFD1048576="stray")
    done = command("run", path, "-w", tmp_path / "ws")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "GiB of memory, perhaps for a cell far from the others. Remove empty rows and columns" in done.stderr


def test_a_cell_below_the_others_is_a_row(tmp_path: Path) -> None:
    catalog = read(sheet(tmp_path / "c.xlsx", B3000="Last Title"))
    assert (len(catalog), catalog.titles[-1], catalog.line(8)) == (9, "Last Title", 3000)


def test_what_is_wrong_with_a_sheet_is_still_said(tmp_path: Path) -> None:
    path = tmp_path / "c.xlsx"
    path.write_bytes(sheet(tmp_path / "d.xlsx").read_bytes()[:-900])
    with pytest.raises(InputError, match=r"c\.xlsx: "):
        read(path)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_very_long_cell_is_a_reject_and_copied_nowhere(tmp_path: Path, ending: str) -> None:
    path, rows = tmp_path / f"c.{ending}", [*ROWS, ("99", "Big", "x" * BIG), ("100", "Last", "the end of the story")]
    if ending == "csv":
        path.write_text("id,title,plot\n" + "".join(f"{','.join(row)}\n" for row in rows))
    elif ending == "jsonl":
        path.write_text("".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in rows))
    else:
        pq.write_table(pa.table(list(map(list, zip(*rows, strict=True))), names=NAMES), path)
    catalog = read(path)
    (reject,) = catalog.rejects
    assert catalog.ids == [*(row[0] for row in ROWS), "100"]
    assert (reject.dropped, len(reject.value) <= 1_000) == (True, True)
    assert reject.reason.startswith("the cell is longer than max_field_bytes")
    most = {"csv": 80, "jsonl": 6 * BIG / 1e6, "parquet": 6 * BIG / 1e6}[ending]  # that of a table without it included
    assert peak("from discover.catalog.reader import read", "read(sys.argv[1])", path) < most + 100


def test_a_line_of_many_cells_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,title,plot,a,b\n" + f"1,One,{'the sea ' * 100_000},{'y' * 900_000},{'z' * 900_000}\n")
    catalog = read(path)
    assert (len(catalog), len(catalog.column("description")[0])) == (1, 799_999)


# --- pictures ----------------------------------------------------------------------------------------------


def test_large_pictures_of_sixteen_bits_take_little_memory(tmp_path: Path) -> None:
    values = np.add.outer(np.arange(4_000), np.arange(4_000)).astype(np.uint16) * 8
    Image.fromarray(values).save(tmp_path / "a.png", compress_level=1)
    imports = "from discover.embeddings.pictures import open_picture; from PIL import Image; import numpy"
    assert peak(imports, "open_picture(sys.argv[1], 224)", tmp_path / "a.png") < 250  # 700 as a whole


@pytest.mark.parametrize("height", [1, STRIP - 1, STRIP, 2 * STRIP + 5])
def test_strips_give_the_same_picture_as_a_whole(height: int) -> None:
    random = np.random.default_rng(height)
    wide = random.integers(0, 65_536, (height, 9)).astype(np.uint16)
    expected = (wide / 65_535 * 255).astype(np.uint8)
    np.testing.assert_array_equal(np.asarray(to_rgb(Image.fromarray(wide))), np.repeat(expected[:, :, None], 3, axis=2))
    floats = random.random((height, 9)).astype(np.float32)
    floats[0, 0] = np.nan
    known = np.nan_to_num(floats.astype(np.float64), nan=0.0)
    expected = (known / known.max() * 255).astype(np.uint8)
    np.testing.assert_array_equal(np.asarray(to_rgb(Image.fromarray(floats)))[:, :, 0], expected)
    layered = Image.fromarray(random.integers(0, 256, (height, 9, 4)).astype(np.uint8), "RGBA")
    white = Image.new("RGBA", layered.size, "white")
    expected = np.asarray(Image.alpha_composite(white, layered).convert("RGB"))
    np.testing.assert_array_equal(np.asarray(to_rgb(layered)), expected)
