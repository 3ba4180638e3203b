"""The audit of the ledger: messages and attempts are counted again, and every difference is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from g4f.db.models import Attempt, Message, Run, UsageDay, UsageEntry, now
from g4f.db.session import Database
from g4f.services.ledger_days import DAY_MS, KEY, SUMS, last_closed_day, sums_of
from g4f.services.ledger_summary import day_of

_OF_ATTEMPT = and_(UsageEntry.owner_id == Attempt.owner_id, UsageEntry.attempt_id == Attempt.id)


def verify(database: Database, kept_days: int = 0) -> list[str]:
    """Audit the ledger of a database; raises UnavailableError when the storage is in trouble."""
    # A count of everything takes longer than PostgreSQL gives a request; on SQLite nothing does, and such a connection would write.
    with database.available(), database.connect() if database.path is None else database.read() as connection:
        return audit(connection, kept_days)


def audit(connection: Connection, kept_days: int = 0) -> list[str]:
    """Return a sentence for each difference: none when the ledger is right. ``kept_days`` is how long entries are kept, 0 is for ever."""
    since = (now() // DAY_MS - kept_days) * DAY_MS if kept_days else 0
    return [*_missing(connection), *_doubled(connection), *_repeated(connection), *_uncounted(connection, since), *_misplaced(connection)]


def _missing(connection: Connection) -> Iterator[str]:
    """Name attempts without an entry."""
    lacking = select(Attempt.id, Attempt.run_id, Attempt.provider).where(Attempt.outcome != "running", ~exists().where(_OF_ATTEMPT))
    for attempt in connection.execute(lacking):
        yield f"Attempt {attempt.id} of run {attempt.run_id} ({attempt.provider}) has no entry."


def _doubled(connection: Connection) -> Iterator[str]:
    """Name attempts with several entries, which the table's own key should prevent, and entries without an attempt."""
    several = select(UsageEntry.attempt_id, func.count().label("count")).group_by(UsageEntry.owner_id, UsageEntry.attempt_id)
    for entry in connection.execute(several.having(func.count() > 1)):
        yield f"Attempt {entry.attempt_id} has {entry.count} entries."
    for entry_id in connection.scalars(select(UsageEntry.id).where(~exists().where(_OF_ATTEMPT))):
        yield f"Entry {entry_id} belongs to no attempt."


def _repeated(connection: Connection) -> Iterator[str]:
    """Name attempts of one run that are the same call entered twice: calls of a run follow one another."""
    first, second = aliased(Attempt), aliased(Attempt)
    same = and_(
        first.owner_id == second.owner_id, first.run_id == second.run_id, first.number < second.number,
        first.provider == second.provider, second.started_at < first.finished_at,
    )  # fmt: skip
    for row in connection.execute(select(second.id, second.run_id, first.id.label("first_id")).join(first, same)):
        yield f"Attempt {row.id} of run {row.run_id} repeats attempt {row.first_id}."


def _uncounted(connection: Connection, since: int) -> Iterator[str]:
    """Name answers whose text was written by runs that counted nothing; a provider may say itself that it took no token."""
    run = and_(Run.owner_id == Message.owner_id, Run.chat_id == Message.chat_id, Run.message_id == Message.id, Run.kind == "durable")
    told = case((UsageEntry.estimated, 0), else_=1)
    counted = (
        select(func.coalesce(func.sum(UsageEntry.completion_tokens + UsageEntry.images + told), 0))
        .select_from(Run).join(Attempt, and_(Attempt.owner_id == Run.owner_id, Attempt.run_id == Run.id)).join(UsageEntry, _OF_ATTEMPT)
        .where(run).correlate(Message).scalar_subquery()
    )  # fmt: skip
    written = exists().where(run, Run.state != "running", Run.started_at >= since)
    running = exists().where(run, Run.state == "running")
    silent = select(Message.id).where(Message.role == "assistant", Message.content != "", written, ~running, counted == 0)
    for message_id in connection.scalars(silent):
        yield f"Message {message_id} has text, and the ledger counts no token of it."


def _misplaced(connection: Connection) -> Iterator[str]:
    """Name closed days whose sums are not those of their entries; days whose entries were let go are past checking."""
    closed, oldest = last_closed_day(connection), connection.scalar(select(func.min(UsageEntry.created_at)))
    if oldest is None:
        return
    of_entries = sums_of(UsageEntry.created_at < (closed + 1) * DAY_MS)
    of_days = select(*(getattr(UsageDay, name) for name in (*KEY, *SUMS))).where(UsageDay.day.between(oldest // DAY_MS, closed))
    wrong = _rows(connection, of_entries) ^ _rows(connection, of_days)
    for day in sorted({row[1] for row in wrong}):
        yield f"The sums of {day_of(day)} are not those of its entries."


def _rows(connection: Connection, rows: Any) -> set[tuple[Any, ...]]:
    return {tuple(int(value) if index >= len(KEY) else value for index, value in enumerate(row)) for row in connection.execute(rows)}
