"""Assembly: the engine, the routes, the guards around them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import cpu_count
from typing import Any

import anyio.to_thread
from fastapi import Depends, FastAPI
from limits import RateLimitItem
from starlette.types import ASGIApp

import discover
from discover.service import guard, pools, problem
from discover.service.current import Current
from discover.service.routes import health, items, page, search, themes, trends, versions
from discover.service.routes import map as maps
from discover.service.routes._common import described

NOUNS = (search, items, themes, trends, maps, versions)


@dataclass(frozen=True)
class Limits:
    """Who may ask, and how much: any of `keys` (none: all may), under these names, so often, for so long."""

    keys: tuple[str, ...] = ()
    hosts: frozenset[str] = frozenset({"localhost", "127.0.0.1", "[::1]"})
    rate: RateLimitItem | None = None
    seconds: float = 60.0  # for one answer


def build(current: Current, limits: Limits) -> ASGIApp:
    """The service over a workspace, guarded."""
    metrics = guard.Metrics()
    return guarded(routed(current, metrics), limits, metrics)


def guarded(app: ASGIApp, limits: Limits, metrics: guard.Metrics) -> ASGIApp:
    """An app with the guards around it."""
    inner = guard.Guarded(app, limits.keys, limits.hosts, limits.rate, limits.seconds)
    return guard.Counted(guard.Sealed(inner), metrics)


def routed(current: Current, metrics: guard.Metrics) -> FastAPI:
    """The routes, without guards: what OpenAPI describes."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Start looking for news before the first request, stop after the last."""
        # Answers are computed, not waited for: threads beyond the cores take turns, and serve files meanwhile.
        anyio.to_thread.current_default_thread_limiter().total_tokens = 2 * (cpu_count() or 2) + app.state.pools.size
        current.start()
        app.openapi()  # is kept; what an address asks with is held against it, and the first to ask would wait
        yield
        current.stop()

    app = FastAPI(
        title="discover",
        version=discover.__version__,
        summary="What is like this, what is this catalog about, what is rising?",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.current, app.state.metrics, app.state.pools = current, metrics, pools.Pools()
    _include(app)
    return app


def document() -> bytes:
    """The types of all that travels, as an OpenAPI document without paths: the page's types are made from it."""
    app = FastAPI(title="discover", version="1")  # of no release, so that a release does not change it
    _include(app)
    return json.dumps(app.openapi() | {"paths": {}}, sort_keys=True).encode()


def _include(app: FastAPI) -> None:
    problem.install(app)
    app.include_router(health.router)
    for noun in NOUNS:
        app.include_router(noun.router, responses=problem.RESPONSES, dependencies=[Depends(described)])
    app.include_router(page.router)
    app.routes.extend(page.mounts)
    openapi = app.openapi

    def with_question() -> dict[str, Any]:
        """The document with the one body that its route reads by itself, so that FastAPI does not know of it."""
        content = openapi()
        content["components"]["schemas"].setdefault("Question", search.Question.model_json_schema())
        return content

    app.openapi = with_question  # type: ignore[method-assign]  # FastAPI's own way to extend it
