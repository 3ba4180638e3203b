"""The session that providers ask with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self, Unpack

from g4f.errors import G4FError, ResponseError
from g4f.requests import direct
from g4f.requests.request import Method, Options, Request, Tls, make_request
from g4f.requests.response import Response
from g4f.requests.timeouts import DEFAULT_TIMEOUTS, Timeouts

MAX_REDIRECTS = 3


class StreamSession:
    """Ask http and https addresses, with the same headers, proxy and limits each time.

        async with StreamSession(headers={"Accept": "text/event-stream"}) as session:
            async with session.post(url, json={"stream": True}) as response:
                await raise_for_status(response)
                async for line in response.iter_lines():
                    ...

    ``ssl``: None verifies certificates, False does not, a context decides itself. ``public_only`` lets nothing through to
    addresses that not everybody can reach; it is for addresses that came in a request.
    """

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        *,
        proxy: str | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        ssl: Tls = None,
        public_only: bool = False,
    ) -> None:
        self._headers = dict(headers or {})
        self._proxy = proxy
        self._timeouts = timeouts
        self._ssl = ssl
        self._public_only = public_only

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """Do nothing: every request ends with its own block, and idle connections belong to the loop."""

    def request(self, method: Method, url: str, **options: Unpack[Options]) -> AbstractAsyncContextManager[Response]:
        """Send a request when its ``async with`` block is entered; the answer ends with the block.

        GET follows up to three redirects, nothing else follows any. Raises errors of ``g4f.errors``: ForbiddenError and
        ValidationError for what may not be asked, ConnectionFailedError, ResponseError and TimeoutError for what goes wrong.
        """
        options["headers"] = {**self._headers, **options.get("headers", {})}
        if options.get("ssl") is None:
            options["ssl"] = self._ssl
        return _Following(make_request(method, url, options, public_only=self._public_only, timeouts=self._timeouts), self._send)

    def get(self, url: str, **options: Unpack[Options]) -> AbstractAsyncContextManager[Response]:
        """Send a GET request."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Unpack[Options]) -> AbstractAsyncContextManager[Response]:
        """Send a POST request."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Unpack[Options]) -> AbstractAsyncContextManager[Response]:
        """Send a PUT request."""
        return self.request("PUT", url, **options)

    def delete(self, url: str, **options: Unpack[Options]) -> AbstractAsyncContextManager[Response]:
        """Send a DELETE request."""
        return self.request("DELETE", url, **options)

    def _send(self, request: Request) -> AbstractAsyncContextManager[Response]:
        if not self._proxy:
            return direct.Sending(request)
        from g4f.requests import proxied  # noqa: PLC0415 - loads aiohttp, 10 MB that only proxies need

        return proxied.send(request, self._proxy)


class _Following:
    """A request on its way, and those its redirects ask for."""

    def __init__(self, request: Request, send: Callable[[Request], AbstractAsyncContextManager[Response]]) -> None:
        self._request, self._send = request, send

    async def __aenter__(self) -> Response:
        for _ in range(MAX_REDIRECTS + 1):
            self._sending = self._send(self._request)
            response = await self._sending.__aenter__()
            try:
                onward = self._request.redirected(response.status, response.headers.get("Location"))
                if onward is None:
                    _refuse_packed(response)
                    return response
            except G4FError:
                await self._sending.__aexit__(None, None, None)
                raise
            await self._sending.__aexit__(None, None, None)
            self._request = onward
        raise ResponseError(f"{self._request.host} redirects more than {MAX_REDIRECTS} times.")

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        await self._sending.__aexit__(kind, value, trace)


def _refuse_packed(response: Response) -> None:
    """Refuse a body that is compressed although identity was asked for; unpacking it could fill the memory."""
    if (coding := response.headers.get("Content-Encoding", "identity").lower()) != "identity":
        raise ResponseError(f"{response.host} compresses its answer ({coding}) although it was asked not to.")
