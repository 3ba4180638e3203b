"""The ledger: whatever becomes of an answer, each of its attempts is entered once, with what it really used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from g4f.config import ModelPrice
from g4f.db.migration import upgrade
from g4f.db.models import Attempt, Event, UsageEntry
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Row, Writer
from g4f.errors import BudgetSpentError, RateLimitError, UnavailableError
from g4f.providers.response import AttemptFailed, FinishReason, ImagePreview, ImageResponse, ProviderInfo, RawResponse, Usage as Reported
from g4f.providers.wire import ContentChunk, Ending, ProviderCard, ProviderChunk
from g4f.services.lease import Lease
from g4f.services.ledger_audit import audit
from g4f.services.ledger_summary import today
from g4f.services.metrics import Metrics
from g4f.services.prices import Prices
from g4f.services.relays import Relays
from g4f.services.tally import Asked, Tally
from g4f.services.usage import Usage
from tests.databases import database_url
from tests.db.factories import chat, id_of, message, owner, run, table
from tests.playing import playing
from tests.proofs import proof
from tests.services.admitted import read

PROMPT = 40
"""Characters of every question."""


@dataclass(frozen=True)
class Call:
    """One call of a provider: the characters it sends, what it reports in the end, if it gets there."""

    characters: int
    reported: tuple[int, int] | None


@dataclass(frozen=True)
class Schedule:
    """Calls that fail before a word, then one that ends somehow; the rows come to the storage so many times, none is a crash."""

    failed: int
    last: Call
    end: str
    times: int


CALLS = st.builds(Call, st.integers(0, 50), st.none() | st.tuples(st.integers(0, 500), st.integers(0, 500)))
SCHEDULES = st.builds(Schedule, st.integers(0, 3), CALLS, st.sampled_from(["done", "stopped", "failed", "interrupted"]), st.integers(0, 3))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """A database that holds nothing but what these tests write."""
    with closing(Database(database_url(tmp_path_factory.mktemp("books")))) as database:
        upgrade(database)
        with closing(Writer(database, interval=0)) as writer:
            yield Storage(database, writer)


def somebody(books: Storage) -> UUID:
    row = owner(str(uuid7()))
    books.writer.submit([row]).result(10)
    return id_of(row)


def tally(owner_id: UUID, prices: Prices | None = None, **asked: Any) -> Tally:
    return Tally(Asked(owner_id, "r", "m", "P", PROMPT, **asked), prices or Prices())


def played(owner_id: UUID, schedule: Schedule) -> Tally:
    """Return the tally of a run that went by the schedule."""
    kept = tally(owner_id)
    for _ in range(schedule.failed):
        kept.take([ProviderInfo(name="A", model="m")])
        kept.take([AttemptFailed(RateLimitError("Slow down."), "A")])
    kept.take([ProviderInfo(name="B", model="m")])
    kept.take(["x" * schedule.last.characters])
    if schedule.end in ("done", "failed") and schedule.last.reported:
        kept.take([Reported(prompt_tokens=schedule.last.reported[0], completion_tokens=schedule.last.reported[1])])
    match schedule.end:
        case "failed":
            kept.fail(RateLimitError("Slow down."))
        case "stopped" | "interrupted" as state:
            kept.leave(state)
        case _:
            kept.take([FinishReason("stop")])
    kept.ending()
    return kept


def expected(schedule: Schedule) -> tuple[int, int, int]:
    """Return the prompt's and the answer's tokens of a schedule, and how many of them are estimates."""
    if schedule.end in ("done", "failed") and schedule.last.reported:
        return *schedule.last.reported, 0
    shown = schedule.last.characters > 0 or schedule.end == "done"
    prompt, completion = (PROMPT // 4 if shown else 0), -(-schedule.last.characters // 4)
    return prompt, completion, prompt + completion


def settle(books: Storage, rows: list[Row]) -> bool:
    """Enter the rows, and say whether they were."""
    try:
        books.writer.submit(rows).result(10)
    except IntegrityError:
        return False
    return True


def entries(books: Storage, owner_id: UUID) -> list[Any]:
    with books.read() as connection:
        return list(connection.execute(select(UsageEntry.__table__).where(UsageEntry.owner_id == owner_id).order_by(UsageEntry.id)))


@proof("schedules of attempts, stopped, failed, retried, replayed, crashed", 60, 10_000, seconds=3600)
@given(schedules=st.lists(SCHEDULES, min_size=1, max_size=6))
def test_every_attempt_is_entered_once_and_the_sums_are_those_of_the_attempts(books: Storage, schedules: list[Schedule]) -> None:
    owner_id = somebody(books)
    for schedule in schedules:
        rows = played(owner_id, schedule).rows()
        assert [settle(books, rows) for _ in range(schedule.times)] == [True, False, False][: schedule.times]
    kept = [schedule for schedule in schedules if schedule.times]
    summed, totals = Usage(lambda: books).summary(owner_id, today(), today(), "provider")
    assert totals.attempts == sum(schedule.failed + 1 for schedule in kept) == len(entries(books, owner_id))
    counted = [sum(column) for column in zip(*map(expected, kept), strict=True)] or [0, 0, 0]
    assert [totals.prompt_tokens, totals.completion_tokens, totals.estimated_tokens] == counted
    assert totals.errors.get("RateLimitError", 0) == sum(schedule.failed + (schedule.end == "failed") for schedule in kept)
    assert {row.key: row.attempts for row in summed if row.key == "A"} == ({"A": failed} if (failed := sum(s.failed for s in kept)) else {})
    with books.read() as connection:
        assert audit(connection) == []


def test_fifty_who_settle_one_attempt_at_once_enter_it_once(books: Storage) -> None:
    owner_id = somebody(books)
    kept = played(owner_id, Schedule(0, Call(8, None), "done", 1))
    with ThreadPoolExecutor(50) as threads:
        entered = list(threads.map(lambda _: settle(books, kept.rows()), range(50)))
    assert entered.count(True) == 1
    assert len(entries(books, owner_id)) == 1


def test_each_unit_has_its_place(books: Storage) -> None:
    owner_id = somebody(books)
    kept = tally(owner_id, message_id="m1")
    details = {
        "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 1},
    }
    kept.take(
        ["Look:", ImagePreview(["p"], "x"), ImageResponse(["a", "b"], "x"), Reported(prompt_tokens=10, completion_tokens=20, **details)]
    )
    kept.ending()
    assert settle(books, kept.rows())
    [entry] = entries(books, owner_id)
    assert (entry.prompt_tokens, entry.cached_tokens, entry.prompt_audio_tokens) == (10, 3, 2)
    assert (entry.completion_tokens, entry.reasoning_tokens, entry.completion_audio_tokens, entry.images) == (20, 4, 1, 2)
    assert (entry.estimated, entry.message_id) == (False, "m1")


def test_a_price_is_kept_with_what_it_made_and_a_later_one_changes_nothing(books: Storage) -> None:
    owner_id = somebody(books)
    for price in ("2.5", "1000"):
        kept = tally(owner_id, Prices({"m": ModelPrice(input=Decimal(price), output=Decimal(0), currency="EUR")}))
        kept.take([ProviderInfo(name="P", model="m"), Reported(prompt_tokens=100, completion_tokens=7)])
        kept.ending()
        assert settle(books, kept.rows())
    made = [(entry.cost_micros, entry.currency, entry.price_source) for entry in entries(books, owner_id)]
    assert made == [(250, "EUR", "settings"), (100_000, "EUR", "settings")]
    assert Usage(lambda: books).summary(owner_id, today(), today(), "model").totals.costs == {"EUR": 100_250}


def test_an_unknown_price_is_unknown_and_not_nothing(books: Storage) -> None:
    owner_id = somebody(books)
    assert settle(books, played(owner_id, Schedule(0, Call(8, None), "done", 1)).rows())
    assert [(entry.cost_micros, entry.currency) for entry in entries(books, owner_id)] == [(None, None)]
    totals = Usage(lambda: books).summary(owner_id, today(), today(), "model").totals
    assert (totals.unpriced, totals.costs) == (1, {})


def test_a_provider_that_says_better_who_it_is_is_one_attempt(books: Storage) -> None:
    owner_id = somebody(books)
    kept = tally(owner_id)
    kept.take([ProviderInfo(name="P", model="m")])
    kept.take(["Hello"])
    kept.take([ProviderInfo(name="P", model="m-2025")])
    kept.take([" there"])
    kept.ending()
    assert settle(books, kept.rows())
    with books.read() as connection:
        assert connection.scalars(select(Attempt.model).where(Attempt.owner_id == owner_id)).all() == ["m-2025"]


def test_a_call_that_ended_without_a_word_is_an_attempt_of_its_own(books: Storage) -> None:
    owner_id = somebody(books)
    kept = tally(owner_id)
    kept.take([ProviderInfo(name="A", model="m")])
    kept.take([ProviderInfo(name="B", model="m"), "Hello"])
    kept.ending()
    assert settle(books, kept.rows())
    with books.read() as connection:
        outcomes = select(Attempt.provider, Attempt.outcome).where(Attempt.owner_id == owner_id).order_by(Attempt.number)
        assert [tuple(row) for row in connection.execute(outcomes)] == [("A", "failed"), ("B", "done")]
        assert connection.scalar(select(func.sum(UsageEntry.prompt_tokens)).where(UsageEntry.owner_id == owner_id)) == PROMPT // 4


@pytest.mark.parametrize("end", [lambda kept: kept.fail(BudgetSpentError("Spent.")), lambda kept: kept.leave("stopped")])
def test_an_answer_that_ended_in_line_called_nobody(books: Storage, end: Callable[[Tally], None]) -> None:
    owner_id = somebody(books)
    kept = tally(owner_id)
    kept.take([RawResponse(type="message", message="Number 1 in line.", error="InLine")])
    end(kept)
    kept.ending()
    assert settle(books, kept.rows())
    assert entries(books, owner_id) == []


def test_who_has_read_the_ending_of_an_answer_finds_its_entry(books: Storage) -> None:
    owner_id, answer = somebody(books), playing(ProviderInfo(name="P", model="m"), "Hello")
    relays = Relays(lambda: books.writer, Metrics())

    async def read_to_the_ending() -> int:
        async with aclosing(relays.relay(Asked(owner_id, "r", "m", "P", PROMPT), answer.create_batches("m", []))) as chunks:
            while not isinstance(await anext(chunks), Ending):
                pass
            assert await asyncio.to_thread(books.writer.flush, 10)
            return len(entries(books, owner_id))

    assert asyncio.run(read_to_the_ending()) == 1


@pytest.mark.parametrize("fault", [UnavailableError("Full."), RuntimeError("closed")])
def test_an_answer_gets_its_ending_although_its_usage_cannot_be_kept(fault: Exception) -> None:
    def writer() -> Writer:
        raise fault

    answer = playing(ProviderInfo(name="P", model="m"), "Hello").create_batches("m", [])
    assert asyncio.run(read(Relays(writer, Metrics()).relay(Asked(uuid7(), "r", "m", "P", PROMPT), answer))) == "stop"


def test_an_answer_whose_process_died_is_entered_with_what_its_log_holds(books: Storage) -> None:
    owner_id, prices = somebody(books), Prices({"m": ModelPrice(input=Decimal(1), output=Decimal(2))})
    kept = chat(owner_id)
    asked = message(id_of(kept), owner_id, content="x" * PROMPT)
    said = message(id_of(kept), owner_id, parent_id=id_of(asked), role="assistant", content="")
    carried = run(
        owner_id, chat_id=id_of(kept), message_id=id_of(said), kind="durable", state="running", finished_at=None, worker_id=uuid7()
    )  # fmt: skip
    chunks = [ProviderChunk(ProviderCard("A", model="m")), ProviderChunk(ProviderCard("B", model="m")), ContentChunk("y" * 22)]
    events = [
        (table(Event), {"owner_id": owner_id, "run_id": id_of(carried), "number": number, "data": msgspec.json.encode(chunk).decode()})
        for number, chunk in enumerate(chunks, 1)
    ]
    books.writer.submit([kept, asked, said, carried, *events]).result(10)
    books.writer.act(Lease(15, prices).take_over).result(10)
    ended = [(entry.prompt_tokens, entry.completion_tokens, entry.cost_micros, entry.message_id) for entry in entries(books, owner_id)]
    assert ended == [(0, 0, 0, str(id_of(said))), (PROMPT // 4, 6, PROMPT // 4 + 12, str(id_of(said)))]
    assert all(entry.estimated for entry in entries(books, owner_id))
