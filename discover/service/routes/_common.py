"""What routes share: the engine that answers, pages, and forms of an answer."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote

from fastapi import Depends, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator
from starlette.responses import Response

import discover
from discover.core import spreadsheet
from discover.engine.engine import Engine
from discover.service import problem
from discover.service.current import Current
from discover.service.problem import Refused
from discover.service.wire.base import MAX_ADDRESS_CHARS, MAX_ANSWERS
from discover.service.wire.items import Card

T = TypeVar("T")

Format = Annotated[Literal["json", "csv"], Query(description="csv is safe to open in a spreadsheet")]
Level = Annotated[int, Query(ge=0, le=100, description="level of themes, 0 is the broadest")]
Limit = Annotated[int, Query(ge=1, le=MAX_ANSWERS, description="entries per page")]
Cursor = Annotated[str | None, Query(max_length=100, description="`next` of the previous page")]
Where = Annotated[
    str | None,
    Query(max_length=MAX_ADDRESS_CHARS, description="an SQL condition over the columns", examples=["year >= 1990"]),
]
ItemId = Annotated[str, Path(description="id or exact title"), AfterValidator(unquote)]
ThemeId = Annotated[str, Path(description="such as T0001"), AfterValidator(unquote)]


async def described(request: Request) -> None:
    """Raises RequestValidationError for a parameter that OpenAPI does not name for this route, or that is given twice
    where it names one: what is mistyped would be as if it were not there.
    """
    operation = request.app.openapi()["paths"][request.scope["route"].path][request.method.lower()]
    parameters = operation.get("parameters", [])
    known = {parameter["name"]: parameter["schema"] for parameter in parameters if parameter["in"] == "query"}
    wrong = []
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in known:
            wrong.append(problem.unknown(name, known))
        elif times > 1 and known[name].get("type") != "array":
            wrong.append({"loc": (name,), "msg": f"expected once, got {times} times"})
    if wrong:
        raise RequestValidationError([problem | {"loc": ("query", *problem["loc"])} for problem in wrong])


async def current(request: Request) -> Current:
    """The service's workspace."""
    workspace: Current = request.app.state.current
    return workspace


async def untagged(request: Request) -> Engine:
    """The engine for this request, whose answer depends on more than `opened` knows."""
    return (await current(request)).engine


async def opened(request: Request) -> Engine:
    """The engine for this request; raises Refused (304) where the asker has this very answer already.

    An answer depends on the version, the edits since, whether more may be made, the address, and the program: so does
    the tag.
    """
    now = await current(request)
    engine = now.engine
    if request.method in ("GET", "HEAD"):
        last = [edit.created for edit in engine.edits[-1:]]  # someone may have taken a line out and added another
        tag(request, engine, len(engine.edits), last, now.editable)
    return engine


def tag(request: Request, engine: Engine, *facts: object) -> None:
    """Tag the answer by what it is made of; raises Refused (304) where the asker has it already."""
    facts_of_answer = (discover.__version__, engine.version.created, engine.version.number, *facts, request.url.path)
    digest = hashlib.sha256("\n".join([*map(str, facts_of_answer), request.url.query]).encode()).hexdigest()
    etag = f'W/"{engine.version.number}-{digest[:20]}"'
    request.scope["state"]["etag"] = etag
    if etag in [known.strip() for known in request.headers.get("if-none-match", "").split(",")]:
        raise Refused(304, "", {"ETag": etag})


Now = Annotated[Current, Depends(current)]
Opened = Annotated[Engine, Depends(opened)]
Untagged = Annotated[Engine, Depends(untagged)]


def page(engine: Engine, entries: Sequence[T], cursor: str | None, limit: int) -> tuple[Sequence[T], str | None]:
    """A page of a list, and the cursor of the next; a cursor holds for one version."""
    start = 0
    if cursor is not None:
        try:
            text = base64.urlsafe_b64decode(cursor.encode()).decode("ascii")
        except ValueError:
            text = ""
        place = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})", text)
        if place is None:
            raise Refused(400, "cursor: give the `next` of the previous page unchanged")
        if int(place[1]) != engine.version.number:
            raise Refused(409, f"cursor: version {engine.version.number} is now current. Start again without a cursor")
        start = int(place[2])
    more = start + limit < len(entries)
    following = base64.urlsafe_b64encode(f"{engine.version.number}.{start + limit}".encode()).decode() if more else None
    return entries[start : start + limit], following


def csv(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A table to download."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(spreadsheet.text(headings, rows), media_type="text/csv; charset=utf-8", headers=headers)


CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
CARD = ("id", "title", "year", "released", "added", "genres", "countries", "people", "theme", "label")


def card_row(card: Card) -> list[Any]:
    """A card as a line of a table, in the order of CARD."""
    lists = ["; ".join(values) for values in (card.genres, card.countries, card.people)]
    theme = (card.theme.id, card.theme.label) if card.theme else ("", "")
    return [card.id, card.title, card.year, card.released, card.added, *lists, *theme]
