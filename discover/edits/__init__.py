"""What people want otherwise: the log of edits, and how they are applied."""

from typing import TYPE_CHECKING

from discover.core.exports import lazy

if TYPE_CHECKING:
    from discover.edits.adding import add as add
    from discover.edits.adding import undo as undo

__getattr__, __dir__ = lazy(__name__, {"discover.edits.adding": ("add", "undo")})
