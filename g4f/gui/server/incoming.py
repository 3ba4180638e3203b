"""The body of a request under ASGI: received on the event loop, within its limits of size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, MutableMapping
from contextlib import ExitStack, suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from werkzeug.exceptions import RequestEntityTooLarge

from g4f.config import Settings
from g4f.errors import SlowRequestError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]

_BYTES_A_SECOND = 256 * 1024
DISCARDED_BYTES = 64 * 1024 * 1024
DISCARDING_SECONDS = 5


class ClientLeft(Exception):
    """Say that the client closed the connection before its request was complete."""


class Incoming:
    """Receive the body of a request; ``length`` is 0 for none, and None for one that does not say how long it is."""

    __slots__ = ("_more", "_receive", "length")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive, self._more = receive, True
        self.length = _content_length(scope)

    async def body(self, limit: int, settings: Settings) -> IO[bytes]:
        """Return the whole body; a large one waits in a temporary file.

        Raises RequestEntityTooLarge, SlowRequestError, and ClientLeft.
        """
        if self.length == 0:
            return BytesIO()
        if self.length is not None and self.length > limit:
            raise RequestEntityTooLarge
        first = self._what_has_come()
        if not self._more and len(first) <= limit:
            return BytesIO(first)
        with ExitStack() as stack:
            body = stack.enter_context(SpooledTemporaryFile(settings.memory_limit))
            _write(body, first, limit)
            await self._write_rest(body, limit, settings)
            body.seek(0)
            stack.pop_all()
            return body

    async def discard(self) -> None:
        """Read on for a while: a connection closed on unread bytes is reset before the answer is read."""
        left = DISCARDED_BYTES
        with suppress(TimeoutError, ClientLeft):
            async with asyncio.timeout(DISCARDING_SECONDS):
                while left > 0 and self._more:
                    left -= len(self._take(await self._receive()))

    def _what_has_come(self) -> bytes:
        """Return what can be had without waiting: nearly always all of it, and then no clock has to be set."""
        message = self._receive()
        try:
            message.send(None)
        except StopIteration as come:
            return self._take(come.value)
        message.close()
        return b""

    async def _write_rest(self, body: IO[bytes], limit: int, settings: Settings) -> None:
        time = asyncio.get_running_loop().time
        end, idle = time() + settings.body_timeout + (self.length or 0) / _BYTES_A_SECOND, settings.body_idle_timeout
        try:
            async with asyncio.timeout(idle) as patience:
                while self._more:
                    patience.reschedule(min(end, time() + idle))
                    _write(body, self._take(await self._receive()), limit)
        except TimeoutError:
            raise SlowRequestError("The body did not arrive in time; send it again.") from None

    def _take(self, message: Message) -> bytes:
        if message["type"] == "http.disconnect":
            raise ClientLeft
        self._more = message.get("more_body", False)
        data: bytes = message.get("body", b"")
        return data


def _write(body: IO[bytes], data: bytes, limit: int) -> None:
    body.write(data)
    if body.tell() > limit:
        raise RequestEntityTooLarge


def _content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            return None
    return 0
