"""The proxied wire: aiohttp through http, https and socks proxies."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from yarl import URL

from g4f.errors import ConfigError, G4FError
from g4f.requests import failures
from g4f.requests.guard import check_public_url
from g4f.requests.request import Request
from g4f.requests.response import Response
from g4f.requests.timeouts import Limit

_SOCKS = {"socks4": False, "socks4a": True, "socks5": False, "socks5h": True}
"""Scheme to whether the proxy looks up names, as curl has it."""
_HTTP = ("http", "https")


class _Body:
    """The body of an aiohttp response, under the limits of its request."""

    def __init__(self, request: Request, response: aiohttp.ClientResponse, deadline: float) -> None:
        self._request = request
        self._response = response
        self._deadline = deadline

    async def read_block(self) -> bytes:
        """Return what has come since the last call."""
        timeouts, host = self._request.timeouts, self._request.host
        left = self._deadline - asyncio.get_running_loop().time()
        limit: Limit = "total" if left < timeouts.idle else "idle"
        try:
            return await timeouts.within(limit, host, self._response.content.readany(), min(left, timeouts.idle))
        except (aiohttp.ClientError, OSError) as error:
            raise failures.cut(host) from error

    def tap(self, take: Callable[[bytes], bool]) -> None:
        """Do nothing: aiohttp hands its blocks to whoever waits."""

    def satisfy(self) -> None:
        """Do nothing: this connection carries one request."""


@asynccontextmanager
async def send(request: Request, proxy: str) -> AsyncGenerator[Response]:
    """Send a request through a proxy; leaving the block before the end of the answer ends the connection at once.

    The target is resolved and checked here first when it has to be public; the proxy resolves it again.
    """
    if request.public_only:
        await check_public_url(str(request.url))
    deadline = asyncio.get_running_loop().time() + request.timeouts.total
    address = parse_proxy(proxy)
    through_http = address.scheme in _HTTP
    connector = aiohttp.TCPConnector() if through_http else _socks(address)
    # A client belongs to one loop and one proxy; one for each request is simpler than keeping them, and a proxy costs a
    # round trip anyway.
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=None, connect=request.timeouts.connect), auto_decompress=False
    ) as session:
        response = await _start(session, request, address if through_http else None)
        try:
            yield Response(request, response.status, response.headers, _Body(request, response, deadline))
        finally:
            response.close()


def parse_proxy(proxy: str) -> URL:
    """Parse the address of a proxy; raises ConfigError, which does not repeat it, for it may hold a password."""
    try:
        address = URL(proxy)
        if address.scheme in (*_HTTP, *_SOCKS) and address.raw_host and address.port:
            return address
    except ValueError:
        pass
    raise ConfigError("The address of the proxy cannot be used. Write it as http://host:port or socks5://user:password@host:port.")


def _socks(address: URL) -> ProxyConnector:
    family = address.scheme[: len("socks5")]
    return ProxyConnector.from_url(str(address.with_scheme(family)), rdns=_SOCKS[address.scheme])


async def _start(session: aiohttp.ClientSession, request: Request, proxy: URL | None) -> aiohttp.ClientResponse:
    """Send the request and wait for the head of its response."""
    asking = session.request(
        request.method,
        request.url,
        headers=request.headers,
        data=request.body or None,
        ssl=True if request.ssl is None else request.ssl,
        allow_redirects=False,
        proxy=proxy,
    )
    try:
        return await request.timeouts.within("first_byte", request.host, asking)
    except (aiohttp.ClientError, ProxyError, ProxyConnectionError, ProxyTimeoutError, OSError) as error:
        raise _translate(request, error) from error


def _translate(request: Request, error: Exception) -> G4FError:
    """Say in our words why no answer came through the proxy."""
    host = request.host
    match error:
        case aiohttp.ServerTimeoutError() | ProxyTimeoutError():
            return request.timeouts.expired("connect", host)
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError() | ProxyError() | ProxyConnectionError():
            return failures.through_proxy(host)
        case aiohttp.ClientConnectorCertificateError(certificate_error=OSError() as cause):
            return failures.unreachable(host, cause)
        case aiohttp.ClientConnectorError(os_error=cause):
            return failures.unreachable(host, cause)
        case aiohttp.ClientOSError(__cause__=ssl.SSLError() as cause):  # TLS behind a SOCKS proxy
            return failures.unreachable(host, cause)
        case aiohttp.ClientResponseError():
            return failures.unreadable(host, error.message)
        case _:
            return failures.unanswered(host)
