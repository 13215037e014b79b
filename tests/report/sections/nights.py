"""Nights made up for tests: planted themes, no themes, hostile words, and a large one. Same call, same night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw

from discover.core.settings import Settings
from discover.core.types import (
    Alert,
    Catalog,
    CatalogDiff,
    Embeddings,
    EncoderIdentity,
    Entry,
    Event,
    Graph,
    Item,
    Ledger,
    Level,
    Reject,
    RunResults,
    Theme,
    Themes,
    Trend,
    Trends,
    WhiteSpace,
)
from discover.labels import coherence
from discover.report import palette, posters
from tests.planted import TENDENCY

BROAD = (
    (
        "Nordic crime, detectives and cold cases",
        "detective murder investigation police island winter killer",
        "Cold Snow Silent Fjord",
    ),
    ("Space exploration", "astronaut planet mission crew station orbit", "Orbit Red Last Horizon"),
    ("Cooking and kitchens", "chef kitchen restaurant recipe baking street food", "Salt Table Open Flame"),
    ("Romance in Paris", "love wedding Paris letters summer", "Letters Rue Late Summer"),
    ("Wildlife of the oceans", "whale reef ocean coral migration", "Blue Deep Coral Tide"),
    ("Courts and dynasties", "emperor palace dynasty throne rebellion", "Jade Throne Seven Crowns"),
)  # label, keywords, words of titles
CREATED, LATER = "2024-03-01T02:14:07+00:00", "2024-06-03T02:11:09+00:00"
SIZES = (84, 62, 48, 36, 27, 19)
FINE = ((50, 34), (40, 22), (28, 20), (), (), (), (), ())  # sizes of what each broad theme divides into
FINE_LABELS = ("Island murders", "Police in the far north", "Missions to Mars", "Life aboard a station",
               "Baking contests",
               "Street food of Asia")  # fmt: skip
MONTHS = tuple(f"{year}-{month:02}" for year in (2022, 2023, 2024) for month in range(1, 13))[
    :28
]  # the last is not over
HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    '" onmouseover="window.hacked = 1" \'',
    "javascript:window.hacked=1",
    "‮שלום עולם‬ مرحبا",
    "👩‍🚀🔥 Überraschung 日本語",
    "x" * 10_000,
    "{{ 7 * 7 }} {% raise %} ${7*7} <!-- &lt;b&gt;",
)


def planted(folder: Path | None = None) -> RunResults:
    """300 items in 6 broad themes, 10 fine ones (one outside the broad), 24 outliers; posters if `folder` is given."""
    rng = np.random.default_rng(5)
    members = np.repeat(np.arange(-1, 6), (300 - sum(SIZES), *SIZES))
    finer = _divided(members)
    centres = np.array([(0, 0), (-6, 3), (5, 4), (6.5, 2.5), (-3, -5), (4, -5.5), (-7, -2)])
    spread = np.where(members < 0, 4.0, 0.8)[:, None]
    points = (centres[members + 1] + rng.normal(size=(300, 2)) * spread).astype(np.float32)
    points[0] = np.nan  # an item with nothing to go by
    titles = [_title(member, row) for row, member in enumerate(members.tolist())]
    posters = _drawn(folder, members) if folder else {}
    catalog = _catalog("/data/in/catalog_2024-02.csv", titles, posters)
    levels = (_level(members, (-1,) * 6), _level(finer, _parents(finer, members), depth=1))
    named = _named(levels, titles, [label for label, *_ in BROAD], _fine_labels(finer, members))
    reason = "themes: the distance between neighbours is 0.61 of what chance would give (p = 0.00098)"
    return _night(catalog, Themes(levels, points, points, reason, TENDENCY), named)


def _with_copies(graph: Graph) -> Graph:
    """Items 4, 5 and 6 say the same, 9 and 10 nearly."""
    first, scores, neighbours = graph.first.copy(), graph.scores.copy(), graph.neighbours.copy()
    first[[5, 6]] = 4
    neighbours[9, 0], scores[9, 0] = 10, 0.97
    return replace(graph, first=first, scores=scores, neighbours=neighbours)


def _drifted(results: RunResults) -> dict[str, Embeddings]:
    """The spaces, with the texts of the ten new items in another direction than the others."""
    random = np.random.default_rng(9)
    vectors = random.normal(size=(300, 384)) + 3 * (np.arange(300) >= 290)[:, None] * random.normal(size=384)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return dict(results.spaces) | {"text": replace(results.spaces["text"], vectors=vectors.astype(np.float32))}


def later(folder: Path | None = None) -> RunResults:
    """The planted night as a second one: a rise, a new theme's rise, a fade, news, white space, copies, drift, alerts.

    Items 290 to 299 came since the night before; items 4, 5 and 6 say the same; 9 and 10 nearly.
    """
    results = planted(folder)
    shares = [0.1] * 24 + [0.2, 0.25, 0.3] + [0.1]
    trends = (
        _trend(results, 1, "emerging", 1.7, (1.3, 2.2), shares),
        _trend(results, 4, "new", 9.0, (2.0, 40.0), [0.0] * 24 + shares[24:]),
        _trend(results, 2, "fading", 0.4, (0.2, 0.7), [0.3] * 24 + [0.1] * 4),
        _trend(results, 3, "steady", 1.05, (0.8, 1.3), [0.2] * 28),
    )
    space = (
        WhiteSpace("T0002", BROAD[1][0], 0, 0.2, 0.32, 1.6, 1.2, 2.1),
        WhiteSpace("T0001", BROAD[0][0], 0, 0.28, 0.28, 1.0, 0.8, 1.2),
        WhiteSpace("T0004", BROAD[3][0], 0, 0.12, 0.06, 0.5, 0.3, 0.8),
    )
    events = (
        Event(1, CREATED, "born", "T0001", (), 1.0),
        Event(2, LATER, "continued", "T0001", (), 0.97),
        Event(2, LATER, "split", "T0003", ("T0006",), 0.81),
        Event(2, LATER, "merged", "T0002", ("T0900",), 0.75),
        Event(2, LATER, "dormant", "T0901", (), 0.66),
        Event(2, LATER, "born", "T0005", (), 0.3),
    )
    entries = tuple(
        Entry(id, 1, label=label) for id, label in (("T0900", "Lunar bases"), ("T0901", "Carnival comedies"))
    )
    places = np.arange(300)
    places[290:] = -1
    closeness = np.ones(300, dtype=np.float32)
    closeness[290:] = np.nan
    closeness[:3] = 0.9
    rise = replace(trends[0], periods=MONTHS[:12], parts=("past",) * 9 + ("recent",) * 3, shares=tuple(shares[:12]))
    alerts = (
        Alert(1, CREATED, rise, "held", 0.1, 0.2, 0.25),
        Alert(1, CREATED, replace(rise, theme="T0003"), "faded", 0.1, 0.2, 0.11),
        Alert(1, CREATED, replace(rise, theme="T0901", label="Carnival comedies"), "lost"),
    )
    return replace(
        results,
        created=LATER,
        spaces=_drifted(results),
        graph=_with_copies(results.graph),
        trends=Trends(trends, space, notes=("value: column 'hours'",)),
        ledger=Ledger(version=2, entries=entries, events=events),
        diff=CatalogDiff(
            1, CREATED, 297, ("gone-1", "gone-2"), places, {"text": closeness}, ("image",) if folder else ()
        ),
        alerts=(*alerts, Alert(2, LATER, trends[0])),
    )


def single() -> RunResults:
    """The later night with one of everything that can be one: came, left, outlier, reject, copy, rise, told rise."""
    results = later()
    members = results.themes.levels[0].members.copy()
    members[np.flatnonzero(members < 0)[1:]] = 0
    places = np.arange(300)
    places[299] = -1
    assert results.diff is not None
    catalog = replace(results.catalog, rejects=results.catalog.rejects[7:8], rows_read=301)
    levels = (replace(results.themes.levels[0], members=members), results.themes.levels[1])
    found = tuple(replace(each, amounts=(0.0,) * 26 + (1.0, 0.0)) for each in results.trends.trends[:2])
    first = np.arange(300)
    first[5] = 4
    identity = replace(results.spaces["text"].identity, dimension=1)
    return replace(
        results,
        catalog=catalog,
        spaces={"text": replace(results.spaces["text"], identity=identity, encoded=1)},
        graph=replace(results.graph, first=first, scores=np.zeros_like(results.graph.scores)),
        themes=replace(results.themes, levels=levels),
        trends=replace(results.trends, trends=found),
        diff=replace(results.diff, places=places, gone=("gone-1",)),
        alerts=results.alerts[:1],
    )


def _trend(
    results: RunResults, theme: int, status: str, lift: float, interval: tuple[float, float], shares: Sequence[float]
) -> Trend:
    named = results.named[theme - 1]
    parts = ("past",) * 24 + ("recent",) * 3 + ("incomplete",)
    p = 0.0004 if status != "steady" else 0.7
    carriers = tuple(item.id for item in named.exemplars)
    amounts = tuple(40.0 * share for share in shares)
    return Trend(
        named.id, named.label, 0, "titles", status, lift, *interval, p, 2 * p, MONTHS, parts, amounts, tuple(shares),
        carriers,
    )  # fmt: skip


def themeless() -> RunResults:
    """60 items of which none stand out."""
    rng = np.random.default_rng(6)
    points = rng.normal(size=(60, 2)).astype(np.float32)
    catalog = _catalog("DataFrame", [f"Item {row}" for row in range(60)], {})
    catalog = replace(catalog, rejects=(), warnings=(), mapping={"title": ("name",)}, guessed=(), unused=())
    reason = "no themes: the distance between neighbours is 0.99 of what chance would give, " \
             "p = 0.41 (themes need at most 0.9 and p <= 0.001)"  # fmt: skip
    return replace(_night(catalog, Themes((), points, points, reason, TENDENCY), ()), warnings=())


def hostile(folder: Path | None = None) -> RunResults:
    """The later night with words that try to leave their place, everywhere where words come from outside."""
    results = later(folder)
    titles = [HOSTILE[row % len(HOSTILE)] for row in range(len(results.catalog))]
    table = results.catalog.table
    table = table.set_column(table.column_names.index("title"), "title", pa.array(titles))
    bad = HOSTILE[0] + HOSTILE[2]
    rejects = tuple(Reject(None, bad, bad + text, text, dropped=True) for text in HOSTILE)
    mapping = {"title": (bad,), "audience": (HOSTILE[1],)}
    catalog = replace(
        results.catalog, table=table, rejects=rejects, warnings=HOSTILE, mapping=mapping, source=bad + "\udcff",
        unused=HOSTILE,
    )  # fmt: skip
    named = tuple(
        replace(theme, label=f"{HOSTILE[i % 8]} {i}", keywords=HOSTILE, exemplars=_items(titles, [i, i + 1, i + 2]))
        for i, theme in enumerate(results.named)
    )
    themes = replace(results.themes, reason=bad)
    found = tuple(replace(each, label=bad + each.label) for each in results.trends.trends)
    space = tuple(replace(each, label=HOSTILE[4] + bad) for each in results.trends.white_space)
    entries = tuple(replace(each, label=bad) for each in results.ledger.entries)
    alerts = tuple(replace(each, trend=replace(each.trend, label=bad)) for each in results.alerts)
    return replace(
        results, catalog=catalog, named=named, themes=themes, settings=dict(results.settings) | {bad: HOSTILE},
        timings={bad: 1.0},
        trends=replace(results.trends, trends=found, white_space=space), alerts=alerts,
        ledger=replace(results.ledger, entries=entries),
    )  # fmt: skip


def large(count: int = 36_000, broad: int = 34) -> RunResults:
    """Many items in many themes of very different sizes."""
    rng = np.random.default_rng(7)
    weights = 1 / np.arange(1, broad + 1) ** 0.7
    members = np.sort(rng.choice(np.arange(-1, broad), count, p=np.append(0.2, 0.8 * weights / weights.sum())))
    order = np.argsort(-np.bincount(members[members >= 0], minlength=broad), kind="stable")
    rank = np.append(np.argsort(order), -1)
    members = rank[members]
    centres = rng.uniform(-10, 10, (broad + 1, 2))
    spread = (0.2 + rng.uniform(0.2, 0.7, broad + 1))[members][:, None]
    points = centres[members] + rng.normal(size=(count, 2)) * spread
    points = np.where(members[:, None] < 0, rng.uniform(-12, 12, (count, 2)), points).astype(np.float32)
    titles = [f"Film {row} of {1950 + row % 70}" for row in range(count)]
    words = [word for _, keywords, _ in BROAD for word in keywords.split()]
    chosen = [[words[step % len(words)] for step in (i, 7 * i + 3, 5 * i + 1)] for i in range(broad)]
    labels = [f"{first.title()}, {second} and {third}" for first, second, third in chosen]
    levels = (_level(members, (-1,) * broad),)
    named = _named(levels, titles, labels, [])
    catalog = replace(_catalog("wikipedia_films.parquet", titles, {}), rejects=())
    return _night(catalog, Themes(levels, points, points, "themes: plain to see", TENDENCY), named)


# --- parts -------------------------------------------------------------------------------------------------


def _title(member: int, row: int) -> str:
    words = ("Outlier Odd Lone Other" if member < 0 else BROAD[member][2]).split()
    first, second = words[row % 4], words[(row // 4 + 1) % 4]
    return f"{first} {second if second != first else 'Again'} {row}"


def _drawn(folder: Path, members: np.ndarray) -> dict[int, str]:
    """A picture for four in five items, one of them broken."""
    inks = ("#888", "#23486b", "#7a2e1d", "#d9a441", "#a8456b", "#2b7a78", "#6b4fa0")
    found = {}
    for row, member in enumerate(members.tolist()):
        if row % 5 == 4:
            continue
        path = folder / f"{row}.jpg"
        picture = Image.new("RGB", (300, 450), inks[member + 1])
        pen = ImageDraw.Draw(picture)
        pen.ellipse((40 + row % 60, 80 + row % 90, 220 + row % 40, 300), fill="#f3ead7")
        pen.rectangle((0, 360, 300, 372 + row % 30), fill="#1c1b19")
        picture.save(path, quality=80)
        found[row] = str(path)
    Path(found[next(row for row in found if members[row] == 0)]).write_bytes(b"not a picture")
    return found


def _catalog(source: str, titles: Sequence[str], posters: dict[int, str]) -> Catalog:
    count = len(titles)
    days = [None if row % 40 == 7 else date(2008, 1, 1) + timedelta(days=row * 5000 // count) for row in range(count)]
    empty: dict[str, Any] = {
        name: pa.array([[]] * count, pa.list_(pa.string())) for name in ("genres", "keywords", "people", "country")
    }
    table = pa.table(
        {
            "id": [f"s{row:05}" for row in range(count)],
            "title": list(titles),
            "description": ["A few words."] * count,
            **empty,
            "language": [""] * count,
            "kind": [""] * count,
            "released": pa.array(days, pa.date32()),
            "added": pa.array(days, pa.date32()),
            "image": pa.array([posters.get(row) for row in range(count)], pa.string()),
            "audience": pa.array([float(row) for row in range(count)]),
        }
    )
    rejects = (
        *(Reject(40 + 17 * i, "date_added", "this is not a date", f"Sept {i}th, twenty", False) for i in range(7)),
        *(
            Reject(90 + i, "show_id", f"line {i + 3} has the same id with other content", f"s{i:05}", True)
            for i in range(2)
        ),
        Reject(212, None, "a quote is opened here and never closed", 's00212,"The Long ' + "and winding " * 40, True),
        *(
            Reject(86 + i, "poster", "truncated or damaged", f"/posters/{i}.jpg", False, f"s{84 + i:05}")
            for i in range(2)
        ),
    )
    mapping = {
        "id": ("show_id",),
        "title": ("title",),
        "description": ("description",),
        "genres": ("listed_in", "tags"),
        "added": ("date_added",),
        "image": ("poster",),
        "audience": ("hours_viewed",),
    }
    warnings = (
        "date_added: 12 dates such as 3/4/2020 were read as month/day, "
        "a guess that no other date in the column confirms. Set [catalog] day_first to decide",
    )
    guessed, unused = ("description",), ("rating", "duration")
    return Catalog(table, mapping, source, count + 3, rejects, warnings, guessed, unused)


def _divided(members: np.ndarray) -> np.ndarray:
    """Ten fine themes: three broad ones in two, three whole, one of outliers; numbered by falling size."""
    groups = []
    for number, sizes in enumerate(FINE[:6]):
        rows = np.flatnonzero(members == number)
        groups += np.split(rows, np.cumsum(sizes)[:-1]) if sizes else [rows]
    groups.append(np.flatnonzero(members < 0)[-8:])
    found = np.full(len(members), -1)
    for number, rows in enumerate(sorted(groups, key=lambda rows: -len(rows))):
        found[rows] = number
    return found


def _parents(finer: np.ndarray, members: np.ndarray) -> tuple[int, ...]:
    return tuple(int(members[np.argmax(finer == number)]) for number in range(finer.max() + 1))


def _fine_labels(finer: np.ndarray, members: np.ndarray) -> list[str]:
    divided = iter(FINE_LABELS)
    named = sorted(range(finer.max() + 1), key=lambda number: int(members[np.argmax(finer == number)]))
    names = {}
    for number in named:
        parent = int(members[np.argmax(finer == number)])
        whole = (finer == number).sum() == (members == parent).sum()
        names[number] = (
            "Silent films restored" if parent < 0 else BROAD[parent][0] + " (all)" if whole else next(divided)
        )
    return [names[number] for number in range(finer.max() + 1)]


def _level(members: np.ndarray, parents: tuple[int, ...], depth: int = 0) -> Level:
    strengths = np.where(members < 0, 0, 0.6 + 0.4 * np.cos(np.arange(len(members))) ** 2).astype(np.float32)
    attached = np.zeros(len(members), dtype=bool)
    stability = tuple(0.5 / (1 + i) ** 0.5 for i in range(len(parents)))
    ids = tuple(f"T{1 + number + 100 * depth:04}" for number in range(len(parents)))
    return Level(members.astype(np.int64), strengths, attached, parents, stability, ids)


def _items(titles: Sequence[str], rows: Sequence[int]) -> tuple[Item, ...]:
    return tuple(Item(f"s{row:05}", titles[row], 0.9) for row in rows)


def _named(
    levels: Sequence[Level], titles: Sequence[str], broad: Sequence[str], fine: Sequence[str]
) -> tuple[Theme, ...]:
    ids = [level.ids for level in levels]
    found = []
    for depth, level in enumerate(levels):
        for number in range(level.count):
            rows = np.flatnonzero(level.members == number)
            children = levels[depth + 1].parents if depth + 1 < len(levels) else ()
            keywords = BROAD[number % 6][1].split() if depth == 0 else ["quiet", "long", "northern"]
            found.append(
                Theme(
                    id=ids[depth][number],
                    label=(broad if depth == 0 else fine)[number],
                    keywords=tuple(keywords),
                    exemplars=_items(titles, rows[:5].tolist()),
                    size=len(rows),
                    attached=len(rows) // 3,
                    share=len(rows) / len(level.members),
                    strength=float(level.strengths[rows].mean()),
                    stability=level.stability[number],
                    level=depth,
                    number=number,
                    parent=None if level.parents[number] < 0 else ids[depth - 1][level.parents[number]],
                    children=tuple(ids[depth + 1][i] for i, parent in enumerate(children) if parent == number),
                )
            )
    return tuple(found)


def _night(catalog: Catalog, themes: Themes, named: tuple[Theme, ...]) -> RunResults:
    count = len(catalog)
    rows = np.arange(count)
    pictured = rows[[path is not None for path in catalog.column("image")]]
    text = EncoderIdentity(
        "sentence", "all-MiniLM-L6-v2", "53aa5117" * 8, 384, "{title}. {genres}. {description}", "float32"
    )
    clip = EncoderIdentity("clip", "tiny-clip (demo and tests only)", "0b1c2d3e" * 8, 128, "", "float32")
    spaces = {"text": _space("text", text, rows, 21)}
    if len(pictured):
        spaces["image"] = _space("image", clip, pictured[1:], len(pictured) - 1)
    vectors = np.zeros((count, 2), dtype=np.float32)
    neighbours, scores, keys = (
        np.zeros((count, 14), np.int64),
        np.zeros((count, 14), np.float32),
        np.zeros(count, "S32"),
    )
    graph = Graph(rows, rows, vectors, neighbours, scores, 0.9987, keys)
    timings = {"catalog": 0.214, "embeddings": 41.72, "graph": 1.93, "themes": 12.381, "labels": 2.2}
    warnings = ("pictures: 1 of 221 could not be decoded; see rejects",)
    settings = Settings().to_dict()
    return RunResults(
        CREATED, catalog, spaces, graph, themes, named, settings, timings, warnings,
        label_quality=coherence.measure(catalog, named), ledger=Ledger(version=1),
        places=palette.places(themes, catalog.ids, {}), pictures=posters.choose_pictures(catalog, themes, named),
        software="0.1.0",
    )  # fmt: skip


def _space(name: str, identity: EncoderIdentity, rows: np.ndarray, encoded: int) -> Embeddings:
    vectors = np.zeros((len(rows), identity.dimension), dtype=np.float32)
    return Embeddings(name, identity, vectors, rows, np.zeros(len(rows), "S64"), encoded)
