"""Errors as problem+json (RFC 9457): the one line that the command line prints, under the status that fits."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from discover.core import errors
from discover.core.suggest import did_you_mean
from discover.core.words import shorten
from discover.service.paths import without_folders
from discover.service.wire.problems import ProblemDetails

log = logging.getLogger("discover.service")

# The most special first; `type` is the class's name, by which `discover.client` raises it again.
STATUS: Mapping[type[errors.DiscoverError], int] = {
    errors.UnknownThemeError: 404,
    errors.UnknownItemError: 404,
    errors.SettingsError: 500,
    errors.UsageError: 400,
    errors.InputError: 422,
    errors.BusyError: 409,
    errors.WorkspaceError: 503,
    errors.DiskError: 507,
    errors.ModelError: 503,
    errors.OutOfMemoryError: 503,
    errors.CancelledError: 503,
    errors.DiscoverError: 500,
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    code: {
        "model": ProblemDetails,
        "content": {"application/problem+json": {}},
        "description": HTTPStatus(code).phrase,
    }
    for code in (400, 401, 403, 404, 409, 413, 415, 421, 422, 429, 503, 507)
}
MAX_PROBLEMS = 5  # that are listed of one request
RETRY_SOON = {"Retry-After": "5"}  # seconds: who holds the workspace writes an edit, or makes a run


class Refused(HTTPException):
    """A request that the service itself refuses; FastAPI lets only this kind of error pass while it reads a body."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)


def answer(
    status: int, detail: str, instance: str, kind: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem as a response; `kind` is the name of an error of `discover.core.errors`."""
    content = {
        "type": f"urn:discover:{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": " ".join(detail.split()),
        "instance": instance,
    }
    return Response(json.dumps(content), status, dict(headers or {}), "application/problem+json")


def status(error: errors.DiscoverError) -> int:
    """The status that an error has."""
    return next(code for kind, code in STATUS.items() if isinstance(error, kind))


def line(problems: Sequence[Mapping[str, Any]], whole: str) -> str:
    """What pydantic found wrong, as one line of places and reasons. `whole` names the request where all of it is wrong.

    The input itself may hold what no message should, and is not repeated.
    """
    clauses = [
        f"{shorten('.'.join(map(str, problem['loc']))) or whole}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in problems[:MAX_PROBLEMS]
    ]
    if len(problems) > MAX_PROBLEMS:
        clauses.append(f"and {len(problems) - MAX_PROBLEMS} more")
    return " ".join(". ".join(clauses).encode("utf-8", "replace").decode().split())


def unknown(name: str, known: Iterable[str]) -> dict[str, Any]:
    """An unknown parameter, as pydantic describes what is wrong."""
    shown, valid = shorten(name), list(known)
    hint = did_you_mean(shown, valid)
    return {"loc": (shown,), "msg": f"unknown parameter{hint} Valid: {', '.join(valid) or 'none'}"}


def install(app: FastAPI) -> None:
    """Let an app answer with problems."""

    @app.exception_handler(errors.DiscoverError)
    async def discover_error(request: Request, error: errors.DiscoverError) -> Response:
        """An error of the engine, by its kind; where it fails for a while, when to ask again."""
        if isinstance(error, errors.DiskError) and isinstance(error.__cause__, FileNotFoundError):
            return await unreadable(request, error.__cause__)
        code = status(error)
        if code >= 500:
            log.error("%s %s: %s", request.method, request.url.path, error)
        headers = RETRY_SOON if code == 503 or isinstance(error, errors.BusyError) else None
        detail = without_folders(str(error), *_folders(request))
        return answer(code, detail, request.url.path, type(error).__name__, headers)

    @app.exception_handler(OSError)
    async def unreadable(request: Request, error: OSError) -> Response:
        """A file that went while it was read: a run may have removed an old version."""
        log.error("%s %s: %s: %s", request.method, request.url.path, type(error).__name__, error)
        detail = "The data of this version cannot be read now. Ask again in a few seconds"
        return answer(503, detail, request.url.path, "WorkspaceError", RETRY_SOON)

    @app.exception_handler(MemoryError)
    async def out_of_memory(request: Request, error: MemoryError) -> Response:
        """Others may end meanwhile."""
        log.error("%s %s: out of memory", request.method, request.url.path)
        detail = "There is too little memory for this answer. Ask for less, or later"
        return answer(503, detail, request.url.path, "OutOfMemoryError", RETRY_SOON)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        """What is wrong where."""
        problems = [problem | {"loc": problem["loc"][1:]} for problem in error.errors()]
        return answer(422, line(problems, "body"), request.url.path, "UsageError")

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        """What the service itself refuses, or has not changed."""
        if error.status_code == 304:
            return Response(status_code=304, headers=error.headers)
        return answer(error.status_code, str(error.detail), request.url.path, headers=error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> Response:
        """Whoever asked went away, or was too slow: nobody reads this but the log."""
        return answer(400, "the request is incomplete", request.url.path)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        """A fault of ours: its traceback is in the log alone."""
        return answer(500, "Internal error. See the log of the service", request.url.path)


def _folders(request: Request) -> list[Path]:
    """The folders that messages may name; more are seen by their form."""
    return [request.app.state.current.workspace]
