"""Turns: how many answers may run at once, and in which order those begin that have to wait."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from uuid import UUID

from msgspec import Struct

from g4f.errors import TooManyRunsError

MINUTE = 60.0
PLACE_SECONDS = 0.5
"""How long one of the first twenty in line waits for news of a place; it is twice as long for the next twenty, and so on."""


class Limits(Struct, frozen=True):
    """Bound the answers of one person, at once, in a minute and in line, and those of everybody at once; 0 is no bound but in line."""

    at_once: int = 0
    in_all: int = 0
    a_minute: int = 0
    in_line: int = 100

    def __bool__(self) -> bool:
        return bool(self.at_once or self.in_all or self.a_minute)


class Turns:
    """Let answers of this process begin as places become free, one person after the other; it belongs to one loop."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits, self._clock = limits, clock
        self._running: Counter[UUID] = Counter()
        self._lines: OrderedDict[UUID, deque[Turn]] = OrderedDict()
        self._begun: dict[UUID, deque[float]] = {}

    @property
    def running(self) -> int:
        """Say how many answers have their place."""
        return self._running.total()

    @property
    def waiting(self) -> int:
        """Say how many answers are in line."""
        return sum(map(len, self._lines.values()))

    def check(self, owner_id: UUID) -> None:
        """Raise TooManyRunsError when another answer of this person can neither begin now nor wait."""
        limits, times = self.limits, self._times(owner_id)
        if limits.a_minute and len(times) >= limits.a_minute:
            wait = times[0] + MINUTE - self._clock()
            raise _too_many(f"{limits.a_minute} answers a minute are allowed", wait, a_minute=limits.a_minute)
        if len(self._lines.get(owner_id, ())) >= limits.in_line and not self._is_free(owner_id):
            raise _too_many(f"{limits.in_line} of your answers wait in line already", 5, in_line=limits.in_line)

    def enter(self, owner_id: UUID) -> Turn:
        """Take a place, or one in line; raises TooManyRunsError. ``leave`` has to be called in the end."""
        self.check(owner_id)
        if self.limits.a_minute:
            self._begun.setdefault(owner_id, deque()).append(self._clock())
        turn = Turn(self, owner_id)
        self._lines.setdefault(owner_id, deque()).append(turn)
        self._go_on()
        return turn

    def leave(self, turn: Turn) -> None:
        """Give a place back, or leave the line."""
        owner_id = turn.owner_id
        if turn.begun:
            self._running[owner_id] -= 1
            if not self._running[owner_id]:
                del self._running[owner_id]
        else:
            self._lines[owner_id].remove(turn)
            self._drop_if_empty(owner_id)
        self._go_on()

    def place(self, turn: Turn) -> int:
        """Return how many turns it takes until this one is the next."""
        index = self._lines[turn.owner_id].index(turn)
        before = True
        ahead = 0
        for owner_id, line in self._lines.items():
            before = before and owner_id != turn.owner_id
            ahead += index if owner_id == turn.owner_id else min(len(line), index + before)
        return ahead + 1

    def _go_on(self) -> None:
        """Begin what can begin."""
        while (owner_id := next(filter(self._is_free, self._lines), None)) is not None:
            turn = self._lines[owner_id].popleft()
            self._lines.move_to_end(owner_id)
            self._drop_if_empty(owner_id)
            self._running[owner_id] += 1
            turn.begin()

    def _is_free(self, owner_id: UUID) -> bool:
        limits = self.limits
        own = not limits.at_once or self._running[owner_id] < limits.at_once
        return own and (not limits.in_all or self.running < limits.in_all)

    def _drop_if_empty(self, owner_id: UUID) -> None:
        if not self._lines[owner_id]:
            del self._lines[owner_id]

    def _times(self, owner_id: UUID) -> deque[float]:
        """Return when this person's answers of the last minute were asked for."""
        times = self._begun.get(owner_id, deque())
        while times and times[0] <= self._clock() - MINUTE:
            times.popleft()
        if not times:
            self._begun.pop(owner_id, None)
        return times


class Turn:
    """Be one answer's place, or its wait for one."""

    def __init__(self, turns: Turns, owner_id: UUID) -> None:
        self._turns, self.owner_id = turns, owner_id
        self._come = asyncio.Event()

    @property
    def begun(self) -> bool:
        """Say whether its turn has come."""
        return self._come.is_set()

    def begin(self) -> None:
        """Note that its turn has come."""
        self._come.set()

    async def places(self) -> AsyncIterator[int]:
        """Yield the place in line, and again a while after it changed; the end is the turn itself, at once.

        Who is far behind hears of it more seldom: each step of a long line would else cost a message to everybody in it.
        """
        shown = 0
        while not self.begun:
            place = self._turns.place(self)
            if place != shown:
                shown = place
                yield place
            with suppress(TimeoutError):
                async with asyncio.timeout(PLACE_SECONDS * (1 + place // 20)):
                    await self._come.wait()

    def leave(self) -> None:
        """Give the place back."""
        self._turns.leave(self)


def _too_many(what: str, seconds: float, **limit: int) -> TooManyRunsError:
    wait = max(1, math.ceil(seconds))
    values = {"seconds": wait, **limit}
    return TooManyRunsError(f"{what}; ask again in {wait} seconds.", headers=[("Retry-After", str(wait))], values=values)
