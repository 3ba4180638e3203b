"""The writer's commits on a PostgreSQL that crashes, cannot say what became of them, or undoes them for another's sake."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text, update

from g4f.db.models import LOCAL_OWNER, Chat
from g4f.db.session import Database
from g4f.db.writer import Writer
from g4f.errors import UnavailableError
from tests.databases import database_url
from tests.db.factories import chat, id_of
from tests.servers.postgresql import Postgresql, read_only

TRANSACTION_ID = text("SELECT pg_current_xact_id()::text::bigint")


@contextmanager
def at_commit(do: Callable[[Connection], None]) -> Iterator[None]:
    """Do something once, when the next commit is about to be made."""
    event.listen(Engine, "commit", do, once=True)
    try:
        yield
    finally:
        if event.contains(Engine, "commit", do):
            event.remove(Engine, "commit", do)


def test_what_a_crash_undid_is_written_again_though_its_transaction_id_is_somebody_elses(tmp_path: Path, postgresql: Postgresql) -> None:
    database, rows = Database(database_url(tmp_path)), [chat()]

    def crash(connection: Connection) -> None:
        number = connection.scalar(TRANSACTION_ID)
        postgresql.restart("immediate")
        with psycopg.connect(postgresql.address(), autocommit=True) as somebody:
            while somebody.execute(str(TRANSACTION_ID)).fetchall() < [(number,)]:
                pass

    with closing(database), closing(Writer(database)) as writer:
        with at_commit(crash):
            writer.submit(rows).result(20)
        with database.read() as connection:
            assert connection.scalars(select(Chat.id)).all() == [id_of(rows[0])]


def commit_unheard(connection: Connection, do: Callable[[], None]) -> None:
    """Commit, do something, and let nobody hear that the commit was made."""
    driver = connection.connection.dbapi_connection
    assert driver is not None
    driver.commit()
    do()
    driver.close()


def rename(address: str, table: str, name: str) -> None:
    """Rename a table."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}".encode())


def test_rows_wait_while_nobody_can_say_what_became_of_a_commit(tmp_path: Path) -> None:
    address, rows = database_url(tmp_path), [chat()]

    def cut(connection: Connection) -> None:
        commit_unheard(connection, lambda: rename(address, "commits", "elsewhere"))

    with closing(Database(address)) as database, closing(Writer(database, patience=0.01)) as writer:
        with at_commit(cut):
            stored = writer.submit(rows)
            with pytest.raises(TimeoutError):
                stored.result(0.5)
        rename(address, "elsewhere", "commits")
        stored.result(10)
        assert (writer.written, writer.lost) == (1, 0)


def test_rows_wait_while_their_commit_cannot_be_numbered(tmp_path: Path) -> None:
    address = database_url(tmp_path)
    with closing(Database(address)) as database, closing(Writer(database, patience=0.01)) as writer:
        rename(address, "commits", "elsewhere")
        stored = [writer.submit([chat()]) for _ in range(2)]
        with pytest.raises(UnavailableError):
            writer.act(lambda connection: None).result(10)
        rename(address, "elsewhere", "commits")
        assert wait(stored, 10).not_done == set()
        assert (writer.written, writer.lost) == (2, 0)


def test_a_commit_is_known_though_nothing_can_be_written_any_more(tmp_path: Path) -> None:
    address, rows = database_url(tmp_path), [chat()]

    def cut(connection: Connection) -> None:
        commit_unheard(connection, lambda: read_only(address, "on"))

    with closing(Database(address)) as database, closing(Writer(database)) as writer, at_commit(cut):
        writer.submit(rows).result(10)
    read_only(address, "off")


def test_rows_wait_while_the_process_can_open_nothing(tmp_path: Path) -> None:
    limits, free = resource.getrlimit(resource.RLIMIT_NOFILE), os.dup(0)
    os.close(free)
    with closing(Database(database_url(tmp_path))) as database, closing(Writer(database, patience=0.01)) as writer:
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, limits[1]))  # the driver has its socket, and cannot wait for it
        try:
            assert not database.check()
            stored = writer.submit([chat()])
            with pytest.raises(TimeoutError):
                stored.result(0.5)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        stored.result(10)


def test_two_writers_in_each_other_s_way_both_succeed(tmp_path: Path) -> None:
    database, both = Database(database_url(tmp_path)), threading.Barrier(2)
    chats = [chat(), chat()]
    with database.begin() as connection:
        for table, values in chats:
            connection.execute(insert(table), values)

    def rename(order: list[UUID]) -> Callable[[Connection], None]:
        met = False

        def do(connection: Connection) -> None:
            nonlocal met
            for each in order:
                connection.execute(update(Chat).where(Chat.owner_id == LOCAL_OWNER, Chat.id == each).values(title="Renamed"))
                if not met:
                    met = bool(both.wait(10) + 1)

        return do

    ids = [id_of(each) for each in chats]
    writers = [Writer(database), Writer(database)]
    acts = [writer.act(rename(order)) for writer, order in zip(writers, (ids, ids[::-1]), strict=True)]
    assert [act.result(20) for act in acts] == [None, None]
    for writer in writers:
        writer.close()
    database.close()
