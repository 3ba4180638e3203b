"""Sums of the ledger by day, model, provider or person."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, select

from g4f.db.models import Owner
from g4f.services.ledger_days import UNITS
from g4f.services.ledger_parts import ADDED, Part, Parts

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


def summarise(connection: Connection, parts: Parts, owner_id: UUID | None, first: date, last: date, by: By) -> Summed:
    """Return the sums of the days from ``first`` to ``last``, of one owner or of all; days in order, all else the largest first."""
    read = list(parts.read(connection, "owner_id" if by == "user" else by, owner_id, number_of(first), number_of(last)))
    groups: dict[Any, list[Part]] = {}
    for part in read:
        groups.setdefault(part.key, []).append(part)
    rows = [_fold(name, groups[key]) for key, name in _names(connection, by, groups).items()]
    ordered = sorted(rows, key=lambda row: row.key) if by == "day" else sorted(rows, key=lambda row: (-row.total_tokens, row.key))
    return Summed(ordered, _fold("", read))


def _names(connection: Connection, by: By, keys: Collection[Any]) -> dict[Any, str]:
    match by:
        case "day":
            return {key: str(day_of(key)) for key in keys}
        case "user":
            return {row.id: row.name for row in connection.execute(select(Owner.id, Owner.name).where(Owner.id.in_(keys)))}
        case _:
            return {key: key for key in keys}


def _fold(key: str, parts: Sequence[Part]) -> SummaryRow:
    """Return one row of the parts that have its key."""
    columns = zip(*(part[3:-1] for part in parts), strict=True) if parts else ([0] for _ in ADDED)
    sums = dict(zip(ADDED, (sum(column) for column in columns), strict=True))
    costs, errors = Counter[str](), Counter[str]()
    for part in parts:
        if part.currency:
            costs[part.currency] += part.cost_micros
        if part.error_name:
            errors[part.error_name] += part.attempts
    counted, longest = sums["first_tokens"], max((part.longest_first_token_ms for part in parts), default=0)
    return SummaryRow(
        key, sums["attempts"], **{name: sums[name] for name in UNITS}, total_tokens=sums["prompt_tokens"] + sums["completion_tokens"],
        estimated_tokens=sums["estimated_tokens"], unpriced=sum(part.attempts for part in parts if not part.currency),
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
