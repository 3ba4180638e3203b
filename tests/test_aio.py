"""Async streams read by sync code, and the loop that serves them."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Self

import pytest

from g4f import aio
from g4f.errors import NestAsyncioError

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


class Source:
    """Counts up for ever, and remembers how far it got and whether it was closed."""

    def __init__(self, end: int = sys.maxsize) -> None:
        self.end = end
        self.made = 0
        self.closed = threading.Event()

    async def items(self) -> AsyncIterator[int]:
        """Count up."""
        try:
            while self.made < self.end:
                self.made += 1
                yield self.made - 1
                await asyncio.sleep(0)
        finally:
            self.closed.set()


def test_items_come_in_order_and_end() -> None:
    source = Source(1000)
    assert list(aio.iterate(source.items())) == list(range(1000))
    assert source.closed.is_set()


def test_a_source_may_be_made_on_the_background_loop() -> None:
    assert list(aio.iterate(Source(3).items)) == [0, 1, 2]


def test_nothing_starts_before_the_first_item_is_asked_for() -> None:
    source = Source()
    aio.iterate(source.items)
    assert source.made == 0


def test_an_error_comes_after_the_items_before_it() -> None:
    async def fail() -> AsyncIterator[int]:
        yield 1
        raise LookupError("gone")

    items = aio.iterate(fail())
    assert next(items) == 1
    with pytest.raises(LookupError, match="gone"):
        next(items)


def test_a_slow_reader_holds_the_source_back() -> None:
    source = Source()
    items = aio.iterate(source.items())
    next(items)
    aio.run(asyncio.sleep(0.05))
    assert source.made <= aio.QUEUE_SIZE + 2
    items.close()


def test_a_reader_that_goes_on_gets_all_of_a_long_source() -> None:
    assert sum(1 for _ in aio.iterate(Source(10 * aio.QUEUE_SIZE).items())) == 10 * aio.QUEUE_SIZE


def test_closing_the_iterator_closes_the_source_even_while_it_is_silent() -> None:
    closed = threading.Event()

    async def silent() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.set()

    items = aio.iterate(silent())
    next(items)
    items.close()
    assert closed.wait(5)


def test_dropping_the_iterator_closes_the_source() -> None:
    source = Source()
    items = aio.iterate(source.items())
    next(items)
    del items
    gc.collect()
    assert source.closed.wait(5)


def test_a_source_that_is_no_generator_is_closed_as_well() -> None:
    class Endless:
        closed = threading.Event()

        def __aiter__(self) -> Self:
            return self

        async def __anext__(self) -> int:
            return 1

        async def aclose(self) -> None:
            self.closed.set()

    items = aio.iterate(Endless())
    next(items)
    items.close()
    assert Endless.closed.wait(5)


def test_context_variables_reach_the_source_and_the_coroutine() -> None:
    async def who() -> AsyncIterator[str]:
        yield WHO.get()

    async def ask() -> str:
        return WHO.get()

    WHO.set("alice")
    assert [*aio.iterate(who()), aio.run(ask())] == ["alice", "alice"]


def test_run_returns_the_result_and_raises_the_error() -> None:
    async def divide(by: int) -> float:
        return 1 / by

    assert aio.run(divide(2)) == 0.5
    with pytest.raises(ZeroDivisionError):
        aio.run(divide(0))


def test_run_works_inside_a_running_loop() -> None:
    async def notebook() -> str:
        return aio.run(asyncio.sleep(0, "fine"))

    assert asyncio.run(notebook()) == "fine"


def test_a_sync_call_on_the_background_loop_itself_is_refused() -> None:
    async def nested() -> None:
        list(aio.iterate(Source(1).items()))

    with pytest.raises(NestAsyncioError):
        aio.run(nested())


def test_all_callers_share_one_loop() -> None:
    async def loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert aio.run(loop()) is aio.run(loop())


FORK = """
import asyncio, os
from g4f import aio
aio.run(asyncio.sleep(0))
if os.fork() == 0:
    os._exit(aio.run(asyncio.sleep(0, 42)))
print(os.waitstatus_to_exitcode(os.wait()[1]))
"""

LEAVE = """
import asyncio
from g4f import aio
async def silent():
    try:
        yield 1
        await asyncio.Event().wait()
    finally:
        print("closed")
items = aio.iterate(silent())
next(items)
"""


def run_python(program: str) -> tuple[str, str]:
    """Run a program in an interpreter of its own; return what it wrote to both of its outputs."""
    command = [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize(("program", "output"), [(FORK, "42"), (LEAVE, "closed")])
def test_the_background_loop_outlives_a_fork_and_ends_with_the_interpreter(program: str, output: str) -> None:
    assert run_python(program) == (output, "")


def test_a_stream_may_be_awaited_first() -> None:
    async def scenario() -> list[int]:
        stream = aio.AsyncStream(Source(3).items())
        return [item async for item in await stream]

    assert asyncio.run(scenario()) == [0, 1, 2]


def test_closing_a_stream_closes_its_source() -> None:
    async def scenario() -> None:
        stream = aio.AsyncStream(source.items())
        await anext(stream)
        await stream.aclose()

    source = Source()
    asyncio.run(scenario())
    assert source.closed.is_set()


async def batches(source: Source) -> AsyncIterator[list[int]]:
    """Yield pairs, and an empty batch now and then."""
    try:
        async for item in source.items():
            yield [item, item]
            yield []
    finally:
        source.closed.set()


def test_batches_are_flattened_in_order() -> None:
    async def scenario() -> list[int]:
        return [item async for item in aio.flatten(batches(Source(3)))]

    assert asyncio.run(scenario()) == [0, 0, 1, 1, 2, 2]


def test_closing_a_flattened_stream_closes_its_batches() -> None:
    async def scenario() -> bool:
        stream = aio.flatten(batches(source))
        await anext(stream)
        await stream.aclose()
        return source.closed.is_set()

    source = Source()
    assert asyncio.run(scenario())
