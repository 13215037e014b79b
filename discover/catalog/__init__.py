"""Read any table as a catalog: formats, which column is what, dates, lists and numbers."""

from typing import TYPE_CHECKING

from discover.core.exports import lazy

if TYPE_CHECKING:
    from discover.catalog.reader import read as read

__getattr__, __dir__ = lazy(__name__, {"discover.catalog.reader": ("read",)})
