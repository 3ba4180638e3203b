"""What carries a durable run is told of the whole chat, and who follows it is told where it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from g4f.db.storage import Storage
from g4f.errors import UnavailableError
from g4f.providers.base_provider import Batch
from g4f.providers.wire import Ending
from g4f.services.follow import Page, follow
from g4f.services.lease import Lease
from g4f.services.live import Event
from g4f.services.metrics import Metrics
from g4f.services.questions import Begun, Question
from g4f.services.runs import Runs
from g4f.services.tally import Asked
from tests.db import factories


def test_an_answer_is_given_what_is_asked_of_the_whole_chat(storage: Storage, owner_id: UUID) -> None:
    room = factories.chat(owner_id)
    before = factories.message(factories.id_of(room), owner_id, content="What came before.")
    storage.writer.submit([room, before]).result(10)
    told: list[tuple[Begun, Asked]] = []

    async def answer(begun: Begun, asked: Asked) -> AsyncIterator[Batch]:
        told.append((begun, asked))
        yield ["said"]

    async def ask() -> None:
        runs = Runs(lambda: storage, Metrics())
        await asyncio.to_thread(runs.open, alone=True)
        question = Question(owner_id, factories.id_of(room), factories.id_of(before), uuid7(), "next", "And now?", [], "r", "m", "P")
        begun = await runs.ask(question, Asked(owner_id, "r", "m", "P", len("And now?")), answer)
        async for _ in await runs.follow(owner_id, begun.run_id):
            pass

    asyncio.run(ask())
    [(begun, asked)] = told
    assert asked.prompt_characters == len("What came before." + "And now?")
    assert (asked.run_id, asked.message_id, asked.messages) == (begun.run_id, str(begun.message_id), begun.fitted.messages)


def test_a_reader_of_the_log_is_told_which_events_are_the_last(storage: Storage, owner_id: UUID) -> None:
    room = factories.chat(owner_id)
    storage.writer.submit([room]).result(10)

    async def answer(begun: Begun, asked: Asked) -> AsyncIterator[Batch]:
        yield ["said"]

    async def read() -> tuple[list[Sequence[Event]], list[Sequence[Event]]]:
        runs = Runs(lambda: storage, Metrics())
        await asyncio.to_thread(runs.open, alone=True)
        question = Question(owner_id, factories.id_of(room), None, uuid7(), "next", "And now?", [], "r", "m", "P")
        begun = await runs.ask(question, Asked(owner_id, "r", "m", "P", len("And now?")), answer)
        here = [batch async for batch in await runs.follow(owner_id, begun.run_id)]
        first = Page("running", [event for batch in here for event in batch][:1])
        return here, [batch async for batch in follow(storage.database, owner_id, begun.run_id, 0, first)]

    here, elsewhere = asyncio.run(read())
    assert [event.number for batch in here for event in batch] == [event.number for batch in elsewhere for event in batch]
    assert [batch.__class__ is Ending for batch in here] == [False] * (len(here) - 1) + [True]
    assert [batch.__class__ is Ending for batch in elsewhere] == [False, True]


def test_what_is_refused_under_a_lease_before_does_not_lose_this_one(storage: Storage) -> None:
    lease = Lease(seconds=15)
    storage.writer.act(lease.take).result(10)
    before = lease.worker_id
    storage.writer.act(lease.take).result(10)
    with pytest.raises(UnavailableError):
        storage.writer.act(lambda connection: lease.check(connection, before)).result(10)
    assert not lease.lost
