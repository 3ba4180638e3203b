"""What a later migration may rely on: a copy, one transaction, references kept. Each test adds a migration 0002 of its own."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from g4f.db import steps
from g4f.db.migration import FOLDER, current, upgrade
from g4f.db.session import Database
from g4f.errors import ConfigError

REBUILD = """
with op.batch_alter_table("owners", recreate="always") as owners:
    owners.add_column(sa.Column("colour", sa.Text()))
"""
BREAK_HALFWAY = """
op.add_column("owners", sa.Column("colour", sa.Text()))
op.execute("DELETE FROM chats")
op.execute("this is not SQL")
"""
ORPHAN = 'op.execute("DELETE FROM owners")'


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a database at migration 0001 that holds one chat."""
    database = Database(f"sqlite:///{tmp_path / 'g4f.sqlite'}")
    upgrade(database)
    with database.begin() as connection:
        connection.exec_driver_sql("INSERT INTO chats SELECT id, 'c', 'A chat', 0, 0 FROM owners")
    yield database
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the migrations up to 0001."""
    copied = tmp_path / "migrations"
    shutil.copytree(FOLDER, copied, ignore=shutil.ignore_patterns("__pycache__", "000[2-9]*", "00[1-9]*"))
    return copied


def add_migration(folder: Path, body: str) -> None:
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    head = 'import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = "0002", "0001"\n'
    (folder / "versions" / "0002_next.py").write_text(
        f"{head}def upgrade():\n{lines}def downgrade():\n    op.drop_column('owners', 'colour')\n"
    )


def titles(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [title for (title,) in connection.execute("SELECT title FROM chats")]
    connection.close()
    return found


def columns(database: Database) -> list[str]:
    with database.read() as connection:
        return [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(owners)")]


def test_rows_survive_the_rebuilding_of_the_table_they_refer_to(database: Database, folder: Path, tmp_path: Path) -> None:
    add_migration(folder, REBUILD)
    steps.upgrade(database, folder, "0002")
    assert "colour" in columns(database)
    assert titles(tmp_path / "g4f.sqlite") == ["A chat"]


def test_the_database_is_copied_before_it_is_migrated(database: Database, folder: Path, tmp_path: Path) -> None:
    add_migration(folder, "op.execute('DELETE FROM chats')")
    steps.upgrade(database, folder, "0002")
    assert titles(tmp_path / "g4f.sqlite") == []
    assert titles(tmp_path / "g4f.sqlite.before-0002") == ["A chat"]
    assert list(tmp_path.glob("*unfinished*")) == []


def test_a_database_that_cannot_be_copied_is_not_migrated(database: Database, folder: Path, tmp_path: Path) -> None:
    add_migration(folder, REBUILD)
    (tmp_path / "g4f.sqlite.before-0002").mkdir()
    with pytest.raises(ConfigError, match=r"was not migrated, for it could not be copied"):
        steps.upgrade(database, folder, "0002")
    assert current(database) == "0001"
    assert list(tmp_path.glob("*unfinished*")) == []


@pytest.mark.parametrize(("body", "said"), [(BREAK_HALFWAY, "syntax error"), (ORPHAN, "1 rows would refer to rows that do not exist")])
def test_a_migration_that_fails_changes_nothing(database: Database, folder: Path, tmp_path: Path, body: str, said: str) -> None:
    add_migration(folder, body)
    with pytest.raises(Exception, match=said):
        steps.upgrade(database, folder, "0002")
    assert current(database) == "0001"
    assert "colour" not in columns(database)
    assert titles(tmp_path / "g4f.sqlite") == ["A chat"]


def test_references_are_checked_again_after_a_migration(database: Database, folder: Path) -> None:
    add_migration(folder, REBUILD)
    steps.upgrade(database, folder, "0002")
    with database.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_downgrade_is_copied_too_and_keeps_rows(database: Database, folder: Path, tmp_path: Path) -> None:
    add_migration(folder, REBUILD)
    steps.upgrade(database, folder, "0002")
    steps.downgrade(database, folder, "0001")
    assert "colour" not in columns(database)
    assert titles(tmp_path / "g4f.sqlite") == titles(tmp_path / "g4f.sqlite.before-0001") == ["A chat"]


def test_a_written_migration_is_numbered_and_repeats_the_rules(database: Database, folder: Path) -> None:
    steps.write(database, folder, "0002", "Add shares")
    written = (folder / "versions" / "0002_add_shares.py").read_text()
    assert 'down_revision = "0001"' in written
    assert "Works with the previous release" in written
    compile(written, "0002_add_shares.py", "exec")
