"""The body of a request: received on the event loop within its limits of size and time, whole or as it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, MutableMapping
from contextlib import ExitStack, suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Self

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from g4f.config import Settings
from g4f.errors import PayloadTooLargeError, SlowRequestError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]

_BYTES_A_SECOND = 256 * 1024
_BLOCK = 64 * 1024
DISCARDED_BYTES = 64 * 1024 * 1024
DISCARDING_SECONDS = 5


class ClientLeft(Exception):
    """Say that the client closed the connection before its request was complete."""


class Chunks(AsyncIterator[bytes]):
    """Be a body as it arrives; ``length`` is None for one that does not say how long it is.

    Iterating raises PayloadTooLargeError, SlowRequestError, and ClientLeft.
    """

    def __init__(self, source: AsyncIterator[bytes], length: int | None) -> None:
        self._source, self.length = source, length

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._source)
        except RequestEntityTooLarge:
            raise PayloadTooLargeError("The request is larger than this address takes; send less.") from None


class Incoming:
    """Receive the body of a request; ``length`` is 0 for none, and None for one that does not say how long it is."""

    __slots__ = ("_more", "_receive", "length")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive, self._more = receive, True
        self.length = _content_length(scope)

    @property
    def complete(self) -> bool:
        """Say whether all of it was received."""
        return self.length == 0 or not self._more

    async def body(self, limit: int, settings: Settings) -> IO[bytes]:
        """Return the whole body; a large one waits in a temporary file.

        Raises RequestEntityTooLarge, SlowRequestError, and ClientLeft.
        """
        if self.length == 0:
            return BytesIO()
        self.require_fit(limit)
        first = self._what_has_come()
        if not self._more and len(first) <= limit:
            return BytesIO(first)
        with ExitStack() as stack:
            body = stack.enter_context(SpooledTemporaryFile(settings.memory_limit))
            body.write(first)
            async for chunk in self._arriving(limit, settings, len(first)):
                body.write(chunk)
            body.seek(0)
            stack.pop_all()
            return body

    def chunks(self, limit: int, settings: Settings) -> Chunks:
        """Return the body as it arrives; nothing of it is received before somebody asks for it."""
        return Chunks(self._arriving(limit, settings, 0), self.length)

    def require_fit(self, limit: int) -> None:
        """Raise RequestEntityTooLarge for a body that says it is longer."""
        if self.length is not None and self.length > limit:
            raise RequestEntityTooLarge

    def pass_over(self) -> bool:
        """Take what has come and return whether that is all: then nothing stands between this request and the next."""
        if not self.complete:
            self._what_has_come()
        return self.complete

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

    async def _arriving(self, limit: int, settings: Settings, size: int) -> AsyncIterator[bytes]:
        """Yield what comes after ``size`` bytes; only the time that is spent waiting for the client counts."""
        time, waited = asyncio.get_running_loop().time, 0.0
        if size > limit:
            raise RequestEntityTooLarge
        while not self.complete:
            allowed = settings.body_timeout + max(size, self.length or 0) / _BYTES_A_SECOND
            began = time()
            try:
                async with asyncio.timeout(min(settings.body_idle_timeout, allowed - waited)):
                    data = self._take(await self._receive())
            except TimeoutError:
                raise SlowRequestError("The body did not arrive in time; send it again.") from None
            waited += time() - began
            size += len(data)
            if size > limit:
                raise RequestEntityTooLarge
            yield data

    def _take(self, message: Message) -> bytes:
        if message["type"] == "http.disconnect":
            raise ClientLeft
        self._more = message.get("more_body", False)
        data: bytes = message.get("body", b"")
        return data


def read_along(stream: IO[bytes], limit: int, length: int | None) -> Chunks:
    """Return a body as other servers hand it over, whose reading blocks, as one that arrives."""

    async def arriving() -> AsyncIterator[bytes]:
        size = 0
        while block := await asyncio.to_thread(_read, stream):
            size += len(block)
            if size > limit:
                raise RequestEntityTooLarge
            yield block

    return Chunks(arriving(), length)


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_BLOCK)
    except ClientDisconnected:
        raise ClientLeft from None


def _content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            return None
    return 0
