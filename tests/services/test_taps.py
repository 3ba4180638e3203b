"""What a tap hands on counts, and comes once and in order, like everything else of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Any

from hypothesis import given, strategies as st
from uuid_utils.compat import uuid7

from g4f.errors import UnavailableError
from g4f.providers.base_provider import Batch
from g4f.providers.response import FinishReason
from g4f.providers.tap import Take, Tap
from g4f.providers.wire import ContentChunk, Ending, UsageChunk, Wire
from g4f.services.live import SLOW, Event, Live
from g4f.services.metrics import Metrics
from g4f.services.relays import Relays
from g4f.services.tally import Asked
from tests.proofs import proof


def no_writer() -> Any:
    raise UnavailableError("There is none.")


def relayed(answer: AsyncIterator[Batch]) -> AsyncGenerator[Sequence[Wire]]:
    return Relays(no_writer, Metrics()).relay(Asked(uuid7(), "r", "m", "P", 0), answer)


async def offering(said: Callable[[Take[str]], None]) -> AsyncGenerator[Batch]:
    """Answer with a tap, and speak into whatever it is opened with."""
    taken: list[Take[str]] = []
    yield ["one "]
    yield Tap(taken.append)
    for take in taken:
        said(take)
    yield [FinishReason("stop")]


async def read(chunks: AsyncGenerator[Sequence[Wire]], take: Take[Sequence[Wire]]) -> list[Wire]:
    """Read chunks that come, and open the tap among them."""
    read: list[Wire] = []
    async for batch in chunks:
        if isinstance(batch, Tap):
            batch.open(take)
        read += batch
    return read


def test_what_a_tap_takes_is_counted_as_what_is_read() -> None:
    shown: list[Wire] = []

    def take(chunks: Sequence[Wire]) -> bool:
        shown.extend(chunks)
        return True

    def say(take: Take[str]) -> None:
        for _ in range(40):
            take("two ")

    [*_, usage] = asyncio.run(read(relayed(offering(say)), take))
    assert shown == [ContentChunk("two ")] * 40
    assert isinstance(usage, UsageChunk)
    assert usage.usage["completion_tokens"] > 40 * len("two ") / 8


def test_what_a_tap_leaves_is_not_counted() -> None:
    left: list[bool] = []
    [*_, usage] = asyncio.run(read(relayed(offering(lambda take: left.append(take("two " * 100)))), lambda chunks: False))
    assert left == [False]
    assert isinstance(usage, UsageChunk)
    assert usage.usage["completion_tokens"] < len("two " * 100) / 8


def test_a_tap_is_opened_once() -> None:
    opened: list[Take[str]] = []
    tap: Tap[str] = Tap(opened.append)
    tap.open(lambda text: True)
    tap.open(lambda text: False)
    assert [take("x") for take in opened] == [True]


@proof("runs whose reader takes some of their events as they come", 100, 2_000)
@given(
    sizes=st.lists(st.integers(1, 3), max_size=12),
    wants=st.lists(st.booleans(), min_size=1),
    beats=st.sets(st.integers(0, 12)),
    turns=st.lists(st.booleans(), min_size=1),
)
def test_a_reader_gets_each_event_once_and_in_order(sizes: list[int], wants: list[bool], beats: set[int], turns: list[bool]) -> None:
    got: list[int] = []
    endings: list[bool] = []

    def take(events: Sequence[Event]) -> bool:
        wanting = wants[len(got) % len(wants)]
        got.extend(event.number for event in events if wanting)
        return wanting

    async def follow(live: Live) -> None:
        async for batch in live.follow(0):
            if isinstance(batch, Tap):
                batch.open(take)
            got.extend(event.number for event in batch)
            endings.append(isinstance(batch, Ending))

    async def scenario() -> None:
        live = Live(uuid7(), uuid7(), uuid7())
        reading = asyncio.create_task(follow(live))
        number = 0
        for index, size in enumerate([1] * SLOW + sizes + [1]):
            events = [Event(number + each, "content", b"{}") for each in range(1, size + 1)]
            number += size
            live.publish(events, "done" if index == SLOW + len(sizes) else "running")
            if index in beats:
                live.beat()
            if index < SLOW or turns[index % len(turns)]:
                await asyncio.sleep(0)
        await reading

    asyncio.run(scenario())
    assert got == list(range(1, len(got) + 1))
    assert len(got) == SLOW + sum(sizes) + 1
    assert endings == [False] * (len(endings) - 1) + [True]


def test_a_reader_who_lags_behind_a_lost_run_that_ended_gets_its_end() -> None:
    async def late() -> list[Sequence[Event]]:
        live = Live(uuid7(), uuid7(), uuid7())
        live.lose()
        live.publish([Event(1, "content", b"{}"), Event(2, "finish", b"{}")], "done")
        return [batch async for batch in live.follow(0)]

    assert asyncio.run(late()) == [[Event(1, "content", b"{}"), Event(2, "finish", b"{}")]]
