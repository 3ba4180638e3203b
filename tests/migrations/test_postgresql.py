"""What only migrations of PostgreSQL are about: many servers, limits of time, the lock they wait at."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import requests
from sqlalchemy import text

from g4f.db.migration import current, head, upgrade
from g4f.db.models import FULL_TEXT, Base
from g4f.db.session import Database
from tests.databases import EMPTY, Passing, database_url
from tests.servers.postgresql import Postgresql

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout")
CONSTRAINTS = "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid != 0"
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


def start(database: Passing, data: Path) -> subprocess.Popen[str]:
    """Begin ``g4f gui``."""
    environ = {**os.environ, "G4F_DATABASE_URL": database.address, "G4F_DATA_DIR": str(data), "G4F_PORT": "0", "G4F_OLLAMA": "false"}
    command = [sys.executable, "-u", "-m", "g4f", "gui"]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_eight_servers_that_start_at_once_migrate_once_and_all_serve(database: Passing, tmp_path: Path) -> None:
    servers = [start(database, tmp_path / "data") for _ in range(8)]
    try:
        for server in servers:
            assert server.stdout
            address = server.stdout.readline().split()[-1]
            assert requests.get(f"{address}readyz", timeout=20).status_code == 200
    finally:
        for server in servers:
            server.terminate()
        said = {server.communicate(timeout=30)[1] for server in servers}
    assert said == {""}
    with database.read() as connection:
        assert connection.scalars(text("SELECT name FROM owners")).all() == ["local"]
    assert current(database) == head()


def test_no_limit_of_time_ends_a_migration_or_the_lock_it_holds(database: Passing, postgresql: Postgresql) -> None:
    name = database.address.rpartition("/")[2]
    with psycopg.connect(postgresql.address(), autocommit=True) as administrator:
        for limit in LIMITS:
            administrator.execute(f'ALTER DATABASE "{name}" SET {limit} = 300'.encode())

        @contextmanager
        def long_migration() -> Iterator[None]:
            time.sleep(1)
            held = administrator.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted").fetchone()
            assert held == (1,)
            yield

        assert upgrade(database, long_migration())
    assert current(database) == head()


def test_who_waits_for_a_migration_waits_longer_than_for_a_statement(database: Passing) -> None:
    hurried = Database(f"{database.address}?options=-c statement_timeout=300 -c lock_timeout=300")
    waiting: list[subprocess.Popen[str]] = []

    @contextmanager
    def long_migration() -> Iterator[None]:
        program = (
            "import sys; from g4f.db.migration import upgrade; from g4f.db.session import Database; print(upgrade(Database(sys.argv[1])))"
        )
        address = f"{database.address}?options=-c statement_timeout=300 -c lock_timeout=300"
        waiting.append(subprocess.Popen([sys.executable, "-c", program, address], stdout=subprocess.PIPE, text=True))
        wait_for_a_waiter(database)
        time.sleep(0.6)
        yield

    assert upgrade(hurried, long_migration())
    assert waiting[0].communicate(timeout=20)[0] == "False\n"
    hurried.close()


def wait_for_a_waiter(database: Database) -> None:
    """Wait until somebody waits for the lock of migrations."""
    deadline = time.monotonic() + 20
    with database.read() as connection:
        while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_server_that_crashes_amid_a_migration_has_it_finished_at_the_next_start(database: Passing, postgresql: Postgresql) -> None:
    program = """if True:
        import sys
        from itertools import count
        from sqlalchemy import event
        from g4f.db.migration import upgrade
        from g4f.db.session import Database
        database, statements = Database(sys.argv[1]), count(1)
        @event.listens_for(database._engine, "before_cursor_execute")
        def pause(*_):
            if next(statements) == 12:
                print(flush=True)
                sys.stdin.readline()
        upgrade(database)"""
    command = [sys.executable, "-c", program, database.address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout
        child.stdout.readline()
        postgresql.restart("immediate")
        _, said = child.communicate("\n", timeout=20)
    assert "ConfigError: The database" in said.splitlines()[-1]
    assert upgrade(database)
    assert current(database) == head()


def definitions(database: Database) -> set[tuple[str, ...]]:
    """Return every constraint and index, as PostgreSQL writes them."""
    with database.read() as connection:
        found = {tuple(row) for query in (CONSTRAINTS, INDEXES) for row in connection.execute(text(query))}
    return {row for row in found if row[0] not in {"alembic_version", FULL_TEXT}}


def test_the_migrations_make_every_constraint_of_the_models(database: Passing, tmp_path: Path) -> None:
    upgrade(database)
    from_models = Passing(database_url(tmp_path / "models", EMPTY))
    with from_models.begin() as connection:
        Base.metadata.create_all(connection)
    assert definitions(database) == definitions(from_models)
    assert len(definitions(database)) > 20
    from_models.close()
