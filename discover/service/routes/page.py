"""The page at /, its files, and the documentation; nothing of them is loaded from elsewhere."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

router = APIRouter(include_in_schema=False)
PAGE = Path(__file__).parents[1] / "page"
DOCS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>discover: the API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"><div id="docs"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/begin.js"></script></html>"""
BEGIN = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null})'

mounts = [
    Mount("/assets", StaticFiles(directory=PAGE / "assets"), name="assets"),
    Mount("/docs/assets", StaticFiles(directory=str(files("fastapi_offline") / "static")), name="docs-assets"),
]


@router.get("/")
def page() -> FileResponse:
    """The page."""
    return FileResponse(PAGE / "index.html")


@router.get("/docs")
async def docs() -> HTMLResponse:
    """What the API can be asked, to try out."""
    return HTMLResponse(DOCS)


@router.get("/docs/begin.js")
async def begin() -> Response:
    """A script of its own, as the policy forbids scripts in pages."""
    return Response(BEGIN, media_type="text/javascript")
