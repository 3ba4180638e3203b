"""Relayed runs: answers that are handed on as they come and end with their reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from functools import partial

from g4f import aio, debug
from g4f.db.writer import Writer
from g4f.errors import UnavailableError
from g4f.providers.base_provider import Batch
from g4f.providers.tap import Take, Tap
from g4f.providers.wire import ContentChunk, Ending, Wire
from g4f.services.estimates import ROUGH, Estimates
from g4f.services.metrics import Metrics
from g4f.services.prices import NO_PRICES, Prices
from g4f.services.tally import Asked, Tally


class Relays:
    """Hand answers on to their readers and keep what they cost."""

    def __init__(self, writer: Callable[[], Writer], metrics: Metrics, prices: Prices = NO_PRICES, estimates: Estimates = ROUGH) -> None:
        self._writer, self._metrics, self._prices, self._estimates = writer, metrics, prices, estimates
        self._tasks: set[asyncio.Task[object]] = set()
        self._interrupted = False

    @property
    def running(self) -> int:
        """Say how many answers are on their way."""
        return len(self._tasks)

    def interrupt(self) -> None:
        """End every run as interrupted, for the server stops; the readers are told so."""
        self._interrupted = True
        for task in self._tasks:
            task.cancel()

    async def relay(self, asked: Asked, answer: AsyncIterator[Batch], *, raise_first: bool = False) -> AsyncGenerator[Sequence[Wire]]:
        """Yield the answer's chunks, an error as its chunk, and the ending; the run ends with its reader.

        Leaving closes the provider's stream at once. The rows are queued for the writer however the run ends, and before its ending
        is shown. With ``raise_first`` an error before anything was shown is raised instead.
        """
        tally = Tally(asked, self._prices)
        last: list[Wire] = []
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async for batch in answer:
                if isinstance(batch, Tap):
                    yield _tapped(batch, tally)
                    continue
                chunks = tally.take(batch)
                if tally.finished:  # nothing but the end follows, and the two go out together
                    last += chunks
                elif chunks:
                    yield chunks
            await self._estimates.complete(tally)
            yield self._end(tally, last)
        except asyncio.CancelledError:
            if not self._interrupted:
                tally.leave("stopped")
                raise
            task.uncancel()
            tally.leave("interrupted")
            yield self._end(tally, last)
        except GeneratorExit:
            tally.leave("interrupted" if self._interrupted else "stopped")  # a reader that is slow cannot be told
            raise
        # A plug-in may raise anything; whatever it is becomes the answer's last words instead of a cut connection.
        except Exception as error:
            failure = tally.fail(error)
            if raise_first and not tally.said:
                raise
            await self._estimates.complete(tally)
            yield self._end(tally, last + failure)
        finally:
            try:
                await aio.close(answer)
                if not tally.ended:  # its reader left
                    await self._estimates.complete(tally)
            finally:
                self._tasks.discard(task)
                if not tally.ended:
                    self._keep(tally)

    def _end(self, tally: Tally, last: Sequence[Wire]) -> Ending[Wire]:
        """Return the ending; whoever has read it may look for the rows."""
        ending = tally.ending(*last)
        self._keep(tally)
        return ending

    def _keep(self, tally: Tally) -> None:
        """Queue the rows of a run; a storage that takes none must not take the answer with it, and the log says so."""
        try:
            self._writer().submit(tally.rows())
        except UnavailableError as error:
            debug.error(f"The usage of request {tally.asked.request_id} is not stored: {error}")
        # Whatever it is, the reader gets the ending.
        except Exception as error:  # noqa: BLE001
            debug.failed(f"The usage of request {tally.asked.request_id} is not stored", error)
        self._metrics.count_attempts(tally.attempts)


def _tapped(tap: Tap[str], tally: Tally) -> Tap[Sequence[Wire]]:
    """Return a tap of the chunks that the texts of another become."""
    return Tap(lambda take: tap.open(partial(_say, tally, take)))


def _say(tally: Tally, take: Take[Sequence[Wire]], text: str) -> bool:
    taken = take([ContentChunk(text)])
    if taken:
        tally.say(text)
    return taken
