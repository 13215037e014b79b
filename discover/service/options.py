"""The options of a query in an address, in a body and in a tool's arguments, from the one place that declares them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field, create_model

from discover.core.errors import UsageError
from discover.core.types.options import Option, options
from discover.service.wire.base import MAX_ADDRESS_CHARS, MAX_ANSWERS

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=BaseModel)
MAX_TABLE_CHARS = 1_000  # of an address
MAX_TABLE_ENTRIES = 100  # of a body
MAX_TEXT_CHARS = 10_000  # of a body


def in_address(kind: type, *names: str) -> Callable[..., Awaitable[dict[str, Any]]]:
    """A dependency that reads the options of a class, all or those named, from an address."""
    wanted = [option for option in options(kind) if not names or option.name in names]

    async def read(**values: Any) -> dict[str, Any]:
        """The options, tables as dictionaries. Raises UsageError."""
        return {option.name: _parse(option, values[option.name]) for option in wanted}

    parameters = [
        Parameter(option.name, Parameter.KEYWORD_ONLY, default=option.default, annotation=_in_address(option))
        for option in wanted
    ]
    read.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # what FastAPI reads
    return read


def with_options(kind: type) -> Callable[[type[M]], type[M]]:
    """A body with the options of a class beside its own fields."""

    def extended(body: type[M]) -> type[M]:
        """The body with a field for each option."""
        fields = {option.name: (_in_body(option), option.default) for option in options(kind)}
        return create_model(body.__name__, __base__=body, __module__=body.__module__, __doc__=body.__doc__, **fields)  # type: ignore[call-overload,no-any-return]  # fields are known at run time only

    return extended


def with_arguments(kind: type, without: Set[str]) -> Callable[[F], F]:
    """A function of `**options` whose signature lists the options of a class, but for those that it sets itself."""

    def listed(function: F) -> F:
        """The function with a parameter for each option."""
        own = signature(function, eval_str=True)
        parameters = [each for each in own.parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
        parameters += [
            Parameter(option.name, Parameter.KEYWORD_ONLY, default=option.default, annotation=_in_body(option))
            for option in options(kind)
            if option.name not in without
        ]
        function.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]  # what the SDK reads
        return function

    return listed


def _parse(option: Option, value: Any) -> Any:
    if option.kind is not dict:
        return value
    try:
        return option.parse(value) if value else None
    except UsageError as error:
        raise UsageError(f"{option.name}: {error}") from error


def _limits(option: Option) -> dict[str, Any]:
    """What an option's value may be, as pydantic says it."""
    most = MAX_ANSWERS if option.kind is int and option.most is None else option.most
    limits = {"ge": option.least, "le": most, "allow_inf_nan": False if option.kind is float else None}
    return {name: value for name, value in limits.items() if value is not None}


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
