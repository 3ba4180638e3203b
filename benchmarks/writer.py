"""What it costs to keep a question: in a transaction with others, and behind a savepoint of its own.

`python -m benchmarks.writer` stores 100 questions in each transaction, both ways in turn.
"""

from __future__ import annotations

import statistics
import time
from contextlib import AbstractContextManager, nullcontext
from uuid import UUID

from sqlalchemy import Connection, insert
from uuid_utils.compat import uuid7

from benchmarks.databases import empty
from g4f.db.models import LOCAL_OWNER, Chat, Worker, now
from g4f.db.session import Database
from g4f.services.questions import Question, begin

TOGETHER, ROUNDS = 100, 30


def main() -> None:
    """Print the median of each way."""
    with empty() as database:
        chat_id, worker_id = _chat(database)
        rounds = [(_store(database, chat_id, worker_id), _store(database, chat_id, worker_id, guarded=True)) for _ in range(ROUNDS)]
    for name, spent in zip(("with others", "behind a savepoint"), zip(*rounds, strict=True), strict=True):
        print(f"rows of a question, {name:20}{statistics.median(spent):8.0f} us of CPU")


def _chat(database: Database) -> tuple[UUID, UUID]:
    chat_id, worker_id = uuid7(), uuid7()
    with database.begin() as connection:
        connection.execute(insert(Chat), {"owner_id": LOCAL_OWNER, "id": chat_id, "title": "", "created_at": now(), "updated_at": now()})
        connection.execute(insert(Worker), {"id": worker_id, "lease_until": now()})
    return chat_id, worker_id


def _store(database: Database, chat_id: UUID, worker_id: UUID, *, guarded: bool = False) -> float:
    """Store questions in one transaction; return microseconds of CPU for each."""
    cpu = time.process_time()
    with database.begin() as connection:
        for _ in range(TOGETHER):
            with _guard(connection, guarded=guarded):
                begin(connection, _question(chat_id), worker_id)
    return (time.process_time() - cpu) / TOGETHER * 1e6


def _guard(connection: Connection, *, guarded: bool) -> AbstractContextManager[object]:
    return connection.begin_nested() if guarded else nullcontext()


def _question(chat_id: UUID) -> Question:
    return Question(LOCAL_OWNER, chat_id, None, uuid7(), "next", "How deep is the lake?", [], "bench", "model", "provider")


if __name__ == "__main__":
    main()
