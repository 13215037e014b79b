"""Work that nobody waits for any more: who asks may go away, and long work looks now and then whether to go on.

A thread that computes cannot be stopped from outside. So whoever starts it puts a signal in its context, and the loops
that may take long call `check`. Where there is no signal, as in a script, `check` does nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from discover.core.errors import CancelledError

_signal: ContextVar[threading.Event | None] = ContextVar("discover_cancel", default=None)


@contextmanager
def under(signal: threading.Event) -> Iterator[None]:
    """Within this block, and in threads started there with its context, `check` raises once the signal is set."""
    token = _signal.set(signal)
    try:
        yield
    finally:
        _signal.reset(token)


def check() -> None:
    """Raises CancelledError where nobody waits for the work any more."""
    signal = _signal.get()
    if signal is not None and signal.is_set():
        raise CancelledError("Nobody waits for this answer any more")
