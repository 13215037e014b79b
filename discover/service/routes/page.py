"""The page at /, its files, and the documentation; nothing of them is loaded from elsewhere."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from discover.service import guard

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
    """Show the API's description, to try it out."""
    return HTMLResponse(DOCS)


@router.get("/docs/begin.js")
async def begin() -> Response:
    """A script of its own, as the policy forbids scripts in pages."""
    return Response(BEGIN, media_type="text/javascript")


@router.post("/session")
async def session(request: Request) -> Response:
    """For a key in the header, a cookie that pictures and links are asked with: no script can read it, no other site
    sends it, it ends with the browser or after `guard.SESSION` seconds, and it is not the key.
    """
    key = guard.given_key(request.headers)
    if not key:  # a session gives no other one
        raise guard.no_key()
    answer = Response(status_code=204)
    secure = request.headers.get("origin", "").startswith("https:")  # TLS may end before us; the browser knows
    answer.set_cookie(guard.COOKIE, guard.session(key), secure=secure, httponly=True, samesite="strict")
    return answer
