"""JSON to frozen dataclasses, in one way everywhere: files of a version, edits, answers of the service.

Source of the method: https://catt.rs, whose converter compiles a function for each dataclass.
"""

from __future__ import annotations

from functools import cache
from math import nan
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")

NUMBER = (int, float)  # as JSON may have a float


def structure(kind: type[T], content: Any) -> T:
    """A dataclass, or a tuple or mapping of them, from what `json.loads` gives.

    Lists become tuples, null becomes NaN where a float is expected, keys without a field are left out. Raises
    ValueError where a field is missing or a text or number is not one.
    """
    try:
        return _converter().structure(content, kind)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a {getattr(kind, '__name__', kind)}: {error!r}") from error


@cache
def _converter() -> Converter:
    from cattrs import Converter

    converter = Converter(detailed_validation=False)
    converter.register_structure_hook(float, lambda value, _: nan if value is None else float(_check(value, NUMBER)))
    for kind in (int, bool, str):  # the converter's own way takes whatever str() or int() can turn into one
        converter.register_structure_hook(kind, lambda value, kind: _check(value, kind))
    return converter


def _check(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"expected {getattr(kind, '__name__', 'a number')}, got {value!r}")
    return value
