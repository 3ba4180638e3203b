"""The load: HTTP/1.1 clients that only note what came when; what it meant is worked out after the run (`answers`)."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from dataclasses import dataclass, field
from typing import cast

import httptools
from typing_extensions import override

PATIENCE = 90.0  # seconds an answer may take; the longest paced answer takes 20


@dataclass(slots=True)
class Exchange:
    """One request and what came back. Times are nanoseconds of the monotonic clock, which all processes of a machine share."""

    sent: int = 0
    status: int = 0
    reads: list[tuple[int, bytes]] = field(default_factory=list)  # (when, body bytes)
    complete: bool = False  # the body had a proper end
    error: str = ""  # why there is no answer

    @property
    def body(self) -> bytes:
        """All of the body that came."""
        return b"".join(data for _, data in self.reads)


class Connection(asyncio.Protocol):
    """A keep-alive connection that asks one request at a time."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.exchange = Exchange()
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.now = 0

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect to `port` on the loopback interface."""
        return (await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port))[1]

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes) -> Exchange:
        """Send a whole request and return the exchange that its answer fills; `answered` is done when it is complete."""
        self.answered = asyncio.get_running_loop().create_future()
        self.exchange = Exchange(sent=time.monotonic_ns())
        if self.transport.is_closing():
            self.fail("the server closed the connection after an answer")
        else:
            self.transport.write(request)
        return self.exchange

    @override
    def data_received(self, data: bytes) -> None:
        self.now = time.monotonic_ns()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.fail(f"not HTTP: {error}")

    def on_headers_complete(self) -> None:
        """Note the status."""
        self.exchange.status = self.parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Note a part of the body and when it came."""
        self.exchange.reads.append((self.now, body))

    def on_message_complete(self) -> None:
        """Note the proper end of the answer."""
        self.exchange.complete = True
        if not self.answered.done():
            self.answered.set_result(None)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.fail("the connection was closed before the answer was complete")

    def leave(self) -> int:
        """Close the connection as a client that walks away does, and return when: nanoseconds of the monotonic clock."""
        self.transport.close()
        return time.monotonic_ns()

    def fail(self, why: str) -> None:
        """End the exchange without an answer."""
        if not self.answered.done():
            self.exchange.error = why
            self.answered.set_result(None)


async def converse(port: int, request: bytes, *, connections: int, each: int = 1, spread: float = 0.0) -> list[Exchange]:
    """Ask `request` on `connections` connections, `each` times one after another, and return every exchange.

    The connections start at random moments of the first `spread` seconds, always the same ones, so that paces do not fall into step.
    """
    moments = random.Random(connections)
    workers = (_worker(port, request, each, moments.uniform(0, spread)) for _ in range(connections))
    return [exchange for worker in await asyncio.gather(*workers) for exchange in worker]


async def _worker(port: int, request: bytes, each: int, start: float) -> list[Exchange]:
    await asyncio.sleep(start)
    exchanges: list[Exchange] = []
    try:
        connection = await Connection.open(port)
    except OSError as error:
        return [Exchange(error=f"no connection: {error}") for _ in range(each)]
    for _ in range(each):
        exchanges.append(connection.send(request))
        await _patiently(connection)
    connection.transport.close()
    return exchanges


async def _patiently(connection: Connection) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await connection.answered
    except TimeoutError:
        connection.exchange.error = f"no complete answer within {PATIENCE:.0f} s"


def deaf(port: int, request: bytes) -> socket.socket:
    """Send `request` on a socket that nobody will ever read, and return it."""
    unread = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    unread.sendall(request)
    return unread
