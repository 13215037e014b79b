"""uvicorn around the app: where it listens, what it logs, and how long a request may take to arrive."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import h11
import uvicorn
from limits import parse
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from discover.core.errors import UsageError
from discover.service import guard
from discover.service.app import Limits, build, guarded
from discover.service.current import Current, Loading

log = logging.getLogger("discover.service")

KEYS = "DISCOVER_API_KEYS"  # environment variable: keys, apart by commas or blanks
SHORTEST_KEY = 16  # characters
ARRIVED = 10.0  # seconds within which a whole request has to arrive
TAKEN = 30.0  # seconds within which who is answered has to take some more of the answer
MOST_CONNECTIONS = 1_000
MAX_ADDRESS_CONNECTIONS = 200  # of one client; beyond, its oldest idle one is closed
LONGEST_HEAD = 128 * 1024  # bytes of an address and headers
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
    """Closes a connection on which a request has begun and not ended in time, header or body, and one on which
    nothing more of an answer is taken; uvicorn would wait.
    """

    _late: asyncio.TimerHandle | None = None
    _untaken: asyncio.TimerHandle | None = None
    _open: ClassVar[dict[str, dict[Punctual, None]]] = {}  # by address of the client, oldest first

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """The first request has to come soon."""
        super().connection_made(transport)
        self._expect()
        others = self._open.setdefault(self._address, {})
        others[self] = None
        if len(others) > MAX_ADDRESS_CONNECTIONS:
            idle = (other for other in others if other is not self and other.is_idle)
            next(idle, self).transport.close()

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
        self._taken()
        others = self._open.get(self._address, {})
        others.pop(self, None)
        if not others:
            self._open.pop(self._address, None)
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def pause_writing(self) -> None:
        """The answer waits for who asked; a slow line may take long, but has to take."""
        super().pause_writing()
        self._watch(-1)

    def resume_writing(self) -> None:
        """The answer was taken, or nearly."""
        self._taken()
        super().resume_writing()

    def _watch(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left == before:
            self.transport.abort()
        else:
            self._untaken = self.loop.call_later(TAKEN, self._watch, left)

    def _taken(self) -> None:
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def _expect(self) -> None:
        self._late = self.loop.call_later(ARRIVED, self.transport.close)

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


@dataclass(frozen=True)
class Address:
    """Where to listen, and for whom: `names` it is reached under beside its own; `rate` like "100/second", "" none."""

    host: str = "127.0.0.1"
    port: int = 8321
    names: tuple[str, ...] = ()
    rate: str = ""


def serve(workspace: str | Path, address: Address, models: Loading = "background", editable: bool = True) -> None:
    """The page and the API, until interrupted; `models` as in `Current`.

    Raises UsageError where others could reach the service and no key is set, or the address is none or taken;
    WorkspaceError.
    """
    limits = _limits(address)
    _run(build(Current(workspace, models, editable), limits), address, str(workspace))


def serve_tools(workspace: str | Path, address: Address | None) -> None:
    """The tools for assistants, over HTTP at /mcp or, without an address, over stdin and stdout. Raises as `serve`."""
    from discover.service import tools

    limits = _limits(address) if address else None
    current = Current(workspace)
    current.start()
    server = tools.build(current)
    if address and limits:
        _run(guarded(tools.over_http(server), limits, guard.Metrics()), address, f"tools of {workspace}")
    else:
        server.run("stdio")


def _limits(address: Address) -> Limits:
    _check(address)
    known = keys()
    if not guard.is_loopback(address.host) and not known:
        raise UsageError(f"{address.host} can be reached from other machines: set {KEYS}, or serve on 127.0.0.1")
    try:
        rate = parse(address.rate) if address.rate else None
    except ValueError as error:
        raise UsageError(f"--rate {address.rate!r}: give a rate such as 100/second") from error
    return Limits(known, frozenset(guard.names(address.host, (name.casefold() for name in address.names))), rate)


def _check(address: Address) -> None:
    """Raises UsageError for what is no address, whoever has it."""
    if not 0 <= address.port < 1 << 16:
        raise UsageError(f"--port {address.port}: give a number up to 65535, or 0 for a free port")
    try:
        socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:  # ValueError: letters that no name has
        why = error.strerror if isinstance(error, OSError) else error
        advice = "Give an address of this machine, such as 127.0.0.1"
        raise UsageError(f"--host {address.host!r}: {why}. {advice}") from error


def keys() -> tuple[str, ...]:
    """The API keys of the environment. Raises UsageError for one that could be guessed."""
    keys = tuple(os.environ.get(KEYS, "").replace(",", " ").split())
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise UsageError(f"{KEYS}: a key is shorter than {SHORTEST_KEY} characters. Make one with openssl rand -hex 16")
    return keys


def _run(app: ASGIApp, address: Address, what: str) -> None:
    settings: dict[str, Any] = {
        "http": Punctual,
        "ws": "none",
        "log_config": LOG,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "h11_max_incomplete_event_size": LONGEST_HEAD,
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_keep_alive": 10,
        "timeout_graceful_shutdown": 30,
    }
    server = uvicorn.Server(uvicorn.Config(app, **settings))
    with _listening(address) as listener:
        host = f"[{address.host}]" if ":" in address.host else address.host
        log.info("%s on http://%s:%d/", what, host, listener.getsockname()[1])
        server.run([listener])


def _listening(address: Address) -> socket.socket:
    """A socket that listens. Raises UsageError where the address cannot be had."""
    where = (address.host, address.port)
    try:
        listener = socket.create_server(where, family=socket.AF_INET6 if ":" in address.host else socket.AF_INET)
    except OSError as error:
        where_ = f"{address.host}:{address.port}"
        raise UsageError(f"{where_}: {error.strerror}. Choose others with --host and --port") from error
    # connections inherit it; asyncio sets it only where the socket names its protocol, and without it an answer's body
    # waits 40 ms for the client to acknowledge the headers
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
