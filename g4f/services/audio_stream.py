"""The sound of a text on its way: made ahead of its reader, and no longer than there is one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Self

from g4f.services.spoken import Sentence

AHEAD = 32
"""Blocks that are made before the first of them is taken."""
Mark = Sentence | bytes
"""A sentence, or a block of the sound of the sentence before it."""


class AudioStream(AsyncIterator[bytes]):
    """Be sound whose first bytes have come already; closing it ends the work on the rest.

    What goes wrong later is raised where the sound breaks off.
    """

    def __init__(self, media_type: str, beginning: deque[Mark], rest: AsyncGenerator[Mark]) -> None:
        self.media_type = media_type
        self._beginning, self._rest = beginning, rest

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while True:
            match await self.next_mark():
                case bytes(block):
                    return block

    async def next_mark(self) -> Mark:
        """Return the next block of sound, or the sentence that the blocks after it are of; raises StopAsyncIteration at the end."""
        return self._beginning.popleft() if self._beginning else await anext(self._rest)

    async def aclose(self) -> None:
        """End the work."""
        await self._rest.aclose()


async def ahead(marks: AsyncGenerator[Mark]) -> AsyncGenerator[Mark]:
    """Yield what an iterator yields, which goes on up to ``AHEAD`` items while the reader is busy."""
    queue: asyncio.Queue[Mark | None] = asyncio.Queue()
    slots = asyncio.Semaphore(AHEAD)

    async def fill() -> None:
        async with aclosing(marks):
            async for mark in marks:
                await slots.acquire()
                queue.put_nowait(mark)

    task = asyncio.create_task(fill())
    task.add_done_callback(lambda _: queue.put_nowait(None))
    try:
        while (mark := await queue.get()) is not None:
            slots.release()
            yield mark
        task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)  # the work has really ended when this returns
