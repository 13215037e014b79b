"""The read side: an opened version, and the questions that can be asked of it."""

from typing import TYPE_CHECKING

from discover.core.exports import lazy

if TYPE_CHECKING:
    from discover.engine.engine import Engine as Engine
    from discover.engine.engine import open as open  # noqa: A004  # as gzip.open: meant to be read with its module

__getattr__, __dir__ = lazy(__name__, {"discover.engine.engine": ("Engine", "open")})
