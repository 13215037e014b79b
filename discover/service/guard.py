"""Who may ask what, how often, how much and for how long: plain ASGI layers around the routes.

A request passes, from the outside in: metrics and log line; security headers; the Host header (a page elsewhere must
not reach a loopback service under a name of its own, DNS rebinding); the origin of what changes something; rate; key;
size of the body; time. What is refused is refused before its body is read.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from discover.core import cancel
from discover.service import bodies, problem

log = logging.getLogger("discover.service")

WATCHED = ("/health", "/ready")  # whoever watches over the service asks these, often and without a key
OPEN = (*WATCHED, "/", "/docs", "/docs/begin.js", "/openapi.json")  # need no key, as they hold nothing of the catalog
COOKIE = "discover-session"
SESSION = 12 * 3600  # seconds that a session lasts at most
METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS")
FILES = ("/assets/", "/docs/assets/")
# The page runs its own files and nothing else. Swagger UI and charts set styles in attributes.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "private, no-cache",  # keep it, and ask whether it still holds
}


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


# --- metrics -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Metrics:
    """What `/metrics` tells, of one app."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    running: Gauge = field(init=False)
    version: Gauge = field(init=False)

    def __post_init__(self) -> None:
        labels, registry = ("method", "route", "status"), self.registry
        put = object.__setattr__
        put(self, "requests", Counter("discover_requests", "Requests answered", labels, registry=registry))
        buckets = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
        told = "Seconds to the end of the answer"
        put(self, "seconds", Histogram("discover_seconds", told, ("route",), buckets=buckets, registry=registry))
        put(self, "running", Gauge("discover_running", "Requests in progress", registry=registry))
        put(self, "version", Gauge("discover_version", "Number of the version served", registry=registry))


class Counted:
    """Counts, times and logs each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then count."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        scope.setdefault("state", {})
        scope["path"] = scope["raw_path"].decode("latin-1")  # routes see ids as they were sent: %2F is no slash
        start, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with self.metrics.running.track_inprogress():
                await self.app(scope, receive, noting)
        finally:
            seconds = time.perf_counter() - start
            route = getattr(scope.get("route"), "path", "") or "other"
            method = scope["method"] if scope["method"] in METHODS else "other"  # anything may be sent as one
            self.metrics.requests.labels(method, route, status).inc()
            self.metrics.seconds.labels(route).observe(seconds)
            log.info("%s %s %d %.1f ms", scope["method"], scope["path"], status, 1000 * seconds)


class Sealed:
    """Adds security headers, and the tag of an answer that was found."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, under these headers."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def sealing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if message["status"] == 200 and "etag" in scope["state"]:
                    headers["ETag"] = scope["state"]["etag"]
            await send(message)

        return await self.app(scope, receive, sealing)


# --- who ---------------------------------------------------------------------------------------------------


class Guarded:
    """Refuses what comes under a foreign name, too often, without a key, or too large; ends what takes too long.

    `keys` are any of those who may ask; none: all may. `hosts` are names that the service goes by, "*" for any.
    """

    def __init__(
        self,
        app: ASGIApp,
        keys: Sequence[str],
        hosts: Collection[str],
        rate: RateLimitItem | None,
        seconds: float,
    ) -> None:
        self.app = app
        self.keys = [_digest(key.encode()) for key in keys]
        self.hosts = {host.casefold() for host in hosts}
        self.rate = rate
        self.seconds = seconds
        self.limiter = MovingWindowRateLimiter(MemoryStorage())
        self.late: set[asyncio.Task[None]] = set()  # answers that came too late, until they are thrown away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        send = bodies.lingering(receive, send)
        try:
            await self._check(scope)
        except problem.Refused as error:
            return await _refuse(error, scope, receive, send)
        body = bodies.Body(scope, receive)
        scope["state"]["gone"] = body.gone
        started = late = False

        async def noting(message: Message) -> None:
            nonlocal started
            if not late:
                started = True
                await send(message)

        # A thread that computes cannot be stopped, and whoever waits for it cannot be cancelled: it is asked to end.
        task = asyncio.create_task(self._answer(scope, body, noting))
        await asyncio.wait({task}, timeout=self.seconds)
        if task.done() or started:
            return await task
        late = True
        body.give_up()
        self.late.add(task)
        task.add_done_callback(self.late.discard)
        told = f"The answer took longer than {self.seconds:g} seconds. Ask for less, or later"
        return await _refuse(problem.Refused(503, told, {"Retry-After": "5"}), scope, receive, send)

    async def _answer(self, scope: Scope, body: bodies.Body, send: Send) -> None:
        try:
            await body.begin()
            with cancel.under(body.signal):
                await self.app(scope, body.receive, send)
        except problem.Refused as error:  # of a body that an app other than ours took
            await _refuse(error, scope, body.receive, send)
        finally:
            body.end()

    async def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if "*" not in self.hosts and _name(host) not in self.hosts:
            raise problem.Refused(421, f"{host!r} is not a name of this service. Add it with --name")
        origin = headers.get("origin")
        if scope["method"] not in ("GET", "HEAD") and origin and origin.partition("://")[2] != host:
            raise problem.Refused(403, f"Pages of {origin} must not use this service")
        # They could read no answer, but have it computed; a link from elsewhere is followed.
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            raise problem.Refused(403, "Pages of other sites must not use this service")
        client = scope["client"][0] if scope.get("client") else ""
        if self.rate and scope["path"] not in WATCHED and not await self.limiter.hit(self.rate, client):
            limit, seconds = self.rate.amount, self.rate.get_expiry()
            what = f"Too many requests from {client}: at most {limit} in {seconds} s. Wait a little"
            raise problem.Refused(429, what, {"Retry-After": str(seconds)})
        if self.keys and scope["path"] not in OPEN and not scope["path"].startswith(FILES):
            given, known = self._credentials(headers)
            if not sum(hmac.compare_digest(given, each) for each in known):  # all are compared, in equal time
                raise no_key()
        bodies.check_length(scope)

    def _credentials(self, headers: Headers) -> tuple[bytes, list[bytes]]:
        """What was given, a key or else a session, and what it may be."""
        if key := given_key(headers):
            return _digest(key), self.keys
        given = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        end = given.partition(".")[0]
        if not re.fullmatch("[0-9]{1,12}", end) or int(end) < time.time():
            return b"", self.keys
        return given.encode(), [_session(each, int(end)).encode() for each in self.keys]


async def _refuse(error: problem.Refused, scope: Scope, receive: Receive, send: Send) -> None:
    response = problem.answer(error.status_code, error.detail, scope["path"], headers=error.headers)
    await response(scope, receive, send)


def _digest(key: bytes) -> bytes:
    """Keys are compared by digests: equally long, whatever was sent."""
    return hashlib.sha256(key).digest()


def no_key() -> problem.Refused:
    """What is answered to who gave no key, or a wrong one."""
    told = "Give a key: `Authorization: Bearer KEY` or `X-API-Key: KEY`"
    return problem.Refused(401, told, {"WWW-Authenticate": "Bearer"})


def given_key(headers: Headers) -> bytes:
    """The key that came with a request, b"" where none did."""
    bearer = headers.get("authorization", "")
    given = bearer[7:].strip() if bearer[:7].casefold() == "bearer " else headers.get("x-api-key", "")
    return given.encode("latin-1")  # the bytes that were sent


def session(key: bytes) -> str:
    """What a browser may ask with from now on in place of this key: when that ends (seconds since 1970), under a
    signature (HMAC) that who has the key can make and check. It tells nothing of the key, and ends with it.
    """
    return _session(_digest(key), int(time.time()) + SESSION)


def _session(digest: bytes, end: int) -> str:
    return f"{end}.{hmac.new(digest, f'{COOKIE} {end}'.encode(), 'sha256').hexdigest()}"


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    if host.startswith("["):
        return host.partition("]")[0].casefold() + "]"
    return host.partition(":")[0].casefold()


def names(host: str, more: Iterable[str] = ()) -> set[str]:
    """What a service that listens on this address goes by: on loopback its own names only, elsewhere any."""
    if not is_loopback(host):
        return set(more) or {"*"}
    return {"localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host, *more}
