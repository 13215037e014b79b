"""What is served: about the version, all versions, the report."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from starlette.responses import Response

from discover.core.types import EVENT_WORDS, FADING_STATUSES, RISING_STATUSES
from discover.service.paths import without_folders
from discover.service.problem import Refused
from discover.service.routes._common import Now, Opened
from discover.service.wire.versions import (
    About,
    Counted,
    EventWords,
    Filters,
    SizedTheme,
    SpaceWords,
    StoredVersion,
    Versions,
    Words,
    Years,
)
from discover.store.versions import list_versions

router = APIRouter(prefix="/v1", tags=["versions"])
MAX_VALUES = 50  # that a filter lists
REPORTS = {
    "html": ("report.html", "text/html; charset=utf-8"),
    "json": ("report.json", "application/json"),
    "markdown": ("report.md", "text/markdown; charset=utf-8"),
}
# The report is one page that carries its own styles and script; it may fetch nothing.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:"
)


@router.get("/about", response_model=About)
def about(engine: Opened, now: Now) -> Any:
    """Describe what is served: counts, filters, spaces and their weights."""
    facets, themes = engine.facets, engine.themes()
    counted = {
        name: [Counted(value=value, count=count) for value, count in list(values.items())[:MAX_VALUES]]
        for name, values in (("genres", facets.genres), ("countries", facets.countries))
    }
    return About(
        version=engine.version.number,
        source=without_folders(engine.catalog.source),
        created=engine.version.created,
        items=len(engine.catalog),
        themes=len(themes),
        levels=engine.levels,
        spaces=engine.space_names,
        weights=dict(engine.weights),
        filters=Filters(
            year=Years(min=facets.years[0], max=facets.years[1]) if facets.years else None,
            themes=[SizedTheme(id=theme.id, label=theme.label, size=theme.size) for theme in themes],
            **counted,
        ),
        colours=engine.colours,
        words=Words(
            spaces={name: SpaceWords(label=label, hint=hint) for name, (label, hint) in engine.space_labels.items()},
            events={kind: EventWords.model_validate(words) for kind, words in EVENT_WORDS.items()},
            rising=list(RISING_STATUSES),
            fading=list(FADING_STATUSES),
        ),
        roles=list(engine.catalog.mapping),
        audience=engine.catalog.table.column("audience").null_count < len(engine.catalog),
        editable=now.editable,
    )


@router.get("/versions", response_model=Versions)
def versions(now: Now) -> Any:
    """List all versions of the workspace, oldest first."""
    listed = [StoredVersion.model_validate(version) for version in list_versions(now.workspace)]
    listed = [version.model_copy(update={"source": without_folders(version.source)}) for version in listed]
    return Versions(version=now.engine.version.number, versions=listed)


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
        message = f"The report of version {engine.version.number} was removed. Ask again"
        raise Refused(503, message, {"Retry-After": "1"}) from error
    return Response(content, media_type=kind, headers={"Content-Security-Policy": REPORT_POLICY})
