"""What the writer's thread gives to a coroutine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Awaited:
    """Be a future that another thread settles and a coroutine of the running loop waits for, as ``future``.

    It does what ``concurrent.futures.Future`` and ``asyncio.wrap_future`` do together, with a tenth of their calls.
    """

    __slots__ = ("_loop", "_settled", "future")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self._loop.create_future()
        self._settled = False

    def done(self) -> bool:
        """Say whether it was settled; a coroutine that no longer waits does not settle it."""
        return self._settled

    def set_result(self, result: Any) -> None:
        """Settle it with what came of it."""
        self._settle(self.future.set_result, result)

    def set_exception(self, error: BaseException) -> None:
        """Settle it with why nothing came of it."""
        self._settle(self.future.set_exception, error)

    def _settle(self, settle: Callable[[Any], None], outcome: Any) -> None:
        self._settled = True
        try:
            self._loop.call_soon_threadsafe(self._give, settle, outcome)
        except RuntimeError:
            return  # the loop is closed, and nobody waits any more

    def _give(self, settle: Callable[[Any], None], outcome: Any) -> None:
        if not self.future.done():  # nobody cancelled it
            settle(outcome)
