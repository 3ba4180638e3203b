"""How long connections live when nobody uses them."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings

from g4f.requests import StreamSession
from g4f.requests.pool import Pool
from g4f.requests.request import Request, make_request
from tests.servers.http import Answer, Call, HttpServer
from tests.servers.serving import Reader, ThreadedServer


async def say_ok(call: Call, answer: Answer) -> None:
    """Answer."""
    await answer.reply(200, b"ok")


async def fetch(url: str) -> bytes:
    """Fetch one address."""
    async with StreamSession() as session, session.get(url) as response:
        return await response.read()


def test_an_idle_connection_is_closed_with_its_loop() -> None:
    with warnings.catch_warnings(), HttpServer(say_ok) as server:
        warnings.simplefilter("error")
        asyncio.run(fetch(server.origin))
        gc.collect()


def test_every_loop_has_connections_of_its_own() -> None:
    with HttpServer(say_ok) as server:
        for _ in range(3):
            assert asyncio.run(fetch(server.origin)) == b"ok"
    assert server.connections == 3


async def read_and_settle(pool: Pool, request: Request, count: int) -> None:
    """Have so many answers at once and give their connections back."""
    exchanges = [await pool.connect(request) for _ in range(count)]
    for exchange in exchanges:
        await exchange.head()
        while await exchange.read_block():
            pass
        pool.settle(exchange, request)


async def reused(pool: Pool, request: Request) -> int:
    """Take all idle connections and count them."""
    exchanges = list(iter(lambda: pool.reuse(request), None))
    for exchange in exchanges:
        exchange.close()
        exchange.transport.abort()
    pool.close()
    await asyncio.sleep(0)
    return len(exchanges)


def test_an_idle_connection_is_closed_after_a_while() -> None:
    async def scenario() -> int:
        pool, request = Pool(idle_seconds=0.1), make_request("GET", server.origin, {})
        await read_and_settle(pool, request, 2)
        await asyncio.sleep(0.3)
        return await reused(pool, request)

    with HttpServer(say_ok) as server:
        assert asyncio.run(scenario()) == 0


def test_only_so_many_idle_connections_are_kept() -> None:
    async def scenario() -> int:
        pool, request = Pool(max_idle=3), make_request("GET", server.origin, {})
        await read_and_settle(pool, request, 5)
        return await reused(pool, request)

    with HttpServer(say_ok) as server:
        assert asyncio.run(scenario()) == 3


class Babbler(ThreadedServer):
    """Answers, and each time speaks again unasked a little later."""

    async def converse(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")


def test_a_connection_that_speaks_unasked_is_dropped() -> None:
    async def scenario() -> bytes:
        url = f"http://127.0.0.1:{server.port}/"
        await fetch(url)
        await asyncio.sleep(0.15)
        return await fetch(url)

    with Babbler() as server:
        assert asyncio.run(scenario()) == b"ok"
    assert server.connections == 2


def test_a_host_with_a_dead_and_a_living_address_is_reached() -> None:
    class TwoAddresses(asyncio.SelectorEventLoop):
        async def getaddrinfo(self, host: object, port: object, **_: object) -> list[tuple[object, ...]]:  # type: ignore[override]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.9", "127.0.0.1")]

    with HttpServer(say_ok) as server, asyncio.Runner(loop_factory=TwoAddresses) as runner:
        assert runner.run(fetch(f"http://two.example:{server.port}/")) == b"ok"
