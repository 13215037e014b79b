"""A small client of the service, for notebooks: the engine's questions, its nouns, its errors, over HTTP.

    from discover.client import Client

    client = Client("http://127.0.0.1:8321")
    client.search("a haunted house", k=5).to_pandas()

Needs `pip install 'content-discover[client]'`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any, Self, TypeVar, Unpack
from urllib.parse import quote

import httpx
import numpy as np

from discover.core import errors
from discover.core.ids import ItemKey, ItemWeights, spell
from discover.core.structure import structure
from discover.core.types import (
    Assignment,
    Assignments,
    Card,
    Change,
    Chip,
    Dossier,
    Edit,
    Event,
    Explanation,
    Item,
    Label,
    Listing,
    MapPoint,
    Match,
    Matches,
    Neighbors,
    Theme,
    Trend,
    Version,
    WhiteSpace,
)
from discover.core.types.options import (
    NeighborKeywords,
    NeighborOptions,
    QueryKeywords,
    QueryOptions,
    RecommendKeywords,
    RecommendOptions,
    SearchKeywords,
    SearchOptions,
    takes,
)

N = TypeVar("N")
PAGE = 200  # items fetched at a time
POINTS = 10_000  # of the map
MAX_QUERIES = 500  # sent at a time
STATUS = {409: errors.BusyError, 413: errors.InputError, 422: errors.UsageError, 429: errors.BusyError}


class Client:
    """A running `discover serve`; methods are those of `discover.Engine`, and raise the same errors.

    `key` is an API key, where the service wants one. Raises UsageError for a url or a key that can be none. A service
    that cannot be reached is a ModelError, as every remote that fails.
    """

    def __init__(self, url: str = "http://127.0.0.1:8321", key: str | None = None, timeout: float = 60.0) -> None:
        _check_url(url)
        if key and not (key.isprintable() and key == key.strip()):
            raise errors.UsageError("The API key contains spaces or invalid characters. Copy it exactly")
        headers = {b"Authorization": f"Bearer {key}".encode()} if key else {}
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=f"{self.url}/v1", headers=headers, timeout=timeout)

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    # --- questions -----------------------------------------------------------------------------------------

    @takes(QueryOptions)
    def similar(self, item: ItemKey, **options: Unpack[QueryKeywords]) -> Matches:
        """The k items most like this one, by id or exact title; as `Engine.similar`."""
        return self.search(like=[spell(item)], **options)

    @takes(SearchOptions)
    def search(
        self,
        text: str | None = None,
        like: ItemWeights = (),
        unlike: ItemWeights = (),
        image: str | Path | None = None,
        **options: Unpack[SearchKeywords],
    ) -> Matches:
        """The k items that fit everything asked for together; as `Engine.search`."""
        wanted = {"text": text, "like": _plain(like), "unlike": _plain(unlike)} | dict(options)
        if image is None:
            return _matches(self._post("/search", wanted))
        try:
            picture = Path(image).read_bytes()
        except OSError as error:
            raise errors.InputError(f"{image}: cannot be read ({error.strerror})") from error
        form = {"query": json.dumps(wanted)}
        return _matches(self._ask("POST", "/search", data=form, files={"image": (Path(image).name, picture)}))

    @takes(RecommendOptions)
    def recommend(
        self, history: Sequence[ItemKey] | Mapping[ItemKey, float], **options: Unpack[RecommendKeywords]
    ) -> Matches:
        """The k items that fit what someone liked; as `Engine.recommend`."""
        return _matches(self._post("/recommend", {"history": _plain(history)} | dict(options)))

    def compare(
        self, ids: Sequence[ItemKey], weights: Mapping[str, float] | None = None, sentences: bool = True
    ) -> Dossier:
        """2 to 20 items side by side; `discover.report.dossier` writes it as HTML and as Markdown."""
        given = {"ids": _plain(ids), "sentences": sentences}
        if weights:
            given["weights"] = ",".join(f"{name}={weight}" for name, weight in weights.items())
        return structure(Dossier, self._get("/compare", **given))

    def explain(
        self, a: ItemKey, b: ItemKey, weights: Mapping[str, float] | None = None, sentences: bool = True
    ) -> Explanation:
        """Why b has the score that `similar(a)` gives it; as `Engine.explain`."""
        return self.compare([a, b], weights, sentences).pairs[0]

    @takes(NeighborOptions)
    def similar_many(self, items: Iterable[ItemKey] | None = None, **options: Unpack[NeighborKeywords]) -> Neighbors:
        """What `similar` finds for each of many items, all by default; as `Engine.similar_many`.

        The catalog of the outcome, and so the order and shape of `to_scipy`, holds the items asked for and then the
        neighbours that are not among them; where all were asked for, it is the service's own.
        """
        if isinstance(items, str):
            raise errors.UsageError(f"items: give a list of ids or titles, got {items!r}")
        wanted = [card.id for card in self.items()] if items is None else _plain(items)
        lines: list[dict[str, Any]] = []
        versions = set()
        for start in range(0, len(wanted), MAX_QUERIES):
            answer = self._post("/similar", {"items": wanted[start : start + MAX_QUERIES]} | dict(options))
            lines += answer["neighbors"]
            versions.add(answer["version"])
        if len(versions) > 1:
            raise errors.BusyError("Another version became current meanwhile. Ask again")
        return _neighbors(lines)

    def suggest(self, text: str, k: int = 8) -> list[dict[str, Any]]:
        """Titles for what someone begins to type: id, title, year."""
        suggestions: list[dict[str, Any]] = self._get("/suggest", text=text, k=k)["suggestions"]
        return suggestions

    # --- items ---------------------------------------------------------------------------------------------

    def items(self, where: str | None = None) -> Listing[Card]:
        """All items for which a condition holds."""
        return Listing(_card(card) for card in self._pages("/items", "items", where=where))

    def card(self, item: ItemKey) -> Card:
        """One item, by id or exact title."""
        return _card(self._get(f"/items/{quote(spell(item), safe='')}")["item"])

    def values(self, item: ItemKey) -> dict[str, Any]:
        """All that the catalog holds of an item, by column."""
        values: dict[str, Any] = self._get(f"/items/{quote(spell(item), safe='')}")["values"]
        return values

    def map(self) -> Listing[MapPoint]:
        """A point for each item."""
        return _listed(MapPoint, self._pages("/map", "points", POINTS, format="json"))

    def duplicates(self) -> Listing[Listing[Item]]:
        """Groups of items that are the same, or nearly, largest group first."""
        groups = self._pages("/duplicates", "groups")
        return Listing(Listing(Item(card["id"], card["title"], 1.0) for card in group) for group in groups)

    # --- themes --------------------------------------------------------------------------------------------

    def themes(self, level: int = 0) -> Listing[Theme]:
        """The themes of a level, largest first; strengths of exemplars do not travel and are NaN."""
        return Listing(_theme(theme) for theme in self._pages("/themes", "themes", level=level))

    def theme(self, id: str) -> Theme:
        """A theme with all its items, strongest first."""
        address = f"/themes/{quote(id, safe='')}"
        members = [
            Item(member["card"]["id"], member["card"]["title"], member["strength"], member["attached"])
            for member in self._pages(address, "members")
        ]
        return _theme(self._get(address, limit=1)["theme"], tuple(members))

    def history(self, id: str) -> Listing[Event]:
        """What happened to a theme, run by run."""
        return _listed(Event, self._get(f"/themes/{quote(id, safe='')}", limit=1)["events"])

    def events(self, since: int | None = None) -> Listing[Event]:
        """What happened to themes in this run, or since a version."""
        return _listed(Event, self._get("/events", since=since)["events"])

    def trends(self, emerging: bool = False, level: int = 0) -> Listing[Trend]:
        """How themes move, most significant first."""
        return _listed(Trend, self._get("/trends", emerging=emerging, level=level)["trends"])

    def white_space(self, level: int = 0) -> Listing[WhiteSpace]:
        """Themes by demand over supply."""
        return _listed(WhiteSpace, self._get("/white-space", level=level)["white_space"])

    def changes(self, since: int | None = None) -> Listing[Change]:
        """Why shares changed."""
        return _listed(Change, self._get("/changes", since=since)["changes"])

    def label(self, ids: str | Iterable[ItemKey] = (), texts: Sequence[str] = ()) -> Label:
        """Words for any set of items, or of texts."""
        label = self._post("/label", {"ids": _plain(ids), "texts": list(texts)})
        items = tuple(Item(card["id"], card["title"], 1.0) for card in label["exemplars"])
        return Label(label["text"], tuple(label["keywords"]), (), label["note"], items)

    def assign(self, rows: Sequence[Mapping[str, Any]], level: int = 0) -> Assignments:
        """Where new items belong."""
        answer = self._post("/assign", {"rows": [dict(row) for row in rows], "level": level})
        return Assignments(_listed(Assignment, answer["assignments"]), answer["warnings"])

    # --- edits, versions -----------------------------------------------------------------------------------

    def edits(self) -> Listing[Edit]:
        """All edits, oldest first."""
        return _listed(Edit, self._get("/edits")["edits"])

    def edit(self, kind: str, themes: Sequence[str] = (), items: Sequence[Sequence[str]] = (), text: str = "") -> Edit:
        """Write down an edit, as `discover.edits.add` does."""
        wanted = {"kind": kind, "themes": list(themes), "items": [list(group) for group in items], "text": text}
        return structure(Edit, self._post("/edits", wanted)["edit"])

    def undo(self, number: int) -> Edit:
        """Take an edit back."""
        return structure(Edit, self._ask("DELETE", f"/edits/{number}")["edit"])

    def about(self) -> dict[str, Any]:
        """What is served: source, version, spaces and weights, what can be filtered by."""
        about: dict[str, Any] = self._get("/about")
        return about

    def versions(self) -> Listing[Version]:
        """All versions, oldest first."""
        return _listed(Version, self._get("/versions")["versions"])

    def report(self, format: str = "html") -> str:
        """The report of the run: html, json or markdown."""
        return self._answered("GET", "/report", params={"format": format}).text

    # --- travelling ----------------------------------------------------------------------------------------

    def _get(self, path: str, **params: Any) -> Any:
        given = {name: value for name, value in params.items() if value is not None}
        return self._ask("GET", path, params=given)

    def _post(self, path: str, content: Mapping[str, Any]) -> Any:
        try:
            return self._ask("POST", path, json=dict(content))
        except (TypeError, ValueError) as error:  # NaN, or what is no JSON at all
            raise errors.UsageError(f"{path}: {error}") from error

    def _ask(self, method: str, path: str, **given: Any) -> Any:
        return self._answered(method, path, **given).json()

    def _answered(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **given)
        except httpx.HTTPError as error:
            what = f"{self.url} cannot be reached ({type(error).__name__}: {error})"
            raise errors.ModelError(f"{what}. Check that `discover serve` is running there") from error
        if answer.is_success:
            return answer
        raise _error(answer)

    def _pages(self, path: str, name: str, limit: int | None = None, **params: Any) -> Iterator[Any]:
        """What all pages of a list hold."""
        cursor: str | None = None
        while True:
            page = self._get(path, cursor=cursor, limit=limit or PAGE, **params)
            yield from page[name]
            cursor = page["next"]
            if cursor is None:
                return


def _check_url(url: str) -> None:
    """Raises UsageError for anything but the URL of a service."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        address = httpx.URL()
    if address.scheme not in ("http", "https") or not address.host:
        raise errors.UsageError(f"{url!r} is not a service URL. Give one like http://127.0.0.1:8321")


def _error(answer: httpx.Response) -> errors.DiscoverError:
    """The error that the service met."""
    try:
        problem = answer.json()
        name, detail = str(problem["type"]).rpartition(":")[2], str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        name, detail = "", f"{answer.status_code} {answer.reason_phrase}"
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, errors.DiscoverError)):
        unknown = errors.UsageError if answer.status_code < 500 else errors.ModelError
        kind = STATUS.get(answer.status_code, unknown)
    return kind(detail)


def _plain(wanted: Any) -> Any:
    """Items by id or title as JSON takes them."""
    if isinstance(wanted, Mapping):
        return {spell(item): weight for item, weight in wanted.items()}
    return [spell(wanted)] if isinstance(spell(wanted), str) else [spell(item) for item in wanted]


def _matches(answer: Mapping[str, Any]) -> Matches:
    understood = [structure(Chip, chip) for chip in answer["understood"]]
    return Matches((structure(Match, match) for match in answer["matches"]), answer["note"], understood)


def _neighbors(lines: Sequence[Mapping[str, Any]]) -> Neighbors:
    catalog = list(dict.fromkeys([*(line["id"] for line in lines), *(id for line in lines for id in line["nearest"])]))
    place = {id: row for row, id in enumerate(catalog)}
    rows = np.array([place[line["id"]] for line in lines], dtype=np.int64)
    width = max((len(line["nearest"]) for line in lines), default=0)
    nearest, scores = np.full((len(lines), width), -1, dtype=np.int64), np.full((len(lines), width), nan)
    for number, line in enumerate(lines):
        count = len(line["nearest"])
        nearest[number, :count], scores[number, :count] = [place[id] for id in line["nearest"]], line["scores"]
    return Neighbors(catalog, rows, nearest, scores)


def _card(card: Mapping[str, Any]) -> Card:
    theme = card["theme"] or {"id": None, "label": ""}
    return structure(Card, dict(card) | {"theme": theme["id"], "label": theme["label"]})


def _theme(content: Mapping[str, Any], items: tuple[Item, ...] = ()) -> Theme:
    exemplars = [exemplar | {"strength": None} for exemplar in content["exemplars"]]
    theme = structure(Theme, {**content, "exemplars": exemplars, "items": []})
    return replace(theme, items=items)


def _listed(kind: type[N], entries: Iterable[Mapping[str, Any]]) -> Listing[N]:
    return Listing(structure(kind, entry) for entry in entries)
