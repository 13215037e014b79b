"""Questions: what is like this, what fits this, what sets these apart."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from discover.core import types
from discover.core.errors import InputError
from discover.core.types import NeighborOptions, QueryOptions, RecommendOptions, SearchOptions
from discover.engine import arguments
from discover.engine.engine import Engine
from discover.service.options import in_address, with_options
from discover.service.pools import BULK, ENCODING, TEXTS
from discover.service.problem import Refused
from discover.service.routes._common import CARD, CSV, Format, ItemId, Opened, card_row, csv
from discover.service.wire.base import MAX_ADDRESS_CHARS, MAX_QUERIES, Body
from discover.service.wire.matches import (
    Comparison,
    Matches,
    Neighbors,
    build_comparison,
    build_matches,
    build_neighbors,
)

router = APIRouter(prefix="/v1", tags=["search"])

MAX_TEXT_CHARS = 10_000  # of a text to search for: a model reads a thousand in a tenth of a second
MAX_EXAMPLES = 100  # items to resemble or to avoid, each of which is compared with the whole catalog
Keys = Annotated[list[str], Field(max_length=MAX_EXAMPLES)]
Rated = Annotated[dict[str, float], Field(max_length=MAX_EXAMPLES)]
QueryInAddress = Annotated[dict[str, Any], Depends(in_address(QueryOptions))]
SearchInAddress = Annotated[dict[str, Any], Depends(in_address(SearchOptions))]


@with_options(SearchOptions)
class Question(Body):
    """All that a search can ask for together."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "a haunted house", "k": 5}, {"like": {"time-2021": 2}, "why": True}]}
    )

    text: Annotated[str | None, Field(max_length=MAX_TEXT_CHARS)] = None
    like: Keys | Rated = Field(default_factory=list)
    unlike: Keys | Rated = Field(default_factory=list)


@with_options(NeighborOptions)
class Many(Body):
    """Items, each of which is asked for by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": ["time-2021", "timbuktu-2014"], "k": 3}]})

    items: Annotated[list[str], Field(min_length=1, max_length=MAX_QUERIES, description="ids or exact titles")]


@with_options(RecommendOptions)
class History(Body):
    """What someone liked: ids or titles, or ratings of them (above 0 liked, below 0 disliked)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"history": {"time-2021": 5, "timbuktu-2014": -1}}]})

    history: Annotated[list[str], Field(max_length=10_000)] | Annotated[dict[str, float], Field(max_length=10_000)]


@router.get("/search", response_model=Matches, responses=CSV, dependencies=[ENCODING])
def search(
    engine: Opened,
    options: SearchInAddress,
    text: Annotated[str | None, Query(max_length=MAX_ADDRESS_CHARS, examples=["a haunted house"])] = None,
    like: Annotated[list[str], Query(max_length=MAX_EXAMPLES)] = [],  # noqa: B006  # FastAPI copies it
    unlike: Annotated[list[str], Query(max_length=MAX_EXAMPLES)] = [],  # noqa: B006
    format: Format = "json",
) -> Any:
    """Find items by text, by items to resemble and by items to avoid. A text that fits nothing gives only a note."""
    return shown(engine, engine.search(text=text, like=like, unlike=unlike, **options), format)


async def posted(request: Request) -> tuple[Question, UploadFile | None]:
    """A question as JSON, or as a form of `query` (JSON) and `image` (a picture file)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await request.form(max_files=1, max_fields=2)
        query, image = form.get("query"), form.get("image")
        if not isinstance(query, str | None) or not isinstance(image, UploadFile) or form.keys() - {"query", "image"}:
            raise Refused(422, "Give a form with `query`, as JSON text, and `image`, a picture file")
        return _question(query or "{}"), image
    if kind != "application/json":
        raise Refused(415, "Give application/json, or multipart/form-data with `query` and `image`")
    return _question(await request.body()), None


def _question(content: str | bytes) -> Question:
    try:
        return Question.model_validate(json.loads(content))
    except ValidationError as error:
        problems = [problem | {"loc": ("body", *problem["loc"])} for problem in error.errors()]
        raise RequestValidationError(problems) from error
    except (ValueError, RecursionError) as error:
        raise Refused(422, "query: not valid JSON") from error


FORMS = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Question"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["image"],
                    "properties": {
                        "query": {"type": "string", "description": "a Question as JSON"},
                        "image": {"type": "string", "format": "binary"},
                    },
                }
            },
        },
    }
}


@router.post("/search", response_model=Matches, openapi_extra=FORMS, dependencies=[TEXTS])
def search_for(engine: Opened, form: Annotated[Any, Depends(posted)]) -> Any:
    """Search as with GET, also with weights of items and with a picture."""
    question, image = form
    given = question.model_dump()
    if image is None:
        return shown(engine, engine.search(**given))
    with _file(image) as path:
        try:
            return shown(engine, engine.search(image=path, **given))
        except InputError as error:
            raise type(error)(str(error).replace(str(path), "the picture")) from error


@contextlib.contextmanager
def _file(image: UploadFile) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="discover-") as file:
        while block := image.file.read(1 << 20):
            file.write(block)
        file.flush()
        yield Path(file.name)


@router.get("/items/{id}/similar", response_model=Matches, responses=CSV, dependencies=[ENCODING])
def similar(engine: Opened, options: QueryInAddress, id: ItemId, format: Format = "json") -> Any:
    """List the items most like one."""
    return shown(engine, engine.similar(id, **options), format)


@router.post("/similar", response_model=Neighbors, dependencies=[BULK])
def similar_many(engine: Opened, body: Many) -> Any:
    """List the items most like each of many. Scores are those of a single query, except for rounding."""
    return build_neighbors(engine, engine.similar_many(**body.model_dump()))


@router.post("/recommend", response_model=Matches, dependencies=[BULK])
def recommend(engine: Opened, body: History) -> Any:
    """Recommend items that fit what someone liked, without those of the history."""
    return shown(engine, engine.recommend(**body.model_dump()))


@router.get("/compare", response_model=Comparison, dependencies=[TEXTS])
def compare(
    engine: Opened,
    ids: Annotated[list[str], Query(min_length=2, max_length=arguments.MAX_COMPARED, description="ids or titles")],
    options: Annotated[dict[str, Any], Depends(in_address(QueryOptions, "weights"))],
    sentences: Annotated[bool, Query(description="measure what each sentence adds (needs the text model)")] = False,
) -> Any:
    """Compare items: what they share, why each pair is alike, where they differ."""
    return build_comparison(engine, engine.compare(ids, sentences=sentences, **options))


def shown(engine: Engine, matches: types.Matches, format: str = "json") -> Any:
    """Answers as JSON, or as a table."""
    answer = build_matches(engine, matches)
    if format == "json":
        return answer
    spaces = list(dict.fromkeys(space for match in answer.matches for space in match.parts))
    rows = [
        [*card_row(match.card), match.score, match.percentile, match.why, *(match.parts.get(space) for space in spaces)]
        for match in answer.matches
    ]
    return csv("search", [*CARD, "score", "percentile", "why", *spaces], rows)
