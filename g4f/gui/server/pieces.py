"""Answers in one piece, for clients that asked for no stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TypeGuard

import msgspec

from g4f import aio
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
    texts = [chunk.content for chunk in chunks if _is_text(chunk)]
    first = next((index for index, chunk in enumerate(chunks) if _is_text(chunk)), len(chunks))
    said: list[Wire] = [ContentChunk("".join(texts))] if texts else []
    return [*chunks[:first], *said, *(chunk for chunk in chunks[first:] if not _is_text(chunk))]


def _is_text(chunk: Wire) -> TypeGuard[ContentChunk]:
    return isinstance(chunk, ContentChunk) and chunk.urls is chunk.data is msgspec.UNSET
