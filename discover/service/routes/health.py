"""What watches over the service asks: is it alive, can it answer, what does it do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.responses import JSONResponse, Response

from discover.service.routes._common import Now

router = APIRouter(include_in_schema=False)
FAILURES = {  # by step of `Current`: errors name folders, and whoever watches over the service needs no key
    "news": "a newer version or edit could not be opened. See the log of the service",
    "answers": "data that answers need could not be read. See the log of the service",
    "models": "a model could not be loaded, so text or picture queries fail. See the log of the service",
}


@router.get("/health")
async def health() -> dict[str, str]:
    """Say that the service is alive."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(now: Now) -> JSONResponse:
    """200 once all that queries by id need is read, else 503; what fails, by a word that stays, and whether the version
    that answers is not the current one.
    """
    failures = {name: message for name, message in FAILURES.items() if now.failures[name]}
    state = {"ready": now.ready, "version": now.engine.version.number, "stale": now.stale, "failures": failures}
    return JSONResponse(state, 200 if now.ready else 503)


@router.get("/metrics")
async def metrics(request: Request, now: Now) -> Response:
    """Give figures for Prometheus."""
    held = request.app.state.metrics
    held.version.set(now.engine.version.number)
    return Response(generate_latest(held.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
