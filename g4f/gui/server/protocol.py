"""uvicorn's HTTP protocol, with limits for the head of a request, and the head of an answer in one packet with how its body begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from g4f.errors import MalformedRequestError, PayloadTooLargeError, RefusalError, SlowRequestError
from g4f.gui.server.guards import DATA_HEADERS
from g4f.gui.server.refusals import error_response, new_request_id
from g4f.gui.server.streams import LINE

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

HEAD_BYTES = 64 * 1024
"""The longest head of a request that is waited for; one that comes in a single read may be as long as that read."""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class HeadHolder:
    """Be a transport that holds the head of an answer and the first piece of its body until what comes next, for a moment at most.

    uvicorn writes each on its own, and a write is the dearest thing in a short answer: it wakes the other side.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._transport, self._loop, self._seconds = transport, loop, seconds
        self._held = b""
        self._clock: asyncio.TimerHandle | None = None
        self.is_closing = transport.is_closing
        self.write: Callable[[bytes], None] = transport.write
        """Send data; most of the time this is the transport's own function, which costs nothing."""

    def expect_head(self) -> None:
        """Hold what is written next."""
        self.write = self._hold_head

    def flush(self) -> None:
        """Send what is held, and hold nothing more."""
        self.write = self._transport.write
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        held, self._held = self._held, b""
        if held and not self.is_closing():
            self._transport.write(held)

    def close(self) -> None:
        """Send what is held and close."""
        self.flush()
        self._transport.close()

    def _hold_head(self, head: bytes) -> None:
        if head == _CONTINUE:
            self._transport.write(head)
            return
        self._held, self.write = head, self._hold_piece
        self._clock = self._loop.call_later(self._seconds, self.flush)

    def _hold_piece(self, piece: bytes) -> None:
        self._held += piece
        self.write = self._send_with_held

    def _send_with_held(self, data: bytes) -> None:
        self._held += data
        self.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class CycleLine:
    """Be the line of a request that uvicorn serves."""

    __slots__ = ("_cycle", "_left", "_lost")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._left: Callable[[], object] | None = None
        self._lost = False

    def push(self, piece: bytes) -> bool:
        """Send a piece of the body at once and return True; return False where it has to wait, or there is nobody to send it to."""
        cycle = self._cycle
        if not piece:  # a chunk of no bytes would be the last one
            return True
        if cycle.flow.write_paused or cycle.disconnected or not cycle.chunked_encoding or cycle.response_complete:
            return False
        cycle.transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        return True

    def watch(self, left: Callable[[], object] | None) -> None:
        """Call a function when the connection is lost."""
        self._left = left
        if left is not None:
            self._cycle.flow.resume_reading()  # a large request has paused it, and a socket that is not read from tells of no end
        if self._lost or self._cycle.disconnected:
            self.lose()

    def lose(self) -> None:
        """Tell whoever watches that the connection is lost."""
        self._lost = True
        if self._left is not None:
            self._left()


def _until_close(app: ASGI3Application, cycle: RequestResponseCycle) -> ASGI3Application:
    """Return the app for clients that know no chunks: a body whose length nobody said ends with the connection.

    https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    """

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        async def send_as_it_is(message: Any) -> None:
            cycle.chunked_encoding, cycle.expected_content_length = False, len(message.get("body", b""))
            await send(message)

        await app(scope, receive, send_as_it_is)

    return serve


class Protocol(HttpToolsProtocol):
    """Speak HTTP/1.1 over a transport that holds heads; what is not HTTP, or has no end, is refused in the one error shape."""

    head_seconds: ClassVar[float] = 20
    """How long the head of a request may take."""
    hold_seconds: ClassVar[float] = 0.02
    """How long the head of an answer and the beginning of its body wait for what follows: nobody sees it, and it saves a packet."""

    _in_head = True
    _head_bytes = 0
    _clock: asyncio.TimerHandle | None = None
    _line: CycleLine | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn types it
        """Begin a connection."""
        self._holder = HeadHolder(transport, self.loop, self.hold_seconds)
        super().connection_made(self._holder)  # type: ignore[arg-type]  # it is one but for its class
        self._clock = self.loop.call_later(self.head_seconds, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        super().connection_lost(exc)
        self._stop_clock()
        if self._line is not None:
            self._line.lose()

    def data_received(self, data: bytes) -> None:
        """Read data, but no more than a head's worth of a head."""
        self._unset_keepalive_if_required()
        try:
            rest: bytes | memoryview = data
            while rest:
                rest = self._feed(rest)
        except httptools.HttpParserError:
            self._refuse(MalformedRequestError("These bytes are not an HTTP request."))
        if not self._in_head:
            self._stop_clock()
            return
        self._head_bytes += len(data)
        if self._clock is None:
            self._clock = self.loop.call_later(self.head_seconds, self._head_is_late)
        if self._head_bytes > HEAD_BYTES:
            self._refuse(PayloadTooLargeError(f"The address and headers of a request may be {HEAD_BYTES} bytes long together."))

    def eof_received(self) -> None:
        """End what the client sends; the transport closes itself then."""
        self._holder.flush()

    def on_message_begin(self) -> None:
        """Begin the head of a request."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """End the head of a request, but for one that is to be read again without its upgrade."""
        self._in_head = False
        if not self.parser.should_upgrade():
            super().on_headers_complete()
        elif self.parser.get_method() == b"CONNECT":
            raise httptools.HttpParserInvalidMethodError("CONNECT")

    def on_message_complete(self) -> None:
        """End a request."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """End an answer; it is not held any longer."""
        self._holder.flush()
        super().on_response_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._holder.expect_head()
        self._line = cycle.scope[LINE] = CycleLine(cycle)  # type: ignore[literal-required]  # between this server and its bridge
        super()._start_asgi_task(cycle, app if cycle.scope["http_version"] >= "1.1" else _until_close(app, cycle))

    def _feed(self, data: bytes | memoryview) -> bytes | memoryview:
        """Hand data to the parser, and return what it leaves: it ends a message at a head that asks for an upgrade."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._read_without_upgrade()
            return memoryview(data)[upgrade.args[0] :]
        return b""

    def _read_without_upgrade(self) -> None:
        """Read the head once more, as one that asks for no upgrade: no other protocol is spoken here.

        https://www.rfc-editor.org/rfc/rfc9110#section-7.8
        """
        headers = b"".join([b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"])
        head = (self.parser.get_method(), self.url, self.parser.get_http_version().encode(), headers)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(b"%b %b HTTP/%b\r\n%b\r\n" % head)

    def _head_is_late(self) -> None:
        if self._head_bytes:
            self._refuse(SlowRequestError("The head of the request did not arrive in time; send it again."))
        else:
            self.transport.close()  # a browser opened it in advance; an answer to nothing would only confuse it

    def _refuse(self, error: RefusalError) -> None:
        """Say why and close; amid an answer there is nothing to say, because it would become part of it."""
        cycle: RequestResponseCycle | None = self.cycle
        answering = cycle is not None and cycle.response_started and not cycle.response_complete
        if not answering and not self.pipeline and not self.transport.is_closing():
            self.transport.write(_refusal(error))
        self.transport.close()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


def _refusal(error: RefusalError) -> bytes:
    """Return the bytes of a refusal that Flask knows nothing of; it carries the same headers."""
    request_id = new_request_id()
    refusal = error_response(error, request_id)
    headers = (*refusal.headers.items(), *DATA_HEADERS, ("X-Request-Id", request_id), ("Connection", "close"))
    return b"".join([STATUS_LINE[error.status], *(f"{name}: {value}\r\n".encode() for name, value in headers), b"\r\n", refusal.get_data()])
