"""Budgets: who is let through, what is held back meanwhile, and when it is given back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select
from uuid_utils.compat import uuid7

from g4f.config import Budget, ModelPrice, Settings
from g4f.db.migration import upgrade
from g4f.db.models import Reservation, UsageEntry, Worker, now
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.errors import BudgetSpentError
from g4f.providers.response import ProviderInfo, Usage as Reported
from g4f.services.budgets import Budgets, Period
from g4f.services.metrics import Metrics
from g4f.services.prices import Prices
from g4f.services.relays import Relays
from g4f.services.tally import Asked, Tally
from tests.databases import database_url
from tests.db.factories import id_of, owner, run
from tests.playing import playing
from tests.services.admitted import admission, read

LIMIT = 1_000


@pytest.fixture
def worker_id(storage: Storage) -> Iterator[UUID]:
    """A process that lives while the test does."""
    lease = uuid7()
    storage.writer.act(lambda connection: connection.execute(insert(Worker).values(id=lease, lease_until=now()))).result(10)
    yield lease
    storage.writer.act(lambda connection: connection.execute(delete(Worker).where(Worker.id == lease))).result(10)


def budgets(storage: Storage, worker_id: UUID, *which: Budget, prices: Prices | None = None) -> Budgets:
    return Budgets(Settings(budgets=which, reserved_tokens=100), lambda: storage, prices or Prices(), lambda: worker_id)


def asked(owner_id: UUID, model: str = "m", **values: Any) -> Asked:
    return Asked(owner_id, "r", model, "P", 40, **values)


def monthly(**values: Any) -> Budget:
    return Budget(**{"scope": "owner", "period": "month", "tokens": LIMIT, **values})


def spend(storage: Storage, question: Asked, prompt: int, completion: int, prices: Prices | None = None) -> None:
    """Settle an answer."""
    kept = Tally(question, prices or Prices())
    kept.take([ProviderInfo(name="P", model=question.model), Reported(prompt_tokens=prompt, completion_tokens=completion)])
    kept.ending()
    storage.writer.submit(kept.rows()).result(10)


def held(storage: Storage, owner_id: UUID) -> int:
    with storage.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(Reservation).where(Reservation.owner_id == owner_id)) or 0)


def test_without_a_budget_nothing_is_held_back(storage: Storage, owner_id: UUID, worker_id: UUID) -> None:
    other = Budget(scope="model", period="day", model="another", tokens=1)
    assert asyncio.run(budgets(storage, worker_id, other).reserve(asked(owner_id))) == []
    assert held(storage, owner_id) == 0


def test_a_spent_budget_refuses_and_says_when_it_begins_anew(storage: Storage, owner_id: UUID, worker_id: UUID) -> None:
    spend(storage, asked(owner_id), 400, 600)
    for method in (Budgets.check, Budgets.reserve):
        with pytest.raises(
            BudgetSpentError, match=r"1,000 tokens a month is spent\. It begins anew on \d{4}-\d\d-01 at 00:00 UTC"
        ) as refusal:
            asyncio.run(method(budgets(storage, worker_id, monthly()), asked(owner_id)))
        [(_, seconds)] = refusal.value.headers
        assert 0 < int(seconds) <= 31 * 24 * 3600
    assert held(storage, owner_id) == 0


def test_what_is_nearly_spent_warns_first(storage: Storage, owner_id: UUID, worker_id: UUID) -> None:
    spend(storage, asked(owner_id), 400, 410)
    [warning] = asyncio.run(budgets(storage, worker_id, monthly()).reserve(asked(owner_id)))
    assert warning.values["percent"] == 81
    assert warning.message.startswith("81% of it is used: The budget of 1,000 tokens a month.")
    assert asyncio.run(budgets(storage, worker_id, monthly(warn=0.99)).reserve(asked(owner_id))) == []


def test_an_answer_on_its_way_counts_until_it_is_settled(storage: Storage, owner_id: UUID, worker_id: UUID) -> None:
    small, question = budgets(storage, worker_id, monthly(tokens=110)), asked(owner_id)
    asyncio.run(small.reserve(question))  # 10 tokens of prompt and 100 of an answer
    with pytest.raises(BudgetSpentError):
        asyncio.run(small.reserve(asked(owner_id)))
    spend(storage, question, 10, 5)
    asyncio.run(small.reserve(asked(owner_id)))
    assert held(storage, owner_id) == 1


def test_a_reservation_ends_with_the_process_that_made_it(storage: Storage, owner_id: UUID, worker_id: UUID) -> None:
    gone = budgets(storage, uuid7(), monthly(tokens=50))
    asyncio.run(gone.reserve(asked(owner_id)))
    asyncio.run(budgets(storage, worker_id, monthly(tokens=50)).reserve(asked(owner_id)))


@pytest.mark.parametrize("state", ["interrupted", "stopped", "failed", "done"])
def test_a_reservation_ends_with_its_run_however_it_ends(storage: Storage, owner_id: UUID, worker_id: UUID, state: str) -> None:
    small, question = budgets(storage, worker_id, monthly(tokens=50)), asked(owner_id)
    asyncio.run(small.reserve(question))
    storage.writer.submit([run(owner_id, id=question.run_id, state=state)]).result(10)
    asyncio.run(small.reserve(asked(owner_id)))


def test_a_longer_answer_may_be_asked_for_and_is_held_back(storage: Storage, owner_id: UUID, worker_id: UUID) -> None:
    small = budgets(storage, worker_id, monthly(tokens=600))
    asyncio.run(small.reserve(asked(owner_id, max_tokens=590)))
    with pytest.raises(BudgetSpentError):
        asyncio.run(small.reserve(asked(owner_id)))


def test_a_budget_of_a_model_is_everybodys_and_no_other_models(storage: Storage, owner_id: UUID, other_id: UUID, worker_id: UUID) -> None:
    model = str(uuid7())
    shared = budgets(storage, worker_id, Budget(scope="model", period="day", model=model, tokens=50))
    spend(storage, asked(owner_id, model), 50, 50)
    with pytest.raises(BudgetSpentError, match=f"a day for {model}"):
        asyncio.run(shared.reserve(asked(other_id, model)))
    with pytest.raises(BudgetSpentError):
        asyncio.run(shared.reserve(asked(other_id, "")))  # it may turn out to be this model
    asyncio.run(shared.reserve(asked(other_id, "m")))


def test_money_is_counted_in_its_own_currency(storage: Storage, owner_id: UUID, worker_id: UUID) -> None:
    prices = Prices({"m": ModelPrice(input=Decimal(10), output=Decimal(10), currency="EUR")})
    spend(storage, asked(owner_id), 10, 10, prices)  # 200 millionths
    in_euros, in_dollars = (monthly(tokens=None, cost_micros=200, currency=currency) for currency in ("EUR", "USD"))
    with pytest.raises(BudgetSpentError, match=r"0\.00 EUR a month"):
        asyncio.run(budgets(storage, worker_id, in_euros, prices=prices).reserve(asked(owner_id)))
    asyncio.run(budgets(storage, worker_id, in_dollars, prices=prices).reserve(asked(owner_id)))


def test_what_others_used_is_not_mine(storage: Storage, owner_id: UUID, other_id: UUID, worker_id: UUID) -> None:
    spend(storage, asked(other_id), LIMIT, LIMIT)
    assert asyncio.run(budgets(storage, worker_id, monthly()).reserve(asked(owner_id))) == []


@pytest.mark.parametrize(
    ("period", "moment", "first", "end"),
    [
        ("day", "2025-11-20T23:59:59", "2025-11-20", "2025-11-21"),
        ("month", "2025-11-20T12:00:00", "2025-11-01", "2025-12-01"),
        ("month", "2025-12-31T23:59:59", "2025-12-01", "2026-01-01"),
        ("month", "2024-02-29T00:00:00", "2024-02-01", "2024-03-01"),
    ],
)
def test_periods_are_days_and_months_of_utc(period: str, moment: str, first: str, end: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = Period.of(monthly(period=period), int(at.timestamp() * 1000))
    assert datetime.fromtimestamp(found.first_day * 24 * 3600, UTC).date().isoformat() == first
    assert found.end == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_fifty_at_once_pass_a_budget_by_no_more_than_one_reservation(storage: Storage, owner_id: UUID, worker_id: UUID) -> None:
    """Each answer uses all that was held back for it, 110 tokens: nine leave room for a tenth, which is the last."""
    admitted = admission(budgets(storage, worker_id, monthly(tokens=LIMIT)))
    relays = Relays(lambda: storage.writer, Metrics())
    answer = playing(ProviderInfo(name="P", model="m"), "x", Reported(prompt_tokens=10, completion_tokens=100))

    async def ask() -> str:
        question = asked(owner_id)
        return await read(relays.relay(question, admitted.admit(question, answer.create_batches("m", []))))

    async def ask_all() -> list[str]:
        return list(await asyncio.gather(*(ask() for _ in range(50))))

    ends = asyncio.run(ask_all())
    assert storage.writer.flush(10)
    with storage.read() as connection:
        tokens = select(func.sum(UsageEntry.prompt_tokens + UsageEntry.completion_tokens)).where(UsageEntry.owner_id == owner_id)
        used = int(connection.scalar(tokens) or 0)
    assert LIMIT <= used < LIMIT + 110
    assert (ends.count("stop"), ends.count("error")) == (10, 40)


def test_two_processes_share_one_budget(tmp_path: Any) -> None:
    """Two writers on one database, as two processes have them; on SQLite they take the lock in turn."""
    address = database_url(tmp_path)
    with closing(Database(address)) as one, closing(Database(address)) as two:
        upgrade(one)
        me, lease = owner("me"), uuid7()
        with closing(Writer(one)) as first, closing(Writer(two)) as second:
            first.submit([me]).result(10)
            first.act(lambda connection: connection.execute(insert(Worker).values(id=lease, lease_until=now()))).result(10)
            both = [budgets(Storage(one, first), lease, monthly()), budgets(Storage(two, second), lease, monthly())]

            async def reserve(number: int) -> bool:
                try:
                    await both[number % 2].reserve(asked(id_of(me)))
                except BudgetSpentError:
                    return False
                return True

            async def reserve_all() -> list[bool]:
                return list(await asyncio.gather(*map(reserve, range(50))))

            assert asyncio.run(reserve_all()).count(True) == 10
