"""Budgets: how much may be used in a day or a month, and what is held back of them while answers are written.

A request is let through while what was used and what is held back together are less than the budget, so that it is passed by
no more than one reservation. A reservation holds until its run has ended, which is in the transaction that enters what was used,
or until the worker that carries the run is gone.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, delete, exists, func, insert, select

from g4f.config import Budget, Settings
from g4f.db.models import Attempt, Moment, Reservation, Run, UsageDay, UsageEntry, Worker, now
from g4f.db.storage import Storage
from g4f.errors import BudgetSpentError
from g4f.services.ledger_days import DAY_MS, alone, last_closed_day
from g4f.services.prices import Counts, Price, Prices
from g4f.services.tally import Asked
from g4f.tokens import by_characters


class Period(NamedTuple):
    """Be the day or month that a moment lies in: its first day, counted from 1970-01-01 UTC, and when the next one begins."""

    first_day: int
    end: datetime

    @classmethod
    def of(cls, budget: Budget, moment: Moment) -> Period:
        """Return the period of a budget that a moment lies in."""
        today = datetime.fromtimestamp(moment / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first = today if budget.period == "day" else today.replace(day=1)
        end = first + timedelta(days=1) if budget.period == "day" else (first + timedelta(days=32)).replace(day=1)
        return cls(int(first.timestamp() * 1000) // DAY_MS, end)


class BudgetState(Struct, frozen=True):
    """Be what is left of a budget: ``spent`` and ``reserved``, for answers that are being written, of ``limit``.

    All three are tokens, or millionths of ``currency`` where there is one. It begins anew at ``ends_at``. ``warned`` says that the
    share is reached from which on people are warned.
    """

    scope: Literal["owner", "model"]
    period: Literal["day", "month"]
    model: str
    currency: str | None
    limit: int
    spent: int
    reserved: int
    warned: bool
    ends_at: Moment


class Warned(NamedTuple):
    """Be what the reader of an answer should know of a budget, in words and in values."""

    message: str
    values: dict[str, Any]


class Amount(NamedTuple):
    """Be how much of a budget is used, and how much is held back."""

    spent: int
    held: int

    @property
    def whole(self) -> int:
        """Return both together."""
        return self.spent + self.held


class Budgets:
    """Hold back what an answer may use, and refuse one for which nothing is left.

    ``worker_id`` tells under which lease this process carries runs.
    """

    def __init__(self, settings: Settings, storage: Callable[[], Storage], prices: Prices, worker_id: Callable[[], UUID]) -> None:
        self._budgets, self._reserved_tokens = settings.budgets, settings.reserved_tokens
        self._storage, self._prices, self._worker_id = storage, prices, worker_id

    def __bool__(self) -> bool:
        return bool(self._budgets)

    def applying(self, asked: Asked) -> list[Budget]:
        """Return the budgets that an answer counts in; one of no named model may be of any."""
        return [budget for budget in self._budgets if not budget.model or asked.model in ("", budget.model)]

    def states(self, owner_id: UUID) -> list[BudgetState]:
        """Return what is left of each budget that counts for somebody; raises UnavailableError."""
        if not self._budgets:
            return []
        moment = now()
        with self._storage().read() as connection:
            return [_state(budget, used(connection, budget, owner_id, moment), moment) for budget in self._budgets]

    async def check(self, asked: Asked) -> None:
        """Raise BudgetSpentError when nothing is left for an answer; nothing is held back."""
        if budgets := self.applying(asked):
            await asyncio.to_thread(self._check, budgets, asked)

    async def reserve(self, asked: Asked) -> list[Warned]:
        """Hold back what an answer may use, and return what its reader should be warned of; raises BudgetSpentError."""
        if not (budgets := self.applying(asked)):
            return []
        price = None
        if any(budget.cost_micros for budget in budgets):
            price = await asyncio.to_thread(self._prices.find, asked.provider, asked.model, now())
        row = self._row(asked, price)
        return await self._storage().writer.acting(lambda connection: _reserve(connection, budgets, row))

    def _check(self, budgets: Sequence[Budget], asked: Asked) -> None:
        with self._storage().read() as connection:
            list(_looked_at(connection, budgets, asked.owner_id))

    def _row(self, asked: Asked, price: Price | None) -> dict[str, Any]:
        prompt = by_characters(asked.prompt_characters)
        completion = asked.max_tokens or self._reserved_tokens
        cost = price.cost_micros(Counts(prompt, completion)) if price else None
        return {
            "owner_id": asked.owner_id, "run_id": asked.run_id, "worker_id": self._worker_id(), "model": asked.model,
            "tokens": prompt + completion, "cost_micros": cost or 0, "currency": price.currency if price else None, "created_at": now(),
        }  # fmt: skip


def used(connection: Connection, budget: Budget, owner_id: UUID, moment: Moment) -> Amount:
    """Return how much of a budget is used and held back now: one statement, which sees each answer on one side only."""
    first, closed = Period.of(budget, moment).first_day, last_closed_day(connection)
    since = max(first, closed + 1) * DAY_MS
    amounts = [_of_days(budget, owner_id, first, closed), _of_entries(budget, owner_id, since), _held(budget, owner_id)]
    days, entries, held = connection.execute(select(*(amount.scalar_subquery() for amount in amounts))).one()
    return Amount(int(days or 0) + int(entries or 0), int(held or 0))


def _reserve(connection: Connection, budgets: Sequence[Budget], row: dict[str, Any]) -> list[Warned]:
    alone(connection)
    connection.execute(delete(Reservation).where(~_is_open()))
    warnings = [warning for warning in _looked_at(connection, budgets, row["owner_id"]) if warning]
    connection.execute(insert(Reservation), row)
    return warnings


def _looked_at(connection: Connection, budgets: Sequence[Budget], owner_id: UUID) -> Iterator[Warned | None]:
    """Yield a warning or None for each budget; raises BudgetSpentError for one that is spent."""
    moment = now()
    for budget in budgets:
        amount, limit = used(connection, budget, owner_id, moment).whole, _limit(budget)
        if amount >= limit:
            raise _spent(budget, moment)
        yield _warning(budget, amount / limit, moment) if amount >= budget.warn * limit else None


def _state(budget: Budget, amount: Amount, moment: Moment) -> BudgetState:
    named = (budget.scope, budget.period, budget.model, None if budget.tokens else budget.currency, _limit(budget))
    return BudgetState(*named, amount.spent, amount.held, amount.whole >= budget.warn * _limit(budget), _end(budget, moment))


def _limit(budget: Budget) -> int:
    return budget.tokens or budget.cost_micros or 0


def _end(budget: Budget, moment: Moment) -> Moment:
    return int(Period.of(budget, moment).end.timestamp() * 1000)


def _of_days(budget: Budget, owner_id: UUID, first: int, closed: int) -> Select[Any]:
    amount = UsageDay.prompt_tokens + UsageDay.completion_tokens if budget.tokens else UsageDay.cost_micros
    conditions = _conditions(budget, owner_id, UsageDay.owner_id, UsageDay.model, UsageDay.currency)
    return select(func.sum(amount)).where(UsageDay.day.between(first, closed), *conditions)


def _of_entries(budget: Budget, owner_id: UUID, since: Moment) -> Select[Any]:
    amount = UsageEntry.prompt_tokens + UsageEntry.completion_tokens if budget.tokens else UsageEntry.cost_micros
    conditions = _conditions(budget, owner_id, UsageEntry.owner_id, Attempt.model, UsageEntry.currency)
    entry = (Attempt.owner_id == UsageEntry.owner_id) & (Attempt.id == UsageEntry.attempt_id)
    counted = select(func.sum(amount)).select_from(UsageEntry).join(Attempt, entry)
    return counted.where(UsageEntry.created_at >= since, *conditions)


def _held(budget: Budget, owner_id: UUID) -> Select[Any]:
    amount = Reservation.tokens if budget.tokens else Reservation.cost_micros
    mine = [Reservation.owner_id == owner_id] if budget.scope == "owner" else []
    model = [Reservation.model.in_(("", budget.model))] if budget.model else []
    currency = [] if budget.tokens else [Reservation.currency == budget.currency]
    return select(func.sum(amount)).where(_is_open(), *mine, *model, *currency)


def _conditions(budget: Budget, owner_id: UUID, owner: Any, model: Any, currency: Any) -> list[ColumnElement[bool]]:
    mine = [owner == owner_id] if budget.scope == "owner" else []
    named = [model == budget.model] if budget.model else []
    return [*mine, *named, *([] if budget.tokens else [currency == budget.currency])]


def _is_open() -> ColumnElement[bool]:
    """Return whether a reservation still holds."""
    ended = (Run.owner_id == Reservation.owner_id) & (Run.id == Reservation.run_id) & (Run.state != "running")
    return Reservation.worker_id.in_(select(Worker.id)) & ~exists().where(ended)


def _spent(budget: Budget, moment: Moment) -> BudgetSpentError:
    seconds = max(1, math.ceil((_end(budget, moment) - moment) / 1000))
    message = f"{_name(budget)} is spent. {_anew(budget, moment)}"
    return BudgetSpentError(message, headers=[("Retry-After", str(seconds))], values=_values(budget, moment))


def _warning(budget: Budget, share: float, moment: Moment) -> Warned:
    message = f"{share:.0%} of it is used: {_name(budget)}. {_anew(budget, moment)}"
    return Warned(message, {**_values(budget, moment), "percent": round(100 * share)})


def _values(budget: Budget, moment: Moment) -> dict[str, Any]:
    currency = None if budget.tokens else budget.currency
    named = {"period": budget.period, "model": budget.model, "limit": _limit(budget), "currency": currency}
    return {**named, "ends_at": _end(budget, moment)}


def _name(budget: Budget) -> str:
    amount = f"{budget.tokens:,} tokens" if budget.tokens else f"{(budget.cost_micros or 0) / 1e6:,.2f} {budget.currency}"
    return f"The budget of {amount} a {budget.period}{f' for {budget.model}' if budget.model else ''}"


def _anew(budget: Budget, moment: Moment) -> str:
    return f"It begins anew on {Period.of(budget, moment).end:%Y-%m-%d at %H:%M} UTC."
