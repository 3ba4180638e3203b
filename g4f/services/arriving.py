"""Bytes on their way in: looked at, counted, and kept though their source fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

from g4f import aio
from g4f.errors import PayloadTooLargeError


class UntilCut:
    """Yield what a source yields and end where it fails; ``raise_error`` says so once what came before is in safety."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self._error: Exception | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._source)
        except StopAsyncIteration:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised later
            self._error = error
            raise StopAsyncIteration from None

    def raise_error(self) -> None:
        """Raise what the source failed with, if it did."""
        if self._error is not None:
            raise self._error


async def with_head(chunks: AsyncIterator[bytes], size: int) -> tuple[bytes, AsyncIterator[bytes]]:
    """Return the first ``size`` bytes, fewer when there are no more, and all of the bytes."""
    head = bytearray()
    while len(head) < size:
        try:
            head += await anext(chunks)
        except StopAsyncIteration:
            break
    return bytes(head[:size]), _joined(bytes(head), chunks)


async def at_most(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """Yield chunks of ``size`` bytes together; raises PayloadTooLargeError for one more byte."""
    async for chunk in chunks:
        size -= len(chunk)
        if size < 0:
            raise PayloadTooLargeError("More bytes came than were announced; begin the upload again with the right length.")
        yield chunk


async def _joined(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        if head:
            yield head
        async for chunk in chunks:
            yield chunk
    finally:
        await aio.close(chunks)
