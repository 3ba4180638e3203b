"""Usage: what answers used, as gpt4free's pages and our own read it; and what clients claim about it, which counts nowhere."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, Select, and_, select
from sqlalchemy.exc import SQLAlchemyError
from uuid_utils.compat import uuid7

from g4f import debug
from g4f.db.models import Attempt, Owner, Run, UsageClaim, UsageEntry, now
from g4f.db.session import in_one_line
from g4f.db.storage import Storage, insert_unless, storable
from g4f.errors import G4FError, NotFoundError, PayloadTooLargeError
from g4f.services.client_log import keep_newest
from g4f.services.ledger_audit import verify
from g4f.services.ledger_days import DAY_MS, close_days, prune
from g4f.services.ledger_parts import Parts
from g4f.services.ledger_summary import By, SummaryRow, Summed, number_of, summarise, today

T = TypeVar("T")
DAY_SECONDS = 24 * 3600
NIGHT_SECONDS = 2 * 3600
"""The time of day, in UTC, at which the ledger is tended: the day before is over by then, and closed."""
CLAIM_BYTES = 16 * 1024
"""The longest claim that is kept."""
CLAIMS = 100_000
"""How many claims of one owner are kept; the oldest go first."""
_MAPS: tuple[By, ...] = ("model", "provider", "user")


class Sums(Struct, frozen=True):
    """Be sums in gpt4free's names; ``saved_tokens`` came from a provider's cache and are part of ``prompt_tokens``."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    saved_tokens: int
    total_tokens: int


class DaySums(Sums, frozen=True, kw_only=True):
    """Be the sums of one day."""

    date: str


class Stats(Struct, frozen=True):
    """Be the statistics of gpt4free's page: days in order, all else the largest first."""

    days: list[DaySums]
    models: dict[str, Sums]
    providers: dict[str, Sums]
    users: dict[str, Sums]
    totals: Sums


class Usage:
    """Read the ledger, and keep what clients claim apart from it; ``kept_days`` is how long entries are kept, 0 is for ever.

    Every method raises UnavailableError when the storage is in trouble, and those that write StorageFullError.
    """

    def __init__(self, storage: Callable[[], Storage], kept_days: int = 0) -> None:
        self._storage, self._kept_days, self._parts = storage, kept_days, Parts()

    def claim(self, owner_id: UUID, claim: dict[str, Any]) -> None:
        """Keep what a client says an answer used, once for each message it names; raises PayloadTooLargeError."""
        data = msgspec.json.encode(claim)
        if len(data) > CLAIM_BYTES:
            raise PayloadTooLargeError(f"What is said of one answer's usage may be {CLAIM_BYTES} bytes long.")
        names = (str(claim[name]) for name in ("message_id", "id") if type(claim.get(name)) in (str, int))
        named = next(filter(None, names), None)
        message_id = named and storable(named)[:255]
        row = {"owner_id": owner_id, "id": uuid7(), "message_id": message_id, "data": data.decode(), "created_at": now()}
        self._storage().write(lambda connection: _keep_claim(connection, row))

    def day(self, owner_id: UUID, day: date) -> list[dict[str, Any]]:
        """Return a day's entries in gpt4free's names, then the claims about answers that have none; raises NotFoundError."""
        start = number_of(day) * DAY_MS
        with self._storage().read() as connection:
            name = connection.scalar(select(Owner.name).where(Owner.id == owner_id))
            entries = connection.execute(_entries(owner_id, start)).all()
            claims = connection.execute(_claims(owner_id, start)).all()
        lines = [*(_line(name or "", entry) for entry in entries), *(_claimed(name or "", data) for (data,) in claims)]
        if not lines:
            raise NotFoundError("No usage data found for this date")
        return lines

    def stats(self, owner_id: UUID | None, days: int) -> Stats:
        """Return the sums of the last days, today's included, of one owner or of all."""
        last = today()
        first = last - timedelta(days=days - 1)
        with self._storage().read() as connection:
            days_of, *others = [summarise(connection, self._parts, owner_id, first, last, by).rows for by in ("day", *_MAPS)]
        by_day = [DaySums(**_sums([row]), date=row.key) for row in days_of]
        models, providers, users = ({row.key: Sums(**_sums([row])) for row in rows} for rows in others)
        return Stats(by_day, models, providers, users, Sums(**_sums(days_of)))

    def summary(self, owner_id: UUID | None, first: date, last: date, by: By) -> Summed:
        """Return the sums of the days from ``first`` to ``last``, of one owner or of all."""
        with self._storage().read() as connection:
            return summarise(connection, self._parts, owner_id, first, last, by)

    def owner_of(self, name: str) -> UUID | None:
        """Return the owner of a name, None if there is none."""
        with self._storage().read() as connection:
            return connection.scalar(select(Owner.id).where(Owner.name == storable(name)))

    def verify(self) -> list[str]:
        """Recount the ledger and return a sentence for each difference."""
        return verify(self._storage().database, self._kept_days)

    def tend(self) -> list[str]:
        """Recount the ledger, close the days that are over and let old entries go; return the differences found."""
        differences = self.verify()
        close_days(self._storage())
        if self._kept_days:
            prune(self._storage(), self._kept_days)
        return differences

    async def tend_nightly(self) -> None:
        """Close the days that are over, then tend the ledger every night and log what is wrong; it ends when it is cancelled."""
        await self._logged(lambda: close_days(self._storage()))
        while True:
            await asyncio.sleep((NIGHT_SECONDS - time.time()) % DAY_SECONDS)
            for difference in await self._logged(self.tend) or ():
                debug.error(f"The ledger is not right. {difference}")

    async def _logged(self, do: Callable[[], T]) -> T | None:
        try:
            return await asyncio.to_thread(do)
        except (G4FError, SQLAlchemyError) as error:  # tomorrow's turn must come, whatever is wrong today
            debug.error(f"The ledger is not tended today: {in_one_line(error)}")
            return None


def _keep_claim(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert_unless(connection, UsageClaim).values(row).on_conflict_do_nothing())
    keep_newest(connection, UsageClaim, row["owner_id"], CLAIMS)


def _entries(owner_id: UUID, start: int) -> Select[Any]:
    attempt = and_(Attempt.owner_id == UsageEntry.owner_id, Attempt.id == UsageEntry.attempt_id)
    run = and_(Run.owner_id == Attempt.owner_id, Run.id == Attempt.run_id)
    columns = (Attempt.provider, Attempt.model, Attempt.outcome, Attempt.error_name, Attempt.number, Run.request_id)
    entries = select(*UsageEntry.__table__.c, *columns).join(Attempt, attempt).join(Run, run)
    of_day = (UsageEntry.owner_id == owner_id, UsageEntry.created_at >= start, UsageEntry.created_at < start + DAY_MS)
    return entries.where(*of_day).order_by(UsageEntry.created_at, UsageEntry.id)


def _claims(owner_id: UUID, start: int) -> Select[Any]:
    """Select the claims of a day about messages that have no entry, of that day or one beside it."""
    near = UsageEntry.created_at.between(start - DAY_MS, start + 2 * DAY_MS)
    entered = select(UsageEntry.message_id).where(UsageEntry.owner_id == owner_id, near, UsageEntry.message_id.is_not(None))
    mine = (UsageClaim.owner_id == owner_id, UsageClaim.created_at >= start, UsageClaim.created_at < start + DAY_MS)
    unknown = UsageClaim.message_id.is_(None) | UsageClaim.message_id.not_in(entered)
    return select(UsageClaim.data).where(*mine, unknown).order_by(UsageClaim.created_at, UsageClaim.id)


def _line(user: str, entry: Row[Any]) -> dict[str, Any]:
    return {
        "user": user, "source": "server", "created": entry.created_at, "id": entry.message_id, "request_id": entry.request_id,
        "provider": entry.provider, "model": entry.model, "attempt": entry.number, "outcome": entry.outcome, "error": entry.error_name,
        "prompt_tokens": entry.prompt_tokens, "completion_tokens": entry.completion_tokens,
        "total_tokens": entry.prompt_tokens + entry.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": entry.cached_tokens, "audio_tokens": entry.prompt_audio_tokens},
        "completion_tokens_details": {"reasoning_tokens": entry.reasoning_tokens, "audio_tokens": entry.completion_audio_tokens},
        "images": entry.images, "estimated": entry.estimated, "cost_micros": entry.cost_micros, "currency": entry.currency,
        "price_source": entry.price_source,
    }  # fmt: skip


def _claimed(user: str, data: str) -> dict[str, Any]:
    return {**msgspec.json.decode(data), "user": user, "source": "client"}


def _sums(rows: Iterable[SummaryRow]) -> dict[str, int]:
    sums = Counter[str]()
    for row in rows:
        sums["requests"] += row.attempts
        sums["prompt_tokens"] += row.prompt_tokens
        sums["completion_tokens"] += row.completion_tokens
        sums["saved_tokens"] += row.cached_tokens
        sums["total_tokens"] += row.total_tokens
    return {name: sums[name] for name in Sums.__struct_fields__}
