"""The connections of one event loop: opened, kept for a while when idle, closed with the loop."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import NamedTuple
from weakref import WeakKeyDictionary

from aiohappyeyeballs import start_connection

from g4f.requests import failures
from g4f.requests.exchange import Exchange
from g4f.requests.guard import resolve
from g4f.requests.request import Request, Tls

LINGER_SECONDS = 0.05
"""How long an answer may take to end after its reader has all it wants."""


class Route(NamedTuple):
    """What two requests must share to share a connection."""

    scheme: str
    host: str
    port: int
    tls: Tls
    public_only: bool

    @classmethod
    def of(cls, request: Request) -> Route:
        """Return the route a request takes."""
        return cls(request.url.scheme, request.url.raw_host or "", request.url.port or 0, request.ssl, request.public_only)


class Pool:
    """Hand out exchanges on idle or new connections of one loop.

    ``idle_seconds`` is shorter than the keep-alive of the usual servers, so they rarely close first. ``max_idle`` counts
    for each route.
    """

    def __init__(self, idle_seconds: float = 15, max_idle: int = 256) -> None:
        self._idle_seconds = idle_seconds
        self._max_idle = max_idle
        self._idle: defaultdict[Route, dict[_Idle, None]] = defaultdict(dict)  # oldest first
        self._lingering: dict[Exchange, asyncio.TimerHandle] = {}
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._lifetime = self._live()

    @classmethod
    async def current(cls) -> Pool:
        """Return the pool of the running loop."""
        loop = asyncio.get_running_loop()
        pool = _POOLS.get(loop)
        if pool is None:
            pool = _POOLS[loop] = cls()
            await anext(pool._lifetime)
        return pool

    def reuse(self, request: Request) -> Exchange | None:
        """Send a request over the youngest idle connection of its route, if there is one."""
        idle = self._idle.get(Route.of(request))
        return Exchange(idle.popitem()[0].transport, request) if idle else None

    async def connect(self, request: Request) -> Exchange:
        """Send a request over a new connection.

        Raises ConnectionFailedError, TimeoutError, and ForbiddenError when the address has to be public and is not.
        """
        return Exchange(await request.timeouts.within("connect", request.host, self._open(Route.of(request))), request)

    def settle(self, exchange: Exchange, request: Request) -> None:
        """Take back the connection of an exchange that is over: keep it if it is clean, else end it.

        One whose reader has all it wants may come to its end for another moment; every other one is ended at once.
        """
        exchange.close()
        if exchange.satisfied and not exchange.reusable:
            self._lingering[exchange] = asyncio.get_running_loop().call_later(LINGER_SECONDS, self._take_back, exchange, request)
        else:
            self._take_back(exchange, request)

    def _take_back(self, exchange: Exchange, request: Request) -> None:
        self._lingering.pop(exchange, None)
        if not exchange.reusable:
            exchange.transport.abort()
            return
        route = Route.of(request)
        if len(self._idle[route]) >= self._max_idle:
            self.drop(next(iter(self._idle[route])))
        self._idle[route][_Idle(exchange.transport, route, self)] = None
        if self._timer is None:
            self._sweep()

    def drop(self, idle: _Idle) -> None:
        """Forget an idle connection and end it."""
        self._idle[idle.route].pop(idle, None)
        idle.transport.abort()

    def close(self) -> None:
        """End all idle connections."""
        if self._timer is not None:
            self._timer.cancel()
        for idle in self._every():
            self.drop(idle)
        for exchange, timer in self._lingering.items():
            timer.cancel()
            exchange.transport.abort()
        self._lingering.clear()

    def _every(self) -> list[_Idle]:
        return [idle for group in self._idle.values() for idle in group]

    async def _open(self, route: Route) -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        found = await resolve(route.host, route.port, public_only=route.public_only)
        try:
            # Connects to the very addresses that were checked; the name is not looked up a second time.
            sock = await start_connection(found, happy_eyeballs_delay=0.25, loop=loop)
            if route.scheme == "http":
                transport, _ = await loop.create_connection(asyncio.Protocol, sock=sock)
            else:
                context = self._context(route.tls)
                transport, _ = await loop.create_connection(asyncio.Protocol, sock=sock, ssl=context, server_hostname=route.host)
        except OSError as error:
            raise failures.unreachable(route.host, error) from error
        return transport

    def _context(self, tls: Tls) -> ssl.SSLContext:
        if isinstance(tls, ssl.SSLContext):
            return tls
        verify = tls is not False
        if verify not in self._contexts:
            self._contexts[verify] = make_context(verify=verify)
        return self._contexts[verify]

    def _sweep(self) -> None:
        """End what has been idle for too long, and come back while anything is left."""
        loop = asyncio.get_running_loop()
        for idle in self._every():
            if idle.since + self._idle_seconds <= loop.time():
                self.drop(idle)
        self._idle = defaultdict(dict, {route: group for route, group in self._idle.items() if group})
        self._timer = loop.call_later(self._idle_seconds / 5, self._sweep) if self._idle else None

    async def _live(self) -> AsyncGenerator[None]:
        # A suspended generator is closed by loop.shutdown_asyncgens(), which asyncio.run calls last: the one hook that a
        # library has to close what belongs to a loop.
        try:
            yield
        finally:
            del _POOLS[asyncio.get_running_loop()]
            self.close()
            await asyncio.sleep(0)  # the transports close in the loop's next turn


class _Idle(asyncio.Protocol):
    """A connection that waits for its next request; whatever it says unasked ends it."""

    def __init__(self, transport: asyncio.Transport, route: Route, pool: Pool) -> None:
        self.transport = transport
        self.route = route
        self.since = asyncio.get_running_loop().time()
        self._pool = pool
        transport.set_protocol(self)

    def data_received(self, _: bytes) -> None:
        """Distrust a server that speaks unasked."""
        self._pool.drop(self)

    def eof_received(self) -> None:
        """Let go of a connection that the server closes."""
        self._pool.drop(self)

    def connection_lost(self, _: Exception | None) -> None:
        """Forget a connection that is gone."""
        self._pool.drop(self)


def make_context(*, verify: bool) -> ssl.SSLContext:
    """Make the TLS settings of a client; only Python code that asks for it goes without verification."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


# A connection works on the loop that opened it and on no other, and providers are classes without a life of their own that
# could hold it; so the pools hang on their loops.
_POOLS: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()
