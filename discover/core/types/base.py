"""What all frozen objects have in common: the list that comes as a table, and plain values as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")


class Listing(list[T]):
    """A list of frozen dataclasses that also comes as a table."""

    def to_pandas(self) -> pd.DataFrame:
        """One row an element, one column a field."""
        import pandas as pd

        return pd.DataFrame([plain(element) for element in self])


def plain(value: Any) -> Any:
    """The value as JSON would hold it: dataclasses to dicts, arrays to lists, paths and dates to text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {attribute.name: plain(getattr(value, attribute.name)) for attribute in fields(value) if attribute.repr}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None  # JSON has no NaN
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)
