"""What answers used, and the log that pages write."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from flask import Request, Response
from msgspec import Meta, Struct, field

from g4f.errors import ForbiddenError, MalformedRequestError, ValidationError
from g4f.gui.server.api import Api
from g4f.gui.server.framing import ndjson
from g4f.gui.server.principal import Principal
from g4f.services.budgets import BudgetState
from g4f.services.ledger_summary import By, SummaryRow, to_csv, today
from g4f.services.usage import Stats

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOBODY = UUID(int=0)
_LONGEST_SPAN = timedelta(days=3700)


class Anything(Struct, frozen=True):
    """Be any JSON object."""

    internal: ClassVar[frozenset[str]] = frozenset({"fields"})
    """The fields that ``from_wire`` fills; nobody sends them."""

    fields: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, fields: dict[str, Any]) -> Self:
        """Take the object as it is."""
        return cls(fields)


class Done(Struct, frozen=True):
    """Be the answer when there is nothing to say."""


class StatsQuery(Struct, frozen=True):
    """Choose the last so many days, and whose usage."""

    days: Annotated[int, Meta(ge=1, le=365)] = 30
    user: str = ""


class SummaryQuery(Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Choose the days, both included, what is summed, whose usage, and the form; without days it is the last thirty."""

    first: date | None = None
    last: date | None = None
    by: By = "day"
    user: str = ""
    format: Literal["json", "csv"] = "json"


class Summary(Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """Be the sums of the ledger from a day to another; ``totals`` has the empty key, and ``budgets`` are of today."""

    first: date
    last: date
    by: By
    rows: list[SummaryRow]
    totals: SummaryRow
    budgets: list[BudgetState]


class LogQuery(Struct, frozen=True):
    """Choose how many lines."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class Log(Struct, frozen=True):
    """Be the newest lines of the log, newest first."""

    logs: list[dict[str, Any]]
    count: int


def add_usage(api: Api, principal: Principal, body: Anything) -> Done:
    """Keep what a page says an answer used; it is shown apart and counts nowhere; 503 without the storage, 507 without room."""
    api.usage.claim(principal.owner_id, body.fields)
    return Done()


def get_usage(api: Api, principal: Principal, date: str) -> Response:
    """Give the ledger of a day as JSON lines, the caller's own; 404 when there is nothing, 503 without the storage."""
    lines = api.usage.day(principal.owner_id, _day(date))
    return Response(ndjson(lines), 200, mimetype="text/plain")


def get_stats(api: Api, principal: Principal, query: StatsQuery) -> Stats:
    """Sum up the last days by day, model, provider and user; 503 without the storage."""
    return api.usage.stats(_whose(api, principal, query.user), query.days)


def get_summary(api: Api, principal: Principal, query: SummaryQuery) -> Summary | Response:
    """Sum up the ledger by day, model, provider or user, with costs, waits, errors and what is left of budgets; 503 without the storage."""
    last = query.last or today()
    first = query.first or date.fromordinal(max(1, last.toordinal() - 29))
    if not timedelta(0) <= last - first <= _LONGEST_SPAN:
        raise ValidationError("The first day comes before the last, and at most ten years before it.", "from")
    owner_id = _whose(api, principal, query.user)
    rows, totals = api.usage.summary(owner_id, first, last, query.by)
    if query.format == "json":
        return Summary(first, last, query.by, rows, totals, api.budgets.states(owner_id or principal.owner_id))
    name = f'attachment; filename="usage-{first}-{last}-{query.by}.csv"'
    return Response(to_csv(rows, query.by), 200, {"Content-Disposition": name}, mimetype="text/csv")


def add_log(api: Api, principal: Principal, body: Anything, request: Request) -> Done:
    """Keep a line of a page's log; 503 without the storage, 507 without room."""
    api.client_log.write(principal.owner_id, body.fields, request.headers.get("Origin"))
    return Done()


def get_log(api: Api, principal: Principal, query: LogQuery) -> Log:
    """Give the newest lines of the log, of seven days at most; 503 without the storage."""
    lines = api.client_log.read(principal.owner_id, query.limit)
    return Log(lines, len(lines))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise MalformedRequestError("A day is written like 2025-11-20.", "date") from None


def _whose(api: Api, principal: Principal, user: str) -> UUID | None:
    """Return whose usage is meant: an administrator sees everybody's unless somebody is named, others see their own."""
    if user == principal.name:
        return principal.owner_id
    if principal.admin:
        return (api.usage.owner_of(user) or _NOBODY) if user else None
    if user:
        raise ForbiddenError("Only an administrator sees what others used.")
    return principal.owner_id
