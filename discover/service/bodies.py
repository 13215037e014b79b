"""What is read of a request: a body of so many bytes and no more, and whether whoever asked is still there."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from discover.service.problem import Refused

MAX_FORM_BYTES = 20_000_000  # of a form with a picture
MAX_BODY_BYTES = 4_000_000  # of anything else: JSON is parsed while nobody else is answered
LINGER_SECONDS = 2.0


class Body:
    """A request's body as an app receives it. Once it has arrived, `gone` is set as soon as nobody waits.

    Reading raises Refused (413) for more bytes than a body of its kind may have.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        self.most = _max_bytes(headers)
        self.signal = threading.Event()  # as `gone`, for threads
        self.gone = asyncio.Event()
        self._receive, self._taken = receive, 0
        self._empty = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
        self._first: Message | None = None
        self._watch: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Watch at once where there is no body, as the app may never ask for one."""
        if self._empty:
            self._first = await self._take()

    async def receive(self) -> Message:
        """The next part of the body, or that nobody waits any more."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        if self._watch is not None:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        return await self._take()

    def give_up(self) -> None:
        """Let whoever computes for this request stop."""
        self.signal.set()
        self.gone.set()

    def end(self) -> None:
        """Look no more."""
        if self._watch is not None:
            self._watch.cancel()

    async def _take(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > self.most:
            raise too_large(self.most)
        if message["type"] == "http.disconnect":
            self.give_up()
        elif not message.get("more_body"):
            self._watch = asyncio.create_task(self._until_gone())
        return message

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.give_up()


def check_length(scope: Scope) -> None:
    """Raises Refused (413) where the headers say that a body is too large, before any of it is read."""
    headers = Headers(scope=scope)
    length, most = headers.get("content-length", "0"), _max_bytes(headers)
    if not length.isascii() or not length.isdigit() or int(length[:20]) > most:
        raise too_large(most)


def _max_bytes(headers: Headers) -> int:
    is_form = headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"
    return MAX_FORM_BYTES if is_form else MAX_BODY_BYTES


def too_large(most: int) -> Refused:
    """What is answered to a body of too many bytes."""
    return Refused(413, f"The body has more than {most:,} bytes", {"Connection": "close"})


def lingering(receive: Receive, send: Send) -> Send:
    """Takes and drops what is still sent for a moment, once a body was refused: who is cut off reads no answer."""
    status = 0

    async def sending(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)
        if status == 413 and message["type"] == "http.response.body" and not message.get("more_body"):
            await send(dict(message) | {"more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    while (await receive()).get("more_body"):
                        pass
            message = {"type": "http.response.body"}
        await send(message)

    return sending
