"""The direct wire: http and https over connections of our own."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from g4f.requests.pool import Pool
from g4f.requests.request import Request
from g4f.requests.response import Response


@asynccontextmanager
async def send(request: Request) -> AsyncGenerator[Response]:
    """Send a request; leaving the block before the end of the answer ends the connection at once.

    A kept connection that turns out to be dead is replaced once, as long as no byte of an answer has come.
    """
    pool = await Pool.current()
    exchange = pool.reuse(request)
    try:
        if exchange is not None:
            await exchange.answered()
        # A server may close a kept connection just as the request goes out; browsers ask again in this case as well.
        if exchange is None or exchange.stillborn:
            exchange = await pool.connect(request)
        await exchange.head()
        yield Response(request, exchange.status, exchange.headers, exchange)
    finally:
        if exchange is not None:
            pool.settle(exchange, request)
