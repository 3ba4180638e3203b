"""An answer as its readers see it, whichever wire it came over."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Protocol

import msgspec

from g4f.errors import ResponseError
from g4f.requests.request import Request

MAX_BODY = 64 * 1024 * 1024
"""Bytes that ``read`` takes at most; streams have no such limit."""
MAX_LINE = 8 * 1024 * 1024
"""Bytes of one line of a stream; a line may hold a picture."""


class Body(Protocol):
    """Where the bytes of an answer come from."""

    async def read_block(self) -> bytes:
        """Return all that has come since the last call, or wait for it; ``b""`` is the end."""
        ...

    def tap(self, take: Callable[[bytes], bool]) -> None:
        """Offer each block to ``take`` before whoever waits for one is woken; what it leaves is read as ever."""
        ...

    def satisfy(self) -> None:
        """Note that the reader has all it wants, whether or not the body has ended."""
        ...


class Response:
    """The answer to a request: its head has come, its body is read once, by one of the methods."""

    def __init__(self, request: Request, status: int, headers: Mapping[str, str], body: Body) -> None:
        self.url = str(request.url)
        self.host = request.host
        self.redact = request.redact
        self.status = status
        self.headers = headers
        self.read_block = body.read_block
        """Return the next block, or ``b""`` at the end: ``iter_content`` for readers who count every microsecond."""
        self.tap = body.tap
        """Offer each block to a function as it comes, which returns whether it took it; what it leaves is read as ever."""
        self.satisfy = body.satisfy
        """Say that nothing more is wanted: a body that ends within a moment then leaves a connection for other requests."""

    @property
    def ok(self) -> bool:
        """Say whether the status is one of success."""
        return 200 <= self.status < 300

    async def iter_content(self) -> AsyncGenerator[bytes]:
        """Yield the body in blocks; a block is everything one read of the socket brought."""
        while block := await self.read_block():
            yield block

    async def iter_lines(self) -> AsyncGenerator[bytes]:
        """Yield the body line by line, without the line ends."""
        pieces: list[bytes] = []
        size = 0
        async for block in self.iter_content():
            first, *others = block.split(b"\n")
            pieces.append(first)
            size += len(first)
            for line in others:
                yield b"".join(pieces).removesuffix(b"\r")
                pieces, size = [line], len(line)
            if size > MAX_LINE:
                raise ResponseError(f"A line of the answer is longer than {MAX_LINE} bytes.")
        if rest := b"".join(pieces):
            yield rest.removesuffix(b"\r")

    async def read(self, limit: int = MAX_BODY) -> bytes:
        """Return the whole body; raises ResponseError when it is longer than ``limit`` bytes."""
        blocks, size = [], 0
        async for block in self.iter_content():
            blocks.append(block)
            size += len(block)
            if size > limit:
                raise ResponseError(f"The answer is longer than {limit} bytes.")
        return b"".join(blocks)

    async def text(self) -> str:
        """Return the whole body as text; bytes that are not UTF-8 are replaced."""
        return (await self.read()).decode(errors="replace")

    async def json(self) -> Any:
        """Return the whole body decoded from JSON; raises ResponseError when it is none."""
        body = await self.read()
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            values = {"reason": "no_json", "host": self.host, "detail": str(error)}
            raise ResponseError(f"The answer is not JSON: {error}.", values=values) from error
