"""The ledger and real answers: whatever becomes of them, it says what the servers say they sent, and budgets hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import select
from uuid_utils.compat import uuid7

from g4f.completion import Provider, complete
from g4f.config import Budget, Settings
from g4f.db.migration import upgrade
from g4f.db.models import UsageEntry, now
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Row, Writer
from g4f.errors import UnavailableError
from g4f.Provider.template.OpenaiTemplate import create_custom_provider
from g4f.providers.base_provider import Batch
from g4f.providers.chunks import text_of
from g4f.providers.retry_provider import IterListProvider
from g4f.providers.wire import Wire
from g4f.services.budgets import Budgets, used
from g4f.services.ledger_audit import audit
from g4f.services.ledger_summary import today
from g4f.services.metrics import Metrics
from g4f.services.prices import Prices
from g4f.services.questions import Begun, Question
from g4f.services.relays import Relays
from g4f.services.runs import Runs
from g4f.services.tally import Asked
from g4f.services.usage import Usage
from g4f.tokens import by_characters
from g4f.typing import Message
from tests.databases import Passing, database_url
from tests.db.factories import chat, id_of, owner
from tests.proofs import proof
from tests.servers.counting import WORD, CountingServer, Sent, Step
from tests.services.admitted import admission

End = Literal["done", "cut", "stopped", "crashed"]
SECONDS = 300
"""How long one schedule may take where others use the machine."""


@dataclass(frozen=True)
class Turn:
    """One question: who refuses it first, how its answer ends, and how often it is asked.

    ``failover`` asks another provider after each refusal, else the same one is asked again. An answer that is ``stopped`` or
    ``crashed`` ends so when all its words were shown. ``times`` is how often the very same question is asked.
    """

    durable: bool
    failover: bool
    refused: int
    end: End
    words: int
    reported: bool
    times: int
    spare: int

    @property
    def longest(self) -> int:
        """How many tokens the answer may have: as many as it has, if nobody counts them but we, or some more."""
        return by_characters(self.words * len(WORD)) + self.spare


@dataclass(frozen=True)
class Schedule:
    """Questions that are asked at once within a budget; each group of rows comes to the storage so many times."""

    turns: list[Turn]
    budget: int
    deliveries: int


TURNS = st.builds(
    Turn, st.booleans(), st.booleans(), st.integers(0, 2), st.sampled_from(["done", "cut", "stopped", "crashed"]), st.integers(1, 12),
    st.booleans(), st.integers(1, 3), st.integers(0, 10),
).map(lambda turn: replace(turn, durable=turn.durable or turn.end == "crashed"))  # fmt: skip
SCHEDULES = st.builds(Schedule, st.lists(TURNS, min_size=1, max_size=8), st.integers(1, 120), st.integers(1, 3))


class Delivering(Writer):
    """A writer that brings every group of rows several times, and whose process may die."""

    deliveries = 1
    dead = False

    def submit(self, rows: Any) -> Any:
        first = super().submit(self._living(rows))
        for _ in range(self.deliveries - 1):
            super().submit(rows)
        return first

    def act(self, do: Any, *, patient: bool = False) -> Any:
        return super().act(self._living(do), patient=patient)

    def acting(self, do: Any, *, patient: bool = False) -> Any:
        return super().acting(self._living(do), patient=patient)

    def _living(self, work: Any) -> Any:
        if self.dead:
            raise UnavailableError("There is no such process any more.")
        return work


class Process:
    """A server's services on a database that outlives them."""

    def __init__(self, database: Database) -> None:
        self.writer = Delivering(database, interval=0)
        self.storage = Storage(database, self.writer)
        self.relays, self.runs = Relays(lambda: self.writer, Metrics()), Runs(lambda: self.storage, Metrics())
        self.runs.open(alone=True)

    async def die(self) -> None:
        """Reach the storage no more, and end."""
        assert await asyncio.to_thread(self.writer.flush, SECONDS)
        self.writer.dead = True
        self.runs.interrupt()
        while self.runs.running:  # noqa: ASYNC110  a test may look again and again
            await asyncio.sleep(0.001)
        self.writer.close()


class Asking(NamedTuple):
    """One question on its way, and what it is asked with."""

    turn: Turn
    asked: Asked
    prompt: str
    provider: Provider


class House:
    """A database, the process on it, and two servers that it asks."""

    def __init__(self, database: Database, server: CountingServer) -> None:
        self.database, self.server = database, server
        self.process = Process(database)
        self.one, self.other = (create_custom_provider(server.base_url, name=name, models=["m"]) for name in ("One", "Other"))

    def ask(self, owner_id: UUID, turn: Turn) -> Asking:
        """Write the script of a question and return it."""
        name = str(uuid7())
        prompt, steps = f"{name} please", [Step(0, "refusal")] * turn.refused
        end: Any = {"stopped": "silence", "crashed": "silence"}.get(turn.end, turn.end)
        self.server.expect(name, [*steps, Step(turn.words, end, turn.reported)])
        provider = IterListProvider([self.other] * turn.refused + [self.one], shuffle=False) if turn.failover else self.one
        return Asking(turn, Asked(owner_id, name, "m", "One", len(prompt), max_tokens=turn.longest), prompt, provider)

    async def play(self, owner_id: UUID, asking: Asking, budgets: Budgets) -> None:
        """Ask, read until all was said, and leave, stop, or wait for the end."""
        admitted = admission(budgets)

        def answer(asked: Asked) -> AsyncIterator[Batch]:
            whole = complete([Message(role="user", content=asking.prompt)], "m", asking.provider)
            return admitted.admit(asked, whole)

        if asking.turn.durable:
            await self._durable(owner_id, asking, lambda _, asked: answer(asked))
        else:
            chunks: Any = self.process.relays.relay(asking.asked, answer(asking.asked))
            await _shown(chunks, asking.turn)
            await chunks.aclose()

    async def _durable(self, owner_id: UUID, asking: Asking, answer: Any) -> None:
        room, name, runs = chat(owner_id), asking.asked.request_id, self.process.runs
        await self.process.writer.acting(lambda connection: connection.execute(room[0].insert().values(room[1])))
        question = Question(owner_id, id_of(room), None, uuid7(), "next", asking.prompt, [], name, "m", "One", key=name, digest=name)
        begun: list[Begun] = await asyncio.gather(*(_told(runs, question, asking, answer) for _ in range(asking.turn.times)))
        assert len({each.run_id for each in begun}) == 1
        events = await runs.follow(owner_id, begun[0].run_id)
        await _shown(_chunks(events), asking.turn)
        if asking.turn.end == "stopped":
            await runs.stop(owner_id, begun[0].run_id)
            async for _ in await runs.follow(owner_id, begun[0].run_id):  # a stop does not wait for ever until its end is stored
                pass

    async def restart(self) -> None:
        """Let the process die and another one begin, and once more."""
        for _ in range(2):
            await self.process.die()
            self.process = Process(self.database)


async def _told(runs: Runs, question: Question, asking: Asking, answer: Any) -> Begun:
    """Ask, and where the storage is slow do as one is told: ask the same question again."""
    while True:
        try:
            return await runs.ask(question, asking.asked, answer)
        except UnavailableError:
            continue


async def _chunks(events: Any) -> AsyncIterator[list[Wire]]:
    async for batch in events:
        yield [event.chunk() for event in batch]


async def _shown(chunks: AsyncIterator[Any], turn: Turn) -> None:
    """Read until the end, or until nothing more comes."""
    characters = 0
    async for batch in chunks:
        characters += sum(len(text_of(chunk)) for chunk in batch)
        if turn.end in ("stopped", "crashed") and characters == turn.words * len(WORD):
            return


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house; afterwards its whole ledger is recounted."""
    with ExitStack() as stack:
        server = stack.enter_context(CountingServer())
        database = stack.enter_context(closing(Passing(database_url(tmp_path_factory.mktemp("house")))))
        upgrade(database)
        played = House(database, server)
        yield played
        played.process.writer.close()
        with database.read() as connection:
            assert audit(connection) == []


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """A loop for all of it."""
    with asyncio.Runner() as runner:
        yield runner


def tokens(sent: Sent) -> tuple[int, int, bool]:
    """Return what a call took of prompt and answer: what the server told, else what can be estimated of what it sent."""
    if sent.told:
        return *sent.told, False
    return (by_characters(sent.prompt) if sent.characters else 0), by_characters(sent.characters), True


async def play(house: House, owner_id: UUID, schedule: Schedule) -> list[Asking]:
    """Ask all questions at once, and return those that were let through."""
    budget = Budget(scope="owner", period="month", tokens=schedule.budget)
    process, settings = house.process, Settings(budgets=(budget,))
    process.writer.deliveries = schedule.deliveries
    budgets = Budgets(settings, lambda: process.storage, Prices(), lambda: process.runs.worker_id)
    askings = [house.ask(owner_id, turn) for turn in schedule.turns]
    async with asyncio.timeout(SECONDS):
        await asyncio.gather(*(house.play(owner_id, asking, budgets) for asking in askings))
        if any(turn.end == "crashed" for turn in schedule.turns):
            await house.restart()
        assert await asyncio.to_thread(house.process.writer.flush, SECONDS)
    return [asking for asking in askings if asking.asked.request_id in house.server.sent]


@proof("schedules of stop, crash, retry, failover, duplicates and concurrent reservation on real servers", 40, 10_000, seconds=7200)
@given(schedule=SCHEDULES)
def test_the_ledger_says_what_the_servers_sent_and_no_budget_is_passed_by_more_than_one_reservation(
    house: House, loop: asyncio.Runner, schedule: Schedule
) -> None:
    house.server.forget()
    person: Row = owner(str(uuid7()))
    house.process.writer.submit([person]).result(SECONDS)
    admitted = loop.run(play(house, id_of(person), schedule))
    sent = sorted(tokens(each) for calls in house.server.sent.values() for each in calls)
    with house.database.read() as connection:
        rows = connection.execute(select(UsageEntry.__table__).where(UsageEntry.owner_id == id_of(person))).all()
        budget = Budget(scope="owner", period="month", tokens=schedule.budget)
        balance = used(connection, budget, id_of(person), now())
    assert sorted((row.prompt_tokens, row.completion_tokens, row.estimated) for row in rows) == sent
    totals = Usage(lambda: house.process.storage).summary(id_of(person), today(), today(), "model").totals
    assert balance == (totals.total_tokens, 0)
    assert totals.total_tokens == sum(prompt + answer for prompt, answer, _ in sent)
    reserved = [by_characters(len(each.prompt)) + each.turn.longest for each in admitted]
    assert balance.spent < schedule.budget + max(reserved)
    assert len(admitted) == len(schedule.turns) or sum(reserved) >= schedule.budget
