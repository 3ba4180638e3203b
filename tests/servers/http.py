"""A small HTTP/1.1 server in a background thread; a handler plays the scenario, every call is recorded."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit

from tests.servers.serving import Reader, ThreadedServer


@dataclass
class Call:
    """One request and what became of it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    sent: int = 0
    aborted_at: float | None = None
    ended: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    def wait(self, seconds: float = 20) -> Self:
        """Wait until the answer is over or the client has left."""
        assert self.ended.wait(seconds), f"{self.method} {self.target} was still being answered after {seconds} s"
        return self


class Answer:
    """The pen of a handler: writes one response, framed by chunks unless a length is given."""

    def __init__(self, call: Call, writer: asyncio.StreamWriter) -> None:
        self.keep_alive = call.headers.get("connection", "").lower() != "close"
        self._call = call
        self._writer = writer
        self._chunked = False

    async def start(self, status: int = 200, headers: Mapping[str, str] | None = None, *, length: int | None = None) -> None:
        """Send the status line and the headers; without ``length`` the body follows in chunks."""
        self._chunked = length is None
        framing = {"transfer-encoding": "chunked"} if length is None else {"content-length": str(length)}
        lines = [f"HTTP/1.1 {status} {_reason(status)}", *(f"{name}: {value}" for name, value in {**framing, **(headers or {})}.items())]
        await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n")

    async def send(self, block: bytes) -> None:
        """Send one block of the body as one chunk, and count it."""
        await self.raw(b"%x\r\n%b\r\n" % (len(block), block) if self._chunked else block)
        self._call.sent += 1

    async def finish(self) -> None:
        """End a chunked body."""
        if self._chunked:
            await self.raw(b"0\r\n\r\n")

    async def reply(self, status: int, body: bytes, content_type: str = "text/plain", headers: Mapping[str, str] | None = None) -> None:
        """Send a whole response."""
        await self.start(status, {"content-type": content_type, **(headers or {})}, length=len(body))
        await self.send(body)

    async def reply_json(self, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole response of JSON."""
        await self.reply(status, json.dumps(value).encode(), "application/json", headers)

    async def raw(self, block: bytes) -> None:
        """Put bytes on the wire as they are."""
        self._writer.write(block)
        await self._writer.drain()

    def cut(self) -> None:
        """Reset the connection here and now."""
        self.keep_alive = False
        self._writer.transport.abort()

    def close(self) -> None:
        """Close the connection once everything written has gone out."""
        self.keep_alive = False


Handler = Callable[[Call, Answer], Awaitable[None]]


class HttpServer(ThreadedServer):
    """Answer every request by a handler; ``calls`` holds the requests in the order of arrival.

    A handler is cancelled as soon as its client leaves.
    """

    def __init__(self, handler: Handler, *, ssl_context: ssl.SSLContext | None = None) -> None:
        super().__init__(ssl_context)
        self.calls: list[Call] = []
        self._handler = handler

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._ssl else 'http'}://127.0.0.1:{self.port}"

    def call(self, index: int = -1, seconds: float = 20) -> Call:
        """Return one recorded call, waiting for it to arrive if need be."""
        until = time.monotonic() + seconds
        while len(self.calls) < (index + 1 if index >= 0 else -index):
            assert time.monotonic() < until, f"call {index} never came"
            time.sleep(0.001)
        return self.calls[index]

    async def converse(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        number = self.connections
        while call := await _read_call(reader, number):
            self.calls.append(call)
            answer = Answer(call, writer)
            await self._play(call, answer, reader)
            if not answer.keep_alive:
                break

    async def _play(self, call: Call, answer: Answer, reader: Reader) -> None:
        """Run the handler until it is done or the client has left."""
        work = asyncio.ensure_future(self._handler(call, answer))
        left = asyncio.create_task(reader.left.wait())
        try:
            await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() or isinstance(work.exception(), ConnectionError):
                call.aborted_at = time.monotonic()
            else:
                work.result()
        finally:
            work.cancel()
            left.cancel()
            call.ended.set()


async def _read_call(reader: asyncio.StreamReader, connection: int) -> Call | None:
    head = await read_head(reader)
    if head is None:
        return None
    line, headers = head
    method, target, _ = line.split(" ", 2)
    return Call(method, target, headers, await _read_body(reader, headers), connection)


async def read_head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    """Read a request's first line and headers (names in lower case), or None when the client closed instead."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    line, *fields = head.rstrip("\r\n").split("\r\n")
    return line, {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
