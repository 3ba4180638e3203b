"""What the ledger's summaries are made of: sums by key, error and currency, a month at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Select, Uuid, bindparam, case, cast, func, select

from g4f.db.models import UsageDay, UsageEntry
from g4f.services.ledger_days import CLOSED_AGAIN, DAY_MS, KEY, SUMS, last_closed_day, rows_of

Column = Literal["day", "model", "provider", "owner_id"]
KEPT = 256
"""How many months are kept in memory, each by one column and of one owner or of all; the largest, by day, take some 40 KB."""
_EPOCH = date(1970, 1, 1).toordinal()


class Part(NamedTuple):
    """What is summed under one key, with one error and one currency."""

    key: Any
    error_name: str
    currency: str
    attempts: int
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    prompt_audio_tokens: int
    completion_audio_tokens: int
    images: int
    cost_micros: int
    first_tokens: int
    first_token_ms: int
    estimated_tokens: int
    longest_first_token_ms: int


ADDED = Part._fields[3:-1]
"""The fields that add up; the longest wait is the longest of all."""


class Parts:
    """Sum the ledger up, and keep the sums of months that are closed for good: what no later entry changes is summed once.

    A year then costs the days that are left of its first month and of its last, and the entries of today.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Column, UUID | None, int], Sequence[Part]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, connection: Connection, column: Column, owner_id: UUID | None, first: int, last: int) -> Iterator[Part]:
        """Yield the parts of the days from ``first`` to ``last``, of one owner or of all; a key may come several times."""
        closed = last_closed_day(connection)
        for begin, end in _months(first, min(last, closed)):
            for_good = end <= closed - CLOSED_AGAIN and _begins_month(begin) and _begins_month(end + 1)
            yield from (self._keep if for_good else _of_days)(connection, column, owner_id, begin, end)
        span = {"first": max(closed + 1, first) * DAY_MS, "last": (last + 1) * DAY_MS - 1}
        yield from _parts(connection, _of_entries_by(column, of_one=owner_id is not None), owner_id, span)

    def _keep(self, connection: Connection, column: Column, owner_id: UUID | None, begin: int, end: int) -> Sequence[Part]:
        name = (column, owner_id, begin)
        if (known := self._kept.get(name)) is not None:
            return known
        parts = _of_days(connection, column, owner_id, begin, end)
        with self._lock:
            self._kept[name] = parts
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return parts


def _of_days(connection: Connection, column: Column, owner_id: UUID | None, begin: int, end: int) -> Sequence[Part]:
    return _parts(connection, _of_days_by(column, of_one=owner_id is not None), owner_id, {"first": begin, "last": end})


def _parts(connection: Connection, grouped: Select[Any], owner_id: UUID | None, span: dict[str, int]) -> Sequence[Part]:
    return [Part(*row) for row in connection.execute(grouped, {**span, "owner": owner_id})]


# Each statement is made once, for that takes milliseconds.
_FIRST, _LAST, _OWNER = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger), bindparam("owner", type_=Uuid)


@cache
def _of_days_by(column: Column, *, of_one: bool) -> Select[Any]:
    mine = [UsageDay.owner_id == _OWNER] if of_one else []
    days = select(*(getattr(UsageDay, name) for name in (*KEY, *SUMS))).where(UsageDay.day.between(_FIRST, _LAST), *mine)
    return _grouped(days, column)


@cache
def _of_entries_by(column: Column, *, of_one: bool) -> Select[Any]:
    mine = [UsageEntry.owner_id == _OWNER] if of_one else []
    return _grouped(rows_of(UsageEntry.created_at.between(_FIRST, _LAST), *mine), column)


def _grouped(rows: Select[Any], column: Column) -> Select[Any]:
    row = rows.subquery().c
    key = row[column].label("key")
    added = [*(row[name] for name in ADDED[:-1]), case((row.estimated, row.prompt_tokens + row.completion_tokens), else_=0)]
    sums = [*(cast(func.sum(each), BigInteger) for each in added), func.max(row.longest_first_token_ms)]
    return select(key, row.error_name, row.currency, *sums).group_by(key, row.error_name, row.currency)


def _months(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the days from ``first`` to ``last`` as spans that end with their month, or with the last day."""
    while first <= last:
        month = date.fromordinal(_EPOCH + first).replace(day=1)
        following = (month + timedelta(days=32)).replace(day=1).toordinal() - _EPOCH
        yield first, min(last, following - 1)
        first = following


def _begins_month(day: int) -> bool:
    return date.fromordinal(_EPOCH + day).day == 1
