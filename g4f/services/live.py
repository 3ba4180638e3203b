"""Runs on their way in this process: their committed events, and who reads them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from g4f.db.models import State
from g4f.providers.chunks import UNWRITABLE
from g4f.providers.tap import Take, Tap
from g4f.providers.wire import ContentChunk, Ending, Finish, FinishChunk, Wire

Cut = Literal["stopped", "interrupted"]

HEARTBEAT_SECONDS = 15
"""How often a reader who hears nothing is told that the connection lives."""
PATIENCE = 10.0
"""How many seconds the storage may be in trouble before runs end and readers are told."""
SLOW = 3
"""How often a reader was given something when it is offered a tap: a short answer costs less without one."""


class Event(Struct, frozen=True, gc=False):
    """Be one event of a run: its number in the log, 0 for one that is not stored, its type, and its chunk as JSON."""

    number: int
    type: str
    data: bytes

    @classmethod
    def of(cls, number: int, chunk: Wire) -> Event:
        """Write a chunk down, or that it cannot be."""
        try:
            return cls(number, str(chunk.get("type")) if isinstance(chunk, dict) else _tag(chunk), msgspec.json.encode(chunk))
        except (TypeError, ValueError):
            return cls.of(number, UNWRITABLE)

    @classmethod
    def read(cls, number: int, data: str) -> Event:
        """Read an event of the log."""
        return cls(number, str(msgspec.json.decode(data, type=_Typed).type), data.encode())

    def chunk(self) -> Wire:
        """Return the chunk; plain text as ContentChunk, everything else as it was written down."""
        chunk: dict[str, Any] = msgspec.json.decode(self.data)
        return ContentChunk(chunk["content"]) if chunk.keys() == {"type", "content"} else chunk


def _tag(chunk: Struct) -> str:
    return str(chunk.__struct_config__.tag)


class _Typed(Struct):
    type: object = ""


BROKEN_OFF = Event.of(0, FinishChunk(Finish("interrupted")))
"""What a reader is given when the storage keeps what follows from it: the log will have the real end."""


class Live:
    """Be one run while this process carries it; its events are here once they are committed.

    ``worker_id`` is the lease under which it was begun, and the only one under which it can be written.
    ``last`` is the number of the newest event, committed or on its way. ``reason`` is what the run will have ended for when
    its task is cancelled. ``lost`` says that what follows could not be stored, so that only the log knows how it ends.
    """

    def __init__(self, run_id: UUID, owner_id: UUID, worker_id: UUID) -> None:
        self.run_id, self.owner_id, self.worker_id = run_id, owner_id, worker_id
        self.last = 0
        self.quiet = True
        """Whether nothing of the answer was said yet."""
        self.state: State = "running"
        self.reason: Cut = "stopped"
        self.task: asyncio.Task[None] | None = None
        self.events: list[Event] = []
        """What is committed."""
        self._waiting: list[tuple[asyncio.Future[bool], Take[Sequence[Event]] | None]] = []
        self.lost = self._started = self._cut = self._finished = False

    def start(self) -> None:
        """Note that the task has begun; raises CancelledError when it was ended before."""
        self._started = True
        if self._cut:
            raise asyncio.CancelledError

    def cut(self, reason: Cut) -> None:
        """End the run; the provider's call ends at once."""
        if self._cut or self._finished or self.task is None:
            return
        self._cut, self.reason = True, reason
        if self._started:  # a task that is cancelled before its first step never takes it, and nobody would write the end
            self.task.cancel()

    def finish(self) -> None:
        """Note that the run has ended; from here on nothing can cut it."""
        self._finished = True

    def publish(self, events: Sequence[Event], state: State) -> None:
        """Show events that are committed."""
        self.events += events
        self.state = state
        self._wake(events if state == "running" else ())

    def lose(self) -> None:
        """Tell the readers that nothing more comes from here: what follows could not be stored."""
        self.lost = True
        self._wake()

    async def follow(self, after: int) -> AsyncIterator[Sequence[Event]]:
        """Yield the events after a number, as soon as they are committed, the last of them as Ending.

        An empty batch is a sign of life, or a tap.
        """
        turns, taken = 0, None

        def opened(take: Take[Sequence[Event]]) -> None:
            def take_next(events: Sequence[Event]) -> bool:
                nonlocal after
                if not take(events):
                    return False
                after = events[-1].number
                return True

            nonlocal taken
            taken = take_next

        while True:
            events = self.events[after:]
            if events and self.state != "running":
                yield Ending(events)
                return
            if events:
                after, turns = events[-1].number, turns + 1
                yield events
                if turns == SLOW:
                    yield Tap(opened)
            elif self.lost:
                yield [BROKEN_OFF]
                return
            elif self.state != "running":
                return
            elif not await self.news(taken):
                yield ()

    def news(self, take: Take[Sequence[Event]] | None = None) -> asyncio.Future[bool]:
        """Return what ends with True when there is news that ``take`` leaves, and with False for a sign of life."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((waiter, take))
        return waiter

    def beat(self) -> None:
        """Give those who wait a sign of life."""
        self._wake(news=False)

    def _wake(self, events: Sequence[Event] = (), *, news: bool = True) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter, take in waiting:
            if waiter.done():
                continue
            if events and take is not None and take(events):
                self._waiting.append((waiter, take))
            else:
                waiter.set_result(news)
