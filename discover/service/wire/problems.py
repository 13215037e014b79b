"""What went wrong, as RFC 9457 has it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ProblemDetails(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:discover:UnknownItemError",
                    "title": "No such item",
                    "status": 404,
                    "detail": "no item has the id or title 'Time Bandit'. Near titles: 'Time Bandits'",
                    "instance": "/v1/items/Time%20Bandit",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
