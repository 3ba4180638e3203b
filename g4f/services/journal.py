"""The journal: where SQLite keeps the events of runs while these go on.

Its tables lie in the order of their keys, so the newest events of a hundred runs would change a hundred pages; as one row of a
journal they change one or two. When a run ends its events move to their table, all together and in their order. PostgreSQL
keeps rows in the order they come, and events go to their table at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, insert

from g4f.db.models import Event as EventRow
from g4f.db.statements import execute, run
from g4f.services.live import Event

Numbered = tuple[UUID, UUID, Event]
"""An event with its owner and run."""


class Settled(NamedTuple):
    """Be the events of a run that ends: those that were recorded, and its last ones."""

    owner_id: UUID
    run_id: UUID
    recorded: Sequence[Event]
    last: Sequence[Event]


def insert_events(connection: Connection, events: Sequence[Numbered]) -> None:
    """Store events in their table."""
    if events:
        run(connection, _NEW_EVENTS, [_row(*event) for event in events])


def record(connection: Connection, events: Sequence[Numbered]) -> int:
    """Store events of runs that go on, and return the journal's number for them."""
    if _is_sqlite(connection):
        return execute(connection, _TO_JOURNAL, (_packed(events),)).lastrowid or 0
    insert_events(connection, events)
    return 0


def settle(connection: Connection, ended: Iterable[Settled]) -> None:
    """Store what is not in its table yet of runs that end."""
    if not _is_sqlite(connection):
        insert_events(connection, [(each.owner_id, each.run_id, event) for each in ended for event in each.last])
        return
    for each in ended:
        if events := [*each.recorded, *each.last]:
            data = msgspec.json.encode([event.data.decode() for event in events]).decode()
            execute(connection, _RUN_TO_TABLE, (each.owner_id.hex, each.run_id.hex, events[0].number, data))


def restore(connection: Connection) -> None:
    """Move every recorded event of a run that has not ended to its table, and empty the journal; for when nobody writes."""
    if _is_sqlite(connection):
        connection.exec_driver_sql(_RESTORE)
        connection.exec_driver_sql("DELETE FROM journal")


def clear(connection: Connection, below: int) -> None:
    """Forget what was recorded before a number: those runs have ended."""
    if _is_sqlite(connection):
        connection.exec_driver_sql("DELETE FROM journal WHERE number < ?", (below,))


def recorded(connection: Connection, run_id: UUID, after: int) -> list[tuple[int, str]]:
    """Return number and data of a run's events after a number, as far as only the journal has them."""
    if not _is_sqlite(connection):
        return []
    return [(number, data) for number, data in connection.exec_driver_sql(_RECORDED, (run_id.hex, after))]


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _row(owner_id: UUID, run_id: UUID, event: Event) -> dict[str, object]:
    return {"owner_id": owner_id, "run_id": run_id, "number": event.number, "data": event.data.decode()}


def _packed(events: Sequence[Numbered]) -> str:
    return _ENCODER.encode([(owner_id, run_id, event.number, event.data.decode()) for owner_id, run_id, event in events]).decode()


_ENCODER = msgspec.json.Encoder(uuid_format="hex")
_NEW_EVENTS = insert(EventRow)
_FIELDS = ", ".join(f"json_extract(event.value, '$[{index}]')" for index in range(4))
# A run's own events have no gap, and go by one statement: a thread gives way to the others at each row of many.
# Taken apart by SQLite, four values of each would cost twice as much as one.
_RUN_TO_TABLE = """
INSERT INTO events (owner_id, run_id, number, data) SELECT ?, ?, ? + key, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING
"""
_TO_JOURNAL = "INSERT INTO journal (events) VALUES (?)"
_RESTORE = f"""
INSERT INTO events (owner_id, run_id, number, data) SELECT {_FIELDS} FROM journal, json_each(journal.events) AS event
WHERE json_extract(event.value, '$[1]') IN (SELECT id FROM runs WHERE state = 'running') ON CONFLICT DO NOTHING
"""  # noqa: S608  nothing of it comes from outside
_RECORDED = """
SELECT json_extract(event.value, '$[2]'), json_extract(event.value, '$[3]') FROM journal, json_each(journal.events) AS event
WHERE json_extract(event.value, '$[1]') = ? AND json_extract(event.value, '$[2]') > ? ORDER BY 1
"""
