"""Ratings to figures: how well recommendations meet what people liked next, beside two that need no engine.

Of each user's likes the last are held out (by time; at random where the ratings have none), the k best are recommended
from all other ratings, and what was held out is looked for among them: nDCG@k, recall@k, MRR@k as `ranx` computes
them. Coverage is the share of the catalog that is recommended to anybody; novelty the mean self-information of what is
recommended, -log2 of the share of users who rated it (Zhou et al. (2010), "Solving the apparent diversity-accuracy
dilemma of recommender systems", PNAS). Intervals are percentiles of a bootstrap over users.

Only what people met can be liked, and they meet what is popular: popularity is the peer to be measured against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from discover.catalog import tables
from discover.catalog.reading import choose
from discover.catalog.values import dates
from discover.core.errors import InputError, UsageError
from discover.core.settings import CatalogSettings
from discover.core.types import Catalog, Evaluation, Figure, Listing
from discover.core.words import plural
from discover.embeddings.embed import Progress
from discover.search import recommend
from discover.search.index import SearchIndex
from discover.search.spaces.base import Rows

RATING_COLUMNS = {  # how people call them, best first; compared in small letters without "_", "-" and blanks
    "user": ("userid", "user", "username", "uid", "accountid", "customerid", "reviewerid", "memberid"),
    "item": ("itemid", "item", "movieid", "movie", "filmid", "film", "showid", "show", "trackid", "bookid", "productid",
             "id", "title", "name", "showtitle", "movietitle"),
    "rating": ("rating", "score", "stars", "overall", "userrating", "value"),
    "kind": ("kind", "type", "category", "format", "contenttype", "mediatype"),
    "time": ("timestamp", "time", "datetime", "date", "ratedat", "createdat"),
}  # fmt: skip
MIN_READABLE_SHARE = 0.5  # of the cells that a reading of a column has to make sense of
RESAMPLES = 1_000
CONFIDENCE = 0.95

History = Mapping[int, float]  # row -> above 0 liked, below 0 disliked, 0 seen


@dataclass(frozen=True)
class Ratings:
    """m ratings of items of a catalog, by user and then by time; no item twice by one user."""

    users: NDArray[np.int64] = field(repr=False)  # (m,) numbers of users, ascending
    rows: Rows = field(repr=False)  # (m,)
    values: NDArray[np.float64] = field(repr=False)  # (m,) above 0 liked, below 0 disliked, 0 neither
    timed: bool  # whether they are in order of time
    source: str
    notes: tuple[str, ...]  # how the table was read, and what of it was not used


@dataclass(frozen=True)
class Case:
    """One user: what the recommenders are told and what they should find."""

    history: History
    held_out: Rows


# --- reading -----------------------------------------------------------------------------------------------


def read(
    source: Any,
    catalog: Catalog,
    liked: float | None = None,
    disliked: float | None = None,
    allow_rejects: bool = False,
    keep_seasons: bool = False,
) -> Ratings:
    """The ratings in a file or a data frame: columns for user, item and, if there are, rating, time and kind.

    Items are found by id, else by title (see `catalog.matching`; `keep_seasons` matches no season with its show).
    A rating is a like from `liked` on (the median by default; above 0
    where there are negative ratings, which are dislikes) and a dislike up to `disliked` (none by default). Without
    ratings every row is a like. Raises InputError: a column that is missing, no item of this catalog, no usable row,
    or more than half of them unusable (unless `allow_rejects`).
    """
    raw = choose.load(source, CatalogSettings())
    columns = tables.columns(raw.table.column_names, RATING_COLUMNS, ("user", "item"), raw.source)
    notes = [f"{role}: column {name!r}" for role, name in columns.items()]
    notes += [*raw.warnings, *tables.unread(raw)]
    users, items = (np.array(raw.table.column(columns[role]).to_pylist(), dtype=object) for role in ("user", "item"))
    kinds = raw.table.column(columns["kind"]).to_pylist() if "kind" in columns else None
    about = tables.About(items, kinds, keep_seasons=keep_seasons)
    rows = tables.match(about, catalog, raw.source, "ratings", notes)
    values = np.ones(len(rows)) if "rating" not in columns else _numbers(raw.table.column(columns["rating"]))
    readable = np.array([bool(user) for user in users]) & np.isfinite(values)
    usable = (rows >= 0) & readable
    if lost := int(np.count_nonzero((rows >= 0) & ~usable)):
        unusable = plural(lost, "rating was", "ratings were")
        notes.append(f"{unusable} left out: the user is missing or the rating is not a number")
    if not usable.any():
        raise InputError(f"{raw.source}: no row has a user, an item of this catalog and a rating")
    notes[:0] = tables.lost(raw, readable, "the user is missing or the rating is not a number", allow_rejects)
    times = np.zeros(len(rows)) if "time" not in columns else _times(raw.table.column(columns["time"]))
    if untimed := int(np.count_nonzero(np.isnan(times[usable]))):
        notes.append(f"{plural(untimed, 'rating has', 'ratings have')} no readable time and counted as oldest")
    _, numbers = np.unique(users[usable].astype(str), return_inverse=True)
    rows, values, times = rows[usable], values[usable], np.nan_to_num(times[usable], nan=-np.inf)
    order = np.lexsort((times, numbers))
    order = order[_last(numbers[order], rows[order])]
    if twice := len(rows) - len(order):
        notes.append(
            f"{plural(twice, 'rating was', 'ratings were')} replaced by a later rating of the same user and item"
        )
    judged = _judged(values[order], liked, disliked, "rating" in columns, notes)
    return Ratings(numbers[order].astype(np.int64), rows[order], judged, "time" in columns, raw.source, tuple(notes))


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    import pandas as pd

    return pd.to_numeric(pd.Series(column.to_pylist(), dtype=object), errors="coerce").to_numpy(np.float64)


def _times(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Numbers as they are, ISO dates and times as seconds since 1970, other dates as days; NaN where none of it.

    One reading for the whole column: the first of these that half of the cells have.
    """
    import pandas as pd

    numbers = _numbers(column)
    if np.isfinite(numbers).mean() >= MIN_READABLE_SHARE:
        return numbers
    texts = pd.Series([None if value is None else str(value) for value in column.to_pylist()], dtype=object)
    stats = pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")
    if stats.notna().mean() >= MIN_READABLE_SHARE:
        seconds = stats.dt.tz_localize(None).to_numpy("datetime64[ns]").astype(np.int64) / 1e9
        return np.where(stats.isna(), np.nan, seconds)
    days = dates.parse(column, "time").days
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(np.float64))


def _last(users: NDArray[Any], rows: Rows) -> NDArray[np.int64]:
    """Positions, ascending, of the last of each pair."""
    _, last = np.unique(np.stack([users, rows])[:, ::-1], axis=1, return_index=True)
    return np.sort(len(rows) - 1 - last)


def _judged(
    values: NDArray[np.float64], liked: float | None, disliked: float | None, rated: bool, notes: list[str]
) -> NDArray[np.float64]:
    """Ratings as a history has them."""
    if liked is None and (values > 0).any():
        middle = float(np.median(values))
        liked = middle if values.min() >= 0 and middle > 0 else float(values[values > 0].min())
    if liked is None or liked <= 0:
        raise UsageError(f"liked must be above 0, got {liked}")
    if disliked is not None and disliked >= liked:
        raise UsageError(f"disliked must be below liked ({liked:g}), got {disliked:g}")
    least = 0.0 if disliked is None else disliked
    hated = (values < 0) | ((values <= least) & (disliked is not None))
    likes = values >= liked
    if rated:
        notes.append(f"liked: {plural(int(likes.sum()), 'rating')} of at least {liked:g}, disliked: {hated.sum():,}")
    return np.where(likes, values, np.where(hated, values - liked, 0.0))


# --- measuring ---------------------------------------------------------------------------------------------


def split(ratings: Ratings, holdout: float, seed: int) -> list[Case]:
    """By user with at least two likes: the last share of the likes, rounded up, and everything else.

    One like always stays. "Last" is by time, or in an order drawn with `seed`.
    """
    random = np.random.default_rng(seed)
    starts = np.flatnonzero(np.diff(ratings.users, prepend=-1))
    cases = []
    for places in np.split(np.arange(len(ratings.users)), starts[1:]):
        likes = places[ratings.values[places] > 0]
        if len(likes) < 2:
            continue
        likes = likes if ratings.timed else random.permutation(likes)
        held_out = likes[-min(int(np.ceil(holdout * len(likes))), len(likes) - 1) :]
        shown = np.setdiff1d(places, held_out, assume_unique=True)
        history = dict(zip(ratings.rows[shown].tolist(), ratings.values[shown].tolist(), strict=True))
        cases.append(Case(history, ratings.rows[held_out]))
    return cases


def evaluate(
    search_index: SearchIndex,
    ratings: Ratings,
    weights: Mapping[str, float],
    k: int = 10,
    holdout: float = 0.2,
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """The figures of `recommend`, of popularity and of chance. Raises InputError where no user has two likes."""
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise UsageError(f"seed must be a whole number of at least 0, got {seed!r}")
    if not 0 < holdout < 1:
        raise UsageError(f"holdout must be above 0 and below 1, got {holdout}")
    _ranx()  # before the work
    cases = split(ratings, holdout, seed)
    if not cases:
        raise InputError(f"{ratings.source}: no user likes two items of this catalog, so nothing can be predicted")
    rated = np.zeros(search_index.count)
    for case in cases:
        rated[list(case.history)] += 1
    random = np.random.default_rng(seed)
    recommenders: dict[str, Callable[[History], Rows]] = {
        "discover": lambda history: recommend.rank_for_history(search_index, history, k, weights).rows,
        "popularity": lambda history: _unseen(np.lexsort((np.arange(search_index.count), -rated)), history, k),
        "random": lambda history: _unseen(random.permutation(search_index.count), history, k),
    }
    lists = {name: _lists(one, cases, f"recommending: {name}", progress) for name, one in recommenders.items()}
    novelty = -np.log2((rated + 1) / (len(cases) + 1))
    by_user = {name: _accuracy(cases, rows, k) | {"novelty": _means(novelty, rows)} for name, rows in lists.items()}
    figures = [
        figure
        for name, recommended in lists.items()
        for figure in (
            *_figures(name, by_user[name], seed),
            Figure(name, "coverage", len(np.unique(np.concatenate(recommended))) / search_index.count, None, None),
        )
    ]
    less = {metric: values - by_user["popularity"][metric] for metric, values in by_user["discover"].items()}
    held_out = sum(len(case.held_out) for case in cases)
    return Evaluation(
        Listing(figures),
        Listing(_figures("discover - popularity", less, seed)),
        len(cases),
        held_out,
        len(np.unique(ratings.users)) - len(cases),
        k,
        ratings.notes,
    )


def _ranx() -> Any:
    """Its functions are compiled by numba: a minute when first used on a machine, seconds later."""
    try:
        return import_module("ranx")
    except ImportError as error:
        raise UsageError(f"run pip install 'content-discover[evaluate]' to evaluate ({error})") from error


def _unseen(rows: Rows, history: History, k: int) -> Rows:
    """The first k that are not in the history."""
    some = rows[: k + len(history)]
    return some[~np.isin(some, list(history))][:k]


def _lists(one: Callable[[History], Rows], cases: Sequence[Case], what: str, progress: Progress | None) -> list[Rows]:
    lists = []
    with progress(what, len(cases)) if progress else nullcontext(lambda _: None) as advance:
        for case in cases:
            lists.append(one(case.history))
            advance(1)
    return lists


def _accuracy(cases: Sequence[Case], lists: Sequence[Rows], k: int) -> dict[str, NDArray[np.float64]]:
    """By metric: its value for each user."""
    ranx = _ranx()
    users = [f"{number:09d}" for number in range(len(cases))]
    wanted = {user: {str(row): 1 for row in case.held_out} for user, case in zip(users, cases, strict=True)}
    given = {
        user: {str(row): float(len(rows) - place) for place, row in enumerate(rows)}
        for user, rows in zip(users, lists, strict=True)
    }
    metrics = {"nDCG": f"ndcg@{k}", "recall": f"recall@{k}", "MRR": f"mrr@{k}"}
    run = ranx.Run.from_dict(given)
    ranx.evaluate(ranx.Qrels.from_dict(wanted), run, list(metrics.values()))
    return {
        f"{name}@{k}": np.array([run.scores[metric][user] for user in users], dtype=np.float64)
        for name, metric in metrics.items()
    }


def _means(values: NDArray[np.float64], lists: Sequence[Rows]) -> NDArray[np.float64]:
    """The mean over each list, 0 for an empty one."""
    return np.array([values[rows].mean() if len(rows) else 0.0 for rows in lists])


def _figures(name: str, by_user: Mapping[str, NDArray[np.float64]], seed: int) -> list[Figure]:
    """Means over users with their bootstrap intervals; the same draws for every recommender."""
    values = np.stack(list(by_user.values()))
    random, users = np.random.default_rng(seed), values.shape[1]
    drawn = np.array([values[:, random.integers(users, size=users)].mean(axis=1) for _ in range(RESAMPLES)])
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return [
        Figure(name, metric, float(values[i].mean()), float(low[i]), float(high[i])) for i, metric in enumerate(by_user)
    ]
