"""Durable runs: answers that belong to the server, whoever reads them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, update
from sqlalchemy.exc import IntegrityError

from g4f import aio, debug
from g4f.db.models import Run, now
from g4f.db.storage import SECONDS, Storage, storable
from g4f.errors import RefusalError, UnavailableError, ValidationError
from g4f.providers.base_provider import Batch
from g4f.providers.chunks import text_of
from g4f.providers.tap import Tap
from g4f.providers.wire import ContentChunk, ParametersChunk, Wire
from g4f.services.estimates import ROUGH, Estimates
from g4f.services.event_log import End, EventLog
from g4f.services.follow import RunInfo, asked_to_stop, follow, read, read_run
from g4f.services.history import Fitted
from g4f.services.lease import Lease
from g4f.services.live import HEARTBEAT_SECONDS, Event, Live
from g4f.services.metrics import Metrics
from g4f.services.prices import NO_PRICES, Prices
from g4f.services.questions import Begun, Question, begin, find
from g4f.services.tally import Asked, Tally, characters_of

Answering = Callable[[Begun, Asked], AsyncIterator[Batch]]

STOP_SECONDS = 5
"""How long a stop waits until the end of its run is stored."""
LOOK_SECONDS = 0.5
"""How often a process that is not alone looks for runs of its own that another one was asked to stop."""


class Runs:
    """Carry durable runs: whatever one says is committed before it is shown, and it goes on whether or not anybody reads.

    It can be followed from any of its events, at any time, in any process of the same database.
    """

    def __init__(
        self,
        storage: Callable[[], Storage],
        metrics: Metrics,
        lease_seconds: float = 15,
        prices: Prices = NO_PRICES,
        estimates: Estimates = ROUGH,
    ) -> None:
        self._storage, self._metrics, self._prices, self._estimates = storage, metrics, prices, estimates
        self._lease = Lease(lease_seconds, prices)
        self._log = EventLog(lambda: storage().writer, self._lease.check)
        self._live: dict[UUID, Live] = {}
        self._asking: set[asyncio.Task[Begun]] = set()
        self._tending: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None

    @property
    def running(self) -> int:
        """Say how many answers are on their way."""
        return len(self._live)

    @property
    def worker_id(self) -> UUID:
        """Return the lease under which this process writes."""
        return self._lease.worker_id

    async def ask(self, question: Question, asked: Asked, answer: Answering) -> Begun:
        """Begin a run, or find the one that the same question began; raises what ``questions.begin`` raises.

        ``answer`` is called with what was begun, and with ``asked`` as it is then: of the whole chat, which whoever asked did not have.
        Once its rows are there the run goes on, whether or not whoever asked still waits.
        """
        asking = asyncio.get_running_loop().create_task(self._ask(question, asked, answer))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        if not (await asyncio.wait([asking], timeout=SECONDS))[0]:
            message = "The storage is slow; ask the same question again in a moment."
            raise UnavailableError(message, headers=[("Retry-After", "1")], values={"reason": "question_slow"})
        return asking.result()

    async def knows(self, question: Question) -> bool:
        """Say whether a question was asked before; raises ValidationError for another one under its key."""
        return question.key is not None and await self._storage().writer.acting(lambda connection: find(connection, question)) is not None

    async def _ask(self, question: Question, asked: Asked, answer: Answering) -> Begun:
        worker_id, begun = await self._begin(question)
        if not begun.known:
            messages, answer_id = begun.fitted.messages, str(begun.message_id)
            asked = replace(asked, messages=messages, prompt_characters=characters_of(messages), message_id=answer_id, run_id=begun.run_id)
            self._carry_on(begun, Live(begun.run_id, asked.owner_id, worker_id), asked, partial(answer, begun, asked))
        return begun

    async def _begin(self, question: Question) -> tuple[UUID, Begun]:
        def act(connection: Connection) -> tuple[UUID, Begun]:
            worker_id = self._lease.worker_id
            self._lease.check(connection, worker_id)
            return worker_id, begin(connection, question, worker_id)

        for _ in range(3):
            try:
                return await self._storage().writer.acting(act)
            except IntegrityError:  # the same question was asked elsewhere in this very moment, and is found the next time
                continue
        raise ValidationError("There is a message of this id already; every message needs a new one.", "message_id")

    def _carry_on(self, begun: Begun, live: Live, asked: Asked, answer: Callable[[], AsyncIterator[Batch]]) -> None:
        self._live[live.run_id] = live
        live.publish([begun.opening], "running")
        live.last = begun.opening.number
        if begun.fitted.left_out:
            self._log.add(live, [_left_out(begun.fitted)])
        live.task = asyncio.get_running_loop().create_task(self._carry(live, begun.message_id, Tally(asked, self._prices), answer))
        live.task.add_done_callback(lambda _: self._live.pop(live.run_id, None))
        self.tend()
        if self._beating is None or self._beating.done():
            self._beating = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        while self._live:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for live in self._live.values():
                live.beat()

    async def follow(self, owner_id: UUID, run_id: UUID, after: int = 0) -> AsyncIterator[Sequence[Event]]:
        """Return the events of a run after a number, those to come included; raises NotFoundError."""
        live = self._live.get(run_id)
        if live is not None and live.owner_id == owner_id and not live.lost:
            return live.follow(after)
        first = await asyncio.to_thread(read, self._storage().database, owner_id, run_id, after)
        return follow(self._storage().database, owner_id, run_id, after, first)

    async def stop(self, owner_id: UUID, run_id: UUID) -> RunInfo:
        """End a run at once, the provider's call included; one that has ended stays as it is. Raises NotFoundError."""
        live = self._live.get(run_id)
        if live is not None and live.owner_id == owner_id:
            live.cut("stopped")
            if live.task is not None:
                await asyncio.wait([live.task], timeout=STOP_SECONDS)
        else:
            await self._ask_to_stop(Run.owner_id == owner_id, Run.id == run_id)
            async for _ in await self.follow(owner_id, run_id):
                pass
        return await asyncio.to_thread(read_run, self._storage().database, owner_id, run_id)

    async def stop_all(self, owner_id: UUID, chat_id: UUID) -> None:
        """End every run of a chat; those that other processes carry end a moment later."""
        for run_id in await self._ask_to_stop(Run.owner_id == owner_id, Run.chat_id == chat_id):
            if live := self._live.get(run_id):
                live.cut("stopped")

    async def _ask_to_stop(self, *which: ColumnElement[bool]) -> Sequence[UUID]:
        asked = update(Run).where(*which, Run.state == "running").values(stop_asked_at=now()).returning(Run.id)
        return await self._storage().writer.acting(lambda connection: connection.scalars(asked).all())

    def interrupt(self) -> None:
        """End every run as interrupted; its readers are told so, and it can be continued."""
        for live in self._live.values():
            live.cut("interrupted")

    # the life of this process

    def open(self, *, alone: bool) -> None:
        """Take the lease of this process and end the runs of those that are gone; ``alone`` says that no other process lives."""
        self._lease.alone = alone
        self._storage().writer.act(self._lease.take).result()

    def close(self) -> None:
        """Give the lease back; what this process still carries is interrupted."""
        with suppress(UnavailableError):  # the line is full; the lease runs out by itself
            self._storage().writer.act(self._lease.release, patient=True)

    def tend(self) -> None:
        """See to it that the lease is renewed, that runs of processes that are gone are ended, and stops from elsewhere heard."""
        if not self._lease.alone and (self._tending is None or self._tending.done()):
            self._tending = asyncio.get_running_loop().create_task(self._tend())

    async def _tend(self) -> None:
        renewed = time.monotonic()
        while True:
            await asyncio.sleep(min(LOOK_SECONDS, self._lease.seconds / 3))
            try:
                if self._lease.lost or time.monotonic() >= renewed + self._lease.seconds / 3:
                    await self._renew()
                    renewed = time.monotonic()
                await self._hear_stops()
            except RefusalError as error:
                debug.error(f"The lease of this process is not renewed: {error}")

    async def _hear_stops(self) -> None:
        for run_id in await asyncio.to_thread(asked_to_stop, self._storage().database, self._lease.worker_id):
            if live := self._live.get(run_id):
                live.cut("stopped")

    async def _renew(self) -> None:
        if not await self._storage().writer.acting(self._lease.renew):
            debug.error("This process did not answer for so long that its runs were taken from it.")
            self.interrupt()
            await self._storage().writer.acting(self._lease.take)

    def _say(self, live: Live, tally: Tally, texts: list[str], text: str) -> bool:
        if self._log.crowded(live):
            return False
        tally.say(text)
        texts.append(text)
        self._log.add(live, [ContentChunk(text)])
        return True

    async def _carry(self, live: Live, message_id: UUID, tally: Tally, answer: Callable[[], AsyncIterator[Batch]]) -> None:
        batches: AsyncIterator[Batch] | None = None
        texts: list[str] = []
        last: list[Wire] = []
        try:
            live.start()
            batches = answer()
            async for batch in batches:
                if isinstance(batch, Tap):
                    batch.open(partial(self._say, live, tally, texts))
                    continue
                chunks = tally.take(batch)
                texts += map(text_of, chunks)
                if tally.finished:  # nothing but the end follows, and the two are stored together
                    last += chunks
                elif chunks:
                    self._log.add(live, chunks)
                    await self._log.room(live)
        except asyncio.CancelledError:
            tally.leave(live.reason)
        # A plug-in may raise anything; whatever it is becomes the answer's last words.
        except Exception as error:  # noqa: BLE001
            last += tally.fail(error)
        live.finish()
        self._metrics.count_attempts(tally.attempts)
        await self._estimates.complete(tally)
        ending = tally.ending(*last)
        end = End(live.owner_id, live.run_id, message_id, tally.state, storable("".join(texts)), tally.attempt_rows(live.run_id))
        stored = self._log.end(live, ending, end)
        if batches is not None:
            await aio.close(batches)
        await stored


def _left_out(fitted: Fitted) -> ParametersChunk:
    left = {"messages": fitted.left_out, "tokens": fitted.left_out_tokens, "window": fitted.window}
    return ParametersChunk({"left_out": left})
