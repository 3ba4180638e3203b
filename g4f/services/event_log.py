"""The event log: what all runs of this process have to say, numbered and committed together before it is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.exc import SQLAlchemyError

from g4f import debug
from g4f.db.models import Event as EventRow, Message, Run, State, now
from g4f.db.session import in_one_line
from g4f.db.writer import Row, Writer, insert_rows
from g4f.errors import G4FError
from g4f.providers.chunks import is_plain, text_of
from g4f.providers.wire import ContentChunk, Wire
from g4f.services.live import PATIENCE, Event, Live

INTERVAL = 0.02
"""Seconds between two commits under load; the first words of a run and its end do not wait for them."""
FEW = 4
"""So many runs may have something to say, and it is no load yet."""
MOST_PENDING = 64
"""Chunks of one run that wait for a commit before its provider has to wait as well; a chunk is what one read brought, 64 KiB at most."""


@dataclass(slots=True)
class End:
    """How a run ended: its state, what it added to its answer's text, the rows of its attempts."""

    owner_id: UUID
    run_id: UUID
    message_id: UUID
    state: State
    text: str
    rows: list[Row]
    settled: asyncio.Future[None] | None = None


@dataclass(slots=True)
class _Pending:
    """What a run has said since its last commit."""

    chunks: list[Wire] = field(default_factory=list)
    end: End | None = None


@dataclass(slots=True, frozen=True)
class _Entry:
    live: Live
    events: list[Event]
    end: End | None


class EventLog:
    """Commit what runs say; it belongs to the loop that adds to it.

    ``check`` is called in each transaction with the lease of a run and raises when it was lost: the run may not be written any more.
    """

    def __init__(self, writer: Callable[[], Writer], check: Callable[[Connection, UUID], None]) -> None:
        self._writer, self._check = writer, check
        self._pending: dict[Live, _Pending] = {}
        self._urgent = asyncio.Event()
        self._dawdling = False
        """Whether nothing but the beginnings of answers waits: a commit for those alone would hold up that of their first words."""
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0

    def add(self, live: Live, chunks: Sequence[Wire]) -> None:
        """Put chunks in line."""
        self._pending_of(live).chunks += chunks
        if (live.quiet or self._dawdling) and any(map(text_of, chunks)):
            live.quiet = False
            self._urgent.set()
        self._go()

    def end(self, live: Live, chunks: Sequence[Wire], end: End) -> asyncio.Future[None]:
        """Put a run's last chunks in line, and what is kept of it; the future ends when they are stored or never will be."""
        pending = self._pending_of(live)
        pending.chunks += chunks
        pending.end = end
        settled = end.settled = asyncio.get_running_loop().create_future()
        self._urgent.set()
        self._go()
        return settled

    async def room(self, live: Live) -> None:
        """Wait while a run has more to say than is good for the memory."""
        while (pending := self._pending.get(live)) and len(pending.chunks) > MOST_PENDING:
            await live.news()

    def _pending_of(self, live: Live) -> _Pending:
        pending = self._pending.get(live)
        if pending is None:
            pending = self._pending[live] = _Pending()
        return pending

    def _go(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._commit_all())

    async def _commit_all(self) -> None:
        while self._pending:
            await self._gather()
            pending, self._pending = self._pending, {}
            self._urgent.clear()
            await self._commit([_entry(live, each) for live, each in pending.items()])

    async def _gather(self) -> None:
        """Let events gather until the next commit is due."""
        self._dawdling = all(live.quiet for live in self._pending)
        few = len(self._pending) <= FEW
        rest = INTERVAL if self._dawdling else 0 if few else self._began + INTERVAL - time.monotonic()
        if rest > 0 and not self._urgent.is_set():
            try:
                async with asyncio.timeout(rest):
                    await self._urgent.wait()
            except TimeoutError:
                pass
        self._began, self._dawdling = time.monotonic(), False

    async def _commit(self, entries: list[_Entry]) -> None:
        try:
            stored = asyncio.wrap_future(self._writer().act(lambda connection: self._store(connection, entries), patient=True))
            if not (await asyncio.wait([stored], timeout=PATIENCE))[0]:
                self._lose([*(entry.live for entry in entries), *self._pending])
            await stored
        # Whatever is wrong with the rows of one run, the others are stored without it.
        except (SQLAlchemyError, G4FError, LookupError) as error:
            if len(entries) > 1:
                for entry in entries:
                    await self._commit([entry])
                return
            debug.error(f"{len(entries)} runs cannot be stored and end: {in_one_line(error)}")
            self._lose([entry.live for entry in entries])
            for entry in entries:  # what was not stored leaves no gap
                entry.live.last -= len(entry.events)
        else:
            for entry in entries:
                entry.live.publish(entry.events, entry.end.state if entry.end else "running")
        for entry in entries:
            if entry.end is not None and entry.end.settled is not None and not entry.end.settled.done():
                entry.end.settled.set_result(None)

    def _store(self, connection: Connection, entries: Sequence[_Entry]) -> None:
        for worker_id in {entry.live.worker_id for entry in entries}:
            self._check(connection, worker_id)
        insert_events(connection, [(entry.live.owner_id, entry.live.run_id, event) for entry in entries for event in entry.events])
        store_ends(connection, [entry.end for entry in entries if entry.end is not None])

    def _lose(self, runs: Sequence[Live]) -> None:
        """End runs whose events cannot be stored: only what is stored is shown."""
        for live in runs:
            live.lose()
            live.cut("interrupted")


def _entry(live: Live, pending: _Pending) -> _Entry:
    chunks = merge(pending.chunks)
    events = [Event.of(number, chunk) for number, chunk in enumerate(chunks, live.last + 1)]
    live.last += len(events)
    return _Entry(live, events, pending.end)


def merge(chunks: Sequence[Wire]) -> list[Wire]:
    """Return the chunks with neighbouring texts in one."""
    merged: list[Wire] = []
    for plain, group in groupby(chunks, is_plain):
        if plain:
            merged.append(ContentChunk("".join(map(text_of, group))))
        else:
            merged += group
    return merged


def insert_events(connection: Connection, events: Sequence[tuple[UUID, UUID, Event]]) -> None:
    """Store events with their owner and run; on SQLite by one statement, because a thread gives way to the others at each row of many."""
    if connection.dialect.name == "sqlite":
        rows = [(owner_id.hex, run_id.hex, event.number, event.data.decode()) for owner_id, run_id, event in events]
        connection.exec_driver_sql(_SQLITE_EVENTS, (msgspec.json.encode(rows).decode(),))
    elif events:
        names = ("owner_id", "run_id", "number", "data")
        rows_of = [
            dict(zip(names, (owner_id, run_id, event.number, event.data.decode()), strict=True)) for owner_id, run_id, event in events
        ]
        connection.execute(_NEW_EVENTS, rows_of)


_NEW_EVENTS = insert(EventRow)
_SQLITE_EVENTS = """
INSERT INTO events (owner_id, run_id, number, data)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]') FROM json_each(?)
"""


def store_ends(connection: Connection, ends: Sequence[End]) -> None:
    """Keep how runs ended. Whoever holds the lease ends a run once: nobody else can have ended it."""
    if not ends:
        return
    insert_rows(connection, [row for end in ends for row in end.rows])
    moment = now()
    connection.execute(_END_RUN, [{"owner": e.owner_id, "run": e.run_id, "new_state": e.state, "moment": moment} for e in ends])
    connection.execute(_APPEND, [{"owner": e.owner_id, "message": e.message_id, "addition": e.text} for e in ends])


_END_RUN = (
    update(Run)
    .where(Run.owner_id == bindparam("owner"), Run.id == bindparam("run"), Run.state == "running")
    .values(state=bindparam("new_state"), finished_at=bindparam("moment"))
)
_APPEND = (
    update(Message)
    .where(Message.owner_id == bindparam("owner"), Message.id == bindparam("message"))
    .values(content=Message.content + bindparam("addition"))
)
