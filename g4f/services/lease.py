"""The lease of this process on its runs, and the end of runs whose process is gone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, Transaction, bindparam, delete, func, insert, select, update
from uuid_utils.compat import uuid7

from g4f.db.models import Event, Message, Run, Worker, now
from g4f.db.statements import finds
from g4f.db.storage import storable
from g4f.errors import UnavailableError
from g4f.providers.chunks import text_of
from g4f.providers.response import ProviderInfo
from g4f.providers.wire import Wire
from g4f.services.event_log import End, store_ends
from g4f.services.journal import insert_events, restore
from g4f.services.live import Event as LiveEvent
from g4f.services.prices import NO_PRICES, Prices
from g4f.services.tally import Asked, Tally


class Lease:
    """Be the right of this process to write for the runs it carries.

    The row of ``workers`` is the right: every write of a run looks for it in its own transaction, so a process that slept
    while its lease ran out, and was taken from the table, can write nothing when it wakes. On SQLite the lock of the data
    folder says that no other process lives, so a lease there has no end and needs no renewal.

    ``seconds`` is how long a process may be silent. A lease that was lost is replaced by one with another ``worker_id``, and
    what was carried under the old one can no more be written.
    """

    def __init__(self, seconds: float, prices: Prices = NO_PRICES) -> None:
        self.seconds = seconds
        self._prices = prices
        self.alone = True
        self.lost = False
        self.worker_id = uuid7()
        self._checked: tuple[Transaction | None, UUID] | None = None

    def take(self, connection: Connection) -> None:
        """Enter this process under a new id, and end the runs of those who are gone."""
        self.worker_id, self.lost = uuid7(), False
        connection.execute(insert(Worker).values(id=self.worker_id, lease_until=self._end(connection)))
        self.take_over(connection)

    def renew(self, connection: Connection) -> bool:
        """Prolong the lease and end the runs of those who are gone; return False when it was lost."""
        mine = update(Worker).where(Worker.id == self.worker_id).values(lease_until=self._end(connection))
        if not connection.execute(mine).rowcount:
            return False
        self.take_over(connection)
        return True

    def check(self, connection: Connection, worker_id: UUID) -> None:
        """Raise UnavailableError when this lease was lost; until the transaction, or its savepoint, ends nobody can take it."""
        checked = (connection.get_nested_transaction() or connection.get_transaction(), worker_id)
        if checked == self._checked:
            return
        if not finds(connection, _MINE, {"worker": worker_id}):
            self.lost = self.lost or worker_id == self.worker_id  # one before it was lost, and replaced
            message = "Another process took this one's runs over while it did not answer; try again in a moment."
            raise UnavailableError(message, headers=[("Retry-After", "1")], values={"reason": "taken_over"})
        self._checked = checked

    def release(self, connection: Connection) -> None:
        """Leave; what still runs under this lease is ended."""
        connection.execute(delete(Worker).where(Worker.id == self.worker_id))
        self.take_over(connection)

    def take_over(self, connection: Connection) -> int:
        """End the runs of processes that are gone, and return how many these were.

        A process that froze amid a transaction keeps its row locked; it is left alone until the database ends that transaction.
        """
        gone = Worker.id != self.worker_id if self.alone else Worker.lease_until < _clock(connection)
        connection.execute(delete(Worker).where(Worker.id.in_(select(Worker.id).where(gone).with_for_update(skip_locked=True))))
        orphans = (
            select(Run)
            .where(Run.state == "running", Run.kind == "durable", Run.worker_id.not_in(select(Worker.id)))
            .with_for_update(skip_locked=True)
        )
        restore(connection)  # on SQLite, where nobody else writes: a lease is taken before anything runs and given back after all
        runs = connection.execute(orphans).all()
        for run in runs:
            _interrupt(connection, run, self._prices)
        return len(runs)

    def _end(self, connection: Connection) -> int:
        return _clock(connection) + int(self.seconds * 1000)


_MINE = select(Worker.id).where(Worker.id == bindparam("worker")).with_for_update(read=True)


def _interrupt(connection: Connection, run: Row[Any], prices: Prices) -> None:
    """End a run with what its log holds: the text so far, an estimate of its usage, and an ending for its readers."""
    mine = (Event.owner_id == run.owner_id, Event.run_id == run.id)
    log = connection.execute(select(Event.number, Event.data).where(*mine).order_by(Event.number)).all()
    chunks: list[Wire] = [msgspec.json.decode(data) for _, data in log]
    text = storable("".join(map(text_of, chunks)))
    asked = Asked(run.owner_id, run.request_id, run.model or "", run.provider or "", _asked_characters(connection, run))
    tally = Tally(replace(asked, message_id=run.message_id and str(run.message_id)), prices)
    for chunk in chunks:
        match chunk:
            case {"type": "provider", "provider": {"name": str(name), "model": model}}:
                tally.take([ProviderInfo(name=name, model=model)])
    tally.take([text] if text else [])
    tally.leave("interrupted")
    ending = [LiveEvent.of(number, chunk) for number, chunk in enumerate(tally.ending(), max([number for number, _ in log], default=0) + 1)]
    insert_events(connection, [(run.owner_id, run.id, event) for event in ending])
    store_ends(connection, [End(run.owner_id, run.id, run.message_id, "interrupted", text, tally.attempt_rows(run.id))])


def _asked_characters(connection: Connection, run: Row[Any]) -> int:
    """Return the characters of the messages above a run's answer: at most so many were sent."""
    columns = (Message.owner_id, Message.chat_id, Message.id, Message.parent_id, Message.content)
    answer = select(*columns).where(Message.owner_id == run.owner_id, Message.id == run.message_id).cte("path", recursive=True)
    above = (Message.owner_id == answer.c.owner_id, Message.chat_id == answer.c.chat_id, Message.id == answer.c.parent_id)
    path = answer.union_all(select(*columns).where(*above))
    asked = select(func.sum(func.length(path.c.content))).where(path.c.id != run.message_id)
    return int(connection.scalar(asked) or 0)


def _clock(connection: Connection) -> int:
    """Return the moment by the database's clock where several machines share one, else by ours."""
    if connection.dialect.name == "sqlite":
        return now()
    return int(connection.execute(select(func.extract("epoch", func.clock_timestamp()) * 1000)).scalar_one())
