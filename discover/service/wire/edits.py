"""Corrections of themes: a new one, the list of all."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from discover.service.wire.base import Answer, Body, Number, Versioned


class NewEdit(Body):
    """A correction of themes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "rename", "themes": ["T0001"], "text": "Outlaws and sheriffs"}]}
    )

    kind: Literal["rename", "pin", "merge", "split", "together", "apart", "hide"]
    themes: Annotated[list[str], Field(max_length=1_000)] = []  # noqa: RUF012  # pydantic copies it
    items: Annotated[list[list[str]], Field(max_length=1_000, description="groups of ids or titles")] = []  # noqa: RUF012  # pydantic copies it
    text: Annotated[str, Field(max_length=500)] = ""


class Edit(Answer):
    """One line of the edits, as it was written down."""

    number: int
    created: str
    kind: str
    themes: list[str]
    items: list[list[str]]
    text: str
    undoes: int | None
    before: dict[str, Number]
    after: dict[str, Number]
    stands: Annotated[bool, Field(description="false if it was undone, and for an undo")]


class Edits(Versioned):
    """All edits, oldest first."""

    edits: list[Edit]


class Edited(Versioned):
    """An edit that was written down."""

    edit: Edit
    note: Annotated[str, Field(description="when it takes effect, empty if at once")]
