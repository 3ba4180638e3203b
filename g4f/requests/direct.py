"""The direct wire: http and https over connections of our own."""

from __future__ import annotations

from types import TracebackType

from g4f.requests.pool import Pool
from g4f.requests.request import Request
from g4f.requests.response import Response


class Sending:
    """Send a request in an ``async with`` block; leaving it before the end of the answer ends the connection at once.

    A kept connection that turns out to be dead is replaced once, as long as no byte of an answer has come.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    async def __aenter__(self) -> Response:
        request = self._request
        self._pool = await Pool.current()
        kept = self._pool.reuse(request)
        self._exchange = kept or await self._pool.connect(request)
        answered = False
        try:
            await self._exchange.answered()
            # A server may close a kept connection just as the request goes out; browsers ask again in this case as well.
            if kept is self._exchange and kept.stillborn:
                self._exchange = await self._pool.connect(request)
            await self._exchange.head()
            answered = True
        finally:
            if not answered:
                self._pool.settle(self._exchange, request)
        return Response(request, self._exchange.status, self._exchange.headers, self._exchange)

    async def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.settle(self._exchange, self._request)
