"""uvicorn's HTTP protocol, with limits for the head of a request, and the head of an answer in one packet with its body."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from g4f.errors import MalformedRequestError, PayloadTooLargeError, RefusalError, SlowRequestError
from g4f.gui.server.refusals import error_response, new_request_id

HEAD_BYTES = 64 * 1024
"""The longest head of a request that is waited for; one that comes in a single read may be as long as that read."""


class HeadHolder:
    """Be a transport that holds the head of an answer until its body begins or the loop's step ends.

    uvicorn writes the head on its own, and a write is the dearest thing in a short answer: it wakes the other side.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head = b""
        self.is_closing = transport.is_closing
        self.write: Callable[[bytes], None] = transport.write
        """Send data; most of the time this is the transport's own function, which costs nothing."""

    def expect_head(self) -> None:
        """Hold what is written next."""
        self.write = self._hold

    def close(self) -> None:
        """Send what is held and close."""
        self._flush()
        self._transport.close()

    def _hold(self, head: bytes) -> None:
        self._head, self.write = head, self._send_with_head
        self._loop.call_soon(self._flush)

    def _send_with_head(self, data: bytes) -> None:
        head, self._head, self.write = self._head, b"", self._transport.write
        self._transport.write(head + data)

    def _flush(self) -> None:
        if self._head and not self.is_closing():
            self._send_with_head(b"")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """Speak HTTP/1.1 over a transport that holds heads; what is not HTTP, or has no end, is refused in the one error shape."""

    head_seconds: ClassVar[float] = 20
    """How long the head of a request may take."""

    _in_head = True
    _head_bytes = 0
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn types it
        """Begin a connection."""
        self._holder = HeadHolder(transport, self.loop)
        super().connection_made(self._holder)  # type: ignore[arg-type]  # it is one but for its class
        self._clock = self.loop.call_later(self.head_seconds, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        super().connection_lost(exc)
        self._stop_clock()

    def data_received(self, data: bytes) -> None:
        """Read data, but no more than a head's worth of a head."""
        super().data_received(data)
        if not self._in_head:
            self._stop_clock()
            return
        self._head_bytes += len(data)
        if self._clock is None:
            self._clock = self.loop.call_later(self.head_seconds, self._head_is_late)
        if self._head_bytes > HEAD_BYTES:
            self._refuse(PayloadTooLargeError(f"The address and headers of a request may be {HEAD_BYTES} bytes long together."))

    def on_message_begin(self) -> None:
        """Begin the head of a request."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._holder.expect_head()

    def on_headers_complete(self) -> None:
        """End the head of a request."""
        self._in_head = False
        super().on_headers_complete()
        if self.parser.should_upgrade():
            # No other protocol is spoken here. The parser takes the body for its words: nothing after it is a request.
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        self._refuse(MalformedRequestError("These bytes are not an HTTP request."))

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
            refusal = error_response(error, new_request_id())
            headers = [f"{name}: {value}\r\n".encode() for name, value in (*refusal.headers.items(), ("Connection", "close"))]
            self.transport.write(b"".join([STATUS_LINE[error.status], *headers, b"\r\n", refusal.get_data()]))
        self.transport.close()

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
