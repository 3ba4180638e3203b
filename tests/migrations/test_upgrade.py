"""Bringing a database up to date: once, whole, and never over a newer one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from g4f.db.migration import current, downgrade, head, numbers, upgrade
from g4f.db.models import FULL_TEXT, Base
from g4f.db.session import Database
from tests.databases import EMPTY, Passing, database_url
from tests.proofs import FULL, counted, proof

UPGRADE = """
import sys
from g4f.db.migration import upgrade
from g4f.db.session import Database
database = Database(sys.argv[1])
"""
TOGETHER = UPGRADE + "print('ready', flush=True); sys.stdin.readline(); print(upgrade(database))"
LOADED = UPGRADE + "print(upgrade(database), 'alembic' in sys.modules)"
KILLED = (
    UPGRADE
    + """
import os, signal
from itertools import count
from sqlalchemy import event
statements = count(1)
@event.listens_for(database._engine, "before_cursor_execute")
def kill(*_):
    if next(statements) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
upgrade(database)
"""
)


TABLES = {"alembic_version", FULL_TEXT, *Base.metadata.tables}


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        names = inspect(connection).get_table_names()
    return {name for name in names if not name.startswith(FULL_TEXT)} | ({FULL_TEXT} & {*names})


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def g4f(database: Passing, *command: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "G4F_DATABASE_URL": database.address, "G4F_PORT": "0"}
    return subprocess.run([sys.executable, "-m", "g4f", *command], env=environ, capture_output=True, text=True, timeout=30, check=False)


def test_a_new_database_gets_every_table(database: Database) -> None:
    assert upgrade(database)
    assert tables(database) == TABLES
    assert current(database) == head()


def test_up_down_up_ends_where_it_began(database: Database) -> None:
    upgrade(database)
    downgrade(database, "base")
    assert (tables(database), current(database)) == ({"alembic_version"}, None)
    assert upgrade(database)
    assert tables(database) == TABLES


def test_an_up_to_date_database_is_left_alone_without_loading_alembic(database: Passing) -> None:
    upgrade(database)
    with start(LOADED, database.address) as child:
        assert child.communicate()[0] == "False False\n"


def test_eight_processes_migrate_once(database: Passing) -> None:
    children = [start(TOGETHER, database.address) for _ in range(8)]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write("\n")
        child.stdin.flush()
    said = [child.communicate()[0] for child in children]
    assert sorted(said) == ["False\n"] * 7 + ["True\n"]


@proof("migrations killed at a statement", 2, 60)
def test_a_migration_killed_at_a_statement_is_finished_by_the_next_start(tmp_path: Path) -> None:
    kills = 0
    for number in counted(range(1, 61) if FULL else (4, 8)):
        database = Passing(database_url(tmp_path / str(number), EMPTY))
        with start(KILLED, database.address, number) as child:
            kills += child.wait() == -signal.SIGKILL
        assert current(database) in {None, *numbers()} or not tables(database)
        upgrade(database)
        assert tables(database) == TABLES
        database.close()
    assert kills >= (20 if FULL else 2)


@pytest.mark.parametrize("command", [["gui"], ["db", "upgrade"]])
def test_a_newer_database_is_refused_in_one_line_and_left_as_it_was(database: Passing, command: list[str]) -> None:
    upgrade(database)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    refused = g4f(database, *command)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (78, "", 1)
    assert f"at migration 9999 and this program knows none after {head()}" in refused.stderr
    assert (current(database), tables(database)) == ("9999", TABLES)


def test_the_command_says_whether_there_was_something_to_do(database: Passing) -> None:
    assert g4f(database, "db", "upgrade").stdout == f"The database was brought to migration {head()}.\n"
    assert g4f(database, "db", "upgrade").stdout == "The database is up to date.\n"
