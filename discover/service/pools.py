"""Turns: what computes for long takes a few threads at most, and few requests wait for one; others go on.

There are two pools, so that texts to search for do not wait behind new items: `texts` for what a model encodes in a
moment, `bulk` for what goes through many items. A turn is taken before the thread and given back before the answer is
sent, so that whoever reads slowly holds none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from os import cpu_count
from typing import Any

from fastapi import Depends, Request

from discover.service.problem import Refused

MAX_WAITING_TEXTS = 64
MAX_WAITING_BULK = 8
RETRY_SECONDS = 5
FALSE = ("", "0", "false", "f", "no", "n", "off")
ENCODED = ("explain", "sentences")  # options of an address for which descriptions are encoded


class Pool:
    """At most `size` requests at a time, and `waiting` more that wait for their turn."""

    def __init__(self, size: int, waiting: int) -> None:
        self.size, self.waiting = size, waiting
        self._turns = asyncio.Semaphore(size)
        self._queued = 0

    @asynccontextmanager
    async def turn(self, gone: asyncio.Event) -> AsyncIterator[None]:
        """A turn, once there is one. Raises Refused (503) where too many wait, or `gone` is set meanwhile."""
        if self._turns.locked() and self._queued >= self.waiting:
            message = "Too many requests of this kind are waiting. Ask again in a few seconds"
            raise Refused(503, message, {"Retry-After": str(RETRY_SECONDS)})
        await self._wait(gone)
        try:
            yield
        finally:
            self._turns.release()

    async def _wait(self, gone: asyncio.Event) -> None:
        taking, leaving = asyncio.ensure_future(self._turns.acquire()), asyncio.ensure_future(gone.wait())
        self._queued += 1
        try:
            await asyncio.wait({taking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if gone.is_set():
                raise Refused(503, "The request was given up while it waited", {"Retry-After": str(RETRY_SECONDS)})
        except BaseException:
            if not taking.cancel():  # it has its turn already
                self._turns.release()
            raise
        finally:
            self._queued -= 1
            leaving.cancel()


class Pools:
    """The pools of one service: half of the cores each, as others are to be answered meanwhile."""

    def __init__(self) -> None:
        size = max(1, (cpu_count() or 1) // 2)
        self.texts = Pool(size, MAX_WAITING_TEXTS)
        self.bulk = Pool(size, MAX_WAITING_BULK)

    @property
    def size(self) -> int:
        """Threads that all of them take together."""
        return self.texts.size + self.bulk.size


def gone(request: Request) -> asyncio.Event:
    """What is set when nobody waits for the answer any more."""
    event: asyncio.Event = request.scope["state"].setdefault("gone", asyncio.Event())
    return event


async def _bulk(request: Request) -> AsyncIterator[None]:
    async with request.app.state.pools.bulk.turn(gone(request)):
        yield


async def _texts(request: Request) -> AsyncIterator[None]:
    async with request.app.state.pools.texts.turn(gone(request)):
        yield


async def _encoding(request: Request) -> AsyncIterator[None]:
    if not _encodes(request.query_params):
        yield
        return
    async with request.app.state.pools.texts.turn(gone(request)):
        yield


async def _table(request: Request) -> AsyncIterator[None]:
    if request.query_params.get("format") != "csv":
        yield
        return
    async with request.app.state.pools.bulk.turn(gone(request)):
        yield


def _encodes(given: Any) -> bool:
    """Whether the parameters of an address ask for what a model has to encode."""
    return "text" in given or any(given.get(name, "").casefold() not in FALSE for name in ENCODED)


# Dependencies of routes. Their scope ends before the answer is sent.
BULK = Depends(_bulk, scope="function")  # always
TEXTS = Depends(_texts, scope="function")  # always
ENCODING = Depends(_encoding, scope="function")  # where the address asks for something that is encoded
TABLE = Depends(_table, scope="function")  # where the address asks for CSV, which lists all
