"""Answers as raw text, in which a failure has to be told by the status."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from g4f import aio
from g4f.errors import ProviderException
from g4f.gui.server.framing import text
from g4f.providers.wire import AuthChunk, ErrorChunk, Wire

Chunks = AsyncIterator[Sequence[Wire]]


async def first_text(chunks: Chunks) -> Chunks:
    """Wait for the first text; raises what went wrong before it, which raw text could not tell from an answer."""
    first: list[Wire] = []
    async for batch in chunks:
        first += batch
        if text(batch):
            return _again(first, chunks)
    for chunk in first:
        match chunk:
            case ErrorChunk(message=words) | AuthChunk(message=words) | {"type": "error" | "auth", "message": str(words)}:
                raise ProviderException(words)
    return _again(first, chunks)


async def _again(first: Sequence[Wire], rest: Chunks) -> Chunks:
    try:
        yield first
        async for batch in rest:
            yield batch
    finally:
        await aio.close(rest)
