"""The closed days of the ledger: sums that are made once and read instead of their entries, which may go after a while."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, exists, func, insert, literal_column, select, tuple_

from g4f.db.models import Attempt, Run, UsageClaim, UsageDay, UsageEntry, now
from g4f.db.storage import Storage

HOUR_MS = 3600 * 1000
DAY_MS = 24 * HOUR_MS
PATIENCE_MS = HOUR_MS
"""How long after its end a day is closed: a storage in trouble may take entries late."""
CLOSED_AGAIN = 7
"""So many closed days are summed anew each time, for the same reason."""
PRUNED_TOGETHER = 1_000
"""How many attempts one transaction deletes for good: it must end soon, for everybody's writes wait for it."""

KEY = ("owner_id", "day", "provider", "model", "error_name", "currency", "estimated")
SUMS = (
    "attempts", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens", "prompt_audio_tokens",
    "completion_audio_tokens", "images", "cost_micros", "first_tokens", "first_token_ms", "longest_first_token_ms",
)  # fmt: skip
UNITS = SUMS[1:8]

CLOSED_TOGETHER = 7
"""How many days one transaction closes: it must end soon, too, and on a busy PostgreSQL a month of a busy server takes too long."""
_LOCK_NUMBER = 0x673467  # any number, as long as every release takes the same
_LAST_CLOSED = select(func.max(UsageDay.day))


def last_closed_day(connection: Connection) -> int:
    """Return the newest closed day, -1 without one; everything up to it is in ``usage_days``, the rest in the entries alone.

    It is asked for first and then given to statements, for a database plans them far better that know where to begin.
    """
    return connection.scalar(_LAST_CLOSED) or -1


def rows_of(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return entries in the form of ``usage_days``, a row for each."""
    wait = Attempt.first_token_at - Attempt.started_at
    waited = func.coalesce(wait, 0)
    key = (
        UsageEntry.owner_id, UsageEntry.created_at // DAY_MS, Attempt.provider, func.coalesce(Attempt.model, ""),
        func.coalesce(Attempt.error_name, ""), func.coalesce(UsageEntry.currency, ""), UsageEntry.estimated,
    )  # fmt: skip
    counted = case((wait.is_not(None), 1), else_=0)
    sums = (
        literal_column("1"),
        *(getattr(UsageEntry, name) for name in UNITS),
        func.coalesce(UsageEntry.cost_micros, 0),
        counted,
        waited,
        waited,
    )
    columns = [value.label(name) for name, value in zip((*KEY, *SUMS), (*key, *sums), strict=True)]
    attempt = and_(Attempt.owner_id == UsageEntry.owner_id, Attempt.id == UsageEntry.attempt_id)
    return select(*columns).select_from(UsageEntry).join(Attempt, attempt).where(*conditions)


def sums_of(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the rows of ``usage_days`` that entries amount to."""
    row = rows_of(*conditions).subquery().c
    key = [row[name] for name in KEY]
    return select(*key, *(func.sum(row[name]) for name in SUMS[:-1]), func.max(row[SUMS[-1]])).group_by(*key)


def close_days(storage: Storage) -> None:
    """Sum up the days that are over, some in each transaction."""
    last = (now() - PATIENCE_MS) // DAY_MS - 1
    with storage.read() as connection:
        closed, oldest = last_closed_day(connection), connection.scalar(select(func.min(UsageEntry.created_at)))
    if oldest is None:
        return
    first = max(closed + 1 - CLOSED_AGAIN, oldest // DAY_MS)
    for start in range(first, last + 1, CLOSED_TOGETHER):
        end = min(start + CLOSED_TOGETHER, last + 1)
        storage.write(lambda connection, start=start, end=end: _close(connection, start, end))  # type: ignore[misc]  # mypy cannot infer it


def prune(storage: Storage, days: int) -> None:
    """Delete what is older than some days and closed for good: entries, their attempts and relayed runs, and claims."""
    with storage.read() as connection:
        closed = last_closed_day(connection)
    before = min(now() // DAY_MS - days, closed + 1 - CLOSED_AGAIN) * DAY_MS
    while storage.write(lambda connection: _prune(connection, before)):
        pass


def alone(connection: Connection) -> None:
    """Keep other processes from counting the ledger until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK_NUMBER)))


def _close(connection: Connection, first: int, end: int) -> None:
    alone(connection)
    connection.execute(delete(UsageDay).where(UsageDay.day >= first, UsageDay.day < end))
    entries = sums_of(UsageEntry.created_at >= first * DAY_MS, UsageEntry.created_at < end * DAY_MS)
    connection.execute(insert(UsageDay).from_select([*KEY, *SUMS], entries))


def _prune(connection: Connection, before: int) -> int:
    old = select(UsageEntry.owner_id, UsageEntry.attempt_id).where(UsageEntry.created_at < before).limit(PRUNED_TOGETHER)
    attempts = [tuple(row) for row in connection.execute(old)]
    if attempts:
        these = tuple_(Attempt.owner_id, Attempt.id).in_(attempts)
        runs = [tuple(row) for row in connection.execute(select(Attempt.owner_id, Attempt.run_id).where(these).distinct())]
        connection.execute(delete(UsageEntry).where(tuple_(UsageEntry.owner_id, UsageEntry.attempt_id).in_(attempts)))
        connection.execute(delete(Attempt).where(these))
        left = exists().where(Attempt.owner_id == Run.owner_id, Attempt.run_id == Run.id)
        connection.execute(delete(Run).where(tuple_(Run.owner_id, Run.id).in_(runs), Run.kind == "relayed", ~left))
    connection.execute(delete(UsageClaim).where(UsageClaim.created_at < before))
    return len(attempts)
