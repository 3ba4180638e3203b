"""Sums of the ledger by day, model, provider or person."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import BigInteger, Connection, Select, Uuid, bindparam, case, func, select, union_all

from g4f.db.models import Owner, UsageDay, UsageEntry
from g4f.services.ledger_days import DAY_MS, KEY, SUMS, UNITS, last_closed_day, rows_of

By = Literal["day", "model", "provider", "user"]
_EPOCH = date(1970, 1, 1)


class SummaryRow(Struct, frozen=True):
    """Be the sums of one day, model, provider or person, which is ``key``.

    ``prompt_tokens`` includes cached tokens and those of sound, ``completion_tokens`` reasoning and those of sound;
    ``estimated_tokens`` is how many of the two together we counted ourselves. ``costs`` is by currency, in millionths, of what
    has a known price: ``unpriced`` attempts have none. ``first_token_ms`` is the mean wait for the first token, and ``errors``
    counts failed attempts by the error that ended them.
    """

    key: str
    attempts: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    prompt_audio_tokens: int
    completion_audio_tokens: int
    images: int
    estimated_tokens: int
    unpriced: int
    costs: dict[str, int]
    first_token_ms: int | None
    longest_first_token_ms: int | None
    errors: dict[str, int]


def day_of(number: int) -> date:
    """Return the day that is so many days after 1970-01-01."""
    return _EPOCH + timedelta(days=number)


def number_of(day: date) -> int:
    """Return how many days after 1970-01-01 a day is."""
    return (day - _EPOCH).days


def today() -> date:
    """Return the day it is, in UTC."""
    return datetime.now(UTC).date()


class Summed(NamedTuple):
    """Be the sums by key, and those of all of it under the empty key."""

    rows: list[SummaryRow]
    totals: SummaryRow


def summarise(connection: Connection, owner_id: UUID | None, first: date, last: date, by: By) -> Summed:
    """Return the sums of the days from ``first`` to ``last``, of one owner or of all; days in order, all else the largest first."""
    closed = min(last_closed_day(connection), number_of(last))
    since = max(closed + 1, number_of(first)) * DAY_MS
    span = {"first": number_of(first), "closed": closed, "since": since, "until": (number_of(last) + 1) * DAY_MS, "owner": owner_id}
    parts = [_Part(*row) for row in connection.execute(_grouped(by, of_one=owner_id is not None), span)]
    groups: dict[Any, list[_Part]] = {}
    for part in parts:
        groups.setdefault(part.key, []).append(part)
    rows = [_fold(name, groups[key]) for key, name in _names(connection, by, groups).items()]
    ordered = sorted(rows, key=lambda row: row.key) if by == "day" else sorted(rows, key=lambda row: (-row.total_tokens, row.key))
    return Summed(ordered, _fold("", parts))


def _names(connection: Connection, by: By, keys: Collection[Any]) -> dict[Any, str]:
    match by:
        case "day":
            return {key: str(day_of(key)) for key in keys}
        case "user":
            return {row.id: row.name for row in connection.execute(select(Owner.id, Owner.name).where(Owner.id.in_(keys)))}
        case _:
            return {key: key for key in keys}


class _Part(NamedTuple):
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


_ADDED = _Part._fields[3:-1]


@cache
def _grouped(by: By, *, of_one: bool) -> Select[Any]:
    """Return the statement that sums closed days and the entries after them; made once, for that takes milliseconds."""
    first, closed, since, until = (bindparam(name, type_=BigInteger) for name in ("first", "closed", "since", "until"))
    owner = bindparam("owner", type_=Uuid)
    mine = [UsageDay.owner_id == owner] if of_one else []
    days = select(*(getattr(UsageDay, name) for name in (*KEY, *SUMS))).where(UsageDay.day.between(first, closed), *mine)
    own = [UsageEntry.owner_id == owner] if of_one else []
    both = union_all(days, rows_of(UsageEntry.created_at >= since, UsageEntry.created_at < until, *own)).subquery()
    key = both.c["owner_id" if by == "user" else by].label("key")
    estimated = func.sum(case((both.c.estimated, both.c.prompt_tokens + both.c.completion_tokens), else_=0))
    sums = [*(func.sum(both.c[name]) for name in _ADDED[:-1]), estimated, func.max(both.c.longest_first_token_ms)]
    return select(key, both.c.error_name, both.c.currency, *sums).group_by(key, both.c.error_name, both.c.currency)


def _fold(key: str, parts: Sequence[_Part]) -> SummaryRow:
    """Return one row of the parts that have its key."""
    columns = zip(*(part[3:-1] for part in parts), strict=True) if parts else ([0] for _ in _ADDED)
    sums = dict(zip(_ADDED, (int(sum(column)) for column in columns), strict=True))
    costs, errors = Counter[str](), Counter[str]()
    for part in parts:
        if part.currency:
            costs[part.currency] += int(part.cost_micros)
        if part.error_name:
            errors[part.error_name] += int(part.attempts)
    counted, longest = sums["first_tokens"], max((int(part.longest_first_token_ms) for part in parts), default=0)
    return SummaryRow(
        key, sums["attempts"], **{name: sums[name] for name in UNITS}, total_tokens=sums["prompt_tokens"] + sums["completion_tokens"],
        estimated_tokens=sums["estimated_tokens"], unpriced=sum(int(part.attempts) for part in parts if not part.currency),
        costs=dict(sorted(costs.items())), errors=dict(sorted(errors.items())),
        first_token_ms=round(sums["first_token_ms"] / counted) if counted else None, longest_first_token_ms=longest if counted else None,
    )  # fmt: skip


def to_csv(rows: Sequence[SummaryRow], by: By) -> str:
    """Return the rows as comma separated values; each currency and each error has a column of its own."""
    names = [name for name in SummaryRow.__struct_fields__ if name not in ("key", "costs", "errors")]
    currencies = sorted({currency for row in rows for currency in row.costs})
    errors = sorted({error for row in rows for error in row.errors})
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([by, *names, *(f"cost_micros {currency}" for currency in currencies), *(f"error {error}" for error in errors)])
    for row in rows:
        cells: list[Any] = [row.key, *(getattr(row, name) for name in names)]
        cells += [row.costs.get(currency, "") for currency in currencies] + [row.errors.get(error, "") for error in errors]
        table.writerow(["" if cell is None else _plain(cell) for cell in cells])
    return text.getvalue()


def _plain(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula. https://owasp.org/www-community/attacks/CSV_Injection"""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
