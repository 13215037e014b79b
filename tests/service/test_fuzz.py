"""What OpenAPI promises holds for whatever schemathesis makes up: some 1,300 cases that it always tries, and
`DISCOVER_CASES` invented ones over all routes (5,000 take minutes).

They are asked within this process: a connection for each takes several times as long as the answer.
"""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from discover.service import app, guard
from discover.service.current import Current

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DESCRIBED = app.routed(None, guard.Metrics()).openapi()  # no workspace is read for it
schema = schemathesis.openapi.from_dict(DESCRIBED)
# Operations that can be asked in one way only get one case.
WAYS = sum(
    "parameters" in each or "requestBody" in each for path in DESCRIBED["paths"].values() for each in path.values()
)
EACH = -(-int(os.environ.get("DISCOVER_CASES", "200")) // WAYS)


@pytest.fixture(scope="module")
def service(shared, tmp_path_factory):
    folder = shared.copy("served", tmp_path_factory.mktemp("fuzz") / "served")
    inner = app.build(Current(folder / "ws"), app.Limits())

    async def asked(scope, receive, send):
        assert scope["type"] == "http"  # nobody looks for news meanwhile
        await inner(scope, receive, send)

    return asked


def meant(value, known):
    """What was made up, with what there is in place of single letters: else nearly all questions are of nothing."""
    if isinstance(value, dict):
        return {meant(key, known): meant(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [meant(each, known) for each in value]
    return known if isinstance(value, str) and len(value) == 1 else value


@schema.parametrize()
@settings(max_examples=EACH, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_route_keeps_its_promises(service, case):
    known = "T0001" if "themes" in case.path else "0010"
    for part in ("path_parameters", "query", "body"):
        setattr(case, part, meant(getattr(case, part), known))
    answer = case.call(app=service, base_url="http://localhost", timeout=60)  # the first text loads its model
    case.validate_response(answer, checks=CHECKS)
    assert answer.status_code < 400 or answer.headers["content-type"] == ["application/problem+json"]
