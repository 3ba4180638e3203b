"""One request and its response on one connection: the hot path of every stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from multidict import CIMultiDict

from g4f.errors import G4FError
from g4f.requests import failures
from g4f.requests.request import Request
from g4f.requests.timeouts import Limit, Watchdog

BLOCK_BYTES = 64 * 1024
"""The longest block that is handed over at once."""
HIGH_WATER = 64 * 1024
"""Unread bytes from which on nothing more is read from the socket."""
MAX_HEAD = 64 * 1024


class Exchange(asyncio.Protocol):
    """Take over a connection, send one request, parse one response.

    A connection gets a new Exchange for each request, so nothing of one answer can reach the next.
    ``stillborn`` says whether the connection ended before a single byte of an answer, ``satisfied`` whether the reader
    has all it wants.
    """

    def __init__(self, transport: asyncio.Transport, request: Request) -> None:
        self.transport = transport
        self.status = 0
        self.headers: CIMultiDict[str] = CIMultiDict()
        self.stillborn = self.satisfied = False
        self._request = request
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._error: G4FError | None = None
        self._blocks: list[bytes] = []
        self._take: Callable[[bytes], bool] | None = None
        self._unread = self._head_size = 0
        self._has_head = self._ended = self._paused = self._lost = self._keep_alive = False
        self.on_body = self._blocks.append  # called by the parser itself, with no frame of ours in between
        self._parser = HttpResponseParser(self)
        self._watchdog = Watchdog(request.timeouts, self._expire)
        transport.set_protocol(self)
        transport.writelines((_head(request), request.body))  # one packet, if they fit

    @property
    def reusable(self) -> bool:
        """Say whether the answer was read to its end and left a connection that may carry another one."""
        return self._keep_alive and not (self._blocks or self._paused or self._lost or self.transport.get_write_buffer_size())

    async def answered(self) -> None:
        """Wait until the head of the response is there or cannot come any more."""
        while not self._has_head and self._error is None:
            await self._news()

    async def head(self) -> None:
        """Wait for the head of the response; raises what kept it from coming."""
        await self.answered()
        if not self._has_head and self._error is not None:
            raise self._error

    async def read_block(self) -> bytes:
        """Return the body that has come since the last call, at most ``BLOCK_BYTES``; an error is raised after what came before it."""
        blocks = self._blocks
        while not blocks:
            if self._error is not None:
                raise self._error
            if self._ended:
                return b""
            await self._news()
        block = blocks[0] if len(blocks) == 1 else b"".join(blocks)
        blocks.clear()
        self._unread = 0
        if len(block) > BLOCK_BYTES:  # whoever waits for a slow reader keeps a block in several forms
            blocks.append(block[BLOCK_BYTES:])
            self._unread = len(block) - BLOCK_BYTES
            return block[:BLOCK_BYTES]
        if self._paused:
            self._resume()
        return block

    def tap(self, take: Callable[[bytes], bool]) -> None:
        """Offer each block to ``take`` before whoever waits for one is woken; what it leaves is read as ever."""
        self._take = take

    def satisfy(self) -> None:
        """Note that the reader has all it wants, whether or not the body has ended."""
        self.satisfied = True

    def close(self) -> None:
        """Stop watching the clock; what becomes of the connection is the pool's to decide."""
        self._take = None
        self._watchdog.stop()

    # what the transport calls

    def data_received(self, data: bytes) -> None:
        """Parse what one read brought and wake the reader once."""
        self._watchdog.heard = self._loop.time()
        if not self._has_head:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._keep_alive = False
            self._fail(failures.unreadable(self._request.host, error))
            return
        if not self._has_head:
            if self._head_size > MAX_HEAD:
                self._fail(failures.unreadable(self._request.host, "its headers have no end"))
            return
        waiter = self._waiter
        if waiter is None or waiter.done():
            waiter = None
        elif self._take is not None and len(self._blocks) == 1 and not self._ended and self._take(self._blocks[0]):
            self._blocks.clear()
            return
        self._unread += len(data)
        # Framing alone fills no memory, and a reader that waits for a block would wait for ever.
        if self._unread > HIGH_WATER and self._blocks and not self._paused:
            self._pause()
        if waiter is not None:
            waiter.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """End a body that lasts as long as its connection; fail any other."""
        self._lost = True
        self.stillborn = self._error is None and not self._head_size
        framed = "Content-Length" in self.headers or "Transfer-Encoding" in self.headers
        if self._has_head and exc is None and not framed:
            self._ended = True  # no length was announced, so the close is the end
            self._wake()
        else:
            self._fail((failures.cut if self._has_head else failures.unanswered)(self._request.host))

    # what the parser calls

    def on_message_begin(self) -> None:
        """Stop the parser at an answer nobody asked for."""
        if self._ended:
            raise HttpParserError("it answers more than once")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note one header."""
        if not self._has_head:  # trailers come later and tell nothing here
            self.headers.add(name.decode("latin-1"), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """Note the status; from here on the body is awaited."""
        self.status = self._parser.get_status_code()
        if self.status < 200:
            self.headers.clear()  # an interim answer; the real one follows
        else:
            self._has_head = True
            self._watchdog.expect("idle")

    def on_message_complete(self) -> None:
        """Note the end of the answer."""
        if self._has_head:
            self._ended = True
            self._keep_alive = self._parser.should_keep_alive()
            self._watchdog.stop()

    # the rest

    def _news(self) -> asyncio.Future[None]:
        self._waiter = self._loop.create_future()
        return self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _pause(self) -> None:
        self._paused = True
        self.transport.pause_reading()
        self._watchdog.expect(None)

    def _resume(self) -> None:
        self._paused = False
        if not self._lost:
            self.transport.resume_reading()
        if not (self._lost or self._ended):
            self._watchdog.expect("idle")

    def _expire(self, limit: Limit) -> None:
        self._fail(self._request.timeouts.expired(limit, self._request.host))

    def _fail(self, error: G4FError) -> None:
        if self._error is None and not self._ended:
            self._error = error
            self._watchdog.stop()
            self.transport.abort()
        self._wake()


def _head(request: Request) -> bytes:
    lines = [f"{request.method} {request.url.raw_path_qs} HTTP/1.1", f"Host: {request.host}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
