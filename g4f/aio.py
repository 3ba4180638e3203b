"""The bridge between async and sync code: one event loop in the background for whoever has none."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterable
from queue import SimpleQueue
from typing import Any, Generic, Self, TypeVar

from g4f.errors import NestAsyncioError

try:
    import uvloop as fastest
except ImportError:  # it has no wheels for Windows
    fastest = asyncio  # type: ignore[misc]  # the two agree in the one name that is used

T = TypeVar("T")

QUEUE_SIZE = 64
"""Items that wait for a sync reader before the source has to wait."""


class AsyncStream(AsyncIterator[T], Generic[T]):
    """An async iterator that may be awaited first, which gives itself, as programs of 2023 do."""

    def __init__(self, source: AsyncIterator[T]) -> None:
        self._source = source

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()
        return self

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> Awaitable[T]:
        return self._source.__anext__()

    async def aclose(self) -> None:
        """Close the source, should it be one that can be closed."""
        await close(self._source)


async def once(item: T) -> AsyncIterator[T]:
    """Yield one item."""
    yield item


async def to_the_end(action: Awaitable[T]) -> T:
    """Await an action to its end even when cancelled meanwhile: a write that went on alone could outlive its own removal."""
    task = asyncio.ensure_future(action)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def close(source: AsyncIterator[Any]) -> None:
    """Close an async iterator if it has something to close."""
    if (aclose := getattr(source, "aclose", None)) is not None:
        await aclose()


async def flatten(batches: AsyncIterator[Iterable[T]]) -> AsyncGenerator[T]:
    """Yield the items of batches one by one; closing it closes the batches."""
    try:
        async for batch in batches:
            for item in batch:
                yield item
    finally:
        await close(batches)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the background loop and return its result; works with and without a running loop in this thread.

    Context variables are those of the caller. An interrupt of the wait cancels the coroutine.
    """
    future = asyncio.run_coroutine_threadsafe(coroutine, _BACKGROUND.loop())
    try:
        return future.result()
    finally:
        future.cancel()


def iterate(source: AsyncIterator[T] | Callable[[], AsyncIterator[T]]) -> Generator[T]:
    """Yield what an async iterator yields, which runs on the background loop and is made there if ``source`` makes it.

    At most ``QUEUE_SIZE`` items are fetched ahead. Closing or dropping this iterator cancels and closes the source.
    """
    loop = _BACKGROUND.loop()
    ready: SimpleQueue[tuple[T] | None] = SimpleQueue()
    slots = asyncio.Semaphore(QUEUE_SIZE)
    future = asyncio.run_coroutine_threadsafe(_fill(source, ready, slots), loop)
    taken = 0
    try:
        while (item := ready.get()) is not None:
            yield item[0]
            taken += 1
            if taken == QUEUE_SIZE // 2:  # one call into the other thread for many items
                loop.call_soon_threadsafe(_release, slots, taken)
                taken = 0
        future.result()
    finally:
        future.cancel()  # not waited for: a dropped iterator may end in any thread, the background's too


async def _fill(
    source: AsyncIterator[T] | Callable[[], AsyncIterator[T]], ready: SimpleQueue[tuple[T] | None], slots: asyncio.Semaphore
) -> None:
    items = source() if callable(source) else source
    try:
        async for item in items:
            await slots.acquire()
            ready.put((item,))
    finally:
        try:
            await close(items)
        finally:
            ready.put(None)


def _release(slots: asyncio.Semaphore, count: int) -> None:
    for _ in range(count):
        slots.release()


class _Background:
    """An event loop in a thread of its own, started at the first use and again in a forked child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the running loop; raises NestAsyncioError on the loop's own thread, which must not wait for itself."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._start()
        if self._thread is threading.current_thread():
            raise NestAsyncioError("A sync call was made inside async code that serves sync calls. Await the async form instead.")
        return self._loop

    def _start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="g4f-aio", daemon=True)
        self._thread.start()
        ready.wait()

    def _serve(self, ready: threading.Event) -> None:
        with asyncio.Runner(loop_factory=fastest.new_event_loop) as runner:
            self._loop = runner.get_loop()
            stop = asyncio.Event()
            atexit.register(self._end, stop)
            self._loop.call_soon(ready.set)
            runner.run(stop.wait())

    def _end(self, stop: asyncio.Event) -> None:
        """Let the loop close what it holds before the interpreter goes."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(stop.set)
            self._thread.join(2)


_BACKGROUND = _Background()
"""Shared by the whole process: a loop for each call would cost each its connections."""
