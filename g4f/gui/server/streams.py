"""Answers that are not finished when a view returns: streams, and values another machine has yet to give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from flask import Response
from msgspec import Struct

from g4f import aio
from g4f.gui.server.framing import encoder
from g4f.providers.tap import Tap
from g4f.providers.wire import Wire
from g4f.services.live import Event
from g4f.typing import Framing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LINE = "g4f.line"
"""Where the scope of a request has its line, with a server that gives one."""


class Line(Protocol):
    """What a server lets the bridge do with the connection of a request, beside what ASGI has."""

    def push(self, piece: bytes) -> bool:
        """Send a piece of the body at once and return True; return False, with nothing sent, where it would have to wait."""
        ...

    def watch(self, left: Callable[[], object] | None) -> None:
        """Call a function when the client leaves, or at once when it has left already; None calls nothing any more."""
        ...


class Stream(Struct, frozen=True):
    """Be what a handler returns to stream chunks, or events of a log, to its reader."""

    chunks: AsyncIterator[Sequence[Wire | Event]]
    framing: Framing
    headers: tuple[tuple[str, str], ...] = ()
    logged: bool = False


class ByteStream(Struct, frozen=True):
    """Be what a handler returns to send bytes as they come; ``headers`` name their type and, when it is known, their length."""

    blocks: AsyncIterator[bytes]
    headers: tuple[tuple[str, str], ...]
    status: int = 200


class StreamBody:
    """Be a stream's body: the bridge reads its chunks on the event loop, any WSGI server the bytes through the background loop."""

    def __init__(self, chunks: AsyncIterator[Any], encode: Callable[[Any], bytes]) -> None:
        self.chunks, self.encode = chunks, encode
        self.unread = False
        """Whether only its headers were asked for."""
        self._driven: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        self._driven = aio.iterate(self._blocks())
        return self._driven

    async def aclose(self) -> None:
        """End the stream and whatever it reads from."""
        await aio.close(self.chunks)

    async def _blocks(self) -> AsyncIterator[bytes]:
        try:
            if self.unread:
                return
            async for batch in self.chunks:
                if not isinstance(batch, Tap):  # whoever pulls bytes is not pushed any
                    yield self.encode(batch)
        finally:
            await self.aclose()

    def close(self) -> None:
        """End the stream when a WSGI server lets go of it."""
        if (close := getattr(self._driven, "close", None)) is not None:
            close()


class StreamResponse(Response):
    """Send a stream; proxies are told not to hold it back."""

    automatically_set_content_length = False

    def __init__(self, stream: Stream | ByteStream) -> None:
        super().__init__(status=200, content_type="text/event-stream; charset=utf-8")
        self.headers["Cache-Control"] = "no-cache"
        self.headers["X-Accel-Buffering"] = "no"
        match stream:
            case Stream():
                self.headers.extend(stream.headers)
                self.body = StreamBody(stream.chunks, encoder(stream.framing, logged=stream.logged))
            case ByteStream():
                self.headers.update(stream.headers)
                self.status_code = stream.status
                self.body = StreamBody(stream.blocks, bytes)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> StreamBody:
        """Return the body as it is, so that the bridge can iterate it on the loop; every header is set already."""
        start_response(self.status, self.headers.to_wsgi_list())
        self.body.unread = environ["REQUEST_METHOD"] == "HEAD"
        return self.body


class Pending:
    """Be a body the bridge awaits: it becomes the real response."""

    def __init__(self, response: Callable[[], Awaitable[Response]]) -> None:
        self.response = response

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


class PendingResponse(Response):
    """Stand in for a response until the bridge has awaited it; hooks have put their headers here already."""

    default_mimetype = None

    def __init__(self, response: Callable[[], Awaitable[Response]]) -> None:
        super().__init__()
        self.pending = Pending(response)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Pending:
        """Return what the bridge awaits."""
        start_response(self.status, self.headers.to_wsgi_list())
        return self.pending
