"""Following a run through the database: one that has ended, or that another process carries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select

from g4f.db.models import Event as EventRow, Run, State
from g4f.db.session import Database
from g4f.errors import NotFoundError, UnavailableError
from g4f.providers.wire import Ending
from g4f.services.journal import recorded
from g4f.services.live import BROKEN_OFF, HEARTBEAT_SECONDS, PATIENCE, Event

POLL_SECONDS = 0.25
TROUBLED_SECONDS = 1
"""How long to wait for the next look when the storage is in trouble."""


class RunInfo(Struct, frozen=True):
    """Describe a run."""

    id: UUID
    state: State
    provider: str | None
    model: str | None
    started_at: int
    finished_at: int | None


class Page(NamedTuple):
    """What the database knows of a run: its state, and its events after a number."""

    state: State
    events: list[Event]


def read(database: Database, owner_id: UUID, run_id: UUID, after: int) -> Page:
    """Read the state of a run and its events after a number; raises NotFoundError for one that is not there or not theirs."""
    with database.available(), database.read() as connection:
        # The state comes first: a run that had ended then has said everything.
        state = connection.scalar(select(Run.state).where(Run.owner_id == owner_id, Run.id == run_id, Run.kind == "durable"))
        if state is None:
            raise NotFoundError("There is no such run.", "run_id")
        later = select(EventRow.number, EventRow.data).where(
            EventRow.owner_id == owner_id, EventRow.run_id == run_id, EventRow.number > after
        )
        rows = [(number, data) for number, data in connection.execute(later.order_by(EventRow.number))]
        if state == "running":
            rows += recorded(connection, run_id, max(after, *(number for number, _ in rows)) if rows else after)
    return Page(state, [Event.read(number, data) for number, data in rows])


def read_run(database: Database, owner_id: UUID, run_id: UUID) -> RunInfo:
    """Read what is known of a run; raises NotFoundError for one that is not there or not theirs."""
    columns = (Run.id, Run.state, Run.provider, Run.model, Run.started_at, Run.finished_at)
    with database.available(), database.read() as connection:
        row = connection.execute(select(*columns).where(Run.owner_id == owner_id, Run.id == run_id, Run.kind == "durable")).first()
    if row is None:
        raise NotFoundError("There is no such run.", "run_id")
    return RunInfo(*row)


def asked_to_stop(database: Database, worker_id: UUID) -> list[UUID]:
    """Read which runs of a process others were asked to stop."""
    mine = (Run.state == "running", Run.worker_id == worker_id, Run.stop_asked_at.is_not(None))
    with database.available(), database.read() as connection:
        return list(connection.scalars(select(Run.id).where(*mine)))


async def follow(database: Database, owner_id: UUID, run_id: UUID, after: int, page: Page) -> AsyncIterator[Sequence[Event]]:
    """Yield a run's events after a number, ``page`` first, the last of them as Ending; an empty batch is a sign of life.

    When the storage stays in trouble the last one is an event without a number, as from ``Live.follow``.
    """
    silent = 0.0
    while True:
        if page.events:
            after, silent = page.events[-1].number, 0.0
            yield page.events if page.state == "running" else Ending(page.events)
        if page.state != "running":
            return
        await asyncio.sleep(POLL_SECONDS)
        silent += POLL_SECONDS
        if silent >= HEARTBEAT_SECONDS:
            silent = 0.0
            yield ()
        try:
            page = await _read_patiently(database, owner_id, run_id, after)
        except UnavailableError:
            yield [BROKEN_OFF]
            return


async def _read_patiently(database: Database, owner_id: UUID, run_id: UUID, after: int) -> Page:
    """Read as ``read`` does, again and again while the storage is in trouble; raises UnavailableError when that lasts."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await asyncio.to_thread(read, database, owner_id, run_id, after)
        except UnavailableError:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(TROUBLED_SECONDS)
