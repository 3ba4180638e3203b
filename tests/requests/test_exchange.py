"""How one answer is read from a connection, whatever way its bytes arrive."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given, strategies as st

from g4f.errors import ConnectionFailedError, ResponseError
from g4f.requests.exchange import HIGH_WATER, Exchange
from g4f.requests.request import make_request
from tests.proofs import proof

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n8;ext=1\r\n, w\r\norl\r\n1\r\nd\r\n0\r\nX-Trailer: late\r\n\r\n"
CHUNKED_TEXT = b"hello, w\r\norld"
SIZED = HEAD + b"Content-Length: 5\r\n\r\nhello"
UNTIL_CLOSE = HEAD + b"\r\nhello"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"


@contextlib.asynccontextmanager
async def exchanging() -> AsyncIterator[tuple[Exchange, socket.socket]]:
    """Open an exchange over a socket pair; the second value is the server's end."""
    ours, theirs = socket.socketpair()
    with theirs:
        transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
        exchange = Exchange(transport, make_request("GET", "http://example.com/", {}))
        try:
            yield exchange, theirs
        finally:
            exchange.close()
            transport.abort()
            await asyncio.sleep(0)


async def turns(count: int = 3) -> None:
    """Let the loop read what has arrived."""
    for _ in range(count):
        await asyncio.sleep(0)


async def read_answer(exchange: Exchange) -> bytes:
    """Wait for the head and read the body to its end."""
    await exchange.head()
    body = b""
    while block := await exchange.read_block():
        body += block
    return body


async def receive(pieces: Sequence[bytes]) -> tuple[int, dict[str, str], bytes, bool]:
    """Send pieces, each of which is read by itself, then close; returns status, headers, body and whether it is reusable."""
    async with exchanging() as (exchange, server):
        reading = asyncio.create_task(read_answer(exchange))
        reusable = False
        with contextlib.suppress(OSError):  # the exchange may have had enough
            for piece in pieces:
                server.send(piece)
                await turns()
            reusable = exchange.reusable
            server.shutdown(socket.SHUT_WR)
        body = await reading
        return exchange.status, dict(exchange.headers), body, reusable


def cut_at(message: bytes, places: list[int]) -> list[bytes]:
    """Cut a message at the given places."""
    edges = sorted({0, len(message), *(place % len(message) for place in places)})
    return [message[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize(
    ("message", "text"), [(CHUNKED, CHUNKED_TEXT), (SIZED, b"hello"), (UNTIL_CLOSE, b"hello"), (INTERIM + SIZED, b"hello")]
)
@proof("bodies split anywhere", 100, 2_000)
@given(places=st.lists(st.integers(0, 500), max_size=12))
def test_a_body_is_the_same_wherever_its_bytes_are_split(message: bytes, text: bytes, places: list[int]) -> None:
    status, headers, body, reusable = asyncio.run(receive(cut_at(message, places)))
    assert (status, body) == (200, text)
    assert headers.pop("Content-Type") == "text/plain"
    assert not headers.keys() & {"Link", "X-Trailer"}
    assert reusable == (message != UNTIL_CLOSE)


@proof("bodies that end early", 100, 2_000)
@given(places=st.lists(st.integers(0, 500), max_size=6), end=st.integers(1, len(CHUNKED) - 1))
def test_a_body_that_ends_early_is_never_taken_for_a_whole_one(places: list[int], end: int) -> None:
    with pytest.raises(ResponseError):
        asyncio.run(receive(cut_at(CHUNKED[:end], places)))


def test_a_second_answer_reaches_nobody_and_spoils_the_connection() -> None:
    status, _, body, reusable = asyncio.run(receive([SIZED + SIZED.replace(b"hello", b"wrong").replace(b"200", b"201")]))
    assert (status, body, reusable) == (200, b"hello", False)


def test_what_came_before_the_end_of_a_broken_answer_is_still_read() -> None:
    async def scenario() -> bytes:
        async with exchanging() as (exchange, server):
            server.send(SIZED[:-2])
            await exchange.head()
            server.close()
            await turns()
            first = await exchange.read_block()
            with pytest.raises(ResponseError, match="broke off"):
                await exchange.read_block()
            return first

    assert asyncio.run(scenario()) == b"hel"


def test_one_read_is_one_block() -> None:
    async def scenario() -> bytes:
        async with exchanging() as (exchange, server):
            server.send(CHUNKED)
            await exchange.head()
            return await exchange.read_block()

    assert asyncio.run(scenario()) == CHUNKED_TEXT


@proof("bodies of which some blocks are taken as they come", 100, 2_000)
@given(places=st.lists(st.integers(0, 500), max_size=12), takes=st.lists(st.booleans(), min_size=1))
def test_what_a_tap_leaves_is_read_in_its_turn(places: list[int], takes: list[bool]) -> None:
    read: list[bytes] = []
    wanted = itertools.cycle(takes)

    def take(block: bytes) -> bool:
        wants = next(wanted)
        if wants:
            read.append(block)
        return wants

    async def scenario() -> None:
        async with exchanging() as (exchange, server):
            exchange.tap(take)
            reading = asyncio.create_task(_read_into(read, exchange))
            for piece in cut_at(CHUNKED, places):
                server.send(piece)
                await turns()
            await reading

    asyncio.run(scenario())
    assert b"".join(read) == CHUNKED_TEXT


async def _read_into(read: list[bytes], exchange: Exchange) -> None:
    await exchange.head()
    while block := await exchange.read_block():
        read.append(block)


@pytest.mark.parametrize("state", ["is cancelled", "does not wait", "has closed"])
def test_nothing_is_taken_while_nobody_waits(state: str) -> None:
    taken: list[bytes] = []

    def take(block: bytes) -> bool:
        taken.append(block)
        return True

    async def scenario() -> None:
        async with exchanging() as (exchange, server):
            server.send(SIZED[:-3])
            await exchange.head()
            await exchange.read_block()
            exchange.tap(take)
            waiting = asyncio.create_task(exchange.read_block()) if state != "does not wait" else None
            await turns()
            if state == "is cancelled" and waiting is not None:
                waiting.cancel()
            if state == "has closed":
                exchange.close()
            exchange.data_received(SIZED[-3:-1])

    asyncio.run(scenario())
    assert not taken


def test_a_reader_that_does_not_read_stops_the_sender() -> None:
    async def scenario() -> int:
        async with exchanging() as (exchange, server):
            server.setblocking(False)
            server.send(HEAD + b"\r\n")
            await exchange.head()
            taken = 0
            for _ in range(200):
                with contextlib.suppress(BlockingIOError):
                    taken += server.send(bytes(HIGH_WATER))
                await turns()
            return taken

    assert asyncio.run(scenario()) < 20 * HIGH_WATER


def test_a_paused_body_goes_on_when_it_is_read() -> None:
    sent = bytes(range(256)) * 4096

    async def scenario() -> bytes:
        async with exchanging() as (exchange, server):
            server.setblocking(False)
            loop = asyncio.get_running_loop()
            sending = asyncio.create_task(loop.sock_sendall(server, HEAD + b"Content-Length: %d\r\n\r\n" % len(sent) + sent))
            await turns(50)
            assert not sending.done()
            body = await read_answer(exchange)
            await sending
            assert exchange.reusable
            return body

    assert asyncio.run(scenario()) == sent


@pytest.mark.parametrize(
    "noise",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
)
def test_what_is_not_http_is_an_error(noise: bytes) -> None:
    with pytest.raises(ResponseError, match=r"does not answer in HTTP|without an answer"):
        asyncio.run(receive([noise]))


def test_framing_larger_than_the_buffer_does_not_stop_a_body() -> None:
    long = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"x" * 2 * HIGH_WATER + b"\r\nok\r\n0\r\n\r\n"
    pieces = [long[start : start + 8192] for start in range(0, len(long), 8192)]
    assert asyncio.run(receive(pieces))[2] == b"ok"


def test_headers_without_end_are_an_error() -> None:
    with pytest.raises(ResponseError, match="have no end"):
        asyncio.run(receive([b"HTTP/1.1 200 OK\r\n", *[b"X-Filler: " + b"x" * 8000 + b"\r\n"] * 10]))


def test_a_connection_that_closes_without_a_byte_is_stillborn() -> None:
    async def scenario() -> bool:
        async with exchanging() as (exchange, server):
            server.close()
            with pytest.raises(ConnectionFailedError):
                await exchange.head()
            return exchange.stillborn

    assert asyncio.run(scenario())


def test_a_connection_that_closes_after_a_byte_is_not_stillborn() -> None:
    async def scenario() -> bool:
        async with exchanging() as (exchange, server):
            server.send(b"H")
            await turns()
            server.close()
            await exchange.answered()
            return exchange.stillborn

    assert not asyncio.run(scenario())


@pytest.mark.parametrize(("head", "reusable"), [(b"", True), (b"Connection: close\r\n", False)])
def test_only_a_server_that_keeps_the_connection_gets_another_request(head: bytes, reusable: bool) -> None:
    assert asyncio.run(receive([HEAD + head + b"Content-Length: 2\r\n\r\nok"]))[2:] == (b"ok", reusable)
