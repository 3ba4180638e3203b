"""The event log: what all runs of this process have to say, numbered and committed together before it is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection, bindparam, update
from sqlalchemy.exc import SQLAlchemyError

from g4f import debug
from g4f.db.models import Message, Run, State, now
from g4f.db.session import in_one_line
from g4f.db.statements import run
from g4f.db.writer import Row, Writer, insert_rows
from g4f.errors import G4FError
from g4f.providers.chunks import is_plain, text_of
from g4f.providers.wire import ContentChunk, Wire
from g4f.services import journal
from g4f.services.journal import Settled
from g4f.services.live import PATIENCE, Event, Live

INTERVAL = 0.05
"""Seconds between two commits under load; the first words of a run and its end do not wait for them."""
FEW = 4
"""So many runs may have something to say, and it is no load yet."""
MOST_PENDING = 64
"""Chunks of one run that wait for a commit before its provider has to wait as well; a chunk is what one read brought, 64 KiB at most."""
CLEARED_TOGETHER = 256
"""So many rows of the journal are no longer needed when they are cleared."""


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
        self._recorded: dict[Live, int] = {}
        """The journal's number for the first events of each run that goes on."""
        self._newest = self._cleared = 0

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
        while self.crowded(live):
            await live.news()

    def crowded(self, live: Live) -> bool:
        """Say whether a run has more to say than is good for the memory."""
        pending = self._pending.get(live)
        return pending is not None and len(pending.chunks) > MOST_PENDING

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
            due = asyncio.get_running_loop().call_later(rest, self._urgent.set)
            await self._urgent.wait()
            due.cancel()
        self._began, self._dawdling = time.monotonic(), False

    async def _commit(self, entries: list[_Entry]) -> None:
        try:
            unneeded = self._unneeded()
            stored = self._writer().acting(lambda connection: self._store(connection, entries, unneeded), patient=True)
            if not (await asyncio.wait([stored], timeout=PATIENCE))[0]:
                self._lose([*(entry.live for entry in entries), *self._pending])
            self._note(entries, await stored)
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

    def _store(self, connection: Connection, entries: Sequence[_Entry], unneeded: int) -> int:
        """Store what is said and how runs end, and return the journal's number for it, 0 for none."""
        for worker_id in {entry.live.worker_id for entry in entries}:
            self._check(connection, worker_id)
        said = [(entry.live.owner_id, entry.live.run_id, event) for entry in entries if entry.end is None for event in entry.events]
        number = journal.record(connection, said) if said else 0
        ended = [(entry, entry.end) for entry in entries if entry.end is not None]
        journal.settle(connection, [Settled(end.owner_id, end.run_id, entry.live.events, entry.events) for entry, end in ended])
        store_ends(connection, [end for _, end in ended])
        if unneeded:
            journal.clear(connection, unneeded)
        return number

    def _note(self, entries: list[_Entry], number: int) -> None:
        """Remember from where on the journal is needed: from the first row of the oldest run that goes on."""
        self._newest = max(self._newest, number)
        for entry in entries:
            if entry.end is not None:
                self._recorded.pop(entry.live, None)
            elif number:
                self._recorded.setdefault(entry.live, number)

    def _unneeded(self) -> int:
        """Return up to which number the journal should be cleared, 0 while it is not worth a statement; its newest row always stays."""
        needed = min(self._recorded.values(), default=self._newest)
        if needed - self._cleared < CLEARED_TOGETHER:
            return 0
        self._cleared = needed
        return needed

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
    if len(chunks) == 1:
        return [*chunks]
    merged: list[Wire] = []
    for plain, group in groupby(chunks, is_plain):
        if plain:
            merged.append(ContentChunk("".join(map(text_of, group))))
        else:
            merged += group
    return merged


def store_ends(connection: Connection, ends: Sequence[End]) -> None:
    """Keep how runs ended. Whoever holds the lease ends a run once: nobody else can have ended it."""
    if not ends:
        return
    insert_rows(connection, [row for end in ends for row in end.rows])
    moment = now()
    run(connection, _END_RUN, [{"owner": e.owner_id, "run": e.run_id, "new_state": e.state, "moment": moment} for e in ends])
    run(connection, _APPEND, [{"owner": e.owner_id, "message": e.message_id, "addition": e.text} for e in ends])


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
