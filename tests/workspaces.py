"""The folders that tests share, by name: a function each, which fills an empty one. See conftest.py.

A workspace is `ws` in its folder, and its catalog lies beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas
from numpy.typing import NDArray
from PIL import Image

import discover
from discover import testing
from tests import crash
from tests.shell import command, write

if TYPE_CHECKING:
    from tests.conftest import Shared


def words(folder: Path, _: Shared) -> None:
    """A tiny text model and the settings that name it."""
    testing.text_model(folder / "words")
    (folder / "discover.toml").write_text('[text]\nmodel = "words"\n')


def fault(folder: Path, _: Shared) -> None:
    """The library that kills a process or lets its disk fail."""
    crash.compile_library(folder)


def few(folder: Path, shared: Shared) -> None:
    """A night of twelve shows, too few for themes."""
    _night(folder, shared, testing.shows(each=2))


def accents(folder: Path, shared: Shared) -> None:
    """A night of twelve shows, one of them with letters that ASCII lacks."""
    rows = testing.shows(each=2)
    rows[1]["title"] = "Amélie ✨"
    _night(folder, shared, rows)


def six(folder: Path, shared: Shared) -> None:
    """A night of six worlds of forty shows."""
    _night(folder, shared, testing.shows(each=40))


def rising(folder: Path, _: Shared) -> None:
    """A night of `rising_shows`, and an audience of which the last three months' courts have three times as much."""
    rows = rising_shows()
    watched = [
        {"id": row["id"], "month": str(month), "views": f"{(9 if row['genres'] == 'court' and late else 3) + i % 3:,}"}
        for i, row in enumerate(rows)
        for month, late in zip(MONTHS[-12:], [False] * 9 + [True] * 3, strict=True)
        if str(month) >= row["release_date"][:7] or row["genres"] == "court"
    ]
    lost = {"id": "nowhere", "month": "2021-01", "views": "5"}
    table = pandas.DataFrame([*watched, lost])
    discover.run(rows, folder / "ws", {"trends": {"period": "month"}}, consumption=table)


def demo(folder: Path, _: Shared) -> None:
    """What `discover demo` makes, and what it said."""
    done = command("demo", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "summary.json").write_text(done.stdout)


def served(folder: Path, shared: Shared) -> None:
    """Two nights of shows with hostile words, pictures and an audience; the second has ten titles less."""
    given = hostile_shows()
    for number in range(3):
        Image.new("RGB", (600, 900), (40 * number, 90, 120)).save(folder / f"{number}.png")
    for number, row in enumerate(given):
        row["poster"] = f"{number}.png" if number < 3 else "https://example.com/poster.jpg" if number == 3 else ""
    settings = {
        "text": {"model": str(shared.built("words") / "words")},
        "image": {"encoder": "clip", "model": "local-dir:nowhere"},
    }
    discover.run(write(folder / "first.csv", given), folder / "ws", settings)
    discover.run(write(folder / "second.csv", given[:-10]), folder / "ws", settings)


HOSTILE = {
    0: "</script><script>alert(1)</script>",
    1: '=HYPERLINK("http://example.com")',
    2: "javascript:alert(1)",
    3: "\u202eright to left",
    4: "long " * 2000,
    5: "family 👨\u200d👩\u200d👧 émigré",
    6: "a/b?c#d%2F",
}


def hostile_shows(each: int = 20) -> list[dict[str, str]]:
    """Shows of which some have ids and titles that are hard to show, with views and countries."""
    rows = testing.shows(each=each)
    for row, title in HOSTILE.items():
        rows[row]["title"] = title
    for number, row in enumerate(rows):
        row["views"] = str(1000 + 37 * number)
        row["country"] = ("Norway", "Chile", "Japan")[number % 3]
    rows[6]["id"] = "odd/id?#%2F é"
    rows[7]["title"] = "Amélie's Orbit"
    return rows


MONTHS = np.arange("2019-01", "2021-04", dtype="M8[M]")  # 27 whole ones: 24 before, 3 recent


def rising_shows() -> list[dict[str, str]]:
    """Shows of MONTHS, the last of which is over; of the recent ones half are ghosts, of the others a tenth."""
    random, rows = np.random.default_rng(0), testing.shows(each=60)
    for row in rows:
        late = random.random() < (0.6 if row["genres"] == "ghost" else 0.08)
        row["release_date"] = str(spread(random, 1, random.choice(MONTHS[-3:] if late else MONTHS[:-3]))[0])
    rows[0]["release_date"] = "2021-03-31"
    return rows


def spread(random: np.random.Generator, counts: int, month: np.datetime64) -> NDArray[np.datetime64]:
    """So many days of a month, drawn."""
    length = ((month + 1).astype("M8[D]") - month.astype("M8[D]")).astype(int)
    return month.astype("M8[D]") + random.integers(0, length, counts)


def _night(folder: Path, shared: Shared, rows: list[dict[str, str]]) -> None:
    discover.run(write(folder / "shows.csv", rows), folder / "ws", shared.built("words") / "discover.toml")
