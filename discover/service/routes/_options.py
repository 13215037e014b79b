"""The options of a query as the service takes them, in an address or in a body: made from where they are declared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import Parameter, Signature
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field, create_model

from discover.core.errors import UsageError
from discover.core.types.options import Option, options
from discover.service import wire
from discover.service.routes._common import MAX_ADDRESS_CHARS

M = TypeVar("M", bound=BaseModel)
MAX_TABLE_CHARS = 1_000  # of an address
MAX_TABLE_ENTRIES = 100  # of a body
MAX_TEXT_CHARS = 10_000  # of a body


def in_address(kind: type, *names: str) -> Callable[..., Awaitable[dict[str, Any]]]:
    """A dependency that reads the options of a class, all or those named, from an address."""
    wanted = [each for each in options(kind) if not names or each.name in names]

    async def read(**given: Any) -> dict[str, Any]:
        return {each.name: _parse(each, given[each.name]) for each in wanted}

    parameters = [
        Parameter(each.name, Parameter.KEYWORD_ONLY, default=each.default, annotation=_in_address(each))
        for each in wanted
    ]
    read.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # what FastAPI reads
    return read


def with_options(kind: type) -> Callable[[type[M]], type[M]]:
    """A body with the options of a class beside its own fields."""

    def extended(body: type[M]) -> type[M]:
        fields = {each.name: (_in_body(each), each.default) for each in options(kind)}
        return create_model(body.__name__, __base__=body, __module__=body.__module__, __doc__=body.__doc__, **fields)  # type: ignore[call-overload,no-any-return]  # fields are known at run time only

    return extended


def _parse(option: Option, given: Any) -> Any:
    if option.kind is not dict:
        return given
    try:
        return option.parse(given) if given else None
    except UsageError as error:
        raise UsageError(f"{option.name}: {error}") from error


def _limits(option: Option) -> dict[str, Any]:
    """What an option's value may be, as pydantic says it."""
    most = wire.MAX_ANSWERS if option.kind is int and option.most is None else option.most
    given = {"ge": option.least, "le": most, "allow_inf_nan": False if option.kind is float else None}
    return {name: value for name, value in given.items() if value is not None}


def _in_address(option: Option) -> Any:
    about: dict[str, Any] = {"description": option.help}
    if option.kind in (str, dict):
        about["examples"] = [option.example]
    if option.kind is dict:
        return Annotated[str | None, Query(max_length=MAX_TABLE_CHARS, **about)]
    if option.kind is str:
        return Annotated[str | None, Query(max_length=MAX_ADDRESS_CHARS, **about)]
    return Annotated[option.kind, Query(**about, **_limits(option))]


def _in_body(option: Option) -> Any:
    if option.kind is dict:
        return Annotated[
            dict[str, option.number] | None,  # type: ignore[name-defined]  # a type known at run time only
            Field(max_length=MAX_TABLE_ENTRIES, description=option.help),
        ]
    if option.kind is str:
        return Annotated[
            str | None, Field(max_length=MAX_TEXT_CHARS, description=option.help, examples=[option.example])
        ]
    return Annotated[option.kind, Field(description=option.help, **_limits(option))]
