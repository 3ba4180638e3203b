"""A PostgreSQL that goes away, comes back, answers no commit, or may only be read."""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, insert, select, text, update

from g4f.db.models import LOCAL_OWNER, Chat
from g4f.db.session import Database
from g4f.db.writer import Writer
from tests.databases import database_url
from tests.db.factories import chat, id_of
from tests.faults.checker import check
from tests.faults.reading import V2, ask, events, follow, new_chat, question, reason, status, texts
from tests.proofs import counted, proof
from tests.server.test_hosting import wait_until
from tests.servers.openai import OpenaiServer
from tests.servers.platform import Platform
from tests.servers.postgresql import Postgresql
from tests.servers.process import Process

MODELS = ["echo", "paced-60", "paced-3000"]
TRANSACTION_ID = text("SELECT pg_current_xact_id()::text::bigint")
SIXTY = " ".join(map(str, range(60))) + " "


@pytest.fixture
def two(tmp_path: Path, upstream: OpenaiServer) -> Iterator[tuple[Platform, Platform]]:
    """Two platforms on one database; afterwards it is as it must be."""
    options = {"database_url": database_url(tmp_path), "servers": {"s": {"base_url": upstream.base_url, "models": MODELS}}}
    with Platform(tmp_path / "one", **options) as one, Platform(tmp_path / "two", **options) as other:
        yield one, other
        one.api.interrupt()
        wait_until(lambda: not one.api.running)
        check(one.api.settings.database_address, {})


class Commits:
    """Cut the connection at one commit: before the server heard of it, or before it could answer."""

    def __init__(self, *, heard: bool) -> None:
        self.left = 0
        self._heard = heard

    def fail(self, number: int) -> None:
        """Let the n-th commit from now have no answer."""
        self.left = number

    def __call__(self, connection: Connection) -> None:
        """Be told of a commit that is about to be made."""
        self.left -= 1
        if self.left == 0:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            if self._heard:
                driver.commit()
            driver.close()


@contextmanager
def commits(*, heard: bool) -> Iterator[Commits]:
    told = Commits(heard=heard)
    event.listen(Engine, "commit", told)
    try:
        yield told
    finally:
        event.remove(Engine, "commit", told)


@pytest.mark.parametrize("heard", [True, False])
@proof("commits without an answer", 2)
def test_a_commit_without_an_answer_is_neither_lost_nor_done_twice(two: tuple[Platform, Platform], heard: bool) -> None:
    one, _ = two
    chat_id = new_chat(one.base_url)
    with commits(heard=heard) as failing:
        for number in counted(count(1)):
            failing.fail(number)
            with ask(one.base_url, question(chat_id, "echo", "Keep this")) as answer:
                assert answer.status_code == 200, answer.text
                log = list(events(answer))
            assert (texts(log), reason(log)) == ("Keep this", "stop")
            assert list(follow(one.base_url, answer.headers["X-Run-Id"])) == log
            if failing.left > 0:
                break
    turns = one.get(f"{V2}/chats/{chat_id}").json()["messages"]
    assert [turn["content"] for turn in turns] == ["Keep this"] * 2 * number


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


def test_rows_wait_while_nobody_can_say_what_became_of_a_commit(tmp_path: Path) -> None:
    address, rows = database_url(tmp_path), [chat()]

    def cut(connection: Connection) -> None:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.commit()
        rename("commits", "elsewhere")
        driver.close()

    def rename(table: str, name: str) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"ALTER TABLE {table} RENAME TO {name}".encode())

    with closing(Database(address)) as database, closing(Writer(database, patience=0.01)) as writer:
        with at_commit(cut):
            stored = writer.submit(rows)
            with pytest.raises(TimeoutError):
                stored.result(0.5)
        rename("elsewhere", "commits")
        stored.result(10)
        assert (writer.written, writer.lost) == (1, 0)


def test_a_commit_is_known_though_nothing_can_be_written_any_more(tmp_path: Path) -> None:
    address, rows = database_url(tmp_path), [chat()]

    def cut(connection: Connection) -> None:
        driver = connection.connection.dbapi_connection
        assert driver is not None
        driver.commit()
        driver.close()
        read_only(address, "on")

    with closing(Database(address)) as database, closing(Writer(database)) as writer, at_commit(cut):
        writer.submit(rows).result(10)
    read_only(address, "off")


def test_rows_wait_while_the_process_can_open_nothing(tmp_path: Path) -> None:
    limits, free = resource.getrlimit(resource.RLIMIT_NOFILE), os.dup(0)
    os.close(free)
    with closing(Database(database_url(tmp_path))) as database, closing(Writer(database, patience=0.01)) as writer:
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, limits[1]))  # the driver has its socket, and cannot wait for it
        try:
            stored = writer.submit([chat()])
            with pytest.raises(TimeoutError):
                stored.result(0.5)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        stored.result(10)


def test_answers_outlast_a_restart_of_the_database(two: tuple[Platform, Platform], postgresql: Postgresql) -> None:
    one, other = two
    with ask(one.base_url, question(new_chat(one.base_url), "paced-60")) as answer, ThreadPoolExecutor() as pool:
        lines = events(answer)
        seen = [next(lines), next(lines)]
        elsewhere = follow(other.base_url, answer.headers["X-Run-Id"])
        assert next(elsewhere) == seen[0]
        whole = pool.submit(list, elsewhere)
        with gone(postgresql):
            time.sleep(1)
        seen += lines
        assert texts(seen) == SIXTY
        assert whole.result() == seen[1:]


@pytest.mark.proof
def test_answers_are_interrupted_when_the_database_stays_away(two: tuple[Platform, Platform], postgresql: Postgresql) -> None:
    one, other = two
    chat_id = new_chat(one.base_url)
    with ask(one.base_url, question(chat_id, "paced-3000")) as answer, ThreadPoolExecutor() as pool:
        lines, elsewhere = events(answer), follow(other.base_url, answer.headers["X-Run-Id"])
        assert next(lines) == next(elsewhere)
        with gone(postgresql):
            refused = ask(one.base_url, question(chat_id, "echo"))
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert [each.result()[-1][0] for each in [pool.submit(list, lines), pool.submit(list, elsewhere)]] == [0, 0]
    assert reason(list(follow(other.base_url, answer.headers["X-Run-Id"]))) == "interrupted"
    wait_until(lambda: status(one.base_url, question(chat_id, "echo")) == 200)


def test_a_database_that_may_only_be_read_is_said_while_reading_goes_on(two: tuple[Platform, Platform]) -> None:
    one, _ = two
    chat_id, address = new_chat(one.base_url), one.api.settings.database_address
    read_only(address, "on")
    for refused in (one.post({}, path=f"{V2}/chats"), ask(one.base_url, question(chat_id, "echo"))):
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert one.get(f"{V2}/chats/{chat_id}").status_code == 200
    read_only(address, "off")
    assert one.post({}, path=f"{V2}/chats").status_code == 200


def read_only(address: str, state: str) -> None:
    """Let transactions of a database only read, or write again, as when a standby takes over."""
    with psycopg.connect(address, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" SET default_transaction_read_only = {state}'.encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


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


@contextmanager
def gone(postgresql: Postgresql) -> Iterator[None]:
    """Keep the server away."""
    postgresql.stop("immediate")
    try:
        yield
    finally:
        postgresql.start()


FROZEN = pytest.param(Postgresql.suspended, marks=pytest.mark.proof)


@pytest.mark.parametrize("trouble", [gone, FROZEN], ids=["gone", "frozen"])
def test_a_server_without_its_database_can_be_stopped(
    tmp_path: Path, postgresql: Postgresql, upstream: OpenaiServer, trouble: Callable[[Postgresql], AbstractContextManager[None]]
) -> None:
    servers = {"servers__s__base_url": upstream.base_url, "servers__s__models": "paced-3000"}
    with (
        Process(tmp_path, stop_timeout="1", **servers) as server,
        ask(server.base_url, question(new_chat(server.base_url), "paced-3000")) as answer,
    ):
        next(events(answer))
        with trouble(postgresql):
            server.send(signal.SIGTERM)
            server.wait(45)
