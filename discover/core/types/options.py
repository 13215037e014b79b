"""What the answers to a query are to be like: every option is declared here, once.

The engine's keywords, the flags of the command line, the parameters and bodies of the service and the keywords of its
client are made from these fields. A new option is a field, the same line in the keywords below it, and what the engine
does with it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from sys import float_info
from types import NoneType
from typing import Any, TypedDict, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from discover.core.errors import UsageError
from discover.core.words import shorten

F = TypeVar("F", bound=Callable[..., Any])
MAX_WEIGHT = 1e6  # larger ones would drown all others in rounding


def option(default: Any, help: str, *, example: str = "", least: float | None = None, most: float | None = None) -> Any:
    """A field that is an option: numbers, and those of a table, are from `least` to `most`, both included.

    `example` is a value as command lines and addresses write it.
    """
    return field(default=default, metadata={"help": help, "example": example, "least": least, "most": most})


@dataclass(frozen=True)
class NeighborOptions:
    """Those of `Engine.similar_many`. Raises UsageError for a value that no version could use, as all of these do."""

    k: int = option(10, "number of answers", least=1)
    where: str | None = option(None, "only items that meet an SQL condition", example="year >= 1990")
    weights: Mapping[str, float] | None = option(
        None, "how much each space counts (unnamed spaces: 0)", example="text=1,image=.5", least=0
    )

    def __post_init__(self) -> None:
        for spec in options(type(self)):  # type: ignore[arg-type]  # classes can be hashed
            object.__setattr__(self, spec.name, spec.check(getattr(self, spec.name)))
        if self.weights is not None and not any(self.weights.values()):
            raise UsageError("All weights are 0, so nothing can be searched. Give at least one space a weight above 0")
        if self.weights is not None and max(self.weights.values()) > MAX_WEIGHT:
            raise UsageError(f"weights: at most {MAX_WEIGHT:,.0f} (only their proportions count)")


@dataclass(frozen=True)
class RecommendOptions(NeighborOptions):
    """Those of `Engine.recommend`."""

    diversity: float = option(0.0, "variety against nearness, 0 is nearest", example="0..1", least=0, most=1)
    at_most: Mapping[str, int] | None = option(
        None, "how many answers may share a value of a column", example="theme=2", least=1
    )
    dedupe: bool = option(False, "list only one of each group of near-duplicates")

    @property
    def thins(self) -> bool:
        """Whether some answers are left out for the sake of others."""
        return bool(self.diversity or self.at_most or self.dedupe)


@dataclass(frozen=True)
class QueryOptions(RecommendOptions):
    """Those of `Engine.similar`."""

    why: bool = option(False, "say in a few words what each answer shares with the query")
    explain: bool = option(False, "list the evidence for each answer's score")


@dataclass(frozen=True)
class SearchOptions(QueryOptions):
    """Those of `Engine.search`."""

    anyway: bool = option(False, "list the nearest items even if nothing fits")
    strict: bool = option(False, "only items that have all that the text was understood to ask for")
    ignore: str | None = option(
        None, "words of the text that are not to be understood as values", example="Nordic,crime"
    )
    literal: bool = option(False, "take the text as it is: no title, no values, no exclusions")


# --- the same, as keywords ---------------------------------------------------------------------------------


class NeighborKeywords(TypedDict, total=False):
    """The fields of NeighborOptions."""

    k: int
    where: str | None
    weights: Mapping[str, float] | None


class RecommendKeywords(NeighborKeywords, total=False):
    """The fields of RecommendOptions."""

    diversity: float
    at_most: Mapping[str, int] | None
    dedupe: bool


class QueryKeywords(RecommendKeywords, total=False):
    """The fields of QueryOptions."""

    why: bool
    explain: bool


class SearchKeywords(QueryKeywords, total=False):
    """The fields of SearchOptions."""

    anyway: bool
    strict: bool
    ignore: str | None
    literal: bool


# --- what interfaces are made from -------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """One option as every interface needs it."""

    name: str
    kind: type  # int, float, bool, str, or dict for a table of names and numbers
    number: type | None  # int or float: what a table holds
    default: Any
    help: str
    example: str
    least: float | None
    most: float | None

    def parse(self, text: str) -> Any:
        """A value as command lines and addresses write it: `.5`, `text=.7,image=.3`. Raises UsageError."""
        if self.number is None:
            return self.kind(text)
        try:
            pairs = [(name.strip(), self.number(value)) for name, value in self._split(text)]
        except ValueError as error:
            raise UsageError(f"{shorten(text)!r} is not like {self.example}") from error
        if len(dict(pairs)) < len(pairs):
            raise UsageError(f"{shorten(text)!r} gives a name twice")
        return dict(pairs)

    @staticmethod
    def _split(text: str) -> list[list[str]]:
        return [part.rsplit("=", 1) for part in text.split(",")]

    def check(self, value: Any) -> Any:
        """The value, as its type. Raises UsageError."""
        if value is None and self.default is None:
            return None
        if self.number is not None:
            if not isinstance(value, Mapping):
                name, number = self._split(self.example)[0]
                example = {name: self.number(number)}
                raise UsageError(f"{self.name}: give a dictionary such as {example}, got {shorten(repr(value))}")
            return {name: self._number(number, self.number, f"{self.name}: {name}") for name, number in value.items()}
        if self.kind is bool and isinstance(value, (bool, np.bool_)):
            return bool(value)
        if self.kind is bool:
            raise UsageError(f"{self.name} must be True or False, got {shorten(repr(value))}")
        if self.kind is str:
            if not isinstance(value, str):
                raise UsageError(f"{self.name}: give text such as {self.example!r}, got {shorten(repr(value))}")
            return value
        return self._number(value, self.kind, self.name)

    def _number(self, value: Any, kind: type, name: str) -> Any:
        known = (int, np.integer) if kind is int else (int, float, np.integer, np.floating)
        least = -float_info.max if self.least is None else self.least
        most = float_info.max if self.most is None else self.most
        if isinstance(value, known) and not isinstance(value, bool) and least <= value and value <= most:
            return kind(value)
        what = "a whole number" if kind is int else "a number"
        limits = f"{what} of at least {least:g}" if self.most is None else f"between {least:g} and {most:g}"
        raise UsageError(f"{name} must be {limits}, got {shorten(repr(value))}")


@cache
def options(kind: type[Any]) -> tuple[Option, ...]:
    """The options that a class of them has, in order."""
    hints = get_type_hints(kind)
    return tuple(_option(spec.name, hints[spec.name], spec.default, **spec.metadata) for spec in fields(kind))


def _option(name: str, hint: Any, default: Any, **more: Any) -> Option:
    value, *_ = [part for part in get_args(hint) if part is not NoneType] if default is None else [hint]
    if get_origin(value) is None:
        return Option(name, value, None, default, **more)
    return Option(name, dict, get_args(value)[1], default, **more)


def takes(kind: type) -> Callable[[F], F]:
    """For a function of `**options`: `help` and completion show each by name, with its default and what it does."""

    def documented(function: F) -> F:
        """The function with a signature and a docstring that list its options."""
        own = inspect.signature(function)
        keywords = [
            inspect.Parameter(
                option.name, inspect.Parameter.KEYWORD_ONLY, default=option.default, annotation=option.type
            )
            for option in fields(kind)
        ]
        positional = [option for option in own.parameters.values() if option.kind is not inspect.Parameter.VAR_KEYWORD]
        function.__signature__ = own.replace(parameters=[*positional, *keywords])  # type: ignore[attr-defined]
        listed = "\n".join(f"    {option.name}: {option.help}" for option in options(kind))
        function.__doc__ = f"{inspect.cleandoc(function.__doc__ or '')}\n\nOptions:\n{listed}\n"
        return function

    return documented
