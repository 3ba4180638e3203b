"""What only PostgreSQL does: limits of time, a pool of connections, a server that goes and comes."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from sqlalchemy import text

from g4f.db.session import CONNECTIONS, Database
from g4f.errors import ConfigError, UnavailableError
from tests.databases import Passing
from tests.servers.postgresql import Postgresql

BUSY = "The storage is out of reach or busy"


def setting(database: Database, name: str) -> str:
    with database.read() as connection:
        return str(connection.scalar(text(f"SHOW {name}")))


def test_statements_and_waits_for_locks_are_limited_unless_the_address_says_otherwise(database: Passing) -> None:
    assert setting(database, "statement_timeout") == "5s"
    assert setting(database, "lock_timeout") == "100ms"
    assert setting(database, "application_name") == "g4f"


def test_a_statement_that_takes_too_long_is_trouble_that_passes(database: Passing) -> None:
    hurried = Database(f"{database.address} -c statement_timeout=50")
    with pytest.raises(UnavailableError, match=BUSY) as refusal, hurried.available(), hurried.read() as connection:
        connection.execute(text("SELECT pg_sleep(10)"))
    assert refusal.value.headers == (("Retry-After", "1"),)
    assert hurried.check()
    hurried.close()


def test_who_finds_every_connection_in_use_is_told_to_come_again(database: Passing) -> None:
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            held.enter_context(database.read())
        with pytest.raises(UnavailableError, match=BUSY), database.available(), database.read():
            pass
    assert database.check()


def test_a_server_that_is_gone_is_trouble_and_its_return_needs_no_help(database: Passing, postgresql: Postgresql) -> None:
    assert database.check()
    postgresql.stop("immediate")
    assert not database.check()
    with pytest.raises(UnavailableError, match=BUSY), database.available(), database.read():
        pass
    postgresql.start()
    assert database.check()


def test_a_restart_between_two_requests_goes_unnoticed(database: Passing, postgresql: Postgresql) -> None:
    assert database.check()
    postgresql.restart("immediate")
    with database.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM chats")) == 0


def test_every_process_of_the_server_may_be_killed(database: Passing, postgresql: Postgresql) -> None:
    assert database.check()
    postgresql.kill()
    postgresql.start()
    assert database.check()


def test_a_database_that_is_not_there_is_explained_without_its_password_or_options(postgresql: Postgresql) -> None:
    database = Database(postgresql.address("nowhere").replace("g4f@", "g4f:hunter2@"))
    with (
        pytest.raises(ConfigError, match=r'"nowhere" does not exist.* correct G4F_DATABASE_URL') as refusal,
        database.explained(),
        database.read(),
    ):
        pass
    assert str(refusal.value).count("\n") == 0
    assert "hunter2" not in str(refusal.value)
    assert "statement_timeout" not in str(refusal.value)
