"""The time limits of a provider call and the one timer that watches them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from g4f import errors

T = TypeVar("T")
Limit = Literal["connect", "first_byte", "idle", "total"]

_SENTENCES: dict[Limit, str] = {
    "connect": "No connection to {host} within {seconds:g} seconds (limit: connect). Check the address and the network.",
    "first_byte": "{host} did not begin to answer within {seconds:g} seconds (limit: first_byte). Raise it if the model is only slow.",
    "idle": "{host} fell silent for {seconds:g} seconds (limit: idle). Raise it if the model is only slow.",
    "total": "{host} was still answering after {seconds:g} seconds (limit: total). Raise it or ask for less.",
}


@dataclass(frozen=True)
class Timeouts:
    """Limits in seconds: for the connection, for the head of the answer, for a silence within it, for everything."""

    connect: float = 10
    first_byte: float = 300
    idle: float = 300
    total: float = 1800

    def expired(self, limit: Limit, host: str) -> errors.TimeoutError:
        """Return the error that says which limit ran out."""
        values = {"host": host, "seconds": getattr(self, limit)}
        return errors.TimeoutError(_SENTENCES[limit].format(**values), values={"reason": limit, **values})

    async def within(self, limit: Limit, host: str, awaitable: Awaitable[T], seconds: float | None = None) -> T:
        """Await one step under one of the limits, of which only ``seconds`` may be left."""
        deadline = asyncio.timeout(getattr(self, limit) if seconds is None else seconds)
        try:
            async with deadline:
                return await awaitable
        except TimeoutError as error:
            if deadline.expired():
                raise self.expired(limit, host) from error
            raise


DEFAULT_TIMEOUTS = Timeouts()


class Watchdog:
    """Watch one answer with one timer, which looks at the clock only when a limit may have run out.

    Whoever reads the socket notes the time in ``heard``; ``waiting_for`` is None while nothing is expected of the other side.
    """

    def __init__(self, timeouts: Timeouts, expire: Callable[[Limit], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._timeouts = timeouts
        self._expire = expire
        self._end = self._loop.time() + timeouts.total
        self.heard = self._loop.time()
        self.waiting_for: Limit | None = "first_byte"
        self._look()

    def stop(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def expect(self, limit: Limit | None) -> None:
        """Start the clock of another limit."""
        self.waiting_for = limit
        self.heard = self._loop.time()
        if limit is not None and getattr(self._timeouts, limit) + self.heard < self._timer.when():
            self._timer.cancel()
            self._look()

    def _look(self) -> None:
        limit: Limit = "total"
        now, when = self._loop.time(), self._end
        if self.waiting_for is not None and (silent_until := self.heard + getattr(self._timeouts, self.waiting_for)) < when:
            limit, when = self.waiting_for, silent_until
        if when > now:
            self._timer = self._loop.call_at(when, self._look)
        else:
            self._expire(limit)
