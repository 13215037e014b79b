"""What OpenAPI promises holds for whatever schemathesis makes up: `DISCOVER_CASES=120` a route is 5,000 in all."""

import os

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from discover.service import app, guard

CASES = int(os.environ.get("DISCOVER_CASES", "8"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


schema = schemathesis.openapi.from_dict(app.routed(None, guard.Metrics()).openapi())  # no workspace is read for it


@schema.parametrize()
@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_route_keeps_its_promises(server, case):
    case.call_and_validate(base_url=server.url, checks=CHECKS, timeout=60)
