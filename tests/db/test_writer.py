"""The one writer: every group whole, once, and on disk when it says so."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import Connection, select

from g4f.db.models import LOCAL_OWNER, Chat, Message
from g4f.db.session import Database
from g4f.db.writer import Row, Writer, insert_rows
from g4f.errors import UnavailableError, ValidationError
from tests.databases import Passing
from tests.db.factories import chat, id_of, message
from tests.proofs import proof

FLAWS: dict[str, dict[str, Any]] = {
    "another's chat": {"chat_id": LOCAL_OWNER},
    "no content": {"content": None},
    "half a character": {"content": "\ud800"},
    "a number too large": {"created_at": 2**63},
    "not an id": {"id": "x"},
    "no such column": {"colour": "red"},
}
STEPS = st.lists(st.sampled_from([*FLAWS, "sound", "sound", "sound", "empty", "flush", "lock", "unlock"]), max_size=30)


def group(flaw: str = "") -> list[Row]:
    """Return a chat with two messages, children first; a flaw is in the last row."""
    parent = chat()
    wrong = dict(FLAWS.get(flaw, {}))
    return [message(id_of(parent)), parent, message(**{"chat_id": id_of(parent)} | wrong)]


def stored(database: Database) -> set[tuple[str, object]]:
    """Return table and id of every row on disk."""
    with database.read() as connection:
        return {(model.__tablename__, row) for model in (Chat, Message) for row in connection.scalars(select(model.id))}


def expected(groups: list[list[Row]]) -> set[tuple[str, object]]:
    return {(table.name, values["id"]) for rows in groups for table, values in rows}


@contextmanager
def writing(database: Database, **options: Any) -> Iterator[Writer]:
    writer = Writer(database, **options)
    try:
        yield writer
    finally:
        writer.close()


@contextmanager
def locked(database: Passing) -> Iterator[None]:
    """Keep every writer out, as another process would, which waits for its turn."""
    with closing(Database(database.address.partition("?")[0])) as patient, patient.begin() as other:
        if database.path is None:
            other.exec_driver_sql("LOCK TABLE chats, messages IN EXCLUSIVE MODE")
        yield


@proof("schedules of the writer", 60, 1_000)
@given(steps=STEPS, interval=st.sampled_from([0.0, 0.005]))
def test_whatever_the_schedule_sound_groups_are_stored_once_and_others_not_at_all(
    database: Passing, steps: list[str], interval: float
) -> None:
    before, sound, futures = stored(database), list[list[Row]](), list[tuple[str, Future[None]]]()
    with writing(database, interval=interval, patience=0.01) as writer, ExitStack() as lock:
        for step in steps:
            match step:
                case "flush":
                    lock.close()
                    assert writer.flush(10)
                    assert all(future.done() for _, future in futures)
                case "lock":
                    lock.close()
                    lock.enter_context(locked(database))
                case "unlock":
                    lock.close()
                case _:
                    rows = [] if step == "empty" else group(step)
                    futures.append((step, writer.submit(rows)))
                    sound += [rows] if step == "sound" else []
    assert stored(database) - before == expected(sound)
    assert (writer.written, writer.lost) == (len(sound), sum(step in FLAWS for step, _ in futures))
    assert all((future.exception(0) is not None) == (step in FLAWS) for step, future in futures)


def test_groups_of_many_threads_are_all_stored(database: Database) -> None:
    groups = [group() for _ in range(200)]
    with writing(database, interval=0) as writer:
        threads = [threading.Thread(target=lambda part=groups[n::4]: [writer.submit(rows) for rows in part]) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert stored(database) == expected(groups)


def test_a_flushed_group_is_on_disk(database: Database) -> None:
    rows = group()
    with writing(database) as writer:
        writer.submit(rows)
        assert writer.flush(10)
        assert stored(database) == expected([rows])


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_refused_group_is_logged_with_its_tables_in_one_line(database: Database, caplog: pytest.LogCaptureFixture, flaw: str) -> None:
    with writing(database) as writer, caplog.at_level(logging.ERROR, "g4f"):
        writer.submit(group(flaw))
        writer.flush(10)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("3 rows of chats, messages are lost: ")
    assert "\n" not in caplog.messages[0]


def submit_until_refused(writer: Writer, accepted: list[list[Row]]) -> None:
    while len(accepted) < 100:
        rows = group()
        writer.submit(rows)
        accepted.append(rows)


def test_a_full_line_refuses_and_keeps_what_it_has(database: Passing) -> None:
    accepted: list[list[Row]] = []
    with writing(database, limit=3, patience=0.01) as writer:
        with locked(database), pytest.raises(UnavailableError, match="cannot keep up"):
            submit_until_refused(writer, accepted)
        writer.flush(10)
    assert 3 <= len(accepted) <= 6
    assert stored(database) == expected(accepted)


def test_a_locked_database_delays_groups_and_says_so_once(database: Passing, caplog: pytest.LogCaptureFixture) -> None:
    rows = group()
    with writing(database, patience=0.01) as writer, caplog.at_level(logging.ERROR, "g4f"):
        with locked(database):
            future = writer.submit(rows)
            assert not writer.flush(0.5)
            assert writer.troubled
        future.result(10)
    assert stored(database) == expected([rows])
    assert [record.message.split(",")[0] for record in caplog.records] == ["The storage refuses rows", "The storage takes rows again."]


class LockedAtThird(Passing):
    """A database that another process locks while the third transaction begins."""

    begun = 0

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        self.begun += 1
        with locked(self) if self.begun == 3 else nullcontext(), super().begin() as connection:
            yield connection


def test_a_lock_amid_the_search_for_a_flaw_loses_nothing_else(database: Passing) -> None:
    flawed, *sound = group("no content"), group(), group(), group()
    interrupted = LockedAtThird(database.address)
    with writing(interrupted, interval=0.5, patience=0.01) as writer:
        writer.submit([chat()]).result(10)
        futures = [writer.submit(rows) for rows in (sound[0], flawed, sound[1], sound[2])]
        assert [future.exception(10) is None for future in futures] == [True, False, True, True]
    assert interrupted.begun >= 5
    assert expected(sound) <= stored(database)
    interrupted.close()


def test_a_writer_closed_over_broken_storage_ends_and_counts_what_is_lost(database: Passing) -> None:
    writer = Writer(database, patience=0.01)
    with locked(database):
        future = writer.submit(group())
        writer.close(timeout=0)
    assert isinstance(future.exception(0), UnavailableError)
    assert (writer.written, writer.lost) == (0, 1)


def test_a_closed_writer_refuses_groups_and_has_nothing_to_flush(database: Database) -> None:
    writer = Writer(database)
    writer.close()
    with pytest.raises(UnavailableError, match="stopping"):
        writer.submit(group())
    assert writer.flush(1)


def test_who_stops_waiting_does_not_undo_the_write(database: Passing) -> None:
    rows = group()
    with writing(database, patience=0.01) as writer:
        with locked(database):
            assert not writer.submit(rows).cancel()
        writer.flush(10)
    assert stored(database) == expected([rows])


async def give_up(writer: Writer, rows: list[Row]) -> None:
    """Ask for an act in a coroutine that does not wait for it."""
    asked = writer.acting(lambda connection: insert_rows(connection, rows))
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


def test_a_coroutine_that_stops_waiting_does_not_undo_the_act(database: Passing, caplog: pytest.LogCaptureFixture) -> None:
    rows = group()
    with writing(database) as writer, asyncio.Runner() as runner:
        with locked(database):
            runner.run(give_up(writer, rows))
        assert writer.flush(10)
        runner.run(asyncio.sleep(0))  # its loop hears of it
    assert stored(database) == expected([rows])
    assert not caplog.records


def test_a_coroutine_is_told_of_trouble_at_once_and_its_act_is_not_done_later(database: Passing) -> None:
    rows, later = group(), group()

    def insert(connection: Connection) -> str:
        insert_rows(connection, rows)
        return "done"

    with writing(database) as writer:
        with locked(database), pytest.raises(UnavailableError):
            asyncio.run(hear(writer, insert))
        writer.submit(later).result(10)
    assert stored(database) == expected([later])


def test_a_loop_that_is_gone_stops_no_writer(database: Passing) -> None:
    rows, later = group(), group()
    with writing(database) as writer:
        with locked(database), asyncio.Runner() as runner:
            runner.run(give_up(writer, rows))
        writer.submit(later).result(10)
    assert stored(database) == expected([rows, later])


async def hear(writer: Writer, act: Callable[[Connection], str]) -> str:
    return await writer.acting(act)


def test_a_coroutine_hears_what_came_of_its_act(database: Database) -> None:
    def refuse(connection: Connection) -> str:
        raise ValidationError("Not this one.")

    with writing(database) as writer:
        assert asyncio.run(hear(writer, lambda connection: "done")) == "done"
        with pytest.raises(ValidationError, match="Not this one"):
            asyncio.run(hear(writer, refuse))


KILLED = """
import sys
from g4f.db.session import Database
from g4f.db.writer import Writer
from tests.databases import Passing
from tests.db.factories import chat, id_of
writer = Writer(Database(sys.argv[1]), interval=0.001)
while True:
    rows = [chat() for _ in range(3)]
    writer.submit(rows)
    writer.flush()
    print(*map(id_of, rows), flush=True)
"""


@pytest.mark.parametrize("lines", [1, 7, 40])
def test_a_killed_process_keeps_every_flushed_row(database: Passing, lines: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, database.address], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert child.stdout
    acknowledged = [child.stdout.readline() for _ in range(lines)]
    child.send_signal(signal.SIGKILL)
    acknowledged += child.stdout.read().splitlines(keepends=True)
    child.communicate()
    shown = {key for line in acknowledged if line.endswith("\n") for key in line.split()}
    kept = {str(key) for _, key in stored(database)}
    assert len(shown) >= 3 * lines
    assert shown <= kept
    assert len(kept) % 3 == 0
