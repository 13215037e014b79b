"""What is served: about the version, all versions, the report."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import Response

from discover.service import wire
from discover.service.problem import Refused
from discover.service.routes._common import Now, Opened
from discover.store.versions import list_versions

router = APIRouter(prefix="/v1", tags=["versions"])
MOST_VALUES = 50  # that a filter lists
REPORTS = {
    "html": ("report.html", "text/html; charset=utf-8"),
    "json": ("report.json", "application/json"),
    "markdown": ("report.md", "text/markdown; charset=utf-8"),
}
# The report is one page that carries its own styles and script; it may fetch nothing.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:"
)


@router.get("/about", response_model=wire.About)
def about(engine: Opened, now: Now) -> Any:
    """Describe what is served: counts, filters, spaces and their weights."""
    facets, themes = engine.facets, engine.themes()
    counted = {
        name: [wire.Counted(value=value, count=count) for value, count in list(values.items())[:MOST_VALUES]]
        for name, values in (("genres", facets.genres), ("countries", facets.countries))
    }
    return wire.About(
        version=engine.version.number,
        source=engine.catalog.source,
        created=engine.version.created,
        items=len(engine.catalog),
        themes=len(themes),
        levels=engine.levels,
        spaces=engine.space_names,
        weights=dict(engine.weights),
        filters=wire.Filters(
            year=wire.Years(min=facets.years[0], max=facets.years[1]) if facets.years else None,
            themes=[wire.SizedTheme(id=each.id, label=each.label, size=each.size) for each in themes],
            **counted,
        ),
        colours=engine.colours,
        roles=list(engine.catalog.mapping),
        audience=engine.catalog.table.column("audience").null_count < len(engine.catalog),
        editable=now.editable,
    )


@router.get("/versions", response_model=wire.Versions)
def versions(now: Now) -> Any:
    """List all versions of the workspace, oldest first."""
    found = [wire.StoredVersion.model_validate(each) for each in list_versions(now.workspace)]
    return wire.Versions(version=now.engine.version.number, versions=found)


@router.get(
    "/report",
    response_class=Response,
    responses={200: {"content": {"text/html": {}, "application/json": {}, "text/markdown": {}}}},
)
def report(engine: Opened, format: Literal["html", "json", "markdown"] = "html") -> Response:
    """Give the report of the version."""
    name, kind = REPORTS[format]
    if name not in engine.version.files:
        raise Refused(404, f"version {engine.version.number} has no report as {format}")
    try:
        content = engine.version.checked(name).read_bytes()
    except FileNotFoundError as error:
        told = f"The report of version {engine.version.number} was removed. Ask again"
        raise Refused(503, told, {"Retry-After": "1"}) from error
    return Response(content, media_type=kind, headers={"Content-Security-Policy": REPORT_POLICY})
