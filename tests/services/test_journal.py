"""Events of runs that go on are stored before they are shown, wherever that is, and in their table when the run has ended."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, func, select, text

from g4f.db.models import Event as EventRow, JournalRow
from g4f.db.storage import Storage
from g4f.providers.wire import ContentChunk
from g4f.services import journal
from g4f.services.follow import read
from g4f.services.journal import Settled
from g4f.services.live import Event
from tests.db import factories


def running(storage: Storage, owner_id: UUID) -> UUID:
    run = factories.run(owner_id, kind="durable", state="running", finished_at=None)
    storage.writer.submit([run]).result(10)
    return factories.id_of(run)


def words(*numbers: int) -> list[Event]:
    return [Event.of(number, ContentChunk(f"word {number}")) for number in numbers]


def of(owner_id: UUID, run_id: UUID, *numbers: int) -> list[journal.Numbered]:
    return [(owner_id, run_id, event) for event in words(*numbers)]


def rows(connection: Connection, run_id: UUID) -> int:
    return connection.scalar(select(func.count()).select_from(EventRow).where(EventRow.run_id == run_id)) or 0


def test_what_a_run_says_is_read_while_it_goes_on(storage: Storage, owner_id: UUID) -> None:
    run_id, other = running(storage, owner_id), running(storage, owner_id)
    storage.write(lambda connection: journal.insert_events(connection, of(owner_id, run_id, 1)))
    storage.write(lambda connection: journal.record(connection, of(owner_id, run_id, 2, 3) + of(owner_id, other, 1)))
    storage.write(lambda connection: journal.record(connection, of(owner_id, run_id, 4)))
    assert read(storage.database, owner_id, run_id, 0).events == words(1, 2, 3, 4)
    assert read(storage.database, owner_id, run_id, 2).events == words(3, 4)


def test_the_events_of_a_run_that_ends_are_all_in_their_table(storage: Storage, owner_id: UUID) -> None:
    run_id = running(storage, owner_id)
    storage.write(lambda connection: journal.insert_events(connection, of(owner_id, run_id, 1)))
    storage.write(lambda connection: journal.record(connection, of(owner_id, run_id, 2, 3)))
    storage.write(lambda connection: journal.settle(connection, [Settled(owner_id, run_id, words(1, 2, 3), words(4, 5))]))
    assert storage.write(lambda connection: rows(connection, run_id)) == 5


def test_what_was_recorded_of_a_run_that_never_ended_is_restored_once(storage: Storage, owner_id: UUID) -> None:
    run_id = running(storage, owner_id)
    storage.write(lambda connection: journal.record(connection, of(owner_id, run_id, 1, 2)))
    storage.write(journal.restore)
    storage.write(journal.restore)
    with storage.read() as connection:
        assert rows(connection, run_id) == 2
        assert connection.scalar(select(func.count()).select_from(JournalRow)) == 0
    assert read(storage.database, owner_id, run_id, 0).events == words(1, 2)


def test_clearing_keeps_what_was_recorded_since(storage: Storage, owner_id: UUID) -> None:
    run_id = running(storage, owner_id)
    storage.write(lambda connection: journal.record(connection, of(owner_id, run_id, 1)))
    number = storage.write(lambda connection: journal.record(connection, of(owner_id, run_id, 2)))
    storage.write(lambda connection: journal.clear(connection, number))
    left = 2 if storage.database.path is None else 1
    assert [event.number for event in read(storage.database, owner_id, run_id, 0).events] == [1, 2][-left:]


def test_sqlite_keeps_one_row_for_all_that_is_said_between_two_commits(storage: Storage, owner_id: UUID) -> None:
    run_id, other = running(storage, owner_id), running(storage, owner_id)
    counted = text("SELECT count(*) FROM journal")
    before = storage.write(lambda connection: connection.scalar(counted))
    storage.write(lambda connection: journal.record(connection, of(owner_id, run_id, 1, 2) + of(owner_id, other, 1)))
    after = storage.write(lambda connection: connection.scalar(counted))
    assert after - before == (0 if storage.database.path is None else 1)
