"""uvicorn around the app: where it listens, what it logs, and how long a request may take to arrive."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h11
import limits
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from discover.errors import UsageError
from discover.service import guard
from discover.service.app import Limits, build
from discover.service.current import Current

KEYS = "DISCOVER_API_KEYS"  # environment variable: keys, apart by commas or blanks
SHORTEST_KEY = 16  # characters
ARRIVED = 10.0  # seconds within which a whole request has to arrive
MOST_CONNECTIONS = 1_000
LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "loggers": {
        name: {"handlers": ["stderr"], "level": "INFO", "propagate": False} for name in ("uvicorn", "discover.service")
    },
}


class Punctual(H11Protocol):
    """Closes a connection on which a request has begun and not ended in time, header or body; uvicorn would wait."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """The first request has to come soon."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Time runs from a request's first byte to its last."""
        if self._late is None:
            self._expect()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._arrived()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._arrived()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._late = self.loop.call_later(ARRIVED, self.transport.close)

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def keys(text: str | None = None) -> tuple[str, ...]:
    """The API keys of the environment. Raises UsageError for one that could be guessed."""
    found = tuple((os.environ.get(KEYS, "") if text is None else text).replace(",", " ").split())
    if any(len(key) < SHORTEST_KEY for key in found):
        raise UsageError(f"{KEYS}: a key has fewer than {SHORTEST_KEY} characters; `openssl rand -hex 16` makes one")
    return found


def serve(
    workspace: str | Path,
    host: str = "127.0.0.1",
    port: int = 8321,
    names: Sequence[str] = (),
    rate: str = "",
    models: bool = False,
    editable: bool = True,
) -> None:
    """Answer until interrupted. `rate` is like "100/second", for each address; "" for no limit.

    Raises UsageError where others could reach the service and no key is set; WorkspaceError; DiskError where the
    address is taken.
    """
    known = keys()
    if not guard.is_loopback(host) and not known:
        raise UsageError(f"{host} can be reached from other machines: set {KEYS}, or serve on 127.0.0.1")
    try:
        limit = limits.parse(rate) if rate else None
    except ValueError as error:
        raise UsageError(f"rate: {rate!r} is not like 100/second") from error
    hosts = frozenset(guard.names(host, (name.casefold() for name in names)))
    app = build(Current(workspace, models, editable), Limits(known, hosts, limit))
    settings: dict[str, Any] = {
        "http": Punctual,
        "ws": "none",
        "log_config": LOG,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_keep_alive": 10,
        "timeout_graceful_shutdown": 30,
    }
    server = uvicorn.Server(uvicorn.Config(app, host=host, port=port, **settings))
    logging.getLogger("uvicorn").setLevel(logging.INFO)
    server.run()
