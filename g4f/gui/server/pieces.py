"""Answers in one piece, for clients that asked for no stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from g4f import aio
from g4f.providers.chunks import is_plain
from g4f.providers.wire import ContentChunk, Wire


async def in_one_piece(chunks: AsyncIterator[Sequence[Wire]]) -> AsyncIterator[Sequence[Wire]]:
    """Yield everything once it is there, all text in one chunk."""
    try:
        whole = [chunk async for batch in chunks for chunk in batch]
    finally:
        await aio.close(chunks)
    yield _joined(whole)


def _joined(chunks: Sequence[Wire]) -> list[Wire]:
    """Return the chunks with all text in the place of its first piece."""
    texts = [chunk.content for chunk in chunks if is_plain(chunk)]
    first = next((index for index, chunk in enumerate(chunks) if is_plain(chunk)), len(chunks))
    said: list[Wire] = [ContentChunk("".join(texts))] if texts else []
    return [*chunks[:first], *said, *(chunk for chunk in chunks[first:] if not is_plain(chunk))]
