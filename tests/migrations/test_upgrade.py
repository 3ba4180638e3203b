"""Bringing a database up to date: once, whole, and never over a newer one."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from g4f.db.migration import current, downgrade, head, upgrade
from g4f.db.session import Database
from g4f.errors import ConfigError
from tests.proofs import FULL, counted, proof

# Permissions do not bind root, unless it gives that power up.
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
UPGRADE = """
import sys
from g4f.db.migration import upgrade
from g4f.db.session import Database
database = Database("sqlite:///" + sys.argv[1])
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the place of a database that does not exist yet."""
    return tmp_path / "data" / "g4f.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """Give a database that does not exist yet."""
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return names


def execute(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_new_database_gets_every_table_and_no_copy(database: Database, path: Path) -> None:
    assert upgrade(database)
    assert tables(path) == {"alembic_version", "owners", "chats", "messages", "runs", "attempts", "usage_entries"}
    assert current(database) == head()
    assert sorted(file.name for file in path.parent.glob("*before*")) == []


def test_up_down_up_ends_where_it_began(database: Database, path: Path) -> None:
    upgrade(database)
    downgrade(database, "base")
    assert (tables(path), current(database)) == ({"alembic_version"}, None)
    assert upgrade(database)
    assert "usage_entries" in tables(path)


def test_an_up_to_date_database_is_left_alone_without_loading_alembic(database: Database, path: Path) -> None:
    upgrade(database)
    with start(LOADED, path) as child:
        assert child.communicate()[0] == "False False\n"


def test_eight_processes_migrate_once(path: Path) -> None:
    children = [start(TOGETHER, path) for _ in range(8)]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write("\n")
        child.stdin.flush()
    said = [child.communicate()[0] for child in children]
    assert sorted(said) == ["False\n"] * 7 + ["True\n"]


@proof("migrations killed at a statement", 2, 39)
def test_a_migration_killed_at_a_statement_is_finished_by_the_next_start(tmp_path: Path) -> None:
    kills = 0
    for number in counted(range(1, 40) if FULL else (4, 8)):
        path = tmp_path / f"{number}.sqlite"
        with start(KILLED, path, number) as child:
            kills += child.wait() == -signal.SIGKILL
        assert tables(path) <= {"alembic_version"} or "usage_entries" in tables(path)
        database = Database(f"sqlite:///{path}")
        upgrade(database)
        assert "usage_entries" in tables(path)
        database.close()
    assert kills >= (20 if FULL else 2)


def test_a_newer_database_is_refused_and_left_as_it_was(database: Database, path: Path) -> None:
    upgrade(database)
    database.close()
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=f"at migration 9999 and this program knows none after {head()}") as refusal:
        upgrade(database)
    database.close()
    assert "\n" not in str(refusal.value)
    assert path.read_bytes() == before
    assert sorted(file.name for file in path.parent.iterdir()) == ["g4f.sqlite", "g4f.sqlite.lock"]


@pytest.mark.parametrize("content", [b"my diary " * 200, b"SQLite format 3\0" + b"\xff" * 2000])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(database: Database, path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"cannot be used \(.+\)\. .* G4F_DATA_DIR") as refusal:
        upgrade(database)
    assert "\n" not in str(refusal.value)
    assert path.read_bytes() == content


def test_a_database_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ConfigError, match="not a folder"):
        upgrade(Database(f"sqlite:///{tmp_path}/file/g4f.sqlite"))


def test_a_read_only_folder_is_refused_with_nothing_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    command = [*BOUND, sys.executable, "-c", f"{UPGRADE}upgrade(database)", str(tmp_path / "g4f.sqlite")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert re.search(r"ConfigError: .* cannot be written to\. .* G4F_DATA_DIR", result.stderr.splitlines()[-1])
    assert list(tmp_path.iterdir()) == []
